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
from showctl.show.patch import Patch


@dataclass(frozen=True, eq=False, slots=True)
class Touched:
    """``slots`` of the universes that ``which`` marks, as ``changes`` leave them."""

    before: Plan
    changes: tuple[PlanChange, ...]
    which: NDArray[np.bool_]
    slots: NDArray[np.uint8]
    part: Part
    """What draws them at any later instant."""

    def follows(self, plan: Plan, changes: Sequence[PlanChange]) -> bool:
        """Whether it is what these ``changes`` do to ``plan``."""
        return self.before is plan and len(self.changes) == len(changes) and all(map(_same, self.changes, changes))


class Toucher:
    """Works out what changes touch, for one patch."""

    def __init__(self, patch: Patch, rendering: Rendering) -> None:
        self._rendering = rendering
        self._universe_of = rendering.universe_of
        self._universes = len(patch.universes)
        self._walls = rendering.pixels.universes

    def touched(self, plan: Plan, changes: Sequence[PlanChange], now: Instant) -> Touched | None:
        """None where they touch most of the room, or it cannot be told what: clocks, masters, spares, walls of pixels."""
        table = plan.table
        if any(len(change.clocks) or change.clocks_out or len(change.masters) for change in changes):
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
        some = Plan(table.pick(self._rendering.standing_in(which, table.parameter)), plan.clocks, plan.masters)
        for change in changes:
            some = apply(some, change)
        part = Part(prepare(self._rendering, some), which)
        slots = np.empty((self._universes, 512), np.uint8)
        part.write(now, slots)
        return Touched(plan, tuple(changes), which, slots, part)


def _same(a: PlanChange, b: PlanChange) -> bool:
    if len(b.clocks) or b.clocks_out or len(b.masters):
        return False  # of such nothing is worked out before
    return a.rows_in.tobytes() == b.rows_in.tobytes() and a.rows_out.tobytes() == b.rows_out.tobytes()
