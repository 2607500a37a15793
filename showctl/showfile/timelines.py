"""Timelines in CSV: one row for each hit, ``at,use,who,level,time,color,name``, as a DAW's markers export and read them.

A line ``# tempo: 120 4/4, 17: 140`` above the header makes bars and beats of moments without a unit (``tempo_words``).
``use`` is a template or a look; left out (or ``light``), the row is a level on ``who``. A byte order mark, blank
lines and lines that begin with # are let through. Each row becomes a cue that stands at its line of the CSV.
"""

from __future__ import annotations

import csv
import io
from typing import Final

from showctl.show.places import Place
from showctl.show.tempo import TempoMap
from showctl.showfile.draft import Draft
from showctl.showfile.problems import did_you_mean
from showctl.showfile.reader import Mapping, Sequence, Text, mapping_like, sequence_like, text_at
from showctl.showfile.tempo_words import LINE, in_seconds, tempo_in

COLUMNS: Final = ("at", "use", "who", "level", "time", "color", "name")
MAX_ROWS: Final = 20_000


def read_timeline(draft: Draft, name: Text) -> Sequence | None:
    """The rows of the CSV that ``name`` names, as cues."""
    if not name.endswith(".csv"):
        draft.problems.error(
            "BAD_CSV", name.place, f"{name or 'nothing'} is not a CSV file", "timeline: a list of cues, or hits.csv"
        )
        return None
    path = draft.folder.find(name, name.place)
    source = None if path is None else draft.folder.text(path, name.place)
    if path is None or source is None:
        return None
    return _Rows(draft, draft.folder.relative(path)).read(source)


class _Rows:
    def __init__(self, draft: Draft, file: str) -> None:
        self.draft, self.file = draft, file

    def read(self, source: str) -> Sequence | None:
        made = sequence_like(Place(self.file, 1, 1), [])
        header: list[str] | None = None
        self.tempo = self._tempo(source)
        reader = csv.reader(io.StringIO(source, newline=""), strict=True)
        try:
            for row in reader:
                line = reader.line_num
                if not any(cell.strip() for cell in row) or row[0].lstrip().startswith("#"):
                    continue
                if header is None:
                    header = self._header(row, line)
                    if header is None:
                        return None
                elif (cue := self._row(row, header, line)) is not None:
                    made.append(cue)
                if len(made) > MAX_ROWS:
                    self._bad(line, 1, f"more than {MAX_ROWS} rows", "split it into several timelines")
                    return None
        except csv.Error as error:
            self._bad(reader.line_num, 1, f"this is not CSV: {error}", "a quote is probably still open")
            return None
        if header is None:
            self._bad(1, 1, "this file has no header", ",".join(COLUMNS))
            return None
        return made

    def _tempo(self, source: str) -> TempoMap | None:
        """What the table's own line says; the first one counts."""
        for number, line in enumerate(source.splitlines(), 1):
            if (match := LINE.fullmatch(line.strip())) is not None:
                return self.draft.read(tempo_in, text_at(match[1], self.file, number, line.index(match[1]) + 1), None)
        return None

    def _bad(self, line: int, column: int, message: str, hint: str) -> None:
        self.draft.problems.error("BAD_CSV", Place(self.file, max(line, 1), column), message, hint)

    def _header(self, row: list[str], line: int) -> list[str] | None:
        names = [cell.strip().lower() for cell in row]
        column = 1
        good = True
        for cell, name in zip(row, names, strict=True):
            if name not in COLUMNS:
                self._bad(line, column, f"there is no column {name or '(empty)'}", did_you_mean(name, COLUMNS, ",".join(COLUMNS)))
                good = False
            column += len(cell) + 1
        if good and len(set(names)) != len(names):
            self._bad(line, 1, "a column stands here twice", ",".join(COLUMNS))
            good = False
        if good and "at" not in names:
            self._bad(line, 1, "the column at is missing", ",".join(COLUMNS))
            good = False
        return names if good else None

    def _row(self, row: list[str], header: list[str], line: int) -> Mapping | None:
        if len(row) > len(header):
            self._bad(line, 1, f"{len(row)} cells under {len(header)} columns", "a cell with a comma goes in quotes")
            return None
        cells: dict[str, Text] = {}
        column = 1
        for name, cell in zip(header, row, strict=False):
            if cell.strip():
                lead = len(cell) - len(cell.lstrip())
                cells[name] = text_at(cell.strip(), self.file, line, column + lead)
            column += len(cell) + 1
        at = cells.pop("at", None)
        if at is None:
            self._bad(line, 1, "this row has no time", "every row says at")
            return None
        if self.tempo is not None:
            at = in_seconds(self.draft, at, self.tempo)
        items: dict[Text, object] = {self._word("at", at): at}
        if "name" in cells:
            items[self._word("name", at)] = cells.pop("name")
        use = cells.pop("use", None)
        if use is not None and use in self.draft.templates:
            takes = self.draft.templates[use][0]
            items[self._word("use", use)] = use
            given = {self._word(name, cell): cell for name, cell in cells.items() if name in takes}
            items[self._word("with", use)] = mapping_like(use.place, given)
            return mapping_like(at.place, items)
        if use is not None and use in self.draft.palettes.looks:
            items[self._word("look", use)] = use
        elif use is not None and use != "light":
            known = ("light", *self.draft.templates, *self.draft.palettes.looks)
            self.draft.problems.error(
                "UNKNOWN_TEMPLATE", use.place, f"there is no template or look {use}", did_you_mean(use, known)
            )
            return None
        if "who" in cells:
            value = " ".join(cells[word] for word in ("level", "color") if word in cells)
            first = cells.get("level") or cells.get("color") or cells["who"]
            items[self._word("light", at)] = mapping_like(at.place, {cells["who"]: text_at(value, self.file, line, first.column)})
        elif use is None or use == "light":
            self._bad(line, 1, "this row says neither what nor who", "who: a fixture or group; use: a template or look")
            return None
        if "time" in cells:
            items[self._word("time", at)] = cells["time"]
        return mapping_like(at.place, items)

    def _word(self, word: str, at: Text) -> Text:
        return text_at(word, at.file, at.line, at.column)
