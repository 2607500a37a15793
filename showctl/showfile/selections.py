"""Selections: which fixtures and cells a few words mean, in which order.

``tuyeres``, ``tuyere_1 thru 24``, ``tuyeres odd``, ``every 3``, ``mirror`` (outside in: first, last, second ...),
``reverse``, ``cells``; several with commas. The same words give the same tuple object, so that what is derived from
it is shared as well.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final, TypeAlias

from showctl.show.patch import Head
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models import GroupsFile
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.words import Phrase, Word, read_at

Heads: TypeAlias = tuple[Head, ...]
MODIFIERS: Final = ("odd", "even", "every", "mirror", "reverse", "cells", "first", "last", "thru")


class Selections:
    """Reads selections against the patch and the groups, once for each wording."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.written: dict[str, Text | list[Text]] = {}
        self.names: dict[str, Text] = {}
        self._resolving: list[str] = []
        self._read: dict[str, Heads] = {}
        self._shared: dict[Heads, Heads] = {}

    def resolve_groups(self) -> None:
        """Fills ``draft.groups`` from groups.yaml, in file order; a group may refer to a later one."""
        model: dict[Text, Text | list[Text]] | None = self.draft.section("groups", GroupsFile)
        for name, words in (model or {}).items():
            if self.draft.claim(name, "group"):
                self.written[str(name)], self.names[str(name)] = words, name
        for group in list(self.written):
            self._group(group)

    def _group(self, name: str) -> Heads:
        draft = self.draft
        if name in draft.groups:
            return draft.groups[name]
        text = self.names[name]
        if name in self._resolving:
            draft.problems.error("GROUP_CIRCLE", text.place, f"{name} contains itself", " -> ".join([*self._resolving, name]))
            return ()
        self._resolving.append(name)
        words = self.written[name]
        found: Heads = ()
        for part in words if isinstance(words, list) else [words]:
            found += self.heads(part)
        self._resolving.pop()
        draft.groups[name] = self._shared.setdefault(found, found)
        return draft.groups[name]

    def heads(self, text: Text) -> Heads:
        """What ``text`` selects; nothing, and a problem, where it names something that is not there."""
        if self.draft.noted is not None:
            self.draft.noted.selection(text)
        known = self._read.get(text)
        if known is not None:
            return known
        try:
            found = self.of_words(text)
        except Wrong as wrong:
            self.draft.wrong(wrong, text)
            return ()
        self._read[str(text)] = found
        return found

    def many(self, texts: Text | list[Text]) -> Heads:
        """What one or several texts select together."""
        if isinstance(texts, list):
            found = tuple(head for text in texts for head in self.heads(text))
            return self._shared.setdefault(found, found)
        return self.heads(texts)

    def of_words(self, text: str) -> Heads:
        """What ``text`` selects. ``Wrong`` at the word that is not right."""
        values.nothing(text, "a fixture or group")
        found: Heads = ()
        offset = 0
        for part in text.split(","):
            found += self._term(Phrase(part, offset))
            offset += len(part) + 1
        found = tuple(dict.fromkeys(found))
        if not found and not self._resolving and not self.draft.lost:
            raise Wrong("NOTHING_SELECTED", f"{text.strip()} selects nothing", 0, "look at the group in groups.yaml")
        return self._shared.setdefault(found, found)

    def _term(self, phrase: Phrase) -> Heads:
        word = phrase.next("a fixture or group")
        heads = self._run(word, phrase) if phrase.take("thru") else self._named(word)
        while phrase:
            word = phrase.next("a word")
            match word.text:
                case "odd":
                    heads = heads[::2]
                case "even":
                    heads = heads[1::2]
                case "every":
                    heads = heads[:: self._count(phrase)]
                case "first":
                    heads = heads[: self._count(phrase)]
                case "last":
                    heads = heads[-self._count(phrase) :]
                case "reverse":
                    heads = heads[::-1]
                case "mirror":
                    pairs = zip(heads, reversed(heads), strict=True)
                    heads = tuple(dict.fromkeys(head for pair in pairs for head in pair))
                case "cells":
                    heads = tuple(cell for head in heads for cell in self._cells(head))
                case _:
                    hint = did_you_mean(word.text, MODIFIERS, "after a name: odd, even, every 3, mirror, reverse, cells, thru 24")
                    raise Wrong("BAD_WORD", f"{word.text} is not a word of a selection", word.offset, hint)
        return heads

    def _count(self, phrase: Phrase) -> int:
        return read_at(lambda words: values.whole(words, 1, 10_000), phrase.next("a number"))

    def _run(self, first: Word, phrase: Phrase) -> Heads:
        last = phrase.next("the last number")
        stem = first.text.rstrip("0123456789")
        digits, end = first.text[len(stem) :], last.text.removeprefix(stem)
        if not digits or not end.isdigit() or len(end) > 6 or not int(digits) <= int(end) < int(digits) + 10_000:
            raise Wrong(
                "BAD_WORD", f"{first.text} thru {last.text} is not a run", first.offset, "a run is written tuyere_1 thru 24"
            )
        return tuple(
            head
            for n in range(int(digits), int(end) + 1)
            for head in self._named(Word(f"{stem}{n:0{len(digits)}}", first.offset))
        )

    def _named(self, word: Word) -> Heads:
        fixture = self.draft.patch.fixture_named.get(word.text)
        if fixture is not None:
            return self._single[fixture.index]
        if word.text in self.written:
            return self._group(word.text)
        if word.text in self.draft.lost:
            return ()
        names = [*self.draft.patch.fixture_named, *self.written]
        hint = did_you_mean(word.text, names, "fixtures are declared in patch.yaml, groups in groups.yaml")
        raise Wrong("UNKNOWN_FIXTURE", f"there is no fixture or group {word.text}", word.offset, hint)

    @cached_property
    def _single(self) -> list[Heads]:
        return [(Head(fixture.index),) for fixture in self.draft.patch.fixtures]

    def _cells(self, head: Head) -> Heads:
        mode = self.draft.patch.fixtures[head.fixture].mode
        if head.cell >= 0 or not any(channel.cell >= 0 for channel in mode.channels):
            return (head,)
        return tuple(Head(head.fixture, cell) for cell in range(mode.cells))
