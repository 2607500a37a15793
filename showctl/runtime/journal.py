"""The journal: written first, so that what was done can be known, replayed and taken up again.

Every input event and every dispatch (what a step asked of the world) becomes one record, hash-chained: SHA-256 over the
previous hash and this record's bytes, so that a flipped byte is found by name. ``Journal`` is the small interface;
``SqliteJournal`` keeps it in SQLite's write-ahead log, written by a thread of its own. A commit is a ``write`` (it survives
``kill -9``); another thread syncs the disk within 50 ms (power loss), so that no commit waits for a disk. If a commit is not
answered within 20 ms the show goes on and the journal is marked late; nothing waits for it again until it has caught up.
What a full disk would not take is a gap that stands in the journal once it takes something again. How long journals are kept:
``retention.py``.
"""

from __future__ import annotations

import hashlib
import json
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from showctl.show.instants import Instant

FORMAT: Final = 1
ANSWER_WITHIN: Final = 0.020
"""Seconds; the show does not wait longer for its journal (design, idea 4)."""
SYNC_EVERY: Final = 0.050
OPEN_EVERY: Final = 1.0
"""Seconds between attempts to open a journal that could not be opened."""
MOST_WAITING: Final = 4096
GENESIS: Final = hashlib.sha256(b"showctl journal 1").digest()


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the journal. ``kind``: anchor, input, dispatch, note, skew or gap ...; ``body`` is JSON-ready.

    A body that was made into JSON already comes as ``text``.
    """

    instant: Instant
    kind: str
    body: dict[str, Any]
    text: str = field(default="", repr=False, compare=False)

    def encoded(self) -> str:
        return self.text or json.dumps(self.body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class _Item:
    """What waits for the journal's thread."""

    records: Sequence[Record]
    done: threading.Event
    turns_to: Path | None = None
    """The new file that they begin."""


class Journal(Protocol):
    """Where records go. ``write`` returns once they will survive the end of this process, or after 20 ms; ``post`` at once."""

    late: bool
    trouble: str
    """Why it does not keep what it is given, in words; "" while it does."""
    keeps: bool
    """Whether it keeps anything: records need not be made for one that does not."""

    def write(self, records: Sequence[Record]) -> None: ...

    def post(self, records: Sequence[Record]) -> None:
        """Writes ``records`` after what was written before. Nobody waits for them, as nothing leaves because of them."""

    def close(self) -> None: ...


