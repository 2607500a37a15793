"""Frames of the tracking system that would say nothing new: in rehearsal they may be left out, and are known all the same.

A frame says something new where somebody has come or gone, is seen or no more, or stands in another zone than in the frame
before; goes faster or slower, or holds a hand higher or lower. Only what the show's inputs read of this counts: its zones, its
gestures. Between such frames people walk on along straight lines, and whoever counts them learns nothing. Who is where is
repeated in every frame for ``SETTLES`` after it changed: a reader may want to see it last before believing it. The grid of
the stream, its frame numbers and the bytes of the frames that are sent stay what they are; ``Grid`` tells the last instant
at which a frame was left out.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.show.instants import SECOND, Duration, Instant
from showctl.show.show import Show
from showctl.show.triggers import InputSource
from simulators.floor import Zones
from simulators.guests import Crowd, Seen

SETTLES: Final[Duration] = SECOND
MOST: Final = 40
"""Frames left out at a stretch, and looked ahead, at most."""


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

    def leave_out(self, now: Instant, frames: int) -> bool:
        """The frame of ``now`` need not be sent, and the next is looked at ``frames`` later. False: it must be, for a change."""
        if self.last is None or now - self.last >= MOST * self.period:
            return False
        self.at, self.steady = now + frames * self.period, True
        return True

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
    """What of a crowd would be new to somebody who has seen every frame, and reads what the show's inputs name."""

    def __init__(self, show: Show) -> None:
        read = {(item.source, item.address) for item in show.inputs}
        counted = {address for source, address in read if source in (InputSource.ZONE_COUNT, InputSource.GUESTS)}
        self._zones = Zones([zone.corners for zone in show.zones if zone.name in counted])
        self._moving, self._raised = ((InputSource.GESTURE, what) in read for what in ("moving", "raised"))
        self._where: bytes | None = None
        self._how = b""
        self._inside: NDArray[np.bool_] = np.zeros((0, 0), np.bool_)
        self._settled_at: Instant = 0

    def is_new(self, seen: Seen, now: Instant) -> bool:
        """Whether the frame of ``now``, which shows ``seen``, has to be sent. To be asked of each that may be, in order."""
        self._inside = self._zones.inside(as_sent(seen.positions[:, 0]), as_sent(seen.positions[:, 2]))
        where = seen.numbers.tobytes() + self._inside.tobytes()
        how = (seen.speeds.tobytes() if self._moving else b"") + (seen.hands.tobytes() if self._raised else b"")
        if where != self._where:
            self._settled_at = now + SETTLES
        new = where != self._where or how != self._how or now < self._settled_at
        self._where, self._how = where, how
        return new

    def frames(self, crowd: Crowd, period: Duration, now: Instant) -> int:
        """How many frames after that of ``now`` the next one comes that may have news."""
        if now < self._settled_at:
            return 1
        change = crowd.next_change(now, hands=self._raised)
        frames = min(-((now - change) // period), MOST)
        if frames <= 1:
            return 1
        instants = np.arange(now + period, now + frames * period, period)
        who, x, z = crowd.walking(instants, now)
        if not len(who):
            return frames
        there = self._zones.inside(as_sent(x.ravel()), as_sent(z.ravel())).reshape(*x.shape, -1)
        crossing = np.flatnonzero((there != self._inside[who]).any(axis=(1, 2)))
        return int(crossing[0]) + 1 if len(crossing) else frames


def as_sent(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers as whoever reads them from a frame sees them: of 32 bits."""
    return metres.astype(np.float32).astype(np.float64)
