"""What a level is: a whole number 0..65535, whatever the fixture's resolution.

Intensity and colour map 0..100 % onto 0..FULL; pan, tilt and the like map their physical range onto it. Percent and
degrees exist in files and on screens; ``light`` and ``engine`` see levels only.
"""

from __future__ import annotations

from typing import Final, TypeAlias

Level: TypeAlias = int
"""0..65535."""

FULL: Final = 65535


def from_percent(percent: float) -> Level:
    """The level nearest to ``percent`` (0..100).

    >>> from_percent(0), from_percent(50), from_percent(100)
    (0, 32768, 65535)
    """
    return clamp(round(percent * FULL / 100))


def percent_of(level: Level) -> float:
    """``level`` in percent, 0..100."""
    return level * 100 / FULL


def from_range(value: float, low: float, high: float) -> Level:
    """The level of a physical ``value`` within ``low..high`` (degrees, for instance); ends clamp."""
    return clamp(round((value - low) * FULL / (high - low)))


def in_range(level: Level, low: float, high: float) -> float:
    """The physical value of ``level`` within ``low..high``."""
    return low + (high - low) * level / FULL


def clamp(level: int) -> Level:
    """``level`` kept inside 0..FULL."""
    return 0 if level < 0 else FULL if level > FULL else level
