"""The files of a journal: which of them are one run, and what happened in them, in words, one after the other.

A run that goes on for days goes on in a new file each day (``keeping.py``), which names the one before (``follows``) and begins
with the same anchor and a checkpoint: neither is told again. Each line has the wall clock of its anchor besides show time.
Records are read one at a time, whatever the journal's size.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from showctl.runtime.as_run import told
from showctl.runtime.journal import JournalDamagedError, Record, is_empty, read
from showctl.show.instants import Instant

PATTERN: Final = "journal-*.db"


def files_in(state: Path) -> list[Path]:
    """Every journal file of a state folder that holds anything, oldest first."""
    return [path for path in sorted(state.glob(PATTERN), key=lambda path: path.name) if not is_empty(path)]


def is_journal(path: Path) -> bool:
    """Whether a file can be read as a journal at all."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            database.execute("SELECT 1 FROM records LIMIT 1")
    except sqlite3.Error:
        return False
    return True


def run_of(path: Path) -> list[Path]:
    """The files of the run whose newest file is ``path``, oldest first, as far back as they are kept."""
    found = [path]
    while (before := _follows(found[0])) and (older := path.with_name(before)).is_file() and older not in found:
        found.insert(0, older)
    return found


def written_since(files: Sequence[Path], wall: int) -> list[Path]:
    """Those of ``files`` that something was written into after ``wall`` (nanoseconds since 1970)."""
    return [path for path in files if _changed(path) >= wall]


def as_run(files: Sequence[Path], *, everything: bool = False, since: int = 0) -> Iterator[dict[str, Any]]:
    """What happened in ``files``, in order, as ``as_run.told`` says it; with ``wall``, and ``journal``, the file's name.

    ``since``: by the wall clock. A file that is damaged ends where it is, and one line of kind ``damage`` says so.
    """
    reading = _Reading(everything)
    for path in files:
        try:
            for record in read(path):
                for line in reading.lines(record, path.name):
                    if reading.wall >= since:
                        yield line
        except (JournalDamagedError, sqlite3.Error) as error:
            why = str(error) if isinstance(error, JournalDamagedError) else f"it cannot be read: {error}"
            yield {"instant": reading.last / 1e9, "kind": "damage", "words": why, "record": {}, "wall": "", "journal": path.name}


def last_records(files: Sequence[Path], most: int, kinds: Sequence[str]) -> Iterator[tuple[int, Record]]:
    """Of the last ``most`` records of ``files``, those of ``kinds``, in order, with what the wall clock showed; none is verified.

    JournalDamagedError where one cannot be read.
    """
    parts: list[tuple[Path, int]] = []
    for path in reversed(files):
        last = _one(path, "SELECT coalesce(max(serial), 0) FROM records")[0]
        parts.insert(0, (path, max(last - most, 0)))
        most -= last
        if most <= 0:
            break
    asked, names = ", ".join("?" * len(kinds)), {path.name for path in files}
    for path, after in parts:
        before = _one(
            path, "SELECT body FROM records WHERE kind = 'anchor' ORDER BY serial <= ? DESC, serial DESC LIMIT 1", after
        )
        wall = _wall_at_zero(before[0]) if before else 0
        query = f"SELECT instant, kind, body FROM records WHERE serial > ? AND kind IN ({asked}) ORDER BY serial"
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
                for instant, kind, body in database.execute(query, (after, *kinds)):
                    if kind == "anchor":
                        wall = _wall_at_zero(body)
                        if json.loads(body).get("follows") in names:
                            continue  # the run goes on
                    yield wall + instant, Record(instant, kind, json.loads(body))
        except (sqlite3.Error, ValueError) as error:
            raise JournalDamagedError(f"{path.name} cannot be read: {error}") from None


def _one(path: Path, query: str, *given: int) -> Any:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return database.execute(query, given).fetchone()
    except sqlite3.Error as error:
        raise JournalDamagedError(f"{path.name} cannot be read: {error}") from None


def _wall_at_zero(anchor: str) -> int:
    body = json.loads(anchor)
    return int(body["wall"]) - int(body.get("show", 0))


class _Reading:
    """Where a reader stands: in which run, and when that is by the wall clock."""

    def __init__(self, everything: bool) -> None:
        self._everything = everything
        self._file = ""
        self._anchor: tuple[int, Instant] | None = None
        """What the wall clock shows at which instant."""
        self.last: Instant = 0

    @property
    def wall(self) -> int:
        """What the wall clock showed at the last record (nanoseconds since 1970); 0 before the first anchor."""
        return 0 if self._anchor is None else self._anchor[0] + self.last - self._anchor[1]

    def lines(self, record: Record, name: str) -> Iterator[dict[str, Any]]:
        first = name != self._file
        goes_on = first and bool(self._file) and record.body.get("follows") == self._file
        self._file = name
        if record.kind == "anchor":
            at = int(record.body["wall"]), int(record.body.get("show", record.instant))
            again = at == self._anchor
            if first and not goes_on:
                self.last = 0
            self._anchor, self.last = at, max(record.instant, self.last)
            if goes_on:
                return
            if not first:
                words = "another engine took the run up" if again else "the machine was started again, and the run was taken up"
                yield self._line(Record(self.last, "anchor", record.body), f"--- {words} ---")
                return
        self.last = record.instant if record.kind != "anchor" else self.last
        for line in told(record, everything=self._everything):
            yield line | {"wall": self._shown(), "journal": self._file}

    def _line(self, record: Record, words: str) -> dict[str, Any]:
        line = {"instant": record.instant / 1e9, "kind": record.kind, "words": words, "record": record.body}
        return line | {"wall": self._shown(), "journal": self._file}

    def _shown(self) -> str:
        return datetime.fromtimestamp(self.wall / 1e9, UTC).isoformat(timespec="milliseconds")


def _follows(path: Path) -> str:
    """The name of the file that ``path`` goes on from; "" where it begins a run, or nobody can say."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            row = database.execute("SELECT body FROM records WHERE kind = 'anchor' ORDER BY serial LIMIT 1").fetchone()
            name = "" if row is None else json.loads(row[0]).get("follows", "")
    except (sqlite3.Error, ValueError):
        return ""
    return name if isinstance(name, str) and Path(name).name == name else ""


def _changed(path: Path) -> int:
    """When something was written into ``path`` last."""
    found = 0
    for name in (path, path.with_name(path.name + "-wal")):
        try:
            found = max(found, name.stat().st_mtime_ns)
        except OSError:
            continue
    return found
