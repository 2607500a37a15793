"""Outputs of timecode are told the line of the clock that they tell: once, and again whenever it is another."""

from pathlib import Path

import pytest

from showctl.engine.commands import Tell
from showctl.engine.events import Panic, Pause, Rate, Rearm, Reset, Resume
from showctl.engine.explaining import explain_next
from showctl.engine.step import step
from showctl.runtime.recovery import standing
from showctl.show.instants import seconds
from showctl.show.show import Show
from showctl.showfile import load
from tests.engine.booth import Booth

SHOW = Path(__file__).parents[1] / "shows" / "codes"


@pytest.fixture(scope="module")
def show() -> Show:
    """``tape`` tells cue 2's time, ``desk`` the list's, ``nodes`` the show's."""
    found = load(SHOW).show
    assert found is not None
    return found


def of(name: str, tells: list[Tell]) -> list[str]:
    """What an output was told: the second, where its clock stood then, and how fast it went."""
    found = []
    for tell in tells:
        if tell.device == name:
            given = dict(tell.arguments)
            words = f" {float(given['position']) / 1e9:g} x{float(given['num']) / float(given['den']):g}" if given else ""
            found.append(f"{tell.instant / 1e9:g} {tell.verb}{words}")
    return found


def test_a_cues_code_begins_as_it_acts_and_ends_with_it(show: Show) -> None:
    booth = Booth(show)
    booth.go(1)
    booth.go(2)
    booth.at(30)
    assert of("tape", booth.tells()) == ["2 run 0 x1", "14 halt"]
    assert of("desk", booth.tells()) == ["1 run 1 x1"]
    assert of("nodes", booth.tells()) == ["1 run 1 x1"]


def test_a_waking_that_is_late_tells_the_same_line(show: Show) -> None:
    booth = Booth(show)
    booth.go(2, "2")
    _, commands = step(show, booth.state, None, seconds(30))
    late = [command for command in commands if isinstance(command, Tell)]
    assert of("tape", late) == ["14 halt"], "when its cue ended, not when somebody woke"


def test_a_pause_and_a_rate_are_one_word_each_and_the_show_goes_on(show: Show) -> None:
    booth = Booth(show)
    booth.go(1, "2")
    booth.at(3, Pause("main"))
    booth.at(5, Resume("main"))
    booth.at(6, Rate("main", None, 1, 2))
    booth.at(8)
    assert of("tape", booth.tells()) == ["1 run 0 x1", "3 run 2 x0", "5 run 2 x1", "6 run 3 x0.5"]
    assert of("desk", booth.tells()) == ["1 run 1 x1", "3 run 3 x0", "5 run 3 x1", "6 run 4 x0.5"]
    assert of("nodes", booth.tells()) == ["1 run 1 x1"]


def test_a_panic_ends_a_cues_code_and_a_reset_takes_the_lists_to_its_beginning(show: Show) -> None:
    booth = Booth(show)
    booth.go(1, "2")
    booth.at(3, Panic())
    booth.at(6, Rearm())
    booth.at(7, Reset())
    assert of("tape", booth.tells()) == ["1 run 0 x1", "3 halt"]
    assert of("desk", booth.tells()) == ["1 run 1 x1", "7 run 0 x1"]
    assert of("nodes", booth.tells()) == ["1 run 1 x1"]


def test_an_engine_that_takes_up_the_run_tells_outputs_what_they_were_told(show: Show) -> None:
    booth = Booth(show)
    booth.go(1, "2")
    booth.at(3, Pause("main"))
    told = list(standing(show, booth.state))
    assert [of(name, told) for name in ("tape", "desk", "nodes")] == [["3 run 2 x0"], ["3 run 3 x0"], ["1 run 1 x1"]]


def test_what_a_go_makes_of_code_is_said_in_words(show: Show) -> None:
    booth = Booth(show)
    booth.go(1)
    said = explain_next(show, booth.state, booth.state.now, "main")["words"]
    assert [line.strip() for line in said if "code" in line] == ["tape: its code runs", "drop: its code runs"]
