"""How loud and how bright an mpv is: voice, bus and master in dB, opacity in percent, faded from here.

mpv knows no fades: it is told a volume and a contrast 25 times a second at most, and at the end of a fade the exact target.
"""

from __future__ import annotations

from typing import Final

from showctl.devices.heartbeat import earliest
from showctl.devices.mpv_deck import Words
from showctl.devices.ramp import SILENT, Steps, added, gain_of
from showctl.protocols import mpv
from showctl.show.instants import Duration, Instant

LAW: Final = "equal-power"
"""Of fades that name none: a voice that begins or ends."""
MOST_BUSES: Final = 64


class Levels:
    """The faders of one mpv. ``picture``: it has an opacity, too."""

    def __init__(self, picture: bool) -> None:
        self.voice, self.master, self.opacity = Steps(0.0), Steps(0.0), Steps(0.0)
        self.bus = ""
        """The bus that what plays goes through."""
        self._buses: dict[str, Steps] = {}
        self._picture = picture

    def begin(self, level: float, fade: Duration, now: Instant) -> None:
        """Something begins at ``level``, fading in."""
        self.voice.go(level, fade, now, LAW, source=SILENT if fade else level)
        self.opacity.go(100.0, fade, now, source=0.0 if fade else 100.0)

    def leave(self, fade: Duration, now: Instant) -> None:
        """What plays fades out."""
        self.voice.go(SILENT, fade, now, LAW)
        self.opacity.go(0.0, fade, now)

    def hide(self, now: Instant) -> None:
        """Nothing is to be seen: a clip stands ready."""
        self.opacity.go(0.0, 0, now)

    def fader(self, verb: str, name: str) -> Steps:
        """The fader that ``verb`` is about."""
        if verb == "bus":
            if name not in self._buses and len(self._buses) >= MOST_BUSES:
                self._buses.pop(next(iter(self._buses)))
            return self._buses.setdefault(name, Steps(0.0))
        return self.master if verb == "master" else self.voice

    def target(self) -> float:
        """How loud it will be when everything has arrived, in dB."""
        return added(*(fader.ramp.target for fader in self._row()))

    def again(self, now: Instant) -> None:
        """mpv has forgotten all of it."""
        for fader in self._all():
            fader.again(now)

    def due(self, now: Instant) -> Words:
        """What is to be said now."""
        words: Words = []
        if [fader for fader in (self.voice, self.master, *self._buses.values()) if fader.due(now) is not None]:
            loud = added(*(fader.ramp.at(now) for fader in self._row()))
            words.append(("set_property", "volume", round(mpv.volume_of(gain_of(loud)), 4)))
        if (opacity := self.opacity.due(now)) is not None and self._picture:
            words.append(("set_property", "contrast", mpv.contrast_of(opacity)))
        return words

    def next_deadline(self) -> Instant | None:
        return earliest(*(fader.next_deadline() for fader in self._all()))

    def _row(self) -> list[Steps]:
        """The faders that lie one behind the other."""
        through = self._buses.get(self.bus)
        return [self.voice, self.master, *([] if through is None else [through])]

    def _all(self) -> list[Steps]:
        return [self.voice, self.master, self.opacity, *self._buses.values()]
