"""Hazards: nothing that can hurt moves unless every permissive was there within the last half second."""

from __future__ import annotations

from dataclasses import replace

import pytest

from showctl.engine.asking import why_level
from showctl.engine.commands import Note
from showctl.engine.events import (
    Back,
    DeviceHealth,
    DeviceReported,
    Evacuate,
    Event,
    InputChanged,
    Load,
    Locate,
    Origin,
    Panic,
    Pause,
    Preview,
    Rate,
    Rearm,
    Reset,
    Resume,
    Stop,
)
from showctl.engine.harmless import barred, restarted
from showctl.engine.state import HazardPhase
from showctl.engine.step import next_deadline, step
from showctl.show.cues import Effect, Wave
from showctl.show.instants import SECOND, seconds
from tests.engine.booth import cue, move, show_of, start_after
from tests.engine.fog import FOG, Foggy, fog, foggy, shown_at, turn

SAFE, ENABLED, ARMED, FIRE = HazardPhase.SAFE, HazardPhase.ENABLED, HazardPhase.ARMED, HazardPhase.FIRE
LI = Origin("console", "Li")
KEY = Origin("key")

ON = replace(cue("1"), light=(move({"a": 80}), fog(60)))
OFF = replace(cue("2"), light=(fog(0),))
DARK = cue("3", {"a": 0})


def booth(**more: object) -> Foggy:
    """Cue 1 brings light and fog, 2 takes the fog away, 3 the light."""
    return Foggy(foggy(show_of(ON, OFF, DARK), **more))  # type: ignore[arg-type]


def burning() -> Foggy:
    """Fog since 1 s."""
    room = booth()
    room.granted(0.5)
    room.go(1)
    assert (room.phase, room.level("fog")) == (FIRE, 60.0)
    return room


# --- the way of a fog --------------------------------------------------------------------------------------------------------


def test_fog_comes_with_its_cue_and_goes_with_the_next() -> None:
    room = booth()
    room.granted(0.5)
    room.go(1)
    room.at(30)
    room.go(30)
    room.at(31)

    assert room.said() == ["0.5 smoke is enabled", "1 smoke is on", "30.25 smoke is safe: nothing is asked of it any more",
                           "30.25 smoke is enabled"]  # fmt: skip
    assert (room.level("fog"), next_deadline(room.state)) == (0.0, None)


def test_a_cue_that_wants_fog_without_a_permit_goes_on_without_that_part() -> None:
    room = booth()
    answer = room.go(1)

    assert (answer.refused, room.level("a"), room.level("fog")) == ("", 80.0, 0.0)
    assert room.said() == ["1 main/1 goes on without smoke: box is unknown, so its word does not count"]
    assert room.standby() == "2"


def test_a_box_that_says_no_is_believed_and_a_box_that_is_not_well_is_not() -> None:
    room = booth()
    room.granted(0.5, False)
    room.go(1)
    room.at(2, DeviceReported("box", "granted", True))
    room.at(3, DeviceHealth("box", "degraded"))
    room.go(4, "1")

    assert room.said() == [
        "1 main/1 goes on without smoke: its permit does not hold: box.granted (box.granted is false)",
        "2 smoke is enabled",
        "3 smoke is safe: box is degraded, so its word does not count",
        "4 main/1 goes on without smoke: box is degraded, so its word does not count",
    ]


def test_what_was_refused_does_not_come_when_the_permit_does() -> None:
    room = booth()
    room.go(1)
    room.granted(2)
    room.at(60)

    assert (room.phase, room.level("fog")) == (ENABLED, 0.0)


@pytest.mark.parametrize(
    "falls", [DeviceReported("box", "granted", False), DeviceHealth("box", "lost"), DeviceHealth("box", "unknown")]
)
def test_a_permit_that_falls_takes_the_fog_back_in_the_same_instant(falls: Event) -> None:
    room = burning()
    room.at(3.1, falls)

    assert (room.phase, room.level("fog"), room.level("a")) == (SAFE, 0.0, 80.0)
    room.granted(4)
    room.at(60)
    assert (room.phase, room.level("fog")) == (ENABLED, 0.0), "nothing brings it back but a cue"


# --- half a second -----------------------------------------------------------------------------------------------------------


def test_the_wire_shows_safe_half_a_second_after_the_engine_died() -> None:
    room = burning()
    room.at(2.3)  # the last renewal was due at 2.25

    assert shown_at(room, (seconds(2.3), seconds(2.75))) == [60.0, 60.0]
    assert shown_at(room, (seconds(2.75) + 1, seconds(2.8), seconds(60))) == [0.0, 0.0, 0.0]
    assert room.level("a") == 80.0


def test_the_very_first_rows_last_half_a_second_too() -> None:
    room = booth()
    room.granted(0.5)
    room.go(1)

    assert shown_at(room, (seconds(1), seconds(1.5), seconds(1.5) + 1)) == [60.0, 60.0, 0.0]


def test_a_fog_that_is_renewed_never_blinks() -> None:
    room = burning()
    for n in range(100):
        room.at(1 + n * 0.1)
        assert room.level("fog") == 60.0


