"""Walls of pixels: where each pixel lies on the wire, what light it gives, and how sources meet. Slots are literal."""

from __future__ import annotations

import numpy as np
import pytest

from showctl.light.clocks import Clock, table
from showctl.light.masters import BLACKOUT, GRAND, master_row
from showctl.light.pixels_tables import light_table, slot_table
from showctl.light.plan import MasterKind, Plan, RowKind
from showctl.show.cues import Wave
from showctl.show.instants import SECOND
from showctl.show.pixels import Along, Footage, Wiring
from tests.light.walls import (
    BLUE,
    FULL,
    GREEN,
    INTENSITY,
    RED,
    level,
    numbered,
    patch,
    picture,
    playing,
    slots,
    wave,
)


def order_of(width: int, height: int, **wiring: object) -> list[int]:
    """The pixels (numbered from the top left) in the order in which they lie on the wire."""
    # A gamma of 2.2 keeps all these bytes apart.
    shown = slots(patch(width, height, numbered(width, height), gamma=2200, **wiring), playing(1))[0]  # type: ignore[arg-type]
    known = slots(patch(width, height, numbered(width, height), gamma=2200), playing(1))[0][0 : 3 * width * height : 3].tolist()
    return [known.index(slot) for slot in shown[0 : 3 * width * height : 3].tolist()]


# --- wiring ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wiring", "start", "expected"),
    [
        (Wiring.ROWS, "top left", [0, 1, 2, 3, 4, 5]),
        (Wiring.ROWS, "top right", [2, 1, 0, 5, 4, 3]),
        (Wiring.ROWS, "bottom left", [3, 4, 5, 0, 1, 2]),
        (Wiring.ROWS, "bottom right", [5, 4, 3, 2, 1, 0]),
        (Wiring.SERPENTINE, "top left", [0, 1, 2, 5, 4, 3]),
        (Wiring.SERPENTINE, "top right", [2, 1, 0, 3, 4, 5]),
        (Wiring.SERPENTINE, "bottom left", [3, 4, 5, 2, 1, 0]),
        (Wiring.SERPENTINE, "bottom right", [5, 4, 3, 0, 1, 2]),
        (Wiring.COLUMNS, "top left", [0, 3, 1, 4, 2, 5]),
        (Wiring.COLUMNS, "top right", [2, 5, 1, 4, 0, 3]),
        (Wiring.COLUMNS, "bottom left", [3, 0, 4, 1, 5, 2]),
        (Wiring.COLUMNS, "bottom right", [5, 2, 4, 1, 3, 0]),
        (Wiring.SERPENTINE_COLUMNS, "top left", [0, 3, 4, 1, 2, 5]),
        (Wiring.SERPENTINE_COLUMNS, "top right", [2, 5, 4, 1, 0, 3]),
        (Wiring.SERPENTINE_COLUMNS, "bottom left", [3, 0, 1, 4, 5, 2]),
        (Wiring.SERPENTINE_COLUMNS, "bottom right", [5, 2, 1, 4, 3, 0]),
    ],
)
def test_the_string_runs_as_it_is_wired(wiring: Wiring, start: str, expected: list[int]) -> None:
    assert order_of(3, 2, wiring=wiring, start=("right" in start, "bottom" in start)) == expected


def test_slots_of_one_row_byte_for_byte() -> None:
    shown = slots(patch(2, 1, picture(1, 2, 1, [(255, 0, 128), (64, 255, 0)])), playing(1))

    assert shown[0][:7].tolist() == [255, 0, 55, 13, 255, 0, 0]  # sRGB 128 is 21.6 % light, 64 is 5.1 %


def test_colours_lie_in_the_order_of_the_wall() -> None:
    shown = slots(patch(2, 1, picture(1, 2, 1, [(255, 0, 128), (64, 255, 0)]), order="grb"), playing(1))

    assert shown[0][:6].tolist() == [0, 255, 55, 255, 13, 0]


def test_white_takes_what_the_colours_have_in_common() -> None:
    shown = slots(patch(2, 1, picture(1, 2, 1, [(255, 128, 128), (0, 0, 255)]), order="wrgb"), playing(1))

    assert shown[0][:8].tolist() == [55, 200, 0, 0, 0, 0, 0, 255]


