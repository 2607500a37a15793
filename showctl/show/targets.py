"""What heads can be aimed at by name: points of the venue that stay where they are, and somebody who is tracked.

In looks that are remembered as numbers a level above FULL says whom the parameter follows: the target's number stands above its
sixteen bits (``marked``, ``unmarked``), and the level itself is where it rests.
"""

from __future__ import annotations

from dataclasses import dataclass

from showctl.show.fixtures import Point
from showctl.show.instants import Duration
from showctl.show.levels import FULL, Level


@dataclass(frozen=True, slots=True)
class Target:
    """A point, or who is followed. ``number`` counts from 1; moves and rows name a follower's target by it.

    ``point`` is where it is; of somebody who is followed, where heads look before anybody has seen them. ``tracker`` is the
    tracking system ("" for a point), which knows them as ``who`` (a name) or ``id``; ``above`` is how much higher than the
    tracked spot the light is to fall, in metres.
    """

    number: int
    name: str
    point: Point
    tracker: str = ""
    who: str = ""
    id: int | None = None
    above: float = 0.0
    lead: Duration = 0
    """How much further ahead than the tracker's own latency they are to be lit: what heads need to get going."""


def marked(level: Level, number: int) -> int:
    """``level`` of a parameter that follows the target ``number`` (0: nobody)."""
    return level | number << 16


def unmarked(level: int) -> tuple[int, Level]:
    """Whom a level follows (0: nobody), and the level itself.

    >>> unmarked(marked(40000, 2)), unmarked(40000)
    ((2, 40000), (0, 40000))
    """
    return level >> 16, level & FULL
