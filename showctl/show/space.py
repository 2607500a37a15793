"""Sound objects in the room: what a renderer of space knows of the venue, and the ways along which objects go. All in metres.

A way is words, so that a cue's argument, the journal and a screen carry the same thing: ``0 1.5 2; 3 1.5 4`` is a line through
points (``here`` is where the object is as it sets out), ``circle 0 1.6 6 radius 4 from 90 left`` a circle in the plane of the
floor, seen from above: ``from`` degrees to the right of straight ahead, and round to the left or right. A way says where; how
fast is said beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final, TypeAlias

from showctl.show.instants import SECOND, Duration

Vector: TypeAlias = tuple[float, float, float]
"""Metres in the venue: x to the right of a guest entering, y up, z into the room."""

HERE: Final = "here"
FARTHEST: Final = 1000.0
MOST_POINTS: Final = 256
LOOPS: Final = ("no", "loop", "mirror")
"""Once; over and over from the beginning; forth and back."""
MOST_OBJECTS: Final = 128


@dataclass(frozen=True, slots=True)
class SoundObject:
    """One sound that can be moved: ``number`` is the renderer's. ``home`` is where a reset takes it; None: it stays."""

    name: str
    number: int
    home: Vector | None = None


@dataclass(frozen=True, slots=True)
class Space:
    """How a renderer's own coordinates lie in the venue, and how it wants to be told.

    ``origin`` is its middle, where listeners are thought to be, who look ``facing`` degrees to the right of straight into the
    room. ``reach`` is what it calls 1.0, in metres to the right, to the front and up. ``area`` (DS100) are the corners of its
    mapping that it calls 0/0 and 1/1, as x and z. ``span`` (L-ISA) is how many degrees its whole pan is wide.
    """

    objects: tuple[SoundObject, ...] = ()
    origin: Vector = (0.0, 0.0, 0.0)
    facing: float = 0.0
    reach: Vector = (10.0, 10.0, 10.0)
    area: tuple[float, float, float, float] = (-5.0, 0.0, 5.0, 10.0)
    mapping: int = 1
    form: str = "xyz"
    """xyz or aed (ADM-OSC)."""
    span: float = 360.0
    gap: Duration = SECOND // 30
    """The least time between two words about one object."""
    returns: int = 0
    """The port on which it answers questions; 0: it does not answer."""


# --- ways ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """Straight from point to point; of even speed all along."""

    points: tuple[Vector, ...]

    def metres(self) -> float:
        return sum(math.dist(one, other) for one, other in pairwise(self.points))

    def where(self, share: float) -> Vector:
        """Where ``share`` (0 to 1) of the way is; both ends are exact.

        >>> Line(((0, 0, 0), (2, 0, 0), (2, 0, 2))).where(0.75)
        (2.0, 0.0, 1.0)
        """
        if share >= 1.0 or len(self.points) == 1:
            return self.points[-1]
        if share <= 0.0:
            return self.points[0]
        ends = list(accumulate(math.dist(one, other) for one, other in pairwise(self.points)))
        gone = share * ends[-1]
        number = next((n for n, end in enumerate(ends) if gone < end), len(ends) - 1)
        one, other = self.points[number], self.points[number + 1]
        whole = math.dist(one, other)
        part = 1.0 if not whole else 1.0 - (ends[number] - gone) / whole
        return between(one, other, part)


@dataclass(frozen=True, slots=True)
class LineFromHere:
    """A line that begins wherever the object is."""

    points: tuple[Vector, ...]

    def metres(self) -> None:
        """Nobody knows beforehand."""

    def begun_at(self, here: Vector) -> Line:
        """The line from there."""
        return Line((here, *self.points))


@dataclass(frozen=True, slots=True)
class Circle:
    """Round ``centre`` at its height; ``start`` in degrees to the right of straight into the room."""

    centre: Vector
    radius: float
    start: float = 0.0
    left: bool = False

    def metres(self) -> float:
        return 2 * math.pi * self.radius

    def where(self, share: float) -> Vector:
        """
        >>> tuple(round(part, 6) for part in Circle((0, 1, 6), 2).where(0.25))
        (2.0, 1, 6.0)
        """
        angle = math.radians(self.start + (-360.0 if self.left else 360.0) * share)
        x, y, z = self.centre
        return x + self.radius * math.sin(angle), y, z + self.radius * math.cos(angle)


Way: TypeAlias = Line | LineFromHere | Circle


def between(one: Vector, other: Vector, share: float) -> Vector:
    """The point that far from ``one`` to ``other``."""
    return (
        one[0] + (other[0] - one[0]) * share,
        one[1] + (other[1] - one[1]) * share,
        one[2] + (other[2] - one[2]) * share,
    )


def way_of(words: str) -> Way:
    """Reads a way. ValueError where it is none.

    >>> way_of("here; 0 1.5 4")
    LineFromHere(points=((0.0, 1.5, 4.0),))
    """
    if words.startswith("circle "):
        return _circle(words.split()[1:])
    points = [part.strip() for part in words.split(";")]
    from_here = points[0] == HERE
    read = tuple(_vector(part.split()) for part in points[from_here:])
    if not read or len(read) > MOST_POINTS:
        raise ValueError(f"a way has 1 to {MOST_POINTS} points")
    return LineFromHere(read) if from_here else Line(read)


def words_of(way: Way) -> str:
    """The words that ``way_of`` reads.

    >>> words_of(way_of("circle 0 1.6 6 radius 4 from 90 left"))
    'circle 0 1.6 6 radius 4 from 90 left'
    """
    match way:
        case Circle(centre=centre, radius=radius, start=start, left=left):
            return f"circle {_words(centre)} radius {radius:g} from {start:g} {'left' if left else 'right'}"
        case Line(points=points):
            return "; ".join(map(_words, points))
        case LineFromHere(points=points):
            return "; ".join((HERE, *map(_words, points)))


def _circle(words: list[str]) -> Circle:
    if len(words) != 8 or words[3] != "radius" or words[5] != "from" or words[7] not in ("left", "right"):
        raise ValueError("a circle is: circle X Y Z radius METRES from DEGREES left|right")
    radius, start = float(words[4]), float(words[6])
    if not 0 <= radius <= FARTHEST or not abs(start) <= 360:
        raise ValueError("a circle has a radius in metres, and begins within 360 degrees")
    return Circle(_vector(words[:3]), radius, start, words[7] == "left")


def _vector(words: list[str]) -> Vector:
    if len(words) != 3:
        raise ValueError("a point has three numbers: x y z")
    x, y, z = (float(word) for word in words)
    if not all(abs(part) <= FARTHEST for part in (x, y, z)):  # also what is no number
        raise ValueError("a point lies within a kilometre")
    return x, y, z


def _words(point: Vector) -> str:
    return " ".join(f"{part:.9g}" for part in point)
