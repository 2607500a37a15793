"""The sheet of a list: its lights against its cues, and in each cell what the cue does to them and where they stand then.

Worked out from the folder alone, every cue settled, chains and conditions left aside: what tracks from cue to cue as the file
stands. Lights that read the same in every cue share a line, under the name of their group. Levels are those of this list;
what other lists, masters and people do is for ``showctl why``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from io import StringIO
from typing import Any, Final

from showctl.engine.words import level_value, lights_words, look_words, whole_groups
from showctl.show.cues import Cue, CueList, LightMove, MoveKind
from showctl.show.fixtures import Family
from showctl.show.levels import Level, percent_of
from showctl.show.marking import prepared, prepared_in
from showctl.show.patch import Parameter
from showctl.show.show import Show


class Mark(Enum):
    """What a cue does to a light; the value is the sign in the cell."""

    MOVED = ">"
    BLOCKED = "["
    ASSERTED = "!"
    ONLY = "("
    RESTORED = ")"
    RELEASED = "<"
    TRACKED = " "
    FREE = ""


LEGEND: Final = (
    "> moved   (space) tracked   [ blocked   ! asserted   < released   ( for this cue only   ) back after it\n"
    "c f b: colour, focus, beam move, too   m: moved in the dark for a cue to come"
)
_STRONGEST: Final = (Mark.BLOCKED, Mark.ASSERTED, Mark.ONLY, Mark.MOVED, Mark.RESTORED, Mark.RELEASED)
_LETTERS: Final = {Family.COLOR: "c", Family.FOCUS: "f", Family.BEAM: "b"}


@dataclass(frozen=True, slots=True)
class Standing:
    """One parameter after a cue: its level, what the cue did to it, and the place of the cue that last moved it."""

    level: Level
    mark: Mark
    since: int
    whom: int = 0
    """The target that it follows; ``level`` is where it rests."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A light (or several that read the same) after a cue. ``level`` is its intensity, None where the list holds none."""

    mark: Mark
    level: tuple[Level, Level] | None
    moves: tuple[Family, ...] = ()
    marked: bool = False

    def __str__(self) -> str:
        letters = "".join(_LETTERS[family] for family in self.moves if family in _LETTERS) + ("m" if self.marked else "")
        if self.level is None:
            return self.mark.value.strip() + letters
        low, high = (f"{percent_of(level):.0f}" for level in self.level)
        return self.mark.value + (low if low == high else f"{low}-{high}") + letters


