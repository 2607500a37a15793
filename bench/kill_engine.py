"""Kills of the engine in the middle of fades, waits, groups and branches, on real sockets: what the room notices of it.

``--kills N --seed S``. Supervisor, wire and engine are processes as in a show; the light's receiver and the bells are sockets
here. Counted: frames that the light's receiver missed, bells rung twice or late (told apart by their number and by the
instants in the journal), and the time from the kill until the desk answers, the wire is met again, and every running cue
stands where it stands in an engine that was never killed (the journal's inputs, run again here).

The supervisor calls an engine settled after half a second here (ten in a show), so that the kills can follow one another: they
are 0.9 to 1.5 s apart, so a thousand take 23 minutes. The first comes once the understudy stands by.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # a bench is started as a file

from bench.ear import Ear
from bench.kills import judge
from bench.kills.show import RATE, write_show
from showctl.cli.house import House, console_port
from showctl.engine.events import from_record
from showctl.engine.step import initial, step
from showctl.engine.view import view
from showctl.protocols import osc
from showctl.runtime.journal import JournalDamagedError, read
from showctl.showfile import load

SETTLED = 0.5
STANDS_BY = 4.0
"""Seconds until the understudy has prepared, on a busy machine."""
SLOW = 400_000_000
"""Nanoseconds: of a kill that took longer, the way back is told."""
CLOSE = 0.002
"""Seconds by which a cue may stand elsewhere than in the engine that was never killed: the view is rounded."""
PATIENCE = 15.0


class NeverKilled:
    """The same show, fed with the inputs that the journal has, in one life."""

    def __init__(self, folder: Path, state: Path) -> None:
        show = load(folder).show
        assert show is not None
        self.show, self.state = show, initial(show)
        self._journal = next(state.glob("journal-*.db"))
        self._read = 0

    def running(self, now: int) -> list[list[tuple[str, str, float]]]:
        """What runs at ``now``, list by list: cue, state and how far."""
        with contextlib.closing(sqlite3.connect(f"file:{self._journal}?mode=ro", uri=True)) as database:
            rows = database.execute(
                "SELECT serial, instant, body FROM records WHERE serial > ? AND instant <= ? AND kind = 'input' ORDER BY serial",
                (self._read, now),
            ).fetchall()
        for serial, instant, body in rows:
            self._read = serial
            self.state, _ = step(self.show, self.state, from_record(json.loads(body)), max(instant, self.state.now))
        then, _ = step(self.show, self.state, None, max(now, self.state.now))
        return standing(view(self.show, then, now))


def standing(seen: dict[str, Any]) -> list[list[tuple[str, str, float]]]:
    return [sorted((run["cue"], run["state"], run["elapsed"]) for run in item["running"]) for item in seen["lists"]]


def alike(one: list[list[tuple[str, str, float]]], other: list[list[tuple[str, str, float]]]) -> bool:
    if [[run[:2] for run in item] for item in one] != [[run[:2] for run in item] for item in other]:
        return False
    pairs = zip((run for item in one for run in item), (run for item in other for run in item), strict=True)
    return all(abs(a[2] - b[2]) <= CLOSE for a, b in pairs)


@dataclass
class Killed:
    """One kill. ``back``: in step again; None where it never was. ``story``: what was heard on the way, in milliseconds."""

    at: int
    back: int | None
    running: tuple[str, ...]
    astray: int = 0
    """How often the desk answered with something else than the engine that was never killed."""
    story: str = ""


@dataclass
class Run:
    scratch: Path
    killed: list[Killed] = field(default_factory=list)
    since: int = 0
    until: int = 0
    """Between these the light moves all the time, and every frame is counted."""

    def __post_init__(self) -> None:
        number = random.Random().randrange(1, 250)
        self.light = Ear(f"127.{number}.1.1", 0)
        self.bells = Ear(f"127.{number}.1.1", 0)
        self.bare = Ear(f"127.{number}.1.1", 0)
        self.folder = self.scratch / "show"
        write_show(self.folder, f"127.{number}.1.1", self.bells.port)
        self.house = House(self.folder, self.scratch / "state", port=console_port(), sacn_port=self.light.port)
        self.house.state.mkdir()
        self.places = os.environ | {"XDG_RUNTIME_DIR": str(self.scratch), "XDG_STATE_HOME": str(self.scratch)}

    def start(self) -> subprocess.Popen[bytes]:
        """Supervisor, wire and engine; both lists under way."""
        log = (self.scratch / "log").open("wb")
        argv = [sys.executable, __file__, "--supervise", str(self.folder), str(self.house.state), str(self.house.port)]
        process = subprocess.Popen([*argv, str(self.light.port)], env=self.places, stdout=log, stderr=log)
        back, _, story = self.until_in_step(0)
        if back is None or not list(self.house.state.glob("journal-*.db")):
            process.terminate()
            raise SystemExit(f"the show does not come up at {self.house.url} ({story})")
        for name in ("sway", "main"):
            body = json.dumps({"request": "Go", "list": name, "origin": {"surface": "script"}}).encode()
            headers = {"Content-Type": "application/json"}
            urllib.request.urlopen(urllib.request.Request(f"{self.house.url}/api/ask", body, headers), timeout=5).close()
        self.twin = NeverKilled(self.folder, self.house.state)
        time.sleep(0.2)
        self.since = time.monotonic_ns()
        return process

    @contextlib.contextmanager
    def beside(self) -> Iterator[None]:
        """A bare sender, while the block runs."""
        words = [sys.executable, str(Path(__file__).parent / "kills" / "bare.py")]
        process = subprocess.Popen([*words, self.bare.socket.getsockname()[0], str(self.bare.port), str(RATE)])
        try:
            yield
        finally:
            process.kill()
            process.wait()

    def pid(self) -> int:
        """The engine's, as it registered itself."""
        found = sorted((self.scratch / "showctl").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        return int(json.loads(found[-1].read_text())["pid"]) if found else 0

    def seen(self) -> dict[str, Any] | str:
        """What the desk shows; why not, where it does not."""
        try:
            with urllib.request.urlopen(f"{self.house.url}/api/view", timeout=2) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as why:
            return f"{why.code}"
        except (OSError, ValueError) as why:
            return type(getattr(why, "reason", why)).__name__

    def until_in_step(self, killed: int, dead: int = 0) -> tuple[int | None, int, str]:
        """When the desk answered, met the wire, and stood where the engine stands that was never killed; and the way there.

        ``dead``: the engine that was killed at ``killed``. What the console still knows of it is no answer.
        """
        began = killed or time.monotonic_ns()
        astray, end = 0, time.monotonic() + (PATIENCE if killed else 4 * PATIENCE)
        story: list[tuple[str, int]] = []
        while time.monotonic() < end:
            seen = "nobody" if self.pid() == dead else self.seen()
            answered = time.monotonic_ns()
            what = seen if isinstance(seen, str) else "no wire" if not seen["wire"]["connected"] else "answered"
            if not isinstance(seen, str) and what == "answered":
                if not killed or alike(standing(seen), self.twin.running(round(seen["now"] * 1e9))):
                    return answered, astray, _told(story, answered, began)
                astray += 1
                what = "out of step"
            if not story or story[-1][0] != what or answered - story[-1][1] > SLOW // 4:
                story.append((what, answered))
            time.sleep(0.005)
        return None, astray, _told(story, time.monotonic_ns(), began)

    def kill(self) -> None:
        seen = self.seen()
        running = () if isinstance(seen, str) else tuple(run["cue"] for item in seen["lists"] for run in item["running"])
        engine, at = self.pid(), time.monotonic_ns()
        os.kill(engine, signal.SIGKILL)
        back, astray, story = self.until_in_step(at, engine)
        self.killed.append(Killed(at, back, running, astray, story))


def _told(story: list[tuple[str, int]], end: int, began: int) -> str:
    parts = [*story, ("all is well or patience at its end", end)]
    return ", ".join(f"{what} at {(at - began) / 1e6:.0f}" for what, at in parts)


# --- What was counted -------------------------------------------------------------------------------------------------


def rings(run: Run) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Instants (CLOCK_MONOTONIC) and numbers of the bells: as the journal dispatched them, and as they rang."""
    records = [record for path in sorted(run.house.state.glob("journal-*.db")) for record in read(path)]
    anchor = next(record.body for record in records if record.kind == "anchor")
    offset = anchor["monotonic"] - anchor["show"]
    due = [(r.instant + offset, round(r.body["arguments"]["which"])) for r in records if r.kind == "dispatch"]
    packets = [(at, osc.decode(data)) for at, data in list(run.bells.heard)]
    rung = [
        (at, round(float(packet.arguments[0])))  # type: ignore[arg-type]
        for at, packet in packets
        if isinstance(packet, osc.Message) and packet.address == "/ring"
    ]
    return due, rung


def tell(run: Run, wire: dict[str, Any]) -> bool:
    """Prints the figures; says whether all is as promised."""
    period = 10**9 // RATE
    ours, bare = ([one for one in ear.heard if run.since <= one[0] <= run.until] for ear in (run.light, run.bare))
    show, floor = (judge.frames([at for at, _ in heard], period) for heard in (ours, bare))
    # E1.31-2018 table 6-1: the sequence number is octet 111
    lost = sum((new[1][111] - old[1][111] - 1) % 256 for old, new in pairwise(ours))
    dead = [judge.Span(one.at, one.back or one.at + 2_000_000_000) for one in run.killed]
    near = [at for at in show.missed if any(span.holds(at - period, at) for span in dead)]
    shared = [at for at in show.missed if any(abs(at - other) <= 2 * period for other in floor.missed)]
    bells = judge.bells(*rings(run), dead)
    took = sorted((one.back - one.at) / 1e6 for one in run.killed if one.back is not None)
    never = len(run.killed) - len(took)
    at = [took[min(int(len(took) * part), len(took) - 1)] if took else float("nan") for part in (0.5, 0.99, 1)]
    kinds = sorted({cue for one in run.killed for cue in one.running})
    print(f"{len(run.killed)} kills, with these cues under way: {' '.join(kinds)} (load {os.getloadavg()[0]:.1f})")
    print(f"frames: {show.received} received; missed {len(show.missed)}: {len(near)} around kills, "
          f"{len(show.missed) - len(near)} elsewhere, {len(shared)} while the bare sender missed one, too; latest "
          f"{show.latest / 1e6:.1f} ms; {lost} packets lost; the wire itself says {wire['missed']} missed; real-time priority "
          f"{'on' if wire.get('realtime') else 'off'}")  # fmt: skip
    print(f"  a bare sender beside it: {floor.received} received, missed {len(floor.missed)}, latest {floor.latest / 1e6:.1f} ms")
    print(f"bells: {bells.due} due, {bells.rung} rung; doubled {len(bells.doubled)}, late {len(bells.late)} across a kill and "
          f"{len(bells.tardy)} without one, unasked {len(bells.strange)}; not rung because nobody was there {bells.silent}, for "
          f"no reason {len(bells.unsaid)}; at most {bells.latest / 1e6:.1f} ms after their instant")  # fmt: skip
    print(f"in step again: p50 {at[0]:.0f}, p99 {at[1]:.0f}, at most {at[2]:.0f} ms; never {never}; "
          f"answers that were out of step {sum(one.astray for one in run.killed)}")  # fmt: skip
    wrong = [*bells.doubled, *bells.late, *bells.tardy, *bells.strange, *(f"{words}: not rung" for words in bells.unsaid)]
    wrong += [f"the frame of {at} is missing" + (", as one of the bare sender's" if at in shared else "") for at in show.missed]
    wrong += [f"kill {n + 1}: {one.story}" for n, one in enumerate(run.killed) if one.back is None or one.back - one.at > SLOW]
    wrong += [line for line in (run.scratch / "log").read_text(errors="replace").splitlines() if "left out" in line]
    for words in wrong:
        print(f"  {words}")
    good = not (show.missed or lost or bells.doubled or bells.late or bells.tardy or bells.strange or bells.unsaid or never)
    good &= at[2] < 1000
    print("As promised: nothing missed, nothing twice, nothing late, in step again within a second." if good else
          "Not as promised: see above.")  # fmt: skip
    return good


def supervised(folder: str, state: str, port: str, sacn_port: str) -> int:
    """What ``showctl run`` becomes, on a leash."""
    from showctl.runtime import supervisor
    from showctl.runtime.leash import leashed

    supervisor.SETTLED = SETTLED  # type: ignore[misc]
    house = House(Path(folder), Path(state), port=int(port), sacn_port=int(sacn_port))
    engine, wire, understudy, front = map(leashed, (house.engine(), house.wire(), house.understudy(), house.front()))
    return supervisor.supervise(engine, wire, house.wire_socket, understudy, front)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=float, default=STANDS_BY, help="seconds until the first kill")
    parser.add_argument("--keep", type=Path, help="a folder for journal and log, kept")
    parser.add_argument("--supervise", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.supervise:
        return supervised(*given.supervise)
    chance = random.Random(given.seed)
    with contextlib.ExitStack() as stack:
        place = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="showctl-kills-")))
        place.mkdir(parents=True, exist_ok=True)
        run = Run(place)
        process = run.start()
        try:
            with run.beside():
                for number in range(given.kills):
                    time.sleep(chance.uniform(0.9, 1.5) if number else given.first)
                    run.kill()
                    if given.kills > 50 and not (number + 1) % 50:
                        longest = max((one.back or 0) - one.at for one in run.killed) / 1e6
                        print(f"  {number + 1} kills, {longest:.0f} ms at most", flush=True)
                time.sleep(1.5)
                seen, run.until = run.seen(), time.monotonic_ns()
        finally:
            process.terminate()
            process.wait(20)
        try:
            return 0 if tell(run, {"missed": "nothing:"} if isinstance(seen, str) else seen["wire"]) else 1
        except JournalDamagedError as error:
            print(f"The journal is damaged: {error}")
            return 1


if __name__ == "__main__":
    sys.exit(main())
