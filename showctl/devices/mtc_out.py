"""Timecode as MIDI: a full frame where code begins, jumps or stands, then quarter frames, each at its own instant.

Standard: MIDI Time Code (MMA RP-004/RP-008). Eight quarter frames say the label of the frame at which the first was sent, so they
begin at every second frame, counted from midnight. A waking that is late by more than two frames begins anew with a full frame.
"""

from __future__ import annotations

from typing import Final

from showctl.devices.code_out import CodeDriver
from showctl.devices.driver import Output, Send
from showctl.protocols.mtc import FRAMES_PER_ASSEMBLY, FullFrame, encode_full_frame, encode_quarter_frames
from showctl.show.devices import Device
from showctl.show.instants import Instant

PIECES: Final = 8


class MtcOut(CodeDriver):
    """One output of kind ``mtc_out``."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._next = 0
        """The quarter frame that is sent next, counted from the clock's zero."""

    def begin(self, now: Instant) -> list[Output]:
        if self.line is None:
            return []
        frame = self.frame(now)
        first = frame + 1
        first += (self.code.begins + first) % FRAMES_PER_ASSEMBLY
        self._next = 4 * first
        return [Send(encode_full_frame(FullFrame(self.label(frame))))]

    def due(self, now: Instant) -> list[Output]:
        at = self.due_at()
        if at is None or now < at:
            return []
        if 4 * (self.frame(now) - FRAMES_PER_ASSEMBLY) > self._next:
            return self.begin(now)
        found: list[Output] = []
        while at is not None and now >= at:
            place = (self._next + 4 * (self.code.begins % FRAMES_PER_ASSEMBLY)) % PIECES
            found.append(Send(encode_quarter_frames(self.label((self._next - place) // 4))[place]))
            self._next += 1
            at = self.due_at()
        return found

    def due_at(self) -> Instant | None:
        return self.at(self._next) if self.runs else None
