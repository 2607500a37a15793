"""Whole frames of DMX at once: the short way for packets that are like the last ones but for sequence and levels.

The first time a packet goes somewhere every node reads it in full (``dmx_sacn``, ``dmx_artnet``). If it was plain (512 levels,
shown as they are) the rows that it went to are remembered. From then on one comparison shows that the headers of a whole batch
are still what they were, one that the sequences go on, and one assignment stores all levels. Whatever differs - a new
sender, a preview, a goodbye, a packet out of order, a box or link that changed - takes the long way again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from showctl.show.instants import Instant
from simulators.device import Address
from simulators.dmx_artnet import HEADER as ARTNET_HEADER
from simulators.dmx_artnet import SEQUENCE as ARTNET_SEQUENCE
from simulators.dmx_port import Port, Table
from simulators.dmx_sacn import SEQUENCE as SACN_SEQUENCE

Buffer: TypeAlias = NDArray[np.uint8]
Sizes: TypeAlias = NDArray[np.int64]
Rows: TypeAlias = tuple[tuple[Port, int], ...]
"""Where one packet went: a port and its row, for each node that heard it."""

_SACN_UNIVERSE, _ARTNET_UNIVERSE = 113, 14
_SHORTEST: Final = 115
"""Bytes that hold a universe's number in either protocol: what is shorter (synchronization, polls) is read in full."""
MOST: Final = 4096


@dataclass(frozen=True, eq=False)
class _Way:
    """Where the packets of one protocol of a batch go."""

    table: Table
    packets: NDArray[np.intp]
    rows: NDArray[np.intp]
    moving: tuple[Port, ...]
    timeout: int
    expected: NDArray[np.uint8]
    whole: bool
    """Every packet of the batch, in order, to one node each."""

    header: int
    """How many bytes go before the levels."""
    sequence_at: int


class Batches:
    """Remembers where packets go, for as long as no table's generation changes."""

    def __init__(self, artnet_port: int, tables: Sequence[Table]) -> None:
        self.leaves_out = False
        """The sender leaves out packets that say nothing new: it is there all the while."""
        self._artnet_port = artnet_port
        self._tables = tables
        self._generations: tuple[int, ...] = ()
        self._universe_at: dict[tuple[Address, ...], tuple[NDArray[np.intp], NDArray[np.intp]]] = {}
        self._known: dict[tuple[Address, Address, bytes], Rows] = {}
        self._ways: dict[tuple[Address, tuple[Address, ...], bytes], tuple[_Way, ...] | None] = {}

    def short_way(self, source: Address, destinations: tuple[Address, ...], buffer: Buffer, sizes: Sizes, now: Instant) -> bool:
        """Stores the whole batch, or nothing of it (False): then every packet must be read in full."""
        if self._forget_what_is_stale() or buffer.shape[1] < _SHORTEST:
            return False
        key = (source, destinations, self._universes(destinations, buffer))
        ways = self._ways.get(key)
        if ways is None:
            ways = self._ways[key] = self._assemble(*key)
        if not ways or not all(_alike(way, buffer, sizes, None if self.leaves_out else now) for way in ways):
            return False
        for way in ways:
            table, rows, end = way.table, way.rows, way.header + 512
            taken = buffer if way.whole else buffer[way.packets]
            table.slots[rows] = taken[:, way.header : end]
            table.sequence[rows] = taken[:, way.sequence_at]
            table.seen[rows] = now
            for port in way.moving:
                assert port.on_output is not None
                port.on_output(port.slots(now), now)
        return True

    def remember(self, source: Address, destinations: tuple[Address, ...], buffer: Buffer, went: Sequence[Rows | None]) -> None:
        """``went`` has the rows of every packet of a batch; None where one was not plain."""
        if self._forget_what_is_stale() and None in went:
            return  # a goodbye among them may have taken the row of another
        if buffer.shape[1] < _SHORTEST:
            return
        if len(self._known) + len(self._ways) > MOST:
            self._known.clear()
            self._ways.clear()
        universes = self._universes(destinations, buffer)
        for n, (destination, rows) in enumerate(zip(destinations, went, strict=True)):
            key = (source, destination, universes[2 * n : 2 * n + 2])
            if rows is None:
                self._known.pop(key, None)
            else:
                self._known[key] = rows
        self._ways.pop((source, destinations, universes), None)

    def _forget_what_is_stale(self) -> bool:
        """Forgets everything where a row, a box or a link has changed."""
        generations = tuple([table.generation for table in self._tables])
        if generations == self._generations:
            return False
        self._generations = generations
        self._known.clear()
        self._ways.clear()
        return True

    def _universes(self, destinations: tuple[Address, ...], buffer: Buffer) -> bytes:
        """The two bytes of each packet that name its universe."""
        where = self._universe_at.get(destinations)
        if where is None:
            if len(self._universe_at) > MOST:
                self._universe_at.clear()
            first = [_ARTNET_UNIVERSE if port == self._artnet_port else _SACN_UNIVERSE for _, port in destinations]
            columns = np.array(first)[:, None] + np.arange(2)
            where = self._universe_at[destinations] = (np.arange(len(first))[:, None], columns)
        return buffer[where].tobytes()

    def _assemble(self, source: Address, destinations: tuple[Address, ...], universes: bytes) -> tuple[_Way, ...]:
        """The ways of a batch of packets that are all known; none where one is not."""
        by_table: dict[int, list[tuple[int, Port, int]]] = {}
        for n, destination in enumerate(destinations):
            rows = self._known.get((source, destination, universes[2 * n : 2 * n + 2]))
            if rows is None:
                return ()
            for port, row in rows:
                by_table.setdefault(id(port.table), []).append((n, port, row))
        return tuple(_way(entries, len(destinations)) for entries in by_table.values()) if _all_once(by_table) else ()


def _all_once(by_table: dict[int, list[tuple[int, Port, int]]]) -> bool:
    """No universe comes twice in the batch: then the order would matter."""
    return all(len({row for _, _, row in entries}) == len(entries) for entries in by_table.values())


def _way(entries: list[tuple[int, Port, int]], count: int) -> _Way:
    table = entries[0][1].table
    rows = np.array([row for _, _, row in entries])
    expected = table.header[rows]
    header = int(expected.shape[1])
    return _Way(
        table,
        np.array([packet for packet, _, _ in entries]),
        rows,
        tuple(dict.fromkeys(port for _, port, _ in entries if port.on_output is not None)),
        min(port.timeout for _, port, _ in entries),
        expected,
        [packet for packet, _, _ in entries] == list(range(count)),
        header,
        ARTNET_SEQUENCE if header == ARTNET_HEADER else SACN_SEQUENCE,
    )


def _alike(way: _Way, buffer: Buffer, sizes: Sizes, now: Instant | None) -> bool:
    """Every header is as it was, every sequence goes on, nobody was away for longer than the timeout (None: nobody ever is)."""
    if now is not None and now - int(way.table.seen[way.rows].min()) >= way.timeout:
        return False
    if int(sizes[way.packets].min()) < way.header + 512:
        return False
    differs = (buffer if way.whole else buffer[way.packets])[:, : way.header] ^ way.expected
    sequence = differs[:, way.sequence_at].copy()  # what was expected is 0 there
    differs[:, way.sequence_at] = 0
    if differs.any():
        return False
    step = (sequence - way.table.sequence[way.rows]).view(np.int8)
    behind = (step <= 0) & (step > -20)
    if way.header == ARTNET_HEADER:
        behind &= sequence != 0  # Art-Net: 0 means that nobody counts
    return not bool(behind.any())
