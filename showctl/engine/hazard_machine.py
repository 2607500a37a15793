"""The hazard machine: two literal tables. What happens at each transition is ``hazards.py``'s business.

Everything begins and ends in SAFE, where nothing that the interlock guards moves. SAFE becomes ENABLED while the permit holds
(and every device that it hears of is well); a restart, a panic, a locate begin again from SAFE. From ENABLED a cue may FIRE
what is *interlocked*. What is *attended* must be ARMED first, by a person with a name, and fired from another surface
than it was armed on: one hand cannot do it. ARMED expires, and firing uses it up.

FIRE ends when the cue wants nothing any more (DONE), when it has lasted for too long (LONGEST), when the permit falls (FALL)
or when the show is taken elsewhere (HALT). It always ends in SAFE; what still wants something then has to ask again,
in a cue of its own. There is no way from SAFE to FIRE in one step, and none that a passing of time could take. A signal
that a table does not name changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from showctl.engine.state import HazardPhase
from showctl.show.fixtures import Hazard

SAFE, ENABLED, ARMED, FIRE = HazardPhase.SAFE, HazardPhase.ENABLED, HazardPhase.ARMED, HazardPhase.FIRE


class Signal(Enum):
    """What can happen to an interlock."""

    PERMIT = "permit"
    """The permit holds, has held for the dwell, and the rest is over."""
    FALL = "fall"
    """The permit does not hold, or is not known to."""
    ARM = "arm"
    DISARM = "disarm"
    """A person takes the arming back, or it expires."""
    WANT = "want"
    """A cue (or a person) asks for the hazard."""
    DONE = "done"
    """Nobody asks for it any more."""
    LONGEST = "longest"
    HALT = "halt"
    """Stop, pause, back, locate, reset, panic, evacuate, restart."""


_ALWAYS: Final[Mapping[tuple[HazardPhase, Signal], HazardPhase]] = {
    (SAFE, Signal.PERMIT): ENABLED,
    (ENABLED, Signal.FALL): SAFE,
    (ENABLED, Signal.HALT): SAFE,
    (FIRE, Signal.FALL): SAFE,
    (FIRE, Signal.HALT): SAFE,
    (FIRE, Signal.DONE): SAFE,
    (FIRE, Signal.LONGEST): SAFE,
}

INTERLOCKED: Final[Mapping[tuple[HazardPhase, Signal], HazardPhase]] = {
    **_ALWAYS,
    (ENABLED, Signal.WANT): FIRE,
}

ATTENDED: Final[Mapping[tuple[HazardPhase, Signal], HazardPhase]] = {
    **_ALWAYS,
    (ENABLED, Signal.ARM): ARMED,
    (ARMED, Signal.WANT): FIRE,
    (ARMED, Signal.DISARM): ENABLED,
    (ARMED, Signal.FALL): SAFE,
    (ARMED, Signal.HALT): SAFE,
}


def after(kind: Hazard, phase: HazardPhase, signal: Signal) -> HazardPhase | None:
    """Where ``signal`` leads from ``phase``; None: nowhere."""
    return (ATTENDED if kind is Hazard.ATTENDED else INTERLOCKED).get((phase, signal))
