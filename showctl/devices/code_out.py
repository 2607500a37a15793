"""What all outputs of timecode have in common: the line of the clock whose time they tell, and what that is in frames.

The engine says the line (``engine/coding.py``); from then on every word has its own instant, reckoned from the line's beginning
in whole numbers, so that nothing drifts and a late waking makes one word late and none after it. A line that differs from the
one before by less than a frame is a correction: words go on, none twice. More is a jump.
"""

from __future__ import annotations

from typing import Final

from showctl.devices.driver import Connect, Health, Output, Outputs, Phase
from showctl.devices.heartbeat import Backoff, called, earliest
from showctl.engine.coding import line_of
from showctl.engine.commands import Tell
from showctl.light.clocks import Clock
from showctl.protocols.timecode import RATES, Rate, Timecode, frame_at, from_frames, to_nanoseconds
from showctl.show.codes import CodeOut
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import Instant

FARTHEST: Final = 1 << 53
"""Nanoseconds: more than a hundred days."""
FASTEST: Final = 4
"""Times the usual speed; past it there is nothing that anybody could read."""


class CodeDriver:
    """One output. A kind says its words: ``begin`` where code begins, jumps or stops, ``due`` as time passes."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.code = device.code or CodeOut()
        self.rate = rate_of(self.code)
        self.line: Clock | None = None
        self._up = False
        self._state = ""
        self._backoff = Backoff()
        self._connect_at: Instant | None = None
        self._now: Instant = 0

    # --- what a kind says ----------------------------------------------------------------------------------------------

    def begin(self, now: Instant) -> list[Output]:
        """Code is elsewhere from now on, or stands, or has ended (``line`` is None)."""
        raise NotImplementedError

    def corrected(self, now: Instant) -> None:
        """The line is another one, less than a frame apart: words go on."""

    def due(self, now: Instant) -> list[Output]:
        """What is to be said by now."""
        raise NotImplementedError

    def due_at(self) -> Instant | None:
        """When the next word is due."""
        raise NotImplementedError

    # --- for the kinds -------------------------------------------------------------------------------------------------

    @property
    def runs(self) -> bool:
        """Whether words follow one another."""
        return self.line is not None and 0 < self.line.num <= FASTEST * self.line.den

    def frame(self, now: Instant) -> int:
        """The frame that is on show, counted from the clock's zero."""
        assert self.line is not None
        return frame_at(self.line.local(now), self.rate)

    def label(self, frame: int) -> Timecode:
        """How that frame is written."""
        return from_frames(self.code.begins + frame, self.rate)

    def at(self, quarters: int) -> Instant | None:
        """When that quarter of a frame begins; None: never, as the clock stands."""
        assert self.line is not None
        local = -(-quarters * self.rate.den * 1_000_000_000 // (4 * self.rate.num))
        return self.line.due(local)

    # --- the contract --------------------------------------------------------------------------------------------------

    def start(self, now: Instant) -> Outputs:
        self._now = now
        if self.device.transport == "udp":
            return self.connected(now)
        return [Connect()]

    def command(self, command: Tell, now: Instant) -> Outputs:
        self._now = now
        if command.verb not in ("run", "halt"):
            return []
        try:
            line = line_of(command.instant, dict(command.arguments)) if command.verb == "run" else None
        except (ValueError, OverflowError):  # only the engine says this, and it says numbers
            return []
        if line is not None and (max(abs(line.position), line.num, line.den) > FARTHEST or line.num < 0):
            return []
        before, self.line = self.line, line
        if not self._up:
            return []
        if before is not None and line is not None and before.running and line.running:
            apart = abs(before.local(now) - line.local(now))
            if apart < to_nanoseconds(1, self.rate):
                self.corrected(now)
                return []
        return self.begin(now)

    def received(self, data: bytes, now: Instant) -> Outputs:  # noqa: ARG002
        return []

    def message(self, topic: str, payload: bytes, retained: bool, now: Instant) -> Outputs:  # noqa: ARG002
        return []

    def connected(self, now: Instant) -> Outputs:
        self._up, self._connect_at, self._now = True, None, now
        self._backoff.worked()
        datagrams = self.device.transport == "udp"
        is_so = ("unknown", "is sent code; nobody says whether it is heard") if datagrams else ("ok", "takes code")
        return [*self._become(is_so[0], f"{called(self.device)} {is_so[1]}."), *self.begin(now)]

    def lost(self, why: str, now: Instant) -> Outputs:
        self._up, self._now = False, now
        self._connect_at = now + self._backoff.next()
        return self._become("lost", f"{called(self.device)} {why}.")

    def wake(self, now: Instant) -> Outputs:
        self._now = now
        found: list[Output] = []
        if self._connect_at is not None and now >= self._connect_at:
            self._connect_at = None
            found.append(Connect())
        return found + self.due(now) if self._up else found

    def next_deadline(self) -> Instant | None:
        return earliest(self._connect_at, self.due_at() if self._up else None)

    def other_deadline(self) -> Instant | None:
        """When it wants waking for anything but its next word."""
        return self._connect_at

    def desired(self) -> dict[str, Value]:
        if self.line is None:
            return {"state": "off"}
        state = "running" if self.runs else "too fast" if self.line.running else "standing"
        return {"state": state, "code": str(self.label(self.frame(self._now))), "rate": self.rate.name}

    def reported(self) -> dict[str, Value]:
        return {}

    def heard(self) -> Instant | None:
        return None

    def phase(self) -> Phase:
        return Phase("idle") if self.line is None else Phase("done" if self._up else "acting")

    def _become(self, state: str, why: str) -> list[Output]:
        if state == self._state:
            return []
        self._state = state
        return [Health(state, why)]


def rate_of(code: CodeOut) -> Rate:
    """The rate at which it is sent."""
    return next(rate for rate in RATES.values() if (rate.num, rate.den, rate.drop) == (code.num, code.den, code.drop))
