"""A simulated node: a box on the network with DMX outputs, hearing sACN and Art-Net for the universes it carries.

Its faults are every box's faults (``device.py``). When its power goes the cables go quiet and its fixtures do what the patch
says of the node a second later; after it has booted, nothing comes out until somebody sends.

Script words besides: ``preset store`` keeps what comes out now as the preset scene, ``preset 40`` makes it 40 % on every slot;
``ignores priority``, ``merges latest``, ``clings to sources`` give it bad manners, ``works`` ends them.
"""

# ruff: noqa: ARG002 - hooks take what the contract gives them

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from showctl.show.cues import Value
from showctl.show.instants import Instant
from showctl.show.patch import Node, Protocol, Universe
from simulators.device import Address, Box, Endpoint
from simulators.dmx_artnet import ARTNET_PORT, MERGE_TIMEOUT, ArtnetEar
from simulators.dmx_artnet import HEADER as ARTNET_HEADER
from simulators.dmx_port import Port, Table
from simulators.dmx_sacn import HEADER as SACN_HEADER
from simulators.dmx_sacn import NETWORK_DATA_LOSS, SACN_PORT, SacnEar, group_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


QUIRKS: Final = {"ignores priority": "priority", "merges latest": "latest", "clings to sources": "clings"}
"""Manners of boxes that are sold: each sender counts alike; who spoke last has it all; who was heard once is never lost."""
KNOWN: Final = f"preset store, preset 40, {', '.join(QUIRKS)} and works"


class Tables:
    """Where all nodes of a venue keep what they hear, one table for each protocol."""

    def __init__(self) -> None:
        self.sacn = Table(SACN_HEADER)
        self.artnet = Table(ARTNET_HEADER)

    def stale(self) -> None:
        """A box or a link changed: forget what was remembered about rows."""
        self.sacn.generation += 1
        self.artnet.generation += 1


class DmxNode(Box):
    """One node of the patch, with a port for each of its universes."""

    def __init__(
        self,
        node: Node,
        universes: list[Universe],
        tables: Tables | None = None,
        sacn_port: int = SACN_PORT,
        artnet_port: int = ARTNET_PORT,
    ) -> None:
        self.tables = tables or Tables()
        self.ports: dict[str, Port] = {}
        sacn: dict[int, Port] = {}
        artnet: dict[int, Port] = {}
        for universe in universes:
            if universe.protocol is Protocol.SACN:
                port = sacn[universe.number] = Port(universe.key, universe.number, self.tables.sacn, NETWORK_DATA_LOSS, node.loss)
            else:
                port = Port(universe.key, universe.number, self.tables.artnet, MERGE_TIMEOUT, node.loss)
                artnet[universe.number] = port
            self.ports[universe.key] = port
        self.sacn, self.artnet = SacnEar(sacn), ArtnetEar(node.name, node.address, artnet)
        self._artnet_port = artnet_port
        endpoints: list[Endpoint] = []
        if sacn:
            groups = [*(group_of(number) for number in sacn), *(group_of(u.sync) for u in universes if u.sync)]
            endpoints.append(Endpoint("udp", (node.address, sacn_port), tuple(dict.fromkeys(groups))))
        if artnet:
            endpoints.append(Endpoint("udp", (node.address, artnet_port), broadcast=True))
        super().__init__(node.name, tuple(endpoints))

    def on_datagram(self, source: Address, destination: Address, data: bytes | NDArray[np.uint8], now: Instant) -> None:
        if destination[1] == self._artnet_port:
            self.artnet.hear(data, source, now)
            for reply, to in self.artnet.take_replies():
                self.send(reply, to, (self.artnet.address, self._artnet_port))
        else:
            self.sacn.hear(data, now)

    def row_of(self, source: Address, destination: Address, data: NDArray[np.uint8], now: Instant) -> tuple[Port, int] | None:
        """Takes a packet in; the row it went to, if the next one like it may be stored there without a look (``dmx_batch``)."""
        if not self.powered or self._hung:
            self.datagram(source, destination, data.tobytes(), now)
            return None
        if destination[1] == self._artnet_port:
            found = self.artnet.hear(data, source, now)
            for reply, to in self.artnet.take_replies():
                self.send(reply, to, (self.artnet.address, self._artnet_port))
            ports = self.artnet.ports
        else:
            found, ports = self.sacn.hear(data, now), self.sacn.ports
        if found is None:
            return None
        return next(port for port in ports.values() if port.sources.get(found.id) is found), found.row

    def on_up(self, now: Instant) -> None:
        self.tables.stale()

    def on_down(self, now: Instant) -> None:
        self.sacn.forget()
        self.artnet.forget()
        for port in self.ports.values():
            port.power_lost(now)
        self.tables.stale()

    def act(self, words: str, now: Instant) -> None:
        super().act(words, now)
        self.tables.stale()

    def wake(self, now: Instant) -> None:
        super().wake(now)
        self.tables.stale()

    def on_act(self, words: str, now: Instant) -> None:
        text = " ".join(words.split())
        if text in QUIRKS or text == "works":
            for port in self.ports.values():
                port.expire(now)
                port.quirks = {*port.quirks, QUIRKS[text]} if text in QUIRKS else set()
            return
        match re.fullmatch(r"preset (store|\d+(?:\.\d+)?)\s*%?", text):
            case None:
                raise ValueError(f"{self.name} does not understand {words!r}; a node knows {KNOWN}")
            case match:
                for port in self.ports.values():
                    if match[1] == "store":
                        port.preset = port.slots(now).copy()
                    else:
                        port.preset = np.full(512, round(min(float(match[1]), 100) * 255 / 100), np.uint8)

    def truth(self, now: Instant) -> dict[str, Value]:
        for port in self.ports.values():
            port.expire(now)
        return {
            "sources": float(sum(len(port.sources) for port in self.ports.values())),
            "merging": any(port.merging() for port in self.ports.values()),
            "dark": float(sum(not port.sources for port in self.ports.values())),
            "refused": float(self.sacn.refused + self.artnet.refused),
        }
