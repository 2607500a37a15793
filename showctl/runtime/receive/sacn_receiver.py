"""A sACN receiver: datagrams in, universes with their sources out, and who announces what. Sans-I/O. Standard: ANSI E1.31-2018.

It listens to the universes that it is told to; packets for others are only counted, as their groups were never joined.
A source is known by its CID, never by its address. Nothing that comes in raises, and every table is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from showctl.protocols import sacn
from showctl.protocols.errors import ProtocolError
from showctl.runtime.receive.sacn_universe import SacnUniverse
from showctl.show.instants import SECOND, Instant

ANNOUNCEMENT_LIFE: Final = 2 * sacn.DISCOVERY_INTERVAL_S * SECOND  # two intervals (E1.31 4.3 and 8, each 10 s) without a word
MAX_ANNOUNCING: Final = 256
MAX_SYNCS: Final = 1024
MAX_REFUSALS: Final = 32


@dataclass(slots=True)
class Announcement:
    """A source by its universe discovery packets. ``universes`` are those of all pages, sorted."""

    cid: bytes
    name: str
    address: str
    heard: Instant
    pages: dict[int, tuple[int, ...]] = field(default_factory=dict)
    last_page: int = 0

    @property
    def universes(self) -> tuple[int, ...]:
        return tuple(sorted({number for page in self.pages.values() for number in page}))

    @property
    def complete(self) -> bool:
        """Whether every page has come."""
        return len(self.pages) == self.last_page + 1


class SacnReceiver:
    """Listens to ``universes``; ``ours`` are CIDs whose packets are our own and mean nothing here."""

    def __init__(self, universes: Iterable[int] = (), now: Instant = 0, ours: Iterable[bytes] = ()) -> None:
        self.universes = {number: SacnUniverse(number, now) for number in universes}
        self.announced: dict[bytes, Announcement] = {}
        self.refused: dict[str, int] = {}
        """What was no sACN, or broke its rules: reason -> how often."""
        self.astray: dict[str, int] = {}
        """Whose packets came to the group of another universe than their own: words -> how often. They count all the same."""
        self.elsewhere = 0
        """Data for universes that nobody asked for."""
        self._ours = frozenset(ours)
        self._sync_sequence: dict[tuple[bytes, int], int] = {}

    def listen(self, number: int, now: Instant) -> None:
        """Listens to one universe more, which begins with sampling."""
        self.universes.setdefault(number, SacnUniverse(number, now))

    def received(self, data: bytes, address: str, now: Instant, to: str = "") -> bool:
        """A datagram from ``address`` that was sent ``to`` a group (or to us). Says whether it had anything to say."""
        try:
            packet = sacn.decode(data)
        except ProtocolError as problem:
            self._refuse(problem.what)
            return False
        if packet.cid in self._ours:
            return False
        match packet:
            case sacn.DataPacket():
                self._compare(packet, address, to)
                universe = self.universes.get(packet.universe)
                if universe is None:
                    self.elsewhere += 1
                    return False
                return universe.data(packet, address, now)
            case sacn.SyncPacket():
                return self._synchronize(packet, now)
            case sacn.DiscoveryPacket():
                return self._announced(packet, address, now)
            case _:
                self._refuse(f"root vector {packet.root_vector} is not of E1.31-2018")
                return False

    def _compare(self, packet: sacn.DataPacket, address: str, to: str) -> None:
        """E1.31-2018 9.3.1: a universe has its own group. Who sends it to another's is heard by those who did not ask for it."""
        if not to.startswith("239.255.") or to == sacn.multicast_group_v4(packet.universe):
            return
        _, _, high, low = map(int, to.split("."))
        words = f"{packet.source_name} ({address}) sends universe {packet.universe} to the group of universe {high << 8 | low}"
        if words in self.astray or len(self.astray) < MAX_REFUSALS:
            self.astray[words] = self.astray.get(words, 0) + 1

    def wake(self, now: Instant) -> None:
        """Takes note of who fell silent by ``now``."""
        for universe in self.universes.values():
            universe.wake(now)
        for cid in [cid for cid, known in self.announced.items() if now - known.heard >= ANNOUNCEMENT_LIFE]:
            del self.announced[cid]

    def next_deadline(self) -> Instant | None:
        """When something changes although nothing comes."""
        asks = [universe.next_deadline() for universe in self.universes.values()]
        asks += [known.heard + ANNOUNCEMENT_LIFE for known in self.announced.values()]
        return min((ask for ask in asks if ask is not None), default=None)

    def _synchronize(self, packet: sacn.SyncPacket, now: Instant) -> bool:
        key = (packet.cid, packet.sync_address)
        last = self._sync_sequence.get(key)
        if last is not None and not sacn.in_sequence(last, packet.sequence):
            return False  # E1.31 6.3.2: synchronization packets count by themselves
        if last is None and len(self._sync_sequence) >= MAX_SYNCS:
            self._sync_sequence.clear()
        self._sync_sequence[key] = packet.sequence
        for universe in self.universes.values():
            universe.synchronize(packet.sync_address, now)
        return True

    def _announced(self, packet: sacn.DiscoveryPacket, address: str, now: Instant) -> bool:
        known = self.announced.get(packet.cid)
        if known is None:
            if len(self.announced) >= MAX_ANNOUNCING:
                self._refuse("one source more than can be listed")
                return False
            known = self.announced[packet.cid] = Announcement(packet.cid, packet.source_name, address, now)
        known.name, known.address, known.heard = packet.source_name, address, now
        if packet.last_page != known.last_page:
            known.pages = {page: found for page, found in known.pages.items() if page <= packet.last_page}
            known.last_page = packet.last_page
        if packet.page <= packet.last_page:
            known.pages[packet.page] = packet.universes
        return True

    def _refuse(self, what: str) -> None:
        if what in self.refused or len(self.refused) < MAX_REFUSALS:
            self.refused[what] = self.refused.get(what, 0) + 1
