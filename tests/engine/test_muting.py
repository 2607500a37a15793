"""Muting outputs: what is muted is not heard, seen or moved, and comes back to where the show is; what is safe is never muted."""

from dataclasses import replace

import pytest

from showctl.engine.asking import explain_next, why_level
from showctl.engine.checkpoint import keep, restore
from showctl.engine.commands import Note
from showctl.engine.events import (
    Ask,
    Evacuate,
    Event,
    Maintain,
    Mute,
    Origin,
    Panic,
    Pause,
    Rearm,
    Reset,
    Resume,
    from_record,
    to_record,
)
from showctl.engine.lights_view import room_view
from showctl.engine.reloading import reload
from showctl.engine.stage import stage_of
from showctl.engine.tags_view import tags_view
from showctl.runtime.recovery import standing
from showctl.show.codes import CodeOut
from showctl.show.cues import ActionClass, Perform, StopThing
from showctl.show.devices import KINDS, Device
from showctl.show.instants import seconds
from showctl.show.show import Show
from tests.engine.booth import Booth, cue, picture, play, show_of, start_after
from tests.engine.fog import Foggy, fog, foggy, turn
from tests.engine.test_technicians import JO, MEI, asked


def mute(what: str, reason: str = "", who: Origin = MEI) -> Mute:
    return Mute(what, True, reason, 0, who)


def unmute(what: str, who: Origin = MEI) -> Mute:
    return Mute(what, False, origin=who)


def words(booth: Booth, *whats: str) -> list[str]:
    return [c.words for c in booth.commands if isinstance(c, Note) and c.what in whats]


def with_devices(show: Show, *devices: Device) -> Show:
    first = len(show.devices)
    return replace(show, devices=(*show.devices, *(replace(item, index=first + n) for n, item in enumerate(devices))))


# --- sound and film -----------------------------------------------------------------------------------------------------------


def test_sound_that_is_muted_plays_on_unheard_and_is_heard_again_at_its_place() -> None:
    b = Booth(show_of(cue("1", None, 0, play("rumble", "low", 40)), cue("2", None, 0, play("bell", "high", 5))))
    b.go(0)
    assert asked(b, 1, mute("sound", "a child cries")) == "sound is muted"
    b.go(2)
    assert asked(b, 3, unmute("sound")) == "sound is muted no more"

    assert b.told() == ["0 sound play", "1 sound mute", "2 sound play", "3 sound mute"]
    assert [t.argument("on") for t in b.tells() if t.verb == "mute"] == [True, False]


def test_a_picture_that_is_muted_is_blank_and_comes_back_where_the_show_is_by_then() -> None:
    b = Booth(show_of(cue("1", None, 0, picture("ignite"), picture("sparks", 2, 5)), cue("2", None, 0, picture("launch", 3))))
    b.go(0)
    assert asked(b, 1, mute("film", "the lamp smells")) == "film is muted"
    b.go(10)
    assert asked(b, 12, unmute("film")) == "film is muted no more"

    assert b.told() == ["0 film play", "0 film play", "1 film blank", "12 film play", "12 film play"]
    back = [(t.argument("clip"), t.argument("at")) for t in b.tells()[3:]]
    assert back == [("ignite", 12.0), ("launch", 2.0)], "each at its place; what has played to its end is left alone"
    assert words(b, "output.withheld") == ["film is not asked to play: film is muted by Mei: the lamp smells"]
    assert b.running() == ["main/1", "main/2"], "the show has not noticed"


def test_a_pause_holds_what_is_muted_and_it_comes_back_held() -> None:
    b = Booth(show_of(cue("1", None, 0, picture("ignite", length=None))))
    b.go(0)
    asked(b, 4, mute("film"))
    b.at(10, Pause("main"))
    asked(b, 30, unmute("film"))
    b.at(40, Resume("main"))

    came = next(t for t in b.tells() if t.instant == seconds(30))
    assert (came.verb, came.argument("at")) == ("play", 10.0)
    assert b.told()[-3:] == ["30 film play", "30 film pause", "40 film pause"]
    assert [t.argument("on") for t in b.tells() if t.verb == "pause"] == [True, True, False]


