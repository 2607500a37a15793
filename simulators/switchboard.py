"""How things travel inside the venue: an agenda of what is due, the links, and what devices send to one another and outside.

Devices are asked for what they sent after everything that touches them; it goes over their link (``links.py``), out to the
controller, or through the broker to other devices, until all is quiet. What is delayed waits on the agenda with the devices'
own deadlines, in (instant, order) order, and happens at its own instant.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from showctl.show.instants import Instant
from simulators.device import Address, Outgoing, SimulatedBroker, SimulatedDevice
from simulators.links import FROM, TO, Link
from simulators.mqtt_side import MemoryBroker, MqttSide, NoBroker


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something for the controller. ``kind``: udp, stream, closed, serial or mqtt."""

    kind: str
    data: bytes = b""
    source: Address = ("", 0)
    destination: Address = ("", 0)
    stream: str = ""
    topic: str = ""
    retain: bool = False


class Switchboard:
    """The devices, their links, and everything under way between them."""

    def __init__(self, devices: Sequence[SimulatedDevice], seed: int, mqtt: MqttSide | None) -> None:
        self.devices: dict[str, SimulatedDevice] = {device.name: device for device in devices}
        assert len(self.devices) == len(devices), "names in the venue are unique"
        self._links = {name: Link(name, seed) for name in self.devices}
        self.touched = 0
        """Counts what has happened here: what was seen before is not what is seen now."""
        self._streams: dict[str, SimulatedDevice] = {}
        self._torn: dict[str, dict[str, None]] = {}
        """Connections that lost bytes on a link that is down, by device."""
        self._open_ports: dict[str, SimulatedDevice] = {}
        self._arrivals: list[Arrival] = []
        self._dirty: deque[SimulatedDevice] = deque()
        self._due: dict[str, Instant | None] = {}
        self._agenda: list[tuple[Instant, int, int, str | Callable[[Instant], None]]] = []
        self._rank = {name: n for n, name in enumerate(self.devices)}
        """At one instant devices have their turn in this order, whenever they asked for it; what was delayed comes last."""
        self._order = itertools.count()
        self._broker: SimulatedDevice | None = None
        self._memory: MemoryBroker | None = None
        broker = next((device for device in devices if hasattr(device, "attach")), None)
        if mqtt is None and broker is not None:
            self._broker = broker
            self._memory = MemoryBroker(
                cast(SimulatedBroker, broker),
                lambda: self._dirty.append(broker),
                self._at,
                lambda client: self._arrivals.append(Arrival("closed", stream=client)),
            )
        self._mqtt: MqttSide = mqtt or self._memory or NoBroker()

    # --- time -----------------------------------------------------------------------------------------------------

    def wake(self, now: Instant) -> None:
        """What is due by ``now`` happens, each thing at its instant."""
        while (due := self.next_deadline()) is not None and due <= now:
            what = heapq.heappop(self._agenda)[-1]
            if isinstance(what, str):
                self._due[what] = None
                self.devices[what].wake(due)
                self._dirty.append(self.devices[what])
            else:
                what(due)
            self._settle(due)

    def next_deadline(self) -> Instant | None:
        """When something in the venue happens next by itself."""
        while self._agenda:
            due, *_, what = self._agenda[0]
            if isinstance(what, str) and self._due.get(what) != due:
                heapq.heappop(self._agenda)  # it has changed its mind since
            else:
                return due
        return None

    # --- what comes back ------------------------------------------------------------------------------------------

    def take(self) -> list[Arrival]:
        """What was sent to the controller since the last call, in order."""
        arrivals, self._arrivals = self._arrivals, []
        return arrivals

    def _settle(self, now: Instant) -> None:
        """Carries what devices sent, and what that sets off in other devices, until all is quiet."""
        self.touched += 1
        for _ in range(100_000):
            if not self._dirty:
                return
            device = self._dirty.popleft()
            for what in device.take():
                self._carry(device, what, now)
            if device is self._broker and self._memory is not None:
                self._memory.broker_changed(now)
            due = device.next_deadline()
            if due != self._due.get(device.name):
                self._due[device.name] = due
                if due is not None:
                    heapq.heappush(self._agenda, (due, self._rank[device.name], next(self._order), device.name))
        raise AssertionError("the devices of the venue set one another off without end")

    def _carry(self, device: SimulatedDevice, what: Outgoing, now: Instant) -> None:
        link = self._links[device.name]
        match what.kind:
            case "udp":
                source = what.source or next(endpoint.address for endpoint in device.endpoints if endpoint.kind == "udp")
                for time in link.datagram(now, FROM):
                    self._deliver(Arrival("udp", link.carried(what.data, now, FROM), source, what.to), time, now)
            case "stream" | "serial":
                kind = "serial" if what.stream in self._open_ports or what.kind == "serial" else "stream"
                arrives = link.stream(f"from {what.stream}", now, FROM)
                if arrives is None:
                    self._torn.setdefault(device.name, {})[what.stream] = None
                self._deliver(Arrival(kind, link.carried(what.data, now, FROM), stream=what.stream), arrives, now)
            case "closed" if device is self._broker and self._memory is not None:
                if self._memory.drop(what.stream, now):
                    self._arrivals.append(Arrival("closed", stream=what.stream))
            case "closed":
                self._streams.pop(what.stream, None)
                self._open_ports.pop(what.stream, None)
                self._deliver(Arrival("closed", stream=what.stream), link.stream(f"from {what.stream}", now, FROM), now)
            case "joined":
                self._mqtt.joined(device, now)
            case "gone":
                self._mqtt.gone(device, now)
            case "mqtt" if device is self._broker and self._memory is not None:
                self._hand_out(what, now)
            case "mqtt":
                arrival = link.stream("to the broker", now, FROM)
                if arrival is not None and arrival <= now:
                    self._mqtt.publish(device, what, now)
                elif arrival is not None:
                    self._at(arrival, lambda then: self._mqtt.publish(device, what, then))
            case other:
                raise AssertionError(f"{device.name} sends {other!r}")

    def _hand_out(self, what: Outgoing, now: Instant) -> None:
        assert self._memory is not None
        assert self._broker is not None
        member = self._memory.member(what.stream)
        if member is None:
            arrival = Arrival("mqtt", what.data, stream=what.stream, topic=what.topic, retain=what.retain)
            self._deliver(arrival, self._links[self._broker.name].stream(f"from {what.stream}", now, FROM), now)
            return
        time = self._links[member.name].stream("from the broker", now, TO)
        if time is not None and time <= now:
            self._told(member, what, now)
        elif time is not None:
            self._at(time, lambda then: self._told(member, what, then))

    def _told(self, member: SimulatedDevice, what: Outgoing, now: Instant) -> None:
        member.message(what.topic, what.data, now)
        self._dirty.append(member)

    def _deliver(self, arrival: Arrival, time: Instant | None, now: Instant) -> None:
        if time is None:
            return
        if time <= now:
            self._arrivals.append(arrival)
        else:
            self._at(time, lambda _: self._arrivals.append(arrival))

    def _at(self, time: Instant, call: Callable[[Instant], None]) -> None:
        heapq.heappush(self._agenda, (time, len(self._rank), next(self._order), call))
