"""Described devices on real sockets, against servers written here from devices.yaml alone.

Replies split and merged, a line that is dead and says nothing, a serial port that is pulled out: none delays another device.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import tty
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from showctl.devices.registry import driver_for
from showctl.engine.commands import Tell
from showctl.engine.events import DeviceFailed
from showctl.runtime.links import Carrier, LiveDevices, SerialLink, carry
from showctl.show.cues import ActionClass, Value
from showctl.show.devices import Device
from showctl.show.instants import SECOND
from showctl.show.show import Show
from showctl.showfile import load
from tests.runtime.links.loops import on_a_loop, until
from tests.runtime.links.test_links import Heard, free_port

pytestmark = pytest.mark.serial
FOLDER = Path(__file__).parents[2] / "shows" / "fog_screen"
TCP = 1


def show_with(ports: dict[str, int], *names: str) -> Show:
    """The example show with only these devices, where this test listens."""
    show = load(FOLDER).show
    assert show is not None
    kept = [show.device_named[name] for name in names]
    return replace(show, devices=tuple(_here(replace(d, index=n), ports[d.name]) for n, d in enumerate(kept)))


def _here(device: Device, port: int) -> Device:
    """Asked often, and given up soon, so that a test is short."""
    assert device.speech is not None
    polls = tuple(replace(poll, every=SECOND // 5) for poll in device.speech.polls)
    return replace(device, host="127.0.0.1", port=port, speech=replace(device.speech, polls=polls, tries=1))


def tell(device: str, verb: str, **arguments: Value) -> Tell:
    return Tell(0, 1, device, verb, tuple(arguments.items()), ActionClass.STATE)


class Screen:
    """The fog screen, as its manual says. ``mangle`` decides in what pieces its words leave."""

    def __init__(self, mangle: Callable[[bytes], list[bytes]] = lambda said: [said]) -> None:
        self.state, self.mangle, self.orders, self.deaf, self.lines = b"0", mangle, list[bytes](), False, 0
        self.busy = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines += 1
        self.busy += 1
        try:
            while line := (await reader.readline()).strip():
                if self.deaf:
                    continue
                if line == b"S?":
                    said = b"S %s 40 20\r\n" % self.state
                else:
                    self.orders.append(line)
                    self.state = b"2" if line.startswith(b"UP") else b"0"
                    said = b"OK %s\r\nEVENT S %s\r\n" % (line.split()[0], self.state)
                for piece in self.mangle(said):
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
        except ConnectionError:
            pass
        finally:
            self.busy -= 1
            writer.close()


@on_a_loop
async def test_replies_in_single_bytes_and_two_at_once_are_the_same_replies() -> None:
    screen, port = Screen(lambda said: [bytes([byte]) for byte in said]), free_port(TCP)
    server = await asyncio.start_server(screen.serve, "127.0.0.1", port)
    heard = Heard()
    devices = LiveDevices(show_with({"screen": port}, "screen"), heard, time.monotonic_ns)
    devices.start()
    await until(lambda: heard.field("state") == "down")
    devices.tell(tell("screen", "rise", speed=40.0))
    await until(lambda: heard.field("phase") == "done")
    assert (heard.field("state"), heard.field("fans"), screen.orders) == ("up", 40.0, [b"UP 40"])
    await devices.stop()
    server.close()
    await until(lambda: not screen.busy)


class Valve:
    """Messages after their length in two bytes: ``q`` asks, ``t1`` opens."""

    def __init__(self) -> None:
        self.open, self.busy = b"N", 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.busy += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while said := await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big")):
                if said != b"q":
                    self.open = b"Y" if said == b"t1" else b"N"
                reply = b"o" + self.open if said == b"q" else b"ok"
                writer.write(len(reply).to_bytes(2, "big") + reply)
        self.busy -= 1
        writer.close()


@on_a_loop
async def test_a_dead_line_delays_no_other_device_and_is_taken_up_again_with_what_should_be() -> None:
    screen, valve, ports = Screen(), Valve(), {"screen": free_port(TCP), "valve": free_port(TCP)}
    servers = [
        await asyncio.start_server(it.serve, "127.0.0.1", ports[name]) for name, it in (("screen", screen), ("valve", valve))
    ]
    heard = Heard()
    devices = LiveDevices(show_with(ports, "screen", "valve"), heard, time.monotonic_ns)
    devices.start()
    await until(lambda: heard.field("state") == "down" and heard.field("open") is False)
    devices.tell(tell("screen", "rise", speed=40.0))
    await until(lambda: heard.field("state") == "up")
    screen.deaf = True
    devices.tell(tell("screen", "fall"))
    began = time.monotonic()
    devices.tell(tell("valve", "turn", on=True))
    await until(lambda: heard.field("open") is True)
    assert time.monotonic() - began < 0.5  # the screen's first try alone has half a second
    await until(lambda: any(isinstance(event, DeviceFailed) for event in heard.events))
    [failed] = [event for event in heard.events if isinstance(event, DeviceFailed)]
    assert failed == DeviceFailed("screen", "fall", "it was told 3 times and did not answer", "hold", "")
    await until(lambda: heard.field("ready") is False)  # its poll stays unanswered, too: the line is given up
    screen.deaf = False
    await until(lambda: heard.field("state") == "down")
    assert (screen.orders, screen.lines) == ([b"UP 40", b"DOWN"], 2)
    await devices.stop()
    for server in servers:
        server.close()
    await until(lambda: not screen.busy and not valve.busy)


@on_a_loop
async def test_a_serial_line_is_framed_pulled_out_and_found_again(tmp_path: Path) -> None:
    name = tmp_path / "ttyUSB7"

    def plug_in() -> int:
        """A blower: STX, what it is told, ETX; it answers with its speed."""
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        name.symlink_to(os.ttyname(slave))
        asyncio.get_running_loop().add_reader(master, serve, master)
        slaves.append(slave)
        return master

    def serve(master: int) -> None:
        try:
            kept.extend(os.read(master, 100))
        except OSError:
            return
        while b"\x03" in kept:
            said = bytes(kept[1 : kept.index(3)])
            del kept[: kept.index(3) + 1]
            if said != b"?":
                speed[0] = said[1:]
            os.write(master, b"\x02V%s\x03" % speed[0] if said == b"?" else b"\x02\x06\x03")

    kept, speed, slaves = bytearray(), [b"0"], list[int]()
    show = show_with({"blower": 0}, "blower")
    heard, master = Heard(), plug_in()
    carrier: Carrier = carry(driver_for(show.devices[0], show), SerialLink(str(name), "9600"), heard, time.monotonic_ns)
    await until(lambda: heard.field("speed") == 0.0)
    carrier.command(tell("blower", "blow", to=3.0))
    await until(lambda: heard.field("speed") == 3.0)
    asyncio.get_running_loop().remove_reader(master)
    name.unlink()
    os.close(slaves.pop())
    os.close(master)
    speed[0] = b"0"
    await until(lambda: heard.field("ready") is False)
    master = plug_in()
    await until(lambda: heard.field("speed") == 3.0 and heard.field("ready") is True and speed[0] == b"3", 8)
    carrier.stop()
    asyncio.get_running_loop().remove_reader(master)
    for number in (master, slaves.pop()):
        os.close(number)
