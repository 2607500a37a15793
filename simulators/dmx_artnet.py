"""The Art-Net ear and mouth of a simulated node: Art-Net 4, UDP 6454.

It answers polls with a reply for every four ports of a sub-net, merges the first two senders of a port (by their IP address,
highest takes precedence) and ignores a third, leaves a merge ten seconds after a sender fell silent, obeys ArtSync, and takes odd
lengths. Layouts are the specification's tables; the operation code alone is little-endian.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.show.instants import SECOND, Instant
from simulators.device import Address
from simulators.dmx_port import Port, Source
from simulators.dmx_sacn import in_order
from simulators.rdm_cable import Cable

ARTNET_PORT: Final = 6454
MERGE_TIMEOUT: Final = 10 * SECOND
"""A sender silent for so long no longer counts; with the last one goes the data."""
SYNC_TIMEOUT: Final = 4 * SECOND
HEADER: Final = 18
SEQUENCE: Final = 12
MOST_SENDERS: Final = 2

_ID: Final = b"Art-Net\x00"
_POLL, _POLL_REPLY, _DMX, _SYNC = 0x2000, 0x2100, 0x5000, 0x5200
_REPLY_ON_CHANGE, _TARGETED = 0x02, 0x20


class ArtnetEar:
    """What one node hears of the port-addresses it carries, and what it says of itself."""

    def __init__(self, name: str, address: str, ports: dict[int, Port]) -> None:
        self.name = name
        self.address = address
        self.ports = ports
        self.refused = 0
        self.cables: dict[int, Cable] = {}
        """Port-address -> the fixtures on its cable, where they speak RDM."""
        self._replies: list[tuple[bytes, Address]] = []
        self._interested: dict[Address, None] = {}
        self._last_sender = ""
        self._sync_heard: Instant | None = None
        self._serial = 0

    def hear(self, data: bytes | NDArray[np.uint8], source: Address, now: Instant) -> Source | None:
        """Takes a packet in. Its source, if it was plain data: 512 levels, shown as they are."""
        raw = data if isinstance(data, bytes) else data.tobytes()
        # An ArtPollReply of another node has no protocol version; it is not for us anyway.
        if len(raw) < 10 or raw[:8] != _ID:
            self.refused += 1
            return None
        match int.from_bytes(raw[8:10], "little"):
            case 0x2000 if len(raw) >= 14 and _version(raw) >= 14:
                self._polled(raw, source, now)
            case 0x5000 if len(raw) > HEADER and _version(raw) >= 14:
                return self._dmx(raw, source[0], now)
            case 0x5200 if len(raw) >= 12 and _version(raw) >= 14:
                self._synchronize(source[0], now)
            case 0x8000 | 0x8200 | 0x8300 if len(raw) >= 24 and _version(raw) >= 14:
                self._managed(raw, source)
            case 0x2000 | 0x5000 | 0x5200:
                self.refused += 1
            case _:
                pass
        return None

    def take_replies(self) -> list[tuple[bytes, Address]]:
        """What the node has to say, and to whom."""
        replies, self._replies = self._replies, []
        return replies

    def forget(self) -> None:
        """Switched off."""
        self._replies.clear()
        self._interested.clear()
        self._sync_heard, self._last_sender = None, ""

    # --- levels ---------------------------------------------------------------------------------------------------

    def _dmx(self, raw: bytes, sender: str, now: Instant) -> Source | None:
        count = int.from_bytes(raw[16:18], "big")
        if not 1 <= count <= 512 or HEADER + count > len(raw):
            self.refused += 1
            return None
        port = self.ports.get((raw[15] & 0x7F) << 8 | raw[14])
        if port is None:
            return None
        port.expire(now)
        known = port.sources.get(sender)
        if known is None and len(port.sources) >= MOST_SENDERS:
            return None
        sequence = raw[SEQUENCE]
        if known is not None and sequence and known.sequence and not in_order(sequence, known.sequence):
            self.refused += 1
            return None
        found = port.source(sender, sender, 100, now)
        self._last_sender = sender
        table, row = port.table, found.row
        table.heading(row, np.frombuffer(raw, np.uint8, HEADER), SEQUENCE)
        levels = np.zeros(512, np.uint8)
        levels[:count] = np.frombuffer(raw, np.uint8, count, HEADER)
        if known is None:
            self._tell_interested(now)
        if self._synchronous(port, now):
            found.pending = levels
            return None
        found.pending = None
        table.slots[row] = levels
        if port.on_output is not None:
            port.on_output(port.slots(now), now)
        return found if count == 512 and self._sync_heard is None else None

    def _synchronous(self, port: Port, now: Instant) -> bool:
        if self._sync_heard is not None and now - self._sync_heard >= SYNC_TIMEOUT:
            self._sync_heard = None
        return self._sync_heard is not None and not port.merging()

    def _synchronize(self, sender: str, now: Instant) -> None:
        if sender != self._last_sender:
            return
        self._sync_heard = now
        for port in self.ports.values():
            port.table.generation += 1
            port.expire(now)
            for source in port.sources.values():
                if source.pending is not None:
                    port.table.slots[source.row] = source.pending
                    source.pending = None
            if port.on_output is not None and port.sources:
                port.on_output(port.slots(now), now)

    # --- RDM ------------------------------------------------------------------------------------------------------

    def _managed(self, raw: bytes, source: Address) -> None:
        """ArtTodRequest, ArtTodControl, ArtRdm: for those ports whose cables have fixtures that speak RDM."""
        low = raw[24 : 24 + raw[23]] if raw[8:10] == b"\x00\x80" else raw[23:24]
        for address in ((raw[21] & 0x7F) << 8 | byte for byte in low):
            cable = self.cables.get(address)
            if cable is None:
                continue
            if raw[8:10] != b"\x00\x83":
                self._tell_devices(address, cable.uids(), source)
            elif (said := cable.carries(b"\xcc" + raw[24:])) is not None:
                head = _ID + b"\x00\x83\x00\x0e\x01" + bytes(8) + bytes((address >> 8, 0, address & 0xFF))
                self._replies.append((head + said[1:], source))

    def _tell_devices(self, address: int, uids: list[int], to: Address) -> None:
        """ArtTodData, two hundred devices in each at most. The node's own search has been done when it was switched on."""
        for block, first in enumerate(range(0, max(len(uids), 1), 200)):
            part = uids[first : first + 200]
            head = _ID + b"\x00\x81\x00\x0e\x01\x01" + bytes(6) + bytes((1, address >> 8, 0, address & 0xFF))
            head += len(uids).to_bytes(2, "big") + bytes((block, len(part)))
            self._replies.append((head + b"".join(uid.to_bytes(6, "big") for uid in part), to))

    # --- polls ----------------------------------------------------------------------------------------------------

    def _polled(self, raw: bytes, source: Address, now: Instant) -> None:
        flags = raw[12]
        if flags & _REPLY_ON_CHANGE:
            self._interested[source] = None
        else:
            self._interested.pop(source, None)
        wanted = range(0x8000)
        if flags & _TARGETED and len(raw) >= 18:
            wanted = range(int.from_bytes(raw[16:18], "big"), int.from_bytes(raw[14:16], "big") + 1)
        self._say(source, wanted, now)

    def _tell_interested(self, now: Instant) -> None:
        for poller in self._interested:
            self._say(poller, range(0x8000), now)

    def _say(self, to: Address, wanted: range, now: Instant) -> None:
        self._serial = (self._serial + 1) % 10_000
        for index, ports in enumerate(_by_sub_net(self.ports.values()), start=1):
            if any(port.number in wanted for port in ports):
                self._replies.append((self._reply(index, ports, now), to))

    def _reply(self, bind_index: int, ports: list[Port], now: Instant) -> bytes:
        """An ArtPollReply (239 bytes): up to four outputs of one sub-net."""
        reply = bytearray(239)
        address = bytes(int(part) for part in self.address.split("."))
        first = ports[0].number
        for at, value in (
            (0, _ID),
            (8, _POLL_REPLY.to_bytes(2, "little")),
            (10, address),
            (14, ARTNET_PORT.to_bytes(2, "little")),
            (16, b"\x00\x01"),  # firmware
            (18, bytes([first >> 8, first >> 4 & 0x0F])),
            (20, b"\x00\xff"),  # OEM: unknown
            (23, b"\xd0"),  # indicators normal, addresses set by the front panel
            (24, (0x7FF0).to_bytes(2, "little")),  # ESTA: prototyping
            (26, self.name.encode()[:17]),
            (44, f"{self.name}, a node of the simulated venue".encode()[:63]),
            (108, f"#0001 [{self._serial:04}] {len(ports)} outputs".encode()[:63]),
            (172, len(ports).to_bytes(2, "big")),
            (201, b"\x02\x53" + address),  # MAC, locally administered
            (207, address),
            (211, bytes([bind_index, 0x08])),  # Status2: 15-bit port-addresses
        ):
            reply[at : at + len(value)] = value
        for n, port in enumerate(ports):
            port.expire(now)
            reply[174 + n] = 0x80  # an output, DMX512
            reply[182 + n] = (0x80 if port.sources else 0) | (0x08 if port.merging() else 0)
            reply[190 + n] = port.number & 0x0F
        return bytes(reply)


def _by_sub_net(ports: Iterable[Port]) -> list[list[Port]]:
    """Ports in fours, each four within one net and sub-net."""
    found: list[list[Port]] = []
    for port in sorted(ports, key=lambda port: port.number):
        if not found or len(found[-1]) == 4 or found[-1][0].number >> 4 != port.number >> 4:
            found.append([])
        found[-1].append(port)
    return found


def _version(raw: bytes) -> int:
    return int.from_bytes(raw[10:12], "big")
