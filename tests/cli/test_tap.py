"""``showctl tap``: presses become rows at where the timeline stood; what is there stays, with its comments."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from showctl.cli import main, tap
from showctl.cli.client import find
from showctl.engine.events import Go, to_record
from showctl.runtime.journal import Record, SqliteJournal
from showctl.show.cues import CueRef
from showctl.show.instants import SECOND, seconds
from showctl.showfile.hit_edits import Table
from tests.cli.staged import registered

BASE = Path(__file__).parents[1] / "showfile" / "base"
TABLE = """\
# tempo: 120 4/4
at,use,who,level,time,color,name
1.1,light,pars,70,0.1,,one
# the break: mind the step

3.1,light,pars,20,0.5,,two
# the end
"""


class Running:
    """A show that answers: its timeline has run since ``began``."""

    def __init__(self, began: int | None) -> None:
        self.began = began
        self.late = 0.0

    def get(self, path: str) -> dict[str, Any]:
        assert path == "/api/status"
        time.sleep(self.late)  # the way there
        elapsed = 0 if self.began is None else time.monotonic_ns() - self.began
        time.sleep(self.late)  # and back
        running = [] if self.began is None else [{"cue": "7", "state": "running", "elapsed": elapsed / SECOND}]
        return {"now": time.monotonic_ns() / SECOND, "lists": [{"name": "main", "running": running}]}


def timeline(running: Running) -> tap.Timeline:
    return tap.Timeline(running, CueRef("main", "7"))  # type: ignore[arg-type]


def test_a_press_is_where_the_timeline_stood_whatever_the_answer_took() -> None:
    running = Running(time.monotonic_ns() - seconds(12))
    running.late = 0.03
    pressed = time.monotonic_ns()
    at = timeline(running).at(pressed)
    assert at is not None
    assert running.began is not None
    assert abs(at - (pressed - running.began)) < 20_000_000
    assert timeline(Running(None)).at(pressed) is None


def test_hits_are_rows_in_their_order_and_comments_stay_where_they_stood() -> None:
    learning = tap.Learning()
    for second in (3.0, 4.2, 0.5, 9.0):
        learning.hit(seconds(second))
    assert learning.take_back() == seconds(9)
    after, notes = learning.into(Table.read(TABLE), {"who": "pars", "level": "50"})
    assert after.text().splitlines() == [
        "# tempo: 120 4/4",
        "at,use,who,level,time,color,name",
        "1.1,light,pars,70,0.1,,one",
        "1.2,,pars,50,,,tap 1",
        "2.3,,pars,50,,,tap 2",
        "# the break: mind the step",
        "",
        "3.1,light,pars,20,0.5,,two",
        "4.2s,,pars,50,,,tap 3".replace("4.2s", after.written(seconds(4.2))),
        "# the end",
    ]
    assert notes == []


def test_a_row_that_is_there_already_is_left_alone() -> None:
    learning = tap.Learning()
    assert learning.hit(seconds(4)) == seconds(4)
    assert learning.hit(seconds(4)) is None
    after, notes = learning.into(Table.read(TABLE), {})
    assert after.text() == TABLE
    assert notes == ["there is a row at 3.1 already"]


@pytest.fixture
def show(tmp_path: Path) -> Path:
    made = Path(shutil.copytree(BASE, tmp_path / "show"))
    (made / "hits" / "launch.csv").write_text(TABLE)
    return made


def tapped(show: Path, running: Running, keys: list[tuple[str, float]], monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    """Keys that were pressed so many seconds into the timeline."""
    assert running.began is not None
    pressed = [(key, running.began + seconds(at)) for key, at in keys]
    monkeypatch.setattr(tap, "find", lambda _: running)
    monkeypatch.setattr(tap, "_keys", lambda: iter(pressed))
    return CliRunner().invoke(main, ["tap", "hits/launch.csv", "--show", str(show), *words])


def test_what_was_tapped_is_shown_as_a_change_and_written(show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running(time.monotonic_ns() - seconds(60))
    keys = [("space", 1.01), ("enter", 2.52), ("u", 2.6), ("g", 6.24), ("q", 7)]
    done = tapped(show, running, keys, monkeypatch, "--who", "pars", "--time", "0.1", "--snap", "2", "--yes")
    assert done.exit_code == 0, done.output
    assert "hits/launch.csv learns 2 hits" in done.output
    assert "+1.3,,pars,full,0.1,,tap 1" in done.output
    assert "the files as they were:" in done.output
    rows = (show / "hits" / "launch.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows[2:]] == [
        "1.1",
        "1.3",
        "# the break: mind the step",
        "",
        "3.1",
        "4.1.50",
        "# the end",
    ]


def test_a_dry_run_writes_nothing_and_no_hits_are_said_to_be_none(show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running(time.monotonic_ns() - seconds(60))
    done = tapped(show, running, [("space", 1.0)], monkeypatch, "--who", "pars", "--dry-run")
    assert (done.exit_code, (show / "hits" / "launch.csv").read_text()) == (0, TABLE), done.output
    none = tapped(show, running, [("q", 1.0)], monkeypatch)
    assert none.exit_code != 0
    assert "nothing was tapped" in none.output


def test_wrong_words_say_the_way_out(show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running(time.monotonic_ns() - seconds(60))
    wrong = tapped(show, running, [("space", 1.0)], monkeypatch, "--who", "nobody", "--yes")
    assert (wrong.exit_code, "nobody" in wrong.output) == (1, True), wrong.output
    assert (show / "hits" / "launch.csv").read_text() == TABLE
    (show / "hits" / "launch.csv").write_text(
        TABLE.replace("# tempo: 120 4/4\n", "").replace("1.1,", "0s,").replace("3.1,", "4s,")
    )
    no_tempo = tapped(show, running, [("space", 1.0)], monkeypatch, "--snap", "2")
    assert "has no tempo to snap to" in no_tempo.output


def test_every_go_on_a_list_is_a_hit_where_the_timeline_stood(
    show: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = SqliteJournal(tmp_path / "journal-1.db")
    running = Running(time.monotonic_ns() - seconds(60))

    def go(second: float, on: str = "") -> None:
        assert running.began is not None
        journal.write((Record(running.began + seconds(second), "input", to_record(Go(on))),))

    def keys() -> Iterator[tuple[str, int]]:
        go(2.0)
        yield "", 0
        go(3.5, "main")
        go(4.5, "house")
        yield "", 0
        yield "q", 0

    go(1.0)  # before anybody listened
    monkeypatch.setattr(tap, "find", lambda _: running)
    monkeypatch.setattr(tap, "running_show", lambda _: SimpleNamespace(state=str(tmp_path)))
    monkeypatch.setattr(tap, "_keys", keys)
    words = ["tap", "hits/launch.csv", "--show", str(show), "--who", "pars", "--go", "main", "--snap", "1", "--yes"]
    done = CliRunner().invoke(main, words)
    journal.close()
    assert done.exit_code == 0, done.output
    rows = (show / "hits" / "launch.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows if ",tap " in row] == ["2.1", "2.4"]
    wrong = CliRunner().invoke(main, [*words[:-5], "--go", "mian"])
    assert "there is no list mian" in wrong.output


@pytest.mark.serial
def test_lines_of_the_input_are_hits_of_a_show_that_really_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads, writes = os.pipe()
    os.write(writes, b"\nundo\n")
    os.close(writes)
    with registered(tmp_path, monkeypatch), open(reads) as lines:  # noqa: PTH123 - the end of a pipe
        monkeypatch.setattr("sys.stdin", lines)
        found = tap.Timeline(find(""), CueRef("main", "1"))
        assert found.at(time.monotonic_ns()) is None
        pressed = tap._keys()
        assert [next(pressed)[0] for _ in range(3)] == ["space", "u", "ctrl-d"]
