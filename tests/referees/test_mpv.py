"""A real mpv (null outputs) plays: it begins to the moment, is killed, hangs, lacks its file; and the simulated one agrees.

What it plays is a WAV that Python writes; pictures are met by ``bench/skew.py``.
"""

import asyncio
import contextlib
import json
import os
import signal
import time
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from showctl.devices.mpv import Mpv
from showctl.devices.registry import driver_for
from showctl.engine.commands import Tell
from showctl.engine.events import DeviceFailed, DeviceHealth, DeviceReported, Event
from showctl.runtime.links import Carrier, carry
from showctl.runtime.links.mpv import MpvLink, arguments
from showctl.show.cues import ActionClass, Value
from showctl.show.devices import KINDS, Device
from showctl.show.instants import MILLISECOND, SECOND, seconds
from showctl.show.patch import make_patch
from showctl.show.show import Show
from showctl.show.triggers import Clip
from simulators.mpv import Mpv as Simulated
from tests.runtime.links.loops import on_a_loop, until

pytestmark = [pytest.mark.serial, pytest.mark.referee("mpv")]
NULL = {"start": "yes", "vo": "null", "ao": "null"}
RESUME = ActionClass.RESUME


def tone(path: Path, length: float = 20.0) -> None:
    """A file of silence: where it is, is what counts."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(bytes(2 * round(48000 * length)))


class Player:
    """A driver that is carried to an mpv of its own."""

    def __init__(self, folder: Path) -> None:
        tone(folder / "tone.wav")
        self.device = Device(0, "bed", KINDS["mpv_sound"], "unix", options=dict(NULL))
        clips = (Clip("tone", "tone.wav", seconds(20), ("bed",)), Clip("gone", "gone.wav", seconds(9), ("bed",)))
        self.show = Show("players", make_patch((), (), ()), (), devices=(self.device,), clips=clips)
        self.events: list[Event] = []
        self.folder, self.orders = folder, 0
        self.begin()

    def begin(self, standing: tuple[Tell, ...] = ()) -> None:
        driver = driver_for(self.device, self.show)
        assert isinstance(driver, Mpv)
        self.driver = driver
        for command in standing:
            driver.command(command, command.instant)
        self.link = MpvLink(self.device, self.folder, self.folder)
        self.carrier: Carrier = carry(driver, self.link, self.events.append, time.monotonic_ns)

    def tell(self, verb: str, kind: ActionClass = ActionClass.STATE, **arguments: Value) -> Tell:
        self.orders += 1
        command = Tell(time.monotonic_ns(), self.orders, "bed", verb, tuple(arguments.items()), kind)
        self.carrier.command(command)
        return command

    def field(self, name: str) -> Value | None:
        return self.driver.reported().get(name)

    def healths(self) -> list[str]:
        return [event.health for event in self.events if isinstance(event, DeviceHealth)]

    @property
    def pid(self) -> int:
        return self.link._pid


@contextlib.asynccontextmanager
async def player(folder: Path) -> AsyncIterator[Player]:
    made = Player(folder)
    try:
        await until(lambda: made.healths()[-1:] == ["ok"])
        yield made
    finally:
        pid = made.pid
        made.carrier.stop()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 0)
            await until(lambda: not Path(f"/proc/{pid}").exists())


@on_a_loop
async def test_it_begins_when_it_is_told_to_and_keeps_step(tmp_path: Path) -> None:
    async with player(tmp_path) as it:
        it.tell("load", clip="tone")
        await until(lambda: it.field("loaded") == "tone")
        assert it.field("state") == "stopped"
        it.tell("play", RESUME, clip="tone", level=-6.0)
        await until(lambda: it.driver.last_start() is not None)
        begun = it.driver.last_start()
        assert begun is not None
        assert begun.at - begun.asked < 60 * MILLISECOND
        await until(lambda: it.field("state") == "playing" and abs(float(it.field("level") or 0) + 6) < 0.01)
        it.tell("seek", at=12.0)
        await until(lambda: float(it.field("position") or 0) > 12.5)
        assert abs(it.driver.deck.apart) < 0.06


@on_a_loop
async def test_killed_in_the_middle_it_is_started_again_and_is_where_it_should_be(tmp_path: Path) -> None:
    async with player(tmp_path) as it:
        it.tell("play", RESUME, clip="tone", level=-12.0)
        await until(lambda: float(it.field("position") or 0) > 0.4)
        first = it.pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: it.field("state") == "stopped")
        await until(lambda: it.field("state") == "playing" and it.driver.deck.running)
        assert it.pid != first
        await until(lambda: it.driver.deck.apart != 0.0)
        assert abs(it.driver.deck.apart) < 0.06
        assert abs(float(it.field("level") or 0) + 12) < 0.01
        assert it.healths() == ["ok", "degraded", "ok"]


@on_a_loop
async def test_the_next_engine_takes_it_over_as_it_plays(tmp_path: Path) -> None:
    async with player(tmp_path) as it:
        it.tell("load", clip="tone")
        await until(lambda: it.field("loaded") == "tone")
        order = it.tell("play", RESUME, clip="tone")
        await until(lambda: float(it.field("position") or 0) > 0.4)
        pid, before = it.pid, it.driver.deck
        it.link._starts = False  # this engine is killed: it says nothing to its player
        it.carrier.stop()
        it.begin((order,))
        await until(lambda: it.field("state") == "playing")
        assert it.pid == pid
        await until(lambda: it.driver.deck.apart != 0.0)
        assert abs(it.driver.deck.apart) < 0.06
        assert it.driver.deck is not before
        assert "degraded" not in it.healths()


@on_a_loop
async def test_hung_it_is_ended_and_another_one_started(tmp_path: Path) -> None:
    async with player(tmp_path) as it:
        it.tell("play", RESUME, clip="tone", loop=True)
        await until(lambda: it.field("state") == "playing")
        first = it.pid
        os.kill(first, signal.SIGSTOP)
        await until(lambda: it.pid not in (0, first) and it.driver.deck.running, 15)
        assert it.healths() == ["ok", "degraded", "lost", "ok"]
        await until(lambda: not Path(f"/proc/{first}").exists())


@on_a_loop
async def test_a_file_that_is_not_there_is_said_when_it_is_to_be_loaded(tmp_path: Path) -> None:
    async with player(tmp_path) as it:
        it.tell("load", clip="gone")
        await until(lambda: it.healths()[-1] == "degraded")
        assert [event.why for event in it.events if isinstance(event, DeviceFailed)] == ["cannot play gone: loading failed"]
        assert not [event for event in it.events if isinstance(event, DeviceReported) and event.value == "gone"]


SCRIPT: list[tuple[list[object], str]] = [
    (["set_property", "pause", True], ""),
    (["set_property", "start", "2.000000"], ""),
    (["loadfile", "tone.wav", "replace"], "playback-restart"),
    (["get_property", "path"], ""),
    (["get_property", "pause"], ""),
    (["get_property", "duration"], ""),
    (["observe_property", 7, "volume"], "property-change"),
    (["set_property", "volume", 50.5], "property-change"),
    (["set_property", "contrast", -30.5], ""),
    (["set_property", "contrast", 400], ""),
    (["seek", 5.0, "absolute+exact"], "playback-restart"),
    (["stop"], "idle"),
    (["get_property", "path"], ""),
    (["get_property", "time-pos"], ""),
    (["loadfile", "gone.wav", "replace"], "idle"),
    (["nonsense"], ""),
]
"""What is said, and the event that is waited for before the next."""
OF_ITS_OWN = ("audio-reconfig", "video-reconfig", "file_error")


def told(lines: list[bytes]) -> list[str]:
    """Answers, and events, in the order of each: whether an event comes before or after an answer is left to chance."""
    said = [json.loads(line) for line in lines if line.strip()]
    for one in said:
        one.pop("playlist_entry_id", None)
        if isinstance(one.get("data"), dict):
            one["data"] = {}
        if one.get("data", 0) is None:
            one.pop("data")
    begun = next(place for place, one in enumerate(said) if one.get("event") == "start-file")
    said = [one for place, one in enumerate(said) if place > begun or one.get("event") != "idle"]  # it has just come up
    answers = [json.dumps(one, sort_keys=True) for one in said if "request_id" in one]
    return answers + [json.dumps(one, sort_keys=True) for one in said if "event" in one and one["event"] not in OF_ITS_OWN]


@on_a_loop
async def test_the_simulated_one_says_what_the_real_one_says(tmp_path: Path) -> None:
    tone(tmp_path / "tone.wav")
    path = tmp_path / "s"
    device = Device(0, "bed", KINDS["mpv_sound"], "unix", options=dict(NULL))
    process = await asyncio.create_subprocess_exec("mpv", *arguments(device, path), cwd=tmp_path)
    try:
        await until(path.exists)
        reader, writer = await asyncio.open_unix_connection(path)
        real: list[bytes] = []
        for number, (words, event) in enumerate(SCRIPT):
            writer.write(json.dumps({"command": words, "request_id": number}).encode() + b"\n")
            answered = shown = False
            while not (answered and (shown or not event)):
                real.append(await asyncio.wait_for(reader.readline(), 8))
                said = json.loads(real[-1])
                answered = answered or said.get("request_id") == number
                shown = shown or (said.get("event") == event and (answered or event == "property-change"))
        writer.close()
    finally:
        process.terminate()
        await process.wait()
    show = Show("s", make_patch((), (), ()), (), devices=(device,), clips=(Clip("tone", "tone.wav", seconds(20)),))
    ours = Simulated(device, show, 1)
    ours.start(0)
    ours.connected("s", 0)
    now, heard = 0, b""
    for number, (words, event) in enumerate(SCRIPT):
        ours.stream("s", json.dumps({"command": words, "request_id": number}).encode() + b"\n", now)
        end = now + (SECOND // 5 if event else MILLISECOND)
        while (due := ours.next_deadline()) is not None and due <= end:
            ours.wake(due)
        now = end
        heard += b"".join(out.data for out in ours.take())
    assert told(heard.splitlines()) == told(real)
