"""A room, or a block of one, in which a single fade is all that moves: parameters on their way in the same time, others at rest.

The same whole numbers as ``render.py`` comes to, in three steps over the parameters and one over the slots: what a large room
costs is what it reads, and how many things it looks at on the way. Only for rooms whose slots all carry coarse bytes (racks of
dimmers, 8-bit lamps) and while every master rests. ``render.shorten`` looks for one, between frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from showctl.light.curves import progress, shaped
from showctl.light.layers import Op
from showctl.light.stack import NEVER
from showctl.show.instants import Instant

if TYPE_CHECKING:
    from showctl.light.render import Prepared


class OneFade:
    """The fade of ``prepared`` from ``since`` until just before ``till``: what a frame needs of it, and nothing else."""

    __slots__ = ("_lines", "_room", "_runs", "_source_15", "_timing", "_way", "since", "till")

    def __init__(self, prepared: Prepared, since: Instant, till: Instant) -> None:
        segment = prepared.segment(since)
        layer = segment.moving[0]
        self.since, self.till = since, till
        self._way, self._source_15, self._timing = layer.way, layer.source_15, layer.progress.timing
        if not segment.covered:  # what rests goes from where it is to where it is
            self._way, self._source_15 = np.zeros_like(segment.base), (segment.base << 15) + 16384
            self._way[layer.where], self._source_15[layer.where] = layer.way, layer.source_15
        self._lines, self._room = prepared.lines, prepared.scratch
        self._runs = prepared.rendering.slots.coarse_runs

    def write(self, now: Instant, out: NDArray[np.uint8]) -> None:
        """Writes every slot to ``out``, one row of 512 for each universe."""
        room, (clock, start, duration, curve) = self._room, self._timing
        done = shaped(curve, progress(int(self._lines.local(now)[clock]) - start, duration))
        np.multiply(self._way, done, room)
        np.add(room, self._source_15, room)
        np.right_shift(room, 23, room)
        flat = out.reshape(-1)
        if not self._runs:
            flat[:] = room  # each parameter in the slot of its number
            return
        flat[:] = 0
        for slots, parameters in self._runs:
            flat[slots] = room[parameters]


def one_fade(prepared: Prepared, now: Instant) -> OneFade | None:
    """What shows around ``now``, if one fade is all that moves."""
    segment, rendering = prepared.segment(now), prepared.rendering
    if len(segment.moving) != 1 or segment.moving[0].op is not Op.REPLACE or not segment.moving[0].progress.alone:
        return None
    if prepared.parked is not None or prepared.following is not None or rendering.pixels or rendering.slots.coarse_runs is None:
        return None
    masters = prepared.masters.rest_until(now)
    return None if masters is None else OneFade(prepared, now, min(segment.till, masters, NEVER))
