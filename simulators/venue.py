"""The simulated venue: every device of a show on one set of virtual links, answering for what the audience would see.

It routes what the controller sends to the devices that hear it (datagrams by address, multicast group or broadcast; TCP, serial
and MQTT by name), breaks links and devices when a script says so, and tells the truth about all of it. How things travel
inside stands in ``switchboard.py``.

``open_venue`` is the entry point (``showctl.rigs``). The shape that the controller relies on is ``runtime.ports.Venue``; this
file does not import it, and a test has mypy compare the two.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from showctl.show.cues import Value
from showctl.show.instants import SECOND, Instant
from showctl.show.show import Show
from simulators.broken_lamps import BrokenLamps
from simulators.device import Address, Box, SimulatedDevice, Will
from simulators.dmx_artnet import ARTNET_PORT
from simulators.dmx_batch import Batches, Rows
from simulators.dmx_node import DmxNode, Tables
from simulators.dmx_port import Port
from simulators.dmx_sacn import SACN_PORT
from simulators.dmx_usbpro import UsbProWidget
from simulators.fixtures import Lights
from simulators.links import TO
from simulators.mqtt_side import MqttSide
from simulators.said_again import Retelling
from simulators.surroundings import Surroundings
from simulators.switchboard import Arrival, Switchboard
from simulators.tracker import Tracker
from simulators.wiring import devices_of

_TYPES = {bool: "truth", float: "number", int: "number", str: "text"}


def open_venue(folder: Path, seed: int = 0, show: Show | None = None) -> SimulatedVenue:
    """The venue of the show in ``folder`` (``show``, where it has been read already). UnreadableShow where there is none."""
    return SimulatedVenue(show or read_show(folder), seed)


def read_show(folder: Path) -> Show:
    """The show in ``folder``, or UnreadableShow with a line for each error."""
    from showctl.showfile import load  # heavy: YAML and its checks

    loaded = load(folder)
    if loaded.show is None:
        said = ((str(problem), f"    {problem.hint}" if problem.hint else "") for problem in loaded.errors)
        raise UnreadableShow("\n".join(line for lines in said for line in lines if line))
    return loaded.show


class UnreadableShow(ValueError):  # noqa: N818 - it reads as what it is
    """The folder holds no show; the text has the complaints of ``showctl check``."""


class SimulatedVenue(Switchboard):
    """Everything that stands in the venue, and the links to it."""

    def __init__(
        self,
        show: Show,
        seed: int = 0,
        sacn_port: int = SACN_PORT,
        artnet_port: int = ARTNET_PORT,
        mqtt: MqttSide | None = None,
    ) -> None:
        self.show = show
        self._tables = Tables()
        super().__init__(devices_of(show, seed, self._tables, sacn_port, artnet_port), seed, mqtt)
        self._heard_at: dict[Address, list[SimulatedDevice]] = {}
        self._broadcast: dict[int, list[SimulatedDevice]] = {}
        self._answers_at: dict[Address, SimulatedDevice] = {}
        self._plugged: dict[str, SimulatedDevice] = {}
        self._leaving_out: dict[Address, Tracker] = {}
        self._retelling: dict[str, Retelling] = {}
        """What devices say again and again, where it may be left out."""
        self._batches = Batches(artnet_port, (self._tables.sacn, self._tables.artnet))
        for device in self.devices.values():
            self._connect_cables(device)
        self._ports = self._ports_of_universes()
        self.lights = Lights(show, self._ports.get)
        self.surroundings = Surroundings(show, self.lights, self.devices, self._ports, lambda: self.touched)
        self._lamps = BrokenLamps(show, self.lights, self.surroundings)
        self._names: dict[str, str] = {}

    # --- time -----------------------------------------------------------------------------------------------------

    def start(self, now: Instant) -> None:
        """Power on, everything as in the morning."""
        for device in self.devices.values():
            device.start(now)
            self._dirty.append(device)
            self._settle(now)
        self._names = self._all_names(now)

    def wake(self, now: Instant) -> None:
        super().wake(now)
        for device in self._leaving_out.values():
            device.grid.passed = now
        for retelling in self._retelling.values():
            retelling.passed = now

    # --- streams that say nothing new -----------------------------------------------------------------------------

    def leave_out(self, destinations: Sequence[Address], tellers: Sequence[str] = ()) -> None:
        """From now on frames that say nothing new are left out: of light by the sender, of guests here (``leaving_out.py``).

        So are words with which ``tellers`` say again how they stand (``said_again.py``).
        """
        self._batches.leaves_out = True
        for device in self.devices.values():
            if isinstance(device, Tracker) and device.to in destinations and device.to not in self._leaving_out:
                device.leaves_out = True
                self._leaving_out[device.to] = device

        for name in tellers:
            if isinstance(box := self.devices[name], Box) and box.retelling is not None:
                box.retelling.cable, self._retelling[name] = self._links[name], box.retelling

    def says_again(self, device: str) -> bool:
        """``device`` says again and again how it stands, and that is left out for now."""
        return device in self._retelling and self._retelling[device].steady

    def said_again(self, device: str, now: Instant) -> Sequence[Instant]:
        """When by ``now`` ``device`` would have said again how it stands, since this was last asked."""
        return self._retelling[device].take(now) if device in self._retelling else ()

    def heed(self, device: str, now: Instant) -> None:
        """Whoever listens to ``device`` wants to hear again how it stands."""
        self._retelling[device].disturb(now)
        self._dirty.append(self.devices[device])
        self._settle(now)

    def goes_on(self, destination: Address) -> bool:
        """A stream to ``destination`` goes on, and says nothing new for now."""
        device = self._leaving_out.get(destination)
        return device is not None and device.grid.steady

    def want_next(self, destination: Address, now: Instant) -> None:
        """Whoever has just read what came to ``destination`` wants the next of it, though it may say nothing new."""
        device = self._leaving_out.get(destination)
        if device is not None:
            device.grid.want_next(now)
            self._dirty.append(device)
            self._settle(now)

    def left_out(self, destination: Address, now: Instant) -> Instant | None:
        """The last instant by ``now`` at which something to ``destination`` was left out."""
        device = self._leaving_out.get(destination)
        return None if device is None else device.grid.left_out(now)

    def nodes_changed(self) -> int:
        """Counts what happens to nodes and their links: while it stays, they answer a poll as they did the last one."""
        return self._tables.sacn.generation + self._tables.artnet.generation

    def answers_until(self, device: str) -> Instant | None:
        """Until when ``device`` answers what it was asked last at once as it did then, and does no more. None: it would not."""
        box = self.devices.get(device)
        return box.answers_until() if isinstance(box, Box) and self._links[device].good else None

    def gives_up_at(self, device: str) -> Instant | None:
        """When ``device`` gives up on who asks it, if it is not told until then that it ``was_asked``."""
        box = self.devices.get(device)
        return box.gives_up_at() if isinstance(box, Box) else None

    def was_asked(self, device: str, last: Instant) -> None:
        """``device`` was asked again and answered as before, the last time at ``last``: that was left out."""
        box = self.devices[device]
        if isinstance(box, Box):
            box.was_asked(last)
            self._dirty.append(box)
            self._settle(last)

    # --- datagrams ------------------------------------------------------------------------------------------------

    def datagram(self, source: Address, destination: Address, data: bytes, now: Instant) -> None:
        """One UDP packet from the controller."""
        for device in self._hearers(destination):
            self._bring(device, source, destination, data, now)
        self._settle(now)

    def packets(
        self, source: Address, destinations: Sequence[Address], buffer: NDArray[np.uint8], sizes: NDArray[np.int64], now: Instant
    ) -> None:
        """Many at once: row n of ``buffer``, ``sizes[n]`` bytes of it, goes to ``destinations[n]``."""
        where = tuple(destinations)
        if self._batches.short_way(source, where, buffer, sizes, now):
            self.touched += 1
            return
        went = [self._long_way(source, destination, buffer[n, : sizes[n]], now) for n, destination in enumerate(where)]
        self._batches.remember(source, where, buffer, went)
        self._settle(now)

    def _long_way(self, source: Address, destination: Address, packet: NDArray[np.uint8], now: Instant) -> Rows | None:
        """Every node reads the packet in full. The rows it went to, if the next one like it need not be read."""
        rows: list[tuple[Port, int] | None] = []
        for device in self._hearers(destination):
            if not isinstance(device, DmxNode) or not self._links[device.name].good:
                self._bring(device, source, destination, packet.tobytes(), now)
                rows.append(None)
            elif device.powered:
                rows.append(device.row_of(source, destination, packet, now))
                self._dirty.append(device)
        plain = [row for row in rows if row is not None]
        return tuple(plain) if len(plain) == len(rows) else None

    def _hearers(self, destination: Address) -> list[SimulatedDevice]:
        exact = self._heard_at.get(destination)
        if exact is not None:
            return exact
        return self._broadcast.get(destination[1], []) if destination[0].endswith(".255") else []

    def _bring(self, device: SimulatedDevice, source: Address, destination: Address, data: bytes, now: Instant) -> None:
        link = self._links[device.name]
        for time in link.datagram(now, TO):
            came = link.carried(data, now, TO)
            if time <= now:
                device.datagram(source, destination, came, now)
                self._dirty.append(device)
            else:
                self._at(time, lambda then, came=came: self._heard(device, source, destination, came, then))  # type: ignore[misc]

    def _heard(self, device: SimulatedDevice, source: Address, destination: Address, data: bytes, now: Instant) -> None:
        device.datagram(source, destination, data, now)
        self._dirty.append(device)

    # --- streams and serial ports ---------------------------------------------------------------------------------

    def connect(self, stream: str, destination: Address, now: Instant) -> bool:
        """The controller opens a TCP connection, and names it. False: refused or nobody there."""
        device = self._answers_at.get(destination)
        if device is None or self._links[device.name].down(now) or not device.connected(stream, now):
            return False
        self._streams[stream] = device
        self._dirty.append(device)
        self._settle(now)
        return stream in self._streams

    def stream(self, stream: str, data: bytes, now: Instant) -> None:
        """Bytes from the controller on an open connection."""
        self._write(self._streams.get(stream), stream, data, now)

    def close(self, stream: str, now: Instant) -> None:
        """The controller closed the connection or the serial port."""
        device = self._streams.pop(stream, None) or self._open_ports.pop(stream, None)
        if device is not None:
            device.closed(stream, now)
            self._dirty.append(device)
            self._settle(now)

    def open_serial(self, port: str, now: Instant) -> bool:
        """The controller opens a serial port. False: not plugged in."""
        device = self._plugged.get(port)
        if device is None or not device.connected(port, now):
            return False
        self._open_ports[port] = device
        return True

    def serial(self, port: str, data: bytes, now: Instant) -> bool:
        """Bytes from the controller to a serial port. False: it has been unplugged."""
        device = self._open_ports.get(port)
        if device is None or not device.powered:
            return False
        self._write(device, port, data, now)
        return True

    def _write(self, device: SimulatedDevice | None, stream: str, data: bytes, now: Instant) -> None:
        if device is None:
            return
        link = self._links[device.name]
        arrival, data = link.stream(f"to {stream}", now, TO), link.carried(data, now, TO)
        if arrival is None:
            self._torn.setdefault(device.name, {})[stream] = None
            return
        if arrival <= now:
            device.stream(stream, data, now)
        else:
            self._at(arrival, lambda then: self._read(device, stream, data, then))
        self._dirty.append(device)
        self._settle(now)

    def _read(self, device: SimulatedDevice, stream: str, data: bytes, now: Instant) -> None:
        device.stream(stream, data, now)
        self._dirty.append(device)

    # --- MQTT -----------------------------------------------------------------------------------------------------

    def mqtt_connect(self, client: str, will: Will | None, now: Instant) -> bool:
        """The controller connects to the broker. False: no broker there."""
        if self._memory is None or self._broker is None or self._links[self._broker.name].down(now):
            return False
        connected = self._memory.connect(client, will, now)
        self._settle(now)
        return connected

    def mqtt_subscribe(self, client: str, topic: str, now: Instant) -> None:
        """Retained messages on ``topic`` arrive at once, live ones from now on."""
        if self._memory is not None:
            self._memory.subscribe(client, topic, now)
            self._settle(now)

    def mqtt_publish(self, client: str, topic: str, payload: bytes, qos: int, retain: bool, now: Instant) -> None:
        """The controller publishes."""
        memory = self._memory
        if memory is None or self._broker is None:
            return
        arrival = self._links[self._broker.name].stream("to the broker", now, TO)
        if arrival is not None and arrival <= now:
            memory.say(client, topic, payload, qos, retain, now)
        elif arrival is not None:
            self._at(arrival, lambda then: memory.say(client, topic, payload, qos, retain, then))
        self._settle(now)

    def mqtt_message(self, name: str, topic: str, payload: bytes, now: Instant) -> None:
        """A message for one of the devices, from a broker outside (``live``)."""
        device = self.devices[name]
        device.message(topic, payload, now)
        self._dirty.append(device)
        self._settle(now)

    # --- scripts --------------------------------------------------------------------------------------------------

    def act(self, what: str, words: str, now: Instant) -> None:
        """A line of a script: ``what`` is set, fault, guests or press. ValueError says what is wrong with it."""
        name, _, rest = words.strip().partition(" ")
        match what:
            case "set" | "fault" if name == "link":
                name, _, rest = rest.strip().partition(" ")
                if name not in self._links:
                    raise ValueError(f"there is no device {name!r} to have a link")
                self._links[name].act(rest, now)
                if isinstance(box := self.devices[name], Box):
                    box.told_nothing()
                    box.stirred(now)
                    self._dirty.append(box)
                self._mend(self.devices[name], now)
                self._tables.stale()
                if isinstance(device := self.devices[name], Tracker):
                    device.disturb(now)
                    self._dirty.append(device)
            case "set" | "fault":
                self._act_on(name, rest.strip(), now)
            case "press":
                self._act_on(name, "press", now)
            case "guests":
                hearers = [device for device in self.devices.values() if device.hears_guests]
                if not hearers:
                    raise ValueError("nobody here can see guests: the show has no tracker")
                for device in hearers:
                    device.act(f"guests {words.strip()}", now)
                    self._dirty.append(device)
            case _:
                raise ValueError(f"{what!r} is nothing that a script does; it knows set, fault, guests and press")
        self._settle(now)

    def _act_on(self, name: str, words: str, now: Instant) -> None:
        device = self.devices.get(name) or self._plugged.get(name)
        if device is None and self._lamps.knows(name):
            self._lamps.act(name, words, now, self._at)
            return
        if device is None:
            raise ValueError(f"there is no device {name!r}; there are {', '.join(self.devices)}")
        if self._memory is None and hasattr(device, "attach"):
            raise ValueError(f"{name} is a real broker here, and not ours to break")
        device.act(words, now)
        self._dirty.append(device)

    def _mend(self, device: SimulatedDevice, now: Instant) -> None:
        """Connections that lost bytes while their link was out do not survive its return."""
        if self._links[device.name].down(now):
            return
        for stream in self._torn.pop(device.name, {}):
            if self._streams.pop(stream, None) is not None:
                device.closed(stream, now)
                self._arrivals.append(Arrival("closed", stream=stream))
                self._dirty.append(device)

    # --- the truth ------------------------------------------------------------------------------------------------

    def look(self, name: str, now: Instant) -> Value:
        """``fixture.parameter`` (percent or degrees), ``group.parameter`` (the mean), ``device.field``, or what
        ``surroundings.py`` says of zones and surfaces. KeyError for others."""
        whose, _, what = name.partition(".")
        device = self.devices.get(whose)
        if device is None or self.surroundings.knows(name):
            return self.surroundings.look(name, now) if self.surroundings.knows(name) else self.lights.look(name, now)
        return device.powered if what == "powered" else device.truth(now)[what]

    def meters(self, zones: Sequence[str]) -> Callable[[Instant], Sequence[float]]:
        """The light in each of ``zones`` (lux), for who looks often."""
        return self.surroundings.meters(zones)

    def names(self) -> Mapping[str, str]:
        """Every name that ``look`` knows, with its type: number, text or truth."""
        return self._names or self._all_names(0)

    def _all_names(self, now: Instant) -> dict[str, str]:
        found = dict.fromkeys(self.lights.names(), "number")
        for device in self.devices.values():
            found[f"{device.name}.powered"] = "truth"
            found |= {f"{device.name}.{field}": _TYPES[type(value)] for field, value in device.truth(now).items()}
        return self.surroundings.names | found

    def state(self, now: Instant) -> dict[str, Any]:
        """What ``GET /state`` answers (design section 6)."""
        return {
            "fixtures": self.lights.state(now),
            "devices": {
                device.name: {
                    "powered": device.powered,
                    "truth": device.truth(now),
                    "report": device.report(now),
                }
                for device in self.devices.values()
            },
            "universes": {key: _universe(port, now) for key, port in self._ports.items()},
            "pixels": self.lights.walls.state(now),
            **self.surroundings.state(now),
        }

    # --- cables ---------------------------------------------------------------------------------------------------

    def _connect_cables(self, device: SimulatedDevice) -> None:
        for endpoint in device.endpoints:
            match endpoint.kind:
                case "udp":
                    for host in (endpoint.address[0], *endpoint.groups):
                        self._heard_at.setdefault((host, endpoint.address[1]), []).append(device)
                    if endpoint.broadcast:
                        self._broadcast.setdefault(endpoint.address[1], []).append(device)
                case "tcp":
                    self._answers_at[endpoint.address] = device
                case "serial":
                    self._plugged[endpoint.name] = device
                case _:
                    pass
        if isinstance(device, UsbProWidget):
            self._plugged[device.universe.key] = device

    def _ports_of_universes(self) -> dict[str, Port]:
        """The port that the fixtures of each universe hang on: the first node's that carries it."""
        found: dict[str, Port] = {}
        for device in self.devices.values():
            if isinstance(device, DmxNode):
                for key, port in device.ports.items():
                    found.setdefault(key, port)
            elif isinstance(device, UsbProWidget):
                found[device.universe.key] = device.port
        return {universe.key: found[universe.key] for universe in self.show.patch.universes if universe.key in found}


def _universe(port: Port, now: Instant) -> dict[str, Any]:
    slots = port.slots(now)
    sources = sorted(port.sources.values(), key=lambda source: source.id)
    return {
        "sources": [
            {
                "name": source.name,
                "id": str(uuid.UUID(source.id)) if len(source.id) == 32 else source.id,
                "priority": source.priority,
                "age": (now - source.seen) / SECOND,
            }
            for source in sources
        ],
        "slots": slots.tolist(),
    }
