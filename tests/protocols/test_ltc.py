"""Linear timecode: words bit by bit, sound in both directions at any speed and level, and what is no timecode."""

from __future__ import annotations

import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.protocols import ltc
from showctl.protocols.errors import ProtocolError
from showctl.protocols.ltc import Framer, Word, bits_of, decode, encode
from showctl.protocols.ltc_audio import Generator, Listener
from showctl.protocols.timecode import (
    FPS_23_976,
    FPS_24,
    FPS_25,
    FPS_29_97_DF,
    FPS_30,
    RATES,
    Rate,
    from_frames,
    parse,
    to_frames,
)

SAMPLES = 48_000


def labels(heard: list) -> list[str]:  # type: ignore[type-arg]
    return [str(item.word) for item in heard]


def test_the_bits_of_a_word_stand_where_the_standard_has_them() -> None:
    # SMPTE 12M-1 clause 9: 12:34:56:07, units and tens by their places, sync 0011 1111 1111 1101 at the end.
    tape = "".join(map(str, bits_of(encode(parse("12:34:56:07", FPS_25), 0x8765_4321))))
    assert tape[0:4] == "1110"  # 7, least first
    assert tape[4:8] == "1000"  # the first group of user bits: 1
    assert tape[8:10] == "00"  # tens of frames
    assert tape[16:20] == "0110"
    assert tape[24:27] == "101"
    assert tape[32:36] == "0010"
    assert tape[40:43] == "110"
    assert tape[48:52] == "0100"
    assert tape[56:58] == "10"
    assert tape[60:64] == "0001"
    assert tape[64:80] == "0011111111111101"
    assert encode(parse("00:01:00;02", FPS_29_97_DF)) >> 10 & 1 == 1


@pytest.mark.parametrize("rate", RATES.values(), ids=RATES)
def test_every_word_has_an_even_number_of_zeros_and_reads_as_it_was_written(rate: Rate) -> None:
    for count in range(0, rate.frames_per_day, 7_919):
        word = encode(from_frames(count, rate), count & 0xFFFFFFFF)
        assert (80 - word.bit_count()) % 2 == 0
        read = decode(word)
        assert to_frames(read.label(rate)) == count
        assert read.user == count & 0xFFFFFFFF


def test_the_phase_bit_is_59_at_25_frames_and_27_at_all_other_rates() -> None:
    """SMPTE 12M 9.2.2: where the polarity correction stands in the 25-frame and in the 30- and 24-frame systems."""
    for rate in RATES.values():
        odd = next(word for n in range(99) if (word := encode(from_frames(n, rate))) & (1 << 59 | 1 << 27))
        assert (odd >> 59 & 1, odd >> 27 & 1) == ((1, 0) if rate.nominal == 25 else (0, 1))


def test_a_word_that_no_clock_shows_is_refused() -> None:
    good = encode(parse("10:00:00:00", FPS_25))
    with pytest.raises(ProtocolError, match="is no timecode"):
        decode(good | 0xF)  # fifteen frames in the units
    with pytest.raises(ProtocolError, match="no sync word"):
        decode(good ^ 1 << 70)
    with pytest.raises(ProtocolError, match="not drop frame"):
        decode(good).label(FPS_29_97_DF)


def test_a_framer_finds_the_words_both_ways() -> None:
    words = [encode(parse(f"01:00:00:{n:02}", FPS_25)) for n in range(4)]
    tape = [bit for word in words for bit in bits_of(word)]
    framer = Framer()
    assert [found for bit in tape if (found := framer.bit(bit))] == [(word, True) for word in words]
    framer.reset()
    assert [found for bit in reversed(tape) if (found := framer.bit(bit))] == [(word, False) for word in reversed(words)]


def test_one_frame_at_48_kilohertz_and_25_fps_is_1920_samples_and_begins_where_it_was_put() -> None:
    sound = Generator(FPS_25, SAMPLES, to_frames(parse("01:00:00:00", FPS_25))).frames(50)
    assert len(sound) == 50 * 1920
    listener = Listener(SAMPLES)
    heard = listener.feed(np.concatenate([np.zeros(1000, np.float32), sound, np.zeros(10, np.float32), -sound[-1:]]))
    assert labels(heard)[:2] == ["01:00:00:00", "01:00:00:01"]
    assert len(heard) >= 49
    assert all(abs(item.begins - (1000 + 1920 * n)) <= 1 for n, item in enumerate(heard))
    assert all(abs(item.frames_per_second(SAMPLES) - 25) < 0.05 for item in heard)


