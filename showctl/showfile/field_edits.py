"""One cue's own words changed: its notes, times, light; and a new cue put between two others.

``fields_of`` gives them as they are written; ``set_field`` puts other words in the same place, in the same style (quotes, braces
or lines of its own), adds a key that is not there on a line below the cue's name, and takes one away whose words are empty. As
with every edit, nothing is written here, and what would not load is refused.
"""

from __future__ import annotations

import re
from typing import Final

from showctl.show.cues import CueRef
from showctl.showfile.book import Book, Change
from showctl.showfile.cue_blocks import Block
from showctl.showfile.cue_edits import rename
from showctl.showfile.cue_places import blocks_of_list, ended, file_of, require_label, texts_of, tree_of
from showctl.showfile.edits import CannotEdit, Source, scalar
from showctl.showfile.problems import Problems
from showctl.showfile.reader import Mapping, Text, compose

SCALARS: Final = ("notes", "wait", "time", "curve", "next", "armed", "color", "wait_for")
"""Keys whose value is one scalar; those that are written otherwise are left to an editor."""
MAPPINGS: Final = ("light",)
FIELDS: Final = ("name", *SCALARS, *MAPPINGS)
_NAME: Final = Text("name")


def fields_of(book: Book, ref: CueRef) -> dict[str, str]:
    """What ``ref`` says in its own lines, by key; ``light`` as lines of ``who: level``. "" where it says nothing."""
    tree = tree_of(book, ref)
    found = dict.fromkeys(FIELDS, "")
    found["name"] = book.show.cue(ref).name
    for key, value in tree.items():
        if key in SCALARS and isinstance(value, Text):
            found[str(key)] = str(value)
        elif key in MAPPINGS and isinstance(value, Mapping):
            found[str(key)] = _lines(book, tree, value)
    return found


def text_of(book: Book, ref: CueRef) -> str:
    """The lines of ``ref``, with the comment above them."""
    here = file_of(book, ref, blocks_of_list(book, ref.list))
    return here.blocks[here.index(ref.label)].text


def set_field(book: Book, ref: CueRef, key: str, words: str) -> Change:
    """``key`` of ``ref`` becomes ``words``; "" takes it away."""
    if key == "name":
        return rename(book, ref, words)
    if key not in FIELDS:
        raise CannotEdit(f"{key} is not edited here", None, f"there are {', '.join(FIELDS)}; an editor does the rest")
    if key in MAPPINGS:
        words = "\n".join(line.rstrip() for line in words.strip().splitlines() if line.strip())
        _require_entries(key, words)
    elif "\n" in words.strip():
        raise CannotEdit(f"{key} is a line of text", None, "write longer ones in an editor")
    tree = tree_of(book, ref)
    there = next(((name, value) for name, value in tree.items() if name == key), None)
    summary = f"{key} of {ref} is {_short(words)}" if words else f"{ref} has no {key} any more"
    source = book.source(tree.file)
    if there is None:
        text = source.text if not words else _added(source, book, ref, tree, key, words)
    elif not _own(source, tree, there[0]):
        raise CannotEdit(f"{key} of {ref} comes from a template", tree.place, "write it at the cue, or change the template")
    elif not words:
        text = _taken(source, tree, *there)
    elif isinstance(there[1], Text):
        return ended(book, book.change([source.replace(there[1], words)], summary))
    elif isinstance(there[1], Mapping) and key in MAPPINGS:
        text = _rewritten(source, there[1], words)
    else:
        raise CannotEdit(f"{key} of {ref} is written as more than a line", there[0].place, "edit it in an editor")
    return ended(book, book.rewritten({tree.file: text}, summary))


def insert(book: Book, anchor: CueRef, label: str, name: str, *, after: bool = True) -> Change:
    """A new cue stands before or after ``anchor``, with nothing but a label and a name."""
    require_label(label)
    if label in book.draft.labels[anchor.list]:
        where = book.draft.labels[anchor.list][label].place
        raise CannotEdit(f"{anchor.list} has a cue {label} already, in {where}", None, "give the new one another label")
    files = blocks_of_list(book, anchor.list)
    there = file_of(book, anchor, files)
    words = f"- {scalar(label, False)}: {scalar(name.strip(), False) if name.strip() else ''}".rstrip() + there.newline
    there.put(Block(label, words, there.usual_gap(anchor.label), 0), anchor.label, after)
    side = "after" if after else "before"
    return ended(book, book.rewritten(texts_of(there), f"{anchor.list}/{label} is new, {side} {anchor.label}"))


# --- where words stand ---------------------------------------------------------------------------------------------------


