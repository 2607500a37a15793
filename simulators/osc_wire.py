"""Reads and writes OSC 1.0 for the simulated devices: messages, bundles, and the two stream framings.

Written from the specification (opensoundcontrol.org, "OSC 1.0"; SLIP framing from OSC 1.1 and RFC 1055) and not from
``showctl.protocols``: a mistake made on one side must be visible on the other. What cannot be read raises ``OscError``, and
nothing else; devices drop it. Time tags are ignored: a simulated device acts on a bundle as it arrives, in its order.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

Argument: TypeAlias = int | float | str | bytes | bool | None

LONGEST_PACKET: Final = 65536
"""A stream that announces more is not OSC."""
DEEPEST_BUNDLE: Final = 8

END, ESC, ESC_END, ESC_ESC = 0xC0, 0xDB, 0xDC, 0xDD  # RFC 1055


class OscError(ValueError):
    """The bytes are not OSC."""


@dataclass(frozen=True, slots=True)
class Message:
    """An address and its arguments. ``T`` and ``F`` are bool, ``N`` and ``I`` None; ``t`` an int."""

    address: str
    arguments: tuple[Argument, ...] = ()

    def number(self, index: int, default: float = 0.0) -> float:
        """Argument ``index`` as a number; ``default`` where it is left out or is none."""
        value = self.arguments[index] if index < len(self.arguments) else default
        if isinstance(value, bool | int | float):
            number = float(value)
            return number if number - number == 0.0 else default  # no infinities, no NaN
        return default

    def text(self, index: int, default: str = "") -> str:
        """Argument ``index`` as text; ``default`` where it is left out or is none."""
        value = self.arguments[index] if index < len(self.arguments) else default
        return value if isinstance(value, str) else default

    def truth(self, index: int, default: bool = True) -> bool:
        """Argument ``index`` as on or off; ``default`` where it is left out."""
        return self.number(index, float(default)) != 0.0


# --- reading -------------------------------------------------------------------------------------------------------


def read(packet: bytes) -> list[Message]:
    """Every message of ``packet``, bundles flattened, in order.

    >>> read(b"/ping\\0\\0\\0,i\\0\\0\\0\\0\\0\\7")
    [Message(address='/ping', arguments=(7,))]
    """
    messages: list[Message] = []
    _read_into(messages, packet, DEEPEST_BUNDLE)
    return messages


def _read_into(messages: list[Message], packet: bytes, depth: int) -> None:
    if not packet or len(packet) % 4:
        raise OscError(f"a packet of {len(packet)} bytes; OSC comes in fours")
    if packet[:8] != b"#bundle\0":
        messages.append(_message(packet))
        return
    if depth == 0:
        raise OscError("bundles nested too deep")
    if len(packet) < 16:
        raise OscError("a bundle without its time tag")
    offset = 16
    while offset < len(packet):
        size = int.from_bytes(packet[offset : offset + 4], "big")
        offset += 4
        if size > len(packet) - offset:
            raise OscError("a bundle's element runs past its end")
        _read_into(messages, packet[offset : offset + size], depth - 1)
        offset += size


def _message(packet: bytes) -> Message:
    address, offset = _text(packet, 0)
    if not address.startswith("/"):
        raise OscError(f"an address begins with '/', not {address[:1]!r}")
    if offset == len(packet):
        return Message(address)  # older senders leave the type tags out
    tags, offset = _text(packet, offset)
    if not tags.startswith(","):
        raise OscError("type tags begin with ','")
    arguments: list[Argument] = []
    for tag in tags[1:]:
        value, offset = _argument(tag, packet, offset)
        if tag not in "[]":
            arguments.append(value)
    return Message(address, tuple(arguments))


def _argument(tag: str, packet: bytes, offset: int) -> tuple[Argument, int]:
    match tag:
        case "i":
            return _number(">i", packet, offset)
        case "f":
            return _number(">f", packet, offset)
        case "s" | "S":
            return _text(packet, offset)
        case "b":
            size, start = _number(">i", packet, offset)
            if not 0 <= size <= len(packet) - start:
                raise OscError("a blob runs past its end")
            return packet[start : start + int(size)], start + (int(size) + 3) // 4 * 4
        case "h":
            return _number(">q", packet, offset)
        case "d":
            return _number(">d", packet, offset)
        case "t":
            return _number(">Q", packet, offset)
        case "c" | "r" | "m":
            return _number(">I", packet, offset)
        case "T" | "F":
            return tag == "T", offset
        case "N" | "I" | "[" | "]":
            return None, offset
        case _:
            raise OscError(f"no such type tag: {tag!r}")


def _number(layout: str, packet: bytes, offset: int) -> tuple[int | float, int]:
    size = struct.calcsize(layout)
    if offset + size > len(packet):
        raise OscError("an argument is missing")
    value: int | float = struct.unpack_from(layout, packet, offset)[0]
    return value, offset + size


def _text(packet: bytes, offset: int) -> tuple[str, int]:
    end = packet.find(b"\0", offset)
    if end < 0:
        raise OscError("a text without its end")
    try:
        return packet[offset:end].decode("utf-8"), (end // 4 + 1) * 4
    except UnicodeDecodeError:
        raise OscError("a text that is not UTF-8") from None


# --- writing -------------------------------------------------------------------------------------------------------


def write(address: str, *arguments: int | float | str) -> bytes:
    """One message: whole numbers as ``i``, other numbers as ``f``, text as ``s``.

    >>> write("/ping", 7).hex(" ", 4)
    '2f70696e 67000000 2c690000 00000007'
    """
    tags = ","
    values = b""
    for value in arguments:
        if isinstance(value, str):
            tags += "s"
            values += _padded(value)
        elif isinstance(value, int):
            tags += "i"
            values += struct.pack(">i", min(max(value, -(1 << 31)), (1 << 31) - 1))
        else:
            tags += "f"
            values += struct.pack(">f", value)
    return _padded(address) + _padded(tags) + values


def _padded(text: str) -> bytes:
    data = text.encode()
    return data + bytes(4 - len(data) % 4)


# --- streams -------------------------------------------------------------------------------------------------------


class Framing(Protocol):
    """Cuts a stream into packets, and puts packets on it."""

    def feed(self, data: bytes) -> list[bytes]:
        """The packets completed by ``data``. OscError: the stream is beyond repair."""

    def frame(self, packet: bytes) -> bytes:
        """``packet`` as it goes on the stream."""


class SlipFraming:
    """OSC 1.1: END before and after; END and ESC inside are escaped. A broken packet is dropped up to its END."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        *whole, rest = (bytes(self._buffer) + data).split(bytes([END]))
        self._buffer = bytearray(rest)
        if len(self._buffer) > 2 * LONGEST_PACKET:
            raise OscError("a packet without an end")
        return [packet for piece in whole if piece and (packet := _unescaped(piece)) is not None]

    def frame(self, packet: bytes) -> bytes:
        body = packet.replace(bytes([ESC]), bytes([ESC, ESC_ESC])).replace(bytes([END]), bytes([ESC, ESC_END]))
        return bytes([END]) + body + bytes([END])


def _unescaped(piece: bytes) -> bytes | None:
    """None where an ESC is followed by anything but its two partners (RFC 1055)."""
    first, *others = piece.split(bytes([ESC]))
    if any(not part or part[0] not in (ESC_END, ESC_ESC) for part in others):
        return None
    partners = {ESC_END: bytes([END]), ESC_ESC: bytes([ESC])}
    return first + b"".join(partners[part[0]] + part[1:] for part in others)


class LengthFraming:
    """OSC 1.0: each packet after its length, int32 big-endian."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        self._buffer += data
        packets: list[bytes] = []
        while len(self._buffer) >= 4:
            size = int.from_bytes(self._buffer[:4], "big")
            if size > LONGEST_PACKET:
                raise OscError(f"a packet of {size} bytes is announced")
            if len(self._buffer) < 4 + size:
                break
            packets.append(bytes(self._buffer[4 : 4 + size]))
            del self._buffer[: 4 + size]
        return packets

    def frame(self, packet: bytes) -> bytes:
        return len(packet).to_bytes(4, "big") + packet
