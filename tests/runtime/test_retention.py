"""How long journals are kept, by class and by budget; and a disk that is full, slow, or loses its tail."""

from __future__ import annotations

import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from showctl.engine.events import Ask, DeviceReported, Event, Go, InputChanged, Origin, to_record
from showctl.runtime.journal import Record, SqliteJournal, read
from showctl.runtime.recovery import last_run
from showctl.runtime.retention import DAY, BadRetentionError, Retention, classes, journals, shorten, tidy
from showctl.show.show import Show
from showctl.showfile import load
from tests.engine.booth import cue, show_of

DREAM = Path(__file__).parents[2] / "cues" / "dream_of_the_future"
NOW = 1000 * DAY


def heard(*events: Event) -> list[Record]:
    return [Record(n * 10**9, "input", to_record(event)) for n, event in enumerate(events)]


def journal(state: Path, age: int, *records: Record, size: int = 0) -> Path:
    """A journal that began ``age`` days ago."""
    path = state / f"journal-{1000 - age:06}.db"
    made = SqliteJournal(path)
    anchor = {"boot": "b", "monotonic": 5, "wall": NOW - age * DAY, "show": 0, "show_digest": "d"}
    filling = [Record(0, "note", {"words": "x" * size})] if size else []
    made.write((Record(0, "anchor", anchor), *filling, *records))
    made.close()
    return path


def dream() -> Show:
    show = load(DREAM).show
    assert show is not None
    return show


def test_tracks_are_numbers_of_guests_and_ai_text_is_what_was_asked_and_said() -> None:
    show = dream()
    tracker = next(device.name for device in show.devices if device.kind.name == "tracker")
    performer = next(device.name for device in show.devices if device.kind.name == "ai_performer")
    counted = next(item.name for item in show.inputs if item.source.value in ("zone_count", "guests"))
    lines = heard(
        InputChanged(counted, 4.0),
        DeviceReported(tracker, "guests", 4.0),
        Ask(performer, "say", (("line", "Hello"),), Origin("cli", "Li")),
        DeviceReported(performer, "line", "Once upon a time"),
        DeviceReported(performer, "answer", "Once upon a time, and damn it"),
        DeviceReported(performer, "state", "idle"),
        Go("main", origin=Origin("key")),
    )
    told = Record(0, "dispatch", {"device": performer, "verb": "ask", "arguments": {"prompt": "Who are you?"}})

    of = classes(show)
    followed = Record(0, "input", {"event": "TrackMoved", "position": [1.0, 0.0, 2.0]})

    assert of(followed) == "tracks"
    assert [of(record) for record in lines] == ["tracks", "tracks", "ai_text", "ai_text", "ai_text", "audit", "audit"]
    assert of(told) == "ai_text"
    assert [type(record.body["value"]) for record in lines[:2]] == [float, float]


def test_what_is_over_leaves_its_journal_and_the_rest_stays_readable(tmp_path: Path) -> None:
    show = dream()
    counted = next(item.name for item in show.inputs if item.source.value == "guests")
    path = journal(tmp_path, 20, *heard(InputChanged(counted, 3.0), Go("main", origin=Origin("key"))))
    journal(tmp_path, 0)

    said = tidy(tmp_path, Retention(tracks=14, ai_text=30), NOW, lambda _: show)

    assert said == [f"{path.name} is 20 days old and goes on without tracks"]
    assert [record.kind for record in read(path)] == ["shortened", "anchor", "input"]
    assert journals(tmp_path)[0].without == ("tracks",)
    assert tidy(tmp_path, Retention(tracks=14, ai_text=30), NOW, lambda _: show) == [], "once"


def test_whole_journals_go_when_their_time_is_over_or_the_budget_is_spent_and_never_the_newest(tmp_path: Path) -> None:
    old, big, newest = (journal(tmp_path, age, size=700_000) for age in (500, 3, 0))

    said = tidy(tmp_path, Retention(budget=1), NOW, lambda _: None)

    assert said == [
        f"{old.name} is 500 days old and is removed",
        f"{big.name} is removed: all journals may take 1 MB",
    ]
    assert [path.name for path in sorted(tmp_path.glob("journal-*.db"))] == [newest.name]


