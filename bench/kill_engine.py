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
import urllib.request
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # a bench is started as a file

from bench.ear import Ear
from bench.kill_show import RATE, write_show
from showctl.cli.house import House, free_port
from showctl.engine.events import from_record
from showctl.engine.step import initial, step
from showctl.engine.view import view
from showctl.protocols import osc
from showctl.runtime.journal import JournalDamagedError, read
from showctl.showfile import load

SETTLED = 0.5
STANDS_BY = 4.0
"""Seconds until the understudy has prepared, on a busy machine."""
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
    """One kill. ``back``: in step again; None where it never was."""

    at: int
    back: int | None
    running: tuple[str, ...]
    astray: int = 0
    """How often the desk answered with something else than the engine that was never killed."""


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
        self.folder = self.scratch / "show"
        write_show(self.folder, f"127.{number}.1.1", self.bells.port)
        self.house = House(self.folder, self.scratch / "state", port=free_port(), sacn_port=self.light.port)
        self.house.state.mkdir()
        self.places = os.environ | {"XDG_RUNTIME_DIR": str(self.scratch), "XDG_STATE_HOME": str(self.scratch)}

    def start(self) -> subprocess.Popen[bytes]:
        """Supervisor, wire and engine; both lists under way."""
        log = (self.scratch / "log").open("wb")
        argv = [sys.executable, __file__, "--supervise", str(self.folder), str(self.house.state), str(self.house.port)]
        process = subprocess.Popen([*argv, str(self.light.port)], env=self.places, stdout=log, stderr=log)
        self.until_in_step(0)
        for name in ("sway", "main"):
            body = json.dumps({"request": "Go", "list": name, "origin": {"surface": "script"}}).encode()
            headers = {"Content-Type": "application/json"}
            urllib.request.urlopen(urllib.request.Request(f"{self.house.url}/api/ask", body, headers), timeout=5).close()
        self.twin = NeverKilled(self.folder, self.house.state)
        time.sleep(0.2)
        self.since = time.monotonic_ns()
        return process

    def pid(self) -> int:
        """The engine's, as it registered itself."""
        found = sorted((self.scratch / "showctl").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        return int(json.loads(found[-1].read_text())["pid"]) if found else 0

    def seen(self) -> dict[str, Any] | None:
        with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(f"{self.house.url}/api/view", timeout=2) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
        return None

    def until_in_step(self, killed: int) -> tuple[int | None, int]:
        """When the desk answered, met the wire, and stood where the engine stands that was never killed."""
        astray, end = 0, time.monotonic() + PATIENCE
        while time.monotonic() < end:
            seen = self.seen()
            answered = time.monotonic_ns()
            if seen is not None and seen["wire"]["connected"]:
                if not killed or alike(standing(seen), self.twin.running(round(seen["now"] * 1e9))):
                    return answered, astray
                astray += 1
            time.sleep(0.005)
        return None, astray

    def kill(self) -> None:
        seen = self.seen()
        running = () if seen is None else tuple(run["cue"] for item in seen["lists"] for run in item["running"])
        at = time.monotonic_ns()
        os.kill(self.pid(), signal.SIGKILL)
        back, astray = self.until_in_step(at)
        self.killed.append(Killed(at, back, running, astray))


# --- What was counted -------------------------------------------------------------------------------------------------


def frames_missed(heard: list[tuple[int, bytes]], killed: list[Killed]) -> tuple[int, int, int, int, int]:
    """Missed near kills and elsewhere; frames near kills and in all; packets lost on the way (E1.31 sequence numbers)."""
    period = 10**9 // RATE
    near = elsewhere = frames_near = lost = 0
    spans = [(one.at, one.at + 1_500_000_000 if one.back is None else one.back + 200_000_000) for one in killed]
    for (before, old), (at, new) in pairwise(heard):
        is_near = any(since <= at and before <= until for since, until in spans)
        frames_near += is_near
        lost += (new[111] - old[111] - 1) % 256  # E1.31-2018 table 6-1: the sequence number is octet 111
        missed = max(round((at - before) / period) - 1, 0)
        near, elsewhere = near + missed * is_near, elsewhere + missed * (not is_near)
    return near, elsewhere, frames_near, len(heard), lost


def bells_judged(run: Run) -> dict[str, int | float]:
    """Rings held against the journal: each belongs to the last dispatch of its number before it."""
    records = list(read(next(run.house.state.glob("journal-*.db"))))
    anchor = next(record.body for record in records if record.kind == "anchor")
    offset = anchor["monotonic"] - anchor["show"]
    due = [(r.instant + offset, round(r.body["arguments"]["which"])) for r in records if r.kind == "dispatch"]
    rung: dict[tuple[int, int], list[int]] = {one: [] for one in due}
    strange = 0
    for at, data in list(run.bells.heard):
        packet = osc.decode(data)
        if not isinstance(packet, osc.Message) or packet.address != "/ring":
            continue
        which = round(float(packet.arguments[0]))  # type: ignore[arg-type]
        mine = max((one for one in due if one[1] == which and one[0] <= at), default=None)
        if mine is None:
            strange += 1
        else:
            rung[mine].append(at)
    dead = [(one.at, one.back or one.at + 2_000_000_000) for one in run.killed]
    late = sum(any(one[0] < since < ats[0] - 20_000_000 for since, _ in dead) for one, ats in rung.items() if ats)
    silent = [one for one, ats in rung.items() if not ats]
    unsaid = sum(not any(since - 20_000_000 <= one[0] <= until for since, until in dead) for one in silent)
    latest = max((ats[0] - one[0] for one, ats in rung.items() if ats), default=0)
    return {
        "due": len(due),
        "rung": sum(map(len, rung.values())) + strange,
        "doubled": sum(max(len(ats) - 1, 0) for ats in rung.values()),
        "late": late,
        "strange": strange,
        "silent": len(silent),
        "unsaid": unsaid,
        "latest_ms": latest / 1e6,
    }


def tell(run: Run, realtime: bool) -> bool:
    """Prints the figures; says whether all is as promised."""
    near, elsewhere, frames_near, frames, lost = frames_missed(
        [one for one in run.light.heard if run.since <= one[0] <= run.until], run.killed
    )
    bells = bells_judged(run)
    took = sorted((one.back - one.at) / 1e6 for one in run.killed if one.back is not None)
    lost_runs = len(run.killed) - len(took)
    at = [took[min(int(len(took) * part), len(took) - 1)] if took else float("nan") for part in (0.5, 0.99, 1)]
    kinds = sorted({cue for one in run.killed for cue in one.running})
    print(f"{len(run.killed)} kills, with these cues under way: {' '.join(kinds)} (load {os.getloadavg()[0]:.1f})")
    print(f"frames: {frames} received; missed {near} of {frames_near} around kills, {elsewhere} of "
          f"{frames - frames_near} elsewhere; {lost} packets lost; real-time priority {'on' if realtime else 'off'}")  # fmt: skip
    print(f"bells: {bells['due']} due, {bells['rung']} rung; doubled {bells['doubled']}, late {bells['late']}, unasked "
          f"{bells['strange']}; not rung because nobody was there {bells['silent'] - bells['unsaid']}, for no reason "
          f"{bells['unsaid']}; at most {bells['latest_ms']:.1f} ms after their instant")  # fmt: skip
    print(f"in step again: p50 {at[0]:.0f}, p99 {at[1]:.0f}, at most {at[2]:.0f} ms; never {lost_runs}; "
          f"answers that were out of step {sum(one.astray for one in run.killed)}")  # fmt: skip
    good = not (near or bells["doubled"] or bells["late"] or bells["strange"] or bells["unsaid"] or lost_runs) and at[2] < 1000
    print("As promised: nothing missed, nothing twice, nothing late, in step again within a second." if good else
          "Not as promised: see above.")  # fmt: skip
    return good


def supervised(folder: str, state: str, port: str, sacn_port: str) -> int:
    """What ``showctl run`` becomes, on a leash."""
    from showctl.runtime import supervisor
    from showctl.runtime.leash import leashed

    supervisor.SETTLED = SETTLED  # type: ignore[misc]
    house = House(Path(folder), Path(state), port=int(port), sacn_port=int(sacn_port))
    return supervisor.supervise(leashed(house.engine()), leashed(house.wire()), house.wire_socket, leashed(house.understudy()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--supervise", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.supervise:
        return supervised(*given.supervise)
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="showctl-kills-") as place:
        run = Run(Path(place))
        process = run.start()
        try:
            for number in range(given.kills):
                time.sleep(chance.uniform(0.9, 1.5) if number else STANDS_BY)
                run.kill()
                if given.kills > 50 and not (number + 1) % 50:
                    print(
                        f"  {number + 1} kills, {max((k.back or 0) - k.at for k in run.killed) / 1e6:.0f} ms at most", flush=True
                    )
            time.sleep(0.5)
            seen, run.until = run.seen(), time.monotonic_ns()
        finally:
            process.terminate()
            process.wait(20)
        try:
            return 0 if tell(run, bool(seen and seen["wire"].get("realtime"))) else 1
        except JournalDamagedError as error:
            print(f"The journal is damaged: {error}")
            return 1


if __name__ == "__main__":
    sys.exit(main())
