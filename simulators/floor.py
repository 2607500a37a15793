"""The floor as polygons: who stands inside which zone, one by one or everybody at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Spot: TypeAlias = tuple[float, float]
"""x and z on the floor, metres."""
Walls: TypeAlias = tuple[NDArray[np.float64], ...]
"""A polygon's edges: where each begins (x, z), where it ends (z), and its x per z."""


def inside(corners: tuple[Spot, ...], spot: Spot) -> bool:
    """Whether ``spot`` is in the polygon.

    >>> inside(((0, 0), (2, 0), (2, 2), (0, 2)), (1, 1)), inside(((0, 0), (2, 0), (2, 2), (0, 2)), (3, 1))
    (True, False)
    """
    x, z = spot
    within = False
    bx, bz = corners[-1]
    for corner in corners:
        ax, az, (bx, bz) = bx, bz, corner
        if (az > z) != (bz > z) and x < (bx - ax) * (z - az) / (bz - az) + ax:
            within = not within
    return within


def walls_of(corners: tuple[Spot, ...]) -> Walls:
    """The edges of a polygon. The x per z of a level edge is 0: nobody crosses it."""
    here, there = np.array(corners, np.float64), np.array(corners[1:] + corners[:1], np.float64)
    rise = there[:, 1] - here[:, 1]
    slope = (there[:, 0] - here[:, 0]) / np.where(rise == 0.0, 1.0, rise)
    return here[:, 0], here[:, 1], there[:, 1], slope


def count_inside(walls: Walls, x: NDArray[np.float64], z: NDArray[np.float64]) -> int:
    """How many of the spots are ``inside``."""
    ax, az, bz, slope = walls
    across, along = x[:, None], z[:, None]
    crossed = ((az > along) != (bz > along)) & (across < slope * (along - az) + ax)
    return int(np.count_nonzero(crossed.sum(axis=1) % 2))


class Zones:
    """All zones at once, for many spots."""

    def __init__(self, polygons: Sequence[tuple[Spot, ...]]) -> None:
        walls = [walls_of(corners) for corners in polygons if len(corners) >= 3]
        self._walls: Walls = tuple(np.concatenate(columns) for columns in zip(*walls, strict=True)) if walls else ()
        self._starts = np.cumsum([0, *(len(wall[0]) for wall in walls[:-1])]) if walls else np.zeros(0, np.intp)

    def inside(self, x: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.bool_]:
        """For each spot and zone, whether it is ``inside``."""
        if not self._walls:
            return np.zeros((len(x), 0), np.bool_)
        ax, az, bz, slope = self._walls
        across, along = x[:, None], z[:, None]
        crossed = ((az > along) != (bz > along)) & (across < slope * (along - az) + ax)
        found: NDArray[np.bool_] = np.logical_xor.reduceat(crossed, self._starts, axis=1)
        return found
