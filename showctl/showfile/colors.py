"""Colours: what a name, a hex, a kelvin means, and what the emitters of a fixture make of it.

A colour is three levels (red, green, blue). A fixture's white takes what the three have in common, amber and the warm
and cool whites their share; cyan, magenta and yellow are what is missing. Whole numbers all the way, so that every
machine sends the same bytes. Kelvins follow the black-body table of M. Charity (CIE 1964, 10 degrees), linear between
its entries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from showctl.show.levels import FULL, Level, from_percent
from showctl.showfile.problems import Wrong

NAMED: Final[dict[str, str]] = {
    "red": "ff0000", "green": "00ff00", "blue": "0000ff", "white": "ffffff", "black": "000000", "cyan": "00ffff",
    "magenta": "ff00ff", "yellow": "ffff00", "orange": "ff7f00", "amber": "ff9f00", "gold": "ffb400",
    "pink": "ff6fa8", "rose": "ff007f", "violet": "7f00ff", "purple": "a000ff", "lavender": "b48cff",
    "indigo": "3f00ff", "turquoise": "00ffb0", "teal": "00a0a0", "lime": "9fff00", "mint": "7fffb0",
    "steel": "8fb4ff", "sky": "5fb4ff", "navy": "000080", "straw": "ffdc8c", "peach": "ffb48c", "salmon": "ff8c78",
    "crimson": "dc143c", "grey": "808080",
}  # fmt: skip

_BLACK_BODY: Final = (
    (1000, 0xFF3800), (1500, 0xFF6D00), (2000, 0xFF8912), (2500, 0xFF9F46), (3000, 0xFFB16E), (3500, 0xFFC18D),
    (4000, 0xFFCEA6), (4500, 0xFFDABB), (5000, 0xFFE4CE), (5500, 0xFFEEDE), (6000, 0xFFF3EF), (6500, 0xFFF9FD),
    (7000, 0xF5F3FF), (8000, 0xE3E9FF), (9000, 0xD6E1FF), (10000, 0xCCDBFF),
)  # fmt: skip
_WARM, _COOL = 2700, 6500
_KELVIN: Final = re.compile(r"(\d{3,5})K")
_HEX: Final = re.compile(r"[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Color:
    """Red, green and blue, 0..65535; ``kelvin`` where it was written as a temperature."""

    red: Level
    green: Level
    blue: Level
    kelvin: int = 0


def from_hex(words: str) -> Color:
    """``ff6600``.

    >>> from_hex("ff0080")
    Color(red=65535, green=0, blue=32896, kelvin=0)
    """
    if not _HEX.fullmatch(words):
        raise Wrong("BAD_COLOR", f"{words} is not six hex digits", 0, "for instance hex ff6600")
    worth = int(words, 16)
    return Color(*((worth >> shift & 255) * 257 for shift in (16, 8, 0)))


def from_kelvin(words: str) -> Color | None:
    """``3200K``, or None where ``words`` are no temperature."""
    match = _KELVIN.fullmatch(words)
    if match is None:
        return None
    kelvin = int(match[1])
    if not 1000 <= kelvin <= 10000:
        raise Wrong("BAD_COLOR", f"{words} is not within 1000K and 10000K", 0, "tungsten is 3200K, daylight 5600K")
    for (low, below), (high, above) in pairwise(_BLACK_BODY):
        if low <= kelvin <= high:
            mixed = [
                ((below >> shift & 255) * (high - kelvin) + (above >> shift & 255) * (kelvin - low)) * 257 // (high - low)
                for shift in (16, 8, 0)
            ]
            return Color(mixed[0], mixed[1], mixed[2], kelvin)
    raise AssertionError("the table covers every kelvin that is let through")


def from_percents(parts: list[Fraction]) -> Color:
    """``rgb 100 40 0``."""
    return Color(*(from_percent(float(part)) for part in parts))


def emitters(color: Color, present: frozenset[str]) -> dict[str, Level]:
    """The level of each colour parameter in ``present`` that shows ``color``.

    >>> emitters(from_hex("ff8080"), frozenset(("red", "green", "blue", "white")))
    {'red': 32639, 'green': 0, 'blue': 0, 'white': 32896}
    """
    red, green, blue = color.red, color.green, color.blue
    made: dict[str, Level] = {}
    if not {"red", "green", "blue"} & present:
        made |= _subtracted(color, present) | _whites(color, max(red, green, blue), present)
        if "white" in present:
            made["white"] = max(red, green, blue)
        return _complete(made, present)
    if present & {"white", "warm", "cool"}:
        white = min(red, green, blue)
        red, green, blue = red - white, green - white, blue - white
        if "white" in present:
            made["white"] = white
        else:
            made |= _whites(color, white, present)
    if "amber" in present:
        amber = min(red, 2 * green)
        made["amber"] = amber
        red, green = red - amber, green - amber // 2
    if "lime" in present:
        lime = min(2 * red, green)
        made["lime"] = lime
        red, green = red - lime // 2, green - lime
    return _complete({"red": red, "green": green, "blue": blue} | made, present)


def _subtracted(color: Color, present: frozenset[str]) -> dict[str, Level]:
    missing = {"cyan": FULL - color.red, "magenta": FULL - color.green, "yellow": FULL - color.blue}
    return {name: level for name, level in missing.items() if name in present}


def _whites(color: Color, amount: Level, present: frozenset[str]) -> dict[str, Level]:
    """``amount`` of white, shared between warm and cool; the larger share is the whole of it."""
    if color.kelvin:
        cool = min(max(color.kelvin - _WARM, 0), _COOL - _WARM) * FULL // (_COOL - _WARM)
    else:
        cool = color.blue * FULL // max(color.red + color.blue, 1)
    shares = {"warm": FULL - cool, "cool": cool}
    if not {"warm", "cool"} <= present:
        return {name: amount for name in shares if name in present}
    largest = max(shares.values())
    return {name: amount * share // largest for name, share in shares.items()}


def _complete(made: dict[str, Level], present: frozenset[str]) -> dict[str, Level]:
    return {name: level for name, level in made.items() if name in present} | {
        name: 0 for name in sorted(present) if name not in made and name != "uv"
    }
