"""Which row shows, told as short stories: lists, priorities, HTP and LTP, release, effects, permission, grabs, masters."""

from __future__ import annotations

import numpy as np

from showctl.light.clocks import Clock
from showctl.light.masters import FIRST_SUBMASTER, master_row
from showctl.light.plan import MasterKind, Plan, RowKind
from showctl.light.render import levels, next_change, output, owners, prepare
from tests.light.plans import (
    BLUE,
    FOG_LEVEL,
    GOBO,
    HEAD_INTENSITY,
    INTENSITY,
    PAN,
    RED,
    RENDERING,
    TILT,
    plan,
    row,
)

FULL = 65535


def seen(of: Plan, parameter: int, *moments: int) -> list[int]:
    prepared = prepare(RENDERING, of)
    return [int(levels(prepared, now)[parameter]) for now in moments]


def owned(of: Plan, parameter: int, now: int) -> int:
    return int(owners(prepare(RENDERING, of), now)[parameter])


def slots(of: Plan, now: int) -> list[bytes]:
    out = np.zeros((2, 512), np.uint8)
    output(prepare(RENDERING, of), now, out)
    return [bytes(universe) for universe in out]


# --- one list ---------------------------------------------------------------------------------------------------------


def test_a_fade_starts_moves_and_arrives_at_its_instants() -> None:
    fade = plan(row(start=10, duration=100, source=0, target=FULL))

    assert seen(fade, INTENSITY, 9, 10, 60, 109, 110, 10**12) == [0, 0, 32768, 64879, FULL, FULL]


def test_the_newest_row_that_has_started_counts() -> None:
    delayed = plan(row(id=1, source=100, target=100), row(id=2, start=50, source=200, target=200), row(id=3, start=20, target=0))

    assert seen(delayed, RED, 0) == [0]
    assert seen(delayed, INTENSITY, 0, 19, 20, 50, 90) == [100, 100, 0, 0, 0]


def test_what_nobody_holds_rests_at_its_default() -> None:
    assert seen(plan(), PAN, 0) == [32768]
    assert owned(plan(), PAN, 0) == 0


# --- between lists ----------------------------------------------------------------------------------------------------


def test_priority_wins_over_what_is_newer() -> None:
    two = plan(row(id=1, list=0, priority=120, target=500, owner=1), row(id=2, list=1, priority=100, target=900, owner=2))

    assert seen(two, INTENSITY, 5) == [500]
    assert owned(two, INTENSITY, 5) == 1


def test_equal_ltp_lists_show_the_newer() -> None:
    two = plan(row(id=1, list=0, target=900, owner=1), row(id=2, list=1, start=10, target=500, owner=2))

    assert seen(two, INTENSITY, 9, 10) == [900, 500]
    assert [owned(two, INTENSITY, now) for now in (9, 10)] == [1, 2]


def test_htp_takes_the_highest_intensity_and_the_latest_of_all_else() -> None:
    def two(parameter: int) -> Plan:
        return plan(
            row(id=1, list=0, parameter=parameter, htp=1, target=900, owner=1),
            row(id=2, list=1, parameter=parameter, htp=1, target=500, owner=2),
        )

    assert seen(two(INTENSITY), INTENSITY, 0) == [900]
    assert owned(two(INTENSITY), INTENSITY, 0) == 1
    assert seen(two(RED), RED, 0) == [500]
    assert owned(two(RED), RED, 0) == 2


def test_htp_lists_of_a_higher_priority_replace_what_is_below() -> None:
    two = plan(row(id=1, list=0, target=900), row(id=2, list=1, priority=120, htp=1, target=500))

    assert seen(two, INTENSITY, 0) == [500]


# --- release ----------------------------------------------------------------------------------------------------------


def test_a_release_lands_on_the_next_owner_underneath_even_if_that_moves() -> None:
    released = plan(
        row(id=1, list=0, duration=200, source=0, target=2000, owner=1),
        row(id=2, list=1, source=8000, target=8000, owner=2),
        row(id=3, list=1, kind=RowKind.RELEASE, start=50, duration=100, source=8000, owner=2),
    )

    assert seen(released, INTENSITY, 49, 50, 100, 149, 150, 200) == [8000, 8000, 4500, 1555, 1500, 2000]
    assert [owned(released, INTENSITY, now) for now in (100, 150)] == [2, 1]


def test_a_release_with_nothing_underneath_lands_on_the_default() -> None:
    released = plan(
        row(id=1, parameter=PAN, target=0),
        row(id=2, parameter=PAN, kind=RowKind.RELEASE, start=10, duration=10, source=0),
    )

    assert seen(released, PAN, 10, 15, 20) == [0, 16384, 32768]


