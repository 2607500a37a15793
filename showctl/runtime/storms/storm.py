"""A storm of audiences: each plays a rehearsal's script with people of its own, and is judged by its lines and by the laws.

They come in families (``family.py``); where several rehearsals are named, each family comes to one of them. Without a name there
is the simplest script: GO on the main list. The verdicts of a storm have a digest: the same seeds on the same show give the same
one. One that failed is made short (``shrink.py``) and can be kept.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from showctl.runtime.coverage import Goal, Reached, goals
from showctl.runtime.ports import Venue
from showctl.runtime.rehearsal import Failure, Verdict, loaded, open_simulated_venue
from showctl.runtime.storms.audience import founder_of
from showctl.runtime.storms.family import Member, StormStagehand, play_family, with_audience
from showctl.runtime.storms.shrink import shrunk
from showctl.runtime.sweeps.forks import HERE, Forks
from showctl.show.instants import SECOND, Duration
from showctl.show.rehearsals import Rehearsal, Step
from showctl.show.show import Show

PROCESSES: Final = 2
GO_AT: Final = 40 * SECOND
"""Thirty guests have come in by then."""
LENGTH: Final[Duration] = 15 * 60 * SECOND
MOST: Final = 100_000
SHRUNK: Final = 3
"""Failures that are made short; the others keep their seed."""


@dataclass(frozen=True)
class Audience:
    """What became of one audience."""

    seed: int
    rehearsal: str
    guests: int
    words: str
    passed: bool
    digest: str
    failures: tuple[Failure, ...]
    kept: Rehearsal | None = field(repr=False, default=None)
    reached: Reached = field(repr=False, default_factory=Reached)


@dataclass(frozen=True)
class Stormed:
    """What became of all of them, in the order of their seeds. ``missed`` are the ways of branches that none came by."""

    seed: int
    count: int
    audiences: tuple[Audience, ...]
    wall_seconds: float
    ways: int
    missed: tuple[Goal, ...]
    digest: str

    @property
    def failed(self) -> tuple[Audience, ...]:
        return tuple(item for item in self.audiences if not item.passed)

    def to_json(self) -> dict[str, Any]:
        """Verdicts, and what was reached."""
        return {
            "storm": self.count,
            "seed": self.seed,
            "failed": len(self.failed),
            "digest": self.digest,
            "wall_seconds": round(self.wall_seconds, 3),
            "branches": {"of": self.ways, "missed": [goal.to_json() for goal in self.missed]},
            "failures": [
                {
                    "seed": item.seed,
                    "rehearsal": item.rehearsal,
                    "guests": item.guests,
                    "people": item.words,
                    "failures": [failure.__dict__ for failure in item.failures],
                }
                for item in self.failed
            ],
        }


def storm(
    folder: Path,
    count: int,
    seed: int = 1,
    names: Sequence[str] = (),
    *,
    processes: int = PROCESSES,
    said: Callable[[int, int], None] | None = None,
) -> Stormed:
    """Lets the audiences ``seed`` to ``seed + count - 1`` in, each in one of the rehearsals ``names`` in turn.

    ``said`` hears how many have been, and of how many. ValueError when the show cannot be loaded or a name is not there.
    """
    if not HERE:
        raise ValueError("a storm forks its rehearsals, and this system cannot: run it on Linux")
    if not 1 <= count <= MOST:
        raise ValueError(f"a storm is 1 to {MOST} audiences")
    wall = perf_counter()
    read = loaded(folder)
    show = read.show
    if show is None:
        raise ValueError(f"{folder} has errors: run `showctl check {folder}`")
    bases = _bases(show, read.rehearsals, names)

    def open_venue(number: int) -> Venue:
        return open_simulated_venue(folder, number, show)

    found: list[Audience] = []

    def done(some: list[Audience]) -> None:
        found.extend(some)
        if said is not None:
            said(len(found), count)

    def play(seeds: Sequence[int]) -> list[Audience]:
        base = bases[founder_of(seeds[0]) % len(bases)]
        return [_audience(base, *played) for played in play_family(show, base, seeds, open_venue)]

    gc.freeze()
    forks = Forks(processes, done)
    try:
        families: dict[int, list[int]] = {}
        for number in range(seed, seed + count):
            families.setdefault(founder_of(number), []).append(number)
        for family in families.values():
            forks.do(lambda family=family: play(family))  # type: ignore[misc]
        forks.wait()
        found.sort(key=lambda item: item.seed)
        shorter: list[Audience] = []
        short = Forks(processes, shorter.append)
        for item in [item for item in found if not item.passed][:SHRUNK]:
            base = bases[founder_of(item.seed) % len(bases)]
            short.do(lambda base=base, item=item: _short(show, base, item, open_venue))  # type: ignore[misc]
        short.wait()
    finally:
        forks.close()
    found = [next((item for item in shorter if item.seed == one.seed), one) for one in found]
    reached = Reached()
    for item in found:
        reached.merge(item.reached)
    ways = [goal for goal in goals(show) if goal.kind == "branches"]
    digest = hashlib.sha256("".join(f"{item.seed} {item.passed} {item.digest}\n" for item in found).encode()).hexdigest()
    return Stormed(seed, count, tuple(found), perf_counter() - wall, len(ways), reached.missed(ways), digest)


def _bases(show: Show, rehearsals: Sequence[Rehearsal], names: Sequence[str]) -> list[Rehearsal]:
    chosen = [next((item for item in rehearsals if name in (item.stem, item.name)), None) for name in names]
    missing = [name for name, item in zip(names, chosen, strict=True) if item is None]
    if missing:
        known = ", ".join(item.stem for item in rehearsals)
        raise ValueError(f"no rehearsal is called {missing[0]}; there are: {known or 'none'}")
    bases = [item for item in chosen if item is not None]
    if bases:
        return bases
    first = show.main_list or (show.lists[0].name if show.lists else "")
    if not first:
        raise ValueError("the show has no list to press GO on")
    return [Rehearsal(f"GO on {first}", "storm", (Step(GO_AT, "go", first),), length=LENGTH, place=show.list_named[first].place)]


def _audience(base: Rehearsal, member: Member, verdict: Verdict) -> Audience:
    guests, failures = member.rehearsal.guests, verdict.failures
    return Audience(member.seed, base.stem, guests, member.words, verdict.passed, verdict.digest, failures, None, verdict.reached)


def _short(show: Show, base: Rehearsal, failed: Audience, open_venue: Callable[[int], Venue]) -> Audience:
    """``failed`` with the shortest script that was found to fail in the same way."""
    rehearsal = with_audience(show, base, failed.seed).rehearsal
    stays = frozenset(base.steps)

    def fails(candidate: Rehearsal) -> tuple[Rehearsal, ...]:
        hand = StormStagehand(show, candidate, open_venue(candidate.seed))
        verdict = hand.run()
        same = any(_same(item, failed.failures[0]) for item in verdict.failures)
        void = {step for step in candidate.steps if step.words.startswith("guest ")} - set(hand.done)
        return (replace(candidate, steps=tuple(step for step in candidate.steps if step not in void)),) if same else ()

    first = failed.failures[0]
    kept = shrunk(rehearsal, stays, first.moment, fails)
    lines = tuple(line for line in kept.expectations if line.place.line == first.line and line.place.file == first.file)
    nevers = tuple(line for line in kept.nevers if line.place.line == first.line and line.place.file == first.file)
    short = replace(kept, name=f"{base.name}, audience {failed.seed}, made short", expectations=lines, nevers=nevers)
    return replace(failed, kept=short)


def _same(one: Failure, other: Failure) -> bool:
    """The same line did not hold (of a law: the same words)."""
    return (one.file, one.line) == (other.file, other.line) and one.message.split(";")[0] == other.message.split(";")[0]


__all__ = ["Audience", "Stormed", "storm"]
