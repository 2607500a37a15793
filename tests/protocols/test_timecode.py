"""Timecode arithmetic against SMPTE 12M."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showctl.protocols import timecode as tc
from showctl.protocols.errors import ProtocolError

ALL_RATES = list(tc.RATES.values())
rates = st.sampled_from(ALL_RATES)
counts = st.integers(-10_000_000, 10_000_000)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("00:00:59;29", 1799),
        ("00:01:00;02", 1800),  # SMPTE 12M: labels 0 and 1 of minute 1 do not exist
        ("00:01:59;29", 3597),
        ("00:02:00;02", 3598),
        ("00:09:59;29", 17_981),
        ("00:10:00;00", 17_982),
        ("00:10:59;29", 19_781),
        ("00:11:00;02", 19_782),
        ("01:00:00;00", 107_892),
        ("23:59:59;29", 2_589_407),
    ],
)
def test_drop_frame_skips_two_labels_each_minute_but_the_tenth(text: str, count: int) -> None:
    label = tc.parse(text, tc.FPS_29_97_DF)

    assert tc.to_frames(label) == count
    assert tc.from_frames(count, tc.FPS_29_97_DF) == label
    assert str(label) == text


def test_every_label_of_a_drop_frame_day_follows_the_one_before() -> None:
    expected, rate = 0, tc.FPS_29_97_DF
    for minute in range(0, 24 * 60, 7):
        for second, frame in ((0, 0), (0, 1), (0, 2), (59, 29)):
            if minute % 10 and second == 0 and frame < 2:
                continue
            label = tc.Timecode(minute // 60, minute % 60, second, frame, rate)
            count = tc.to_frames(label)
            assert count >= expected
            assert tc.from_frames(count, rate) == label
            expected = count + 1


@pytest.mark.parametrize("text", ["00:01:00;00", "00:01:00;01", "12:59:00;00"])
def test_a_dropped_label_is_refused_at_drop_frame_only(text: str) -> None:
    with pytest.raises(ProtocolError, match="dropped"):
        tc.parse(text, tc.FPS_29_97_DF)
    assert str(tc.parse(text, tc.FPS_29_97_NDF)) == text.replace(";", ":")


@pytest.mark.parametrize("text", ["24:00:00:00", "00:60:00:00", "00:00:60:00", "00:00:00:25", "1:2:3:4", "-1:00:00:00", ""])
def test_what_no_clock_shows_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        tc.parse(text, tc.FPS_25)


def test_an_offset_has_a_sign() -> None:
    assert tc.parse_offset("-01:00:00:00", tc.FPS_25) == -90_000
    assert tc.parse_offset("+00:00:01:05", tc.FPS_25) == 30
    assert tc.parse_offset("00:00:00:01", tc.FPS_24) == 1


@pytest.mark.parametrize("rate", ALL_RATES, ids=lambda rate: rate.name)
def test_a_day_wraps_and_the_count_goes_on(rate: tc.Rate) -> None:
    day = rate.frames_per_day

    assert tc.to_frames(tc.Timecode(23, 59, 59, rate.nominal - 1, rate)) == day - 1
    assert tc.from_frames(day, rate) == tc.Timecode(0, 0, 0, 0, rate)
    assert tc.from_frames(-1, rate) == tc.from_frames(day - 1, rate)


@given(counts, rates)
def test_a_label_comes_back_as_its_count_within_the_day(count: int, rate: tc.Rate) -> None:
    assert tc.to_frames(tc.from_frames(count, rate)) == count % rate.frames_per_day


@given(counts, rates)
def test_a_frame_turned_into_time_and_back_is_itself(count: int, rate: tc.Rate) -> None:
    begins = tc.to_nanoseconds(count, rate)

    assert tc.frame_at(begins, rate) == count
    assert tc.frame_at(begins - 1, rate) == count - 1
    assert 0 <= begins - Fraction(count * rate.den * tc.SECOND, rate.num) < 1


def test_1000_over_1001_is_exact() -> None:
    assert tc.to_nanoseconds(30_000, tc.FPS_29_97_DF) == 1_001 * tc.SECOND
    assert tc.to_nanoseconds(24_000, tc.FPS_23_976) == 1_001 * tc.SECOND
    assert tc.to_nanoseconds(107_892, tc.FPS_29_97_DF) == 3_599_996_400_000  # an hour of drop frame runs 3.6 ms short


def test_an_hour_at_25_is_the_frame_of_an_hour_at_24() -> None:
    assert tc.convert(90_000, tc.FPS_25, tc.FPS_24) == 86_400
    assert tc.convert(1, tc.FPS_25, tc.FPS_24) == 0
    assert tc.convert(-1, tc.FPS_25, tc.FPS_24) == -1


@given(counts, rates, st.integers(-1000, 1000))
def test_midnight_is_no_jump(count: int, rate: tc.Rate, error: int) -> None:
    assert tc.nearest(tc.from_frames(count, rate), count + error) == count
