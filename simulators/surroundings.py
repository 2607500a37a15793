"""The room as guests have it: light, colour, sound, haze and people in each zone, and the picture on each surface.

What may be looked at: ``ZONE.light`` (lux), ``ZONE.light_red``, ``_green``, ``_blue`` (percent of the strongest of the three),
``ZONE.sound`` (dB(A)), ``ZONE.haze`` (percent), ``ZONE.guests`` (how many truly stand there); ``SURFACE.picture`` (the clip
that is seen on it, "" for none) and ``SURFACE.brightness`` (percent of a white picture). A picture is seen while its player
has power and its projector is lit with the shutter open, whatever either of them reports.

Nothing is worked out before somebody asks, but for haze, which has to be counted from the beginning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from showctl.show.cues import Value
from showctl.show.instants import Instant
from showctl.show.show import Show
from showctl.show.triggers import Surface
from simulators.air import Air
from simulators.device import SimulatedDevice
from simulators.dmx_port import Port
from simulators.film import FilmServer
from simulators.fixtures import Lights
from simulators.illumination import Array, Illumination
from simulators.loudness import Loudness
from simulators.tracker import Tracker

LIGHT: Final = ("light", "light_red", "light_green", "light_blue")
OF_A_ZONE: Final = (*LIGHT, "sound", "haze", "guests")
SEEN: Final = 2.0
"""Percent: a fainter picture is none."""


@dataclass(slots=True)
class _Kept:
    """What was worked out for an instant: good until something happens."""

    of: tuple[Instant, int]
    light: Array | None = None
    pictures: dict[str, tuple[str, float]] | None = None
    """By surface: the clip, and how bright it is."""


class Surroundings:
    """See the page."""

    def __init__(
        self,
        show: Show,
        lights: Lights,
        devices: Mapping[str, SimulatedDevice],
        ports: Mapping[str, Port],
        touched: Callable[[], int],
    ) -> None:
        self._show, self._lights, self._devices, self._ports = show, lights, devices, ports
        self._touched = touched
        self._kept = _Kept((-1, -1))
        self._air = Air(show, ports.get)
        self._trackers = [device for device in devices.values() if isinstance(device, Tracker)]
        self._clips = {clip.name: clip for clip in show.clips}
        self._surfaces = {surface.name: surface for surface in show.surfaces}
        self._surfaces_of = Counter(surface.player for surface in show.surfaces)
        taken = {*lights.names(), *(f"{name}.powered" for name in devices)}
        self._zones = {f"{zone.name}.{what}": (zone.name, what) for zone in show.zones for what in OF_A_ZONE}
        self._zones = {name: found for name, found in self._zones.items() if name not in taken}
        self.names: dict[str, str] = dict.fromkeys(self._zones, "number")
        for surface in show.surfaces:
            self.names |= {f"{surface.name}.picture": "text", f"{surface.name}.brightness": "number"}

    def knows(self, name: str) -> bool:
        """Whether ``name`` is one of the room's."""
        return name in self.names

    def look(self, name: str, now: Instant) -> Value:
        """What ``name`` is worth at ``now``. KeyError where the room has no such name."""
        if name not in self._zones:
            surface, _, what = name.rpartition(".")
            picture, bright = self._pictures(now)[surface]
            return picture if what == "picture" else bright
        zone, what = self._zones[name]
        match what:
            case "sound":
                return self._loudness.level(zone, now)
            case "haze":
                return self._air.haze(zone, now)
            case "guests":
                return self._guests(zone, now)
            case _:
                return self._of_light(zone, what, now)

    def meters(self, zones: Sequence[str]) -> Callable[[Instant], list[float]]:
        """The light (lux) in each of ``zones``, for who looks often. One without corners is nowhere, and has none."""

        def look(now: Instant) -> list[float]:
            lit = self._light(now)[:, 0].tolist()
            return [0.0 if row is None else lit[row] for row in rows]

        rows = [self._row.get(zone) for zone in zones]
        return look

    def wear(self) -> None:
        """Lamps have been broken or mended: the light is worked out anew."""
        if "_illumination" in self.__dict__:
            self._illumination.wear(self._lights.worn)
        self._kept = _Kept((-1, -1))

    def state(self, now: Instant) -> dict[str, dict[str, dict[str, Value]]]:
        """What ``GET /state`` says of zones and surfaces."""
        zones: dict[str, dict[str, Value]] = {}
        light = self._light(now)
        for name, (zone, what) in self._zones.items():
            value = _of_light(light[self._row[zone]], what) if what in LIGHT and zone in self._row else self.look(name, now)
            zones.setdefault(zone, {})[what] = round(value, 3) if isinstance(value, float) else value
        surfaces: dict[str, dict[str, Value]] = {}
        for surface, (picture, bright) in self._pictures(now).items():
            surfaces[surface] = {"picture": picture, "brightness": round(bright, 3)}
        return {"zones": zones, "surfaces": surfaces}

    # --- one by one ---------------------------------------------------------------------------------------------------

    @cached_property
    def _illumination(self) -> Illumination:
        return Illumination(self._show, self._lights, self._ports.get)

    @cached_property
    def _loudness(self) -> Loudness:
        return Loudness(self._show, self._devices)

    @cached_property
    def _row(self) -> dict[str, int]:
        return {zone.name: n for n, zone in enumerate(self._illumination.zones)}

    @cached_property
    def _from_surface(self) -> dict[str, Array]:
        return {surface.name: self._illumination.from_zone(surface.zone) * surface.lumens for surface in self._show.surfaces}

    def _at(self, now: Instant) -> _Kept:
        """What has been worked out at ``now`` already."""
        key = now, self._touched()
        if self._kept.of != key:
            self._kept = _Kept(key)
        return self._kept

    def _light(self, now: Instant) -> Array:
        kept = self._at(now)
        if kept.light is None:
            kept.light = self._lit(now)
        return kept.light

    def _lit(self, now: Instant) -> Array:
        light = self._illumination.light(now)
        for surface, (_, bright) in self._pictures(now).items():
            if bright:  # nobody knows its colours: it counts as white
                light = light + (self._from_surface[surface] * (bright / 100))[:, None]
        return light

    def _pictures(self, now: Instant) -> dict[str, tuple[str, float]]:
        kept = self._at(now)
        if kept.pictures is None:
            kept.pictures = {surface.name: self._picture(surface, now) for surface in self._show.surfaces}
        return kept.pictures

    def _of_light(self, zone: str, what: str, now: Instant) -> float:
        row = self._row.get(zone)
        return 0.0 if row is None else _of_light(self._light(now)[row], what)  # a zone without corners is nowhere

    def _guests(self, zone: str, now: Instant) -> float:
        found = [tracker.truth(now).get(f"{zone}_guests", 0.0) for tracker in self._trackers]
        return max((float(count) for count in found), default=0.0)

    def _picture(self, surface: Surface, now: Instant) -> tuple[str, float]:
        """The clip that is seen on a surface, and how bright it makes it, in percent of white."""
        player, projector = self._devices.get(surface.player), self._devices.get(surface.projector)
        if player is None or not player.powered:
            return "", 0.0
        clip, position, opacity = self._shown(player, surface, now)
        if not clip or opacity < SEEN:
            return "", 0.0
        worn = 1.0
        if projector is not None:
            lit = projector.truth(now) if projector.powered else {"picture": False}
            if not lit.get("picture", True):
                return "", 0.0
            worn = float(lit.get("light", 100.0)) / 100
        return clip, self._bright(clip, position) * opacity / 100 * worn

    def _shown(self, player: SimulatedDevice, surface: Surface, now: Instant) -> tuple[str, float, float]:
        """Clip, position and opacity of what a player has on a surface. Those that know no surfaces have one, and all on it."""
        if isinstance(player, FilmServer):
            return player.shows(surface.name, now)
        if self._surfaces_of[surface.player] > 1:
            return "", 0.0, 0.0
        known = player.truth(now)
        return str(known.get("clip", "")), float(known.get("position", 0.0)), float(known.get("opacity", 0.0))

    def _bright(self, clip: str, position: float) -> float:
        """Percent of white. One that flashes is bright and dark by turns, as often as its author measured at most."""
        found = self._clips.get(clip)
        if found is None:
            return 0.0
        if not found.flashes:
            return found.brightness
        return min(2 * found.brightness, 100.0) if int(position * 2 * found.flashes) % 2 == 0 else 0.0


def _of_light(lit: Array, what: str) -> float:
    """Lux, or a colour in percent of the strongest."""
    lux, *colors = lit.tolist()
    if what == "light":
        return float(lux)
    strongest = max(colors)
    return float(100 * colors[LIGHT.index(what) - 1] / strongest) if strongest > 1e-9 else 0.0
