"""One sweep of a show: what is tried where, in how many processes, and what came of it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from showctl.runtime.broken import broken_json
from showctl.runtime.coverage import FAULT_MET, FAULT_SAID, Reached
from showctl.runtime.rehearsal import loaded, open_simulated_venue
from showctl.runtime.sweeps import branches, device_sweep, evacuation, jumps
from showctl.runtime.sweeps.courses import OpenVenue, Played, courses
from showctl.runtime.sweeps.forks import HERE, Forks
from showctl.runtime.sweeps.trials import Course, Trial, Tried, Watch
from showctl.show.show import Show

KINDS: Final = ("cues", "branches", "evacuate", "devices")
PROCESSES: Final = 2
WATCHES: Final[dict[str, type[Watch]]] = {
    "cues": jumps.JumpWatch,
    "branches": branches.BranchWatch,
    "evacuate": evacuation.EvacuationWatch,
    "devices": device_sweep.DeviceWatch,
}


@dataclass(frozen=True)
class Swept:
    """What a sweep found. ``tried`` is in the order of the courses and their moments; ``courses`` are rehearsals by name."""

    kind: str
    tried: tuple[Tried, ...]
    courses: tuple[str, ...]
    wall_seconds: float
    broken: Mapping[str, Any]
    """Which machines met which faults (``runtime/broken.py``)."""

    @property
    def failed(self) -> tuple[Tried, ...]:
        return tuple(item for item in self.tried if not item.passed)

    def to_json(self) -> dict[str, Any]:
        """``failures`` as of a rehearsal, each with what was tried."""
        return {
            "sweep": self.kind,
            "tried": len(self.tried),
            "failed": len(self.failed),
            "courses": list(self.courses),
            "wall_seconds": round(self.wall_seconds, 3),
            "broken": dict(self.broken),
            "failures": [
                {
                    "tried": item.words,
                    "rehearsal": item.rehearsal,
                    "at": item.moment,
                    "file": item.place.file,
                    "line": item.place.line,
                    "found": [{"moment": moment, "message": message} for moment, message in item.failures],
                }
                for item in self.failed
            ],
        }


def sweep(
    folder: Path,
    kind: str,
    names: Sequence[str] = (),
    *,
    processes: int = PROCESSES,
    said: Callable[[int, int], None] | None = None,
) -> Swept:
    """Tries the show in ``folder``; with ``names`` only those rehearsals are played (by stem or name).

    ``said`` hears how many trials are done, and of how many. ValueError when the show cannot be loaded.
    """
    if not HERE:
        raise ValueError("a sweep forks its rehearsals, and this system cannot: run it on Linux")
    wall = perf_counter()
    read = loaded(folder)
    show = read.show
    if show is None:
        raise ValueError(f"{folder} has errors: run `showctl check {folder}`")

    def open_venue(seed: int) -> Any:
        return open_simulated_venue(folder, seed, show)

    chosen = [item for item in read.rehearsals if not names or item.stem in names or item.name in names]
    plan = _plan(show, kind, courses(show, chosen, open_venue, processes), open_venue)
    total = sum(len(trials) for _, trials in plan)
    found: list[Tried] = []

    def done(tried: Tried) -> None:
        found.append(tried)
        if said is not None:
            said(len(found), total)

    gc.freeze()  # what has been read stays: children need not copy it to look at it
    forks = Forks(processes, done)
    try:
        for played, trials in plan:
            watch = {kind: WATCHES[kind]()}
            Course(show, played.rehearsal, open_venue(played.rehearsal.seed), watch, forks).run_with(trials)
        forks.wait()
    finally:
        forks.close()
    order = {(played.rehearsal.stem, trial.words): n for n, (played, trial) in enumerate(_flat(plan))}
    found.sort(key=lambda tried: (order[(tried.rehearsal, tried.words)], len(tried.failures)))
    best = {(tried.rehearsal, tried.words): tried for tried in reversed(found)}  # of two ways to try the same, the better one
    found = [best[key] for key in order]
    reached = Reached()
    for item in found:
        reached.merge(item.reached)
    broken = broken_json(show, reached.broken(FAULT_SAID), reached.broken(FAULT_MET))
    return Swept(kind, tuple(found), tuple(played.rehearsal.stem for played, _ in plan), perf_counter() - wall, broken)


def _flat(plan: Sequence[tuple[Played, Sequence[Trial]]]) -> list[tuple[Played, Trial]]:
    return [(played, trial) for played, trials in plan for trial in trials]


def _plan(
    show: Show, kind: str, chosen: Sequence[tuple[Played, set[Any]]], open_venue: OpenVenue
) -> list[tuple[Played, list[Trial]]]:
    match kind:
        case "cues":
            return jumps.trials(show, [played for played, _ in chosen])
        case "branches":
            return [(played, branches.trials(show, played, cues)) for played, cues in chosen]
        case "evacuate":
            return [(played, evacuation.trials(show, played, cues)) for played, cues in chosen]
        case "devices":
            venue = open_venue(0)
            venue.start(0)
            dead = device_sweep.machines(venue.state(0))
            longest = max((played.end for played, _ in chosen), default=0)
            return [(p, device_sweep.trials(show, p, cues, dead, whole=p.end == longest)) for p, cues in chosen]
        case _:
            raise ValueError(f"{kind} is no sweep; there are {', '.join(KINDS)}")