@pytest.mark.parametrize("rate", RATES.values(), ids=RATES)
@pytest.mark.parametrize("sample_rate", [44_100, 48_000, 96_000])
def test_ten_minutes_do_not_drift_by_a_sample(rate: Rate, sample_rate: int) -> None:
    generator = Generator(rate, sample_rate, 0)
    frames = rate.nominal * 20
    length = sum(len(generator.frames(frames // 4)) for _ in range(4))
    assert abs(length - frames * sample_rate * rate.den / rate.num) <= 0.5


@given(
    start=st.integers(0, FPS_25.frames_per_day - 1),
    speed=st.sampled_from([0.1, 0.5, 0.9, 1.0, 1.1, 2.0, 4.0]),
    level=st.floats(0.004, 0.95),
    offset=st.floats(-0.04, 0.04),
    inverted=st.booleans(),
    backwards=st.booleans(),
    chunk=st.integers(200, 4000),
    noise=st.integers(0, 2**32 - 1),
)
@settings(max_examples=40, deadline=None)
def test_code_is_read_at_any_speed_level_polarity_and_in_either_direction(
    start: int, speed: float, level: float, offset: float, inverted: bool, backwards: bool, chunk: int, noise: int
) -> None:
    frames = 8
    sound = Generator(FPS_25, round(SAMPLES / speed), start, level=level).frames(frames)
    sound = (-sound if inverted else sound)[:: -1 if backwards else 1]
    sound = sound + np.random.default_rng(noise).normal(0, level / 20, len(sound)).astype(np.float32) + offset * level
    listener = Listener(SAMPLES)
    heard = [item for at in range(0, len(sound), chunk) for item in listener.feed(sound[at : at + chunk])]
    wanted = [str(from_frames(start + n, FPS_25)) for n in range(frames)][:: -1 if backwards else 1]
    assert labels(heard)[-3:] == [label for label in wanted if label in labels(heard)][-3:]
    assert set(labels(heard)) <= set(wanted)
    assert len(heard) >= frames - 3  # until the speed is known, and the edge that would end the last
    assert all(item.forward is not backwards for item in heard)


def test_a_tape_that_changes_speed_and_turns_round_is_followed() -> None:
    there = Generator(FPS_24, SAMPLES, 1000).frames(24)
    fast = Generator(FPS_24, SAMPLES // 3, 1024).frames(48)
    tape = np.concatenate([there, fast, fast[::-1], there[::-1]])
    counts = [to_frames(item.word.label(FPS_24)) for item in Listener(SAMPLES).feed(tape)]
    top = counts.index(max(counts))
    assert counts[:top] == sorted(counts[:top])
    assert counts[top:] == sorted(counts[top:], reverse=True)
    assert len(counts) >= 2 * 72 - 8
    assert counts[-1] <= 1001


def test_sixteen_bit_samples_read_as_floats_do() -> None:
    sound = Generator(FPS_30, SAMPLES, 5).frames(12)
    whole = (sound * 32767).astype(np.int16)
    assert labels(Listener(SAMPLES).feed(whole)) == labels(Listener(SAMPLES).feed(sound))


@pytest.mark.parametrize("kind", ["silence", "noise", "hum", "music", "speech of a square wave"])
def test_what_is_no_timecode_gives_none(kind: str) -> None:
    t = np.arange(10 * SAMPLES) / SAMPLES
    random = np.random.default_rng(20)
    sound = {
        "silence": np.zeros(len(t)),
        "noise": random.normal(0, 0.3, len(t)),
        "hum": 0.4 * np.sin(2 * np.pi * 50 * t),
        "music": sum(0.1 * np.sin(2 * np.pi * f * t) for f in (220.0, 277.2, 329.6, 1760.0)),
        "speech of a square wave": np.sign(np.sin(2 * np.pi * 1000 * t * (1 + 0.1 * np.sin(2 * np.pi * t)))),
    }[kind]
    assert Listener(SAMPLES).feed(np.asarray(sound)) == []


def test_after_a_drop_out_reading_begins_again_with_the_next_whole_frame() -> None:
    sound = Generator(FPS_25, SAMPLES, 0).frames(40)
    sound[1920 * 10 + 700 : 1920 * 12 + 300] = 0
    counts = [to_frames(item.word.label(FPS_25)) for item in Listener(SAMPLES).feed(sound)]
    assert set(range(10)) <= set(counts)
    assert not {10, 11, 12} & set(counts)
    assert set(range(14, 39)) <= set(counts)


def test_bits_that_flip_make_no_wrong_time_with_their_neighbours() -> None:
    """A flipped bit may make one wrong word, never two that follow on from each other: what the chase asks for."""
    random = np.random.default_rng(7)
    wrong_pairs = 0
    for _ in range(40):
        sound = Generator(FPS_25, SAMPLES, 90_000).frames(20)
        for at in random.integers(0, len(sound), 6):
            sound[at : at + 12] *= -1
        counts = [to_frames(item.word.label(FPS_25)) for item in Listener(SAMPLES).feed(sound)]
        bad = [not 90_000 <= count < 90_020 for count in counts]
        wrong_pairs += sum(a and b for a, b in pairwise(bad))
    assert wrong_pairs == 0


def test_a_wave_file_holds_code_as_any_other_program_would_read_it(tmp_path: Path) -> None:
    path = tmp_path / "code.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLES)
        file.writeframes((Generator(FPS_23_976, SAMPLES, 0).frames(48) * 32767).astype("<i2").tobytes())
    with wave.open(str(path)) as file:
        heard = Listener(file.getframerate()).feed(np.frombuffer(file.readframes(file.getnframes()), "<i2"))
    assert [str(item.word) for item in heard][:24] == [f"00:00:00:{n:02}" for n in range(24)]
    assert ltc.decode(encode(from_frames(24, FPS_23_976))) == Word(0, 0, 1, 0)
