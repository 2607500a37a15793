"""Cues as the author wrote them: light moves, actions, groups, and what comes next.

These are definitions. A performance of a cue is ``engine.state.CueRun``. Names are resolved at load: a look has become
parameter numbers and levels, a duration nanoseconds, a reference to a cue a ``CueRef``. Everything is frozen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from showctl.show.expressions import Expression
from showctl.show.instants import SECOND, Duration
from showctl.show.levels import Level
from showctl.show.places import NOWHERE, Place

Value: TypeAlias = bool | float | str
"""What variables, reported fields and arguments hold. Numbers are floats."""


@dataclass(frozen=True, slots=True, order=True)
class CueRef:
    """A cue by its list and its label."""

    list: str
    label: str

    def __str__(self) -> str:
        return f"{self.list}/{self.label}"


# --- light ---------------------------------------------------------------------------------------------------------


class MoveKind(Enum):
    """What a move does to its parameters: take them to levels, or give them back to whoever is underneath."""

    SET = "set"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class LightMove:
    """Takes ``parameters`` to ``levels`` (same length; empty for a release).

    ``up`` times what rises and every parameter that is not intensity; ``down`` times intensity that falls. ``block``
    keeps earlier edits from leaking past; ``assert_`` takes the parameter back although the level tracks.
    """

    parameters: tuple[int, ...]
    levels: tuple[Level, ...]
    up: Duration = 0
    down: Duration = 0
    delay: Duration = 0
    curve: str = "linear"
    kind: MoveKind = MoveKind.SET
    block: bool = False
    assert_: bool = False
    follow: int = 0
    """The number of the target (``show.targets``) that these pans and tilts keep to; ``levels`` are where it rests."""


class Wave(Enum):
    """The shapes of an effect over its period. STEPS plays ``Effect.steps`` one after the other (a chase)."""

    SINE = "sine"
    SQUARE = "square"
    TRIANGLE = "triangle"
    RAMP = "ramp"
    RANDOM = "random"
    STEPS = "steps"


@dataclass(frozen=True, slots=True)
class Effect:
    """A function of time over an ordered selection.

    ``parameters`` are grouped by element: ``phases[n]`` (0..65535, a turn) belongs to ``parameters[n]``. A relative
    effect swings by ``size`` around what is beneath; an absolute one (a chase) moves between ``low`` and ``high``
    levels. ``width`` (0..65535) is the part of the turn a chase's element is lit. ``entry``/``exit_`` fade it in and out.
    """

    name: str
    parameters: tuple[int, ...]
    phases: tuple[int, ...]
    wave: Wave
    period: Duration
    relative: bool
    size: Level = 0
    low: Level = 0
    highs: tuple[Level, ...] = ()
    """Absolute effects: one high level for each parameter."""
    width: int = 32768
    seed: int = 0
    entry: Duration = 0
    exit_: Duration = 0
    place: Place = NOWHERE


# --- actions -------------------------------------------------------------------------------------------------------


class ActionClass(Enum):
    """What a locate does with an action (R14): compile to its last value, seek into, or never fire late."""

    STATE = "state"
    RESUME = "resume"
    MOMENTARY = "momentary"


@dataclass(frozen=True, slots=True)
class Perform:
    """Asks ``device`` for one of its declared verbs.

    ``arguments`` are (name, value) in the verb's order. ``as_`` names the running thing; ``key`` says which earlier
    performance this one replaces on the same device (surface and layer, a voice, a lamp), for locate and back.
    ``length`` is how long the thing runs: None for endless, 0 for a thing that is done when sent.
    """

    device: str
    verb: str
    arguments: tuple[tuple[str, Value], ...] = ()
    kind: ActionClass = ActionClass.MOMENTARY
    as_: str | None = None
    key: str = ""
    length: Duration | None = 0
    place: Place = NOWHERE
    lap: Duration = 0
    """One pass of a clip that loops; 0 where it does not loop or its length is unknown. A finite ``length`` ends the loop."""
    rests: bool = False
    """As its verb's: when it is over, what it brought about is still so."""


@dataclass(frozen=True, slots=True)
class FadeThing:
    """Takes a running thing, named by ``as``, to ``level`` (dB for sound, percent for picture) over ``over``."""

    name: str
    level: float
    over: Duration
    curve: str = "equal-power"
    then_stop: bool = False
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class StopThing:
    """Stops a running thing: an ``as`` name (player or effect), or a cue."""

    name: str | CueRef
    over: Duration = 0
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class DevampThing:
    """Lets what loops play to the end of its pass, and no further."""

    name: str
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class StartCue:
    """Starts a cue without moving its list's standby."""

    cue: CueRef
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class GoCue:
    """Presses GO on a list, or starts that cue there and moves the standby past it (``jump:`` in a file)."""

    list: str
    cue: CueRef | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class StandbyCue:
    """Puts a cue in standby; starts nothing."""

    cue: CueRef
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class ReleaseList:
    """Gives back everything that a list holds, over ``over``, and stops what it runs."""

    list: str
    over: Duration
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class SetVariable:
    """``name`` becomes the value of ``to`` at that instant."""

    name: str
    to: Expression
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class SetMaster:
    """Takes a master (``grand`` or a submaster) to ``level`` over ``over``."""

    name: str
    level: Level
    over: Duration
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class SetRate:
    """A list, a running cue, or a running thing, goes at ``num`` / ``den`` of its speed from now: 0 to 2000 %."""

    what: str | CueRef
    num: int
    den: int
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class StopOthers:
    """Ends what else runs in the cue's list, or (``everywhere``) in every list: cues with their waits and chains at once,
    what plays and effects over ``over``. Light that was moved stays, as it tracks."""

    everywhere: bool
    over: Duration
    place: Place = NOWHERE


