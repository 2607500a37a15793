"""Timecode that comes in live: a MIDI cable, a pipe of sound, a recording, Art-Net by way of the wire; and what is not there."""

from __future__ import annotations

import asyncio
import os
import socket
import time
import wave
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from showctl.devices.timecode import Timecodes
from showctl.engine.events import ClockMoved, Event
from showctl.protocols.artnet import TimeCode
from showctl.protocols.ltc_audio import Generator
from showctl.protocols.mtc import encode_quarter_frames
from showctl.protocols.timecode import FPS_25, from_frames
from showctl.runtime.links.timecode import TimecodeLinks
from showctl.runtime.wire.carried import Carried
from showctl.runtime.wire.messages import Kind, Message, Reader
from showctl.show.patch import make_patch
from showctl.show.show import Show, TimecodeInput
from tests.runtime.links.loops import on_a_loop, until

pytestmark = pytest.mark.serial

HOUR = 90_000
ART_TIMECODE = b"Art-Net\0" + bytes((0x00, 0x97, 0, 14, 0, 0))


class Ear:
    """The links of one timecode input, and the clock that came of it."""

    def __init__(self, kind: str, source: str, wire: Path = Path("/nowhere")) -> None:
        show = Show("code", make_patch((), (), ()), (), timecodes=(TimecodeInput("desk", kind, 25, 1, source=source),))
        self.codes = Timecodes(show)
        self.moves: list[ClockMoved] = []
        self._came = asyncio.Event()
        self.links = TimecodeLinks(list(self.codes.sources.values()), self._heard, self._artnet, time.monotonic_ns, wire)

    def _heard(self, events: Sequence[Event]) -> None:
        self.moves += [event for event in events if isinstance(event, ClockMoved)]
        self._came.set()

    def _artnet(self, packet: TimeCode, host: str, now: int) -> list[Event]:
        return list(self.codes.sources["desk"].artnet(packet, now))

    async def until(self, reached: Callable[[Ear], bool]) -> None:
        async with asyncio.timeout(10):
            while not reached(self):
                self._came.clear()
                await self._came.wait()

    async def locks(self) -> float:
        """Waits until the clock is locked; gives how many frames after the hour it then is."""
        await self.until(lambda ear: any(move.state == "locked" for move in ear.moves))
        position = self.codes.sources["desk"].chase.position(time.monotonic_ns())
        assert position is not None
        return position * 25 / 1e9 - HOUR


@on_a_loop
async def test_quarter_frames_on_a_midi_cable_lock_the_clock(tmp_path: Path) -> None:
    cable = tmp_path / "midi"
    os.mkfifo(cable)
    ear = Ear("mtc", f"midi:{cable}")
    ear.links.open()
    ends: list[int] = []
    await until(lambda: _plugged(cable, ends))
    begun = time.monotonic()
    for pair in range(5):
        for n, message in enumerate(encode_quarter_frames(from_frames(HOUR + 2 * pair, FPS_25))):
            due = begun + pair * 0.08 + n * 0.01
            await asyncio.sleep(max(due - time.monotonic(), 0))
            os.write(ends[0], message)
    at = await ear.locks()
    assert abs(at - (time.monotonic() - begun) * 25) < 3
    os.close(ends[0])
    ear.links.close()


@on_a_loop
async def test_sound_in_a_pipe_and_in_a_recording_locks_the_clock(tmp_path: Path) -> None:
    sound = (Generator(FPS_25, 48_000, HOUR).frames(50) * 32767).astype("<i2").tobytes()
    with wave.open(str(tmp_path / "code.wav"), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(sound)
    ear = Ear("ltc", f"file:{tmp_path / 'code.wav'}")
    begun = time.monotonic()
    ear.links.open()
    assert abs(await ear.locks() - (time.monotonic() - begun) * 25) < 3
    ear.links.close()


@pytest.mark.expects_log("Timecode desk cannot be heard")
@on_a_loop
async def test_a_source_that_is_not_there_is_said_once_and_heard_when_it_comes(tmp_path: Path) -> None:
    ear = Ear("ltc", f"file:{tmp_path / 'later.wav'}")
    ear.links.open()
    await until(lambda: ear.links.troubles)
    assert ear.links.troubles == {"desk": "No such file or directory"}
    with wave.open(str(tmp_path / "later.wav"), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes((Generator(FPS_25, 48_000, HOUR).frames(25) * 32767).astype("<i2").tobytes())
    await ear.locks()
    assert ear.links.troubles == {}
    ear.links.close()


@on_a_loop
async def test_art_net_timecode_comes_by_way_of_the_wire(tmp_path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.setblocking(False)
    listener.bind(str(tmp_path / "wire.sock"))
    listener.listen()
    loop, ear = asyncio.get_running_loop(), Ear("artnet", "", tmp_path / "wire.sock")
    ear.links.open()
    wire, _ = await loop.sock_accept(listener)
    (asked,) = Reader().feed(await loop.sock_recv(wire, 4096))
    assert asked.kind is Kind.CARRY
    begun = loop.time()
    for n in range(6):
        data = ART_TIMECODE + bytes((n, 0, 0, 1, 1))
        await loop.sock_sendall(wire, Message(Kind.BROUGHT, body=Carried("127.0.0.9", 6454, data).encode()).encode())
        await asyncio.sleep(max(begun + (n + 1) * 0.04 - loop.time(), 0))
    assert abs(await ear.locks() - 6) < 2
    ear.links.close()
    assert await loop.sock_recv(wire, 4096) == b""
    wire.close()
    listener.close()


def _plugged(cable: Path, ends: list[int]) -> bool:
    """Somebody reads the cable; its other end is in ``ends``."""
    try:
        ends.append(os.open(cable, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:  # nobody reads yet
        return False
    return True
