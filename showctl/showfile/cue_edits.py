"""Cues moved, copied, deleted, renumbered and renamed, with everything that refers to them.

Each function takes the open ``Book`` and gives a ``Change``; nothing is written here. What cannot be done safely is refused with
its place and the way out (``CannotEdit``). With ``keep_looks`` the cues concerned are given the levels that would otherwise have
tracked into them from elsewhere (``keep_looks.py``).
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from showctl.show.cues import Cue, CueRef
from showctl.showfile.book import Book, Change, proved
from showctl.showfile.cue_blocks import Block
from showctl.showfile.cue_places import LABEL, blocks_of_list, ended, file_of, require_label, texts_of, tree_of, with_warnings
from showctl.showfile.edits import CannotEdit, scalar
from showctl.showfile.meaning import Renaming, same_meaning
from showctl.showfile.problems import did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.references import cue_mentions, mentions_of, relabelled, unfollowed

_NUMBER = re.compile(r"\d+(\.\d+)?")
_NAME = Text("name")


def find_cue(book: Book, words: str) -> CueRef:
    """The cue that ``words`` name: ``main/12``, or ``12`` of the main list."""
    name, slash, label = words.strip().partition("/")
    if not slash:
        name, label = book.show.main_list, words.strip()
    if name not in book.draft.labels:
        raise CannotEdit(f"there is no list {name or '(none)'}", None, did_you_mean(name, book.draft.labels))
    if label not in book.draft.labels[name]:
        raise CannotEdit(f"there is no cue {label or '(none)'} in {name}", None, did_you_mean(label, book.draft.labels[name]))
    return CueRef(name, label)


def move(book: Book, ref: CueRef, anchor: CueRef, *, after: bool, keep_looks: bool = False) -> Change:
    """``ref`` stands before or after ``anchor``, a cue of the same list, in whichever of its files that is."""
    if anchor.list != ref.list:
        raise CannotEdit(f"{ref} and {anchor} are cues of different lists", None, "copy it there, and delete it here")
    if anchor == ref:
        raise CannotEdit(f"{ref} cannot stand beside itself", None, "name another cue")
    files = blocks_of_list(book, ref.list)
    here, there = file_of(book, ref, files), file_of(book, anchor, files)
    there.put(here.take(ref.label), anchor.label, after)
    side = "after" if after else "before"
    change = book.rewritten(texts_of(here, there), f"{ref} stands {side} {anchor.label}")
    return ended(book, change, keep_looks and ref.list)


def copy(book: Book, ref: CueRef, label: str, anchor: CueRef | None, *, after: bool = True) -> Change:
    """A copy of ``ref``, called ``label``, stands behind it, or where ``anchor`` says (in another list, too)."""
    anchor = anchor or ref
    require_label(label)
    if label in book.draft.labels[anchor.list]:
        where = book.draft.labels[anchor.list][label].place
        raise CannotEdit(f"{anchor.list} has a cue {label} already, in {where}", None, "give the copy another label")
    here_files, there_files = blocks_of_list(book, ref.list), blocks_of_list(book, anchor.list)
    here, there = file_of(book, ref, here_files), file_of(book, anchor, there_files)
    block = here.blocks[here.index(ref.label)]
    at = book.draft.labels[ref.list][ref.label]
    source = book.source(at.file)
    span = source.span(at)
    dash = block.text.index(source.text[span.start : span.end], _label_from(block))
    words = block.text[:dash] + scalar(label, span.flow) + block.text[dash + span.end - span.start :]
    there.put(Block(label, words, here.usual_gap(ref.label), block.dash), anchor.label, after)
    side = "after" if after else "before"
    return ended(book, book.rewritten(texts_of(there), f"{anchor.list}/{label} is a copy of {ref}, {side} {anchor.label}"))


def delete(book: Book, ref: CueRef, *, keep_looks: bool = False) -> Change:
    """``ref`` is gone. Refuses while something else refers to it, and says where."""
    files = blocks_of_list(book, ref.list)
    here = file_of(book, ref, files)
    gone = set(_family(book, ref))
    tree = tree_of(book, ref)
    extent = book.source(here.file).items[tree.line, tree.column]
    source = book.source(here.file)

    def inside(text: Text) -> bool:
        span = source.spans.get((text.line, text.column)) if text.file == here.file else None
        return span is not None and extent.start <= span.start < extent.end

    left = mentions_of(book, gone, inside)
    if left:
        places = "\n".join(dict.fromkeys(f"  {found.place}: {found.ref}" for found in left[:12]))
        more = f"\n  and {len(left) - 12} more" if len(left) > 12 else ""
        raise CannotEdit(f"{ref} is still referred to:\n{places}{more}", None, "let these name another cue first")
    here.take(ref.label)
    return ended(book, book.rewritten(texts_of(here), f"{ref} is deleted"), keep_looks and ref.list)


def renumber(book: Book, list_: str, labels: dict[str, str]) -> Change:
    """Cues of ``list_`` get new labels (old -> new), and so does everything that names them; nothing else changes."""
    if list_ not in book.draft.labels:
        raise CannotEdit(f"there is no list {list_}", None, did_you_mean(list_, book.draft.labels))
    for label in labels.values():
        require_label(label)
    wanted = {CueRef(list_, old): CueRef(list_, new) for old, new in labels.items() if old != new}
    for old in list(wanted):
        for member in _family(book, old)[1:]:
            if member not in wanted and member.label.startswith(f"{old.label}:"):
                wanted[member] = CueRef(list_, wanted[old].label + member.label.removeprefix(old.label))
    taken = {label: CueRef(list_, label) for label in book.draft.labels[list_]}
    ends = [wanted.get(ref, ref).label for ref in taken.values()]
    twins = {label for label in ends if ends.count(label) > 1} if len(set(ends)) < len(ends) else set()
    if twins:
        twin = min(twins)
        raise CannotEdit(f"there would be two cues {twin} in {list_}", None, "choose labels that are free")
    notes = unfollowed(book, {list_})
    many = ", ".join(f"{old} -> {new}" for old, new in list(labels.items())[:3]) + (", ..." if len(labels) > 3 else "")
    change = book.change(relabelled(book, wanted), f"{list_} is renumbered: {many}", notes)
    after, warnings = proved(change, book.loaded)
    assert after.show is not None, "proved refuses what does not load"
    other = same_meaning((book.show, book.loaded.rehearsals), (after.show, after.rehearsals), Renaming(labels=wanted))
    if other:
        hint = "a template's argument may be used for something else as well: write it out"
        raise CannotEdit(f"renumbering would change more than labels: {other}", None, hint)
    return with_warnings(change, warnings)


def new_numbers(book: Book, list_: str, start: str, step: str) -> dict[str, str]:
    """Labels from ``start`` on, ``step`` apart, for the cues of ``list_`` that have numbers, in their order.

    Cues that are called by a word keep it.
    """
    if list_ not in book.trees:
        raise CannotEdit(f"there is no list {list_}", None, did_you_mean(list_, book.trees))
    try:
        number, by = Decimal(start), Decimal(step)
    except InvalidOperation:
        raise CannotEdit(f"{start} by {step} are not numbers", None, "--from 10 --step 10") from None
    if not (number.is_finite() and by.is_finite()) or by <= 0 or number < 0:
        raise CannotEdit("numbers of cues ascend from 0 on", None, "--from 10 --step 10")
    made: dict[str, str] = {}
    for tree in book.trees[list_].cues:
        old = str(tree[LABEL])
        if _NUMBER.fullmatch(old):
            made[old] = f"{number:f}"
            number += by
    return made


def rename(book: Book, ref: CueRef, name: str) -> Change:
    """``ref`` is called ``name``; nothing refers to a cue by its name."""
    at = book.draft.labels[ref.list][ref.label]
    tree = tree_of(book, ref)
    words = next((value for key, value in tree.items() if key == _NAME), None)
    source = book.at(at)
    if not name.strip() or "\n" in name:
        raise CannotEdit("a cue's name is a line of text", None, 'showctl cue rename main/12 "Bellows"')
    summary = f"{ref} is called {name}"
    if isinstance(words, Text) and (words.file, words.line) == (at.file, at.line):
        return ended(book, book.change([source.replace(words, name)], summary))
    raw = book.source(at.file)
    span = raw.span(at)
    colon = re.match(r"\s*:", raw.text[span.end :])
    if colon is None:
        raise CannotEdit("this cue's name cannot be found", at.place, "write the cue as - 12: Bellows")
    end = span.end + colon.end()
    text = raw.text[:end] + " " + scalar(name, span.flow) + raw.text[end:]
    return ended(book, book.rewritten({at.file: text}, summary))


def _family(book: Book, ref: CueRef) -> list[CueRef]:
    """``ref`` and the cues inside it."""
    found: list[CueRef] = []

    def walk(cue: Cue) -> None:
        found.append(cue.ref)
        if cue.group is not None:
            for inner in (*(member.cue for member in cue.group.members), *map(book.show.cue, cue.group.enters)):
                walk(inner)

    walk(book.show.cue(ref))
    return found


def _label_from(block: Block) -> int:
    """Where the label may begin in a block: after its dash, behind the comment above."""
    position = 0
    for line in block.text.splitlines(keepends=True):
        if not line.lstrip(" ").startswith("#"):
            return position + line.index("-") + 1
        position += len(line)
    return 0


__all__ = ["copy", "cue_mentions", "delete", "find_cue", "move", "new_numbers", "rename", "renumber"]