def test_what_is_stopped_while_muted_does_not_come_back() -> None:
    b = Booth(show_of(cue("1", None, 0, picture("ignite")), cue("2", None, 0, StopThing("pic1", 0))))
    b.go(0)
    asked(b, 1, mute("film"))
    b.go(2)
    asked(b, 3, unmute("film"))

    assert b.told() == ["0 film play", "1 film blank", "2 film stop"]


def test_a_chain_runs_through_a_muted_output_without_a_word_to_it() -> None:
    b = Booth(show_of(cue("1", None, 0, picture("one"), next=start_after(1)), cue("2", {"a": 100}, 0, picture("two"))))
    asked(b, 0, mute("film"))
    b.go(1)
    b.at(3)

    assert b.told() == ["0 film blank"]
    assert b.level("a") == 100


def test_one_device_by_its_name_and_its_class_are_two_mutes_and_both_must_end() -> None:
    show = with_devices(
        show_of(cue("1", None, 0, picture("ignite", length=None))), Device(0, "dome", KINDS["film_server"], "slip")
    )
    b = Booth(show)
    assert asked(b, 0, mute("dome", who=JO)) == "dome is muted"
    assert asked(b, 1, mute("film")) == "film is muted: film, dome"
    asked(b, 2, unmute("film"))
    assert b.told() == ["0 dome blank", "1 film blank", "1 dome blank", "2 dome blank"]
    assert asked(b, 3, unmute("dome", JO)) == "dome is muted no more"


def test_an_mpv_whose_picture_is_un_muted_stays_silent_while_sound_is_muted() -> None:
    words_ = (("clip", "trailer"), ("surface", ""), ("at", 0.0), ("loop", True), ("fade", 0.0))
    plays = Perform("wall", "play", words_, ActionClass.RESUME, "wall", "deck", None)
    b = Booth(with_devices(show_of(cue("1", None, 0, plays)), Device(0, "wall", KINDS["mpv"], "tcp")))
    asked(b, 0, mute("sound"))
    asked(b, 1, mute("film"))
    b.go(2)
    asked(b, 3, unmute("film"))

    assert [line for line in b.told() if " wall " in line] == ["0 wall mute", "1 wall blank", "3 wall mute", "3 wall play"]
    assert all(t.argument("on") for t in b.tells() if t.verb == "mute")


# --- headsets, projectors, timecode, anything else ----------------------------------------------------------------------------


def test_headsets_that_are_muted_show_the_room_and_then_the_scene_again() -> None:
    scene = Perform("xr", "scene", (("scene", "stars"), ("at", 0.0)), ActionClass.STATE, None, "program")
    b = Booth(with_devices(show_of(cue("1", None, 0, scene)), Device(0, "xr", KINDS["xr_engine"], "udp")))
    asked(b, 0, mute("headsets", "somebody is ill"))
    b.go(1)
    asked(b, 2, unmute("headsets"))

    assert [line for line in b.told() if " xr " in line] == ["0 xr passthrough", "2 xr passthrough", "2 xr scene"]


def test_a_projector_that_is_muted_keeps_its_lamp_and_closes_its_shutter() -> None:
    on = Perform("beamer", "power", (("on", True),), ActionClass.STATE, None, "power")
    b = Booth(with_devices(show_of(cue("1", None, 0, on)), Device(0, "beamer", KINDS["projector"], "pjlink")))
    asked(b, 0, mute("beamer"))
    b.go(1)
    asked(b, 2, unmute("beamer"))

    assert [line for line in b.told() if "beamer" in line] == [
        "0 beamer shutter",
        "1 beamer power",
        "2 beamer shutter",
        "2 beamer power",
    ]


def test_timecode_that_was_muted_is_told_where_its_clock_is() -> None:
    out = Device(0, "ltc", KINDS["ltc_out"], "sound", code=CodeOut("main"))
    b = Booth(with_devices(show_of(cue("1")), out))
    b.at(0)
    asked(b, 1, mute("ltc"))
    b.at(2, Pause("main"))
    b.at(5, Resume("main"))
    asked(b, 8, unmute("ltc"))

    last = [t for t in b.tells() if t.device == "ltc"][-1]
    assert (last.instant, last.verb, last.argument("position")) == (seconds(8), "run", float(seconds(5)))


