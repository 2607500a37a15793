"""Golden prints: stored beside the show, compared on every run, and read as what the audience sees change."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from showctl.cli import main

CROWD = Path(__file__).parents[1] / "shows" / "crowd"


@pytest.fixture
def show(tmp_path: Path) -> Path:
    """A show whose prints have just been stored."""
    folder = shutil.copytree(CROWD, tmp_path / "crowd")
    assert rehearsed(folder, "--rewrite").exit_code == 0
    return folder


def rehearsed(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["rehearse", str(folder), *words])


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_print_reads_as_what_the_audience_sees_change(show: Path) -> None:
    text = (show / "prints" / "main.txt").read_text(encoding="utf-8")
    assert text.splitlines()[2:7] == [
        "1 Welcome",
        "  light in 1 s / 1 s",
        "  all_pars intensity: 40 %",
        "  all_pars color: hex 853d00 white 48 %",
        "  next: when presses >= 2 within 10 s",
    ]


def test_a_show_that_does_what_is_stored_passes_and_one_without_prints_is_asked_for_none(show: Path) -> None:
    assert json.loads(rehearsed(show, "--json").stdout)["prints"] == {"state": "same", "changed": []}
    assert json.loads(rehearsed(CROWD, "--json").stdout)["prints"]["state"] == "none"


def test_a_cue_that_does_something_else_fails_the_run_with_the_line_of_the_print(show: Path) -> None:
    edit(show / "lists" / "main.yaml", "all_pars: 10 3200K", "all_pars: 12 3200K")
    done = rehearsed(show, "broker_restarts")
    assert done.exit_code == 1
    assert "prints/main.txt:24: what the show does is not what is stored" in done.output
    assert "-  all_pars intensity: 10 %" in done.output
    assert "+  all_pars intensity: 12 %" in done.output


def test_a_room_that_behaves_otherwise_changes_the_digest_of_its_rehearsal_alone(show: Path) -> None:
    edit(show / "rehearsals" / "broker_restarts.yaml", "{at: 8s, press: bell}", "{at: 8.5s, press: bell}")
    edit(show / "rehearsals" / "evening.yaml", "seed: 3", "seed: 4")
    done = json.loads(rehearsed(show, "--json").stdout)
    [changed] = done["prints"]["changed"]
    assert changed["file"] == "prints/rehearsals.txt"
    assert [line.split("  ")[1] for line in changed["diff"] if line.startswith("+")] == ["evening"]


def test_one_rehearsal_alone_is_compared_alone_and_stored_alone(show: Path) -> None:
    before = (show / "prints" / "rehearsals.txt").read_text(encoding="utf-8")
    assert rehearsed(show, "evening").exit_code == 0
    assert rehearsed(show, "evening", "--rewrite").exit_code == 0
    assert (show / "prints" / "rehearsals.txt").read_text(encoding="utf-8") == before


def test_a_list_that_is_gone_is_missed_until_it_is_stored_anew(show: Path) -> None:
    (show / "prints" / "matinee.txt").write_text("list matinee\n", encoding="utf-8")
    assert "prints/matinee.txt:1" in rehearsed(show).output
    rehearsed(show, "--rewrite")
    assert not (show / "prints" / "matinee.txt").exists()
