"""The rig in rehearsal: every driver and the input edge on virtual links to a simulated venue, in virtual time.

The live counterpart is ``live_rig.py``; the drivers, the edge and the bytes are the same. Everything arrives at the instant
at which it was sent. What the show's side sends is hashed, device by device in order, for the rehearsal's digest.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Container
from typing import Final, assert_never

from showctl.devices.code_out import CodeDriver
from showctl.devices.driver import (
    Close,
    Connect,
    Driver,
    Failed,
    Health,
    Listening,
    Noticing,
    Outputs,
    Polling,
    Publish,
    Report,
    Send,
    Subscribe,
    Tracked,
)
from showctl.devices.heartbeat import earliest
from showctl.devices.registry import driver_for
from showctl.devices.tracker import Tracker
from showctl.engine.commands import Tell
from showctl.engine.events import DeviceFailed, DeviceHealth, DeviceReported, Event
from showctl.protocols import osc
from showctl.protocols.artnet import timecode_in
from showctl.protocols.errors import ProtocolError
from showctl.runtime.edge import Edge
from showctl.runtime.edge_control import topic_matches
from showctl.runtime.ports import Address, Arrival, Venue
from showctl.show.devices import Device, notices_to
from showctl.show.instants import SECOND, Instant
from showctl.show.show import Show

HERE: Final = "127.0.0.1"
FIRST_PORT: Final = 40000
"""Device n is spoken to from port ``FIRST_PORT + n``."""
CLIENT: Final = "showctl"
BROKER_RETRY: Final = SECOND
STATUS: Final = ("showctl/status", b"offline", True)


class VirtualRig:
    """Drivers and edge of ``show``, wired to ``venue``. Events come out of ``events``, in order."""

    def __init__(self, show: Show, venue: Venue, artnet: Callable[[bytes, Address, Instant], None]) -> None:
        self.show, self.venue = show, venue
        self.edge = Edge(show)
        self.drivers: dict[str, Driver] = {device.name: driver_for(device, show) for device in show.devices}
        self._turn = {name: turn for turn, name in enumerate(self.drivers)}
        self.events: deque[Event] = deque()
        self.sent = hashlib.sha256()
        """Every byte that a driver sent, with its device and instant."""
        self._artnet = artnet
        self.since: Instant = 0
        """Hashed instants count from here."""
        self._port = {FIRST_PORT + device.index: device.name for device in show.devices}
        self._returns = {(device.host, device.space.returns): device.name for device in show.devices if device.space is not None}
        """Renderers of space answer to ports of their own choice."""
        self._ports = {device.host: device.name for device in show.devices if device.transport == "serial"}
        self._plugged: set[str] = set()
        """Devices whose serial port is open. What has no power has no port, as on real sockets."""
        self._notices = {(where, d.host): d.name for d in show.devices if (where := notices_to(d)) is not None}
        self._streams: dict[str, str] = {}
        """Each device's connection, by name: every one has a name of its own."""
        self._dialled: dict[str, int] = {}
        self._trackers = {(d.host, d.port): d.name for d in show.devices if d.kind.name == "tracker"}
        self._leaving_out: dict[str, Address] = {}
        """Streams of which nothing comes while they say nothing new, by driver."""
        self._leaves_out = False
        self._told: dict[str, Listening] = {}
        """Drivers whose devices may leave out what they say again and again."""
        self._unheard: dict[str, CodeDriver] = {}
        """Outputs of timecode that go on by themselves, and nobody looks at whoever reads them."""
        self._polling = {name: driver for name, driver in self.drivers.items() if isinstance(driver, Polling)}
        self._answered: dict[str, Instant] = {}
        """Drivers whose questions are left out, as they would be answered as before, and until when that is so."""
        self._woken: Instant = -1
        """Whatever was due up to here has been done, at this instant, too."""
        self._going_on: dict[str, None] = {}
        """Those of which that is so now: their drivers need no waking for silence, and are told when that matters."""
        self._topics: dict[str, list[str]] = {name: [] for name in self.drivers}
        self._brokers = [device for device in show.devices if device.kind.name == "broker"]
        self._broker_up: dict[str, bool] = {}
        self._retry: Instant | None = None
        self._deadlines: dict[str, Instant] = {}
        """When each driver wants waking: asked after every call of it."""

    def start(self, now: Instant) -> None:
        """Connects everything."""
        for name, driver in self.drivers.items():
            self._carry(name, driver.start(now), now)
        for name, driver in self.drivers.items():
            device = driver.device
            if device.transport == "udp" and device.kind.name != "tracker":
                self._carry(name, driver.connected(now), now)
        self._join_brokers(now)
        self.pump(now)

    def leave_out(self, looked_at: Container[str], unread: Container[str] = ()) -> None:
        """From now on frames of trackers that say nothing new are left out, and pings that would be answered at once.

        So are words of timecode, where its reader is none of the devices that are ``looked_at``, and those of the devices
        ``unread`` in which only that is new of which nobody makes anything (``unread.py``).
        """
        told = ((name, driver) for name, driver in self.drivers.items() if name in unread)
        self._told = {name: driver for name, driver in told if isinstance(driver, Listening)}
        codes = ((name, driver) for name, driver in self.drivers.items() if name not in looked_at)
        self._unheard = {name: driver for name, driver in codes if isinstance(driver, CodeDriver)}
        followed = {target.tracker for target in self.show.targets}  # where they are is read from every frame
        self._leaves_out = True
        self._leaving_out = {name: address for address, name in self._trackers.items() if name not in followed}
        self.venue.leave_out(tuple(self._leaving_out.values()), tuple(self._told))

    def tell(self, command: Tell, now: Instant) -> None:
        """A cue or a person asks a device."""
        self._carry(command.device, self._driver(command.device, now).command(command, now), now)

    def wake(self, now: Instant) -> None:
        """Whoever wants waking by now is woken."""
        self._woken = now
        if self._retry is not None and self._retry <= now:
            self._join_brokers(now)
        due = [name for name, deadline in self._deadlines.items() if deadline <= now]
        if len(due) > 1:
            due.sort(key=self._turn.__getitem__)
        for name in due:
            if name in self._going_on:
                self._catch_up(name, now)
            self._carry(name, self._driver(name, now).wake(now), now)
        deadline = self.edge.next_deadline()
        if deadline is not None and deadline <= now:
            for name in list(self._going_on):
                self._catch_up(name, now)
            self.events.extend(self.edge.wake(now))

    def next_deadline(self) -> Instant | None:
        return earliest(*self._deadlines.values(), self.edge.next_deadline(), self._retry)

    def pump(self, now: Instant) -> None:
        """Delivers what the venue has sent, and what follows from it, until nothing is under way."""
        for name, address in self._leaving_out.items():
            if self.venue.goes_on(address) != (name in self._going_on):
                self._catch_up(name, now)
        while arrivals := self.venue.take():
            for arrival in arrivals:
                self._arrive(arrival, now)

    def acted(self, now: Instant) -> None:
        """Something was done to the venue, which may keep devices from answering, or take away a port."""
        for name in list(self._answered):
            self._driver(name, now)
            self._note_deadline(name)
        for name in [name for name in self._plugged if not self.venue.look(f"{name}.powered", now)]:
            self._plugged.discard(name)
            self._carry(name, self.drivers[name].lost("is unplugged", now), now)

    # --- from the venue ----------------------------------------------------------------------------------------------

    def _arrive(self, arrival: Arrival, now: Instant) -> None:
        match arrival.kind:
            case "udp":
                self._datagram(arrival, now)
            case "stream" | "serial":
                if (name := self._spoken_on(arrival.stream)) in self.drivers:
                    self._carry(name, self._driver(name, now).received(arrival.data, now), now)
            case "closed":
                if (name := self._spoken_on(arrival.stream)) in self.drivers:
                    self._plugged.discard(name)
                    self._carry(name, self._driver(name, now).lost("closed the connection", now), now)
                elif arrival.stream == CLIENT:
                    self._leave_brokers("the broker closed the connection", now)
            case "mqtt":
                self._message(arrival, now)
            case _:
                pass

    def _spoken_on(self, stream: str) -> str:
        """Whose connection that is; "" where it is one that was given up before: what a hung device says there nobody hears."""
        if stream in self._ports:
            return name if (name := self._ports[stream]) in self._plugged else ""
        name = stream.partition("#")[0]
        return name if self._streams.get(name, stream) == stream else ""

    def _datagram(self, arrival: Arrival, now: Instant) -> None:
        port = arrival.destination[1]
        name = self._port.get(port) or self._returns.get((arrival.source[0], port))
        if name is None:
            tracker = self._trackers.get(arrival.destination)
            if tracker is not None:
                self._catch_up(tracker, now)
                self._carry(tracker, self.drivers[tracker].received(arrival.data, now), now)
            elif (noticed := self._notices.get((arrival.destination, arrival.source[0]))) is not None:
                if isinstance(driver := self.drivers[noticed], Noticing):
                    self._carry(noticed, driver.noticed(arrival.data, now), now)
            elif arrival.destination[1] == self.show.osc_port:
                self._control(arrival.data, arrival.source, now)
            elif (code := timecode_in(arrival.data)) is not None:
                self.events.extend(self.edge.artnet_timecode(code, arrival.source[0], now))
            else:
                self._artnet(arrival.data, arrival.source, now)
            return
        self._carry(name, self._driver(name, now).received(arrival.data, now), now)

    def _driver(self, name: str, now: Instant) -> Driver:
        """The driver, told of the answers and words that were left out by now."""
        if name in self._told:
            self._hears_again(name, now)
        if name in self._answered:
            by = now if self._woken >= now else now - 1
            last = self._polling[name].was_answered(min(by, self._answered[name] - 1))
            if last is not None:
                self.venue.was_asked(name, last)
        return self.drivers[name]

    def _hears_again(self, name: str, now: Instant) -> None:
        """Every word that was left out by now comes after the questions that were due by then."""
        driver = self._told[name]
        instants = self.venue.said_again(name, now)
        place = 0
        while place < len(instants):
            instant = instants[place]
            if name in self._answered:
                self._polling[name].was_answered(min(instant, self._answered[name] - 1))
            driver.hears_again(instant)
            between = place + 1 < len(instants) and driver.hears_evenly()
            place = len(instants) - 1 if between else place + 1
        if instants:
            driver.passed_on(now if self._woken >= now else now - 1)

    def _catch_up(self, name: str, now: Instant) -> None:
        """What a stream has left out by now was heard, at its instants: the last of them counts."""
        driver = self.drivers[name]
        if name not in self._leaving_out or not isinstance(driver, Tracker):
            return
        said, heard = self.venue.left_out(self._leaving_out[name], now), driver.heard()
        if said is not None and heard is not None and said > heard:
            self._carry(name, driver.again(said), said)
            self.edge.tracked_again(said, name)
        else:
            self._note_deadline(name)

    def _control(self, data: bytes, source: Address, now: Instant) -> None:
        try:
            packet = osc.decode(data)
        except ProtocolError:
            return
        for message in osc.flat(packet):
            self.events.extend(self.edge.osc(message.address, message.arguments, source, now))

    def _message(self, arrival: Arrival, now: Instant) -> None:
        for name, topics in self._topics.items():
            if any(topic_matches(pattern, arrival.topic) for pattern in topics):
                found = self.drivers[name].message(arrival.topic, arrival.data, arrival.retain, now)
                self._carry(name, found, now)
        self.events.extend(self.edge.mqtt(arrival.topic, arrival.data, arrival.retain, now))

    def _join_brokers(self, now: Instant) -> None:
        self._retry = None
        for broker in self._brokers:
            if self._broker_up.get(broker.name):
                continue
            if not self.venue.mqtt_connect(CLIENT, STATUS, now):
                self._carry(broker.name, self.drivers[broker.name].lost("no broker answers", now), now)
                self._retry = now + BROKER_RETRY
                continue
            self._broker_up[broker.name] = True
            topics = dict.fromkeys(topic for topics in self._topics.values() for topic in topics)
            for topic in (*topics, *self.edge.mqtt_topics()):
                self.venue.mqtt_subscribe(CLIENT, topic, now)
            for name, driver in self.drivers.items():
                if name == broker.name or driver.device.broker == broker.name:
                    self._carry(name, driver.connected(now), now)

    def _leave_brokers(self, why: str, now: Instant) -> None:
        for broker in self._brokers:
            self._broker_up[broker.name] = False
            for name, driver in self.drivers.items():
                if name == broker.name or driver.device.broker == broker.name:
                    self._carry(name, driver.lost(why, now), now)
        self._retry = now + BROKER_RETRY

    # --- to the venue ------------------------------------------------------------------------------------------------

    def _carry(self, name: str, outputs: Outputs, now: Instant) -> None:
        """What a driver's call returned is done at once."""
        driver = self.drivers[name]
        device = driver.device
        for output in outputs:
            match output:
                case Send(data=data):
                    self._hash(name, now, data)
                    if device.transport == "udp":
                        self.venue.datagram((HERE, FIRST_PORT + device.index), (device.host, device.port), data, now)
                    elif device.transport == "serial":
                        self.venue.serial(device.host, data, now)
                    else:
                        self.venue.stream(self._streams.get(name, name), data, now)
                case Publish(topic=topic, payload=payload, qos=qos, retain=retain):
                    self._hash(name, now, topic.encode() + b"\0" + payload)
                    self.venue.mqtt_publish(CLIENT, topic, payload, qos, retain, now)
                case Subscribe(topic=topic):
                    self._topics[name].append(topic)
                    if any(self._broker_up.values()):
                        self.venue.mqtt_subscribe(CLIENT, topic, now)
                case Connect():
                    if self._open(device, now):
                        self._carry(name, driver.connected(now), now)
                    else:
                        self._carry(name, driver.lost("takes no connection", now), now)
                case Close():
                    self.venue.close(device.host if device.transport == "serial" else self._streams.get(name, name), now)
                case Report(field=field, value=value):
                    self.events.append(DeviceReported(name, field, value))
                    self.events.extend(self.edge.reported(name, field, value, now))
                case Health(state=state, why=why):
                    self.events.append(DeviceHealth(name, state, why))
                case Failed():
                    self.events.append(DeviceFailed(name, output.verb, output.why, output.policy, output.list))
                case Tracked(tracks=tracks, others=others):
                    self.events.extend(self.edge.tracked(tracks, now, name, others))
                    if name in self._leaving_out and not self.edge.settled(name):
                        self.venue.want_next(self._leaving_out[name], now)
                case _:
                    assert_never(output)
        if name in self._told and self.venue.says_again(name) and self._told[name].heeds():
            self.venue.heed(name, now)
        self._note_deadline(name)

    def _open(self, device: Device, now: Instant) -> bool:
        if device.transport == "serial":
            opened = self.venue.open_serial(device.host, now)
            (self._plugged.add if opened else self._plugged.discard)(device.name)
            return opened
        self._dialled[device.name] = self._dialled.get(device.name, 0) + 1
        number = self._dialled[device.name]
        self._streams[device.name] = device.name if number == 1 else f"{device.name}#{number}"
        return self.venue.connect(self._streams[device.name], (device.host, device.port), now)

    def _note_deadline(self, name: str) -> None:
        driver = self.drivers[name]
        self._going_on.pop(name, None)
        self._answered.pop(name, None)
        if name in self._leaving_out and self.venue.goes_on(self._leaving_out[name]):
            self._going_on[name] = None
            deadline = driver.other_deadline() if isinstance(driver, Tracker) else None
        elif self._leaves_out and (until := self._answers_until(name)) is not None:
            self._answered[name] = until
            told = name in self._told and self.venue.says_again(name)
            other = self._told[name].deadline_while_told() if told else self._polling[name].other_deadline()
            deadline = earliest(other, until, self._is_asked_by(name))
        elif (code := self._unheard.get(name)) is not None:
            deadline = code.other_deadline()
        else:
            deadline = driver.next_deadline()
        if deadline is None:
            self._deadlines.pop(name, None)
        else:
            self._deadlines[name] = deadline

    def _answers_until(self, name: str) -> Instant | None:
        """Until when the questions of a driver would be answered as before; None where the next one must be asked."""
        driver = self._polling.get(name)
        asks = None if driver is None else driver.pings_at()
        if driver is None or asks is None or (until := self.venue.answers_until(name)) is None:
            return None
        anew = driver.asks_anew_at()
        until = until if anew is None else min(until, anew)
        return until if until > asks else None

    def _is_asked_by(self, name: str) -> Instant | None:
        """When a device is to be told at the latest that it was asked, so that it does not give up on us in the next second."""
        gives_up, asks = self.venue.gives_up_at(name), self._polling[name].pings_at()
        return None if gives_up is None or asks is None else max(gives_up - SECOND, asks)

    def _hash(self, name: str, now: Instant, data: bytes) -> None:
        self.sent.update(f"{name}\0{now - self.since}\0{len(data)}\0".encode() + data)
