"""What a change does to the universes that it touches, so that a GO does not wait for the rest of the room.

Worked out from the plan before the change and the change itself, for an instant; nothing is changed by it. So it may be done as
soon as a change is *announced*: the engine says what is coming while its journal writes it, and says the change itself once it is
written. Nothing of an announcement is ever shown; the change finds its work done, or does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from showctl.light.part import Part
from showctl.light.plan import Plan, PlanChange, RowKind, apply
from showctl.light.render import Rendering, prepare
from showctl.show.instants import Instant


@dataclass(frozen=True, eq=False, slots=True)
class Piece:
    """Some universes of one block of the room: their ``slots``, and the ``part`` that draws them at any later instant."""

    block: int
    universes: NDArray[np.intp]
    slots: NDArray[np.uint8]
    part: Part


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

    def touched(self, plan: Plan, changes: Sequence[PlanChange], now: Instant) -> Touched | None:
        """None where they touch most of the room, or it cannot be told what: clocks, masters, spares, walls of pixels."""
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
        return Touched(plan, tuple(changes), (piece_of(self._rendering, plan, changes, which, now),))


def piece_of(
    rendering: Rendering, plan: Plan, changes: Sequence[PlanChange], which: NDArray[np.bool_], now: Instant, block: int = 0
) -> Piece:
    """The universes of ``rendering`` that ``which`` marks after ``changes`` to ``plan``, numbered as ``rendering`` does."""
    table = plan.table
    some = Plan(table.pick(rendering.standing_in(which, table.parameter)), plan.clocks, plan.masters)
    some._lines = plan._lines
    for change in changes:
        some = apply(some, change)
    part = Part(prepare(rendering, some), which)
    slots = np.empty((len(which), 512), np.uint8)
    part.write(now, slots)
    universes = np.flatnonzero(which)
    return Piece(block, universes, slots[universes], part)


def plain(changes: Sequence[PlanChange]) -> bool:
    """Whether they say nothing of clocks and masters, which may concern any universe."""
    return not any(len(change.clocks) or change.clocks_out or len(change.masters) for change in changes)


def _same(a: PlanChange, b: PlanChange) -> bool:
    if not plain((b,)):
        return False  # of such nothing is worked out before
    return a.rows_in.tobytes() == b.rows_in.tobytes() and a.rows_out.tobytes() == b.rows_out.tobytes()
