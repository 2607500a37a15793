"""The rules R1 to R6 of what operators mean (GO, standby, stops, pause, rate), each as a scene from the booth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from showctl.engine.asking import why_level
from showctl.engine.events import (
    Evacuate,
    Go,
    InputChanged,
    Load,
    Locate,
    Origin,
    Panic,
    Pause,
    Preview,
    Rate,
    Rearm,
    Reset,
    Resume,
    Standby,
    Start,
    Stop,
)
from showctl.engine.step import next_deadline
from showctl.show.cues import CueRef, GroupMode, SecondTrigger, StartCue, StopOthers
from showctl.show.instants import SECOND, seconds
from showctl.show.triggers import Trigger
from tests.engine.booth import (
    Booth,
    bell,
    cue,
    cue_list,
    end_after,
    expression,
    group,
    move,
    play,
    pulse,
    show_of,
    start_after,
    starts,
)

MEI = Origin("console", "Mei")
SCRIPT = Origin("script")


# --- R1 GO is one transaction; at the end it is refused, never a wrap ----------------------------------------------------------


def test_r1_the_reply_to_go_names_what_started_and_what_stands_by() -> None:
    booth = Booth(show_of(cue("1", next=start_after(1)), cue("2"), cue("3")))
    answer = booth.go(1)
    assert (str(answer.started), str(answer.standby)) == ("main/1", "main/3")


def test_r1_at_the_end_of_the_list_go_is_refused_and_does_not_wrap() -> None:
    booth = Booth(show_of(cue("1"), cue("2")))
    booth.go(1)
    assert booth.go(2).standby is None
    answer = booth.go(3)
    assert (answer.refused, answer.started) == ("main is at its end: nothing stands by", None)
    assert starts(booth) == ["1 1", "2 2"]


def test_r1_a_loaded_cue_begins_that_far_into_itself_with_its_fade_its_clip_and_its_chain() -> None:
    wait, chain = seconds(2), start_after(8)
    bellows = cue("1", {"a": 100}, 10, play("rumble", "bed", 30), bell(), wait=wait, next=chain)
    booth = Booth(show_of(replace(bellows, actions=(bellows.actions[0], pulse())), cue("2"), cue("3")))
    booth.at(0, Load("main", "1", seconds(7)))
    booth.go(10)
    assert booth.level("a") == 50
    booth.at(60)
    assert (starts(booth), booth.told()) == (["10 1", "13 2"], ["10 sound play"])
    assert booth.tells()[0].argument("at") == 5.0
    assert booth.log("cue.done") == ["13 cue.done 2", "35 cue.done 1"]


def test_r1_a_cue_loaded_inside_its_pre_wait_waits_for_the_rest_of_it() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 0, wait=seconds(5))))
    booth.at(0, Load("main", "1", seconds(3)))
    booth.go(0)
    booth.at(1.9)
    assert booth.level("a") == 0
    booth.at(2)
    assert booth.level("a") == 100


def test_r1_a_load_counts_back_from_the_end_and_is_good_for_one_start() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 10, wait=seconds(5))))
    booth.at(0, Load("main", "1", -seconds(2)))
    booth.go(0)
    assert booth.level("a") == 80
    booth.at(5, Locate("main", "1", SCRIPT))
    booth.go(10, "1")
    assert booth.log("cue.done") == ["2 cue.done 1"]
    booth.at(40)
    assert booth.log("cue.done") == ["2 cue.done 1", "25 cue.done 1"]


def test_r1_a_load_beyond_the_end_or_back_from_none_is_refused() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 10), cue("2", None, 0, play("rumble", "bed"))))
    for request, why in (
        (Load("main", "1", seconds(11)), "main/1 is 10 s long"),
        (Load("main", "2", -SECOND), "nobody knows beforehand how long main/2 takes, so nothing counts back from its end"),
    ):
        answer = booth.at(0, request)
        assert answer is not None
        assert answer.refused == why


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (GroupMode.ALL, ["10 1", "10 1:1", "10 1:2"]),
        (GroupMode.SEQUENCE, ["10 1", "10 1:1", "10 1:2"]),
        (GroupMode.TIMELINE, ["10 1", "10 1:1", "10 1:2"]),
    ],
)
def test_r1_a_group_that_was_loaded_is_where_it_would_be(mode: GroupMode, expected: list[str]) -> None:
    members = ((0.0, cue("1:1", {"a": 100}, 4)), (4.0, cue("1:2", {"b": 100}, 10)))
    show = show_of(group("1", mode, *(m if mode is GroupMode.TIMELINE else m[1] for m in members)))
    played, loaded = Booth(show), Booth(show)
    played.go(0)
    loaded.at(0, Load("main", "1", seconds(6)))
    played.at(6)
    loaded.go(10)
    assert starts(loaded) == expected
    for later in (0, 1, 20):
        played.at(6 + later)
        loaded.at(10 + later)
        assert [loaded.level(n) for n in "ab"] == [played.level(n) for n in "ab"]
        assert loaded.running() == played.running()


def test_r1_a_preview_has_no_pre_wait_and_moves_neither_standby_nor_chain() -> None:
    booth = Booth(show_of(cue("1"), cue("2", {"a": 100}, 2, wait=seconds(5), next=start_after(1)), cue("3")))
    answer = booth.at(0, Preview("main", "2"))
    assert answer is not None
    assert (str(answer.started), str(answer.standby)) == ("main/2", "main/1")
    booth.at(60)
    assert (booth.level("a"), starts(booth), booth.state.values["main.cue"]) == (100, ["0 2"], "")


# --- R2 playhead, selection and running set are three things -------------------------------------------------------------------


def test_r2_what_runs_and_what_stands_by_move_apart() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 60), cue("2", {"b": 100}, 60), cue("3"), cue("4")))
    booth.go(0)
    booth.at(1, Standby("main", "4"))
    assert (booth.running(), booth.standby()) == (["main/1"], "4")
    booth.at(2, Start("main", "2"))
    assert (booth.running(), booth.standby()) == (["main/1", "main/2"], "4")
    booth.at(3, Stop("main", "1"))
    assert (booth.running(), booth.standby()) == (["main/2"], "4")
    booth.at(4, Stop())
    assert (booth.running(), booth.standby()) == ([], "4")
    booth.go(5, "1")
    booth.at(6, Start("main", "3"))
    assert (booth.running(), booth.standby()) == (["main/1"], "2")


# --- R3 one GO window per list, over all human surfaces ------------------------------------------------------------------------


def test_r3_the_window_is_the_lists_and_a_discarded_go_is_said_and_never_queued() -> None:
    booth = Booth(show_of(cue("1"), cue("2"), cue("3")))
    booth.at(1, Go("main", origin=Origin("key")))
    booth.at(1.1, Go("main", origin=Origin("osc")))
    assert booth.log("go.discarded") == ["1.1 go.discarded"]
    booth.at(9)
    assert starts(booth) == ["1 1"]


def test_r3_a_script_and_a_chain_are_not_gos_of_a_person() -> None:
    booth = Booth(show_of(cue("1", next=start_after(0.1)), cue("2"), cue("3")))
    booth.at(1, Go("main", origin=Origin("key")))
    booth.at(1.2, Go("main", origin=Origin("schedule")))
    assert starts(booth) == ["1 1", "1.1 2", "1.2 3"]


# --- R4 fades retarget from the live value -------------------------------------------------------------------------------------


def test_r4_a_fade_caught_half_way_goes_on_from_there_and_the_rest_is_left_alone() -> None:
    booth = Booth(show_of(cue("1", {"a": 100, "b": 100}, 10), cue("2", {"a": 0}, 5)))
    booth.go(0)
    booth.go(5)
    assert (booth.level("a"), booth.level("b")) == (50, 50)
    booth.at(7.5)
    assert (booth.level("a"), booth.level("b")) == (25, 75)


def test_r4_go_on_a_running_cue_is_nothing() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 10), cue("2")))
    booth.go(0)
    assert booth.go(5, "1").refused == "main/1 is running already"
    booth.at(10)
    assert (booth.level("a"), starts(booth)) == (100, ["0 1"])


def test_r4_a_second_trigger_restarts_the_cue_and_its_light_goes_on_from_where_it_is() -> None:
    bellows = cue("1", {"a": 100}, 10, play("rumble", "bed", 30), second_trigger=SecondTrigger.RESTART, next=start_after(8))
    booth = Booth(show_of(bellows, cue("2"), cue("3")))
    booth.go(0)
    assert str(booth.go(5, "1").started) == "main/1"
    assert booth.level("a") == 50
    booth.at(10)
    assert (booth.level("a"), booth.running()) == (75, ["main/1"])
    booth.at(20)
    assert (starts(booth), booth.told()) == (["0 1", "5 1", "13 2"], ["0 sound play", "5 sound stop", "5 sound play"])


def test_r4_a_second_trigger_stops_the_cue_and_a_third_starts_it() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 0, play("rumble", "bed"), second_trigger=SecondTrigger.STOP), cue("2")))
    booth.go(0)
    assert (booth.go(5, "1").started, booth.running()) == (None, [])
    booth.at(8)
    assert (booth.level("a"), booth.standby()) == (0, "2")
    assert str(booth.go(9, "1").started) == "main/1"


def test_r4_panic_as_a_second_trigger_is_for_that_cue_alone() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 60, second_trigger=SecondTrigger.PANIC), cue("2", {"b": 100}, 60)))
    booth.go(0)
    booth.go(1)
    booth.at(2, Start("main", "1"))
    assert (booth.running(), booth.state.latch) == (["main/2"], "")


def test_r4_a_trigger_that_fires_twice_starts_its_cue_once() -> None:
    touch = Trigger(0, "touch", expression("guests > 3"), (StartCue(CueRef("main", "2")),))
    booth = Booth(show_of(cue("1"), cue("2", {"a": 100}, 20), triggers=(touch,)))
    for moment, guests in ((1, 5.0), (2, 0.0), (3, 5.0)):
        booth.at(moment, InputChanged("guests", guests))
    assert (starts(booth), booth.log("cue.again")) == (["1 2"], ["3 cue.again 2"])


# --- R5 stop, panic, evacuate --------------------------------------------------------------------------------------------------


def test_r5_stop_all_falls_back_to_what_is_underneath_and_go_goes_on_from_there() -> None:
    booth = Booth(show_of(cue("1", {"b": 100}), cue("2", {"b": 40})))
    booth.go(0)
    booth.at(5, Stop(over=seconds(2)))
    booth.at(6)
    assert booth.level("b") == 50
    booth.at(8)
    assert booth.level("b") == 0
    assert not booth.go(9).refused


def test_r5_panic_fades_to_the_safe_state_and_a_second_press_cuts() -> None:
    booth = Booth(show_of(cue("1", {"b": 100})))
    booth.go(0)
    booth.at(10, Panic())
    booth.at(11)
    assert (booth.level("a"), booth.level("b")) == (30, 50)
    booth.at(11, Panic())
    booth.at(11)
    assert (booth.level("a"), booth.level("b")) == (60, 0)


def test_r5_evacuation_is_latched_until_a_named_person_rearms() -> None:
    booth = Booth(show_of(cue("1", {"b": 100}), cue("2")))
    booth.go(0)
    booth.at(5, Evacuate())
    assert (booth.level("a"), booth.level("b")) == (60, 0)
    assert booth.go(6).refused == "evacuate is in force: re-arm first"
    nameless, named = booth.at(7, Rearm(Origin("key"))), booth.at(8, Rearm(MEI))
    assert nameless is not None
    assert named is not None
    assert (bool(nameless.refused), named.refused) == (True, "")
    assert not booth.go(9).refused


def test_r5_a_cue_may_stop_what_else_runs_and_the_light_that_was_moved_stays() -> None:
    other = cue_list(cue("9", None, 0, play("hum", "hum"), list="house"), name="house", index=1)
    cues = (
        cue("1", {"a": 100}, 0, play("rumble", "bed"), next=start_after(30)),
        cue("2", {"b": 100}, 0, wait=seconds(60)),
        cue("3", None, 0, StopOthers(False, 2 * SECOND), play("bell", "bell")),
    )
    booth = Booth(show_of(*cues, lists=[other]))
    booth.go(0, list_="house")
    booth.go(0)
    booth.go(1, "2")
    booth.go(5, "3")
    assert booth.running() == ["house/9", "main/3"]
    booth.at(100)
    assert (booth.level("a"), booth.level("b"), starts(booth)) == (100, 0, ["0 9", "0 1", "1 2", "5 3"])
    assert [(t.verb, t.argument("voice")) for t in booth.tells()[2:]] == [("stop", "bed"), ("play", "bell")]
    assert booth.tells()[2].argument("fade") == 2.0


def test_r5_stop_others_in_every_list_ends_the_other_lists_too() -> None:
    other = cue_list(cue("9", None, 0, play("hum", "hum"), list="house"), name="house", index=1)
    booth = Booth(show_of(cue("1", None, 0, StopOthers(True, 0)), lists=[other]))
    booth.go(0, list_="house")
    booth.go(1)
    assert (booth.running(), booth.told()) == ([], ["0 sound play", "1 sound stop"])


# --- R6 pause: light holds its level, players are held -------------------------------------------------------------------------


def test_r6_a_pause_holds_levels_and_players_and_nothing_is_due() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 10, play("rumble", "bed"), next=end_after()), cue("2")))
    booth.go(0)
    booth.at(4, Pause("main"))
    booth.at(500)
    assert (booth.level("a"), next_deadline(booth.state)) == (40, None)
    booth.at(600, Resume("main"))
    booth.at(606)
    assert booth.level("a") == 100
    assert [(t.verb, t.argument("on")) for t in booth.tells()[1:]] == [("pause", True), ("pause", False)]


def test_r6_a_paused_list_holds_the_cues_that_have_a_clock_of_their_own() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 10), cue("2", {"b": 100}, 10)))
    booth.go(0)
    booth.go(0, "2")
    booth.at(1, Pause("main", "1"))
    booth.at(2, Resume("main", "1"))
    booth.at(4, Pause("main", "2"))
    booth.at(4, Pause("main"))
    booth.at(50)
    assert (booth.level("a"), booth.level("b"), next_deadline(booth.state)) == (30, 40, None)
    booth.at(60, Resume("main"))
    booth.at(62)
    assert (booth.level("a"), booth.level("b")) == (50, 40)
    booth.at(62, Resume("main", "2"))
    booth.at(64)
    assert (booth.level("a"), booth.level("b")) == (70, 60)


def test_r6_a_pause_that_lasts_goes_to_the_hold_look_and_comes_back() -> None:
    show = show_of(cue("1", {"a": 100}, 10), cue("2"))
    main = replace(show.lists[0], hold_after=seconds(60), hold_look=(move({"a": 0, "b": 30}, 2),))
    booth = Booth(replace(show, lists=(main,)))
    booth.go(0)
    booth.at(4, Pause("main"))
    booth.at(63)
    assert (booth.level("a"), booth.level("b")) == (40, 0)
    booth.at(66)
    assert (booth.level("a"), booth.level("b")) == (0, 30)
    assert "the hold look of main" in " ".join(why_level(show, booth.state, booth.state.now, "b")["words"])
    booth.at(100, Resume("main"))
    booth.at(106)
    assert (booth.level("a"), booth.level("b")) == (100, 0)


def test_r6_a_short_pause_never_shows_the_hold_look() -> None:
    show = show_of(cue("1", {"a": 100}, 10), cue("2"))
    booth = Booth(replace(show, lists=(replace(show.lists[0], hold_after=SECOND, hold_look=(move({"a": 0}),)),)))
    booth.go(0)
    booth.at(4, Pause("main"))
    booth.at(4.9, Resume("main"))
    booth.at(20)
    assert (booth.level("a"), booth.log("list.hold_look")) == (100, [])


# --- rate: 0 to 2000 % ----------------------------------------------------------------------------------------------------


def test_rate_of_a_list_slows_its_fades_waits_and_chains() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 10, next=start_after(6)), cue("2")))
    booth.at(0, Rate("main", None, 50))
    booth.go(0)
    booth.at(10)
    assert booth.level("a") == 50
    booth.at(10, Rate("main", None, 200))
    booth.at(11)
    assert (booth.level("a"), starts(booth)) == (70, ["0 1", "10.5 2"])


def test_rate_of_one_cue_leaves_its_list_alone_and_multiplies_with_it() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 10), cue("2", {"b": 100}, 10)))
    booth.go(0)
    booth.go(0, "2")
    booth.at(1, Rate("main", "1", 200))
    booth.at(2)
    assert (booth.level("a"), booth.level("b")) == (30, 20)
    booth.at(2, Rate("main", None, 50))
    booth.at(4)
    assert (booth.level("a"), booth.level("b")) == (50, 30)


def test_rate_outlives_a_pause_and_ends_with_a_reset() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 10)))
    booth.at(0, Rate("main", None, 50))
    booth.go(0)
    booth.at(2, Pause("main"))
    booth.at(3, Resume("main"))
    booth.at(5)
    assert booth.level("a") == 20
    booth.at(6, Reset())
    booth.go(10)
    booth.at(15)
    assert booth.level("a") == 50


def test_rate_of_a_group_is_that_of_its_members_however_deep() -> None:
    inner = group("1:1", GroupMode.SEQUENCE, cue("1:1:1", {"a": 100}, 10))
    booth = Booth(show_of(group("1", GroupMode.ALL, inner), cue("2")))
    booth.go(0)
    booth.at(0, Rate("main", "1", 50))
    booth.at(10)
    assert booth.level("a") == 50
    booth.at(21)
    assert booth.running() == []


def test_rate_beyond_2000_percent_and_of_what_does_not_run_is_refused() -> None:
    booth = Booth(show_of(cue("1")))
    for request, why in ((Rate("main", None, 2001), "a rate is 0 to 2000 %"), (Rate("main", "1", 50), "main/1 is not running")):
        answer = booth.at(1, request)
        assert answer is not None
        assert answer.refused == why
