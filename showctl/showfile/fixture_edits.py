"""Fixtures renamed, or replaced by another that hangs already: in groups, palettes, light, effects, rehearsals.

``rename`` changes what one is called, in the patch as well, and proves that nothing else changes. ``replace`` leaves the patch as
it is and lets NEW do what OLD did. A run that OLD stands in (``tuyere_1 thru 24``) is split round it; where words follow the run
(``odd``, ``mirror``) that would mean something else, and is refused.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from showctl.show.expressions import dotted
from showctl.show.patch import Patch
from showctl.showfile.book import READ, Book, Change, proved
from showctl.showfile.edits import CannotEdit, Edit, Source, spliced
from showctl.showfile.meaning import Renaming, same_meaning
from showctl.showfile.problems import did_you_mean
from showctl.showfile.reader import Mapping, Sequence, Text, text_at
from showctl.showfile.references import offset_of

_WORD = re.compile(r"[^\s,]+")
_RUN = re.compile(r"([A-Za-z_][A-Za-z0-9_]*?)(\d+)")


def rename_fixture(book: Book, old: str, new: str) -> Change:
    """The fixture ``old`` is called ``new``; it does what it did."""
    _known(book, old)
    if new in book.draft.taken:
        what, at = book.draft.taken[new]
        raise CannotEdit(
            f"{new} is the name of a {what} already", at.place, "showctl fixture replace lets one fixture do another's work"
        )
    edits = [*_in_patch(book, old, new), *_mentions(book, old, new)]
    change = book.change(edits, f"{old} is called {new}")
    after, warnings = proved(change, book.loaded)
    assert after.show is not None, "proved refuses what does not load"
    word = re.compile(rf"(?<![\w.]){re.escape(old)}(?!\w)")
    names = Renaming(fixtures={old: new}, words=lambda words: word.sub(new, words))
    other = same_meaning((book.show, book.loaded.rehearsals), (after.show, after.rehearsals), names)
    if other:
        raise CannotEdit(f"renaming would change more than a name: {other}", None, "look for the name in templates and texts")
    return _noted(book, change, old, tuple(str(item) for item in warnings))


def replace_fixture(book: Book, old: str, new: str) -> Change:
    """``new`` does what ``old`` did, wherever that is said; both stay in the patch."""
    _known(book, old)
    if new not in book.show.patch.fixture_named:
        hint = f"hang it in patch.yaml first; to call {old} {new}: showctl fixture rename {old} {new}"
        raise CannotEdit(f"there is no fixture {new}", None, hint)
    if old == new:
        raise CannotEdit(f"{old} cannot replace itself", None, "name another fixture")
    change = book.change(_mentions(book, old, new), f"{new} does what {old} did")
    _, warnings = proved(change, book.loaded)
    return _noted(book, change, old, tuple(str(item) for item in warnings), patched=True)


def _known(book: Book, name: str) -> None:
    if name not in book.show.patch.fixture_named:
        raise CannotEdit(f"there is no fixture {name}", None, did_you_mean(name, book.show.patch.fixture_named))


# --- where it is named -------------------------------------------------------------------------------------------------


def _mentions(book: Book, old: str, new: str) -> Iterator[Edit]:
    seen: set[tuple[str, int, int]] = set()
    for text in book.noted.selections:
        key = (text.file, text.line, text.column)
        if key not in seen and _selects(text, old):
            seen.add(key)
            yield from _selection(book, text, old, new)
    for note in book.noted.expressions:
        for offset in _in_expression(note.words, old):
            start = note.offset + offset
            yield book.at(note.text).part(note.text, start, start + len(old), new)
    for text in book.noted.steps:
        match = _WORD.search(text)
        if match is not None and match[0] == old:
            yield book.at(text).part(text, match.start(), match.end(), new)


def _selection(book: Book, text: Text, old: str, new: str) -> Iterator[Edit]:
    source = book.at(text)
    whole = text
    composed = False
    if isinstance(source, Source):
        span = source.span(text)
        whole = text_at(span.value, text.file, text.line, text.column, text.quoted, text.block)
        composed = span.value != text and span.value.partition(".")[0] != text.partition(".")[0]
    terms = [term for term in _terms(whole) if term.names(old)]
    if not terms or (composed and any(term.last is not None for term in terms)):
        raise CannotEdit(f"a template puts {old} together with other words", text.place, "write the template out, or use a group")
    made = str(whole)
    for term in reversed(terms):
        if term.last is None:
            words = new
        else:
            if term.rest:
                hint = f"write the lights out as a group without {old}, or name them one by one"
                raise CannotEdit(f"{old} stands in a run that other words follow ({term.rest})", text.place, hint)
            words = ", ".join(_split_run(term, old, new))
        made = made[: term.start] + words + made[term.end :]
    if len(terms) == 1:
        yield source.part(whole, terms[0].start, terms[0].end, made[terms[0].start : len(made) - len(whole) + terms[0].end])
    else:
        yield source.replace(whole, made)


@dataclass(frozen=True, slots=True)
class _Term:
    """One part of a selection: a name or a run, from ``start`` to ``end``, and the words after it."""

    first: str
    last: str | None
    start: int
    end: int
    rest: str

    def names(self, name: str) -> bool:
        if self.last is None:
            return self.first == name
        return name in _run(self.first, self.last)


def _terms(words: str) -> Iterator[_Term]:
    position = 0
    selection = words.partition(".")[0]
    for part in selection.split(","):
        found = [(match[0], position + match.start(), position + match.end()) for match in _WORD.finditer(part)]
        if len(found) > 2 and found[1][0] == "thru":
            yield _Term(found[0][0], found[2][0], found[0][1], found[2][2], " ".join(word for word, _, _ in found[3:]))
        elif found:
            yield _Term(found[0][0], None, found[0][1], found[0][2], " ".join(word for word, _, _ in found[1:]))
        position += len(part) + 1


def _selects(words: str, name: str) -> bool:
    return any(term.names(name) for term in _terms(words))


def _run(first: str, last: str) -> list[str]:
    """The names of ``tuyere_1 thru 24``."""
    match = _RUN.fullmatch(first)
    end = last.removeprefix(match[1]) if match else ""
    if match is None or not end.isdigit() or not int(match[2]) <= int(end) < int(match[2]) + 10_000:
        return []
    return [f"{match[1]}{n:0{len(match[2])}}" for n in range(int(match[2]), int(end) + 1)]


def _split_run(term: _Term, old: str, new: str) -> list[str]:
    """A run with ``new`` in the place of ``old``: ``tuyere_1 thru 4``, ``spare``, ``tuyere_6 thru 24``."""
    assert term.last is not None, "a run has a last number"
    names = _run(term.first, term.last)
    at = names.index(old)
    return [words for part in (names[:at], [new], names[at + 1 :]) if (words := _run_words(part))]


def _run_words(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    match = _RUN.fullmatch(names[-1])
    assert match is not None, "names of a run end in numbers"
    return f"{names[0]} thru {int(match[2])}"


def _in_expression(words: str, name: str) -> list[int]:
    """Where ``name.parameter`` stands in an expression."""
    source = words.strip()
    lead = len(words) - len(words.lstrip())
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [
        lead + offset_of(source, node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and (dotted(node) or "").partition(".")[0] == name and isinstance(node.value, ast.Name)
    ]


# --- the patch ---------------------------------------------------------------------------------------------------------


def _in_patch(book: Book, old: str, new: str) -> Iterator[Edit]:
    at = book.draft.taken[old][1]
    source = book.source(at.file)
    span = source.span(at)
    if span.value == old:
        yield source.replace(text_at(old, at.file, at.line, at.column, at.quoted), new)
        return
    first, _, last = span.value.partition(" thru ")
    term = _Term(first.strip(), last.strip(), 0, len(span.value), "")
    names = _run(term.first, term.last or "")
    value = _entry(book, at)
    place = source.mappings.get((value.line, value.column)) if value is not None else None
    if value is None or place is None or not place[1] or old not in names:
        hint = f"write {', '.join(_split_run(term, old, new)) if old in names else old} out, each with its address"
        raise CannotEdit(f"{old} is hung as one of a run", at.place, hint)
    end, _ = place
    begin = source.text.rfind("{", 0, _first_key(source, value))
    indent = " " * (at.column - 1)
    index = names.index(old)
    lines = []
    for part, words in ((names[:index], None), ([old], new), (names[index + 1 :], None)):
        if part:
            lines.append(f"{words or _run_words(part)}: {_moved(source, value, begin, end, book.show.patch, part[0])}")
    newline = "\r\n" if "\r\n" in source.text else "\n"
    yield Edit(at.file, span.start, end, f"{newline}{indent}".join(lines))


def _entry(book: Book, at: Text) -> Mapping | None:
    patch = book.draft.nodes.get("patch")
    fixtures = next((value for key, value in patch.items() if key == "fixtures"), None) if isinstance(patch, Mapping) else None
    for key, value in fixtures.items() if isinstance(fixtures, Mapping) else ():
        if (key.line, key.column) == (at.line, at.column) and isinstance(value, Mapping):
            return value
    return None


def _first_key(source: Source, value: Mapping) -> int:
    first = next(iter(value))
    return source.spans[first.line, first.column].start


def _moved(source: Source, value: Mapping, begin: int, end: int, patch: Patch, name: str) -> str:
    """The entry's own text, with the address (and, in a row, the place) of ``name``."""
    fixture = patch.fixture_named[name]
    edits: list[Edit] = []
    for key, item in value.items():
        if key == "address" and isinstance(item, Text):
            edits.append(source.replace(item, f"{fixture.universe}.{fixture.address}"))
        elif key == "at" and isinstance(item, Sequence) and fixture.position is not None and "step" in value:
            spot = (fixture.position.x, fixture.position.y, fixture.position.z)
            for text, number in zip(item, spot, strict=True):
                if float(text) != number:
                    edits.append(source.replace(text, f"{number:.6f}".rstrip("0").rstrip(".")))
    inside = [replace(edit, start=edit.start - begin, end=edit.end - begin) for edit in edits]
    return spliced(source.text[begin:end], inside)


# --- what is left ------------------------------------------------------------------------------------------------------


def _noted(book: Book, change: Change, old: str, notes: tuple[str, ...], patched: bool = False) -> Change:
    """``change`` with what the author should look at: words that still name ``old``."""
    word = re.compile(rf"(?<![\w.]){re.escape(old)}(?!\w)")
    at = book.draft.taken[old][1]
    left: list[str] = []
    for path in sorted(book.folder.rglob("*")):
        file = path.relative_to(book.folder).as_posix()
        if path.suffix not in READ or file.startswith(".") or path.suffix == ".csv":
            continue
        text = change.files[file][1].decode("utf-8") if file in change.files else path.read_bytes().decode("utf-8")
        for (line, column), span in Source(file, text).spans.items():
            if word.search(span.value) and not (patched and (file, line, column) == (at.file, at.line, at.column)):
                left.append(f"{file}:{line}:{column}: {old} is still written here")
    if patched:
        left.append(f"{at.place}: {old} is still patched: take it out when it is down")
    return replace(change, notes=(*change.notes, *notes, *left))
