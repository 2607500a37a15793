"""The sound player: voices, faded, placed in the room, paused, muted. OSC over UDP, prefix ``/sound``.

Its bytes stand in docs/technicians/device-protocols.md. A player that comes back plays on where the show is by then: voices that
its state does not show are played again at their place, muting and stops are said again.
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

RESUME_FADE: Final = 0.3  # seconds: a voice that is taken up again does not click
MOST_FADERS: Final = 64
Placed = tuple[float, float, float]


class SoundPlayer(OscTalker):
    """One sound player; ``lengths`` of its clips, so that what is over is not played again."""

    def __init__(self, device: Device, lengths: Mapping[str, Duration | None]) -> None:
        super().__init__(device, "/sound")
        self.orders = Orders(device, self.shows, tries={"play": 1})  # a play that is doubted is asked after (``playing``)
        self.voices: Playing[str] = Playing(dict(lengths))
        self._outputs: dict[str, str] = {}
        self._objects: dict[str, Placed] = {}
        self._muted: bool | None = None
        self._through: dict[str, str] = {}
        """The bus that a voice goes through, where it goes through one."""
        self._faders: dict[str, float] = {}
        """Where buses, and the master (""), are or are going, in dB."""
        self._seen_faders: dict[str, float] = {}

    def perform(self, command: Tell, now: Instant) -> list[Output]:
        match command.verb:
            case "play":
                return self._play(command, now)
            case "fade":
                voice, level, over = text(command, "voice"), number(command, "level"), number(command, "over")
                self.voices.fade(voice, level, over, now)
                return self.tell("fade", "sffs", voice, level, over, text(command, "curve"))
            case "stop":
                voice = text(command, "voice")
                self.voices.stop(voice, now)
                self._forget(voice)
                return self.tell("stop", "sf", voice, number(command, "fade"))
            case "bus" | "master":
                name = text(command, "name") if command.verb == "bus" else ""
                level, over, curve = number(command, "level"), number(command, "over"), text(command, "curve")
                if len(self._faders) < MOST_FADERS or name in self._faders:
                    self._faders[name] = level
                return self._say_fader(name, level, over, curve)
            case "object":
                voice = text(command, "voice")
                place = self._objects[voice] = (number(command, "x"), number(command, "y"), number(command, "z"))
                return self.tell("object", "sfff", voice, *place)
            case "pause":
                on = flag(command, "on")
                self.voices.pause(on, now)
                return self.tell("pause", "i", int(on))
            case "mute":
                self._muted = flag(command, "on")
                return self.tell("mute", "i", int(self._muted))
            case "silence":
                self.voices.stop_all(now)
                self._outputs.clear()
                self._through.clear()
                self._objects.clear()
                return self.tell("silence", "f", number(command, "fade"))
            case _:
                raise KeyError(command.verb)

    def understand(self, message: osc.Message, now: Instant) -> list[Output]:
        match message.address, message.arguments:
            case "/sound/voice", (str(voice), str(clip), str(state), int() | float() as position, int() | float() as level):
                if not finite(position, level) or state not in ("playing", "paused", "stopped"):
                    return []
                self.voices.saw(voice, clip, state, position, level, now, settled=self.settled)
                return self._report(now)
            case "/sound/bus", (str(name), int() | float() as level) if finite(level):
                if len(self._seen_faders) < MOST_FADERS:
                    self._seen_faders[name] = level
                return [*self.reports.say(f"{name}_bus", level, now)]
            case "/sound/master", (int() | float() as level,) if finite(level):
                self._seen_faders[""] = level
                return [*self.reports.say("master", level, now)]
            case "/sound/muted", (int() as on,):
                return [*self.reports.say("muted", on != 0, now)]
            case _:
                return []

    def restore(self, now: Instant) -> list[Output]:
        found: list[Output] = []
        for voice, thing, at in self.voices.missing(self.returned, now):
            found += self._say_play(voice, thing, at, RESUME_FADE)
            found += self._say_bus(voice)
            if voice in self._objects:
                found += self.tell("object", "sfff", voice, *self._objects[voice])
            self.voices.sent_again(voice, now)
        for voice, thing in self.voices.off_level(now):
            found += self.tell("fade", "sffs", voice, thing.level, 0.0, "equal-power")
        for name, level in self._faders.items():
            if self._seen_faders.get(name, 0.0) != level:
                found += self._say_fader(name, level, 0.0, "db-linear")
        for voice in self.voices.strays():
            found += self.tell("stop", "sf", voice, 0.0)
        if self.voices.paused and (found or self.voices.state() == "playing"):
            found += self.tell("pause", "i", 1)
        if self._muted is not None and self.reports.value("muted") != self._muted:
            found += self.tell("mute", "i", int(self._muted))
        return found + self._report(now)

    def shows(self, command: Tell) -> bool | None:
        match command.verb:
            case "play":
                return self.voices.plays(text(command, "voice"), text(command, "clip"))
            case "stop" if not command.argument("fade"):
                return self.voices.rests(text(command, "voice"))
            case "pause":
                return self.voices.stands(flag(command, "on"))
            case "mute" if self._muted is not None:
                return self.reports.value("muted") == self._muted
            case _:
                return None  # a fade is seen once it is over, which may be long

    def last_start(self) -> Started | None:
        return self.voices.started

    def away(self) -> None:
        self.voices.forget_seen()
        self._seen_faders.clear()

    def later(self, now: Instant) -> list[Output]:
        self.voices.prune(now)
        return self.compare(now) if self.beat.state == "ok" and self.settled and self.voices.doubt(now) else []

    def own_deadline(self) -> Instant | None:
        return self.voices.doubt_deadline() if self.beat.state == "ok" and self.settled else None

    def listens(self) -> bool:
        return self.voices.listens()

    def moved_on(self, now: Instant) -> None:
        for _ in self.voices.moved_on(now):
            self._report(now)

    def hears_evenly(self) -> bool:
        return self.voices.plays_one() and not self.reports.holds

    def told_deadline(self) -> Instant | None:
        return None  # what is spoken of is not doubted

    def desired(self) -> dict[str, Value]:
        wanted: dict[str, Value] = {"voices": float(len(self.voices.wanted))}
        if lead := next(reversed(self.voices.wanted.values()), None):
            wanted |= {"state": "paused" if self.voices.paused else "playing", "clip": lead.clip, "level": lead.level}
        else:
            wanted |= {"state": "stopped"}
        wanted |= {f"{name}_bus" if name else "master": level for name, level in self._faders.items()}
        return wanted if self._muted is None else wanted | {"muted": self._muted}

    def _play(self, command: Tell, now: Instant) -> list[Output]:
        voice, level, fade = text(command, "voice"), number(command, "level"), number(command, "fade")
        at, loop = number(command, "at"), flag(command, "loop")
        self._outputs[voice] = text(command, "output")
        self._objects.pop(voice, None)
        self.voices.play(voice, text(command, "clip"), at, loop, level, fade, now)
        if bus := text(command, "bus"):
            self._through[voice] = bus
        else:
            self._through.pop(voice, None)
        return [*self._say_play(voice, self.voices.wanted[voice], at, fade), *self._say_bus(voice)]

    def _say_bus(self, voice: str) -> list[Output]:
        return self.tell("assign", "ss", voice, self._through[voice]) if voice in self._through else []

    def _say_fader(self, name: str, level: float, over: float, curve: str) -> list[Output]:
        return self.tell("bus", "sffs", name, level, over, curve) if name else self.tell("master", "ffs", level, over, curve)

    def _say_play(self, voice: str, thing: Wanted, at: float, fade: float) -> list[Output]:
        output = self._outputs.get(voice, "")
        return self.tell("play", "sssffif", voice, thing.clip, output, thing.level, fade, int(thing.loop), at)

    def _forget(self, voice: str) -> None:
        for kept in (self._outputs, self._objects, self._through):
            kept.pop(voice, None)

    def _report(self, now: Instant) -> list[Output]:
        lead = self.voices.lead()
        said: dict[str, object] = {"state": self.voices.state(), "clip": "", "level": 0.0, "position": 0.0}
        if lead is not None:
            said |= {"clip": lead[1].clip, "level": lead[1].level, "position": seconds_of(lead[1].position)}
        said["voices"] = len(self.voices.seen)
        return [*self.reports.say_all(said, now)]
