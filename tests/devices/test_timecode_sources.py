"""What each kind of source says becomes the same clock: words, seconds, Art-Net, MIDI, sound, a player's position."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.devices.driver import Send
from showctl.devices.mtc_out import MtcOut
from showctl.devices.timecode import Source
from showctl.engine.commands import Tell
from showctl.engine.events import ClockMoved
from showctl.protocols.artnet import TimeCode, TimeCodeType
from showctl.protocols.ltc_audio import Generator
from showctl.protocols.mtc import FullFrame, encode_full_frame, encode_quarter_frames
from showctl.protocols.timecode import FPS_25, FPS_29_97_DF, from_frames, parse
from showctl.show.codes import CodeOut
from showctl.show.cues import ActionClass
from showctl.show.instants import MILLISECOND, SECOND
from showctl.show.show import TimecodeInput
from tests.devices.building import device

FRAME = SECOND // 25
HOUR = 90_000


def source(kind: str, **more: object) -> Source:
    return Source(TimecodeInput("desk", kind, 25, 1, **more))  # type: ignore[arg-type]


def last(moves: list[ClockMoved]) -> tuple[str, bool]:
    return moves[-1].state, moves[-1].jump


def frames_off(code: Source, now: int, expected: float) -> float:
    position = code.chase.position(now)
    assert position is not None
    return abs(position / FRAME - expected)


def test_words_and_seconds_over_osc() -> None:
    code = source("osc")
    moves = [move for n in range(5) for move in code.words([f"01:00:00:{n:02}"], n * FRAME)]
    assert last(moves) == ("locked", True)
    assert frames_off(code, 4 * FRAME, HOUR + 4) < 0.1
    assert code.words([3600 + 5 / 25], 5 * FRAME) == []
    assert code.words(["half past nine"], 6 * FRAME) == []
    assert code.words([True], 6 * FRAME) == code.words([], 6 * FRAME) == code.words([-1.0], 6 * FRAME) == []
    assert sum(code.refused.values()) == 4


def test_art_net_of_another_type_is_refused_and_counted() -> None:
    code = source("artnet")
    assert [code.artnet(TimeCode(1, 0, 0, n, TimeCodeType.SMPTE_30), n * FRAME) for n in range(5)] == [[]] * 5
    assert code.refused == {"code of type smpte_30, and the show counts 25": 5}
    moves = [move for n in range(5) for move in code.artnet(TimeCode(1, 0, 0, n, TimeCodeType.EBU_25), SECOND + n * FRAME)]
    assert last(moves) == ("locked", True)


def test_a_label_in_quarter_frames_is_as_old_as_its_first_piece() -> None:
    code = source("mtc")
    moves = []
    for pair in range(6):
        for n, message in enumerate(encode_quarter_frames(from_frames(HOUR + 2 * pair, FPS_25))):
            moves += code.midi(message, (8 * pair + n) * FRAME // 4)
    assert last(moves) == ("locked", True)
    assert frames_off(code, 47 * FRAME // 4, HOUR + 47 / 4) < 0.001


def test_what_our_own_output_says_is_read_back_as_its_own_time() -> None:
    out = MtcOut(device("mtc_out", transport="serial", code=CodeOut(begins=HOUR)))
    out.start(0)
    out.connected(0)
    out.command(Tell(SECOND, 1, "desk", "run", (("position", 0.0), ("num", 1.0), ("den", 1.0)), ActionClass.STATE), SECOND)
    code = source("mtc")
    while (due := out.next_deadline()) is not None and due < 3 * SECOND:
        for said in out.wake(due):
            assert isinstance(said, Send)
            code.midi(said.data, due)
    assert code.chase.state == "locked"
    assert frames_off(code, 3 * SECOND, HOUR + 50) < 0.001


def test_midi_is_read_wherever_it_is_torn_and_whatever_else_is_on_the_cable() -> None:
    code = source("mtc")
    note_on, clock, other = b"\x90\x40\x7f\x41", b"\xf8", b"\xf0\x7f\x7f\x06\x01\xf7"
    stream = b""
    for pair in range(4):
        for message in encode_quarter_frames(from_frames(HOUR + 2 * pair, FPS_25)):
            stream += message[:1] + clock + message[1:] + note_on + other
    step = 4 * 2 * FRAME // len(stream)
    moves = [move for n, byte in enumerate(stream) for move in code.midi(bytes((byte,)), n * step)]
    assert last(moves) == ("locked", True)


def test_a_full_frame_says_where_a_standing_tape_is() -> None:
    code = source("mtc")
    moves = code.midi(encode_full_frame(FullFrame(parse("02:00:00:00", FPS_25))), 0)
    assert (moves[0].state, moves[0].num, moves[0].position) == ("hold", 0, 7200 * SECOND)
    assert code.midi(encode_full_frame(FullFrame(parse("02:00:00;00", FPS_29_97_DF))), 1) == []
    assert code.refused == {"code at 29.97DF fps, and the show counts 25": 1}


@pytest.mark.parametrize("late", [0, 35])
def test_sound_that_arrives_in_lumps_is_as_steady_as_its_samples(late: int) -> None:
    code = source("ltc")
    sound = Generator(FPS_25, 48_000, HOUR).frames(100)
    random = np.random.default_rng(3)
    moves = []
    for n in range(0, len(sound), 480):
        now = (n + 480) * SECOND // 48_000 + round(random.random() * late) * MILLISECOND
        moves += code.audio(sound[n : n + 480], 48_000, now)
    assert next((move.state, move.jump) for move in moves if move.state == "locked") == ("locked", True)
    assert frames_off(code, 4 * SECOND, HOUR + 100) < 0.5
    assert all(move.den == 1 for move in moves) or late  # nothing to slew on a steady cable


def test_a_gap_in_the_sound_is_no_drift() -> None:
    code = source("ltc")
    first, then = Generator(FPS_25, 48_000, HOUR).frames(50), Generator(FPS_25, 48_000, HOUR + 150).frames(50)
    code.audio(first, 48_000, 2 * SECOND)
    moves = [
        move
        for n in range(0, len(then), 480)
        for move in code.audio(then[n : n + 480], 48_000, 6 * SECOND + n * SECOND // 48_000)
    ]
    assert moves[-1].state == "locked"
    assert frames_off(code, 8 * SECOND, HOUR + 200) < 1


def test_a_player_that_tells_its_position_once_a_second_is_code_enough() -> None:
    code = source("device", source="sound", along=(("score", 3600 * SECOND),))
    assert code.reported("position", 3.0, 0) == []  # of another clip
    assert code.reported("clip", "score", 0) == []
    moves = [move for n in range(6) for move in code.reported("position", float(n), n * SECOND)]
    assert last(moves) == ("locked", True)
    assert code.chase.wake(6 * SECOND) == []
    assert frames_off(code, 6 * SECOND, HOUR + 150) < 0.5
    assert code.chase.wake(20 * SECOND)[-1].state == "lost"


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_bytes_whatever_upset_a_cable(data: bytes) -> None:
    code = source("mtc")
    for n, byte in enumerate(data):
        code.midi(bytes((byte,)), n * FRAME // 4)
    assert len(code.refused) <= 16
