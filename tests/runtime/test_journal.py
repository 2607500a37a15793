"""The journal: chained, readable after a kill, and never in the way of the show."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from showctl.runtime.journal import JournalDamagedError, Record, SqliteJournal, read

LINES = [Record(n * 1000, "input", {"event": "Go", "n": n, "词": "炉"}) for n in range(20)]


def written(path: Path, *records: Record) -> Path:
    journal = SqliteJournal(path)
    for record in records:
        journal.write((record,))
    journal.close()
    return path


def test_what_was_written_is_read_back_in_order(tmp_path: Path) -> None:
    assert list(read(written(tmp_path / "j.db", *LINES))) == LINES


def test_a_journal_that_exists_goes_on_where_it_ended(tmp_path: Path) -> None:
    written(tmp_path / "j.db", *LINES[:5])
    assert list(read(written(tmp_path / "j.db", *LINES[5:]))) == LINES


@pytest.mark.parametrize("column", ["body", "instant", "kind"])
def test_a_changed_record_is_named(tmp_path: Path, column: str) -> None:
    path = written(tmp_path / "j.db", *LINES)
    with closing(sqlite3.connect(path)) as database:
        new = {"body": '{"event":"Go","n":99,"词":"炉"}', "instant": 1, "kind": "note"}[column]
        database.execute(f"UPDATE records SET {column} = ? WHERE serial = 7", (new,))
        database.commit()
    with pytest.raises(JournalDamagedError, match="record 7"):
        list(read(path))


def test_a_missing_record_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path / "j.db", *LINES)
    with closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM records WHERE serial = 7")
        database.commit()
    with pytest.raises(JournalDamagedError, match="record 8"):
        list(read(path))


@pytest.mark.serial
def test_what_a_killed_engine_wrote_is_all_there(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    program = (
        "import sys; from pathlib import Path; from showctl.runtime.journal import *\n"
        f"journal = SqliteJournal(Path({str(path)!r}))\n"
        "for n in range(100000):\n"
        "    journal.write((Record(n, 'input', {'n': n}),)); journal.late or print(n, flush=True)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    last = -1
    for line in child.stdout:
        last = int(line)
        if last >= 200:
            os.kill(child.pid, signal.SIGKILL)
            break
    child.wait()
    child.stdout.close()
    assert len(list(read(path))) >= last + 1


def test_a_disk_that_refuses_is_said_and_the_show_goes_on(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "j.db")
    journal.write((LINES[0],))
    with closing(sqlite3.connect(tmp_path / "j.db")) as database:
        database.execute("DROP TABLE records")
        database.commit()
    journal.write((LINES[1],))
    assert "cannot be written" in journal.trouble
    with closing(sqlite3.connect(tmp_path / "j.db")) as database:
        database.execute("CREATE TABLE records (serial INTEGER PRIMARY KEY, instant INTEGER, kind TEXT, body TEXT, hash BLOB)")
        database.commit()
    journal.write((LINES[2],))
    journal.close()
    with closing(sqlite3.connect(tmp_path / "j.db")) as database:
        kinds = [kind for (kind,) in database.execute("SELECT kind FROM records ORDER BY serial")]
    assert kinds == ["gap", "input"]
