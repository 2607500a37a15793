"""Commands that talk to a running show: they find it, ask, and say what it answered."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from showctl.cli import main, running
from showctl.cli.devices import _age
from showctl.engine.events import Rate, Stop
from showctl.runtime.journal import Record, SqliteJournal
from showctl.show.instants import seconds
from tests.cli.shows import SMALL
from tests.console.stage import LittleStage, console_in_a_thread
from tests.runtime.test_journal_files import days

pytestmark = pytest.mark.serial


@pytest.fixture(autouse=True)
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry of this test's own."""
    folder = tmp_path / "runtime"
    folder.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.delenv("SHOWCTL_AT", raising=False)
    return folder / "showctl"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[LittleStage]:
    """A running show that is registered."""
    stage = LittleStage()
    path = running.socket_path(tmp_path, "console")
    with console_in_a_thread(stage, path) as console:
        known = running.register(running.here("Small", tmp_path, console.url, path, tmp_path))
        yield stage
        running.forget(known)


def showctl(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_without_a_running_show_every_request_is_exit_3() -> None:
    for words in (
        ["go"],
        ["status"],
        ["devices"],
        ["panic"],
        ["log"],
        ["go", "--at", "http://127.0.0.1:9"],
        ["go", "--at", "/nowhere.sock"],
    ):
        result = showctl(*words)
        assert (result.exit_code, result.stdout) == (3, ""), words
        assert result.stderr.startswith("showctl: no "), words


def test_go_says_what_started_and_what_stands_by(stage: LittleStage) -> None:
    result = showctl("go")

    assert (result.exit_code, result.output) == (0, "GO\nstarted main/1\nstanding by main/2\n")
    assert stage.started() == ["1"]


def test_go_takes_the_name_of_a_list_as_rehearsals_do(stage: LittleStage) -> None:
    result = showctl("go", "main")

    assert (result.exit_code, result.output) == (0, "GO\nstarted main/1\nstanding by main/2\n")


def test_what_is_refused_is_exit_1_with_the_reason(stage: LittleStage) -> None:
    result = showctl("go", "99")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "showctl: refused: main has no cue 99\n"


def test_every_verb_reaches_the_desk(stage: LittleStage) -> None:
    script = [
        ["standby", "3"], ["go"], ["pause"], ["resume"], ["back"], ["stop", "--over", "0.1"], ["locate", "main/2"],
        ["stop", "--hard"], ["rate", "main", "50%"], ["load", "3", "-1"], ["load", "3", "0"], ["preview", "main/3"],
        ["panic"], ["rearm"], ["evacuate"], ["rearm", "Mei"], ["reset"],
    ]  # fmt: skip
    for words in script:
        result = showctl(*words)
        assert result.exit_code == 0, (words, result.output)

    said = [type(event).__name__ for event in stage.asked]
    verbs = "Standby Go Pause Resume Back Stop Locate Stop Rate Load Load Preview Panic Rearm Evacuate Rearm Reset"
    assert said == verbs.split()
    assert [event.over for event in stage.asked if isinstance(event, Stop)] == [seconds(0.1), 0]
    assert [(event.num, event.den) for event in stage.asked if isinstance(event, Rate)] == [(500, 1000)]
    assert all(getattr(event, "origin").surface == "cli" for event in stage.asked)  # noqa: B009 - facts have none
    assert stage.playback.state.latch == ""


def test_an_evacuation_ends_only_by_name(stage: LittleStage) -> None:
    showctl("evacuate")

    assert showctl("rearm").exit_code == 1
    assert showctl("rearm", "Mei").exit_code == 0


def test_status_and_devices_in_words_and_as_json(stage: LittleStage) -> None:
    showctl("go")
    said = json.loads(showctl("status", "--json").stdout)

    assert said["lists"][0]["standby"] == "2"
    assert said["lists"][0]["running"][0]["state"] == "running"
    words = showctl("status").output
    assert words.startswith("Small\nmain: standing by 2\n  1 Rest  running  ")
    assert "1 device, all well" in words
    assert showctl("devices").output.startswith("sound      ok  ")
    assert showctl("devices", "laser").exit_code == 2


def test_a_device_that_speaks_on_change_was_not_never_heard() -> None:
    assert [_age({"age": age, "health": health}) for age, health in ((None, "ok"), (None, "unknown"), (2.04, "lost"))] == [
        "on change",
        "never heard",
        "2.0 s ago",
    ]


def test_a_show_is_found_by_url_and_by_socket(stage: LittleStage) -> None:
    (known,) = running.running_shows()

    assert showctl("status", "--at", known.url).exit_code == 0
    assert showctl("status", "--at", known.socket).exit_code == 0


def test_of_several_shows_one_must_be_named(stage: LittleStage, registry: Path) -> None:
    (known,) = running.running_shows()
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        began = running.born(other.pid)
        assert began is not None
        running.register(replace(known, pid=other.pid, born=began, url="http://127.0.0.1:9", show="Other"))
        result = showctl("go")
        assert result.exit_code == 2
        assert f"--at {known.url}   Small" in result.stderr
        assert "--at http://127.0.0.1:9   Other" in result.stderr
        assert showctl("go", "--at", known.url).exit_code == 0
    finally:
        other.communicate(b"\n")


def test_a_show_that_is_gone_is_forgotten(registry: Path, tmp_path: Path) -> None:
    here = running.here("Gone", tmp_path, "http://127.0.0.1:9", tmp_path / "s", tmp_path)
    running.register(replace(here, pid=os.getpid(), born=here.born - 1))
    assert running.running_shows() == [], "the number belongs to another process now"
    ended = subprocess.Popen(["true"])
    ended.wait()
    running.register(replace(here, pid=ended.pid))
    (registry / "junk.json").write_text("{}")
    assert running.running_shows() == []

    assert list(registry.iterdir()) == []
    assert registry.stat().st_mode & 0o777 == 0o700


def test_a_zombie_does_not_run(registry: Path) -> None:
    child = subprocess.Popen(["sleep", "30"])
    assert running.born(child.pid) is not None
    os.kill(child.pid, signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert running.born(child.pid) is None
    child.wait()


def test_a_socket_has_a_name_that_is_short_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = tmp_path / "state", tmp_path / ("a" * 60) / ("b" * 60)
    long.mkdir(parents=True)
    places = {running.socket_path(folder, name) for folder in (short, long) for name in ("wire", "console")}
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    places.add(running.socket_path(long, "wire"))

    assert all(len(str(path)) <= running.LONGEST_SOCKET_PATH for path in places)
    assert len({path.name for path in places}) >= 4


# --- log ------------------------------------------------------------------------------------------------------------------


def a_journal(folder: Path) -> Path:
    path = folder / "journal-20260101-200000-000001.db"
    journal = SqliteJournal(path)
    origin = {"surface": "console", "person": "Mei", "address": "127.0.0.1"}
    tell = {
        "device": "sound",
        "verb": "play",
        "arguments": {"clip": "bell"},
        "order": 1,
        "class": "resume",
        "run": 1,
        "cue": "main/1",
    }
    journal.write(
        [
            Record(
                0, "anchor", {"boot": "b", "monotonic": 1, "wall": 1_767_297_600_000_000_000, "show": 0, "show_name": "Small"}
            ),
            Record(1_500_000_000, "input", {"event": "Go", "list": "main", "cue": None, "token": "t", "origin": origin}),
            Record(1_500_000_000, "note", {"what": "cue.started", "words": "main/1 Rest started", "cue": "main/1", "run": 1}),
            Record(1_500_000_000, "dispatch", tell),
            Record(61_500_000_000, "input", {"event": "DeviceReported", "device": "sound", "field": "state", "value": "playing"}),
        ]
    )
    journal.close()
    return path


def test_the_log_is_the_journal_in_words(tmp_path: Path) -> None:
    a_journal(tmp_path)

    assert showctl("log", str(tmp_path)).output == (
        "  0:00.000  --- Small begins, 2026-01-01 20:00:00 UTC ---\n"
        "  0:01.500  > Go list main  (Mei, console, 127.0.0.1)\n"
        "  0:01.500  main/1 Rest started\n"
        "  0:01.500    sound: play clip=bell\n"
    )
    assert (
        "  1:01.500  > DeviceReported device sound, field state, value playing\n" in showctl("log", "--all", str(tmp_path)).output
    )


def test_a_damaged_journal_is_told_by_record(tmp_path: Path) -> None:
    import sqlite3

    path = a_journal(tmp_path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE records SET body = replace(body, 'main', 'MAIN') WHERE serial = 2")
    database.close()
    result = showctl("log", str(path), "--json")

    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert [line["kind"] for line in said["lines"]] == ["anchor"]
    assert "record 2 (input) was changed" in said["damage"]


def test_a_run_of_two_files_is_one_log_and_since_reaches_back_over_runs(tmp_path: Path) -> None:
    days(tmp_path)
    newest = showctl("log", str(tmp_path), "--json")
    said = json.loads(newest.stdout)
    assert (newest.exit_code, said["damage"], [line["words"] for line in said["lines"]]) == (
        0,
        "",
        ["--- Days begins, 2026-11-22 18:00:00 UTC ---", "three"],
    )
    assert said["journal"] == said["journals"][-1] == str(tmp_path / "journal-3.db")
    every = showctl("log", str(tmp_path), "--since", "2026-11-20 00:00").stdout.splitlines()
    assert [line.split("  ", 1)[1] for line in every] == [
        "--- Days begins, 2026-11-20 18:00:00 UTC ---",
        "one",
        "two",
        "--- Days begins, 2026-11-22 18:00:00 UTC ---",
        "three",
    ]
    assert every[1].startswith("2026-11-2")
    assert every[1][19:23] == ".000", "to the millisecond, by the clock of this machine"
    wrong = showctl("log", str(tmp_path), "--since", "lately")
    assert wrong.exit_code == 2
    assert "'lately' is no moment; write for instance 2h, 18:30" in wrong.output


def test_what_is_no_journal_is_exit_2(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear sir " * 1000)

    for command in (["log"], ["replay", "--show", str(SMALL)]):
        letter = showctl(*command, str(tmp_path / "letter.txt"))
        assert (letter.exit_code, letter.output.count("\n")) == (2, 1), letter.output
        assert "cannot be read as a journal" in letter.output
        assert showctl(*command, str(tmp_path)).exit_code == 2
