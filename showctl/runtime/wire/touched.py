"""What a change does to the universes that it touches, so that a GO does not wait for the rest of the room.

Worked out from the plan before the change and the change itself, for an instant; nothing is changed by it. So it may be done as
soon as a change is *announced*: the engine says what is coming while its journal writes it, and says the change itself once it is
written. Nothing of an announcement is ever shown; the change finds its work done, or does it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from showctl.light.masters import Masters
from showctl.light.part import Part
from showctl.light.plainly import plain_levels
from showctl.light.plan import Plan, PlanChange, RowKind, Rows, join, pick
from showctl.light.render import Rendering, prepare
from showctl.show.instants import Instant


class Piece:
    """Some universes of one block of the room: their ``slots``, and the ``part`` that draws them at any later instant.

    The part is made when it is asked for: by then the block itself may be ready.
    """

    def __init__(self, block: int, universes: NDArray[np.intp], slots: NDArray[np.uint8], make: Callable[[], Part]) -> None:
        self.block, self.universes, self.slots, self._make = block, universes, slots, make

    @cached_property
    def part(self) -> Part:
        return self._make()


@dataclass(frozen=True, eq=False, slots=True)
class Touched:
    """The universes that ``changes`` to ``before`` touch, as they leave them."""

    before: Plan
    changes: tuple[PlanChange, ...]
    pieces: tuple[Piece, ...]

    def follows(self, plan: Plan, changes: Sequence[PlanChange]) -> bool:
        """Whether it is what these ``changes`` do to ``plan``."""
        return self.before is plan and len(self.changes) == len(changes) and all(map(_same, self.changes, changes))

    def write(self, out: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Writes their slots to ``out``; which universes they are."""
        which = np.zeros(len(out), np.bool_)
        for piece in self.pieces:
            out[piece.universes] = piece.slots
            which[piece.universes] = True
        return which


class Toucher:
    """Works out what changes touch, for one room that is not in blocks."""

    def __init__(self, rendering: Rendering) -> None:
        self._rendering = rendering
        self._universe_of = rendering.universe_of
        self._universes = rendering.slots.universes
        self._walls = rendering.pixels.universes

    def touched(self, plan: Plan, changes: Sequence[PlanChange], now: Instant, masters: Masters | None = None) -> Touched | None:
        """None where they touch most of the room, or it cannot be told what: clocks, masters, spares, walls of pixels.

        ``masters`` are those of the plan, where they are at hand.
        """
        table = plan.table
        if not plain(changes):
            return None
        if (table.kind == RowKind.FOLLOW).any():  # a spare shows what another universe does
            return None
        which = np.zeros(self._universes, np.bool_)
        for change in changes:  # a row out is one of the table, or came in by a change before
            which[self._universe_of[change.rows_in["parameter"]]] = True
            if len(change.rows_out):
                at = np.searchsorted(table.id, change.rows_out)  # one that is not there touches some other: no harm
                which[self._universe_of[table.parameter[at[at < len(table)]]]] = True
        if 2 * np.count_nonzero(which) > self._universes or (which & self._walls).any():  # a wall is whole, or torn
            return None
        return Touched(plan, tuple(changes), (piece_of(self._rendering, plan, changes, which, now, masters),))


def piece_of(
    rendering: Rendering,
    plan: Plan,
    changes: Sequence[PlanChange],
    which: NDArray[np.bool_],
    now: Instant,
    masters: Masters | None,
    block: int = 0,
    first: int = 0,
) -> Piece:
    """The universes of ``rendering`` that ``which`` marks after ``changes`` to ``plan``; ``first`` is the number of its first."""
    lines = plan.lines
    rows = _rows_after(rendering, plan, changes, which)
    universes = np.flatnonzero(which)
    slots = np.empty((len(which), 512), np.uint8)
    piece = Piece(block, universes + first, slots, lambda: _part(rendering, plan, rows, which))
    levels = rendering.defaults.copy()
    if masters is not None and plain_levels(rows, lines, now, levels):
        masters.apply(levels, now)
        rendering.layout(which).write(levels, slots)
    else:
        piece.part.write(now, slots)
    piece.slots = slots[universes]
    return piece


def part_after(rendering: Rendering, plan: Plan, changes: Sequence[PlanChange], which: NDArray[np.bool_]) -> Part:
    """What draws those universes after ``changes`` to ``plan``."""
    return _part(rendering, plan, _rows_after(rendering, plan, changes, which), which)


def _part(rendering: Rendering, plan: Plan, rows: Rows, which: NDArray[np.bool_]) -> Part:
    some = Plan(rows, plan.clocks, plan.masters)
    some._lines = plan.lines
    return Part(prepare(rendering, some), which)


def _rows_after(rendering: Rendering, plan: Plan, changes: Sequence[PlanChange], which: NDArray[np.bool_]) -> Rows:
    rows = plan.table.pick(rendering.standing_in(which, plan.table.parameter))
    for change in changes:
        rows = _changed(rows, change)
    return rows


def _changed(rows: Rows, change: PlanChange) -> Rows:
    """A few rows after ``change``, ascending by id."""
    if len(change.rows_out) and len(rows):
        out = np.sort(change.rows_out)
        gone = out[np.minimum(np.searchsorted(out, rows["id"]), len(out) - 1)] == rows["id"]
        rows = pick(rows, ~gone) if gone.any() else rows
    if not len(change.rows_in) or not len(rows):
        return rows if len(rows) else change.rows_in
    both = join(rows, change.rows_in)
    return both if rows["id"][-1] < change.rows_in["id"][0] else both.take(np.argsort(both["id"], kind="stable"))


def plain(changes: Sequence[PlanChange]) -> bool:
    """Whether they say nothing of clocks and masters, which may concern any universe."""
    return not any(len(change.clocks) or change.clocks_out or len(change.masters) for change in changes)


def _same(a: PlanChange, b: PlanChange) -> bool:
    if not plain((b,)):
        return False  # of such nothing is worked out before
    return a.rows_in.tobytes() == b.rows_in.tobytes() and a.rows_out.tobytes() == b.rows_out.tobytes()
