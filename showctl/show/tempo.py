"""Bars and beats as time: a tempo map, in whole numbers and fractions, so that no bar of a long song drifts.

Bars and beats count from 1. A tempo is quarter notes a minute, as sound workstations count; the lower number of a metre says what
a beat is (in 6/8 an eighth, half a quarter). A tempo may change at any beat, a metre at the beginning of a bar. A place between
beats is counted in hundredths of the beat: 12.3.50 is half a beat after the third of bar 12.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from showctl.show.instants import MINUTE, Duration

LOWEST, HIGHEST = Fraction(10), Fraction(1000)
"""Quarter notes a minute."""
UNITS: Final = (1, 2, 4, 8, 16, 32)
MOST_BARS: Final = 100_000
MOST_CHANGES: Final = 1000
_PLACE: Final = re.compile(r"(\d{1,6})(?:\.(\d{1,2})(?:\.(\d{2}))?)?")
_CHANGE: Final = re.compile(r"(?:(\d[\d.]*)\s*:\s*)?(?:(\d+(?:\.\d+)?)(?:\s*bpm)?)?\s*(?:(\d+)/(\d+))?")


class NoTempo(ValueError):  # noqa: N818 - what is read: raise NoTempo("bar 3 has no beat 5")
    """The words make no tempo map, or name no place in it; the message says why."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A place in bars: ``beat`` from 1, ``hundredths`` of it."""

    bar: int
    beat: int = 1
    hundredths: int = 0

    def __str__(self) -> str:
        return f"{self.bar}.{self.beat}" + (f".{self.hundredths:02}" if self.hundredths else "")


@dataclass(frozen=True, slots=True)
class Change:
    """From ``bar`` and ``beat`` on: quarters a minute, and what a bar is."""

    bar: int
    beat: int
    tempo: Fraction
    beats: int
    unit: int

    @property
    def beat_takes(self) -> Fraction:
        """Nanoseconds."""
        return Fraction(MINUTE * 4, self.unit) / self.tempo


@dataclass(frozen=True)
class TempoMap:
    """Changes in order, the first at bar 1, which begins at ``begins``."""

    changes: tuple[Change, ...]
    begins: Duration = 0

    def at(self, place: Bar) -> Duration:
        """When that is. ``NoTempo``: the bar has no such beat.

        >>> tempo_map("120 4/4, 3: 60 3/4").at(Bar(3, 2))
        5000000000
        """
        found = Fraction(self.begins)
        for change, following in zip(self.changes, (*self.changes[1:], None), strict=True):
            end = place if following is None else min(place, Bar(following.bar, following.beat), key=_order)
            if _order(end) > (change.bar, change.beat, 0):
                found += self._beats(change, end) * change.beat_takes
            if following is None or _order(place) < (following.bar, following.beat, 0):
                if place.beat > change.beats:
                    raise NoTempo(f"bar {place.bar} has {change.beats} beats, and no beat {place.beat}")
                break
        return round(found)

    def place(self, at: Duration) -> Bar:
        """The place nearest to ``at``, to a hundredth of a beat; what lies before bar 1 is its beginning."""
        current = self.changes[0]
        for change in self.changes[1:]:
            if self.at(Bar(change.bar, change.beat)) > at:
                break
            current = change
        since = Fraction(max(at - self.at(Bar(current.bar, current.beat)), 0)) / current.beat_takes
        hundredths = round(since * 100) + (current.beat - 1) * 100
        bars, rest = divmod(hundredths, current.beats * 100)
        return Bar(current.bar + bars, rest // 100 + 1, rest % 100)

    @staticmethod
    def _beats(change: Change, end: Bar) -> Fraction:
        whole = (end.bar - change.bar) * change.beats + (end.beat - change.beat)
        return Fraction(whole * 100 + end.hundredths, 100)


def _order(place: Bar) -> tuple[int, int, int]:
    return place.bar, place.beat, place.hundredths


def bar_of(words: str) -> Bar | None:
    """``12``, ``12.3``, ``12.3.50``; None where these are no bars and beats.

    >>> str(bar_of("12.3.50")), bar_of("12.3s")
    ('12.3.50', None)
    """
    match = _PLACE.fullmatch(words.strip())
    if match is None:
        return None
    bar, beat, hundredths = int(match[1]), int(match[2] or 1), int(match[3] or 0)
    if not 1 <= bar <= MOST_BARS or not beat:
        raise NoTempo(f"{words} is no place: bars and beats count from 1")
    return Bar(bar, beat, hundredths)


def tempo_map(words: str, begins: Duration = 0) -> TempoMap:
    """Reads ``120 4/4, 17: 140, 33: 90 3/4``: changes, each with its bar (or bar.beat). ``NoTempo`` for anything else."""
    changes: list[Change] = []
    for part in words.split(","):
        match = _CHANGE.fullmatch(part.strip())
        if match is None or (match[2] is None and match[3] is None):
            raise NoTempo(f"{part.strip() or 'nothing'} is no change of tempo: 120 4/4, 17: 140, 33: 90 3/4")
        place = bar_of(match[1]) if match[1] else Bar(1)
        if place is None or place.hundredths:
            raise NoTempo(f"{match[1]} is no bar, and no beat of one")
        changes.append(_change(place, match[2], match[3], match[4], changes))
    if len(changes) > MOST_CHANGES:
        raise NoTempo(f"more than {MOST_CHANGES} changes")
    return TempoMap(tuple(changes), begins)


def _change(place: Bar, tempo: str | None, beats: str | None, unit: str | None, before: list[Change]) -> Change:
    last = before[-1] if before else None
    if last is None and _order(place) != (1, 1, 0):
        raise NoTempo("the first tempo is that of bar 1")
    if last is not None and (place.bar, place.beat) <= (last.bar, last.beat):
        raise NoTempo(f"the change at {place} does not come after that at {last.bar}.{last.beat}")
    quarters = Fraction(tempo) if tempo is not None else last.tempo if last is not None else Fraction(120)
    if not LOWEST <= quarters <= HIGHEST:
        raise NoTempo(f"a tempo is {LOWEST} to {HIGHEST} quarters a minute, and not {tempo}")
    if beats is not None and unit is not None:
        if not 1 <= int(beats) <= 64 or int(unit) not in UNITS:
            raise NoTempo(f"{beats}/{unit} is no metre")
        if place.beat != 1:
            raise NoTempo(f"the metre changes at the beginning of a bar, and not at {place}")
        return Change(place.bar, 1, quarters, int(beats), int(unit))
    own = (4, 4) if last is None else (last.beats, last.unit)
    if place.beat > own[0]:
        raise NoTempo(f"bar {place.bar} has {own[0]} beats, and no beat {place.beat}")
    return Change(place.bar, place.beat, quarters, *own)
