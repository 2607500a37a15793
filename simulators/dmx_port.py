"""One DMX output of a simulated node or widget: who sends to it, what comes out, and what when nobody does.

Sources are merged as receivers merge: the highest priority wins entirely; among equal priorities the highest level takes
precedence, slot by slot. A source is lost ``timeout`` after its last packet; when the last one is lost the port does as the
patch says (hold, black or preset). All of this is worked out when somebody looks, at the instants at which it happened; a
packet is only stored.

``Table`` keeps the slots of every source of every port in one array, so that a whole frame of packets is stored by one
assignment (``dmx_batch.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from showctl.show.instants import SECOND, Duration, Instant

Slots: TypeAlias = NDArray[np.uint8]
"""512 levels; index 0 is slot 1."""

DMX_LOSS: Final = SECOND
"""E1.11: a receiver takes more than a second without a packet as loss of data."""

NOTHING: Final[Slots] = np.zeros(512, np.uint8)
NOTHING.flags.writeable = False


class Table:
    """Rows of sources: header (its sequence zeroed), sequence number, instant last heard, 512 slots.

    ``generation`` grows whenever a row comes or goes or a box or link changes: what others remembered about rows is stale.
    """

    def __init__(self, header: int, rows: int = 16) -> None:
        self.header = np.zeros((rows, header), np.uint8)
        self.sequence = np.zeros(rows, np.uint8)
        self.seen = np.zeros(rows, np.int64)
        self.slots = np.zeros((rows, 512), np.uint8)
        self.generation = 0
        self._free = list(range(rows))[::-1]

    def take(self) -> int:
        """A row nobody uses, zeroed."""
        self.generation += 1
        if not self._free:
            self._grow()
        row = self._free.pop()
        for array in (self.header, self.sequence, self.seen, self.slots):
            array[row] = 0
        return row

    def heading(self, row: int, header: NDArray[np.uint8], sequence_at: int) -> None:
        """The header of the row's last packet; another one than before makes stale what was remembered of it."""
        self.sequence[row] = header[sequence_at]
        fresh = header.copy()
        fresh[sequence_at] = 0
        if not np.array_equal(self.header[row], fresh):
            self.header[row] = fresh
            self.generation += 1

    def give_back(self, row: int) -> None:
        """The row is free again."""
        self.generation += 1
        self._free.append(row)

    def _grow(self) -> None:
        count = len(self.seen)
        self._free = list(range(count, 2 * count))[::-1]
        self.header = np.concatenate((self.header, np.zeros_like(self.header)))
        self.sequence = np.concatenate((self.sequence, np.zeros_like(self.sequence)))
        self.seen = np.concatenate((self.seen, np.zeros_like(self.seen)))
        self.slots = np.concatenate((self.slots, np.zeros_like(self.slots)))


class Source:
    """Somebody who sends to a port, as the port knows it. ``pending`` are slots that wait for a synchronization."""

    __slots__ = ("id", "name", "pending", "priority", "row", "sync", "table")

    def __init__(self, table: Table, identity: str, name: str, priority: int) -> None:
        self.table = table
        self.row = table.take()
        self.id = identity
        self.name = name
        self.priority = priority
        self.sync = 0
        self.pending: Slots | None = None

    @property
    def seen(self) -> Instant:
        return int(self.table.seen[self.row])

    @property
    def sequence(self) -> int:
        return int(self.table.sequence[self.row])

    @property
    def slots(self) -> Slots:
        row: Slots = self.table.slots[self.row]
        return row


