"""Timecode as sound: 16-bit samples of one channel at 48 kHz, as linear timecode (SMPTE 12M-1).

The sound is a function of time: a sample sounds the half bit that is on show at its instant, the device's ``latency`` later, so
that code is in force when it is heard. Samples are counted from the instant at which the line was opened: 48,000 a second,
however late a waking. Where the other end says how many samples wait there, a sound card that runs up to 0.2 % fast or slow is
given as many as it takes, and code keeps its own time. What cannot be said in time is left out; while the clock stands, there is
silence.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.devices.code_out import CodeDriver
from showctl.devices.driver import Output, Outputs, Send
from showctl.protocols import ltc
from showctl.protocols.timecode import to_nanoseconds
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant

SAMPLES: Final = 48_000
CHUNK: Final = 960
"""Samples at a time: 20 ms."""
LATEST: Final[Duration] = 200 * MILLISECOND
HALVES: Final = 2 * ltc.BITS
LEVEL: Final = 11_600
"""Of 32,767: -9 dB."""
WAITING: Final = struct.Struct("<I")
"""What a link tells of the samples that wait at the other end."""
TARGET: Final = 2_400
MOST_APART: Final = 500
"""One sample in so many may be left out, or put in, to keep step with a sound card."""


class LtcOut(CodeDriver):
    """One output of kind ``ltc_out``."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._opened: Instant = 0
        self._said = 0
        """Samples of our clock since then."""
        self.waiting: int | None = None
        """Samples at the other end, where it says how many."""
        self._frames: dict[int, NDArray[np.int16]] = {}

    def connected(self, now: Instant) -> Outputs:
        self._opened, self._said, self.waiting = now, 0, None
        return super().connected(now)

    def received(self, data: bytes, now: Instant) -> Outputs:  # noqa: ARG002
        if len(data) >= WAITING.size:
            (self.waiting,) = WAITING.unpack_from(data)
        return []

    def begin(self, now: Instant) -> list[Output]:  # noqa: ARG002 - the next samples say it
        return []

    def due(self, now: Instant) -> list[Output]:
        until = (now - self._opened) * SAMPLES // SECOND
        if until - self._said > LATEST * SAMPLES // SECOND:
            self._said = until - CHUNK
        found: list[Output] = []
        while self._said + CHUNK <= until:
            found.append(Send(self._sound(self._said, self._said + CHUNK)))
            self._said += CHUNK
        return found

    def due_at(self) -> Instant | None:
        return self._opened - (-(self._said + CHUNK) * SECOND // SAMPLES)

    # --- sound -----------------------------------------------------------------------------------------------------------

    def _sound(self, first: int, last: int) -> bytes:
        """Our samples ``first`` to ``last``, as so many as the other end takes in that time."""
        count = last - first + self._to_keep_step(last - first)
        if self.line is None or not self.runs:
            return bytes(2 * count)
        begins, ends = (self._opened + sample * SECOND // SAMPLES + self.device.latency for sample in (first, last))
        since = np.arange(count, dtype=np.int64) * (ends - begins) // count
        pace = self.line.num / self.line.den  # a chunk is short: what a float leaves out is less than a nanosecond
        local = self.line.local(begins) + (since * pace).astype(np.int64)
        halves = self._half_bits(local)
        return halves.astype("<i2").tobytes()

    def _half_bits(self, local: NDArray[np.int64]) -> NDArray[np.int16]:
        """The sound at these instants of the clock, which are close together and ascend."""
        rate = self.rate
        frame = int(local[0]) * rate.num // (rate.den * SECOND)
        begins = to_nanoseconds(frame, rate)
        place = np.maximum((local - begins) * (HALVES * rate.num) // (rate.den * SECOND), 0)
        frames = range(frame, frame + int(place[-1]) // HALVES + 1)
        return np.concatenate([self._frame(number) for number in frames])[place]

    def _frame(self, frame: int) -> NDArray[np.int16]:
        """The half bits of a frame. The word's parity makes every frame begin alike, so a frame needs to know of no other."""
        known = self._frames.get(frame)
        if known is None:
            bits = np.fromiter(ltc.bits_of(ltc.encode(self.label(frame))), np.int16, ltc.BITS)
            flips = np.ones((ltc.BITS, 2), np.int16)
            flips[:, 1] = bits  # each bit begins with a change, a one has another in its middle
            known = np.where(np.cumsum(flips.ravel()) % 2, LEVEL, -LEVEL).astype(np.int16)
            if len(self._frames) > 8:
                self._frames.clear()
            self._frames[frame] = known
        return known

    def _to_keep_step(self, count: int) -> int:
        if self.waiting is None:
            return 0
        most = max(count // MOST_APART, 1)
        return max(-most, min((TARGET - self.waiting) // CHUNK, most))
