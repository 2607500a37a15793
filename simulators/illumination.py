"""How much light falls into each zone, and of what colour: what a meter would show there, coarse but right.

A meter is held 1.2 m above the floor at spots about a metre and a half apart, and turned to whatever shines; a zone has the
mean of its spots, in lux. Lamps shine all round (lumens / 4 pi r^2) unless they are heads, or their type says ``spread``: then
into a cone along their hang (and pan and tilt), soft at its edge; a head with a zoom goes from 8 to 50 degrees. A lamp that
says nowhere where it hangs lights the floor of its zone evenly; one that names no zone lights all. A tenth of all light comes
back from floor and walls, evenly through the room. Walls between rooms (``room:`` of a zone) let nothing through; nothing else
casts a shadow.

Walls of pixels count by their mean, 8 lumens a pixel; a picture by ``lumens`` of its surface and ``brightness`` of its clip.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from showctl.show.fixtures import Fixture, FixtureType
from showctl.show.instants import Instant
from showctl.show.show import Show
from showctl.show.triggers import Zone
from simulators.dmx_port import Port
from simulators.fixtures import Lights, Motion
from simulators.floor import inside
from simulators.lamps import BRIGHT, Lamps

Array: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.intp]

METER: Final = 1.2
"""Metres above the floor: a child's eye, and that of whoever sits in a wheelchair."""
BETWEEN: Final = 1.5
MOST_SPOTS: Final = 60
NEAREST: Final = 0.5
"""Metres: nobody holds a meter closer to a lamp."""
HEAD_SPREAD: Final = 20.0
ZOOM: Final = (8.0, 50.0)
EDGE: Final = 1.3
"""Beyond its beam a lamp's light falls to nothing within this many times the beam."""
COMES_BACK: Final = 0.1
HEIGHT: Final = 8.0
"""Metres, of any room."""
PIXEL: Final = 8.0
_DEFAULT: Final = FixtureType("", ())


class Illumination:
    """The light in every zone that has corners."""

    def __init__(self, show: Show, lights: Lights, port_of: Callable[[str], Port | None]) -> None:
        self.zones = [zone for zone in show.zones if len(zone.corners) >= 3]
        self._lamps = Lamps(show, port_of)
        self._lamps.wear(lights.worn)
        self._lights = lights
        self._spots = [_spots(zone) for zone in self.zones]
        self._of_spot = np.repeat(np.arange(len(self.zones)), [len(spots) for spots in self._spots])
        self._points = np.concatenate(self._spots) if self._spots else np.zeros((0, 3))
        self._means = (self._of_spot == np.arange(len(self.zones))[:, None]) / np.array([[len(spots)] for spots in self._spots])
        """(zone, spot): what a spot counts in the mean of its zone."""
        self._rooms = [zone.room for zone in self.zones]
        self._named = {zone.name: zone for zone in show.zones}
        self._areas = [area(zone) for zone in self.zones]
        floors = {
            room: sum(a for a, other in zip(self._areas, self._rooms, strict=True) if other == room) for room in self._rooms
        }
        self._back = [_comes_back(floors[room]) for room in self._rooms]
        types = show.fixture_types
        fixed = np.zeros((len(self.zones), len(self._lamps.fixture_of)))
        gains: dict[int, Array] = {}
        """By fixture: cells of one hang together."""
        beams: dict[int, list[int]] = {}
        for n, fixture in enumerate(self._lamps.fixture_of):
            kind = types.get(fixture.type, _DEFAULT)
            if fixture.index not in gains:
                one_way = fixture.position is not None and (kind.spread or _turns(fixture)) and kind.spread != 360
                if one_way:
                    beams[fixture.index] = []
                hung = np.zeros(len(self.zones)) if one_way else self._hung(fixture)
                gains[fixture.index] = hung + self._backs(fixture)
            if fixture.index in beams:
                beams[fixture.index].append(n)
            fixed[:, n] = gains[fixture.index]
        self._fixed = fixed
        self._beams = Beams(show, lights, self._lamps, list(beams.values()), self._points)
        self._roomy = (
            np.array([self._same_room(fixture) for fixture in self._beams.fixtures]).reshape(len(self._beams), len(self.zones)).T
        )
        """(zone, beam): 1 where they share a room."""
        fixtures = {fixture.name: fixture for fixture in show.patch.fixtures}
        self._walls = [
            (wall, PIXEL * wall.width * wall.height * (self._hung(fixtures[name]) + self._backs(fixtures[name])))
            for name, wall in lights.walls.walls.items()
        ]
        self._directed = np.zeros((len(self.zones), len(self._beams.fixtures)))
        self._lit: Array = np.zeros((len(self.zones), 4))

    def wear(self, worn: Mapping[int, float]) -> None:
        """The share of their light that fixtures still give."""
        self._lamps.wear(worn)

    def light(self, now: Instant) -> Array:
        """(zone, [lux, red, green, blue]) of lamps and walls of pixels."""
        fresh, light = self._lamps.read(now), self._lamps.light
        of_beams = self._beams.light(light)
        turned = self._beams.turned(of_beams, now) if self._beams else []
        if turned:
            self._directed[:, turned] = (self._means @ self._beams.falls(turned).T) * self._roomy[:, turned]
        if fresh or turned:
            self._lit = self._fixed @ light + self._directed @ of_beams
        if not self._walls:
            return self._lit
        lit = self._lit.copy()
        for wall, gain in self._walls:
            red, green, blue = wall.light(now).mean(axis=(0, 1)).tolist()
            y = red * BRIGHT["red"] + green * BRIGHT["green"] + blue * BRIGHT["blue"]
            lit += np.outer(gain, [y, red, green, blue])
        return lit

    def from_zone(self, name: str) -> Array:
        """Lux in every zone for each lumen that is spread over the zone of that name (or, none of that name, over all)."""
        source = self._named.get(name)
        total = sum(self._areas) or 1.0
        if source is None or len(source.corners) < 3:
            return np.full(len(self.zones), 0.5 / total)
        return np.array([0.5 / area(source) * _reach(source, zone) ** 2 for zone in self.zones])

    # --- geometry -------------------------------------------------------------------------------------------------------

    def _hung(self, fixture: Fixture) -> Array:
        if fixture.position is None:
            return self.from_zone(fixture.zone or "")
        at = np.array([fixture.position.x, fixture.position.y, fixture.position.z])
        away = np.maximum(np.linalg.norm(self._points - at, axis=1), NEAREST)
        return self._mean(1.0 / (4 * math.pi * away**2)) * self._same_room(fixture)

    def _mean(self, of_spots: Array) -> Array:
        return np.asarray(self._means @ of_spots)

    def _room_of(self, fixture: Fixture) -> str | None:
        if fixture.zone in self._named:
            return self._named[fixture.zone].room
        if fixture.position is not None:
            spot = (fixture.position.x, fixture.position.z)
            return next((zone.room for zone in self.zones if inside(zone.corners, spot)), None)
        return None

    def _same_room(self, fixture: Fixture) -> Array:
        room = self._room_of(fixture)
        return np.array([1.0 if room in (None, other) else 0.0 for other in self._rooms])

    def _backs(self, fixture: Fixture) -> Array:
        """Lux in each zone that come back from floor and walls, for each lumen."""
        room = self._room_of(fixture)
        return np.array([back if room in (None, other) else 0.0 for back, other in zip(self._back, self._rooms, strict=True)])


