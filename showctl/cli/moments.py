"""Moments as people write them on a command line: ``2h`` ago, ``18:30``, ``yesterday``, a date with or without a time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

_AGO: Final = re.compile(r"(\d+(?:\.\d+)?) ?(s|min|h|d)(?: ago)?")
_UNITS: Final = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
EXAMPLES: Final = "2h, 18:30, yesterday, 2026-11-20, '2026-11-20 18:30'"


def since(words: str, now: datetime) -> datetime:
    """The moment that ``words`` mean, by the clock of this machine (as ``now`` is). ValueError where they mean none.

    >>> now = datetime(2026, 11, 22, 9, 15)
    >>> [str(since(words, now)) for words in ("90min", "18:30", "9:00", "yesterday")]
    ['2026-11-22 07:45:00', '2026-11-21 18:30:00', '2026-11-22 09:00:00', '2026-11-21 00:00:00']
    >>> str(since("2026-11-20 18:30", now))
    '2026-11-20 18:30:00'
    """
    text = words.strip().lower()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if ago := _AGO.fullmatch(text):
        return now - timedelta(seconds=float(ago[1]) * _UNITS[ago[2]])
    if text in ("today", "yesterday"):
        return today - timedelta(days=text == "yesterday")
    if clock := re.fullmatch(r"(\d{1,2}):(\d\d)(?::(\d\d))?", text):
        at = today.replace(hour=int(clock[1]), minute=int(clock[2]), second=int(clock[3] or 0))
        return at if at <= now else at - timedelta(days=1)
    found = datetime.fromisoformat(text.upper())
    return found if found.tzinfo is None else found.astimezone().replace(tzinfo=None)
