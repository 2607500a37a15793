"""sACN out: headers built once in one buffer, levels and sequence numbers written into it, discovery, termination.

Standard: ANSI E1.31-2018. A universe without destinations is multicast; with them, each gets the same packet. The CID is
ours for good; the priority is the universe's.

A universe that claims only what is patched also sends per-address priorities (start code 0xDD, as ETC documents it): the
universe's priority where there is a fixture, 0 where there is none. They follow the levels, so that control is taken by
levels first, and are kept alive. Both count on one sequence.

As a *preview* everything bears the preview bit: visualisers show it, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.protocols import sacn
from showctl.runtime.ports import Address
from showctl.runtime.wire.drawing import Between, nothing
from showctl.runtime.wire.frames import Batch, batch_of
from showctl.runtime.wire.pacing import KEEP_ALIVE, Pacing, places, span
from showctl.show.instants import SECOND, Duration, Instant
from showctl.show.patch import Protocol, Universe

PRIORITY_INTERVAL: Final = KEEP_ALIVE  # ETC per-address priority: 0xDD is kept alive as levels are, each second at the latest
DISCOVERY_INTERVAL: Final = sacn.DISCOVERY_INTERVAL_S * SECOND  # E1.31 Appendix A, E131_UNIVERSE_DISCOVERY_INTERVAL


_WORTH_KEEPING: Final = 16
"""Universes of a frame from which on the list of its packets is kept."""


@dataclass(frozen=True, eq=False, slots=True)
class _Some:
    """Universes that were sent together, and the room for their packets."""

    which: NDArray[np.intp]
    rows: NDArray[np.intp]
    to: list[Address]
    buffer: NDArray[np.uint8]
    sizes: NDArray[np.int64]


class SacnOutput:
    """The sACN universes of a show. ``index`` are their places among all universes."""

    def __init__(
        self,
        universes: Sequence[Universe],
        continuous: NDArray[np.bool_],
        cid: bytes,
        source_name: str,
        port: int,
        patched: Mapping[str, NDArray[np.bool_]] | None = None,
        preview: bool = False,
    ) -> None:
        """``patched``: universe key -> which of its slots belong to a fixture."""
        self.index = places(universes)
        self._universes = universes
        self._cid, self._name, self._port = cid, source_name, port
        self._buffer = np.zeros((len(universes), sacn.FULL_PACKET_SIZE), np.uint8)
        for row, universe in zip(self._buffer, universes, strict=True):
            header = sacn.build_data_header(
                cid,
                source_name,
                universe.number,
                slot_count=universe.slots,
                priority=universe.priority,
                sync_address=universe.sync,
                sequence=255,  # the first packet is number 0
                options=sacn.options_of(preview=preview),
            )
            row[: sacn.HEADER_SIZE] = np.frombuffer(header, np.uint8)
        self.pacing = Pacing(self._buffer[:, sacn.SLOTS_OFFSET :], continuous)
        self._sizes = np.array([sacn.HEADER_SIZE + universe.slots for universe in universes], np.int64)
        self._claims = {
            row: (patched or {}).get(universe.key, np.zeros(sacn.MAX_SLOTS, np.bool_))
            for row, universe in enumerate(universes)
            if universe.claim == "patched"
        }
        self._claimed = np.full(len(universes), -(1 << 60), np.int64)
        """When each universe's priorities were last sent."""
        self._counted: set[int] = set()
        """Universes whose priorities have taken a sequence number that the buffer does not know of."""
        if preview:
            self.pacing.audible[:] = ~continuous  # what can hurt is never shown to anybody as a preview
        self._sync = np.array([universe.sync for universe in universes], np.int64)
        self._sync_sequence = dict.fromkeys(sorted({universe.sync for universe in universes} - {0}), 255)
        self._next_discovery: Instant | None = None
        self._some: _Some | None = None
        self._destinations = [self._ways(universe, universe.destinations) for universe in universes]
        self._address()

    def route(self, universe: Universe, priority: int, hosts: Sequence[str]) -> None:
        """``universe`` goes to ``hosts`` from now on (none: multicast), with ``priority``."""
        row = self._universes.index(universe)
        self._buffer[row, sacn.PRIORITY_OFFSET] = priority
        self._destinations[row] = self._ways(universe, hosts)
        self._claimed[row] = -(1 << 60)
        self._address()
        self.pacing.again(row)

    def relinked(self) -> None:
        """The network is there again: everybody hears everything anew, and who we are."""
        self._next_discovery = None
        self._claimed[:] = -(1 << 60)
        self.pacing.again(slice(None))

    def frame(
        self, slots: NDArray[np.uint8], now: Instant, resting: Duration | None = None, between: Between = nothing
    ) -> list[Batch]:
        """What goes out at ``now``; with ``resting``, only what has rested for so long and changed."""
        which = self.pacing.due(now) if resting is None else self.pacing.at_rest(now, resting)
        batches = []
        if len(which):
            self.pacing.sent(which, slots, now, between)
            batches += self._send(which)
            if self._claims and (claims := self._claim(which, now)):
                batches.insert(1, batch_of(Protocol.SACN, claims))  # after the levels, before what synchronizes both
        if resting is None and len(self._universes) and (self._next_discovery is None or now >= self._next_discovery):
            self._next_discovery = now + DISCOVERY_INTERVAL
            batches.append(self._discovery())
        return batches

    def packets_of(self, row: int, slots: NDArray[np.uint8], now: Instant) -> list[tuple[Address, bytes]] | None:
        """What universe ``row`` sends next if it is to show ``slots``; None where that is more than its levels."""
        if self._sync[row] or (row in self._claims and now - self._claimed[row] >= PRIORITY_INTERVAL):
            return None
        packet = self._buffer[row, : self._sizes[row]].copy()
        packet[sacn.SEQUENCE_OFFSET] = (int(packet[sacn.SEQUENCE_OFFSET]) + 1 + (row in self._counted)) & 0xFF
        packet[sacn.SLOTS_OFFSET :] = slots[: len(packet) - sacn.SLOTS_OFFSET]
        data = packet.tobytes()
        return [(to, data) for to in self._destinations[row]]

    def left(self, row: int, slots: NDArray[np.uint8], now: Instant) -> None:
        """Those packets went out at ``now``."""
        self._count([row])
        self._buffer[row : row + 1, sacn.SEQUENCE_OFFSET] += 1
        self.pacing.left(row, slots, now)

    def terminate(self) -> list[Batch]:
        """One packet for each universe that says: this stream ends. A stream ends with three of them (6.2.6)."""
        which = np.flatnonzero(self.pacing.last >= 0)
        if not len(which):
            return []
        self._buffer[which, sacn.OPTIONS_OFFSET] |= sacn.OPTION_TERMINATED
        return self._send(which)

    def take_over(self, older: SacnOutput) -> list[Batch]:
        """Goes on where ``older`` is; gives what ends the universes that are no more, three packets each (6.2.6)."""
        older._count(older._counted)
        theirs = {universe.number: row for row, universe in enumerate(older._universes)}
        same = [(row, theirs[u.number]) for row, u in enumerate(self._universes) if u.number in theirs]
        for mine, row in same:
            self._buffer[mine, sacn.SEQUENCE_OFFSET] = older._buffer[row, sacn.SEQUENCE_OFFSET]
        for address in self._sync_sequence.keys() & older._sync_sequence.keys():
            self._sync_sequence[address] = older._sync_sequence[address]
        self.pacing.take_over(older.pacing, same)
        kept = {row for _, row in same}
        gone = np.array([row for row in np.flatnonzero(older.pacing.last >= 0).tolist() if row not in kept], np.intp)
        if not len(gone):
            return []
        older._buffer[gone, sacn.OPTIONS_OFFSET] |= sacn.OPTION_TERMINATED
        return [
            replace(batch, buffer=batch.buffer.copy()) for _ in range(sacn.TERMINATION_PACKETS) for batch in older._send(gone)
        ]

    def next_due(self) -> Instant | None:
        """When a packet must go out although no level moves."""
        due = [self.pacing.next_due(), self._next_discovery]
        return min((instant for instant in due if instant is not None), default=None)

    def _send(self, which: NDArray[np.intp]) -> list[Batch]:
        if self._counted:
            self._count(which.tolist())
        self._buffer[span(which), sacn.SEQUENCE_OFFSET] += 1  # uint8: 255 is followed by 0
        if len(which) == len(self._universes) and self._one_each:
            to, buffer, sizes = self._to, self._buffer, self._sizes  # the same objects each time: their headers are made once
        else:
            some = self._some
            if some is None or not np.array_equal(some.which, which):
                some = self._chosen(which)
            to, buffer, sizes = some.to, some.buffer, some.sizes
            np.take(self._buffer, some.rows, axis=0, out=buffer)
        batches = [Batch(Protocol.SACN, to, buffer, sizes)]
        if self._sync_sequence and (synced := sorted(set(self._sync[which].tolist()) - {0})):
            batches.append(batch_of(Protocol.SACN, [packet for address in synced for packet in self._synchronize(address)]))
        return batches

    def _chosen(self, which: NDArray[np.intp]) -> _Some:
        """The packets of the universes ``which``; those of many are kept, as the next frame may well say the same."""
        chosen = np.zeros(len(self._universes), np.bool_)
        chosen[which] = True
        packets = np.flatnonzero(chosen[self._row_of_packet])
        rows = self._row_of_packet[packets]
        some = _Some(which, rows, [self._to[n] for n in packets], np.empty_like(self._buffer[rows]), self._sizes[rows])
        if len(which) >= _WORTH_KEEPING:
            self._some = some
        return some

    def _count(self, rows: Iterable[int]) -> None:
        """Brings ``rows`` of the buffer up to date with the numbers that priorities have taken; others may be on their way."""
        mine = self._counted.intersection(rows)
        self._counted -= mine
        self._buffer[sorted(mine), sacn.SEQUENCE_OFFSET] += 1

    def _claim(self, which: NDArray[np.intp], now: Instant) -> list[tuple[Address, bytes]]:
        """The priorities of those universes among ``which`` that have not said them for long."""
        made: list[tuple[Address, bytes]] = []
        for row in which.tolist():
            if row not in self._claims or now - self._claimed[row] < PRIORITY_INTERVAL:
                continue
            self._claimed[row] = now
            packet = self._buffer[row, : self._sizes[row]].copy()
            packet[sacn.SEQUENCE_OFFSET] = (int(packet[sacn.SEQUENCE_OFFSET]) + 1) & 0xFF
            self._counted.add(row)  # the buffer is this frame's until the next: it is brought up to date then
            packet[sacn.START_CODE_OFFSET] = sacn.START_CODE_PRIORITY
            priority = max(int(packet[sacn.PRIORITY_OFFSET]), 1)  # 0 would say: not ours
            packet[sacn.SLOTS_OFFSET :] = np.where(self._claims[row][: len(packet) - sacn.HEADER_SIZE], priority, 0)
            made += ((to, packet.tobytes()) for to in self._destinations[row])
        return made

    def _synchronize(self, address: int) -> list[tuple[Address, bytes]]:
        sequence = self._sync_sequence[address] = (self._sync_sequence[address] + 1) & 0xFF
        data = sacn.encode(sacn.SyncPacket(self._cid, address, sequence))
        to: dict[Address, None] = {}
        for row in np.flatnonzero(self._sync == address).tolist():
            number = self._universes[row].number
            groups = {sacn.multicast_group_v4(number): sacn.multicast_group_v4(address)}
            groups[sacn.multicast_group_v6(number)] = sacn.multicast_group_v6(address)
            to |= dict.fromkeys((groups.get(host, host), port) for host, port in self._destinations[row])
        return [(destination, data) for destination in to]

    def _discovery(self) -> Batch:
        pages = sacn.discovery_pages(self._cid, self._name, (universe.number for universe in self._universes))
        groups = [(sacn.multicast_group_v4(sacn.DISCOVERY_UNIVERSE), self._port)]
        if any(":" in host for destinations in self._destinations for host, _ in destinations):
            groups.append((sacn.multicast_group_v6(sacn.DISCOVERY_UNIVERSE), self._port))
        return batch_of(Protocol.SACN, [(group, sacn.encode(page)) for group in groups for page in pages])

    def _ways(self, universe: Universe, hosts: Sequence[str]) -> list[Address]:
        """``hosts`` as addresses; ``multicast`` (which is also meant by none) and ``multicast6`` are the universe's groups."""
        groups = {"multicast": sacn.multicast_group_v4(universe.number), "multicast6": sacn.multicast_group_v6(universe.number)}
        return [(groups.get(host, host), self._port) for host in hosts or ("multicast",)]

    def _address(self) -> None:
        self._to = [to for destinations in self._destinations for to in destinations]
        self._row_of_packet = np.repeat(np.arange(len(self._destinations)), [len(to) for to in self._destinations])
        self._one_each = len(self._to) == len(self._destinations)
        self._some = None
