"""Where a sound object is at any instant: at rest, on its way, or by somebody who walks. A function of time; nothing here ticks.

A way has a time (``over``), a curve, and may loop or go forth and back. Whoever is followed is a line, drawn out for as long as
heads believe it (``engine.following.AHEAD``), then they are taken to stand; what a new line differs from the old is made up in
``CATCH_UP``, so that nothing jumps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from showctl.engine.following import AHEAD, CATCH_UP
from showctl.light.curves import CURVES, ONE, shaped
from showctl.show.instants import Duration, Instant, seconds, seconds_of
from showctl.show.space import LOOPS, Circle, Line, LineFromHere, Vector, way_of

LONGEST: Final = 24 * 3600.0
NOWHERE: Final[Vector] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Rest:
    """It stays where it is."""

    place: Vector

    def at(self, now: Instant) -> Vector:  # noqa: ARG002
        return self.place

    def over_at(self) -> Instant:
        """From when on nothing changes."""
        return -(1 << 62)


@dataclass(frozen=True, slots=True)
class Travel:
    """It is on its way since ``began``."""

    way: Line | Circle
    began: Instant
    over: Duration
    curve: int
    loop: str

    def at(self, now: Instant) -> Vector:
        gone = max(now - self.began, 0)
        if self.over <= 0 or (self.loop == "no" and gone >= self.over):
            return self.way.where(1.0)
        lap, part = divmod(gone, self.over)
        if self.loop == "mirror" and lap % 2:
            part = self.over - part
        return self.way.where(shaped(self.curve, part * ONE // self.over) / ONE)

    def over_at(self) -> Instant | None:
        return self.began + max(self.over, 0) if self.loop == "no" or self.over <= 0 else None


@dataclass(frozen=True, slots=True)
class Beside:
    """It keeps ``apart`` from somebody who is followed, and ``waits`` where it is until they are seen.

    ``shift`` is what it still has to make up.
    """

    who: str
    apart: Vector
    waits: Vector | None = None
    since: Instant = 0
    start: Vector | None = None
    velocity: Vector = NOWHERE
    shift: Vector = NOWHERE

    def at(self, now: Instant) -> Vector | None:
        if self.start is None:
            return self.waits
        gone = min(max(now - self.since, 0), AHEAD)
        left = max(CATCH_UP - max(now - self.since, 0), 0) / CATCH_UP
        x, y, z = (
            start + speed * seconds_of(gone) + apart + shift * left
            for start, speed, apart, shift in zip(self.start, self.velocity, self.apart, self.shift, strict=True)
        )
        return x, y, z

    def over_at(self) -> Instant:
        return self.since + (AHEAD if any(self.velocity) else CATCH_UP if any(self.shift) else 0)

    def seen(self, start: Vector, velocity: Vector, now: Instant) -> Beside:
        """They are somewhere else than thought: the object goes there from where it is."""
        here, fresh = self.at(now), replace(self, since=now, start=start, velocity=velocity, shift=NOWHERE)
        there = fresh.at(now)
        if here is None or there is None:
            return fresh
        dx, dy, dz = (old - new for old, new in zip(here, there, strict=True))
        return replace(fresh, shift=(dx, dy, dz))


Motion: TypeAlias = Rest | Travel | Beside


def travel(words: str, over: float, ease: str, loop: str, at: float, now: Instant, here: Vector | None) -> Travel:
    """A way that is to take ``over`` seconds, second ``at`` of it being now. ValueError and KeyError: it makes no sense."""
    way = way_of(words)
    if isinstance(way, LineFromHere):
        way = way.begun_at(way.points[0] if here is None else here)
    if loop not in LOOPS or not 0 <= over <= LONGEST or not 0 <= at <= LONGEST * 366:
        raise ValueError(loop)
    return Travel(way, now - seconds(at), seconds(over), CURVES[ease], loop)


def put_off(motion: Motion, by: Duration) -> Motion:
    """The same, ``by`` later: it stood still meanwhile."""
    match motion:
        case Travel():
            return replace(motion, began=motion.began + by)
        case Beside():
            return replace(motion, since=motion.since + by)
        case Rest():
            return motion


__all__ = ["Beside", "Motion", "Rest", "Travel", "put_off", "travel"]
