"""One sACN universe as a receiver has it: its sources, what counts of them, and what their levels merge to. Sans-I/O.

Standards: ANSI E1.31-2018; per-address priority (start code 0xDD) as ETC documents it. A packet is only stored; merging is
done when somebody asks.

* *Sampling*: for 1.5 s after we began to listen, nothing counts; then everybody who was heard counts at once, so the first
  source of several does not flash alone. Later newcomers wait as long for their 0xDD, unless it comes sooner.
* *Merge*: per slot the highest priority wins, equal ones by the highest level. A slot that a source does not send, or gives
  priority 0 by 0xDD, is not claimed by it. 201..255 are reserved and claim nothing either.
* *Loss*: 2.5 s of silence. A source that is lost keeps its levels until each other source has been heard again or is lost
  too (*settling*): a dead cable takes them all, and none may flash alone on its way out. A termination counts at once.
* *Synchronisation*: what has a sync address waits for its packet, once such a packet has ever come. When those stop for 2.5 s the
  last look is held, or, with Force_Synchronization, data counts as it comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.protocols import sacn
from showctl.show.instants import MILLISECOND, Instant

SAMPLING: Final = 1500 * MILLISECOND  # ETC sACN, "sampling period"; also how long a newcomer may take to send 0xDD
DATA_LOSS: Final = sacn.NETWORK_DATA_LOSS_MS * MILLISECOND  # E1.31 6.7.1 and Appendix A, E131_NETWORK_DATA_LOSS_TIMEOUT
MAX_SOURCES: Final = 32
"""Sources of one universe that are kept; one more is counted and left out."""
UNCLAIMED: Final = -1
"""The priority of a slot that nobody sends."""

Levels = NDArray[np.uint8]
Priorities = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a universe's sources make together: 512 levels, and the priority that won each slot (-1: nobody sends it)."""

    levels: Levels
    priorities: Priorities


class Source:
    """Somebody who sends this universe. Levels and priorities are None until they came."""

    __slots__ = (
        "address", "began", "cid", "force_sync", "levels", "levels_heard", "name", "packets", "preview", "priorities",
        "priorities_heard", "priority", "refused", "sequences", "settled_after", "slot_count", "sync_address", "waiting",
    )  # fmt: skip

    def __init__(self, cid: bytes, now: Instant) -> None:
        self.cid, self.began = cid, now
        self.name = self.address = ""
        self.priority = sacn.DEFAULT_PRIORITY
        self.levels: bytes | None = None
        self.priorities: bytes | None = None
        self.levels_heard: Instant | None = None
        self.priorities_heard: Instant | None = None
        self.slot_count = 0
        self.sequences: dict[int, int] = {}
        """Last sequence number by start code: some sources count both together, some apart, and either is in order here."""
        self.sync_address = 0
        self.force_sync = False
        self.preview = False
        self.packets = 0
        self.refused = 0
        self.waiting: dict[int, bytes] = {}
        """Start code -> slots that wait for a synchronization."""
        self.settled_after: Instant | None = None
        """Set while lost: since when the others are to be heard of before it goes."""

    @property
    def heard(self) -> Instant:
        """When its levels last came; before they did, when it was first heard."""
        return self.began if self.levels_heard is None else self.levels_heard

    @property
    def lost(self) -> bool:
        return self.settled_after is not None

    @property
    def per_address(self) -> bool:
        """Whether it sends a priority for each slot."""
        return self.priorities is not None