class Beams:
    """The lamps that shine one way: heads, and those whose type says how wide."""

    def __init__(self, show: Show, lights: Lights, lamps: Lamps, of: list[list[int]], points: Array) -> None:
        """``of``: which lamps each of them has, side by side; ``points``: where their light is measured."""
        self.fixtures = [lamps.fixture_of[own[0]] for own in of]
        self._lamps = np.array([n for own in of for n in own], np.intp)
        self._starts = np.cumsum([0, *(len(own) for own in of[:-1])]) if of else np.zeros(0, np.intp)
        self._axes = [_by_motion([lights.axis(fixture, name) for fixture in self.fixtures]) for name in ("pan", "tilt")]
        spreads = [show.fixture_types.get(fixture.type, _DEFAULT).spread for fixture in self.fixtures]
        self._spread = np.array([HEAD_SPREAD if spread is None else spread for spread in spreads])
        self._zoom = lamps.shares(
            [None if spread else fixture for fixture, spread in zip(self.fixtures, spreads, strict=True)], "zoom"
        )
        self._turn = np.array([_rotation(fixture.hang) for fixture in self.fixtures]).reshape(-1, 3, 3)
        ways = points - np.array([_position(fixture) for fixture in self.fixtures]).reshape(-1, 1, 3)
        away = np.maximum(np.linalg.norm(ways, axis=2), NEAREST)
        self._ways, self._away_squared = ways / away[:, :, None], away**2
        """(beam, point): in which direction a point lies, and how far."""
        self._at = np.full((len(self.fixtures), 3), np.nan)

    def __len__(self) -> int:
        return len(self.fixtures)

    def light(self, light: Array) -> Array:
        """(beam, [lumens, red, green, blue])."""
        return np.add.reduceat(light[self._lamps], self._starts, axis=0) if self.fixtures else np.zeros((0, 4))

    def turned(self, light: Array, now: Instant) -> list[int]:
        """Those that shine, and point elsewhere than when last asked."""
        zoom, zooms = self._zoom
        at = np.empty_like(self._at)
        for column, axes in zip((at[:, 0], at[:, 1]), self._axes, strict=True):
            column[:] = 0.0
            for motion, which, axis in axes:
                column[which] = motion.pointing(now)[axis]
        at[:, 2] = np.where(zooms, ZOOM[0] + (ZOOM[1] - ZOOM[0]) * zoom(), self._spread)
        moved = np.flatnonzero((light[:, 0] > 0) & (at != self._at).any(axis=1))
        self._at[moved] = at[moved]
        return list(moved.tolist())

    def falls(self, beams: list[int]) -> Array:
        """(beam, point): lux for each lumen of some beams, as they point now."""
        p, t, half = np.radians(self._at[beams, 0]), np.radians(self._at[beams, 1]), self._at[beams, 2] / 2
        along = np.stack((np.sin(t) * np.sin(p), np.cos(t), np.sin(t) * np.cos(p)), axis=1)
        along = (self._turn[beams] @ along[:, :, None])[:, :, 0]
        off = np.degrees(np.arccos(np.clip((self._ways[beams] @ along[:, :, None])[:, :, 0], -1.0, 1.0)))
        share = np.clip((EDGE * half[:, None] - off) / ((EDGE - 1) * half)[:, None], 0.0, 1.0)
        solid = 2 * math.pi * (1 - np.cos(np.radians(np.minimum(half, 180.0))))
        return np.asarray(share / (solid[:, None] * self._away_squared[beams]), np.float64)


