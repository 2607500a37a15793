"""The sound player: its bytes, its lead, its doubts, and where it goes on after a silence."""

import pytest

from showctl.devices.driver import Report, Send
from showctl.devices.sound_player import SoundPlayer
from showctl.show.cues import ActionClass
from showctl.show.instants import SECOND
from showctl.showfile.resolve_players import with_buses
from tests.devices.building import at, device, healths, osc, reports, said, tell, until

RESUME = ActionClass.RESUME


def player(**lengths: int) -> SoundPlayer:
    """A player that has answered at 0 and is settled."""
    made = SoundPlayer(device("sound_player"), lengths)
    made.start(0)
    made.received(osc("/sound/pong", "i", 1), 0)
    until(made, 0, at(0.5))
    return made


def pong_each_second(it: SoundPlayer, start: int, end: int) -> list[tuple[object, ...]]:
    """The player answers pings; what we say besides pings."""
    found: list[tuple[object, ...]] = []
    now = start
    while now < end:
        now = min(now + SECOND, end)
        found += said([output for _, output in until(it, now, now)])  # type: ignore[misc]
        found += said(it.received(osc("/sound/pong", "i", 1), now))
    return [message for message in found if message[0] != "/sound/ping"]


def voice(name: str, clip: str, state: str, position: float, level: float) -> bytes:
    return osc("/sound/voice", "sssff", name, clip, state, position, level)


def test_it_asks_for_the_state_and_pings_when_the_show_begins() -> None:
    it = SoundPlayer(device("sound_player"), {})
    assert it.start(0) == [
        Send(b"/sound/state\0\0\0\0,\0\0\0"),
        Send(b"/sound/ping\0,i\0\0\0\0\0\x01"),
    ]
    assert it.next_deadline() == at(1)
    assert said(it.wake(at(1) - 1)) == []
    assert said(it.wake(at(1))) == [("/sound/ping", 2)]


def test_a_play_is_one_datagram_of_these_bytes() -> None:
    sent = player().command(tell("play", RESUME, clip="rumble", voice="bed", output="main", level=-6.0, loop=True), at(1))
    assert sent == [
        Send(
            b"/sound/play\0,sssffif\0\0\0\0bed\0rumble\0\0main\0\0\0\0"
            b"\xc0\xc0\0\0"  # -6.0
            b"\0\0\0\0"  # fade 0
            b"\0\0\0\x01"  # loop
            b"\0\0\0\0"  # at 0
        )
    ]


def test_every_verb_is_the_message_of_the_page() -> None:
    it = player()
    assert said(it.command(tell("fade", voice="bed", level=-20.0, over=8.0, curve="equal-power"), 0)) == [
        ("/sound/fade", "bed", -20.0, 8.0, "equal-power")
    ]
    assert said(it.command(tell("object", voice="bed", x=1.0, y=2.0, z=3.0), 0)) == [("/sound/object", "bed", 1.0, 2.0, 3.0)]
    assert said(it.command(tell("stop", voice="bed", fade=2.0), 0)) == [("/sound/stop", "bed", 2.0)]
    assert said(it.command(tell("pause", on=True), 0)) == [("/sound/pause", 1)]
    assert said(it.command(tell("mute", on=False), 0)) == [("/sound/mute", 0)]
    assert said(it.command(tell("silence", fade=1.5), 0)) == [("/sound/silence", 1.5)]


def test_buses_and_the_master_are_messages_too_and_are_said_again_where_the_player_forgot() -> None:
    it = player(rumble=at(40))
    play = tell("play", RESUME, clip="rumble", voice="bed", bus="weather")
    assert said(it.command(play, at(1)))[1:] == [("/sound/assign", "bed", "weather")]
    assert said(it.command(tell("bus", name="weather", level=-10.0, over=2.0, curve="db-linear"), at(1))) == [
        ("/sound/bus", "weather", -10.0, 2.0, "db-linear")
    ]
    assert said(it.command(tell("master", level=-3.0), at(1))) == [("/sound/master", -3.0, 0.0, "equal-power")]
    until(it, at(1), at(11))
    it.received(osc("/sound/pong", "i", 9), at(11))
    again = said(it.wake(at(11.25)))
    assert ("/sound/assign", "bed", "weather") in again
    assert ("/sound/bus", "weather", -10.0, 0.0, "db-linear") in again
    assert ("/sound/master", -3.0, 0.0, "db-linear") in again


