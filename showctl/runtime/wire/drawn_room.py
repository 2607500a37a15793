"""One room, drawn whole or in blocks; a large one in which spares are at work is drawn whole until the next whole plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from showctl.light.plan import Plan, PlanChange
from showctl.light.render import Levels, Rendering
from showctl.light.shards import Shards, Steps, finished
from showctl.runtime.wire.drawing import Between, Drawing, blocks_of, nothing
from showctl.runtime.wire.drawn_blocks import DrawnBlocks
from showctl.runtime.wire.drawn_whole import DrawnWhole
from showctl.runtime.wire.touched import Touched
from showctl.show.instants import Instant
from showctl.show.patch import Patch
from showctl.show.show import Submaster


class DrawnRoom:
    """The room of ``patch``. Without ``patient`` everything is ready at once, as rehearsal wants it."""

    def __init__(self, patch: Patch, submasters: tuple[Submaster, ...], *, patient: bool) -> None:
        self.rendering = Rendering(patch, submasters)
        self._patient = patient
        self._blocks = blocks_of(self.rendering) if patient else None
        self._now: Drawing = self._made(in_blocks=self._blocks is not None)
        self._coming: Drawing | None = None
        """The other way, until it has something to show."""

    def _made(self, *, in_blocks: bool) -> Drawing:
        if in_blocks:
            assert self._blocks is not None, "only plans for blocks are in shards"
            return DrawnBlocks(self._blocks, patient=self._patient)
        return DrawnWhole(self.rendering, patient=self._patient)

    def _for(self, plan: Plan) -> Drawing:
        """Which of both is to show ``plan``."""
        in_blocks = isinstance(plan.table, Shards)
        for one in (self._coming, self._now):
            if one is not None and isinstance(one, DrawnBlocks) == in_blocks:
                return one
        self._coming = self._made(in_blocks=in_blocks)
        return self._coming

    def take(self, plan: Plan) -> Steps[Plan]:
        if self._blocks is not None:
            return (yield from self._blocks.sharded(plan))
        return plan

    def show(self, plan: Plan, anchor: Instant, *, seen: bool = False) -> None:
        chosen = self._for(plan)
        chosen.show(plan, anchor, seen=seen and chosen is self._now)
        if chosen is self._now:
            self._coming = None

    def show_at_once(self, plan: Plan, anchor: Instant, now: Instant) -> None:
        plan = finished(self.take(plan))
        chosen = self._for(plan)
        chosen.show_at_once(plan, anchor, now)
        self._now, self._coming = chosen, None

    def hold(self) -> None:
        self._now.hold()
        self._coming = None

    @property
    def ready(self) -> bool:
        return self._now.ready

    @property
    def shows_later(self) -> bool:
        return self._now.shows_later

    def touched(self, plan: Plan, changes: Sequence[PlanChange], local: Instant) -> Touched | None:
        return None if self._coming is not None else self._now.touched(plan, changes, local)

    def over(self, touched: Touched, slots: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
        return None if self._coming is not None else self._now.over(touched, slots)

    def render(self, slots: NDArray[np.uint8], now: Instant, between: Between = nothing) -> NDArray[np.bool_] | None:
        if self._coming is not None:
            self._coming.render(slots, now, between)
            if self._coming.ready:
                self._now, self._coming = self._coming, None
                return None
        return self._now.render(slots, now, between)

    @property
    def renders_at(self) -> Instant | None:
        return 0 if self._coming is not None else self._now.renders_at

    def levels(self, now: Instant) -> Levels:
        return self._now.levels(now)

    def work(self, now: Instant) -> bool:
        return (self._coming or self._now).work(now)
