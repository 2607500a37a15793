"""The one pipeline from a plan to what the room looks like: ``render(plan, now)``, whole numbers, the same bytes everywhere.

Rows -> winner within a list -> priority, HTP and LTP between lists -> effects -> overrides (all that: ``stack.py``) ->
masters (``masters.py``) -> spares -> park -> virtual dimmer x colour, inversion, slots (``slots.py``); walls of pixels
(``pixels.py``). Nothing else merges.

``prepare`` once for every change of the plan; then ask it for any instant (from ``since`` on, where that was said), in any
order. A ``Prepared`` keeps what it last worked out, which no answer depends on; it belongs to one thread.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from showctl.light.masters import Masters
from showctl.light.one_fade import OneFade, one_fade
from showctl.light.part import Part, moving_universes
from showctl.light.pixels import Pixels, Run
from showctl.light.plan import Plan, RowKind, pick
from showctl.light.slots import SLOTS, Slots, SlotsPart
from showctl.light.stack import ALWAYS, NEVER, Segment, Stack
from showctl.show.fixtures import Family, Hazard
from showctl.show.instants import Instant
from showctl.show.patch import Patch
from showctl.show.show import Submaster

Levels = NDArray[np.int32]
_MOST_LAYOUTS = 256
_FEW = 16
"""Universes up to which it is quicker to look at each."""


class Rendering:
    """What rendering needs to know of a show, worked out once."""

    def __init__(self, patch: Patch, submasters: tuple[Submaster, ...] = ()) -> None:
        parameters = patch.parameters
        self.submasters = submasters
        self.floors = patch.floors
        """(parameter, level) of light that no cue and no master takes lower."""
        self.size = len(parameters)
        self.scratch: Levels | None = None
        """Room for the levels of every plan that is made ready, where one thread asks them all; else each has its own."""
        self.defaults: Levels = np.array([p.channel.default for p in parameters], np.int32)
        self.intensity = np.array([p.family is Family.INTENSITY for p in parameters], np.bool_)
        self.snap = np.array([p.channel.snap for p in parameters], np.bool_)
        self.hazard = np.array([p.hazard is not Hazard.NONE for p in parameters], np.bool_)
        self.slots = Slots(patch)
        self.pixels = Pixels(patch)
        heads = [(p.fixture, p.cell) for p in parameters]
        numbers = {head: number for number, head in enumerate(dict.fromkeys(heads))}
        self.element = np.array([numbers[head] for head in heads], np.int32)
        """Which cell each parameter belongs to, counted through the patch."""
        home = [patch.universe_keyed[fixture.universe].index for fixture in patch.fixtures]
        self.universe_of = np.array([home[p.fixture] for p in parameters], np.intp)
        """The universe in which each parameter goes out (a wall of pixels has more of them)."""
        self._find(len(patch.universes))

    def only(self, universes: NDArray[np.bool_]) -> Rendering:
        """What rendering needs to know of some universes, which carry no pixels: they and their parameters count from 0."""
        members = np.flatnonzero(universes[self.universe_of])
        some = Rendering.__new__(Rendering)
        some.size, some.scratch = len(members), None
        names = ("defaults", "intensity", "snap", "hazard", "element")
        some.defaults, some.intensity, some.snap, some.hazard, some.element = (getattr(self, name)[members] for name in names)
        mine = [np.intersect1d(members, np.array(master.parameters, np.intp)) for master in self.submasters]
        some.submasters = tuple(
            replace(master, parameters=tuple(np.searchsorted(members, own).tolist()))
            for master, own in zip(self.submasters, mine, strict=True)
        )
        numbered = {old: new for new, old in enumerate(members.tolist())} if self.floors else {}
        some.floors = tuple((numbered[parameter], level) for parameter, level in self.floors if parameter in numbered)
        some.slots = self.slots.only(universes, members)
        some.pixels = Pixels.none(some.slots.universes)
        some.universe_of = (np.cumsum(universes) - 1)[self.universe_of[members]]
        some._find(some.slots.universes)
        return some

    def _find(self, universes: int) -> None:
        """Where each universe's parameters stand."""
        self._layouts: dict[bytes, SlotsPart] = {}
        self._first = np.full(universes, self.size, np.intp)
        self._behind = np.zeros(universes, np.intp)
        np.minimum.at(self._first, self.universe_of, np.arange(self.size))
        np.maximum.at(self._behind, self.universe_of, np.arange(1, self.size + 1))
        count = np.bincount(self.universe_of, minlength=len(self._first))
        self._together = bool((count == np.maximum(self._behind - self._first, 0)).all())
        """The parameters of each universe are numbered side by side."""
        for array in (self.defaults, self.intensity, self.snap, self.hazard, self.element, self.universe_of):
            array.flags.writeable = False

    def standing_in(self, universes: NDArray[np.bool_], parameters: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which of ``parameters`` stand in the universes that ``universes`` marks."""
        some = np.flatnonzero(universes)
        if not self._together or len(some) > _FEW:
            return np.asarray(universes[self.universe_of[parameters]], np.bool_)
        found = np.zeros(len(parameters), np.bool_)
        for first, behind in zip(self._first[some].tolist(), self._behind[some].tolist(), strict=True):
            found |= (parameters >= first) & (parameters < behind)
        return found

    def members(self, universes: NDArray[np.bool_]) -> NDArray[np.intp]:
        """All parameters that stand in the universes that ``universes`` marks."""
        some = np.flatnonzero(universes)
        if not self._together or len(some) > _FEW:
            return np.flatnonzero(universes[self.universe_of])
        ranges = zip(self._first[some].tolist(), self._behind[some].tolist(), strict=True)
        return np.concatenate([np.zeros(0, np.intp), *(np.arange(first, behind, dtype=np.intp) for first, behind in ranges)])

    def layout(self, universes: NDArray[np.bool_]) -> SlotsPart:
        """How the universes that ``universes`` marks are written; those that were asked for lately are known."""
        key = universes.tobytes()
        if (known := self._layouts.get(key)) is None:
            if len(self._layouts) >= _MOST_LAYOUTS:
                self._layouts.clear()
            known = self._layouts[key] = SlotsPart(self.slots, universes, self.members(universes), self.universe_of)
        return known

    def prepare(self, plan: Plan) -> Prepared:
        """``plan``, ready to be asked."""
        return Prepared(self, plan)

    def levels(self, prepared: Prepared, now: Instant) -> Levels:
        """Every parameter's level before any master."""
        return levels(prepared, now)

    def output(self, prepared: Prepared, now: Instant, out: NDArray[np.uint8]) -> None:
        """Writes every universe's slots to ``out``, one row of 512 for each."""
        output(prepared, now, out)


class Prepared:
    """A plan compiled into contiguous columns."""

    def __init__(self, rendering: Rendering, plan: Plan, since: Instant = ALWAYS) -> None:
        self.rendering = rendering
        self.plan = plan
        self.since = since
        """Nobody asks for an instant before: what has come to rest by then is in no stack."""
        self.lines = plan.lines
        self._segments: list[Segment | None] = [None, None]
        self._coming: list[Segment | None] = [None, None]
        """The segments after those, where they were worked out ahead (``foresee``)."""
        self.scratch: Levels = np.empty(rendering.size, np.int32) if rendering.scratch is None else rendering.scratch
        self.frame: NDArray[np.uint8] | None = None
        """The slots at ``frame_from`` and, as nothing moves, until just before ``frame_till``."""
        self.frame_from: Instant = 0
        self.frame_till: Instant = 0
        self.part: Part | None = None
        """What moves while what stood in ``out`` at ``drawn_from`` stands, until just before ``drawn_till`` (``update``)."""
        self.drawn_from: Instant = 0
        self.drawn_till: Instant = 0
        self.fade: OneFade | None = None
        """All that moves for a while, if it is as plain as that (``shorten``)."""
        self.may_shorten = False
        """It was not looked for yet."""
        self._still: tuple[Instant, Instant, NDArray[np.bool_]] | None = None
        """From and until when which universes stand still."""
        self.whole_till: Instant = ALWAYS
        """Until then most of the room moves: a part of it is not worth the while."""

    # Made when first asked for: the engine prepares a plan for every cue and asks of its own rows only.

    @cached_property
    def stack(self) -> Stack:
        """Every row but the parked, those of spares, and those that rest since before ``since``."""
        rows, defaults = self.plan.rows, self.rendering.defaults
        apart = self.plan.table.kind >= RowKind.PARK
        if self.since != ALWAYS:
            rests = self._rests()
            defaults = defaults.copy()
            defaults[self.plan.table.parameter[rests]] = rows["target"][rests]
            apart |= rests
        return Stack(pick(rows, ~apart) if apart.any() else rows, self.lines, defaults, self.rendering.intensity)

    def _rests(self) -> NDArray[np.bool_]:
        """Which rows have arrived by ``since``, stay for good, and are all that there is of their parameter."""
        rows, table = self.plan.rows, self.plan.table
        found = (table.kind == RowKind.SET) & (rows["until"] == 0)
        if len(found):
            found &= np.bincount(table.parameter)[table.parameter] == 1
            found &= self.lines.local(self.since)[self.lines.index(rows["clock"])] >= rows["start"] + rows["duration"]
        return np.asarray(found, np.bool_)

    @cached_property
    def parked(self) -> Stack | None:
        """The parked rows, if any."""
        rows = pick(self.plan.rows, self.plan.rows["kind"] == RowKind.PARK)
        return Stack(rows, self.lines, self.rendering.defaults, self.rendering.intensity) if len(rows) else None

    @cached_property
    def following(self) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
        """The parameters of spares, and those that they stand in for, if any. One that a hand holds follows nobody."""
        rows = self.plan.rows
        if not (rows["kind"] == RowKind.FOLLOW).any():
            return None
        follow = rows[rows["kind"] == RowKind.FOLLOW]
        held = rows["parameter"][(rows["kind"] == RowKind.OVERRIDE) | ((rows["kind"] <= RowKind.CHASE) & (rows["list"] < 0))]
        follow = follow[~np.isin(follow["parameter"], held)]
        return follow["parameter"].astype(np.intp), follow["target"].astype(np.intp)

    @cached_property
    def clocks(self) -> NDArray[np.int32]:
        """The clocks that rows count on."""
        return np.unique(self.plan.rows["clock"])

    @cached_property
    def on_walls(self) -> tuple[tuple[Run, ...], ...]:
        """What plays on each wall of pixels."""
        return self.rendering.pixels.runs(self.plan)

    @cached_property
    def masters(self) -> Masters:
        """Everything that scales intensity."""
        return Masters(self.plan, self.rendering.submasters, self.rendering.intensity, self.rendering.floors)

    def under(self, plan: Plan) -> Prepared | None:
        """``plan`` ready to be asked, where nothing but masters is other than in ours; None where rows or clocks are."""
        if plan.table is not self.plan.table or plan.clocks is not self.plan.clocks:
            return None
        return self.mastered(plan)

    def mastered(self, plan: Plan) -> Prepared:
        """Our rows and clocks under the masters of ``plan``, whatever its rows and clocks are."""
        same = Prepared(self.rendering, plan, self.since)
        same.lines = self.lines
        same.stack, same.parked, same.following = self.stack, self.parked, self.following
        same._segments, same._coming = self._segments, self._coming
        return same

    def foresee(self, now: Instant, horizon: Instant) -> Instant | None:
        """When the next break is; None: it comes before ``horizon``, and what shows then was worked out just now."""
        earliest = NEVER
        for n, stack in ((0, self.stack), (1, self.parked)):
            if stack is None:
                continue
            till = self._segment(n, stack, now).till
            known = self._coming[n]
            if till < horizon and (known is None or known.since != till):
                self._coming[n] = stack.segment(till)
                return None
            earliest = min(earliest, till)
        return earliest

    def segment(self, now: Instant) -> Segment:
        """What shows around ``now``."""
        return self._segment(0, self.stack, now)

    def parked_segment(self, now: Instant) -> Segment | None:
        """What is parked around ``now``."""
        return self._segment(1, self.parked, now) if self.parked is not None else None

    def still(self, now: Instant) -> NDArray[np.bool_] | None:
        """The universes whose levels stand still around ``now``, masters apart; None where that is not worked out yet."""
        known = self._still
        if known is None or not known[0] <= now < known[1]:
            segments = [kept for kept in self._segments if kept is not None and kept.since <= now < kept.till]
            if len(segments) != 1 + (self.parked is not None):
                return None
            since, till = max(each.since for each in segments), min(each.till for each in segments)
            known = self._still = since, till, ~moving_universes(self, now)
        return known[2]

    def _segment(self, n: int, stack: Stack, now: Instant) -> Segment:
        kept = self._segments[n]
        if kept is None or not kept.since <= now < kept.till:
            coming = self._coming[n]
            if coming is None or not coming.since <= now < coming.till:
                coming = stack.segment(now)
            kept = self._segments[n] = coming
        return kept


def prepare(rendering: Rendering, plan: Plan, since: Instant = ALWAYS) -> Prepared:
    """``plan``, ready to be asked: with ``since`` for instants from then on only, which is sooner done where most has arrived."""
    return Prepared(rendering, plan, since)


def levels(prepared: Prepared, now: Instant, into: Levels | None = None) -> Levels:
    """Every parameter's level before any master and park."""
    segment = prepared.segment(now)
    found = np.empty_like(segment.base) if into is None else into
    if not segment.covered:
        found[:] = segment.base
    if segment.moving:
        local = prepared.lines.local(now)
        for layer in segment.moving:
            layer.apply(found, local)
    return found


def level_at(prepared: Prepared, now: Instant, parameters: NDArray[np.intp] | None = None) -> Levels:
    """``levels`` of some parameters: what a fade that begins now begins from (R4)."""
    found = levels(prepared, now)
    return found if parameters is None else found[parameters]


def shown(prepared: Prepared, now: Instant, into: Levels | None = None) -> Levels:
    """Every parameter's level as it leaves: ``levels``, then masters, spares and what is parked."""
    found = levels(prepared, now, into)
    prepared.masters.apply(found, now)
    if prepared.following is not None:
        spare, original = prepared.following
        found[spare] = found[original]
    parked = prepared.parked_segment(now)
    if parked is not None:
        local = prepared.lines.local(now)
        for layer in parked.layers:
            layer.apply(found, local)
    return found


def output(prepared: Prepared, now: Instant, out: NDArray[np.uint8]) -> None:
    """Writes every universe's slots to ``out``, which is contiguous and one row of 512 for each universe."""
    assert out.shape == (prepared.rendering.slots.universes, SLOTS), "a row of 512 slots for each universe"
    assert out.flags.c_contiguous
    if prepared.frame is not None and prepared.frame_from <= now < prepared.frame_till:
        out[:] = prepared.frame
        return
    found = shown(prepared, now, prepared.scratch)
    pixels = prepared.rendering.pixels
    plain = pixels.plain(found) if pixels else None
    prepared.rendering.slots.write(found, out)
    if plain is not None:
        pixels.write(prepared.on_walls, prepared.lines, plain, now, out)
    change = next_change(prepared, now)
    if change != now:
        prepared.frame, prepared.frame_from, prepared.frame_till = out.copy(), now, NEVER if change is None else change


def update(prepared: Prepared, now: Instant, out: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
    """The same as ``output``, where ``out`` holds what the last ``update`` of this plan left there; cheaper in a room at rest.

    Gives the universes that may have changed by it; None: any.
    """
    if (fade := prepared.fade) is not None:
        if fade.since <= now < fade.till:
            fade.write(now, out)
            return None
        prepared.fade = None
    if prepared.drawn_from <= now < prepared.drawn_till:
        if prepared.part is None:
            universes = moving_universes(prepared, now)
            if _most(universes):
                prepared.drawn_till = prepared.drawn_from  # the whole of it is cheaper, for this segment
                prepared.whole_till = min(_till(prepared, now), NEVER)
                prepared.may_shorten = True
                return update(prepared, now, out)
            prepared.part = Part(prepared, universes)
        prepared.part.write(now, out)
        return prepared.part.universes
    output(prepared, now, out)
    prepared.part, prepared.drawn_from = None, now
    prepared.drawn_till = now if now < prepared.whole_till or not _tells(prepared, now) else _till(prepared, now)
    return None


def shorten(prepared: Prepared, now: Instant) -> None:
    """Looks for a shorter way to draw what shows from ``now`` on: where ``may_shorten``, or before it is drawn at all."""
    prepared.may_shorten = False
    prepared.segment(now)
    prepared.parked_segment(now)
    still = prepared.still(now)
    if now < prepared.whole_till or (still is not None and _most(~still)):
        prepared.fade = one_fade(prepared, now)


def _most(universes: NDArray[np.bool_]) -> bool:
    return 2 * int(np.count_nonzero(universes)) > len(universes)


def _tells(prepared: Prepared, now: Instant) -> bool:
    """Whether it can be told which universes change."""
    return prepared.following is None and not prepared.rendering.pixels and prepared.masters.next_change(now) != now


def _till(prepared: Prepared, now: Instant) -> Instant:
    """Until when (exclusively) the same rows and masters move as at ``now``."""
    parked, masters = prepared.parked_segment(now), prepared.masters.next_change(now)
    return min(
        prepared.segment(now).till, NEVER if parked is None else parked.till, NEVER if masters is None else max(masters, now)
    )


def next_change(prepared: Prepared, now: Instant) -> Instant | None:
    """``now`` while anything moves, else the earliest later instant at which the output can change; None: never."""
    segment, parked = prepared.segment(now), prepared.parked_segment(now)
    if segment.moving or (parked is not None and parked.moving):
        return now
    masters = prepared.masters.next_change(now)
    if masters == now:
        return now
    later = [segment.till, NEVER if parked is None else parked.till, NEVER if masters is None else masters]
    earliest = min(later)
    return None if earliest >= NEVER else earliest


def owners(prepared: Prepared, now: Instant) -> NDArray[np.int32]:
    """The owner of the row that decides each parameter (R11); 0: nobody, it rests at its default.

    Between HTP lists that agree, the one that was there first; a relative effect changes a level and owns nothing.
    """
    local = prepared.lines.local(now)
    found = prepared.rendering.defaults.copy()
    winner = np.zeros(prepared.rendering.size, np.int32)
    for segment in (prepared.segment(now), prepared.parked_segment(now)):
        for layer in segment.layers if segment is not None else ():
            layer.apply(found, local, winner)
    return winner
