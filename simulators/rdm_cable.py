"""The fixtures of one DMX cable as RDM responders (ANSI E1.20-2010), and the cable, on which several speak at once.

A responder parses slots by itself and answers as the standard's tables say: who is asked by broadcast is silent, who is muted
keeps out of discovery, what it does not know it refuses with a reason. Two that answer one discovery branch give the bytewise
OR of what they say, as a line driven twice does. Technicians may change address, mode, label and identify; a fixture remembers.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Final

from showctl.show.fixtures import Fixture, FixtureType
from showctl.show.show import Show

MAKER: Final = 0x7FF0
"""The first of ESTA's range for prototypes."""
EVERYBODY: Final = 0xFFFF_FFFF_FFFF
GET, SET, DISCOVER = 0x20, 0x30, 0x10
UNKNOWN_PID, FORMAT, NO_COMMAND, OUT_OF_RANGE = 0, 1, 4, 6


class Responder:
    """One fixture's RDM side."""

    def __init__(self, uid: int, model: str, modes: list[tuple[str, int]], mode: int, address: int) -> None:
        self.uid = uid
        self.model = model
        self.modes = modes
        self.mode = mode
        """From 1."""
        self.address = address
        self.label = ""
        self.identifying = False
        self.muted = False
        self.silent = False
        """Deaf and dumb: a bad cable, or no RDM at all."""
        self.busy = 0
        """So many requests are put off with ACK_TIMER before they are answered."""
        self.temperature = 41
        self._later: bytes | None = None

    def hears(self, slots: bytes) -> bytes | None:
        """What it says to a whole packet (with start code and checksum), or None."""
        if self.silent or len(slots) < 26 or slots[0] != 0xCC or slots[1] != 1 or slots[2] != slots[23] + 24:
            return None
        end = slots[2]
        if sum(slots[:end]) % 65536 != slots[end] * 256 + slots[end + 1]:
            return None
        to = int.from_bytes(slots[3:9], "big")
        mine = to == self.uid
        if not mine and to not in (EVERYBODY, (self.uid >> 32) << 32 | 0xFFFF_FFFF):
            return None
        kind, pid, data = slots[20], slots[21] * 256 + slots[22], slots[24:end]
        if kind == DISCOVER:
            return self._discovered(slots, pid, data, mine)
        said = self._answer(kind, pid, data)
        if not mine:
            return None  # a broadcast is obeyed, never answered
        if self.busy and pid != 0x0020:
            self.busy -= 1
            self._later = self._reply(slots, kind + 1, pid, *said)
            return self._reply(slots, kind + 1, pid, 1, b"\x00\x02")
        if pid == 0x0020:
            if self._later is None:
                return self._reply(slots, 0x21, 0x0030, 0, b"")
            later, self._later = self._later, None
            return later
        return self._reply(slots, kind + 1, pid, *said)

    def _discovered(self, slots: bytes, pid: int, data: bytes, mine: bool) -> bytes | None:
        match pid:
            case 0x0001:
                low, high = int.from_bytes(data[:6], "big"), int.from_bytes(data[6:12], "big")
                return None if self.muted or not low <= self.uid <= high else self._found()
            case 0x0002 | 0x0003:
                self.muted = pid == 2
                return self._reply(slots, 0x11, pid, 0, b"\x00\x00") if mine else None
            case _:
                return None

    def _found(self) -> bytes:
        """FE seven times, AA, the UID and its sum, each byte as two that a short circuit cannot fake."""
        spread = bytearray()
        for byte in self.uid.to_bytes(6, "big"):
            spread += bytes((byte | 0xAA, byte | 0x55))
        total = sum(spread)
        for byte in (total >> 8, total & 255):
            spread += bytes((byte | 0xAA, byte | 0x55))
        return b"\xfe" * 7 + b"\xaa" + bytes(spread)

    def _reply(self, slots: bytes, kind: int, pid: int, response: int, data: bytes) -> bytes:
        said = bytearray(b"\xcc\x01")
        said.append(24 + len(data))
        said += slots[9:15] + self.uid.to_bytes(6, "big")
        said += bytes((slots[15], response, 0)) + slots[18:20]
        said += bytes((kind, pid >> 8, pid & 255, len(data))) + data
        total = sum(said) % 65536
        return bytes(said + bytes((total >> 8, total & 255)))

    # --- parameters ---------------------------------------------------------------------------------------------------

    def _answer(self, kind: int, pid: int, data: bytes) -> tuple[int, bytes]:
        """(response type, data)."""
        if kind == GET:
            found = self._get(pid, data)
        elif kind == SET:
            found = self._set(pid, data)
        else:
            found = NO_COMMAND
        return (2, found.to_bytes(2, "big")) if isinstance(found, int) else (0, found)

    def _get(self, pid: int, data: bytes) -> bytes | int:
        footprint = self.modes[self.mode - 1][1]
        match pid:
            case 0x0050:
                return b"".join(p.to_bytes(2, "big") for p in (0x80, 0x81, 0x82, 0xE0, 0xE1, 0x200, 0x201, 0x400))
            case 0x0060:
                head = (
                    b"\x01\x00"
                    + (zlib.crc32(self.model.encode()) & 0xFFFF).to_bytes(2, "big")
                    + b"\x01\x00"
                    + b"\x00\x00\x01\x00"
                )
                where = self.address.to_bytes(2, "big")
                return head + footprint.to_bytes(2, "big") + bytes((self.mode, len(self.modes))) + where + b"\x00\x00\x01"
            case 0x0080:
                return self.model.encode()[:32]
            case 0x0081:
                return b"Simulated venue"
            case 0x0082:
                return self.label.encode()[:32]
            case 0x00C0:
                return b"1.0"
            case 0x00E0:
                return bytes((self.mode, len(self.modes)))
            case 0x00E1:
                if len(data) != 1:
                    return FORMAT
                if not 1 <= data[0] <= len(self.modes):
                    return OUT_OF_RANGE
                name, size = self.modes[data[0] - 1]
                return bytes((data[0],)) + size.to_bytes(2, "big") + name.encode()[:32]
            case 0x00F0:
                return self.address.to_bytes(2, "big")
            case 0x0200:
                if data != b"\x00":
                    return OUT_OF_RANGE if len(data) == 1 else FORMAT
                # Sensor 0: temperature, degrees Celsius, no prefix; -20..120, normal 0..85.
                return b"\x00\x00\x01\x00" + b"\xff\xec\x00\x78" + b"\x00\x00\x00\x55" + b"\x00" + b"Lamp house"
            case 0x0201:
                if data != b"\x00":
                    return OUT_OF_RANGE if len(data) == 1 else FORMAT
                return b"\x00" + self.temperature.to_bytes(2, "big", signed=True) + b"\x00\x00" * 3
            case 0x0400:
                return (1234).to_bytes(4, "big")
            case 0x1000:
                return bytes((self.identifying,))
            case _:
                return UNKNOWN_PID

    def _set(self, pid: int, data: bytes) -> bytes | int:
        match pid:
            case 0x0082:
                self.label = data.decode("ascii", "replace")
            case 0x00E0:
                if len(data) != 1:
                    return FORMAT
                if not 1 <= data[0] <= len(self.modes):
                    return OUT_OF_RANGE
                self.mode = data[0]
            case 0x00F0:
                if len(data) != 2:
                    return FORMAT
                if not 1 <= int.from_bytes(data, "big") <= 512:
                    return OUT_OF_RANGE
                self.address = int.from_bytes(data, "big")
            case 0x1000:
                if len(data) != 1 or data[0] > 1:
                    return FORMAT
                self.identifying = data == b"\x01"
            case _:
                return UNKNOWN_PID if pid not in (0x0060, 0x0080, 0x0081, 0x00C0) else NO_COMMAND
        return b""


