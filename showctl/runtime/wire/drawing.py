"""A room as it is drawn: the plan that shall show, what is ready of it, and the slots that come of it. What both ways share.

A small room is drawn whole (``drawn_whole.py``), a large one in blocks (``drawn_blocks.py``). Either knows the plan that it is
to show, and may still be drawing an older one. Light is a function of time, so what shows late is where it should be. Instants
of a plan are show time, counted from the anchor that came with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from showctl.light.blocks import PARAMETERS, Blocks
from showctl.light.plan import Plan, PlanChange
from showctl.light.render import Levels, Rendering
from showctl.light.shards import Steps
from showctl.runtime.wire.touched import Touched
from showctl.show.instants import Duration, Instant

LARGE: Final = 3 * PARAMETERS // 2
"""Parameters from which on a room is drawn in blocks."""
MOST_OVER: Final = 64
"""Small changes that may be drawn over a plan until one that holds them is ready; further ones show with that."""
HORIZON: Final[Duration] = 500_000_000
"""How far ahead the next break of a block is worked out."""
Between = Callable[[], None]
"""What may be done between two blocks of a frame."""


def nothing() -> None:
    """Nobody asks."""


class Drawing(Protocol):
    """One room. ``now`` is an instant as the caller counts them, ``local`` one of show time."""

    def take(self, plan: Plan) -> Steps[Plan]:
        """``plan`` as it is kept here, in short steps."""

    def show(self, plan: Plan, anchor: Instant, *, seen: bool = False) -> None:
        """``plan`` is to show, as soon as it is ready. ``seen``: what it changes is drawn over the last one already."""

    def show_at_once(self, plan: Plan, anchor: Instant, now: Instant) -> None:
        """``plan`` shows from now on, whatever that costs."""

    def hold(self) -> None:
        """What shows stays, until something else is to show: it cannot be drawn."""

    @property
    def ready(self) -> bool:
        """There is something to show."""

    @property
    def shows_later(self) -> bool:
        """A plan may show some frames after it was given: what is small had better be drawn over it meanwhile."""

    def touched(self, plan: Plan, changes: Sequence[PlanChange], local: Instant) -> Touched | None:
        """What ``changes`` do to ``plan``; None where that cannot be shown before the rest of the room."""

    def over(self, touched: Touched, slots: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
        """Shows ``touched`` at once, until a plan that holds it is drawn. Which universes these are; None where it cannot be."""

    def render(self, slots: NDArray[np.uint8], now: Instant, between: Between = nothing) -> NDArray[np.bool_] | None:
        """Brings ``slots`` up to ``now``; gives the universes that may have changed (none, perhaps); None: any may have."""

    @property
    def renders_at(self) -> Instant | None:
        """When something will move that does not move now; None: never."""

    def levels(self, now: Instant) -> Levels:
        """Every parameter's level, before masters, as it shows."""

    def work(self, now: Instant) -> bool:
        """Does a short piece of what is to be made ready; whether there may be more."""


def blocks_of(rendering: Rendering) -> Blocks | None:
    """The blocks of a room that is large enough for them, and has no walls of pixels."""
    return None if rendering.size < LARGE or rendering.pixels else Blocks(rendering)
