"""A run that goes on for days: its journal goes on in new files, each of which can be taken up and replayed by itself."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from showctl.engine.commands import Tell
from showctl.engine.events import Go, Origin
from showctl.engine.state import State
from showctl.runtime.journal import Record, SqliteJournal, is_empty, read
from showctl.runtime.keeping import CHECKPOINT_EVERY, KEEP_AFTER, LONGEST_TAIL, TURN_AFTER, TURN_ANYWAY, TURN_AT, Keeper, new_path
from showctl.runtime.playback import Playback
from showctl.runtime.recovery import last_run, replay
from showctl.runtime.retention import DAY, Retention, journals, tidy
from showctl.runtime.taking_up import STILL_IN_TIME, epoch_of, too_late
from showctl.show.cues import ActionClass
from showctl.show.instants import SECOND
from tests.engine.booth import cue, show_of, start_after
from tests.runtime.test_playback import Held

SHOW = show_of(cue("1", {"a": 100}, 3, next=start_after(2)), cue("2", {"a": 30}, 1))
GO = Go("main", origin=Origin("script"))
ANCHOR = {"boot": "b", "monotonic": 5, "wall": 7, "show": 0, "show_name": "Days", "show_digest": "d", "epoch": "00" * 16}


@dataclass
class Days:
    """A run whose journal began ``age`` ago, by the wall clock."""

    folder: Path
    age: int = 0
    tail: int = 0
    now: int = 0
    asked: int = 0
    journal: SqliteJournal = field(init=False)

    def __post_init__(self) -> None:
        self.first = new_path(self.folder)
        self.journal = SqliteJournal(self.first)
        self.journal.write((Record(0, "anchor", ANCHOR | {"wall": time.time_ns()}),))
        self.run = Playback(SHOW, self.journal, Held(), lambda _: None, lambda _: None)
        self.keeper = Keeper(
            self.journal, lambda: dict(ANCHOR), self.state, lambda: {"revision": "d"}, 0, time.time_ns() - self.age, self.tail
        )

    def state(self) -> State:
        return self.run.state

    def press(self) -> None:
        """GO, and what of it is due within a second."""
        self.run.handle(GO, self.now)
        self.now += SECOND
        self.run.wake(self.now)

    def look(self, now: int) -> list[str]:
        """The keeper looks at ``now``; the kinds of all records, file by file."""
        self.now = now
        self.run.wake(now)
        self.keeper.look(now)
        while self.keeper.go_on():
            pass
        return self.files()

    def files(self) -> list[str]:
        """The kinds of all records, file by file, once everything was written; what says so is a note."""
        self.asked += 1
        last = Record(self.now, "note", {"words": f"asked {self.asked} times"})
        self.journal.write((last,))
        end = time.monotonic() + 10
        while time.monotonic() < end:
            found: list[list[Record]] = []
            with suppress(sqlite3.OperationalError):  # a file that is only just being made
                found = [list(read(path)) for path in sorted(self.folder.glob("journal-*.db")) if not is_empty(path)]
            if found and last in found[-1]:
                return [" ".join(record.kind for record in records) for records in found]
        raise AssertionError("the journal has not answered within ten seconds")


@pytest.fixture
def days(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Days]:
    made = Days(tmp_path, **getattr(request, "param", {}))
    yield made
    made.journal.close()


def test_a_checkpoint_is_kept_each_minute_and_nobody_waits_for_it(days: Days) -> None:
    assert days.look(CHECKPOINT_EVERY - 1) == ["anchor note"]
    assert days.look(CHECKPOINT_EVERY) == ["anchor note moment checkpoint note"]


@pytest.mark.parametrize("days", [{"tail": LONGEST_TAIL + 1}], indirect=True)
def test_after_a_long_tail_a_checkpoint_is_kept_soon(days: Days) -> None:
    assert days.look(KEEP_AFTER - 1) == ["anchor note"]
    assert days.look(KEEP_AFTER) == ["anchor note moment checkpoint note"]


def test_what_happens_while_a_checkpoint_is_written_is_read_after_it(days: Days) -> None:
    days.now = CHECKPOINT_EVERY
    days.run.wake(days.now)
    days.keeper.look(days.now)
    assert days.keeper.go_on()
    days.press()
    while days.keeper.go_on():
        pass
    days.now += SECOND
    days.run.wake(days.now)
    days.files()
    days.journal.close()

    kinds = [record.kind for record in read(days.first)]
    assert "input" in kinds[kinds.index("moment") : kinds.index("checkpoint")]
    taken = last_run(days.folder, {"d": SHOW}.__getitem__)
    assert taken is not None
    assert taken.state.runs
    assert taken.state.runs == days.run.state.runs
    assert taken.state.plan.rows.tobytes() == days.run.state.plan.rows.tobytes()
    assert taken.unwritten == ()
    again = replay(SHOW, read(days.first))
    assert (again.inputs, again.differs) == (1, None)


def test_a_checkpoint_that_was_never_finished_is_none(days: Days) -> None:
    days.look(CHECKPOINT_EVERY)
    days.press()
    days.now = 2 * CHECKPOINT_EVERY
    days.run.wake(days.now)
    days.keeper.look(days.now)
    days.keeper.go_on()
    days.press()
    days.files()
    days.journal.close()

    assert [record.kind for record in read(days.first)].count("checkpoint") == 1
    taken = last_run(days.folder, {"d": SHOW}.__getitem__)
    assert taken is not None
    assert taken.state.runs == days.run.state.runs


@pytest.mark.parametrize("days", [{"age": TURN_AFTER}], indirect=True)
def test_after_a_day_the_journal_goes_on_in_a_new_file_once_nothing_runs(days: Days) -> None:
    days.now = CHECKPOINT_EVERY - SECOND
    days.press()
    assert days.run.state.runs
    assert days.look(CHECKPOINT_EVERY)[1:] == [], "a cue runs"

    assert [kinds.split()[-1] for kinds in days.look(2 * CHECKPOINT_EVERY)] == ["goes_on", "note"]
    assert not days.run.state.runs
    assert days.files()[1] == "anchor checkpoint note note"
    assert len(days.look(3 * CHECKPOINT_EVERY)) == 2, "once a day"


@pytest.mark.parametrize("days", [{"age": TURN_ANYWAY}], indirect=True)
def test_a_run_that_never_rests_is_not_waited_for_for_ever(days: Days) -> None:
    days.now = CHECKPOINT_EVERY - SECOND
    days.press()

    assert len(days.look(CHECKPOINT_EVERY)) == 2


def test_a_journal_that_is_too_large_goes_on_at_once(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SqliteJournal, "size", lambda _: TURN_AT)
    days.now = CHECKPOINT_EVERY - SECOND
    days.press()

    assert len(days.look(CHECKPOINT_EVERY)) == 2


@pytest.mark.parametrize("days", [{"age": TURN_ANYWAY}], indirect=True)
def test_each_file_is_replayed_and_the_newest_is_taken_up_by_itself(days: Days) -> None:
    days.now = CHECKPOINT_EVERY - SECOND
    days.press()
    days.look(CHECKPOINT_EVERY)  # in the middle of a fade, a chain still to come
    for _ in range(3):
        days.now += SECOND
        days.run.wake(days.now)
    days.press()
    days.files()
    days.journal.close()

    older, newer = sorted(days.folder.glob("journal-*.db"))
    assert newer == days.journal.path
    for path, inputs in ((older, 1), (newer, 1)):
        again = replay(SHOW, read(path))
        assert (again.inputs, again.differs) == (inputs, None)
    taken = last_run(days.folder, {"d": SHOW}.__getitem__)
    assert taken is not None
    assert taken.state.runs == days.run.state.runs
    assert taken.state.plan.rows.tobytes() == days.run.state.plan.rows.tobytes()
    assert (taken.path, taken.anchor["monotonic"], taken.anchor["follows"]) == (newer, 5, older.name)


@pytest.mark.parametrize("days", [{"age": TURN_ANYWAY}], indirect=True)
def test_where_there_can_be_no_new_file_the_journal_goes_on_where_it_is(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("showctl.runtime.keeping.new_path", lambda *_: days.folder / "nowhere" / "journal.db")
    assert days.look(CHECKPOINT_EVERY) == ["anchor checkpoint note"]
    assert (days.journal.path, days.journal.trouble) == (days.first, "")


def test_a_file_that_never_began_is_no_journal(days: Days) -> None:
    days.press()
    days.files()
    begun = new_path(days.folder, days.first.name)
    nothing = SqliteJournal(begun)
    nothing.close()

    assert is_empty(begun)
    taken = last_run(days.folder, {"d": SHOW}.__getitem__)
    assert taken is not None
    assert taken.path == days.first


def test_a_new_file_stands_behind_the_older_one_were_the_clock_put_back(tmp_path: Path) -> None:
    later = "journal-29991231-235959-000000.db"
    assert sorted([new_path(tmp_path, later).name, later]) == [later, "journal-29991231-235959-000000a.db"]


@pytest.mark.parametrize("days", [{"age": TURN_ANYWAY}], indirect=True)
def test_a_budget_holds_while_the_run_goes_on(days: Days) -> None:
    days.look(CHECKPOINT_EVERY)

    said = tidy(days.folder, Retention(budget=0), time.time_ns() + DAY, lambda _: None)

    assert said == [f"{days.first.name} is removed: all journals may take 0 MB"]
    assert [item.path for item in journals(days.folder)] == [days.journal.path]


def test_the_wire_knows_a_run_whose_journal_goes_on_elsewhere(days: Days) -> None:
    days.files()
    taken = last_run(days.folder, {"d": SHOW}.__getitem__)
    assert taken is not None

    class Anchored:
        boot = "b"

    assert epoch_of(taken, Path("journal-other.db"), Anchored()) == bytes(16)  # type: ignore[arg-type]
    Anchored.boot = "another"
    assert epoch_of(taken, Path("journal-other.db"), Anchored()) != bytes(16)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "due", "now", "left_out"),
    [
        (ActionClass.MOMENTARY, 5 * SECOND, 5 * SECOND + STILL_IN_TIME, False),
        (ActionClass.MOMENTARY, 5 * SECOND, 5 * SECOND + STILL_IN_TIME + 1, True),
        (ActionClass.MOMENTARY, 5 * SECOND + 1, 9 * SECOND, False),  # the engine was up: it is only slow
        (ActionClass.STATE, 5 * SECOND, 9 * SECOND, False),
        (ActionClass.RESUME, 5 * SECOND, 9 * SECOND, False),
    ],
)
def test_what_came_due_while_an_engine_came_up_is_not_sent_late(kind: ActionClass, due: int, now: int, left_out: bool) -> None:
    assert too_late(Tell(due, 1, "bell", "ring", (), kind), 5 * SECOND, now) is left_out
