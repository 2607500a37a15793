"""Levels on their way: for devices that know no fades themselves and are told a level many times a second.

A ``Ramp`` is a function of time; ``Steps`` says when the next value is due (25 a second at most) and never leaves out the last:
where a fade ends, the exact target is sent. Sound is counted in dB, -120 and below is silence. The laws are those of
``show-format.md``: *equal-power* has the power on a straight line (two sounds that change places keep their loudness),
*equal-gain* the gain (two copies of one sound do), *db-linear* the dB (each second takes the same bite); pictures are straight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from showctl.show.instants import MILLISECOND, Duration, Instant

SILENT: Final = -120.0
LOUDEST: Final = 24.0
STEP: Final = 40 * MILLISECOND
"""Between two values of a fade: a frame of film, and nobody hears the stair."""


def gain_of(level: float) -> float:
    """The factor of a level in dB.

    >>> gain_of(0.0), round(gain_of(-6.0), 3), gain_of(-120.0), gain_of(float("-inf"))
    (1.0, 0.501, 0.0, 0.0)
    """
    return 0.0 if level <= SILENT else 10.0 ** (min(level, LOUDEST) / 20.0)


def level_of(gain: float) -> float:
    """The level in dB of a factor; what cannot be heard is -120.

    >>> level_of(1.0), level_of(0.0)
    (0.0, -120.0)
    """
    return SILENT if gain <= 1e-6 else max(20.0 * math.log10(gain), SILENT)


def added(*levels: float) -> float:
    """Faders in a row: a voice, its bus, the master. One that is silent silences all.

    >>> added(-6.0, -3.0, 0.0), added(0.0, -120.0)
    (-9.0, -120.0)
    """
    return SILENT if any(level <= SILENT for level in levels) else max(min(sum(levels), LOUDEST), SILENT)


@dataclass(frozen=True, slots=True)
class Ramp:
    """From ``source`` at ``start`` to ``target``, ``duration`` later. ``law`` is a fade law of sound; any other is straight."""

    source: float
    target: float
    start: Instant = 0
    duration: Duration = 0
    law: str = ""

    def at(self, now: Instant) -> float:
        """The level at ``now``.

        >>> round(Ramp(-120.0, 0.0, 0, 10, "equal-power").at(5), 2), round(Ramp(-120.0, 0.0, 0, 10, "equal-gain").at(5), 2)
        (-3.01, -6.02)
        >>> Ramp(-40.0, 0.0, 0, 10, "db-linear").at(5), Ramp(0.0, 100.0, 0, 10).at(15)
        (-20.0, 100.0)
        """
        if now >= self.start + self.duration:  # also one that takes no time
            return self.target
        share = max(now - self.start, 0) / self.duration
        match self.law:
            case "equal-power":
                power = _between(gain_of(self.source) ** 2, gain_of(self.target) ** 2, share)
                return level_of(math.sqrt(power))
            case "equal-gain" | "linear":
                return level_of(_between(gain_of(self.source), gain_of(self.target), share))
            case _:
                return _between(self.source, self.target, share)

    @property
    def end(self) -> Instant:
        """When it has arrived."""
        return self.start + self.duration


class Steps:
    """One fader of a device: what to send of its ramp, and when."""

    def __init__(self, level: float) -> None:
        self.ramp = Ramp(level, level)
        self._next: Instant | None = None

    def go(self, target: float, over: Duration, now: Instant, law: str = "", source: float | None = None) -> None:
        """To ``target`` (from ``source``, or from where it is). The first value is due at once."""
        begins = self.ramp.at(now) if source is None else source
        self.ramp = Ramp(begins, target, now, over, law)
        self._next = now

    def due(self, now: Instant) -> float | None:
        """The value to send now; None: nothing is due. The last one of a ramp is its target, to the digit."""
        if self._next is None or now < self._next:
            return None
        value = self.ramp.at(now)
        self._next = None if now >= self.ramp.end else min(now + STEP, self.ramp.end)
        return value

    def again(self, now: Instant) -> None:
        """The device has forgotten: everything is due."""
        self._next = now

    def next_deadline(self) -> Instant | None:
        """When the next value is due."""
        return self._next


def _between(source: float, target: float, share: float) -> float:
    return source + (target - source) * share
