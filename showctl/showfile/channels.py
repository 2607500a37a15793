"""What a mode's words mean: channels, their slots, ranges and names; and what a level is worth on one of them.

A channel is ``NAME[/16|/24] [LOW..HIGH deg] [home VALUE] [highlight VALUE] [invert] [snap]``. Slots follow one another, ``skip``
leaves one out, ``NAME@3+4`` says which. In ``cell``, ``NAME@1,4,-`` gives the slots in each cell, ``-`` where a cell has none.
A fixture without a dimmer but with emitters gets a virtual ``intensity``, for the whole or for each cell. Slots count from 1
in words and from 0 in ``show.fixtures``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Final, TypeAlias

from showctl.show.fixtures import EMITTERS, FAMILY_OF, Channel, Family, Mode
from showctl.show.levels import FULL, Level, from_range
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_room import ModeModel
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.words import Phrase, Word, read_at

SLOTS: Final = 512
Names: TypeAlias = Mapping[Text, Mapping[Text, Text]]
"""Parameter -> name -> level, as written under ``names``."""
_CHANNEL: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:/(8|16|24))?(?:@([\d+]+))?")
_RANGE: Final = re.compile(r"(-?[\d.]+)\.\.(-?[\d.]+)(deg)?")
_CELLS: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)@((?:-|[\d+]+)(?:,(?:-|[\d+]+))*)")
_WITH: Final = re.compile(r"\s+with\s+")
_TAKEN: Final = ("full", "out", "home", "release", "block", "assert")


def read_mode(draft: Draft, name: Text, mode: ModeModel, names: Names) -> Mode:
    """A mode with all its channels; ``names`` are those that hold for every mode of the type."""
    cells = draft.read(lambda text: values.whole(text, 1, 512, "a number of cells"), mode.cells, 1)
    if mode.cell and mode.cells is None:
        draft.problems.error("MISSING_KEY", name.place, f"{name} says cell, but not how many cells", "add cells: 34")
    shared, end = _channels(draft, mode.channels, 0, -1)
    placed = [text for text in mode.cell if _CELLS.match(text) and "," in text.split(" ")[0]]
    own, size = _channels(draft, [text for text in mode.cell if text not in placed], 0, 0)
    repeats = cells if mode.cell else 0
    channels = list(shared)
    for cell in range(repeats):
        base = end + cell * size
        channels += (replace(item, cell=cell, slots=tuple(slot + base for slot in item.slots)) for item in own)
    channels += _placed(draft, placed, cells)
    channels.sort(key=lambda item: item.cell)
    footprint = max([end + size * repeats, *(slot + 1 for item in channels for slot in item.slots)])
    if not 1 <= footprint <= SLOTS:
        draft.problems.error("SLOT_RANGE", name.place, f"mode {name} takes {footprint} slots", "a fixture takes 1 to 512 slots")
    _say_twice_dimmed(draft, name, channels)
    channels = _named(draft, _named(draft, channels, names, every=False), mode.names, every=True)
    return Mode(str(name), footprint, _with_dimmers(channels, cells if mode.cell else 1), cells if mode.cell else 1)


def _say_twice_dimmed(draft: Draft, name: Text, channels: list[Channel]) -> None:
    dimmers = [item.cell for item in channels if item.parameter == "intensity"]
    if -1 in dimmers and max(dimmers) >= 0:
        draft.problems.warning(
            "TWICE_DIMMED", name.place, f"{name} has an intensity of the whole and of each cell: 50 would be 50 % of 50 %",
            "call the cells' own dim home 100, and the level is that of the whole",
        )  # fmt: skip


def _with_dimmers(channels: list[Channel], cells: int) -> tuple[Channel, ...]:
    """A virtual intensity goes before the emitters that have no dimmer over them."""
    made: list[Channel] = []
    whole = any(item.parameter == "intensity" and item.cell == -1 for item in channels)
    for cell in (-1, *range(cells)):
        own = [item for item in channels if item.cell == cell]
        dimmed = whole or any(item.parameter == "intensity" for item in own)
        if not dimmed and any(item.parameter in EMITTERS for item in own):
            made.append(Channel("intensity", Family.INTENSITY, (), 0, cell))
        made += own
    return tuple(made)


def _channels(draft: Draft, texts: list[Text], first: int, cell: int) -> tuple[list[Channel], int]:
    made: list[Channel] = []
    slot, end = first, first
    for text in texts:
        try:
            found, slot = _channel(text, slot, cell)
        except Wrong as wrong:
            draft.wrong(wrong, text)
            continue
        end = max(end, slot)
        if found is None:
            continue
        if any(item.parameter == found.parameter for item in made):
            draft.problems.error(
                "BAD_CHANNEL", text.place, f"{found.parameter} stands here twice", "a mode has each parameter once"
            )
            continue
        end = max([end, *(item + 1 for item in found.slots)])
        made.append(found)
    return made, end


def _channel(text: Text, slot: int, cell: int) -> tuple[Channel | None, int]:
    phrase = Phrase(text)
    word = phrase.next("a channel's name")
    if word.text == "skip":
        count = read_at(lambda words: values.whole(words, 1, SLOTS), phrase.next("a number")) if phrase else 1
        return None, slot + count
    match = _CHANNEL.fullmatch(word.text)
    if match is None:
        raise Wrong("BAD_CHANNEL", f"{word.text} is not a channel", word.offset, "channels are NAME, NAME/16 or NAME@3+4")
    name, bits, at = match.groups()
    if at:
        slots = _slots(at, word, match.start(3))
    else:
        slots = tuple(range(slot, slot + int(bits or 8) // 8))
        slot += len(slots)
    return _channel_words(phrase, name, slots, cell), slot


def _placed(draft: Draft, texts: list[Text], cells: int) -> list[Channel]:
    """Channels whose slots are said for each cell: ``red@1,4,7``, counted from the fixture's first slot."""
    made: list[Channel] = []
    for text in texts:
        match = _CELLS.match(text)
        assert match is not None, "only such are brought here"
        name, places = match[1], match[2].split(",")
        try:
            if len(places) != cells:
                raise Wrong("BAD_CHANNEL", f"{name} has {len(places)} places, and there are {cells} cells", 0, "- for none")
            word = Word(match[0], 0)
            phrase = Phrase(text[match.end() :], match.end())
            first = _channel_words(phrase, name, (), 0)
            for cell, place in enumerate(places):
                if place != "-":
                    made.append(replace(first, cell=cell, slots=_slots(place, word, match.start(2))))
        except Wrong as wrong:
            draft.wrong(wrong, text)
    return made