def test_a_wave_through_four_colours_has_the_same_white() -> None:
    of = patch(1, 1, wave(1, Wave.SQUARE, high=(FULL, 32768, 16384)), order="rgbw")

    assert slots(of, playing(1))[0][:4].tolist() == [191, 64, 0, 64]


# --- universes -------------------------------------------------------------------------------------------------------


def white(width: int, height: int) -> Footage:
    return picture(1, width, height, [(255, 255, 255)] * (width * height))


def lit(width: int, height: int, **more: object) -> list[list[int]]:
    """First and last slot that is up in each universe."""
    shown = slots(patch(width, height, white(width, height), **more), playing(1))  # type: ignore[arg-type]
    return [[int(up[0]) + 1, int(up[-1]) + 1] if len(up := np.flatnonzero(universe)) else [] for universe in shown]


def test_170_pixels_fill_510_slots_and_the_171st_begins_the_next_universe() -> None:
    assert lit(171, 1) == [[1, 510], [1, 3]]


def test_a_split_pixel_lies_across_two_universes() -> None:
    assert lit(171, 1, split=True) == [[1, 512], [1, 1]]


def test_a_wall_that_begins_late_has_less_in_its_first_universe() -> None:
    assert lit(4, 1, address=505) == [[505, 510], [1, 6]]


def test_a_wall_may_begin_where_no_pixel_fits() -> None:
    assert lit(2, 1, address=511) == [[], [1, 6]]
    assert lit(2, 1, address=511, split=True) == [[511, 512], [1, 4]]


def test_a_box_that_takes_128_pixels_gets_128() -> None:
    assert lit(130, 1, per_universe=128) == [[1, 384], [1, 6]]


def test_four_colours_fill_all_512_slots() -> None:
    shown = slots(patch(129, 1, white(129, 1), order="rgbw"), playing(1))

    assert shown[0][508:].tolist() == [0, 0, 0, 255]
    assert shown[1][:5].tolist() == [0, 0, 0, 255, 0]


def test_a_universe_of_510_slots_never_gets_more() -> None:
    assert lit(171, 1, slots=(510, 512), split=True) == [[1, 510], [1, 3]]


# --- light and slots ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gamma", [1000, 1800, 2200, 2800])
def test_a_slot_is_the_one_that_gives_the_nearest_light(gamma: int) -> None:
    # Independent: floating point, the other way round.
    expected = np.floor((np.arange(65536) / 65535) ** (1000 / gamma) * 255 + 0.5)

    assert np.abs(slot_table(gamma).astype(int) - expected).max() <= 1  # at a boundary a rounding of the power may tell
    assert (slot_table(gamma) != expected).sum() <= 8
    assert slot_table(gamma)[[0, 65535]].tolist() == [0, 255]


def test_the_srgb_table_is_that_of_the_standard() -> None:
    encoded = np.arange(256) / 255
    expected = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4) * 65535

    assert np.abs(light_table() - expected).max() <= 0.5001


def test_half_the_intensity_is_half_the_light_whatever_the_gamma() -> None:
    for gamma in (1000, 2200):
        of = patch(1, 1, white(1, 1), gamma=gamma)
        slot = int(slots(of, playing(1), level(INTENSITY, 32768))[0][0])
        assert (slot / 255) ** (gamma / 1000) == pytest.approx(0.5, abs=0.005), gamma


def test_the_limit_is_of_light() -> None:
    assert slots(patch(1, 1, white(1, 1), limit=39321), playing(1))[0][:3].tolist() == [153, 153, 153]


def test_a_wall_without_a_source_is_one_plain_lamp() -> None:
    shown = slots(patch(2, 1), level(RED, FULL), level(GREEN, 32768), level(BLUE, 0))

    assert shown[0][:7].tolist() == [255, 128, 0, 255, 128, 0, 0]


# --- masters -----------------------------------------------------------------------------------------------------------


