"""What the engine knows: everything that ``step`` reads and returns, frozen.

Definitions stay in the ``Show``; here are performances. Mappings are never written to once a ``State`` holds them: a turn
works on copies (``turn.py``) and freezes a new one. Instants are show time; ``local`` counts on a clock (``light.clocks``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Final

from showctl.engine.tags import Tags
from showctl.light.clocks import Clock
from showctl.light.plan import Plan, Rows
from showctl.show.cues import ActionClass, CueRef, LightMove, Value
from showctl.show.instants import Duration, Instant

FIRST_HELD: Final = -10_000
FIRST_OWN_CLOCK: Final = 1000
"""Clocks 1.. belong to the lists, those after them to timecode inputs; a run paused alone gets one from here on."""


class Phase(Enum):
    """Where a cue run is. A paused run keeps its phase; its clock stands still."""

    WAITING = "waiting"
    """Its pre-wait is counting."""
    RUNNING = "running"
    POST_WAIT = "post_wait"
    """Complete; only its chaining is still to come."""


@dataclass(frozen=True, slots=True)
class CueRun:
    """One performance of a cue. ``number`` ascends and owns the run's light."""

    number: int
    cue: CueRef
    list: int
    clock: int
    phase: Phase
    began: Instant
    began_local: Duration
    acted: Duration | None = None
    """Local instant at which it acted."""
    ends: Duration | None = None
    """Local instant at which its own content is complete; None while unknown or endless."""
    endless: bool = False
    content_done: bool = False
    waits: bool = False
    """Its ``wait_for`` does not hold yet."""
    parent: int = 0
    position: int = 0
    """Groups: the member to start next."""
    open: int = 0
    """Groups: members that are not done."""
    chains: bool = True
    next_pending: bool = False
    """A ``when`` or a branch is still to be decided."""
    paused: bool = False
    sent: tuple[tuple[CueRef, int], ...] = ()
    """Actions (cue, place in it) of its own and of members that were sent before their instant."""
    late: Duration = 0
    """How far into itself it began to act, where it had been loaded; of a sequence, what is left of that for its next member."""
    unready: bool = False
    """Its pre-wait is over, and its ``ready`` does not hold yet."""


class What(IntEnum):
    """What is due."""

    ACT = 0
    CONTENT_END = 1
    MEMBER = 2
    WAIT_DEADLINE = 3
    NEXT_DEADLINE = 4
    CHAIN = 5
    PANIC_END = 6
    TIDY = 7
    HAZARD = 8
    """``run`` is -1 - the interlock's index."""
    HOLD = 10
    """A pause has lasted long enough; ``run`` is ``FIRST_HELD`` less the list's index."""
    MARK = 11
    """Lights may be dark and at rest for ``cue``; ``thing`` is the label of the cue in which they are to move."""
    CHECK = 12
    """A channel check may have been forgotten; ``thing`` is whose."""
    BEGIN = 13
    """A run that was prepared before its instant begins now."""
    EARLY = 14
    """An action of ``cue`` (``thing`` is its place there) is sent before the run acts, so that it lands with it."""
    CATCH_UP = 15
    """A timeline is to be where code is."""
    READY = 17
    """A run has waited long enough to be ready."""
    PLAY_ON = 16
    """A group that was loaded is to be where it would be."""
    LOOP_END = 9
    """``thing`` has come to the end of its last pass."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something that happens when ``clock`` reads ``local``; ``order`` breaks ties."""

    clock: int
    local: Duration
    order: int
    what: What
    run: int = 0
    cue: CueRef | None = None
    thing: str = ""
    lands: Duration | None = None
    """The local instant that it is for, where it comes before that on purpose (``landing.py``)."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A running thing that a cue named with ``as``: a voice, a layer, or an effect (``rows`` are its ids)."""

    name: str
    run: int
    list: int
    device: str = ""
    key: str = ""
    arguments: tuple[tuple[str, Value], ...] = ()
    rows: tuple[int, ...] = ()
    endless: bool = False
    clock: int = 0
    began: Duration = 0
    """Local instant at which it would have begun at its very start, and the clock that it counts on."""
    lap: Duration = 0
    """One pass, where it loops."""


