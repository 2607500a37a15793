"""Sweeps: what is tried where, what is found, and that what was found can be kept as a rehearsal that finds it again."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from showctl.runtime.rehearsal import open_simulated_venue, rehearse
from showctl.runtime.sweeps import Swept, sweep
from showctl.runtime.sweeps.device_sweep import DeviceWatch
from showctl.runtime.sweeps.forks import BrokenChildError, Forks
from showctl.runtime.sweeps.trials import Course, Trial
from showctl.show.cues import CueRef
from showctl.show.instants import Instant, seconds
from showctl.showfile import load
from showctl.showfile.rehearsal_text import rehearsal_text

SHOWS = Path(__file__).parents[2] / "shows"


@pytest.fixture
def crowd(tmp_path: Path) -> Path:
    """A room that answers to people, to be edited."""
    return shutil.copytree(SHOWS / "crowd", tmp_path / "crowd")


def edited(folder: Path, file: str, old: str, new: str) -> Path:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return folder


def said(swept: Swept) -> list[str]:
    return [f"{item.words}: {message}" for item in swept.failed for _, message in item.failures]


# --- what is tried ----------------------------------------------------------------------------------------------------------


def test_each_machine_dies_at_each_cue_and_once_for_the_whole_evening() -> None:
    swept = sweep(SHOWS / "crowd", "devices")
    machines = {item.words.split(" dead ")[0] for item in swept.tried}
    assert machines == {"room_broker", "tracker", "bell", "phones", "door", "rack_node"}
    assert Counter(item.words.split(" dead ")[1] for item in swept.tried if item.words.startswith("door")) == Counter(
        ["throughout", *(f"at main/{n}" for n in range(1, 7))]
    )
    assert said(swept) == []


def test_every_way_of_every_branch_and_both_ends_of_every_wait_are_taken() -> None:
    swept = sweep(SHOWS / "crowd", "branches")
    assert sorted(item.words for item in swept.tried) == [
        "main/1 goes on although not presses >= 2",
        "main/1 goes on when presses >= 2",
        'main/2 has what it waits for although not door.state == "open"',
        'main/2 has what it waits for when door.state == "open"',
        "main/3 goes to main/4 if on_left * 2 > guests",
        "main/3 goes to main/5 else",
        "main/4 goes to main/6 else",
    ]
    assert said(swept) == []


def test_every_cue_is_jumped_to_from_rest_and_from_the_middle() -> None:
    swept = sweep(SHOWS / "crowd", "cues")
    assert [item.words for item in swept.tried][:3] == [
        "jump to main/1 from rest",
        "jump to main/2 from rest",
        "jump to main/3 from rest",
    ]
    assert len(swept.tried) == 12
    assert said(swept) == []


def test_a_cue_that_no_rehearsal_reaches_gets_a_course_of_its_own() -> None:
    swept = sweep(SHOWS / "crowd", "evacuate")
    assert {item.words for item in swept.tried} == {f"evacuate at main/{n}" for n in range(1, 7)}
    assert [name for name in swept.courses if name.startswith("go ")] == ["go main/5"]
    assert said(swept) == []


# --- what is found ----------------------------------------------------------------------------------------------------------


def test_a_wait_without_a_deadline_is_found_when_the_machine_that_it_waits_for_dies(crowd: Path) -> None:
    edited(crowd, "lists/main.yaml", 'wait_for: door.state == "open" within 6s', 'wait_for: door.state == "open"')
    swept = sweep(crowd, "devices")
    assert "door dead at main/2: main/3 does not come: main/2 waits for it without a deadline" in said(swept)
    assert {item.words.split(" dead ")[0] for item in swept.failed} == {"door", "room_broker"}


class InPlace:
    """Instead of forks: the trial is made in the course itself; when it was over, and what had started by then."""

    course: Course
    ended: Instant = 0
    started: frozenset[CueRef] = frozenset()

    def do(self, work: Callable[[], object]) -> None:
        work()
        self.ended, self.started = self.course.now, frozenset(self.course.started)


@pytest.mark.parametrize(("machine", "lasts"), [("bell", 7.5), ("door", 15.5)])
def test_a_trial_ends_once_its_cue_has_gone_on_and_not_before(crowd: Path, machine: str, lasts: float) -> None:
    edited(crowd, "lists/main.yaml", 'wait_for: door.state == "open" within 6s', 'wait_for: door.state == "open" within 12s')
    loaded = load(crowd)
    assert loaded.show is not None
    [evening] = [item for item in loaded.rehearsals if item.stem == "evening"]
    place = InPlace()
    venue = open_simulated_venue(crowd, 3, loaded.show)
    course = place.course = Course(loaded.show, evening, venue, {"devices": DeviceWatch()}, place)
    main_2 = CueRef("main", "2")
    course.run_with([Trial("devices", "dead", seconds(15), seconds(60), (("fault", f"{machine} power lost"),), (main_2,))])

    assert CueRef("main", "3") in place.started, "it went on, by the door or by its deadline"
    assert place.ended - seconds(15) <= seconds(lasts), "and then the trial was over"


def test_what_the_script_itself_has_broken_is_not_asked_of_an_evacuation(crowd: Path) -> None:
    edited(crowd, "rehearsals/evening.yaml", "  - {at: 5s, go: main}", "  - {at: 5s, go: main}\n  - {at: 6s, set: door jammed}")
    assert said(sweep(crowd, "evacuate")) == []


def test_what_a_sweep_finds_is_kept_as_a_rehearsal_with_the_same_lines_at_the_same_moments(crowd: Path) -> None:
    edited(crowd, "lists/main.yaml", 'wait_for: door.state == "open" within 6s', 'wait_for: door.state == "open"')
    [found] = [item for item in sweep(crowd, "devices").failed if item.words == "door dead at main/2"]
    assert found.kept is not None
    (crowd / "rehearsals" / "kept.yaml").write_text(rehearsal_text(found.kept, "found"), encoding="utf-8")
    loaded = load(crowd)
    [kept] = [item for item in loaded.rehearsals if item.stem == "kept"]
    assert [(step.at, step.what, step.words) for step in kept.steps] == [
        (step.at, step.what, step.words) for step in found.kept.steps
    ]
    assert ("fault", "door power lost") in [(step.what, step.words) for step in kept.steps]
    [verdict] = rehearse(crowd, ["kept"])
    assert "main/3" not in verdict.transcript
    assert "main/2" in verdict.transcript


# --- forks ------------------------------------------------------------------------------------------------------------------


def test_children_give_back_what_they_found_and_their_parent_is_as_it_was() -> None:
    heard: list[int] = []
    kept = {"value": 1}

    def work(number: int) -> int:
        kept["value"] += number
        return kept["value"]

    forks = Forks(2, heard.append)
    for number in (10, 20, 30):
        forks.do(lambda number=number: work(number))  # type: ignore[misc]
    forks.wait()
    forks.close()
    assert sorted(heard) == [11, 21, 31]
    assert kept == {"value": 1}


def test_a_child_that_raises_is_told_with_its_traceback() -> None:
    forks = Forks(1, lambda _: None)

    def raises() -> None:
        raise LookupError("no such lamp")

    forks.do(raises)
    with pytest.raises(BrokenChildError, match="LookupError: no such lamp"):
        forks.wait()
    forks.close()
