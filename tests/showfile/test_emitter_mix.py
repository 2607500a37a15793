"""Colours from what lamps are: what comes out is looked at as light, CIE XYZ, and compared with the colour that was asked."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.show.fixtures import Emitter
from showctl.showfile.colors import Color, emitters, from_hex
from showctl.showfile.emitter_mix import mix_of, mixed

SRGB = (Emitter("red", 0.64, 0.33, 21.26), Emitter("green", 0.3, 0.6, 71.52), Emitter("blue", 0.15, 0.06, 7.22))
SEVEN = (
    Emitter("red", 0.70, 0.30, 20), Emitter("lime", 0.41, 0.55, 80), Emitter("amber", 0.58, 0.42, 25),
    Emitter("green", 0.17, 0.70, 40), Emitter("led_cyan", 0.08, 0.40, 25), Emitter("blue", 0.13, 0.05, 8),
    Emitter("indigo", 0.16, 0.02, 3),
)  # fmt: skip
WHITE = Emitter("white", 0.3127, 0.329, 100)


def chromaticity(levels: dict[str, int], lamps: tuple[Emitter, ...]) -> tuple[float, float]:
    """CIE x and y of the light that comes out."""
    total = [0.0, 0.0, 0.0]
    for lamp in lamps:
        amount = levels[lamp.parameter] * lamp.bright / lamp.y
        for n, part in enumerate((lamp.x, lamp.y, 1 - lamp.x - lamp.y)):
            total[n] += amount * part
    return total[0] / sum(total), total[1] / sum(total)


def wanted(color: Color) -> tuple[float, float]:
    return chromaticity({"red": color.red, "green": color.green, "blue": color.blue}, SRGB)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(*[st.integers(0, 255)] * 3)
def test_lamps_that_are_those_of_the_screen_get_the_levels_as_written(red: int, green: int, blue: int) -> None:
    color = Color(red * 257, green * 257, blue * 257)
    found = mixed(color, SRGB)
    for name, level in (("red", color.red), ("green", color.green), ("blue", color.blue)):
        assert found[name] == pytest.approx(level, abs=200)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(*[st.integers(40, 255)] * 3)
def test_seven_lamps_make_the_colour_that_was_asked(red: int, green: int, blue: int) -> None:
    color = Color(red * 257, green * 257, blue * 257)
    found = mixed(color, SEVEN)
    assert math.dist(chromaticity(found, SEVEN), wanted(color)) < 0.004
    assert max(found.values()) == max(color.red, color.green, color.blue)
    assert all(0 <= level <= 65535 for level in found.values())


def test_a_colour_that_lamps_cannot_make_is_the_nearest_that_they_can() -> None:
    pale = (Emitter("red", 0.5, 0.35, 20), Emitter("green", 0.32, 0.45, 60), Emitter("blue", 0.22, 0.2, 10))
    assert mixed(from_hex("ff0000"), pale) == {"red": 65535, "green": 0, "blue": 0}


def test_white_is_the_work_of_all_that_can_make_it() -> None:
    found = mixed(from_hex("ffffff"), (*SRGB, WHITE))
    assert found["white"] == 65535
    assert min(found["red"], found["green"], found["blue"]) > 10_000


def test_half_a_colour_is_half_of_every_lamp() -> None:
    full, half = mixed(from_hex("ff8000"), SEVEN), mixed(from_hex("804000"), SEVEN)
    assert all(half[name] == pytest.approx(level * 0x80 / 0xFF, abs=300) for name, level in full.items())


def test_black_is_dark() -> None:
    assert set(mixed(from_hex("000000"), SEVEN).values()) == {0}


def test_names_are_all_there_is_where_a_lamp_is_not_known() -> None:
    present = frozenset(("red", "green", "blue", "white"))
    assert mix_of(from_hex("ff8000"), present, SRGB) == emitters(from_hex("ff8000"), present)
    assert mix_of(from_hex("ff8000"), present, (*SRGB, WHITE)) == mixed(from_hex("ff8000"), (*SRGB, WHITE))
    assert "uv" not in mix_of(from_hex("ff8000"), frozenset(("red", "green", "blue", "uv")), SRGB)
