"""`showctl record`: a journal becomes a rehearsal, in a file of its own, and what cannot be done is said with the way out."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from showctl.cli import main
from showctl.runtime.journal import SqliteJournal
from showctl.runtime.rehearsal import Stagehand, open_simulated_venue
from showctl.show.instants import seconds
from showctl.show.rehearsals import Rehearsal, Step
from showctl.showfile import load

CROWD = Path(__file__).parents[1] / "shows" / "crowd"


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of a show, as a running engine keeps them."""
    show = load(CROWD).show
    assert show is not None
    path = tmp_path_factory.mktemp("state") / "journal-1.db"
    kept = SqliteJournal(path)
    steps = (Step(seconds(2), "go", "main"), Step(seconds(4), "press", "bell"))
    rehearsal = Rehearsal("run", "run", steps, length=seconds(12))
    Stagehand(show, rehearsal, open_simulated_venue(CROWD, 0, show), journal=kept).run()
    kept.close()
    return path


def record(*words: object) -> Result:
    return CliRunner().invoke(main, ["record", *map(str, words)])


def test_a_journal_is_printed_as_a_rehearsal(journal: Path) -> None:
    done = record(journal, "--show", CROWD, "--name", "The bell that was not heard")
    assert done.exit_code == 0, done.output
    assert "rehearsal: The bell that was not heard" in done.output
    assert "go: main}" in done.output
    assert "press: bell}" in done.output
    assert 'that: "main.cue == \\"1\\""' in done.output


def test_it_is_written_beside_the_others_and_over_none(journal: Path, tmp_path: Path) -> None:
    out = tmp_path / "bell.yaml"
    assert "bell.yaml: 2 lines of what was done, 2 lines of what began" in record(journal, "--show", CROWD, "--out", out).output
    again = record(journal, "--show", CROWD, "--out", out)
    assert again.exit_code == 2
    assert "is there already" in again.output


def test_what_cannot_be_recorded_is_said(journal: Path) -> None:
    assert "say --show FOLDER" in record(journal).output
    assert "nothing was done and no cue began there" in record(journal, "--show", CROWD, "--from", "30min").output
    assert "noon is not a time; write 3m12s or 1:30" in record(journal, "--show", CROWD, "--from", "noon").output