def _by_motion(axes: list[tuple[Motion, int] | None]) -> list[tuple[Motion, Places, Places]]:
    """Axes of many heads by whose motion they are: which heads, and which axis of it each is."""
    motions = dict.fromkeys(axis[0] for axis in axes if axis is not None)
    found = []
    for motion in motions:
        mine = [(n, axis[1]) for n, axis in enumerate(axes) if axis is not None and axis[0] is motion]
        which, axis = (np.array(column, np.intp) for column in zip(*mine, strict=True))
        found.append((motion, which, axis))
    return found


def _comes_back(floor: float) -> float:
    """Of each lumen in a room of so many square metres of floor: the lux that its floor, ceiling and walls send back."""
    return COMES_BACK / (1 - COMES_BACK) / (2 * floor + 4 * math.sqrt(floor) * HEIGHT)


def area(zone: Zone) -> float:
    """Square metres of a zone's floor, at least one."""
    x, z = np.array(zone.corners).T
    return max(abs(float(np.dot(x, np.roll(z, 1)) - np.dot(z, np.roll(x, 1)))) / 2, 1.0)


def centre(zone: Zone) -> tuple[float, float]:
    """The middle of a zone's corners."""
    x, z = np.array(zone.corners).T
    return float(x.mean()), float(z.mean())


def gap(zone: Zone, spot: tuple[float, float]) -> float:
    """Metres from ``spot`` to the zone's nearest edge; 0 within it."""
    if inside(zone.corners, spot):
        return 0.0
    ends = (*zone.corners[1:], zone.corners[0])
    return min(_to_edge(a, b, spot) for a, b in zip(zone.corners, ends, strict=True))


def _to_edge(a: tuple[float, float], b: tuple[float, float], spot: tuple[float, float]) -> float:
    along = (b[0] - a[0], b[1] - a[1])
    length = along[0] ** 2 + along[1] ** 2
    share = 0.0 if not length else ((spot[0] - a[0]) * along[0] + (spot[1] - a[1]) * along[1]) / length
    share = min(max(share, 0.0), 1.0)
    return math.hypot(a[0] + share * along[0] - spot[0], a[1] + share * along[1] - spot[1])


def _reach(source: Zone, zone: Zone) -> float:
    """What of something in ``source`` reaches ``zone``: all of it where they overlap, less the further apart they are."""
    if source.room != zone.room:
        return 0.0
    apart = 0.0 if inside(zone.corners, centre(source)) else gap(source, centre(zone))
    return 1.0 / (1.0 + apart / 4.0)


def _spots(zone: Zone) -> Array:
    x, z = np.array(zone.corners).T
    step = max(BETWEEN, math.sqrt(area(zone) / MOST_SPOTS))
    across, along = _spread(x, step), _spread(z, step)
    grid = np.array([(a, b) for a in across for b in along if inside(zone.corners, (float(a), float(b)))])
    if not len(grid):
        grid = np.array([centre(zone)])
    return np.column_stack((grid[:, 0], np.full(len(grid), METER), grid[:, 1]))


def _position(fixture: Fixture) -> Array:
    assert fixture.position is not None, "a beam begins somewhere"
    return np.array([fixture.position.x, fixture.position.y, fixture.position.z])


def _spread(side: Array, step: float) -> Array:
    """Spots along one side, about ``step`` apart and as far from both ends."""
    low, wide = float(side.min()), float(side.max() - side.min())
    count = max(round(wide / step), 1)
    return low + (np.arange(count) + 0.5) * wide / count


def _turns(fixture: Fixture) -> bool:
    return any(channel.parameter in ("pan", "tilt") and channel.slots for channel in fixture.mode.channels)


def _rotation(hang: tuple[float, float, float]) -> Array:
    """From standing on the floor pointing up, about x (y towards z), then y (z towards x), then z (x towards y)."""
    a, b, c = (math.radians(degrees) for degrees in hang)
    about_x = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    about_y = np.array([[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]])
    about_z = np.array([[math.cos(c), -math.sin(c), 0], [math.sin(c), math.cos(c), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x, np.float64)


__all__ = ["Illumination", "area", "centre", "gap"]
