"""How punctual the wire is beside busy processes: lateness of frames, a GO's way through its door, and a whole room's change.

Two processes keep both cores busy. The wire process fades all slots of N universes at 44 Hz; an engine, a process of its own with
an engine's priority, says hello and its plan, then now and then a GO for one universe at rest, as the engine of a show does: it
announces the change, commits it to a journal, and says it. Taken is the time to the packet's arrival by the kernel's clock: of
the whole GO, and at the *door*, from where the change is said. In turn with it the floor: a datagram through one process hop and
one such commit (``bench/go.py``), with the priority that the wire has in that run. Then a change of every row at once, while the
frames go on. Once with SCHED_FIFO, once without. Who measures runs above everybody, where the system permits, and sleeps while a
GO is on its way. The first five GOs are not taken: caches pay for them.

``--universes 64,1024 --goes 200``; ``--idle``: nobody is busy; ``--fifo``: not without.
"""

from __future__ import annotations

import argparse
import contextlib
import mmap
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a bench is started as a file

import numpy as np

from bench.ear import Ear
from bench.go import APART, FIRST_SLOT, Probe
from bench.wire.senders import RATE, Given, fades, the_patch
from showctl.light.plan import ROW, Plan, PlanChange, Rows
from showctl.runtime.journal import Record, append, open_database
from showctl.runtime.prompt import NICE as ENGINE_NICE
from showctl.runtime.prompt import PRIORITY as ENGINE_PRIORITY
from showctl.runtime.turns import take_short_turns
from showctl.runtime.wire.fingerprint import fingerprint
from showctl.runtime.wire.live_output import Network
from showctl.runtime.wire.machine import NICE, PRIORITY
from showctl.runtime.wire.messages import Hello, Kind, Message, Reader, encode_change, encode_plan
from showctl.runtime.wire.process import Wire
from showctl.runtime.wire.stats import Counts, Lateness, decode_stats
from showctl.show.patch import make_patch
from showctl.show.show import Show

ROOT = Path(__file__).resolve().parents[1]
EPOCH = bytes(range(16))
WARM = 5
LAMP = 0
"""The parameter that a GO is for; the rest of its universe rests, too."""


class Permitted(Enum):
    """What the system lets the wire, the engine and the floor have."""

    FIFO = "SCHED_FIFO"
    NICE = "a nice value"
    NOTHING = "no priority at all"


def beside(rows: Rows) -> Rows:
    """Those fades, of all universes but the lamp's."""
    rows["parameter"] += LAMP + 512
    return rows


class Engine:
    """The other end of a wire's door."""

    def __init__(self, show: Show, path: Path, rows: Rows, journal: Path) -> None:
        """``rows`` are its first plan."""
        self.counts: list[Counts] = []
        self._journal, self._written, self._previous = open_database(journal / "engine.db"), 0, bytes(32)
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._door.connect(str(path))
        self.anchor = time.monotonic_ns()
        self.serial, self.row = 1, len(rows) + 1
        self._say(Kind.HELLO, 0, Hello(fingerprint(show), self.anchor).encode())
        self._say(Kind.PLAN, 1, encode_plan(Plan(rows), self.anchor))
        threading.Thread(target=self._hear, daemon=True).start()

    def change(self, change: PlanChange) -> None:
        self.serial += 1
        self._say(Kind.CHANGE, self.serial, encode_change(time.monotonic_ns(), change))

    def go(self, parameter: int, level: int) -> int:
        """The lamp stands at ``level`` from now on; gives when that was said."""
        rows = np.zeros(1, ROW)
        rows["id"], rows["parameter"], rows["priority"] = self.row, parameter, 100
        rows["source"] = rows["target"] = level
        rows["start"] = time.monotonic_ns() - self.anchor
        out = np.array([self.row - 1], np.int64)
        self.row += 1
        self.serial += 1
        body = encode_change(time.monotonic_ns(), PlanChange(int(rows["start"][0]), out, rows))
        self._say(Kind.COMING, self.serial, body)
        record = Record(time.monotonic_ns(), "input", {"event": "Go", "list": "bench", "origin": {"surface": "osc"}})
        self._written, self._previous = append(self._journal, self._written, self._previous, (record,))
        said = time.monotonic_ns()
        self._say(Kind.CHANGE, self.serial, body)
        return said

    def _say(self, kind: Kind, serial: int, body: bytes) -> None:
        self._door.sendall(Message(kind, EPOCH, serial, body).encode())

    def _hear(self) -> None:
        reader = Reader()
        with contextlib.suppress(OSError):
            while data := self._door.recv(65536):
                for message in reader.feed(data):
                    if message.kind is Kind.STATS:
                        self.counts.append(decode_stats(message).counts)
                    elif message.kind is Kind.REFUSED:
                        print("refused:", message.body[1:].decode())


