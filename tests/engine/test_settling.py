"""Back and locate: the room as if it had been played to there (R7, R10, R14)."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.engine.events import Back, Locate, Mute, Origin
from showctl.runtime.recovery import standing
from showctl.show.cues import DevampThing, FadeThing, Perform, StopThing
from showctl.show.devices import KINDS, Device
from showctl.show.instants import SECOND, seconds
from showctl.showfile.resolve_verbs import key_of
from tests.engine.booth import Booth, bell, cue, loop, move, picture, play, release, show_of

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


# --- what a locate or a back restarts is there to be asked for -------------------------------------------------------


def test_what_a_locate_restarted_can_be_faded_stopped_and_devamped() -> None:
    cues = (
        cue("1", None, 0, loop("rumble", "bed", 4), play("hum", "hum")),
        cue("2"),
        cue("3", None, 0, FadeThing("hum", -20, SECOND), DevampThing("bed")),
        cue("4", None, 0, StopThing("hum")),
    )
    booth = Booth(show_of(*cues))
    booth.at(1, Locate("main", "2", SCRIPT))
    booth.go(2)
    booth.go(3)
    booth.at(60)
    assert booth.told() == ["1 sound play", "1 sound play", "2 sound fade", "3 sound stop", "5 sound stop"]
    assert booth.log("thing.absent") == []
    assert booth.state.things == {}


def test_a_locate_past_a_fade_plays_at_the_level_that_it_led_to() -> None:
    booth = Booth(show_of(cue("1", None, 0, play("rumble", "bed")), cue("2", None, 0, FadeThing("bed", -20, SECOND))))
    booth.at(0, Locate("main", "2", SCRIPT))
    assert booth.tells()[-1].argument("level") == -20


def test_a_picture_comes_back_at_the_opacity_that_it_was_faded_to() -> None:
    dim = cue("2", None, 0, FadeThing("pic1", 30.0, seconds(4)))
    b = Booth(show_of(cue("1", None, 0, picture("ignite", length=None)), dim, cue("3")))
    b.at(0, Locate("main", "2"))
    assert b.told() == ["0 film play", "0 film fade"]
    fade = b.tells()[-1]
    assert [fade.argument(word) for word in ("surface", "layer", "opacity", "over")] == ["wall", 1.0, 30.0, 0.0]
    b.at(1, Mute("film"))
    b.at(2, Mute("film", False))
    assert b.told()[2:] == ["1 film blank", "2 film play", "2 film fade"]
    assert [(t.verb, t.argument("opacity")) for t in standing(b.show, b.state) if t.verb == "fade"] == [("fade", 30.0)]


def test_back_into_a_counted_loop_keeps_its_end() -> None:
    booth = Booth(show_of(cue("1", None, 0, loop("rumble", "bed", 4, 3)), cue("2", None, 0, StopThing("bed"))))
    booth.go(0)
    booth.go(5)
    booth.at(6, Back("main", SCRIPT))
    booth.at(60)
    assert booth.told() == ["0 sound play", "5 sound stop", "6 sound play", "12 sound stop"]


def test_a_scene_of_a_headset_is_there_with_its_clock_after_a_locate_and_only_the_last() -> None:
    scene = KINDS["xr_engine"].verbs["scene"]
    run = KINDS["xr_engine"].verbs["start"]

    def put(name: str) -> Perform:
        return Perform("xr", "scene", (("scene", name), ("at", 0.0)), scene.kind, key=key_of(scene, {"scene": name}), length=None)

    begin = Perform("xr", "start", (("at", 0.0),), run.kind, key=key_of(run, {"at": 0.0}), length=None)
    show = show_of(
        cue("1", None, 0, put("furnace"), begin), cue("2", None, 0, put("stars"), begin), cue("3", None, 0, put("home"))
    )
    show = replace(show, devices=(*show.devices, Device(2, "xr", KINDS["xr_engine"], "udp")))
    for label, asked in (("1", ["furnace", "start"]), ("2", ["stars", "start"]), ("3", ["home"])):
        booth = Booth(show)
        booth.at(0, Locate("main", label, SCRIPT))
        assert [t.argument("scene") if t.verb == "scene" else t.verb for t in booth.tells()] == asked
