"""How far apart light, sound and picture of one chained cue begin, by the devices' own word: on real sockets, with real mpv.

A small show of its own: one lamp, a film on an mpv with null outputs, a sound on another; the clips are written here. First both
players are measured as ``showctl calibrate`` does, and what it says goes into devices.yaml. Then a cue that chains into the
cue with all three is run again and again. Light begins with the first changed E1.31 packet at a receiver (the kernel's time
of arrival), picture and sound when their player says that they move. ``--runs N``; the promise is one DMX frame at 44 Hz.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # a bench is started as a file

from bench.ear import Ear
from showctl.cli.house import free_port
from showctl.devices.driver import Starting
from showctl.engine.events import Go, Origin, Standby
from showctl.runtime.calibration import Bench, Measured, summary
from showctl.runtime.live import Live
from showctl.runtime.prompt import prompt
from showctl.runtime.revisions import LiveOptions
from showctl.showfile import load

FRAME_MS = 22.7
"""A DMX frame of 512 slots at 44 Hz (E1.11)."""
FIRST_SLOT = 126  # E1.31-2018 table 4-1: the property values begin at octet 125 with the start code
DATA = b"\0\0\0\4"  # E1.31-2018 table 5-4: the root vector of data packets, octets 18 to 21
ME = Origin("bench", "", "skew")
WIDTH, HEIGHT, RATE = 96, 54, 25
SHOW = {
    "show.yaml": "show: Skew\ndmx_rate: 44\nvenue: venue.yaml\npatch: patch.yaml\ndevices: devices.yaml\nmedia: media.yaml\n"
    "lists: [main.yaml]\n",
    "venue.yaml": "surfaces: {wall: {player: film}}\nspeakers: {pa: {player: sound}}\n",
    "patch.yaml": "types: {dimmer: {modes: {1ch: {channels: [intensity]}}}}\nuniverses: {sacn/1: {to: [127.0.0.1]}}\n"
    "fixtures: {lamp: {type: dimmer, address: sacn/1.1}}\n",
    "media.yaml": "moon: {file: moon.y4m, length: 1.5s, fps: 25, players: [film]}\n"
    "bell: {file: bell.wav, length: 1.5s, players: [sound]}\n",
    "devices.yaml": "film: {kind: mpv, options: {start: yes, vo: 'null', ao: 'null'}, FILM}\n"
    "sound: {kind: mpv_sound, options: {start: yes, vo: 'null', ao: 'null'}, SOUND}\n",
    "main.yaml": "list: main\ngo_window: 0s\ncues:\n"
    "  - 1: Ready\n    next: 0.4s after start\n"
    "  - 2: All three\n    prepare: {film: load moon, sound: load bell}\n    light: {lamp: full}\n    time: 0s\n"
    "    film: moon on wall\n    sound: bell on pa\n    next: 0.7s after start\n"
    "  - 3: Out\n    light: {lamp: out}\n    time: 0s\n    stop: [moon, bell]\n",
}  # fmt: skip


def write_show(folder: Path, film: str = "latency: 0ms", sound: str = "latency: 0ms") -> None:
    folder.mkdir(exist_ok=True)
    for name, words in SHOW.items():
        (folder / name).write_text(words.replace("FILM", film).replace("SOUND", sound))
    with (folder / "moon.y4m").open("wb") as file:  # Y4M: a header, and planes as they are
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(6 * RATE // 4):
            file.write(b"FRAME\n" + bytes([number * 2 % 256]) * (WIDTH * HEIGHT) + b"\x80" * (WIDTH * HEIGHT // 2))
    with wave.open(str(folder / "bell.wav"), "wb") as sound_file:
        sound_file.setnchannels(1)
        sound_file.setsampwidth(2)
        sound_file.setframerate(48_000)
        sound_file.writeframes(bytes(2 * 72_000))


async def calibrated(folder: Path, state: Path, tries: int) -> dict[str, Measured]:
    """What ``showctl calibrate film`` and ``showctl calibrate sound`` say."""
    show = load(folder).show
    assert show is not None
    found = {}
    for name, clip in (("film", "moon"), ("sound", "bell")):
        async with Bench(show, show.device_named[name], folder, state) as bench:
            found[name] = await bench.starts(clip, tries, lambda *_: None)
    return found


class Stage:
    """The show, running: the engine in this process, the wire and the players each a process of their own."""

    def __init__(self, folder: Path, state: Path) -> None:
        state.mkdir(exist_ok=True)
        self.ear = Ear("127.0.0.1", 0)
        argv = [sys.executable, "-m", "showctl.runtime.wire", "--show", folder, "--socket", state / "wire.sock", "--state", state]
        self.wire = subprocess.Popen([str(word) for word in (*argv, "--sacn-port", self.ear.port, "--artnet-port", free_port())])
        self.live = Live(folder, state, LiveOptions(state / "wire.sock", osc_port=free_port(), schedule=False))

    async def __aenter__(self) -> Stage:
        await self.live.start()
        await until(lambda: self.live.wire.connected)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.live.stop()
        self.wire.terminate()
        self.wire.wait()

    async def performed(self) -> dict[str, float]:
        """One run: by how many milliseconds light, film and sound began after the instant at which the cue was due.

        ``word``: how late the later one of our words to the players left.
        """
        drivers = {name: self.live.devices.carriers[name].driver for name in ("film", "sound")}
        await until(lambda: all(driver.reported().get("loaded") for driver in drivers.values()) and not self.lit(0))
        self.ear.heard.clear()
        self.live.lateness.clear()
        asked = self.live.clock.now()
        self.live.handle(Go("main", origin=ME))
        await until(lambda: bool(self.lit(asked)) and all(began(driver, asked) for driver in drivers.values()))
        lands = next(iter(self.live.devices.skew.newest().asked.values()))
        found = {"light": (self.lit(asked) - lands) / 1e6, "word": max(self.live.lateness) / 1e6}
        found |= {name: (began(driver, asked) - lands) / 1e6 for name, driver in drivers.items()}
        await until(lambda: not self.live.state.runs)  # it chains into the cue that takes everything away
        self.live.handle(Standby("main", "1", origin=ME))
        return found

    def lit(self, since: int) -> int:
        """Show time at which the first packet with light came after ``since``; with 0: whether the last one had any. 0: none."""
        heard = [(at, data) for at, data in list(self.ear.heard) if len(data) > FIRST_SLOT and data[18:22] == DATA]
        shift = self.live.clock.monotonic(0)
        if not since:
            return bool(heard) and heard[-1][1][FIRST_SLOT] > 0
        return next((at - shift for at, data in heard if at - shift > since and data[FIRST_SLOT] > 0), 0)


def began(driver: object, since: int) -> int:
    """When the player said that it began, if that was after ``since``."""
    last = driver.last_start() if isinstance(driver, Starting) else None
    return last.at if last is not None and last.at > since else 0


async def until(true: Callable[[], object], within: float = 15.0) -> None:
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110 - what is waited for is many things
            await asyncio.sleep(0.002)


SLEEPER = """
import signal, time
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(True))
at, late = time.monotonic(), [0.0]
while not asked:
    at += 0.005
    time.sleep(max(0.0, at - time.monotonic()))
    late.append(max(time.monotonic() - at, 0.0) * 1e3)
    at = max(at, time.monotonic() - 0.005)