class SacnUniverse:
    """Listens to universe ``number`` from ``now`` on."""

    def __init__(self, number: int, now: Instant) -> None:
        self.number = number
        self.sources: dict[bytes, Source] = {}
        self.left_out = 0
        """Packets of sources beyond the limit."""
        self.version = 0
        """Grows whenever what merges may have changed."""
        self._samples_until = now + SAMPLING
        self._sync_heard: dict[int, Instant] = {}
        self._merged: Heard | None = None
        self._counted: tuple[bytes, ...] = ()

    # --- What comes in ------------------------------------------------------------------------------------------------

    def data(self, packet: sacn.DataPacket, address: str, now: Instant) -> bool:
        """Takes a packet of this universe that came from ``address``; says whether it was used."""
        self.wake(now)
        if packet.start_code not in (sacn.START_CODE_LEVELS, sacn.START_CODE_PRIORITY):
            return False  # E1.31 7.6: other start codes are not levels
        source = self.sources.get(packet.cid)
        if source is None:
            source = self._admit(packet, now)
            if source is None:
                return False
        if not self._in_sequence(source, packet, now):
            source.refused += 1
            return False
        source.packets += 1
        source.name, source.address = packet.source_name, address
        if source.priority != packet.priority:
            source.priority, self._merged = packet.priority, None
        source.sync_address, source.force_sync = packet.sync_address, packet.force_sync
        source.preview = packet.preview
        if packet.terminated:
            self._end(source, packet.start_code)
            return True
        self._note_heard(source, packet.start_code, now)
        if self._waits(source, now):
            source.waiting[packet.start_code] = packet.slots
        else:
            self._take(source, packet.start_code, packet.slots)
        return True

    def synchronize(self, address: int, now: Instant) -> None:
        """A synchronization packet for ``address`` came: what waited for it counts, of every source at once."""
        self.wake(now)
        self._sync_heard[address] = now
        for source in self.sources.values():
            if source.sync_address == address and source.waiting:
                for start_code, slots in source.waiting.items():
                    self._take(source, start_code, slots)
                source.waiting = {}

    def _admit(self, packet: sacn.DataPacket, now: Instant) -> Source | None:
        if packet.terminated:
            return None
        if len(self.sources) >= MAX_SOURCES:
            self.left_out += 1
            return None
        source = self.sources[packet.cid] = Source(packet.cid, now)
        return source

    @staticmethod
    def _in_sequence(source: Source, packet: sacn.DataPacket, now: Instant) -> bool:
        """E1.31 6.7.2. After a loss any number is right: the source may have been started anew."""
        last = source.sequences.get(packet.start_code)
        if (
            last is not None
            and not source.lost
            and now - source.heard < DATA_LOSS
            and not sacn.in_sequence(last, packet.sequence)
        ):
            return False
        source.sequences[packet.start_code] = packet.sequence
        return True

    def _note_heard(self, source: Source, start_code: int, now: Instant) -> None:
        if start_code == sacn.START_CODE_LEVELS:
            source.levels_heard = now
            source.settled_after = None
        else:
            source.priorities_heard = now

    def _waits(self, source: Source, now: Instant) -> bool:
        """E1.31 6.2.4 and 6.2.6: until the first synchronization ever came data counts at once, as it does with
        Force_Synchronization after the loss of synchronization."""
        heard = self._sync_heard.get(source.sync_address)
        if source.sync_address == 0 or heard is None:
            return False
        return not (source.force_sync and now - heard >= DATA_LOSS)

    def _take(self, source: Source, start_code: int, slots: bytes) -> None:
        if start_code == sacn.START_CODE_PRIORITY:
            if source.priorities != slots:
                source.priorities, self._merged = slots, None
        elif source.levels != slots:
            source.levels, source.slot_count, self._merged = slots, len(slots), None

    def _end(self, source: Source, start_code: int) -> None:
        """E1.31 6.2.6: a stream that says it ends is gone at once, and the levels of that packet are not looked at."""
        if start_code == sacn.START_CODE_LEVELS:
            del self.sources[source.cid]
        else:
            source.priorities = source.priorities_heard = None
        self._merged = None

    # --- Time ---------------------------------------------------------------------------------------------------------

    def wake(self, now: Instant) -> None:
        """Takes note of who is lost by ``now``, and lets those go that have settled."""
        for source in self.sources.values():
            if source.priorities_heard is not None and now - source.priorities_heard >= DATA_LOSS:
                source.priorities = source.priorities_heard = None  # it goes on by the priority of its packets
                self._merged = None
            if not source.lost and now - source.heard >= DATA_LOSS:
                source.settled_after = source.heard + DATA_LOSS
        lost = [source for source in self.sources.values() if source.settled_after is not None]
        if not lost:
            return
        since = max(source.settled_after for source in lost if source.settled_after is not None)
        if all(source.lost or source.heard > since or source.levels_heard is None for source in self.sources.values()):
            for source in lost:
                del self.sources[source.cid]
            self._merged = None

    def next_deadline(self) -> Instant | None:
        """When somebody may be lost, or begins to count, although nothing comes."""
        asks: list[Instant] = []
        for source in self.sources.values():
            if not source.lost:
                asks.append(source.heard + DATA_LOSS)
            if source.priorities_heard is not None:
                asks.append(source.priorities_heard + DATA_LOSS)
            if source.cid not in self._counted and source.levels is not None:
                asks.append(self._counts_from(source))
        return min(asks, default=None)

    # --- What it makes ------------------------------------------------------------------------------------------------

    def sampling(self, now: Instant) -> bool:
        """Whether we have not listened for long enough to say anything."""
        return now < self._samples_until

    def counting(self, now: Instant) -> Iterator[Source]:
        """The sources whose levels count at ``now``."""
        for source in self.sources.values():
            if source.levels is not None and not source.preview and now >= self._counts_from(source):
                yield source

    def merged(self, now: Instant) -> Heard:
        """What all sources make together at ``now``."""
        self.wake(now)
        sources = tuple(self.counting(now))
        names = tuple(source.cid for source in sources)
        if self._merged is None or names != self._counted:
            self._counted, self._merged = names, _merge(sources)
            self.version += 1
        return self._merged

    def _counts_from(self, source: Source) -> Instant:
        if source.began < self._samples_until:
            return self._samples_until
        return source.began if source.per_address else source.began + SAMPLING


def _merge(sources: tuple[Source, ...]) -> Heard:
    if not sources:
        return Heard(np.zeros(sacn.MAX_SLOTS, np.uint8), np.full(sacn.MAX_SLOTS, UNCLAIMED, np.int16))
    levels = np.zeros((len(sources), sacn.MAX_SLOTS), np.uint8)
    priorities = np.full((len(sources), sacn.MAX_SLOTS), UNCLAIMED, np.int16)
    for n, source in enumerate(sources):
        assert source.levels is not None
        count = len(source.levels)
        levels[n, :count] = np.frombuffer(source.levels, np.uint8)
        priorities[n, :count] = source.priority
        if source.priorities is not None:
            each = np.frombuffer(source.priorities[:count].ljust(count, b"\0"), np.uint8).astype(np.int16)
            priorities[n, :count] = np.where((each == 0) | (each > sacn.MAX_PRIORITY), UNCLAIMED, each)
    top = priorities.max(axis=0)
    wins = (priorities == top) & (top > UNCLAIMED)
    return Heard(np.where(wins, levels, 0).max(axis=0).astype(np.uint8), top)
