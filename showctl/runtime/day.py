"""A whole day by the schedule: opening, every show, faults, closing, on any date, also one on which the clocks change.

The wall clock is the schedule's own (``schedule.py``), the room is empty but for the first and the last show, and now and then,
by the seed, a machine loses its power for a while. Every appointment must be kept; one that comes again must find what it
started last time over; a cue must never be started while it still runs; the laws hold; and when the day is over nothing waits.
Light is looked at once a minute, where the laws do not ask for more.

A long day is played in pieces at once, one for each process: every piece has a morning of its own and then its share of what
comes again and again. ``pieces`` = 1 plays it as one.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from time import perf_counter
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from showctl.engine.commands import Note
from showctl.engine.events import Appointed
from showctl.engine.state import Phase
from showctl.runtime.house_watch import HouseWatch
from showctl.runtime.rehearsal import Stagehand, loaded, open_simulated_venue
from showctl.runtime.schedule import Calendar, Dated, zone_of
from showctl.runtime.sweeps.device_sweep import machines
from showctl.runtime.sweeps.forks import HERE, Forks
from showctl.show.cues import GoCue, StartCue
from showctl.show.house import HouseRules
from showctl.show.instants import MINUTE, SECOND, Duration, Instant
from showctl.show.rehearsals import Rehearsal, Step
from showctl.show.show import Show

BEFORE: Final = MINUTE
"""The day begins this long before its first appointment,"""
AFTER: Final = 20 * MINUTE
"""and ends this long after the last."""
SAMPLE: Final = MINUTE
PARTY: Final = 6
OUTAGE: Final = (5, 40)
"""Seconds for which a machine has no power."""
APPOINTED: Final = "appointed"


@dataclass(frozen=True)
class Kept:
    """An appointment: when the wall showed it, and what it started."""

    at: str
    name: str
    started: tuple[str, ...]


@dataclass(frozen=True)
class Day:
    """What became of a day. ``failures`` are (what the wall showed, what was wrong)."""

    date: str
    zone: str
    hours: float
    """From the first instant to the last, as a stopwatch counts: 24 hours of wall clock may be 23 or 25."""
    kept: tuple[Kept, ...]
    faults: tuple[tuple[str, str], ...]
    failures: tuple[tuple[str, str], ...]
    shows: int
    """How often something that comes again was kept."""
    pieces: int
    wall_seconds: float
    changes: str = ""
    """The clock change of that day, in words."""

    def to_json(self) -> dict[str, Any]:
        return {
            "day": self.date,
            "zone": self.zone,
            "hours": round(self.hours, 3),
            "clock_change": self.changes or None,
            "shows": self.shows,
            "appointments": [{"at": item.at, "name": item.name, "started": list(item.started)} for item in self.kept],
            "faults": [{"at": at, "what": what} for at, what in self.faults],
            "failures": [{"at": at, "message": message} for at, message in self.failures],
            "pieces": self.pieces,
            "wall_seconds": round(self.wall_seconds, 3),
        }


def play_day(folder: Path, day: date, zone: str = "", *, seed: int = 1, pieces: int = 2) -> Day:
    """Plays ``day`` in the show's time zone, or in ``zone``. ValueError where the show, its schedule or the zone is not there."""
    wall = perf_counter()
    read = loaded(folder)
    show = read.show
    if show is None:
        raise ValueError(f"{folder} has errors: run `showctl check {folder}`")
    try:
        clock: tzinfo | None = ZoneInfo(zone) if zone else zone_of(show)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{zone} is no time zone; write for instance Europe/Berlin") from error
    dated = sorted(Calendar(show.schedule, clock).on(day))
    if not dated:
        raise ValueError(f"nothing is scheduled on {day:%A %d %B %Y}")
    shares = _shares(show, dated, pieces if HERE else 1)
    found: dict[int, tuple[list[Kept], list[tuple[str, str]], list[tuple[str, str]], Duration]] = {}

    def piece(number: int) -> tuple[int, Any]:
        venue = open_simulated_venue(folder, seed + number, show)
        hand = DayStagehand(show, shares[number], clock, venue, seed + number, last=number == len(shares) - 1)
        hand.run()
        return number, (hand.kept, hand.broke, hand.failures(), hand.now)

    if len(shares) == 1:
        found.update([piece(0)])
    else:
        forks = Forks(len(shares), lambda said: found.update([said]))
        try:
            for number in range(len(shares)):
                forks.do(lambda number=number: piece(number))  # type: ignore[misc]
            forks.wait()
        finally:
            forks.close()
    kept = [item for number in sorted(found) for item in found[number][0]]
    often = {item.name for item in show.schedule if item.every is not None}
    return Day(
        f"{day:%Y-%m-%d}",
        zone or show.time_zone,
        (dated[-1].wall - dated[0].wall) / (3600 * SECOND),
        tuple(kept),
        tuple(item for number in sorted(found) for item in found[number][1]),
        tuple(item for number in sorted(found) for item in found[number][2]),
        sum(item.name in often for item in kept),
        len(shares),
        perf_counter() - wall,
        _clock_change(day, clock),
    )


