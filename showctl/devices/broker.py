"""An MQTT broker as a device of the show: whether we are connected to it, and the words that we publish there ourselves.

The link keeps the connection (``runtime/links/mqtt.py``); this driver says what it means. Our will is ``showctl/status`` =
``offline``, retained; ``online`` is published, retained too, once everything is subscribed again. Raw messages of cues
(``mqtt: furnace/bell on room "ring"``) go out here, never retained and never late: while the broker is gone they are dropped.
"""

from __future__ import annotations

from typing import Final

from showctl.devices.driver import Failed, Output, Outputs, Phase, Publish
from showctl.devices.heartbeat import Heartbeat
from showctl.devices.orders import NEVER_LATE
from showctl.devices.reports import Reports
from showctl.engine.commands import Tell
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import Instant

STATUS_TOPIC: Final = "showctl/status"
ONLINE: Final = b"online"
OFFLINE: Final = b"offline"


class Broker:
    """One broker."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._beat = Heartbeat(device, patient=True)
        self._reports = Reports(device)
        self._up = False
        self._phase = Phase()

    def start(self, now: Instant) -> Outputs:
        self._beat.start(now)
        return []

    def command(self, command: Tell, now: Instant) -> Outputs:  # noqa: ARG002
        given = dict(command.arguments)
        topic, payload = given.get("topic"), given.get("payload", "")
        if not isinstance(topic, str) or not topic or any(letter in topic for letter in "+#\0"):
            return []
        self._phase = Phase("done") if self._up else Phase("failed", f"{command.verb}: {NEVER_LATE}")
        if not self._up:
            return [Failed(command.verb, NEVER_LATE, "skip", "" if command.cue is None else command.cue.list)]
        text = payload if isinstance(payload, str) else str(payload).lower() if isinstance(payload, bool) else f"{payload:.12g}"
        return [Publish(topic, text.encode("utf-8", "replace"), qos=1, retain=False)]

    def received(self, data: bytes, now: Instant) -> Outputs:  # noqa: ARG002
        return []

    def message(self, topic: str, payload: bytes, retained: bool, now: Instant) -> Outputs:  # noqa: ARG002
        self._beat.last = now
        return []

    def connected(self, now: Instant) -> Outputs:
        self._up = True
        self._beat.forgive()
        greeting: list[Output] = [Publish(STATUS_TOPIC, ONLINE, qos=1, retain=True)]
        return [*greeting, *self._reports.say("state", "online", now), *self._beat.heard(now)]

    def lost(self, why: str, now: Instant) -> Outputs:
        self._up = False
        return [*self._reports.say("state", "offline", now), *self._beat.broken(why, now)]

    def wake(self, now: Instant) -> Outputs:
        return [*self._beat.wake(now)]

    def next_deadline(self) -> Instant | None:
        return self._beat.next_deadline()

    def desired(self) -> dict[str, Value]:
        return {"state": "online"}

    def reported(self) -> dict[str, Value]:
        return self._reports.values()

    def heard(self) -> Instant | None:
        return self._beat.last

    def phase(self) -> Phase:
        return self._phase
