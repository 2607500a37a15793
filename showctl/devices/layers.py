"""Media servers with layers, of other makes: Resolume, Millumin, and any that OSC describes (``media_server``).

What they are told and tell stands in ``layer_words``; here are the manners. A clip is told to play on a layer, opacity is faded
from here, 25 values a second at most and the last one exact, a stop after its fade clears the layer. Over UDP they answer to a
port that is set at their end: the option ``listen`` is that port. Without it nothing is heard: such a device is never *lost*, and
nothing of it is known. The option ``clips`` names what they call our clips: ``moon=3 tide=4``; left out: our own names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from showctl.devices.driver import Output, Started
from showctl.devices.heartbeat import earliest
from showctl.devices.layer_words import Ear, Known, each, lines_of, number_in, said
from showctl.devices.osc_talker import OscTalker
from showctl.devices.playing import Playing
from showctl.devices.ramp import Steps
from showctl.devices.words import flag, number, text
from showctl.engine.commands import Tell
from showctl.protocols import osc
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import Duration, Instant, seconds, seconds_of

FULL: Final = 100.0
Key = tuple[str, int]
"""A surface and a layer."""


class Layers(OscTalker):
    """One media server."""

    def __init__(self, device: Device, lengths: Mapping[str, Duration | None]) -> None:
        super().__init__(device, "", answers="listen" in device.options or device.transport != "udp")
        self._lines = lines_of(device.kind.name, device.options)
        self._ears = {state: Ear(getattr(self._lines, state)) for state in ("playing", "paused", "stopped")}
        self.layers: Playing[Key] = Playing(dict(lengths))
        self._lengths = dict(lengths)
        pairs = [word.partition("=") for word in str(device.options.get("clips", "")).split()]
        self._called = {ours: theirs for ours, _, theirs in pairs if theirs}
        self._ours = {theirs: ours for ours, theirs in self._called.items()}
        self._faders: dict[Key, Steps] = {}
        self._clear_at: dict[Key, Instant] = {}
        self._clips: dict[Key, str] = {}
        """What was told to play last, on each layer."""

    # --- verbs -------------------------------------------------------------------------------------------------------

    def perform(self, command: Tell, now: Instant) -> list[Output]:
        match command.verb:
            case "play":
                return self._play(command, now)
            case "fade":
                key = _key(command)
                level, over = number(command, "opacity"), number(command, "over")
                self.layers.fade(key, level, over, now)
                self._fader(key).go(level, seconds(over), now)
            case "stop":
                return self._stop(_key(command), seconds(number(command, "fade")), now)
            case "pause":
                on = flag(command, "on")
                self.layers.pause(on, now)
                lines = self._lines.pause if on else self._lines.resume
                return [output for key in self.layers.wanted for output in self._line(lines, key)]
            case "blank":
                fade = seconds(number(command, "fade"))
                return [output for key in [*self._clips] for output in self._stop(key, fade, now)]
            case _:
                raise KeyError(command.verb)
        return self.later(now)

    def _play(self, command: Tell, now: Instant) -> list[Output]:
        key, clip, at = _key(command), text(command, "clip"), number(command, "at")
        fade = number(command, "fade")
        self.layers.play(key, clip, at, flag(command, "loop"), FULL, fade, now)
        self._clear_at.pop(key, None)
        self._clips[key] = clip
        self._fader(key).go(FULL, seconds(fade), now, source=0.0 if fade else FULL)
        level = self.later(now)  # before it is seen
        return [*level, *self._begin(key, at)]

    def _begin(self, key: Key, at: float) -> list[Output]:
        return [*self._line(self._lines.play, key, at), *(self._line(self._lines.seek, key, at) if at > 0 else [])]

    def _stop(self, key: Key, fade: Duration, now: Instant) -> list[Output]:
        self.layers.stop(key, now)
        if not fade:
            self._clear_at.pop(key, None)
            return self._clear(key, now)
        self._fader(key).go(0.0, fade, now)
        self._clear_at[key] = now + fade
        return self.later(now)

    def _clear(self, key: Key, now: Instant) -> list[Output]:
        said_ = self._line(self._lines.stop, key)
        if said_ and not self._lines.stopped and (seen := self.layers.seen.get(key)) is not None:
            self.layers.saw(key, seen.clip, "stopped", 0.0, 0.0, now)  # it has no word for that: ours is all there is
            said_ += self._report(now)
        return said_

    # --- what it says ------------------------------------------------------------------------------------------------

    def understand(self, message: osc.Message, now: Instant) -> list[Output]:
        for state, ear in self._ears.items():
            if (known := ear.hear(message.address, message.arguments)) is not None:
                return self._saw(state, known, now)
        return []

    def _saw(self, state: str, known: Known, now: Instant) -> list[Output]:
        key = self._meant(known)
        if key is None or (key not in self.layers.wanted and key not in self.layers.seen):
            return []
        before = self.layers.seen.get(key)
        theirs = str(known.get("clip", ""))
        clip = self._ours.get(theirs, theirs) or (before.clip if before is not None else self._clips.get(key, ""))
        if before is not None and "clip" not in known and state == "playing" and before.state == "paused":
            state = "paused"
        share, place, part = number_in(known, "share"), number_in(known, "at"), number_in(known, "part")
        if share is None and (percent := number_in(known, "percent")) is not None:
            share = percent / FULL
        length = self._lengths.get(clip)
        if place is None and part is not None:
            place = part * seconds_of(length) if length else 0.0
        if place is None and before is None:
            if share is not None:
                return []  # a fader that moves is no clip that plays
            place = 0.0
        if place is None and before is not None:
            place = seconds_of(before.position + (now - before.at if before.state == "playing" else 0))
        level = share * FULL if share is not None else before.level if before is not None else FULL
        if length and place is not None and place > seconds_of(length):
            place = seconds_of(length)
        self.layers.saw(key, clip, state, place or 0.0, level, now, settled=self.settled)
        return self._report(now)

    def _meant(self, known: Known) -> Key | None:
        """The layer that a message is about. Where it names no surface: the one that we told something there."""
        layer = number_in(known, "layer")
        for key in [*self._clips]:
            if ("surface" not in known or known["surface"] == key[0]) and (layer is None or layer == key[1]):
                return key
        return None

    def shows(self, command: Tell) -> bool | None:
        if command.verb != "play" or not self._answers:
            return None
        wanted, seen = self.layers.wanted.get(_key(command)), self.layers.seen.get(_key(command))
        clip = text(command, "clip")
        return wanted is None or wanted.clip != clip or (seen is not None and seen.clip == clip)

    # --- manners -----------------------------------------------------------------------------------------------------

    def ping_message(self) -> list[Output]:
        asked = [output for key in self.layers.wanted for output in self._line(self._lines.ask, key)]
        return asked or [output for line in each(self._lines.alive) for output in self._say(line, {})]

    def pings_at(self) -> Instant | None:
        """See ``OscTalker``; None also while something plays: the question whether it is there is then one of what it shows."""
        return None if self.layers.wanted else super().pings_at()

    def ask_state(self) -> list[Output]:
        return [output for key in self._clips for output in self._line(self._lines.ask, key)]

    def restore(self, now: Instant) -> list[Output]:
        found: list[Output] = []
        for key, thing, at in self.layers.missing(self.returned, now):
            self._clips[key] = thing.clip
            self._fader(key).go(thing.level, 0, now)
            found += [*self.later(now), *self._begin(key, at)]
            self.layers.sent_again(key, now)
        for key, thing in self.layers.off_level(now):
            self._fader(key).go(thing.level, 0, now)
        for key in self.layers.strays():
            found += self._line(self._lines.stop, key)
        return [*found, *self.later(now), *self._report(now)]

    def away(self) -> None:
        self.layers.forget_seen()

    def later(self, now: Instant) -> list[Output]:
        self.layers.prune(now)
        found: list[Output] = []
        for key, fader in self._faders.items():
            if (level := fader.due(now)) is not None:
                found += self._line(self._lines.opacity, key, level=level)
        for key in [key for key, instant in self._clear_at.items() if now >= instant]:
            del self._clear_at[key]
            found += self._clear(key, now)
        return found

    def own_deadline(self) -> Instant | None:
        return earliest(*(fader.next_deadline() for fader in self._faders.values()), *self._clear_at.values())

    def desired(self) -> dict[str, Value]:
        lead = next(reversed(self.layers.wanted.items()), None)
        if lead is None:
            return {"state": "stopped"}
        (surface, _), thing = lead
        state = "paused" if self.layers.paused else "playing"
        return {"state": state, "clip": thing.clip, "surface": surface, "opacity": thing.level}

    def last_start(self) -> Started | None:
        return self.layers.started

    # --- inside ------------------------------------------------------------------------------------------------------

    def _fader(self, key: Key) -> Steps:
        return self._faders.setdefault(key, Steps(0.0))

    def _line(self, lines: str, key: Key, at: float = 0.0, level: float = 0.0) -> list[Output]:
        clip = self._clips.get(key, "")
        length = self._lengths.get(clip)
        known: dict[str, str | float] = {
            "surface": key[0], "layer": key[1], "clip": self._called.get(clip, clip), "at": at, "share": round(level / FULL, 5),
            "percent": level, "part": at / seconds_of(length) if length else 0.0,
        }  # fmt: skip
        return [output for line in each(lines) for output in self._say(line, known)]

    def _say(self, line: str, known: Mapping[str, str | float]) -> list[Output]:
        try:
            address, arguments = said(line, known)
        except (KeyError, ValueError):  # a hole that nothing fills, a number that is none: the checker said so
            return []
        return self.say(address, *arguments)

    def _report(self, now: Instant) -> list[Output]:
        told: dict[str, object] = {"state": self.layers.state(), "clip": "", "surface": "", "position": 0.0, "opacity": 0.0}
        if lead := self.layers.lead():
            (surface, _), seen = lead
            told |= {
                "clip": seen.clip,
                "surface": surface,
                "position": seconds_of(seen.position),
                "opacity": round(seen.level, 2),
            }
        return [*self.reports.say_all(told, now)]


def _key(command: Tell) -> Key:
    return text(command, "surface"), round(number(command, "layer"))