def test_a_fade_of_fog_goes_on_through_its_renewals() -> None:
    room = Foggy(foggy(show_of(replace(cue("1"), light=(fog(100, over=4),)))))
    room.granted(0)
    room.go(1)
    seen = []
    for when in (2, 3, 4, 5, 6):
        room.at(when)
        seen.append(room.level("fog"))

    assert seen == [25.0, 50.0, 75.0, 100.0, 100.0]


def test_fog_that_fades_out_is_permitted_to_its_end() -> None:
    room = Foggy(foggy(show_of(replace(cue("1"), light=(fog(100),)), replace(cue("2"), light=(fog(0, over=2),)))))
    room.granted(0)
    room.go(1)
    room.go(2)
    room.at(3)
    assert (room.phase, room.level("fog")) == (FIRE, 50.0)
    room.at(4.25)
    assert (room.phase, room.level("fog")) == (ENABLED, 0.0)


def test_an_effect_on_fog_asks_as_any_move_does() -> None:
    puff = Effect("puff", (FOG, 0), (0, 0), Wave.SQUARE, SECOND, False, highs=(65535, 65535), width=65535)
    room = Foggy(foggy(show_of(replace(cue("1"), effects=(puff,)), replace(cue("2"), effects=(puff,)))))
    room.go(1)
    room.at(1.2)
    assert (room.level("fog"), room.level("a")) == (0.0, 100.0)
    room.granted(2)
    room.go(3)
    room.at(3.2)
    assert (room.level("fog"), room.phase) == (100.0, FIRE)
    room.at(3.3, DeviceHealth("box", "lost"))
    assert (room.level("fog"), room.level("a")) == (0.0, 100.0)


# --- longest, dwell, rest ----------------------------------------------------------------------------------------------------


def test_the_longest_time_ends_it() -> None:
    room = booth(longest=seconds(5.1))
    room.granted(0.5)
    room.go(1)
    room.at(6.09)
    assert room.level("fog") == 60.0
    room.at(6.1)

    assert room.level("fog") == 0.0
    assert room.said()[-2:] == ["6.1 smoke is safe: it has been on for 5.1 s, its longest", "6.1 smoke is enabled"]


def test_asking_again_does_not_make_it_longer() -> None:
    room = booth(longest=seconds(5))
    room.granted(0.5)
    room.go(1)
    room.go(4, "1")
    room.at(6)

    assert room.level("fog") == 0.0


def test_a_rest_comes_before_the_next_use() -> None:
    room = booth(rest=seconds(10))
    room.granted(0.5)
    room.go(1)
    room.at(2, Stop("main", over=0, origin=LI))
    room.go(11.9, "1")
    assert (room.phase, room.level("fog")) == (SAFE, 0.0)
    assert room.said()[-1] == "11.9 main/1 goes on without smoke: it rests for 0.1 s more"
    room.go(12.3, "1")
    assert (room.phase, room.level("fog")) == (FIRE, 60.0)


def test_a_permit_has_to_hold_for_its_dwell_without_a_break() -> None:
    room = booth(dwell=seconds(3))
    room.granted(0)
    room.granted(2, False)
    room.granted(2.5)
    room.at(5.49)
    assert room.phase is SAFE
    room.at(5.5)
    assert room.phase is ENABLED


# --- those who hold and end things -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ends",
    [
        Stop("main", over=SECOND, origin=LI),
        Stop("", origin=LI),
        Stop("main", "1", origin=LI),
        Pause("main", origin=LI),
        Pause("", origin=LI),
        Rate("main", None, 0, origin=LI),
        Back("main", LI),
        Locate("main", "1", LI),
        Locate("main", "3", LI),
        Panic(LI),
        Evacuate(LI),
        Reset(LI),
    ],
)
def test_whatever_holds_or_ends_the_show_ends_the_fog_at_once(ends: Event) -> None:
    room = burning()
    answer = room.at(3.1, ends)

    assert answer is not None
    assert (room.level("fog"), room.state.hazards[0].phase is FIRE) == (0.0, False)
    room.at(3.2, Resume("", origin=LI))
    room.at(3.2, Rearm(LI))
    room.at(60)
    assert (room.level("fog"), room.phase) == (0.0, ENABLED), "and nothing but a cue brings it back"


def test_a_cue_that_stands_still_alone_holds_no_fog() -> None:
    room = Foggy(foggy(show_of(replace(cue("1"), light=(fog(100, over=10),)))))
    room.granted(0)
    room.go(1)
    room.at(3, Pause("main", "1", LI))

    assert (room.level("fog"), room.phase) == (0.0, ENABLED)


def test_under_a_panic_nothing_is_enabled() -> None:
    room = burning()
    room.at(2, Panic(LI))
    room.granted(3, False)
    room.granted(4)
    assert room.phase is SAFE
    room.at(5, Rearm(LI))
    assert room.phase is ENABLED


def test_a_locate_brings_everything_but_the_fog() -> None:
    room = booth()
    room.granted(0.5)
    room.at(1, Locate("main", "1", LI))

    assert (room.level("a"), room.level("fog"), room.phase) == (80.0, 0.0, ENABLED)


