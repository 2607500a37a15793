"""The words by which things break: how long, and what happens to a device's power or to a link.

A script writes ``power lost for 20s`` or ``link tracker delay 80ms``; here the words become facts. What a loss of power
does to a device stands in ``device.py``, what a bad link does to packets in ``links.py``. Durations are read as the show
folder writes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from showctl.show.instants import MILLISECOND, MINUTE, SECOND, Duration

_UNITS: Final = {"ms": MILLISECOND, "s": SECOND, "m": MINUTE, "min": MINUTE, "h": 60 * MINUTE}
_PIECE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|min|s|m|h)")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_CLOCK: Final = re.compile(r"(?:(\d+):)?(\d+):(\d\d(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class PowerWords:
    """What happens to a device: ``power lost``, ``reboot``, ``hang``, ``silent``, ``slow``, ``babbles`` or ``back``.

    ``duration``: for how long (None: until ``back``); ``time``: how slow.
    """

    what: str
    duration: Duration | None = None
    time: Duration = 0


def read_duration(words: str) -> Duration:
    """``20s``, ``250ms``, ``1:30``, ``3m12s``, ``2min`` or bare seconds.

    >>> read_duration("20s"), read_duration("1:30"), read_duration("3m12s"), read_duration("4")
    (20000000000, 90000000000, 192000000000, 4000000000)
    """
    text = words.strip()
    if _NUMBER.fullmatch(text):
        return round(float(text) * SECOND)
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = clock.groups()
        return (int(hours or 0) * 60 + int(minutes)) * MINUTE + round(float(seconds) * SECOND)
    pieces = _PIECE.findall(text)
    if not pieces or _PIECE.sub("", text).strip():
        raise ValueError(f"{words!r} is not a time; write 20s, 250ms or 1:30")
    return sum(round(float(number) * _UNITS[unit]) for number, unit in pieces)


def read_power_words(words: str) -> PowerWords | None:
    """The fault that ``words`` name, or None where they are about something else.

    >>> read_power_words("power lost for 20s")
    PowerWords(what='power lost', duration=20000000000, time=0)
    """
    text = " ".join(words.split())
    if text == "reboot":
        return PowerWords("reboot")
    if slow := re.fullmatch(r"slow (?!for )(.+?)(?: for (.+))?", text):
        return PowerWords("slow", None if slow[2] is None else read_duration(slow[2]), read_duration(slow[1]))
    match = re.fullmatch(r"(power lost|hang|silent|babbles|back|power back|power returned)(?: for (.+))?", text)
    if match is None:
        return None
    what, duration = match.groups()
    if what.startswith("power ") and what != "power lost":
        what = "back"
    if what == "back" and duration:
        raise ValueError(f"{words!r}: what is back is back; leave out the time")
    return PowerWords(what, None if duration is None else read_duration(duration))


@dataclass(frozen=True, slots=True)
class LinkWords:
    """What becomes of a link: ``down``, ``good``; of a share of packets: ``loss``, ``duplicate``, ``reorder``, ``corrupt``;
    ``delay`` and ``jitter``. ``way`` is ``to`` the device, ``from`` it, or both ("")."""

    what: str
    share: float = 0.0
    time: Duration = 0
    duration: Duration | None = None
    way: str = ""


_SHARES: Final = ("loss", "duplicate", "reorder", "corrupt")
LINK_KNOWS: Final = "down, loss, delay, jitter, duplicate, reorder, corrupt and good, each also with to or from before it"


def read_link_words(words: str) -> LinkWords:
    """What follows ``link NAME``: ``down``, ``loss 10%``, ``delay 80ms``, ``from reorder 5%``, ``to corrupt 2% for 5s``,
    ``good``.

    >>> read_link_words("loss 10% for 2s")
    LinkWords(what='loss', share=0.1, time=0, duration=2000000000, way='')
    """
    text = " ".join(words.split())
    match = re.fullmatch(
        rf"(?:(to|from) )?(down|up|good|delay|jitter|{'|'.join(_SHARES)})(?: (?!for )(.+?))?(?: for (.+))?", text
    )
    if match is None:
        raise ValueError(f"{words!r} is nothing a link can do; it knows {LINK_KNOWS}")
    way, what, amount, lasting = match.groups()
    way, duration = way or "", None if lasting is None else read_duration(lasting)
    match what:
        case "down" | "up" | "good" if amount is None:
            return LinkWords("down" if what == "down" else "good", duration=duration, way=way)
        case _ if what in _SHARES and amount and re.fullmatch(r"\d+(?:\.\d+)?\s*%?", amount):
            return LinkWords(what, share=min(float(amount.rstrip("% ")) / 100, 1.0), duration=duration, way=way)
        case "delay" | "jitter" if amount:
            return LinkWords(what, time=read_duration(amount), duration=duration, way=way)
        case _:
            raise ValueError(f"{words!r} is not understood; write loss 10%, delay 80ms, from reorder 5% or down for 5s")
