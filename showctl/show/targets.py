"""What heads can be aimed at by name: points of the venue that stay where they are, and somebody who is tracked."""

from __future__ import annotations

from dataclasses import dataclass

from showctl.show.fixtures import Point
from showctl.show.instants import Duration


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
