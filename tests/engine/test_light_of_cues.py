"""What cues do to light: fades, tracking, this_cue_only, release, effects, several lists (R4, R9, R11 and section 5)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from showctl.engine.events import Go, Grab, Locate, Master, Origin, Start, Ungrab
from showctl.engine.step import step
from showctl.light.render import Rendering, output, prepare
from showctl.show.cues import Effect, StopThing, Wave
from showctl.show.instants import SECOND, seconds
from showctl.show.levels import FULL, from_percent
from tests.engine.booth import NUMBER, Booth, cue, cue_list, move, release, show_of, start_after


def test_a_fade_is_half_way_at_half_time_and_exact_at_its_end() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 4)))
    booth.go(1)
    seen = []
    for when in (1, 3, 5, 50):
        booth.at(when)
        seen.append(booth.level("a"))
    assert seen == [0, 50, 100, 100]


def test_what_rises_takes_the_up_time_and_what_falls_the_down_time() -> None:
    crossfade = replace(cue("2"), light=(move({"a": 0, "b": 100}, up=4, down=10),))
    booth = Booth(show_of(cue("1", {"a": 100}), crossfade))
    booth.go(0)
    booth.go(10)
    booth.at(12)
    assert (booth.level("a"), booth.level("b")) == (80, 50)


def test_a_value_tracks_until_it_is_moved() -> None:
    booth = Booth(show_of(cue("1", {"a": 70}), cue("2", {"b": 50}), cue("3", {"a": 20})))
    booth.go(0)
    booth.go(1)
    assert (booth.level("a"), booth.level("b")) == (70, 50)
    booth.go(2)
    assert (booth.level("a"), booth.level("b")) == (20, 50)


def test_a_go_in_the_middle_of_a_fade_retargets_from_the_live_value_without_a_step() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 10), cue("2", {"a": 0}, 5)))
    booth.go(0)
    booth.at(5)
    before = booth.level("a")
    booth.go(5)
    assert (before, booth.level("a")) == (50, 50)
    booth.at(7.5)
    assert booth.level("a") == 25


def test_what_the_second_cue_does_not_touch_finishes_in_its_own_time() -> None:
    booth = Booth(show_of(cue("1", {"a": 100, "b": 100}, 10), cue("2", {"a": 0}, 1)))
    booth.go(0)
    booth.go(5)
    booth.at(7.5)
    assert (booth.level("a"), booth.level("b")) == (0, 75)


def test_this_cue_only_comes_back_at_the_next_cue() -> None:
    booth = Booth(
        show_of(cue("1", {"a": 30}), cue("2", {"c": 10}, this_cue_only=(move({"a": 90, "b": 40}),)), cue("3", {"c": 20}))
    )
    booth.go(0)
    booth.go(1)
    assert (booth.level("a"), booth.level("b")) == (90, 40)
    booth.go(2)
    assert (booth.level("a"), booth.level("b"), booth.level("c")) == (30, 0, 20)


def test_this_cue_only_gives_way_to_what_the_next_cue_says() -> None:
    booth = Booth(show_of(cue("1", this_cue_only=(move({"a": 90}),)), cue("2", {"a": 55})))
    booth.go(0)
    booth.go(1)
    assert booth.level("a") == 55


def test_a_release_falls_back_to_the_owner_underneath() -> None:
    low = cue_list(cue("9", {"a": 30}, list="house"), name="house", index=1, priority=50)
    booth = Booth(show_of(cue("1", {"a": 80}), replace(cue("2"), light=(release("a", over=4),)), lists=[low]))
    booth.at(0, Start("house", "9"))
    booth.go(1)
    assert booth.level("a") == 80
    booth.go(10)
    booth.at(12)
    assert booth.level("a") == 55
    booth.at(14)
    assert booth.level("a") == 30


def test_two_htp_lists_of_one_priority_show_the_higher_intensity() -> None:
    other = cue_list(cue("9", {"a": 60, "b": 20}, list="house"), name="house", index=1, htp=True)
    show = show_of(cue("1", {"a": 40, "b": 50}), lists=[other])
    show = replace(show, lists=(replace(show.lists[0], htp=True), other))
    booth = Booth(show)
    booth.at(0, Start("house", "9"))
    booth.go(1)
    assert (booth.level("a"), booth.level("b")) == (60, 50)


def _chase(name: str = "ring") -> Effect:
    parameters = tuple(NUMBER[x] for x in "abcd")
    return Effect(
        name, parameters, (0, 49152, 32768, 16384), Wave.STEPS, 4 * SECOND, False, low=0, highs=(FULL,) * 4, width=16384
    )


def test_a_chase_lights_one_after_the_other_in_the_order_of_its_group() -> None:
    booth = Booth(show_of(cue("1", effects=(_chase(),))))
    booth.go(0)
    lit = []
    for when in (0.5, 1.5, 2.5, 3.5, 4.5):
        booth.at(when)
        lit.append("".join(name for name in "abcd" if booth.level(name) == 100))
    assert lit == ["a", "b", "c", "d", "a"]


def test_a_chase_that_comes_in_parts_is_one_thing_under_one_name() -> None:
    first, second = (
        replace(_chase(), parameters=(NUMBER[x],), phases=(0,), highs=(FULL,), width=65535, low=from_percent(low))
        for x, low in (("a", 10), ("b", 20))
    )
    show = show_of(cue("1", effects=(first, second)), cue("2", None, 0, StopThing("ring", seconds(1))))
    booth = Booth(show)
    booth.go(1)
    assert (booth.level("a"), booth.level("b")) == (100, 100)
    located = Booth(show)
    located.at(1, Locate("main", "1"))
    assert (located.level("a"), located.level("b")) == (100, 100)
    booth.go(3)
    booth.at(6)
    assert (len(booth.state.plan.rows), booth.level("a"), booth.level("b")) == (0, 0, 0)


def test_a_stopped_effect_goes_out_over_the_time_given_and_leaves_the_plan() -> None:
    booth = Booth(show_of(cue("1", effects=(_chase(),)), cue("2", None, 0, StopThing("ring", seconds(2)))))
    booth.go(0)
    booth.go(8)
    assert "ring" not in booth.state.things
    booth.at(20)
    assert (len(booth.state.plan.rows), booth.level("a")) == (0, 0)


def test_a_grabbed_light_wins_over_every_list_until_it_is_let_go() -> None:
    booth = Booth(show_of(cue("1", {"a": 80})))
    booth.go(0)
    booth.at(1, Grab((NUMBER["a"],), (from_percent(10),), origin=Origin(person="Li")))
    assert (booth.level("a"), booth.state.grabbed) == (10, {0: "grabbed by Li"})
    booth.at(2, Ungrab((NUMBER["a"],)))
    assert (booth.level("a"), booth.state.grabbed) == (80, {})


def slots(booth: Booth) -> list[int]:
    """Slots 1..4 as the wire would send them now."""
    out = np.zeros((1, 512), np.uint8)
    output(prepare(Rendering(booth.show.patch, ()), booth.state.plan), booth.state.now, out)
    return [int(slot) for slot in out[0, :4]]


def test_the_grand_master_scales_intensity_and_never_the_fade_underneath() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 10)))
    booth.at(0, Master("grand", FULL // 2))
    booth.go(0)
    booth.at(5)
    assert (slots(booth)[0], booth.level("a")) == (64, 50)


def test_blackout_takes_intensity_out_and_a_parked_light_stays() -> None:
    booth = Booth(show_of(cue("1", {"a": 100, "b": 100})))
    booth.go(0)
    booth.at(1, Grab((NUMBER["b"],), (FULL,), park=True, reason="aisle"))
    booth.at(2, Master("blackout", FULL))
    assert slots(booth)[:2] == [0, 255]


def test_a_cue_started_late_fades_from_the_instant_it_was_due() -> None:
    booth = Booth(show_of(cue("1", next=start_after(2)), cue("2", {"a": 100}, 4)))
    booth.go(0)
    booth.state, _ = step(booth.show, booth.state, None, seconds(4))
    assert booth.level("a") == 50


def test_go_by_a_list_without_a_name_means_the_main_list() -> None:
    booth = Booth(show_of(cue("1", {"a": 100})))
    booth.at(0, Go(origin=Origin("script")))
    assert booth.level("a") == 100
