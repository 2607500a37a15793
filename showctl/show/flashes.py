"""How often light flashes: pairs of opposing changes, counted over the second before.

After ITU-R BT.1702 and WCAG 2.3.1, coarsened to the light of a whole zone: a change counts where the light rises or falls by at
least a tenth of the brighter of the two, and by no less than ``least``; up and down again is one flash.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from showctl.show.instants import SECOND, Instant

SHARE: Final = 0.1
"""Of the brighter light, that a change must be."""


class Flashes:
    """Counts the flashes of one light.

    >>> meter = Flashes(5.0)
    >>> [meter.note(lux, n * SECOND // 8) for n, lux in enumerate((10, 100, 10, 100, 97, 10, 100, 10, 10, 10))]
    [0, 0, 1, 1, 1, 2, 2, 3, 3, 2]
    """

    def __init__(self, least: float) -> None:
        self._least = least
        self._low = self._high = 0.0
        self._way = 0
        """Up (1), down (-1), or not known yet."""
        self._changes: deque[Instant] = deque()

    def note(self, light: float, now: Instant) -> int:
        """The light at ``now``, later than before. How many flashes there were in the second that ends now."""
        if self._way == 0 and not self._changes and self._low == self._high == 0.0:
            self._low = self._high = light
        self._high, self._low = max(self._high, light), min(self._low, light)
        if self._way >= 0 and self._high - light >= max(self._least, SHARE * self._high):
            self._turn(-1, light, now)
        elif self._way <= 0 and light - self._low >= max(self._least, SHARE * light):
            self._turn(1, light, now)
        while self._changes and now - self._changes[0] >= SECOND:
            self._changes.popleft()
        return len(self._changes) // 2

    def _turn(self, way: int, light: float, now: Instant) -> None:
        self._way = way
        self._low = self._high = light
        self._changes.append(now)
