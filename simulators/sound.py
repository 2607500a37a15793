"""The sound player: voices that play clips to speakers, fade along curves of gain, and stand somewhere in the room.

docs/technicians/device-protocols.md, "Sound player". Its truth speaks of the voice that was started last, and
``SPEAKER_clip``, ``SPEAKER_state`` and ``SPEAKER_level`` of the last one on each speaker of the venue.
"""

from __future__ import annotations

from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import Instant, seconds_of
from showctl.show.show import Show
from simulators.media_player import MediaPlayer, Part
from simulators.osc_device import seconds_in
from simulators.osc_wire import Message
from simulators.playing import SILENT, SOUND_CURVES, Ramp, equal_power


class SoundPlayer(MediaPlayer):
    """See the page. Levels are dB, -120 is silence, +12 the most it can do."""

    prefix = "/sound"
    nothing = SILENT

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        super().__init__(device, show, seed)
        self._speakers = tuple(speaker.name for speaker in show.speakers if speaker.player == device.name)
        self.muted = False
        self.objects: dict[str, tuple[float, float, float]] = {}
        """Where each voice stands in the room."""
        self._buses = tuple(str(device.options.get("buses", "")).split())
        self.faders: dict[str, Ramp] = {}
        """Of the buses, and of the master (""); one that nobody moved is at 0 dB."""
        self.through: dict[str, str] = {}

    def on_up(self, now: Instant) -> None:
        super().on_up(now)
        self.muted = False
        self.objects.clear()
        self.faders.clear()
        self.through.clear()

    def on_osc(self, verb: str, message: Message, now: Instant) -> bool:
        match verb:
            case "play":
                self._play(message, now)
            case "fade":
                curve = SOUND_CURVES.get(message.text(3), equal_power)
                self.fade((message.text(0), 0), _db(message, 1), seconds_in(message, 2), now, curve)
            case "stop":
                self.stop((message.text(0), 0), seconds_in(message, 1), now, equal_power)
            case "object":
                if (message.text(0), 0) in self.parts:
                    self.objects[message.text(0)] = (message.number(1), message.number(2), message.number(3))
            case "assign":
                if (message.text(0), 0) in self.parts:
                    self._assign(message.text(0), message.text(1))
            case "bus":
                self._move_bus(message, now)
            case "master":
                self._move("", message, 0, now)
            case "pause":
                self.pause(message.truth(0), now)
            case "mute":
                self._mute(message.truth(0))
            case "silence":
                self.stop_all(seconds_in(message, 0), now, equal_power)
            case _:
                return False
        return True

    def _play(self, message: Message, now: Instant) -> None:
        voice, clip, output = message.text(0), message.text(1), message.text(2)
        if output and self._speakers and output not in self._speakers:
            self.tell_missing(f"no output {output}")
            return
        level, fade = _db(message, 3), seconds_in(message, 4)
        ramp = Ramp(SILENT if fade else level, level, now, fade, equal_power)
        self.through.pop(voice, None)
        self.play((voice, 0), output, clip, seconds_in(message, 6), message.truth(5, False), ramp, now)

    def _assign(self, voice: str, bus: str) -> None:
        if bus in self._buses:
            self.through[voice] = bus
        else:
            self.tell_missing(f"no bus {bus}")

    def _move_bus(self, message: Message, now: Instant) -> None:
        if message.text(0) in self._buses:
            self._move(message.text(0), message, 1, now)
        else:
            self.tell_missing(f"no bus {message.text(0)}")

    def _move(self, name: str, message: Message, first: int, now: Instant) -> None:
        source = self.faders[name].at(now) if name in self.faders else 0.0
        curve = SOUND_CURVES.get(message.text(first + 2), equal_power)
        self.faders[name] = Ramp(source, _db(message, first), now, seconds_in(message, first + 1), curve)
        self._tell_fader(name)

    def _tell_fader(self, name: str) -> None:
        """Where it is going: that is what its controller wants to know."""
        target = self.faders[name].target
        if name:
            self.tell("bus", name, target)
        else:
            self.tell("master", target)

    def loudness(self, part: Part, now: Instant) -> float:
        """What is heard of a voice: its own level, its bus's and the master's."""
        names = [name for name in (self.through.get(part.key[0], ""), "") if name in self.faders]
        levels = [part.level.at(now), *(self.faders[name].at(now) for name in dict.fromkeys(names))]
        return SILENT if min(levels) <= SILENT else max(sum(levels), SILENT)

    def _mute(self, on: bool) -> None:
        if on != self.muted:
            self.muted = on
            self.tell("muted", int(on))

    def tell_part(self, part: Part, state: str, now: Instant) -> None:
        if state == "stopped":
            self.objects.pop(part.key[0], None)
            self.through.pop(part.key[0], None)
        position, level = seconds_of(part.clock.at(now)), round(part.level.at(now), 2)
        self.tell("voice", part.key[0], part.clock.clip, state, position, level)

    def tell_all(self, now: Instant) -> None:
        super().tell_all(now)
        self.tell("muted", int(self.muted))
        for name in self.faders:
            self._tell_fader(name)

    def truth(self, now: Instant) -> dict[str, Value]:
        known = self.about(self.latest(), now, "level")
        known |= {"muted": self.muted, "voices": float(len(self.parts))}
        for speaker in self._speakers:
            here = max((part for part in self.parts.values() if part.place == speaker), key=lambda part: part.order, default=None)
            known |= {f"{speaker}_{name}": value for name, value in self.about(here, now, "level").items()}
            if here is not None:
                known[f"{speaker}_level"] = round(self.loudness(here, now), 2)
        for name in self._buses:
            known[f"{name}_bus"] = round(self.faders[name].at(now), 2) if name in self.faders else 0.0
        known["master"] = round(self.faders[""].at(now), 2) if "" in self.faders else 0.0
        return known


def _db(message: Message, index: int) -> float:
    return min(max(message.number(index), SILENT), 12.0)
