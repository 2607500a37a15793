"""Heads that follow somebody: two heads over a floor, a list that says whom, and traces of a dancer. Beams are looked at."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from showctl.engine import checkpoint
from showctl.engine.asking import why_level
from showctl.engine.commands import Command, Light
from showctl.engine.events import Back, Event, Go, Grab, Locate, Pause, Resume, TrackMoved, from_record, to_record
from showctl.engine.reloading import reload
from showctl.engine.state import State
from showctl.engine.step import initial, next_deadline, step
from showctl.light.aim import beam
from showctl.light.plan import RowKind
from showctl.light.render import Rendering, levels, prepare
from showctl.show.cues import Cue, CueList, CueRef, LightMove
from showctl.show.fixtures import FAMILY_OF, Channel, Fixture, FixtureType, Mode, Point
from showctl.show.instants import Instant, seconds
from showctl.show.levels import in_range
from showctl.show.patch import Protocol, Universe, make_patch
from showctl.show.show import Show
from showctl.show.targets import Target

DOWN = (180.0, 0.0, 0.0)
MODE = Mode(
    "head",
    5,
    (
        Channel("intensity", FAMILY_OF["intensity"], (0,)),
        Channel("pan", FAMILY_OF["pan"], (1, 2), low=-270, high=270, default=32768),
        Channel("tilt", FAMILY_OF["tilt"], (3, 4), low=-135, high=135, default=32768),
    ),
)
PLACES = (Point(-3, 6, 0), Point(3, 6, 0))
PANS, TILTS = (1, 4), (2, 5)
DANCER, SINGER = 1, 2
"""Numbers of the targets."""
REST = (20000, 30000, 40000, 30000)


def show() -> Show:
    universes = (Universe(0, "sacn/1", Protocol.SACN, 1),)
    fixtures = tuple(
        Fixture(n, f"head_{n + 1}", "head", MODE, "sacn/1", 1 + 10 * n, position=place, hang=DOWN)
        for n, place in enumerate(PLACES)
    )
    focus = (1, 2, 4, 5)

    def follows(whom: int, over: float = 0.0) -> LightMove:
        return LightMove(focus, REST, seconds(over), seconds(over), follow=whom)

    cues = (
        cue("1", 0, LightMove((0, 3), (65535, 65535)), follows(DANCER)),
        cue("2", 1, follows(SINGER, 2.0)),
        cue("3", 2, LightMove(focus, (32768,) * 4)),
        cue("4", 3, only=(follows(DANCER),)),
        cue("5", 4, LightMove((0,), (30000,))),
    )
    return Show(
        "follow",
        make_patch(universes, (), fixtures),
        (CueList(0, "main", cues, go_window=0, named={item.label: item for item in cues}),),
        targets=(
            Target(DANCER, "dancer", Point(0, 1, 5), "psn", "dancer", above=0.5),
            Target(SINGER, "singer", Point(0, 1, 5), "psn", id=7),
        ),
        fixture_types={"head": FixtureType("head", (MODE,))},
    )


def cue(label: str, index: int, *light: LightMove, only: tuple[LightMove, ...] = ()) -> Cue:
    return Cue(CueRef("main", label), "", index, light=light, this_cue_only=only)


class Booth:
    """A show being run by hand. Times are seconds."""

    def __init__(self) -> None:
        self.show = show()
        self.rendering = Rendering(self.show.patch)
        self.state: State = initial(self.show)
        self.commands: list[Command] = []

    def at(self, when: float, *events: Event) -> None:
        now = seconds(when)
        while (due := next_deadline(self.state)) is not None and due < now:
            self.take(None, due)
        for event in events:
            self.take(event, now)

    def take(self, event: Event | None, now: Instant) -> None:
        self.state, commands = step(self.show, self.state, event, now)
        self.commands += commands

    def off(self, when: float, x: float, y: float, z: float) -> list[float]:
        """Metres by which each beam misses the point then."""
        found = levels(prepare(self.rendering, self.state.plan), seconds(when))
        missed = []
        for place, pan, tilt in zip(PLACES, PANS, TILTS, strict=True):
            ray = beam(DOWN, in_range(int(found[pan]), -270, 270), in_range(int(found[tilt]), -135, 135))
            way = (x - place.x, y - place.y, z - place.z)
            along = sum(a * b for a, b in zip(ray, way, strict=True))
            missed.append(math.sqrt(max(sum(part * part for part in way) - along * along, 0.0)))
        return missed

    def resting(self, when: float) -> bool:
        found = levels(prepare(self.rendering, self.state.plan), seconds(when))
        return tuple(int(found[p]) for p in (1, 2, 4, 5)) == REST

    def light(self) -> int:
        return sum(isinstance(item, Light) for item in self.commands)


def trace(when: float, x: float, z: float, vx: float = 0.0, vz: float = 0.0, name: str = "dancer") -> TrackMoved:
    return TrackMoved(name, seconds(when), (x, 1.0, z), (vx, 0.0, vz))


NEAR = 0.02
"""Metres: a beam that passes nearer than this hits."""


def test_before_anybody_is_seen_heads_look_where_they_rest() -> None:
    booth = Booth()
    booth.at(1, Go())
    assert booth.resting(1)


def test_a_cue_turns_heads_to_where_the_dancer_is_and_half_a_metre_above() -> None:
    booth = Booth()
    booth.at(0.5, trace(0.5, 2, 4))
    booth.at(1, Go())
    assert max(booth.off(1, 2, 1.5, 4)) < NEAR


def test_someone_who_stands_still_costs_no_light() -> None:
    booth = Booth()
    booth.at(0.5, trace(0.5, 2, 4))
    booth.at(1, Go())
    booth.at(2, trace(2, 2, 4))
    before = booth.light()
    booth.at(3, trace(3, 2, 4))
    assert booth.light() == before


def test_beams_go_with_someone_who_walks_between_two_traces() -> None:
    """At 1.2 m/s, told three times a second: the rows lead on where nobody says anything."""
    booth = Booth()
    booth.at(0, trace(0, -3, 4, vx=1.2))
    booth.at(0.1, Go())
    for n in range(1, 16):
        booth.at(n / 3, trace(n / 3, -3 + 1.2 * n / 3, 4, vx=1.2))
        for later in (0.1, 0.2, 0.299):
            if n > 2:
                assert max(booth.off(n / 3 + later, -3 + 1.2 * (n / 3 + later), 1.5, 4)) < 0.05, (n, later)


def test_what_the_tracker_says_is_old_by_its_latency_and_the_beam_is_not() -> None:
    booth = Booth()
    booth.at(0.2, trace(0.1, -3, 4, vx=2.0))  # heard at 0.2, true at 0.1
    booth.at(0.2, Go())
    booth.at(0.3, trace(0.2, -2.8, 4, vx=2.0))
    booth.at(0.4, trace(0.3, -2.6, 4, vx=2.0))
    booth.at(0.5, trace(0.4, -2.4, 4, vx=2.0))
    assert max(booth.off(0.7, -3 + 2.0 * 0.6, 1.5, 4)) < 0.1


def test_whoever_is_seen_no_more_is_lit_where_they_would_be_after_three_tenths_of_a_second_and_no_further() -> None:
    booth = Booth()
    booth.at(0, Go())
    booth.at(0.8, trace(0.8, -0.2, 4, vx=1.0))
    booth.at(1, trace(1, 0, 4, vx=1.0))
    assert max(booth.off(1.3, 0.3, 1.5, 4)) < NEAR
    assert booth.off(60, 0.3, 1.5, 4) == booth.off(1.3, 0.3, 1.5, 4)


def test_whoever_turns_up_elsewhere_is_caught_up_with_and_not_jumped_to() -> None:
    booth = Booth()
    booth.at(0, trace(0, -4, 4))
    booth.at(1, Go())
    booth.at(2, trace(2, 3, 4))
    assert max(booth.off(2, -4, 1.5, 4)) < NEAR, "not yet"
    assert min(booth.off(2.075, 3, 1.5, 4)) > 0.5, "half way"
    assert max(booth.off(2.15, 3, 1.5, 4)) < NEAR


def test_a_slow_change_of_whom_to_follow_arrives_although_they_walk() -> None:
    booth = Booth()
    booth.at(0, trace(0, -4, 4))
    booth.at(0, trace(0, 2, 5, name="singer"))
    booth.at(1, Go())
    booth.at(5, Go())
    assert max(booth.off(5, -4, 1.5, 4)) < NEAR, "two seconds on the way, beginning here"
    for n in range(40):
        when = 5 + n / 10
        booth.at(when, trace(when, 2 + n / 20, 5, vx=0.5, name="singer"))
    assert min(booth.off(6, 2.5, 1, 5)) > 0.3, "half way it is not there yet"
    assert max(booth.off(8.9, 3.95, 1, 5)) < 0.1


def test_the_dancer_moves_nobody_who_follows_the_singer_or_nobody() -> None:
    booth = Booth()
    booth.at(0, Go())
    booth.at(1, Go())
    before = booth.light()
    booth.at(1.5, trace(1.5, 3, 3))
    booth.at(5, Go())
    booth.at(6, trace(6, -3, 3))
    booth.at(6, trace(6, -3, 3, name="singer"))
    assert booth.light() == before + 1, "the cue that ends it, and no trace"


def test_a_head_that_a_person_holds_stays_in_their_hand() -> None:
    booth = Booth()
    booth.at(0, Go())
    booth.at(1, Grab((1, 2), (1000, 2000)))
    booth.at(2, trace(2, 3, 3))
    found = levels(prepare(booth.rendering, booth.state.plan), seconds(3))
    assert (int(found[1]), int(found[2])) == (1000, 2000)
    assert booth.off(3, 3, 1.5, 3)[1] < NEAR


def test_a_paused_list_holds_still_and_goes_on_from_where_they_are() -> None:
    booth = Booth()
    booth.at(0, Go())
    booth.at(1, trace(1, 2, 4))
    booth.at(2, Pause("main"))
    booth.at(3, trace(3, -2, 4))
    assert max(booth.off(3.5, 2, 1.5, 4)) < NEAR
    booth.at(4, Resume("main"))
    booth.at(5, trace(5, -2, 4))
    assert max(booth.off(5.5, -2, 1.5, 4)) < NEAR


def test_a_locate_makes_heads_follow_as_if_played() -> None:
    booth = Booth()
    booth.at(0, trace(0, 1, 3))
    booth.at(1, Locate("main", "1"))
    assert max(booth.off(1, 1, 1.5, 3)) < NEAR
    booth.at(2, trace(2, -1, 3))
    assert max(booth.off(2.5, -1, 1.5, 3)) < NEAR


def test_back_follows_again_whom_the_list_followed_before() -> None:
    booth = Booth()
    booth.at(0, trace(0, 1, 3))
    booth.at(1, Go())
    booth.at(2, Go())
    booth.at(3, Back("main"))
    booth.at(10, trace(10, -1, 4))
    assert max(booth.off(11, -1, 1.5, 4)) < NEAR


def test_what_is_followed_in_one_cue_only_is_let_go_with_the_next() -> None:
    booth = Booth()
    booth.at(0, trace(0, 1, 3))
    for n in range(1, 4):
        booth.at(n, Go())
    booth.at(4, Go())
    booth.at(5, trace(5, -1, 4))
    assert max(booth.off(6, -1, 1.5, 4)) < NEAR
    booth.at(7, Go())
    booth.at(8, trace(8, 2, 2))
    found = levels(prepare(booth.rendering, booth.state.plan), seconds(20))
    assert [int(found[p]) for p in (1, 2, 4, 5)] == [32768] * 4


def test_a_follow_for_one_cue_only_ends_and_the_one_before_it_goes_on() -> None:
    booth = Booth()
    booth.at(0, trace(0, 1, 3))
    booth.at(0, trace(0, 0, 5, name="singer"))
    booth.at(1, Locate("main", "2"))
    booth.at(2, Go("main", "4"))
    booth.at(3, Go("main", "5"))
    booth.at(10, trace(10, -2, 4, name="singer"))
    assert max(booth.off(11, -2, 1, 4)) < NEAR


def test_followed_rows_keep_their_numbers_so_a_plan_does_not_grow_while_people_walk() -> None:
    booth = Booth()
    booth.at(0, Go())
    rows, number = len(booth.state.plan.rows), booth.state.row_id
    for n in range(200):
        booth.at(1 + n / 20, trace(1 + n / 20, math.sin(n / 10), 4))
    assert len(booth.state.plan.rows) == rows
    assert booth.state.row_id == number


def test_a_late_wake_changes_nothing_of_what_is_followed() -> None:
    """Replay equals run: the same traces at the same instants, one engine woken at every due time and the other never."""
    one, other = Booth(), Booth()
    for n in range(60):
        when = n / 20
        events: tuple[Event, ...] = (trace(when, math.sin(when), 4, math.cos(when)),)
        events += (Go(),) if n in (10, 40) else ()
        one.at(when, *events)
        for event in events:
            other.take(event, seconds(when))
    assert one.state.plan.same_as(other.state.plan)


def test_a_trace_goes_through_the_journal_and_a_state_through_a_checkpoint_unchanged() -> None:
    event = trace(1.25, 0.1, 0.2, 0.3)
    assert from_record(to_record(event)) == event
    booth = Booth()
    booth.at(1, event, Go())
    again = checkpoint.restore(checkpoint.keep(booth.state))
    assert again.traces == booth.state.traces
    assert again.plan.same_as(booth.state.plan)


def test_a_show_that_is_loaded_anew_follows_the_same_person_under_another_number() -> None:
    booth = Booth()
    booth.at(0, trace(0, 1, 3), trace(0, 0, 5, name="singer"))
    booth.at(1, Go())
    dancer, singer = booth.show.targets
    ahead = Target(1, "altar", Point(0, 0, 0))
    newer = replace(booth.show, targets=(ahead, replace(singer, number=2), replace(dancer, number=3)))
    booth.show, booth.state = (done := reload(booth.show, newer, booth.state, seconds(2))).show, done.state
    booth.at(3, trace(3, -1, 4))
    assert max(booth.off(4, -1, 1.5, 4)) < NEAR
    nobody = replace(newer, targets=(ahead,))
    booth.show, booth.state = (done := reload(booth.show, nobody, booth.state, seconds(5))).show, done.state
    booth.at(6, trace(6, 2, 2))
    assert max(booth.off(7, -1, 1.5, 4)) < NEAR, "whom nobody knows any more leaves heads where they are"


def test_a_trace_of_a_stranger_is_heard_and_passed_over() -> None:
    booth = Booth()
    booth.at(0, Go(), TrackMoved("nobody", 0, (0.0, 0.0, 0.0)))
    assert not booth.state.traces


def test_only_settings_carry_a_target() -> None:
    booth = Booth()
    booth.at(0, Go())
    rows = booth.state.plan.rows
    assert set(rows["parameter"][rows["seed"] != 0].tolist()) == {1, 2, 4, 5}
    assert set(rows["kind"][rows["seed"] != 0].tolist()) == {RowKind.SET}


@pytest.mark.parametrize("gap", [50, 100, 250])
def test_the_beam_stays_on_someone_who_turns_about(gap: int) -> None:
    """A circle of 2 m in 8 s, with traces that know only the way at that moment."""
    booth = Booth()
    booth.at(0, Go())
    worst = 0.0
    for n in range(0, 8000, gap):
        when = n / 1000
        a = 2 * math.pi * when / 8
        speed = 2 * math.pi / 8 * 2
        booth.at(when, trace(when, 2 * math.sin(a), 4 + 2 * math.cos(a), speed * math.cos(a), -speed * math.sin(a)))
        for later in range(0, gap, 25):
            t = when + later / 1000
            b = 2 * math.pi * t / 8
            if t > 1:
                worst = max(worst, *booth.off(t, 2 * math.sin(b), 1.5, 4 + 2 * math.cos(b)))
    assert worst < 0.12, f"{worst:.3f} m"


def test_why_says_whom_a_head_follows_and_how_old_the_news_is() -> None:
    booth = Booth()
    booth.at(1, Go())
    said = why_level(booth.show, booth.state, seconds(2), "head_1", "pan")["words"]
    assert any("main/1" in line and "following dancer, whom nobody has seen yet" in line for line in said), said
    booth.at(3, trace(3, 1, 4))
    said = why_level(booth.show, booth.state, seconds(5), "head_1", "pan")["words"]
    assert any("following dancer, last seen 2.0 s ago" in line for line in said), said
