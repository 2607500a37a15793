"""Art-Net out: ArtDmx to those who subscribe, polls that find them, ArtSync where asked. Standard: Art-Net 4.

ArtDmx is unicast: to the destinations that the show names, otherwise to every node whose reply to a poll offers the
universe as an output. A node is known by the address that its reply came from. What a node says is taken as it comes and
bounded: the table holds so many, and a node that stops answering is forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.protocols import artnet
from showctl.protocols.artnet_reply import PollReply
from showctl.protocols.errors import ProtocolError
from showctl.runtime.ports import Address
from showctl.runtime.wire.frames import Batch, batch_of
from showctl.runtime.wire.pacing import Pacing, places
from showctl.show.instants import SECOND, Duration, Instant
from showctl.show.patch import Protocol, Universe

POLL_INTERVAL: Final = 5 * SECOND // 2  # Art-Net 4, ArtPoll: every 2.5 to 3 s
REPLY_TIME: Final = 3 * SECOND  # Art-Net 4, ArtPollReply: a node answers within 3 s
NODE_TIMEOUT: Final = 2 * POLL_INTERVAL + REPLY_TIME
"""Silence after which a node is gone: three polls went out and none was answered; one lost datagram must not darken a stage."""
MAX_NODES: Final = 1024


@dataclass(slots=True)
class NodeHeard:
    """A page of a node that answered: the universes it puts out, and when it last said so."""

    host: str
    bind_index: int
    name: str
    universes: tuple[int, ...]
    heard: Instant


class ArtnetOutput:
    """The Art-Net universes of a show. ``index`` are their places among all universes."""

    def __init__(
        self, universes: Sequence[Universe], continuous: NDArray[np.bool_], known: Sequence[str], broadcast: str, port: int
    ) -> None:
        self.index = places(universes)
        self.pacing = Pacing(len(universes), continuous)
        self.nodes: dict[tuple[str, int], NodeHeard] = {}
        self.refused = 0
        """Datagrams that were no Art-Net, or one node too many."""
        self._universes = universes
        self._port = port
        self._poll_to = [(host, port) for host in dict.fromkeys((broadcast, *known))]
        self._sync_to = (broadcast, port)
        self._next_poll: Instant | None = None
        self._buffer = np.zeros((len(universes), artnet.FULL_PACKET_SIZE), np.uint8)
        for row, universe in zip(self._buffer, universes, strict=True):
            row[: artnet.HEADER_SIZE] = np.frombuffer(artnet.build_dmx_header(universe.number), np.uint8)
        self._sync = np.array([universe.sync != 0 for universe in universes], np.bool_)
        self._configured = [list(universe.destinations) for universe in universes]
        self._hosts: list[list[str]] = [[] for _ in universes]
        self._subscribe()

    def route(self, universe: Universe, hosts: Sequence[str]) -> None:
        """``universe`` goes to ``hosts`` from now on; none: to its subscribers."""
        self._configured[self._universes.index(universe)] = list(hosts)
        self._subscribe()

    def received(self, data: bytes, source: Address, now: Instant) -> None:
        """A datagram on the Art-Net port. Only replies to polls matter here; nothing raises."""
        try:
            packet = artnet.decode(data)
        except ProtocolError:
            self.refused += 1
            return
        if not isinstance(packet, PollReply):
            return
        key = (source[0], packet.bind_index)
        if key not in self.nodes and len(self.nodes) >= MAX_NODES:
            self.refused += 1
            return
        before = self.nodes.get(key)
        self.nodes[key] = NodeHeard(source[0], packet.bind_index, packet.short_name, packet.outputs, now)
        if before is None or before.universes != packet.outputs:
            self._subscribe()

    def frame(self, slots: NDArray[np.uint8], now: Instant, resting: Duration | None = None) -> list[Batch]:
        """What goes out at ``now``; with ``resting``, only what has rested for so long and changed."""
        batches = self.polls(now) if resting is None else []
        which = self.pacing.due(now) if resting is None else self.pacing.at_rest(now, resting)
        if len(which):
            self._buffer[which, artnet.SLOTS_OFFSET :] = slots[which]
            self.pacing.sent(which, slots, now)
            batches.append(self._send(which))
            if self._sync[which].any():
                batches.append(batch_of(Protocol.ARTNET, [(self._sync_to, artnet.encode(artnet.Sync()))]))
        return batches

    def next_due(self) -> Instant | None:
        """When a packet must go out although no level moves."""
        due = [self.pacing.next_due(), self._next_poll]
        return min((instant for instant in due if instant is not None), default=None)

    def polls(self, now: Instant) -> list[Batch]:
        """The poll, when it is time for one."""
        if not self._universes or (self._next_poll is not None and now < self._next_poll):
            return []
        self._next_poll = now + POLL_INTERVAL
        silent = [key for key, node in self.nodes.items() if now - node.heard > NODE_TIMEOUT]
        for key in silent:
            del self.nodes[key]
        if silent:
            self._subscribe()
        poll = artnet.encode(artnet.Poll())
        return [batch_of(Protocol.ARTNET, [(to, poll) for to in self._poll_to])]

    def _send(self, which: NDArray[np.intp]) -> Batch:
        sequence = self._buffer[which, artnet.SEQUENCE_OFFSET]
        self._buffer[which, artnet.SEQUENCE_OFFSET] = sequence % 255 + 1  # ArtDmx: 1..255 and round again
        chosen = np.zeros(len(self._universes), np.bool_)
        chosen[which] = True
        packets = np.flatnonzero(chosen[self._row_of_packet])
        to = self._to if len(packets) == len(self._to) else [self._to[n] for n in packets]
        sizes = np.full(len(packets), artnet.FULL_PACKET_SIZE, np.int64)
        return Batch(Protocol.ARTNET, to, self._buffer[self._row_of_packet[packets]], sizes)

    def _subscribe(self) -> None:
        """Works out who gets what. A universe with a new listener is repeated as after a change."""
        offered: dict[int, dict[str, None]] = {}
        for node in self.nodes.values():
            for number in node.universes:
                offered.setdefault(number, {})[node.host] = None
        for row, universe in enumerate(self._universes):
            hosts = self._configured[row] or sorted(offered.get(universe.number, ()))
            if set(hosts) - set(self._hosts[row]):
                self.pacing.again(row)
            self._hosts[row] = hosts
        self.pacing.audible[:] = [bool(hosts) for hosts in self._hosts]
        self._to = [(host, self._port) for hosts in self._hosts for host in hosts]
        self._row_of_packet = np.repeat(np.arange(len(self._hosts)), [len(hosts) for hosts in self._hosts])
