"""What plays on a wall, as functions of the time since it began: waves over x and y, frames of pictures and clips.

A source answers with ``Colors``: a table of light (16-bit, linear) and which of its lines each pixel has. A wave that runs to the
right has one line for each column, a frame 256 grey levels three times: so most of the arithmetic is done on few numbers, and the
pixels only look it up.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from showctl.light.curves import ONE
from showctl.light.pixels_tables import light_table
from showctl.light.waves import RANDOM, TURN, WAVES, lift, random16, wander
from showctl.show.instants import SECOND, Duration
from showctl.show.pixels import Along, Footage, PixelWave, Wall

Light = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Colors:
    """``table`` is (lines, 3) light; ``lines`` (pixels, 3) or (pixels,) says which line each pixel has.

    With three of them a pixel, each looks up its own column.
    """

    table: Light
    lines: NDArray[np.intp] | NDArray[np.uint8]

    def pixels(self) -> Light:
        """Written out: (pixels, 3)."""
        if self.lines.ndim == 1:
            return self.table[self.lines]
        return self.table[:, 0][self.lines]


class Wavy:
    """A wave over one wall."""

    def __init__(self, source: PixelWave, wall: Wall) -> None:
        self._source = source
        self._wave = WAVES[source.wave]
        offsets = _offsets(source, wall)
        if self._wave == RANDOM:
            count = wall.width * wall.height
            self._element = np.arange(count, dtype=np.int32)
            self._seed = np.full(count, source.key & 0xFFFFFFFF, np.uint32)
            scattered = random16(self._seed, np.zeros(count, np.int64), self._element)
            self._lags = offsets if source.along is not Along.NONE else scattered
            self._lines = np.arange(count, dtype=np.intp)
        else:
            self._lags, lines = np.unique(offsets, return_inverse=True)
            self._lines = lines.ravel().astype(np.intp)
        self._width = np.full(len(self._lags), source.width, np.int64)
        self._low = np.array(source.low, np.int64)
        self._span = np.array(source.high, np.int64) - self._low

    def at(self, elapsed: Duration) -> Colors:
        """The colours ``elapsed`` after it began."""
        period = self._source.period
        turns, rest = divmod(elapsed, period)
        total = rest * TURN // period - self._lags
        phase, wandered = total & (TURN - 1), None
        if self._wave == RANDOM:
            wandered = wander(self._seed, turns + (total >> 16), self._element, phase)
        up = lift(self._wave, phase, self._width, wandered)
        table = self._low + ((up[:, None] * self._span + (ONE >> 1)) >> 15)
        return Colors(table.astype(np.int32), self._lines)


class Frames:
    """A picture or clip on one wall."""

    def __init__(self, source: Footage) -> None:
        self._source = source
        self._frames = np.frombuffer(source.data, np.uint8).reshape(source.frames, source.width * source.height, 3)
        self._table = np.repeat(light_table().astype(np.int32)[:, None], 3, axis=1)

    def at(self, elapsed: Duration) -> Colors:
        """The frame ``elapsed`` after it began."""
        source = self._source
        frame = (elapsed + source.at) * source.num // (source.den * SECOND)
        frame = frame % source.frames if source.loop else min(frame, source.frames - 1)
        return Colors(self._table, self._frames[frame])


def _offsets(source: PixelWave, wall: Wall) -> NDArray[np.int64]:
    """How far (in 65536ths of a turn) each pixel is behind where the wave comes from."""
    y, x = (part.ravel() for part in np.indices((wall.height, wall.width), np.int64))
    waves = source.waves
    match source.along:
        case Along.RIGHT:
            return x * waves // wall.width
        case Along.LEFT:
            return (wall.width - 1 - x) * waves // wall.width
        case Along.DOWN:
            return y * waves // wall.height
        case Along.UP:
            return (wall.height - 1 - y) * waves // wall.height
        case Along.OUT | Along.IN:
            near = _distances(wall, x, y)
            far = max(int(near.max()), 1)
            return (near if source.along is Along.OUT else far - near) * waves // far
        case Along.ROUND:
            return _turns(wall, x, y) * waves // TURN
        case Along.NONE:
            return np.zeros(wall.width * wall.height, np.int64)
        case _:
            assert_never(source.along)


def _distances(wall: Wall, x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.int64]:
    """From the middle, in 1/512 of a pixel. Roots are rounded the same everywhere (IEEE 754), and these numbers are small."""
    squares = ((2 * x - wall.width + 1) ** 2 + (2 * y - wall.height + 1) ** 2) << 16
    return np.asarray(np.sqrt(squares), np.int64)


def _turns(wall: Wall, x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.int64]:
    """Clockwise from straight up, in 65536ths. No angle of a grid lies half way between two of them, so every machine agrees."""
    turns = np.arctan2(2 * x - wall.width + 1, wall.height - 1 - 2 * y) / (2 * pi)
    return np.rint(turns * TURN).astype(np.int64) % TURN
