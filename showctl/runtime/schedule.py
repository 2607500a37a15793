"""The schedule against the wall clock: which instants its appointments are, and a timer that says them to the engine.

``Calendar`` is pure. A time of day means what a clock on the wall shows in the show's time zone. In the hour that is left out in
spring a time that does not exist is kept as soon as the hour is over; in the hour that comes twice in autumn the first counts.
``every`` counts real time from there, so that no show is doubled or lost in either night, ``until`` the wall shows that time.

``Appointments`` looks at the wall clock anew at every wake, at least twice a minute, for it may be set. What was missed by more
than ``LATEST`` is not made up for: guests are sent in by people then.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from showctl.engine.events import Appointed
from showctl.show.instants import SECOND
from showctl.show.schedule import Appointment
from showctl.show.show import Show

LATEST: Final = 60 * SECOND
"""How late an appointment may be kept: an engine that was killed is back long before."""
LOOKS_EVERY: Final = 30 * SECOND
FAR: Final = timedelta(days=8)
"""Where the next appointment is looked for: every weekday comes within."""


@dataclass(frozen=True, slots=True, order=True)
class Dated:
    """An appointment on its day. ``wall`` is nanoseconds since 1970 (UTC)."""

    wall: int
    index: int
    name: str
    at: str
    """As the wall shows it: ``10:15``."""


def zone_of(show: Show) -> tzinfo | None:
    """The show's time zone; None for that of this machine."""
    return ZoneInfo(show.time_zone) if show.time_zone else None


class Calendar:
    """The appointments of a show in its time zone (None: the machine's)."""

    def __init__(self, schedule: Iterable[Appointment], zone: tzinfo | None) -> None:
        self.schedule, self.zone = tuple(schedule), zone

    def between(self, after: int, until: int) -> list[Dated]:
        """What is due later than ``after`` and not later than ``until`` (nanoseconds since 1970), in order."""
        first = self._local(after).date() - timedelta(days=1)  # an appointment may run past midnight
        last = self._local(until).date()
        days = ((last - first).days + 1) if until > after else 0
        found = (dated for n in range(days) for dated in self.on(first + timedelta(days=n)))
        return sorted({dated for dated in found if after < dated.wall <= until})

    def next(self, after: int) -> Dated | None:
        """The first that is due later than ``after``."""
        begin = self._local(after).date() - timedelta(days=1)
        for n in range(FAR.days + 2):
            coming = [dated for dated in self.on(begin + timedelta(days=n)) if dated.wall > after]
            if coming:
                return min(coming)
        return None

    def on(self, day: date) -> Iterator[Dated]:
        """What begins on ``day``."""
        for item in self.schedule:
            if day.weekday() not in item.days:
                continue
            begin = self._instant(day, item.at)
            if item.every is None or item.until is None:
                yield self._dated(item, begin)
                continue
            over = item.until <= item.at  # until after midnight
            end = self._instant(day + timedelta(days=1) if over else day, item.until)
            for n in range((end - begin) // item.every + 1):
                yield self._dated(item, begin + n * item.every)

    def _dated(self, item: Appointment, wall: int) -> Dated:
        shown = self._local(wall)
        return Dated(wall, item.index, item.name, f"{shown:%H:%M:%S}" if shown.second else f"{shown:%H:%M}")

    def _local(self, wall: int) -> datetime:
        return datetime.fromtimestamp(wall // SECOND, UTC).astimezone(self.zone)

    def _instant(self, day: date, seconds: int) -> int:
        """When the wall shows that time on that day. One that it skips is the end of what it skips."""
        local = datetime(day.year, day.month, day.day, tzinfo=self.zone) + timedelta(seconds=seconds)  # as the wall counts
        naive = local.replace(tzinfo=None)
        instant = local.astimezone(UTC)
        if instant.astimezone(self.zone).replace(tzinfo=None) == naive:
            return int(instant.timestamp()) * SECOND
        # The wall skips it. Before the gap the offset is that of fold 0, after it that of fold 1: the gap ends between them.
        low, high = local.replace(fold=1).astimezone(UTC), instant
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) // 2
            middle = middle.replace(microsecond=0)
            if middle.astimezone(self.zone).replace(tzinfo=None) < naive:
                low = middle
            else:
                high = middle
        return int(high.timestamp()) * SECOND


class Appointments:
    """Says appointments to the engine when they are due. Runs on an event loop."""

    def __init__(self, show: Callable[[], Show], say: Callable[[Appointed], object]) -> None:
        self._show, self._say = show, say
        self._seen = 0
        """The wall clock at the last look: what was due by then has been said."""
        self._timer: asyncio.TimerHandle | None = None
        self.coming: Dated | None = None
        """What is said next, as of the last look; None: nothing within ``FAR``, or this does not run."""

    def start(self, since: int | None = None) -> None:
        """From now on; or since the engine was last seen (``since``), where that is not long ago."""
        now = time.time_ns()
        self._seen = now if since is None else min(max(since, now - LATEST), now)
        self._look()

    def stop(self) -> None:
        """Nothing is said any more."""
        self.coming = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def look_again(self) -> None:
        """The show was reloaded: its schedule may be another."""
        if self._timer is not None:
            self.stop()
            self._look()

    def _look(self) -> None:
        show, now = self._show(), time.time_ns()
        calendar = Calendar(show.schedule, zone_of(show))
        for event in due(calendar, self._seen, now):
            self._say(event)
        self._seen = now
        coming = self.coming = calendar.next(now)
        wait = LOOKS_EVERY if coming is None else min(coming.wall - now, LOOKS_EVERY)
        self._timer = asyncio.get_running_loop().call_later(max(wait, 0) / SECOND, self._look)


def due(calendar: Calendar, seen: int, now: int) -> list[Appointed]:
    """What the engine is to be told at ``now``, last told at ``seen``. A clock that was set back says nothing anew."""
    return [Appointed(item.name, item.wall, item.at) for item in calendar.between(max(seen, now - LATEST), now)]
