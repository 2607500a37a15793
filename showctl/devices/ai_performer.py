"""The AI performer: asks for a line within a deadline, and speaks the approved one where none came or it would not do.

OSC over UDP, prefix ``/ai`` (docs/technicians/device-protocols.md). The audience never waits for a machine: at the deadline
the line that the author approved is spoken. An answer is filtered first: not empty, at most 280 characters, nothing that a
voice cannot say, none of the words in the device's option ``blocked`` (separated by commas). ``line`` and ``source``
say what was spoken and whose it was: ``performer`` or ``approved``; ``answer`` is what it said, fit or not, ``why`` why it was
not spoken. The same over HTTP is ``ai_chat``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from showctl.devices.driver import Output
from showctl.devices.orders import NEVER, Orders
from showctl.devices.osc_talker import OscTalker
from showctl.devices.words import number, text
from showctl.engine.commands import Tell
from showctl.protocols import osc
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import Instant, seconds

LONGEST_LINE: Final = 280
LONGEST_REPORT: Final = 512


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, by when an answer counts, and what is spoken otherwise."""

    id: int
    deadline: Instant
    approved: str
    list: str


class AiPerformer(OscTalker):
    """One AI performer."""

    def __init__(self, device: Device) -> None:
        super().__init__(device, "/ai")
        self.orders = Orders(device, self.shows, {"ask": NEVER})
        self._question: Question | None = None
        self._last_id = 0
        self._spoken = ""
        self._blocked = blocked_words(str(device.options.get("blocked", "")))

    def perform(self, command: Tell, now: Instant) -> list[Output]:
        match command.verb:
            case "ask":
                within = number(command, "within")
                # The order is unique in the journal: an answer to a question from before a restart is told apart.
                self._last_id = max(self._last_id + 1, command.order) & 0x7FFFFFFF
                asker = "" if command.cue is None else command.cue.list
                self._question = Question(self._last_id, now + max(seconds(within), 0), text(command, "approved"), asker)
                return self.tell("ask", "isf", self._last_id, text(command, "prompt"), within)
            case "say":
                self._question = None
                return self._speak(text(command, "line"), "approved", now)
            case _:
                raise KeyError(command.verb)

    def understand(self, message: osc.Message, now: Instant) -> list[Output]:
        match message.address, message.arguments:
            case "/ai/line", (int(id_), str(line)):
                question = self._question
                if question is None or id_ != question.id or now > question.deadline:
                    return []
                answer = self.reports.say("answer", line[:LONGEST_REPORT], now)
                if not fit_to_say(line, self._blocked):
                    return [*answer, *self._fall_back(question, "it is not fit to be said", now)]
                return [*answer, *self._speak(line.strip(), "performer", now), *self.reports.say("why", "", now)]
            case "/ai/status", (str(state),) if state in ("idle", "thinking", "speaking"):
                return [*self.reports.say("state", state, now)]
            case _:
                return []

    def later(self, now: Instant) -> list[Output]:
        if self._question is None or now < self._question.deadline:
            return []
        return self._fall_back(self._question, "no answer came in time", now)

    def own_deadline(self) -> Instant | None:
        return self._question.deadline if self._question is not None else None

    def desired(self) -> dict[str, Value]:
        return {"line": self._spoken} if self._spoken else {}

    def shows(self, command: Tell) -> bool | None:
        return False if command.verb == "ask" and self._question is not None else None

    def _fall_back(self, question: Question, why: str, now: Instant) -> list[Output]:
        """The line that the author approved, and why."""
        said = self._speak(question.approved, "approved", now)
        failed = self.orders.refused("ask", why, "the approved line")
        return [*said, *self.reports.say("why", why, now), *failed]

    def _speak(self, line: str, source: str, now: Instant) -> list[Output]:
        self._spoken, self._question = line, None
        said = self.tell("say", "s", line)
        return [*said, *self.reports.say("line", line, now), *self.reports.say("source", source, now)]


def fit_to_say(line: str, blocked: tuple[str, ...] = ()) -> bool:
    """Whether a line may be spoken before guests.

    >>> fit_to_say("I dreamt of you."), fit_to_say(" "), fit_to_say("Damn fire", ("damn",)), fit_to_say("A dam", ("damn",))
    (True, False, False, True)
    """
    words = line.strip()
    if not words or len(words) > LONGEST_LINE or not all(letter.isprintable() or letter == "\n" for letter in words):
        return False
    plain = words.casefold()
    return not any(_holds(plain, word) for word in blocked)


def blocked_words(listed: str) -> tuple[str, ...]:
    """The words of the option ``blocked``."""
    return tuple(word.strip().casefold() for word in re.split("[,，、;\n]", listed) if word.strip())


def _holds(plain: str, word: str) -> bool:
    # Latin words stand by themselves; Chinese ones have no spaces around them.
    if word.isascii():
        return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", plain) is not None
    return word in plain
