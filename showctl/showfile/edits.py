"""Text edits: characters of a file are replaced at the spans of its scalars, and every other byte stays as it is.

A show folder belongs to its author: comments, order, quoting and folds are never written anew. ``Source`` knows where each
scalar of a YAML file stands (its first and last character, its quotes, whether commas end it); ``Cells`` the same of a CSV.
An ``Edit`` is one replacement; ``spliced`` makes all of one file at once and refuses two that touch the same characters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import yaml

from showctl.show.places import Place
from showctl.showfile.problems import Problems
from showctl.showfile.reader import Text, compose

BOM: Final = "\ufeff"


class CannotEdit(Exception):  # noqa: N818 - it is a refusal, said to the author
    """What was asked cannot be done safely. ``message`` has the place, ``hint`` the way out."""

    def __init__(self, message: str, place: Place | None = None, hint: str = "") -> None:
        super().__init__(f"{place}: {message}" if place is not None else message)
        self.place, self.message, self.hint = place, message, hint


class NotLoaded(CannotEdit):
    """The show does not load, so nobody knows what an edit would do to it."""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """The characters from ``start`` to ``end`` of ``file`` become ``words``."""

    file: str
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Span:
    """Where a scalar stands: with its quotes, in a file's characters."""

    start: int
    end: int
    style: str
    """Its quote (' or "), | or > for a block, empty for a plain one."""
    flow: bool
    """Inside braces or brackets, where a comma ends a plain scalar."""
    value: str = ""


@dataclass(slots=True)
class Item:
    """An item of a block sequence that is a mapping: a cue. ``end`` is after its last character that is not white."""

    start: int
    """Of the mapping's first key."""
    end: int
    column: int
    """Of that key, from 0."""
    flow: bool
    """Whether the mapping stands in braces."""


def spliced(text: str, edits: Iterable[Edit]) -> str:
    """``text`` with ``edits`` made. The same edit twice is one.

    >>> spliced("stop: cue 12", [Edit("x", 10, 12, "14")])
    'stop: cue 14'
    """
    ordered = sorted(set(edits))
    for one, other in pairwise(ordered):
        if other.start < one.end or (other.start == one.start and other.end == one.end):
            raise CannotEdit(f"{one.file}: two edits meet at the same characters ({one.words!r} and {other.words!r})")
    parts: list[str] = []
    position = 0
    for edit in ordered:
        parts += [text[position : edit.start], edit.words]
        position = edit.end
    return "".join([*parts, text[position:]])


class Source:
    """A YAML file's characters, and where its scalars and cues stand in them."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.spans: dict[tuple[int, int], Span] = {}
        self.items: dict[tuple[int, int], Item] = {}
        self.mappings: dict[tuple[int, int], tuple[int, bool]] = {}
        """A mapping's line and column -> where it ends, and whether it stands in braces."""
        self.shared: list[tuple[int, int, str]] = []
        """What aliases stand for: from, to, and the anchor's name."""
        self._read()

    def _read(self) -> None:
        lead = 1 if self.text.startswith(BOM) else 0
        anchors: dict[str, tuple[int, int]] = {}
        aliased: set[str] = set()
        stack: list[tuple[Any, bool, bool]] = []
        last = 0
        events: Iterator[Any] = yaml.parse(self.text[lead:], Loader=yaml.CSafeLoader)
        for event in events:
            mark = event.start_mark
            start, end = mark.index + lead, event.end_mark.index + lead
            kind = type(event)
            if kind is yaml.ScalarEvent:
                flow = any(inside for _, inside, _ in stack)
                self.spans[mark.line + 1, mark.column + 1] = Span(start, end, event.style or "", flow, event.value)
                if end > start:
                    last = start + len(self.text[start:end].rstrip())
                if event.anchor:
                    anchors[event.anchor] = (start, end)
            elif kind is yaml.AliasEvent:
                aliased.add(event.anchor)
                last = end
            elif kind in (yaml.SequenceStartEvent, yaml.MappingStartEvent):
                item = bool(stack) and isinstance(stack[-1][0], yaml.SequenceStartEvent) and not stack[-1][1]
                stack.append((event, bool(event.flow_style), item))
            elif kind in (yaml.SequenceEndEvent, yaml.MappingEndEvent):
                opened, flow, item = stack.pop()
                last = end if flow else last
                mark = opened.start_mark
                if opened.anchor:
                    anchors[opened.anchor] = (mark.index + lead, last)
                if isinstance(opened, yaml.MappingStartEvent):
                    self.mappings[mark.line + 1, mark.column + 1] = (last, flow)
                    if item:
                        self.items[mark.line + 1, mark.column + 1] = Item(mark.index + lead, last, mark.column, flow)
        self.shared = [(*anchors[name], name) for name in sorted(aliased) if name in anchors]

    def span(self, text: Text) -> Span:
        """Where ``text`` stands. Refuses what an alias repeats."""
        found = self.spans.get((text.line, text.column))
        if found is None:
            raise CannotEdit("this was put together by a template", text.place, "write it out where it is used")
        for start, end, name in self.shared:
            if start <= found.start < end:
                raise CannotEdit(f"this stands for every *{name} as well", text.place, "write it out at the alias")
        return found

    def replace(self, text: Text, words: str) -> Edit:
        """``text`` as a whole becomes ``words``, quoted as it was where it can be."""
        span = self.span(text)
        return Edit(self.file, span.start, span.end, self.written(words, span))

    def part(self, text: Text, start: int, end: int, words: str) -> Edit:
        """The characters ``start`` to ``end`` of ``text`` become ``words``; the rest keeps its folds and escapes.

        Where quotes and folds move characters about, the same word is counted off in the file.
        """
        span = self.span(text)
        raw, old = self.text[span.start : span.end], text[start:end]
        if span.value != text:  # a template made this of what stands here
            if span.value != old:
                raise CannotEdit(f"a template puts {old} together with other words", text.place, "write it out where it is used")
            return Edit(self.file, span.start, span.end, self.written(words, span))
        quotes = 1 if span.style in ("'", '"') else 0
        if raw[quotes : len(raw) - quotes] == text:
            at = span.start + quotes + start
        else:
            pattern = re.compile(rf"(?<![\w.]){re.escape(old)}(?!\w|\.\d)")
            here = [match.start() for match in pattern.finditer(text)]
            there = [match.start() for match in pattern.finditer(raw)]
            if start not in here or len(here) != len(there):
                raise CannotEdit(f"{old} cannot be found again in this text", text.place, "write it on one line, without escapes")
            at = span.start + there[here.index(start)]
        new = text[:start] + words + text[end:]
        if span.style == "" and not _reads_as(new, new, span.flow):
            return Edit(self.file, span.start, span.end, self.written(new, span))
        if span.style in ("'", '"') and set(words) & set("'\"\\\n"):
            return Edit(self.file, span.start, span.end, self.written(new, span))
        return Edit(self.file, at, at + len(old), words)

    def written(self, words: str, span: Span) -> str:
        """``words`` as a scalar in the place of ``span``."""
        if span.style == "'" and "\n" not in words and _printable(words):
            return "'" + words.replace("'", "''") + "'"
        if span.style == "" and _reads_as(words, words, span.flow):
            return words
        return quoted(words)


