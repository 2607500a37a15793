"""Effect waves: from where in its turn an effect stands to how far it swings, in whole numbers.

A phase is 0..65535, a turn. ``swing`` is -32768..32768 about nothing (relative effects), ``lift`` is 0..32768 between low and
high (chases). RANDOM walks in a straight line from one value to the next, one for each turn, so that it never flashes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.curves import CURVES, ONE, TABLE
from showctl.show.cues import Wave

TURN: Final = 65536

WAVES: Final[dict[Wave, int]] = {wave: number for number, wave in enumerate(Wave)}
"""Every wave and the number that rows carry."""
SINE, SQUARE, TRIANGLE, RAMP, RANDOM, STEPS = (
    WAVES[wave] for wave in (Wave.SINE, Wave.SQUARE, Wave.TRIANGLE, Wave.RAMP, Wave.RANDOM, Wave.STEPS)
)

Ints = NDArray[np.int64]

_QUARTER: Final = TABLE[CURVES["equal-power"]].astype(np.int64)
"""A quarter of a sine is the equal-power curve."""
_MIX: Final = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)


def sine(phase: Ints) -> Ints:
    """-32768..32768, 0 and rising at phase 0."""
    quarter = phase & 16383
    quarter = np.where(phase & 16384, 16384 - quarter, quarter)
    index, part = quarter >> 4, quarter & 15
    low = _QUARTER[index]
    value = low + (((_QUARTER[index + 1] - low) * part + 8) >> 4)
    return np.asarray(np.where(phase & 32768, -value, value), np.int64)


def triangle(phase: Ints) -> Ints:
    """0..32768..0 over a turn."""
    return np.where(phase < 32768, phase, TURN - phase)


def random16(seed: NDArray[np.uint32], step: Ints, element: NDArray[np.int32]) -> Ints:
    """0..65535: the top of splitmix64 of (seed, step, element)."""
    state = (seed.astype(np.uint64) << np.uint64(32)) | (element.astype(np.int64) & 0xFFFFFFFF).astype(np.uint64)
    mixed = splitmix64(splitmix64(state) + step.astype(np.uint64) * _GOLDEN)
    return (mixed >> np.uint64(48)).astype(np.int64)


def splitmix64(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The generator's next value after ``state`` (Vigna's constants)."""
    z = state + _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * _MIX[0]
    z = (z ^ (z >> np.uint64(27))) * _MIX[1]
    return z ^ (z >> np.uint64(31))


def wander(seed: NDArray[np.uint32], step: Ints, element: NDArray[np.int32], phase: Ints) -> Ints:
    """0..65535: on the line from this turn's random value to the next one's."""
    here = random16(seed, step, element)
    return here + (((random16(seed, step + 1, element) - here) * phase) >> 16)


def swing(wave: int, phase: Ints, width: Ints, wandered: Ints | None = None) -> Ints:
    """How far a relative effect stands from what is beneath. ``wandered`` is for RANDOM alone."""
    if wave == SINE:
        return sine(phase)
    if wave == SQUARE:
        return np.where(phase < width, ONE, -ONE)
    if wave == TRIANGLE:
        return 2 * triangle((phase + 16384) & 65535) - ONE
    if wave == RAMP:
        return phase - ONE
    if wave == STEPS:
        return np.where(phase < width, ONE, 0)
    assert wandered is not None, "RANDOM needs its values"
    return wandered - ONE


def lift(wave: int, phase: Ints, width: Ints, wandered: Ints | None = None) -> Ints:
    """How far a chase stands from low to high."""
    if wave == SINE:
        return (ONE - sine((phase + 16384) & 65535)) >> 1
    if wave in (SQUARE, STEPS):
        return np.where(phase < width, ONE, 0)
    if wave == TRIANGLE:
        return triangle(phase)
    if wave == RAMP:
        return phase >> 1
    assert wandered is not None, "RANDOM needs its values"
    return wandered >> 1
