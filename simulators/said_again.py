"""The instants at which a device says again how it stands, as players and headsets do while all is well.

In rehearsal such words may be left out where nothing in them would be new but what moves on by itself: how far a clip has
played, how full a battery is. The first one after anything has happened is said; then they are left out for up to ``LONGEST``,
or until something happens. Their instants stay what they are, and ``take`` tells whoever listens at which of them it would
have heard something.
"""

from __future__ import annotations

from typing import Final

from showctl.show.instants import SECOND, Duration, Instant
from simulators.leaving_out import Grid
from simulators.links import Link

LONGEST: Final[Duration] = 60 * SECOND
"""Left out at a stretch at most. In that time no headset's charge moves by more than one percent."""


class Retelling(Grid):
    """The words of one device. Nothing is left out before it has a ``cable``."""

    def __init__(self, period: Duration) -> None:
        super().__init__(period)
        self.cable: Link | None = None
        """By which its words come to whoever lets them be left out."""
        self._first: Instant = 0
        """The first one that was left out and not taken yet."""

    def told(self, now: Instant, plain: bool) -> None:
        """It was said at ``now`` how everything stands; ``plain``: it will go on like that."""
        if plain and self.cable is not None and self.cable.good:
            gone = self.left_out(now)
            if gone is None or gone < self._first:
                self._first = now + self.period
            self.sent(now, LONGEST // self.period)
        else:
            self.sent(now, 1)

    def take(self, now: Instant) -> range:
        """The instants by ``now`` at which it was left out, since this was last asked."""
        gone = self.left_out(now)
        if gone is None or gone < self._first:
            return range(0)
        found = range(self._first, gone + 1, self.period)
        self._first = gone + self.period
        return found
