"""MIDI Time Code against MMA RP-004."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showctl.protocols import mtc
from showctl.protocols.errors import ProtocolError
from showctl.protocols.mtc import Assembler, Direction, FullFrame, Position
from showctl.protocols.timecode import FPS_24, FPS_25, FPS_29_97_DF, FPS_29_97_NDF, FPS_30, Rate, Timecode, from_frames
from tests.protocols.material import survive

LABEL = Timecode(13, 45, 59, 23, FPS_25)
# RP-004, quarter frame messages: 23 = 0x17 frames, 59 = 0x3b seconds, 45 = 0x2d minutes, 13 = 0x0d hours with rate 1.
PIECES = bytes.fromhex("07 11 2b 33 4d 52 6d 72")


def play(pieces: bytes) -> list[Position]:
    assembler = Assembler()
    return [position for piece in pieces if (position := assembler.feed(piece))]


def test_quarter_frames_are_the_nibbles_of_the_specification() -> None:
    assert mtc.encode_quarter_frames(LABEL) == tuple(bytes((0xF1, piece)) for piece in PIECES)


def test_forwards_the_last_piece_is_seven_quarters_of_a_frame_after_its_label() -> None:
    assert play(PIECES) == [Position(Timecode(13, 45, 59, 24, FPS_25), Direction.FORWARD, 3)]


def test_backwards_the_label_in_force_is_the_one_assembled() -> None:
    assert play(PIECES[::-1]) == [Position(LABEL, Direction.REVERSE)]


def test_one_frame_on_skips_the_labels_that_drop_frame_drops() -> None:
    pieces = bytes(message[1] for message in mtc.encode_quarter_frames(Timecode(0, 0, 59, 29, FPS_29_97_DF)))

    assert play(pieces) == [Position(Timecode(0, 1, 0, 2, FPS_29_97_DF), Direction.FORWARD, 3)]


def test_nothing_is_known_before_the_eighth_piece() -> None:
    assert play(PIECES[:7]) == []
    assert play(PIECES[1:]) == []


def test_a_lost_piece_costs_its_label_and_no_other() -> None:
    following = bytes(message[1] for message in mtc.encode_quarter_frames(Timecode(13, 46, 0, 0, FPS_25)))

    assert play(PIECES[:3] + PIECES[4:] + following) == [Position(Timecode(13, 46, 0, 1, FPS_25), Direction.FORWARD, 3)]


def test_a_turn_of_the_tape_starts_again_in_the_other_direction() -> None:
    assert play(PIECES[:5] + PIECES[::-1]) == [Position(LABEL, Direction.REVERSE)]
    assert play(PIECES[::-1] + PIECES) == [
        Position(LABEL, Direction.REVERSE),
        Position(Timecode(13, 45, 59, 24, FPS_25), Direction.FORWARD, 3),
    ]


def test_a_reset_in_mid_label_forgets_it() -> None:
    assembler = Assembler()
    for piece in PIECES[:4]:
        assembler.feed(piece)
    assembler.reset()

    assert [assembler.feed(piece) for piece in PIECES[4:]] == [None] * 4


def test_eight_pieces_that_make_no_label_are_refused_and_the_next_are_read() -> None:
    assembler = Assembler()
    with pytest.raises(ProtocolError, match="not a timecode"):
        [assembler.feed(piece) for piece in bytes.fromhex("0d 11 2b 33 4d 52 6d 72")]  # frame 29 at 25 fps

    assert [assembler.feed(piece) for piece in PIECES][-1] is not None


def test_a_full_frame_is_the_sysex_of_the_specification() -> None:
    data = bytes.fromhex("f0 7f 7f 01 01 2d 2d 3b 17 f7")  # hours 13 with rate 1 in bits 5 and 6

    assert mtc.encode_full_frame(FullFrame(LABEL)) == data
    assert mtc.decode_full_frame(data) == FullFrame(LABEL)


def test_other_sysex_is_no_full_frame_and_a_broken_one_is_refused() -> None:
    assert mtc.decode_full_frame(bytes.fromhex("f0 7f 7f 02 01 01 f7")) is None
    assert mtc.decode_full_frame(b"") is None
    with pytest.raises(ProtocolError, match="malformed"):
        mtc.decode_full_frame(bytes.fromhex("f0 7f 7f 01 01 2d 2d 3b f7"))
    with pytest.raises(ProtocolError, match="not a timecode"):
        mtc.decode_full_frame(bytes.fromhex("f0 7f 7f 01 01 2d 3d 3b 17 f7"))


@pytest.mark.parametrize(("rate", "code"), [(FPS_24, 0), (FPS_25, 1), (FPS_29_97_DF, 2), (FPS_30, 3), (FPS_29_97_NDF, 3)])
def test_the_rate_is_two_bits_of_the_hours(rate: Rate, code: int) -> None:
    assert mtc.encode_full_frame(FullFrame(Timecode(1, 0, 0, 0, rate)))[5] == code << 5 | 1


@given(st.integers(0, 2_000_000), st.sampled_from([FPS_24, FPS_25, FPS_29_97_DF, FPS_30]))
def test_a_stream_played_forwards_and_back_names_its_frames(count: int, rate: Rate) -> None:
    pieces = bytes(message[1] for message in mtc.encode_quarter_frames(from_frames(count, rate)))

    assert play(pieces) == [Position(from_frames(count + 1, rate), Direction.FORWARD, 3)]
    assert play(pieces[::-1]) == [Position(from_frames(count, rate), Direction.REVERSE)]


def test_mutated_streams_only_ever_raise_protocol_errors() -> None:
    def decode(data: bytes) -> None:
        mtc.decode_full_frame(data)
        play(data)

    read, refused = survive(decode, [PIECES * 2, PIECES[::-1], mtc.encode_full_frame(FullFrame(LABEL))])

    assert read > 1000
    assert refused > 1000
