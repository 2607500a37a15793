"""sACN out: headers built once in one buffer, levels and sequence numbers written into it, discovery, termination.

Standard: ANSI E1.31-2018. A universe without destinations is multicast; with them, each gets the same packet. The CID is
ours for good; the priority is the universe's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.protocols import sacn
from showctl.runtime.ports import Address
from showctl.runtime.wire.frames import Batch, batch_of
from showctl.runtime.wire.pacing import Pacing, places
from showctl.show.instants import SECOND, Duration, Instant
from showctl.show.patch import Protocol, Universe

DISCOVERY_INTERVAL: Final = sacn.DISCOVERY_INTERVAL_S * SECOND  # E1.31 Appendix A, E131_UNIVERSE_DISCOVERY_INTERVAL


class SacnOutput:
    """The sACN universes of a show. ``index`` are their places among all universes."""

    def __init__(
        self, universes: Sequence[Universe], continuous: NDArray[np.bool_], cid: bytes, source_name: str, port: int
    ) -> None:
        self.index = places(universes)
        self.pacing = Pacing(len(universes), continuous)
        self._universes = universes
        self._cid, self._name, self._port = cid, source_name, port
        self._buffer = np.zeros((len(universes), sacn.FULL_PACKET_SIZE), np.uint8)
        for row, universe in zip(self._buffer, universes, strict=True):
            header = sacn.build_data_header(
                cid,
                source_name,
                universe.number,
                priority=universe.priority,
                sync_address=universe.sync,
                sequence=255,  # the first packet is number 0
            )
            row[: sacn.HEADER_SIZE] = np.frombuffer(header, np.uint8)
        self._sync = np.array([universe.sync for universe in universes], np.int64)
        self._sync_sequence = dict.fromkeys(sorted({universe.sync for universe in universes} - {0}), 255)
        self._next_discovery: Instant | None = None
        self._destinations = [self._default(universe) for universe in universes]
        self._address()

    def route(self, universe: Universe, priority: int, hosts: Sequence[str]) -> None:
        """``universe`` goes to ``hosts`` from now on (none: multicast), with ``priority``."""
        row = self._universes.index(universe)
        self._buffer[row, sacn.PRIORITY_OFFSET] = priority
        self._destinations[row] = [(host, self._port) for host in hosts] or self._multicast(universe)
        self._address()
        self.pacing.again(row)

    def frame(self, slots: NDArray[np.uint8], now: Instant, resting: Duration | None = None) -> list[Batch]:
        """What goes out at ``now``; with ``resting``, only what has rested for so long and changed."""
        which = self.pacing.due(now) if resting is None else self.pacing.at_rest(now, resting)
        batches = []
        if len(which):
            self._buffer[which, sacn.SLOTS_OFFSET :] = slots[which]
            self.pacing.sent(which, slots, now)
            batches += self._send(which)
        if resting is None and len(self._universes) and (self._next_discovery is None or now >= self._next_discovery):
            self._next_discovery = now + DISCOVERY_INTERVAL
            batches.append(self._discovery())
        return batches

    def terminate(self) -> list[Batch]:
        """One packet for each universe that says: this stream ends. A stream ends with three of them (6.2.6)."""
        which = np.flatnonzero(self.pacing.last >= 0)
        if not len(which):
            return []
        self._buffer[which, sacn.OPTIONS_OFFSET] |= sacn.OPTION_TERMINATED
        return self._send(which)

    def next_due(self) -> Instant | None:
        """When a packet must go out although no level moves."""
        due = [self.pacing.next_due(), self._next_discovery]
        return min((instant for instant in due if instant is not None), default=None)

    def _send(self, which: NDArray[np.intp]) -> list[Batch]:
        self._buffer[which, sacn.SEQUENCE_OFFSET] += 1  # uint8: 255 is followed by 0
        if len(which) == len(self._universes) and self._one_each:
            rows, to, buffer = self._row_of_packet, self._to, self._buffer
        else:
            chosen = np.zeros(len(self._universes), np.bool_)
            chosen[which] = True
            packets = np.flatnonzero(chosen[self._row_of_packet])
            rows, to = self._row_of_packet[packets], [self._to[n] for n in packets]
            buffer = self._buffer[rows]
        batches = [Batch(Protocol.SACN, to, buffer, np.full(len(rows), sacn.FULL_PACKET_SIZE, np.int64))]
        if self._sync_sequence and (synced := sorted(set(self._sync[which].tolist()) - {0})):
            batches.append(batch_of(Protocol.SACN, [packet for address in synced for packet in self._synchronize(address)]))
        return batches

    def _synchronize(self, address: int) -> list[tuple[Address, bytes]]:
        sequence = self._sync_sequence[address] = (self._sync_sequence[address] + 1) & 0xFF
        data = sacn.encode(sacn.SyncPacket(self._cid, address, sequence))
        to: dict[Address, None] = {}
        for row in np.flatnonzero(self._sync == address).tolist():
            unicast = self._destinations[row] if self._destinations[row] != self._multicast(self._universes[row]) else ()
            to |= dict.fromkeys(unicast or [(sacn.multicast_group_v4(address), self._port)])
        return [(destination, data) for destination in to]

    def _discovery(self) -> Batch:
        pages = sacn.discovery_pages(self._cid, self._name, (universe.number for universe in self._universes))
        group = (sacn.multicast_group_v4(sacn.DISCOVERY_UNIVERSE), self._port)
        return batch_of(Protocol.SACN, [(group, sacn.encode(page)) for page in pages])

    def _default(self, universe: Universe) -> list[Address]:
        return [(host, self._port) for host in universe.destinations] or self._multicast(universe)

    def _multicast(self, universe: Universe) -> list[Address]:
        return [(sacn.multicast_group_v4(universe.number), self._port)]

    def _address(self) -> None:
        self._to = [to for destinations in self._destinations for to in destinations]
        self._row_of_packet = np.repeat(np.arange(len(self._destinations)), [len(to) for to in self._destinations])
        self._one_each = len(self._to) == len(self._destinations)