def test_where_its_faders_stand_is_wanted_and_reported() -> None:
    it = SoundPlayer(with_buses(device("sound_player", options={"buses": "weather"})), {})
    it.start(0)
    assert "master" not in it.desired(), "nobody has moved it"
    it.command(tell("bus", name="weather", level=-10.0, over=2.0), at(1))
    it.command(tell("master", level=-3.0), at(1))
    found = [*it.received(osc("/sound/bus", "sf", "weather", -10.0), at(1))]
    found += it.received(osc("/sound/master", "f", -4.0), at(1))

    assert [item for item in found if isinstance(item, Report)] == [Report("weather_bus", -10.0), Report("master", -4.0)]
    assert (it.desired()["weather_bus"], it.desired()["master"]) == (-10.0, -3.0)


def test_what_no_checker_would_let_through_is_passed_over() -> None:
    it = player()
    assert it.command(tell("dance"), 0) == []
    assert it.command(tell("fade", voice="bed"), 0) == []
    assert it.command(tell("fade", voice=3.0, level=1.0), 0) == []
    assert it.command(tell("play", clip="a\0b", voice="x"), 0) == []


def test_reports_are_those_of_the_voice_that_began_last() -> None:
    it = player()
    first = it.received(voice("bed", "rumble", "playing", 0.0, -6.0), at(1))
    assert reports(first) == {"state": "playing", "clip": "rumble", "level": -6.0, "voices": 1.0}
    second = it.received(voice("bell", "ding", "playing", 0.0, 0.0), at(2))
    assert reports(second) == {"clip": "ding", "level": 0.0, "voices": 2.0}
    third = it.received(voice("bell", "ding", "stopped", 1.0, 0.0), at(3))
    assert reports(third) == {"clip": "rumble", "level": -6.0, "voices": 1.0}
    last = it.received(voice("bed", "rumble", "stopped", 3.0, -6.0), at(4))
    assert reports(last) == {"state": "stopped", "clip": "", "level": 0.0, "voices": 0.0}


def test_a_position_is_passed_on_about_once_a_second_and_the_last_one_always() -> None:
    it = player()
    it.received(voice("bed", "rumble", "playing", 0.0, 0.0), at(1))
    assert reports(it.received(voice("bed", "rumble", "playing", 0.5, 0.0), at(1.5))) == {}
    assert reports(it.received(voice("bed", "rumble", "playing", 0.7, 0.0), at(1.7))) == {}
    passed = [(now, output) for now, output in until(it, at(1.7), at(2.5)) if isinstance(output, Report)]
    assert [(now, report.field) for now, report in passed] == [(at(1.9), "position")]
    assert reports([output for _, output in passed]) == {"position": pytest.approx(0.7)}


def test_a_player_that_returns_empty_plays_on_where_the_show_is_by_then() -> None:
    it = player(rumble=at(40), ding=at(2))
    it.command(tell("play", RESUME, clip="rumble", voice="bed", output="main", level=-6.0, at=1.0), at(1))
    it.command(tell("object", voice="bed", x=1.0, y=2.0, z=3.0), at(1))
    it.command(tell("play", RESUME, clip="ding", voice="bell"), at(1))
    it.command(tell("mute", on=True), at(1))
    it.received(voice("bed", "rumble", "playing", 1.0, -6.0), at(1))
    assert healths([output for _, output in until(it, at(1), at(11))]) == [  # type: ignore[misc]
        ("degraded", "sound_player has not answered for 3 s."),
        ("lost", "sound_player is lost: nothing was heard of it for 5 s."),
    ]
    back = it.received(osc("/sound/pong", "i", 9), at(11))
    assert healths(back) == [("ok", "sound_player answers again.")]
    assert said(back) == [("/sound/state",)]
    assert said(it.wake(at(11.25) - 1)) == []
    again = it.wake(at(11.25))
    assert said(again) == [
        ("/sound/play", "bed", "rumble", "main", -6.0, 0.3, 0, 11.25),
        ("/sound/object", "bed", 1.0, 2.0, 3.0),
        ("/sound/mute", 1),
    ]
    assert reports(again) == {"state": "stopped", "clip": "", "level": 0.0, "position": 0.0, "voices": 0.0}


