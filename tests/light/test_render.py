"""Render is held to a slow reference that says the same rules again, over any plan; and to itself at any instant."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from showctl.light.clocks import Clock, table
from showctl.light.plan import Plan, RowKind
from showctl.light.render import level_at, levels, next_change, output, owners, prepare, update
from tests.light.plans import PATCH, RENDERING, SUBMASTERS, any_plan, instants, steady
from tests.light.reference import Room


def slots(plan: Plan, now: int) -> NDArray[np.uint8]:
    out = np.full((2, 512), 7, np.uint8)
    output(prepare(RENDERING, plan), now, out)
    return out


@steady
@given(any_plan(), st.lists(instants, min_size=1, max_size=4))
def test_levels_are_those_of_the_reference(plan: Plan, moments: list[int]) -> None:
    prepared, room = prepare(RENDERING, plan), Room(PATCH, plan, SUBMASTERS)

    for now in moments:
        assert levels(prepared, now).tolist() == [room.level(p, now) for p in PATCH.parameters], now


@steady
@given(any_plan(), st.lists(instants, min_size=1, max_size=4))
def test_slots_are_those_of_the_reference(plan: Plan, moments: list[int]) -> None:
    prepared, room = prepare(RENDERING, plan), Room(PATCH, plan, SUBMASTERS)
    out = np.full((2, 512), 7, np.uint8)

    for now in moments:
        output(prepared, now, out)
        assert [bytes(universe) for universe in out] == room.slots(now), now


@steady
@given(any_plan(), instants, st.lists(st.integers(0, len(PATCH.parameters) - 1)))
def test_level_at_is_what_render_shows(plan: Plan, now: int, parameters: list[int]) -> None:
    prepared = prepare(RENDERING, plan)

    asked = level_at(prepared, now, np.array(parameters, np.intp))

    assert asked.tolist() == levels(prepared, now)[parameters].tolist()


@steady
@given(any_plan(), st.lists(instants, min_size=2, max_size=6))
def test_what_was_asked_before_changes_no_answer(plan: Plan, moments: list[int]) -> None:
    prepared = prepare(RENDERING, plan)
    out = np.zeros((2, 512), np.uint8)

    for now in moments:
        output(prepared, now, out)
        assert out.tobytes() == slots(plan, now).tobytes(), now


@steady
@given(any_plan(), instants, st.lists(st.integers(0, 400), min_size=1, max_size=6))
def test_who_asks_from_an_instant_on_gets_the_same_answers(plan: Plan, since: int, later: list[int]) -> None:
    prepared = prepare(RENDERING, plan, since)
    out = np.zeros((2, 512), np.uint8)

    for now in [since, *(since + more for more in sorted(later))]:
        update(prepared, now, out)
        assert out.tobytes() == slots(plan, now).tobytes(), now
        assert levels(prepared, now).tolist() == levels(prepare(RENDERING, plan), now).tolist(), now
        assert next_change(prepared, now) == next_change(prepare(RENDERING, plan), now), now


@steady
@given(any_plan(), st.lists(instants, min_size=2, max_size=12))
def test_drawing_only_what_moves_leaves_the_same_slots(plan: Plan, moments: list[int]) -> None:
    prepared = prepare(RENDERING, plan)
    out = np.full((2, 512), 7, np.uint8)
    before = out.copy()

    for now in [instant for moment in sorted(moments) for instant in (moment, moment + 1, moment + 2)] + moments:
        changed = update(prepared, now, out)
        assert out.tobytes() == slots(plan, now).tobytes(), now
        if changed is not None:
            assert (out[~changed] == before[~changed]).all(), now
        before[:] = out


@steady
@given(any_plan(), instants, instants)
def test_nothing_changes_before_the_next_change(plan: Plan, now: int, later: int) -> None:
    prepared = prepare(RENDERING, plan)
    change = next_change(prepared, now)

    assert change is None or change >= now
    until = 300 if change is None else change
    for moment in sorted({later, until - 1}):
        if now <= moment < until:
            assert slots(plan, moment).tobytes() == slots(plan, now).tobytes()
            assert levels(prepared, moment).tolist() == levels(prepared, now).tolist()


@steady
@given(any_plan(), instants, st.integers(0, 50), instants)
def test_a_pause_is_a_shift(plan: Plan, stop: int, held: int, after: int) -> None:
    rows, masters = plan.rows.copy(), plan.masters.copy()
    rows["until"] = 0  # permission is a matter of show time, and lapses while the clock stands
    rows["clock"], masters["clock"] = np.maximum(rows["clock"], 1), np.maximum(masters["clock"], 1)
    clocks = [Clock(*(int(c[n]) for n in ("id", "anchor", "position", "num"))) for c in plan.clocks]
    paused = [clock.paused(stop) for clock in clocks]
    resumed = [paused_clock.rated(stop + held, clock.num) for clock, paused_clock in zip(clocks, paused, strict=True)]

    def seen(lines: list[Clock], now: int) -> bytes:
        return slots(Plan(rows, table(tuple(lines)), masters), now).tobytes()

    assert seen(paused, stop + held) == seen(clocks, stop)
    assert seen(resumed, stop + held + after) == seen(clocks, stop + after)


@steady
@given(any_plan(), instants)
def test_a_level_without_an_owner_is_its_default(plan: Plan, now: int) -> None:
    relative = plan.rows["kind"] == RowKind.EFFECT
    plan = Plan(plan.rows[~relative & (plan.rows["kind"] != RowKind.PARK)], plan.clocks)
    prepared = prepare(RENDERING, plan)

    free = owners(prepared, now) == 0

    assert levels(prepared, now)[free].tolist() == RENDERING.defaults[free].tolist()
    assert set(owners(prepared, now).tolist()) <= {0, *plan.rows["owner"].tolist()}
