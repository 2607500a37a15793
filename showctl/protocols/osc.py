"""Open Sound Control packets: a strict reader and a writer. Standard: OSC 1.0 (2002), with the argument types of OSC 1.1.

A packet is a `Message`, a `Bundle` of packets, or an `UnknownMessage`, whose type tags name a type that we cannot measure.
Strings are UTF-8, padding is NUL, nothing may follow the last argument. A missing type tag string is tolerated, as OSC 1.0
asks of robust readers: the bytes after the address are then kept as they came. Timetags stay the 64-bit integers that they
are on the wire; when to run a bundle is decided elsewhere. An OSC array is a tuple among the arguments.

Address patterns are matched in `osc_pattern`, streams are cut into packets in `osc_stream`.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from showctl.protocols.errors import ProtocolError

BUNDLE_ID: Final = b"#bundle\0"  # OSC 1.0, "OSC Bundles"
IMMEDIATELY: Final = 1  # OSC 1.0, "Temporal Semantics and OSC Time Tags"
NTP_FRACTIONS: Final = 1 << 32  # fractions of a second in a timetag
MAX_DEPTH: Final = 16  # ours: bundles in bundles, arrays in arrays


@dataclass(frozen=True, slots=True)
class Rgba:
    """A colour of 8 bits each (type r)."""

    red: int
    green: int
    blue: int
    alpha: int = 255


@dataclass(frozen=True, slots=True)
class Midi:
    """Four bytes of MIDI: port, status, two data bytes (type m)."""

    port: int
    status: int
    data1: int
    data2: int


@dataclass(frozen=True, slots=True)
class TimeTag:
    """A 64-bit NTP timetag as an argument (type t)."""

    value: int


@dataclass(frozen=True, slots=True)
class Impulse:
    """The bang of type I, "infinitum" in OSC 1.0."""


Argument: TypeAlias = "int | float | str | bytes | bool | Rgba | Midi | TimeTag | Impulse | tuple[Argument, ...] | None"


@dataclass(frozen=True, slots=True)
class Message:
    """An address (pattern) and its arguments; `tags` is the type tag string without its comma, None when it was missing."""

    address: str
    arguments: tuple[Argument, ...] = ()
    tags: str | None = ""
    untyped: bytes = field(default=b"", repr=False)  # what followed the address when there were no type tags


@dataclass(frozen=True, slots=True)
class UnknownMessage:
    """A message with a type tag we do not know, so the size of its arguments is not known either."""

    address: str
    tags: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """Packets that happen together, in order, at `timetag`."""

    timetag: int
    elements: tuple["Packet", ...] = ()


Packet: TypeAlias = Message | UnknownMessage | Bundle


def flat(packet: Packet) -> list[Message]:
    """Every message of a packet, bundles opened, in order."""
    match packet:
        case Message():
            return [packet]
        case Bundle(elements=elements):
            return [message for element in elements for message in flat(element)]
        case _:
            return []


def message(address: str, *arguments: Argument) -> Message:
    """A message whose type tags follow from its values.

    >>> message("/cue/1/go", 1, 2.5, "now", True).tags
    'ifsT'
    """
    return Message(address, arguments, "".join(map(_tag_of, arguments)))


def decode(data: bytes) -> Packet:
    """Reads one packet; what is left over, cut short or badly padded raises `ProtocolError`."""
    return _Reader(bytes(data)).packet(0, len(data), depth=0)


def encode(packet: Packet) -> bytes:
    """The bytes of a packet."""
    match packet:
        case Message(tags=None):
            return _address(packet.address) + packet.untyped
        case Message():
            assert packet.tags is not None
            tags = iter(packet.tags)
            body = b"".join(_arguments(tags, packet.arguments, closing=""))
            return _address(packet.address) + _string("," + packet.tags) + body
        case UnknownMessage():
            return _address(packet.address) + _string("," + packet.tags) + packet.body
        case Bundle():
            parts = [BUNDLE_ID, _pack(">Q", packet.timetag)]
            for element in packet.elements:
                inner = encode(element)
                parts += [len(inner).to_bytes(4, "big"), inner]
            return b"".join(parts)


class _Reader:
    """A cursor over one packet; every read says what was missing and where."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.end = len(data)

    def packet(self, start: int, end: int, depth: int, outer: int = IMMEDIATELY) -> Packet:
        self.at, self.end = start, end
        if end - start < 4 or (end - start) % 4:
            raise ProtocolError("packet size is not a positive multiple of four", start)
        if self.data[start] == ord("/"):
            return self.message()
        if self.data.startswith(BUNDLE_ID, start):
            return self.bundle(depth, outer)
        raise ProtocolError("packet begins with neither an address nor #bundle", start)

    def bundle(self, depth: int, outer: int) -> Bundle:
        if depth >= MAX_DEPTH:
            raise ProtocolError("bundles are nested too deep", self.at)
        end = self.end
        self.take(len(BUNDLE_ID), "bundle")
        tag_at = self.at
        timetag = int.from_bytes(self.take(8, "timetag"), "big")
        if timetag not in (IMMEDIATELY, 0) and timetag < outer:
            raise ProtocolError("timetag is earlier than that of the enclosing bundle", tag_at)
        elements: list[Packet] = []
        while self.at < end:
            size_at = self.at
            size = int.from_bytes(self.take(4, "element size"), "big")
            if size > end - self.at:
                raise ProtocolError(f"element of {size} bytes does not fit its bundle", size_at)
            start = self.at
            elements.append(self.packet(start, start + size, depth + 1, max(timetag, outer)))
            self.at, self.end = start + size, end
        return Bundle(timetag, tuple(elements))

    def message(self) -> Packet:
        address = self.string("address")
        if self.at == self.end or self.data[self.at] != ord(","):
            return Message(address, (), None, self.take(self.end - self.at, "untyped arguments"))
        tags_at = self.at
        tags = self.string("type tags")[1:]
        if not _KNOWN_TAGS.issuperset(tags):
            return UnknownMessage(address, tags, self.take(self.end - self.at, "body"))
        arguments = self.arguments(tags, tags_at + 1)
        if self.at != self.end:
            raise ProtocolError("bytes follow the last argument", self.at)
        return Message(address, arguments, tags)

    def arguments(self, tags: str, tags_at: int) -> tuple[Argument, ...]:
        open_arrays: list[list[Argument]] = [[]]
        for position, tag in enumerate(tags):
            if tag == "[":
                if len(open_arrays) > MAX_DEPTH:
                    raise ProtocolError("arrays are nested too deep", tags_at + position)
                open_arrays.append([])
            elif tag == "]":
                if len(open_arrays) == 1:
                    raise ProtocolError("array ends before it began", tags_at + position)
                done = open_arrays.pop()
                open_arrays[-1].append(tuple(done))
            else:
                open_arrays[-1].append(self.argument(tag))
        if len(open_arrays) > 1:
            raise ProtocolError("array does not end", tags_at + len(tags))
        return tuple(open_arrays[0])

    def argument(self, tag: str) -> Argument:
        if tag in _CONSTANTS:
            return _CONSTANTS[tag]
        if tag in "sS":
            return self.string("string")
        if tag == "b":
            return self.blob()
        layout = _FIXED[tag]
        at = self.at
        raw = self.take(layout.size, f"argument of type {tag}")
        if tag == "r":
            return Rgba(*raw)
        if tag == "m":
            return Midi(*raw)
        (value,) = layout.unpack(raw)
        if tag == "t":
            return TimeTag(value)
        if tag == "c":
            if value > 0x10FFFF or 0xD800 <= value < 0xE000:
                raise ProtocolError("character outside Unicode", at)
            return chr(value)
        assert isinstance(value, int | float)
        return value

    def string(self, what: str) -> str:
        end = self.data.find(b"\0", self.at, self.end)
        if end < 0:
            raise ProtocolError(f"{what} does not end", self.at)
        start = self.at
        raw = self.take((end - start) // 4 * 4 + 4, what)
        try:
            text = raw[: end - start].decode("utf-8")
        except UnicodeDecodeError as problem:
            raise ProtocolError(f"{what} is not UTF-8", start + problem.start) from None
        if raw[end - start :].strip(b"\0"):
            raise ProtocolError(f"padding of {what} is not zero", end)
        return text

    def blob(self) -> bytes:
        size_at = self.at
        size = int.from_bytes(self.take(4, "blob size"), "big")
        if size > self.end - self.at:
            raise ProtocolError(f"blob of {size} bytes does not fit its message", size_at)
        raw = self.take((size + 3) // 4 * 4, "blob")
        if raw[size:].strip(b"\0"):
            raise ProtocolError("padding of blob is not zero", size_at + 4 + size)
        return raw[:size]

    def take(self, size: int, what: str) -> bytes:
        if size > self.end - self.at:
            raise ProtocolError(f"{what} is cut short", self.at)
        self.at += size
        return self.data[self.at - size : self.at]


_FIXED: Final = {
    tag: struct.Struct(layout)
    for tag, layout in {"i": ">i", "f": ">f", "h": ">q", "d": ">d", "t": ">Q", "c": ">I", "r": ">4B", "m": ">4B"}.items()
}
_CONSTANTS: Final[dict[str, Argument]] = {"T": True, "F": False, "N": None, "I": Impulse()}
_KNOWN_TAGS: Final = frozenset("sSb[]") | frozenset(_FIXED) | frozenset(_CONSTANTS)


def _tag_of(value: Argument) -> str:
    match value:
        case bool():
            return "T" if value else "F"
        case int():
            return "i" if -(1 << 31) <= value < 1 << 31 else "h"
        case float():
            return "f"
        case str():
            return "s"
        case bytes():
            return "b"
        case None:
            return "N"
        case Rgba():
            return "r"
        case Midi():
            return "m"
        case TimeTag():
            return "t"
        case Impulse():
            return "I"
        case tuple():
            return "[" + "".join(map(_tag_of, value)) + "]"


def _arguments(tags: Iterator[str], values: tuple[Argument, ...], closing: str) -> Iterator[bytes]:
    """The bytes of the values, each as the next tag says; ends at the closing tag, or at the end of the tags."""
    remaining = iter(values)
    for tag in tags:
        if tag == closing:
            break
        try:
            value = next(remaining)
        except StopIteration:
            raise ValueError(f"type tag {tag} has no argument") from None
        if tag == "[" and isinstance(value, tuple):
            yield from _arguments(tags, value, closing="]")
        else:
            yield _argument(tag, value)
    else:
        if closing:
            raise ValueError("type tags end inside an array")
    if next(remaining, _NO_MORE) is not _NO_MORE:
        raise ValueError("more arguments than type tags")


def _argument(tag: str, value: Argument) -> bytes:
    match tag, value:
        case ("i" | "h", int()) if not isinstance(value, bool):
            return _pack(_FIXED[tag].format, value)
        case ("f" | "d", float() | int()) if not isinstance(value, bool):
            return _pack(_FIXED[tag].format, value)
        case ("s" | "S", str()):
            return _string(value)
        case ("b", bytes()):
            return len(value).to_bytes(4, "big") + value + bytes(-len(value) % 4)
        case ("c", str()) if len(value) == 1:
            return ord(value).to_bytes(4, "big")
        case ("t", TimeTag()):
            return _pack(">Q", value.value)
        case ("r", Rgba()):
            return _pack(">4B", value.red, value.green, value.blue, value.alpha)
        case ("m", Midi()):
            return _pack(">4B", value.port, value.status, value.data1, value.data2)
        case ("T" | "F" | "N" | "I", _) if value == _CONSTANTS[tag]:
            return b""
    raise ValueError(f"{value!r} cannot be sent as type {tag}")


def _string(text: str) -> bytes:
    raw = text.encode("utf-8")
    if b"\0" in raw:
        raise ValueError("an OSC string cannot hold NUL")
    return raw + bytes(4 - len(raw) % 4)


def _address(address: str) -> bytes:
    if not address.startswith("/"):
        raise ValueError(f"an OSC address begins with /, not {address!r}")
    return _string(address)


def _pack(layout: str, *values: float) -> bytes:
    try:
        return struct.pack(layout, *values)
    except (struct.error, OverflowError):
        raise ValueError(f"{values[0]!r} does not fit its OSC type") from None


_NO_MORE: Final = object()
