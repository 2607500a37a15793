"""The film server, and the gauze player with its figure: layers of surfaces. OSC over TCP, prefixes ``/film`` and ``/gauze``.

Their bytes stand in docs/technicians/device-protocols.md: the film server frames with SLIP, the gauze player with sizes. A player
that comes back plays on where the show is by then: layers that its state does not show are played again at their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from showctl.devices.driver import Output, Started
from showctl.devices.orders import Orders
from showctl.devices.osc_talker import OscTalker
from showctl.devices.playing import Playing, Wanted
from showctl.devices.words import finite, flag, number, text
from showctl.engine.commands import Tell
from showctl.protocols import osc
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import Duration, Instant, seconds_of

FULL: Final = 100.0
MOST_SURFACES: Final = 64
Layer = tuple[str, int]
"""A surface and a layer of it."""


class FilmServer(OscTalker):
    """One film server or gauze player; ``lengths`` of its clips, so that what is over is not played again."""

    def __init__(self, device: Device, lengths: Mapping[str, Duration | None]) -> None:
        super().__init__(device, "/gauze" if device.kind.name == "gauze_player" else "/film")
        self.orders = Orders(device, self.shows, tries={"play": 1})  # a play that is doubted is asked after (``playing``)
        self.layers: Playing[Layer] = Playing(dict(lengths))
        self._figure: tuple[str, float, float] | None = None
        self._warps: dict[str, str] = {}
        self._bent: dict[str, str] = {}
        """How the picture of each surface should be bent, and how the player says that it is."""

    def perform(self, command: Tell, now: Instant) -> list[Output]:
        over = self.beat.trouble("", now) if self.beat.last is not None else []
        return [*over, *self._perform(command, now)]

    def _perform(self, command: Tell, now: Instant) -> list[Output]:
        match command.verb:
            case "play":
                layer, at, fade = _layer(command), number(command, "at"), number(command, "fade")
                self.layers.play(layer, text(command, "clip"), at, flag(command, "loop"), FULL, fade, now)
                return self._say_play(layer, self.layers.wanted[layer], at, fade)
            case "fade":
                layer, opacity, over = _layer(command), number(command, "opacity"), number(command, "over")
                self.layers.fade(layer, opacity, over, now)
                return self.tell("fade", "siff", *layer, opacity, over)
            case "stop":
                layer = _layer(command)
                self.layers.stop(layer, now)
                return self.tell("stop", "sif", *layer, number(command, "fade"))
            case "pause":
                on = flag(command, "on")
                self.layers.pause(on, now)
                return self.tell("pause", "i", int(on))
            case "blank":
                self.layers.stop_all(now)
                return self.tell("blank", "f", number(command, "fade"))
            case "warp":
                surface, preset = text(command, "surface"), text(command, "preset")
                if surface in self._warps or len(self._warps) < MOST_SURFACES:
                    self._warps[surface] = preset
                return self.tell("warp", "ss", surface, preset)
            case "figure":
                self._figure = (text(command, "pose"), number(command, "x"), number(command, "z"))
                return self.tell("figure", "sff", *self._figure)
            case _:
                raise KeyError(command.verb)

    def understand(self, message: osc.Message, now: Instant) -> list[Output]:
        match message.address.removeprefix(self.prefix), message.arguments:
            case "/layer", (str(surface), int(layer), str(clip), str(state), int() | float() as at, int() | float() as opacity):
                if not finite(at, opacity) or state not in ("playing", "paused", "stopped"):
                    return []
                self.layers.saw((surface, layer), clip, state, at, opacity, now, settled=self.settled)
                return self._report(now)
            case "/error", (str(words), *_):
                self.layers.prune(now)
                return [*self.beat.trouble(f"says: {words[:200]}", now)]
            case "/warp", (str(surface), str(preset)):
                if surface in self._bent or len(self._bent) < MOST_SURFACES:
                    self._bent[surface] = preset
                return [*self.reports.say("warp", _warped(self._bent), now)]
            case "/pose", (str(pose), *_):
                return [*self.reports.say("pose", pose, now)]
            case _:
                return []

    def restore(self, now: Instant) -> list[Output]:
        found: list[Output] = []
        for layer, thing, at in self.layers.missing(self.returned, now):
            found += self._say_play(layer, thing, at, 0.0)
            if thing.level != FULL:
                found += self.tell("fade", "siff", *layer, thing.level, 0.0)
            self.layers.sent_again(layer, now)
        for layer, thing in self.layers.off_level(now):
            found += self.tell("fade", "siff", *layer, thing.level, 0.0)
        for layer in self.layers.strays():
            found += self.tell("stop", "sif", *layer, 0.0)
        if self.layers.paused and (found or self.layers.state() == "playing"):
            found += self.tell("pause", "i", 1)
        if self._figure is not None and self.reports.value("pose") != self._figure[0]:
            found += self.tell("figure", "sff", *self._figure)
        for surface, preset in self._warps.items():
            if self._bent.get(surface) != preset:
                found += self.tell("warp", "ss", surface, preset)
        return found + self._report(now)

    def last_start(self) -> Started | None:
        return self.layers.started

    def shows(self, command: Tell) -> bool | None:
        match command.verb:
            case "play":
                return self.layers.plays(_layer(command), text(command, "clip"))
            case "stop" if not command.argument("fade"):
                return self.layers.rests(_layer(command))
            case "pause":
                return self.layers.stands(flag(command, "on"))
            case "warp":
                surface = text(command, "surface")
                return self._bent.get(surface) == self._warps.get(surface)
            case "figure" if self._figure is not None:
                return self.reports.value("pose") == self._figure[0]
            case _:
                return None  # a fade is seen once it is over, which may be long

    def away(self) -> None:
        self.layers.forget_seen()
        self._bent.clear()

    def later(self, now: Instant) -> list[Output]:
        self.layers.prune(now)
        return self.compare(now) if self.beat.state == "ok" and self.settled and self.layers.doubt(now) else []

    def own_deadline(self) -> Instant | None:
        return self.layers.doubt_deadline() if self.beat.state == "ok" and self.settled else None

    def listens(self) -> bool:
        return self.layers.listens()

    def moved_on(self, now: Instant) -> None:
        for _ in self.layers.moved_on(now):
            self._report(now)

    def hears_evenly(self) -> bool:
        return self.layers.plays_one() and not self.reports.holds

    def told_deadline(self) -> Instant | None:
        return None  # what is spoken of is not doubted

    def desired(self) -> dict[str, Value]:
        wanted: dict[str, Value] = {"state": "stopped"}
        if lead := next(reversed(self.layers.wanted.items()), None):
            (surface, _), thing = lead
            state = "paused" if self.layers.paused else "playing"
            wanted = {"state": state, "clip": thing.clip, "surface": surface, "opacity": thing.level}
        if self._warps:
            wanted["warp"] = _warped(self._warps)
        return wanted if self._figure is None else wanted | {"pose": self._figure[0]}

    def _say_play(self, layer: Layer, thing: Wanted, at: float, fade: float) -> list[Output]:
        surface, number_ = layer
        return self.tell("play", "sisfif", surface, number_, thing.clip, at, int(thing.loop), fade)

    def _report(self, now: Instant) -> list[Output]:
        said: dict[str, object] = {"state": self.layers.state(), "clip": "", "surface": "", "position": 0.0, "opacity": 0.0}
        if lead := self.layers.lead():
            (surface, _), seen = lead
            said |= {"clip": seen.clip, "surface": surface, "position": seconds_of(seen.position), "opacity": seen.level}
        return [*self.reports.say_all(said, now)]


def _warped(warps: Mapping[str, str]) -> str:
    """Every surface with its preset: ``dome seam, wall straight``."""
    return ", ".join(f"{surface} {preset}" for surface, preset in sorted(warps.items()))


def _layer(command: Tell) -> Layer:
    return text(command, "surface"), round(number(command, "layer"))
