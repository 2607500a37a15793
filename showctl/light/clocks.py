"""Clocks: straight lines from show time to local time. Pause is rate 0; pause, rate, slew and locate each make a new line.

``local = position + (now - anchor) * num // den``, all whole numbers, so that both processes count alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.plan import CLOCK
from showctl.show.instants import Duration, Instant

SHOW_CLOCK: Final = 0
"""Show time itself: never paused, never rated."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One line. ``num``/``den`` is the rate; ``num`` 0 is a pause and never negative."""

    id: int
    anchor: Instant = 0
    position: Duration = 0
    num: int = 1
    den: int = 1

    def local(self, now: Instant) -> Duration:
        """Where this clock stands at ``now``."""
        return self.position + (now - self.anchor) * self.num // self.den

    def due(self, local: Duration) -> Instant | None:
        """The earliest show instant at which this clock reads at least ``local``; None while it stands short of it.

        >>> Clock(1, anchor=10, position=0, num=1, den=2).due(3)
        16
        """
        ahead = local - self.position
        if ahead <= 0:
            return self.anchor
        if self.num == 0:
            return None
        return self.anchor - (-ahead * self.den // self.num)

    @property
    def running(self) -> bool:
        return self.num != 0

    def paused(self, now: Instant) -> Clock:
        """The same clock, standing still from ``now``."""
        return Clock(self.id, now, self.local(now), 0, 1)

    def rated(self, now: Instant, num: int = 1, den: int = 1) -> Clock:
        """The same clock at another rate from ``now``, without a step."""
        return Clock(self.id, now, self.local(now), num, den)


def table(clocks: tuple[Clock, ...]) -> NDArray[np.void]:
    """``clocks`` as the plan carries them."""
    return np.array([(c.id, 0, c.anchor, c.position, c.num, c.den) for c in clocks], CLOCK)


def clock_of(clocks: NDArray[np.void], number: int) -> Clock:
    """The clock ``number`` of a plan's ``clocks``. KeyError where there is none."""
    if number == SHOW_CLOCK:
        return Clock(SHOW_CLOCK)
    for row in clocks[clocks["id"] == number]:
        return Clock(number, int(row["anchor"]), int(row["position"]), int(row["num"]), int(row["den"]))
    raise KeyError(number)
