"""The plan: light as rows that are functions of time, in parameter space, 16-bit, before any master.

The engine adds and takes away rows; the wire process renders them. A row says: from local instant ``start`` of ``clock``,
over ``duration``, ``parameter`` goes from ``source`` to ``target`` by ``curve`` for this ``owner`` of this ``list``. A
*change* carries rows in and the ids of rows out, clocks and masters, and the instant from which it holds. Both sides hold
the same plan, so what is sent is small and a frame needs no judgement. ``render.py`` turns a plan into levels and slots.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.clock_lines import Lines
from showctl.light.table import Rows as Rows
from showctl.light.table import Table
from showctl.light.table import join as join
from showctl.light.table import pick as pick
from showctl.show.instants import Instant


class RowKind(IntEnum):
    """What a row does to its parameter, in the order in which the pipeline looks at kinds."""

    SET = 0
    """Goes to ``target`` and stays there."""
    RELEASE = 1
    """Goes from ``source`` to whatever is underneath, and then is not there."""
    EFFECT = 2
    """Relative: swings by ``size`` about what is beneath."""
    CHASE = 3
    """Absolute: moves between ``source`` (low) and ``target`` (high)."""
    OVERRIDE = 4
    """Grabbed by a person: wins over every list."""
    PARK = 5
    """Held, after every master."""
    FOLLOW = 6
    """A spare shows what parameter ``target`` shows after every master; a hand or a park is above it."""


ROW: Final = np.dtype(
    [
        ("id", "<i8"),  # unique and ascending in the order of activation: LTP goes by it
        ("start", "<i8"),  # local instant on the clock; before it the row is not there
        ("duration", "<i8"),
        ("until", "<i8"),  # show instant after which `safe` shows instead (hazards); 0: no end
        ("period", "<i8"),  # effects
        ("entry", "<i8"),  # effects: fade-in
        ("ends", "<i8"),  # effects: local instant at which the fade-out begins; 0: not yet
        ("exit", "<i8"),  # effects: fade-out
        ("parameter", "<i4"),
        ("owner", "<i4"),
        ("clock", "<i4"),
        ("source", "<i4"),
        ("target", "<i4"),
        ("safe", "<i4"),
        ("size", "<i4"),
        ("phase", "<i4"),  # 0..65535, a turn
        ("width", "<i4"),  # 0..65535, the lit part of the turn
        ("seed", "<u4"),  # effects; of a setting, the number of the target that it follows
        ("list", "<i2"),
        ("priority", "<i2"),
        ("kind", "u1"),
        ("curve", "u1"),
        ("wave", "u1"),
        ("htp", "u1"),  # 1: meets lists of equal priority highest takes precedence (intensity only)
        ("element", "<i4"),  # effects: which one of the selection, for RANDOM
    ]
)

CLOCK: Final = np.dtype([("id", "<i4"), ("pad", "<i4"), ("anchor", "<i8"), ("position", "<i8"), ("num", "<i8"), ("den", "<i8")])
"""``local = position + (now - anchor) * num // den``. Clock 0 is show time and stands in no table."""


class MasterKind(IntEnum):
    """GRAND, BLACKOUT (0 or FULL) and INHIBITIVE scale intensities; ADDITIVE brings in its look at its level."""

    GRAND = 0
    BLACKOUT = 1
    INHIBITIVE = 2
    ADDITIVE = 3


MASTER: Final = np.dtype(
    [
        ("id", "<i4"),  # 0 grand, 1 blackout, 2.. submaster index + 2
        ("kind", "<i4"),
        ("source", "<i4"),
        ("target", "<i4"),
        ("clock", "<i4"),
        ("pad", "<i4"),
        ("start", "<i8"),
        ("duration", "<i8"),
    ]
)


def _frozen(array: NDArray[np.void]) -> NDArray[np.void]:
    array.flags.writeable = False
    return array


NO_ROWS: Final = _frozen(np.empty(0, ROW))
NO_CLOCKS: Final = _frozen(np.empty(0, CLOCK))
NO_MASTERS: Final = _frozen(np.empty(0, MASTER))
NO_IDS: Final[NDArray[np.int64]] = np.empty(0, np.int64)


class Plan:
    """Everything that light is doing; never changed. Two plans are the same when their bytes are (``same_as``)."""

    __slots__ = ("_lines", "clocks", "masters", "table")

    def __init__(
        self, rows: Rows | Table = NO_ROWS, clocks: NDArray[np.void] = NO_CLOCKS, masters: NDArray[np.void] = NO_MASTERS
    ) -> None:
        self.table = rows if isinstance(rows, Table) else Table(rows)
        self.clocks = clocks
        self.masters = masters
        self._lines: Lines | None = None

    @property
    def rows(self) -> Rows:
        """All rows, side by side: for who wants them all. Who looks for some asks the ``table``."""
        return self.table.rows

    @property
    def lines(self) -> Lines:
        """What the clocks say."""
        if self._lines is None:
            self._lines = Lines(self.clocks)
        return self._lines

    def same_as(self, other: Plan) -> bool:
        return (
            self.rows.tobytes() == other.rows.tobytes()
            and self.clocks.tobytes() == other.clocks.tobytes()
            and self.masters.tobytes() == other.masters.tobytes()
        )


@dataclass(frozen=True, eq=False)
class PlanChange:
    """What becomes of the plan at ``instant``: rows out (by id), rows in, clocks and masters that replace their namesakes.

    ``clocks_out`` are the ids of clocks that nothing counts on any more.
    """

    instant: Instant
    rows_out: NDArray[np.int64] = field(default_factory=lambda: NO_IDS)
    rows_in: Rows = field(default_factory=lambda: NO_ROWS)
    clocks: NDArray[np.void] = field(default_factory=lambda: NO_CLOCKS)
    clocks_out: tuple[int, ...] = ()
    masters: NDArray[np.void] = field(default_factory=lambda: NO_MASTERS)

    @cached_property
    def listed(self) -> list[tuple[int, ...]]:
        """The rows that come in as Python's own numbers: for who looks at a few."""
        return list(self.rows_in.tolist())

    def __bool__(self) -> bool:
        return bool(len(self.rows_out) or len(self.rows_in) or len(self.clocks) or self.clocks_out or len(self.masters))


def apply(plan: Plan, change: PlanChange) -> Plan:
    """The plan after ``change``. Rows out that are not there are ignored; rows stay ascending by id."""
    table = plan.table
    if len(change.rows_out) or len(change.rows_in):
        table = table.changed(change.rows_out, change.rows_in)
    return applied(plan, change, table)


def applied(plan: Plan, change: PlanChange, table: Table) -> Plan:
    """The same where ``table`` is what its rows make of the plan's."""
    clocks = _merged(plan.clocks, change.clocks, change.clocks_out)
    after = Plan(table, clocks, _merged(plan.masters, change.masters, ()))
    if clocks is plan.clocks:
        after._lines = plan._lines
    return after


def _merged(old: NDArray[np.void], new: NDArray[np.void], gone: Iterable[int]) -> NDArray[np.void]:
    gone = tuple(gone)
    if not len(new) and not gone:
        return old
    kept = old[~np.isin(old["id"], np.concatenate((new["id"], np.array(gone, np.int32))))]
    table = np.concatenate((kept, new))
    return _frozen(table[np.argsort(table["id"], kind="stable")])
