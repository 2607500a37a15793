"""R1: what slow devices are asked is sent so much earlier that it lands with the rest, where the instant is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from showctl.engine.events import Origin, Panic, Pause, Rate, Resume, Stop
from showctl.engine.explaining import explain_next
from showctl.engine.state import State
from showctl.engine.step import next_deadline
from showctl.engine.view import view
from showctl.show.cues import Cue, FadeThing, GroupMode, Next, Perform, StopThing
from showctl.show.instants import SECOND, seconds
from showctl.show.show import Show
from tests.engine.booth import Booth, cue, end_after, group, loop, play, show_of, start_after, starts, when

SCRIPT = Origin("script")


def slow_show(*cues: Cue, sound: float = 0.5, film: float = 0.2) -> Show:
    """The sound player takes half a second, the film server a fifth."""
    show = show_of(*cues)
    devices = tuple(replace(d, latency=seconds({"sound": sound, "film": film}[d.name])) for d in show.devices)
    return replace(show, devices=devices)


def picture() -> Perform:
    return Perform("film", "blank", (("fade", 0.0),))


def both(label: str, **more: object) -> Cue:
    return cue(label, {"a": 100}, 0, play("rumble", "bed", 10), picture(), **more)  # type: ignore[arg-type]


def played(*cues: Cue) -> Booth:
    booth = Booth(slow_show(*cues))
    booth.go(1)
    booth.at(60)
    return booth


def lit(booth: Booth) -> list[float]:
    """When ``a`` begins to be held."""
    return [int(row["start"]) / SECOND for row in booth.state.plan.rows if row["parameter"] == 0]


def test_r1_a_go_by_hand_acts_at_once_and_the_slow_ones_land_late() -> None:
    booth = played(both("1"))
    assert (booth.told(), lit(booth), starts(booth)) == (["1 sound play", "1 film blank"], [1], ["1 1"])


def test_r1_land_together_has_the_fast_ones_wait_for_the_slowest() -> None:
    booth = played(both("1", land_together=True))
    assert (booth.told(), lit(booth), starts(booth)) == (["1 sound play", "1.3 film blank"], [1.5], ["1 1"])
    assert booth.log("cue.done") == ["11.5 cue.done 1"]


def test_r1_the_delay_that_landing_together_adds_is_shown_on_the_standby() -> None:
    show = slow_show(both("1", land_together=True), both("2"))
    booth = Booth(show)
    assert view(show, booth.state, 0)["lists"][0]["standby_delay"] == 0.5
    assert (
        "  everything lands together, 0.5 s after GO: the slowest device takes that long"
        in explain_next(show, booth.state, 0)["words"]
    )
    booth.go(1)
    assert view(show, booth.state, SECOND)["lists"][0]["standby_delay"] == 0


@pytest.mark.parametrize(
    ("first", "instant"),
    [
        (cue("0", {"b": 100}, 3, next=start_after(4)), 5),
        (cue("0", {"b": 100}, 3, next=end_after(0)), 4),
        (cue("0", {"b": 100}, 3, next=end_after(2)), 6),
        (cue("0", {"b": 100}, 3, next=end_after(-1)), 3),
    ],
)
def test_r1_what_is_chained_in_time_is_sent_earlier_and_lands_with_its_cue(first: Cue, instant: float) -> None:
    booth = played(first, both("1"), cue("2"))
    assert booth.told() == [f"{instant - 0.5:g} sound play", f"{instant - 0.2:g} film blank"]
    assert (lit(booth), starts(booth), booth.standby()) == ([instant], ["1 0", f"{instant:g} 1"], "2")


def test_r1_the_engine_asks_to_be_woken_for_it() -> None:
    booth = Booth(slow_show(cue("0", next=start_after(4)), both("1")))
    booth.go(1)
    assert next_deadline(booth.state) == seconds(4.5)


def test_r1_a_chain_that_is_shorter_than_the_latency_sends_at_once() -> None:
    booth = played(cue("0", next=start_after(0.3)), both("1"))
    assert (booth.told(), lit(booth)) == (["1 sound play", "1.1 film blank"], [1.3])


def test_r1_a_pre_wait_is_known_beforehand_too() -> None:
    booth = played(both("1", wait=2 * SECOND))
    assert (booth.told(), lit(booth)) == (["2.5 sound play", "2.8 film blank"], [3])


def test_r1_a_condition_is_not() -> None:
    follow: Next = when("guests > 3", 5)
    booth = played(cue("0", next=follow), both("1"))
    assert (booth.told(), lit(booth)) == (["6 sound play", "6 film blank"], [6])


def test_r1_moments_of_a_timeline_and_members_that_begin_with_their_group_land_in_time() -> None:
    hits = group("1", GroupMode.TIMELINE, (0, cue("1/1", None, 0, picture())), (3, cue("1/2", None, 0, play("rumble", "bed", 2))))
    everything = group("2", GroupMode.ALL, both("2/1"), cue("2/2", None, 0, play("hum", "hum", 2), wait=SECOND))
    booth = played(replace(hits, next=end_after()), everything)
    assert booth.told() == ["1 film blank", "3.5 sound play", "5.5 sound play", "5.8 film blank", "6.5 sound play"]
    assert [line for line in starts(booth) if "/" not in line] == ["1 1", "6 2"]
    assert booth.log("cue.done")[-1].endswith("cue.done 2")
    assert booth.running() == []


def test_r1_a_loop_that_was_sent_ahead_for_a_member_belongs_to_the_member() -> None:
    everything = group("1", GroupMode.ALL, cue("1/1", None, 0, loop("rumble", "bed", 2)))
    booth = played(cue("0", next=start_after(1)), everything)
    thing = booth.state.things["bed"]
    assert booth.state.runs[thing.run].cue.label == "1/1"
    booth.at(61, Stop("main", "1/1", 0))
    assert (booth.told()[-1], booth.running()) == ("61 sound stop", [])


def test_r1_fades_and_stops_of_what_plays_are_sent_ahead_as_well() -> None:
    booth = played(
        cue("0", None, 0, play("rumble", "bed"), next=start_after(3)),
        cue("1", None, 0, FadeThing("bed", -20, SECOND), next=start_after(3)),
        cue("2", None, 0, StopThing("bed", SECOND)),
    )
    assert booth.told() == ["1 sound play", "3.5 sound fade", "6.5 sound stop"]


def test_r1_a_latency_is_real_time_whatever_the_rate() -> None:
    booth = Booth(slow_show(cue("0", next=start_after(4)), both("1")))
    booth.at(0, Rate("main", None, 200))
    booth.go(1)
    booth.at(60)
    assert (booth.told(), starts(booth)) == (["2.5 sound play", "2.8 film blank"], ["1 0", "3 1"])


def test_r1_a_pause_in_between_holds_what_has_not_been_sent() -> None:
    booth = Booth(slow_show(cue("0", next=start_after(4)), both("1")))
    booth.go(1)
    booth.at(4.6, Pause("main"))
    booth.at(104.6, Resume("main"))
    booth.at(200)
    assert [line for line in booth.told() if "pause" not in line] == ["4.5 sound play", "104.8 film blank"]
    assert starts(booth) == ["1 0", "105 1"]


def test_r1_a_panic_in_between_starts_nothing_more() -> None:
    booth = Booth(slow_show(cue("0", next=start_after(4)), both("1")))
    booth.go(1)
    booth.at(4.6, Panic(SCRIPT))
    before = len(booth.told())
    booth.at(4.9)
    assert (len(booth.told()), starts(booth), booth.running()) == (before, ["1 0"], [])


def test_r1_an_engine_woken_late_sends_the_same_at_the_same_instants() -> None:
    def of(moments: tuple[float, ...]) -> tuple[list[str], State]:
        from showctl.engine.step import step

        booth = Booth(slow_show(cue("0", next=start_after(4)), both("1", next=end_after()), both("2")))
        booth.go(1)
        for moment in moments:
            booth.state, commands = step(booth.show, booth.state, None, seconds(moment))
            booth.commands += commands
        return booth.told(), booth.state

    assert of((60,))[0] == of((*(n / 7 for n in range(7, 420)), 60))[0]
