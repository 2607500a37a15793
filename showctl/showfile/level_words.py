"""Levels said in words: those with which the list's own cues said them where there are any, parameters by name elsewhere.

``70 ember focus hearth`` is taken apart (an intensity, a colour, a focus), so that a cue which keeps only the colour and the
focus is given ``ember focus hearth`` and no row of numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Final

from showctl.show.fixtures import Channel
from showctl.show.levels import FULL, Level
from showctl.show.patch import Head, Parameter
from showctl.show.targets import marked, unmarked
from showctl.showfile.aims import aims
from showctl.showfile.book import Book
from showctl.showfile.channels import level_of
from showctl.showfile.edits import CannotEdit
from showctl.showfile.looks import Look
from showctl.showfile.problems import Problems, Wrong
from showctl.showfile.reader import Mapping as Tree
from showctl.showfile.reader import Text, text_at
from showctl.showfile.resolve_light import LightReader
from showctl.showfile.selections import Selections

RELEASED: Final = -1
"""Stands for a parameter that is to be given back."""
Entry = tuple[str, str]
"""Who, and the words of the level."""
_LIGHT: Final = Text("light")
_AIM: Final = Text("aim")
_FOLLOWED: Final = {"focus": 1, "beam": 1, "aim": 1, "hex": 1, "rgb": 3}
"""Words that others follow."""
_UNSAID: Final = {"block", "assert", "release", "home"}


class LevelWords:
    """The vocabulary of one list: what its cues say, and what that comes to."""

    def __init__(self, book: Book, list_: str) -> None:
        self.show = book.show
        draft = book.draft
        kept, draft.problems, draft.noted = draft.problems, Problems(), None
        selections = Selections(draft)
        selections.written = dict.fromkeys(draft.groups, Text())
        self.reader = LightReader(draft, selections)
        self.said: list[tuple[str, str, Look]] = []
        for tree in reversed(book.trees[list_].cues):
            light = next((value for key, value in tree.items() if key == _LIGHT), None)
            for who, value in light.items() if isinstance(light, Tree) else ():
                self.said += self.meanings(who, value)
            where = next((value for key, value in tree.items() if key == _AIM), None)
            for who, value in aims(draft, where).items() if isinstance(where, Tree) else ():
                self.said += self.meanings(who, value)
        draft.problems, draft.noted = kept, book.noted

    def meanings(self, who: Text, value: Text) -> Iterator[tuple[str, str, Look]]:
        """What ``value`` and its parts come to on ``who``, the whole first."""
        for words in _parts(value, {item.name for item in self.show.patch.parameters}):
            if words in ("block", "assert"):
                continue
            levels: Look = {}
            for part in self.reader.parts(who, text_at(words, who.file, who.line, who.column)):
                own = (marked(level, part.follow) for level in part.levels)
                levels |= zip(part.parameters, tuple(own) or (RELEASED,) * len(part.parameters), strict=True)
            if levels:
                yield str(who), words, levels

    def entries(self, lacking: Look, wanted: Look, there: Mapping[str, Text]) -> tuple[list[Entry], dict[str, list[str]]]:
        """Entries that set what is ``lacking`` and nothing but what is ``wanted``; words to append to what is ``there``."""
        look = dict(lacking)
        added: list[Entry] = []
        appended: dict[str, list[str]] = {}
        for who, words, levels in self.said:
            if look.keys().isdisjoint(levels) or any(wanted.get(item, RELEASED) != level for item, level in levels.items()):
                continue
            if who in there:
                if _UNSAID & {*there[who].split(), *words.split()} or "." in who:
                    continue
                appended.setdefault(who, []).append(words)
            elif any(who == other for other, _ in added):
                n = next(n for n, (other, _) in enumerate(added) if other == who)
                added[n] = (who, f"{added[n][1]} {words}")
            else:
                added.append((who, words))
            for item in levels:
                look.pop(item, None)
        taken = {*there, *(who for who, _ in added)}
        return added + self.by_name(look, taken), appended

    def by_name(self, look: Look, taken: set[str]) -> list[Entry]:
        """What is left, as ``GROUP.PARAMETER`` where a group agrees and ``FIXTURE.PARAMETER`` elsewhere."""
        found: list[Entry] = []
        patch = self.show.patch
        heads: dict[str, tuple[Head, ...]] = dict(self.show.groups)
        heads |= {item.name: (Head(item.index),) for item in patch.fixtures}
        for name in sorted(heads, key=lambda item: -len(heads[item])):
            if not look:
                break
            by_parameter: dict[str, list[Parameter]] = {}
            for head in heads[name]:
                for item in patch.parameters_of[head.fixture]:
                    if head.cell in (-1, item.cell):
                        by_parameter.setdefault(item.name, []).append(item)
            every = [item.index for items in by_parameter.values() for item in items]
            if every and name not in taken and all(look.get(index) == RELEASED for index in every):
                found.append((name, "release"))
                for index in every:
                    look.pop(index, None)
                continue
            for parameter, items in by_parameter.items():
                level = look.get(items[0].index)
                agreed = level is not None and all(look.get(item.index) == level for item in items)
                words = _value(items[0].channel, level) if agreed and level is not None else None
                if words is None or f"{name}.{parameter}" in taken or not _alike(items):
                    continue
                found.append((f"{name}.{parameter}", words))
                for item in items:
                    look.pop(item.index, None)
        if look:
            fixture = patch.fixtures[patch.parameters[next(iter(look))].fixture].name
            raise CannotEdit(
                f"the levels of {fixture} cannot be said in words", None, "group its cells first: NAME: FIXTURE cells"
            )
        return found


def _alike(items: list[Parameter]) -> bool:
    return len({(item.channel.low, item.channel.high) for item in items}) == 1


def _parts(value: str, parameters: set[str]) -> list[str]:
    """The words of a level, whole, and then in ever smaller parts that mean something by themselves.

    >>> _parts("70 ember focus hearth", set())
    ['70 ember focus hearth', '70 ember', '70 focus hearth', 'ember focus hearth', '70', 'ember', 'focus hearth']
    """
    words = value.replace(",", " ").split()
    if '"' in value or _UNSAID & set(words) or len(words) > 12:
        return [value]
    groups: list[str] = []
    while words:
        count = 1 + _FOLLOWED.get(words[0], 1 if words[0] in parameters else 0)
        groups.append(" ".join(words[:count]))
        words = words[count:]
    sizes = range(len(groups) - 1, 0, -1) if len(groups) <= 5 else ()
    return [value, *(" ".join(some) for size in sizes for some in combinations(groups, size))]


def _value(channel: Channel, level: Level) -> str | None:
    """``level`` in degrees or percent that read back as exactly that level."""
    if level == RELEASED:
        return "release"
    if unmarked(level)[0]:  # whom a light follows can only be said as a cue has said it
        return None
    candidates = [f"{level * 100 / FULL:.{digits}f}" for digits in range(7)]
    if channel.low is not None and channel.high is not None:
        degrees = channel.low + (channel.high - channel.low) * level / FULL
        candidates = [f"{degrees:.{digits}f}deg" for digits in range(5)] + candidates
    for words in candidates:
        try:
            if level_of(channel, words.replace("-0deg", "0deg") if float(words.removesuffix("deg")) == 0 else words) == level:
                return words
        except Wrong:
            continue
    return None