def _slots(words: str, word: Word, offset: int) -> tuple[int, ...]:
    slots = tuple(int(part) - 1 for part in words.split("+") if part)
    if not 1 <= len(slots) <= 3 or not all(0 <= item < SLOTS for item in slots):
        raise Wrong("SLOT_RANGE", f"{word.text} is not within slots 1 to 512", word.offset + offset, "NAME@3+4")
    return slots


def _channel_words(phrase: Phrase, name: str, slots: tuple[int, ...], cell: int) -> Channel:
    low = high = None
    home: Word | None = None
    highlight: Word | None = None
    inverted = snap = False
    while phrase:
        word = phrase.next("a word")
        if match := _RANGE.fullmatch(word.text):
            low, high = (float(read_at(values.number, replace(word, text=part))) for part in match.groups()[:2])
            if low == high:
                raise Wrong("BAD_CHANNEL", "a range needs two different ends", word.offset, "-270..270deg")
            phrase.take("deg")
        elif word.text == "home":
            home = phrase.next("a level")
        elif word.text == "highlight":
            highlight = phrase.next("a level")
        elif word.text == "invert":
            inverted = True
        elif word.text == "snap":
            snap = True
        else:
            known = ("home", "highlight", "invert", "snap")
            hint = did_you_mean(word.text, known, "after the name: -270..270deg, home VALUE, highlight VALUE, invert, snap")
            raise Wrong("BAD_CHANNEL", f"{word.text} is not a word of a channel", word.offset, hint)
    channel = Channel(name, FAMILY_OF.get(name, Family.BEAM), slots, 0, cell, inverted, snap, low, high)
    if highlight is not None:
        channel = replace(channel, highlight=read_at(lambda words: level_of(channel, words), highlight))
    if home is None and low is not None and high is not None and low < 0 < high:
        return replace(channel, default=from_range(0.0, low, high))
    return channel if home is None else replace(channel, default=read_at(lambda words: level_of(channel, words), home))