def test_a_person_asks_nothing_of_a_muted_device_but_what_takes_away() -> None:
    b = Booth(show_of(cue("1")))
    asked(b, 0, mute("film"))

    fade = (("surface", "wall"), ("layer", 1.0), ("opacity", 50.0), ("over", 0.0))
    assert asked(b, 1, Ask("film", "fade", fade, JO)) == "! film is muted by Mei"
    assert asked(b, 2, Ask("film", "blank", (), JO)) == ""


# --- fog and motion -----------------------------------------------------------------------------------------------------------


def test_fog_that_is_muted_is_safe_at_once_and_waits_for_a_cue_afterwards() -> None:
    b = Foggy(foggy(show_of(*(replace(cue(label), light=(fog(80),)) for label in "123"))))
    b.granted(0)
    b.go(1)
    assert b.shown(1.1) == 80
    assert asked(b, 2, mute("fog", "detectors are tested")) == "fog is muted: smoke"
    assert b.shown(2) == 0
    b.go(3)
    assert b.shown(3.1) == 0
    assert asked(b, 4, unmute("fog")) == "fog is muted no more"
    assert b.shown(4.1) == 0, "nothing is made up for"
    b.go(5)

    assert b.shown(5.1) == 80
    assert b.said()[2:4] == [
        "2 smoke is safe: fog is muted by Mei: detectors are tested",
        "3 main/2 goes on without smoke: fog is muted by Mei: detectors are tested",
    ]
    asked(b, 6, mute("smoke"))
    assert "which is safe: smoke is muted by Mei" in str(why_level(b.show, b.state, b.state.now, "fogger"))


def test_a_guarded_device_is_muted_by_its_interlock() -> None:
    b = Foggy(foggy(show_of(cue("1", None, 0, turn(40)), cue("2", None, 0, turn(40)))))
    b.granted(0)
    b.go(1)
    assert asked(b, 2, mute("winder")) == "winder is muted: smoke"
    b.go(3)

    assert [f"{t.instant // seconds(1)} {t.argument('speed'):g}" for t in b.tells() if t.device == "winder"] == ["1 40", "2 0"]


def test_motion_that_is_muted_stands_still_and_comes_back_slowly() -> None:
    b = Booth(show_of(cue("1", {"head.pan": 0}, 10)))
    b.go(0)
    assert asked(b, 5, mute("motion")) == "motion is muted: moving heads"
    still = b.level("head.pan")
    b.at(20)
    assert b.level("head.pan") == still
    assert "motion is muted by Mei" in str(why_level(b.show, b.state, b.state.now, "head", "pan"))
    asked(b, 20, Maintain(True, origin=JO))
    asked(b, 21, unmute("motion"))
    b.at(27)
    assert b.level("head.pan") == still, "somebody is on a ladder"
    asked(b, 28, Maintain(False, origin=JO))
    b.at(30.5)
    assert 0 < b.level("head.pan") < still
    b.at(33)
    assert b.level("head.pan") == 0


def test_what_moves_goes_to_its_rest_while_muted_and_then_to_where_the_show_has_it() -> None:
    lift = Perform("film", "fade", (("surface", "wall"), ("layer", 1.0), ("opacity", 50.0), ("over", 0.0)))
    moves = replace(
        lift, device="lift", verb="scene", arguments=(("scene", "up"), ("at", 0.0)), kind=ActionClass.STATE, key="program"
    )
    rest = Perform("lift", "scene", (("scene", "down"), ("at", 0.0)), ActionClass.STATE)
    show = with_devices(show_of(cue("1", None, 0, moves)), Device(0, "lift", KINDS["xr_engine"], "udp"))
    zone = replace(show.zones[0], safe=replace(show.zones[0].safe, motion=(rest,)))
    b = Booth(replace(show, zones=(zone,)))
    asked(b, 0, mute("motion"))
    b.go(1)
    asked(b, 2, unmute("motion"))

    said = [f"{t.instant // seconds(1)} {t.argument('scene')}" for t in b.tells() if t.verb == "scene"]
    assert said == ["0 down", "2 up"]


