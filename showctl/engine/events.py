"""Everything that can happen to a show: what people ask, what the room says, what devices report.

An event carries where it came from. What an operator may ask is a *request* and gets an answer (``commands.Answer``);
the rest are facts and get none. Events are journaled before they are acted on, so each one is plain data: ``to_record``
and ``from_record`` turn it into JSON and back. There is no tick: time passes in ``step``'s argument ``now``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, TypeAlias

from showctl.show.cues import Value
from showctl.show.instants import Duration, Instant


@dataclass(frozen=True, slots=True)
class Origin:
    """Who asked. ``surface``: console, key, osc, mqtt, cli, trigger, schedule, script; ``person`` and ``address`` if known."""

    surface: str = "console"
    person: str = ""
    address: str = ""

    @property
    def human(self) -> bool:
        """Whether a GO from here is subject to the GO window (R3)."""
        return self.surface in ("console", "key", "osc", "mqtt", "cli", "midi")


@dataclass(frozen=True, slots=True)
class Go:
    """GO on ``list`` ("" = the main list): fires the standing-by cue, or jumps to ``cue`` first.

    ``token``: said twice, heard once."""

    list: str = ""
    cue: str | None = None
    token: str = ""
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Standby:
    """Puts ``cue`` of ``list`` in standby; None: nothing stands by. Starts nothing."""

    list: str
    cue: str | None
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class StandbyMove:
    """Moves the standby by ``by`` cues (arrow keys)."""

    list: str
    by: int
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Start:
    """Starts ``cue`` without moving the standby."""

    list: str
    cue: str
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Preview:
    """Starts ``cue`` without its pre-wait, without moving the standby and without chaining."""

    list: str
    cue: str
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Load:
    """Prepares ``cue`` so that it begins ``at`` into itself, pre-wait counted; negative: so far before its end."""

    list: str
    cue: str
    at: Duration = 0
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Stop:
    """Stops a list's running cues ("" = every list): their light falls back to what is underneath, over ``over``.

    With ``cue``: only that cue.
    """

    list: str = ""
    cue: str | None = None
    over: Duration | None = None
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Pause:
    """Stops the clock of ``list`` ("" = every list) or of one running ``cue``."""

    list: str = ""
    cue: str | None = None
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Resume:
    """Lets the clock of ``list`` ("" = every list) or of one paused ``cue`` run on."""

    list: str = ""
    cue: str | None = None
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Rate:
    """Lets ``list`` ("" = every list), or one running ``cue``, go at ``num`` / ``den`` of its speed: 0 to 2000 %."""

    list: str = ""
    cue: str | None = None
    num: int = 100
    den: int = 100
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Back:
    """Restores the state the show had at the previous GO of ``list``; the cue undone stands by (R7)."""

    list: str = ""
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Locate:
    """Makes the room as if ``list`` had been played up to and including ``cue`` (R10, R14)."""

    list: str
    cue: str
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Panic:
    """Fades to each zone's safe state over the panic time; pressed again, cuts (R5)."""

    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Evacuate:
    """Safe states at once, latched, until a named person re-arms (R5)."""

    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Rearm:
    """Ends panic or evacuation. ``origin.person`` must be named after an evacuation."""

    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Reset:
    """Everything as at the first show of the day: lists to the top, nothing running, party and show variables initial (R15)."""

    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Master:
    """Takes a master (``grand``, ``blackout`` or a submaster) to ``level`` (0..65535) over ``over``."""

    name: str
    level: int
    over: Duration = 0
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Grab:
    """A person takes parameters over (an override) until ``Ungrab``; ``park`` holds them after every master."""

    parameters: tuple[int, ...]
    levels: tuple[int, ...]
    park: bool = False
    reason: str = ""
    origin: Origin = field(default=Origin())
    wall: int = 0
    """Nanoseconds since 1970, as the desk stamps what people will want to know the age of."""


