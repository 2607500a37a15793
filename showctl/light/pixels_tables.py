"""From light to slots and from pictures to light: the tables, the same on every machine.

A pixel's light for slot s is (s / 255) to the power of its wall's gamma, so a slot is the one whose light is nearest to half way
between its neighbours'. A picture's bytes are sRGB (IEC 61966-2-1). Both are worked out in decimal numbers, once.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal
from functools import cache

import numpy as np
from numpy.typing import NDArray

from showctl.show.levels import FULL

_EXACT = Context(prec=30)


@cache
def slot_table(gamma: int) -> NDArray[np.uint8]:
    """Light 0..65535 -> slot, for pixels of ``gamma`` / 1000.

    >>> slot_table(1000)[[0, 128, 129, 32896, 65535]].tolist()
    [0, 0, 1, 128, 255]
    """
    power = _EXACT.divide(Decimal(gamma), Decimal(1000))
    steps = np.zeros(FULL + 1, np.int64)
    for slot in range(1, 256):
        half = _EXACT.divide(Decimal(2 * slot - 1), Decimal(510))
        light = _EXACT.multiply(_EXACT.power(half, power), Decimal(FULL))
        steps[int(light.to_integral_value(ROUND_CEILING))] += 1
    table = np.cumsum(steps).astype(np.uint8)
    table.flags.writeable = False
    return table


@cache
def light_table() -> NDArray[np.uint16]:
    """sRGB byte -> light 0..65535.

    >>> light_table()[[0, 1, 128, 255]].tolist()
    [0, 20, 14146, 65535]
    """
    table = np.array([_light(Decimal(byte) / 255) for byte in range(256)], np.uint16)
    table.flags.writeable = False
    return table


def _light(value: Decimal) -> int:
    if value <= Decimal("0.04045"):
        linear = _EXACT.divide(value, Decimal("12.92"))
    else:
        linear = _EXACT.power(_EXACT.divide(value + Decimal("0.055"), Decimal("1.055")), Decimal("2.4"))
    return int(_EXACT.multiply(linear, Decimal(FULL)).to_integral_value())