Action: TypeAlias = (
    Perform
    | FadeThing
    | StopThing
    | StopOthers
    | DevampThing
    | StartCue
    | GoCue
    | StandbyCue
    | ReleaseList
    | SetVariable
    | SetMaster
    | SetRate
)


# --- what comes next -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AfterStart:
    """``next: 6s after start``: the next cue starts ``delay`` after this one's actions began."""

    delay: Duration = 0


@dataclass(frozen=True, slots=True)
class AfterEnd:
    """``next: after end`` or ``2s before end`` (a negative ``delay``)."""

    delay: Duration = 0


@dataclass(frozen=True, slots=True)
class NextWhen:
    """``next: when EXPR within 20s``: as soon as it is true, at the latest (None: for ever) after ``within``."""

    condition: Expression
    within: Duration | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    """``ready: EXPR within 5s else POLICY``: the cue acts once this holds; past ``within`` the policy does.

    ``otherwise`` is go (act anyway), skip, hold (the list) or instead (start that cue in its place).
    """

    condition: Expression
    within: Duration = 5 * SECOND
    otherwise: str = "go"
    instead: CueRef | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """``next:`` with a choice: decided by ``within`` (or as soon as a ``when`` holds, if ``early``).

    The first choice whose condition is true wins; ``otherwise`` when none is.
    """

    choices: tuple[tuple[Expression, CueRef], ...]
    otherwise: CueRef
    within: Duration = 0
    early: bool = False


Next: TypeAlias = AfterStart | AfterEnd | NextWhen | Branch


# --- cues ----------------------------------------------------------------------------------------------------------


class GroupMode(Enum):
    """How a group's members run: all at once, one after the other, each at its moment, one of them each time, or by GO."""

    ALL = "all"
    SEQUENCE = "sequence"
    TIMELINE = "timeline"
    RANDOM = "random"
    """One member each time, none again before all had their turn."""
    FIRST_ENTERS = "first_enters"
    """The first member starts, and the playhead enters: the members are cues of the list, right after the group (``enters``)."""


@dataclass(frozen=True, slots=True)
class Member:
    """A cue inside a group; ``at`` is its moment on a timeline (0 elsewhere)."""

    at: Duration
    cue: Cue


@dataclass(frozen=True, slots=True)
class Group:
    """Members in order (by ``at`` on a timeline, ties in file order)."""

    mode: GroupMode
    members: tuple[Member, ...]
    clock: str | None = None
    """Name of the timecode input whose clock the timeline counts on, once it has arrived; until then its own."""
    offset: Duration = 0
    """The code's reading at the timeline's start."""
    enters: tuple[CueRef, ...] = ()
    """FIRST_ENTERS: the members, which are cues of the list themselves; ``members`` is empty then."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Lights that the cue brings up out of the dark are in their places before: they move over ``over``, once they are dark,
    in the cue before it or (``during``) in an earlier one (``show.marking``)."""

    over: Duration = 2 * SECOND
    during: CueRef | None = None


class SecondTrigger(Enum):
    """What GO or a start does to a cue that runs already (R4)."""

    NOTHING = "nothing"
    RESTART = "restart"
    STOP = "stop"
    PANIC = "panic"
    """Stops this cue over the panic time."""


@dataclass(frozen=True)
class Cue:
    """One step of a list. ``label`` is matched exactly; ``index`` is its place in file order (members: -1)."""

    ref: CueRef
    name: str = ""
    index: int = -1
    notes: str = ""
    wait: Duration = 0
    """Pre-wait: from GO to the actions."""
    light: tuple[LightMove, ...] = ()
    this_cue_only: tuple[LightMove, ...] = ()
    effects: tuple[Effect, ...] = ()
    actions: tuple[Action, ...] = ()
    group: Group | None = None
    next: Next | None = None
    wait_for: NextWhen | None = None
    """The cue is complete when this holds (with everything else it does), at the latest after its deadline."""
    armed: bool = True
    land_together: bool = False
    mark: Mark | None = None
    color: str = ""
    place: Place = NOWHERE
    second_trigger: SecondTrigger = SecondTrigger.NOTHING
    prepare: tuple[Perform, ...] = ()
    """Asked of devices when it comes to stand by."""
    ready: Readiness | None = None

    @property
    def label(self) -> str:
        return self.ref.label

    def with_members(self) -> Iterator[Cue]:
        """The cue, then its members and theirs: a group comes before what is in it."""
        yield self
        for member in self.group.members if self.group else ():
            yield from member.cue.with_members()


@dataclass(frozen=True)
class CueList:
    """Cues in file order. ``htp`` says how its intensities meet those of lists of equal priority."""

    index: int
    name: str
    cues: tuple[Cue, ...]
    label: str = ""
    priority: int = 100
    htp: bool = False
    at_end: str = "hold"
    """hold, release or loop."""
    go_window: Duration = 3 * SECOND // 10
    back_time: Duration = SECOND
    release_time: Duration = 3 * SECOND
    hold_after: Duration | None = None
    """How long a pause may last before the room goes to ``hold_look`` (R6); None: for ever."""
    hold_look: tuple[LightMove, ...] = ()
    named: dict[str, Cue] = field(default_factory=dict, compare=False)
    """Every cue by label, members of groups included."""
    place: Place = NOWHERE
