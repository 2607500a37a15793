"""schedule.yaml: what happens by the clock on the wall, and in which time zone that clock hangs."""

from __future__ import annotations

import re
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from showctl.show.schedule import Appointment
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_inputs import ScheduleFile, ScheduleModel
from showctl.showfile.problems import Wrong
from showctl.showfile.reader import Text
from showctl.showfile.resolve_actions import Actions
from showctl.showfile.resolve_triggers import TriggerReader

DAYS: Final[dict[str, frozenset[int]]] = {
    word: frozenset((n,)) for n, word in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
} | {"daily": frozenset(range(7)), "weekdays": frozenset(range(5)), "weekend": frozenset((5, 6))}
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")


def resolve_schedule(draft: Draft, triggers: TriggerReader, actions: Actions) -> None:
    """Fills ``draft.schedule``."""
    model: dict[Text, ScheduleModel] | None = draft.section("schedule", ScheduleFile)
    for name, entry in (model or {}).items():
        draft.good_name(name)
        at = draft.read(_time_of_day, entry.at, 0)
        until = draft.read(_time_of_day, entry.until, None)
        every = draft.read(values.time_of, entry.every, None)
        if (entry.every is None) != (entry.until is None):
            lacking = "until: 19:45" if entry.until is None else "every: 15min"
            said = f"{name} lacks the key {lacking.partition(':')[0]}"
            draft.problems.error("MISSING_KEY", name.place, said, lacking)
        if entry.every is not None and every is not None and every < 1_000_000_000:
            draft.problems.error("OUT_OF_RANGE", entry.every.place, f"{name} comes more than once a second", "every: 15min")
            every = None
        words = entry.days if isinstance(entry.days, list) else [entry.days] if entry.days is not None else []
        days = frozenset(day for text in words for day in DAYS[draft.choice(text, DAYS, "daily", "a day")])
        do = tuple(triggers.do(entry.do, actions))
        found = Appointment(len(draft.schedule), str(name), at, do, days or DAYS["daily"], every, until, name.place)
        draft.schedule.append(found)


def _time_of_day(text: str) -> int:
    """Seconds after midnight."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise Wrong("BAD_TIME", f"{text or 'nothing'} is not a time of day", 0, "at: 09:30")
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)


def time_zone(text: str) -> str:
    """The name of a time zone that is known here."""
    name = text.strip()
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Wrong("BAD_WORD", f"{name or 'nothing'} is no time zone", 0, "time_zone: Europe/Berlin") from None
    return name
