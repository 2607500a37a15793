"""How long the wire process collects garbage: no pause above two milliseconds, however long it runs.

A wire process fades all slots of N universes at 44 Hz and gets a GO five times a second, a master now and then, and each ten
seconds a change of every row. Python itself says when a collection begins and ends (``gc.callbacks``); taken is the time of this
thread's CPU, so that what others on the machine take from it does not count, and the clock's beside it. Collections happen once
a second, of all that lives every ten minutes, between two frames (``wire/process.py``).

``--minutes 60 --universes 256``: an hour is the promise, a minute is a look.
"""

from __future__ import annotations

import argparse
import gc
import os
import signal
import struct
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a bench is started as a file

import numpy as np

from bench.punctual import EPOCH, Engine
from bench.wire.senders import RATE, Given, fades, the_patch
from showctl.light.masters import master_row
from showctl.light.plan import MasterKind, PlanChange
from showctl.runtime.wire.live_output import Network
from showctl.runtime.wire.process import Wire
from showctl.show.show import Show

LONGEST_MS = 2.0
_PAUSE = struct.Struct("<dd")


def wire(show: Show, path: Path, port: int, said: int) -> NoReturn:
    """The wire process, in a fork of us; tells each collection (milliseconds of CPU, and by the clock)."""
    began = [0, 0]

    def collects(phase: str, _info: dict[str, int]) -> None:
        now = time.thread_time_ns(), time.monotonic_ns()
        if phase == "start":
            began[:] = now
        elif running.stats().counts.frames:  # what is loaded is looked through, and put aside, before the first
            os.write(said, _PAUSE.pack(*((end - start) / 1e6 for start, end in zip(began, now, strict=True))))

    running = Wire(show, path, EPOCH, Network("127.0.0.1", port, port + 1))
    gc.collect()
    gc.callbacks.append(collects)
    running.run()
    os._exit(0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--universes", type=int, default=256)
    given = parser.parse_args()
    hear, say = os.pipe()
    os.set_blocking(hear, False)
    with tempfile.TemporaryDirectory(prefix="showctl-pauses-") as scratch:
        asked = Given(given.universes + 1, 64, "127.1.0.1", "127.0.0.1", 0, Path(scratch))
        show = Show("Bench", the_patch(asked), (), dmx_rate=RATE)
        pid = os.fork()
        if pid == 0:
            wire(show, Path(scratch) / "wire.sock", 15600 + os.getpid() % 1000 * 2, say)
        try:
            engine = ready(show, Path(scratch), given.universes * 512)
            pauses = drive(engine, given.universes * 512, given.minutes, hear)
            counts = engine.counts[-1]
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    cpu, clock = max(pause for pause, _ in pauses), max(pause for _, pause in pauses)
    total = sum(pause for pause, _ in pauses)
    print(f"{given.minutes:g} minutes, {given.universes} universes: {counts.frames} frames, {counts.missed} missed")
    each = total / len(pauses)
    print(f"{len(pauses)} collections, {each:.2f} ms each; the longest {cpu:.2f} ms of CPU, {clock:.2f} ms by the clock")
    good = cpu <= LONGEST_MS
    print("As promised." if good else f"Not as promised: {LONGEST_MS} ms.")
    return 0


def ready(show: Show, scratch: Path, fading: int) -> Engine:
    while not (scratch / "wire.sock").exists():
        time.sleep(0.05)
    engine = Engine(show, scratch / "wire.sock", fades(fading), scratch)
    while not engine.counts or not engine.counts[-1].applied:
        time.sleep(0.1)
    return engine


def drive(engine: Engine, lamp: int, minutes: float, hear: int) -> list[tuple[float, float]]:
    """Keeps the wire at work; gives its collections."""
    pauses: list[tuple[float, float]] = []
    end, turn, first = time.monotonic() + minutes * 60, 0, 1
    while time.monotonic() < end:
        turn += 1
        time.sleep(0.2)
        engine.go(lamp, turn * 997 % 65536)
        now = time.monotonic_ns() - engine.anchor
        if turn % 7 == 0:
            engine.change(PlanChange(now, masters=master_row(0, MasterKind.GRAND, 65535, 40000 + turn % 25000, 0, now, 10**9)))
        if turn % 50 == 0:
            rows = fades(lamp, now)
            rows["id"] += turn << 32
            engine.change(PlanChange(now, np.arange(first, first + lamp, dtype=np.int64), rows))
            first = int(rows["id"][0])
            engine.row = int(rows["id"][-1]) + 1000
        try:
            while data := os.read(hear, 1 << 16):
                pauses += _PAUSE.iter_unpack(data)
        except BlockingIOError:
            pass
    return pauses


if __name__ == "__main__":
    sys.exit(main())
