"""Frames of the tracking system that would say nothing new: in rehearsal they may be left out, and are known all the same.

A frame says something new where somebody has come or gone, is seen or no more, or stands in another zone than in the frame
before; goes faster or slower, or holds a hand higher or lower. Only what the show's inputs read of this counts: its zones, its
gestures. Between such frames people walk on along straight lines, and whoever counts them learns nothing. A reader who wants
to see a change last before believing it says so (``Grid.want_next``). The grid of the stream, its frame numbers and the bytes
of the frames that are sent stay what they are; ``Grid`` tells the last instant at which a frame was left out.

When the next news comes is known ahead: a twin of the crowd decides before the crowd does, and each way that somebody takes is
looked at once, for all frames in which they walk it.
"""

from __future__ import annotations

import heapq
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.show.instants import SECOND, Duration, Instant
from showctl.show.show import Show
from showctl.show.triggers import InputSource
from simulators.floor import Zones
from simulators.guests import Crowd, Guest

LONGEST: Final[Duration] = 30 * SECOND
"""Left out at a stretch at most."""


class Grid:
    """The instants of one stream: ``at`` is the next one that is sent, None while it does not speak."""

    def __init__(self, period: Duration) -> None:
        self.period = period
        self.at: Instant | None = None
        self.last: Instant | None = None
        """When a frame was last sent."""
        self.numbered_from: Instant = 0
        """The grid instant of frame 0."""
        self.passed: Instant = -1
        """Everything up to here has happened, this instant included."""
        self.steady = False
        """Until ``at`` frames are left out."""
        self._left_out: Instant | None = None
        """The last one that was left out before ``last``."""

    def start(self, now: Instant) -> None:
        self.at = self.numbered_from = now
        self.steady, self.last = False, None

    def stop(self, now: Instant) -> None:
        self.disturb(now)
        self.at = None

    def sent(self, now: Instant, frames: int) -> None:
        """A frame was sent at ``now``; the next is ``frames`` later on the grid."""
        if self.last is not None and now - self.last > self.period:
            self._left_out = now - self.period
        self.last, self.at, self.steady = now, now + frames * self.period, frames > 1

    def want_next(self, now: Instant) -> None:
        """Whoever read the frame of ``now`` wants the next one, too."""
        if self.steady and self.last == now:
            self.at, self.steady = now + self.period, False

    def disturb(self, now: Instant) -> None:
        """From now on every frame counts, this instant's where it has not passed."""
        if self.steady:
            self._left_out, self.steady = self.left_out(now), False
            self.at = max(self.last or 0, self._left_out or 0) + self.period

    def left_out(self, now: Instant) -> Instant | None:
        """The last instant by ``now`` at which a frame was left out."""
        if not self.steady or self.at is None or self.last is None:
            return self._left_out
        by = min(now if self.passed >= now else now - 1, self.at - self.period)
        gone = self.last + (by - self.last) // self.period * self.period
        return gone if gone > self.last else self._left_out

    def said(self, now: Instant) -> Instant | None:
        """The last instant by ``now`` at which a frame was sent or left out."""
        return max((at for at in (self.last, self.left_out(now)) if at is not None), default=None)

    def before(self, now: Instant) -> range:
        """The instants left out before the frame of ``now``."""
        return range(now if self.last is None else self.last + self.period, now, self.period)

    def number(self, now: Instant) -> int:
        """The frame's number, of eight bits."""
        return (now - self.numbered_from) // self.period & 0xFF


class News:
    """What the show's inputs read of a crowd, which alone may be news."""

    def __init__(self, show: Show) -> None:
        read = {(item.source, item.address) for item in show.inputs}
        counted = {address for source, address in read if source in (InputSource.ZONE_COUNT, InputSource.GUESTS)}
        self.zones = Zones([zone.corners for zone in show.zones if zone.name in counted])
        self.moving, self.raised = ((InputSource.GESTURE, what) in read for what in ("moving", "raised"))


class Foresight:
    """Which frames of a crowd will be news, from the frame of ``now`` on, if nobody tells them anything."""

    def __init__(self, news: News, crowd: Crowd, period: Duration, now: Instant) -> None:
        self._news, self._period, self._begun = news, period, now
        self._frames: list[Instant] = []
        """Frames that are news; a few of them may not be."""
        self._inside: dict[int, NDArray[np.bool_]] = {}
        self._crowd = crowd
        """Whose hands are looked at; they only move when they are told to."""
        self._twin = crowd.twin(self._turned)
        for guest in self._twin.guests.values():
            self._turned(guest, now)

    def next(self, now: Instant) -> Instant:
        """The first frame after that of ``now`` that is news, or that comes after ``LONGEST``."""
        frames, twin = self._frames, self._twin
        while frames and frames[0] <= now:
            heapq.heappop(frames)
        soonest = now + LONGEST // self._period * self._period
        if self._news.raised:
            soonest = min(soonest, self._frame_at(max(self._crowd.hands_move_at(now), now + 1)))
        while True:
            soonest = min(soonest, frames[0]) if frames else soonest
            decides = twin.decides_at()
            if decides > soonest:
                return soonest
            twin.advance(decides)

    def _frame_at(self, instant: Instant) -> Instant:
        """The first frame by which ``instant`` has come."""
        return self._begun - (self._begun - instant) // self._period * self._period

    def _turned(self, guest: Guest, now: Instant) -> None:
        """From ``now`` on somebody stands, walks elsewhere, or (``row`` -1) is there no more."""
        first, number = self._frame_at(now), guest.number
        if guest.row < 0:
            self._inside.pop(number, None)
            heapq.heappush(self._frames, first)
            return
        begins, ends = self._twin.walks(guest)
        last = max(self._frame_at(ends), first)
        instants = np.arange(first, last + 1, self._period)
        x, z = self._twin.way(guest, instants)
        inside = self._news.zones.inside(as_sent(x), as_sent(z))
        before = self._inside.get(number)
        self._inside[number] = inside[-1]
        changed = (inside[1:] != inside[:-1]).any(axis=1)
        found = instants[1:][changed].tolist()
        if before is None or (before != inside[0]).any() or self._news.moving:
            found.append(first)
        if self._news.moving and begins != ends:
            found.append(last)
        for instant in found:
            heapq.heappush(self._frames, instant)


def as_sent(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers as whoever reads them from a frame sees them: of 32 bits."""
    return metres.astype(np.float32).astype(np.float64)
