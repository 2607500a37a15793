"""The simulated sound player: what it does with each message of the page, and what it says of itself, to the instant."""

import pytest

from simulators.sound import SoundPlayer
from tests.simulators.stage import Bench, make_device, make_show, osc


def bench() -> Bench:
    device = make_device("sound", "sound_player", port=7000)
    return Bench(SoundPlayer(device, make_show(device), 1))


def play(
    voice: str, clip: str, *, level: float = 0.0, fade: float = 0.0, loop: int = 0, at: float = 0.0, output: str = ""
) -> bytes:
    return osc("/sound/play", "sssffif", voice, clip, output, level, fade, loop, at)


def test_a_ping_is_answered_in_these_bytes() -> None:
    sound = bench()
    sound.send(bytes.fromhex("2f736f75 6e642f70 696e6700 2c690000 00000007"))
    [(_, pong)] = sound.take()
    assert pong.data == bytes.fromhex("2f736f75 6e642f70 6f6e6700 2c690000 00000007")
    assert pong.to == ("127.0.0.1", 50000)


def test_it_says_nothing_before_it_is_spoken_to() -> None:
    sound = bench()
    sound.to(100)
    assert sound.osc() == []
    assert sound.device.next_deadline() is None


def test_a_voice_reports_at_its_start_each_second_and_at_its_end() -> None:
    sound = bench()
    sound.send(play("b", "bell", level=-6.0, output="main_pa"))
    sound.to(2.999)
    assert sound.truth("state", "clip", "position", "level", "voices") == ["playing", "bell", 2.999, -6.0, 1.0]
    assert sound.truth("main_pa_clip", "floor_clip") == ["bell", ""]
    sound.to(3)
    assert sound.truth("state", "clip", "position", "level", "voices") == ["stopped", "", 0.0, 0.0, 0.0]
    sound.to(60)
    assert sound.osc() == [
        (0.0, "/sound/voice", ("b", "bell", "playing", 0.0, -6.0)),
        (1.0, "/sound/voice", ("b", "bell", "playing", 1.0, -6.0)),
        (2.0, "/sound/voice", ("b", "bell", "playing", 2.0, -6.0)),
        (3.0, "/sound/voice", ("b", "bell", "stopped", 3.0, -6.0)),
    ]


def test_a_loop_starts_over_and_never_ends() -> None:
    sound = bench()
    sound.send(play("b", "bell", loop=1, at=2.5))
    assert sound.truth("position") == [2.5]
    sound.to(0.499)
    assert sound.truth("position") == [2.999]
    sound.to(0.5)
    assert sound.truth("position") == [0.0]
    sound.to(1000.5)
    assert sound.truth("state", "position") == ["playing", 1.0]


def test_a_start_at_the_end_is_a_stop() -> None:
    sound = bench()
    sound.send(play("b", "bell", at=3.0))
    assert sound.osc() == [(0.0, "/sound/voice", ("b", "bell", "stopped", 3.0, 0.0))]


def test_a_fade_in_is_half_power_half_way() -> None:
    sound = bench()
    sound.send(play("r", "rumble", fade=2.0))
    assert sound.truth("level") == [-120.0]
    sound.to(1)
    assert sound.truth("level") == [-3.01]
    sound.to(2)
    assert sound.truth("level") == [0.0]
    assert sound.osc()[-2:] == [
        (2.0, "/sound/voice", ("r", "rumble", "playing", 2.0, 0.0)),
        (2.0, "/sound/voice", ("r", "rumble", "playing", 2.0, 0.0)),
    ]


@pytest.mark.parametrize(("curve", "half_way"), [("equal-power", -2.97), ("equal-gain", -5.19), ("db-linear", -10.0)])
def test_a_fade_follows_its_curve(curve: str, half_way: float) -> None:
    sound = bench()
    sound.send(play("r", "rumble"))
    sound.send(osc("/sound/fade", "sffs", "r", -20.0, 4.0, curve))
    sound.to(2)
    assert sound.truth("level") == [half_way]
    sound.to(4)
    assert sound.truth("level") == [-20.0]


def test_a_stopped_voice_fades_out_and_is_freed() -> None:
    sound = bench()
    sound.send(play("r", "rumble"))
    sound.send(osc("/sound/stop", "sf", "r", 0.5))
    sound.to(0.499)
    assert sound.truth("voices") == [1.0]
    sound.to(0.5)
    assert sound.truth("voices", "state") == [0.0, "stopped"]
    assert sound.osc()[-1] == (0.5, "/sound/voice", ("r", "rumble", "stopped", 0.5, -120.0))


def test_the_latest_voice_is_the_one_spoken_of() -> None:
    sound = bench()
    sound.send(play("r", "rumble"))
    sound.to(1)
    sound.send(play("b", "bell"))
    assert sound.truth("clip", "voices") == ["bell", 2.0]
    sound.to(4)
    assert sound.truth("clip", "voices", "position") == ["rumble", 1.0, 4.0]


def test_a_pause_holds_every_voice_and_a_later_one_plays() -> None:
    sound = bench()
    sound.send(play("b", "bell"))
    sound.to(1)
    sound.send(osc("/sound/pause", "i", 1))
    sound.to(100)
    assert sound.truth("state", "position") == ["paused", 1.0]
    sound.send(play("r", "rumble"))
    assert sound.truth("state", "clip") == ["playing", "rumble"]
    sound.send(osc("/sound/pause", "i", 0))
    sound.to(101.999)
    assert sound.truth("voices") == [2.0]
    sound.to(102)
    assert sound.truth("voices") == [1.0]
    said = [(moment, arguments[0], arguments[2]) for moment, _, arguments in sound.osc()]
    assert said == [
        (0.0, "b", "playing"),
        (1.0, "b", "playing"),
        (1.0, "b", "paused"),
        (100.0, "r", "playing"),
        (100.0, "b", "playing"),
        (101.0, "b", "playing"),
        (101.0, "r", "playing"),
        (102.0, "b", "stopped"),
        (102.0, "r", "playing"),
    ]


