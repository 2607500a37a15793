"""OSC packets in a byte stream (TCP): cutting it into packets, and both ways to frame them.

Standards: OSC 1.0, "OSC Packets" (a stream sends each packet after its size as an int32), and OSC 1.1 (SLIP, RFC 1055, with
END before and after each packet). A peer never says which it speaks; its first byte does: 0xC0 is SLIP, 0x00 is the top of
a size. A packet may have 64 KiB; what claims to be longer is refused before any memory is set aside for it.
"""

from enum import Enum
from typing import Final

from showctl.protocols.errors import ProtocolError

MAX_PACKET: Final = 65536  # ours; Eos keeps to 512 bytes, UDP could not carry more
END: Final = 0xC0  # RFC 1055
ESC: Final = 0xDB
ESC_END: Final = 0xDC
ESC_ESC: Final = 0xDD
_END, _ESC = bytes((END,)), bytes((ESC,))
_ESCAPED = {ESC_END: END, ESC_ESC: ESC}


class Framing(Enum):
    """How packets are told apart in a stream."""

    LENGTH_PREFIX = "OSC 1.0 length prefix"
    SLIP = "OSC 1.1 SLIP"


class Splitter:
    """Cuts a stream into packets, whatever pieces it arrives in.

    After a fault the stream has no meaning any more: packets that came before it are still handed out, then every call
    raises, and the connection wants closing. Given no framing, the first byte decides, and `framing` then says what it was.
    """

    def __init__(self, framing: Framing | None = None, limit: int = MAX_PACKET) -> None:
        self.framing = framing
        self._limit = limit
        self._buffer = bytearray()
        self._searched = 0  # bytes of the buffer that are known to hold no END
        self._consumed = 0  # bytes of the stream before the buffer, so that a fault can say where
        self._fault: ProtocolError | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """The packets that are complete now, in order."""
        packets: list[bytes] = []
        if self._fault is None:
            self._buffer += data
            try:
                self._cut(packets)
            except ProtocolError as fault:
                self._fault = fault
                self._buffer.clear()
        if self._fault is not None and not packets:
            raise self._fault
        return packets

    @property
    def fault(self) -> ProtocolError | None:
        """Why this stream ended, once it did."""
        return self._fault

    def _cut(self, packets: list[bytes]) -> None:
        if self.framing is None and self._buffer:
            if self._buffer[0] not in (0x00, END):
                raise ProtocolError("stream begins with neither a size nor SLIP END", self._consumed)
            self.framing = Framing.SLIP if self._buffer[0] == END else Framing.LENGTH_PREFIX
        if self.framing is Framing.SLIP:
            self._cut_slip(packets)
        elif self.framing is Framing.LENGTH_PREFIX:
            self._cut_lengths(packets)

    def _cut_lengths(self, packets: list[bytes]) -> None:
        buffer, at = self._buffer, 0
        while len(buffer) - at >= 4:
            size = int.from_bytes(buffer[at : at + 4], "big")
            if size > self._limit:
                raise ProtocolError(f"packet of {size} bytes is over the limit", self._consumed + at)
            if len(buffer) - at - 4 < size:
                break
            if size:
                packets.append(bytes(buffer[at + 4 : at + 4 + size]))
            at += 4 + size
        self._drop(at)

    def _cut_slip(self, packets: list[bytes]) -> None:
        buffer, at = self._buffer, 0
        while (end := buffer.find(_END, max(at, self._searched))) >= 0:
            if end > at:
                packets.append(self._unescape(bytes(buffer[at:end]), at))
            at = end + 1
        self._drop(at)
        self._searched = len(buffer)
        if len(buffer) > 2 * self._limit:
            raise ProtocolError("packet without an end is over the limit", self._consumed)

    def _unescape(self, raw: bytes, at: int) -> bytes:
        first, *escaped = raw.split(_ESC)
        offset = self._consumed + at + len(first)
        parts = [first]
        for piece in escaped:
            if not piece or piece[0] not in _ESCAPED:
                raise ProtocolError("SLIP escape is followed by neither 0xDC nor 0xDD", offset)
            parts += [bytes((_ESCAPED[piece[0]],)), piece[1:]]
            offset += 1 + len(piece)
        packet = b"".join(parts)
        if len(packet) > self._limit:
            raise ProtocolError(f"packet of {len(packet)} bytes is over the limit", self._consumed + at)
        return packet

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._consumed += count
        self._searched = 0


def frame(packet: bytes, framing: Framing) -> bytes:
    """A packet as it goes into a stream.

    >>> frame(b"/a", Framing.SLIP)
    b'\\xc0/a\\xc0'
    """
    match framing:
        case Framing.LENGTH_PREFIX:
            return len(packet).to_bytes(4, "big") + packet
        case Framing.SLIP:
            escaped = packet.replace(_ESC, bytes((ESC, ESC_ESC))).replace(_END, bytes((ESC, ESC_END)))
            return _END + escaped + _END
