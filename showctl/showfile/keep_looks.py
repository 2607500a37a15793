"""Looks kept while cues move: levels that would have tracked in from elsewhere are written into the cues that need them.

After a cue has been moved or deleted, every cue of its list should leave the lights where it left them before. Where it does not,
the words that set those lights are copied from the cue that said them, or the levels are written out. What cannot be said in the
cue (because a template says its light) is refused.
"""

from __future__ import annotations

from collections.abc import Iterable

from showctl.show.cues import CueList
from showctl.showfile.book import Book, Change, changed_copy, proved
from showctl.showfile.edits import CannotEdit, Edit, Source, scalar
from showctl.showfile.level_words import RELEASED, LevelWords
from showctl.showfile.looks import Look, apply, own_moves, tracked_looks
from showctl.showfile.reader import Mapping, Text

_LABEL, _LIGHT = Text("label"), Text("light")


def kept_looks(book: Book, change: Change, list_: str) -> Change:
    """``change`` with what it takes for every cue of ``list_`` to leave the lights where it left them before."""
    before = {cue.label: dict(look) for cue, look in tracked_looks(book.show.list_named[list_])}
    with changed_copy(change) as folder:
        edited = Book.open(folder)
        needed = _needed(edited.show.list_named[list_], before)
        if not needed:
            return change
        writer = _Writer(book, edited, list_)
        edits = [edit for label, look in needed.items() for edit in writer.edits(label, look, before[label])]
        files = {file: edited.text(file) for file in {edit.file for edit in edits}}
        made = edited.change(edits, change.summary)
        files = {file: new.decode("utf-8") for file, (_, new) in made.files.items()}
    texts = {file: new.decode("utf-8") for file, (_, new) in change.files.items()} | files
    cues = ", ".join(needed)
    final = book.rewritten(texts, f"{change.summary}; looks kept in {cues}", change.notes)
    _check(book, final, list_, before)
    return final


def _needed(after: CueList, before: dict[str, Look]) -> dict[str, Look]:
    """Label -> what that cue must set (or release) in addition, in list order."""
    needed: dict[str, Look] = {}
    look: Look = {}
    for cue in after.cues:
        apply(look, own_moves(cue))
        wanted = before.get(cue.label)
        if wanted is None:
            continue
        lacking = {item: level for item, level in wanted.items() if look.get(item) != level}
        lacking |= {item: RELEASED for item in look if item not in wanted}
        if lacking:
            needed[cue.label] = lacking
            look = dict(wanted)
    return needed


def _check(book: Book, change: Change, list_: str, before: dict[str, Look]) -> None:
    after, _ = proved(change, book.loaded)
    assert after.show is not None, "proved refuses what does not load"
    left = _needed(after.show.list_named[list_], before)
    if left:
        raise CannotEdit(
            f"the look of {list_}/{next(iter(left))} cannot be kept", None, "leave out --keep-looks, and mend it by hand"
        )


class _Writer:
    """Puts levels into cues of the edited folder."""

    def __init__(self, book: Book, edited: Book, list_: str) -> None:
        self.edited, self.list = edited, list_
        self.stood = book.draft.labels[list_]
        """Where the cues stand now: what a refusal points at."""
        self.words = LevelWords(book, list_)

    def edits(self, label: str, look: Look, wanted: Look) -> Iterable[Edit]:
        """What it takes for the cue ``label`` to set ``look`` as well, and so to end in ``wanted``."""
        tree = next((item for item in self.edited.trees[self.list].cues if item[_LABEL] == label), None)
        if tree is None:
            raise CannotEdit(f"{self.list}/{label} stands inside a group", None, "leave out --keep-looks, and mend it by hand")
        raw = next((value for key, value in tree.items() if key == _LIGHT), None)
        there = {str(who): value for who, value in raw.items()} if isinstance(raw, Mapping) else {}
        added, appended = self.words.entries(look, wanted, there)
        for who, words in appended.items():
            yield self.edited.at(there[who]).replace(there[who], " ".join((there[who], *words)))
        if added:
            yield self._written(tree, raw, added, label)

    def _written(self, tree: Mapping, raw: object, entries: list[tuple[str, str]], label: str) -> Edit:
        """The edit that puts ``entries`` into the cue's ``light:``."""
        at = self.edited.draft.labels[self.list][label]
        source = self.edited.source(tree.file)
        item = source.items.get((tree.line, tree.column))
        if item is None or at.file != tree.file:
            raise CannotEdit(f"{label} cannot take more light", self.stood[label].place, "write it on lines of its own")
        if isinstance(raw, Mapping) and raw.file == tree.file and item.start <= _position(source, raw) < item.end:
            return _into_mapping(source, raw, source.mappings[raw.line, raw.column], entries)
        if raw is not None:
            hint = "write the template out first, or leave out --keep-looks"
            raise CannotEdit(f"the light of {label} comes from a template", self.stood[label].place, hint)
        flow = ", ".join(f"{scalar(who, True)}: {scalar(value, True)}" for who, value in entries)
        if item.flow:
            return Edit(tree.file, item.end - 1, item.end - 1, f", light: {{{flow}}}")
        end = source.text.find("\n", source.spans[at.line, at.column].end)
        newline = "\r\n" if "\r\n" in source.text else "\n"
        line = f"{' ' * item.column}light: {{{flow}}}"
        if end < 0:
            return Edit(tree.file, len(source.text), len(source.text), newline + line)
        return Edit(tree.file, end + 1, end + 1, line + newline)


def _position(source: Source, raw: Mapping) -> int:
    """Where a mapping begins, from its first key."""
    first = next(iter(raw), None)
    if first is None:
        return source.mappings[raw.line, raw.column][0] - 2
    return source.spans[first.line, first.column].start


def _into_mapping(source: Source, raw: Mapping, place: tuple[int, bool], entries: list[tuple[str, str]]) -> Edit:
    end, flow = place
    if flow:
        words = ", ".join(f"{scalar(who, True)}: {scalar(value, True)}" for who, value in entries)
        inner = source.text[: end - 1].rstrip()
        comma = "" if inner.endswith(("{", ",")) else ", "
        return Edit(source.file, len(inner), len(inner), comma + words)
    newline = "\r\n" if "\r\n" in source.text else "\n"
    words = "".join(f"{' ' * (raw.column - 1)}{scalar(who, False)}: {scalar(value, False)}{newline}" for who, value in entries)
    first = source.spans[next(iter(raw)).line, next(iter(raw)).column].start
    line = source.text.rfind("\n", 0, first) + 1
    return Edit(source.file, line, line, words)
