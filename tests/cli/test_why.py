"""why, explain, sheet and the coverage of rehearsals, as they are typed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from showctl.cli import main, running
from tests.console.stage import SMALL, LittleStage, console_in_a_thread


def showctl(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


# --- a running show is asked ------------------------------------------------------------------------------------------------


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LittleStage]:
    """A running show that is registered, in a registry of this test's own."""
    (tmp_path / "runtime").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.delenv("SHOWCTL_AT", raising=False)
    stage = LittleStage()
    path = running.socket_path(tmp_path, "console")
    with console_in_a_thread(stage, path) as console:
        known = running.register(running.here("Small", tmp_path, console.url, path, tmp_path))
        yield stage
        running.forget(known)


@pytest.mark.serial
def test_why_names_the_cue_and_its_line(stage: LittleStage) -> None:
    showctl("go")
    words = showctl("why", "par_1").stdout
    said = json.loads(showctl("why", "par_1.intensity", "--json").stdout)

    assert words.startswith("par_1, sacn/1.1 (patch.yaml:")
    assert "from main/1 Rest (lists/main.yaml:" in words
    (intensity,) = said["parameters"]
    assert (intensity["name"], intensity["chain"][0]["cue"], intensity["chain"][-1]["kind"]) == ("intensity", "main/1", "default")


@pytest.mark.serial
def test_why_a_cue_has_not_started_may_be_asked_as_one_would_say_it(stage: LittleStage) -> None:
    short, long = showctl("why", "cue", "1"), showctl("why", "did", "cue", "main/1", "not", "start")

    assert short.stdout == long.stdout
    assert "it stands by in main and waits for GO" in short.stdout
    assert json.loads(showctl("why", "cue", "1", "--json").stdout)["reasons"][0]["kind"] == "standing_by"


@pytest.mark.serial
def test_what_the_show_does_not_have_is_exit_2_with_the_nearest_name(stage: LittleStage) -> None:
    result = showctl("why", "par_9")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("showctl: no fixture is called par_9; did you mean par_")
    assert showctl("why", "cue", "99").exit_code == 2
    assert showctl("why", "three", "little", "words").exit_code == 2
    assert showctl("explain", "nowhere").exit_code == 2


@pytest.mark.serial
def test_explain_says_what_go_will_do_and_does_nothing(stage: LittleStage) -> None:
    words = showctl("explain").stdout
    said = json.loads(showctl("explain", "main", "--json").stdout)

    assert words.startswith("GO on main starts main/1 Rest (lists/main.yaml:")
    assert (said["go"]["cue"], said["go"]["refused"]) == ("1", "")
    assert showctl("explain", "next").stdout.splitlines()[0] == words.splitlines()[0]
    assert stage.started() == []
    assert stage.asked == []


# --- a folder is read -------------------------------------------------------------------------------------------------------


def test_the_sheet_as_a_grid_as_csv_and_as_json() -> None:
    grid, table = showctl("sheet", str(SMALL)), showctl("sheet", str(SMALL), "main", "--csv")
    said = json.loads(showctl("sheet", str(SMALL), "--json").stdout)

    assert grid.stdout.splitlines()[0].split() == ["1", "2", "3", "4"]
    assert "> moved" in grid.stdout
    assert table.stdout.splitlines()[0].startswith("light,1 Rest,2 ")
    assert [cue["label"] for cue in said["cues"]] == ["1", "2", "3", "4"]


def test_one_cue_of_the_sheet_says_since_when_each_light_tracks() -> None:
    said = json.loads(showctl("sheet", str(SMALL), "--cue", "3", "--json").stdout)
    tracked = [line for line in said["lights"] if line["state"] == "tracked"]

    assert {line["since"] for line in tracked} == {"1", "2"}
    assert all(line["place"].startswith("lists/main.yaml:") for line in tracked)
    assert showctl("sheet", str(SMALL), "--cue", "99").exit_code == 2
    assert showctl("sheet", str(SMALL), "nowhere").exit_code == 2


def test_rehearse_says_what_was_not_reached() -> None:
    words = showctl("rehearse", str(SMALL), "--coverage").stdout
    said = json.loads(showctl("rehearse", str(SMALL), "--coverage", "--json").stdout)

    assert "cues       4 of 4 reached" in words
    assert "sound: mute" in words
    assert words.endswith("every cue, branch and fallback was reached\n")
    assert said["coverage"]["complete"] is True
    assert said["coverage"]["verbs"]["missed"][0]["what"] == "sound: mute"
    assert "coverage" not in json.loads(showctl("rehearse", str(SMALL), "--json").stdout)
