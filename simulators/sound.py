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

    def on_up(self, now: Instant) -> None:
        super().on_up(now)
        self.muted = False
        self.objects.clear()

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
        self.play((voice, 0), output, clip, seconds_in(message, 6), message.truth(5, False), ramp, now)

    def _mute(self, on: bool) -> None:
        if on != self.muted:
            self.muted = on
            self.tell("muted", int(on))

    def tell_part(self, part: Part, state: str, now: Instant) -> None:
        if state == "stopped":
            self.objects.pop(part.key[0], None)
        position, level = seconds_of(part.clock.at(now)), round(part.level.at(now), 2)
        self.tell("voice", part.key[0], part.clock.clip, state, position, level)

    def tell_all(self, now: Instant) -> None:
        super().tell_all(now)
        self.tell("muted", int(self.muted))

    def truth(self, now: Instant) -> dict[str, Value]:
        known = self.about(self.latest(), now, "level")
        known |= {"muted": self.muted, "voices": float(len(self.parts))}
        for speaker in self._speakers:
            here = max((part for part in self.parts.values() if part.place == speaker), key=lambda part: part.order, default=None)
            known |= {f"{speaker}_{name}": value for name, value in self.about(here, now, "level").items()}
        return known


def _db(message: Message, index: int) -> float:
    return min(max(message.number(index), SILENT), 12.0)