@dataclass(frozen=True)
class Row:
    """Lights that read the same throughout, by name and by fixture."""

    name: str
    fixtures: tuple[int, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Sheet:
    """The sheet of ``cue_list``; ``standing`` has every parameter that the list holds after each cue."""

    show: Show = field(repr=False)
    cue_list: CueList = field(repr=False)
    cues: tuple[Cue, ...] = field(repr=False)
    rows: tuple[Row, ...]
    standing: tuple[dict[int, Standing], ...] = field(repr=False)


def sheet_of(show: Show, cue_list: CueList) -> Sheet:
    """Every light that the list touches, against every cue of it."""
    standing = tuple(_settled(cue_list.cues))
    fixtures = sorted({show.patch.parameters[p].fixture for after in standing for p in after})
    alike: dict[tuple[Cell, ...], list[int]] = {}
    marked = _marked(show, cue_list, standing)
    for fixture in fixtures:
        alike.setdefault(_cells(show, standing, fixture, marked.get(fixture, frozenset())), []).append(fixture)
    groups = whole_groups(show)
    rows = tuple(Row(lights_words(show, same, groups), tuple(same), cells) for cells, same in alike.items())
    return Sheet(show, cue_list, cue_list.cues, rows, standing)


# --- tracking ---------------------------------------------------------------------------------------------------------------


def _settled(cues: Sequence[Cue]) -> Iterator[dict[int, Standing]]:
    """Where the list holds its parameters after each cue, settled. Released ones stand there once more, and then are gone."""
    held: dict[int, Standing] = {}
    back: dict[int, Standing | None] = {}
    for number, cue in enumerate(cues):
        held = {p: Standing(s.level, Mark.TRACKED, s.since, s.whom) for p, s in held.items() if s.mark is not Mark.RELEASED}
        for parameter, before in back.items():
            if before is None:
                held[parameter] = Standing(0, Mark.RELEASED, number)
            else:
                held[parameter] = Standing(before.level, Mark.RESTORED, number, before.whom)
        back = {}
        for move in _moves(cue):
            _move(held, move, Mark.MOVED, number)
        for move in cue.this_cue_only if cue.armed else ():
            for parameter in move.parameters:
                before = held.get(parameter)
                back.setdefault(parameter, None if before is None or before.mark is Mark.RELEASED else before)
            _move(held, move, Mark.ONLY, number)
        yield held


def _moves(cue: Cue) -> Iterator[LightMove]:
    """The light of a cue, then that of its members."""
    if cue.armed:
        yield from cue.light
        for member in cue.group.members if cue.group else ():
            yield from _moves(member.cue)


def _move(held: dict[int, Standing], move: LightMove, mark: Mark, number: int) -> None:
    if move.kind is MoveKind.RELEASE:
        held |= {p: Standing(0, Mark.RELEASED, number) for p in move.parameters if p in held}
        return
    mark = Mark.BLOCKED if move.block else Mark.ASSERTED if move.assert_ else mark
    held |= {p: Standing(level, mark, number, move.follow) for p, level in zip(move.parameters, move.levels, strict=True)}


def _marked(show: Show, cue_list: CueList, standing: Sequence[dict[int, Standing]]) -> dict[int, frozenset[int]]:
    """Fixture -> the places of the cues in which it moves in the dark for one that comes later."""
    found: dict[int, frozenset[int]] = {}
    for cue in cue_list.cues:
        during = prepared_in(cue_list, cue)
        if during is None:
            continue
        after = standing[during.index]
        for light in prepared(show.patch, cue):
            if any(p in after and after[p].level > 0 for p in light.dimmers):
                continue
            if any(p not in after or after[p].level != level for p, level in light.moves):
                found[light.fixture] = found.get(light.fixture, frozenset()) | {during.index}
    return found


def _cells(show: Show, standing: Sequence[dict[int, Standing]], fixture: int, marked: frozenset[int]) -> tuple[Cell, ...]:
    parameters = show.patch.parameters_of[fixture]
    return tuple(replace(_cell(parameters, after), marked=n in marked) for n, after in enumerate(standing))


def _cell(parameters: Sequence[Parameter], after: dict[int, Standing]) -> Cell:
    there = [(p, after[p.index]) for p in parameters if p.index in after]
    bright = [(p, s) for p, s in there if p.family is Family.INTENSITY]
    others = {p.family for p, s in there if p.family is not Family.INTENSITY and s.mark in _STRONGEST}
    marks = {s.mark for _, s in bright or there}
    mark = next((one for one in _STRONGEST if one in marks), Mark.TRACKED if there else Mark.FREE)
    if not bright:
        mark = Mark.TRACKED if mark is Mark.MOVED else mark  # the letters say it
    held = [s.level for _, s in bright if s.mark is not Mark.RELEASED]
    return Cell(mark, (min(held), max(held)) if held else None, tuple(f for f in Family if f in others))


# --- one cue ----------------------------------------------------------------------------------------------------------------


def _look(show: Show, parts: list[tuple[Parameter, Standing]]) -> str:
    """What some parameters of one light go to, and whom they follow."""
    words = look_words((parameter, standing.level) for parameter, standing in parts if not standing.whom)
    whom = dict.fromkeys(standing.whom for _, standing in parts if standing.whom)
    return ", ".join([*([words] if words else []), *(f"follows {show.targets[number - 1].name}" for number in whom)])


def cue_lines(sheet: Sheet, cue: Cue) -> list[dict[str, Any]]:
    """Every light that the list holds after ``cue``: the look, what was done to it, and the cue that it tracks from."""
    show, after = sheet.show, sheet.standing[cue.index]
    by_fixture: dict[int, list[tuple[Parameter, Standing]]] = {}
    for index in sorted(after):
        parameter = show.patch.parameters[index]
        by_fixture.setdefault(parameter.fixture, []).append((parameter, after[index]))
    alike: dict[tuple[tuple[str, str, str, int], ...], list[int]] = {}
    for fixture, parts in by_fixture.items():
        stories: dict[tuple[Mark, int], list[tuple[Parameter, Standing]]] = {}
        for parameter, standing in parts:
            stories.setdefault((standing.mark, standing.since), []).append((parameter, standing))
        key = tuple((mark.name, _look(show, parts), _names(parts), since) for (mark, since), parts in stories.items())
        alike.setdefault(key, []).append(fixture)
    groups = whole_groups(show)
    found: list[dict[str, Any]] = []
    for key, fixtures in alike.items():
        for mark, look, names, since in key:
            origin = sheet.cues[since]
            found.append(
                {
                    "name": lights_words(show, fixtures, groups),
                    "fixtures": [show.patch.fixtures[n].name for n in fixtures],
                    "parameters": names.split(),
                    "state": mark.lower(),
                    "look": "" if mark == Mark.RELEASED.name else look,
                    "since": origin.label,
                    "place": str(origin.place),
                }
            )
    return found + _ahead(sheet, cue)


def _ahead(sheet: Sheet, cue: Cue) -> list[dict[str, Any]]:
    """The lights that move in the dark during ``cue`` for cues to come: where to, and for which."""
    show, after = sheet.show, sheet.standing[cue.index]
    found: list[dict[str, Any]] = []
    for target in sheet.cues:
        during = prepared_in(sheet.cue_list, target)
        if during is None or during.index != cue.index:
            continue
        alike: dict[str, list[int]] = {}
        names: dict[str, None] = {}
        for light in prepared(show.patch, target):
            dark = all(p not in after or after[p].level == 0 for p in light.dimmers)
            moves = [(show.patch.parameters[p], level) for p, level in light.moves if p not in after or after[p].level != level]
            if dark and moves:
                alike.setdefault(look_words(moves), []).append(light.fixture)
                names |= dict.fromkeys(parameter.name for parameter, _ in moves)
        for look, fixtures in alike.items():
            found.append(
                {
                    "name": lights_words(show, fixtures, whole_groups(show)),
                    "fixtures": list(dict.fromkeys(show.patch.fixtures[n].name for n in fixtures)),
                    "parameters": list(names),
                    "state": "marked",
                    "look": look,
                    "since": target.label,
                    "place": str(target.place),
                }
            )
    return found


def _names(look: Iterable[tuple[Parameter, object]]) -> str:
    return " ".join(dict.fromkeys(parameter.name for parameter, _ in look))


# --- as text, CSV and JSON ----------------------------------------------------------------------------------------------------


def as_text(sheet: Sheet, width: int = 100) -> str:
    """The grid in blocks of as many cues as fit into ``width`` columns."""
    if not sheet.rows:
        return f"{sheet.cue_list.name} moves no light"
    name = min(max(len(row.name) for row in sheet.rows), max(width // 3, 12))
    columns = [[str(row.cells[n]) for row in sheet.rows] for n in range(len(sheet.cues))]
    widths = [max(len(cue.label), *(len(text) for text in column)) for cue, column in zip(sheet.cues, columns, strict=True)]
    blocks: list[str] = []
    start = 0
    while start < len(sheet.cues):
        end, taken = start, name
        while end < len(sheet.cues) and (end == start or taken + 2 + widths[end] <= width):
            taken += 2 + widths[end]
            end += 1
        shown = range(start, end)
        lines = [" " * name + "".join(f"  {sheet.cues[n].label:>{widths[n]}}" for n in shown)]
        for number, row in enumerate(sheet.rows):
            label = row.name if len(row.name) <= name else row.name[: name - 1] + "…"
            lines.append(f"{label:{name}}" + "".join(f"  {columns[n][number]:>{widths[n]}}" for n in shown))
        blocks.append("\n".join(line.rstrip() for line in lines))
        start = end
    return "\n\n".join([*blocks, LEGEND])


def as_csv(sheet: Sheet) -> str:
    """The grid for a spreadsheet: a line for each row, a column for each cue."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["light", *(f"{cue.label} {cue.name}".rstrip() for cue in sheet.cues)])
    writer.writerows([row.name, *(str(cell) for cell in row.cells)] for row in sheet.rows)
    return out.getvalue()


def as_json(sheet: Sheet) -> dict[str, Any]:
    """Everything, fixture by fixture within the rows: levels 0..1 and degrees."""
    patch = sheet.show.patch
    return {
        "show": sheet.show.name,
        "list": sheet.cue_list.name,
        "cues": [{"label": cue.label, "name": cue.name, "place": str(cue.place)} for cue in sheet.cues],
        "rows": [
            {
                "name": row.name,
                "fixtures": [patch.fixtures[n].name for n in row.fixtures],
                "cells": [_cell_json(sheet, row, n) for n in range(len(sheet.cues))],
            }
            for row in sheet.rows
        ],
    }


def _cell_json(sheet: Sheet, row: Row, number: int) -> dict[str, Any]:
    cell, after = row.cells[number], sheet.standing[number]
    levels: dict[str, list[float]] = {}
    for fixture in row.fixtures:
        for parameter in sheet.show.patch.parameters_of[fixture]:
            if parameter.index in after and after[parameter.index].mark is not Mark.RELEASED:
                value = level_value(parameter, after[parameter.index].level)
                low, high = levels.get(parameter.name, [value, value])
                levels[parameter.name] = [min(low, value), max(high, value)]
    return {
        "cue": sheet.cues[number].label,
        "state": cell.mark.name.lower(),
        "moves": [family.value for family in cell.moves],
        "marked": cell.marked,
        "levels": {name: low if low == high else [low, high] for name, (low, high) in levels.items()},
    }
