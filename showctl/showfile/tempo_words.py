"""Tempo maps as authors write them, and moments of timelines in bars and beats: ``at: 12.3`` under ``tempo: 120 4/4``.

In YAML ``tempo`` stands at a list or at the cue with the timeline; a table of hits has a line of its own above its header,
``# tempo: 120 4/4, 17: 140, 33: 90 3/4``, which other programs take for a comment. ``from 1.25s`` says when bar 1 begins. Where
there is a tempo, a moment without a unit is bars and beats, one with a unit (``12.3s``, ``1:02``) a time as ever.
"""

from __future__ import annotations

import re
from typing import Any, Final

from showctl.show.instants import SECOND, Duration
from showctl.show.tempo import Bar, NoTempo, TempoMap, bar_of, tempo_map
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.problems import Wrong
from showctl.showfile.reader import Mapping, Sequence, Text, mapping_like, sequence_like

LINE: Final = re.compile(r"#\s*tempo:\s*(.+)", re.IGNORECASE)
HINT: Final = "tempo: 120 4/4, or {1: 120 4/4, 17: 140, 33: 90 3/4}; in a table # tempo: 120 4/4, 17: 140"
PARTS: Final = (0, 25, 33, 50, 67, 75)
"""Hundredths of a beat that somebody has meant."""
_FROM: Final = re.compile(r"\s+from\s+([^\s,]+)")


def tempo_in(words: str) -> TempoMap:
    """The tempo map in ``words``. ``Wrong`` where they are none."""
    match = _FROM.search(words)
    begins = values.time_of(match[1]) if match else 0
    try:
        return tempo_map(_FROM.sub("", words), begins)
    except NoTempo as wrong:
        raise Wrong("BAD_TIME", str(wrong), 0, HINT) from None


def read_tempo(draft: Draft, given: Any) -> TempoMap | None:
    """What ``tempo:`` says, as words or as a mapping from bars to changes; None where it is left out or wrong."""
    if given is None:
        return None
    if isinstance(given, Text):
        return draft.read(tempo_in, given, None)
    if not isinstance(given, dict) or not all(isinstance(text, Text) for text in given.values()):
        return None  # the shape of it is said where the cue or list is checked
    try:
        return tempo_in(", ".join(f"{bar}: {text}" for bar, text in given.items()))
    except Wrong as wrong:
        where = next(iter(given.values()), None)
        if where is not None:
            draft.problems.error(wrong.code, where.place, wrong.message, wrong.hint)
        return None


def moment(words: str, tempo: TempoMap) -> Duration | None:
    """The time of ``words`` where they are bars and beats; None where they are none. ``Wrong``: there is no such beat."""
    try:
        place = bar_of(words)
        return None if place is None else tempo.at(place)
    except NoTempo as wrong:
        raise Wrong("BAD_TIME", str(wrong), 0, f"where there is a tempo, a time has a unit: {words.strip()}s") from None


def written(at: Duration, tempo: TempoMap) -> str:
    """``at`` in bars and beats where it lies on a beat, a quarter or a third of one, else in seconds.

    >>> written(1_000_000_000, tempo_map("120 4/4")), written(1_001_000_000, tempo_map("120 4/4"))
    ('1.3', '1.001s')
    """
    place = tempo.place(at)
    if place.hundredths in PARTS and abs(tempo.at(place) - at) < 1000:
        return str(place)
    return f"{at / SECOND:.6f}".rstrip("0").rstrip(".") + "s"


def in_seconds(draft: Draft, at: Text, tempo: TempoMap) -> Text:
    """``at`` as a time, where it is bars and beats."""
    found = draft.read(lambda words: moment(words, tempo), at, None)
    return at if found is None else at.like(f"{found // SECOND}.{found % SECOND:09}s")


def in_bars(draft: Draft, members: Sequence, tempo: TempoMap) -> Sequence:
    """The members of a timeline with their moments as times."""
    made: list[Any] = []
    for member in members:
        if isinstance(member, Mapping):
            timed = {
                key: in_seconds(draft, value, tempo) if key == "at" and isinstance(value, Text) else value
                for key, value in member.items()
            }
            member = mapping_like(member.place, timed)
        made.append(member)
    return sequence_like(members.place, made)


__all__ = ["Bar", "in_bars", "in_seconds", "moment", "read_tempo", "tempo_in", "written"]
