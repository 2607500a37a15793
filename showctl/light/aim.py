"""Where a moving head has to turn to light a point, for any way of hanging it; and where its beam goes once turned.

Venue: metres, x to the right of a guest entering, y up, z into the room. A head that stands on the floor, unturned, points
straight up at tilt 0; positive tilt leans its beam into the room (y towards z), positive pan turns the leant beam to the right
(z towards x). ``hang`` turns it from there about the venue's x (y towards z), then y (z towards x), then z (x towards y):
[180, 0, 0] hangs it upside down. Most points can be lit in several ways (a turn further round, or over the shoulder); the
nearest is taken. Degrees are floats here and nowhere else in ``light``: what goes into the plan is a level, worked out when a
row is made.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from showctl.show.angles import cosine, direction, length, sine
from showctl.show.fixtures import Fixture, FixtureType, Point
from showctl.show.levels import Level, from_range, in_range
from showctl.show.patch import Parameter, Patch

Vector: TypeAlias = tuple[float, float, float]
Matrix: TypeAlias = tuple[Vector, Vector, Vector]
"""Rows; it turns columns."""
_STRAIGHT: Final = 1e-6
"""Of the length of a beam, how far beside the axis it may be for pan not to matter."""
_SLACK: Final = 1e-6
"""Degrees past the end of a range that are the rounding of a level."""


def rotation(hang: Vector) -> Matrix:
    """What ``hang`` (degrees about x, then y, then z) does to a direction."""
    (sx, cx), (sy, cy), (sz, cz) = ((sine(a), cosine(a)) for a in hang)
    return (
        (cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx),
        (sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx),
        (-sy, cy * sx, cy * cx),
    )


def beam(hang: Vector, pan: float, tilt: float) -> Vector:
    """The direction of the beam of a head hung so, at ``pan`` and ``tilt`` degrees.

    >>> [round(part, 3) + 0.0 for part in beam((180, 0, 0), 0, 0)], [round(part, 3) + 0.0 for part in beam((0, 0, 0), 90, 90)]
    ([0.0, -1.0, 0.0], [1.0, 0.0, 0.0])
    """
    own = (sine(tilt) * sine(pan), cosine(tilt), sine(tilt) * cosine(pan))
    rows = rotation(hang)
    return _dot(rows[0], own), _dot(rows[1], own), _dot(rows[2], own)


@dataclass(frozen=True, slots=True)
class Axis:
    """Pan or tilt of one head: the parameter's number, its physical ends, how fast it turns, and what an aim adds to it."""

    parameter: int
    low: float
    high: float
    home: float
    speed: float
    trim: float = 0.0

    def level(self, degrees: float) -> Level:
        """The level that turns the axis to ``degrees``; ends clamp."""
        return from_range(degrees, self.low, self.high)

    def degrees(self, level: Level) -> float:
        return in_range(level, self.low, self.high)

    def beyond(self, degrees: float) -> float:
        """How many degrees past its ends ``degrees`` is; 0 within."""
        return max(min(self.low, self.high) - degrees, degrees - max(self.low, self.high), 0.0)


@dataclass(frozen=True, slots=True)
class Aim:
    """Where to turn, in degrees of the channels; ``beyond``: by how much the head cannot go there, and stays at its end."""

    pan: float
    tilt: float
    beyond: float = 0.0


