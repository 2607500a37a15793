"""A run from its journal as a rehearsal: the same people, buttons, doors and faults, and the same cues at the same moments."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from showctl.runtime.journal import MemoryJournal, Record
from showctl.runtime.recorded import LEAD, NothingRecordedError, recorded
from showctl.runtime.rehearsal import Stagehand, open_simulated_venue, rehearse
from showctl.show.instants import SECOND, seconds
from showctl.show.rehearsals import Rehearsal, Step
from showctl.show.show import Show
from showctl.showfile import load
from showctl.showfile.rehearsal_text import rehearsal_text

CROWD = Path(__file__).parents[1] / "shows" / "crowd"


def crowd() -> Show:
    show = load(CROWD).show
    assert show is not None
    return show


def journal_of(show: Show, *steps: Step, length: float = 40) -> list[Record]:
    """What a run keeps in which these things happen."""
    journal = MemoryJournal()
    rehearsal = Rehearsal("run", "run", steps, length=seconds(length), seed=3)
    Stagehand(show, rehearsal, open_simulated_venue(CROWD, 3, show), journal=journal).run()
    return journal.records


def did(rehearsal: Rehearsal, *verbs: str) -> list[tuple[float, str, str]]:
    return [(round((step.at - LEAD) / SECOND, 1), step.what, step.words) for step in rehearsal.steps if step.what in verbs]


RUN = (
    Step(seconds(1), "guests", "4 in the room"),
    Step(seconds(5), "go", "main"),
    Step(seconds(7), "press", "bell"),
    Step(seconds(8), "press", "bell"),
    Step(seconds(25), "set", "phones stay 3"),
    Step(seconds(26), "fault", "bell power lost"),
    Step(seconds(33), "fault", "bell back"),
)


def test_what_people_and_devices_did_comes_over_at_its_moments() -> None:
    show = crowd()
    made = recorded(show, journal_of(show, *RUN), "As it was")
    assert did(made, "go", "press", "set") == [
        (5.0, "go", "main"),
        (7.0, "press", "bell"),
        (8.0, "press", "bell"),
        (25.0, "set", "phones stay 3"),
    ]
    assert (1.0, "guests", "4 in the room") in did(made, "guests")
    assert [words for _, _, words in did(made, "fault")] == ["bell power lost", "bell back"]
    assert not any("door" in step.words for step in made.steps), "the door did what it was asked to"


def test_the_recorded_script_runs_the_same_cues_at_the_same_moments(tmp_path: Path) -> None:
    show = crowd()
    made = recorded(show, journal_of(show, *RUN), "As it was")
    assert [line.that for line in made.expectations][:2] == ['main.cue == "1"', 'main.cue == "2"']
    folder = shutil.copytree(CROWD, tmp_path / "crowd")
    (folder / "rehearsals" / "as_it_was.yaml").write_text(rehearsal_text(made, "recorded"), encoding="utf-8")
    assert [str(problem) for problem in load(folder).problems] == []
    [verdict] = rehearse(folder, ["as_it_was"])
    assert verdict.failures == ()
    assert verdict.checked == len(made.expectations)


def test_a_part_of_a_run_begins_with_its_first_moment() -> None:
    show = crowd()
    made = recorded(show, journal_of(show, *RUN), "Part", begin=seconds(6), end=seconds(9), expects=False)
    assert did(made, "go", "press") == [(1.0, "press", "bell"), (2.0, "press", "bell")]
    assert made.expectations == ()


def test_what_was_asked_of_a_cue_that_is_not_there_is_left_out_and_a_pause_of_everything_stays_one(tmp_path: Path) -> None:
    show, step = crowd(), [("standby", "main/99"), ("go", "main"), ("pause", ""), ("resume", "")]
    made = recorded(show, journal_of(show, *(Step(seconds(n), *words) for n, words in enumerate(step, 1))), "Slips")
    assert did(made, "go", "standby", "pause", "resume") == [(2.0, "go", "main"), (3.0, "pause", ""), (4.0, "resume", "")]
    folder = shutil.copytree(CROWD, tmp_path / "crowd")
    (folder / "rehearsals" / "slips.yaml").write_text(text := rehearsal_text(made, "recorded"), encoding="utf-8")
    assert "pause: all}" in text
    assert [str(problem) for problem in load(folder).problems] == []


def test_where_nothing_was_done_there_is_nothing_to_record() -> None:
    with pytest.raises(NothingRecordedError, match="showctl log"):
        recorded(crowd(), [], "Nothing")
