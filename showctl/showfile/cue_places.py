"""What every edit of cues begins and ends with: where a cue stands in which file, and the proof that the show still loads.

``cue_edits.py`` moves whole cues, ``field_edits.py`` changes what one says, ``recording.py`` gives it what is seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from showctl.show.cues import CueRef
from showctl.show.places import Place
from showctl.showfile.book import Book, Change, proved
from showctl.showfile.cue_blocks import Blocks, blocks_of
from showctl.showfile.edits import CannotEdit
from showctl.showfile.keep_looks import kept_looks
from showctl.showfile.reader import Mapping, Text

LABEL: Final = Text("label")


def require_label(label: str) -> None:
    """Refuses what cannot be a label."""
    if not label or len(label) > 40 or set(label) & set("/\"'\n") or label != label.strip():
        raise CannotEdit(f"{label or 'nothing'} cannot be a label", None, "labels are short, without / and quotes: 12, 12.5, 12a")


def blocks_of_list(book: Book, list_: str) -> dict[str, Blocks]:
    """The files of ``list_`` as blocks."""
    by_file: dict[str, list[tuple[str, Place]]] = {}
    for tree in book.trees[list_].cues:
        by_file.setdefault(tree.file, []).append((str(tree[LABEL]), tree.place))
    return {file: blocks_of(book.source(file), cues) for file, cues in by_file.items()}


def file_of(book: Book, ref: CueRef, files: dict[str, Blocks]) -> Blocks:
    """The one of ``files`` that the cue stands in."""
    return files[tree_of(book, ref).file]


def tree_of(book: Book, ref: CueRef) -> Mapping:
    """A cue as it was read. CannotEdit where it has no lines of its own."""
    for tree in book.trees[ref.list].cues:
        if tree[LABEL] == ref.label:
            return tree
    where = book.draft.labels[ref.list][ref.label].place
    raise CannotEdit(f"{ref} is a member of a group", where, "edit the group's lines by hand")


def texts_of(*files: Blocks) -> dict[str, str]:
    """What ``files`` are now."""
    return {item.file: item.text() for item in files}


def ended(book: Book, change: Change, keep: str | bool = False) -> Change:
    """``change`` proved, with the looks of the list ``keep`` held where that was asked."""
    after, warnings = proved(change, book.loaded)
    assert after.show is not None, "proved refuses what does not load"
    if isinstance(keep, str) and keep:
        held = kept_looks(book, change, keep)
        if held is not change:
            change = held
            after, warnings = proved(change, book.loaded)
    return with_warnings(change, warnings)


def with_warnings(change: Change, warnings: Iterable[object]) -> Change:
    """``change``, with ``warnings`` for whoever looks at it."""
    return replace(change, notes=(*change.notes, *(str(item) for item in warnings)))
