"""The fog budget of the house: what is on ends when it is used up, and the next cue goes on without it and says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from showctl.engine.budgets import MOST_USES
from showctl.engine.events import Origin, Reset
from showctl.engine.state import HazardPhase
from showctl.engine.view import view
from showctl.show.cues import Cue
from showctl.show.hazards import Budget
from showctl.show.instants import MINUTE, SECOND
from tests.engine.booth import cue, show_of
from tests.engine.fog import Foggy, fog, foggy

SCRIPT = Origin("script")
HOUR = 60 * MINUTE


def puff(label: str, level: float = 80) -> Cue:
    return replace(cue(label), light=(fog(level),))


def house(budget: Budget, *cues: Cue) -> Foggy:
    booth = Foggy(foggy(show_of(*(cues or (puff("1"), puff("2", 0), puff("3"), puff("4", 0), puff("5")))), budget=budget))
    booth.granted(1)
    return booth


def left(booth: Foggy, when: float) -> float:
    found: float = view(booth.show, booth.state, round(when * SECOND))["hazards"][0]["budget_left"]
    return found


def test_fog_ends_when_its_budget_is_used_up_and_the_next_cue_goes_on_without_it() -> None:
    booth = house(Budget(10 * SECOND))
    booth.go(10)
    booth.go(16)
    booth.at(17)
    assert (booth.phase, left(booth, 17)) == (HazardPhase.ENABLED, 3.75)
    booth.go(20)
    booth.at(23.7)
    assert booth.shown(23.7) == 80
    booth.at(24)
    assert booth.shown(24) == 0
    booth.go(30)
    booth.go(31)
    booth.at(40)
    assert booth.shown(40) == 0
    assert booth.said()[-2:] == [
        "23.75 smoke is enabled",
        "31 main/5 goes on without smoke: its fog budget of 10.0 s an hour is used up",
    ]


def test_an_hour_slides_and_a_reset_gives_none_of_it_back() -> None:
    booth = house(Budget(10 * SECOND))
    booth.go(0 + 10)
    booth.at(100)
    booth.at(200, Reset(SCRIPT))
    booth.granted(201)
    assert (left(booth, 3600), left(booth, 3614), left(booth, 3620)) == (0, 4, 10)
    booth.go(300)
    booth.at(301)
    assert booth.shown(301) == 0
    booth.at(302, Reset(SCRIPT))
    booth.granted(303)
    booth.go(3615)
    booth.at(3619.5)
    assert booth.shown(3619.5) == 80


def test_the_budget_of_a_show_is_whole_again_after_a_reset() -> None:
    booth = house(Budget(10 * SECOND, None))
    booth.go(10)
    booth.at(4000)
    assert (booth.shown(4000), left(booth, 4000)) == (0, 0)
    booth.at(4001, Reset(SCRIPT))
    booth.granted(4002)
    assert left(booth, 4002) == 10
    booth.go(4003)
    booth.at(4004)
    assert booth.shown(4004) == 80


@pytest.mark.parametrize("window", [HOUR, None])
def test_many_short_uses_are_remembered_in_little_and_never_count_for_less(window: int | None) -> None:
    booth = house(Budget(1000 * SECOND, window), *(puff(str(n), 80 if n % 2 else 0) for n in range(1, 301)))
    for n in range(300):
        booth.go(10 + n)
    booth.at(320)
    uses = booth.state.hazards[0].uses
    assert len(uses) <= MOST_USES
    assert 1000 - 300 <= left(booth, 320) <= 1000 - 150
