"""Everything that a step asks of the world, each with the instant at which it was due.

``Light`` goes to the wire process, ``Tell`` to a device's driver, ``Answer`` to whoever made the request, ``Note`` to the
log and the screens. The order in the tuple is the order in which they are carried out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from showctl.light.plan import PlanChange
from showctl.show.cues import ActionClass, CueRef, Value
from showctl.show.instants import Instant


@dataclass(frozen=True, slots=True)
class Light:
    """The plan changes. ``serial`` counts changes; the wire refuses gaps."""

    instant: Instant
    serial: int
    change: PlanChange


@dataclass(frozen=True, slots=True)
class Tell:
    """A device is asked for a verb. ``run`` is the cue run that asks (0: none), ``order`` its place among all dispatches."""

    instant: Instant
    order: int
    device: str
    verb: str
    arguments: tuple[tuple[str, Value], ...]
    kind: ActionClass
    run: int = 0
    cue: CueRef | None = None

    def argument(self, name: str) -> Value:
        """The argument called ``name``. KeyError where the verb has none."""
        for word, value in self.arguments:
            if word == name:
                return value
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request. ``refused`` is empty when it was done; ``started`` and ``standby`` as R1 asks."""

    instant: Instant
    refused: str = ""
    started: CueRef | None = None
    standby: CueRef | None = None
    words: str = ""
    """What was done, where that is more than yes."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth knowing. ``what`` is a stable name (cue.started, cue.done, list.paused ...), ``words`` a sentence.

    ``choice`` is which way a branch went: the number of the choice, or how many there are where none held.
    """

    instant: Instant
    what: str
    words: str
    cue: CueRef | None = None
    run: int = 0
    choice: int | None = None


Command: TypeAlias = Light | Tell | Answer | Note
