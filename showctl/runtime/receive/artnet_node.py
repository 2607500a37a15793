"""Art-Net as a node has it: who sends, what it merges to, and what a node owes those who poll. Sans-I/O. Standard: Art-Net 4.

* A source is known by its IP address; two at most are merged on a Port-Address, HTP or LTP, a third is left out and said.
  One that is silent for 10 s is gone.
* After an ArtSync data waits for the next one, until none has come for 4 s. An ArtSync counts only from the sender of the last
  ArtDmx, and not while merging.
* A poll is answered after a delay of this node's own (up to a second, so that a thousand nodes do not answer at once). Who
  asked for it is told of changes, too, and gets diagnostics.

Nothing that comes in raises, and every table is bounded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.protocols import artnet
from showctl.protocols.artnet_reply import PollReply
from showctl.protocols.errors import ProtocolError
from showctl.runtime.ports import Address
from showctl.runtime.receive.artnet_pages import Identity, Ports, PortState, answers_to
from showctl.show.instants import MILLISECOND, SECOND, Instant

MERGE_TIMEOUT: Final = 10 * SECOND  # Art-Net 4, "Data Merging": a source that stops for 10 s leaves the merge
SYNC_TIMEOUT: Final = 4 * SECOND  # Art-Net 4, ArtSync: non-synchronous again when none comes for 4 s or more
MAX_MERGED: Final = 2  # Art-Net 4, "Data Merging": two sources
LONGEST_DELAY: Final = SECOND  # Art-Net 4, ArtPollReply: a random delay of up to 1 s
POLLER_LIFE: Final = 10 * SECOND
MAX_NODES: Final = 1024
MAX_POLLERS: Final = 16
MAX_DIAGNOSTICS: Final = 64
MAX_REFUSALS: Final = 32


@dataclass(slots=True)
class ArtSource:
    """One that sends a Port-Address."""

    address: str
    heard: Instant
    levels: bytes = b""
    sequence: int = 0
    packets: int = 0
    refused: int = 0
    waiting: bytes | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A line of diagnostics that came."""

    address: str
    priority: int
    text: str
    instant: Instant


class ArtPort:
    """One Port-Address that is listened to."""

    def __init__(self, number: int, ltp: bool = False) -> None:
        self.number, self.ltp = number, ltp
        self.sources: dict[str, ArtSource] = {}
        self.left_out: dict[str, int] = {}
        """Third sources: address -> packets."""
        self.version = 0
        self.newest = ""
        """Who sent last."""

    @property
    def merging(self) -> bool:
        return len(self.sources) > 1

    def expire(self, now: Instant) -> None:
        for address in [address for address, source in self.sources.items() if now - source.heard >= MERGE_TIMEOUT]:
            del self.sources[address]
            self.version += 1

    def levels(self, now: Instant) -> NDArray[np.uint8] | None:
        """What comes out at ``now``; None where nobody sends."""
        self.expire(now)
        found = [source for source in self.sources.values() if source.levels]
        if not found:
            return None
        if self.ltp:
            found = [max(found, key=lambda source: source.heard)]
        made = np.zeros((len(found), artnet.MAX_SLOTS), np.uint8)
        for row, source in zip(made, found, strict=True):
            row[: len(source.levels)] = np.frombuffer(source.levels, np.uint8)
        merged: NDArray[np.uint8] = made.max(axis=0)
        return merged


@dataclass(slots=True)
class _Poller:
    heard: Instant
    on_change: bool
    diagnostics: bool
    least: int


