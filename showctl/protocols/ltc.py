"""Linear timecode as words and bits: 80 of them a frame. Standard: SMPTE 12M-1 (codeword, clause 9; direction by the sync word).

A word is a whole number whose bit n is bit n on the tape. `ltc_audio.py` turns samples into bits and words into samples.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from showctl.protocols.errors import ProtocolError, in_range
from showctl.protocols.timecode import Rate, Timecode

BITS: Final = 80
SYNC: Final = 0b1011_1111_1111_1100 << 64  # bits 64 to 79 on the tape: 0011 1111 1111 1101
_SYNC_MASK: Final = 0xFFFF << 64
_DROP_FLAG, _COLOUR_FLAG = 10, 11
_DIGITS: Final = ((0, 4), (8, 2), (16, 4), (24, 3), (32, 4), (40, 3), (48, 4), (56, 2))  # frames, seconds, minutes, hours
_USER_BITS: Final = range(4, 64, 8)
_WORD_MASK: Final = (1 << BITS) - 1


@dataclass(frozen=True, slots=True)
class Word:
    """What one frame of tape says. ``user`` are the 32 user bits, the first group in the lowest four."""

    hours: int
    minutes: int
    seconds: int
    frames: int
    drop: bool = False
    user: int = 0

    def label(self, rate: Rate) -> Timecode:
        """The timecode at a rate. `ProtocolError` where the rate has no such frame, or counts otherwise than the word does."""
        if self.drop != rate.drop:
            raise ProtocolError(f"{self} is {'' if self.drop else 'not '}drop frame, and {rate.name} fps is otherwise")
        return Timecode(self.hours, self.minutes, self.seconds, self.frames, rate)

    def __str__(self) -> str:
        return f"{self.hours:02}:{self.minutes:02}:{self.seconds:02}{';' if self.drop else ':'}{self.frames:02}"


def encode(label: Timecode, user: int = 0, *, colour: bool = False) -> int:
    """The 80 bits of a frame. The phase bit (27; 59 at 25 fps) makes the number of zeros even, so each word begins alike."""
    in_range("user bits", user, 0, 0xFFFF_FFFF)
    word = SYNC | label.rate.drop << _DROP_FLAG | colour << _COLOUR_FLAG
    values = (label.frames, label.seconds, label.minutes, label.hours)
    digits = [digit for value in values for digit in (value % 10, value // 10)]
    for (place, _), digit in zip(_DIGITS, digits, strict=True):
        word |= digit << place
    for group, place in enumerate(_USER_BITS):
        word |= (user >> 4 * group & 0xF) << place
    zeros = BITS - word.bit_count()
    return word | (zeros & 1) << (59 if label.rate.nominal == 25 else 27)


def decode(word: int) -> Word:
    """Reads 80 bits. `ProtocolError` without the sync word, or for digits that no clock shows."""
    if word & _SYNC_MASK != SYNC:
        raise ProtocolError("no sync word at the end of the frame", 8)
    units = [word >> place & (1 << width) - 1 for place, width in _DIGITS]
    frames, seconds, minutes, hours = (low + 10 * high for low, high in zip(units[::2], units[1::2], strict=True))
    if max(units[::2]) > 9 or seconds > 59 or minutes > 59 or hours > 23 or frames > 29:
        raise ProtocolError(f"{hours:02}:{minutes:02}:{seconds:02}:{frames:02} is no timecode", 0)
    user = sum((word >> place & 0xF) << 4 * group for group, place in enumerate(_USER_BITS))
    return Word(hours, minutes, seconds, frames, bool(word >> _DROP_FLAG & 1), user)


class Framer:
    """Finds words in a stream of bits, whichever way the tape runs."""

    def __init__(self) -> None:
        self._seen = 0
        self._since = 0
        self._backward_due = -1

    def reset(self) -> None:
        """Forgets the bits so far: the signal stopped, or a bit made no sense."""
        self._seen, self._since, self._backward_due = 0, 0, -1

    def bit(self, value: int) -> tuple[int, bool] | None:
        """Takes one bit; gives (word, forward) as a word is complete.

        Forwards a word ends with its sync word, backwards it begins with it, mirrored: then the 64 bits after it complete it.
        """
        self._seen = (self._seen >> 1 | value << 79) & _WORD_MASK  # the newest is the highest
        self._since += 1
        if self._since >= BITS and self._seen & _SYNC_MASK == SYNC:
            self._since, self._backward_due = 0, -1
            return self._seen, True
        if self._backward_due > 0:
            self._backward_due -= 1
            if self._backward_due == 0:
                self._since, self._backward_due = 0, -1
                return _mirrored(self._seen), False
        if self._seen >> 64 == _SYNC_BACKWARDS:
            self._backward_due = 64
        return None


def bits_of(word: int) -> Iterator[int]:
    """The bits in the order in which a tape that runs forwards has them."""
    return (word >> n & 1 for n in range(BITS))


def _mirrored(word: int) -> int:
    return int(f"{word:080b}"[::-1], 2)


_SYNC_BACKWARDS: Final = _mirrored(SYNC)