class MemoryJournal:
    """Keeps records in memory: rehearsals and tests."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.late = False
        self.trouble = ""
        self.keeps = True

    def write(self, records: Sequence[Record]) -> None:
        self.records += records

    def post(self, records: Sequence[Record]) -> None:
        self.write(records)

    def close(self) -> None:
        return


class NoJournal:
    """Keeps nothing: long rehearsals."""

    late = False
    trouble = ""
    keeps = False

    def write(self, records: Sequence[Record]) -> None:
        assert all(record.instant >= 0 for record in records)

    def post(self, records: Sequence[Record]) -> None:
        self.write(records)

    def close(self) -> None:
        return


def chained(previous: bytes, serial: int, record: Record, body: str = "") -> bytes:
    """The hash of a record that follows one with hash ``previous``; ``body`` is its own, where it is encoded already."""
    text = f"{serial}\x1f{record.instant}\x1f{record.kind}\x1f{body or record.encoded()}"
    return hashlib.sha256(previous + text.encode()).digest()


class SqliteJournal:
    """A journal in a file. Opening one that exists goes on where it ended."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.late = False
        self.keeps = True
        self.trouble = ""
        self._queue: queue.Queue[_Item | None] = queue.Queue(MOST_WAITING)
        self._unanswered: threading.Event | None = None
        """Of the write that was waited for too long."""
        self._lost = 0
        self._dirty = threading.Event()
        """Something was committed that the disk has not been asked for."""
        self._over = False
        path.parent.mkdir(parents=True, exist_ok=True)
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="journal", daemon=True)
        self._thread.start()
        ready.wait(5)

    def write(self, records: Sequence[Record]) -> None:
        done = threading.Event()
        if not self._put(_Item(records, done)):
            return
        if self._unanswered is not None and not self._unanswered.is_set():
            return  # it has not even answered that: whoever waited again would be late for nothing
        self.late = not done.wait(ANSWER_WITHIN)
        self._unanswered = done if self.late else None

    def post(self, records: Sequence[Record]) -> None:
        self._put(_Item(records, threading.Event()))

    def turn_over(self, path: Path, records: Sequence[Record]) -> None:
        """Goes on in a new file at ``path`` that begins with ``records``; where there can be none, here, without its anchor."""
        self._put(_Item(records, threading.Event(), path))

    def size(self) -> int:
        """Bytes that the file takes, as far as they are known."""
        found = 0
        for name in (self.path, self.path.with_name(self.path.name + "-wal")):
            with suppress(OSError):
                found += name.stat().st_size
        return found

    def _put(self, item: _Item) -> bool:
        try:
            self._queue.put_nowait(item)
        except queue.Full:
            self._lost += len(item.records)
            self.late = True
            return False
        return True

    def close(self) -> None:
        """Writes what waits, syncs, and ends the thread."""
        with suppress(queue.Full):
            self._queue.put(None, timeout=2)
        self._thread.join(5)

    # --- the thread ------------------------------------------------------------------------------------------------

    def _run(self, ready: threading.Event) -> None:
        database = self._opened(ready)
        if database is None:
            return
        serial, previous = _last(database)
        ready.set()
        syncer = threading.Thread(target=self._sync_now_and_then, name="journal sync", daemon=True)
        syncer.start()
        while (item := self._queue.get()) is not None:
            records = item.records
            if item.turns_to is not None:
                begun = self._begun(item.turns_to, records)
                if begun is None:
                    records = [record for record in records if record.kind != "anchor"]  # that would be another engine's
                else:
                    _ended(database, serial, previous, item.turns_to.name)
                    _sync(self.path)
                    database, serial, previous = begun
                    self.path, records = item.turns_to, ()
            lost = self._lost
            gap = (Record(records[0].instant, "gap", {"lost": lost}),) if lost and records else ()
            try:
                serial, previous = append(database, serial, previous, (*gap, *records))
                self.trouble = ""
                self._lost -= lost if gap else 0
            except sqlite3.Error as error:
                self.trouble = f"the journal cannot be written: {error}; what happens now is not recorded"
                self._lost += len(records)
                with suppress(sqlite3.Error):
                    database.rollback()
            item.done.set()
            self._dirty.set()
        with closing(database), suppress(sqlite3.Error):
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._over = True
        self._dirty.set()
        syncer.join()
        _sync(self.path)

    def _begun(self, path: Path, records: Sequence[Record]) -> tuple[sqlite3.Connection, int, bytes] | None:
        """A new file that begins with ``records``, all of them or none; None where there can be none."""
        try:
            database = open_database(path)
        except sqlite3.Error:
            return None
        try:
            return database, *append(database, 0, GENESIS, records)
        except sqlite3.Error:
            database.close()
            return None

    def _sync_now_and_then(self) -> None:
        while not self._over:
            self._dirty.wait()
            self._dirty.clear()
            _sync(self.path)
            time.sleep(SYNC_EVERY / 2)

    def _opened(self, ready: threading.Event) -> sqlite3.Connection | None:
        """The file, as soon as it can be opened; until then all is refused. None: the end came first."""
        while True:
            try:
                return open_database(self.path)
            except sqlite3.Error as error:
                self.trouble = f"the journal {self.path.name} cannot be opened: {error}; what happens now is not recorded"
            ready.set()
            again = time.monotonic() + OPEN_EVERY
            while time.monotonic() < again:
                with suppress(queue.Empty):
                    item = self._queue.get(timeout=OPEN_EVERY)
                    if item is None:
                        return None
                    self._lost += len(item.records)
                    item.done.set()


def open_database(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=OFF")
    database.execute(
        "CREATE TABLE IF NOT EXISTS records"
        " (serial INTEGER PRIMARY KEY, instant INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, hash BLOB NOT NULL)"
    )
    database.execute(f"PRAGMA user_version={FORMAT}")
    return database


def _last(database: sqlite3.Connection) -> tuple[int, bytes]:
    row = database.execute("SELECT serial, hash FROM records ORDER BY serial DESC LIMIT 1").fetchone()
    return (0, GENESIS) if row is None else (row[0], row[1])


def append(database: sqlite3.Connection, serial: int, previous: bytes, records: Iterable[Record]) -> tuple[int, bytes]:
    rows = []
    for record in records:
        serial += 1
        body = record.encoded()
        previous = chained(previous, serial, record, body)
        rows.append((serial, record.instant, record.kind, body, previous))
    database.execute("BEGIN IMMEDIATE")
    database.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?)", rows)
    database.execute("COMMIT")
    return serial, previous