def test_a_damaged_journal_is_left_as_it_is(tmp_path: Path) -> None:
    path = journal(tmp_path, 20, *heard(Go("main", origin=Origin("key"))))
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE records SET instant = 7 WHERE serial = 2")
        database.commit()
    journal(tmp_path, 0)

    (said,) = tidy(tmp_path, Retention(), NOW, lambda _: None)

    assert said == f"{path.name} cannot be shortened: record 2 (input) was changed, or one before it is missing"
    assert len(list(read(path, verify=False))) == 2


@pytest.mark.parametrize("words", ["tracks", "tracks=-1", "guests=3", "tracks=1 day"])
def test_what_means_nothing_is_refused_with_what_would(words: str) -> None:
    with pytest.raises(BadRetentionError, match=r"is not audit=DAYS"):
        Retention.parse(words)


def test_what_is_left_out_stays_as_it_is() -> None:
    assert Retention.parse("tracks=7, budget=500") == Retention(tracks=7, budget=500)


# --- A disk that is full, slow, or loses its tail ---------------------------------------------------------------------

FULL = """
import resource, sys, time
from pathlib import Path
from showctl.runtime.journal import Record, SqliteJournal
journal = SqliteJournal(Path(sys.argv[1]))
journal.write((Record(0, "anchor", {}),))
resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, resource.RLIM_INFINITY))
lost, longest = 0, 0.0
for n in range(60):
    began = time.monotonic()
    journal.write((Record(n, "note", {"n": n, "words": "x" * 4000}),))
    longest = max(longest, time.monotonic() - began)
    lost += bool(journal.trouble)
print(lost > 10, longest < 0.5, journal.trouble)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.write((Record(100, "note", {"n": 100}),))
print(journal.trouble == "")
journal.close()
"""


def test_a_disk_that_is_full_is_said_costs_no_time_and_leaves_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "journal-1.db"

    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    words, mended = done.stdout.splitlines()
    assert words.startswith("True True the journal cannot be written: "), words
    assert words.endswith("; what happens now is not recorded")
    assert mended == "True"
    records = list(read(path))  # the chain holds
    gap = next(n for n, record in enumerate(records) if record.kind == "gap")
    assert [record.kind for record in records[gap:]] == ["gap", "note"]
    assert records[gap].body["lost"] + gap == 61, "an anchor and sixty notes: each is there or counted"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_journal_that_stalls_is_waited_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on = threading.Event()
    journal = SqliteJournal(tmp_path / "j.db")
    journal.write((Record(0, "anchor", {}),))
    from showctl.runtime import journal as module

    real = module.append

    def stalled(*given: object) -> object:
        goes_on.wait(10)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "append", stalled)
    began = time.thread_time(), time.monotonic()
    for n in range(200):
        journal.write((Record(n, "note", {}),))
    assert time.monotonic() - began[1] < 200 * 0.020 / 2, "each of them would have waited 20 ms"
    assert journal.late
    goes_on.set()
    journal.close()

    assert len(list(read(tmp_path / "j.db"))) == 201, "nothing is lost of what waited"


def test_a_tail_that_was_torn_off_is_left_behind_and_the_rest_is_taken_up(tmp_path: Path) -> None:
    show = show_of(cue("1", {"a": 100}, 4), cue("2"))
    path = tmp_path / "journal-1.db"
    program = (
        "import os, sys; from pathlib import Path; from showctl.runtime.journal import *\n"
        "from showctl.engine.events import *\n"
        "journal = SqliteJournal(Path(sys.argv[1]))\n"
        "journal.write((Record(0, 'anchor', {'boot': 'b', 'monotonic': 5, 'wall': 7, 'show': 0, 'show_digest': 'd'}),))\n"
        "for n in range(40): journal.write((Record(n, 'input', to_record(Go('main', None, str(n), Origin('script')))),))\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True, timeout=60)
    wal = path.with_name(path.name + "-wal")
    whole = wal.read_bytes()
    wal.write_bytes(whole[: len(whole) * 2 // 3] + b"\xff" * 100)  # a power cut in the middle of a page
    path.with_name(path.name + "-shm").unlink(missing_ok=True)

    taken = last_run(tmp_path, {"d": show}.__getitem__)

    assert taken is not None
    assert 5 < len(list(read(path))) < 41
    journal = SqliteJournal(path)
    journal.write((Record(10**9, "note", {}),))
    journal.close()
    assert list(read(path))[-1].kind == "note"
    assert shorten(path, (), classes(show)) == 0