class ArtnetNode:
    """A node at ``who.ip`` that listens to ``numbers`` (Port-Addresses); with ``ltp`` the latest takes precedence."""

    def __init__(self, who: Identity, numbers: Iterable[int] = (), ltp: bool = False) -> None:
        self.who = who
        self.ports = {number: ArtPort(number, ltp) for number in numbers}
        self.nodes: dict[tuple[str, int], tuple[PollReply, Instant]] = {}
        """(address, bind index) -> what it last said of itself, and when."""
        self.diagnostics: deque[Said] = deque(maxlen=MAX_DIAGNOSTICS)
        self.time_code: tuple[artnet.TimeCode, str, Instant] | None = None
        self.refused: dict[str, int] = {}
        self.elsewhere: dict[int, str] = {}
        """Port-Addresses that came and that nobody asked for, with who sent them."""
        self._synchronous: Instant | None = None
        self._last_dmx = ""
        self._pollers: dict[Address, _Poller] = {}
        self._due: list[tuple[Instant, Address, bytes]] = []
        self._answers = 0
        self._told: dict[int, PortState] = {}

    # --- What comes in ------------------------------------------------------------------------------------------------

    def received(self, data: bytes, source: Address, now: Instant) -> list[tuple[Address, bytes]]:
        """A datagram. Gives what is to be sent now."""
        try:
            packet = artnet.decode(data)
        except ProtocolError as problem:
            if problem.what in self.refused or len(self.refused) < MAX_REFUSALS:
                self.refused[problem.what] = self.refused.get(problem.what, 0) + 1
            return []
        match packet:
            case artnet.Dmx():
                self._dmx(packet, source[0], now)
            case artnet.Sync():
                self._synchronize(source[0], now)
            case artnet.Poll():
                self._polled(packet, source, now)
            case PollReply():
                key = (source[0], packet.bind_index)
                if key in self.nodes or len(self.nodes) < MAX_NODES:
                    self.nodes[key] = packet, now
            case artnet.TimeCode():
                self.time_code = packet, source[0], now
            case artnet.DiagData():
                self.diagnostics.append(Said(source[0], packet.priority, packet.text, now))
            case artnet.Unknown():
                pass
        return self.wake(now)

    def _dmx(self, packet: artnet.Dmx, address: str, now: Instant) -> None:
        self._last_dmx = address
        port = self.ports.get(packet.port_address)
        if port is None:
            if len(self.elsewhere) < MAX_NODES:
                self.elsewhere[packet.port_address] = address
            return
        port.expire(now)
        source = port.sources.get(address)
        if source is None:
            if len(port.sources) >= MAX_MERGED:
                self._leave_out(port, address, now)
                return
            source = port.sources[address] = ArtSource(address, now)
        elif not in_sequence(source.sequence, packet.sequence):
            source.refused += 1
            return
        source.sequence, source.heard, source.packets = packet.sequence, now, source.packets + 1
        port.newest = address
        if self.synchronous(now) and not port.merging:
            source.waiting = packet.slots
        else:
            source.levels, source.waiting = packet.slots, None
            port.version += 1

    def _leave_out(self, port: ArtPort, address: str, now: Instant) -> None:
        known = address in port.left_out
        if known or len(port.left_out) < MAX_POLLERS:
            port.left_out[address] = port.left_out.get(address, 0) + 1
        if not known:
            text = f"{artnet.format_port_address(port.number)}: a third source, {address}, is left out"
            self._say(artnet.DiagData(text, artnet.DiagPriority.HIGH), now)

    def synchronous(self, now: Instant) -> bool:
        """Whether data waits for an ArtSync."""
        return self._synchronous is not None and now - self._synchronous < SYNC_TIMEOUT

    def _synchronize(self, address: str, now: Instant) -> None:
        if address != self._last_dmx:
            return
        self._synchronous = now
        for port in self.ports.values():
            if port.merging:
                continue
            for source in port.sources.values():
                if source.waiting is not None:
                    source.levels, source.waiting = source.waiting, None
                    port.version += 1

    # --- What a node owes ---------------------------------------------------------------------------------------------

    def state(self, now: Instant) -> Ports:
        """What the ports do at ``now``."""
        outputs = {}
        for number, port in self.ports.items():
            port.expire(now)
            outputs[number] = PortState(bool(port.sources), port.merging, port.ltp)
        return Ports(outputs)

    def _polled(self, poll: artnet.Poll, source: Address, now: Instant) -> None:
        wants = bool(poll.flags & artnet.POLL_REPLY_ON_CHANGE), bool(poll.flags & artnet.POLL_DIAGNOSTICS)
        if source in self._pollers or len(self._pollers) < MAX_POLLERS:
            self._pollers[source] = _Poller(now, *wants, poll.diag_priority)
        if any(to == source for _, to, _ in self._due):
            return  # it is answered already: polls faster than answers are no reason for more of them
        ports = self.state(now)
        self._answers += 1
        self._told = dict(ports.outputs)
        at = now + self._delay
        self._due += ((at, source, data) for data in answers_to(poll, self.who, ports, self._answers))

    @property
    def _delay(self) -> int:
        """This node's own: made from its address, so that neighbours differ and a test knows it."""
        return int.from_bytes(bytes(int(part) for part in self.who.ip.split(".")), "big") * 7919 % 1000 * MILLISECOND

    def _say(self, line: artnet.DiagData, now: Instant) -> None:
        data = artnet.encode(line)
        for to, poller in self._pollers.items():
            if poller.diagnostics and line.priority >= poller.least:
                self._due.append((now, to, data))

    def wake(self, now: Instant) -> list[tuple[Address, bytes]]:
        """What is to be sent by ``now``: answers that were due, and news for those who asked for changes."""
        for to in [to for to, poller in self._pollers.items() if now - poller.heard >= POLLER_LIFE]:
            del self._pollers[to]
        ports = self.state(now)
        if self._told and ports.outputs != self._told:
            self._told = dict(ports.outputs)
            self._answers += 1
            waiting = {to for _, to, _ in self._due}
            for to, poller in self._pollers.items():
                if poller.on_change and to not in waiting:
                    self._due += ((now, to, data) for data in answers_to(artnet.Poll(), self.who, ports, self._answers))
        out = [(to, data) for at, to, data in self._due if at <= now]
        self._due = [due for due in self._due if due[0] > now]
        return out

    def next_deadline(self) -> Instant | None:
        """When something is to be sent, or somebody leaves a merge, although nothing comes."""
        asks = [at for at, _, _ in self._due]
        asks += [source.heard + MERGE_TIMEOUT for port in self.ports.values() for source in port.sources.values()]
        return min(asks, default=None)


def in_sequence(last: int, new: int) -> bool:
    """Whether ArtDmx ``new`` may be used after ``last``. 0 on either side: the sender does not order its packets.

    Art-Net names no window; ours is that of E1.31 but for the same number twice, which senders exist that do.

    >>> in_sequence(0, 0), in_sequence(5, 4), in_sequence(5, 5), in_sequence(255, 1), in_sequence(40, 1)
    (True, False, True, True, True)
    """
    if last == 0 or new == 0:
        return True
    step = (new - last + 128) % 256 - 128
    return not -20 < step < 0
