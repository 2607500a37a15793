"""A device on an MQTT broker, with the verbs and fields that the show folder declares: a door, a gate, a lamp, a hazer's status.

Its topics stand in docs/technicians/device-protocols.md: ``{topic}/state`` carries fields as JSON, ``{topic}/online`` is its own
will, commands go to ``{topic}/set`` with an id, never retained, so that nothing happens days later or twice. The connection is
the broker's and is shared; while it is down nothing is queued: what should be is said again when the device is back.
"""

from __future__ import annotations

import json
import re
from typing import Final

from showctl.devices.driver import Health, Output, Outputs, Phase, Publish, Report, Subscribe
from showctl.devices.heartbeat import LOST_AFTER, called, earliest
from showctl.devices.orders import Orders
from showctl.devices.reports import Reports
from showctl.devices.wishes import Wishes
from showctl.devices.words import completed
from showctl.engine.commands import Tell
from showctl.show.cues import Value
from showctl.show.devices import Device, Verb
from showctl.show.instants import Instant

MOST_PAYLOAD: Final = 65536
ID: Final = "id"


class MqttDevice:
    """One device of kind ``mqtt``."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._reports = Reports(device)
        self._orders = Orders(device, lambda _: None)  # what a verb makes of the device is its own business
        self._wishes = Wishes(device)
        self._state = "unknown"
        self._up = False
        self._lost_at: Instant | None = None
        self._heard: Instant | None = None

    def start(self, now: Instant) -> Outputs:  # noqa: ARG002
        self._orders.taken_up()
        topics = {f"{self.device.topic}/state", f"{self.device.topic}/online"}
        topics |= {field.source for field in self.device.kind.fields.values() if field.source}
        return [Subscribe(topic) for topic in sorted(topics)]

    def command(self, command: Tell, now: Instant) -> Outputs:
        try:
            whole = completed(command, self.device)
        except KeyError:
            return []
        self._wishes.remember(whole, now)
        reached = self._up and self._state != "lost"
        sent = [*self._publish(whole), *self._orders.asked(whole, now, sent=reached)]
        return [*sent, *self._instead(now)]

    def received(self, data: bytes, now: Instant) -> Outputs:  # noqa: ARG002
        return []

    def message(self, topic: str, payload: bytes, retained: bool, now: Instant) -> Outputs:
        if len(payload) > MOST_PAYLOAD:
            return []
        if not retained:
            self._heard = now
        if topic == f"{self.device.topic}/online":
            return self._online(payload.strip().lower(), now)
        found: list[Output] = []
        if topic == f"{self.device.topic}/state":
            found += self._fields(payload, now)
        for field in self.device.kind.fields.values():
            if field.source == topic:
                found += self._reports.say(field.name, scalar(payload), now)
        if not retained and self._state == "unknown" and self._up:
            found += self._become("ok", f"{called(self.device)} is there.")
        return found

    def connected(self, now: Instant) -> Outputs:  # noqa: ARG002
        self._up, self._lost_at = True, None
        # Its retained word, which the broker sends us now, says whether it is there.
        return self._become("unknown", f"The broker is back; {called(self.device)} has not said yet that it is there.")

    def lost(self, why: str, now: Instant) -> Outputs:
        if not self._up:
            return []
        self._up, self._lost_at = False, now + LOST_AFTER
        return self._become("degraded", f"{called(self.device)} cannot be reached: its broker is gone ({why}).")

    def wake(self, now: Instant) -> Outputs:
        found: list[Output] = [*self._reports.wake(now)]
        if self._lost_at is not None and now >= self._lost_at:
            self._lost_at = None
            found += self._become("lost", f"{called(self.device)} is lost: its broker has been gone for {LOST_AFTER // 10**9} s.")
        _, failed = self._orders.wake(now)
        return [*found, *failed, *self._instead(now)]

    def next_deadline(self) -> Instant | None:
        return earliest(self._lost_at, self._reports.next_deadline(), self._orders.next_deadline())

    def desired(self) -> dict[str, Value]:
        newest = self._wishes.newest()
        return {} if newest is None else {"verb": newest.verb}

    def reported(self) -> dict[str, Value]:
        return self._reports.values()

    def heard(self) -> Instant | None:
        return self._heard

    def phase(self) -> Phase:
        return self._orders.phase()

    def _online(self, word: bytes, now: Instant) -> list[Output]:
        if word == b"offline":
            return self._become("lost", f"{called(self.device)} has gone offline.")
        if word != b"online":
            return []
        back = self._state != "ok"
        found = self._become("ok", f"{called(self.device)} is online.")
        if back:
            # The ids are those of before: a device that never noticed a thing passes them over.
            found += [output for command in self._wishes.again(now) for output in self._publish(command)]
            self._orders.look()
        return found

    def _instead(self, now: Instant) -> list[Output]:
        return [output for command in self._orders.stand_ins() for output in self.command(command, now)]

    def _fields(self, payload: bytes, now: Instant) -> list[Report]:
        read = parsed(payload)
        if not isinstance(read, dict):
            return []
        return [
            report
            for field in self.device.kind.fields.values()
            if not field.source and field.name in read
            for report in self._reports.say(field.name, read[field.name], now)
        ]

    def _publish(self, command: Tell) -> list[Output]:
        if not self._up:
            return []
        verb = self.device.kind.verbs[command.verb]
        topic = verb.address or f"{self.device.topic}/set"
        return [Publish(topic, payload_of(verb, command), qos=1, retain=False)]

    def _become(self, state: str, why: str) -> list[Output]:
        if state == self._state:
            return []
        self._state = state
        return [Health(state, why)]


def payload_of(verb: Verb, command: Tell) -> bytes:
    """The verb's payload with its arguments in it, and the command's id where it is a JSON object."""
    filled = re.sub(r"\{(\w+)\}", lambda found: _in_json(found, dict(command.arguments)), verb.payload)
    read = parsed(filled.encode("utf-8", "replace")) if filled else {"do": verb.name} | dict(command.arguments)
    if not isinstance(read, dict):
        return filled.encode("utf-8", "replace")
    given = read | {ID: f"{command.instant}.{command.order}"}
    return json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _in_json(found: re.Match[str], given: dict[str, Value]) -> str:
    """An argument as JSON; a text without its quotes, which the payload has already. What is no argument stays as it was."""
    value = given.get(found[1])
    if value is None:
        return found[0]
    word = json.dumps(value, ensure_ascii=False)
    return word[1:-1] if isinstance(value, str) else word


def parsed(payload: bytes) -> object:
    """The JSON in ``payload``; None where there is none."""
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None


def scalar(payload: bytes) -> object:
    """A JSON number, text or truth; anything else is plain text.

    >>> scalar(b"3"), scalar(b"true"), scalar(b'"on"'), scalar(b"open")
    (3, True, 'on', 'open')
    """
    read = parsed(payload)
    if isinstance(read, bool | int | float | str):
        return read
    try:
        return payload.decode("utf-8").strip()
    except UnicodeDecodeError:
        return None
