"""A journal of several files is read as one: in order, nothing twice, by the wall clock, and past a file that is damaged."""

from __future__ import annotations

import sqlite3
import tracemalloc
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from showctl.runtime.journal import GENESIS, Record, append, open_database
from showctl.runtime.journal_files import as_run, files_in, last_records, run_of, written_since
from showctl.show.instants import SECOND

BEGAN = int(datetime(2026, 11, 20, 18, 0, tzinfo=UTC).timestamp()) * SECOND
DAY = 86_400 * SECOND


def anchor(wall: int = BEGAN, show: int = 0, **more: object) -> Record:
    return Record(show, "anchor", {"boot": "b", "monotonic": 5, "wall": wall, "show": show, "show_name": "Days"} | more)


def note(at: float, words: str) -> Record:
    return Record(round(at * SECOND), "note", {"what": "cue.started", "words": words, "cue": None, "run": 1})


def write(path: Path, *records: Record) -> Path:
    with closing(open_database(path)) as database:
        append(database, 0, GENESIS, records)
    return path


def days(folder: Path) -> list[Path]:
    """A run of two days in two files, and the run after it."""
    first = write(folder / "journal-1.db", anchor(), note(1, "one"), Record(2 * SECOND, "goes_on", {"in": "journal-2.db"}))
    again = anchor(follows=first.name, began=BEGAN + DAY)
    second = write(folder / "journal-2.db", again, Record(86_400 * SECOND, "checkpoint", {}), note(86_401, "two"))
    return [first, second, write(folder / "journal-3.db", anchor(BEGAN + 2 * DAY), note(1, "three"))]


def said(files: list[Path], **more: Any) -> list[tuple[str, str]]:
    return [(line["wall"][:19], line["words"]) for line in as_run(files, **more)]


def test_the_files_of_a_run_are_told_in_order_and_nothing_twice(tmp_path: Path) -> None:
    first, second, third = days(tmp_path)
    assert files_in(tmp_path) == [first, second, third]
    assert (run_of(second), run_of(third)) == ([first, second], [third])
    assert said(run_of(second)) == [
        ("2026-11-20T18:00:00", "--- Days begins, 2026-11-20 18:00:00 UTC ---"),
        ("2026-11-20T18:00:01", "one"),
        ("2026-11-21T18:00:01", "two"),
    ]


def test_several_runs_are_told_by_the_wall_clock_from_a_moment_on(tmp_path: Path) -> None:
    files = days(tmp_path)
    assert [words for _, words in said(files, since=BEGAN + 2 * SECOND)] == [
        "two",
        "--- Days begins, 2026-11-22 18:00:00 UTC ---",
        "three",
    ]
    assert said(files, since=BEGAN + 3 * DAY) == []
    assert written_since(files, BEGAN) == files
    assert written_since(files, 4 * 10**18) == []


def test_a_file_whose_forerunner_was_removed_begins_the_run(tmp_path: Path) -> None:
    first, second, _ = days(tmp_path)
    first.unlink()
    assert run_of(second) == [second]
    assert [words for _, words in said([second])] == ["--- Days begins, 2026-11-20 18:00:00 UTC ---", "two"]


def test_the_last_records_of_a_run_are_found_over_its_files(tmp_path: Path) -> None:
    files = days(tmp_path)[:2]
    kinds = ("note", "anchor")
    assert [record.body.get("words") for _, record in last_records(files, 3, kinds)] == ["two"]
    found = [(wall - BEGAN, record.body.get("words")) for wall, record in last_records(files, 100, kinds)]
    assert found == [(0, None), (SECOND, "one"), (86_401 * SECOND, "two")]
    assert len(list(last_records(files, 5, kinds))) == 2


def test_an_engine_that_takes_a_run_up_is_no_beginning(tmp_path: Path) -> None:
    path = write(
        tmp_path / "journal-1.db",
        anchor(),
        note(5, "one"),
        anchor(),
        note(6, "two"),
        anchor(BEGAN + DAY, 6 * SECOND),
        note(7, "x"),
    )
    assert said([path]) == [
        ("2026-11-20T18:00:00", "--- Days begins, 2026-11-20 18:00:00 UTC ---"),
        ("2026-11-20T18:00:05", "one"),
        ("2026-11-20T18:00:05", "--- another engine took the run up ---"),
        ("2026-11-20T18:00:06", "two"),
        ("2026-11-21T18:00:00", "--- the machine was started again, and the run was taken up ---"),
        ("2026-11-21T18:00:01", "x"),
    ]


def test_a_damaged_file_is_said_and_the_next_one_is_told(tmp_path: Path) -> None:
    first, second, _ = days(tmp_path)
    with closing(sqlite3.connect(first)) as database, database:
        database.execute("UPDATE records SET body = replace(body, 'one', 'won') WHERE serial = 2")
    told = list(as_run([first, second]))
    assert [(line["kind"], line["journal"]) for line in told] == [
        ("anchor", "journal-1.db"),
        ("damage", "journal-1.db"),
        ("note", "journal-2.db"),
    ]
    assert told[1]["words"].startswith("record 2 (note) was changed")
    (tmp_path / "journal-4.db").write_bytes(b"no database at all")
    assert [line["kind"] for line in as_run([tmp_path / "journal-4.db"])] == ["damage"]


def test_a_long_journal_is_not_held_in_memory(tmp_path: Path) -> None:
    path = write(tmp_path / "journal-1.db", anchor(), *(note(n, f"cue {n} started " + "x" * 200) for n in range(10_000)))
    lines = as_run([path])
    next(lines)
    tracemalloc.start()
    count = sum(1 for _ in lines)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 10_000
    assert most < 1_000_000, "two megabytes of words"
