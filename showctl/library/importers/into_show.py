"""What was found, put into a show folder: types, universes and fixtures are added to its patch, and nothing else changes.

An edit like any other (``showfile.book``): comments and order stay, the changed folder is loaded before a file is touched, what
stood there is kept as a backup. What is read back must be what was found, slot for slot; else nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from showctl.library.importers.found import Found, FoundMode, FoundType, Refused, identifier, unique
from showctl.library.importers.written import fixture_line, type_lines, universe_of
from showctl.show.fixtures import FixtureType, Mode
from showctl.show.show import Show
from showctl.showfile.book import Book, Change, proved
from showctl.showfile.edits import CannotEdit, Edit, Source
from showctl.showfile.reader import Mapping


def put_into(book: Book, found: Iterable[Found], protocol: str = "sacn", name: str | None = None) -> Change:
    """The change that adds what was ``found``. ``name`` is what the only type is to be called.

    ``CannotEdit`` where the show has no room for it; ``Refused`` where it would read back as something else.
    """
    every = list(found)
    types = _rename(book, every, name)
    fixtures = [fixture for item in every for fixture in item.fixtures]
    _name_fixtures(book, every)
    keys = dict.fromkeys(universe_of(fixture.address, protocol)[0] for fixture in fixtures)
    missing = [f"{key}: {{}}" for key in sorted(keys, key=_order) if key not in book.show.patch.universe_keyed]
    edits = [
        *_added(book, "types", [line for kind in types for line in type_lines(kind)]),
        *_added(book, "universes", missing),
        *_added(book, "fixtures", [fixture_line(fixture, protocol) for fixture in fixtures]),
    ]
    notes = [f"{kind.label}: {note}" for kind in types for note in kind.notes] + [note for item in every for note in item.notes]
    change = book.change(_together(edits), _summary(types, len(fixtures)), notes)
    if not change.files:
        return change
    after, _ = proved(change, book.loaded)
    assert after.show is not None, "proved refuses what does not load"
    _compare(every, after.show)
    return change


def _summary(types: list[FoundType], fixtures: int) -> str:
    found = [f"{kind.name} ({len(kind.modes)} {'mode' if len(kind.modes) == 1 else 'modes'})" for kind in types]
    found += [f"{fixtures} {'fixture' if fixtures == 1 else 'fixtures'}"] if fixtures else []
    return f"imported {', '.join(found)}" if found else "nothing new: the show has it already"


def _order(key: str) -> tuple[str, int]:
    protocol, _, number = key.partition("/")
    return protocol, int(number)


def _rename(book: Book, every: list[Found], name: str | None) -> list[FoundType]:
    """Gives each type a name that nothing else has, and returns those that are new to the show.

    One that the show has just so is used as it is; another of its name is refused, for cues may rely on the old one.
    """
    if name is not None and (sum(len(item.types) for item in every) != 1 or identifier(name) != name):
        raise CannotEdit(
            f"{name} cannot name what is imported", None, "one type, and small letters, digits and _; or leave --as out"
        )
    known = book.show.fixture_types
    new: list[FoundType] = []
    for item in every:
        for kind in item.types:
            old, kind.name = kind.name, unique(name or kind.name, {other.name for other in new})
            for fixture in item.fixtures:
                fixture.type = kind.name if fixture.type == old else fixture.type
            if kind.name not in known:
                new.append(kind)
            elif not _alike(kind, known[kind.name]):
                raise CannotEdit(
                    f"{item.file}: the show has another type {kind.name} already", None,
                    f"--as {unique(kind.name, known)} gives this one a name; or take the old one out of the patch first",
                )  # fmt: skip
    return new


def _alike(kind: FoundType, other: FixtureType) -> bool:
    modes = {mode.name: mode for mode in other.modes}
    return all(mode.name in modes and same_slots(mode, modes[mode.name]) for mode in kind.modes)


def _name_fixtures(book: Book, every: list[Found]) -> None:
    taken = set(book.draft.taken)
    for item in every:
        for fixture in item.fixtures:
            fixture.name = unique(fixture.name, taken)
            taken.add(fixture.name)


# --- where it goes -------------------------------------------------------------------------------------------------------


def _added(book: Book, key: str, lines: list[str]) -> Iterator[Edit]:
    """``lines`` as further entries of the patch's mapping ``key``."""
    if not lines:
        return
    patch = book.draft.nodes.get("patch")
    if not isinstance(patch, Mapping) or not len(patch):
        raise CannotEdit("the show has no patch to import into", None, "show.yaml: patch: patch.yaml, and there types: {}")
    first = next(iter(patch))
    source = book.source(first.file)
    if _flow(source, patch):
        raise CannotEdit("the patch stands in braces, where nothing can be added", first.place, "write it as a block")
    found = next(((text, node) for text, node in patch.items() if text == key), None)
    margin = " " * (first.column - 1)
    if found is None:
        at = source.span(first).start
        yield Edit(
            source.file, at, at, _block([f"{key}:", *(f"  {line}" for line in lines)], margin).removeprefix(margin) + margin
        )
        return
    text, node = found
    span = source.span(text)
    if isinstance(node, Mapping) and len(node):
        if _flow(source, node):
            raise CannotEdit(f"{key} stands in braces, where nothing can be added", text.place, "write it as a block")
        inner = next(iter(node))
        end = _line_end(source.text, _end(source, node))
        yield Edit(source.file, end, end, "\n" + _block(lines, " " * (inner.column - 1)).rstrip("\n"))
        return
    start = source.text.index(":", span.end) + 1
    stop = _line_end(source.text, start)
    rest = source.text[start:stop].strip()
    if isinstance(node, Mapping) and rest.startswith("{"):
        stop = source.text.index("}", start) + 1
    elif rest and not rest.startswith("#"):
        raise CannotEdit(f"{key} is something that nothing can be added to", text.place, f"{key}: {{}}")
    else:
        stop = start
    tail = source.text[stop : _line_end(source.text, stop)]
    end = stop + len(tail)
    yield Edit(source.file, start, end, tail + "\n" + _block(lines, margin + "  ").rstrip("\n"))


