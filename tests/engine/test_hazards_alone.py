"""A hazard's universe belongs to us alone: while somebody else sends there, no permit holds."""

from dataclasses import replace

from showctl.engine.events import DeviceHealth
from showctl.engine.state import HazardPhase
from tests.engine.booth import cue, move, show_of
from tests.engine.fog import Foggy, fog, foggy

SAFE, ENABLED, FIRE = HazardPhase.SAFE, HazardPhase.ENABLED, HazardPhase.FIRE
ON = replace(cue("1"), light=(move({"a": 80}), fog(60)))
DESK = "FOH desk (10.0.0.9) also sends sacn/1, at priority 120; ours is 100: it wins."


def burning() -> Foggy:
    """Fog since 1 s, on sacn/1."""
    room = Foggy(foggy(show_of(ON, cue("2", {"a": 0}))))
    room.granted(0.5)
    room.go(1)
    assert room.phase is FIRE
    return room


def test_a_foreign_source_makes_it_safe_in_the_same_instant_and_says_who_it_is() -> None:
    room = burning()
    room.at(2, DeviceHealth("sacn/1", "degraded", DESK))

    assert (room.phase, room.level("fog"), room.shown(2), room.level("a")) == (SAFE, 0, 0, 80)
    assert room.said()[-1] == f"2 smoke is safe: sacn/1 is not ours alone: {DESK}"


def test_it_is_enabled_again_when_the_source_is_gone_and_waits_for_a_cue() -> None:
    room = burning()
    room.at(2, DeviceHealth("sacn/1", "degraded", DESK))
    room.at(3, DeviceHealth("sacn/1", "ok"))

    assert (room.phase, room.level("fog")) == (ENABLED, 0)


def test_a_source_on_another_universe_is_no_matter() -> None:
    room = burning()
    room.at(2, DeviceHealth("sacn/2", "degraded", DESK))

    assert (room.phase, room.level("fog")) == (FIRE, 60)


def test_while_the_source_is_there_a_cue_goes_on_without_its_hazard() -> None:
    room = Foggy(foggy(show_of(ON)))
    room.granted(0.5)
    room.at(1, DeviceHealth("sacn/1", "degraded", DESK))
    room.go(2)

    assert (room.level("a"), room.level("fog")) == (80, 0)
    assert "sacn/1 is not ours alone" in room.said()[-1]
