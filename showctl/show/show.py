"""The show: everything the author wrote, checked and resolved. What ``step`` reads and never changes."""

from __future__ import annotations

from dataclasses import dataclass, field

from showctl.show.cues import Cue, CueList, CueRef, LightMove, Perform
from showctl.show.devices import Device
from showctl.show.expressions import ValueType
from showctl.show.fixtures import FixtureType
from showctl.show.hazards import Interlock
from showctl.show.house import HouseRules, Variant
from showctl.show.instants import SECOND, Duration
from showctl.show.patch import Head, Patch
from showctl.show.schedule import Appointment
from showctl.show.targets import Target
from showctl.show.triggers import Clip, Input, Speaker, Surface, Trigger, Variable, Zone


@dataclass(frozen=True, slots=True)
class Submaster:
    """A master over the intensities in ``parameters``: inhibitive scales them, otherwise it adds its look at its level."""

    index: int
    name: str
    parameters: tuple[int, ...]
    inhibitive: bool = True


@dataclass(frozen=True, slots=True)
class TimecodeInput:
    """A source of timecode that timelines may count on. ``rate`` as num/den frames a second."""

    name: str
    kind: str
    num: int
    den: int
    offset: Duration = 0
    """Added to what the code says."""
    source: str = ""
    drop: bool = False
    holds: bool = False
    """Whether the clock stands still once code is lost; else it runs on."""
    freewheel: Duration = 2 * SECOND
    """How long it runs on without code until that is lost."""
    along: tuple[tuple[str, Duration], ...] = ()
    """Clips that carry this code, and what it is at their beginning: what the simulated players send while they play."""

    @property
    def day(self) -> Duration:
        """How long it takes until the same label comes again."""
        nominal = -(-self.num // self.den)
        dropped = 2 * (24 * 60 - 24 * 6) if self.drop else 0
        return -(-(24 * 3600 * nominal - dropped) * self.den * SECOND // self.num)


@dataclass(frozen=True, slots=True)
class InboundRule:
    """Inbound control is default-deny: an OSC address or MQTT topic that may do something, and what."""

    kind: str
    """osc or mqtt."""
    pattern: str
    allow: str
    """go, standby, back, pause, resume, stop, panic or input."""
    sources: tuple[str, ...] = ("127.0.0.0/8",)


@dataclass(frozen=True, slots=True)
class Begun:
    """A cue and its members as they were when a performance of it began, in a show that has been changed since."""

    revision: str
    """Of the show folder that they are from."""
    cues: dict[CueRef, Cue]


@dataclass(frozen=True)
class Show:
    """A checked show folder. Tuples are in file order; the dicts find by name."""

    name: str
    patch: Patch
    lists: tuple[CueList, ...]
    devices: tuple[Device, ...] = ()
    zones: tuple[Zone, ...] = ()
    surfaces: tuple[Surface, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    clips: tuple[Clip, ...] = ()
    inputs: tuple[Input, ...] = ()
    variables: tuple[Variable, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    submasters: tuple[Submaster, ...] = ()
    timecodes: tuple[TimecodeInput, ...] = ()
    inbound: tuple[InboundRule, ...] = ()
    hazards: tuple[Interlock, ...] = ()
    """What stands between cues and things that can hurt; what is in none of them never moves."""
    groups: dict[str, tuple[Head, ...]] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    """What heads are aimed at by name."""
    fixture_types: dict[str, FixtureType] = field(default_factory=dict)
    """By ``Fixture.type``: how fast heads move."""
    dmx_rate: int = 40
    """Frames a second on the wire; a USB Pro tops out at 40."""
    panic_time: Duration = 2 * SECOND
    osc_port: int = 53100
    """Where control over OSC is heard (UDP)."""
    exit_look: tuple[LightMove, ...] = ()
    """What the wire fades to when it is ended; the zones' safe looks where the show names none."""
    reset_actions: tuple[Perform, ...] = ()
    """What ``reset`` asks of devices, besides silencing players."""
    schedule: tuple[Appointment, ...] = ()
    house: HouseRules = field(default_factory=HouseRules)
    """What is allowed in the room; measured by rehearsals."""
    variants: tuple[Variant, ...] = ()
    """Ways to play it, by name, besides the usual one."""
    time_zone: str = ""
    """The IANA name of the zone in which the schedule's times of day are meant; "" for that of the machine."""
    main_list: str = ""
    """The list that GO acts on where none is named."""
    begun: dict[int, Begun] = field(default_factory=dict, compare=False, repr=False)
    """Runs (by number) that began before the show was changed, and finish as they began (``engine/reloading.py``)."""

    def __post_init__(self) -> None:
        names = self.__dict__
        names["list_named"] = {item.name: item for item in self.lists}
        names["device_named"] = {item.name: item for item in self.devices}

    list_named: dict[str, CueList] = field(init=False, compare=False, repr=False)
    device_named: dict[str, Device] = field(init=False, compare=False, repr=False)

    def cue(self, ref: CueRef) -> Cue:
        """The cue that ``ref`` names, were it only one that is gone and still runs. KeyError where there is none."""
        found = self.list_named[ref.list].named.get(ref.label)
        if found is None:
            found = next((begun.cues[ref] for begun in self.begun.values() if ref in begun.cues), None)
        if found is None:
            raise KeyError(ref)
        return found

    def types(self) -> dict[str, ValueType]:
        """Every name that an expression may use, with its type."""
        found = {item.name: item.type for item in self.inputs}
        found |= {item.full_name: item.type for item in self.variables}
        for device in self.devices:
            found |= {f"{device.name}.{item.name}": item.type for item in device.kind.fields.values()}
            found[f"{device.name}.health"] = ValueType.TEXT
        for cue_list in self.lists:
            found[f"{cue_list.name}.cue"] = ValueType.TEXT
            found[f"{cue_list.name}.standby"] = ValueType.TEXT
        return found
