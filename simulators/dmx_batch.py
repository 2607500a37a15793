"""Whole frames of DMX at once: the short way for packets that are like the last ones but for sequence and levels.

The first time a batch goes to a list of destinations every packet is read in full by every node (``dmx_sacn``, ``dmx_artnet``).
If all of them were plain (512 levels, shown as they are) the rows that they went to are remembered. From then on one comparison
shows that every header is still what it was, one that the sequence goes on, and one assignment stores all levels. Whatever
differs - a new sender, a preview, a goodbye, a packet out of order, a box or link that changed - takes the long way again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from showctl.show.instants import Instant
from simulators.device import Address
from simulators.dmx_port import Port, Table

if TYPE_CHECKING:
    from simulators.dmx_node import DmxNode

Buffer = NDArray[np.uint8]
Sizes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Way:
    """Where the packets of one protocol of a remembered batch go."""

    table: Table
    generation: int
    packets: NDArray[np.intp]
    rows: NDArray[np.intp]
    moving: tuple[Port, ...]
    header: int
    sequence_at: int
    timeout: int
    expected: NDArray[np.uint8]


class Batches:
    """Remembers the short ways of the batches that come again and again."""

    _MOST = 4096

    def __init__(self) -> None:
        self._ways: dict[tuple[Address, tuple[Address, ...]], tuple[_Way, ...]] = {}

    def short_way(self, source: Address, destinations: tuple[Address, ...], buffer: Buffer, sizes: Sizes, now: Instant) -> bool:
        """Stores the whole batch, or nothing of it (False): then every packet must be read in full."""
        ways = self._ways.get((source, destinations))
        if ways is None:
            return False
        for way in ways:
            if way.generation != way.table.generation or not _alike(way, buffer, sizes, now):
                del self._ways[source, destinations]
                return False
        for way in ways:
            table, rows, end = way.table, way.rows, way.header + 512
            taken = buffer[way.packets]
            table.slots[rows] = taken[:, way.header : end]
            table.sequence[rows] = taken[:, way.sequence_at]
            table.seen[rows] = now
            for port in way.moving:
                assert port.on_output is not None
                port.on_output(port.slots(now), now)
        return True

    def remember(
        self, source: Address, destinations: tuple[Address, ...], went: Sequence[tuple[DmxNode, int, Port, int] | None]
    ) -> None:
        """``went`` has for each packet and node (node, packet, port, row), or None where one was not plain."""
        ways: list[_Way] = []
        tables: dict[int, list[tuple[int, Port, int]]] = {}
        kinds: dict[int, Table] = {}
        for entry in went:
            if entry is None:
                return
            _, packet, port, row = entry
            tables.setdefault(id(port.table), []).append((packet, port, row))
            kinds[id(port.table)] = port.table
        for key, entries in tables.items():
            table = kinds[key]
            rows = np.array([row for _, _, row in entries])
            if len(set(rows.tolist())) < len(rows):
                return  # the same universe twice in a batch: order matters
            header = table.header.shape[1]
            ways.append(
                _Way(
                    table,
                    table.generation,
                    np.array([packet for packet, _, _ in entries]),
                    rows,
                    tuple(dict.fromkeys(port for _, port, _ in entries if port.on_output is not None)),
                    header,
                    111 if header == 126 else 12,
                    min(port.timeout for _, port, _ in entries),
                    table.header[rows],
                )
            )
        if ways:
            if len(self._ways) >= self._MOST:
                self._ways.clear()
            self._ways[source, destinations] = tuple(ways)


def _alike(way: _Way, buffer: Buffer, sizes: Sizes, now: Instant) -> bool:
    """Every header is as it was, every sequence goes on, nobody was away for longer than the timeout."""
    if now - int(way.table.seen[way.rows].min()) >= way.timeout or int(sizes[way.packets].min()) < way.header + 512:
        return False
    headers = buffer[way.packets, : way.header]
    sequence = headers[:, way.sequence_at].copy()
    headers[:, way.sequence_at] = 0
    if not np.array_equal(headers, way.expected):
        return False
    step = (sequence - way.table.sequence[way.rows]).view(np.int8)
    behind = (step <= 0) & (step > -20)
    if way.header == 18:
        behind &= sequence != 0  # Art-Net: 0 means that nobody counts
    return not bool(behind.any())