@dataclass(frozen=True, slots=True)
class Ungrab:
    """Gives grabbed or parked parameters back; empty: all of them."""

    parameters: tuple[int, ...] = ()
    park: bool = False
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class ChannelCheck:
    """Lights one thing after another for a technician: ``1 thru 12 at 50``, ``next``, ``off`` (``engine/checking.py``)."""

    words: str = ""
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Identify:
    """Blinks a light, or all that hangs on a node or universe, for ``over``; 0 ends every blinking."""

    what: str = ""
    over: Duration = 10_000_000_000
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Park:
    """Holds what ``what`` says (``tuyere_1.red at 20``; without a level: where it stands) after every master."""

    what: str
    reason: str = ""
    wall: int = 0
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Unpark:
    """Gives back what is parked of ``what`` ("" = everything)."""

    what: str = ""
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class OutOfService:
    """Takes a light out of service ``until`` a day ("": until further notice); ``spare`` does its work meanwhile."""

    fixture: str
    reason: str
    until: str = ""
    spare: str = ""
    wall: int = 0
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class InService:
    """A light is in service again."""

    fixture: str
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Maintain:
    """Puts a person's maintenance lock on, or takes it off (``whose``, where it is another's)."""

    on: bool
    reason: str = ""
    whose: str = ""
    wall: int = 0
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Mute:
    """Mutes an output (``on`` false: no more): sound, film, fog, motion, headsets, a device or an interlock."""

    what: str
    on: bool = True
    reason: str = ""
    wall: int = 0
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Rdm:
    """Asks whether fixtures may be spoken to over RDM now: ``verb`` is what would be asked of them, of ``what``."""

    verb: str
    what: str = ""
    value: str = ""
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Ask:
    """A person asks a device for a verb, outside any cue."""

    device: str
    verb: str
    arguments: tuple[tuple[str, Value], ...] = ()
    origin: Origin = field(default=Origin())


@dataclass(frozen=True, slots=True)
class Arm:
    """Arms or disarms a cue (``cue`` set) or a trigger (by name)."""

    name: str
    armed: bool
    list: str = ""
    origin: Origin = field(default=Origin())


Request: TypeAlias = (
    Go | Standby | StandbyMove | Start | Preview | Load | Stop | Pause | Resume | Rate | Back | Locate
    | Panic | Evacuate | Rearm | Reset | Master | Grab | Ungrab | Ask | Arm
    | ChannelCheck | Identify | Park | Unpark | OutOfService | InService | Maintain | Mute | Rdm
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class InputChanged:
    """An input of the show has a new value, already reduced at the edge."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class DeviceReported:
    """A device says that one of its fields has a new value."""

    device: str
    field: str
    value: Value


@dataclass(frozen=True, slots=True)
class DeviceHealth:
    """A device's health changed: ok, degraded, lost or unknown, with a sentence."""

    device: str
    health: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class DeviceFailed:
    """A device did not do a verb, and will not: ``why`` says it. ``policy`` holds; ``list`` asked ("": nobody of a list)."""

    device: str
    verb: str
    why: str
    policy: str = "skip"
    list: str = ""


@dataclass(frozen=True, slots=True)
class TrackMoved:
    """Somebody to follow takes another way: at ``at`` they were at ``position`` (metres), going at ``velocity`` (a second)."""

    name: str
    at: Instant
    position: tuple[float, float, float]
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class ClockMoved:
    """A timecode input locked, slewed, is held or located: its line from ``anchor`` on. ``state`` as R13 names it.

    ``jump``: code is at another place now; what lies between is made as if played, never fired (R13, R14).
    """

    name: str
    state: str
    anchor: Instant
    position: Duration
    num: int
    den: int
    jump: bool = False


@dataclass(frozen=True, slots=True)
class Appointed:
    """It is time for an appointment of the schedule. ``wall`` is when, in nanoseconds since 1970; ``at`` what the wall shows."""

    name: str
    wall: int
    at: str = ""


Fact: TypeAlias = InputChanged | DeviceReported | DeviceHealth | DeviceFailed | TrackMoved | ClockMoved | Appointed
Event: TypeAlias = Request | Fact

_KINDS: Final[dict[str, type]] = {kind.__name__: kind for kind in (*Request.__args__, *Fact.__args__)}


def to_record(event: Event) -> dict[str, Any]:
    """``event`` as JSON-ready data; ``from_record`` gives an equal one back."""
    return {"event": type(event).__name__} | asdict(event)


def from_record(record: dict[str, Any]) -> Event:
    """The event that ``to_record`` wrote. KeyError or TypeError for anything else."""
    kind = _KINDS[record["event"]]
    given = {item.name: _value(item.name, record[item.name]) for item in fields(kind) if item.name in record}
    event: Event = kind(**given)
    return event


def _value(name: str, value: Any) -> Any:
    if name == "origin":
        return Origin(**value)
    if isinstance(value, list):
        return tuple(tuple(item) if isinstance(item, list) else item for item in value)
    return value