def test_a_player_that_only_lost_its_cable_is_left_in_peace() -> None:
    it = player(rumble=at(40))
    it.command(tell("play", RESUME, clip="rumble", voice="bed"), at(1))
    it.received(voice("bed", "rumble", "playing", 0.0, 0.0), at(1))
    until(it, at(1), at(11))
    it.received(osc("/sound/pong", "i", 9), at(11))
    it.received(voice("bed", "rumble", "playing", 10.2, 0.0), at(11.1))
    assert said(it.wake(at(11.25))) == []


def test_a_voice_that_was_stopped_while_nobody_heard_is_stopped_again() -> None:
    it = player()
    it.command(tell("play", RESUME, clip="rumble", voice="bed", loop=True), at(1))
    it.received(voice("bed", "rumble", "playing", 0.0, 0.0), at(1))
    until(it, at(1), at(7))
    it.command(tell("stop", voice="bed", fade=2.0), at(7))
    it.received(osc("/sound/pong", "i", 9), at(11))
    it.received(voice("bed", "rumble", "playing", 10.0, 0.0), at(11))
    assert ("/sound/stop", "bed", 0.0) in said(it.wake(at(11.25)))


def test_a_paused_voice_returns_paused_and_at_its_place() -> None:
    it = player(rumble=at(40))
    it.command(tell("play", RESUME, clip="rumble", voice="bed"), at(1))
    it.received(voice("bed", "rumble", "playing", 0.0, 0.0), at(1))
    it.command(tell("pause", on=True), at(3))
    until(it, at(3), at(30))
    it.received(osc("/sound/pong", "i", 9), at(30))
    assert said(it.wake(at(30.25))) == [("/sound/play", "bed", "rumble", "", 0.0, 0.3, 0, 2.0), ("/sound/pause", 1)]


def test_a_loop_is_taken_up_inside_its_length() -> None:
    it = player(hum=at(4))
    it.command(tell("play", RESUME, clip="hum", voice="bed", loop=True), at(1))
    until(it, at(1), at(11))
    it.received(osc("/sound/pong", "i", 9), at(11))
    assert said(it.wake(at(11.25))) == [("/sound/play", "bed", "hum", "", 0.0, 0.3, 1, 2.25)]


def test_a_play_whose_datagram_was_lost_is_doubted_asked_after_and_said_again_once() -> None:
    it = player(rumble=at(40))
    it.command(tell("play", RESUME, clip="rumble", voice="bed"), at(1))
    assert pong_each_second(it, at(1), at(3)) == []
    assert pong_each_second(it, at(3), at(4)) == [("/sound/state",)]
    assert pong_each_second(it, at(4), at(20)) == [("/sound/play", "bed", "rumble", "", 0.0, 0.3, 0, 4.0)]


def test_a_clip_that_ended_by_itself_is_not_wanted_any_more() -> None:
    it = player()
    it.command(tell("play", RESUME, clip="ding", voice="bell"), at(1))
    it.received(voice("bell", "ding", "playing", 0.0, 0.0), at(1))
    assert it.desired() == {"state": "playing", "clip": "ding", "level": 0.0, "voices": 1.0}
    it.received(voice("bell", "ding", "stopped", 2.0, 0.0), at(3))
    assert it.desired() == {"state": "stopped", "voices": 0.0}


def test_a_raw_message_goes_out_as_written_and_never_again() -> None:
    it = player()
    raw = tell("osc", ActionClass.MOMENTARY, address="/cue/5/go", one=2.0, two="now", three=True)
    assert said(it.command(raw, at(1))) == [("/cue/5/go", 2.0, "now", True)]
    until(it, at(1), at(11))
    it.received(osc("/sound/pong", "i", 9), at(11))
    assert said(it.wake(at(11.25))) == []
