"""What a room noticed of kills: frames that are missing from the grid, bells rung twice or late, and whose fault it was.

Pure: arrivals (CLOCK_MONOTONIC, nanoseconds) and the journal's dispatches in, findings out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median_low

EARLY = 2_000_000
"""Nanoseconds by which an arrival may seem to precede its instant: two clocks were compared on the way."""
LATE = 20_000_000
"""Nanoseconds: a bell that rings so long after its instant is late."""
STEADY = 500_000
"""Frames within this are on their grid."""


@dataclass(frozen=True, slots=True)
class Span:
    """From a kill until all was well again."""

    since: int
    until: int

    def holds(self, since: int, until: int) -> bool:
        """Whether something between ``since`` and ``until`` happened in it."""
        return self.since <= until and since <= self.until


@dataclass
class Frames:
    """What became of a sender's grid: instants at which a frame was due, and none came."""

    received: int = 0
    missed: list[int] = field(default_factory=list)
    latest: int = 0
    """Nanoseconds after its instant."""
    off: int = 0
    """Frames more than half a period after their instant."""


def frames(arrivals: Sequence[int], period: int) -> Frames:
    """Each frame belongs to the last instant of the grid before it, so one that is late is late, and not another one missed.

    The grid is where most frames are early: nobody sends before the instant.
    """
    found = Frames(len(arrivals))
    if not arrivals:
        return found
    first = arrivals[0]
    phases = [(at - first + period // 2) % period - period // 2 for at in arrivals]
    middle = median_low(phases)
    near = [phase for phase in phases if abs(phase - middle) <= STEADY]
    origin = first + min(near)
    indices = [(at - origin + EARLY) // period for at in arrivals]
    for n in range(1, len(indices)):
        gap = indices[n - 1] - 1 not in indices[max(n - 2, 0) : n - 1]
        if indices[n] == indices[n - 1] and gap and n > 1:
            indices[n - 1] -= 1  # one that is late by nearly a period, and the next one in its time
    last = indices[0]
    for at, index in zip(arrivals, indices, strict=True):
        late = at - origin - index * period
        found.latest = max(found.latest, late)
        found.off += late > period // 2
        found.missed += [origin + n * period for n in range(last + 1, index)]
        last = max(last, index)
    return found


@dataclass
class Bells:
    """What became of everything that was to ring."""

    due: int = 0
    rung: int = 0
    doubled: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    """Due before a kill or while nobody was there, and rung afterwards."""
    tardy: list[str] = field(default_factory=list)
    """Late with nobody killed."""
    strange: list[str] = field(default_factory=list)
    """Rung, and no dispatch before it asked for that."""
    unsaid: list[str] = field(default_factory=list)
    """Not rung, and somebody was there."""
    silent: int = 0
    """Not rung, for nobody was there."""
    latest: int = 0


def bells(due: Iterable[tuple[int, int]], rung: Iterable[tuple[int, int]], dead: Sequence[Span]) -> Bells:
    """``due`` and ``rung``: instants and numbers. A ring belongs to the last dispatch of its number before it.

    What fell due while the engine was dead, or in the moment of the kill, need not have rung: it must not ring later.
    """
    found = Bells()
    of: dict[int, list[int]] = {}
    for at, which in sorted(due):
        of.setdefault(which, []).append(at)
        found.due += 1
    rings: dict[tuple[int, int], list[int]] = {}
    for at, which in rung:
        found.rung += 1
        instants = of.get(which, [])
        place = bisect_right(instants, at + EARLY) - 1
        if place < 0:
            found.strange.append(f"bell {which} at {at}")
        else:
            rings.setdefault((which, instants[place]), []).append(at)
    for which, instants in of.items():
        for instant in instants:
            ats = sorted(rings.get((which, instant), ()))
            words = f"bell {which}, due {instant}"
            if not ats:
                if any(span.holds(instant, instant + LATE) for span in dead):
                    found.silent += 1
                else:
                    found.unsaid.append(words)
                continue
            late = ats[0] - instant
            found.latest = max(found.latest, late)
            if late > LATE:
                told = found.late if any(span.holds(instant, ats[0]) for span in dead) else found.tardy
                told.append(f"{words}, rung {late / 1e6:.1f} ms after it")
            if len(ats) > 1:
                found.doubled.append(f"{words}, rung {', '.join(f'{(at - instant) / 1e6:.1f}' for at in ats)} ms after it")
    return found
