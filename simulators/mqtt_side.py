"""How the venue's devices and the controller meet on MQTT: through the show's simulated broker, in memory.

A device that is up joins by its own name, with its topics and its will; one whose power went vanishes, and the broker publishes
its will. Where the broker is away, devices try again every second and the controller is told that its client was closed.
Live, a real broker stands here instead (``live_mqtt.py``): the venue sees only ``MqttSide``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from showctl.show.instants import SECOND, Instant
from simulators.device import Outgoing, SimulatedBroker, SimulatedDevice, Will

TRY_AGAIN: Final = SECOND


class MqttSide(Protocol):
    """What the venue needs of a broker."""

    def joined(self, device: SimulatedDevice, now: Instant) -> None:
        """The device is up and wants to be a client."""

    def gone(self, device: SimulatedDevice, now: Instant) -> None:
        """The device vanished without a goodbye."""

    def publish(self, device: SimulatedDevice, what: Outgoing, now: Instant) -> None:
        """A device publishes."""


class NoBroker:
    """A show without MQTT."""

    def joined(self, device: SimulatedDevice, now: Instant) -> None:
        """Nobody to join."""

    def gone(self, device: SimulatedDevice, now: Instant) -> None:
        """Nobody misses it."""

    def publish(self, device: SimulatedDevice, what: Outgoing, now: Instant) -> None:
        """Nobody hears."""


class MemoryBroker:
    """The simulated broker, seen from the venue.

    ``collect`` says that the broker has something to deliver; ``at`` asks to be called later; ``closed`` tells the controller
    that its client is no more.
    """

    def __init__(
        self,
        broker: SimulatedBroker,
        collect: Callable[[], None],
        at: Callable[[Instant, Callable[[Instant], None]], None],
        closed: Callable[[str], None],
    ) -> None:
        self.broker = broker
        self._collect = collect
        self._at = at
        self._closed = closed
        self._members: dict[str, SimulatedDevice] = {}
        self._waiting: dict[str, SimulatedDevice] = {}
        self._clients: dict[str, None] = {}
        self._was_there = True
        self._again: Instant | None = None
        """When those who wait try again."""

    # --- devices --------------------------------------------------------------------------------------------------

    def joined(self, device: SimulatedDevice, now: Instant) -> None:
        endpoint = next(endpoint for endpoint in device.endpoints if endpoint.kind == "mqtt")
        if not self.broker.attach(device.name, endpoint.will, now):
            self._wait(device, now)
            return
        self._members[device.name] = device
        for topic in endpoint.topics:
            self.broker.subscribe(device.name, topic, now)
        self._collect()

    def gone(self, device: SimulatedDevice, now: Instant) -> None:
        self._waiting.pop(device.name, None)
        if self._members.pop(device.name, None) is not None:
            self.broker.detach(device.name, now, clean=False)
            self._collect()

    def publish(self, device: SimulatedDevice, what: Outgoing, now: Instant) -> None:
        if device.name in self._members:
            self.broker.publish(device.name, what.topic, what.data, 1, what.retain, now)
            self._collect()

    def member(self, client: str) -> SimulatedDevice | None:
        """The device that is the client of that name."""
        return self._members.get(client)

    # --- the controller -------------------------------------------------------------------------------------------

    def connect(self, client: str, will: Will | None, now: Instant) -> bool:
        """The controller connects."""
        if client in self._members or not self.broker.attach(client, will, now):
            return False
        self._clients[client] = None
        self._collect()
        return True

    def subscribe(self, client: str, topic: str, now: Instant) -> None:
        """The controller subscribes."""
        if client in self._clients:
            self.broker.subscribe(client, topic, now)
            self._collect()

    def say(self, client: str, topic: str, payload: bytes, qos: int, retain: bool, now: Instant) -> None:
        """The controller publishes."""
        if client in self._clients:
            self.broker.publish(client, topic, payload, qos, retain, now)
            self._collect()

    def drop(self, client: str, now: Instant) -> bool:
        """The broker ended that client. True where it was the controller's."""
        device = self._members.pop(client, None)
        if device is not None:
            self._wait(device, now)
        return self._clients.pop(client, "nobody") is None

    # --- the broker's own health ----------------------------------------------------------------------------------

    def broker_changed(self, now: Instant) -> None:
        """Looks whether the broker fell over: then every client loses it, and devices begin to try again."""
        there = self.broker.powered
        if self._was_there and not there:
            for client in list(self._clients):
                self._closed(client)
            self._clients.clear()
            for device in self._members.values():
                self._wait(device, now)
            self._members.clear()
        self._was_there = there

    def _wait(self, device: SimulatedDevice, now: Instant) -> None:
        """Until the next attempt, which is one for all that wait then."""
        self._waiting[device.name] = device
        if self._again is None:
            self._again = now + TRY_AGAIN
            self._at(self._again, self._try_again)

    def _try_again(self, now: Instant) -> None:
        self._again = None
        waiting, self._waiting = self._waiting, {}
        for device in waiting.values():
            if device.powered:
                self.joined(device, now)