class Cable:
    """The responders of one DMX output."""

    def __init__(self, responders: Iterable[Responder] = ()) -> None:
        self.responders = list(responders)

    def carries(self, slots: bytes) -> bytes | None:
        """A packet goes down the cable; what comes back, or None."""
        said = [answer for responder in self.responders if (answer := responder.hears(slots)) is not None]
        if not said:
            return None
        heard = bytearray(max(map(len, said)))
        for answer in said:
            for n, byte in enumerate(answer):
                heard[n] |= byte
        return bytes(heard)

    def uids(self) -> list[int]:
        """Whom a node's own search would find."""
        return sorted(responder.uid for responder in self.responders if not responder.silent)


def cables_of(show: Show) -> dict[str, Cable]:
    """Universe -> its cable, with every fixture patched there as a responder."""
    found: dict[str, Cable] = {universe.key: Cable() for universe in show.patch.universes}
    for fixture in show.patch.fixtures:
        found[fixture.universe].responders.append(_responder(fixture, show.fixture_types.get(fixture.type)))
    return found


def _responder(fixture: Fixture, kind: FixtureType | None) -> Responder:
    modes = [(mode.name, mode.footprint) for mode in (kind.modes if kind is not None else (fixture.mode,))]
    mode = next((n for n, (name, _) in enumerate(modes, start=1) if name == fixture.mode.name), 1)
    uid = MAKER << 32 | zlib.crc32(fixture.name.encode())
    return Responder(uid, fixture.type, modes, mode, fixture.address)
