"""Aiming: whatever the hang, the beam of what comes out goes through the point; the nearest way round is taken."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showctl.light.aim import Axis, Head, beam, rotation
from showctl.show.fixtures import Point
from tests.light.plans import steady

FLOOR = (0.0, 0.0, 0.0)
UPSIDE_DOWN = (180.0, 0.0, 0.0)
degrees = st.floats(-360, 360, allow_nan=False)
metres = st.floats(-30, 30, allow_nan=False)


def head(hang: tuple[float, float, float], at: Point = Point(0, 0, 0), trim: tuple[float, float] = (0.0, 0.0)) -> Head:  # noqa: B008
    return Head(0, at, rotation(hang), Axis(0, -270, 270, 0, 180, trim[0]), Axis(1, -135, 135, 0, 120, trim[1]))


def off(head: Head, hang: tuple[float, float, float], pan: float, tilt: float, point: Point) -> float:
    """Degrees between the beam and the way to ``point``."""
    assert head.pan is not None
    assert head.tilt is not None
    ray = beam(hang, pan - head.pan.trim, tilt - head.tilt.trim)
    way = (point.x - head.at.x, point.y - head.at.y, point.z - head.at.z)
    length = math.hypot(*way)
    cross = (ray[1] * way[2] - ray[2] * way[1], ray[2] * way[0] - ray[0] * way[2], ray[0] * way[1] - ray[1] * way[0])
    return math.degrees(math.atan2(math.hypot(*cross), sum(a * b for a, b in zip(ray, way, strict=True)))) if length else 0.0


# --- Where a beam goes: worked out on paper ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hang", "pan", "tilt", "way"),
    [
        (FLOOR, 0, 0, (0, 1, 0)),
        (FLOOR, 0, 90, (0, 0, 1)),
        (FLOOR, 90, 90, (1, 0, 0)),
        (FLOOR, 180, 90, (0, 0, -1)),
        (UPSIDE_DOWN, 0, 0, (0, -1, 0)),
        (UPSIDE_DOWN, 0, 90, (0, 0, -1)),
        (UPSIDE_DOWN, 90, 90, (1, 0, 0)),
        ((0, 0, 180), 0, 90, (0, 0, 1)),
        ((0, 0, 180), 90, 90, (-1, 0, 0)),
        ((90, 0, 0), 0, 0, (0, 0, 1)),
        ((0, 0, 90), 0, 0, (-1, 0, 0)),
        ((90, 90, 0), 0, 0, (1, 0, 0)),
    ],
)
def test_a_beam_goes_where_the_page_says(hang: tuple[float, ...], pan: float, tilt: float, way: tuple[float, ...]) -> None:
    assert beam((hang[0], hang[1], hang[2]), pan, tilt) == pytest.approx(way, abs=1e-9)


def test_the_bundled_show_and_the_maths_agree_on_where_the_hearth_is() -> None:
    """Its focus palette was reckoned by its author: head 1 hangs at -3.5, 6.2, 1 and is told 166 and 69 degrees."""
    first = head(UPSIDE_DOWN, Point(-3.5, 6.2, 1))
    aim = first.aim(Point(0, 0.8, 15), 160, 60)
    assert (aim.pan, aim.tilt) == pytest.approx((166, 69), abs=1)
    over = first.aim(Point(0, 0.8, 15), 0, 0)
    assert (over.pan, over.tilt) == pytest.approx((166 - 180, -69), abs=1), "from straight down this is nearer"


# --- Aim, then look where it goes --------------------------------------------------------------------------------------


@steady
@given(st.tuples(degrees, degrees, degrees), *[st.tuples(metres, metres, metres)] * 2, degrees, degrees)
def test_whatever_the_hang_the_beam_hits_the_point_or_stops_at_an_end(
    hang: tuple[float, float, float], at: tuple[float, ...], to: tuple[float, ...], pan: float, tilt: float
) -> None:
    one, point = head(hang, Point(*at)), Point(*to)
    aim = one.aim(point, max(min(pan, 270), -270), max(min(tilt, 135), -135))
    assert -270 <= aim.pan <= 270
    assert -135 <= aim.tilt <= 135
    if math.dist(at, to) > 1e-3 and not aim.beyond:
        assert off(one, hang, aim.pan, aim.tilt, point) < 1e-3
    if aim.beyond:
        assert abs(aim.tilt) == 135, "with 540 degrees of pan, only tilt can fall short"


@steady
@given(st.tuples(degrees, degrees, degrees), st.tuples(metres, metres, metres))
def test_sixteen_bits_of_level_are_as_near_as_levels_can_be(hang: tuple[float, float, float], to: tuple[float, ...]) -> None:
    one, point = head(hang), Point(*to)
    aim = one.aim(point, 0, 0)
    levels = one.levels(aim)
    assert one.pan is not None
    assert one.tilt is not None
    if math.hypot(*to) > 0.1 and not aim.beyond:
        turned = (one.pan.degrees(levels[0]), one.tilt.degrees(levels[1]))
        assert off(one, hang, *turned, point) < 0.01


def test_the_nearest_way_is_taken_over_the_shoulder_or_round_the_back() -> None:
    one = head(FLOOR)
    in_front = Point(0, 1, 10)
    assert one.aim(in_front, 0, 80).pan == pytest.approx(0)
    over = one.aim(in_front, 180, -80)
    assert (over.pan, over.tilt) == pytest.approx((180, -math.degrees(math.atan2(10, 1))))
    right_behind = Point(0.1, 1, -10)
    assert one.aim(right_behind, 170, 80).pan == pytest.approx(180, abs=1)
    assert one.aim(right_behind, -170, 80).pan == pytest.approx(-180, abs=1)


def test_someone_who_walks_round_a_head_is_followed_past_half_a_turn_until_the_end_of_the_range() -> None:
    one, pan, tilt = head(FLOOR), 0.0, 80.0
    seen = []
    for step in range(0, 271, 10):
        angle = math.radians(step)
        aim = one.aim(Point(5 * math.sin(angle), 1, 5 * math.cos(angle)), pan, tilt)
        pan, tilt = aim.pan, aim.tilt
        seen.append(round(pan))
    assert seen == list(range(0, 271, 10)), "no turn back at 180"


def test_a_point_in_line_with_the_axis_leaves_pan_where_it_is() -> None:
    aim = head(UPSIDE_DOWN, Point(1, 6, 2)).aim(Point(1, 0, 2), 123, 40)
    assert (aim.pan, aim.tilt) == pytest.approx((123, 0))


def test_a_point_that_the_range_leaves_out_is_said_by_how_much() -> None:
    one = head(UPSIDE_DOWN, Point(0, 2, 0))
    aim = one.aim(Point(0, 10, -1), 0, 0)
    assert aim.beyond == pytest.approx(math.degrees(math.atan2(1, -8)) - 135)
    assert abs(aim.tilt) == 135


def test_trim_is_added_to_what_the_drawing_says() -> None:
    plain, trimmed = head(FLOOR), head(FLOOR, trim=(3.0, -2.0))
    aim, other = plain.aim(Point(4, 3, 5), 0, 0), trimmed.aim(Point(4, 3, 5), 0, 0)
    assert (other.pan - aim.pan, other.tilt - aim.tilt) == pytest.approx((3, -2))


def test_a_bar_that_only_tilts_leans_as_near_as_it_can() -> None:
    bar = Head(0, Point(0, 6, 0), rotation(UPSIDE_DOWN), None, Axis(0, -105, 105, 0, 60))
    aim = bar.aim(Point(2, 0, -6), 0, 0)
    assert aim.tilt == pytest.approx(45)
    assert bar.levels(aim).keys() == {0}
