"""A projector's lamp as it wears: its hours count while it burns, it gives less the older it is, and says so before its time.

The life of a lamp is stated as the hours until it gives half of its light, which it loses evenly; a laser's is 20,000 of them. A
machine warns when nine tenths are over. Old ones go on giving less, down to three tenths.
"""

from __future__ import annotations

from typing import Final

from showctl.show.instants import MINUTE, Duration, Instant

HOUR: Final = 60 * MINUTE
LIFE: Final = 20_000.0
"""Hours."""
WARNS: Final = 0.9
LEAST: Final = 0.3


class BurningLamp:
    """One lamp, ``burned`` so long when it is built in."""

    def __init__(self, burned: Duration, life: float = LIFE) -> None:
        """``life`` is hours."""
        self.before = burned
        """How long it had burned when it was lit last."""
        self._life = max(life, 1.0)
        self._since: Instant | None = None

    @property
    def lit(self) -> bool:
        return self._since is not None

    def light(self, on: bool, now: Instant) -> None:
        """It is lit, or goes out."""
        if on and self._since is None:
            self._since = now
        elif not on:
            self.before, self._since = self.burned(now), None

    def aged(self, burned: Duration, now: Instant) -> None:
        """Another lamp that has burned for so long, or the same with another number in its counter."""
        self.before, self._since = burned, now if self._since is not None else None

    def burned(self, now: Instant) -> Duration:
        """How long it has burned in its life."""
        return self.before + (now - self._since if self._since is not None else 0)

    def gives(self, now: Instant) -> float:
        """The share of a new lamp's light."""
        return max(1.0 - 0.5 * self.burned(now) / HOUR / self._life, LEAST)

    def worn(self, now: Instant) -> bool:
        """It has come to where machines warn."""
        return self.burned(now) >= self._warns

    def worn_at(self) -> Instant | None:
        """When it will be, if it burns on; None while it does not."""
        return None if self._since is None else self._since + max(self._warns - self.before, 0)

    def next_hour(self, now: Instant) -> Instant | None:
        """When its counter goes on; None while it does not burn."""
        return None if self._since is None else self._since + (self.burned(now) // HOUR + 1) * HOUR - self.before

    @property
    def _warns(self) -> Duration:
        return round(WARNS * self._life * HOUR)
