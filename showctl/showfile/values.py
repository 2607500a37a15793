"""The small value syntax: times, levels, angles, rates, addresses, as the booth writes them.

Each reader takes the words of one scalar (or a part of one) and returns whole numbers, or raises ``Wrong`` with the offset
of the word that is not right. docs/programmers/show-format.md has the table that authors see.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from showctl.show.instants import SECOND, Duration
from showctl.show.levels import FULL, Level
from showctl.showfile.problems import Wrong

_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_UNITS: Final = {"h": 3600 * SECOND, "min": 60 * SECOND, "m": 60 * SECOND, "s": SECOND, "ms": SECOND // 1000}
_TIME_PART: Final = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(h|min|ms|m|s)")
_CLOCK: Final = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{1,2}(?:\.\d+)?)")
_NULL_HINT: Final = "YAML takes # for a comment: write a colour as hex ff6600"
LONGEST: Final = 7 * 24 * 3600 * SECOND

YES: Final = frozenset(("yes", "true", "on"))
NO: Final = frozenset(("no", "false", "off"))


_DOTTED: Final = re.compile(r"[\d.]*\d\.[\d.]*")
_WITH_PORT: Final = re.compile(r"([\w-]+(?:\.[\w-]+)+):\d{1,5}")


def nothing(text: str, what: str) -> None:
    """Refuses an empty scalar, with the hint that it may have been taken for a comment."""
    if not text.strip():
        raise Wrong("EMPTY", f"{what} is needed here, and nothing is written", 0, _NULL_HINT)


@lru_cache(4096)
def duration(text: str) -> Duration:
    """Nanoseconds: ``4``, ``4s``, ``0.5s``, ``250ms``, ``1:30``, ``1:02:03``, ``2min``, ``3m12s``.

    >>> duration("1:30"), duration("3m12s"), duration("250ms")
    (90000000000, 192000000000, 250000000)
    """
    nothing(text, "a time")
    words = text.strip()
    start = len(text) - len(text.lstrip())
    sign = 1
    if words[0] in "+-":
        sign, words, start = (-1 if words[0] == "-" else 1), words[1:].lstrip(), start + 1
    total = _duration(words)
    if total is None:
        raise Wrong("BAD_TIME", f"{text.strip()} is not a time", start, "times are 4, 4s, 0.5s, 250ms, 1:30, 2min, 3m12s")
    if total > LONGEST:
        raise Wrong("BAD_TIME", f"{text.strip()} is longer than a week", start)
    return sign * total


def _duration(words: str) -> Duration | None:
    if _NUMBER.fullmatch(words) and words[0] not in "+-":
        return round(Fraction(words) * SECOND)
    if match := _CLOCK.fullmatch(words):
        hours, minutes, rest = match.groups()
        if Fraction(rest) >= 60 or (hours is not None and int(minutes) >= 60):
            return None
        return round((int(hours or 0) * 3600 + int(minutes) * 60 + Fraction(rest)) * SECOND)
    total, position = Fraction(0), 0
    for match in _TIME_PART.finditer(words):
        if words[position : match.start()].strip():
            return None
        total += Fraction(match[1]) * _UNITS[match[2]]
        position = match.end()
    return round(total) if position and position == len(words) else None


def time_of(text: str) -> Duration:
    """A duration that is not negative."""
    found = duration(text)
    if found < 0:
        raise Wrong("BAD_TIME", f"{text.strip()} is before the beginning", 0, "a time here is not negative")
    return found


@lru_cache(4096)
def number(text: str) -> Fraction:
    """A plain number."""
    nothing(text, "a number")
    words = text.strip()
    if not _NUMBER.fullmatch(words) or len(words) > 30:
        raise Wrong("BAD_NUMBER", f"{words} is not a number", 0, "for instance 40 or 2.5")
    return Fraction(words)


def whole(text: str, low: int, high: int, what: str = "a whole number") -> int:
    """A whole number between ``low`` and ``high``."""
    found = number(text)
    if found.denominator != 1 or not low <= found <= high:
        raise Wrong("OUT_OF_RANGE", f"{text.strip()} is not {what} from {low} to {high}", 0, f"{low} to {high}")
    return int(found)


@lru_cache(4096)
def percent(text: str) -> Level:
    """A level from percent: ``70``, ``70%``, ``full``, ``out``.

    >>> percent("full"), percent("out"), percent("50%")
    (65535, 0, 32768)
    """
    nothing(text, "a level")
    words = text.strip()
    if words == "full":
        return FULL
    if words == "out":
        return 0
    body = words[:-1].rstrip() if words.endswith("%") else words
    if not _NUMBER.fullmatch(body) or len(body) > 30:
        raise Wrong("BAD_LEVEL", f"{words} is not a level", 0, "levels are percent: 70, 70%, full, out")
    worth = Fraction(body)
    if not 0 <= worth <= 100:
        raise Wrong("BAD_LEVEL", f"{words} is not within 0 and 100 percent", 0, "levels are percent: 0 to 100")
    return int(worth * FULL / 100 + Fraction(1, 2))


@lru_cache(4096)
def angle(text: str) -> Fraction:
    """Degrees: ``-30deg``, ``12.5deg``, or a bare number."""
    nothing(text, "an angle")
    words = text.strip()
    body = words[:-3].rstrip() if words.endswith("deg") else words[:-1] if words.endswith("°") else words
    if not _NUMBER.fullmatch(body) or len(body) > 30:
        raise Wrong("BAD_ANGLE", f"{words} is not an angle", 0, "angles are written -30deg")
    return Fraction(body)


SILENCE: Final = ("out", "mute", "-inf", "-infdB")


@lru_cache(1024)
def decibel(text: str) -> float:
    """A sound level: ``-6dB``, ``0dB``, ``-inf`` or ``out`` (-120: silence)."""
    nothing(text, "a sound level")
    words = text.strip()
    if words in SILENCE:
        return -120.0
    if not words.lower().endswith("db") or not _NUMBER.fullmatch(body := words[:-2].rstrip()) or len(body) > 30:
        raise Wrong("BAD_SOUND_LEVEL", f"{words} is not a sound level", 0, "sound levels are dB: -6dB")
    level = float(body)
    if not -120 <= level <= 24:
        raise Wrong("BAD_SOUND_LEVEL", f"{words} is not within -120dB and 24dB", 0, "0dB is as recorded")
    return level


def period(text: str) -> Duration:
    """The time of one turn or step: ``96bpm``, ``0.5Hz``, or a time."""
    nothing(text, "a rate")
    words = text.strip()
    for unit, turn in (("bpm", 60 * SECOND), ("Hz", SECOND)):
        if words.lower().endswith(unit.lower()):
            body = words[: -len(unit)].rstrip()
            if not _NUMBER.fullmatch(body) or not Fraction(body) > 0:
                raise Wrong("BAD_RATE", f"{words} is not a rate", 0, "rates are 96bpm, 0.5Hz, or the time of one turn")
            found = round(turn / Fraction(body))
            break
    else:
        try:
            found = duration(words)
        except Wrong as wrong:
            raise Wrong("BAD_RATE", f"{words} is not a rate", 0, "rates are 96bpm, 0.5Hz, or the time of one turn") from wrong
    if not SECOND // 1000 <= found <= LONGEST:
        raise Wrong("BAD_RATE", f"{words} is not a rate that can be shown", 0, "between 1 ms and a week for one turn")
    return found


def truth(text: str) -> bool:
    """Yes or no."""
    nothing(text, "yes or no")
    words = text.strip()
    if words in YES:
        return True
    if words in NO:
        return False
    raise Wrong("BAD_WORD", f"{words} is neither yes nor no", 0, "write yes or no")


@dataclass(frozen=True, slots=True)
class UpDown:
    """``4s / 6s delay 0.5s``: how long up and down, and how long before."""

    up: Duration
    down: Duration
    delay: Duration = 0


@lru_cache(4096)
def up_down(text: str) -> UpDown:
    """``4s`` or ``4s / 6s``, with ``delay 0.5s`` after it where needed.

    >>> up_down("4s / 6s delay 1s")
    UpDown(up=4000000000, down=6000000000, delay=1000000000)
    """
    nothing(text, "a time")
    head, word, tail = text.partition("delay")
    delay = _part(tail, len(head) + len(word)) if word else 0
    up, slash, down = head.partition("/")
    first = _part(up, 0)
    return UpDown(first, _part(down, len(up) + 1) if slash else first, delay)


def _part(words: str, offset: int) -> Duration:
    try:
        return time_of(words)
    except Wrong as wrong:
        raise wrong.moved(offset + (len(words) - len(words.lstrip()) if wrong.offset == 0 else 0)) from None


_ADDRESS: Final = re.compile(r"(sacn|artnet|usbpro)/([A-Za-z0-9_-]+)\.(\d+)")
_UNIVERSE: Final = re.compile(r"(sacn|artnet|usbpro)/([A-Za-z0-9_-]+)")
_UNIVERSES: Final = {"sacn": (1, 63999), "artnet": (0, 32767)}


def universe(text: str) -> tuple[str, int]:
    """Protocol and number of ``sacn/1``; names of USB Pro widgets have the number 0."""
    nothing(text, "a universe")
    match = _UNIVERSE.fullmatch(text.strip())
    if match is None:
        raise Wrong("BAD_ADDRESS", f"{text.strip()} is not a universe", 0, "universes are sacn/1, artnet/0 or usbpro/NAME")
    protocol, name = match.groups()
    if protocol == "usbpro":
        return protocol, 0
    low, high = _UNIVERSES[protocol]
    if not name.isdigit() or not low <= int(name) <= high:
        raise Wrong(
            "UNIVERSE_RANGE", f"{text.strip()} is out of range", len(protocol) + 1, f"{protocol} has universes {low} to {high}"
        )
    return protocol, int(name)


def address(text: str) -> tuple[str, int]:
    """Universe key and slot (from 1) of ``sacn/1.12``."""
    nothing(text, "an address")
    match = _ADDRESS.fullmatch(text.strip())
    if match is None:
        raise Wrong("BAD_ADDRESS", f"{text.strip()} is not an address", 0, "addresses are universe and slot: sacn/1.12")
    key = f"{match[1]}/{match[2]}"
    universe(key)
    slot = int(match[3])
    if not 1 <= slot <= 512:
        raise Wrong("SLOT_RANGE", f"slot {slot} is out of range", match.start(3), "a universe has slots 1 to 512")
    return key, slot


def host(text: str) -> str:
    """A name or an address of a machine. What looks like an address must be one; a port is no part of it.

    >>> host("10.0.0.7"), host("desk.local"), host("audio:default")
    ('10.0.0.7', 'desk.local', 'audio:default')
    """
    words = text.strip()
    if (match := _WITH_PORT.fullmatch(words)) is not None:
        raise Wrong(
            "BAD_ADDRESS", f"{words} is an address and a port", len(match[1]), f"{match[1]}, and the port where ports stand"
        )
    if _DOTTED.fullmatch(words) and (words.count(".") != 3 or not all(part and int(part) <= 255 for part in words.split("."))):
        raise Wrong("BAD_ADDRESS", f"{words} is no address", 0, "four numbers from 0 to 255: 10.0.0.7")
    return words


def timecode_rate(text: str) -> tuple[int, int]:
    """Frames a second as num/den: 23.976, 24, 25, 29.97 (or 29.97df), 30."""
    rates = {
        "23.976": (24000, 1001),
        "24": (24, 1),
        "25": (25, 1),
        "29.97": (30000, 1001),
        "29.97df": (30000, 1001),
        "30": (30, 1),
    }
    found = rates.get(text.strip().lower())
    if found is None:
        raise Wrong("BAD_TIMECODE", f"{text.strip()} is not a timecode rate", 0, "rates are " + ", ".join(rates))
    return found


_TIMECODE: Final = re.compile(r"([+-]?)(\d{1,2}):(\d{2}):(\d{2})[:;](\d{2})")


def timecode(text: str, num: int, den: int, drop: bool = False) -> Duration:
    """``01:00:00:00`` as a duration at ``num/den`` frames a second; ``drop``: two labels a minute do not exist (SMPTE 12M)."""
    match = _TIMECODE.fullmatch(text.strip())
    if match is None:
        raise Wrong("BAD_TIMECODE", f"{text.strip()} is not timecode", 0, "timecode is hours:minutes:seconds:frames, 01:00:00:00")
    whole_rate = -(-num // den)
    hours, minutes, second, frame = (int(part) for part in match.groups()[1:])
    if minutes > 59 or second > 59 or frame >= whole_rate:
        raise Wrong(
            "BAD_TIMECODE",
            f"{text.strip()} is not timecode at {whole_rate} frames",
            0,
            f"frames go to {whole_rate - 1}, minutes and seconds to 59",
        )
    frames = ((hours * 60 + minutes) * 60 + second) * whole_rate + frame
    if drop:
        passed = hours * 60 + minutes
        if passed % 10 and second == 0 and frame < 2:
            hint = f"at 29.97df the first frame of this minute is {hours:02}:{minutes:02}:00;02"
            raise Wrong("BAD_TIMECODE", f"{text.strip()} is a frame that is dropped", 0, hint)
        frames -= 2 * (passed - passed // 10)
    return (-1 if match[1] == "-" else 1) * (frames * SECOND * den // num)
