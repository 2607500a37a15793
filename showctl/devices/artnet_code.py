"""Timecode as ArtTimeCode packets (Art-Net 4): one as each frame begins; while the clock stands, its frame again and again.

There are four rates: 23.976 goes as 24 and 29.97 without drop as 30, and labels pass as slowly as they should.
"""

from __future__ import annotations

from typing import Final

from showctl.devices.code_out import FASTEST, CodeDriver
from showctl.devices.driver import Output, Send
from showctl.protocols.artnet import TimeCode, TimeCodeType, encode
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, Duration, Instant

HELD_EVERY: Final[Duration] = 250 * MILLISECOND
TYPES: Final = {
    (24, False): TimeCodeType.FILM_24,
    (25, False): TimeCodeType.EBU_25,
    (30, True): TimeCodeType.DROP_29_97,
    (30, False): TimeCodeType.SMPTE_30,
}


class ArtnetCode(CodeDriver):
    """One output of kind ``artnet_timecode``."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._next = 0
        """The frame that is said next."""
        self._held_at: Instant | None = None

    def begin(self, now: Instant) -> list[Output]:
        self._held_at = None
        return [] if self.line is None else self._say(now)

    def due(self, now: Instant) -> list[Output]:
        at = self.due_at()
        return self._say(now) if at is not None and now >= at else []

    def due_at(self) -> Instant | None:
        if self.line is None or self.line.num > FASTEST * self.line.den:
            return None
        return self.at(4 * self._next) if self.line.running else self._held_at

    def _say(self, now: Instant) -> list[Output]:
        """The newest frame; those that a late waking has missed are not made up for."""
        frame = self.frame(now)
        self._next, self._held_at = frame + 1, now + HELD_EVERY
        label = self.label(frame)
        kind = TYPES[self.rate.nominal, self.rate.drop]
        return [Send(encode(TimeCode(label.hours, label.minutes, label.seconds, label.frames, kind)))]

    def corrected(self, now: Instant) -> None:
        self._next = max(self._next, self.frame(now) + 1)
