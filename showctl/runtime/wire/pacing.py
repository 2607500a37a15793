"""When a universe is sent: on change, a few times more, and then often enough that nobody thinks us dead.

One `Pacing` answers for the universes of one protocol. It knows what each was last told and when, so a change that had to
wait (for the rate, for a node to appear) goes out as soon as it may. Hazard universes are never suppressed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.runtime.wire.drawing import Between, nothing
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant
from showctl.show.patch import Universe

REPEATS: Final = 3  # E1.31-2018 6.6.2, "three packets containing the non-changing" levels follow the last change
KEEP_ALIVE: Final = 800 * MILLISECOND  # E1.31-2018 6.6.2, 800 to 1000 ms; Art-Net 4, ArtDmx: the same, to converge with sACN
MINIMUM_INTERVAL: Final = SECOND // 44  # E1.31-2018 6.6.1 by E1.11: a full packet takes 22.7 ms of cable
_AT_ONCE: Final = 256
"""Universes of a part."""
_NEVER: Final = -(1 << 60)


class Pacing:
    """Knows what universes were last told, and when. ``continuous[n]``: universe n is sent in every frame.

    ``told`` is where their levels stand as they were last sent, a row of 512 for each; whoever sends writes them there.
    """

    def __init__(self, told: NDArray[np.uint8], continuous: NDArray[np.bool_]) -> None:
        count = len(told)
        self.last = np.full(count, _NEVER, np.int64)
        self.repeats = np.full(count, REPEATS, np.int64)
        self.pending = np.ones(count, np.bool_)
        self.audible = np.ones(count, np.bool_)
        """Universes that somebody listens to."""
        self.told = told
        self._told_pairs = told.view(np.uint16)
        self.continuous = continuous

    def look(self, slots: NDArray[np.uint8], which: NDArray[np.bool_] | None = None, between: Between = nothing) -> None:
        """Takes note of which universes differ from what they were last told; only ``which`` can have changed since.

        ``between`` is called all along.
        """
        for some in parts(len(slots)) if which is None or which.all() else parts(which.nonzero()[0]):
            differs = _pairs(slots[some]) != self._told_pairs[some]
            self.pending[some] = differs.any(axis=1) | (self.last[some] == _NEVER)
            between()

    def due(self, now: Instant) -> NDArray[np.intp]:
        """The universes to be sent in the frame of ``now``."""
        age = now - self.last
        wanted = self.pending | (self.repeats > 0) | self.continuous | (age >= KEEP_ALIVE)
        return np.flatnonzero(wanted & (age >= MINIMUM_INTERVAL) & self.audible)

    def at_rest(self, now: Instant, frame: Duration) -> NDArray[np.intp]:
        """The universes that differ and were last sent at least one ``frame`` ago: they may go out between two frames."""
        age = now - self.last
        return np.flatnonzero(self.pending & (age >= max(frame, MINIMUM_INTERVAL)) & self.audible)

    def sent(self, which: NDArray[np.intp], slots: NDArray[np.uint8], now: Instant, between: Between = nothing) -> None:
        """``which`` go out at ``now``: they are told ``slots``. ``between`` is called all along."""
        some = span(which)
        self.repeats[some] = np.where(self.pending[some], REPEATS, np.maximum(self.repeats[some] - 1, 0))
        self.pending[some] = False
        self.last[some] = now  # from here on nobody sends them between two frames
        for part in parts(which):
            self.told[part] = slots[part]
            between()

    def speaks_at_once(self, row: int, slots: NDArray[np.uint8], age: Duration, frame: Duration) -> bool:
        """Whether universe ``row``, last sent ``age`` ago, may go out between two frames, and says something new by ``slots``."""
        if age < frame or age < MINIMUM_INTERVAL or not self.audible[row]:
            return False
        return bool(self.told[row].tobytes() != slots.tobytes())

    def left(self, row: int, slots: NDArray[np.uint8], now: Instant) -> None:
        """Universe ``row`` went out at ``now``, with other levels than before."""
        self.repeats[row], self.pending[row], self.last[row], self.told[row] = REPEATS, False, now, slots

    def again(self, which: int | slice) -> None:
        """Somebody new listens: the levels are repeated as after a change."""
        self.repeats[which] = REPEATS

    def take_over(self, older: Pacing, rows: Iterable[tuple[int, int]]) -> None:
        """Row ``mine`` was told what row ``theirs`` of ``older`` was told, for each (mine, theirs)."""
        for mine, theirs in rows:
            self.last[mine], self.repeats[mine] = older.last[theirs], older.repeats[theirs]
            self.pending[mine], self.told[mine] = older.pending[theirs], older.told[theirs]

    def next_due(self) -> Instant | None:
        """When something must be sent although no level moves; repeats of what never rests are not counted."""
        if not self.audible.any():
            return None
        soon = self.pending | (self.repeats > 0)
        return int((self.last + np.where(soon, MINIMUM_INTERVAL, KEEP_ALIVE))[self.audible].min())


def span(which: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """``which`` (ascending, each once), as a slice where they stand side by side: no copying then."""
    if len(which) and which[-1] - which[0] == len(which) - 1:
        return slice(int(which[0]), int(which[-1]) + 1)
    return which


def parts(which: NDArray[np.intp] | int) -> Iterator[slice | NDArray[np.intp]]:
    """``which`` (or all of so many) in parts that take no tenth of a millisecond, each as ``span`` has it."""
    if isinstance(which, int):
        yield from (slice(first, first + _AT_ONCE) for first in range(0, which, _AT_ONCE))
    else:
        yield from (span(which[first : first + _AT_ONCE]) for first in range(0, len(which), _AT_ONCE))


def _pairs(slots: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Two slots in a word: compared sooner. (In a packet levels stand at an even place, and at no rounder one.)"""
    return np.ascontiguousarray(slots).view(np.uint16)


def places(universes: Sequence[Universe]) -> slice | NDArray[np.intp]:
    """Where ``universes`` stand among all of the show: a slice (no copying) where they stand side by side."""
    index = np.array([universe.index for universe in universes], np.intp)
    return span(index) if (np.diff(index) > 0).all() else index
