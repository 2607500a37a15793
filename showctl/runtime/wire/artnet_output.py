"""Art-Net out: ArtDmx to those who subscribe, polls that find them, ArtSync where asked. Standard: Art-Net 4.

ArtDmx is unicast: to the destinations that the show names, otherwise to every node whose reply to a poll offers the
universe as an output. ``broadcast`` is a destination for old nodes, and only where the show asks for it. A node is known
by the address that its reply came from. What a node says is taken as it comes and bounded: the table holds so many, and a node
that stops answering is forgotten.

Whoever polls is answered as a controller answers: with the universes that we put onto the network, and with those that a
desk may send to us (``merge_in``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.protocols import artnet
from showctl.protocols.artnet_reply import GOOD_OUTPUT_MERGING, PollReply
from showctl.protocols.errors import ProtocolError, printable
from showctl.runtime.ports import Address
from showctl.runtime.receive.artnet_pages import STYLE_CONTROLLER, Identity, Ports, PortState, answers_to
from showctl.runtime.wire.drawing import Between, nothing
from showctl.runtime.wire.frames import Batch, batch_of
from showctl.runtime.wire.pacing import Pacing, places
from showctl.show.instants import SECOND, Duration, Instant
from showctl.show.patch import Protocol, Universe

POLL_INTERVAL: Final = 5 * SECOND // 2  # Art-Net 4, ArtPoll: every 2.5 to 3 s
REPLY_TIME: Final = 3 * SECOND  # Art-Net 4, ArtPollReply: a node answers within 3 s
NODE_TIMEOUT: Final = 2 * POLL_INTERVAL + REPLY_TIME
"""Silence after which a node is gone: three polls went out and none was answered; one lost datagram must not darken a stage."""
MAX_NODES: Final = 1024
MAX_ANSWERS: Final = 64
"""Pages that wait to be sent to those who poll."""
_POLL_FLAGS: Final = artnet.POLL_REPLY_ON_CHANGE | artnet.POLL_DIAGNOSTICS | artnet.POLL_DIAGNOSTICS_UNICAST


@dataclass(slots=True)
class NodeHeard:
    """A page of a node that answered: the universes it puts out, and when it last said so."""

    host: str
    bind_index: int
    name: str
    universes: tuple[int, ...]
    heard: Instant
    merging: bool = False
    """One of its outputs is fed by two sources, it says."""
    said: str = ""
    """Its last line of diagnostics, or what its node report complains of."""


class ArtnetOutput:
    """The Art-Net universes of a show. ``index`` are their places among all universes."""

    def __init__(
        self,
        universes: Sequence[Universe],
        continuous: NDArray[np.bool_],
        known: Sequence[str],
        broadcast: str,
        port: int,
        who: Identity | None = None,
        joining: Sequence[int] = (),
    ) -> None:
        """``joining``: Port-Addresses on which a desk may send to us."""
        self.index = places(universes)
        self.nodes: dict[tuple[str, int], NodeHeard] = {}
        self.refused = 0
        """Datagrams that were no Art-Net, or one node too many."""
        self._universes = universes
        self._port, self._known = port, tuple(known)
        self._who = who or Identity("0.0.0.0", "showctl", style=STYLE_CONTROLLER)
        self._ports = Ports({number: PortState() for number in joining}, tuple(universe.number for universe in universes))
        self._answers = 0
        self._due: list[tuple[Address, bytes]] = []
        self._next_poll: Instant | None = None
        self.polled: Instant = -1
        """When the last poll went out."""
        self._buffer = np.zeros((len(universes), artnet.FULL_PACKET_SIZE), np.uint8)
        for row, universe in zip(self._buffer, universes, strict=True):
            row[: artnet.HEADER_SIZE] = np.frombuffer(artnet.build_dmx_header(universe.number, universe.slots), np.uint8)
        self.pacing = Pacing(self._buffer[:, artnet.SLOTS_OFFSET :], continuous)
        self._sizes = np.array([artnet.HEADER_SIZE + u.slots + u.slots % 2 for u in universes], np.int64)
        self._sync = np.array([universe.sync != 0 for universe in universes], np.bool_)
        self._configured = [list(universe.destinations) for universe in universes]
        self._hosts: list[list[str]] = [[] for _ in universes]
        self.relinked(broadcast, self._who.ip)

    def relinked(self, broadcast: str, address: str) -> None:
        """The network has another broadcast address, or is there again: everybody is asked for anew, at once."""
        self._broadcast, self._who = broadcast, replace(self._who, ip=address)
        self._poll_to = [(host, self._port) for host in dict.fromkeys((broadcast, *self._known))]
        self._sync_to = (broadcast, self._port)
        self._next_poll = None
        self._subscribe()
        self.pacing.again(slice(None))

    def route(self, universe: Universe, hosts: Sequence[str]) -> None:
        """``universe`` goes to ``hosts`` from now on; none: to its subscribers."""
        self._configured[self._universes.index(universe)] = list(hosts)
        self._subscribe()

    def received(self, data: bytes, source: Address, now: Instant) -> artnet.Packet | None:
        """A datagram on the Art-Net port; gives what it was, None where it was no Art-Net. Nothing raises."""
        try:
            packet = artnet.decode(data)
        except ProtocolError:
            self.refused += 1
            return None
        match packet:
            case PollReply():
                self._heard(packet, source, now)
            case artnet.Poll():
                self._polled(packet, source)
            case artnet.DiagData():
                for node in self.nodes.values():
                    if node.host == source[0]:
                        node.said = printable(packet.text)
            case _:
                pass
        return packet

    def _heard(self, reply: PollReply, source: Address, now: Instant) -> None:
        key = (source[0], reply.bind_index)
        if key not in self.nodes and len(self.nodes) >= MAX_NODES:
            self.refused += 1
            return
        before = self.nodes.get(key)
        merging = any(good & GOOD_OUTPUT_MERGING for good in reply.good_output[: min(reply.num_ports, 4)])
        said = printable(reply.node_report) if _complains(reply.node_report) else before.said if before is not None else ""
        self.nodes[key] = NodeHeard(source[0], reply.bind_index, printable(reply.short_name), reply.outputs, now, merging, said)
        if before is None or before.universes != reply.outputs:
            self._subscribe()

    def _polled(self, poll: artnet.Poll, source: Address) -> None:
        """Answers go out with the next frame. Whoever polls faster than we answer is answered once."""
        if len(self._due) < MAX_ANSWERS and not any(to == source for to, _ in self._due):
            self._answers += 1
            self._due += ((source, data) for data in answers_to(poll, self._who, self._ports, self._answers))

    def take_over(self, older: ArtnetOutput) -> None:
        """Goes on where ``older`` is: what it knows of nodes, and its sequence numbers."""
        theirs = {universe.number: row for row, universe in enumerate(older._universes)}
        same = [(row, theirs[u.number]) for row, u in enumerate(self._universes) if u.number in theirs]
        for mine, row in same:
            self._buffer[mine, artnet.SEQUENCE_OFFSET] = older._buffer[row, artnet.SEQUENCE_OFFSET]
        self.pacing.take_over(older.pacing, same)
        self.nodes, self.refused = dict(older.nodes), older.refused
        self._subscribe()

    def frame(
        self, slots: NDArray[np.uint8], now: Instant, resting: Duration | None = None, between: Between = nothing
    ) -> list[Batch]:
        """What goes out at ``now``; with ``resting``, only what has rested for so long and changed."""
        batches = self.polls(now) if resting is None else []
        which = self.pacing.due(now) if resting is None else self.pacing.at_rest(now, resting)
        if len(which):
            self.pacing.sent(which, slots, now, between)
            batches.append(self._send(which))
            if self._sync[which].any():
                batches.append(batch_of(Protocol.ARTNET, [(self._sync_to, artnet.encode(artnet.Sync()))]))
        return batches

    def packets_of(self, row: int, slots: NDArray[np.uint8], _now: Instant) -> list[tuple[Address, bytes]] | None:
        """What universe ``row`` sends next if it is to show ``slots``; None where that is more than its levels."""
        if self._sync[row]:
            return None
        packet = self._buffer[row, : self._sizes[row]].copy()
        packet[artnet.SEQUENCE_OFFSET] = packet[artnet.SEQUENCE_OFFSET] % 255 + 1
        packet[artnet.SLOTS_OFFSET :] = slots[: len(packet) - artnet.SLOTS_OFFSET]
        data = packet.tobytes()
        return [((host, self._port), data) for host in self._hosts[row]]

    def left(self, row: int, slots: NDArray[np.uint8], now: Instant) -> None:
        """Those packets went out at ``now``."""
        self._buffer[row, artnet.SEQUENCE_OFFSET] = self._buffer[row, artnet.SEQUENCE_OFFSET] % 255 + 1
        self.pacing.left(row, slots, now)

    def next_due(self) -> Instant | None:
        """When a packet must go out although no level moves."""
        due = [self.pacing.next_due(), self._next_poll]
        return min((instant for instant in due if instant is not None), default=None)

    def polls(self, now: Instant) -> list[Batch]:
        """Answers to those who polled, and our own poll, when it is time for one."""
        answers, self._due = self._due, []
        batches = [batch_of(Protocol.ARTNET, answers)] if answers else []
        if not self._universes or (self._next_poll is not None and now < self._next_poll):
            return batches
        self._next_poll, self.polled = now + POLL_INTERVAL, now
        silent = [key for key, node in self.nodes.items() if now - node.heard > NODE_TIMEOUT]
        for key in silent:
            del self.nodes[key]
        if silent:
            self._subscribe()
        poll = artnet.encode(artnet.Poll(_POLL_FLAGS, artnet.DiagPriority.MEDIUM))
        return [*batches, batch_of(Protocol.ARTNET, [(to, poll) for to in self._poll_to])]

    def was_answered(self, now: Instant) -> None:
        """A poll that was due by ``now`` went out then, and was answered at once, as the last one was."""
        if self._next_poll is None or now < self._next_poll:
            return
        for node in self.nodes.values():
            if node.heard >= self.polled:
                node.heard = now
        self._next_poll, self.polled = now + POLL_INTERVAL, now

    def _send(self, which: NDArray[np.intp]) -> Batch:
        sequence = self._buffer[which, artnet.SEQUENCE_OFFSET]
        self._buffer[which, artnet.SEQUENCE_OFFSET] = sequence % 255 + 1  # ArtDmx: 1..255 and round again
        chosen = np.zeros(len(self._universes), np.bool_)
        chosen[which] = True
        packets = np.flatnonzero(chosen[self._row_of_packet])
        to = self._to if len(packets) == len(self._to) else [self._to[n] for n in packets]
        rows = self._row_of_packet[packets]
        return Batch(Protocol.ARTNET, to, self._buffer[rows], self._sizes[rows])

    def _subscribe(self) -> None:
        """Works out who gets what. A universe with a new listener is repeated as after a change."""
        offered: dict[int, dict[str, None]] = {}
        for node in self.nodes.values():
            for number in node.universes:
                offered.setdefault(number, {})[node.host] = None
        for row, universe in enumerate(self._universes):
            named = [self._broadcast if host == "broadcast" else host for host in self._configured[row]]
            hosts = named or sorted(offered.get(universe.number, ()))
            if set(hosts) - set(self._hosts[row]):
                self.pacing.again(row)
            self._hosts[row] = hosts
        self.pacing.audible[:] = [bool(hosts) for hosts in self._hosts]
        self._to = [(host, self._port) for hosts in self._hosts for host in hosts]
        self._row_of_packet = np.repeat(np.arange(len(self._hosts)), [len(hosts) for hosts in self._hosts])


_FINE: Final = ("0000", "0001", "0006", "0007", "0010")  # Art-Net 4, Table 3: debug, power-on passed, names set, factory reset


def _complains(report: str) -> bool:
    """Whether a NodeReport (``#xxxx [nnnn] words``) is about a fault."""
    return report[:1] == "#" and report[1:5] not in _FINE