@dataclass(frozen=True, slots=True)
class Performed:
    """The last state or resume action on a device's key: what a locate, a back or a recovery would ask for again."""

    device: str
    key: str
    verb: str
    arguments: tuple[tuple[str, Value], ...]
    kind: ActionClass
    instant: Instant
    length: Duration | None
    list: int
    name: str = ""
    """The running thing that it is, if it is one."""
    lap: Duration = 0
    """One pass, where it loops."""
    rests: bool = False
    """It is asked for again even when it is over: it is at its end then."""
    opacity: Value | None = None
    """What a picture was faded to, where the word that began it says nothing of that."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A list just before a GO, for ``back``."""

    rows: Rows
    performed: Mapping[tuple[str, str], Performed]
    standby: str | None
    last: str | None
    restore: tuple[LightMove, ...]


@dataclass(frozen=True, slots=True)
class ListState:
    """Where a list stands. ``manual``: an operator chose the standby, so a chain does not move it."""

    standby: str | None
    manual: bool = False
    last: str | None = None
    last_go: Instant | None = None
    paused: bool = False
    restore: tuple[LightMove, ...] = ()
    """What the next cue of the list takes back first (``this_cue_only``)."""
    history: tuple[Snapshot, ...] = ()


@dataclass(frozen=True, slots=True)
class TriggerState:
    """Whether a trigger's condition held when last asked, and when it last acted."""

    held: bool
    acted: Instant | None = None
    armed: bool = True


class HazardPhase(Enum):
    """Where an interlock stands (``hazards.py``): only in FIRE does anything that it guards move."""

    SAFE = "safe"
    ENABLED = "enabled"
    ARMED = "armed"
    FIRE = "fire"


@dataclass(frozen=True, slots=True)
class HazardState:
    """An interlock in performance. ``since`` is when it came to its phase."""

    phase: HazardPhase = HazardPhase.SAFE
    since: Instant = 0
    permitted: Instant | None = None
    """Since when the permit has held without a break."""
    rests: Instant = 0
    """Not to be enabled before."""
    armed_on: str = ""
    """The surface on which it was armed."""
    on: tuple[tuple[str, int, int], ...] = ()
    """(device, list, run) of the devices that were asked for something and have not been asked to be safe again."""
    uses: tuple[tuple[Instant, Instant], ...] = ()
    """When it was on (from, until), as far as its budget asks."""
    barred: bool = False
    """In a copy that runs ahead: nobody knows what will be permitted then."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Somebody who is followed: at ``at`` they were at ``position`` (metres), going at ``velocity`` (a second)."""

    at: Instant
    position: tuple[float, float, float]
    velocity: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class State:
    """Everything, at ``now``."""

    now: Instant
    lists: tuple[ListState, ...]
    runs: Mapping[int, CueRun]
    agenda: tuple[Due, ...]
    clocks: Mapping[int, Clock]
    plan: Plan
    values: Mapping[str, Value]
    things: Mapping[str, Thing]
    performed: Mapping[tuple[str, str], Performed]
    triggers: tuple[TriggerState, ...]
    owners: Mapping[int, CueRef]
    latch: str = ""
    """"" or panic or evacuate."""
    disarmed: frozenset[CueRef] = frozenset()
    tokens: tuple[str, ...] = ()
    health: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Device -> (health, why)."""
    timecode: Mapping[str, str] = field(default_factory=dict)
    """Timecode input -> its state (R13)."""
    grabbed: Mapping[int, str] = field(default_factory=dict)
    """Parameter -> who grabbed or parked it, and why."""
    serial: int = 0
    """Plan changes so far."""
    order: int = 0
    """Dispatches so far."""
    row_id: int = 1
    run_number: int = 1
    own_clock: int = FIRST_OWN_CLOCK
    turns: Mapping[CueRef, int] = field(default_factory=dict)
    """Random groups: how often each has been started, which says whose turn it is."""
    rates: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """Clock -> the rate that somebody asked for, where it is not 1 (``rating.py``)."""
    loaded: Mapping[CueRef, Duration] = field(default_factory=dict)
    """Cues that will begin some way into themselves (``loading.py``)."""
    hazards: tuple[HazardState, ...] = ()
    """One for each of the show's interlocks."""
    traces: Mapping[str, Trace] = field(default_factory=dict)
    """Target -> where it was last seen, and on its way where."""
    appointments: Mapping[str, int] = field(default_factory=dict)
    """Appointment -> when it was last kept (nanoseconds since 1970)."""
    tags: Tags = field(default_factory=Tags)
    """Parks, lights out of service, channel checks, maintenance locks."""
