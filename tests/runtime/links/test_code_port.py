"""Timecode that leaves this machine: into pipes and over UDP, at exact rate while the loop is busy; and what is not there."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from pathlib import Path

import mido
import numpy as np
import pytest

from showctl.devices.ltc_out import LtcOut
from showctl.engine.commands import Tell
from showctl.engine.events import DeviceHealth, Event
from showctl.protocols.ltc_audio import Listener
from showctl.protocols.timecode import FPS_25, to_frames
from showctl.runtime.links import LiveDevices
from showctl.show.codes import CodeOut
from showctl.show.cues import ActionClass
from showctl.show.devices import Device
from showctl.show.patch import make_patch
from showctl.show.show import Show
from tests.devices.building import device
from tests.runtime.links.loops import on_a_loop, until

pytestmark = pytest.mark.serial
LASTS = 1.5


class Outputs:
    """Devices live, and what was said of their health."""

    def __init__(self, *devices: Device) -> None:
        self.healths: list[str] = []
        show = Show("codes", make_patch((), (), ()), (), devices=devices)
        self.live = LiveDevices(show, self._event, time.monotonic_ns)
        self.began = 0

    def _event(self, event: Event) -> None:
        if isinstance(event, DeviceHealth):
            self.healths.append(f"{event.device} {event.health}: {event.why}")

    def run(self, *names: str) -> None:
        self.began = time.monotonic_ns()
        for name in names:
            arguments = (("position", 0.0), ("num", 1.0), ("den", 1.0))
            self.live.tell(Tell(self.began, 1, name, "run", arguments, ActionClass.STATE))


def output(kind: str, name: str, host: str, **more: object) -> Device:
    transport = "udp" if kind == "artnet_timecode" else "serial"
    return device(kind, name=name, host=host, transport=transport, code=CodeOut(), **more)


class Pipe:
    """A named pipe, read as its bytes come; each piece with the instant at which it came."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self.pieces: list[tuple[int, bytes]] = []
        self._number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        asyncio.get_running_loop().add_reader(self._number, self._read)

    def _read(self) -> None:
        if data := os.read(self._number, 65536):
            self.pieces.append((time.monotonic_ns(), data))

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._number)
        os.close(self._number)


@on_a_loop
async def test_three_outputs_at_once_keep_exact_time_while_the_loop_is_busy(tmp_path: Path) -> None:
    tape, desk = Pipe(tmp_path / "tape"), Pipe(tmp_path / "desk")
    nodes = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    nodes.bind(("127.0.0.1", 0))
    nodes.setblocking(False)
    packets: list[tuple[int, bytes]] = []
    asyncio.get_running_loop().add_reader(nodes, lambda: packets.append((time.monotonic_ns(), nodes.recv(100))))
    it = Outputs(
        output("ltc_out", "tape", str(tape.path)),
        output("mtc_out", "desk", str(desk.path)),
        output("artnet_timecode", "nodes", "127.0.0.1", port=nodes.getsockname()[1]),
    )
    it.live.start()
    await until(lambda: len(it.healths) == 3)
    it.run("tape", "desk", "nodes")

    def busy() -> None:
        end = time.monotonic_ns() + 8_000_000
        while time.monotonic_ns() < end:
            pass
        asyncio.get_running_loop().call_later(0.03, busy)

    busy()
    await asyncio.sleep(LASTS)
    await it.live.stop()
    for ear in (tape, desk):
        ear.close()
    asyncio.get_running_loop().remove_reader(nodes)
    nodes.close()

    # No word comes before its instant, and the last are as little late as the first: nothing adds up. A loop that was kept busy
    # for longer than a few frames leaves frames out, or begins anew with a full frame; it never says what is not so.
    frames = [(when, data[14] + 25 * data[15]) for when, data in packets]
    lateness = [when - it.began - frame * 40_000_000 for when, frame in frames]
    assert min(lateness) >= 0
    assert min(lateness[-10:]) < min(lateness[:10]) + 20_000_000
    assert frames[-1][1] >= 25 * LASTS - 10

    parser = mido.Parser()
    parser.feed(b"".join(data for _, data in desk.pieces))
    heard = list(parser)
    assert heard[0].type == "sysex"
    due = 0
    for message in heard:
        due = 0 if message.type == "sysex" else due
        assert message.type == "sysex" or message.frame_type == due % 8
        due += message.type == "quarter_frame"
    assert len(heard) > 50 * LASTS

    samples = np.frombuffer(b"".join(data for _, data in tape.pieces), "<i2") / 32768
    labels = [to_frames(found.word.label(FPS_25)) for found in Listener(48_000).feed(samples)]
    assert labels == sorted(set(labels))
    assert len(labels) > 12 * LASTS


