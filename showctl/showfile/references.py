"""References: every place of a show folder that names a cue or a fixture, and what it takes to rewrite them.

What is a reference is the loader's word (``noted``): branches, start, go, jump, standby, stop, triggers, schedule, rehearsals,
templates' arguments and timelines' cells. Labels in expressions (``main.cue == "30"``) are found in the expression's own tree.
A scalar that is read in two ways, or stands for an alias, is refused with its place.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from showctl.show.cues import CueRef
from showctl.show.expressions import dotted
from showctl.show.places import Place
from showctl.showfile.book import Book
from showctl.showfile.edits import CannotEdit, Edit
from showctl.showfile.noted import ExpressionNote
from showctl.showfile.reader import Text

Relabel = Mapping[CueRef, CueRef]
"""Old -> new, members of groups included; the list stays the same."""
_READINGS: Final = ("cue", "standby")
"""The names of a list that hold a label: main.cue, main.standby."""


@dataclass(frozen=True, slots=True)
class Mention:
    """``text`` from ``start`` to ``end`` names a cue by its label."""

    text: Text
    start: int
    end: int
    ref: CueRef

    @property
    def place(self) -> Place:
        return self.text.at(self.start)


def cue_mentions(book: Book) -> Iterator[Mention]:
    """Everything that names a cue, except the cues themselves."""
    for note in book.noted.cues:
        start = note.offset + len(note.words) - len(note.ref.label)
        yield Mention(note.text, start, start + len(note.ref.label), note.ref)
    for expression in book.noted.expressions:
        yield from _in_expression(book, expression)


def _in_expression(book: Book, note: ExpressionNote) -> Iterator[Mention]:
    for list_, constant, offset in _compared(note.words, book.draft.labels):
        if constant is not None and constant in book.draft.labels[list_]:
            start = note.offset + offset
            yield Mention(note.text, start, start + len(constant), CueRef(list_, constant))


def _compared(words: str, lists: Mapping[str, object]) -> Iterator[tuple[str, str | None, int]]:
    """(list, label it is compared with, the label's offset in ``words``); label None where it is something else."""
    source = words.strip()
    lead = len(words) - len(words.lstrip())
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    met: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        for one, other in pairwise(sides):
            for name, value in ((one, other), (other, one)):
                list_ = _reading(name, lists)
                if list_ is not None and isinstance(value, ast.Constant) and isinstance(value.value, str):
                    met.add(id(name))
                    yield list_, value.value, lead + offset_of(source, value) + 1
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and id(node) not in met and (list_ := _reading(node, lists)) is not None:
            yield list_, None, lead + offset_of(source, node)


def _reading(node: ast.expr, lists: Mapping[str, object]) -> str | None:
    name, dot, what = (dotted(node) or "").rpartition(".") if isinstance(node, ast.Attribute) else ("", "", "")
    return name if dot and what in _READINGS and name in lists else None


def offset_of(source: str, node: ast.expr) -> int:
    """Where ``node`` begins, in characters: the parser counts bytes of a line."""
    lines = source.splitlines(keepends=True)
    before = sum(len(line) for line in lines[: node.lineno - 1])
    return before + len(lines[node.lineno - 1].encode()[: node.col_offset].decode())


def unfollowed(book: Book, lists: set[str]) -> list[str]:
    """Expressions that use a list's label in a way that cannot be followed: for the author to look at."""
    said: list[str] = []
    for note in book.noted.expressions:
        for list_, constant, offset in _compared(note.words, book.draft.labels):
            if constant is None and list_ in lists:
                at = note.text.at(note.offset + offset)
                said.append(f"{at}: {list_}'s label is used here in a way that cannot be followed: look at it")
    return list(dict.fromkeys(said))


def relabelled(book: Book, labels: Relabel) -> list[Edit]:
    """The edits that give cues new labels, wherever the old ones stand."""
    edits: list[Edit] = []
    for old, new in labels.items():
        text = book.draft.labels[old.list][old.label]
        if is_written(book, old):
            edits.append(book.at(text).replace(text, new.label))
    meanings: dict[tuple[str, int, int, int], tuple[Mention, str]] = {}
    for mention in cue_mentions(book):
        new = labels.get(mention.ref, mention.ref)
        key = (mention.text.file, mention.text.line, mention.text.column, mention.start)
        known = meanings.setdefault(key, (mention, new.label))
        if known[1] != new.label:
            raise CannotEdit(
                f"{mention.ref.label} means {known[0].ref} and {mention.ref} here, and only one of them changes",
                mention.place, "name the cue with its list (main/12), or write the template out",
            )  # fmt: skip
    for mention, label in meanings.values():
        if label != mention.ref.label:
            edits.append(book.at(mention.text).part(mention.text, mention.start, mention.end, label))
    return edits


def is_written(book: Book, ref: CueRef) -> bool:
    """Whether the label stands in a file; members of groups without one are numbered by their place."""
    text = book.draft.labels[ref.list][ref.label]
    if text.file.endswith(".csv"):
        return False
    span = book.source(text.file).spans.get((text.line, text.column))
    return span is not None and span.value == text


def mentions_of(book: Book, refs: set[CueRef], inside: Callable[[Text], bool]) -> list[Mention]:
    """What names one of ``refs``, except what stands ``inside`` what goes away with them."""
    return [found for found in cue_mentions(book) if found.ref in refs and not inside(found.text)]


def relabelled_words(words: str, labels: Relabel, lists: Mapping[str, object]) -> str:
    """An expression with the labels in it rewritten (for comparing what a show means before and after)."""
    made = words
    found = [item for item in _compared(words, lists) if item[1] is not None]
    for list_, constant, offset in sorted(set(found), key=lambda item: -item[2]):
        assert constant is not None, "left out above"
        new = labels.get(CueRef(list_, constant))
        if new is not None:
            made = made[:offset] + new.label + made[offset + len(constant) :]
    return made
