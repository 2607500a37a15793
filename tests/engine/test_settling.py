"""Back and locate: the room as if it had been played to there (R7, R10, R14)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.engine.events import Back, Locate, Origin
from tests.engine.booth import Booth, bell, cue, move, play, release, show_of

SCRIPT = Origin("script")


def test_back_restores_the_look_before_the_last_go_in_the_back_time() -> None:
    booth = Booth(show_of(cue("1", {"a": 40}), cue("2", {"a": 100, "b": 100})))
    booth.go(0)
    booth.go(10)
    booth.at(20, Back("main", SCRIPT))
    booth.at(20.5)
    assert (booth.level("a"), booth.level("b")) == (70, 50)
    booth.at(21)
    assert (booth.level("a"), booth.level("b"), booth.standby()) == (40, 0, "2")


def test_back_twice_undoes_two_gos_and_then_there_is_nothing_more() -> None:
    booth = Booth(show_of(cue("1", {"a": 40}), cue("2", {"a": 100})))
    booth.go(0)
    booth.go(10)
    booth.at(20, Back("main", SCRIPT))
    booth.at(30, Back("main", SCRIPT))
    booth.at(40)
    assert (booth.level("a"), booth.standby()) == (0, "1")
    answer = booth.at(50, Back("main", SCRIPT))
    assert answer is not None
    assert answer.refused == "main has no GO to go back to"


def test_a_clip_that_ran_then_runs_where_it_would_be_now() -> None:
    first, second = play("rumble", "bed", 40), play("rumble", "bed", 40, level=-6)
    booth = Booth(show_of(cue("1", None, 0, first), cue("2", None, 0, second)))
    booth.go(0)
    booth.go(10)
    booth.at(25, Back("main", SCRIPT))
    tell = booth.tells()[-1]
    assert (tell.verb, tell.argument("at"), tell.argument("level")) == ("play", 25.0, 0.0)


def test_what_the_undone_cue_started_is_stopped() -> None:
    booth = Booth(show_of(cue("1"), cue("2", None, 0, play("rumble", "bed"))))
    booth.go(0)
    booth.go(10)
    booth.at(25, Back("main", SCRIPT))
    assert booth.told() == ["10 sound play", "25 sound stop"]


def test_locate_settles_every_cue_up_to_there_and_runs_no_chain() -> None:
    from tests.engine.booth import start_after

    booth = Booth(show_of(cue("1", {"a": 40}, 5), cue("2", {"b": 60}, 5, next=start_after(1)), cue("3", {"c": 100}), cue("4")))
    booth.at(0, Locate("main", "2", SCRIPT))
    assert (booth.level("a"), booth.level("b"), booth.standby()) == (40, 60, "4")
    booth.at(60)
    assert booth.level("c") == 0


def test_locate_sends_state_and_what_plays_on_and_nothing_momentary() -> None:
    from dataclasses import replace

    from showctl.show.cues import ActionClass

    pulse = replace(bell(), kind=ActionClass.MOMENTARY, key="")
    booth = Booth(
        show_of(cue("1", None, 0, play("rumble", "bed")), cue("2", None, 0, pulse), cue("3", None, 0, play("rumble", "hit", 2)))
    )
    booth.at(0, Locate("main", "3", SCRIPT))
    assert [(t.verb, t.argument("voice")) for t in booth.tells()] == [("play", "bed")]


def test_locate_back_up_the_list_takes_away_what_came_later() -> None:
    booth = Booth(show_of(cue("1", {"a": 40}), cue("2", {"b": 60}, 0, play("rumble", "bed"))))
    booth.go(0)
    booth.go(1)
    booth.at(2, Locate("main", "1", SCRIPT))
    assert (booth.level("a"), booth.level("b"), booth.told()[-1]) == (40, 0, "2 sound stop")


LEVELS = st.dictionaries(st.sampled_from(["a", "b", "c", "d", "head"]), st.sampled_from([0.0, 25.0, 50.0, 100.0]), max_size=4)


@st.composite
def lists_of_cues(draw: st.DrawFn):  # type: ignore[no-untyped-def]
    """One to eight cues with moves, releases and things for themselves only."""
    cues = []
    for number in range(draw(st.integers(1, 8))):
        light = [move(draw(LEVELS), draw(st.sampled_from([0, 1, 3])))]
        if draw(st.booleans()):
            light.append(release(*draw(st.lists(st.sampled_from(["a", "b", "c"]), max_size=2, unique=True))))
        only = draw(LEVELS) if draw(st.integers(0, 3)) == 0 else {}
        from dataclasses import replace

        cues.append(
            replace(
                cue(str(number + 1)),
                light=tuple(m for m in light if m.parameters),
                this_cue_only=(move(only),) if only else (),
            )
        )
    return cues


@settings(max_examples=60, deadline=None)
@given(lists_of_cues(), st.data())
def test_locating_a_cue_equals_playing_to_it(cues, data) -> None:  # type: ignore[no-untyped-def]
    show = show_of(*cues)
    target = data.draw(st.integers(0, len(cues) - 1))
    played, located = Booth(show), Booth(show)
    for number in range(target + 1):
        played.go(number * 20)
    # Wherever the other one happens to stand before.
    for number in range(data.draw(st.integers(0, len(cues)))):
        located.go(number * 20)
    located.at(1000, Locate("main", str(target + 1), SCRIPT))
    played.at(1000)
    names = ("a", "b", "c", "d", "head")
    assert [located.level(n) for n in names] == [played.level(n) for n in names]
    assert located.standby() == played.standby()
    # And from there on they are the same show.
    if located.standby():
        located.go(1010)
        played.go(1010)
        located.at(1030)
        played.at(1030)
        assert [located.level(n) for n in names] == [played.level(n) for n in names]
