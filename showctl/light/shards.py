"""Rows in shards, one for each block of a large room: a change costs what its blocks hold, not what the room holds.

A large change is brought in by short steps (``changing``); the table comes with the last one. To everybody else it is a ``Table``
like any other; who asks for a whole column pays for it, once. Rows of spares (``FOLLOW``) look into other blocks, so a table
that takes one is whole again.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from showctl.light.plan import NO_ROWS, Plan, PlanChange, RowKind, applied, apply
from showctl.light.table import Rows, Table

PIECE: Final = 8192
"""Rows that one step reads."""
_FEW: Final = 64
"""Ids that are looked for one after the other."""
Made = TypeVar("Made")
Steps = Generator[None, None, Made]
"""Work in short steps; what is made comes at the end."""


class Places:
    """Which block each parameter stands in, and where."""

    def __init__(self, block_of: NDArray[np.intp], members: Sequence[NDArray[np.intp]]) -> None:
        """``members`` are the parameters of each block, ascending."""
        self.block_of, self.members = block_of, tuple(members)
        self.within = np.zeros(len(block_of), np.int32)
        for each in members:
            self.within[each] = np.arange(len(each))

    def split(self, rows: Rows) -> dict[int, Rows]:
        """Those rows by their block, with the parameters counted in it."""
        blocks = self.block_of[rows["parameter"]]
        found: dict[int, Rows] = {}
        for block in np.flatnonzero(np.bincount(blocks)).tolist() if len(rows) else ():
            some = rows.take(np.flatnonzero(blocks == block))
            some["parameter"] = self.within[some["parameter"]]
            found[block] = some
        return found


class Shards(Table):
    """One table for each block; ``parts`` count parameters in their block."""

    __slots__ = ("_places", "parts")

    def __init__(self, places: Places, parts: Sequence[Table]) -> None:
        self._places, self.parts = places, tuple(parts)
        self._rows = None

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    @property
    def rows(self) -> Rows:
        """All of them, side by side."""
        if self._rows is None:
            found = []
            for members, part in zip(self._places.members, self.parts, strict=True):
                found.append(part.rows.copy())
                found[-1]["parameter"] = members[found[-1]["parameter"]]
            whole = joined(found)
            self._rows = whole.take(np.argsort(whole["id"], kind="stable"))
            self._rows.flags.writeable = False
        return self._rows

    def pick(self, which: NDArray[np.bool_]) -> Rows:
        """A copy of the rows that ``which`` marks."""
        return self.rows.take(np.flatnonzero(which))

    def changed(self, out: NDArray[np.int64], rows: Rows) -> Table:
        """Without the ids ``out``, and with ``rows``."""
        return finished(self.changing(out, rows))

    def changing(self, out: NDArray[np.int64], rows: Rows) -> Steps[Table]:
        """The same in short steps."""
        if len(rows) <= PIECE and (rows["kind"] == RowKind.FOLLOW).any():
            return Table(self.rows).changed(out, rows)
        found: dict[int, list[Rows]] = {}
        for first in range(0, len(rows), PIECE):
            piece = rows[first : first + PIECE]
            if (piece["kind"] == RowKind.FOLLOW).any():
                return Table(self.rows).changed(out, rows)
            for block, some in self._places.split(piece).items():
                found.setdefault(block, []).append(some)
            if len(rows) > PIECE:
                yield
        parts = list(self.parts)
        few = len(out) <= _FEW
        left = np.sort(out)
        for block in (*found, *(block for block in range(len(parts)) if block not in found)):
            come = found.pop(block, [])
            gone = _found(parts[block].id, left)
            if len(gone) or come:
                parts[block] = parts[block].changed(gone, joined(come))
            if not few or len(rows) > PIECE:
                yield
            elif len(gone):
                left = _without(left, gone)
            if not found and not len(left):
                break
        return Shards(self._places, parts)

    def find(self, ids: Sequence[int], first: Sequence[int]) -> dict[int, NDArray[np.int32]]:
        """The blocks in which rows of these ``ids`` stand, with their parameters there; ``first`` are looked at first."""
        left, found = np.array(sorted(ids), np.int64), {}
        for block in (*first, *(block for block in range(len(self.parts)) if block not in first)):
            if not len(left):
                break
            part = self.parts[block]
            if len(own := _found(part.id, left)):
                found[block] = part.parameter[np.searchsorted(part.id, own)]
                left = _without(left, own)
        return found

    @classmethod
    def of(cls, places: Places, rows: Rows) -> Steps[Table]:
        """``rows`` in shards; a plain table where some are of spares."""
        empty = cls(places, [Table(NO_ROWS)] * len(places.members))
        return (yield from empty.changing(np.empty(0, np.int64), rows))


def applying(plan: Plan, change: PlanChange) -> Steps[Plan]:
    """``apply`` in short steps, where the plan is in shards."""
    if not isinstance(plan.table, Shards):
        return apply(plan, change)
    table = yield from plan.table.changing(change.rows_out, change.rows_in)
    return applied(plan, change, table)


def finished(steps: Steps[Made]) -> Made:
    """What ``steps`` make, in one go."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: Made = end.value
            return made


def _found(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of ``wanted`` that are among ``ids``; both ascend."""
    if not len(ids) or not len(wanted):
        return ids[:0]
    few, many = (wanted, ids) if len(wanted) < len(ids) else (ids, wanted)
    at = np.minimum(np.searchsorted(many, few), len(many) - 1)
    return np.asarray(few[many[at] == few], np.int64)


def _without(ids: NDArray[np.int64], gone: NDArray[np.int64]) -> NDArray[np.int64]:
    """A few ``ids`` without those that are gone, both ascending."""
    staying = np.ones(len(ids), np.bool_)
    staying[np.searchsorted(ids, gone)] = False
    return ids[staying]


def joined(pieces: Sequence[Rows]) -> Rows:
    """One array of all ``pieces``, copied as bytes, for the fields of rows are many."""
    if len(pieces) <= 1:
        return pieces[0] if pieces else NO_ROWS
    return np.concatenate([np.ascontiguousarray(piece).view(np.uint8) for piece in pieces]).view(NO_ROWS.dtype)
