"""The plan's clocks side by side, for rows by the thousand; ``clocks.Clock`` says what one of them means."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.show.instants import Instant

_ALWAYS: Final = -(1 << 62)
_NEVER: Final = 1 << 62
_ROOM: Final = 1 << 62
_MANY: Final = 256
_HIGH: Final = 1 << 16


class Lines:
    """Clock 0 (show time) and those of ``table``, by position."""

    def __init__(self, table: NDArray[np.void]) -> None:
        self._table = table
        self._lines = [(0, 0, 1, 1)] + [(anchor, position, num, den) for _, _, anchor, position, num, den in table.tolist()]
        self.ids = np.concatenate(([0], table["id"]))
        self.num = np.concatenate(([1], table["num"]))
        self._at: Instant | None = None
        self._local = np.zeros(0, np.int64)
        self._order = np.argsort(self.ids, kind="stable")
        self._sorted = self.ids[self._order]
        assert len(np.unique(self.ids)) == len(self.ids), "no clock stands twice, and clock 0 in no table"

    def index(self, ids: NDArray[np.int32]) -> NDArray[np.intp]:
        """The position of each clock of ``ids``."""
        if len(ids) > _MANY and self._sorted[-1] < _HIGH:
            found = self._place_of.take(ids, mode="clip")
        else:
            found = self._order[np.minimum(np.searchsorted(self._sorted, ids), len(self._sorted) - 1)]
        assert bool((self.ids[found] == ids).all()), "every row counts on a clock of the plan"
        return found

    @cached_property
    def _place_of(self) -> NDArray[np.intp]:
        """The same for every number up to the highest: one look for each, where many are asked for."""
        found = np.zeros(int(self._sorted[-1]) + 1, np.intp)
        found[self._sorted] = self._order
        return found

    def same(self, other: Lines, ids: NDArray[np.int32]) -> bool:
        """Whether the clocks ``ids`` (which are ours) are the same in ``other``."""
        there = other.ids.tolist()
        for number, at in zip(ids.tolist(), self.index(ids).tolist(), strict=True):
            if number not in there or other._lines[there.index(number)] != self._lines[at]:
                return False
        return True

    def local(self, now: Instant) -> NDArray[np.int64]:
        """Where every clock stands. Not to be written to: whoever asks for the same instant gets the same."""
        if now != self._at:
            every = [position + (now - anchor) * num // den for anchor, position, num, den in self._lines]
            self._at, self._local = now, np.array(every, np.int64)
        return self._local

    def local_of(self, number: int, now: Instant) -> int:
        """Where the one clock ``number`` stands."""
        if number == 0:
            return now
        anchor, position, num, den = self._lines[self.ids.tolist().index(number)]
        return int(position + (now - anchor) * num // den)

    def due(self, index: NDArray[np.intp], local: NDArray[np.int64]) -> NDArray[np.int64]:
        """The earliest instant at which each clock reads at least ``local``, however long ago; never for one standing short."""
        due = np.empty(len(index), np.int64)
        for n in np.flatnonzero(np.bincount(index, minlength=len(self._lines))).tolist():
            mine = index == n
            due[mine] = self._due(n, local[mine])
        return due

    def _due(self, n: int, local: NDArray[np.int64]) -> NDArray[np.int64]:
        anchor, position, num, den = self._lines[n]
        ahead = local - position
        if num == 0:
            return np.where(ahead > 0, _NEVER, _ALWAYS)
        if (int(np.abs(ahead).max(initial=0)) + 1) * den < _ROOM:
            return anchor - (-ahead * den // num)  # type: ignore[no-any-return]
        exact = [anchor - (-one * den // num) for one in ahead.tolist()]
        return np.array([min(max(one, _ALWAYS), _NEVER) for one in exact], np.int64)
