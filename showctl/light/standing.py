"""Where one list stands on some parameters, without what lies above it: what its next fade begins from.

Asked of just the rows on those parameters, counted from 0, so that the work follows what moves. ``rows.py`` asks.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.clock_lines import Lines
from showctl.light.plan import RowKind, Rows, pick
from showctl.light.render import Prepared
from showctl.light.stack import NEVER, Segment, Stack
from showctl.light.table import touched
from showctl.show.instants import Instant

Parameters = NDArray[np.intp]
MANY: Final = 16
"""Times as many as move: so many places are made ready sooner than each of those is found."""


class Standing:
    """Where one list stands on some parameters: by just the rows that count for it, rendered as any other."""

    def __init__(self, prepared: Prepared, parameters: Parameters, list_index: int, priority: int, htp: bool) -> None:
        rendering, table = prepared.rendering, prepared.plan.table
        rows = table.pick(touched(rendering.size, parameters)[table.parameter])
        self._parameters = parameters
        self._places: NDArray[np.intp] | None = None
        """Of each parameter of the room: where it stands here. Where few of many move, they are found by halving."""
        if rendering.size < MANY * len(parameters):
            self._places = np.zeros(rendering.size, np.intp)
            self._places[parameters] = np.arange(len(parameters))
        rows["parameter"] = self.place(rows["parameter"])
        intensity, defaults = rendering.intensity[parameters], rendering.defaults[parameters]
        settings = rows["kind"] <= RowKind.RELEASE
        own = settings & (rows["list"] == list_index)
        highest = intensity[rows["parameter"]] & ((rows["htp"] != 0) | htp)
        equal = settings & (rows["priority"] == priority)
        below = (rows["priority"] < priority) & (rows["kind"] <= RowKind.CHASE) & (rows["list"] >= 0)

        self._prepared, self._rows, self._rest = prepared, rows, (defaults, intensity)
        self._number = list_index + 1
        self._alone = below | own | (equal & ~highest)
        self._together = below | own | equal if (equal & highest & ~own).any() else None
        self._without = (below | equal) & ~own
        self._plain = self._together is None and not highest[self._alone].any()
        self.held = np.zeros(len(parameters), np.bool_)
        """Which parameters the list has rows on."""
        self.held[rows["parameter"][own]] = True
        self._kept: tuple[Instant, Instant, NDArray[np.int32]] | None = None

    def place(self, parameters: Parameters) -> Parameters:
        """Where ``parameters`` stand in what is answered here."""
        return np.searchsorted(self._parameters, parameters) if self._places is None else self._places[parameters]

    def at(self, begins: Instant) -> NDArray[np.int32]:
        """Where a fade of the list begins. One that joins others by HTP comes up from below them."""
        if self._kept is not None and self._kept[0] <= begins < self._kept[1]:
            return self._kept[2]
        at_rest = self._at_rest(begins) if self._plain else None
        if at_rest is not None:
            found, till = at_rest, NEVER
        else:
            found, till = self._own.levels(begins)
        if self._together is not None:
            live, other = self._joined.levels(begins)
            found, till = np.where(self.held, found, np.minimum(found, live)), min(till, other)
        self._kept = (begins, till, found)
        return found

    def wins(self, now: Instant) -> NDArray[np.bool_]:
        """Which parameters show the list's own rows (as far as its priority goes)."""
        return np.asarray(self._own.owners(now) == self._number, np.bool_)

    def beneath(self, now: Instant) -> NDArray[np.int32]:
        """Where the parameters would stand without the list."""
        return self._beneath.levels(now)[0]

    @cached_property
    def _own(self) -> _Few:
        return self._of(self._alone)

    @cached_property
    def _beneath(self) -> _Few:
        return self._of(self._without)

    @cached_property
    def _joined(self) -> _Few:
        assert self._together is not None
        return self._of(self._together)

    def _of(self, which: NDArray[np.bool_]) -> _Few:
        some = pick(self._rows, which)
        some["owner"] = some["list"].astype(np.int32) + 1
        return _Few(some, self._prepared.lines, *self._rest)

    def _at_rest(self, now: Instant) -> NDArray[np.int32] | None:
        """What the stacks say where nothing moves and nothing is to come, of settings of one priority: the newest holds.

        None where it is not so plain. Most cues begin so, and a stack is much to build for one lamp.
        """
        rows, lines = self._rows, self._prepared.lines
        if not self._alone.all():
            rows = pick(rows, self._alone)
        found = self._rest[0].copy()
        if not len(rows):
            return found
        arrives = rows["start"] + rows["duration"]
        plain = (rows["kind"] == RowKind.SET) & (rows["until"] == 0) & (rows["priority"] == rows["priority"][0])
        if not plain.all() or (lines.local(now)[lines.index(rows["clock"])] < arrives).any():
            return None
        found[rows["parameter"]] = rows["target"]  # ascending by id, so the last one stays
        return found


class _Few:
    """Some rows on some parameters, which ``rows`` count from 0: the stacks of a plan without the rest of it."""

    def __init__(self, rows: Rows, lines: Lines, defaults: NDArray[np.int32], intensity: NDArray[np.bool_]) -> None:
        self._of = (rows, lines, defaults, intensity)
        self._lines = lines
        self._stack: Stack | None = None
        self._kept: Segment | None = None

    def levels(self, now: Instant) -> tuple[NDArray[np.int32], Instant]:
        """Where each parameter stands, and until when nothing moves (``now`` while anything does)."""
        segment = self._segment(now)
        found = segment.base.copy()
        local = self._lines.local(now) if segment.moving else None
        for layer in segment.moving:
            assert local is not None
            layer.apply(found, local)
        return found, now if segment.moving else segment.till

    def owners(self, now: Instant) -> NDArray[np.int32]:
        """Who decides each parameter; 0: nobody."""
        stack_levels, winner = self._of[2].copy(), np.zeros(len(self._of[2]), np.int32)
        local = self._lines.local(now)
        for layer in self._segment(now).layers:
            layer.apply(stack_levels, local, winner)
        return winner

    def _segment(self, now: Instant) -> Segment:
        if self._stack is None:
            self._stack = Stack(*self._of)
        if self._kept is None or not self._kept.since <= now < self._kept.till:
            self._kept = self._stack.segment(now)
        return self._kept
