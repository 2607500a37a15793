"""A device of kind ``text``, made from the show folder's own description: the only one there can be of a thing nobody else knows.

It answers the declared questions with its fields and obeys the declared verbs: ``meanwhile`` at once, ``makes`` after ``takes``.
What it does not understand it answers with its refusal. It reads what arrives with patterns and cuts of its own, so that what
the controller gets wrong about a phrase shows. ``set NAME FIELD VALUE`` is a hand on the device, and it breaks in its own ways:

    refuse [for 5s]    every order is refused
    jam [for 5s]       takes orders, and gets nowhere
    split, merge       sends each answer byte by byte; holds each until there are two
    mended             ends all of these
    restart            begins again as in the morning; whoever was connected finds the line closed
"""

# ruff: noqa: ARG002 - hooks take what the contract gives them

from __future__ import annotations

import re
from typing import Final

from showctl.show.cues import Value
from showctl.show.devices import Device, Verb
from showctl.show.expressions import ValueType
from showctl.show.instants import Instant
from showctl.show.show import Show
from showctl.show.speech import ANYTHING, WHY, Frame, Phrase, Poll, Speech
from simulators.described_wire import Cutter
from simulators.device import Address, Box, Endpoint
from simulators.faults import read_duration

OWN: Final = ("ready", "phase", "why")
FAULTS: Final = ("refuse", "jam", "split", "merge")
_FAULT: Final = re.compile(rf"({'|'.join(FAULTS)})(?: for (.+))?")


