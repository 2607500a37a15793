"""Where the pixels of a wall lie on the wire: the order of the string, and the slots of each universe that it fills.

The string runs through the rectangle from its start corner (``wired``); along the string, slots fill one universe after the
other. Unless the wall says ``split``, a pixel never lies across two universes: 170 pixels of three fill 510 slots, and the last
two stay free. Every further universe begins at its slot 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from showctl.show.patch import Patch
from showctl.show.pixels import Wall, Wiring, per_universe


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes ``begin`` to ``end`` of the string go to the wall's ``universe``-th universe, from slot ``first`` (0-based) on."""

    universe: int
    first: int
    begin: int
    end: int


def wired(wall: Wall) -> NDArray[np.intp]:
    """The number (y * width + x) of each pixel, in the order of the string."""
    right, bottom = wall.start
    numbers = np.arange(wall.width * wall.height, dtype=np.intp).reshape(wall.height, wall.width)
    if bottom:
        numbers = numbers[::-1]
    if right:
        numbers = numbers[:, ::-1]
    if wall.wiring in (Wiring.COLUMNS, Wiring.SERPENTINE_COLUMNS):
        numbers = numbers.T
    numbers = numbers.copy()
    if wall.wiring in (Wiring.SERPENTINE, Wiring.SERPENTINE_COLUMNS):
        numbers[1::2] = numbers[1::2, ::-1].copy()
    return numbers.ravel()


def stretches(wall: Wall, address: int, slots: list[int]) -> tuple[Stretch, ...]:
    """The stretches of the string, begun at slot ``address`` (1-based); ``slots`` are what each universe sends.

    What finds no room is left out (``universes_needed`` says so).
    """
    size = len(wall.order)
    left, begin = wall.width * wall.height * size, 0
    made: list[Stretch] = []
    for number, room in enumerate(slots):
        first = address if number == 0 else 1
        whole = per_universe(wall, room, first) * size
        free = max(room - first + 1, 0)
        fits = (min(free, wall.per_universe * size) if wall.per_universe else free) if wall.split else whole
        take = min(left, fits)
        if take:
            made.append(Stretch(number, first - 1, begin, begin + take))
        begin, left = begin + take, left - take
    return tuple(made)


def taken(patch: Patch, wall: Wall) -> Iterator[tuple[str, int, int]]:
    """Universe, first and last slot (from 1) of each stretch of a hung wall."""
    slots = [patch.universe_keyed[key].slots for key in wall.universes]
    for item in stretches(wall, patch.fixtures[wall.fixture].address, slots):
        yield wall.universes[item.universe], item.first + 1, item.first + item.end - item.begin


def universes_needed(wall: Wall, address: int, slots: list[int]) -> int | None:
    """How many of the universes that send ``slots`` the wall reaches into; None where they are too few."""
    made = stretches(wall, address, slots)
    size = wall.width * wall.height * len(wall.order)
    return made[-1].universe + 1 if made and made[-1].end == size else None
