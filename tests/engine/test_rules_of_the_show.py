"""The rules R7 to R16 of what operators mean (back, chains, groups, locate, light, parks), each as a scene from the booth."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from showctl.engine.asking import why_level
from showctl.engine.checkpoint import keep, restore
from showctl.engine.commands import Note
from showctl.engine.events import (
    Arm,
    Back,
    ClockMoved,
    Go,
    Grab,
    InputChanged,
    Load,
    Locate,
    Master,
    Origin,
    Pause,
    Rate,
    Reset,
    Resume,
    Standby,
    Stop,
)
from showctl.engine.view import view
from showctl.light.curves import CURVES, ONE, shaped
from showctl.show.cues import Cue, CueRef, DevampThing, GroupMode, SetVariable, StopOthers, StopThing
from showctl.show.instants import SECOND, seconds
from showctl.show.levels import FULL
from showctl.show.show import TimecodeInput
from tests.engine.booth import (
    Booth,
    bell,
    branch,
    cue,
    end_after,
    expression,
    group,
    loop,
    move,
    play,
    pulse,
    show_of,
    start_after,
    starts,
    when,
)
from tests.engine.test_light_of_cues import slots

MEI = Origin("console", "Mei")
SCRIPT = Origin("script")


# --- R7 back is a computed state -----------------------------------------------------------------------------------------------


def test_r7_back_restores_the_look_and_what_played_and_repeats_nothing_momentary() -> None:
    booth = Booth(show_of(cue("1", {"a": 40}, 0, play("rumble", "bed"), bell()), cue("2", {"a": 100}, 0, play("hum", "bed"))))
    booth.go(0)
    booth.go(10)
    booth.at(20, Back("main", SCRIPT))
    booth.at(21)
    assert (booth.level("a"), booth.standby()) == (40, "2")
    assert [(t.device, t.verb) for t in booth.tells() if t.instant == 20 * SECOND] == [("sound", "stop"), ("sound", "play")]
    assert booth.tells()[-1].argument("at") == 20.0


# --- R8 what has no end has no chain at its end; time is whole nanoseconds -----------------------------------------------------


def test_r8_an_endless_cue_never_completes() -> None:
    booth = Booth(show_of(cue("1", None, 0, play("rumble", "bed"), next=end_after()), cue("2")))
    booth.go(0)
    booth.at(3600)
    assert (booth.running(), starts(booth)) == (["main/1"], ["0 1"])


def test_r8_a_thousand_chains_of_a_third_of_a_second_add_up_to_the_nanosecond() -> None:
    third = 333_333_333
    loop = show_of(cue("1", next=replace(start_after(0), delay=third)), cue("2", next=branch(0, "1")))
    booth = Booth(loop)
    booth.go(0)
    booth.at(1000 * third / SECOND)
    instants = [c.instant for c in booth.commands if isinstance(c, Note) and c.what == "cue.started"]
    assert instants[-1] == 1000 * third


def test_r8_a_circle_that_takes_no_time_is_cut_and_said() -> None:
    booth = Booth(show_of(cue("1", next=start_after(0)), cue("2", next=branch(0, "1"))))
    booth.go(0)
    assert len(booth.log("chain.cut")) == 1


def test_r8_a_counted_loop_ends_after_so_many_passes_and_its_cue_with_it() -> None:
    booth = Booth(show_of(cue("1", None, 0, loop("rumble", "bed", 4, 3, at=1), next=end_after()), cue("2")))
    booth.go(0)
    booth.at(60)
    assert booth.told() == ["0 sound play", "11 sound stop"]
    assert starts(booth) == ["0 1", "11 2"]


def test_r8_a_loop_that_is_devamped_plays_to_the_end_of_its_pass_and_completes_its_cue() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 2, loop("rumble", "bed", 4)), cue("2", None, 0, DevampThing("bed")), cue("3")))
    booth.go(0)
    booth.go(9)
    seen = next(item for item in view(booth.show, booth.state, 9 * SECOND)["lists"][0]["running"] if item["cue"] == "1")
    assert seen["remaining"] == 3
    booth.at(60)
    assert booth.log("cue.done") == ["9 cue.done 2", "12 cue.done 1"]
    assert booth.told() == ["0 sound play", "12 sound stop"]


def test_r8_a_pause_holds_the_passes_of_a_loop() -> None:
    booth = Booth(show_of(cue("1", None, 0, loop("rumble", "bed", 4, 2)), cue("2")))
    booth.go(0)
    booth.at(3, Pause("main"))
    booth.at(103, Resume("main"))
    booth.at(200)
    assert booth.told()[-1] == "108 sound stop"


def test_r8_devamp_of_what_does_not_loop_is_said_and_changes_nothing() -> None:
    booth = Booth(show_of(cue("1", None, 0, play("rumble", "bed", 30)), cue("2", None, 0, DevampThing("bed"), DevampThing("x"))))
    booth.go(0)
    booth.go(1)
    assert (booth.log("thing.absent"), booth.running()) == (["1 thing.absent", "1 thing.absent"], ["main/1"])


# --- R9 groups -----------------------------------------------------------------------------------------------------------------


def test_r9_a_group_is_complete_with_its_last_member_however_deep() -> None:
    inner = group("1:2", GroupMode.SEQUENCE, cue("1:2:1", {"b": 100}, 2), cue("1:2:2", {"b": 0}, 5))
    booth = Booth(show_of(group("1", GroupMode.ALL, cue("1:1", {"a": 100}, 4), inner, next=end_after()), cue("2")))
    booth.go(0)
    booth.at(60)
    assert starts(booth) == ["0 1", "0 1:1", "0 1:2", "0 1:2:1", "2 1:2:2", "7 2"]


def test_r9_stopping_a_group_stops_its_members_and_their_pending_waits() -> None:
    members = (cue("1:1", {"a": 100}, 10), cue("1:2", {"b": 100}, 0, wait=seconds(5)), cue("1:3", wait_for=when("guests > 3")))
    booth = Booth(show_of(group("1", GroupMode.ALL, *members), cue("2")))
    booth.go(0)
    booth.at(2, Stop("main", "1", over=0))
    assert (booth.running(), booth.state.agenda) == ([], ())
    booth.at(30, InputChanged("guests", 9.0))
    assert (booth.level("b"), booth.log("wait.met")) == (0, [])


def test_r9_a_group_goes_on_without_a_member_that_was_stopped() -> None:
    members = (cue("1:1", {"a": 100}, 50), cue("1:2", {"b": 100}, 2))
    booth = Booth(show_of(group("1", GroupMode.SEQUENCE, *members, next=end_after()), cue("2")))
    booth.go(0)
    booth.at(3, Stop("main", "1:1", over=0))
    booth.at(60)
    assert starts(booth) == ["0 1", "0 1:1", "3 1:2", "5 2"]


def test_r9_a_member_that_stops_its_own_group_stops_it() -> None:
    members = (cue("1:1", None, 0, StopThing(CueRef("main", "1"))), cue("1:2"))
    booth = Booth(show_of(group("1", GroupMode.ALL, *members), cue("2")))
    booth.go(0)
    assert (booth.running(), starts(booth)) == ([], ["0 1", "0 1:1"])


def random_group(*more: Cue) -> tuple[Cue, ...]:
    members = (cue(f"1:{n}", {name: 100}, n) for n, name in enumerate("abcd", start=1))
    return (group("1", GroupMode.RANDOM, *members, next=end_after()), cue("2"), *more)


def test_r9_a_random_group_plays_one_member_each_time_and_none_again_before_all_had_their_turn() -> None:
    booth = Booth(show_of(*random_group()))
    for n in range(12):
        booth.go(n * 10, "1")
    booth.at(120)
    played = [line.split()[1] for line in starts(booth) if ":" in line]
    rounds = [played[n : n + 4] for n in (0, 4, 8)]
    assert [sorted(r) for r in rounds] == [["1:1", "1:2", "1:3", "1:4"]] * 3
    assert len({tuple(r) for r in rounds}) > 1


def test_r9_a_random_group_is_complete_with_the_member_that_was_chosen() -> None:
    booth = Booth(show_of(*random_group()))
    booth.go(0)
    booth.at(60)
    seconds_taken = int(starts(booth)[1].removeprefix("0 1:"))
    assert starts(booth)[2] == f"{seconds_taken} 2"


def test_r9_locating_past_a_random_group_takes_the_turn_that_playing_it_takes() -> None:
    show = show_of(*random_group(cue("3")))
    played, located = Booth(show), Booth(show)
    played.go(0)
    played.at(20)
    located.at(20, Locate("main", "2", SCRIPT))
    assert [located.level(n) for n in "abcd"] == [played.level(n) for n in "abcd"]
    assert located.state.turns == played.state.turns


def entered() -> tuple[Cue, ...]:
    members = (cue("1:1", {"b": 50}), cue("1:2", {"b": 100}, 30, next=start_after(1)), cue("1:3", {"c": 100}, 30))
    return (group("1", GroupMode.FIRST_ENTERS, *members, light=(move({"a": 100}),)), *members, cue("2"))


def test_r9_a_group_that_is_entered_starts_its_first_member_and_go_fires_the_others() -> None:
    booth = Booth(show_of(*entered()))
    assert str(booth.go(0).standby) == "main/1:2"
    assert (booth.level("a"), booth.level("b"), booth.running()) == (100, 50, [])
    assert str(booth.go(5).standby) == "main/2"
    booth.at(10)
    assert starts(booth) == ["0 1", "0 1:1", "5 1:2", "6 1:3"]


def test_r9_stopping_a_group_that_was_entered_stops_the_members_that_run() -> None:
    booth = Booth(show_of(*entered()))
    booth.go(0)
    booth.go(5)
    booth.at(7, Stop("main", "1", over=0))
    assert (booth.running(), booth.level("b")) == ([], 0)


# --- R10, R14 locate -----------------------------------------------------------------------------------------------------------


def test_r10_a_located_list_shows_what_a_played_one_shows() -> None:
    show = show_of(cue("1", {"a": 40}, 5), cue("2", {"b": 60}, 5), cue("3", {"a": 0, "c": 10}, 5), cue("4"))
    played, located = Booth(show), Booth(show)
    for n in range(3):
        played.go(n * 10)
    played.at(30)
    located.at(30, Locate("main", "3", SCRIPT))
    assert [located.level(n) for n in "abcd"] == [played.level(n) for n in "abcd"] == [0, 60, 10, 0]
    assert located.standby() == played.standby() == "4"


def test_r14_a_locate_sends_state_resumes_what_plays_and_never_fires_late() -> None:
    booth = Booth(show_of(cue("1", None, 0, play("rumble", "bed"), pulse()), cue("2", {"a": 100}), cue("3")))
    booth.at(0, Locate("main", "2", SCRIPT))
    assert (booth.told(), booth.level("a")) == (["0 sound play"], 100)


def test_r10_what_was_stopped_with_the_others_is_not_there_after_a_locate() -> None:
    booth = Booth(show_of(cue("1", {"a": 40}, 0, play("rumble", "bed")), cue("2", None, 0, StopOthers(False, 0)), cue("3")))
    booth.at(0, Locate("main", "2", SCRIPT))
    assert (booth.told(), booth.level("a")) == ([], 40)


# --- R11 every value has its owner ---------------------------------------------------------------------------------------------


def test_r11_the_owner_of_a_level_is_the_cue_that_moved_it_last_or_the_person_who_holds_it() -> None:
    booth = Booth(show_of(cue("1", {"a": 40, "b": 40}), cue("2", {"b": 60})))
    booth.go(0)
    booth.go(1)

    def owner(name: str) -> str:
        return " ".join(why_level(booth.show, booth.state, booth.state.now, name)["words"])

    assert "main/1" in owner("a")
    assert "main/2" in owner("b")
    booth.at(2, Grab((0,), (FULL,), True, "lamp test", MEI))
    assert "parked by Mei: lamp test" in owner("a")


# --- R12 curves ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(CURVES))
def test_r12_a_curve_begins_at_nothing_ends_at_all_and_never_turns_back(name: str) -> None:
    way = [shaped(CURVES[name], f) for f in range(0, ONE + 1, 16)]
    assert (way[0], way[-1]) == (0, ONE)
    assert way == sorted(way)


@pytest.mark.parametrize("name", ["linear", "s", "equal-power"])
def test_r12_a_fade_along_a_curve_ends_at_exactly_its_level(name: str) -> None:
    shaped_fade = replace(cue("1"), light=(replace(move({"a": 70}, 3), curve=name),))
    booth = Booth(show_of(shaped_fade))
    booth.go(0)
    booth.at(3)
    assert booth.level("a") == 70


# --- R13 timecode --------------------------------------------------------------------------------------------------------------


def test_r13_a_timeline_counts_on_timecode_holds_with_it_and_a_locate_fires_nothing_between() -> None:
    timeline = group("1", GroupMode.TIMELINE, *((t, cue(f"1:{t}", {"a": t})) for t in (10, 20, 90)))
    assert timeline.group is not None
    timeline = replace(timeline, group=replace(timeline.group, clock="desk"))
    booth = Booth(replace(show_of(timeline), timecodes=(TimecodeInput("desk", "ltc", 25, 1),)))
    booth.at(0, ClockMoved("desk", "locked", 0, 0, 1, 1))
    booth.go(0)
    booth.at(15, ClockMoved("desk", "hold", 15 * SECOND, 15 * SECOND, 0, 1))
    booth.at(60)
    assert starts(booth) == ["0 1", "10 1:10"]
    booth.at(60, ClockMoved("desk", "locked", 60 * SECOND, 15 * SECOND, 1, 1))
    booth.at(66)
    assert starts(booth)[-1] == "65 1:20"


# --- R15 show 40 equals show 1 -------------------------------------------------------------------------------------------------


def test_r15_after_a_reset_the_same_inputs_make_the_same_show() -> None:
    cues = (
        cue(
            "1",
            {"a": 100},
            5,
            SetVariable("show.ending", expression('"on"')),
            SetVariable("day.shows", expression("day.shows + 1")),
            next=when("guests > 3", 9),
        ),
        cue("2", {"b": 50}, 2, play("rumble", "bed"), next=branch(1, "3", ('show.ending == "on"', "4"))),
        cue("3"),
        cue("4", {"c": 20}),
    )
    booth = Booth(show_of(*cues))
    logs = []
    for begin in (0, 100, 200):
        booth.commands.clear()
        booth.go(begin)
        booth.at(begin + 3, InputChanged("guests", 7.0))
        booth.at(begin + 30)
        logs.append([(c.instant - begin * SECOND, c.verb, c.arguments) for c in booth.tells()])
        levels = [booth.level(n) for n in "abcd"]
        assert (levels, booth.state.values["main.cue"]) == ([100, 50, 20, 0], "4")
        booth.at(begin + 31, InputChanged("guests", 0.0))
        booth.at(begin + 31, Reset())
        assert booth.state.values["show.ending"] == "home"
    assert logs[0] == logs[1] == logs[2]
    assert booth.state.values["day.shows"] == 3


def test_r15_whatever_was_touched_before_a_reset_leaves_no_trace() -> None:
    show = show_of(cue("1", {"a": 100}, 4, play("rumble", "bed", 3)), cue("2", {"b": 50}, 2), cue("3", {"c": 20}, 1))

    def played(booth: Booth, begin: float) -> list[object]:
        booth.commands.clear()
        found: list[object] = []
        booth.at(begin, Go("main", token="t1", origin=MEI))
        booth.at(begin + 1, Pause("main"))
        booth.at(begin + 2, Resume("main"))
        for moment in (2.5, 4, 6):
            booth.at(begin + moment)
            found.append([booth.level(name) for name in "abcd"])
        booth.go(begin + 7)
        booth.at(begin + 8)
        found += [booth.level("b"), booth.standby(), sorted(booth.running())]
        return [*found, *((t.instant - begin * SECOND, t.verb, t.arguments) for t in booth.tells())]

    fresh, touched = Booth(show), Booth(show)
    for event in (
        Load("main", "1", 2 * SECOND, MEI),
        Arm("2", False, "main", MEI),
        Rate("main", None, 50, 100, MEI),
        Master("grand", 100, 0, MEI),
        Standby("main", "3", MEI),
        Grab((1,), (FULL,), origin=MEI),
        Go("main", "3", "t1", MEI),
        Pause("main"),
    ):
        touched.at(1, event)
    touched.at(10, Reset())
    assert played(touched, 20) == played(fresh, 20)


def test_r15_after_a_reset_a_random_group_takes_its_turns_as_on_the_first_show() -> None:
    booth = Booth(show_of(*random_group()))
    orders = []
    for begin in (0, 100):
        booth.commands.clear()
        for n in range(6):
            booth.go(begin + n * 10, "1")
        orders.append([line.split()[1] for line in starts(booth)])
        booth.at(begin + 90, Reset())
    assert orders[0] == orders[1]


# --- R16 parks persist ---------------------------------------------------------------------------------------------------------


def test_r16_a_park_outlives_a_reset_and_a_restart_and_keeps_its_reason() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}), cue("2")))
    booth.at(0, Grab((0,), (FULL // 2,), True, "flickers", MEI))
    booth.go(1)
    booth.at(2, Reset())
    again = Booth(booth.show, restore(json.loads(json.dumps(keep(booth.state)))))
    again.at(3)
    assert (slots(again)[0], again.state.grabbed[0]) == (127, "parked by Mei: flickers")