def scalar(words: str, flow: bool) -> str:
    """``words`` as a scalar: plain where YAML reads it so, else in quotes.

    >>> scalar("Bellows", False), scalar("a, b", True), scalar("Go: now", False)
    ('Bellows', '"a, b"', '"Go: now"')
    """
    return words if _reads_as(words, words, flow) else quoted(words)


def quoted(words: str) -> str:
    """``words`` in double quotes; other alphabets as they are."""
    return json.dumps(words, ensure_ascii=not _printable(words))


def _printable(words: str) -> bool:
    return all(letter.isprintable() for letter in words)


def _reads_as(words: str, meant: str, flow: bool) -> bool:
    """Whether ``words``, unquoted, are read as ``meant`` both as a value and as a key."""
    if not words or "\n" in words or not _printable(words):
        return False
    source = f"{{{words}: [{words}]}}" if flow else f"{words}: {words}"
    problems = Problems()
    tree = compose(source, "", problems)
    if problems.errors or not isinstance(tree, dict) or len(tree) != 1:
        return False
    key, value = next(iter(tree.items()))
    if flow:
        return key == meant and isinstance(value, list) and len(value) == 1 and value[0] == meant
    return bool(key == meant and value == meant)


# --- CSV -----------------------------------------------------------------------------------------------------------


class Cells:
    """A CSV timeline's characters, and where its cells stand: by line, and column as the loader counts it."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.spans: dict[tuple[int, int], tuple[int, int]] = {}
        position = 0
        for number, line in enumerate(text.removeprefix(BOM).split("\n"), start=1):
            self._line(number, position + (len(text) - len(text.removeprefix(BOM))), line)
            position += len(line) + 1

    def _line(self, number: int, start: int, line: str) -> None:
        column, position = 1, 0
        for raw in _cells(line.removesuffix("\r")):
            cell = raw[1:-1].replace('""', '"') if raw.startswith('"') else raw
            lead = len(cell) - len(cell.lstrip())
            inner = position + raw.startswith('"') + lead
            self.spans[number, column + lead] = (start + inner, start + inner + len(cell.strip()))
            column += len(cell) + 1
            position += len(raw) + 1

    def part(self, text: Text, start: int, end: int, words: str) -> Edit:
        """The characters ``start`` to ``end`` of the cell ``text`` become ``words``."""
        found = self.spans.get((text.line, text.column))
        if found is None or self.text[found[0] : found[1]] != text:
            raise CannotEdit("this cell cannot be found again", text.place, "write it on a line of its own, without quotes in it")
        if set(words) & set('",\n'):
            raise CannotEdit(f"{words} does not fit in a cell", text.place, "give it a name: a group, a look")
        return Edit(self.file, found[0] + start, found[0] + end, words)

    def replace(self, text: Text, words: str) -> Edit:
        return self.part(text, 0, len(text), words)


_CELL: Final = re.compile(r'"(?:[^"]|"")*"(?=,|$)|[^,]*')


def _cells(line: str) -> list[str]:
    found: list[str] = []
    position = 0
    while position <= len(line):
        match = _CELL.match(line, position)
        assert match is not None, "a cell may be empty, and so always matches"
        found.append(match[0])
        position = match.end() + 1
    return found
