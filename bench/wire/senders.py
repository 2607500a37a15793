"""Senders for ``bench/universes.py``, each a process: N universes of sACN, all slots fading, 44 frames a second.

``ours`` is the wire process as the show runs it, told its plan at its own door. ``floor`` is the least that Python can do:
one numpy fade, one buffer, and the system calls. ``sacn`` is the library of that name with its own sending thread. ``feed`` gives
olad what to send, by olad's own streaming interface. Each says ``ready``, and on SIGTERM a line of JSON about itself.

    python -m bench.wire.senders KIND UNIVERSES EACH HOST ADDRESS PORT SCRATCH     (HOST ``-``: a group for each universe)
"""

from __future__ import annotations

import ctypes
import ipaddress
import json
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from showctl.light.plan import ROW, Plan, Rows
from showctl.protocols import sacn
from showctl.runtime.wire.fingerprint import fingerprint
from showctl.runtime.wire.frames import Frame
from showctl.runtime.wire.live_output import Network
from showctl.runtime.wire.machine import PRIORITY
from showctl.runtime.wire.messages import Hello, Kind, Message, encode_plan
from showctl.runtime.wire.process import Wire
from showctl.runtime.wire.sockets import open_sender
from showctl.show.fixtures import Channel, Family, Fixture, Mode
from showctl.show.instants import SECOND, Instant
from showctl.show.patch import Patch, Protocol, Universe, make_patch
from showctl.show.show import Show

