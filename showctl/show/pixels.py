"""Pixels: a rectangle of LED pixels over many universes, and what plays on it.

A *wall* is patched as one fixture without slots of its own: an ``intensity``, a plain colour (``red green blue``), and
``pixels``, on which sources play. So whatever holds for lights holds for it: masters, blackout, park, safe looks, release. Its
pixels count from the top left, x to the right and y down, whatever the wiring. A *source* is a function of the time since it
began: a wave over x and y, or the frames of a picture or clip. It is known by its ``key``, a number that goes by what it is:
rows of the plan carry it, and a show that is loaded anew goes on with what has not been changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from showctl.show.cues import Wave
from showctl.show.fixtures import Channel, Family, Fixture, Mode
from showctl.show.instants import Duration
from showctl.show.levels import FULL, Level
from showctl.show.places import NOWHERE, Place

MOST_PIXELS: Final = 1 << 16
"""Of one wall: 512 x 128."""
MOST_FOOTAGE: Final = 32 << 20
"""Bytes of frames in one show; they are held in memory, so that no disk is waited for between two frames."""
FOLDER: Final = "pixels"
"""Of the show folder: the pictures and clips that walls show stand there, and are kept with the show's text."""
PIXELS: Final = "pixels"
"""The parameter of a wall on which sources play."""
SUFFIX: Final = " pixels"
"""What runs on a wall is the thing ``WALL pixels``: whatever begins there ends what ran there before."""

Rgb: TypeAlias = tuple[Level, Level, Level]
"""Light, 0..65535 for red, green and blue: twice the level is twice the light."""


class Wiring(Enum):
    """How the string of pixels runs through the rectangle."""

    ROWS = "rows"
    """Row after row, each from the same side."""
    SERPENTINE = "serpentine"
    """Row after row, there and back."""
    COLUMNS = "columns"
    SERPENTINE_COLUMNS = "serpentine columns"


class Along(Enum):
    """Which way a wave runs over the wall."""

    RIGHT = "right"
    LEFT = "left"
    DOWN = "down"
    UP = "up"
    OUT = "out"
    """From the middle outwards."""
    IN = "in"
    ROUND = "round"
    """Clockwise about the middle."""
    NONE = "none"
    """All pixels together (a RANDOM one: each for itself)."""


@dataclass(frozen=True, slots=True)
class Wall:
    """A rectangle of pixels. ``fixture`` is its number in the patch, which says where the first slot is.

    ``start`` is the corner of the first pixel: (right, bottom). ``order`` is what a pixel's slots are: each of r, g, b and
    perhaps w once. ``per_universe`` is how many pixels a universe takes at most (0: as many as fit whole); ``split``: none is
    left free, and a pixel may lie across two universes. ``gamma`` is in thousandths: a slot's light is (slot / 255) to that
    power. ``limit`` is how much light full white gives, of 65535.
    """

    fixture: int
    width: int
    height: int
    universes: tuple[str, ...]
    """Every universe that it reaches into, in order."""
    wiring: Wiring = Wiring.ROWS
    start: tuple[bool, bool] = (False, False)
    order: str = "rgb"
    per_universe: int = 0
    split: bool = False
    gamma: int = 1000
    limit: Level = FULL
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class PixelWave:
    """A wave over a wall, between two colours. ``waves`` (in 1/65536) is how many of them fit across it."""

    key: int
    on: int
    """The wall's fixture."""
    wave: Wave
    along: Along
    period: Duration
    waves: int
    width: int
    low: Rgb
    high: Rgb


@dataclass(frozen=True, slots=True)
class Footage:
    """A picture, or a clip of ``num`` / ``den`` frames a second, as large as its wall.

    A pixel is three bytes (sRGB), from the top left on. ``at`` is where in the clip it begins. One that does not loop stays on
    its last frame.
    """

    key: int
    on: int
    width: int
    height: int
    num: int
    den: int
    loop: bool
    at: Duration
    data: bytes
    name: str = ""

    @property
    def frames(self) -> int:
        return len(self.data) // (3 * self.width * self.height)

    def __repr__(self) -> str:
        return f"Footage({self.name}, {self.width}x{self.height}, {self.frames} frames)"


Source: TypeAlias = PixelWave | Footage


def mode_of(width: int, height: int) -> Mode:
    """What a wall of that size is to the patch: no slots, for its pixels have none of their own among the parameters."""
    intensity = Channel("intensity", Family.INTENSITY, ())
    colors = (Channel(name, Family.COLOR, ()) for name in ("red", "green", "blue"))
    return Mode(f"{width}x{height}", 0, (intensity, *colors, Channel(PIXELS, Family.BEAM, (), snap=True)))


def run_name(fixture: Fixture) -> str:
    """The thing that runs on the wall that is ``fixture``."""
    return fixture.name + SUFFIX


def per_universe(wall: Wall, slots: int, first: int) -> int:
    """How many whole pixels fit between slot ``first`` and the end of a universe of ``slots``.

    >>> per_universe(Wall(0, 32, 8, ()), 512, 1)
    170
    """
    fit = max(slots - first + 1, 0) // len(wall.order)
    return min(fit, wall.per_universe) if wall.per_universe else fit