def test_masters_and_blackout_are_over_pixels() -> None:
    of = patch(1, 1, white(1, 1))
    rows = np.concatenate((playing(1), level(INTENSITY, FULL)))

    def under(number: int, kind: MasterKind, at: int) -> int:
        return int(slots(of, plan=Plan(rows, masters=master_row(number, kind, at, at, 0, 0, 0)))[0][0])

    assert under(GRAND, MasterKind.GRAND, 32768) == 128
    assert under(GRAND, MasterKind.GRAND, 0) == 0
    assert under(BLACKOUT, MasterKind.BLACKOUT, FULL) == 0


def test_a_parked_wall_stays_up_in_a_blackout() -> None:
    of = patch(1, 1, white(1, 1))
    rows = np.concatenate((playing(1), level(INTENSITY, 32768, kind=RowKind.PARK, list=-1)))

    assert slots(of, plan=Plan(rows, masters=master_row(BLACKOUT, MasterKind.BLACKOUT, FULL, FULL, 0, 0, 0)))[0][0] == 128


# --- sources meet ------------------------------------------------------------------------------------------------------


def test_a_fade_between_two_sources_is_a_fade_of_light() -> None:
    of = patch(1, 1, picture(1, 1, 1, [(255, 0, 0)]), picture(2, 1, 1, [(0, 255, 0)]))
    old = playing(1, ends=SECOND, exit=4 * SECOND)
    new = playing(2, start=SECOND, entry=4 * SECOND)

    seen = {tenth: slots(of, old, new, now=tenth * SECOND // 10)[0][:3].tolist() for tenth in (10, 20, 30, 50)}

    assert seen == {10: [255, 0, 0], 20: [191, 64, 0], 30: [128, 128, 0], 50: [0, 255, 0]}


def test_a_crossfade_of_one_picture_with_itself_shows_nothing() -> None:
    of = patch(1, 1, picture(1, 1, 1, [(255, 180, 64)]), picture(2, 1, 1, [(255, 180, 64)]), gamma=2200)
    old, new = playing(1, ends=SECOND, exit=3 * SECOND), playing(2, start=SECOND, entry=3 * SECOND)

    seen = {tuple(slots(of, old, new, now=tenth * SECOND // 10)[0][:3].tolist()) for tenth in range(10, 41)}

    assert len(seen) == 1


def test_what_fades_out_lays_the_plain_colour_bare() -> None:
    of = patch(1, 1, picture(1, 1, 1, [(255, 0, 0)]))

    assert slots(of, playing(1, ends=1, exit=SECOND), level(BLUE, FULL), now=1 + SECOND // 2)[0][:3].tolist() == [128, 0, 128]


def test_a_higher_list_lies_over_a_lower_one() -> None:
    of = patch(1, 1, picture(1, 1, 1, [(255, 0, 0)]), picture(2, 1, 1, [(0, 255, 0)]))
    below, above = playing(1), playing(2, priority=200, list=1, entry=2 * SECOND)

    assert slots(of, below, above, now=SECOND)[0][:3].tolist() == [128, 128, 0]
    assert slots(of, below, above, now=2 * SECOND)[0][:3].tolist() == [0, 255, 0]


def test_a_fade_that_interrupts_another_never_gives_more_than_full_light() -> None:
    of = patch(1, 1, *(picture(n, 1, 1, [(255, 255, 255)]) for n in (1, 2, 3)))
    rows = (
        playing(1, ends=1, exit=2 * SECOND),
        playing(2, start=1, entry=2 * SECOND, ends=SECOND, exit=2 * SECOND),
        playing(3, start=SECOND, entry=2 * SECOND),
    )

    assert all(slots(of, *rows, now=SECOND * n // 10)[0][0] == 255 for n in range(10, 31))


def test_a_source_that_nobody_knows_shows_nothing() -> None:
    assert slots(patch(1, 1), playing(99), level(RED, FULL))[0][:3].tolist() == [255, 0, 0]


# --- time --------------------------------------------------------------------------------------------------------------


def test_a_clip_stays_on_its_last_frame() -> None:
    of = patch(1, 1, picture(1, 1, 1, [(255, 0, 0)], [(0, 255, 0)], [(0, 0, 255)]))

    seen = [slots(of, playing(1, start=SECOND), now=at * SECOND)[0][:3].tolist().index(255) for at in (1, 2, 3, 4, 60)]

    assert seen == [0, 1, 2, 2, 2]


def test_a_loop_begins_anew_and_may_begin_in_its_middle() -> None:
    of = patch(1, 1, picture(1, 1, 1, [(255, 0, 0)], [(0, 255, 0)], [(0, 0, 255)], loop=True, at=SECOND))

    assert [slots(of, playing(1), now=at * SECOND)[0][:3].tolist().index(255) for at in range(5)] == [1, 2, 0, 1, 2]


def test_a_frame_changes_at_its_instant_and_not_before() -> None:
    of = patch(1, 1, picture(1, 1, 1, [(255, 0, 0)], [(0, 255, 0)]))

    assert slots(of, playing(1), now=SECOND - 1)[0][:2].tolist() == [255, 0]
    assert slots(of, playing(1), now=SECOND)[0][:2].tolist() == [0, 255]


def test_a_paused_clip_stands_still() -> None:
    of = patch(1, 1, picture(1, 1, 1, [(255, 0, 0)], [(0, 255, 0)], loop=True))
    rows = np.concatenate((playing(1, clock=5), level(INTENSITY, FULL)))
    paused = Plan(rows, table((Clock(5, 10 * SECOND, SECOND, 0, 1),)))

    assert {tuple(slots(of, plan=paused, now=at * SECOND)[0][:2].tolist()) for at in (10, 11, 12, 13)} == {(0, 255)}


def test_a_ramp_runs_to_the_right() -> None:
    of = patch(4, 1, wave(1, Wave.RAMP))

    # Phase is (t - x/4): half a second on, pixel 2 is where pixel 0 was.
    assert slots(of, playing(1))[0][0:12:3].tolist() == [0, 191, 128, 64]
    assert slots(of, playing(1), now=SECOND // 2)[0][0:12:3].tolist() == [128, 64, 0, 191]


@pytest.mark.parametrize(
    ("along", "expected"),
    [
        (Along.LEFT, [64, 128, 191, 0] * 2),
        (Along.DOWN, [0] * 4 + [128] * 4),
        (Along.UP, [128] * 4 + [0] * 4),
        (Along.NONE, [0] * 8),
    ],
)
def test_a_ramp_runs_the_other_ways(along: Along, expected: list[int]) -> None:
    assert slots(patch(4, 2, wave(1, Wave.RAMP, along)), playing(1))[0][0:24:3].tolist() == expected


def test_a_wave_outwards_is_the_same_all_round() -> None:
    shown = slots(patch(5, 5, wave(1, Wave.RAMP, Along.OUT)), playing(1))[0][0:75:3].reshape(5, 5)

    assert np.array_equal(shown, shown[::-1])
    assert np.array_equal(shown, shown.T)
    assert shown[2, 2] == shown[0, 0] == 0  # the middle, and a whole wave further out


def test_a_wave_round_goes_clockwise_from_the_top() -> None:
    shown = slots(patch(3, 3, wave(1, Wave.RAMP, Along.ROUND)), playing(1))[0][0:27:3].reshape(3, 3)

    assert [int(shown[y, x]) for y, x in ((0, 1), (0, 2), (1, 2), (2, 1), (1, 0))] == [0, 223, 191, 128, 64]


def test_random_pixels_walk_each_for_itself_and_the_same_way_every_time() -> None:
    of = patch(8, 8, wave(1, Wave.RANDOM, Along.NONE))
    first, later = (slots(of, playing(1), now=at)[0][0:192:3] for at in (0, SECOND // 4))

    assert len(set(first.tolist())) > 40
    assert 0 < np.abs(first.astype(int) - later).max() < 256
    assert np.array_equal(later, slots(of, playing(1), now=SECOND // 4)[0][0:192:3])


def test_a_wave_goes_between_its_two_colours() -> None:
    of = patch(2, 1, wave(1, Wave.SQUARE, low=(0, 0, FULL), high=(FULL, 0, 0)))

    assert slots(of, playing(1))[0][:6].tolist() == [255, 0, 0, 0, 0, 255]


def test_the_first_colour_is_there_in_the_middle_of_a_sine() -> None:
    of = patch(2, 1, wave(1, Wave.SINE))

    assert slots(of, playing(1))[0][0:6:3].tolist() == [0, 255]
