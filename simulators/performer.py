"""The AI performer: asked for a line, it answers in time, late, badly or never.

docs/technicians/device-protocols.md, "AI performer". Which of these it does is drawn from the seed: of a hundred questions 80 are
answered in time, 8 late, 6 badly (an empty line, or one longer than 280 characters) and 6 never. A script pins it. Speaking
takes a second for fifteen letters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import SECOND, Duration, Instant
from showctl.show.show import Show
from simulators.faults import read_duration
from simulators.osc_device import OscBox, seconds_in
from simulators.osc_wire import Message

LINES: Final = (
    "I carry the heat of every hand that fed me.",
    "You are warmer than I remember people.",
    "Listen: the stack is breathing with you.",
    "I dreamt of iron, and woke as light.",
    "我记得每一双手的温度。",
    "铁还没有冷，梦还没有完。",
)
RAMBLE: Final = "and then the furnace said " * 12
"""More than 280 characters."""


@dataclass(frozen=True, slots=True)
class Pin:
    """What a script told it to do with every question: ``text`` after ``delay``; None: never."""

    text: str | None
    delay: Duration = 0
    late: bool = False
    """``delay`` counts from the deadline."""


class Performer(OscBox):
    """See the page. ``answers "TEXT" after 1s``, ``never answers``, ``late 4s``, ``empty``, ``rambles``, ``free``."""

    prefix = "/ai"

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        super().__init__(device, show, seed)
        self.pin: Pin | None = None
        self._rest()

    def _rest(self) -> None:
        self.state, self.line, self.answered = "idle", "", ""
        self.asked = 0
        self._answer: tuple[Instant, int, str] | None = None
        self._spoken_at: Instant | None = None

    # --- verbs --------------------------------------------------------------------------------------------------------

    def on_osc(self, verb: str, message: Message, now: Instant) -> bool:
        match verb:
            case "ask":
                self.asked += 1
                text, delay = self._choose(seconds_in(message, 2, 2.5))
                self._answer = None if text is None else (now + delay, int(message.number(0)), text)
                self._become("thinking")
            case "say":
                self.line = message.text(0)
                self._spoken_at = now + max(SECOND, len(self.line) * SECOND // 15)
                self._become("speaking")
            case _:
                return False
        return True

    def _choose(self, within: Duration) -> tuple[str | None, Duration]:
        """The line and how long it takes; the same number of draws whatever is pinned, so that a pin moves nothing else."""
        draw, pace, line = self.chance.random(), self.chance.random(), self.chance.choice(LINES)
        if self.pin is not None:
            return self.pin.text, self.pin.delay + (within if self.pin.late else 0)
        in_time = int(within * (0.2 + 0.6 * pace))
        if draw < 0.80:
            return line, in_time
        if draw < 0.88:
            return line, within + int((0.2 + 4 * pace) * SECOND)
        if draw < 0.94:
            return ("" if pace < 0.5 else RAMBLE), in_time
        return None, 0

    def _become(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self.tell("status", state)

    # --- Box ----------------------------------------------------------------------------------------------------------

    def on_up(self, now: Instant) -> None:  # noqa: ARG002
        self._rest()

    def on_down(self, now: Instant) -> None:
        super().on_down(now)
        self._rest()

    def own_deadline(self) -> Instant | None:
        times = [self._spoken_at, None if self._answer is None else self._answer[0]]
        return min((time for time in times if time is not None), default=None)

    def on_wake(self, now: Instant) -> None:
        if self._answer is not None and now >= self._answer[0]:
            _, number, self.answered = self._answer
            self._answer = None
            self.tell("line", number, self.answered)
            if self.state == "thinking":
                self._become("idle")
        if self._spoken_at is not None and now >= self._spoken_at:
            self._spoken_at = None
            self._become("idle")

    def tell_all(self, now: Instant) -> None:  # noqa: ARG002
        self.tell("status", self.state)

    # --- what a script pins -------------------------------------------------------------------------------------------

    def on_act(self, words: str, now: Instant) -> None:  # noqa: ARG002
        if match := re.fullmatch(r"answers (?:\"(.*)\"|'(.*)'|(.*?))(?: after (\S+))?", words):
            text = next((group for group in match.groups()[:3] if group is not None), "")
            self.pin = Pin(text, read_duration(match[4]) if match[4] else SECOND)
        elif match := re.fullmatch(r"late (.+)", words):
            self.pin = Pin(LINES[0], read_duration(match[1]), late=True)
        elif words == "never answers":
            self.pin = Pin(None)
        elif words in ("empty", "rambles"):
            self.pin = Pin("" if words == "empty" else RAMBLE, SECOND)
        elif words == "free":
            self.pin = None
        else:
            raise ValueError(
                f'{self.name} does not understand {words!r}; it knows answers "TEXT" [after TIME], late TIME, never answers, '
                "empty, rambles and free"
            )

    # --- truth --------------------------------------------------------------------------------------------------------

    def truth(self, now: Instant) -> dict[str, Value]:  # noqa: ARG002
        source = "" if not self.line else "performer" if self.line == self.answered else "approved"
        return {"state": self.state, "line": self.line, "source": source, "asked": float(self.asked)}
