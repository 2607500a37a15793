"""Timecode that goes out: at which instant which word leaves, at every rate, and through pauses, rates, jumps and late wakings.

MIDI bytes are read by mido, Art-Net by its own layout, sound by the program's own ear as a second opinion: libltc hears it in
``tests/referees/test_libltc.py``.
"""

from __future__ import annotations

import mido
import numpy as np
import pytest

from showctl.devices.artnet_code import HELD_EVERY, ArtnetCode
from showctl.devices.code_out import CodeDriver
from showctl.devices.driver import Connect, Outputs, Send
from showctl.devices.ltc_out import CHUNK, SAMPLES, WAITING, LtcOut
from showctl.devices.mtc_out import MtcOut
from showctl.devices.timecode import Source
from showctl.engine.commands import Tell
from showctl.protocols.artnet import TimeCode, decode
from showctl.protocols.ltc_audio import Listener
from showctl.protocols.timecode import RATES, Rate, from_frames, parse, to_frames, to_nanoseconds
from showctl.show.codes import CodeOut
from showctl.show.cues import ActionClass
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, SECOND, seconds
from showctl.show.show import TimecodeInput
from tests.devices.building import at, device, until

EVERY = pytest.mark.parametrize("rate", RATES.values(), ids=list(RATES))


def code_device(kind: str, rate: Rate, begins: str, **more: object) -> Device:
    code = CodeOut("", rate.num, rate.den, rate.drop, to_frames(parse(begins, rate)))
    return device(kind, code=code, transport="udp", **more)


def run(at_: int, position: float = 0.0, num: float = 1.0, den: float = 1.0) -> Tell:
    """The clock stands at ``position`` seconds at ``at_``, and goes at that rate."""
    arguments = (("position", float(seconds(position))), ("num", num), ("den", den))
    return Tell(at_, 1, "it", "run", arguments, ActionClass.STATE)


def halt(at_: int) -> Tell:
    return Tell(at_, 1, "it", "halt", (), ActionClass.STATE)


def bytes_of(outputs: Outputs) -> bytes:
    return b"".join(output.data for output in outputs if isinstance(output, Send))


def words(it: CodeDriver, now: int, end: int) -> list[tuple[int, bytes]]:
    """What is sent until ``end``, each with its instant."""
    return [(when, output.data) for when, output in until(it, now, end) if isinstance(output, Send)]


# --- Art-Net ---------------------------------------------------------------------------------------------------------------


def shown(packet: bytes) -> tuple[str, int]:
    """An ArtTimeCode's label and type, by the layout of Art-Net 4: ID, OpCode (low byte first), version 14, filler, stream."""
    assert packet[:14] == b"Art-Net\0\x00\x97\x00\x0e\x00\x00"
    assert len(packet) == 19
    frames, second, minute, hour, kind = packet[14:]
    return f"{hour:02}:{minute:02}:{second:02}:{frames:02}", kind