def _shares(show: Show, dated: Sequence[Dated], pieces: int) -> list[list[Dated]]:
    """What each piece keeps: the morning up to the first that comes again, its share of those, and (the last) the evening."""
    often = {item.name for item in show.schedule if item.every is not None}
    again = [item for item in dated if item.name in often]
    if pieces < 2 or len(again) < 2 * pieces:
        return [list(dated)]
    morning = [item for item in dated if item.wall < again[0].wall]
    size = -(-len(again) // pieces)
    cuts = [again[n * size].wall for n in range(pieces)] + [dated[-1].wall + 1]
    shares = [[item for item in dated if cuts[n] <= item.wall < cuts[n + 1]] for n in range(pieces)]
    # Later pieces get the morning right before their first show: the wall shows another time then, and no cue knows.
    return [[*_moved(morning, share[0].wall - again[0].wall), *share] for share in shares]


def _moved(items: Sequence[Dated], by: int) -> list[Dated]:
    return [replace(item, wall=item.wall + by) for item in items]


def hours_of(day: date, zone: str = "") -> float:
    """How long ``day`` is in ``zone`` ("": where this machine is). ValueError for one that is not known."""
    try:
        return _hours(day, ZoneInfo(zone) if zone else None)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{zone} is no time zone; write for instance Europe/Berlin") from error


def _hours(day: date, zone: tzinfo | None) -> float:
    begin, end = (datetime.combine(some, datetime.min.time(), zone).astimezone(UTC) for some in (day, day + timedelta(days=1)))
    return (end - begin).total_seconds() / 3600


def _clock_change(day: date, zone: tzinfo | None) -> str:
    hours = _hours(day, zone)
    return "" if hours == 24 else f"the clocks change: this day has {hours:g} hours"


class DayStagehand(Stagehand):
    """A day, or a piece of one. ``kept`` and ``broke`` are told by what the wall shows."""

    def __init__(self, show: Show, dated: Sequence[Dated], zone: tzinfo | None, venue: Any, seed: int, *, last: bool) -> None:
        self.zone, self.begin_wall = zone, dated[0].wall - BEFORE
        self._dated = {f"{item.name} {item.wall}": item for item in dated}
        steps = [Step(item.wall - self.begin_wall, APPOINTED, key) for key, item in self._dated.items()]
        length = dated[-1].wall - self.begin_wall + AFTER
        self._faults = _faults(show, venue, seed, length)
        rehearsal = Rehearsal("The day", "day", (*steps, *self._faults, *_parties(show, dated, self.begin_wall)), length=length)
        super().__init__(show, rehearsal, venue, sample=SAMPLE, keep_transcript=False)
        # What the house allows is measured by the rehearsals of each show; a day need not be looked at each second.
        self.house = HouseWatch(replace(show, hazards=()), HouseRules(), venue, self.light, self.judge.fail)
        self._answers = {action.cue for trigger in show.triggers for action in trigger.do if isinstance(action, StartCue)}
        self.kept: list[Kept] = []
        self.broke: list[tuple[str, str]] = []
        self._wrong: list[tuple[Instant, str]] = []
        self._started: list[str] | None = None
        self._is_last = last

    def _do(self, step: Step) -> None:
        if step.what != APPOINTED:
            if step.what == "fault":
                self.broke.append((self.wall_shows(), step.words))
            super()._do(step)
            return
        item = self._dated[step.words]
        self._look_back(item)
        self._started = []
        self._handle(Appointed(item.name, item.wall, item.at))
        self.kept.append(Kept(item.at, item.name, tuple(self._started)))
        if not self._started and _starts_something(self.show, item.name):
            self._wrong.append((self.now, f"{item.name} of {item.at} started nothing"))
        self._started = None

    def _look_back(self, item: Dated) -> None:
        """What the same appointment started last time has to be over."""
        lists = _lists_of(self.show, item.name)
        state = self.playback.state
        for run in state.runs.values():
            waits = run.phase is Phase.WAITING or run.next_pending
            if self.show.lists[run.list].name in lists and waits and any(kept.name == item.name for kept in self.kept):
                self._wrong.append((self.now, f"{item.name} of {item.at} finds {run.cue} of the last time still running"))

    def _note(self, note: Note) -> None:
        super()._note(note)
        match note.what:
            case "cue.started" if self._started is not None and note.cue is not None:
                self._started.append(str(note.cue))
            case "schedule.refused" | "chain.cut" | "watch.cut":
                self._wrong.append((note.instant, note.words))
            case "cue.again" if note.cue not in self._answers:
                self._wrong.append((note.instant, note.words))
            case _:
                pass

    def _act(self, what: str, words: str) -> None:
        with contextlib.suppress(ValueError):  # it has lost its power already
            super()._act(what, words)

    def failures(self) -> list[tuple[str, str]]:
        """What was wrong, by what the wall showed; and what still waits when the day is over."""
        found = [*self._wrong, *self.laws.broken, *((item.moment, item.message) for item in self.judge.failures)]
        if self._is_last:
            runs = self.playback.state.runs.values()
            found += ((self.now, f"{run.cue} still waits when the day is over") for run in runs if run.next_pending)
        return [(self.wall_shows(moment), message) for moment, message in sorted(found)]

    def wall_shows(self, moment: Instant | None = None) -> str:
        """``10:15:00``, as the wall shows it at ``moment`` (None: now)."""
        at = self.begin_wall + (self.now if moment is None else moment)
        return f"{datetime.fromtimestamp(at // SECOND, UTC).astimezone(self.zone):%H:%M:%S}"


def _lists_of(show: Show, name: str) -> set[str]:
    found = next(item for item in show.schedule if item.name == name)
    return {action.list for action in found.do if isinstance(action, GoCue)}


def _starts_something(show: Show, name: str) -> bool:
    found = next(item for item in show.schedule if item.name == name)
    return any(isinstance(action, GoCue | StartCue) for action in found.do)


def _faults(show: Show, venue: Any, seed: int, length: Duration) -> list[Step]:
    """Once in half an hour some machine, for a while; never one that a hazard's permit listens to."""
    chance = random.Random(f"{seed}/day")
    venue.start(0)
    locked = {name.partition(".")[0] for interlock in show.hazards for name in interlock.permit.names}
    there = [name for name in machines(venue.state(0)) if name not in locked]
    found: list[Step] = []
    at = chance.randrange(30 * MINUTE)
    while there and at < length - 10 * MINUTE:
        moment = at - at % SECOND
        found.append(Step(moment, "fault", f"{chance.choice(there)} power lost for {chance.randint(*OUTAGE)}s"))
        at += chance.randrange(10 * MINUTE, 50 * MINUTE)
    return found


def _parties(show: Show, dated: Sequence[Dated], begin: int) -> list[Step]:
    """A few people in the first show and in the last."""
    often = {item.name for item in show.schedule if item.every is not None}
    again = [item for item in dated if item.name in often]
    if not again or not any(device.kind.name == "tracker" for device in show.devices):
        return []
    found: list[Step] = []
    for item in dict.fromkeys((again[0], again[-1])):
        at = item.wall - begin
        found += (Step(at, "guests", f"{PARTY} join"), Step(at + 14 * MINUTE, "guests", "gone"))
    return found
