"""Fade curves: their ends, their slope, their arithmetic to the last bit, and where their tables come from (R12)."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from showctl.light.curves import CURVES, ONE, TABLE, between, offsets, progress, shaped, shaped_all
from showctl.light.waves import WAVES, lift, random16, sine, splitmix64, swing, wander
from showctl.show.cues import Wave
from showctl.show.instants import SECOND
from tests.light.plans import levels, steady

ROOT = Path(__file__).parents[2]
EVERYWHERE = np.arange(ONE + 1, dtype=np.int64)


def whole(name: str) -> list[int]:
    curve = np.full(len(EVERYWHERE), CURVES[name], np.uint8)
    return [int(value) for value in shaped_all(offsets(curve), EVERYWHERE)]


@pytest.mark.parametrize("name", CURVES)
def test_every_curve_starts_at_nothing_and_ends_at_all(name: str) -> None:
    assert shaped(CURVES[name], 0) == 0
    assert shaped(CURVES[name], ONE) == ONE


@pytest.mark.parametrize("name", CURVES)
def test_no_curve_ever_turns_back(name: str) -> None:
    assert (np.diff(whole(name)) >= 0).all()


@pytest.mark.parametrize("name", CURVES)
def test_one_and_many_are_shaped_alike(name: str) -> None:
    assert whole(name) == [shaped(CURVES[name], p) for p in range(ONE + 1)]


def test_curve_numbers_are_for_ever() -> None:
    assert CURVES == {
        "linear": 0,
        "s": 1,
        "in": 2,
        "out": 3,
        "in-out": 4,
        "equal-power": 5,
        "equal-gain": 6,
        "db-linear": 7,
    }


@pytest.mark.parametrize(
    ("name", "quarter", "half"),
    [
        ("linear", 8192, 16384),
        ("s", 5120, 16384),
        ("in", 2048, 8192),
        ("out", 14336, 24576),
        ("in-out", 4096, 16384),
        ("equal-power", 12540, 23170),  # sin 22.5, sin 45 degrees
        ("equal-gain", 8192, 16384),
        ("db-linear", 152, 1004),  # -45 and -30 dB, above a floor of -60
    ],
)
def test_a_quarter_and_half_of_the_way(name: str, quarter: int, half: int) -> None:
    assert (shaped(CURVES[name], 8192), shaped(CURVES[name], 16384)) == (quarter, half)


def test_the_committed_tables_are_what_the_script_makes() -> None:
    spec = importlib.util.spec_from_file_location("make_curve_tables", ROOT / "tools" / "make_curve_tables.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)

    assert script.text() == (ROOT / "showctl" / "light" / "curve_tables.py").read_text()
    assert TABLE.shape == (len(CURVES), 1026)


# --- R12: progress and level --------------------------------------------------------------------------------------------


def test_progress_steps_at_the_instant_it_is_due() -> None:
    duration = 10 * SECOND
    step = -(-duration // ONE)  # the first instant at which one 32768th has passed

    assert (progress(step - 1, duration), progress(step, duration)) == (0, 1)
    assert (progress(duration - 1, duration), progress(duration, duration)) == (ONE - 1, ONE)


def test_a_fade_without_length_is_done_at_once_and_not_before() -> None:
    assert (progress(-1, 0), progress(0, 0)) == (0, ONE)


@steady
@given(levels, levels)
def test_a_fade_begins_and_ends_exactly(source: int, target: int) -> None:
    assert between(source, target, 0) == source
    assert between(source, target, ONE) == target


@steady
@given(levels, levels, st.integers(0, ONE))
def test_a_level_fits_thirty_two_bits_all_the_way(source: int, target: int, f: int) -> None:
    way = np.array([target - source], np.int32)
    counted = np.array([source], np.int32) + ((way * np.int32(f) + np.int32(16384)) >> np.int32(15))

    assert counted.tolist() == [between(source, target, f)]
    assert min(source, target) <= between(source, target, f) <= max(source, target)


# --- waves ----------------------------------------------------------------------------------------------------------------

TURN = np.arange(65536, dtype=np.int64)
HALF = np.full(65536, 32768, np.int64)


def at_quarters(values: NDArray[np.int64]) -> list[int]:
    return [int(values[phase]) for phase in (0, 16384, 32767, 32768, 49152, 65535)]


def test_a_sine_is_a_sine() -> None:
    exact = 32768 * np.sin(TURN * 2 * np.pi / 65536)

    assert np.abs(sine(TURN) - exact).max() < 1
    assert at_quarters(sine(TURN))[:2] == [0, 32768]


@pytest.mark.parametrize(
    ("wave", "swings", "lifts"),
    [
        (Wave.SINE, [0, 32768, 3, 0, -32768, -3], [0, 16384, 32768, 32768, 16384, 0]),
        (Wave.SQUARE, [32768, 32768, 32768, -32768, -32768, -32768], [32768, 32768, 32768, 0, 0, 0]),
        (Wave.TRIANGLE, [0, 32768, 2, 0, -32768, -2], [0, 16384, 32767, 32768, 16384, 1]),
        (Wave.RAMP, [-32768, -16384, -1, 0, 16384, 32767], [0, 8192, 16383, 16384, 24576, 32767]),
        (Wave.STEPS, [32768, 32768, 32768, 0, 0, 0], [32768, 32768, 32768, 0, 0, 0]),
    ],
)
def test_waves_at_the_quarters_of_a_turn(wave: Wave, swings: list[int], lifts: list[int]) -> None:
    assert at_quarters(swing(WAVES[wave], TURN, HALF))[1:] == swings[1:]
    assert at_quarters(lift(WAVES[wave], TURN, HALF)) == lifts


def test_splitmix64_gives_its_published_values() -> None:
    state = np.uint64(1234567) + np.arange(5, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)

    assert splitmix64(state).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_randoms_stay_what_they_are() -> None:
    def one(seed: int, step: int, element: int) -> int:
        return int(random16(np.array([seed], np.uint32), np.array([step]), np.array([element], np.int32))[0])

    assert [one(0, 0, 0), one(0, 1, 0), one(0, 2, 0)] == [42758, 45954, 25370]
    assert [one(7, 0, 0), one(7, 1, 1)] == [42309, 65296]


def test_a_random_walk_never_jumps() -> None:
    phase = np.concatenate((np.arange(0, 65536, 256), np.arange(0, 65536, 256)))
    step = np.repeat([3, 4], 256)
    walked = wander(np.full(512, 9, np.uint32), step, np.zeros(512, np.int32), phase)

    assert np.abs(np.diff(walked)).max() <= 256
