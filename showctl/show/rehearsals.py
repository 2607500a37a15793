"""Rehearsals as the stage manager wrote them: what people and the world do when, what must be seen, what must never be.

The expressions stay text with their place: the rehearsal resolves them against the names of the show *and* of the
simulated venue, which only it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from showctl.show.cues import CueRef
from showctl.show.instants import Duration
from showctl.show.places import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class Step:
    """Someone does something: ``at`` from the beginning, or, with ``of``, that long after the cue's start.

    ``what`` is the verb (go, standby, set, press, guests, fault ...), ``words`` what it is done to.
    """

    at: Duration
    what: str
    words: str
    of: CueRef | None = None
    place: Place = NOWHERE


class When(Enum):
    """At a moment, at some time within a span, all through a span, or at the end; whenever something else is so; so many
    times; one after the other."""

    AT = "at"
    WITHIN = "within"
    DURING = "during"
    END = "end"
    WHILE = "while"
    TIMES = "times"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must be seen. AT: ``start``; WITHIN and DURING: from ``start`` until ``until``; from the start of ``of``, if any.

    WHILE: at every instant at which ``meanwhile`` has been true for ``start``. TIMES: it comes true at least ``times[0]`` and at
    most ``times[1]`` times (None: any more) between ``start`` and ``until``. ORDER: what stands in ``order`` comes true in that
    order. ``endless``: ``until`` is the end. Numbers may miss what they are compared with by ``tolerance``.
    """

    kind: When
    that: str
    start: Duration = 0
    until: Duration = 0
    of: CueRef | None = None
    place: Place = NOWHERE
    """Of the expression, so that a column inside it can be added."""
    meanwhile: str = ""
    times: tuple[int, int | None] = (1, None)
    order: tuple[str, ...] = ()
    endless: bool = False
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Never:
    """What must not be, at any instant; numbers must be past what they are compared with by ``tolerance``."""

    that: str
    place: Place = NOWHERE
    tolerance: float = 0.0


@dataclass(frozen=True)
class Rehearsal:
    """One file of the rehearsals folder. ``stem`` is its name without ``.yaml``; ``autos`` are lists that GO by themselves.

    ``repeat`` shows are played in a row, with a reset between; ``same_digest``: the last must equal the first.
    """

    name: str
    stem: str
    steps: tuple[Step, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    nevers: tuple[Never, ...] = ()
    guests: int = 0
    seed: int = 0
    length: Duration | None = None
    repeat: int = 1
    same_digest: bool = False
    autos: tuple[str, ...] = ()
    notes: str = ""
    place: Place = NOWHERE
    variant: str = ""
    """How the show is played; "": as usual."""
