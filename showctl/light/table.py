"""The rows of a plan, kept so that a change costs what it changes and not what stands.

A row is wide and there are thousands, so nothing here copies or reads them all: those of a change lie in a small block beside
the great one, rows that left stay where they are until the blocks are made one, and what rows are looked for by (``id``,
``parameter``, ``list``, ``kind``) stands in columns of its own. A ``Table`` is never changed: ``changed`` gives another one,
that shares the great block with it.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Rows: TypeAlias = NDArray[np.void]
"""A one-dimensional array of ``ROW``, ascending by ``id``; never written to once made."""

COLUMNS: Final = ("id", "parameter", "list", "kind")
BESIDE: Final = 256
"""Rows that may lie beside a small great block before both become one; beside a larger one, an eighth of it."""


class Table:
    """Rows in ascending order of ``id``. The columns are read, never written."""

    __slots__ = ("_beside", "_block", "_place", "_rows", "id", "kind", "list", "parameter")

    def __init__(self, rows: Rows) -> None:
        self._block, self._beside = rows, rows[:0]
        self._place: NDArray[np.intp] = np.arange(len(rows))
        """Of each row: where it lies in the block, or, counted on, beside it."""
        self._rows: Rows | None = rows
        self.id: NDArray[np.int64]
        self.parameter: NDArray[np.int32]
        self.list: NDArray[np.int16]
        self.kind: NDArray[np.uint8]

    def __getattr__(self, name: str) -> Any:
        """A column that was not asked for yet: who passes a great table on need not read it."""
        if name not in COLUMNS:
            raise AttributeError(name)
        setattr(self, name, np.ascontiguousarray(self.rows[name]))
        return getattr(self, name)

    def __len__(self) -> int:
        return len(self._place)

    @property
    def rows(self) -> Rows:
        """All of them, side by side."""
        if self._rows is None:
            rows = self._at(self._place)
            rows.flags.writeable = False
            self._rows = rows
        return self._rows

    def pick(self, which: NDArray[np.bool_]) -> Rows:
        """A copy of the rows that ``which`` marks."""
        return self._at(self._place[which])

    def changed(self, out: NDArray[np.int64], rows: Rows) -> Table:
        """Without the ids ``out`` (those that are not there do not matter), and with ``rows``."""
        table: Table = object.__new__(Table)
        table._block, table._beside, table._rows = self._block, self._beside, None
        if len(rows) == len(out) and (places := self._replaced(out, rows)) is not None:
            table._place, table.id, table.parameter = places, self.id, self.parameter
            table.list, table.kind = self.list, self.kind
            table._beside = join(self._beside, rows)
            return table._compact()
        columns: list[NDArray[Any]] = [self._place, self.id, self.parameter, self.list, self.kind]
        if len(out):
            staying = np.flatnonzero(_staying(self.id, out))
            columns = [column.take(staying) for column in columns]
        if len(rows):
            place = len(self._block) + len(self._beside) + np.arange(len(rows))
            new = (place, rows["id"], rows["parameter"], rows["list"], rows["kind"])
            late = len(columns[1]) and columns[1][-1] > rows["id"][0]
            columns = [np.concatenate(both) for both in zip(columns, new, strict=True)]
            if late:  # rows that replace others come under the ids of those
                order = np.argsort(columns[1], kind="stable")
                columns = [column.take(order) for column in columns]
            table._beside = join(self._beside, rows)
        table._place, table.id, table.parameter, table.list, table.kind = columns
        return table._compact()

    def _replaced(self, out: NDArray[np.int64], rows: Rows) -> NDArray[np.intp] | None:
        """Where every row lies once ``rows`` stand for those of the same ids ``out``; None where they are about other things."""
        at = np.searchsorted(self.id, out)
        if not len(at) or at[-1] >= len(self.id) or not (np.array_equal(rows["id"], out) and np.array_equal(self.id[at], out)):
            return None
        if not all(np.array_equal(rows[name], getattr(self, name)[at]) for name in COLUMNS[1:]):
            return None
        places = self._place.copy()
        places[at] = len(self._block) + len(self._beside) + np.arange(len(rows))
        return places

    def _compact(self) -> Table:
        """The same, in one block where too much lies beside it."""
        if len(self._beside) <= max(BESIDE, len(self._block) // 8):
            return self
        table = Table(self.rows)
        table.id, table.parameter, table.list, table.kind = self.id, self.parameter, self.list, self.kind
        return table

    def _at(self, place: NDArray[np.intp]) -> Rows:
        """``take`` copies whole rows; a mask as the index goes field by field, 30 times slower."""
        count = len(self._block)
        beside = place >= count
        if not beside.any():
            return self._block.take(place)
        both = np.empty(len(place), self._block.dtype)
        older, newer = place[~beside], place[beside] - count
        self._block.take(older, out=both[: len(older)], mode="clip")  # they are all there; "raise" would copy once more
        self._beside.take(newer, out=both[len(older) :], mode="clip")
        if (beside[:-1] & ~beside[1:]).any():  # one of the block after one beside it
            both = both.take(np.argsort(np.argsort(beside, kind="stable"), kind="stable"))
        return both


def pick(rows: Rows, which: NDArray[np.bool_]) -> Rows:
    """The rows that ``which`` marks, copied whole."""
    return rows.take(np.flatnonzero(which))


def join(first: Rows, second: Rows) -> Rows:
    """One array of both, copied as bytes, for the fields of rows are many."""
    kind = first.dtype
    both = np.empty(len(first) + len(second), kind)
    space = both.view(np.uint8)
    space[: len(first) * kind.itemsize] = np.ascontiguousarray(first).view(np.uint8)
    space[len(first) * kind.itemsize :] = np.ascontiguousarray(second).view(np.uint8)
    return both


def _staying(ids: NDArray[np.int64], gone: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows stay when the ids ``gone`` leave: ids ascend, so each is found by halving."""
    staying = np.ones(len(ids), np.bool_)
    at = np.searchsorted(ids, gone)
    there = at < len(ids)
    there[there] = ids[at[there]] == gone[there]
    staying[at[there]] = False
    return staying


def touched(size: int, parameters: NDArray[Any] | list[int]) -> NDArray[np.bool_]:
    """A mark for each of ``size`` parameters: whether it is one of ``parameters``."""
    found = np.zeros(size, np.bool_)
    found[parameters] = True
    return found
