"""GO, standby and chaining (R1, R2, R3, R8): which cue starts when, and what stands by then."""

from __future__ import annotations

from showctl.engine.events import Arm, Go, InputChanged, Origin, Standby, StandbyMove, Start
from showctl.engine.step import step
from showctl.show.cues import CueRef, GoCue, GroupMode, StopThing
from tests.engine.booth import (
    Booth,
    branch,
    cue,
    cue_list,
    end_after,
    group,
    play,
    show_of,
    start_after,
    starts,
    when,
)


def test_go_starts_the_standing_by_cue_and_the_next_one_stands_by() -> None:
    booth = Booth(show_of(cue("1"), cue("2"), cue("3")))
    answer = booth.go(1)
    assert str(answer.started) == "main/1"
    assert str(answer.standby) == "main/2"
    assert starts(booth) == ["1 1"]


def test_go_at_the_end_of_the_list_is_refused_and_changes_nothing() -> None:
    booth = Booth(show_of(cue("1")))
    booth.go(1)
    before = booth.state
    answer = booth.go(2)
    assert answer.refused == "main is at its end: nothing stands by"
    assert (booth.state.lists, booth.state.plan) == (before.lists, before.plan)


def test_go_with_a_label_jumps_there_and_the_next_one_stands_by() -> None:
    booth = Booth(show_of(cue("1"), cue("2"), cue("3")))
    assert str(booth.go(1, "2").standby) == "main/3"


def test_go_with_an_unknown_label_is_refused_by_name() -> None:
    assert Booth(show_of(cue("1"))).go(1, "7").refused == "main has no cue 7"


def test_what_chains_by_itself_is_passed_over_by_the_standby() -> None:
    booth = Booth(show_of(cue("1", next=start_after(2)), cue("2", next=end_after()), cue("3"), cue("4")))
    assert str(booth.go(0).standby) == "main/4"


def test_a_cue_that_waits_for_a_condition_leaves_the_next_one_in_standby() -> None:
    booth = Booth(show_of(cue("1", next=when('gate == "closed"')), cue("2"), cue("3")))
    assert str(booth.go(0).standby) == "main/2"


def test_a_second_go_inside_the_window_is_discarded_with_the_time_that_is_left() -> None:
    booth = Booth(show_of(cue("1"), cue("2")))
    booth.at(1, Go("main", origin=Origin("key")))
    answer = booth.at(1.2, Go("main", origin=Origin("osc")))
    assert answer is not None
    assert answer.refused == "too soon after the last GO: 0.1 s left of the GO window"
    assert starts(booth) == ["1 1"]


def test_a_second_go_at_the_very_end_of_the_window_counts() -> None:
    booth = Booth(show_of(cue("1"), cue("2")))
    booth.at(1, Go("main", origin=Origin("key")))
    booth.at(1.3, Go("main", origin=Origin("key")))
    assert starts(booth) == ["1 1", "1.3 2"]


def test_the_same_go_heard_twice_is_one_go() -> None:
    booth = Booth(show_of(cue("1"), cue("2")))
    booth.at(1, Go("main", token="x", origin=Origin("osc")))
    answer = booth.at(5, Go("main", token="x", origin=Origin("osc")))
    assert answer is not None
    assert answer.refused == "the same GO was heard before"


def test_go_on_a_running_cue_does_nothing() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 5), cue("2")))
    booth.go(0)
    assert booth.go(1, "1").refused == "main/1 is running already"


def test_each_list_has_its_own_window_and_its_own_standby() -> None:
    booth = Booth(show_of(cue("1"), cue("2"), lists=[cue_list(cue("9", list="house"), name="house", index=1)]))
    booth.at(1, Go("main", origin=Origin("key")))
    booth.at(1, Go("house", origin=Origin("key")))
    assert starts(booth) == ["1 1", "1 9"]


def test_standby_moves_and_starts_nothing() -> None:
    booth = Booth(show_of(cue("1"), cue("2"), cue("3")))
    booth.at(0, Standby("main", "3"))
    assert (booth.standby(), starts(booth)) == ("3", [])
    booth.at(0, StandbyMove("main", -1))
    assert booth.standby() == "2"
    booth.at(0, StandbyMove("main", -7))
    assert booth.standby() == "1"


def test_a_standby_that_an_operator_chose_is_left_alone_by_chains() -> None:
    booth = Booth(show_of(cue("1", next=start_after(2)), cue("2"), cue("3"), cue("4")))
    booth.go(0)
    booth.at(1, Standby("main", "4"))
    booth.at(3)
    assert booth.standby() == "4"


def test_start_does_not_move_the_standby() -> None:
    booth = Booth(show_of(cue("1"), cue("2"), cue("3")))
    booth.at(1, Start("main", "3"))
    assert (booth.standby(), starts(booth)) == ("1", ["1 3"])


def test_the_pre_wait_comes_before_the_actions_and_the_chain_counts_from_them() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 0, wait=2_000_000_000, next=start_after(3)), cue("2")))
    booth.go(1)
    booth.at(2.9)
    assert booth.level("a") == 0
    booth.at(3)
    assert booth.level("a") == 100
    booth.at(10)
    assert starts(booth) == ["1 1", "6 2"]