def test_mute_is_reported_once_and_voices_run_on() -> None:
    sound = bench()
    sound.send(play("b", "bell"))
    sound.send(osc("/sound/mute", "i", 1))
    sound.send(osc("/sound/mute", "i", 1))
    sound.to(1.5)
    assert sound.truth("muted", "position") == [True, 1.5]
    assert [line for line in sound.osc() if line[1] == "/sound/muted"] == [(0.0, "/sound/muted", (1,))]


def test_silence_frees_every_voice() -> None:
    sound = bench()
    sound.send(play("b", "bell"))
    sound.send(play("r", "rumble"))
    sound.send(osc("/sound/silence", "f", 1.0))
    sound.to(1)
    assert sound.truth("voices", "state") == [0.0, "stopped"]


def test_a_clip_that_is_not_there_is_an_error_and_nothing_changes() -> None:
    sound = bench()
    sound.send(play("r", "rumble"))
    sound.take()
    sound.send(play("r", "launch"))  # a film
    assert sound.osc() == [(0.0, "/sound/error", ("no clip launch",))]
    sound.act("clip bell missing")
    sound.send(play("r", "bell"))
    assert sound.osc() == [(0.0, "/sound/error", ("no clip bell",))]
    assert sound.truth("clip") == ["rumble"]


def test_state_is_every_report() -> None:
    sound = bench()
    sound.send(play("r", "rumble"))
    sound.take()
    sound.send(osc("/sound/state"))
    assert sound.osc() == [
        (0.0, "/sound/voice", ("r", "rumble", "playing", 0.0, 0.0)),
        (0.0, "/sound/muted", (0,)),
    ]


def test_an_object_stands_in_the_room_as_long_as_its_voice() -> None:
    device = make_device("sound", "sound_player")
    player = SoundPlayer(device, make_show(device), 1)
    sound = Bench(player)
    sound.send(play("b", "bell"))
    sound.send(osc("/sound/object", "sfff", "b", 1.0, 2.0, 3.0))
    sound.send(osc("/sound/object", "sfff", "nobody", 1.0, 2.0, 3.0))
    assert player.objects == {"b": (1.0, 2.0, 3.0)}
    sound.to(3)
    assert player.objects == {}


def test_the_latency_of_the_device_delays_the_clip() -> None:
    device = make_device("sound", "sound_player", latency=20_000_000)
    sound = Bench(SoundPlayer(device, make_show(device), 1))
    sound.send(play("b", "bell"))
    sound.to(0.02)
    assert sound.truth("position") == [0.0]
    sound.to(3.019)
    assert sound.truth("state") == ["playing"]
    sound.to(3.02)
    assert sound.truth("state") == ["stopped"]


def test_while_busy_it_drops_what_it_should_play() -> None:
    sound = bench()
    sound.act("busy for 2s")
    sound.to(1.999)
    sound.send(play("b", "bell"))
    assert sound.truth("voices") == [0.0]
    sound.to(2)
    sound.send(play("b", "bell"))
    assert sound.truth("voices") == [1.0]


def test_while_it_loads_a_clip_it_drops_whatever_it_is_asked_and_answers_questions() -> None:
    sound = bench()
    sound.act("loads 400ms")
    sound.send(play("r", "rumble"))
    sound.to(0.399)
    sound.send(play("b", "bell"))
    sound.send(osc("/sound/stop", "sf", "r", 0.0))
    assert sound.truth("voices", "clip", "position") == [1.0, "rumble", 0.0]
    sound.take()
    sound.send(osc("/sound/ping", "i", 7))
    assert sound.osc() == [(0.399, "/sound/pong", (7,))]
    sound.to(1.4)
    assert sound.truth("position") == [1.0], "it began when it was loaded"
    sound.send(play("r", "rumble"))
    sound.send(play("b", "bell"))
    assert sound.truth("voices") == [2.0], "what plays already need not be loaded"
    sound.act("loads at once")
    sound.to(2)
    sound.send(osc("/sound/stop", "sf", "r", 0.0))
    assert sound.truth("voices") == [1.0]


def test_without_power_everything_is_forgotten() -> None:
    sound = bench()
    sound.send(play("r", "rumble"))
    sound.act("power lost for 5s")
    sound.to(8)
    assert sound.truth("voices", "state") == [0.0, "stopped"]
    sound.take()
    sound.send(osc("/sound/state"))
    assert sound.osc() == [(8.0, "/sound/muted", (0,))]


def test_nonsense_is_dropped_and_counted() -> None:
    device = make_device("sound", "sound_player")
    player = SoundPlayer(device, make_show(device), 1)
    sound = Bench(player)
    for packet in (b"", b"\xff" * 8, osc("/film/play"), osc("/sound/dance"), osc("/sound/play", "f", float("nan"))):
        sound.send(packet)
    assert player.dropped == 4
    assert sound.osc() == [(0.0, "/sound/error", ("no clip ",))]


def test_an_unknown_word_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="busy for TIME, frozen"):
        bench().act("dance")
