"""What stands between a cue and a thing that can hurt: fog, fans, a gauze motor.

An *interlock* guards some fixtures' parameters and some devices. Its ``permit`` must hold all the while they do anything;
``engine/hazards.py`` is the machine that sees to it, ``showfile/resolve_hazards.py`` reads and checks it. Flame, pyro and
what moves people stand in no interlock of ours: they are refused at load.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from showctl.show.cues import Perform
from showctl.show.expressions import Expression
from showctl.show.fixtures import Hazard
from showctl.show.instants import MILLISECOND, MINUTE, SECOND, Duration
from showctl.show.places import NOWHERE, Place

FRESH: Final = 500 * MILLISECOND
"""How old the reports behind a permit may be, unless the author asks for younger ones."""
ARM_EXPIRES: Final = 60 * SECOND
"""How long an attended hazard stays armed, at the most."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long something may be on within ``window`` (None: within a show, from reset to reset)."""

    time: Duration
    window: Duration | None = 60 * MINUTE


@dataclass(frozen=True)
class Interlock:
    """Hazards that are permitted together.

    ``parameters`` are those of the guarded fixtures; ``off`` is what makes each guarded device safe. ``permit`` must hold, and
    every device named in it must be in good health. Inputs named in it go stale within ``fresh``. ``longest`` ends what has
    been on for so long. ``dwell``: the permit must have held for so long before anything is enabled; ``rest``: so long
    after the end of one use before the next.
    """

    index: int
    name: str
    kind: Hazard
    permit: Expression
    parameters: tuple[int, ...] = ()
    off: tuple[Perform, ...] = ()
    fresh: Duration = FRESH
    longest: Duration | None = None
    dwell: Duration = 0
    rest: Duration = 0
    arm_expires: Duration = ARM_EXPIRES
    place: Place = NOWHERE
    budget: Budget | None = None
    """How much of it the house allows (``engine/budgets.py``)."""

    @property
    def devices(self) -> tuple[str, ...]:
        """The guarded devices."""
        return tuple(action.device for action in self.off)