@EVERY
def test_a_packet_leaves_as_each_frame_begins_and_never_drifts(rate: Rate) -> None:
    it = ArtnetCode(code_device("artnet_timecode", rate, "00:59:59:00"))
    it.start(0)
    first = it.command(run(0), 0)
    sent = [(0, bytes_of(first)), *words(it, 0, 3600 * SECOND // 60)]
    begins = to_frames(parse("00:59:59:00", rate))
    kinds = {"24": 0, "23.976": 0, "25": 1, "29.97DF": 2, "29.97NDF": 3, "30": 3}
    for n, (when, packet) in enumerate(sent):
        assert when == to_nanoseconds(n, rate), "from the beginning in whole numbers"
        assert shown(packet) == (str(from_frames(begins + n, rate)).replace(";", ":"), kinds[rate.name])
    assert len(sent) == 60 * rate.num // rate.den + 1


def test_a_late_waking_makes_one_frame_late_and_none_after_it() -> None:
    it = ArtnetCode(code_device("artnet_timecode", RATES["25"], "00:00:00:00"))
    it.start(0)
    it.command(run(0), 0)
    late = it.wake(107 * MILLISECOND)
    assert [shown(bytes_of(late))[0]] == ["00:00:00:02"]  # the one between is left out
    assert it.next_deadline() == 120 * MILLISECOND


def test_while_the_clock_stands_its_frame_is_said_again_and_after_the_end_nothing() -> None:
    it = ArtnetCode(code_device("artnet_timecode", RATES["25"], "00:00:00:00"))
    it.start(0)
    it.command(run(0), 0)
    assert shown(bytes_of(it.command(run(at(1), 1.0, 0.0), at(1))))[0] == "00:00:01:00"
    assert [when for when, _ in words(it, at(1), at(2))] == [at(1) + n * HELD_EVERY for n in (1, 2, 3, 4)]
    assert it.command(halt(at(3)), at(3)) == []
    assert it.next_deadline() is None


def test_half_the_rate_is_half_as_many_frames() -> None:
    it = ArtnetCode(code_device("artnet_timecode", RATES["25"], "00:00:00:00"))
    it.start(0)
    it.command(run(0, 0.0, 1.0, 2.0), 0)
    assert [when // MILLISECOND for when, _ in words(it, 0, at(0.3))] == [80, 160, 240]


def test_a_correction_says_no_frame_twice_and_a_jump_is_said_at_once() -> None:
    it = ArtnetCode(code_device("artnet_timecode", RATES["25"], "00:00:00:00"))
    it.start(0)
    it.command(run(0), 0)
    words(it, 0, at(1))
    assert it.command(run(at(1.01), 0.99), at(1.01)) == []  # a slew of 20 ms back
    assert [shown(packet)[0] for _, packet in words(it, at(1.01), at(1.1))] == ["00:00:01:01", "00:00:01:02"]
    assert shown(bytes_of(it.command(run(at(2), 60.0), at(2))))[0] == "00:01:00:00"


# --- MIDI ------------------------------------------------------------------------------------------------------------------


def assembled(messages: list[mido.Message]) -> list[str]:
    """The labels that quarter frames carry, by mido's reading: eight pieces each, from piece 0."""
    pieces = [(m.frame_type, m.frame_value) for m in messages if m.type == "quarter_frame"]
    found = []
    for n in range(0, len(pieces) - 7, 8):
        assert [kind for kind, _ in pieces[n : n + 8]] == list(range(8))
        low = [value for _, value in pieces[n : n + 8]]
        frames, second, minute, hour = (low[i] | low[i + 1] << 4 for i in (0, 2, 4, 6))
        found.append(f"{hour & 31:02}:{minute:02}:{second:02}:{frames:02}")
    return found


@EVERY
def test_quarter_frames_leave_at_their_own_instants_behind_a_full_frame(rate: Rate) -> None:
    it = MtcOut(code_device("mtc_out", rate, "09:59:58:00"))
    it.start(0)
    begun = it.command(run(0), 0)
    parser = mido.Parser()
    parser.feed(bytes_of(begun))
    (full,) = list(parser)
    code = {"24": 0, "23.976": 0, "25": 1, "29.97DF": 2, "29.97NDF": 3, "30": 3}[rate.name]
    assert tuple(full.data) == (0x7F, 0x7F, 1, 1, code << 5 | 9, 59, 58, 0)

    sent = words(it, 0, at(4))
    start = 8  # two frames on: labels begin at every second frame
    assert [when for when, _ in sent] == [-(-(start + n) * rate.den * SECOND // (4 * rate.num)) for n in range(len(sent))]
    parser.feed(b"".join(data for _, data in sent))
    labels = assembled(list(parser))
    first = to_frames(parse("09:59:58:00", rate))
    assert labels == [str(from_frames(first + 2 + 2 * n, rate)).replace(";", ":") for n in range(len(labels))]
    assert len(labels) >= 4 * rate.num // rate.den // 2 - 2


def test_midi_stands_with_a_full_frame_and_goes_on_with_another() -> None:
    it = MtcOut(code_device("mtc_out", RATES["25"], "00:00:00:00"))
    it.start(0)
    it.command(run(0), 0)
    words(it, 0, at(1))
    stands = bytes_of(it.command(run(at(1), 1.0, 0.0), at(1)))
    assert stands == bytes.fromhex("f07f7f0101 20000100 f7")
    assert it.next_deadline() is None
    on = bytes_of(it.command(run(at(5), 1.0), at(5)))
    assert on == stands
    assert words(it, at(5), at(5.2))[0] == (at(5.04), b"\xf1\x01"), "01:01 is the next whose count, 26, is even"


def test_a_waking_that_is_late_by_frames_begins_anew() -> None:
    it = MtcOut(code_device("mtc_out", RATES["25"], "00:00:00:00"))
    it.start(0)
    it.command(run(0), 0)
    assert bytes_of(it.wake(at(1)))[:1] == b"\xf0"
    soon = MtcOut(code_device("mtc_out", RATES["25"], "00:00:00:00"))
    soon.start(0)
    soon.command(run(0), 0)
    assert bytes_of(soon.wake(at(0.1))) == bytes.fromhex("f102 f110 f120"), "three pieces that were due, at once"


# --- sound -----------------------------------------------------------------------------------------------------------------


def sound(it: CodeDriver, now: int, end: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.frombuffer(b"".join(data for _, data in words(it, now, end)), "<i2")


@EVERY
def test_the_sound_of_ten_seconds_has_every_label_where_it_belongs(rate: Rate) -> None:
    it = LtcOut(code_device("ltc_out", rate, "09:59:55:00"))
    it.start(0)
    it.command(run(0), 0)
    heard = sound(it, 0, at(10))
    assert len(heard) == 10 * SAMPLES
    found = Listener(SAMPLES).feed(heard / 32768)
    first = to_frames(parse("09:59:55:00", rate))
    assert len(found) >= 10 * rate.num // rate.den - 3
    for word in found:
        frame = to_frames(word.word.label(rate)) - first
        assert abs(word.begins - frame * SAMPLES * rate.den / rate.num) <= 1.5


def test_an_hour_of_sound_does_not_drift() -> None:
    rate = RATES["29.97DF"]
    it = LtcOut(code_device("ltc_out", rate, "00:00:00:00"))
    it.start(0)
    it.command(run(0), 0)
    it.wake(at(3600))  # nobody woke it for an hour
    heard = sound(it, at(3600), at(3601))
    found = Listener(SAMPLES).feed(heard / 32768)
    frame = to_frames(found[5].word.label(rate))
    assert abs(found[5].begins / SAMPLES - (frame * 1001 / 30000 - 3600)) < 0.0001


def test_code_is_ahead_by_what_the_output_takes_to_be_heard() -> None:
    it = LtcOut(code_device("ltc_out", RATES["25"], "00:00:00:00", latency=100 * MILLISECOND))
    it.start(0)
    it.command(run(0), 0)
    found = Listener(SAMPLES).feed(sound(it, 0, at(1)) / 32768)
    frame = to_frames(found[0].word.label(RATES["25"]))
    assert round(found[0].begins / SAMPLES * 1000) == 40 * frame - 100


def test_a_clock_that_stands_is_silent_and_one_at_half_speed_is_a_slow_tape() -> None:
    it = LtcOut(code_device("ltc_out", RATES["25"], "00:00:00:00"))
    it.start(0)
    assert not sound(it, 0, at(0.5)).any(), "nothing runs yet"
    it.command(run(at(0.5)), at(0.5))
    assert sound(it, at(0.5), at(1)).any()
    it.command(run(at(1), 0.5, 0.0), at(1))
    assert not sound(it, at(1.02), at(1.5)).any()
    it.command(run(at(1.5), 0.5, 1.0, 2.0), at(1.5))
    found = Listener(SAMPLES).feed(sound(it, at(1.5), at(3)) / 32768)
    assert round(found[3].frames_per_second(SAMPLES), 1) == 12.5
    it.command(run(at(3), 0.5, 9.0), at(3))
    assert not sound(it, at(3.02), at(3.5)).any(), "nobody could read nine times the speed"


def test_a_sound_card_that_is_slow_is_given_fewer_samples_and_code_keeps_its_time() -> None:
    it = LtcOut(code_device("ltc_out", RATES["25"], "00:00:00:00"))
    it.start(0)
    it.command(run(0), 0)
    it.received(WAITING.pack(9_600), 0)
    slow = sound(it, 0, at(10))
    assert len(slow) == 10 * SAMPLES - 10 * SAMPLES // CHUNK
    it.received(WAITING.pack(0), at(10))
    assert len(sound(it, at(10), at(20))) == 10 * SAMPLES + 10 * SAMPLES // CHUNK
    last = Listener(SAMPLES).feed(slow / 32768)[-1]
    assert to_frames(last.word.label(RATES["25"])) == 248


# --- the line --------------------------------------------------------------------------------------------------------------


def test_an_output_that_is_not_there_is_tried_again_and_takes_code_where_it_is_by_then() -> None:
    it = MtcOut(device("mtc_out", code=CodeOut(), transport="serial", host="/dev/snd/midiC1D0"))
    assert it.start(0) == [Connect()]
    it.command(run(0), 0)
    assert [output.state for output in it.lost("is not there", 0)] == ["lost"]  # type: ignore[union-attr]
    assert it.next_deadline() == SECOND
    assert it.wake(SECOND) == [Connect()]
    assert bytes_of(it.connected(at(4))) == bytes.fromhex("f07f7f0101 20000400 f7")
    assert it.desired() == {"state": "running", "code": "00:00:04:00", "rate": "25"}


# --- our own ear -----------------------------------------------------------------------------------------------------------


@EVERY
@pytest.mark.parametrize("kind", ["ltc_out", "mtc_out", "artnet_timecode"])
def test_our_own_input_locks_to_our_own_output_within_a_third_of_a_frame(kind: str, rate: Rate) -> None:
    made = {"ltc_out": LtcOut, "mtc_out": MtcOut, "artnet_timecode": ArtnetCode}[kind]
    it = made(code_device(kind, rate, "01:00:00:00"))
    it.start(0)
    it.command(run(0, 30.0), 0)
    ear = Source(TimecodeInput("desk", kind, rate.num, rate.den, drop=rate.drop))
    for when, data in words(it, 0, at(4)):
        if kind == "ltc_out":
            ear.audio(np.frombuffer(data, "<i2"), SAMPLES, when)
        elif kind == "mtc_out":
            ear.midi(data, when)
        else:
            packet = decode(data)
            assert isinstance(packet, TimeCode)
            ear.artnet(packet, when)
    assert ear.refused == {}
    assert ear.chase.state == "locked"
    hour = to_nanoseconds(to_frames(parse("01:00:00:00", rate)), rate)
    position = ear.chase.position(at(4))
    assert position is not None
    # MIDI is a quarter of a frame ahead: the last of eight pieces comes that much before the second frame is over.
    assert abs(position - hour - seconds(34)) <= to_nanoseconds(1, rate) // 3