RATE = 44
LONG = 60 * SECOND
"""How long the fade takes: each slot goes half its way in it, so some slots of each universe change in every frame."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a sender is asked for."""

    universes: int
    each: int
    host: str
    address: str
    port: int
    scratch: Path

    def node(self, n: int) -> str:
        """Where universe index ``n`` goes."""
        if self.host == "-":
            return sacn.multicast_group_v4(n + 1)
        return str(ipaddress.IPv4Address(self.host) + 256 * (n // self.each))


# --- Ours -------------------------------------------------------------------------------------------------------------


def the_patch(given: Given) -> Patch:
    """Universes full of dimmers: 512 parameters in each."""
    dimmers = tuple(Channel("intensity", Family.INTENSITY, (n,), cell=n) for n in range(512))
    mode = Mode("512 dimmers", 512, dimmers, 512)
    to = [() if given.host == "-" else (given.node(n),) for n in range(given.universes)]
    universes = tuple(Universe(n, f"sacn/{n + 1}", Protocol.SACN, n + 1, destinations=host) for n, host in enumerate(to))
    fixtures = tuple(Fixture(n, f"rack_{n}", "rack", mode, f"sacn/{n + 1}", 1) for n in range(given.universes))
    return make_patch(universes, (), fixtures)


def fades(count: int, start: Instant = 0) -> Rows:
    """A fade for each parameter from 0 on, from here and there."""
    rows = np.zeros(count, ROW)
    rows["id"], rows["parameter"] = np.arange(count) + 1, np.arange(count)
    rows["source"] = np.arange(count) * 977 % 65536
    rows["target"] = (rows["source"] + 32768) % 65536
    rows["start"], rows["duration"], rows["priority"] = start, LONG, 100
    return rows


def ours(given: Given) -> NoReturn:
    """The wire process; a fork of it is its engine, which tells it the plan and then waits."""
    show = Show("Bench", the_patch(given), (), dmx_rate=RATE)
    path = given.scratch / "wire.sock"
    wire = Wire(show, path, bytes(range(16)), Network(given.address, given.port, given.port + 1))
    if os.fork() == 0:
        tell(show, path)
    spent = [0, 0]
    output = wire._output
    send = output.send

    def measured(frame: Frame, between: Callable[[], None] = lambda: None) -> int:
        began = time.thread_time_ns()
        taken = send(frame, between)
        spent[0] += time.thread_time_ns() - began
        spent[1] += sum(len(batch.sizes) for batch in frame.batches)
        return taken

    output.send = measured  # type: ignore[method-assign]

    def said() -> dict[str, Any]:
        counts = wire.stats().counts
        parts = {"frames": counts.frames, "missed": counts.missed, "dropped": counts.dropped, "late_p99_us": counts.late_p99_us}
        return parts | {"realtime": counts.realtime, "send_s": spent[0] / 1e9, "packets": spent[1]}

    on_end(said)
    wire.run()
    sys.exit(1)


def tell(show: Show, path: Path) -> NoReturn:
    """An engine that says hello and its plan, and stays."""
    epoch = bytes(range(16))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.connect(str(path))
        anchor = time.monotonic_ns()
        door.sendall(Message(Kind.HELLO, epoch, 0, Hello(fingerprint(show), anchor).encode()).encode())
        door.sendall(Message(Kind.PLAN, epoch, 1, encode_plan(Plan(fades(len(show.patch.parameters))), anchor)).encode())
        print("ready", flush=True)
        while door.recv(65536):
            pass
    os._exit(0)


# --- The floor --------------------------------------------------------------------------------------------------------


def floor(given: Given) -> NoReturn:
    """A fade and the system calls, in the order in which there is least to do."""
    count = given.universes
    buffer = np.zeros((count, sacn.FULL_PACKET_SIZE), np.uint8)
    for n, row in enumerate(buffer):
        row[: sacn.HEADER_SIZE] = np.frombuffer(sacn.build_data_header(bytes(16), "floor", n + 1), np.uint8)
    source = (np.arange(count * 512, dtype=np.int32) * 977 % 65536).reshape(count, 512)
    way = (source + 32768) % 65536 - source
    out = open_sender(given.address)
    push = grouped(given, buffer, out) if given.host == "-" else cut(given, buffer, out)
    levels = np.empty_like(source)
    spent = frames = missed = 0
    on_end(lambda: {"frames": frames, "missed": missed, "send_s": spent / 1e9, "packets": frames * count})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY)) if os.geteuid() == 0 else None
    print("ready", flush=True)
    epoch = time.monotonic_ns() + SECOND // 10
    k = 0
    while True:
        due = epoch + k * SECOND // RATE
        if time.monotonic_ns() > due + SECOND // RATE:
            missed, k = missed + 1, k + 1
            continue
        np.multiply(way, np.int32(k * 32768 // (60 * RATE) % 32768), out=levels)
        levels += 16384
        levels >>= 15
        levels += source
        levels >>= 8
        buffer[:, sacn.SLOTS_OFFSET :] = levels
        buffer[:, sacn.SEQUENCE_OFFSET] += 1
        time.sleep(max(due - time.monotonic_ns(), 0) / 1e9)
        began = time.thread_time_ns()
        push()
        spent += time.thread_time_ns() - began
        frames, k = frames + 1, k + 1


def cut(given: Given, buffer: Any, out: socket.socket) -> Callable[[], None]:
    """One ``sendto`` for each run of 64 packets for one node, which the kernel cuts."""
    out.setsockopt(socket.IPPROTO_UDP, 103, sacn.FULL_PACKET_SIZE)
    run = min(given.each, 64)
    parts = [
        (buffer[n : min(n + run, (n // given.each + 1) * given.each)].data, (given.node(n), given.port))
        for n in range(0, given.universes, run)
    ]

    def push() -> None:
        for part, to in parts:
            out.sendto(part, to)

    return push


def grouped(given: Given, buffer: Any, out: socket.socket) -> Callable[[], None]:
    """One ``sendmmsg`` whose headers are made once."""
    count = given.universes
    names = b"".join(
        struct.pack("=H", socket.AF_INET) + struct.pack(">H", given.port) + socket.inet_aton(given.node(n)) + bytes(8)
        for n in range(count)
    )
    kept = (ctypes.create_string_buffer(names), np.zeros((count, 2), np.uint64), np.zeros((count, 8), np.uint64))
    kept[1][:, 0] = buffer.ctypes.data + np.arange(count) * buffer.strides[0]
    kept[1][:, 1] = sacn.FULL_PACKET_SIZE
    kept[2][:, 0] = ctypes.addressof(kept[0]) + np.arange(count) * 16
    kept[2][:, 1], kept[2][:, 3] = 16, 1
    kept[2][:, 2] = kept[1].ctypes.data + np.arange(count) * 16
    call = ctypes.CDLL(None).sendmmsg

    def push() -> None:
        at = 0
        while at < count:
            at += max(call(out.fileno(), ctypes.c_void_p(kept[2].ctypes.data + 64 * at), count - at, 0), 1)

    return push


# --- Others -----------------------------------------------------------------------------------------------------------


def library(given: Given) -> NoReturn:
    """The ``sacn`` package: its thread sends what has changed, 44 times a second; we only change it."""
    import sacn as package

    sender = package.sACNsender(bind_address=given.address, fps=RATE)
    sender.start()
    for n in range(given.universes):
        sender.activate_output(n + 1)
        sender[n + 1].multicast = given.host == "-"
        if given.host != "-":
            sender[n + 1].destination = given.node(n)
    on_end(dict)
    print("ready", flush=True)
    levels = [tuple((n + k) % 256 for n in range(512)) for k in range(256)]
    epoch, k = time.monotonic_ns(), 0
    while True:
        for n in range(given.universes):
            sender[n + 1].dmx_data = levels[k % 256]
        k += 1
        time.sleep(max(epoch + k * SECOND // RATE - time.monotonic_ns(), 0) / 1e9)


def feed(given: Given) -> NoReturn:
    """Gives olad a frame of every universe, 44 times a second: its own RPC on TCP 9010, StreamDmxData without an answer."""

    def field(number: int, wire_type: int, data: bytes) -> bytes:
        return bytes((number << 3 | wire_type,)) + data

    def varint(value: int) -> bytes:
        return bytes((value & 127 | 128, value >> 7)) if value > 127 else bytes((value,))

    def asked(universe: int) -> bytes:
        dmx = field(1, 0, varint(universe)) + field(2, 2, varint(512)) + bytes(512)  # ola.proto.DmxData
        name = b"StreamDmxData"
        said = field(1, 0, b"\x0a") + field(2, 0, b"\x01") + field(3, 2, varint(len(name)) + name)
        said += field(4, 2, varint(len(dmx)) + dmx)  # ola.rpc.RpcMessage: STREAM_REQUEST
        return struct.pack("=I", 1 << 28 | len(said)) + said

    messages = [asked(n + 1) for n in range(given.universes)]
    whole = np.frombuffer(bytearray(b"".join(messages)), np.uint8)
    ends = np.cumsum([len(message) for message in messages])
    on_end(dict)
    with socket.create_connection(("127.0.0.1", 9010)) as olad:
        print("ready", flush=True)
        epoch, k = time.monotonic_ns(), 0
        while True:
            for end in ends:
                whole[end - 512 : end] = k % 256
            olad.sendall(whole.data)
            k += 1
            time.sleep(max(epoch + k * SECOND // RATE - time.monotonic_ns(), 0) / 1e9)


def on_end(said: Callable[[], dict[str, Any]]) -> None:
    def end(*_: object) -> NoReturn:
        print(json.dumps(said()), flush=True)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)


def main(words: Sequence[str]) -> None:
    kind, universes, each, host, address, port, scratch = words
    given = Given(int(universes), int(each), host, address, int(port), Path(scratch))
    {"ours": ours, "floor": floor, "sacn": library, "feed": feed}[kind](given)


if __name__ == "__main__":
    main(sys.argv[1:])