# --- what is never muted ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", [Panic(), Evacuate()])
def test_panic_and_evacuation_are_never_muted_and_what_was_muted_is_muted_after_them(event: Event) -> None:
    safe = Perform("film", "play", picture("exit").arguments, ActionClass.STATE)
    show = show_of(cue("1", None, 0, picture("ignite")))
    zone = replace(show.zones[0], safe=replace(show.zones[0].safe, actions=(*show.zones[0].safe.actions, safe)))
    b = Booth(replace(show, zones=(zone,)))
    for what in ("film", "sound"):
        asked(b, 0, mute(what))
    b.at(1, event)
    b.at(20)
    assert "film play" in str(b.told()), "the safe state's picture is shown"
    assert b.level("a") == 60
    b.at(21, Rearm(MEI))
    assert b.told()[-2:] == ["21 film blank", "21 sound mute"]
    assert [t.argument("on") for t in b.tells() if t.verb == "mute"][-1] is True
    b.go(22)
    assert "22" not in str(b.told())


def test_a_mute_under_panic_changes_nothing_until_it_is_over() -> None:
    b = Booth(show_of(cue("1", None, 0, picture("ignite"))))
    b.at(0, Panic())
    b.at(10)
    before = b.told()
    assert asked(b, 11, mute("film")) == "film is muted"
    assert b.told() == before
    assert asked(b, 12, unmute("film")) == "film is muted no more; it comes back when the show is re-armed"
    assert b.told() == before


# --- marks --------------------------------------------------------------------------------------------------------------------


def test_what_cannot_be_muted_is_refused_with_the_way_out() -> None:
    b = Booth(show_of(cue("1")))

    assert asked(b, 0, mute("light")) == "! light is not muted: take it down by its masters, or black it out"
    assert asked(b, 0, mute("headsets")) == "! this show has no headsets"
    assert asked(b, 0, mute("flim")) == (
        "! no output is called flim; did you mean film? Outputs are sound, film, fog, motion, headsets, a device or an interlock"
    )
    assert asked(b, 0, unmute("film")) == "! film is not muted"
    asked(b, 1, mute("film", "smoke"))
    assert asked(b, 2, mute("film", who=JO)) == "! film is muted by Mei: smoke"
    assert asked(b, 3, unmute("sound")) == "! sound is not muted; muted: film"


def test_a_mute_outlives_a_reset_a_checkpoint_and_a_reload_and_is_seen() -> None:
    b = Booth(show_of(cue("1", None, 0, picture("ignite"))))
    asked(b, 0, Mute("film", True, "smoke", 5_000_000_000, MEI))
    b.at(1, Reset())
    state = restore(keep(b.state))
    assert keep(state) == keep(b.state)
    done = reload(b.show, show_of(cue("1", None, 0, picture("other"))), state, state.now, "")

    assert tags_view(done.show, done.state)["muted"] == [
        {"what": "film", "person": "Mei", "reason": "smoke", "since": 5.0, "words": "film is muted by Mei: smoke"}
    ]
    b = Booth(done.show, done.state)
    b.go(2)
    assert b.told() == []


def test_an_engine_that_comes_back_tells_muted_devices_to_be_quiet() -> None:
    b = Booth(show_of(cue("1", None, 0, picture("ignite"), play("rumble", "low", 40))))
    b.go(0)
    asked(b, 1, mute("film"))
    asked(b, 1, mute("sound"))

    assert [(t.device, t.verb) for t in standing(b.show, b.state)] == [("sound", "mute"), ("film", "blank"), ("sound", "play")]


def test_what_go_would_do_says_what_is_muted() -> None:
    b = Booth(show_of(cue("1", {"a": 100}, 0, picture("ignite"))))
    asked(b, 0, mute("film"))

    does = [item["words"] for item in explain_next(b.show, b.state, b.state.now)["go"]["does"]]
    assert "film is not asked to play: film is muted by Mei" in does


def test_a_mute_is_written_and_read_back() -> None:
    event = Mute("film", True, "smoke", 7, Origin("console", "Mei", "10.0.0.5"))
    assert from_record(to_record(event)) == event


def test_the_room_names_every_output_that_can_be_muted() -> None:
    show = foggy(show_of(cue("1")))

    assert room_view(show)["outputs"] == {
        "sound": ["sound"], "film": ["film"], "fog": ["smoke"], "motion": ["heads"], "winder": ["smoke"], "smoke": ["smoke"]
    }  # fmt: skip
    assert set(stage_of(show).outputs) == set(room_view(show)["outputs"])
