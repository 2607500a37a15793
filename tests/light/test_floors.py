"""Floors: light that no cue, no master and no blackout takes lower; a person who parks it may."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.light.masters import BLACKOUT, FIRST_SUBMASTER, GRAND, master_row
from showctl.light.plan import MasterKind, Plan, RowKind, Rows, pick
from showctl.light.render import Rendering, output, prepare, shown, update
from showctl.runtime.wire.facts import decode_facts, encode_facts
from showctl.show.levels import FULL
from showctl.show.show import Show
from tests.light.plans import HEAD_INTENSITY, INTENSITY, PATCH, SUBMASTERS, any_plan, instants, plan, row, steady

few = settings(steady, max_examples=30)
FLOOR = 6554
WITH = Rendering(replace(PATCH, floors=((HEAD_INTENSITY, FLOOR),)), SUBMASTERS)
WITHOUT = Rendering(PATCH, SUBMASTERS)


def level(of: Plan, parameter: int = HEAD_INTENSITY) -> int:
    return int(shown(prepare(WITH, of), 10)[parameter])


def lit(to: int, **more: int) -> Rows:
    return row(parameter=HEAD_INTENSITY, target=to, **more)


@pytest.mark.parametrize(
    "master",
    [
        master_row(GRAND, MasterKind.GRAND, 0, 0, 0, 0, 0),
        master_row(BLACKOUT, MasterKind.BLACKOUT, FULL, FULL, 0, 0, 0),
        master_row(FIRST_SUBMASTER, MasterKind.INHIBITIVE, 0, 0, 0, 0, 0),
    ],
    ids=["grand", "blackout", "submaster"],
)
def test_no_master_takes_it_under_its_floor(master: Rows) -> None:
    assert level(plan(lit(FULL), masters=master)) == FLOOR
    assert level(plan(row(parameter=INTENSITY, target=FULL), masters=master), INTENSITY) == 0, "this one has none"


def test_no_cue_takes_it_under_and_none_need_bring_it_up() -> None:
    assert level(plan(lit(0))) == FLOOR
    assert level(plan()) == FLOOR


def test_above_its_floor_it_is_what_cues_and_masters_make_it() -> None:
    half = master_row(GRAND, MasterKind.GRAND, 32768, 32768, 0, 0, 0)
    assert level(plan(lit(40000))) == 40000
    assert level(plan(lit(40000), masters=half)) == pytest.approx(20000, abs=2)


def test_who_parks_it_knows_what_he_does() -> None:
    assert level(plan(lit(FULL), row(id=2, kind=RowKind.PARK, parameter=HEAD_INTENSITY, target=0))) == 0


@few
@given(any_plan(), st.lists(instants, min_size=1, max_size=4))
def test_a_floor_lifts_what_is_below_it_and_nothing_else(drawn: Plan, moments: list[int]) -> None:
    of = Plan(pick(drawn.rows, drawn.rows["kind"] < RowKind.PARK), drawn.clocks, drawn.masters)
    for now in sorted(moments):
        plain, floored = shown(prepare(WITHOUT, of), now), shown(prepare(WITH, of), now)
        expected = plain.copy()
        expected[HEAD_INTENSITY] = max(int(plain[HEAD_INTENSITY]), FLOOR)
        assert floored.tolist() == expected.tolist()


@few
@given(any_plan(), st.lists(instants, min_size=2, max_size=5))
def test_a_part_of_the_room_drawn_over_the_last_frame_keeps_it_too(of: Plan, moments: list[int]) -> None:
    prepared = prepare(WITH, of)
    over, whole = np.zeros((2, 512), np.uint8), np.zeros((2, 512), np.uint8)
    for now in sorted(moments):
        update(prepared, now, over)
        output(prepare(WITH, prepared.plan), now, whole)
        assert over.tobytes() == whole.tobytes()


def test_some_universes_by_themselves_know_their_floors() -> None:
    some = WITH.only(np.array([True, False]))
    other = WITH.only(np.array([False, True]))
    assert (some.floors, other.floors) == (((HEAD_INTENSITY, FLOOR),), ())


def test_the_wire_is_told_of_them() -> None:
    """Also by the engine, after a reload: floors are part of the patch, and of its fingerprint."""
    show = Show("floors", replace(PATCH, floors=((HEAD_INTENSITY, FLOOR),)), ())

    assert decode_facts(encode_facts(show)).patch.floors == ((HEAD_INTENSITY, FLOOR),)
    assert encode_facts(show) != encode_facts(replace(show, patch=PATCH))