class DescribedDevice(Box):
    """One device of kind ``text``."""

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        self.device, self.speech = device, device.speech or Speech(Frame("ends"))
        address = (device.host, device.port)
        endpoint = {
            "udp": Endpoint("udp", address),
            "serial": Endpoint("serial", name=device.host),
        }.get(device.transport, Endpoint("tcp", address))
        super().__init__(device.name, (endpoint,))
        self.fields: dict[str, Value] = {}
        self.heard = ""
        self.obeyed = 0
        self._faults: dict[str, Instant | None] = {}
        self._kept = b""
        self._cutters: dict[str, Cutter] = {}
        self._due: list[tuple[Instant, dict[str, Value]]] = []
        self._verbs = [(_pattern(verb.order.say), verb) for verb in device.kind.verbs.values() if verb.order is not None]
        self._polls = [(_pattern(poll.say), poll) for poll in self.speech.polls]
        self._told: dict[Poll, str] = {}
        """What it answered last to each of its questions."""

    # --- Box ------------------------------------------------------------------------------------------------------------

    def on_up(self, now: Instant) -> None:
        self.fields = {name: item.initial for name, item in self.device.kind.fields.items() if name not in OWN}
        self.heard, self.obeyed, self._due, self._kept = "", 0, [], b""
        self._told.clear()

    def on_down(self, now: Instant) -> None:
        self._cutters.clear()
        self._due.clear()
        self.fields = {name: item.initial for name, item in self.device.kind.fields.items() if name not in OWN}

    def on_datagram(self, source: Address, destination: Address, data: bytes, now: Instant) -> None:
        for said in Cutter(self.speech.frame).feed(data):
            if answer := self._answer(said, now):
                self.send(answer.encode("utf-8", "surrogateescape"), source)

    def on_connected(self, stream: str, now: Instant) -> bool:
        self._cutters[stream] = Cutter(self.speech.frame)
        return self.device.transport != "udp"

    def on_stream(self, stream: str, data: bytes, now: Instant) -> None:
        cutter = self._cutters.setdefault(stream, Cutter(self.speech.frame))
        answers = b"".join(cutter.wrap(answer) for said in cutter.feed(data) if (answer := self._answer(said, now)))
        if cutter.closes:
            self._cutters.pop(stream)
            self.hang_up(stream)
        elif self._has("split", now):
            for byte in answers:
                self.write(stream, bytes([byte]))
        elif answers and self._has("merge", now) and not self._kept:
            self._kept = answers
        elif answers or self._kept:
            answers, self._kept = self._kept + answers, b""
            self.write(stream, answers)

    def on_closed(self, stream: str, now: Instant) -> None:
        self._cutters.pop(stream, None)
        self._kept = b""

    def on_wake(self, now: Instant) -> None:
        due = [fields for at, fields in self._due if at <= now]
        self._due = [(at, fields) for at, fields in self._due if at > now]
        for fields in due:
            self._become(fields, now)

    def own_deadline(self) -> Instant | None:
        return min((at for at, _ in self._due), default=None)

    def on_act(self, words: str, now: Instant) -> None:
        if words == "restart":
            for stream in self.streams:
                self.hang_up(stream)
            self.on_down(now)
            self.on_up(now)
        elif match := _FAULT.fullmatch(words):
            self._faults[match[1]] = None if match[2] is None else now + read_duration(match[2])
        elif words == "mended":
            self._faults.clear()
        else:
            name, _, text = words.partition(" ")
            if name not in self.fields or not text:
                known = ", ".join((*self.fields, *FAULTS, "mended", "restart"))
                raise ValueError(f"{self.name} has no {name!r}; it knows {known}")
            value = _value(text, self.device.kind.fields[name].type)
            if value is None:
                raise ValueError(f"{text!r} is no {self.device.kind.fields[name].type.value} for {name}")
            self._become({name: value}, now)

    def truth(self, now: Instant) -> dict[str, Value]:
        fields = self.device.kind.fields
        own: dict[str, Value] = {"heard": self.heard, "obeyed": float(self.obeyed)}
        return own | {name: self.fields.get(name, item.initial) for name, item in fields.items() if name not in OWN}

    # --- what it does ---------------------------------------------------------------------------------------------------

    def _answer(self, said: str, now: Instant) -> str:
        """What it says to ``said``; nothing where it has nothing to say."""
        for asked, poll in self._polls:
            if asked.fullmatch(said):
                return self._said(poll)
        self.heard = said
        for ordered, verb in self._verbs:
            if found := ordered.fullmatch(said):
                return self._obey(verb, found.groupdict(), now)
        return self._refusal("what?")

    def _obey(self, verb: Verb, words: dict[str, str], now: Instant) -> str:
        order = verb.order
        assert order is not None
        if self._has("refuse", now):
            return self._refusal("not now")
        self.obeyed += 1
        made, meanwhile = (self._meant(which, words) for which in (order.makes, order.meanwhile))
        names = set(made) | set(meanwhile)
        self._due = [(at, fields) for at, fields in self._due if not names & set(fields)]
        self._become(meanwhile, now)
        if self._has("jam", now):
            pass
        elif order.takes:
            self._due.append((now + order.takes, made))
        else:
            self._become(made, now)
        if order.reply is None:
            return "200" if self.speech.frame.kind == "http" else ""
        return self._filled(order.reply)

    def _meant(self, made: tuple[tuple[str, Phrase], ...], words: dict[str, str]) -> dict[str, Value]:
        found = {name: _value(phrase.filled(words), self.device.kind.fields[name].type) for name, phrase in made}
        return {name: value for name, value in found.items() if value is not None}

    def _become(self, fields: dict[str, Value], now: Instant) -> None:
        """Fields change; what it says by itself of them, it says now."""
        changed = {name for name, value in fields.items() if self.fields.get(name) != value}
        self.fields |= fields
        if not changed or self.speech.frame.kind in ("datagram", "http"):
            return
        for phrase in self.speech.hears:
            if changed & set(phrase.holes):
                for stream in self.streams:
                    self.write(stream, Cutter(self.speech.frame).wrap(self._filled(phrase)))

    def _said(self, poll: Poll) -> str:
        said = self._filled(poll.reply)
        self._told[poll] = said if self.answers_well else ""
        return said

    def told_all(self) -> bool:
        spoken_to = bool(self.streams) or self.device.transport != "tcp"
        return spoken_to and not self._faults and all(self._told.get(poll) == self._filled(poll.reply) for _, poll in self._polls)

    def told_nothing(self) -> None:
        self._told.clear()

    def _filled(self, phrase: Phrase) -> str:
        http = self.speech.frame.kind == "http" and phrase.parts[0] == ("2", ANYTHING)
        return "200" if http else phrase.filled({name: self._word(name) for name in phrase.holes})

    def _word(self, name: str) -> str:
        value = self.fields.get(name, "")
        for wire, meaning in self.speech.words.get(name, {}).items():
            if meaning == value:
                return wire
        if isinstance(value, bool):
            return "1" if value else "0"
        return f"{value:.12g}" if isinstance(value, float) else value

    def _refusal(self, why: str) -> str:
        if self.speech.refuses is None:
            return "400 " + why if self.speech.frame.kind == "http" else ""
        return self.speech.refuses.filled(dict.fromkeys(self.speech.refuses.holes, why) | {WHY: why})

    def _has(self, fault: str, now: Instant) -> bool:
        if fault not in self._faults:
            return False
        until = self._faults[fault]
        return until is None or now < until


def _pattern(phrase: Phrase) -> re.Pattern[str]:
    return re.compile("(?s)" + "".join(re.escape(text) + (f"(?P<{hole}>.+?)" if hole else "") for text, hole in phrase.parts))


def _value(text: str, kind: ValueType) -> Value | None:
    match kind:
        case ValueType.NUMBER:
            return float(text) if re.fullmatch(r"\s*[-+]?\d+(\.\d+)?\s*", text) else None
        case ValueType.TRUTH:
            words = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}
            return words.get(text.strip().lower())
        case ValueType.TEXT:
            return text.strip()