@on_a_loop
async def test_a_pipe_that_nobody_reads_is_said_and_taken_up_once_somebody_does(tmp_path: Path) -> None:
    path = tmp_path / "tape"
    os.mkfifo(path)
    it = Outputs(output("ltc_out", "tape", str(path)), output("mtc_out", "desk", str(tmp_path / "midiC9D0")))
    it.live.start()
    await until(lambda: len(it.healths) == 2)
    assert it.healths == [f"tape lost: tape is read by nobody: {path}.", f"desk lost: desk is not there: {tmp_path}/midiC9D0."]
    it.run("tape")
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    await until(lambda: it.healths[-1] == "tape ok: tape takes code.")
    await asyncio.sleep(0.05)
    assert len(os.read(number, 100_000)) >= 1920
    os.close(number)
    await until(lambda: it.healths[-1].startswith("tape lost: tape is unplugged"))
    await it.live.stop()


@on_a_loop
async def test_a_reader_that_stops_reading_delays_nobody(tmp_path: Path) -> None:
    path = tmp_path / "tape"
    os.mkfifo(path)
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    it = Outputs(output("ltc_out", "tape", str(path)))
    it.live.start()
    await until(lambda: it.healths == ["tape ok: tape takes code."])
    it.run("tape")
    await asyncio.sleep(0.6)
    kept = len(os.read(number, 1_000_000))
    assert kept <= 16 * 1024, "170 ms: code that is late is no code"
    os.close(number)
    await it.live.stop()


@pytest.mark.referee("aplay")
@on_a_loop
async def test_a_sound_output_is_fed_at_the_pace_at_which_it_plays_and_one_that_is_not_there_is_said_in_its_words() -> None:
    it = Outputs(output("ltc_out", "tape", "audio:null"), output("ltc_out", "drum", "audio:no_such_card"))
    it.live.start()
    await until(lambda: len(it.healths) == 2)
    tape, drum = sorted(it.healths, reverse=True)
    assert tape == "tape ok: tape takes code."
    assert drum.startswith("drum lost: drum cannot be opened: aplay: ")
    it.run("tape")
    driver = it.live.carriers["tape"].driver
    assert isinstance(driver, LtcOut)
    await until(lambda: driver.waiting is not None)
    await it.live.stop()


@on_a_loop
async def test_what_is_asked_of_a_device_because_it_or_another_was_greeted_is_not_lost() -> None:
    ears = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for ear in ears:
        ear.bind(("127.0.0.1", 0))
        ear.setblocking(False)

    class Eager(Outputs):
        """Whoever is greeted makes it ask both."""

        def _event(self, event: Event) -> None:
            super()._event(event)
            self.run("first", "second")

    names = zip(("first", "second"), ears, strict=True)
    it = Eager(*(output("artnet_timecode", name, "127.0.0.1", port=ear.getsockname()[1]) for name, ear in names))
    it.live.start()
    states = [it.live.carriers[name].driver.desired()["state"] for name in ("first", "second")]
    assert states == ["running", "running"]
    await it.live.stop()
    for ear in ears:
        ear.close()
