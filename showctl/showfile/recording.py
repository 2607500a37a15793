"""What is seen becomes a cue's light, or a look that cues can name.

The levels come from the room, by fixture, cell and parameter. They are said in the words with which the list's own cues said them
where there are any (``level_words.py``). In a cue, entries that set nothing but what is recorded go, all others stay as they are
written, and what is new stands behind them, because later entries win. That the cue then leaves those lights as they were seen
is proved before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from showctl.show.cues import CueRef
from showctl.show.levels import Level
from showctl.show.patch import Patch
from showctl.showfile.book import Book, Change, proved
from showctl.showfile.cue_places import tree_of
from showctl.showfile.edits import CannotEdit, scalar
from showctl.showfile.field_edits import set_field
from showctl.showfile.level_words import Entry, LevelWords
from showctl.showfile.looks import Look, apply, own_moves
from showctl.showfile.reader import Mapping as Tree
from showctl.showfile.reader import Text

Seen = Mapping[tuple[str, int, str], Level]
"""(fixture, cell from 0 or -1, parameter) -> where it stands."""
_LIGHT, _LOOKS = Text("light"), Text("looks")


def record_cue(book: Book, ref: CueRef, seen: Seen) -> Change:
    """``ref`` leaves the lights in ``seen`` as they were seen. Refuses a cue whose light comes from elsewhere."""
    wanted = _look(book.show.patch, seen)
    before = _before(book, ref)
    here = dict(before)
    apply(here, own_moves(book.show.cue(ref)))
    lacking = {parameter: level for parameter, level in wanted.items() if here.get(parameter) != level}
    if not lacking:
        return book.rewritten({}, f"{ref} leaves the lights so already")
    words = LevelWords(book, ref.list)
    raw = next((value for key, value in tree_of(book, ref).items() if key == _LIGHT), None)
    kept: list[Entry] = []
    for who, value in raw.items() if isinstance(raw, Tree) else ():
        if not isinstance(value, Text):
            raise CannotEdit(
                f"the light of {ref} is written as more than a line each", who.place, "record into a look, and name it here"
            )
        meaning = next(iter(words.meanings(who, value)), (str(who), str(value), {}))[2]
        if meaning and set(meaning) <= set(wanted):
            lacking |= {parameter: wanted[parameter] for parameter in meaning}
        else:
            kept.append((str(who), str(value)))
    lacking = {
        parameter: level for parameter, level in lacking.items() if level != before.get(parameter) or here.get(parameter) != level
    }
    added = _said(words, lacking, wanted, {who for who, _ in kept})
    text = "\n".join(_entry(who, value) for who, value in (*kept, *added))
    change = set_field(book, ref, "light", text)
    after, _ = proved(change, book.loaded)
    assert after.show is not None, "proved refuses what does not load"
    now = dict(before)
    apply(now, own_moves(after.show.cue(ref)))
    wrong = [parameter for parameter, level in wanted.items() if now.get(parameter) != level]
    if wrong:
        name = book.show.patch.fixtures[book.show.patch.parameters[wrong[0]].fixture].name
        raise CannotEdit(f"{ref} cannot be made to leave {name} so", None, "an aim, a look or a member of the cue says otherwise")
    return Change(change.folder, change.files, f"{ref} leaves {_many(seen)} as seen", change.notes)


def record_look(book: Book, name: str, seen: Seen) -> Change:
    """The look ``name`` is what is seen, whether there was one of that name or not."""
    node = book.draft.nodes.get("palettes")
    if not name.isidentifier():
        raise CannotEdit(f"{name or 'nothing'} cannot be the name of a look", None, "letters, digits and _: ember_rest")
    if not isinstance(node, Tree):
        raise CannotEdit("this show has no palettes", None, "say palettes: palettes.yaml in show.yaml, and put looks: {} there")
    wanted = _look(book.show.patch, seen)
    entries = _said(LevelWords(book, book.show.main_list or book.show.lists[0].name), wanted, wanted, set())
    source = book.source(node.file)
    text = "{" + ", ".join(_entry(who, value) for who, value in entries) + "}"
    looks = next((value for key, value in node.items() if key == _LOOKS), None)
    newline = "\r\n" if "\r\n" in source.text else "\n"
    summary = f"the look {name} is {_many(seen)} as seen"
    if not isinstance(looks, Tree) or not looks:
        if isinstance(looks, Tree):
            raise CannotEdit("looks is empty", None, f"write a first one by hand: looks: {{{name}: {text}}}")
        end = "" if source.text.endswith("\n") else newline
        return _proved(book, book.rewritten({node.file: source.text + f"{end}looks:{newline}  {name}: {text}{newline}"}, summary))
    there = next(((key, value) for key, value in looks.items() if key == name), None)
    if there is not None:
        start = source.spans[there[0].line, there[0].column].end
        last = source.mappings[there[1].line, there[1].column][0]
        return _proved(book, book.rewritten({node.file: source.text[:start] + f": {text}" + source.text[last:]}, summary))
    first = next(iter(looks))
    end_, flow = source.mappings[looks.line, looks.column]
    if flow:
        at = len(source.text[: end_ - 1].rstrip())
        return _proved(book, book.rewritten({node.file: source.text[:at] + f", {name}: {text}" + source.text[at:]}, summary))
    at = source.text.rfind("\n", 0, source.spans[first.line, first.column].start) + 1
    line = f"{' ' * (first.column - 1)}{name}: {text}{newline}"
    return _proved(book, book.rewritten({node.file: source.text[:at] + line + source.text[at:]}, summary))


def _proved(book: Book, change: Change) -> Change:
    _, warnings = proved(change, book.loaded)
    return Change(change.folder, change.files, change.summary, tuple(str(item) for item in warnings))


def _look(patch: Patch, seen: Seen) -> Look:
    by_name = {(patch.fixtures[item.fixture].name, item.cell, item.name): item.index for item in patch.parameters}
    strange = [where for where in seen if where not in by_name]
    if strange:
        raise CannotEdit(f"the folder has no {strange[0][0]}.{strange[0][2]}", None, "reload the show first: it was patched anew")
    if not seen:
        raise CannotEdit("no light is chosen", None, "choose lights first")
    return {by_name[where]: level for where, level in seen.items()}


def _before(book: Book, ref: CueRef) -> Look:
    """What tracks into ``ref``."""
    look: Look = {}
    for cue in book.show.list_named[ref.list].cues:
        if cue.ref == ref:
            return look
        apply(look, own_moves(cue))
    raise CannotEdit(f"{ref} is a member of a group", None, "edit the group's lines by hand")


def _said(words: LevelWords, lacking: Look, wanted: Look, taken: set[str]) -> list[Entry]:
    added, _ = words.entries(dict(lacking), wanted, {})
    return added if taken.isdisjoint(who for who, _ in added) else words.by_name(dict(lacking), taken)


def _entry(who: str, value: str) -> str:
    """Written so that it can stand in braces as well as on a line."""
    return f"{scalar(who, True)}: {scalar(value, True)}"


def _many(seen: Seen) -> str:
    names: Iterable[str] = dict.fromkeys(fixture for fixture, _, _ in seen)
    listed = list(names)
    return ", ".join(listed) if len(listed) <= 4 else f"{len(listed)} lights"
