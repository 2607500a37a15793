"""What an instant and a duration are: whole nanoseconds.

An ``Instant`` counts from the first anchor of the journal (show time); a ``Duration`` is a difference of two. Percent,
seconds and timecode exist in files and on screens only; ``seconds_of`` is for those edges. Nothing here reads a clock.
"""

from __future__ import annotations

from typing import Final, TypeAlias

Instant: TypeAlias = int
"""Nanoseconds since the first anchor."""
Duration: TypeAlias = int
"""Nanoseconds."""

MILLISECOND: Final = 1_000_000
SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND


def seconds(value: float) -> Duration:
    """The nearest whole nanosecond to ``value`` seconds.

    >>> seconds(2.5)
    2500000000
    """
    return round(value * SECOND)


def seconds_of(duration: Duration) -> float:
    """``duration`` in seconds, for screens and JSON."""
    return duration / SECOND


def words_for(duration: Duration) -> str:
    """``duration`` as the booth says it: ``4.2``, ``1:04.2``, ``1:02:03.0``.

    >>> words_for(seconds(64.25)), words_for(seconds(4.2)), words_for(seconds(3723))
    ('1:04.2', '4.2', '1:02:03.0')
    """
    sign = "-" if duration < 0 else ""
    tenths = abs(duration) // (SECOND // 10)
    whole, tenth = divmod(tenths, 10)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    if hours:
        return f"{sign}{hours}:{minute:02}:{second:02}.{tenth}"
    if minutes:
        return f"{sign}{minute}:{second:02}.{tenth}"
    return f"{sign}{second}.{tenth}"


def spoken(duration: Duration) -> str:
    """``duration`` with its unit where it has one: ``4.2 s``, ``1:04.2``."""
    return words_for(duration) + (" s" if abs(duration) < MINUTE else "")
