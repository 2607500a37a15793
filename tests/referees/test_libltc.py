"""libltc as referee: it reads the timecode that we make, and we read what it makes, at every rate and both ways of the tape."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from numpy.typing import NDArray

from showctl.devices.driver import Send
from showctl.devices.ltc_out import LtcOut
from showctl.engine.commands import Tell
from showctl.protocols.ltc_audio import Generator, Listener
from showctl.protocols.timecode import FPS_24, FPS_25, FPS_29_97_DF, FPS_30, Rate, Timecode, from_frames, parse, to_frames
from showctl.show.codes import CodeOut
from showctl.show.cues import ActionClass
from showctl.show.instants import SECOND
from tests.devices.building import device, until

LIBRARY = "libltc.so.11"
SAMPLES = 48_000
TV = {FPS_25: 1, FPS_29_97_DF: 0, FPS_30: 0, FPS_24: 2}  # enum LTC_TV_STANDARD: 525/60, 625/50, 1125/60, film

pytestmark = pytest.mark.referee(LIBRARY)


class FrameExt(ctypes.Structure):
    """LTCFrameExt, as ltc.h has it."""

    _fields_ = (
        ("ltc", ctypes.c_uint8 * 10),
        ("off_start", ctypes.c_longlong),
        ("off_end", ctypes.c_longlong),
        ("reverse", ctypes.c_int),
        ("biphase_tics", ctypes.c_float * 80),
        ("sample_min", ctypes.c_uint8),
        ("sample_max", ctypes.c_uint8),
        ("volume", ctypes.c_double),
    )


class SmpteTime(ctypes.Structure):
    """SMPTETimecode, as ltc.h has it."""

    _fields_ = (
        ("timezone", ctypes.c_char * 6),
        *((name, ctypes.c_ubyte) for name in ("years", "months", "days", "hours", "mins", "secs", "frame")),
    )


def libltc() -> ctypes.CDLL:
    library = ctypes.CDLL(LIBRARY)
    library.ltc_decoder_create.restype = library.ltc_encoder_create.restype = ctypes.c_void_p
    library.ltc_encoder_create.argtypes = (ctypes.c_double, ctypes.c_double, ctypes.c_int, ctypes.c_int)
    return library


def read_by_libltc(sound: NDArray[np.float32]) -> list[tuple[str, bool, int]]:
    library = libltc()
    decoder = ctypes.c_void_p(library.ltc_decoder_create(1920, 1024))
    samples = np.ascontiguousarray(sound, np.float32)
    found: list[tuple[str, bool, int]] = []
    for at in range(0, len(samples), 1000):
        part = samples[at : at + 1000]
        pointer = part.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        library.ltc_decoder_write_float(decoder, pointer, ctypes.c_size_t(len(part)), ctypes.c_longlong(at))
        frame, read = FrameExt(), SmpteTime()
        while library.ltc_decoder_read(decoder, ctypes.byref(frame)):
            library.ltc_frame_to_time(ctypes.byref(read), ctypes.byref(frame.ltc), 0)
            mark = ";" if frame.ltc[1] & 4 else ":"
            text = f"{read.hours:02}:{read.mins:02}:{read.secs:02}{mark}{read.frame:02}"
            found.append((text, bool(frame.reverse), frame.off_start))
    library.ltc_decoder_free(decoder)
    return found


def made_by_libltc(first: Timecode, frames: int) -> NDArray[np.uint8]:
    library = libltc()
    rate = first.rate
    encoder = ctypes.c_void_p(library.ltc_encoder_create(SAMPLES, rate.num / rate.den, TV[rate], 0))
    time = SmpteTime(b"+0000", 0, 0, 0, first.hours, first.minutes, first.seconds, first.frames)
    library.ltc_encoder_set_timecode(encoder, ctypes.byref(time))
    if rate.drop:  # libltc counts drop frame where the frame says so; setting the bit is the caller's business
        frame = (ctypes.c_uint8 * 10)()
        library.ltc_encoder_get_frame(encoder, ctypes.byref(frame))
        frame[1] |= 4
        library.ltc_encoder_set_frame(encoder, ctypes.byref(frame))
    size = ctypes.c_int(0)
    library.ltc_encoder_get_bufptr.restype = ctypes.POINTER(ctypes.c_uint8)
    parts = []
    for _ in range(frames):
        library.ltc_encoder_encode_frame(encoder)
        pointer = library.ltc_encoder_get_bufptr(encoder, ctypes.byref(size), 1)
        parts.append(np.ctypeslib.as_array(pointer, (size.value,)).copy())
        library.ltc_encoder_inc_timecode(encoder)
    library.ltc_encoder_free(encoder)
    return np.concatenate(parts)


@pytest.mark.parametrize("rate", TV, ids=[rate.name for rate in TV])
def test_libltc_reads_what_we_make_over_the_turn_of_a_minute(rate: Rate) -> None:
    first = to_frames(parse("09:59:58:00", rate))
    sound = Generator(rate, SAMPLES, first).frames(4 * rate.nominal)
    read = read_by_libltc(sound)
    wanted = [str(from_frames(first + n, rate)) for n in range(4 * rate.nominal)]
    assert [text for text, _, _ in read] == wanted[-len(read) - 1 : -1]
    assert len(read) >= len(wanted) - 2
    assert not any(reverse for _, reverse, _ in read)
    skipped = len(wanted) - 1 - len(read)
    for n, (_, _, begins) in enumerate(read, skipped):
        assert abs(begins - n * SAMPLES * rate.den / rate.num) < 40  # libltc reckons the beginning from the bits it had


def test_libltc_reads_our_tape_backwards() -> None:
    sound = Generator(FPS_25, SAMPLES, 100).frames(50)[::-1]
    read = read_by_libltc(sound)
    assert len(read) >= 47
    assert all(reverse for _, reverse, _ in read)


@pytest.mark.parametrize("rate", TV, ids=[rate.name for rate in TV])
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_we_read_what_libltc_makes(rate: Rate, backwards: bool) -> None:
    first = parse("00:00:58:00", rate)
    sound = made_by_libltc(first, 4 * rate.nominal).astype(np.float32) / 128 - 1
    heard = Listener(SAMPLES).feed(sound[:: -1 if backwards else 1])
    counts = [to_frames(item.word.label(rate)) for item in heard]
    wanted = [to_frames(first) + n for n in range(4 * rate.nominal)][:: -1 if backwards else 1]
    assert counts == wanted[wanted.index(counts[0]) : wanted.index(counts[-1]) + 1]
    assert len(counts) >= len(wanted) - 3
    assert all(item.forward is not backwards for item in heard)


@pytest.mark.parametrize("rate", TV, ids=[rate.name for rate in TV])
def test_libltc_reads_what_an_output_sends_through_a_pause_and_a_jump(rate: Rate) -> None:
    begins = to_frames(parse("09:59:58:00", rate))
    code = CodeOut("", rate.num, rate.den, rate.drop, begins)
    it = LtcOut(device("ltc_out", code=code, transport="udp"))
    it.start(0)

    def run(now: int, position: float, rate_: float = 1.0) -> None:
        arguments = (("position", position * SECOND), ("num", rate_), ("den", 1.0))
        it.command(Tell(now, 1, "it", "run", arguments, ActionClass.STATE), now)

    def heard(now: int, end: int) -> list[str]:
        sent = b"".join(output.data for _, output in until(it, now, end) if isinstance(output, Send))
        return [text for text, _, _ in read_by_libltc(np.frombuffer(sent, "<i2").astype(np.float32) / np.float32(32768))]

    run(0, 0.0)
    labels = heard(0, 4 * SECOND)
    first = begins + round(4 * rate.num / rate.den) - len(labels) - 1
    assert labels == [str(from_frames(first + n, rate)) for n in range(len(labels))]
    assert len(labels) >= 4 * rate.num // rate.den - 4
    run(4 * SECOND, 4.0, 0.0)
    assert heard(4 * SECOND, 5 * SECOND) == []
    run(5 * SECOND, 600.0)
    after = heard(5 * SECOND, 6 * SECOND)
    there = begins + 600 * rate.num // rate.den
    assert after[-1] in {str(from_frames(there + round(rate.num / rate.den) + n, rate)) for n in (-3, -2, -1)}