def _ended(database: sqlite3.Connection, serial: int, previous: bytes, after: str) -> None:
    """Says in a file where its journal goes on, and closes it. Nothing depends on that."""
    with closing(database), suppress(sqlite3.Error):
        (instant,) = database.execute("SELECT coalesce(max(instant), 0) FROM records").fetchone()
        append(database, serial, previous, (Record(instant, "goes_on", {"in": after}),))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _sync(path: Path) -> None:
    """Asks the disk to keep what was written."""
    for name in (path.with_name(path.name + "-wal"), path):
        with suppress(OSError):
            handle = os.open(name, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


class JournalDamagedError(Exception):
    """A record does not follow from the one before it."""


def read_tail(path: Path) -> tuple[Record | None, list[Record]]:
    """The first anchor, the last checkpoint and what came after its moment (everything where there is none).

    A checkpoint is written while the show goes on: what it knows of is what stands before the moment that it names. One that
    names none knows all that stands before itself. JournalDamagedError where it cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            (since,) = database.execute("SELECT coalesce(max(serial), 0) FROM records WHERE kind = 'checkpoint'").fetchone()
            query = "SELECT instant, kind, body FROM records WHERE kind = 'anchor' ORDER BY serial LIMIT 1"
            first = [Record(instant, kind, json.loads(body)) for instant, kind, body in database.execute(query)]
            query = "SELECT instant, kind, body FROM records WHERE serial >= ? ORDER BY serial"
            tail = [Record(instant, kind, json.loads(body)) for instant, kind, body in database.execute(query, (since,))]
            moment = tail[0].body.get("moment") if tail and tail[0].kind == "checkpoint" else None
            if moment is not None:
                tail[1:1] = _since(database, moment, since)
    except (sqlite3.Error, ValueError) as error:
        raise JournalDamagedError(f"{path.name} cannot be read: {error}") from None
    return (first[0] if first else None), tail


def _since(database: sqlite3.Connection, moment: int, before: int) -> list[Record]:
    """What was written between a moment and the checkpoint that is of it."""
    query = "SELECT serial, body FROM records WHERE kind = 'moment' AND serial < ? ORDER BY serial DESC"
    for serial, body in database.execute(query, (before,)):
        if json.loads(body).get("moment") == moment:
            query = "SELECT instant, kind, body FROM records WHERE serial > ? AND serial < ? ORDER BY serial"
            return [Record(at, kind, json.loads(text)) for at, kind, text in database.execute(query, (serial, before))]
    raise JournalDamagedError("a checkpoint is of a moment that is not there")


def read_since(path: Path, serial: int) -> tuple[int, list[Record]]:
    """What a running show has written after ``serial``, and the serial of the last of it: for those who read along.

    JournalDamagedError where it cannot be read.
    """
    query = "SELECT serial, instant, kind, body FROM records WHERE serial > ? ORDER BY serial"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            rows = database.execute(query, (serial,)).fetchall()
            return (rows[-1][0] if rows else serial), [Record(instant, kind, json.loads(body)) for _, instant, kind, body in rows]
    except (sqlite3.Error, ValueError) as error:
        raise JournalDamagedError(f"{path.name} cannot be read: {error}") from None


def is_empty(path: Path) -> bool:
    """Whether a journal was to begin, and nothing was written: one that cannot be read is not empty."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return database.execute("SELECT 1 FROM records LIMIT 1").fetchone() is None
    except sqlite3.Error:
        return False


def read(path: Path, *, verify: bool = True) -> Iterator[Record]:
    """The records of a journal, oldest first. JournalDamagedError names the first one that does not follow."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        previous = GENESIS
        rows = database.execute("SELECT serial, instant, kind, body, hash FROM records ORDER BY serial")
        for serial, instant, kind, body, stored in rows:
            try:
                record = Record(instant, kind, json.loads(body))
            except ValueError:
                raise JournalDamagedError(f"record {serial} is not readable") from None
            previous = chained(previous, serial, record)
            if verify and previous != stored:
                raise JournalDamagedError(f"record {serial} ({kind}) was changed, or one before it is missing")
            yield record
