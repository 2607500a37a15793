"""Who else sends on universes that are ours, by name, address and CID. Sans-I/O.

Two sources on one universe fight, or one silently wins: this is where that is noticed, with the first packet. There are four ways
of noticing. Somebody *sends* (multicast, broadcast or to us), *announces* (sACN universe discovery, or an ArtPollReply with
inputs: perhaps by unicast, which we cannot hear), a node says that it *merges* (GoodOutput), or a desk *joins* that the show
folder lets in (``merge_in``), which is no rival.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final
from uuid import UUID

from showctl.protocols import artnet, sacn
from showctl.protocols.artnet_reply import GOOD_OUTPUT_MERGING, PORT_OUTPUT, PollReply
from showctl.protocols.errors import printable
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant
from showctl.show.patch import Protocol, Universe

MAX_RIVALS: Final = 64
NO_PRIORITY: Final = 255


class How(IntEnum):
    """How we know of another source."""

    SENDS = 0
    ANNOUNCES = 1
    MERGES = 2
    JOINS = 3


LIFE: Final[dict[How, Duration]] = {
    How.SENDS: sacn.NETWORK_DATA_LOSS_MS * MILLISECOND,
    How.ANNOUNCES: 2 * sacn.DISCOVERY_INTERVAL_S * SECOND,
    How.MERGES: 8 * SECOND,  # a node answers polls every 2.5 s; three unanswered
    How.JOINS: sacn.NETWORK_DATA_LOSS_MS * MILLISECOND,
}
ARTNET_LIFE: Final = 5 * SECOND  # Art-Net 4, ArtDmx: unchanged levels are repeated every 4 s at the latest


@dataclass(frozen=True, slots=True)
class Rival:
    """Another source on universe ``universe`` (its index in the patch). ``cid`` is "" where its protocol has none."""

    universe: int
    how: How
    name: str
    address: str
    cid: str = ""
    priority: int = NO_PRIORITY


def words(rival: Rival, universe: Universe) -> str:
    """What an operator is told: who, from where, and which of us wins."""
    who = f"{rival.name or 'a source without a name'} ({rival.address}" + (f", CID {rival.cid})" if rival.cid else ")")
    key = universe.key
    match rival.how:
        case How.SENDS if rival.priority != NO_PRIORITY:
            ours = universe.priority
            wins = "it wins" if rival.priority > ours else "ours wins" if rival.priority < ours else "the higher level wins"
            return f"{who} also sends {key}, at priority {rival.priority}; ours is {ours}: {wins}."
        case How.SENDS:
            return f"{who} also sends {key}; nodes merge the two of us, or flicker."
        case How.ANNOUNCES:
            return f"{who} announces that it also sends {key}."
        case How.MERGES:
            return f"Node {who} merges {key} from two sources, and one of them is not us."
        case How.JOINS:
            return f"{who} joins {key}, as the show lets it."


class Rivals:
    """Watches for others on ``universes``; ``cid`` is ours."""

    def __init__(self, universes: Sequence[Universe], cid: bytes) -> None:
        self.version = 0
        """Grows when a rival comes or goes, or changes what it is."""
        self._cid, self._universes = cid, tuple(universes)
        self._sacn = {universe.number: universe for universe in universes if universe.protocol is Protocol.SACN}
        self._artnet = {universe.number: universe for universe in universes if universe.protocol is Protocol.ARTNET}
        self._joined = {universe.merge_in: universe for universe in universes if universe.merge_in}
        """Universe of the network -> ours, which a desk may join from there."""
        self._known: dict[tuple[int, How, str], tuple[Rival, Instant, Instant]] = {}
        """(universe, how, identity) -> the rival, when it was last heard, when it is gone."""
        self._names: dict[str, str] = {}

    def heard_sacn(self, packet: sacn.Packet, address: str, now: Instant) -> None:
        """A sACN packet that came from ``address``."""
        if packet.cid == self._cid:
            return
        if isinstance(packet, sacn.DataPacket):
            if packet.start_code in (sacn.START_CODE_LEVELS, sacn.START_CODE_PRIORITY):
                self._data(packet, address, now)
        elif isinstance(packet, sacn.DiscoveryPacket):
            for number in packet.universes:
                universe = self._sacn.get(number)
                if universe is not None and f"sacn/{number}" not in self._joined:
                    self._note(universe, How.ANNOUNCES, packet.cid.hex(), packet.source_name, address, now, cid=packet.cid)

    def _data(self, packet: sacn.DataPacket, address: str, now: Instant) -> None:
        how, universe = self._meant(f"sacn/{packet.universe}", self._sacn.get(packet.universe))
        if universe is None or packet.preview:
            return  # E1.31 6.2.6: preview data drives no output, so it fights nobody
        if packet.terminated:
            if self._known.pop((universe.index, how, packet.cid.hex()), None) is not None:
                self.version += 1
            return
        self._note(universe, how, packet.cid.hex(), packet.source_name, address, now, packet.cid, packet.priority)

    def heard_artnet(self, packet: artnet.Packet, address: str, now: Instant) -> None:
        """An Art-Net packet that came from ``address``, and not from us."""
        if isinstance(packet, artnet.Dmx):
            how, universe = self._meant(f"artnet/{packet.port_address}", self._artnet.get(packet.port_address))
            if universe is not None:
                self._note(universe, how, address, self._names.get(address, ""), address, now, life=ARTNET_LIFE)
        elif isinstance(packet, PollReply):
            self._reply(packet, address, now)

    def heard_dmx(self, widget: str, now: Instant) -> None:
        """Levels that came by the cable of ``widget``, which the show lets join."""
        universe = self._joined.get(f"usbpro/{widget}")
        if universe is not None:
            self._note(universe, How.JOINS, widget, "A desk", f"by widget {widget}", now)

    def _reply(self, reply: PollReply, address: str, now: Instant) -> None:
        if address in self._names or len(self._names) < 1024:
            self._names[address] = reply.short_name
        for number in reply.inputs:
            universe = self._artnet.get(number)
            if universe is not None and f"artnet/{number}" not in self._joined:
                self._note(universe, How.ANNOUNCES, address, reply.short_name, address, now)
        base = (reply.net & 0x7F) << 8 | (reply.sub_net & 0xF) << 4
        for port in range(min(reply.num_ports, 4)):
            universe = self._artnet.get(base | reply.sw_out[port] & 0xF)
            if universe is None or not reply.port_types[port] & PORT_OUTPUT:
                continue
            if reply.good_output[port] & GOOD_OUTPUT_MERGING:
                self._note(universe, How.MERGES, address, reply.short_name, address, now)
            elif self._known.pop((universe.index, How.MERGES, address), None) is not None:
                self.version += 1

    def current(self, now: Instant) -> tuple[Rival, ...]:
        """Everybody who is there at ``now``, by universe."""
        self.wake(now)
        return tuple(rival for _, (rival, _, _) in sorted(self._known.items(), key=lambda item: item[0]))

    def take_over(self, older: Rivals) -> None:
        """Goes on with who is known to ``older``, on the universes that are still there (a show was loaded anew)."""
        index = {universe.key: universe.index for universe in self._universes}
        for (was, how, identity), (rival, heard, until) in older._known.items():
            now = index.get(older._universes[was].key)
            if now is not None:
                self._known[now, how, identity] = replace(rival, universe=now), heard, until
        self._names = dict(older._names)
        self.version = older.version + 1

    def wake(self, now: Instant) -> None:
        """Forgets who has fallen silent."""
        gone = [key for key, (_, _, until) in self._known.items() if now >= until]
        for key in gone:
            del self._known[key]
        self.version += bool(gone)

    def _meant(self, key: str, ours: Universe | None) -> tuple[How, Universe | None]:
        """What data on universe ``key`` of the network is to us, and for which of our universes."""
        joined = self._joined.get(key)
        return (How.SENDS, ours) if joined is None else (How.JOINS, joined)

    def _note(
        self,
        universe: Universe,
        how: How,
        identity: str,
        name: str,
        address: str,
        now: Instant,
        cid: bytes = b"",
        priority: int = NO_PRIORITY,
        life: Duration | None = None,
    ) -> None:
        key, name = (universe.index, how, identity), printable(name)
        known = self._known.get(key)
        if known is None and len(self._known) >= MAX_RIVALS:
            return
        until = now + (LIFE[how] if life is None else life)
        if known is not None:
            rival = known[0]
            if (rival.name, rival.address, rival.priority) == (name, address, priority):
                self._known[key] = rival, now, until
                return
        self._known[key] = Rival(universe.index, how, name, address, str(UUID(bytes=cid)) if cid else "", priority), now, until
        self.version += 1
