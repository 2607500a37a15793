"""Fixtures: types, modes and channels; a fixture as hung and addressed.

A *parameter* is a thing a light can do (intensity, red, pan). A *channel* is a mode's statement of where one parameter
of one cell stands in the fixture's slots. A fixture without a dimmer of its own has a virtual ``intensity`` (no slots),
which ``light`` multiplies into its colour. Which parameter has which number in a show: ``patch.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from showctl.show.levels import FULL, Level
from showctl.show.places import NOWHERE, Place


class Family(Enum):
    """How parameters are timed and palettes are sorted."""

    INTENSITY = "intensity"
    COLOR = "color"
    FOCUS = "focus"
    BEAM = "beam"


FAMILY_OF: Final[dict[str, Family]] = {
    "intensity": Family.INTENSITY,
    **dict.fromkeys(
        ("red", "green", "blue", "white", "amber", "lime", "uv", "cyan", "magenta", "yellow", "warm", "cool", "indigo"),
        Family.COLOR,
    ),
    **dict.fromkeys(("led_cyan", "led_magenta", "led_yellow", "cto", "ctb", "ctc", "tint", "hue", "saturation"), Family.COLOR),
    **dict.fromkeys(("color_wheel", "color_wheel_2", "color_macro"), Family.COLOR),
    "pan": Family.FOCUS,
    "tilt": Family.FOCUS,
}
"""Every other parameter is BEAM (zoom, iris, shutter, fog, fan ...)."""

EMITTERS: Final = (
    *("red", "green", "blue", "white", "amber", "lime", "uv", "warm", "cool", "indigo"),
    *("led_cyan", "led_magenta", "led_yellow"),
)
"""Additive colour parameters: a virtual dimmer scales them. ``cyan`` and its like are filters; a lamp of that colour is
``led_cyan``."""
FILTERS: Final = ("cyan", "magenta", "yellow")
"""Subtractive colour parameters."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One parameter of one cell of a mode.

    ``slots`` are offsets from the fixture's first slot (0-based), coarse byte first: () virtual, 1 = 8-bit, 2 = 16-bit,
    3 = 24-bit. ``cell`` counts from 0; -1 is the whole fixture. ``low``/``high`` are the physical ends of the level
    range (degrees for pan and tilt), None where percent is meant. ``snap`` parameters jump at the start of a fade.
    ``highlight`` is where it stands while the fixture is pointed out to a person; None: see ``highlight_of``. ``names`` are
    levels that people call by name: the slots of a wheel, what a control channel does. ``needs`` are those of them that mean it
    only while other parameters stand where they say: name -> (parameter, level), of its own cell or of the whole.
    """

    parameter: str
    family: Family
    slots: tuple[int, ...]
    default: Level = 0
    cell: int = -1
    inverted: bool = False
    snap: bool = False
    low: float | None = None
    high: float | None = None
    highlight: Level | None = None
    names: tuple[tuple[str, Level], ...] = ()
    needs: tuple[tuple[str, tuple[tuple[str, Level], ...]], ...] = ()


def highlight_of(channel: Channel) -> Level:
    """Where ``channel`` stands while its fixture is pointed out: open white, unless the fixture's maker says otherwise."""
    if channel.highlight is not None:
        return channel.highlight
    if channel.family is Family.INTENSITY or (channel.parameter in EMITTERS and channel.parameter != "uv"):
        return FULL
    return 0 if channel.parameter in FILTERS else channel.default


@dataclass(frozen=True, slots=True)
class Mode:
    """One way a fixture type lays out its slots. ``cells`` is 1 for a plain fixture."""

    name: str
    footprint: int
    channels: tuple[Channel, ...]
    cells: int = 1


class Hazard(Enum):
    """What the law and ``failures`` ask of a thing that can hurt. Flame, pyro and moving people are refused at load."""

    NONE = "none"
    INTERLOCKED = "interlocked"
    ATTENDED = "attended"


@dataclass(frozen=True, slots=True)
class Emitter:
    """A light source of a fixture, by the colour parameter that drives it: CIE 1931 x and y, and its luminance at full.

    Luminances count against those of the other emitters only.
    """

    parameter: str
    x: float
    y: float
    bright: float


@dataclass(frozen=True, slots=True)
class FixtureType:
    """A make and model. With ``emitters``, colours are mixed from what they are; without, from their names."""

    name: str
    modes: tuple[Mode, ...]
    pan_speed: float = 180.0
    """Degrees a second a head can move, for simulators and mark times."""
    tilt_speed: float = 120.0
    place: Place = NOWHERE
    emitters: tuple[Emitter, ...] = ()
    lumens: float | None = None
    """What one of them gives with everything at full, for the simulated room; None: what is usual for its kind."""
    spread: float | None = None
    """Degrees across its beam; None: what is usual for a head, all round for anything else."""


@dataclass(frozen=True, slots=True)
class Point:
    """Metres in the venue: x to the right of a guest entering, y up, z into the room."""

    x: float
    y: float
    z: float


@dataclass(frozen=True, slots=True)
class Fixture:
    """One light (or hazer, or pixel bar) as hung. ``address`` is its first slot, 1-based, in ``universe`` (its key)."""

    index: int
    name: str
    type: str
    mode: Mode
    universe: str
    address: int
    label: str = ""
    zone: str | None = None
    position: Point | None = None
    hang: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Degrees of rotation about x, then y, then z of the venue, from standing on the floor pointing up (``light.aim``)."""
    hazard: Hazard = Hazard.NONE
    place: Place = NOWHERE
    trim: tuple[float, float] = (0.0, 0.0)
    """Degrees of pan and tilt that an aim adds: nothing hangs quite as drawn."""
    spare: str = ""
    """The light that stands in for it while it is out of service, where nobody names another."""
