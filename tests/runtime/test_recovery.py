"""Taking a run up again, and running it again, from its journal."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.engine.checkpoint import keep
from showctl.engine.events import Event, Go, Grab, InputChanged, Origin, from_record, to_record
from showctl.engine.step import initial, step
from showctl.runtime.journal import MemoryJournal, Record, SqliteJournal
from showctl.runtime.playback import Playback
from showctl.runtime.recovery import caught_up, last_run, parks, replay, standing, stopped
from showctl.show.cues import Cue
from showctl.show.instants import SECOND, seconds
from showctl.show.show import Show
from tests.engine.booth import NUMBER, Booth, cue, end_after, loop, play, show_of, start_after, when
from tests.engine.test_laws import SCRIPTS, shows
from tests.runtime.test_playback import Held

GO = Go("main", origin=Origin("script"))


def journaled(show: Show, script: list[tuple[int, Event]], until: int) -> tuple[MemoryJournal, Playback]:
    """A run of ``script`` (milliseconds, event), woken where it asked to be, with its journal."""
    journal = MemoryJournal()
    run = Playback(show, journal, Held(), lambda _: None, lambda _: None)
    now = 0
    for wait, event in [*script, (until, None)]:
        now += wait * 10**6
        while (due := run.next_deadline()) is not None and due <= now:
            run.wake(due)
        if event is not None:
            run.handle(event, now)
    run.wake(now)
    return journal, run


@settings(max_examples=60, deadline=None)
@given(shows(), SCRIPTS)
def test_a_replay_makes_every_dispatch_again(show: Show, script: list[tuple[int, Event]]) -> None:
    journal, _ = journaled(show, script, 20_000)
    result = replay(show, [*journal.records, Record(10**12, "end", {})])
    assert result.differs is None or result.differs.written is None  # what came due after the journal's last record


def test_a_replay_names_the_first_dispatch_that_differs() -> None:
    show = show_of(cue("1", None, 0, play("rumble", "bed", 2), next=start_after(1)), cue("2", {"a": 30}, 1))
    journal, _ = journaled(show, [(0, GO)], 5000)
    changed = [Record(r.instant, r.kind, r.body | {"verb": "stop"}) if r.kind == "dispatch" else r for r in journal.records]
    result = replay(show, changed)
    assert result.differs is not None
    assert result.differs.words() == ("dispatch 1 was sound stop at 0.000000 s, and the replay makes sound play at 0.000000 s")


def write(folder: Path, records: list[Record], *, boot: str = "b") -> Path:
    path = folder / "journal-1.db"
    journal = SqliteJournal(path)
    anchor = Record(0, "anchor", {"boot": boot, "monotonic": 5, "wall": 7, "show": 0, "show_digest": "d"})
    journal.write((anchor, *records))
    journal.close()
    return path


@settings(max_examples=25, deadline=None)
@given(shows(), SCRIPTS, st.data())
def test_an_engine_killed_anywhere_comes_back_as_if_it_had_not_been(
    show: Show, script: list[tuple[int, Event]], data: st.DataObject
) -> None:
    journal, _ = journaled(show, script, 0)
    inputs = [n for n, record in enumerate(journal.records) if record.kind == "input"]
    cut = data.draw(st.sampled_from(inputs)) + data.draw(st.integers(1, 3))
    written = journal.records[:cut]
    kept_after = data.draw(st.sampled_from([0, *range(1, len(written))]))
    alive = Booth(show)
    for record in [r for r in written if r.kind == "input"]:
        alive.at(record.instant / 1e9, from_record(record.body))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        records = _with_checkpoint(show, written, kept_after)
        write(folder, records)
        taken = last_run(folder, {"d": show}.__getitem__)
        assert taken is not None
        back = taken.state.now + 5 * SECOND
        state, _ = caught_up(show, taken.state, back)
    alive.at(back / 1e9)
    assert json.dumps(keep(state)) == json.dumps(keep(alive.state))


def _with_checkpoint(show: Show, records: list[Record], after: int) -> list[Record]:
    """``records`` with a checkpoint behind the input number ``after``; none for 0."""
    found: list[Record] = []
    state, seen = initial(show), 0
    for n, record in enumerate(records):
        found.append(record)
        if record.kind == "input":
            state, _ = step(show, state, from_record(record.body), record.instant)
            seen += 1
        last_of_it = n + 1 == len(records) or records[n + 1].kind == "input"
        if after and seen == after and last_of_it:
            found.append(Record(state.now, "checkpoint", keep(state)))
            after = 0
    return found


def test_what_fell_due_while_nobody_was_there_is_written_and_not_sent(tmp_path: Path) -> None:
    show = show_of(cue("1", {"a": 100}, 1, next=end_after(2)), cue("2", {"b": 50}, 1, play("rumble", "bed")))
    journal, _ = journaled(show, [(0, GO)], 500)
    write(tmp_path, journal.records)
    taken = last_run(tmp_path, {"d": show}.__getitem__)
    assert taken is not None
    state, commands = caught_up(show, taken.state, seconds(10))
    assert [type(c).__name__ for c in commands if type(c).__name__ in ("Light", "Tell")] == ["Light", "Tell"]
    booth = Booth(show, state)
    booth.at(10)
    assert (booth.level("a"), booth.level("b")) == (100, 50)
    (tell,) = standing(show, state)
    assert (tell.device, tell.verb, tell.instant) == ("sound", "play", seconds(3))


def test_a_counted_loop_that_ended_while_nobody_was_there_is_stopped_and_what_plays_again_is_not(tmp_path: Path) -> None:
    def told(*cues: Cue) -> list[str]:
        show = show_of(*cues)
        journal, _ = journaled(show, [(0, GO)], 500)
        write(tmp_path, journal.records)
        taken = last_run(tmp_path, {"d": show}.__getitem__)
        assert taken is not None
        state, commands = caught_up(show, taken.state, seconds(10))
        (tmp_path / "journal-1.db").unlink()
        return [f"{tell.verb} {tell.argument('voice')}" for tell in stopped(state, commands)]

    first = cue("1", None, 0, loop("rumble", "bed", 2, 2), next=end_after(1))
    assert told(first) == ["stop bed"]
    assert told(first, cue("2", None, 0, play("rumble", "bed"))) == []


def test_a_wait_that_was_pending_is_due_at_its_due_instant(tmp_path: Path) -> None:
    show = show_of(cue("1", next=when('gate == "closed"', 20)), cue("2"))
    journal, _ = journaled(show, [(0, GO), (4000, InputChanged("guests", 2.0))], 0)
    write(tmp_path, journal.records)
    taken = last_run(tmp_path, {"d": show}.__getitem__)
    assert taken is not None
    booth = Booth(show, caught_up(show, taken.state, seconds(9))[0])
    booth.at(60)
    assert booth.log("cue.started") == ["20 cue.started 2"]


def test_an_input_written_without_its_dispatches_is_completed(tmp_path: Path) -> None:
    show = show_of(cue("1", {"a": 100}, 1, play("rumble", "bed", 9)))
    write(tmp_path, [Record(0, "input", to_record(GO))])
    taken = last_run(tmp_path, {"d": show}.__getitem__)
    assert taken is not None
    assert [record.kind for record in taken.unwritten] == ["light", "dispatch"]


def test_a_journal_of_another_show_is_not_taken_up(tmp_path: Path) -> None:
    write(tmp_path, [])
    assert last_run(tmp_path, {"another": show_of(cue("1"))}.__getitem__) is None


def test_a_journal_that_cannot_be_read_is_not_taken_up(tmp_path: Path) -> None:
    (tmp_path / "journal-1.db").write_bytes(b"no database at all" * 100)
    assert last_run(tmp_path, {"d": show_of(cue("1"))}.__getitem__) is None


def test_parks_outlive_the_program(tmp_path: Path) -> None:
    show = show_of(cue("1"))
    grab = Grab((NUMBER["a"],), (40000,), True, "lamp is loose", Origin("console", "Li"))
    journal, _ = journaled(show, [(0, grab)], 10)
    write(tmp_path, [*journal.records, Record(10**9, "end", {})])
    taken = last_run(tmp_path, {"d": show}.__getitem__)
    assert taken is not None
    assert taken.ended
    (again,) = parks(taken.state, show, show)
    assert (again.parameters, again.levels, again.park) == ((0,), (40000,), True)
    assert "lamp is loose" in again.reason
