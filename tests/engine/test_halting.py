"""Pause, stop, panic, evacuation, reset (R5, R6, R15)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from showctl.engine.events import (
    Evacuate,
    InputChanged,
    Origin,
    Panic,
    Pause,
    Rearm,
    Reset,
    Resume,
    Stop,
)
from showctl.engine.step import initial, next_deadline
from showctl.show.cues import ActionClass, Perform, SetVariable
from showctl.show.instants import SECOND, seconds
from tests.engine.booth import Booth, cue, cue_list, end_after, expression, play, show_of, start_after, starts, when

LI = Origin("console", "Li")


def test_a_paused_list_stands_still_and_goes_on_where_it_was() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 10, next=end_after()), cue("2")))
    booth.go(0)
    booth.at(4, Pause("main"))
    booth.at(60)
    assert (booth.level("a"), next_deadline(booth.state)) == (40, None)
    booth.at(100, Resume("main"))
    booth.at(103)
    assert booth.level("a") == 70
    booth.at(200)
    assert starts(booth) == ["0 1", "106 2"]


def test_pausing_one_list_leaves_the_other_running() -> None:
    other = cue_list(cue("9", {"b": 100}, 10, list="house"), name="house", index=1)
    booth = Booth(show_of(cue("1", {"a": 100}, 10), lists=[other]))
    booth.go(0)
    booth.go(0, list_="house")
    booth.at(5, Pause("main"))
    booth.at(8)
    assert (booth.level("a"), booth.level("b")) == (50, 80)


def test_a_cue_paused_alone_stands_still_while_its_list_goes_on() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 10, next=start_after(6)), cue("2", {"b": 100}, 2)))
    booth.go(0)
    booth.at(5, Pause("main", "1"))
    booth.at(9)
    assert (booth.level("a"), booth.level("b")) == (50, 0)
    booth.at(10, Resume("main", "1"))
    booth.at(12)
    assert (booth.level("a"), booth.level("b")) == (70, 50)


def test_players_are_held_with_the_list_that_plays_there() -> None:
    booth = Booth(show_of(cue("1", None, 0, play("rumble", "rumble")), cue("2")))
    booth.go(0)
    booth.at(1, Pause())
    booth.at(2, Resume())
    assert booth.told() == ["0 sound play", "1 sound pause", "2 sound pause"]


def test_stop_gives_the_light_back_over_the_time_asked_and_stops_what_plays() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 0, play("rumble", "rumble"), next=start_after(30)), cue("2")))
    booth.go(0)
    booth.at(10, Stop("main", over=seconds(4)))
    booth.at(12)
    assert (booth.level("a"), booth.running()) == (50, [])
    booth.at(60)
    assert (booth.level("a"), starts(booth), booth.told()) == (0, ["0 1"], ["0 sound play", "10 sound stop"])


def test_stopping_one_cue_leaves_the_others() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 50), cue("2", {"b": 100}, 50)))
    booth.go(0)
    booth.go(1)
    booth.at(2, Stop("main", "1", over=0))
    assert booth.running() == ["main/2"]
    booth.at(60)
    assert (booth.level("a"), booth.level("b")) == (0, 100)


def test_panic_fades_to_the_safe_state_and_go_is_refused_until_rearmed() -> None:
    booth = Booth(show_of(cue("1", {"a": 100, "b": 100}, 0, play("rumble", "rumble")), cue("2", {"b": 20})))
    booth.go(0)
    booth.at(10, Panic())
    booth.at(11)
    assert (booth.level("a"), booth.level("b")) == (80, 50)
    booth.at(30)
    assert (booth.level("a"), booth.level("b"), booth.running()) == (60, 0, [])
    assert booth.go(31).refused == "panic is in force: re-arm first"
    booth.at(32, Rearm(LI))
    assert booth.level("a") == 60
    booth.go(33)
    assert (booth.level("a"), booth.level("b")) == (60, 20)


def test_sound_fades_out_on_panic_before_it_is_muted() -> None:
    booth = Booth(show_of(cue("1", None, 0, play("rumble", "rumble"))))
    booth.go(0)
    booth.at(10, Panic())
    booth.at(30)
    assert booth.told()[1:] == ["10 sound silence", "10 film blank", "12 sound mute"]


def test_a_second_panic_cuts() -> None:
    booth = Booth(show_of(cue("1", {"b": 100})))
    booth.go(0)
    booth.at(10, Panic())
    booth.at(10.5, Panic())
    booth.at(10.5)
    assert (booth.level("a"), booth.level("b")) == (60, 0)


def test_two_presses_of_panic_within_150_ms_are_one_press() -> None:
    booth = Booth(show_of(cue("1", {"b": 100})))
    booth.go(0)
    booth.at(10, Panic())
    booth.at(10.149, Panic())
    assert booth.level("b") > 90
    booth.at(10.15, Panic())
    booth.at(10.15)
    assert booth.level("b") == 0


def test_evacuation_is_immediate_and_a_nameless_rearm_is_refused() -> None:
    booth = Booth(show_of(cue("1", {"b": 100}, 0, play("rumble", "rumble"))))
    booth.go(0)
    booth.at(5, Evacuate())
    assert (booth.level("a"), booth.level("b")) == (60, 0)
    assert "5 sound mute" in booth.told()
    answer = booth.at(6, Rearm(Origin("console")))
    assert answer is not None
    assert answer.refused == "an evacuation is re-armed by a named person on the spot: say who you are"
    answer = booth.at(7, Rearm(LI))
    assert answer is not None
    assert not answer.refused


def test_a_panic_cannot_soften_an_evacuation() -> None:
    booth = Booth(show_of(cue("1", {"b": 100})))
    booth.at(5, Evacuate())
    answer = booth.at(6, Panic())
    assert answer is not None
    assert answer.refused == "evacuation is in force already"
    assert booth.state.latch == "evacuate"


@pytest.mark.parametrize("moment", [0.5, 3, 17])
def test_after_a_reset_the_show_is_as_before_the_first(moment: float) -> None:
    cues = (
        cue("1", {"a": 100}, 5, SetVariable("show.ending", expression('"on"')), next=when("guests > 3", 9)),
        cue("2", {"b": 50}, 2, play("rumble", "rumble")),
        cue("3"),
    )
    booth = Booth(show_of(*cues))
    booth.go(0)
    booth.at(0.2, InputChanged("guests", 7.0))
    booth.at(moment, Reset())
    fresh = initial(booth.show)
    assert booth.state.lists == fresh.lists
    assert (booth.state.runs, booth.state.agenda, booth.state.things) == ({}, (), {})
    assert (booth.level("a"), booth.level("b"), booth.state.values["show.ending"]) == (0, 0, "home")
    assert booth.state.clocks[1].local(booth.state.now) == 0


def test_a_reset_keeps_the_variables_of_the_day() -> None:
    booth = Booth(show_of(cue("1", None, 0, SetVariable("day.shows", expression("day.shows + 1")))))
    booth.go(0)
    booth.at(1, Reset())
    booth.go(2)
    assert booth.state.values["day.shows"] == 2


def test_picture_fades_out_on_panic_before_it_is_blanked() -> None:
    blank = Perform("film", "blank", (("fade", 0.0),), ActionClass.STATE, key="*")
    show = show_of(cue("1"))
    show = replace(show, zones=(replace(show.zones[0], safe=replace(show.zones[0].safe, actions=(blank,))),))
    booth = Booth(show)
    booth.at(10, Panic())
    booth.at(30)
    blanks = [(tell.instant // SECOND, tell.argument("fade")) for tell in booth.tells() if tell.verb == "blank"]
    assert blanks == [(10, 2.0), (12, 0.0)]
