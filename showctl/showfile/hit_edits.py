"""Edits of a timeline's table: moments that move, or take their times from markers; everything else stays as its author wrote it.

Comments stand above the row that they stood above, cells keep their text, rows stand in the order of their times.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from showctl.show.instants import SECOND, Duration, words_for
from showctl.show.tempo import TempoMap
from showctl.showfile.book import Book, Change
from showctl.showfile.edits import BOM, CannotEdit
from showctl.showfile.problems import Wrong
from showctl.showfile.tempo_words import LINE, moment, tempo_in, written
from showctl.showfile.values import duration

AT: Final = "at"


@dataclass(frozen=True)
class Row:
    """One moment: its time, its cells, and the lines (comments, blank ones) that stand above it."""

    at: Duration
    cells: tuple[str, ...]
    above: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A timeline's table."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    mark: str = ""
    """A byte order mark, where there was one."""
    tempo: TempoMap | None = None
    """What its bars and beats are counted by, where a line above the header says so."""

    @classmethod
    def read(cls, text: str) -> Table:
        """The table in ``text``. ``CannotEdit`` where it is none."""
        mark = BOM if text.startswith(BOM) else ""
        header: tuple[str, ...] | None = None
        rows: list[Row] = []
        above: list[str] = []
        top: tuple[str, ...] = ()
        tempo = _tempo(text)
        for number, line in enumerate(text.removeprefix(BOM).splitlines(), 1):
            if not line.strip() or line.lstrip().startswith("#"):
                above.append(line)
                continue
            try:
                cells = tuple(next(csv.reader([line], strict=True)))
            except csv.Error as error:
                hint = "a cell that goes over several lines cannot be edited"
                raise CannotEdit(f"line {number}: {error}", None, hint) from None
            if header is None:
                header, top, above = tuple(cell.strip().lower() for cell in cells), tuple(above), []
                if AT not in header:
                    raise CannotEdit(f"line {number}: the column at is missing", None, "at,use,who,level,time,color,name")
                continue
            place = header.index(AT)
            try:
                at = _time_of(cells[place], tempo) if place < len(cells) else None
            except Wrong as wrong:
                raise CannotEdit(f"line {number}: {wrong.message}", None, wrong.hint) from None
            if at is None:
                raise CannotEdit(f"line {number}: this row has no time", None, "every row says at")
            rows.append(Row(at, cells, tuple(above)))
            above = []
        if header is None:
            raise CannotEdit("this table has no header", None, "at,use,who,level,time,color,name")
        return cls(header, tuple(rows), top, tuple(above), mark, tempo)

    def text(self) -> str:
        """The table as a file. A time that did not move is written as it was."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        for line in self.above:
            out.write(line + "\n")
        writer.writerow(self.header)
        place = self.header.index(AT)
        for row in sorted(self.rows, key=lambda row: row.at):
            out.write("".join(line + "\n" for line in row.above))
            cells = list(row.cells)
            if not cells[place].strip() or _time_of(cells[place], self.tempo) != row.at:
                cells[place] = self.written(row.at)
            writer.writerow(cells)
        return self.mark + out.getvalue() + "".join(line + "\n" for line in self.below)

    def written(self, at: Duration) -> str:
        """How a moment is written here: in bars and beats where it lies on one, else in seconds."""
        return _written(at) if self.tempo is None else written(at, self.tempo)

    def with_row(self, at: Duration, given: Mapping[str, str]) -> Table:
        """One more moment, with these cells by column. ``CannotEdit`` for a column that is not there."""
        unknown = [column for column in given if column not in self.header]
        if unknown:
            raise CannotEdit(f"this table has no column {unknown[0]}", None, ",".join(self.header))
        cells = tuple(self.written(at) if column == AT else given.get(column, "") for column in self.header)
        return replace(self, rows=(*self.rows, Row(at, cells)))

    def names(self) -> list[tuple[Duration, str]]:
        """(when, name) of each row."""
        return [(row.at, self._cell(row, "name")) for row in self.rows]

    def shifted(self, by: Duration, first: Duration, last: Duration | None) -> Table:
        """Rows from ``first`` to just before ``last`` are ``by`` later. ``CannotEdit`` where one would come before 0."""
        moved = tuple(
            replace(row, at=row.at + by) if first <= row.at and (last is None or row.at < last) else row for row in self.rows
        )
        early = min(moved, key=lambda row: row.at, default=None)
        if early is not None and early.at < 0:
            raise CannotEdit(f"{self._cell(early, 'name') or 'a row'} would come {words_for(-early.at)} s before the beginning")
        return replace(self, rows=moved)

    def timed_by(self, markers: Iterable[tuple[Duration, str]]) -> tuple[Table, list[str]]:
        """Rows take the times of markers of their names (of twins the first the first's). And the names that are left over."""
        times: dict[str, list[Duration]] = {}
        for at, name in markers:
            times.setdefault(name, []).append(at)
        moved = []
        for row in self.rows:
            name = self._cell(row, "name")
            moved.append(replace(row, at=times[name].pop(0)) if name and times.get(name) else row)
        return replace(self, rows=tuple(moved)), sorted(name for name, left in times.items() for _ in left)

    def _cell(self, row: Row, column: str) -> str:
        place = self.header.index(column) if column in self.header else len(row.cells)
        return row.cells[place].strip() if place < len(row.cells) else ""


def edit_table(book: Book, file: str, summary: str, change: Callable[[Table], tuple[Table, list[str]]]) -> Change:
    """A table of the show changed; ``change`` also gives notes. ``CannotEdit`` for what is no table of this show."""
    path = book.folder / file
    if not path.is_file():
        known = sorted(str(found.relative_to(book.folder)) for found in book.folder.rglob("*.csv"))
        raise CannotEdit(f"there is no {file} in the show", None, f"its tables: {', '.join(known) or 'none'}")
    old = path.read_bytes()
    table, notes = change(Table.read(old.decode("utf-8")))
    new = table.text().encode()
    return Change(book.folder, {file: (old, new)} if new != old else {}, summary, tuple(notes))


def _tempo(text: str) -> TempoMap | None:
    """The tempo map of a table's own line. ``CannotEdit`` where it is none."""
    for number, line in enumerate(text.removeprefix(BOM).splitlines(), 1):
        if (match := LINE.fullmatch(line.strip())) is not None:
            try:
                return tempo_in(match[1])
            except Wrong as wrong:
                raise CannotEdit(f"line {number}: {wrong.message}", None, wrong.hint) from None
    return None


def _time_of(cell: str, tempo: TempoMap | None) -> Duration:
    """The time in a cell."""
    in_bars = None if tempo is None else moment(cell, tempo)
    return duration(cell.strip()) if in_bars is None else in_bars


def _written(at: Duration) -> str:
    """Seconds, with two decimals or as many as it takes."""
    text = f"{at / SECOND:.6f}".rstrip("0")
    whole, _, part = text.partition(".")
    return f"{whole}.{part:0<2}"
