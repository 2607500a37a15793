"""A large room in blocks of a few universes: each is drawn, and made ready, by itself.

A block is a small room: the same ``prepare`` and ``update`` draw it, of its own rows and parameters, counted from 0. What is
large is then done in pieces of a millisecond or two, between frames; a frame that computes a block at a time finds its numbers
in the processor's cache, and may be asked something between two blocks. Not for rooms with walls of pixels, which reach over
many universes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.plan import NO_ROWS, Plan
from showctl.light.render import Rendering
from showctl.light.shards import Places, Shards, Steps
from showctl.light.table import Table

PARAMETERS: Final = 8192
"""Of a block, where one universe has not more of them: 16 universes of dimmers."""


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """The universes ``first`` to ``behind`` - 1; ``members`` are the parameters in them."""

    first: int
    behind: int
    members: NDArray[np.intp]
    rendering: Rendering


class Blocks:
    """The blocks of one room."""

    def __init__(self, rendering: Rendering, most: int = PARAMETERS) -> None:
        assert not rendering.pixels, "a wall of pixels reaches over many universes"
        self.rendering = rendering
        universes = rendering.slots.universes
        counts = np.bincount(rendering.universe_of, minlength=universes)
        starts: list[int] = []
        held = most + 1
        for universe, count in enumerate(counts.tolist()):
            if held + count > most:
                starts.append(universe)
                held = 0
            held += count
        home = np.repeat(np.arange(len(starts)), np.diff([*starts, universes]))
        self.all = tuple(self._block(first, behind) for first, behind in zip(starts, [*starts[1:], universes], strict=True))
        scratch = np.empty(max((len(block.members) for block in self.all), default=0), np.int32)
        for block in self.all:  # drawn one after the other, each finds it in the processor's cache
            block.rendering.scratch = scratch[: len(block.members)]
        self.places = Places(home[rendering.universe_of], [block.members for block in self.all])

    def _block(self, first: int, behind: int) -> Block:
        which = np.zeros(self.rendering.slots.universes, np.bool_)
        which[first:behind] = True
        return Block(first, behind, np.flatnonzero(which[self.rendering.universe_of]), self.rendering.only(which))

    def empty(self) -> Plan:
        """A plan of nothing, in shards."""
        return Plan(Shards(self.places, [Table(NO_ROWS)] * len(self.all)))

    def sharded(self, plan: Plan) -> Steps[Plan]:
        """``plan`` with its rows in shards; as it is, where some are of spares."""
        if isinstance(plan.table, Shards):
            return plan
        table = yield from Shards.of(self.places, plan.rows)
        return Plan(table if isinstance(table, Shards) else plan.table, plan.clocks, plan.masters)

    def plan_of(self, plan: Plan, number: int) -> Plan:
        """What block ``number`` has of ``plan``."""
        assert isinstance(plan.table, Shards)
        own = Plan(plan.table.parts[number], plan.clocks, plan.masters)
        own._lines = plan.lines
        return own