def _block(lines: list[str], margin: str) -> str:
    return "".join(f"{margin}{line}\n" for line in lines)


def _flow(source: Source, node: Mapping) -> bool:
    key = next(iter(node))
    return source.span(key).flow


def _end(source: Source, node: Mapping) -> int:
    """After the last character of a block mapping: its last scalar, or the brace that closes it."""
    key = next(iter(node))
    known = source.mappings.get((key.line, key.column))
    if known is None:
        raise CannotEdit("this mapping cannot be found again in the file", key.place, "write it as a plain block")
    return known[0]


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _together(edits: list[Edit]) -> list[Edit]:
    """Edits at the same place, one after the other in one."""
    made: dict[tuple[str, int, int], Edit] = {}
    for edit in edits:
        key = (edit.file, edit.start, edit.end)
        made[key] = Edit(*key, made[key].words + edit.words) if key in made else edit
    return list(made.values())


# --- reading it back -----------------------------------------------------------------------------------------------------


def _compare(every: list[Found], show: Show) -> None:
    """``Refused`` where a mode would not read back with the slots that were found, or a fixture at another place."""
    for item in every:
        for kind in item.types:
            modes = {mode.name: mode for mode in show.fixture_types[kind.name].modes}
            for mode in kind.modes:
                other = modes.get(mode.name)
                if other is None or not same_slots(mode, other):
                    raise Refused(item.file, f"mode {mode.name} of {kind.label} would not read back as it is", "please report it")
        for fixture in item.fixtures:
            hung = show.patch.fixture_named[fixture.name]
            if hung.address != (fixture.address - 1) % 512 + 1 or hung.mode.name != fixture.mode:
                raise Refused(item.file, f"{fixture.name} would not read back as it is", "please report it")


def same_slots(mode: FoundMode, other: Mode) -> bool:
    """Whether both have the same parameters on the same slots."""
    found = {(item.parameter, item.cell, item.slots) for item in mode.channels}
    return found == {(item.parameter, item.cell, item.slots) for item in other.channels if item.slots} and (
        mode.footprint == other.footprint
    )
