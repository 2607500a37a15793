"""What every universe carries at this moment, for ``showctl monitor``: key, priority and slots, in fixed columns.

Unicast is heard by nobody but its node, so whoever watches asks the process that sends it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from showctl.protocols.errors import read_utf8_field, utf8_field
from showctl.runtime.wire.errors import BadMessageError
from showctl.runtime.wire.messages import Kind, Message

_TAPPED: Final = struct.Struct("<48sBH")


@dataclass(frozen=True, slots=True)
class Tapped:
    """One universe as it goes out."""

    key: str
    priority: int
    slots: bytes


def encode_tap(tapped: Iterable[Tapped]) -> bytes:
    """The body of a TAP message."""
    return b"".join(_TAPPED.pack(utf8_field(one.key, 48), one.priority, len(one.slots)) + one.slots for one in tapped)


def decode_tap(message: Message) -> list[Tapped]:
    """Reads the body of a TAP message."""
    assert message.kind is Kind.TAP
    body, at, found = message.body, 0, []
    while at < len(body):
        if at + _TAPPED.size > len(body):
            raise BadMessageError("a tap that ends in the middle of a universe", message.at + at)
        key, priority, count = _TAPPED.unpack_from(body, at)
        at += _TAPPED.size
        if count > 512 or at + count > len(body):
            raise BadMessageError("a tap that says more than it brings", message.at + at)
        found.append(Tapped(read_utf8_field(key), priority, body[at : at + count]))
        at += count
    return found