def _named(draft: Draft, channels: list[Channel], names: Names, *, every: bool) -> list[Channel]:
    """``channels`` with the names of their levels. ``every``: each parameter that has names must be here."""
    for parameter, levels in names.items():
        if not any(item.parameter == parameter for item in channels):
            if every:
                known = dict.fromkeys(item.parameter for item in channels)
                hint = did_you_mean(parameter, known)
                draft.problems.error("UNKNOWN_PARAMETER", parameter.place, f"no channel is called {parameter}", hint)
            continue
        for name in levels:
            if not name or not (name[0].isalpha() or name[0] == "_") or not name.replace("_", "a").isalnum() or name in _TAKEN:
                draft.problems.error("BAD_NAME", name.place, f"{name} cannot name a level", "letters, digits and _")
        for n, item in enumerate(channels):
            if item.parameter == parameter:
                read = {
                    str(name): draft.read(partial(_meant, item, channels, every), words, None) for name, words in levels.items()
                }
                meant = {name: found for name, found in read.items() if found is not None}
                needs = tuple((name, others) for name, (_, others) in meant.items() if others)
                channels[n] = replace(item, names=tuple((name, level) for name, (level, _) in meant.items()), needs=needs)
    return channels


def _meant(channel: Channel, channels: list[Channel], every: bool, words: str) -> tuple[Level, tuple[tuple[str, Level], ...]]:
    """A level, and after ``with`` where other channels stand while it means that: ``30 with gobo_mode 60``."""
    own, *others = _WITH.split(words)
    needs = []
    for part in others:
        name, _, level = part.strip().partition(" ")
        other = next((item for item in channels if item.parameter == name and item.cell in (-1, channel.cell)), None)
        if other is None and every:
            known = did_you_mean(name, dict.fromkeys(item.parameter for item in channels))
            raise Wrong("UNKNOWN_PARAMETER", f"no channel is called {name}", words.index(part), known or "30 with gobo_mode 60")
        if other is not None:
            needs.append((name, level_of(other, level)))
    return level_of(channel, own), tuple(needs)


def level_of(channel: Channel, words: str) -> Level:
    """The level that ``words`` mean on ``channel``: a name that it has, percent, or degrees where it has a range."""
    stripped = words.strip()
    for name, level in channel.names:
        if name == stripped:
            return level
    if not stripped.endswith(("deg", "°")):
        return percent_of(channel.parameter, [name for name, _ in channel.names], words)
    degrees = float(values.angle(words))
    if channel.low is None or channel.high is None:
        raise Wrong(
            "NO_RANGE", f"{channel.parameter} has no range in degrees", 0, "write percent, or give the channel -270..270deg"
        )
    low, high = min(channel.low, channel.high), max(channel.low, channel.high)
    if not low <= degrees <= high:
        raise Wrong("OUT_OF_RANGE", f"{words} is outside {channel.low:g}..{channel.high:g}deg", 0, "the fixture cannot go there")
    return from_range(degrees, channel.low, channel.high)


def percent_of(parameter: str, names: Collection[str], words: str) -> Level:
    """A level in percent; what looks like a name and is none of ``names`` is told so."""
    try:
        return values.percent(words)
    except Wrong as wrong:
        if not names or words.strip()[:1].isdigit():
            raise
        hint = did_you_mean(words.strip(), names, wrong.hint)
        raise Wrong("BAD_LEVEL", f"{parameter} has nothing called {words.strip()}", 0, hint) from None


def span_of(channel: Channel, words: str) -> Level:
    """The level difference that ``words`` mean on ``channel``."""
    if not words.rstrip().endswith(("deg", "°")):
        return values.percent(words)
    degrees = float(values.angle(words))
    if channel.low is None or channel.high is None:
        raise Wrong("NO_RANGE", f"{channel.parameter} has no range in degrees", 0, "write percent")
    return min(FULL, abs(round(degrees * FULL / (channel.high - channel.low))))