def _own(source: Source, tree: Mapping, key: Text) -> bool:
    item = source.items.get((tree.line, tree.column))
    span = source.spans.get((key.line, key.column)) if key.file == tree.file else None
    return item is not None and span is not None and item.start <= span.start < item.end


def _added(source: Source, book: Book, ref: CueRef, tree: Mapping, key: str, words: str) -> str:
    """A key that was not there: in the braces, or on lines below the cue's first."""
    at = book.draft.labels[ref.list][ref.label]
    item = source.items.get((tree.line, tree.column))
    if item is None or at.file != tree.file:
        raise CannotEdit(f"{ref} cannot take {key}", at.place, "write the cue on lines of its own")
    if item.flow:
        value = "{" + ", ".join(words.splitlines()) + "}" if key in MAPPINGS else scalar(words, True)
        inner = source.text[: item.end - 1].rstrip()
        return inner + f", {key}: {value}" + source.text[len(inner) :]
    newline = "\r\n" if "\r\n" in source.text else "\n"
    indent = " " * item.column
    value = (
        "".join(f"{newline}{indent}  {line}" for line in words.splitlines()) if key in MAPPINGS else f" {scalar(words, False)}"
    )
    if key in MAPPINGS and len(words.splitlines()) == 1:
        value = f" {{{words}}}"
    end = source.text.find("\n", source.spans[at.line, at.column].end)
    line = f"{indent}{key}:{value}"
    if end < 0:
        return source.text + newline + line
    return source.text[: end + 1] + line + newline + source.text[end + 1 :]


def _taken(source: Source, tree: Mapping, key: Text, value: object) -> str:
    """A key and its words, taken away with the lines that they stood on."""
    first = source.spans[key.line, key.column].start
    if isinstance(value, Text):
        last = source.span(value).end
    elif isinstance(value, Mapping):
        last = source.mappings[value.line, value.column][0]
    else:
        raise CannotEdit(f"{key} is written as more than a line", key.place, "edit it in an editor")
    item = source.items[tree.line, tree.column]
    text = source.text
    if item.flow:
        rest = re.match(r"\s*,\s*", text[last:])
        if rest:
            return text[:first] + text[last + rest.end() :]
        return text[:first].rstrip().removesuffix(",") + text[last:]
    begin = text.rfind("\n", 0, first) + 1
    if text[begin:first].strip():
        raise CannotEdit(f"{key} does not stand on a line of its own", key.place, "edit it in an editor")
    end = text.find("\n", last)
    return text[:begin] + ("" if end < 0 else text[end + 1 :])


# --- light -----------------------------------------------------------------------------------------------------------------


def _lines(book: Book, tree: Mapping, value: Mapping) -> str:
    """Entries of a mapping, a line each, as they are written; "" where a template wrote them."""
    source = book.source(tree.file)
    keys = list(value)
    if not keys or not all(_own(source, tree, key) for key in keys):
        return ""
    found = []
    for key in keys:
        entry = value[key]
        start = source.spans[key.line, key.column].start
        end = source.span(entry).end if isinstance(entry, Text) else source.mappings[entry.line, entry.column][0]
        found.append(re.sub(r"\s*\n\s*", " ", source.text[start:end]))
    return "\n".join(found)


def _rewritten(source: Source, value: Mapping, words: str) -> str:
    """The mapping's text with other entries, in the style that it has; comments between them stay where they can."""
    end, flow = source.mappings[value.line, value.column]
    lines = words.splitlines()
    if flow:
        start = (
            source.text.rindex("{", 0, source.spans[next(iter(value)).line, next(iter(value)).column].start) if value else end - 2
        )
        return source.text[:start] + "{" + ", ".join(lines) + "}" + source.text[end:]
    first = next(iter(value))
    start = source.spans[first.line, first.column].start
    if "#" in re.sub(r"'[^']*'|\"[^\"]*\"", "", source.text[start:end]):
        raise CannotEdit("there are comments between these levels", first.place, "edit them in an editor, so that none is lost")
    newline = "\r\n" if "\r\n" in source.text else "\n"
    return source.text[:start] + f"{newline}{' ' * (first.column - 1)}".join(lines) + source.text[end:]


def _require_entries(key: str, words: str) -> None:
    """Each line must be one entry, and remain one in braces."""
    for number, line in enumerate(words.splitlines(), start=1):
        problems = Problems()
        plain, braced = compose(line, "", problems), compose(f"{{{line}}}", "", problems)
        if problems.errors or not isinstance(plain, dict) or len(plain) != 1 or plain != braced:
            raise CannotEdit(f"line {number} of {key} is no level: {_short(line)}", None, "a line each: tuyeres: 70 ember")


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= 60 else line[:59] + "…"
