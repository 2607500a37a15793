"""Moves become rows that begin where the light is: no step at any hand-over, and nobody misses a row that was dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import event, given
from hypothesis import strategies as st

from showctl.light.clocks import Clock, table
from showctl.light.plan import Plan, PlanChange, RowKind, Rows, apply
from showctl.light.render import levels, output, prepare
from showctl.light.rows import (
    LOOKED_THROUGH,
    rows_for_effect,
    rows_for_levels,
    rows_for_moves,
    settled,
    superseded,
    unmissed,
)
from showctl.light.stack import NEVER
from showctl.light.standing import Standing
from showctl.show.cues import Effect, LightMove, MoveKind, Wave
from tests.light.plans import (
    FOG_LEVEL,
    GOBO,
    INTENSITY,
    PAN,
    PATCH,
    PRIORITIES,
    RED,
    RENDERING,
    any_plan,
    instants,
    lengths,
    plan,
    row,
    steady,
)
from tests.light.plans import levels as any_level

FULL = 65535


def made(of: Plan, now: int, *moves: LightMove, **more: Any) -> Rows:
    asked: dict[str, Any] = {"owner": 5, "list_index": 0, "priority": 100, "htp": False, "clock": 0, "local": now}
    first = int(of.rows["id"].max(initial=0)) + 1
    return rows_for_moves(prepare(RENDERING, of), moves, now, first_id=first, **(asked | more))


def with_rows(of: Plan, rows: Rows) -> Plan:
    return apply(of, PlanChange(0, rows_in=rows))


def seen(of: Plan, parameter: int, *moments: int) -> list[int]:
    prepared = prepare(RENDERING, of)
    return [int(levels(prepared, now)[parameter]) for now in moments]


def told(rows: Rows, *columns: str) -> list[tuple[int, ...]]:
    return [tuple(int(one[name]) for name in columns) for one in rows]


# --- times -------------------------------------------------------------------------------------------------------------


def test_what_rises_takes_up_and_intensity_that_falls_takes_down() -> None:
    lit = plan(row(id=1, parameter=INTENSITY, target=40000), row(id=2, parameter=RED, target=40000))
    move = LightMove((INTENSITY, RED, 8), (100, 100, 100), up=3, down=5, curve="s")

    assert told(made(lit, 0, move), "id", "parameter", "source", "target", "duration", "curve") == [
        (3, INTENSITY, 40000, 100, 5, 1),
        (4, RED, 40000, 100, 3, 1),
        (5, 8, 0, 100, 3, 1),
    ]


def test_snap_parameters_jump_at_the_start_of_the_fade() -> None:
    move = LightMove((GOBO, PAN), (500, 500), up=10, delay=2)

    assert told(made(plan(), 100, move), "parameter", "start", "duration") == [(GOBO, 102, 0), (PAN, 102, 10)]


def test_only_hazards_carry_a_permission() -> None:
    rows = made(plan(), 0, LightMove((RED, FOG_LEVEL), (9, 9)), until=777)

    assert told(rows, "parameter", "until", "safe") == [(RED, 0, 0), (FOG_LEVEL, 777, 0)]


def test_no_moves_make_no_rows() -> None:
    assert len(made(plan(), 0)) == 0
    assert len(made(plan(), 0, LightMove((), ()))) == 0


# --- hand-overs --------------------------------------------------------------------------------------------------------------


def test_a_second_cue_retargets_from_the_live_value() -> None:
    first = plan(row(id=1, duration=100, target=FULL))
    both = with_rows(first, made(first, 50, LightMove((INTENSITY,), (0,), down=100)))

    assert seen(both, INTENSITY, 49, 50, 100, 150) == [32112, 32768, 16384, 0]


def test_a_delayed_move_begins_where_the_light_will_be() -> None:
    first = plan(row(id=1, duration=100, target=FULL))
    both = with_rows(first, made(first, 20, LightMove((INTENSITY,), (0,), down=10, delay=30)))

    assert seen(both, INTENSITY, 20, 49, 50, 55, 60) == [13106, 32112, 32768, 16384, 0]


def test_a_move_under_a_swinging_effect_takes_the_rest_position() -> None:
    swinging = plan(
        row(id=1, parameter=PAN, source=20000, target=20000),
        row(id=2, parameter=PAN, kind=RowKind.EFFECT, period=100, size=1000),
    )
    both = with_rows(swinging, made(swinging, 25, LightMove((PAN,), (30000,), up=1000)))

    assert seen(swinging, PAN, 25) == [21000]
    assert seen(both, PAN, 25) == [21000]


def test_a_move_under_a_higher_list_goes_on_from_its_own_level() -> None:
    covered = plan(row(id=1, target=20000), row(id=2, list=1, priority=200, target=60000))

    assert told(made(covered, 5, LightMove((INTENSITY,), (0,), down=9)), "source") == [(20000,)]


def test_an_htp_list_comes_up_from_below_the_others() -> None:
    lit = plan(row(id=1, list=1, htp=1, target=50000))
    both = with_rows(lit, made(lit, 0, LightMove((INTENSITY,), (60000,), up=100), htp=True))

    assert told(both.rows[1:], "source") == [(0,)]
    assert seen(both, INTENSITY, 0, 50, 100) == [50000, 50000, 60000]


def test_an_htp_list_joining_others_does_not_bring_up_what_they_cover() -> None:
    lit = plan(row(id=1, list=3, priority=80, target=60000), row(id=2, list=1, htp=1, target=50000))
    both = with_rows(lit, made(lit, 0, LightMove((INTENSITY,), (40000,), down=100), htp=True))

    assert seen(lit, INTENSITY, 0) == [50000]
    assert seen(both, INTENSITY, 0, 100) == [50000, 50000]


# --- release --------------------------------------------------------------------------------------------------------------------


def test_a_release_fades_to_what_is_underneath_and_leaves_nothing() -> None:
    two = plan(row(id=1, list=1, target=2000), row(id=2, list=0, target=8000))
    release = made(two, 10, LightMove((INTENSITY, RED), (), up=7, down=100, kind=MoveKind.RELEASE))
    after = with_rows(two, release)

    assert told(release, "parameter", "kind", "duration") == [(INTENSITY, RowKind.RELEASE, 100)]
    assert seen(after, INTENSITY, 10, 60, 110) == [8000, 5000, 2000]
    assert settled(after, 109).tolist() == [2]
    assert settled(after, 110).tolist() == [2, 3]


def test_a_release_towards_something_brighter_takes_up() -> None:
    two = plan(row(id=1, list=1, target=9000), row(id=2, list=0, target=100))

    assert told(made(two, 0, LightMove((INTENSITY,), (), up=7, down=100, kind=MoveKind.RELEASE)), "duration") == [(7,)]


def test_a_release_of_what_is_covered_holds_nothing_back() -> None:
    covered = plan(row(id=1, list=0, target=8000), row(id=2, list=1, duration=100, source=0, target=1000))
    after = with_rows(covered, made(covered, 10, LightMove((INTENSITY,), (), up=50, down=50, kind=MoveKind.RELEASE)))

    assert seen(after, INTENSITY, 10, 50, 100) == [100, 500, 1000]


# --- effects and people ---------------------------------------------------------------------------------------------------------


def test_an_effect_gets_a_row_for_each_parameter_in_order() -> None:
    effect = Effect("sway", (PAN, RED), (0, 32768), Wave.TRIANGLE, 400, relative=True, size=9, seed=3, entry=10, exit_=20)
    rows = rows_for_effect(RENDERING, effect, first_id=7, owner=5, list_index=1, priority=90, clock=0, local=100, until=1)

    columns = ("id", "parameter", "kind", "wave", "phase", "size", "start", "period", "entry", "exit", "priority", "until")
    assert told(rows, *columns) == [
        (7, PAN, RowKind.EFFECT, 2, 0, 9, 100, 400, 10, 20, 90, 0),
        (8, RED, RowKind.EFFECT, 2, 32768, 9, 100, 400, 10, 20, 90, 0),
    ]
    assert rows["element"][0] != rows["element"][1]


def test_the_first_row_of_a_chased_parameter_holds_its_low() -> None:
    parameters = (INTENSITY, RED, INTENSITY)
    chase = Effect("ring", parameters, (0, 0, 9), Wave.STEPS, 400, relative=False, low=50, highs=(1, 2, 3))
    rows = rows_for_effect(RENDERING, chase, first_id=1, owner=5, list_index=0, priority=100, clock=0, local=0)

    assert told(rows, "kind", "source", "target") == [(RowKind.CHASE, 50, 1), (RowKind.CHASE, 50, 2), (RowKind.CHASE, -1, 3)]


def test_a_grab_holds_at_once() -> None:
    lit = plan(row(id=1, target=9))
    grabbed = with_rows(lit, rows_for_levels(RENDERING, (INTENSITY,), (777,), first_id=2, owner=0, now=50))

    assert seen(grabbed, INTENSITY, 49, 50) == [9, 777]


# --- nobody misses them --------------------------------------------------------------------------------------------------------


def test_a_new_row_supersedes_older_ones_of_its_list_only_once_it_has_started() -> None:
    held = plan(row(id=1), row(id=2, list=1), row(id=3, parameter=RED), row(id=4, kind=RowKind.CHASE))
    at_once = made(held, 5, LightMove((INTENSITY,), (9,), up=50))
    later = made(held, 5, LightMove((INTENSITY,), (9,), up=50, delay=1))

    assert superseded(held, at_once, 5).tolist() == [1]
    assert superseded(held, later, 5).tolist() == []
    assert settled(with_rows(held, later), 5).tolist() == []
    assert settled(with_rows(held, later), 6).tolist() == [1]


def everything(of: Plan, now: int) -> bytes:
    prepared = prepare(RENDERING, of)
    out = np.zeros((2, 512), np.uint8)
    output(prepared, now, out)
    return levels(prepared, now).tobytes() + out.tobytes()


@steady
@given(any_plan(), instants, instants)
def test_settled_rows_are_missed_at_no_later_instant(of: Plan, now: int, later: int) -> None:
    less = apply(of, PlanChange(now, rows_out=settled(of, now)))

    assert everything(less, now + later) == everything(of, now + later)


moves = st.builds(
    lambda wanted, up, down, delay: LightMove(tuple(wanted), tuple(wanted.values()), up, down, delay),
    st.dictionaries(st.sampled_from(range(len(PATCH.parameters))), any_level, min_size=8, max_size=15),
    lengths,
    lengths,
    lengths,
)
releases = st.builds(lambda move: replace(move, levels=(), kind=MoveKind.RELEASE), moves)


@steady
@given(any_plan(), instants, instants, st.lists(st.one_of(moves, releases), max_size=3), st.integers(0, 3), st.booleans())
def test_superseded_rows_are_missed_at_no_later_instant(
    of: Plan, now: int, later: int, asked: list[LightMove], which: int, htp: bool
) -> None:
    rows = made(of, now, *asked, list_index=which, priority=PRIORITIES[which], htp=htp)
    whole = with_rows(of, rows)
    less = apply(of, PlanChange(now, rows_out=superseded(of, rows, now), rows_in=rows))

    assert everything(less, now + later) == everything(whole, now + later)


@steady
@given(any_plan(), instants, instants, st.lists(st.one_of(moves, releases), max_size=3), st.integers(0, 3), st.booleans())
def test_what_a_move_takes_away_beside_it_is_missed_at_no_later_instant(
    of: Plan, now: int, later: int, asked: list[LightMove], which: int, htp: bool
) -> None:
    rows = made(of, now, *asked, list_index=which, priority=PRIORITIES[which], htp=htp)
    whole = with_rows(of, rows)
    gone = unmissed(of, rows, now)
    less = apply(of, PlanChange(now, rows_out=gone, rows_in=rows))

    assert everything(less, now + later) == everything(whole, now + later)
    assert set(superseded(of, rows, now).tolist()) <= set(gone.tolist())
    beside = of.rows["id"][np.isin(of.rows["parameter"], rows["parameter"])]
    assert set(settled(of, now)[np.isin(settled(of, now), beside)].tolist()) <= set(gone.tolist())


def test_once_in_a_thousand_rows_a_move_looks_through_the_whole_plan() -> None:
    over = plan(row(id=1, parameter=RED), row(id=2, parameter=RED))
    first = LOOKED_THROUGH - 2
    moved = rows_for_moves(
        prepare(RENDERING, over),
        (LightMove((INTENSITY,), (9,)),),
        0,
        first_id=first,
        owner=1,
        list_index=0,
        priority=100,
        htp=False,
        clock=0,
        local=0,
    )
    assert unmissed(over, moved, 0).tolist() == []
    moved = moved.copy()
    moved["id"] += 1
    assert unmissed(over, moved, 0).tolist() == [1]


@steady
@given(any_plan((RowKind.SET,)), instants, st.lists(moves, max_size=2), st.integers(0, 3))
def test_where_every_row_stands_alone_a_look_through_the_whole_plan_finds_what_looking_beside_the_move_does(
    of: Plan, now: int, asked: list[LightMove], which: int
) -> None:
    alone = of.rows[np.sort(np.unique(of.rows["parameter"], return_index=True)[1])]
    of = Plan(alone, of.clocks)
    rows = made(of, now, *asked, list_index=which, priority=PRIORITIES[which])
    beside = unmissed(of, rows, now)
    rows = rows.copy()
    rows["id"] += LOOKED_THROUGH * (1 + len(rows)) - (int(rows["id"][-1]) if len(rows) else 0)
    event(f"takes {'some' if len(beside) else 'nothing'} away")

    assert unmissed(of, rows, now).tolist() == beside.tolist()


AT_REST = any_plan((RowKind.SET, RowKind.SET, RowKind.OVERRIDE))


@steady
@given(AT_REST, st.integers(0, 300), st.integers(0, 3), st.booleans())
def test_where_nothing_moves_the_short_way_finds_what_the_stacks_say(of: Plan, now: int, which: int, one_list: bool) -> None:
    rows = of.rows.copy()
    rows["until"] = 0
    if one_list:
        rows["list"], rows["priority"], rows["htp"] = which, PRIORITIES[which], 0
    rows["start"], rows["duration"] = rows["start"] % 50, rows["duration"] % 50
    asked = np.arange(len(PATCH.parameters))
    standing = Standing(prepare(RENDERING, Plan(rows, of.clocks)), asked, which, PRIORITIES[which], htp=False)
    short = standing._at_rest(now) if standing._plain else None
    event("the short way" if short is not None else "the stacks")
    if short is not None:
        found, till = standing._own.levels(now)
        assert short.tolist() == found.tolist()
        assert till == NEVER


SETTINGS = (RowKind.SET, RowKind.RELEASE, RowKind.EFFECT, RowKind.CHASE, RowKind.OVERRIDE)


@steady
@given(any_plan(SETTINGS), st.integers(0, 90), st.one_of(moves, releases), st.integers(0, 3), st.booleans())
def test_no_move_makes_a_step_when_it_takes_over(of: Plan, now: int, asked: LightMove, which: int, htp: bool) -> None:
    rows = of.rows.copy()
    rows["htp"], rows["until"] = htp, 0
    of = Plan(rows, of.clocks)
    slow = replace(asked, up=10**9, down=10**9, delay=0)  # so slow that only a step can be seen
    added = made(of, now, slow, list_index=which, priority=PRIORITIES[which], htp=htp)
    added = added[~RENDERING.snap[added["parameter"]]]

    before, after = prepare(RENDERING, of), prepare(RENDERING, with_rows(of, added))

    assert levels(after, now).tolist() == levels(before, now).tolist()


@steady
@given(any_plan((RowKind.SET,)), st.integers(0, 90), moves)
def test_every_fade_ends_exactly_where_it_was_sent(of: Plan, now: int, asked: LightMove) -> None:
    clocks = table((Clock(1), Clock(2), Clock(3)))
    of = Plan(of.rows[of.rows["priority"] == 100], clocks)
    rows = of.rows.copy()
    rows["htp"], rows["start"] = 0, 0
    of = Plan(rows, clocks)

    after = prepare(RENDERING, with_rows(of, made(of, now, asked)))

    done = now + asked.delay + max(asked.up, asked.down)
    assert levels(after, done)[list(asked.parameters)].tolist() == list(asked.levels)
