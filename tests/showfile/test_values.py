"""The small value syntax: what each writing is worth, and where a wrong one is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from showctl.light.curves import CURVES
from showctl.show.instants import MILLISECOND, MINUTE, SECOND
from showctl.showfile import values
from showctl.showfile.colors import NAMED, Color, emitters, from_hex, from_kelvin
from showctl.showfile.problems import Wrong
from showctl.showfile.resolve_actions import CURVES as WRITTEN
from showctl.showfile.values import UpDown
from showctl.showfile.words import tokens

RGB = frozenset(("red", "green", "blue"))


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("4", 4 * SECOND),
        ("4s", 4 * SECOND),
        ("0.5s", SECOND // 2),
        (".5", SECOND // 2),
        ("250ms", 250 * MILLISECOND),
        ("1:30", 90 * SECOND),
        ("12:30", 750 * SECOND),
        ("1:02:03", 3723 * SECOND),
        ("2min", 2 * MINUTE),
        ("3m12s", 192 * SECOND),
        ("1h", 60 * MINUTE),
        ("0.1", SECOND // 10),
        ("-2s", -2 * SECOND),
        ("0.000000001", 1),
    ],
)
def test_times(text: str, worth: int) -> None:
    assert values.duration(text) == worth


@pytest.mark.parametrize("text", ["4q", "s", "1:75", "1:60:00", "4s 3", "1::2", "four", "4 s / 6", "1e3", "NaN", "8000000"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(Wrong, match=r"not a time|longer than a week"):
        values.duration(text)


def test_up_and_down() -> None:
    assert values.up_down("4s") == UpDown(4 * SECOND, 4 * SECOND)
    assert values.up_down("4s / 6s delay 0.5s") == UpDown(4 * SECOND, 6 * SECOND, SECOND // 2)


@pytest.mark.parametrize(
    ("text", "offset"), [("4q / 6", 0), ("4s / 6q", 5), ("4s/6q", 3), ("4s / 6s delay x", 14), ("-4 / 6", 0)]
)
def test_a_wrong_time_is_pointed_at(text: str, offset: int) -> None:
    with pytest.raises(Wrong) as caught:
        values.up_down(text)

    assert caught.value.offset == offset


@pytest.mark.parametrize(
    ("read", "text", "worth"),
    [
        (values.percent, "70", 45875),
        (values.percent, "70%", 45875),
        (values.percent, "full", 65535),
        (values.percent, "out", 0),
        (values.percent, "0.1", 66),
        (values.angle, "-30deg", -30),
        (values.decibel, "-6dB", -6.0),
        (values.decibel, "out", -120.0),
        (values.period, "96bpm", 625 * MILLISECOND),
        (values.period, "0.5Hz", 2 * SECOND),
        (values.period, "2s", 2 * SECOND),
        (values.address, "sacn/1.12", ("sacn/1", 12)),
        (values.address, "artnet/0.512", ("artnet/0", 512)),
        (values.address, "usbpro/fog.1", ("usbpro/fog", 1)),
        (values.truth, "no", False),
        (values.truth, "on", True),
        (values.timecode_rate, "29.97", (30000, 1001)),
    ],
)
def test_other_values(read: Callable[[str], Any], text: str, worth: object) -> None:
    assert read(text) == worth


@pytest.mark.parametrize(
    ("read", "text", "code"),
    [
        (values.percent, "101", "BAD_LEVEL"),
        (values.percent, "-1", "BAD_LEVEL"),
        (values.percent, "", "EMPTY"),
        (values.angle, "30rad", "BAD_ANGLE"),
        (values.decibel, "-6", "BAD_SOUND_LEVEL"),
        (values.decibel, "25dB", "BAD_SOUND_LEVEL"),
        (values.period, "0Hz", "BAD_RATE"),
        (values.period, "-3bpm", "BAD_RATE"),
        (values.address, "sacn/0.1", "UNIVERSE_RANGE"),
        (values.address, "artnet/32768.1", "UNIVERSE_RANGE"),
        (values.address, "sacn/1.0", "SLOT_RANGE"),
        (values.address, "sacn/1.513", "SLOT_RANGE"),
        (values.address, "1.12", "BAD_ADDRESS"),
        (values.truth, "perhaps", "BAD_WORD"),
        (values.timecode_rate, "12", "BAD_TIMECODE"),
    ],
)
def test_other_values_that_are_wrong(read: Callable[[str], Any], text: str, code: str) -> None:
    with pytest.raises(Wrong) as caught:
        read(text)

    assert caught.value.code == code


def test_timecode_counts_frames() -> None:
    assert values.timecode("01:00:00:00", 25, 1) == 3600 * SECOND
    assert values.timecode("-00:00:01:12", 25, 1) == -SECOND - 12 * SECOND // 25
    assert values.timecode("00:00:01:00", 30000, 1001) == 30 * SECOND * 1001 // 30000


def test_quoted_text_is_one_word_and_keeps_its_place() -> None:
    assert [(word.text, word.offset, word.quoted) for word in tokens('ask "What, now?", within 2s')] == [
        ("ask", 0, False),
        ("What, now?", 4, True),
        ("within", 18, False),
        ("2s", 25, False),
    ]


def test_every_curve_that_can_be_written_can_be_shown() -> None:
    assert set(WRITTEN) == set(CURVES)


# --- colours -------------------------------------------------------------------------------------------------------


def test_every_standard_colour_is_one() -> None:
    assert all(isinstance(from_hex(words), Color) for words in NAMED.values())


def test_kelvin_is_warm_below_and_cool_above() -> None:
    warm, day, cool = (from_kelvin(words) for words in ("2700K", "6500K", "9000K"))

    assert warm is not None
    assert day is not None
    assert cool is not None
    assert warm.red == 65535 > warm.green > warm.blue
    assert min(day.red, day.green, day.blue) > 63000
    assert cool.blue == 65535 > cool.red


@pytest.mark.parametrize(
    ("words", "present", "levels"),
    [
        ("ff0000", RGB, {"red": 65535, "green": 0, "blue": 0}),
        ("ffffff", RGB | {"white"}, {"red": 0, "green": 0, "blue": 0, "white": 65535}),
        ("ff8080", RGB | {"white"}, {"red": 32639, "green": 0, "blue": 0, "white": 32896}),
        ("ff0000", frozenset(("cyan", "magenta", "yellow")), {"cyan": 0, "magenta": 65535, "yellow": 65535}),
        ("ff8000", RGB | {"amber"}, {"red": 0, "green": 129, "blue": 0, "amber": 65535}),
        ("808080", frozenset(("white",)), {"white": 32896}),
    ],
)
def test_what_emitters_make_of_a_colour(words: str, present: frozenset[str], levels: dict[str, int]) -> None:
    assert emitters(from_hex(words), present) == levels


def test_ultraviolet_is_left_alone() -> None:
    assert "uv" not in emitters(from_hex("ff00ff"), RGB | {"uv"})


def test_tunable_white_follows_the_kelvin() -> None:
    present = frozenset(("warm", "cool"))
    warm, cool = from_kelvin("2700K"), from_kelvin("6500K")

    assert warm is not None
    assert cool is not None
    assert emitters(warm, present) == {"warm": 65535, "cool": 0}
    assert emitters(cool, present) == {"warm": 0, "cool": 65535}
