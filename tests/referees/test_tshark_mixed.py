"""tshark as referee over everything we can put on a lighting network: nothing malformed, every field where the standard has it.

The output is made in virtual time and written as a capture, so that a minute of it takes seconds (``SHOWCTL_TSHARK_MINUTES=10``
for the promised ten): fades at 44 frames a second on full, short, synchronized, claimed, multicast, unicast and IPv6 universes,
Art-Net by unicast and broadcast with polls, answers, sync, timecode and diagnostics, and the end of it all. tshark 4.0 does not
know E1.31's extended packets (root vector 8); those are held to the standard's tables in ``tests/runtime/wire``.
"""

import os
import socket
import struct
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from showctl.light.plan import NO_IDS
from showctl.protocols import artnet
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.show.instants import SECOND
from showctl.show.patch import Protocol, Universe
from tests.programs import program
from tests.runtime.wire.stage import CID, change, row, show

pytestmark = [pytest.mark.slow, pytest.mark.referee("tshark")]
MINUTES = float(os.environ.get("SHOWCTL_TSHARK_MINUTES", "1"))
US, US6 = "10.0.0.5", "fd00::5"
UNIVERSES = (
    Universe(0, "sacn/1", Protocol.SACN, 1),
    Universe(1, "sacn/2", Protocol.SACN, 2, priority=150, destinations=("10.0.0.7",), claim="patched"),
    Universe(2, "sacn/3", Protocol.SACN, 3, slots=24),
    Universe(3, "sacn/63999", Protocol.SACN, 63999, sync=7, destinations=("multicast", "multicast6")),
    Universe(4, "artnet/0", Protocol.ARTNET, 0, destinations=("10.0.0.8",)),
    Universe(5, "artnet/32767", Protocol.ARTNET, 32767, destinations=("broadcast",), sync=1, slots=33),
)
DISSECTORS = ["--enable-heuristic", "acn", "-o", "acn.dmx_enable:TRUE"]


def packets() -> Iterator[tuple[int, tuple[str, int], bytes]]:
    """(instant, destination, datagram) of a show that fades for minutes, and of a desk and a node that talk to us."""
    light = FrameSender(show(*UNIVERSES, rate=44), CID, "Mixed 混合", broadcast="10.0.0.255", address=US)
    end = int(MINUTES * 60) * SECOND
    now, asked, serial = -1, 0, 0
    while now < end:
        now = light.next_frame(now)
        if now >= serial * SECOND:  # up and down, a second each; the last universe rests
            serial += 1
            up = 65535 * (serial % 2)
            ids = [serial * 10 + n for n in range(len(UNIVERSES) - 1)]
            rows = [row(ids[n], n, up, now, over=SECOND, source=65535 - up) for n in range(len(ids))]
            light.accept(serial, now, replace(change(now, *rows), rows_out=np.array(ids) - 10 if serial > 1 else NO_IDS))
        if now >= asked:
            asked += 3 * SECOND
            light.received(artnet.encode(artnet.Poll()), ("10.0.0.9", 6454), now)
            code = artnet.TimeCode(0, now // (60 * SECOND) % 60, now // SECOND % 60, 24, artnet.TimeCodeType.EBU_25)
            yield now, ("10.0.0.9", 6454), artnet.encode(code)
            yield now, ("10.0.0.9", 6454), artnet.encode(artnet.DiagData("all is well"))
        for to, data in light.frame(now).datagrams():
            yield now, to, data
    for frame in light.end(now):
        for to, data in frame.datagrams():
            yield frame.instant, to, data


def capture(path: Path) -> Counter[str]:
    """Writes the packets as a capture of bare IP; says how many went to which port."""
    count: Counter[str] = Counter()
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))  # LINKTYPE_RAW
        for now, (host, port), data in packets():
            whole = _ip6(host, port, data) if ":" in host else _ip4(host, port, data)
            file.write(struct.pack("<IIII", now // SECOND, now % SECOND // 1000, len(whole), len(whole)) + whole)
            extended = port == 5568 and data[21] == 8
            count["extended" if extended else str(port)] += 1
    return count


def _sum(data: bytes) -> int:
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data[: len(data) // 2 * 2])) + (data[-1] << 8 if len(data) % 2 else 0)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _udp(port: int, data: bytes) -> bytes:
    return struct.pack(">HHHH", port, port, 8 + len(data), 0) + data


def _ip4(host: str, port: int, data: bytes) -> bytes:
    ends = socket.inet_aton(US) + socket.inet_aton(host)
    head = struct.pack(">BBHHHBBH", 0x45, 0, 28 + len(data), 0, 0, 16, 17, 0) + ends
    return head[:10] + _sum(head).to_bytes(2, "big") + head[12:] + _udp(port, data)


def _ip6(host: str, port: int, data: bytes) -> bytes:
    ends = socket.inet_pton(socket.AF_INET6, US6) + socket.inet_pton(socket.AF_INET6, host)
    udp = _udp(port, data)
    check = _sum(ends + struct.pack(">II", len(udp), 17) + udp) or 0xFFFF
    return struct.pack(">IHBB", 6 << 28, len(udp), 17, 16) + ends + udp[:6] + check.to_bytes(2, "big") + udp[8:]


def fields(path: Path, wanted: str, *names: str) -> list[list[str]]:
    tshark = program("tshark")
    assert tshark is not None
    shown = [word for name in ("frame.number", *names) for word in ("-e", name)]
    argv = [tshark, "-r", str(path), *DISSECTORS, "-Y", wanted, "-T", "fields", *shown]
    ran = subprocess.run(argv, capture_output=True, text=True, timeout=900, check=False)
    assert ran.returncode == 0, ran.stderr
    return [line.split("\t") for line in ran.stdout.splitlines()]


@pytest.mark.timeout(1200)
def test_minutes_of_mixed_output_are_dissected_and_none_is_malformed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, art = tmp_path / "mixed.pcap", ("artnet.header.opcode", "artnet.output.universe")
    count = capture(path)
    names = ("_ws.malformed", "frame.protocols", "acn.dmx.universe", "acn.dmx.start_code2", "acn.dmx.priority")
    e131 = fields(path, "udp.dstport == 5568 and udp.payload[21:1] == 04", *names)
    art_net = fields(path, "udp.dstport == 6454", "_ws.malformed", "frame.protocols", *art)
    with capsys.disabled():
        print(f"\n  tshark: {MINUTES:g} min, {len(e131)} E1.31, {len(art_net)} Art-Net, none malformed", end="")  # noqa: T201

    assert [line for line in [*e131, *art_net] if line[1]] == []
    assert fields(path, "_ws.malformed or _ws.expert.severity == error", "frame.protocols") == []
    assert (len(e131), len(art_net)) == (count["5568"], count["6454"])
    assert {line[2].rpartition(":")[2] for line in e131} == {"acn"}
    assert {line[3] for line in e131} == {"1", "2", "3", "63999"}
    assert {line[4] for line in e131 if line[3] != "2"} == {"0"}
    assert {line[4] for line in e131 if line[3] == "2"} == {"0", "221"}
    assert {line[5] for line in e131 if line[3] == "2"} == {"150"}
    assert {line[3] for line in art_net} == {"0x2000", "0x2100", "0x2300", "0x5000", "0x5200", "0x9700"}
