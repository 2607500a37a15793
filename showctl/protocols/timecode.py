"""Timecode arithmetic in whole numbers. Standards: SMPTE 12M (labels and drop frame), rates of 1000/1001 exact.

A stream of timecode is a count of frames; hh:mm:ss:ff is how a frame of the day is written. A count may run past midnight
or below zero: a label wraps at 24 hours, the count does not, and `nearest` tells which day a label means.
Frame f is on show from nanosecond `to_nanoseconds(f)` until just before that of f + 1, so a frame turned into time and back
is itself.
"""

import re
from dataclasses import dataclass
from typing import Final

from showctl.protocols.errors import ProtocolError

SECOND: Final = 1_000_000_000  # nanoseconds


@dataclass(frozen=True, slots=True)
class Rate:
    """Frames per second: `nominal` as labels count them, `num / den` as they pass."""

    name: str
    nominal: int
    num: int
    den: int
    drop: bool = False

    @property
    def frames_per_day(self) -> int:
        """The labels of a day: 2 589 408 for drop frame, 24 hours of the nominal rate otherwise."""
        minutes = 24 * 60
        return minutes * 60 * self.nominal - (DROPPED * (minutes - minutes // 10) if self.drop else 0)


DROPPED: Final = 2  # SMPTE 12M: frames 0 and 1 of each minute except every tenth do not exist

FPS_23_976: Final = Rate("23.976", 24, 24_000, 1_001)
FPS_24: Final = Rate("24", 24, 24, 1)
FPS_25: Final = Rate("25", 25, 25, 1)
FPS_29_97_DF: Final = Rate("29.97DF", 30, 30_000, 1_001, drop=True)
FPS_29_97_NDF: Final = Rate("29.97NDF", 30, 30_000, 1_001)
FPS_30: Final = Rate("30", 30, 30, 1)
RATES: Final = {rate.name: rate for rate in (FPS_23_976, FPS_24, FPS_25, FPS_29_97_DF, FPS_29_97_NDF, FPS_30)}


@dataclass(frozen=True, slots=True)
class Timecode:
    """The label of one frame of a day."""

    hours: int
    minutes: int
    seconds: int
    frames: int
    rate: Rate

    def __post_init__(self) -> None:
        """Refuses labels that no frame has, the dropped ones among them."""
        in_clock = 0 <= self.hours < 24 and 0 <= self.minutes < 60 and 0 <= self.seconds < 60
        if not in_clock or not 0 <= self.frames < self.rate.nominal:
            raise ProtocolError(f"{self} is not a timecode at {self.rate.name} fps")
        if self.rate.drop and self.minutes % 10 and self.seconds == 0 and self.frames < DROPPED:
            raise ProtocolError(f"{self} is a dropped frame")

    def __str__(self) -> str:
        mark = ";" if self.rate.drop else ":"
        return f"{self.hours:02}:{self.minutes:02}:{self.seconds:02}{mark}{self.frames:02}"


def to_frames(label: Timecode) -> int:
    """The number of the frame since midnight.

    >>> to_frames(Timecode(0, 1, 0, 2, FPS_29_97_DF))
    1800
    """
    minutes = label.hours * 60 + label.minutes
    count = (minutes * 60 + label.seconds) * label.rate.nominal + label.frames
    return count - DROPPED * (minutes - minutes // 10) if label.rate.drop else count


def from_frames(count: int, rate: Rate) -> Timecode:
    """The label of a frame; counts beyond a day, or below zero, wrap.

    >>> str(from_frames(17_982, FPS_29_97_DF)), str(from_frames(-1, FPS_25))
    ('00:10:00;00', '23:59:59:24')
    """
    count %= rate.frames_per_day
    if rate.drop:
        count += _dropped_before(count, rate)
    seconds, frames = divmod(count, rate.nominal)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return Timecode(hours, minutes, seconds, frames, rate)


def to_nanoseconds(count: int, rate: Rate) -> int:
    """The first nanosecond at which a frame is on show, frame 0 at 0."""
    return -(-count * rate.den * SECOND // rate.num)


def frame_at(nanoseconds: int, rate: Rate) -> int:
    """The frame that is on show at an instant; negative instants lie in the frames before 0."""
    return nanoseconds * rate.num // (rate.den * SECOND)


def convert(count: int, source: Rate, target: Rate) -> int:
    """The frame of another rate that is on show when a frame begins, both counted from the same zero."""
    return count * source.den * target.num // (source.num * target.den)


def nearest(label: Timecode, expected: int) -> int:
    """The count that a label means, when about `expected` is due: the day is chosen so that midnight is no jump.

    >>> nearest(Timecode(0, 0, 0, 1, FPS_25), 2_159_999)
    2160001
    """
    day = label.rate.frames_per_day
    return expected + (to_frames(label) - expected + day // 2) % day - day // 2


def parse(text: str, rate: Rate) -> Timecode:
    """Reads hh:mm:ss:ff; the last separator may be ; or . for drop frame, and is not held against other rates.

    >>> str(parse("01:00:00:12", FPS_25))
    '01:00:00:12'
    """
    found = _LABEL.fullmatch(text)
    if not found or found["sign"]:
        raise ProtocolError(f"{text!r} is not hh:mm:ss:ff")
    return _label(found, rate)


def parse_offset(text: str, rate: Rate) -> int:
    """Reads a signed offset as frames.

    >>> parse_offset("-01:00:00:00", FPS_25)
    -90000
    """
    found = _LABEL.fullmatch(text)
    if not found:
        raise ProtocolError(f"{text!r} is not an offset of hh:mm:ss:ff")
    frames = to_frames(_label(found, rate))
    return -frames if found["sign"] == "-" else frames


_LABEL: Final = re.compile(r"(?P<sign>[+-]?)([0-9]{1,2}):([0-9]{2}):([0-9]{2})[:;.]([0-9]{2})")


def _label(found: re.Match[str], rate: Rate) -> Timecode:
    hours, minutes, seconds, frames = (int(found[group]) for group in range(2, 6))
    return Timecode(hours, minutes, seconds, frames, rate)


def _dropped_before(count: int, rate: Rate) -> int:
    """How many labels were skipped before frame `count` of a drop-frame day."""
    per_minute = 60 * rate.nominal - DROPPED
    per_ten = 10 * per_minute + DROPPED
    tens, rest = divmod(count, per_ten)
    minutes = max(rest - DROPPED, 0) // per_minute
    return DROPPED * (9 * tens + minutes)