late.sort()
print(*(late[min(int(len(late) * part), len(late) - 1)] for part in (0.5, 0.99, 1)))
"""


async def measured(folder: Path, runs: int, tries: int) -> tuple[dict[str, Measured], list[dict[str, float]], list[float]]:
    """What calibrating says, each run, and by how many milliseconds a bare sleeper overslept (p50, p99, most)."""
    write_show(folder / "show")
    prompt()
    takes = await calibrated(folder / "show", folder / "calibration", tries)
    write_show(folder / "show", takes["film"].line(), takes["sound"].line())
    found = []
    async with Stage(folder / "show", folder / "state") as stage:
        sleeper = await asyncio.create_subprocess_exec(sys.executable, "-c", SLEEPER, stdout=subprocess.PIPE)
        try:
            for number in range(runs):
                found.append(await stage.performed())
                if number % 25 == 24:
                    print(f"  {number + 1} of {runs}", flush=True)
        finally:
            sleeper.terminate()
            overslept, _ = await sleeper.communicate()
    return takes, found, [float(word) for word in overslept.split()]


def at(part: float, values: list[float]) -> float:
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--tries", type=int, default=20, help="of each player, to calibrate it")
    chosen = parser.parse_args()
    if shutil.which("mpv") is None:
        print("There is no mpv here: not measured.")
        return
    with tempfile.TemporaryDirectory(prefix="showctl-skew-") as scratch:
        takes, runs, overslept = asyncio.run(measured(Path(scratch), chosen.runs, chosen.tries))
    for name, took in takes.items():
        print(f"{name}: {took.line()}, as calibrated ({summary(took.samples)})")
    for name in ("light", "film", "sound"):
        late = [run[name] for run in runs]
        print(f"{name}: began p1 {at(0.01, late):+.1f}, p50 {at(0.5, late):+.1f}, p99 {at(0.99, late):+.1f} ms from the cue")
    rank = "in real time" if os.sched_getscheduler(0) in (os.SCHED_RR, os.SCHED_FIFO) else "as an ordinary program"
    words = [run["word"] for run in runs]
    print(
        f"our words to the players left p50 {at(0.5, words):.1f}, p99 {at(0.99, words):.1f}, most {max(words):.1f} ms late;",
        end="",
    )
    print(" a bare sleeper {}: p50 {:.1f}, p99 {:.1f}, most {:.1f} ms; load {:.0f}".format(rank, *overslept, os.getloadavg()[0]))
    three = [[run[name] for name in ("light", "film", "sound")] for run in runs]
    apart = [max(began) - min(began) for began in three]
    players = [abs(film - sound) for _, film, sound in three]
    print(
        f"apart: p50 {at(0.5, apart):.1f}, p95 {at(0.95, apart):.1f}, p99 {at(0.99, apart):.1f}, most {max(apart):.1f} ms", end=""
    )
    print(f" in {len(runs)} runs; picture and sound alone p99 {at(0.99, players):.1f} ms")
    kept, within = at(0.99, apart) <= FRAME_MS, sum(each <= FRAME_MS for each in apart)
    print(f"{'As promised' if kept else 'NOT as promised'}: 99 of a hundred within one DMX frame, {FRAME_MS} ms", end="")
    print(f" ({within} of {len(runs)} were).")


if __name__ == "__main__":
    main()
