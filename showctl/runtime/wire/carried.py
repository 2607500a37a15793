"""What the wire carries for others: RDM and timecode by its Art-Net socket and its widgets' ports, of which there is one each.

Whoever sends a CARRY through the wire's door gets what comes back as BROUGHT, for a while: ArtTodData, ArtRdm and ArtTimeCode,
and whatever a widget says that was spoken to lately. Both ways are bounded; what is too much is dropped, and asked again by
whoever needs it. The wire does not look into it.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from showctl.protocols import artnet
from showctl.runtime.wire.errors import BadMessageError
from showctl.show.instants import SECOND, Instant

if TYPE_CHECKING:
    from showctl.runtime.wire.messages import Message

LISTENING: Final = 30 * SECOND
"""So long after its last CARRY a peer is told what comes back."""
MOST_HELD: Final = 256
WANTED: Final = tuple(code.to_bytes(2, "little") for code in (artnet.OpCode.TOD_DATA, artnet.OpCode.RDM, artnet.OpCode.TIME_CODE))
LARGEST: Final = 2048
_HEAD: Final = struct.Struct("<HB")


@dataclass(frozen=True, slots=True)
class Carried:
    """``data`` for, or from, ``name``: a host and UDP ``port``, or a widget (its name in the patch) where ``port`` is 0."""

    name: str
    port: int
    data: bytes

    def encode(self) -> bytes:
        """The body of a CARRY or BROUGHT."""
        name = self.name.encode()[:255]
        return _HEAD.pack(self.port, len(name)) + name + self.data[:LARGEST]


def decode_carried(message: Message) -> Carried:
    """Reads such a body."""
    body = message.body
    if len(body) < _HEAD.size:
        raise BadMessageError("something to carry that names nobody", message.at)
    port, size = _HEAD.unpack_from(body)
    end = _HEAD.size + size
    if len(body) < end:
        raise BadMessageError("something to carry whose name is cut off", message.at)
    return Carried(body[_HEAD.size : end].decode("utf-8", "replace"), port, body[end:])


class Listening:
    """Datagrams that come back, while somebody asked for them lately."""

    def __init__(self) -> None:
        self.until: Instant = 0
        self._held: deque[Carried] = deque(maxlen=MOST_HELD)

    def heard(self, data: bytes, host: str, port: int, now: Instant) -> None:
        """A datagram on the Art-Net port; kept where it is RDM's or timecode and somebody listens."""
        if now < self.until and data[8:10] in WANTED and data.startswith(artnet.ID):
            self._held.append(Carried(host, port, data))

    def take(self) -> list[Carried]:
        """What was kept, in order."""
        if not self._held:
            return []
        held = list(self._held)
        self._held.clear()
        return held
