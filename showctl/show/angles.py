"""Sines, cosines and directions that are the same on every machine, to the last bit.

The C libraries of two machines may differ in the last digit of ``sin`` or ``atan2``, and a head whose level lies between two
numbers would then turn to another one, and a journal replay to other bytes. Here there is nothing but sums, products, quotients
and square roots, which IEEE 754 rounds in one way only, and ``fmod``, which is exact. Right to about 1e-14 of a turn.
"""

from __future__ import annotations

import math
from typing import Final

_RADIANS: Final = 0.017453292519943295  # pi / 180
_DEGREES: Final = 57.29577951308232  # 180 / pi
_SINE: Final = tuple((-1.0) ** n / math.factorial(2 * n + 1) for n in range(9))
_COSINE: Final = tuple((-1.0) ** n / math.factorial(2 * n) for n in range(9))
_ARC: Final = tuple((-1.0) ** n / (2 * n + 1) for n in range(13))
"""Of the series in the square of their argument: sine and arc over theirs, cosine. Terms beyond are less than the last bit."""


def sine(degrees: float) -> float:
    """The sine of an angle.

    >>> round(sine(30), 15), sine(-90), sine(720)
    (0.5, -1.0, 0.0)
    """
    return cosine(degrees - 90.0)


def cosine(degrees: float) -> float:
    """The cosine of an angle.

    >>> round(cosine(60), 15), cosine(180), cosine(90)
    (0.5, -1.0, 0.0)
    """
    turned = abs(math.fmod(degrees, 360.0))
    if turned > 180.0:
        turned = 360.0 - turned
    sign = 1.0
    if turned > 90.0:
        turned, sign = 180.0 - turned, -1.0
    if turned > 45.0:
        angle = (90.0 - turned) * _RADIANS
        return sign * angle * _series(_SINE, angle * angle)
    angle = turned * _RADIANS
    return sign * _series(_COSINE, angle * angle)


def direction(y: float, x: float) -> float:
    """The angle in degrees, -180 to 180, from the x axis to (x, y); 0 where both are 0.

    >>> direction(1, 1), direction(1, 0), direction(0, -2), direction(-1, -1)
    (45.0, 90.0, 180.0, -135.0)
    """
    low, high = sorted((abs(x), abs(y)))
    angle = _arc(low / high) if high else 0.0
    if abs(y) > abs(x):
        angle = 90.0 - angle
    if x < 0:
        angle = 180.0 - angle
    return -angle if y < 0 else angle


def length(*parts: float) -> float:
    """How long a vector is."""
    total = 0.0
    for part in parts:  # not ``sum``, which rounds otherwise from Python 3.12 on
        total += part * part
    return math.sqrt(total)


def _arc(slope: float) -> float:
    """The angle in degrees whose tangent is ``slope``, 0 to 1: twice that of half of it, or 45 degrees less the rest."""
    rest, offset = (slope, 0.0) if slope <= 0.41421356 else ((slope - 1.0) / (slope + 1.0), 45.0)
    half = rest / (1.0 + math.sqrt(1.0 + rest * rest))
    return offset + 2.0 * half * _series(_ARC, half * half) * _DEGREES


def _series(factors: tuple[float, ...], square: float) -> float:
    found = 0.0
    for factor in reversed(factors):
        found = found * square + factor
    return found