def test_an_htp_release_ends_without_a_step_above_a_lower_priority() -> None:
    three = plan(
        row(id=1, list=0, priority=80, target=30000),
        row(id=2, list=1, htp=1, target=10000),
        row(id=3, list=2, htp=1, kind=RowKind.RELEASE, duration=100, source=50000),
    )

    assert seen(three, INTENSITY, 0, 50, 99, 100) == [50000, 30000, 10400, 10000]


# --- effects -------------------------------------------------------------------------------------------------------------


def sway(**more: int) -> Plan:
    return plan(
        row(id=1, list=0, parameter=PAN, source=20000, target=20000, owner=1),
        row(id=2, list=0, parameter=PAN, kind=RowKind.EFFECT, period=100, size=1000, owner=2, **more),
    )


def test_an_effect_swings_about_what_is_beneath() -> None:
    assert seen(sway(), PAN, 0, 25, 50, 75, 100) == [20000, 21000, 20000, 19000, 20000]
    assert owned(sway(), PAN, 25) == 1


def test_an_effect_comes_in_and_goes_out() -> None:
    assert seen(sway(entry=50), PAN, 25, 125) == [20500, 21000]
    assert seen(sway(ends=100, exit=50), PAN, 25, 125, 150, 175) == [21000, 20500, 20000, 20000]


def test_an_effect_does_not_show_through_a_list_of_higher_priority() -> None:
    covered = plan(*(sway().rows[n : n + 1] for n in (0, 1)), row(id=3, list=2, priority=300, parameter=PAN, target=7))

    assert seen(covered, PAN, 25) == [7]


def test_a_chase_of_two_steps_shows_each_while_it_is_lit_and_its_low_otherwise() -> None:
    step = {"kind": RowKind.CHASE, "wave": 5, "period": 100, "width": 16384}
    chase = plan(
        row(id=1, source=100, target=60000, **step),
        row(id=2, source=-1, target=30000, phase=65536 - 16384, **step),
    )

    assert seen(chase, INTENSITY, 0, 24, 25, 49, 50, 99, 100) == [60000, 60000, 30000, 30000, 100, 100, 60000]


# --- hazards -----------------------------------------------------------------------------------------------------------------


def test_fog_stops_one_nanosecond_after_its_permission() -> None:
    fog = plan(row(parameter=FOG_LEVEL, target=50000, until=500, safe=3))

    assert seen(fog, FOG_LEVEL, 499, 500, 501) == [50000, 50000, 3]
    assert next_change(prepare(RENDERING, fog), 0) == 501
    assert next_change(prepare(RENDERING, fog), 501) is None


def test_a_chase_without_permission_is_safe_too() -> None:
    chase = plan(row(parameter=FOG_LEVEL, kind=RowKind.CHASE, wave=5, width=65535, period=9, target=50000, until=500))

    assert seen(chase, FOG_LEVEL, 500, 501) == [50000, 0]


# --- people --------------------------------------------------------------------------------------------------------------------


def test_a_grab_wins_over_every_list_and_effect() -> None:
    grabbed = plan(*(sway().rows[n : n + 1] for n in (0, 1)), row(id=3, list=-1, kind=RowKind.OVERRIDE, parameter=PAN, target=9))

    assert seen(grabbed, PAN, 25) == [9]


def test_a_park_outlives_grand_master_and_blackout() -> None:
    masters = np.concatenate(
        (
            master_row(0, MasterKind.GRAND, FULL, 32768, 0, 0, 0),
            master_row(1, MasterKind.BLACKOUT, 0, FULL, 0, 50, 0),
        )
    )
    lit = row(id=1, parameter=HEAD_INTENSITY, target=FULL)
    parked = row(id=2, parameter=HEAD_INTENSITY, kind=RowKind.PARK, target=FULL, owner=9)

    assert [slots(plan(lit, masters=masters), now)[0][505] for now in (49, 50)] == [0x80, 0]
    assert [slots(plan(lit, parked, masters=masters), now)[0][505] for now in (49, 50)] == [0xFF, 0xFF]
    assert owned(plan(lit, parked), HEAD_INTENSITY, 0) == 9


