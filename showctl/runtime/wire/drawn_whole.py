"""A small room, drawn whole: its plan is made ready in the frame that shows it, or before, where there is time.

What a small change does is drawn over the plan before it, so that neither the GO nor a frame that is due in a moment waits for
the rest of the room; the plan that holds it is made ready after that frame.

A plan that is too large for that, of a room that cannot be in blocks (walls of pixels, spares), is made ready on a thread
beside the frames (``beside.py``); until then small changes are drawn over what shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from showctl.light.plainly import PARAMETER, Row
from showctl.light.plan import Plan, PlanChange
from showctl.light.render import Levels, Prepared, Rendering, levels, next_change, prepare, shorten, update
from showctl.light.shards import Steps
from showctl.light.stack import ALWAYS
from showctl.runtime.wire.beside import Beside
from showctl.runtime.wire.check_rows import is_few
from showctl.runtime.wire.drawing import MOST_OVER, Between, nothing
from showctl.runtime.wire.few import after, leaving
from showctl.runtime.wire.touched import Piece, Touched, Toucher, part_after
from showctl.show.instants import Instant


class DrawnWhole:
    """The room of ``rendering``. Without ``patient`` everything is ready at once."""

    def __init__(self, rendering: Rendering, *, patient: bool) -> None:
        self._rendering, self._patient = rendering, patient
        self._plan, self._anchor = Plan(), 0
        self._prepared: Prepared | None = None
        """What is drawn, counted on ``_drawn_anchor``; until the first one is ready the slots stay as they are."""
        self._drawn_anchor: Instant = 0
        self._stale = True
        self._can_wait = False
        """What the plan changes is drawn over what shows: it may be made ready after the next frame."""
        self._renders_at: Instant | None = None
        self._toucher = Toucher(rendering)
        self._beside = Beside(rendering, threaded=patient)
        self._over: list[tuple[int, Piece]] = []
        """What small changes touch, each with its number: drawn over it until a plan that holds them is ready."""
        self._overs = 0

    # --- What shall show ----------------------------------------------------------------------------------------------

    def take(self, plan: Plan) -> Steps[Plan]:
        yield from ()
        return plan

    def show(self, plan: Plan, anchor: Instant, *, seen: bool = False) -> None:
        if plan is self._plan and anchor == self._anchor:
            return
        if anchor != self._anchor:
            self._beside.forget()
        self._can_wait = seen and self._patient and (self._can_wait or not self._stale) and not self._beside.wants(plan)
        self._plan, self._anchor, self._stale = plan, anchor, True

    def show_at_once(self, plan: Plan, anchor: Instant, now: Instant) -> None:
        self._beside.forget()
        self.show(plan, anchor)
        self._draw(prepare(self._rendering, plan), anchor, now)

    def hold(self) -> None:
        self._stale, self._can_wait, self._renders_at = False, False, None

    @property
    def ready(self) -> bool:
        return self._prepared is not None or not self._beside.wants(self._plan)

    @property
    def shows_later(self) -> bool:
        return self._beside.wants(self._plan)

    # --- Small changes ------------------------------------------------------------------------------------------------

    def touched(self, plan: Plan, changes: Sequence[PlanChange], local: Instant) -> Touched | None:
        if self._stale and not self._can_wait and not self._beside.wants(plan):
            return None  # it will be drawn in the next frame
        drawn = self._prepared
        if len(changes) == 1 and drawn is not None and (found := self._few(drawn, plan, changes[0], local)) is not None:
            return found
        same = drawn is not None and drawn.plan.masters is plan.masters and drawn.plan.clocks is plan.clocks
        return self._toucher.touched(plan, changes, local, drawn.masters if drawn is not None and same else None)

    def _few(self, drawn: Prepared, plan: Plan, change: PlanChange, local: Instant) -> Touched | None:
        """The same where that takes little: what is drawn is ``plan``, and few rows change."""
        if not is_few(change) or drawn.plan is not plan or self._over or self._anchor != self._drawn_anchor:
            return None
        if drawn.since != ALWAYS:
            return None
        out = frozenset(change.rows_out.tolist())
        if (going := leaving(plan.table, out)) is None:
            return None
        coming: dict[int, list[Row]] = {parameter: [] for parameter in going.values()}
        for row in change.listed:
            coming.setdefault(row[PARAMETER], []).append(row)
        if (found := after(drawn, plan.lines, drawn.masters, coming, out, local)) is None:
            return None
        which, slots = found
        if 2 * np.count_nonzero(which) > len(which):
            return None  # most of the room: the next frame draws it all
        later = partial(part_after, self._rendering, plan, (change,), which)
        return Touched(plan, (change,), (Piece(0, np.flatnonzero(which), slots, later),))

    def over(self, touched: Touched, slots: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
        if self._patient:
            if len(self._over) >= MOST_OVER:
                return None
            self._overs += 1
            self._over.append((self._overs, touched.pieces[0]))
            self._renders_at = 0
        return touched.write(slots)

    # --- Frames -------------------------------------------------------------------------------------------------------

    def render(self, slots: NDArray[np.uint8], now: Instant, between: Between = nothing) -> NDArray[np.bool_] | None:
        between()
        if not self._can_wait:
            self._bring(now)
        prepared = self._prepared
        if prepared is None or self._renders_at is None or self._renders_at > now:
            return np.zeros(len(slots), np.bool_)
        local = now - self._drawn_anchor
        changed = update(prepared, local, slots)
        change = next_change(prepared, local)
        self._renders_at = None if change is None else max(change + self._drawn_anchor, now + 1)
        for _, piece in self._over:
            piece.part.write(now - self._anchor, slots)
            changed = None if changed is None else changed | piece.part.universes
            self._renders_at = now + 1
        return changed

    @property
    def renders_at(self) -> Instant | None:
        return 0 if self._stale else self._renders_at

    def levels(self, now: Instant) -> Levels:
        if self._stale and not self._beside.wants(self._plan):
            self._bring(now)
        if self._prepared is None:
            self._prepared, self._drawn_anchor = prepare(self._rendering, Plan()), self._anchor
        return levels(self._prepared, now - self._drawn_anchor)

    def work(self, now: Instant) -> bool:
        """Whole rooms are made ready in one piece, or on their thread."""
        if not self._stale and self._prepared is not None and self._prepared.may_shorten:
            shorten(self._prepared, now - self._drawn_anchor)
        if not self._stale or self._beside.wants(self._plan) or self._prepared is None:
            return False
        self._bring(now)
        next_change(self._prepared, now - self._drawn_anchor)
        return False

    # --- Inside -------------------------------------------------------------------------------------------------------

    def _bring(self, now: Instant) -> None:
        if (ready := self._beside.take()) is not None:
            self._over = [(number, piece) for number, piece in self._over if number > ready.overs]
            self._set(ready.prepared, ready.anchor, now)
        if not self._stale:
            return
        plan = self._plan
        if not self._beside.wants(plan):
            self._beside.forget()
            since = ALWAYS if self._patient else now - self._anchor  # small changes are looked for in whole stacks
            self._draw(prepare(self._rendering, plan, since), self._anchor, now)
        elif self._prepared is not None and not self._over and (same := self._prepared.under(plan)) is not None:
            self._set(same, self._anchor, now)  # a master or so: the rows are ready
            self._stale = False
        elif not self._beside.busy:
            self._beside.ask(plan, self._anchor, self._overs, now - self._anchor)
            self._stale = False

    def _draw(self, prepared: Prepared, anchor: Instant, now: Instant) -> None:
        self._over.clear()
        self._set(prepared, anchor, now)
        self._stale = self._can_wait = False

    def _set(self, prepared: Prepared, anchor: Instant, now: Instant) -> None:
        self._prepared, self._drawn_anchor, self._renders_at = prepared, anchor, now
