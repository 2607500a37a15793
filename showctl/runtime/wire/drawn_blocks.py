"""A large room, drawn in blocks: each is made ready by itself between frames; all that a change concerns show it in one frame.

A small change shows at once: the universes that it touches are drawn over their block until that is ready, too. A master is
brought to bear in the next frame. What shows after the next break is worked out ahead. Nothing of this needs a thread: the
pieces are short, and whoever has time to spare asks for the next one (``work``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from showctl.light.blocks import Blocks
from showctl.light.clock_lines import Lines
from showctl.light.part import Part
from showctl.light.plainly import PARAMETER, Row
from showctl.light.plan import NO_ROWS, Plan, PlanChange
from showctl.light.render import Levels, Prepared, levels, next_change, prepare, shorten, update
from showctl.light.shards import Shards, Steps
from showctl.runtime.wire.check_rows import is_few
from showctl.runtime.wire.drawing import HORIZON, MOST_OVER, Between, nothing
from showctl.runtime.wire.few import after, leaving
from showctl.runtime.wire.touched import Piece, Touched, part_after, piece_of, plain
from showctl.show.instants import Instant

_MOST_ROWS = 2048
_MOST_UNIVERSES = 16
"""Of a change that is drawn before its blocks are ready."""


@dataclass(slots=True)
class _Batch:
    """Blocks that are made ready for ``plan``, and will show it together."""

    plan: Plan
    anchor: Instant
    overs: int
    """Of the small changes, so many are in it."""
    left: list[int]
    ready: dict[int, Prepared]
    waits: list[int]
    """What is ready but for the segment that shows now."""


class DrawnBlocks:
    """The room of ``blocks``. Without ``patient`` everything is ready at once."""

    def __init__(self, blocks: Blocks, *, patient: bool) -> None:
        self._blocks, self._patient = blocks, patient
        self._plan, self._anchor = blocks.empty(), 0
        self._drawn: list[Prepared | None] = [None] * len(blocks.all)
        self._drawn_anchor: Instant = 0
        self._right: list[Lines | None] = [None] * len(blocks.all)
        """The clocks by which each block is known to be drawn right."""
        self._renders: list[Instant | None] = [None] * len(blocks.all)
        self._settled = True
        """Every block shows the plan, or a batch is on its way."""
        self._batch: _Batch | None = None
        self._long: list[int] = []
        """Blocks that may be drawn by a shorter way."""
        self._over: list[tuple[int, Piece]] = []
        self._overs = 0
        self._masters = self._plan
        """The plan whose masters are drawn."""
        self._foreseen: Instant = 0
        """Until then, all breaks are worked out that come."""
        self._next, self._earliest = 0, 0
        """Up to which block that was looked at, and the earliest break that was found."""

    # --- What shall show ----------------------------------------------------------------------------------------------

    def take(self, plan: Plan) -> Steps[Plan]:
        return (yield from self._blocks.sharded(plan))

    def show(self, plan: Plan, anchor: Instant, *, seen: bool = False) -> None:  # noqa: ARG002 - blocks always wait
        if plan is self._plan and anchor == self._anchor:
            return
        if anchor != self._anchor:  # another count of time: nothing of the old one is to be mixed with it
            self._batch = None
        self._plan, self._anchor, self._settled = plan, anchor, False

    def show_at_once(self, plan: Plan, anchor: Instant, now: Instant) -> None:
        self._batch = None
        self.show(plan, anchor)
        self._finish(now)

    def hold(self) -> None:
        self._batch, self._settled = None, True
        self._renders = [None] * len(self._renders)
        self._over.clear()

    @property
    def ready(self) -> bool:
        return self._drawn[0] is not None

    @property
    def shows_later(self) -> bool:
        return self._patient

    # --- Small changes ------------------------------------------------------------------------------------------------

    def touched(self, plan: Plan, changes: Sequence[PlanChange], local: Instant) -> Touched | None:
        if len(changes) == 1 and (found := self._few(plan, changes[0], local)) is not None:
            return found
        table, places, blocks = plan.table, self._blocks.places, self._blocks
        if not isinstance(table, Shards) or not self.ready or self._anchor != self._drawn_anchor or not plain(changes):
            return None
        if sum(len(change.rows_in) + len(change.rows_out) for change in changes) > _MOST_ROWS:
            return None
        came = [places.split(change.rows_in) for change in changes]
        gone = table.find(
            [number for change in changes for number in change.rows_out.tolist()], [*{k: 0 for of in came for k in of}]
        )
        pieces = []
        for number in dict.fromkeys((*(number for of in came for number in of), *gone)):
            block = blocks.all[number]
            which = np.zeros(block.behind - block.first, np.bool_)
            for of in came:
                if number in of:
                    which[block.rendering.universe_of[of[number]["parameter"]]] = True
            if number in gone:
                which[block.rendering.universe_of[gone[number]]] = True
            pieces.append((number, which))
        if sum(np.count_nonzero(which) for _, which in pieces) > _MOST_UNIVERSES:
            return None
        made = []
        for number, which in pieces:
            own = [PlanChange(c.instant, c.rows_out, of[number]) if number in of else PlanChange(c.instant, c.rows_out)
                   for c, of in zip(changes, came, strict=True)]  # fmt: skip
            block, drawn = blocks.all[number], self._drawn[number]
            masters = drawn.masters if drawn is not None and self._same_masters(plan, self._masters) else None
            own_plan = blocks.plan_of(plan, number)
            made.append(piece_of(block.rendering, own_plan, own, which, local, masters, number, block.first))
        return Touched(plan, tuple(changes), tuple(made))

    def _few(self, plan: Plan, change: PlanChange, local: Instant) -> Touched | None:
        """The same where that takes little: what is drawn is what ``plan`` says, and few rows change."""
        table, places = plan.table, self._blocks.places
        if not is_few(change) or not isinstance(table, Shards) or not self._same_masters(plan, self._masters):
            return None
        if not self._settled or self._batch is not None or self._anchor != self._drawn_anchor:
            return None
        coming: dict[int, dict[int, list[Row]]] = {}
        for row in change.listed:
            own = coming.setdefault(int(places.block_of[row[PARAMETER]]), {})
            own.setdefault(int(places.within[row[PARAMETER]]), []).append(row)
        left, pieces = set(change.rows_out.tolist()), []
        out = frozenset(left)
        for number, rows in coming.items():
            block, drawn = self._blocks.all[number], self._drawn[number]
            if drawn is None or drawn.plan.table is not table.parts[number] or self._right[number] is not plan.lines:
                return None
            if (going := leaving(drawn.plan.table, left)) is None:
                return None
            left -= going.keys()
            for parameter in going.values():
                rows.setdefault(parameter, [])
            if (found := after(drawn, plan.lines, drawn.masters, rows, out, local)) is None:
                return None
            which, slots = found
            later = partial(self._drawn_later, plan, change, number, which)
            pieces.append(Piece(number, which.nonzero()[0] + block.first, slots, later))
        return Touched(plan, (change,), tuple(pieces)) if not left else None  # what goes elsewhere, too, is looked for

    def _drawn_later(self, plan: Plan, change: PlanChange, number: int, which: NDArray[np.bool_]) -> Part:
        rows = self._blocks.places.split(change.rows_in).get(number, NO_ROWS)
        own = PlanChange(change.instant, change.rows_out, rows)
        return part_after(self._blocks.all[number].rendering, self._blocks.plan_of(plan, number), (own,), which)

    def over(self, touched: Touched, slots: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
        if len(self._over) + len(touched.pieces) > MOST_OVER:
            return None
        self._overs += 1
        for piece in touched.pieces:  # whatever lies wholly beneath it is seen no more
            self._over = [(n, old) for n, old in self._over if not np.isin(old.universes, piece.universes).all()]
            self._over.append((self._overs, piece))
        return touched.write(slots)

    # --- Frames -------------------------------------------------------------------------------------------------------

    def render(self, slots: NDArray[np.uint8], now: Instant, between: Between = nothing) -> NDArray[np.bool_] | None:
        if not self._patient:
            self._finish(now)
        self._bring_masters(now)
        changed = np.zeros(len(slots), np.bool_)
        local = now - self._drawn_anchor
        for number, block in enumerate(self._blocks.all):
            at, prepared = self._renders[number], self._drawn[number]
            if at is None or at > now or prepared is None:
                continue
            some = update(prepared, local, slots[block.first : block.behind])
            if prepared.fade is None:
                change = next_change(prepared, local)
                self._renders[number] = None if change is None else max(change + self._drawn_anchor, now + 1)
            if prepared.may_shorten:
                self._long.append(number)
            changed[block.first : block.behind] |= True if some is None else some
            between()
        for _, piece in self._over:
            block = self._blocks.all[piece.block]
            piece.part.write(now - self._anchor, slots[block.first : block.behind])
            changed[piece.universes] = True
        return changed

    @property
    def renders_at(self) -> Instant | None:
        if self._over or not self._settled or self._batch is not None:
            return 0
        return min((at for at in self._renders if at is not None), default=None)

    def levels(self, now: Instant) -> Levels:
        found = self._blocks.rendering.defaults.copy()
        for block, prepared in zip(self._blocks.all, self._drawn, strict=True):
            if prepared is not None:
                found[block.members] = levels(prepared, now - self._drawn_anchor)
        for _, piece in self._over:
            own = self._blocks.all[piece.block].members
            found[own[piece.part.parameters]] = levels(piece.part.prepared, now - self._anchor)[piece.part.parameters]
        return found

    # --- What is made ready between them ------------------------------------------------------------------------------

    def work(self, now: Instant) -> bool:
        if self._batch is not None:
            self._make_ready(self._batch, now)
            return True
        if not self._settled:
            self._begin()
            return True
        return self._foresee(now) or self._shorten(now)

    def _shorten(self, now: Instant) -> bool:
        """Looks for a shorter way to draw one block."""
        if not self._long:
            return False
        prepared = self._drawn[self._long.pop()]
        if prepared is not None and prepared.may_shorten:
            shorten(prepared, now - self._drawn_anchor)
        return bool(self._long)

    def _begin(self) -> None:
        """What differs from what shall show is made ready from now on."""
        self._settled = True
        left = [number for number in range(len(self._drawn)) if self._differs(number)]
        if left:
            self._batch = _Batch(self._plan, self._anchor, self._overs, left, {}, [])
        elif self._anchor == self._drawn_anchor:
            self._over.clear()

    def _differs(self, number: int) -> bool:
        drawn, table, lines = self._drawn[number], self._plan.table, self._plan.lines
        assert isinstance(table, Shards)
        if drawn is None or drawn.plan.table is not table.parts[number] or self._anchor != self._drawn_anchor:
            return True
        if self._right[number] is lines or drawn.lines.same(lines, drawn.clocks):
            self._right[number] = lines
            return False
        return True

    def _make_ready(self, batch: _Batch, now: Instant) -> None:
        local = now - batch.anchor
        if batch.waits:
            number = batch.waits.pop()
            shorten(batch.ready[number], local)  # compiles what shows now
        elif batch.left:
            number = batch.left.pop()
            made = batch.ready[number] = prepare(self._blocks.all[number].rendering, self._blocks.plan_of(batch.plan, number))
            batch.waits.append(number)
            _ = made.stack, made.parked, made.plan.table.id, made.plan.table.parameter  # the first GO does not wait for them
        if not batch.left and not batch.waits:
            self._swap(batch, now)

    def _swap(self, batch: _Batch, now: Instant) -> None:
        if batch.anchor != self._drawn_anchor or not self.ready:
            self._masters = batch.plan
        for number, made in batch.ready.items():
            self._drawn[number] = self._under_masters(made, batch.plan)
            self._right[number], self._renders[number] = batch.plan.lines, now
        self._drawn_anchor, self._batch, self._foreseen, self._next = batch.anchor, None, 0, 0
        self._over = [(number, piece) for number, piece in self._over if number > batch.overs]

    def _finish(self, now: Instant) -> None:
        while self._batch is not None or not self._settled:
            self.work(now)

    def _bring_masters(self, now: Instant) -> None:
        """Masters need no rows: they are brought to bear on what is drawn, unless the plan is another one altogether."""
        plan, shown = self._plan, self._masters
        if plan is shown or self._anchor != self._drawn_anchor:
            return
        self._masters = plan
        if self._same_masters(plan, shown):
            return
        for number, drawn in enumerate(self._drawn):
            if drawn is not None:
                self._drawn[number] = drawn.mastered(Plan(drawn.plan.table, plan.clocks, plan.masters))
                self._renders[number] = now
        self._over = [
            (n, Piece(piece.block, piece.universes, piece.slots, partial(_mastered, piece.part, plan))) for n, piece in self._over
        ]

    def _under_masters(self, made: Prepared, plan: Plan) -> Prepared:
        """``made`` of ``plan``, under the masters that are drawn."""
        drawn = self._masters
        return made if self._same_masters(plan, drawn) else made.mastered(Plan(made.plan.table, drawn.clocks, drawn.masters))

    @staticmethod
    def _same_masters(one: Plan, other: Plan) -> bool:
        return one.masters is other.masters and (one.clocks is other.clocks or not len(one.masters))

    def _foresee(self, now: Instant) -> bool:
        """Works out one break that comes."""
        local = now - self._drawn_anchor
        if local < self._foreseen:
            return False
        if self._next == 0:
            self._earliest = local + HORIZON // 2
        while self._next < len(self._drawn):
            drawn = self._drawn[self._next]
            till = None if drawn is None else drawn.foresee(local, local + HORIZON)
            if drawn is not None and till is None:
                return True
            self._earliest = min(self._earliest, self._earliest if till is None else till)
            self._next += 1
        self._next, self._foreseen = 0, self._earliest
        return False


def _mastered(part: Part, plan: Plan) -> Part:
    prepared = part.prepared
    return Part(prepared.mastered(Plan(prepared.plan.table, plan.clocks, plan.masters)), part.universes)
