"""Colours from what a fixture's emitters are: how much of each lamp makes a colour, by CIE chromaticity and brightness.

Levels count as amounts of light, as everywhere here; the primaries of a colour as written are those of sRGB (IEC 61966-2-1),
so that a red lamp redder than that gets a little of its neighbours for ``red``. Amounts are never negative: a colour that the
lamps cannot make becomes the nearest that they can, and work is spread over lamps that could share it. The lamp that works
hardest stands where the colour's strongest component does. Only sums, products and quotients, in one order: the same levels on
every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from showctl.show.fixtures import Emitter
from showctl.show.levels import Level
from showctl.showfile.colors import Color, emitters

_SRGB: Final = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
"""Linear sRGB to CIE XYZ, white D65 (IEC 61966-2-1)."""
_SHARE: Final = 1e-4
"""How dear strong levels are beside a wrong colour: little, and enough to choose among the many mixes of seven lamps."""
_ALL_COLORS: Final = {"red", "green", "blue"}
_ROUNDS: Final = 64
_NOTHING: Final = 1e-9

Vector: TypeAlias = tuple[float, float, float]


def mixed(color: Color, emitters: Sequence[Emitter]) -> dict[str, Level]:
    """The level of each of ``emitters`` that shows ``color``; black where it is black."""
    strongest = max(color.red, color.green, color.blue)
    if not strongest or not emitters:
        return {item.parameter: 0 for item in emitters}
    rgb = (color.red / strongest, color.green / strongest, color.blue / strongest)
    wanted = _times(rgb)
    lamps = _balanced([_light(item) for item in emitters])
    amounts = _solved(lamps, wanted)
    most = max(amounts)
    if most <= 0.0:
        return {item.parameter: 0 for item in emitters}
    return {item.parameter: int(amount / most * strongest + 0.5) for item, amount in zip(emitters, amounts, strict=True)}


def mix_of(color: Color, present: frozenset[str], known: Sequence[Emitter]) -> dict[str, Level]:
    """The level of each colour parameter in ``present``: from what the lamps are where all of them are known, else by name."""
    lamps = [item for item in known if item.parameter in present and item.parameter != "uv"]
    named = {item.parameter for item in lamps}
    if not named >= _ALL_COLORS or present - named - {"uv"}:
        return emitters(color, present)
    return mixed(color, lamps)


def _times(rgb: Vector) -> Vector:
    x, y, z = (row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2] for row in _SRGB)
    return x, y, z


def _light(lamp: Emitter) -> Vector:
    """CIE XYZ of a lamp at full."""
    return lamp.bright * lamp.x / lamp.y, lamp.bright, lamp.bright * (1.0 - lamp.x - lamp.y) / lamp.y


def _balanced(lamps: list[Vector]) -> list[Vector]:
    """The same lamps with all of them together as bright as white is, whatever unit their maker counts in."""
    all_of = sum(lamp[1] for lamp in lamps)
    return [(lamp[0] / all_of, lamp[1] / all_of, lamp[2] / all_of) for lamp in lamps]


def _solved(lamps: list[Vector], wanted: Vector) -> list[float]:
    """Amounts >= 0 whose light comes nearest to ``wanted``: least squares, and whoever would be below nothing stays out."""
    size = range(len(lamps))
    inner = [[sum(a * b for a, b in zip(lamps[m], lamps[n], strict=True)) for n in size] for m in size]
    dear = _SHARE * sum(inner[n][n] for n in size) / len(lamps)
    for n in size:
        inner[n][n] += dear
    pull = [sum(a * b for a, b in zip(lamp, wanted, strict=True)) for lamp in lamps]
    working = list(size)
    amounts = [0.0] * len(lamps)
    for _ in range(_ROUNDS):
        amounts = [0.0] * len(lamps)
        for n, amount in zip(working, _linear(inner, pull, working), strict=True):
            amounts[n] = amount
        least = min(working, key=lambda n: amounts[n], default=None)
        if least is not None and amounts[least] < 0.0:
            working.remove(least)
            continue
        idle = [n for n in size if n not in working]
        gain = {n: pull[n] - sum(inner[n][m] * amounts[m] for m in working) for n in idle}
        best = max(idle, key=lambda n: gain[n], default=None)
        if best is None or gain[best] <= _NOTHING:
            break
        working = sorted([*working, best])
    return [max(amount, 0.0) for amount in amounts]


def _linear(inner: list[list[float]], pull: list[float], which: list[int]) -> list[float]:
    """The amounts of the lamps ``which`` alone, by elimination: the matrix is positive, so no pivot is zero."""
    rows = [[*(inner[m][n] for n in which), pull[m]] for m in which]
    count = len(rows)
    for n in range(count):
        for m in range(n + 1, count):
            factor = rows[m][n] / rows[n][n]
            for column in range(n, count + 1):
                rows[m][column] -= factor * rows[n][column]
    found = [0.0] * count
    for n in reversed(range(count)):
        found[n] = (rows[n][count] - sum(rows[n][m] * found[m] for m in range(n + 1, count))) / rows[n][n]
    return found