def test_after_end_counts_from_the_completion_of_the_fade() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 4, next=end_after(1)), cue("2")))
    booth.go(0)
    booth.at(20)
    assert starts(booth) == ["0 1", "5 2"]


def test_before_end_counts_back_from_the_completion() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 4, next=end_after(-1)), cue("2")))
    booth.go(0)
    booth.at(20)
    assert starts(booth) == ["0 1", "3 2"]


def test_a_late_wake_starts_everything_at_the_instant_it_was_due() -> None:
    cues = [cue(str(n), next=start_after(0.5)) for n in range(1, 6)]
    booth = Booth(show_of(*cues))
    booth.go(0)
    booth.state, commands = step(booth.show, booth.state, None, 60_000_000_000)
    booth.commands += commands
    assert starts(booth) == ["0 1", "0.5 2", "1 3", "1.5 4", "2 5"]


def test_when_goes_as_soon_as_it_is_true() -> None:
    booth = Booth(show_of(cue("1", next=when('gate == "closed"', 20)), cue("2")))
    booth.go(0)
    booth.at(7, InputChanged("gate", "closed"))
    assert starts(booth) == ["0 1", "7 2"]
    booth.at(60)
    assert starts(booth) == ["0 1", "7 2"]


def test_when_goes_anyway_after_its_time() -> None:
    booth = Booth(show_of(cue("1", next=when('gate == "closed"', 20)), cue("2")))
    booth.go(0)
    booth.at(60)
    assert starts(booth) == ["0 1", "20 2"]


def test_go_during_a_wait_fires_the_next_cue_once() -> None:
    booth = Booth(show_of(cue("1", next=when('gate == "closed"', 20)), cue("2"), cue("3")))
    booth.go(0)
    booth.go(5)
    booth.at(60, InputChanged("gate", "closed"))
    assert starts(booth) == ["0 1", "5 2"]


def test_a_branch_takes_the_first_choice_that_holds_at_its_deadline() -> None:
    show = show_of(
        cue("1", next=branch(10, "home", ("guests > 10", "on"), ("guests > 5", "maybe"))), cue("on"), cue("maybe"), cue("home")
    )
    booth = Booth(show)
    booth.go(0)
    booth.at(3, InputChanged("guests", 7.0))
    booth.at(30)
    assert starts(booth) == ["0 1", "10 maybe"]


def test_a_branch_without_a_choice_takes_its_default() -> None:
    booth = Booth(show_of(cue("1", next=branch(10, "home", ("guests > 10", "on"))), cue("on"), cue("home")))
    booth.go(0)
    booth.at(30)
    assert starts(booth) == ["0 1", "10 home"]


def test_wait_for_holds_the_completion_until_it_is_true() -> None:
    booth = Booth(show_of(cue("1", wait_for=when('gate == "closed"', 9), next=end_after()), cue("2")))
    booth.go(0)
    booth.at(4, InputChanged("gate", "closed"))
    booth.at(30)
    assert starts(booth) == ["0 1", "4 2"]


def test_a_disarmed_cue_is_stepped_through_without_acting() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, next=start_after(1)), cue("2")))
    booth.at(0, Arm("1", False, "main"))
    booth.go(0)
    booth.at(5)
    assert (booth.level("a"), starts(booth)) == (0, ["0 1", "1 2"])


def test_a_group_of_all_is_complete_with_its_last_member() -> None:
    show = show_of(group("1", GroupMode.ALL, cue("1/1", {"a": 100}, 2), cue("1/2", {"b": 100}, 5), next=end_after()), cue("2"))
    booth = Booth(show)
    booth.go(0)
    booth.at(20)
    assert starts(booth) == ["0 1", "0 1/1", "0 1/2", "5 2"]


def test_a_sequence_runs_its_members_one_after_the_other() -> None:
    show = show_of(
        group("1", GroupMode.SEQUENCE, cue("1/1", {"a": 100}, 2), cue("1/2", {"b": 100}, 5), next=end_after()), cue("2")
    )
    booth = Booth(show)
    booth.go(0)
    booth.at(20)
    assert starts(booth) == ["0 1", "0 1/1", "2 1/2", "7 2"]


def test_a_timeline_starts_each_member_at_its_moment() -> None:
    show = show_of(
        group("1", GroupMode.TIMELINE, (0.5, cue("1/1")), (0.5, cue("1/2")), (3, cue("1/3")), next=end_after()), cue("2")
    )
    booth = Booth(show)
    booth.go(1)
    booth.at(20)
    assert starts(booth) == ["1 1", "1.5 1/1", "1.5 1/2", "4 1/3", "4 2"]


def test_an_endless_sound_keeps_its_cue_running_until_it_is_stopped() -> None:
    booth = Booth(show_of(cue("1", None, 0, play("rumble", "rumble")), cue("2", None, 0, StopThing("rumble"))))
    booth.go(0)
    booth.at(100)
    assert booth.running() == ["main/1"]
    booth.go(101)
    booth.at(102)
    assert booth.running() == []


def test_a_circle_that_takes_no_time_is_cut_and_said() -> None:
    booth = Booth(show_of(cue("1", None, 0, GoCue("main", CueRef("main", "1")))))
    booth.go(0)
    assert booth.log("chain.cut") == ["0 chain.cut 1"]
