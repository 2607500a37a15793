"""Hazards that are devices, and hazards that a person attends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from showctl.engine.checkpoint import keep, restore
from showctl.engine.commands import Answer
from showctl.engine.events import (
    Arm,
    Ask,
    Back,
    DeviceHealth,
    Event,
    Go,
    Grab,
    Locate,
    Origin,
    Panic,
    Rearm,
    Reset,
    Start,
    Stop,
)
from showctl.engine.view import view
from showctl.show.cues import CueRef
from showctl.show.fixtures import Hazard
from showctl.show.instants import SECOND, seconds
from tests.engine.booth import cue, show_of, start_after
from tests.engine.fog import FOG, Foggy, foggy, shown_at, turn
from tests.engine.test_hazards import ARMED, ENABLED, FIRE, KEY, LI, OFF, ON, burning

# --- devices -----------------------------------------------------------------------------------------------------------------


def winding() -> Foggy:
    room = Foggy(foggy(show_of(cue("1", None, 0, turn(3)), cue("2", None, 0, turn(0)))))
    room.granted(0.5)
    room.go(1)
    assert (room.told(), room.phase) == (["1 winder turn"], FIRE)
    return room


def test_a_guarded_device_is_not_asked_without_a_permit() -> None:
    room = Foggy(foggy(show_of(cue("1", {"a": 50}, 0, turn(3)))))
    room.go(1)

    assert (room.told(), room.level("a")) == ([], 50.0)
    assert room.said() == ["1 main/1 goes on without winder: box is unknown, so its word does not count"]


def test_a_guarded_device_is_made_safe_when_the_permit_falls() -> None:
    room = winding()
    room.at(3, DeviceHealth("box", "lost"))

    assert [(t.instant, t.argument("speed")) for t in room.tells()] == [(SECOND, 3), (3 * SECOND, 0)]


def test_its_safe_word_is_always_let_through_and_ends_the_fire() -> None:
    room = winding()
    room.go(2)
    room.at(2.25)

    assert [t.argument("speed") for t in room.tells()] == [3, 0]
    assert room.phase is ENABLED


@pytest.mark.parametrize("ends", [Locate("main", "1", LI), Back("main", LI), Stop("main", origin=LI), Panic(LI), Reset(LI)])
def test_a_guarded_device_is_made_safe_and_never_asked_again(ends: Event) -> None:
    room = winding()
    room.at(3, ends)
    room.at(3.5, Rearm(LI))
    room.at(60)

    assert [t.argument("speed") for t in room.tells() if t.device == "winder"] == [3, 0]
    assert room.state.performed == {}


def test_a_guarded_device_that_returns_is_made_safe_whatever_it_did() -> None:
    room = winding()
    room.at(3, DeviceHealth("winder", "lost"))
    room.at(5, DeviceHealth("winder", "ok"))
    room.at(6)

    assert [t.argument("speed") for t in room.tells()] == [3, 0]
    assert room.phase is ENABLED


def test_a_person_asks_the_machine_as_a_cue_does() -> None:
    room = Foggy(foggy(show_of(cue("1"))))
    no = room.at(1, Ask("winder", "turn", (("speed", 2.0),), LI))
    assert no is not None
    assert no.refused == "winder is a hazard: box is unknown, so its word does not count"
    room.granted(2)
    yes = room.at(3, Ask("winder", "turn", (("speed", 2.0),), LI))
    assert (yes, room.phase) == (Answer(3 * SECOND), FIRE)


def test_a_hand_may_hold_fog_off_and_not_on() -> None:
    room = burning()
    on = room.at(2, Grab((FOG,), (30000,), origin=LI))
    off = room.at(3, Grab((FOG,), (0,), park=True, origin=LI))

    assert on is not None
    assert off is not None
    assert (on.refused, off.refused) == (
        "fogger is a hazard: it can be held where it is safe, and runs from a cue that says so",
        "",
    )
    assert shown_at(room, (seconds(3),)) == [60.0], "a park comes after what lists say"


# --- attended ----------------------------------------------------------------------------------------------------------------


DESKS = (("console", "10.0.0.5"), ("key", "10.0.0.5"), ("console", "10.0.0.6"))


def attended() -> Foggy:
    room = Foggy(foggy(show_of(ON, replace(OFF, next=start_after(1)), replace(ON, ref=CueRef("main", "3"))), kind=Hazard.ATTENDED,
                       longest=seconds(10)))  # fmt: skip
    room.granted(0)
    return room


def test_what_is_attended_is_armed_here_and_fired_there() -> None:
    room = attended()
    room.at(1, Arm("smoke", True, origin=LI))
    assert room.phase is ARMED
    room.at(2, Go("main", origin=KEY))

    assert room.said() == ["0 smoke is enabled", "1 smoke is armed by Li for 1:00.0 s", "2 smoke is on"]
    assert (room.phase, room.level("fog")) == (FIRE, 60.0)


def test_one_hand_cannot_do_both() -> None:
    room = attended()
    room.at(1, Arm("smoke", True, origin=LI))
    room.at(2, Go("main", origin=LI))

    assert room.said()[-1] == "2 main/1 goes on without smoke: it was armed on console, so it is fired from somewhere else"
    assert (room.phase, room.level("fog"), room.level("a")) == (ARMED, 0.0, 80.0)


def test_the_keys_of_a_page_and_its_buttons_are_one_hand_and_another_desk_is_another() -> None:
    here, keys, there = (Origin(surface, "Li", address) for surface, address in DESKS)
    room = attended()
    room.at(1, Arm("smoke", True, origin=here))
    room.at(2, Go("main", origin=keys))
    assert room.said()[-1].endswith("it was armed on console at 10.0.0.5, so it is fired from somewhere else")
    room.at(4, Start("main", "3", origin=there))

    assert room.phase is FIRE


def test_a_screen_sees_what_is_missing_who_armed_and_for_how_long() -> None:
    room = attended()

    def seen(at: float) -> tuple[str, str, str, float | None]:
        (told,) = view(room.show, room.state, seconds(at))["hazards"]
        return told["state"], told["lacks"], told["armed_on"], told["expires"]

    room.at(1, Arm("smoke", True, origin=LI))
    assert seen(31) == ("armed", "", "console", 30.0)
    room.granted(32, False)

    assert seen(33) == ("safe", "its permit does not hold: box.granted (box.granted is false)", "", None)


def test_nobody_unnamed_arms_and_nothing_unpermitted_is_armed() -> None:
    room = attended()
    nameless = room.at(1, Arm("smoke", True, origin=KEY))
    room.granted(2, False)
    unpermitted = room.at(3, Arm("smoke", True, origin=LI))
    assert nameless is not None
    assert unpermitted is not None
    assert nameless.refused == "smoke is armed by a named person: say who you are"
    assert unpermitted.refused == "smoke is safe: its permit does not hold: box.granted (box.granted is false)"


def test_unarmed_it_does_not_fire() -> None:
    room = attended()
    room.at(2, Go("main", origin=KEY))
    assert (room.level("fog"), room.said()[-1]) == (0.0, "2 main/1 goes on without smoke: nobody has armed it")


def test_an_arming_lasts_sixty_seconds_and_not_one_more() -> None:
    early, late = attended(), attended()
    for room in (early, late):
        room.at(1, Arm("smoke", True, origin=LI))
    early.at(60.999, Go("main", origin=KEY))
    late.at(61, Go("main", origin=KEY))
    assert (early.phase, late.phase) == (FIRE, ENABLED)
    assert "61 smoke was armed for 1:00.0 s and is no more" in late.said()


def test_firing_uses_the_arming_up() -> None:
    room = attended()
    room.at(1, Arm("smoke", True, origin=LI))
    room.at(2, Go("main", origin=KEY))
    room.at(5, Stop("main", over=0, origin=KEY))
    room.at(6, Start("main", "1", KEY))

    assert (room.phase, room.level("fog")) == (ENABLED, 0.0)


def test_an_arming_can_be_taken_back() -> None:
    room = attended()
    room.at(1, Arm("smoke", True, origin=LI))
    room.at(2, Arm("smoke", False, origin=KEY))
    room.at(3, Go("main", origin=KEY))
    assert room.level("fog") == 0.0


def test_what_chains_by_itself_fires_nothing_that_is_attended() -> None:
    room = attended()
    room.at(1, Arm("smoke", True, origin=LI))
    room.at(2, Go("main", "2", origin=KEY))
    room.at(4)

    assert (
        room.said()[-1] == "3 main/3 goes on without smoke: what is attended is fired by a person, and nobody asked for this now"
    )
    assert room.level("fog") == 0.0


def test_a_permit_that_falls_disarms() -> None:
    room = attended()
    room.at(1, Arm("smoke", True, origin=LI))
    room.granted(2, False)
    room.granted(3)
    room.at(4, Go("main", origin=KEY))
    assert (room.phase, room.level("fog")) == (ENABLED, 0.0)


def test_what_is_interlocked_needs_no_arming() -> None:
    room = burning()
    answer = room.at(2, Arm("smoke", True, origin=LI))
    assert answer is not None
    assert answer.refused == "smoke is interlocked: its permit alone decides"


def test_an_interlock_is_kept_with_the_state() -> None:
    room = attended()
    room.at(1, Arm("smoke", True, origin=LI))
    there = restore(keep(room.state))
    assert there.hazards == room.state.hazards
    again = Foggy(room.show, there)
    again.at(2, Go("main", origin=KEY))
    assert again.phase is FIRE