class Port:
    """One universe coming out of one box.

    ``on_output`` (if any) is called with (slots, instant) whenever what comes out may have changed by itself: a
    source lost, a loss behaviour begun. After a packet the box calls it, where the packet has news for it.
    """

    def __init__(self, universe: str, number: int, table: Table, timeout: Duration, loss: str = "hold") -> None:
        self.universe = universe
        self.number = number
        self.table = table
        self.timeout = timeout
        self.loss = loss
        self.preset: Slots = NOTHING
        self.sources: dict[str, Source] = {}
        self.on_output: Callable[[Slots, Instant], None] | None = None
        self._rest: Slots = NOTHING
        self._dark_at: Instant | None = None
        self.quirks: set[str] = set()
        """``priority``: it does not know any; ``latest``: who spoke last has all slots; ``clings``: nobody is ever lost."""
        self.heard = False
        """Something has come since the box was switched on; before, no DMX comes out."""

    # --- what happens to it ---------------------------------------------------------------------------------------

    def source(self, identity: str, name: str, priority: int, now: Instant) -> Source:
        """The source of that identity, new if need be, heard at ``now``."""
        self.expire(now)
        found = self.sources.get(identity)
        if found is None:
            found = self.sources[identity] = Source(self.table, identity, name, priority)
        found.name, found.priority = name, priority
        self.table.seen[found.row] = now
        self.heard, self._dark_at = True, None
        return found

    def drop(self, identity: str, now: Instant) -> None:
        """A source said goodbye: its levels are gone at once."""
        self.expire(now)
        if identity in self.sources:
            last = self._merged(list(self.sources.values())).copy()
            self._forget([self.sources[identity]])
            if not self.sources:
                self._lose(last, now)
            else:
                self._tell(now)

    def expire(self, now: Instant) -> None:
        """Forgets who has not been heard for the timeout, at the instant when that came about."""
        if self._dark_at is not None and now >= self._dark_at + DMX_LOSS:
            at, self._dark_at = self._dark_at + DMX_LOSS, None
            self._lose(self._rest, at)
        while self.sources and "clings" not in self.quirks:
            oldest = min(source.seen for source in self.sources.values())
            if now - oldest < self.timeout:
                return
            gone = [source for source in self.sources.values() if source.seen == oldest]
            last = self._merged(gone).copy()
            self._forget(gone)
            if self.sources:
                self._tell(oldest + self.timeout)
            else:
                self._lose(last, oldest + self.timeout)

    def power_lost(self, now: Instant) -> None:
        """The box is off: the cable goes quiet, and its fixtures notice a second later."""
        self.expire(now)
        if self.heard:
            self._rest = self._merged(list(self.sources.values())).copy() if self.sources else self._rest
            self._dark_at = now
        self._forget(list(self.sources.values()))
        self.heard = False

    # --- what comes out -------------------------------------------------------------------------------------------

    def slots(self, now: Instant) -> Slots:
        """What the fixtures on this port have from it at ``now``. Not to be written to."""
        self.expire(now)
        if not self.sources:
            return self._rest
        return self._merged(list(self.sources.values()))

    def merging(self) -> bool:
        """More than one source counts."""
        top = max((source.priority for source in self.sources.values()), default=0)
        return sum(source.priority == top for source in self.sources.values()) > 1

    def _merged(self, sources: list[Source]) -> Slots:
        if len(sources) == 1:
            return sources[0].slots
        if "latest" in self.quirks:
            return max(sources, key=lambda source: (source.seen, source.row)).slots
        top = max(source.priority for source in sources)
        winners = [source.slots for source in sources if source.priority == top or "priority" in self.quirks]
        if len(winners) == 1:
            return winners[0]
        merged: Slots = np.maximum.reduce(winners)
        return merged

    def _lose(self, last: Slots, at: Instant) -> None:
        self._rest = {"hold": last, "black": NOTHING, "preset": self.preset}.get(self.loss, last)
        self._tell(at)

    def _tell(self, at: Instant) -> None:
        if self.on_output is not None:
            self.on_output(self._merged(list(self.sources.values())) if self.sources else self._rest, at)

    def _forget(self, sources: list[Source]) -> None:
        for source in sources:
            del self.sources[source.id]
            self.table.give_back(source.row)
