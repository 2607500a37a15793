"""Masters: levels over everything that plays. They scale intensities only, so a move in the dark stays where it is going.

In this order: additive submasters bring in their intensities (highest), then inhibitive ones, the grand master and
blackout scale. Blackout at FULL is dark, at 0 (or never said) it does nothing; the grand master and inhibitive submasters
are at FULL, additive ones at 0, until said otherwise. A master's row is a straight fade on a clock. Last of all come the floors:
the light by which people find their way is never lower, whatever cues and masters say; only a person who parks it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.clocks import Clock, clock_of
from showctl.light.curves import between, progress
from showctl.light.plan import MASTER, MasterKind, Plan
from showctl.light.slots import scaled
from showctl.show.instants import Duration, Instant
from showctl.show.levels import FULL, Level
from showctl.show.show import Submaster

GRAND: Final = 0
BLACKOUT: Final = 1
FIRST_SUBMASTER: Final = 2
"""A submaster's id is this plus its index."""

NEVER: Final = 1 << 62
_ORDER: Final = (MasterKind.ADDITIVE, MasterKind.INHIBITIVE, MasterKind.GRAND, MasterKind.BLACKOUT)


def resting(kind: MasterKind) -> Level:
    """Where a master stands that nobody has touched: where it does nothing."""
    return 0 if kind in (MasterKind.BLACKOUT, MasterKind.ADDITIVE) else FULL


def master_level(plan: Plan, number: int, kind: MasterKind, now: Instant) -> Level:
    """Where a master stands now."""
    for row in plan.masters[plan.masters["id"] == number]:
        return _master(plan, row, np.empty(0, np.intp)).level(now)
    return resting(kind)


def master_row(
    number: int, kind: MasterKind, source: Level, target: Level, clock: int, start: Duration, over: Duration
) -> NDArray[np.void]:
    """A table of one, as a plan change carries it."""
    return np.array([(number, kind, source, target, clock, 0, start, over)], MASTER)


@dataclass(slots=True)
class _Master:
    kind: MasterKind
    parameters: NDArray[np.intp]
    clock: Clock
    source: Level
    target: Level
    start: Duration
    duration: Duration

    def level(self, now: Instant) -> Level:
        return between(self.source, self.target, progress(self.clock.local(now) - self.start, self.duration))


def _master(plan: Plan, row: np.void, parameters: NDArray[np.intp]) -> _Master:
    clock = clock_of(plan.clocks, int(row["clock"]))
    source, target, start, duration = (int(row[name]) for name in ("source", "target", "start", "duration"))
    return _Master(MasterKind(int(row["kind"])), parameters, clock, source, target, start, duration)


class Masters:
    """The masters of ``plan`` over a patch whose intensities are ``intensity``."""

    def __init__(
        self,
        plan: Plan,
        submasters: tuple[Submaster, ...],
        intensity: NDArray[np.bool_],
        floors: tuple[tuple[int, Level], ...] = (),
    ) -> None:
        self._low = np.array([parameter for parameter, _ in floors], np.intp)
        self._floor = np.array([level for _, level in floors], np.int32)
        everything = np.flatnonzero(intensity)
        table: list[_Master] = []
        for row in plan.masters:
            number = int(row["id"])
            if number >= FIRST_SUBMASTER:
                own = np.array(submasters[number - FIRST_SUBMASTER].parameters, np.intp)
                own = own[intensity[own]]
            else:
                own = everything
            table.append(_master(plan, row, own))
        self._masters = sorted(table, key=lambda m: _ORDER.index(m.kind))  # stable: by id within a kind

    def __len__(self) -> int:
        return len(self._masters) + len(self._low)

    def only(self, which: NDArray[np.bool_]) -> Masters:
        """The same over those parameters alone that ``which`` marks."""
        some = Masters.__new__(Masters)
        some._masters = [replace(master, parameters=master.parameters[which[master.parameters]]) for master in self._masters]
        some._low, some._floor = self._low[which[self._low]], self._floor[which[self._low]]
        return some

    def apply(self, levels: NDArray[np.int32], now: Instant) -> None:
        """Brings every master to bear on ``levels``."""
        for master in self._masters:
            level = master.level(now)
            if level == resting(master.kind):
                continue
            beneath = levels[master.parameters]
            if master.kind is MasterKind.ADDITIVE:
                levels[master.parameters] = np.maximum(beneath, level)
            else:
                levels[master.parameters] = scaled(beneath, FULL - level if master.kind is MasterKind.BLACKOUT else level)
        if len(self._low):
            levels[self._low] = np.maximum(levels[self._low], self._floor)

    def rest_until(self, now: Instant) -> Instant | None:
        """Until when (exclusively) every master does nothing; None where one does something now."""
        till = self.next_change(now)
        if till == now or len(self._low) or any(master.level(now) != resting(master.kind) for master in self._masters):
            return None
        return NEVER if till is None else till

    def next_change(self, now: Instant) -> Instant | None:
        """``now`` while one moves, else when the next one begins to, None when none will."""
        found: Instant | None = None
        for master in self._masters:
            local = master.clock.local(now)
            over = local >= master.start + master.duration
            if over or master.source == master.target or not master.clock.running:
                continue
            if local >= master.start:
                return now
            due = master.clock.due(master.start)
            if due is not None and (found is None or due < found):
                found = due
        return found
