"""Cues that set rates: of a list, of a running cue, of an effect, and what a locate makes of them."""

from __future__ import annotations

from dataclasses import replace

from showctl.engine.events import Event, Locate, Origin, Pause, Rate, Resume
from showctl.show.cues import CueRef, Effect, SetRate, Wave
from showctl.show.instants import SECOND
from tests.engine.booth import NUMBER, Booth, cue, cue_list, move, play, show_of

SCRIPT = Origin("script")
RAMP = Effect("ring", (NUMBER["a"],), (0,), Wave.RAMP, 20 * SECOND, True, size=20000)
SWING = replace(cue("1", {"b": 100}, 10), light=(move({"a": 50}), move({"b": 100}, 10)), effects=(RAMP,))


def test_a_cue_sets_the_rate_of_a_list() -> None:
    house = cue_list(cue("9", {"d": 100}, 10, list="house"), name="house", index=1)
    booth = Booth(show_of(cue("1", None, 0, SetRate("house", 50, 100)), lists=[house]))
    booth.go(0, list_="house")
    booth.go(4)
    booth.at(8)
    assert booth.level("d") == 60


def test_a_cue_sets_the_rate_of_a_running_cue_and_says_where_it_does_not_run() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 10), cue("2", None, 0, SetRate(CueRef("main", "1"), 200, 100)), cue("3")))
    booth.go(0)
    booth.go(4)
    booth.at(7)
    assert booth.level("a") == 100
    booth.go(20, "2")
    assert booth.log("rate.absent") == ["20 rate.absent 2"]


def ring_at(moment: float) -> float:
    """Where the effect stands when nobody has rated it."""
    booth = Booth(show_of(SWING))
    booth.go(0)
    booth.at(moment)
    return booth.level("a")


def test_a_cue_sets_the_rate_of_an_effect_and_leaves_the_fades_of_its_cue_alone() -> None:
    booth = Booth(show_of(SWING, cue("2", None, 0, SetRate("ring", 300, 100)), cue("3", None, 0, SetRate("ring", 0, 100))))
    booth.go(0)
    booth.go(2)
    assert booth.level("a") == ring_at(2)
    booth.at(3)
    assert (booth.level("a"), booth.level("b")) == (ring_at(5), 30)
    booth.go(3)
    booth.at(9)
    assert (booth.level("a"), booth.level("b")) == (ring_at(5), 90)


def test_the_rate_of_an_effect_multiplies_with_its_lists_and_stands_with_a_pause() -> None:
    def after(*events: tuple[float, Event]) -> float:
        booth = Booth(show_of(SWING, cue("2", None, 0, SetRate("ring", 50, 100))))
        booth.go(0)
        booth.go(1)
        for moment, event in events:
            booth.at(moment, event)
        booth.at(4)
        return booth.level("a")

    assert after() == ring_at(2.5)
    assert after((2, Pause("main")), (3, Resume("main"))) == ring_at(2)
    assert after((2, Rate("main", None, 200))) == ring_at(3.5)
    assert after((2, Rate("main", None, 0))) == ring_at(1.5)


def test_what_a_player_plays_keeps_its_speed_and_that_is_said() -> None:
    booth = Booth(show_of(cue("1", None, 0, play("rumble", "bed")), cue("2", None, 0, SetRate("bed", 50, 100))))
    booth.go(0)
    booth.go(1)
    assert (booth.told(), booth.log("rate.absent")) == (["0 sound play"], ["1 rate.absent 2"])


def test_a_locate_sets_the_rates_that_playing_would_have_set() -> None:
    booth = Booth(
        show_of(
            SWING,
            cue("2", None, 0, SetRate("ring", 200, 100), SetRate("main", 50, 100)),
            cue("3", {"b": 0}, 10),
        )
    )
    booth.at(0, Locate("main", "2", SCRIPT))
    booth.at(2)
    assert (booth.level("a"), booth.level("b")) == (ring_at(2), 100)
    booth.go(2)
    booth.at(4)
    assert booth.level("b") == 90
