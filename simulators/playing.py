"""What a player counts with: a clip that runs, and a level on its way; both functions of time.

Nothing here ticks. A ``ClipClock`` knows where it stands at any ``now`` and when it ends; a ``Ramp`` knows its value.
Sound ramps are counted in dB and follow a curve of gain; picture ramps are counted in percent and are straight.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from showctl.show.instants import MINUTE, Duration, Instant, seconds

SILENT: Final = -120.0
"""dB; the bottom of every fader."""
LONGEST: Final = 24 * 60 * MINUTE


def duration_of(value: float) -> Duration:
    """Seconds from the wire as nanoseconds, within 0 and a day."""
    return min(max(seconds(value), 0), LONGEST) if abs(value) < 1e9 else (LONGEST if value > 0 else 0)


@dataclass(frozen=True, slots=True)
class ClipClock:
    """A clip that stood at ``position`` at the instant ``anchor`` and, if ``running``, has gone on since."""

    clip: str
    length: Duration | None
    """None: endless, or unknown."""
    loop: bool
    position: Duration
    anchor: Instant
    running: bool = True

    def at(self, now: Instant) -> Duration:
        """Where the clip stands; a looping one starts over, another stops at its end."""
        position = self.position + (max(now - self.anchor, 0) if self.running else 0)
        if not self.length:
            return position
        return position % self.length if self.loop else min(position, self.length)

    def end(self) -> Instant | None:
        """When it has played to its end by itself."""
        if self.length is None or self.loop or not self.running:
            return None
        return self.anchor + max(self.length - self.position, 0)

    def stopped(self, now: Instant) -> ClipClock:
        """The same, standing still."""
        return replace(self, position=self.at(now), anchor=now, running=False)

    def resumed(self, now: Instant) -> ClipClock:
        """The same, going on from where it stands."""
        return self if self.running else replace(self, anchor=now, running=True)


@dataclass(frozen=True, slots=True)
class Ramp:
    """A level on its way from ``source`` to ``target``; a ramp of no length has arrived."""

    source: float
    target: float
    start: Instant = 0
    duration: Duration = 0
    blend: Callable[[float, float, float], float] | None = None
    """(source, target, share of the way) -> value; None: a straight line."""

    def at(self, now: Instant) -> float:
        """The level at ``now``, which may be a moment before the start: what was due then is told a little later.

        >>> Ramp(0.0, 1.0, start=5).at(3), Ramp(0.0, 1.0, start=5, duration=2).at(3)
        (1.0, 0.0)
        """
        if not self.duration or now >= self.start + self.duration:
            return self.target
        share = max(now - self.start, 0) / self.duration
        if self.blend is not None:
            return self.blend(self.source, self.target, share)
        return self.source + (self.target - self.source) * share

    def end(self) -> Instant:
        return self.start + self.duration


def _gain(level: float) -> float:
    return 0.0 if level <= SILENT else 10.0 ** (level / 20.0)


def _level(gain: float) -> float:
    return SILENT if gain <= 1e-6 else max(SILENT, 20.0 * math.log10(gain))


def equal_gain(source: float, target: float, share: float) -> float:
    """dB, with the gain on a straight line."""
    return _level(_gain(source) + (_gain(target) - _gain(source)) * share)


def equal_power(source: float, target: float, share: float) -> float:
    """dB, with the power on a straight line.

    >>> round(equal_power(-120.0, 0.0, 0.5), 2)
    -3.01
    """
    power = _gain(source) ** 2 + (_gain(target) ** 2 - _gain(source) ** 2) * share
    return _level(math.sqrt(max(power, 0.0)))


SOUND_CURVES: Final[dict[str, Callable[[float, float, float], float] | None]] = {
    "equal-power": equal_power,
    "equal-gain": equal_gain,
    "linear": equal_gain,
    "db-linear": None,
}
"""By the name in ``/sound/fade``; one that is not here is taken as equal-power."""
