"""The film server and the gauze player: layers on surfaces, over TCP with the two framings of OSC.

docs/technicians/device-protocols.md, "Film server" (SLIP) and "Gauze player" (length prefix). Their truth speaks of the layer
that was started last, and ``SURFACE_clip``, ``SURFACE_state``, ``SURFACE_position`` and ``SURFACE_opacity`` of the topmost
layer on each surface that the venue gives them. Connections may come and go; what plays, plays on.
"""

from __future__ import annotations

from collections.abc import Callable

from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import Instant, seconds_of
from showctl.show.show import Show
from simulators.media_player import MediaPlayer, Part
from simulators.osc_device import seconds_in
from simulators.osc_wire import Framing, LengthFraming, Message, SlipFraming
from simulators.playing import Ramp


class FilmServer(MediaPlayer):
    """See the page. Opacity is percent."""

    prefix = "/film"
    framing: Callable[[], Framing] | None = SlipFraming
    nothing = 0.0

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        super().__init__(device, show, seed)
        self._presets = {surface.name: surface.warps for surface in show.surfaces if surface.player == device.name}
        self.warps: dict[str, str] = {}
        self._surfaces = tuple(surface.name for surface in show.surfaces if surface.player == device.name)

    def on_osc(self, verb: str, message: Message, now: Instant) -> bool:
        key = (message.text(0), int(message.number(1, 1.0)))
        match verb:
            case "play":
                self._play(message, now)
            case "fade":
                self.fade(key, min(max(message.number(2), 0.0), 100.0), seconds_in(message, 3), now, None)
            case "stop":
                self.stop(key, seconds_in(message, 2), now, None)
            case "pause":
                self.pause(message.truth(0), now)
            case "warp":
                self._warp(message.text(0), message.text(1))
            case "blank":
                self.stop_all(seconds_in(message, 0), now, None)
            case _:
                return False
        return True

    def _warp(self, surface: str, preset: str) -> None:
        known = self._presets.get(surface)
        if known is None or (known and preset not in known):
            self.tell_missing(f"no warp {preset} of {surface}" if known else f"no surface {surface}")
            return
        self.warps[surface] = preset
        self.tell("warp", surface, preset)

    def on_up(self, now: Instant) -> None:
        super().on_up(now)
        self.warps.clear()

    def tell_all(self, now: Instant) -> None:
        super().tell_all(now)
        for surface, preset in self.warps.items():
            self.tell("warp", surface, preset)

    def _play(self, message: Message, now: Instant) -> None:
        surface, layer, clip = message.text(0), int(message.number(1, 1.0)), message.text(2)
        if self._surfaces and surface not in self._surfaces:
            self.tell_missing(f"no surface {surface}")
            return
        fade = seconds_in(message, 5)
        ramp = Ramp(0.0 if fade else 100.0, 100.0, now, fade)
        self.play((surface, layer), surface, clip, seconds_in(message, 3), message.truth(4, False), ramp, now)

    def tell_part(self, part: Part, state: str, now: Instant) -> None:
        surface, layer = part.key
        position, opacity = seconds_of(part.clock.at(now)), round(part.level.at(now), 2)
        self.tell("layer", surface, layer, part.clock.clip, state, position, opacity)

    def truth(self, now: Instant) -> dict[str, Value]:
        latest = self.latest()
        known = self.about(latest, now, "opacity")
        known["warp"] = ", ".join(f"{surface} {preset}" for surface, preset in sorted(self.warps.items()))
        known["surface"] = latest.place if latest is not None else ""
        for surface in self._surfaces:
            top = self._topmost(surface)
            known |= {f"{surface}_{name}": value for name, value in self.about(top, now, "opacity").items()}
        return known

    def shows(self, surface: str, now: Instant) -> tuple[str, float, float]:
        """The clip that is on top on a surface ("" for none), where it stands in seconds, and its opacity in percent."""
        top = self._topmost(surface)
        return ("", 0.0, 0.0) if top is None else (top.clock.clip, seconds_of(top.clock.at(now)), top.level.at(now))

    def _topmost(self, surface: str) -> Part | None:
        return max((part for part in self.parts.values() if part.place == surface), key=lambda part: part.key[1], default=None)


class GauzePlayer(FilmServer):
    """A film server whose picture stands in the room: it also poses the figure, and turns it to a point."""

    prefix = "/gauze"
    framing = LengthFraming

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        super().__init__(device, show, seed)
        self.pose = "none"
        self.facing = (0.0, 0.0)

    def on_up(self, now: Instant) -> None:
        super().on_up(now)
        self.pose, self.facing = "none", (0.0, 0.0)

    def on_osc(self, verb: str, message: Message, now: Instant) -> bool:
        if verb != "figure":
            return super().on_osc(verb, message, now)
        before, self.pose = self.pose, message.text(0, "none")
        self.facing = (message.number(1), message.number(2))
        if self.pose != before:
            self.tell("pose", self.pose)
        return True

    def tell_all(self, now: Instant) -> None:
        super().tell_all(now)
        self.tell("pose", self.pose)

    def truth(self, now: Instant) -> dict[str, Value]:
        x, z = self.facing
        return super().truth(now) | {"pose": self.pose, "facing_x": x, "facing_z": z}