class Apart:
    """Such an engine in a process of its own; ``late`` is what the wire says of its frames, a report a second."""

    def __init__(self, show: Show, path: Path, fading: int, journal: Path, permitted: Permitted) -> None:
        self._asked, theirs = Pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            if permitted is Permitted.FIFO:
                os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(ENGINE_PRIORITY))
            else:
                ordinary(permitted, ENGINE_NICE)
            self._serve(Engine(show, path, beside(fades(fading)), journal), theirs, fading)

    def _serve(self, engine: Engine, asked: Connection, fading: int) -> NoReturn:
        while True:
            match asked.recv():
                case "counts":
                    asked.send(engine.counts)
                case "all":
                    rows = beside(fades(fading, time.monotonic_ns() - engine.anchor))
                    rows["id"] += 1 << 40
                    engine.change(PlanChange(0, np.arange(fading, dtype=np.int64) + 1, rows))
                case (int(parameter), int(level)):
                    began = time.monotonic_ns()
                    said = engine.go(parameter, level)
                    time.sleep(0.02)  # nobody else is woken meanwhile
                    asked.send((began, said))
                case other:
                    raise AssertionError(other)

    def go(self, parameter: int, level: int) -> tuple[int, int]:
        """When the GO began, and when the change was said."""
        self._asked.send((parameter, level))
        found: tuple[int, int] = self._asked.recv()
        return found

    def change_all(self) -> None:
        self._asked.send("all")

    @property
    def counts(self) -> list[Counts]:
        self._asked.send("counts")
        found: list[Counts] = self._asked.recv()
        return found

    def end(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


class Lates:
    """How late every frame was, in memory that a wire in a fork of us shares."""

    _ROOM = 1 << 16

    def __init__(self) -> None:
        self._seen = np.frombuffer(mmap.mmap(-1, 8 * self._ROOM), np.int64)

    def note(self, late: int) -> None:
        if self._seen[0] < self._ROOM - 1:
            self._seen[0] += 1
            self._seen[self._seen[0]] = late

    def mark(self) -> int:
        return int(self._seen[0])

    def at(self, part: float, first: int, behind: int) -> float:
        """In milliseconds, of the frames from one mark to another."""
        seen = np.sort(self._seen[first + 1 : behind + 1])
        return float(seen[min(int(len(seen) * part), len(seen) - 1)]) / 1e6


def wire(show: Show, path: Path, port: int, permitted: Permitted, lates: Lates) -> NoReturn:
    """The wire process, in a fork of us."""
    noted = Lateness.note

    def note(lateness: Lateness, late: int) -> None:
        noted(lateness, late)
        lates.note(late)

    Lateness.note = note  # type: ignore[assignment, method-assign]

    def refused(*_: object) -> NoReturn:
        raise PermissionError("the bench says no")

    if permitted is not Permitted.FIFO:
        os.sched_setscheduler = refused
    if permitted is Permitted.NOTHING:
        os.setpriority = refused  # type: ignore[assignment]
    Wire(show, path, EPOCH, Network("127.0.0.1", port, port + 1)).run()
    os._exit(0)


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that do nothing else than compute."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def measure(universes: int, permitted: Permitted, given: argparse.Namespace, scratch: Path) -> bool:
    """One wire; says whether all is as promised."""
    asked = Given(universes + 1, 64 if universes % 64 == 0 else universes, "127.1.0.1", "127.0.0.1", 0, scratch)
    patch, alone = the_patch(asked), asked.node(universes + asked.each)
    own = replace(patch.universes[LAMP // 512], destinations=(alone,))  # the lamp's stands in the midst of the others
    show = Show("Bench", make_patch((own, *patch.universes[1:]), (), patch.fixtures), (), dmx_rate=RATE)
    ear = Ear(alone, 0)
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # for everything else: what is refused costs more
    sink.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sink.bind(("0.0.0.0", ear.port))
    path, lates = scratch / f"wire-{universes}-{permitted.name}.sock", Lates()
    pid = os.fork()
    if pid == 0:
        wire(show, path, ear.port, permitted, lates)
    echo, chance = Ear("127.0.0.1", 0), random.Random(1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    journal = Path(tempfile.mkdtemp(dir=scratch))
    words = [sys.executable, str(ROOT / "bench" / "go.py"), "--floor", str(port), "127.0.0.1", str(echo.port), str(journal)]
    floor = subprocess.Popen(
        words, preexec_fn=partial(prefer, PRIORITY) if permitted is Permitted.FIFO else partial(ordinary, permitted, NICE)
    )
    engine: Apart | None = None
    try:
        while not path.exists():
            time.sleep(0.05)
        fading = universes * 512
        engine = Apart(show, path, fading, journal, permitted)
        time.sleep(2.0 + universes / 200)
        go, door, bare = Probe(ear), Probe(ear), Probe(echo)
        with busy(0 if given.idle else 2):
            time.sleep(1.0)
            quiet = first = 0
            for n in range(given.goes + WARM):
                if n == WARM:
                    quiet, first = len(engine.counts), lates.mark()
                    for probe in (go, door, bare):
                        probe.taken.clear()
                        probe.lost = 0
                time.sleep(chance.uniform(*APART) / 2)
                bare.send(b"go", ("127.0.0.1", port), None)
                time.sleep(chance.uniform(*APART) / 2)
                press(engine, go, door, LAMP, 65535 if n % 2 == 0 else 257)
            during, behind = engine.counts[quiet:], lates.mark()
            engine.change_all()
            time.sleep(3.0 + universes / 400)
            after = engine.counts[quiet + len(during) :]
        late = lates.at(0.99, first, behind)
        return tell(
            universes,
            permitted if during[-1].realtime or permitted is not Permitted.FIFO else Permitted.NICE,
            go,
            door,
            bare,
            during,
            after,
            late,
        )
    finally:
        if engine is not None:
            engine.end()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        floor.kill()
        floor.wait()
        sink.close()


def press(engine: Apart, go: Probe, door: Probe, lamp: int, level: int) -> None:
    """A GO, and when the first packet came that shows it."""
    ear = go.ear
    known, wanted = len(ear.heard), level >> 8
    began, said = engine.go(lamp, level)
    end = time.monotonic() + 2
    while time.monotonic() < end:
        for at, heard in ear.heard[known:]:
            known += 1
            if heard[FIRST_SLOT] == wanted:
                go.taken.append((at - began) / 1e6)
                door.taken.append((at - said) / 1e6)
                return
        time.sleep(0.0005)
    go.lost += 1


def tell(
    universes: int,
    permitted: Permitted,
    go: Probe,
    door: Probe,
    bare: Probe,
    during: list[Counts],
    after: list[Counts],
    p99: float,
) -> bool:
    """``p99``: of the lateness of all frames."""
    late, top = [one.late_p99_us / 1000 for one in during], max(one.late_max_us for one in during) / 1000
    missed = during[-1].missed - during[0].missed
    print(f"{universes} universes, {permitted.value} (load {os.getloadavg()[0]:.1f}):")
    print(
        f"  late    p99 of all {p99:.2f}, of the middle second {statistics.median(late):.2f}, of the worst {max(late):.2f}, "
        f"max {top:.2f} ms; {missed} missed"
    )
    for name, probe in (("floor", bare), ("GO", go), ("door", door)):
        if not probe.taken:
            print(f"  {name:7} nothing came within its time, {probe.lost} times")
            continue
        parts = "  ".join(f"{word} {probe.at(part):6.2f}" for word, part in (("p50", 0.5), ("p99", 0.99), ("max", 1)))
        print(f"  {name:7} {parts} ms   {len(probe.taken)} taken, {probe.lost} lost")
    worst = max(one.late_max_us for one in after) / 1000
    print(
        f"  a change of all {universes * 512} rows: {after[-1].missed - during[-1].missed} frames missed, latest {worst:.2f} ms"
    )
    if not go.taken:
        return False
    fifo = permitted is Permitted.FIFO
    limit = 0.5 if fifo else 5.0
    good = door.at(0.99) <= limit and not go.lost and (not fifo or p99 <= 0.3)
    print(
        f"  {'as promised' if good else 'NOT as promised'}: GO at the door p99 <= {limit} ms"
        + (", lateness p99 <= 0.3 ms" if fifo else "")
    )
    return good or permitted is Permitted.NOTHING


def ordinary(permitted: Permitted, nice: int) -> None:
    """This process has what is permitted short of real time."""
    if permitted is Permitted.NICE:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, nice)
    take_short_turns()


def prefer(priority: int, more: int = 0) -> None:
    """This thread, and those that it will start, come first, where the system permits."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO | more, os.sched_param(priority))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--universes", default="64,1024")
    parser.add_argument("--goes", type=int, default=200)
    parser.add_argument("--idle", action="store_true")
    parser.add_argument("--with", dest="only", choices=[one.name.lower() for one in Permitted], help="what the system permits")
    given = parser.parse_args()
    good = True
    prefer(PRIORITY + 10, os.SCHED_RESET_ON_FORK)
    with tempfile.TemporaryDirectory(prefix="showctl-punctual-") as scratch:
        for universes in map(int, given.universes.split(",")):
            for permitted in Permitted:
                if given.only in (None, permitted.name.lower()):
                    good &= measure(universes, permitted, given, Path(scratch))
    print("As promised." if good else "Not as promised: see above.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
