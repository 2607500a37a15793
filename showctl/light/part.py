"""The part of a room that moves: while a segment lasts, a frame computes and writes only the universes in which something does.

Thousands of universes may be patched and rest; they cost a frame nothing. ``render.update`` asks for a part once per segment, and
goes on with the whole room where a part would be most of it, or where it cannot be told what moves (masters on their way, spares,
walls of pixels).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from showctl.show.instants import Instant

if TYPE_CHECKING:
    from showctl.light.render import Prepared


class Part:
    """Some universes of a room, those that ``universes`` marks. Whatever stands in them is drawn, moving or not."""

    def __init__(self, prepared: Prepared, universes: NDArray[np.bool_]) -> None:
        self.universes = universes
        self.prepared = prepared
        rendering = prepared.rendering
        self._slots = rendering.layout(universes)
        self.parameters = self._slots.parameters
        self._masters = prepared.masters.only(universes[rendering.universe_of]) if len(prepared.masters) else prepared.masters

    def write(self, now: Instant, out: NDArray[np.uint8]) -> None:
        """Writes the slots of these universes, and no others, to ``out``."""
        prepared = self.prepared
        found, segment, parked = prepared.scratch, prepared.segment(now), prepared.parked_segment(now)
        local = prepared.lines.local(now)
        found[self.parameters] = segment.base[self.parameters]
        for layer in segment.moving:
            layer.apply(found, local)
        self._masters.apply(found, now)
        for layer in parked.layers if parked is not None else ():
            layer.apply(found, local)
        self._slots.write(found, out)


def moving_universes(prepared: Prepared, now: Instant) -> NDArray[np.bool_]:
    """Which universes change while the segment of ``now`` lasts and no master moves."""
    rendering = prepared.rendering
    found = np.zeros(rendering.slots.universes, np.bool_)
    for segment in (prepared.segment(now), prepared.parked_segment(now)):
        for layer in segment.moving if segment is not None else ():
            found[rendering.universe_of[layer.parameter]] = True
    return found
