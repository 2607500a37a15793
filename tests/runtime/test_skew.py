"""What was to begin together is measured by the devices' own word, cue by cue, and kept for the last of them."""

import logging

import pytest

from showctl.devices.film_server import FilmServer
from showctl.devices.sound_player import SoundPlayer
from showctl.engine.commands import Tell
from showctl.runtime.skew import MOST_CUES, Skew
from showctl.show.cues import ActionClass, CueRef, Value
from showctl.show.instants import MILLISECOND
from showctl.show.patch import make_patch
from showctl.show.show import Show
from tests.devices.building import at, device, osc
from tests.devices.test_film_server import slip

RESUME = ActionClass.RESUME
FILM = device("film_server", name="film", latency=60 * MILLISECOND)
SOUND = device("sound_player", name="sound", latency=20 * MILLISECOND)
SHOW = Show("skew", make_patch((), (), ()), (), devices=(FILM, SOUND))


def play(name: str, instant: int, run: int = 1, **given: Value) -> Tell:
    arguments: dict[str, Value] = {"clip": "moon", "surface": "wall", "layer": 1.0, "voice": "v", **given}
    return Tell(instant, 1, name, "play", tuple(arguments.items()), RESUME, run, CueRef("main", "12"))


class Evening:
    """A film server and a sound player, settled, and what is measured of them."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.skew = Skew(lambda: SHOW, lambda together: self.said.append(together.words()))
        self.film, self.sound = FilmServer(FILM, {}), SoundPlayer(SOUND, {})
        self.film.start(0)
        self.film.connected(0)

    def tell(self, command: Tell) -> None:
        self.skew.told(command)
        (self.film if command.device == "film" else self.sound).command(command, command.instant)

    def film_says(self, now: int, position: float, clip: str = "moon") -> None:
        self.film.received(slip(osc("/film/layer", "sissff", "wall", 1, clip, "playing", position, 100.0)), now)
        self.skew.heard(self.film)

    def sound_says(self, now: int, position: float) -> None:
        self.sound.received(osc("/sound/voice", "sssff", "v", "moon", "playing", position, 0.0), now)
        self.skew.heard(self.sound)


def test_how_far_apart_they_began_and_how_late_each_was(caplog: pytest.LogCaptureFixture) -> None:
    evening, cue = Evening(), at(10)
    evening.tell(play("film", cue - 60 * MILLISECOND))  # each is told its latency before the cue
    evening.tell(play("sound", cue - 20 * MILLISECOND))
    evening.film_says(cue - 59 * MILLISECOND, 0.0)  # it has taken the order, and nothing moves
    assert evening.skew.rows() == []
    with caplog.at_level(logging.INFO):
        evening.film_says(at(11.003), 1.0)
        evening.sound_says(at(11.012), 1.0)
    [row] = evening.skew.rows()
    assert row["cue"] == "main/12"
    assert row["late"] == {"film": pytest.approx(0.003), "sound": pytest.approx(0.012)}
    assert row["apart"] == pytest.approx(0.012)  # light began at the cue's instant
    assert evening.skew.late("sound") == pytest.approx(0.012)
    assert evening.said == ["main/12 began 12 ms apart (film +3 ms, sound +12 ms)"]
    assert caplog.messages == [f"skew: {evening.said[0]}"]
    evening.film_says(at(12.003), 2.0)
    evening.skew.look(at(60))
    assert len(evening.said) == 1, "once for each cue"


def test_who_has_not_said_that_it_began_is_named_ten_seconds_on() -> None:
    evening = Evening()
    evening.tell(play("film", at(10)))
    evening.tell(play("sound", at(10)))
    evening.sound_says(at(11.025), 1.0)
    evening.skew.look(at(20.05))
    assert evening.said == []
    evening.skew.look(at(20.07))
    assert evening.said == ["main/12 began 0 ms apart (sound +5 ms); film did not say when"]


def test_a_cue_of_which_nothing_is_known_is_not_spoken_of() -> None:
    evening = Evening()
    evening.tell(play("film", at(10)))
    evening.skew.look(at(100))
    assert (evening.said, evening.skew.rows()) == ([], [])


def test_a_go_by_hand_leaves_slow_devices_late_and_only_they_are_compared() -> None:
    evening, go = Evening(), at(10)
    evening.tell(play("film", go))
    evening.tell(play("sound", go))
    evening.film_says(at(11.06), 1.0)
    evening.sound_says(at(11.02), 1.0)
    [row] = evening.skew.rows()
    assert row["late"] == {"film": pytest.approx(0.0, abs=1e-6), "sound": pytest.approx(0.0, abs=1e-6)}
    assert row["apart"] == pytest.approx(0.04)


def test_another_clip_that_moves_is_not_its_start() -> None:
    evening = Evening()
    evening.tell(play("film", at(10)))
    evening.film_says(at(11), 1.0, clip="sun")
    assert evening.skew.rows() == []


def test_only_the_last_cues_are_kept() -> None:
    evening = Evening()
    for run in range(1, 3 * MOST_CUES):
        evening.tell(play("film", at(10 * run), run))
        evening.film_says(at(10 * run + 1.1), 1.0)
    assert len(evening.skew.rows()) == MOST_CUES