@dataclass(frozen=True, slots=True)
class Head:
    """One head as hung. A bar has only tilt, a scanner on a pole may have only pan: the other stands at 0."""

    fixture: int
    at: Point
    turned: Matrix
    pan: Axis | None
    tilt: Axis | None

    def aim(self, point: Point, pan: float, tilt: float) -> Aim:
        """Where to turn to light ``point``, nearest (in time) to where it is now, at ``pan`` and ``tilt`` degrees."""
        away = (point.x - self.at.x, point.y - self.at.y, point.z - self.at.z)
        columns = tuple(zip(*self.turned, strict=True))
        own = _dot(columns[0], away), _dot(columns[1], away), _dot(columns[2], away)
        if length(*own) < _STRAIGHT:
            return Aim(pan, tilt)
        best = min(
            (self._reached(*ways) for ways in self._ways(own, pan)),
            key=lambda aim: (round(aim.beyond, 3), round(self._time(aim, pan, tilt), 6), abs(aim.pan)),
        )
        return best if best.beyond > _SLACK else Aim(best.pan, best.tilt)

    def levels(self, aim: Aim) -> dict[int, Level]:
        """The level of each parameter that turns the head to ``aim``."""
        found = {} if self.pan is None else {self.pan.parameter: self.pan.level(aim.pan)}
        return found if self.tilt is None else found | {self.tilt.parameter: self.tilt.level(aim.tilt)}

    def home(self) -> tuple[float, float]:
        """Degrees of pan and tilt where it rests."""
        return (0.0 if self.pan is None else self.pan.home), (0.0 if self.tilt is None else self.tilt.home)

    def _ways(self, own: Vector, pan: float) -> Iterator[tuple[float, float]]:
        """(pan, tilt) in degrees that point along ``own``, all the turns of them that may be within reach."""
        x, y, z = own
        if self.pan is None:
            yield 0.0, direction(z, y)
            return
        flat = length(x, z)
        straight = flat < _STRAIGHT * length(x, y, z)
        turn = pan - self.pan.trim if straight else direction(x, z)
        lean = direction(flat, y)
        for first, leant in ((turn, lean), (turn + 180.0, -lean)):
            least = math.floor((min(self.pan.low, self.pan.high) - first) / 360.0)
            most = math.ceil((max(self.pan.low, self.pan.high) - first) / 360.0)
            for number in range(least, most + 1):
                yield first + 360.0 * number, leant

    def _reached(self, pan: float, tilt: float) -> Aim:
        beyond = 0.0
        if self.pan is not None:
            pan += self.pan.trim
            beyond = self.pan.beyond(pan)
            pan = min(max(pan, min(self.pan.low, self.pan.high)), max(self.pan.low, self.pan.high))
        if self.tilt is not None:
            tilt += self.tilt.trim
            beyond = max(beyond, self.tilt.beyond(tilt))
            tilt = min(max(tilt, min(self.tilt.low, self.tilt.high)), max(self.tilt.low, self.tilt.high))
        return Aim(pan, tilt, beyond)

    def _time(self, aim: Aim, pan: float, tilt: float) -> float:
        turning = 0.0 if self.pan is None else abs(aim.pan - pan) / self.pan.speed
        leaning = 0.0 if self.tilt is None else abs(aim.tilt - tilt) / self.tilt.speed
        return max(turning, leaning)


def head_of(patch: Patch, fixture: Fixture, kind: FixtureType, cell: int = -1) -> Head | None:
    """The head that ``fixture`` (or one of its cells) is; None where it does not turn, or nobody says where it hangs."""
    if fixture.position is None:
        return None
    own = [item for item in patch.parameters_of[fixture.index] if item.cell == cell]
    pan, tilt = (_axis(own, name, fixture, kind) for name in ("pan", "tilt"))
    return None if pan is None and tilt is None else Head(fixture.index, fixture.position, rotation(fixture.hang), pan, tilt)


def _axis(own: list[Parameter], name: str, fixture: Fixture, kind: FixtureType) -> Axis | None:
    item = next((item for item in own if item.name == name and item.channel.slots), None)
    if item is None or item.channel.low is None or item.channel.high is None:
        return None
    low, high = item.channel.low, item.channel.high
    speed, trim = (kind.pan_speed, fixture.trim[0]) if name == "pan" else (kind.tilt_speed, fixture.trim[1])
    return Axis(item.index, low, high, in_range(item.channel.default, low, high), max(speed, 1.0), trim)


def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