def test_a_spare_shows_what_the_light_it_stands_in_for_would_show_after_masters() -> None:
    half = master_row(0, MasterKind.GRAND, 32768, 32768, 0, 0, 0)
    lit = row(id=1, parameter=INTENSITY, target=40000), row(id=2, parameter=HEAD_INTENSITY, list=1, target=FULL)
    dead = row(id=3, list=-1, parameter=INTENSITY, kind=RowKind.PARK, target=0)
    follows = row(id=4, list=-1, parameter=HEAD_INTENSITY, kind=RowKind.FOLLOW, target=INTENSITY)
    hand = row(id=5, list=-1, parameter=HEAD_INTENSITY, kind=RowKind.OVERRIDE, target=0xFF00)

    assert slots(plan(*lit, dead, follows, masters=half), 0)[0][505] == 40000 // 2 >> 8
    assert slots(plan(*lit, dead, follows, hand, masters=half), 0)[0][505] == 0xFF00 // 2 + 1 >> 8


def test_a_blink_that_finds_a_light_is_seen_over_a_hand_and_ends_by_itself() -> None:
    hand = row(id=1, list=-1, parameter=HEAD_INTENSITY, kind=RowKind.OVERRIDE, target=20000)
    blink = row(
        id=2, list=-1, parameter=HEAD_INTENSITY, kind=RowKind.CHASE, wave=1, period=10, width=32768, target=FULL, start=5, ends=25
    )

    assert seen(plan(hand, blink), HEAD_INTENSITY, 4, 5, 10, 15, 25) == [20000, FULL, 0, FULL, 20000]


# --- masters and slots --------------------------------------------------------------------------------------------------------


def test_masters_dim_light_and_leave_focus_alone() -> None:
    black = master_row(1, MasterKind.BLACKOUT, 0, FULL, 0, 0, 0)
    lit = (
        row(id=1, parameter=HEAD_INTENSITY, target=FULL),
        row(id=2, parameter=PAN, target=0x1234),
        row(id=3, parameter=GOBO, target=FULL),
    )

    assert slots(plan(*lit, masters=black), 0)[0][505:512] == bytes([0, 0x12, 0x34, 0x63, 0xBF, 0x63, 0xFF])


def test_submasters_scale_or_bring_in_their_own_intensities() -> None:
    masters = np.concatenate(
        (
            master_row(FIRST_SUBMASTER, MasterKind.INHIBITIVE, FULL, 32768, 0, 0, 0),
            master_row(FIRST_SUBMASTER + 1, MasterKind.ADDITIVE, 0, 40000, 0, 0, 0),
        )
    )
    lit = row(id=1, parameter=INTENSITY, target=20000), row(id=2, parameter=RED, target=FULL)

    red, green, blue = slots(plan(*lit, masters=masters), 0)[0][:3]

    assert (red, green, blue) == (20000 >> 8, 0, 0)  # the wash brings 40000 in, the pars' master halves it


def test_a_virtual_dimmer_scales_colour() -> None:
    lit = plan(
        row(id=1, parameter=INTENSITY, target=32768), row(id=2, parameter=RED, target=FULL), row(id=3, parameter=BLUE, target=512)
    )

    assert slots(lit, 0)[0][:3] == bytes([0x80, 0, 1])


def test_filters_without_a_dimmer_close_to_be_dark() -> None:
    dark = slots(plan(), 0)[1][99:103]
    lit = slots(plan(row(parameter=8, target=FULL)), 0)[1][99:103]

    assert dark == bytes([255, 0, 255, 255])  # magenta is inverted
    assert lit == bytes([0, 255, 0, 0])


def test_an_inverted_default_stands_in_its_slots_from_the_start() -> None:
    level = FULL - 40000

    assert seen(plan(), TILT, 0) == [40000]
    assert slots(plan(), 0)[0][508:511] == bytes([level >> 8, level & 255, level >> 8])


# --- when to look again ---------------------------------------------------------------------------------------------------------


def test_next_change_names_the_start_then_now_then_nothing() -> None:
    fade = prepare(RENDERING, plan(row(start=10, duration=20, target=FULL)))

    assert [next_change(fade, now) for now in (0, 9, 10, 29, 30)] == [10, 10, 10, 29, None]


def test_a_stopped_clock_changes_nothing_until_it_runs() -> None:
    fade = row(clock=1, start=10, duration=20, target=FULL)

    held = prepare(RENDERING, plan(fade, clocks=(Clock(1, 0, 15, 0, 1),)))
    half_speed = prepare(RENDERING, plan(fade, clocks=(Clock(1, 0, 0, 1, 2),)))

    assert next_change(held, 1000) is None
    assert int(levels(held, 1000)[INTENSITY]) == 16384
    assert [next_change(half_speed, now) for now in (0, 19, 20, 59, 60)] == [20, 20, 20, 59, None]
