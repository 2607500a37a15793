"""Timecode, whatever brings it, as one steady clock: acquiring, locked, freewheel, hold, shuttle, lost (R13).

Readings come in (this label is in force at this instant), lines come out, as ``ClockMoved``: a new one only where the estimate
has left the line by a quarter of a frame, and where the state changes. One reading proves nothing: a jump is believed when
``confirm`` readings follow on from one another, so code that is spliced, misread or torn moves nothing. Repeated labels are a
tape that stands still, not a lost one. Small errors are slewed away, at most 1 %. Pure: instants are passed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from showctl.engine.events import ClockMoved
from showctl.light.clocks import Clock
from showctl.protocols.timecode import Rate, Timecode, frame_at, nearest, to_frames, to_nanoseconds
from showctl.show.instants import SECOND, Duration, Instant

SLEW: Final = (1, 100)
"""The most by which a clock is slowed down or sped up to meet the code."""
RECENT: Final = 8
"""Readings among which a label that comes again and again is looked for."""
REMEMBERED: Final = 7
"""Readings whose middle error is believed: late ones, and early ones, do not pull."""
QUIET_FRAMES: Final = 5
"""Frames without a reading that fits until the clock is said to run by itself."""
SHUTTLE_EVERY: Final = SECOND // 4
"""How often a tape that runs at another speed moves the room."""
FASTEST: Final = 32
"""Times playing speed: more than this is no tape."""


class ChaseState(StrEnum):
    """What the clock of a timecode input stands on."""

    ACQUIRING = "acquiring"
    LOCKED = "locked"
    HOLD = "hold"
    SHUTTLE = "shuttle"
    FREEWHEEL = "freewheel"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class ChaseRules:
    """``confirm``: readings to believe. ``tolerance``: frames beyond which an error is a jump. ``freewheel``: how long the clock
    runs on without code until it is lost. ``holds``: whether a lost clock stands still, else it runs on. ``every``: how far
    readings are apart, where that is more than a frame."""

    confirm: int = 3
    tolerance: int = 2
    freewheel: Duration = 2 * SECOND
    holds: bool = False
    every: Duration = 0


@dataclass(frozen=True, slots=True)
class _Reading:
    count: int
    position: Duration
    at: Instant


class Chase:
    """The clock of one timecode input."""

    def __init__(self, name: str, rate: Rate, rules: ChaseRules | None = None) -> None:
        self.name, self.rate, self.rules = name, rate, rules or ChaseRules()
        self.state: ChaseState | None = None
        self._line: Clock | None = None
        self._frame = to_nanoseconds(1, rate)
        self._run: list[_Reading] = []
        """Readings that follow on from one another, each with a label of its own."""
        self._repeats = 0
        """How often the last of them was said again."""
        self._recent: list[_Reading] = []
        """The last few, whatever they say."""
        self._errors: list[Duration] = []
        self._good: Instant = 0
        """When a reading last fitted."""
        self._slews_until: Instant | None = None
        self._shown: Instant = 0
        self._shuttled_since = False
        """Since it last played."""

    def position(self, now: Instant) -> Duration | None:
        """Where the clock stands, in nanoseconds from 00:00:00:00; None before there was any code."""
        return None if self._line is None else self._line.local(now)

    # --- what comes in ---------------------------------------------------------------------------------------------------

    def heard(self, label: Timecode, at: Instant) -> list[ClockMoved]:
        """``label`` is in force at ``at``."""
        moves = self.wake(at)
        count = to_frames(label) if self._line is None else nearest(label, frame_at(self._line.local(at), self.rate))
        reading = _Reading(count, to_nanoseconds(count, self.rate), at)
        if self._run and at <= self._run[-1].at:
            return moves  # two at one instant: the first counts
        self._recent = [*self._recent[1 - RECENT :], reading]
        same = [item for item in self._recent if item.count == count]
        if len(same) >= self._enough(reading) and self._is_a_stop(at - same[0].at):  # whatever nonsense stands in between
            self._run, self._repeats = [reading], 0
            return moves + self._stopped(reading)
        if self._run and count == self._run[-1].count:
            return moves + self._repeated(reading)
        self._repeats = 0
        if self._line is not None and self._line.running and self._fits_line(reading):
            return moves + self._followed(reading)
        return moves + self._elsewhere(reading)

    def told(self, label: Timecode, at: Instant) -> list[ClockMoved]:
        """The source says where it stands and that it stands still (a full frame of MTC): no other reading is needed."""
        moves = self.wake(at)
        self._run.clear()
        count = to_frames(label) if self._line is None else nearest(label, frame_at(self._line.local(at), self.rate))
        self._good = at
        return moves + self._set(ChaseState.HOLD, Clock(0, at, to_nanoseconds(count, self.rate), 0), jump=True)

    def next_deadline(self) -> Instant | None:
        """When ``wake`` has something to do."""
        due = [self._slews_until] if self._slews_until is not None else []
        if self.state in (ChaseState.LOCKED, ChaseState.SHUTTLE):
            due.append(self._good + self._quiet)
        elif self.state is ChaseState.FREEWHEEL:
            due.append(self._good + max(self.rules.freewheel, self._quiet))
        return min(due, default=None)

    def wake(self, now: Instant) -> list[ClockMoved]:
        """A slew is over; code has not come for a while."""
        moves: list[ClockMoved] = []
        while (due := self.next_deadline()) is not None and due <= now:
            assert self._line is not None, "a clock that waits for something has a line"
            if due == self._slews_until:
                self._slews_until = None
                self._errors.clear()
                if self._line.running:
                    moves += self._set(self.state or ChaseState.LOCKED, self._line.rated(due))
            elif self.state is ChaseState.SHUTTLE:
                moves += self._set(ChaseState.HOLD, Clock(0, due, self._line.local(due), 0))
            elif self.state is ChaseState.LOCKED:
                moves += self._set(ChaseState.FREEWHEEL, self._line)
            else:
                line = self._line.paused(due) if self.rules.holds else self._line
                moves += self._set(ChaseState.LOST, line)
        return moves

    # --- on the line -----------------------------------------------------------------------------------------------------

    @property
    def _quiet(self) -> Duration:
        return max(QUIET_FRAMES * self._frame, 5 * self.rules.every // 2)

    @property
    def _tolerance(self) -> Duration:
        return self.rules.tolerance * self._frame

    def _fits_line(self, reading: _Reading) -> bool:
        assert self._line is not None
        return abs(reading.position - self._line.local(reading.at)) <= self._tolerance

    def _followed(self, reading: _Reading) -> list[ClockMoved]:
        """A reading near the line."""
        assert self._line is not None
        self._take(reading)
        if self.state is not ChaseState.LOCKED and not self._plays():
            return []
        self._good = reading.at
        moves = [] if self.state is ChaseState.LOCKED else self._set(ChaseState.LOCKED, self._line)
        self._errors = [*self._errors, reading.position - self._line.local(reading.at)][-REMEMBERED:]
        if len(self._errors) < REMEMBERED or self._slews_until is not None:
            return moves
        error = sorted(self._errors)[len(self._errors) // 2]
        if abs(error) * 4 <= self._frame:
            return moves
        num, den = SLEW
        self._slews_until = reading.at + abs(error) * den // num
        slewing = self._line.rated(reading.at, den + num if error > 0 else den - num, den)
        return moves + self._set(ChaseState.LOCKED, slewing)

    # --- away from it ----------------------------------------------------------------------------------------------------

    def _elsewhere(self, reading: _Reading) -> list[ClockMoved]:
        """No line yet, or the reading is far from it: believed when enough of them follow on from one another."""
        self._take(reading)
        if self.state is ChaseState.SHUTTLE and len(self._run) > 1:
            self._good = reading.at
        if self._plays():
            return self._located(reading)
        if self._shuttles():
            return self._shuttled(reading)
        if self.state is None:
            self.state = ChaseState.ACQUIRING
            return [ClockMoved(self.name, self.state.value, reading.at, 0, 0, 1)]
        return []

    def _located(self, reading: _Reading) -> list[ClockMoved]:
        """It plays, there: the clock goes on from there. After a short stop that is where it would have been anyway."""
        offsets = sorted(item.position - item.at for item in self._run[-REMEMBERED:])
        line = Clock(0, reading.at, reading.at + offsets[len(offsets) // 2], 1)
        before = None if self._line is None else self._line.local(reading.at)
        jump = before is None or self.state is ChaseState.SHUTTLE or not self._went_on(line.position, before, reading.at)
        self._good, self._shuttled_since = reading.at, False
        self._errors.clear()
        return self._set(ChaseState.LOCKED, line, jump=jump)

    def _went_on(self, position: Duration, before: Duration, now: Instant) -> bool:
        """Whether a tape that plays at ``position``, and not ``before`` as thought, has only stood still for a while."""
        assert self._line is not None
        if not self._line.running:
            return -self._tolerance <= position - before <= now - self._good + self._tolerance
        return self._line.local(self._good) - self._tolerance <= position <= before

    def _repeated(self, reading: _Reading) -> list[ClockMoved]:
        """The label does not change any more: hold, and far from the line a locate. A packet that came twice is no stop."""
        self._repeats += 1
        enough = self.rules.confirm if self._enough(reading) < RECENT else RECENT
        if self._repeats + 1 < enough or not self._is_a_stop(reading.at - self._run[-1].at):
            return []
        return self._stopped(reading)

    def _enough(self, reading: _Reading) -> int:
        """How many of the last readings must be alike for a stop: most, where the tape may stand; all, if that is elsewhere."""
        if self._line is None:
            return self.rules.confirm
        went = reading.position - self._line.local(self._good)
        return RECENT // 2 + 1 if -self._tolerance <= went <= reading.at - self._good + self._tolerance else RECENT

    def _is_a_stop(self, lasts: Duration) -> bool:
        return lasts * 2 >= (self.rules.confirm + self.rules.tolerance) * self._frame

    def _stopped(self, reading: _Reading) -> list[ClockMoved]:
        self._good = reading.at
        if self.state is ChaseState.HOLD and self._line is not None and self._line.position == reading.position:
            return []
        before = None if self._line is None else self._line.local(reading.at)
        ran_on = max(
            self.rules.freewheel, self._quiet
        )  # before anybody could know that it stands; what that fired has been fired
        jump = before is None or not reading.position - self._frame <= before <= reading.position + ran_on
        return self._set(ChaseState.HOLD, Clock(0, reading.at, reading.position, 0), jump=jump)

    def _shuttled(self, reading: _Reading) -> list[ClockMoved]:
        """The tape runs at another speed, or backwards: the clock stands, now here, now there."""
        self._good = reading.at
        if self.state is ChaseState.SHUTTLE and reading.at < self._shown + SHUTTLE_EVERY:
            return []
        self._shown, self._shuttled_since = reading.at, True
        return self._set(ChaseState.SHUTTLE, Clock(0, reading.at, reading.position, 0), jump=True)

    # --- what a run of readings is -----------------------------------------------------------------------------------------

    def _take(self, reading: _Reading) -> None:
        """The run goes on with a reading, or begins anew with the last one and this, or with this alone."""
        if not self._run:
            self._run = [reading]
            return
        last = self._run[-1]
        goes_on = self._follows(reading) if len(self._run) > 1 else False
        if goes_on:
            self._run = [*self._run, reading][-2 * REMEMBERED :]
        else:
            self._run = [last, reading] if abs(_speed(last, reading)) <= FASTEST else [reading]

    def _follows(self, reading: _Reading) -> bool:
        """Whether a reading goes on as the run went: at playing speed, or at the run's own."""
        before, last = self._run[-2:]
        if _plays(last, reading, self._frame):
            return _plays(before, last, self._frame)
        then, now = _speed(before, last), _speed(last, reading)
        return then * now > 0 and abs(now - then) <= max(abs(then), abs(now)) / 2 and abs(now) <= FASTEST

    def _plays(self) -> bool:
        """Whether the run goes at playing speed, and is long enough to be believed. After a shuttle that takes longer: code that
        is made at another rate looks right for a moment, again and again."""
        needed = 2 * REMEMBERED if self._shuttled_since else self.rules.confirm
        return len(self._run) >= needed and _plays(self._run[0], self._run[-1], self._frame)

    def _shuttles(self) -> bool:
        newest = self._run[-2 * self.rules.confirm :]
        if len(newest) < 2 * self.rules.confirm:
            return False
        pairs = list(pairwise(newest))
        forward = newest[-1].count > newest[0].count
        if any((b.count > a.count) is not forward for a, b in pairs):
            return False
        return not _plays(self._run[0], self._run[-1], self._frame)

    def _set(self, state: ChaseState, line: Clock, *, jump: bool = False) -> list[ClockMoved]:
        if jump or not line.running:
            self._slews_until = None
            self._errors.clear()
        self.state, self._line = state, line
        return [ClockMoved(self.name, state.value, line.anchor, line.position, line.num, line.den, jump)]


def _plays(first: _Reading, then: _Reading, frame: Duration) -> bool:
    """Whether as much code has gone by as time, to a frame; and labels went forward."""
    return then.count > first.count and abs((then.position - first.position) - (then.at - first.at)) <= frame


def _speed(first: _Reading, then: _Reading) -> float:
    """Times playing speed."""
    return (then.position - first.position) / (then.at - first.at)
