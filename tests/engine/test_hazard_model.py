"""Every state that the hazard machine can come to, every input in each of them, every timeout: none leads astray.

The engine itself is walked through, breadth first, in steps of an eighth of a second; two states are the same when nothing
that could matter later differs (times are counted from now). In each of them: fog moves in FIRE only; FIRE means that every
permissive is there at this instant; and however long the wire is left alone from here on, it shows fog for no longer than
half a second after the last instant at which every permissive was there.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from showctl.engine.events import (
    Arm,
    DeviceHealth,
    DeviceReported,
    Evacuate,
    Event,
    Locate,
    Origin,
    Panic,
    Pause,
    Rearm,
    Reset,
    Resume,
    Start,
    Stop,
)
from showctl.engine.harmless import restarted
from showctl.engine.hazard_machine import ATTENDED, INTERLOCKED, Signal, after
from showctl.engine.state import HazardPhase, State, What
from showctl.engine.step import initial, step
from showctl.light.render import Rendering, levels, prepare
from showctl.show.fixtures import Hazard
from showctl.show.instants import MILLISECOND, Duration, Instant, seconds
from showctl.show.show import Show
from tests.engine.booth import cue, show_of
from tests.engine.fog import FAN, FOG, fog, foggy, turn

STEP = 125 * MILLISECOND
HOLD = 500 * MILLISECOND  # as the law has it, not as the engine has it
LONGEST, DWELL, REST, EXPIRES = seconds(1), seconds(0.25), seconds(0.25), seconds(0.75)
LI, KEY = Origin("console", "Li"), Origin("key")
FIRE, SAFE = HazardPhase.FIRE, HazardPhase.SAFE
RESTART, PASS = "restart", "time passes"

EVENTS: dict[str, Event] = {
    "the box grants": DeviceReported("box", "granted", True),
    "the box refuses": DeviceReported("box", "granted", False),
    "the box is well": DeviceHealth("box", "ok"),
    "the box is lost": DeviceHealth("box", "lost"),
    "fog, by key": Start("main", "1", KEY),
    "fog, by console": Start("main", "1", LI),
    "fog out": Start("main", "2", KEY),
    "winder, by key": Start("main", "3", KEY),
    "armed": Arm("smoke", True, origin=LI),
    "disarmed": Arm("smoke", False, origin=LI),
    "stop": Stop("main", over=0, origin=KEY),
    "pause": Pause("main", origin=KEY),
    "resume": Resume("main", origin=KEY),
    "locate": Locate("main", "1", KEY),
    "panic": Panic(KEY),
    "evacuate": Evacuate(KEY),
    "rearm": Rearm(LI),
    "reset": Reset(KEY),
}


@dataclass(frozen=True)
class Place:
    """A state, and when every permissive was last there."""

    state: State
    known: Instant | None


def show_with(kind: Hazard) -> Show:
    cues = (replace(cue("1"), light=(fog(60),)), replace(cue("2"), light=(fog(0),)), cue("3", None, 0, turn(3)))
    return replace(
        foggy(show_of(*cues), kind=kind, longest=LONGEST, dwell=DWELL, rest=REST, arm_expires=EXPIRES), panic_time=STEP
    )


def permitted(state: State) -> bool:
    return bool(state.values["box.granted"]) and state.values["box.health"] == "ok" and not state.latch


def what_matters(place: Place) -> tuple[object, ...]:
    """Everything that can make a difference to hazards from here on, in times from now."""
    state, now = place.state, place.state.now
    it = state.hazards[0]
    rows = state.plan.rows[np.isin(state.plan.rows["parameter"], (FOG, FAN))]
    return (
        it.phase,
        now - it.since if it.phase in (FIRE, HazardPhase.ARMED) else 0,
        None if it.permitted is None else min(now - it.permitted, DWELL),
        max(it.rests - now, 0),
        it.armed_on,
        tuple(device for device, _, _ in it.on),
        (state.values["box.granted"], state.values["box.health"], state.latch, state.lists[0].paused),
        tuple(sorted((due.what, due.local - now) for due in state.agenda if due.what in (What.HAZARD, What.PANIC_END))),
        tuple(
            sorted((int(r["kind"]), int(r["list"]), int(r["target"]), int(r["until"]) and int(r["until"]) - now) for r in rows)
        ),
        None if place.known is None else min(now - place.known, HOLD + 1),
    )


def next_places(show: Show, place: Place) -> Iterator[tuple[str, Place]]:
    """Everything that can happen now, and a little time without anything."""
    for name, event in EVENTS.items():
        state, _ = step(show, place.state, event, place.state.now)
        yield name, Place(state, state.now if permitted(place.state) or permitted(state) else place.known)
    state, _ = restarted(show, place.state)
    yield RESTART, Place(state, place.known)
    state, _ = step(show, place.state, None, place.state.now + STEP)
    yield PASS, Place(state, state.now if permitted(state) else place.known)


def longest_fog(rendering: Rendering, state: State) -> Duration | None:
    """How long the wire would still show fog if it never heard another word; None where it shows none."""
    until = state.plan.rows["until"][np.isin(state.plan.rows["parameter"], (FOG, FAN))]
    ready = prepare(rendering, state.plan)
    moments = sorted({state.now, *(int(u) for u in until if u), *(int(u) + 1 for u in until if u), state.now + seconds(30)})
    shown = [at - state.now for at in moments if levels(ready, at)[FOG] or levels(ready, at)[FAN]]
    return max(shown, default=None)


@pytest.mark.parametrize("kind", [Hazard.INTERLOCKED, Hazard.ATTENDED])
def test_no_way_leads_to_fog_without_every_permissive_in_the_last_half_second(
    kind: Hazard, capsys: pytest.CaptureFixture[str]
) -> None:
    show = show_with(kind)
    rendering = Rendering(show.patch, show.submasters)
    first = Place(initial(show), None)
    seen = {what_matters(first)}
    waiting = deque([first])
    ways = fires = 0
    while waiting:
        place = waiting.popleft()
        for name, there in next_places(show, place):
            ways += 1
            was, now = place.state.hazards[0].phase, there.state.hazards[0].phase
            if now is FIRE and was is not FIRE:
                fires += 1
                assert permitted(there.state)
                assert name in ("fog, by key", "winder, by key", *(("fog, by console",) if kind is Hazard.INTERLOCKED else ())), (
                    name
                )
                assert was is (HazardPhase.ENABLED if kind is Hazard.INTERLOCKED else HazardPhase.ARMED)
            assert now is not FIRE or permitted(there.state), "fire means permitted, at this very instant"
            assert not there.state.hazards[0].on or now is FIRE, "a device is on in FIRE only"
            if name in (RESTART, "panic", "evacuate", "locate", "reset"):
                assert now is not FIRE
            key = what_matters(there)
            if key in seen:
                continue
            seen.add(key)
            waiting.append(there)
            left = longest_fog(rendering, there.state)
            if left is not None:
                assert now is FIRE
                assert there.known is not None
                assert there.state.now + left <= there.known + HOLD
            if now is FIRE:
                assert there.state.now < there.state.hazards[0].since + LONGEST
    with capsys.disabled():
        sys.stdout.write(f"\n{kind.value}: {len(seen)} states, {ways} ways between them, {fires} into FIRE\n")
    assert fires > 0
    assert len(seen) > 100


def test_the_tables_know_one_way_into_fire_and_every_way_out() -> None:
    phases = list(HazardPhase)
    into = {(kind, phase, signal) for kind in (Hazard.INTERLOCKED, Hazard.ATTENDED) for phase in phases for signal in Signal
            if after(kind, phase, signal) is FIRE}  # fmt: skip
    assert into == {
        (Hazard.INTERLOCKED, HazardPhase.ENABLED, Signal.WANT),
        (Hazard.ATTENDED, HazardPhase.ARMED, Signal.WANT),
    }
    for table in (INTERLOCKED, ATTENDED):
        assert {signal for (phase, signal), to in table.items() if phase is FIRE and to is SAFE} == {
            Signal.FALL,
            Signal.HALT,
            Signal.DONE,
            Signal.LONGEST,
        }
        assert {to for (phase, _), to in table.items() if phase is FIRE} == {SAFE}
        assert {to for (_, signal), to in table.items() if signal in (Signal.FALL, Signal.HALT)} == {SAFE}
