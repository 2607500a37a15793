"""What happens by the clock on the wall: appointments. Which instants they are is worked out in ``runtime/schedule.py``."""

from __future__ import annotations

from dataclasses import dataclass

from showctl.show.cues import Action
from showctl.show.instants import Duration
from showctl.show.places import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class Appointment:
    """``do`` at the local time of day ``at``, on ``days`` (0 is Monday); with ``every``, again so often ``until`` that time.

    ``at`` and ``until`` are seconds after local midnight, as a clock on the wall shows them.
    """

    index: int
    name: str
    at: int
    do: tuple[Action, ...]
    days: frozenset[int]
    every: Duration | None = None
    until: int | None = None
    place: Place = NOWHERE