def test_back_brings_everything_but_the_fog() -> None:
    room = burning()
    room.go(2)
    room.go(3)
    room.at(4, Back("main", LI))
    room.at(4.5, Back("main", LI))
    room.at(8)

    assert (room.level("a"), room.level("fog"), room.standby()) == (80.0, 0.0, "2")


def test_what_a_cue_had_for_itself_only_does_not_bring_fog_back() -> None:
    only = replace(cue("2"), this_cue_only=(fog(20),))
    room = Foggy(foggy(show_of(ON, only, DARK)))
    room.granted(0)
    room.go(1)
    room.go(2)
    assert room.level("fog") == 20.0
    room.granted(3, False)
    room.granted(3.5)
    room.go(4)

    assert (room.level("fog"), room.phase) == (0.0, ENABLED)


# --- copies and restarts -----------------------------------------------------------------------------------------------------


def test_a_copy_that_runs_ahead_renews_no_fog_and_fires_none() -> None:
    second = replace(cue("2"), light=(move({"b": 30}), fog(90)))
    room = Foggy(foggy(show_of(replace(ON, next=start_after(1)), second)))
    room.granted(0)
    room.go(1)
    ahead = Foggy(room.show, barred(room.state))
    ahead.at(4)

    assert [ahead.shown(when) for when in (1.4, 1.5, 1.6, 2, 2.5, 4)] == [60.0, 60.0, 0.0, 0.0, 0.0, 0.0]
    assert ahead.level("b") == 30.0
    assert ahead.said() == ["2 main/2 goes on without smoke: nobody knows yet whether it will be permitted"]
    room.at(4)
    assert (room.level("fog"), room.level("b")) == (90.0, 30.0)


def test_a_restart_comes_up_safe_and_believes_nothing_that_it_has_not_heard() -> None:
    room = burning()
    room.at(3)
    state, tells = restarted(room.show, room.state)
    again = Foggy(room.show, state)

    assert [(t.device, t.argument("speed")) for t in tells] == [("winder", 0)]
    assert (again.phase, again.shown(3), again.level("a")) == (SAFE, 0.0, 80.0)
    again.go(4, "1")
    assert again.said() == ["4 main/1 goes on without smoke: box is unknown, so its word does not count"]
    again.at(5, DeviceHealth("box", "ok"))
    again.go(6, "1")
    assert again.level("fog") == 60.0


def test_what_has_no_interlock_never_moves() -> None:
    room = Foggy(replace(foggy(show_of(ON)), hazards=()))
    room.go(1)
    assert (room.level("a"), room.level("fog")) == (80.0, 0.0)
    assert room.said() == ["1 main/1 goes on without a hazard: no interlock permits it"]


def test_an_input_that_goes_stale_reads_as_no() -> None:
    room = booth(permit="guests > 3")
    room.at(1, InputChanged("guests", 5.0))
    room.go(2)
    assert room.phase is FIRE
    room.at(3, InputChanged("guests", 0.0))  # what the edge says when it hears nothing any more
    assert (room.phase, room.level("fog")) == (SAFE, 0.0)


def test_a_late_engine_renews_nothing_that_was_not_permitted() -> None:
    """Woken three seconds late, it does what was due at its instants, and then hears what it should have heard."""
    room = burning()
    state, commands = step(room.show, room.state, DeviceReported("box", "granted", False), seconds(4))

    assert state.hazards[0].phase is SAFE
    assert [c.words for c in commands if isinstance(c, Note)][-1].startswith("smoke is safe")


# --- asking, and what comes late ----------------------------------------------------------------------------------------------


def test_why_says_who_guards_the_fog_and_what_is_missing() -> None:
    room = booth()
    dark = why_level(room.show, room.state, 0, "fogger")["words"]
    room.granted(0.5)
    room.go(1)
    lit = why_level(room.show, room.state, SECOND, "fogger", "fog")["words"]

    assert dark[1] == "  guarded by smoke, which is safe: box is unknown, so its word does not count"
    assert lit[1] == "  guarded by smoke, which is on"


def test_a_preview_shows_everything_but_the_fog() -> None:
    room = booth()
    room.granted(0.5)
    room.at(1, Preview("main", "1", LI))

    assert (room.level("a"), room.level("fog"), room.phase) == (80.0, 0.0, ENABLED)
    assert room.said()[-1] == "1 main/1 goes on without smoke: hazards are left out of a preview"


def test_a_cue_that_is_loaded_some_way_into_itself_makes_up_for_no_fog() -> None:
    room = Foggy(foggy(show_of(replace(cue("1", {"b": 40}, 4, turn(3)), light=(move({"b": 40}, 4), fog(60, over=4))))))
    room.granted(0)
    room.at(1, Load("main", "1", 2 * SECOND, LI))
    room.go(2)

    assert (room.level("b"), room.level("fog"), room.told()) == (20.0, 0.0, [])
    assert room.said()[1:] == [
        "2 main/1 goes on without smoke: it was due 2.0 s ago, and hazards are never made up for",
        "2 main/1 goes on without winder: it was due 2.0 s ago, and hazards are never made up for",
    ]
