"""What comes in and what it sets off: inputs, zones, triggers, safe states.

An *input* is a named value that the edge reduces from a stream (an MQTT topic, an OSC address, people in a zone). A
*trigger* watches an expression and acts when it turns true. A *zone* is a place in the venue with a safe state (R5).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from showctl.show.cues import Action, LightMove, Perform, Value
from showctl.show.expressions import Expression, ValueType
from showctl.show.instants import SECOND, Duration
from showctl.show.places import NOWHERE, Place


class InputSource(Enum):
    """Where an input's value comes from."""

    MQTT = "mqtt"
    OSC = "osc"
    ZONE_COUNT = "zone_count"
    GUESTS = "guests"
    GESTURE = "gesture"
    """Share (0..1) of tracked guests doing the gesture named by ``address``: raised, moving, mirrored."""


@dataclass(frozen=True, slots=True)
class Input:
    """A named value. ``address`` is a topic (on ``device``, a broker), an OSC address, a zone, or a gesture.

    ``hysteresis`` (numbers): smaller changes are not events. ``counts`` makes each arrival add 1 (a button's presses).
    """

    index: int
    name: str
    type: ValueType
    initial: Value
    source: InputSource
    address: str = ""
    device: str = ""
    hysteresis: float = 0.0
    counts: bool = False
    stale_after: Duration | None = None
    place: Place = NOWHERE


class Scope(Enum):
    """How long a variable lives: the guests inside now, this show, the whole day."""

    PARTY = "party"
    SHOW = "show"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Variable:
    """A named value that cues and triggers set. Used in expressions as ``scope.name``."""

    name: str
    scope: Scope
    type: ValueType
    initial: Value
    place: Place = NOWHERE

    @property
    def full_name(self) -> str:
        return f"{self.scope.value}.{self.name}"


@dataclass(frozen=True, slots=True)
class Trigger:
    """Acts when ``when`` turns from false to true, at most once in ``cooldown``, while ``only_if`` (if any) holds."""

    index: int
    name: str
    when: Expression
    do: tuple[Action, ...]
    cooldown: Duration = SECOND
    only_if: Expression | None = None
    armed: bool = True
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class SafeState:
    """What a zone does on panic and evacuation: a look, and a word to every device that plays there."""

    light: tuple[LightMove, ...]
    actions: tuple[Perform, ...]
    motion: tuple[Perform, ...] = ()
    """Those of the actions that bring what moves there to rest."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the venue: a polygon on the floor (metres, x and z), and its safe state."""

    index: int
    name: str
    label: str
    corners: tuple[tuple[float, float], ...]
    safe: SafeState
    place: Place = NOWHERE
    room: str = ""
    """Zones of one room see each other's light and hear each other's sound."""


@dataclass(frozen=True, slots=True)
class Surface:
    """Something a picture lands on; ``player`` is the device that plays there."""

    name: str
    player: str
    projector: str = ""
    label: str = ""
    place: Place = NOWHERE
    zone: str = ""
    """From where it is seen; "": from everywhere."""
    lumens: float = 5000.0
    """What a full white picture sends back into the room."""
    warps: tuple[str, ...] = ()
    """The presets by which its picture can be bent, as they are called on the player; (): nobody says."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A sound output by name; ``player`` is the device that feeds it."""

    name: str
    player: str
    label: str = ""
    place: Place = NOWHERE
    zone: str = ""
    """Where it is heard best; "": everywhere alike."""
    loud: float = 84.0
    """dB(A) in its zone of a clip of -20 LUFS, played at 0 dB."""
    trim: str = ""
    """A device's field that adds dB behind the player (``amplifiers.trim``)."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A media file. ``length`` None where unknown or endless; ``players`` are the devices that hold it."""

    name: str
    file: str
    length: Duration | None
    players: tuple[str, ...] = ()
    fps: float = 0.0
    loudness: float = 0.0
    sha256: str = ""
    place: Place = NOWHERE
    brightness: float = 30.0
    """Percent of full white that its pictures are on the whole."""
    flashes: float = 0.0
    """Most flashes in any second of it, as measured by whoever made it."""
