"""The sACN ear of a simulated node: ANSI E1.31-2018, read from its tables and from nothing of the controller's.

It reads data packets by the layout below, checks what a receiver must check, keeps the sequence rule, takes goodbyes at
their word, ignores previews and start codes other than 0, and holds synchronized data until its synchronization packet. What
becomes of the levels is ``dmx_port.py``'s business.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.show.instants import MILLISECOND, Instant
from simulators.dmx_port import Port, Source

SACN_PORT: Final = 5568
NETWORK_DATA_LOSS: Final = 2500 * MILLISECOND
"""E1.31, network data loss timeout."""
HEADER: Final = 126
SEQUENCE: Final = 111

DATA: Final = np.dtype(
    {
        "names": [
            "preamble", "postamble", "id", "root_vector", "cid", "framing_vector", "source_name", "priority", "sync",
            "sequence", "options", "universe", "dmp_vector", "type", "first", "increment", "count", "start_code",
        ],
        "offsets": [0, 2, 4, 18, 22, 40, 44, 108, 109, 111, 112, 113, 117, 118, 119, 121, 123, 125],
        "formats": [
            ">u2", ">u2", "V12", ">u4", "V16", ">u4", "V64", "u1", ">u2",
            "u1", "u1", ">u2", "u1", "u1", ">u2", ">u2", ">u2", "u1",
        ],
        "itemsize": HEADER,
    }
)  # fmt: skip
"""E1.31 table 4-1, 5-x, 6-x: the fixed part of a data packet; the slots follow."""

_ROOT: Final = b"\x00\x10\x00\x00ASC-E1.17\x00\x00\x00"
_PREVIEW, _TERMINATED, _FORCE_SYNC = 0x80, 0x40, 0x20


def group_of(universe: int) -> str:
    """The multicast group of a universe.

    >>> group_of(1), group_of(300)
    ('239.255.0.1', '239.255.1.44')
    """
    return f"239.255.{universe >> 8}.{universe & 255}"


def in_order(new: int, last: int) -> bool:
    """The sequence rule (E1.31 6.7.2): a packet up to 20 behind, or the same again, is out of order.

    >>> in_order(6, 5), in_order(5, 5), in_order(0, 255), in_order(246, 5), in_order(200, 5)
    (True, False, True, False, True)
    """
    behind = (new - last + 128) % 256 - 128
    return not -20 < behind <= 0


class SacnEar:
    """What one node hears of the universes it carries."""

    def __init__(self, ports: dict[int, Port]) -> None:
        self.ports = ports
        self.refused = 0
        """Packets that were no sACN, broken, or out of order."""
        self._sync_heard: dict[int, Instant] = {}
        self._sync_sequence: dict[tuple[bytes, int], int] = {}

    def hear(self, data: bytes | NDArray[np.uint8], now: Instant) -> Source | None:
        """Takes a packet in. Its source, if it was a plain one: 512 levels, shown as they are."""
        raw = np.frombuffer(data, np.uint8) if isinstance(data, bytes) else data
        if len(raw) < 49 or raw[:16].tobytes() != _ROOT:
            self.refused += 1
            return None
        match int.from_bytes(raw[18:22].tobytes(), "big"):
            case 4 if len(raw) >= HEADER:
                return self._data(raw, now)
            case 8 if int.from_bytes(raw[40:44].tobytes(), "big") == 1:
                self._synchronize(raw, now)
            case 8:
                pass  # universe discovery is for people
            case _:
                self.refused += 1
        return None

    def _data(self, raw: NDArray[np.uint8], now: Instant) -> Source | None:
        packet = raw[:HEADER].view(DATA)[0]
        count = int(packet["count"]) - 1
        sound = (
            packet["framing_vector"] == 2
            and packet["dmp_vector"] == 2
            and packet["type"] == 0xA1
            and packet["first"] == 0
            and packet["increment"] == 1
            and 0 <= count <= 512
            and HEADER + count <= len(raw)
            and packet["priority"] <= 200
        )
        port = self.ports.get(int(packet["universe"]))
        if not sound:
            self.refused += 1
            return None
        options = int(packet["options"])
        if port is None or options & _PREVIEW or packet["start_code"] != 0:
            return None
        identity = packet["cid"].tobytes().hex()
        known = port.sources.get(identity)
        if known is not None and now - known.seen < port.timeout and not in_order(int(packet["sequence"]), known.sequence):
            self.refused += 1
            return None
        if options & _TERMINATED:
            port.drop(identity, now)
            return None
        return self._levels(port, packet, raw, count, now)

    def _levels(self, port: Port, packet: np.void, raw: NDArray[np.uint8], count: int, now: Instant) -> Source | None:
        name = packet["source_name"].tobytes().split(b"\0")[0].decode("utf-8", "replace")
        source = port.source(packet["cid"].tobytes().hex(), name, int(packet["priority"]), now)
        table, row = port.table, source.row
        table.heading(row, raw[:HEADER], SEQUENCE)
        levels = np.zeros(512, np.uint8)
        levels[:count] = raw[HEADER : HEADER + count]
        source.sync = int(packet["sync"])
        if self._waits(source, int(packet["options"]), now):
            source.pending = levels
            return None
        source.pending = None
        table.slots[row] = levels
        if port.on_output is not None:
            port.on_output(port.slots(now), now)
        return source if count == 512 and source.sync == 0 else None

    def _waits(self, source: Source, options: int, now: Instant) -> bool:
        """Synchronized data waits; until the first synchronization ever came, and with force_sync after its loss, it does not."""
        heard = self._sync_heard.get(source.sync)
        if source.sync == 0 or heard is None:
            return False
        lost = now - heard >= NETWORK_DATA_LOSS
        return not (lost and options & _FORCE_SYNC)

    def _synchronize(self, raw: NDArray[np.uint8], now: Instant) -> None:
        cid, sequence = raw[22:38].tobytes(), int(raw[44])
        address = int.from_bytes(raw[45:47].tobytes(), "big")
        last = self._sync_sequence.get((cid, address))
        if address == 0 or (last is not None and not in_order(sequence, last)):
            self.refused += 1
            return
        self._sync_sequence[cid, address] = sequence
        self._sync_heard[address] = now
        for port in self.ports.values():
            port.expire(now)
            for source in port.sources.values():
                if source.pending is not None and source.sync == address:
                    port.table.slots[source.row] = source.pending
                    source.pending = None
            if port.on_output is not None and port.sources:
                port.on_output(port.slots(now), now)

    def forget(self) -> None:
        """Switched off."""
        self._sync_heard.clear()
        self._sync_sequence.clear()
