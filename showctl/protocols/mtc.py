"""MIDI Time Code: quarter frames and full frames. Standard: MIDI Time Code (MMA RP-004/RP-008).

Eight quarter-frame messages F1 0nnndddd carry one label in pieces, four per frame. Played forwards they come as pieces 0 to
7: piece 0 is sent as the label begins, the last one seven quarters of a frame later. The label in force is then the assembled
one plus one, for three quarters of a frame; plus two, which RP-004 tells displays to add, it is when the next piece 0 comes.
Played backwards they come as 7 to 0; piece 0 was sent at the very moment that the label names, so nothing is added.

A full frame (SysEx) is a locate: time stands there until quarter frames come. The four rates of MTC do not tell 29.97 non-drop
from 30, nor 23.976 from 24; the caller says which are meant. Whether to believe a jump is for the chase.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from showctl.protocols.errors import ProtocolError, in_range
from showctl.protocols.timecode import FPS_24, FPS_25, FPS_29_97_DF, FPS_30, Rate, Timecode, from_frames, to_frames

QUARTER_FRAME: Final = 0xF1
FULL_FRAME_SIZE: Final = 10  # F0 7F dev 01 01 hr mn sc fr F7
FRAMES_PER_ASSEMBLY: Final = 2  # eight pieces, four per frame
LAST_PIECE: Final = divmod(7, 4)  # frames and quarters of one after the label began
_RATES: Final = (FPS_24, FPS_25, FPS_29_97_DF, FPS_30)  # RP-004, "hours" byte, bits 5 and 6


class Direction(IntEnum):
    """Which way the tape runs."""

    FORWARD = 1
    REVERSE = -1


@dataclass(frozen=True, slots=True)
class Position:
    """The label in force at the moment the last piece arrived, and for how many quarters of a frame it had been so by then."""

    timecode: Timecode
    direction: Direction
    quarters: int = 0


@dataclass(frozen=True, slots=True)
class FullFrame:
    """A locate to a label; device 0x7F is everyone."""

    timecode: Timecode
    device: int = 0x7F


class Assembler:
    """Puts quarter frames together, in both directions, starting again at every gap or turn."""

    def __init__(self) -> None:
        self._pieces = bytearray(8)
        self._count = 0
        self._last = 0
        self._direction = Direction.FORWARD

    def feed(self, piece: int) -> Position | None:
        """Takes the data byte of a quarter frame; gives a position with the last of eight in a row.

        Raises `ProtocolError` for a byte that is no data byte, and for eight pieces that make no label.
        """
        if not 0 <= piece <= 0x7F:
            raise ProtocolError("quarter frame data has its top bit set", 1)
        number, value = piece >> 4, piece & 0xF
        if self._count and number == (self._last + self._direction) % 8:
            self._count += 1
        else:
            self._direction = Direction.REVERSE if number == 7 else Direction.FORWARD
            self._count = 1 if number in (0, 7) else 0
        self._pieces[number], self._last = value, number
        if self._count < 8:
            return None
        self._count = 0
        return self._position()

    def reset(self) -> None:
        """Forgets the pieces so far, for when the stream stopped or a full frame came."""
        self._count = 0

    def _position(self) -> Position:
        p = self._pieces
        hours_and_rate = p[6] | p[7] << 4
        label = _label(hours_and_rate, p[4] | p[5] << 4, p[2] | p[3] << 4, p[0] | p[1] << 4, 1)
        if self._direction is Direction.REVERSE:
            return Position(label, self._direction)
        frames, quarters = LAST_PIECE
        return Position(from_frames(to_frames(label) + frames, label.rate), self._direction, quarters)


def encode_quarter_frames(label: Timecode) -> tuple[bytes, ...]:
    """The eight messages of a label in forward order; the n-th is due n quarter frames after the label begins."""
    fields = (label.frames, label.seconds, label.minutes, label.hours | _rate_code(label.rate) << 5)
    nibbles = [nibble for value in fields for nibble in (value & 0xF, value >> 4)]
    return tuple(bytes((QUARTER_FRAME, number << 4 | nibble)) for number, nibble in enumerate(nibbles))


def encode_full_frame(message: FullFrame) -> bytes:
    """The SysEx of a locate."""
    label = message.timecode
    hours = label.hours | _rate_code(label.rate) << 5
    device = in_range("device", message.device, 0, 0x7F)
    return bytes((0xF0, 0x7F, device, 0x01, 0x01, hours, label.minutes, label.seconds, label.frames, 0xF7))


def decode_full_frame(data: bytes) -> FullFrame | None:
    """Reads a SysEx message; None when it is not a full frame, `ProtocolError` when it is a broken one."""
    if data[:2] != b"\xf0\x7f" or data[3:5] != b"\x01\x01":
        return None
    if len(data) != FULL_FRAME_SIZE or data[-1] != 0xF7 or max(data[2:9]) > 0x7F:
        raise ProtocolError("full frame message is malformed", 5)
    return FullFrame(_label(data[5], data[6], data[7], data[8], 5), data[2])


def _label(hours_and_rate: int, minutes: int, seconds: int, frames: int, offset: int) -> Timecode:
    """A label from its fields; undefined bits are masked, as RP-004 says receivers should."""
    rate = _RATES[hours_and_rate >> 5 & 0x3]
    try:
        return Timecode(hours_and_rate & 0x1F, minutes & 0x3F, seconds & 0x3F, frames & 0x1F, rate)
    except ProtocolError as problem:
        raise ProtocolError(problem.what, offset) from None


def _rate_code(rate: Rate) -> int:
    """The code of the MTC rate that counts labels the same way."""
    if rate.drop:
        return _RATES.index(FPS_29_97_DF)
    return {24: 0, 25: 1, 30: 3}[rate.nominal]
