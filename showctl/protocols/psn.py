"""PosiStageNet: where tracked things are, over UDP multicast. Standard: PosiStageNet v2.03 (VYV, MA Lighting).

Little-endian chunks in chunks. DATA packets carry trackers, INFO packets carry names. Unknown chunks are skipped, and a chunk
longer than we know is read as far as we know it. A vector with a number that is none (NaN, infinite) counts as not sent, so
no zone is ever decided by it. A frame may span packets: `FrameAssembler` waits for all of them and drops what stays
incomplete. Timestamps are microseconds since the server started; a smaller one means that it started again.
"""

import math
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter
from typing import Final, Generic, NamedTuple, TypeVar, cast

from showctl.protocols.errors import ProtocolError, in_range

GROUP: Final = "236.10.10.10"  # PSN v2.03, "Network settings"
PORT: Final = 56565
MAX_PACKET: Final = 1500  # PSN v2.03, "UDP packet size"
VERSION: Final = (2, 3)
MAX_CHUNK: Final = 0x7FFF  # 15 bits of length

_DATA: Final = 0x6755  # PSN_DATA_PACKET
_INFO: Final = 0x6756  # PSN_INFO_PACKET
_HEADER: Final = 0x0000  # PSN_DATA_PACKET_HEADER, PSN_INFO_PACKET_HEADER
_DATA_TRACKERS: Final = 0x0001  # PSN_DATA_TRACKER_LIST
_INFO_SYSTEM_NAME: Final = 0x0001  # PSN_INFO_SYSTEM_NAME
_INFO_TRACKERS: Final = 0x0002  # PSN_INFO_TRACKER_LIST
_TRACKER_NAME: Final = 0x0000  # PSN_INFO_TRACKER_NAME
_POSITION, _SPEED, _ORIENTATION, _STATUS, _ACCELERATION, _TARGET, _TIMESTAMP = range(7)  # PSN_DATA_TRACKER_*

_WORD = struct.Struct("<I")
_HEADER_LAYOUT = struct.Struct("<Q4B")
_VECTOR = struct.Struct("<3f")
_FLOAT = struct.Struct("<f")
_MICROSECONDS = struct.Struct("<Q")

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Header:
    """Which frame a packet belongs to, and of how many packets that frame is made."""

    timestamp_us: int
    frame_id: int = 0
    packet_count: int = 1
    version: tuple[int, int] = VERSION


class Tracker(NamedTuple):
    """One tracked thing: +x right, +y up, +z depth; metres, metres per second, an axis as long as the angle in radians."""

    id: int
    position: Vector | None = None
    speed: Vector | None = None
    orientation: Vector | None = None
    validity: float | None = None
    acceleration: Vector | None = None
    target: Vector | None = None
    timestamp_us: int | None = None


@dataclass(frozen=True, slots=True)
class DataPacket:
    """Trackers at a moment."""

    header: Header
    trackers: tuple[Tracker, ...]


@dataclass(frozen=True, slots=True)
class InfoPacket:
    """What the system and its trackers are called, as (tracker id, name)."""

    header: Header
    system_name: str
    names: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class UnknownPacket:
    """A root chunk we do not read, such as that of PSN version 1."""

    chunk_id: int
    body: bytes


Packet = DataPacket | InfoPacket | UnknownPacket
FramePacket = TypeVar("FramePacket", DataPacket, InfoPacket)


def decode(data: bytes) -> Packet:
    """Reads one datagram."""
    roots = list(_chunks(bytes(data), 0, len(data)))
    if not roots:
        raise ProtocolError("empty packet", 0)
    root, start, end = roots[0]
    if root not in (_DATA, _INFO):
        return UnknownPacket(root, bytes(data[start:end]))
    header: Header | None = None
    trackers: list[Tracker] = []
    names: list[tuple[int, str]] = []
    system_name = ""
    for chunk, at, stop in _chunks(data, start, end):
        if chunk == _HEADER:
            header = _read_header(data, at, stop)
        elif root == _DATA and chunk == _DATA_TRACKERS:
            trackers += _read_trackers(bytes(data[at:stop]), at)
        elif root == _INFO and chunk == _INFO_SYSTEM_NAME:
            system_name = _text(data, at, stop)
        elif root == _INFO and chunk == _INFO_TRACKERS:
            names += [_read_name(data, *found) for found in _chunks(data, at, stop)]
    if header is None:
        raise ProtocolError("packet has no header", start)
    if root == _DATA:
        return DataPacket(header, tuple(trackers))
    return InfoPacket(header, system_name, tuple(names))


def encode(packet: DataPacket | InfoPacket) -> bytes:
    """The datagram of a packet."""
    header = packet.header
    major, minor = header.version
    fields = (header.timestamp_us, major, minor, header.frame_id, header.packet_count)
    in_range("timestamp", header.timestamp_us, 0, (1 << 64) - 1)
    for value in fields[1:]:
        in_range("header byte", value, 0, 255)
    head = _chunk(_HEADER, _HEADER_LAYOUT.pack(*fields))
    match packet:
        case DataPacket():
            listed = b"".join(map(_tracker_chunk, packet.trackers))
            return _chunk(_DATA, head + _chunk(_DATA_TRACKERS, listed, inner=True), inner=True)
        case InfoPacket():
            system = _chunk(_INFO_SYSTEM_NAME, packet.system_name.encode("utf-8"))
            listed = b"".join(map(_name_chunk, packet.names))
            return _chunk(_INFO, head + system + _chunk(_INFO_TRACKERS, listed, inner=True), inner=True)


def encode_data_frame(
    timestamp_us: int, frame_id: int, trackers: Sequence[Tracker], limit: int = MAX_PACKET
) -> tuple[bytes, ...]:
    """The datagrams of one frame of trackers, none longer than `limit`."""
    groups = _groups(trackers, [len(_tracker_chunk(tracker)) for tracker in trackers], limit - 4 - 16 - 4)
    header = Header(timestamp_us, frame_id, in_range("packets in a frame", len(groups), 1, 255))
    return tuple(encode(DataPacket(header, tuple(group))) for group in groups)


def encode_info_frame(
    timestamp_us: int, frame_id: int, system_name: str, names: Sequence[tuple[int, str]], limit: int = MAX_PACKET
) -> tuple[bytes, ...]:
    """The datagrams of one frame of names, none longer than `limit`; each repeats the system's name."""
    room = limit - 4 - 16 - 4 - 4 - len(system_name.encode("utf-8"))
    groups = _groups(names, [len(_name_chunk(name)) for name in names], room)
    header = Header(timestamp_us, frame_id, in_range("packets in a frame", len(groups), 1, 255))
    return tuple(encode(InfoPacket(header, system_name, tuple(group))) for group in groups)


class FrameAssembler(Generic[FramePacket]):
    """Joins the packets of one source's frames, for data and for info each an assembler of its own."""

    def __init__(self) -> None:
        self._parts: list[FramePacket] = []
        self.dropped = 0  # frames that stayed incomplete

    def feed(self, packet: FramePacket) -> FramePacket | None:
        """The whole frame, as one packet, once its last part is here."""
        if self._parts and not _same_frame(self._parts[0].header, packet.header):
            self.dropped += 1
            self._parts.clear()
        if packet in self._parts:  # UDP may deliver twice
            return None
        self._parts.append(packet)
        if len(self._parts) < packet.header.packet_count:
            return None
        parts, self._parts = self._parts, []
        return _joined(parts)


def _joined(parts: list[FramePacket]) -> FramePacket:
    first = parts[0]
    if first.header.packet_count == 1:
        return first
    header = replace(first.header, packet_count=1)
    if isinstance(first, DataPacket):
        trackers = tuple(tracker for part in parts for tracker in part.trackers)
        return replace(first, header=header, trackers=trackers)
    names = tuple(name for part in parts for name in part.names)
    return replace(first, header=header, names=names)


def _same_frame(one: Header, other: Header) -> bool:
    """Whether two packets are of one frame; its 8-bit id comes round again, but not within a second."""
    same_id = (one.frame_id, one.packet_count) == (other.frame_id, other.packet_count)
    return same_id and abs(one.timestamp_us - other.timestamp_us) < 1_000_000


def _chunks(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The chunks in a stretch of bytes: id, and where the body begins and ends."""
    at = start
    while at < end:
        if end - at < 4:
            raise ProtocolError("chunk header is cut short", at)
        (word,) = _WORD.unpack_from(data, at)
        body, size = at + 4, word >> 16 & MAX_CHUNK
        if size > end - body:
            raise ProtocolError(f"chunk of {size} bytes does not fit", at)
        yield word & 0xFFFF, body, body + size
        at = body + size


def _read_header(data: bytes, start: int, end: int) -> Header:
    if end - start < _HEADER_LAYOUT.size:
        raise ProtocolError("packet header is cut short", start)
    timestamp, major, minor, frame_id, count = _HEADER_LAYOUT.unpack_from(data, start)
    return Header(timestamp, frame_id, count, (major, minor))


def _read_trackers(data: bytes, offset: int) -> list[Tracker]:
    """A list of trackers that stands at ``offset`` in its packet. Servers lay all of them out alike: they are read in one go."""
    first = next(_chunks(data, 0, len(data)), None)
    if first is not None and len(data) % first[2] == 0:
        layout = _layout(tuple((chunk, stop - at) for chunk, at, stop in _chunks(data, first[1], first[2])))
        if layout is not None and layout.fields.size == first[2] - 4:
            alike = [layout.read(found) for found in layout.whole.iter_unpack(data)]
            if None not in alike:
                return cast("list[Tracker]", alike)
    try:
        return [_read_tracker(data, *found) for found in _chunks(data, 0, len(data))]
    except ProtocolError as error:
        raise ProtocolError(error.what, error.offset + offset) from None


@dataclass(frozen=True)
class _Layout:
    """Trackers whose fields stand in one order: unpacked whole, their chunk headers compared at once."""

    whole: struct.Struct
    fields: struct.Struct
    heads: Callable[[tuple[float, ...]], object]
    expected: object
    size: int
    places: dict[int, int]

    def read(self, values: tuple[float, ...]) -> Tracker | None:
        """None where this one is laid out otherwise."""
        if values[1] != self.size or self.heads(values) != self.expected:
            return None
        found = self.places
        vector = _plain_vector if math.isfinite(sum(values)) else _vector
        return Tracker(
            int(values[0]),
            vector(values, found.get(_POSITION)),
            vector(values, found.get(_SPEED)),
            vector(values, found.get(_ORIENTATION)),
            _finite(values, found.get(_STATUS)),
            vector(values, found.get(_ACCELERATION)),
            vector(values, found.get(_TARGET)),
            int(values[found[_TIMESTAMP]]) if _TIMESTAMP in found else None,
        )


@lru_cache(maxsize=32)
def _layout(chunks: tuple[tuple[int, int], ...]) -> _Layout | None:
    """How trackers with these chunks (id, size) unpack; None where one of them is not of its usual size, or unknown."""
    form, places, heads, count = "", {}, [], 2
    for chunk, size in chunks:
        kind = "f" if chunk == _STATUS else "Q" if chunk == _TIMESTAMP else "3f" if chunk < _TIMESTAMP else ""
        if not kind or size != struct.calcsize("<" + kind) or chunk in places:
            return None
        form += "I" + kind
        heads.append(count)
        places[chunk] = count + 1
        count += 4 if kind == "3f" else 2
    if len(heads) < 2:
        return None
    fields = struct.Struct("<" + form)
    expected = tuple(size << 16 | chunk for chunk, size in chunks)
    return _Layout(struct.Struct("<HH" + form), fields, itemgetter(*heads), expected, fields.size | 0x8000, places)


def _plain_vector(values: tuple[float, ...], at: int | None) -> Vector | None:
    """Of values that are all finite."""
    if at is None:
        return None
    found = values[at : at + 3]
    return cast("Vector", found)


def _vector(values: tuple[float, ...], at: int | None) -> Vector | None:
    found = _plain_vector(values, at)
    return found if found is not None and math.isfinite(sum(found)) else None


def _finite(values: tuple[float, ...], at: int | None) -> float | None:
    return values[at] if at is not None and math.isfinite(values[at]) else None


def _read_tracker(data: bytes, tracker: int, start: int, end: int) -> Tracker:
    vectors: dict[int, Vector | None] = {}
    validity: float | None = None
    timestamp: int | None = None
    for chunk, at, stop in _chunks(data, start, end):
        if chunk == _STATUS:
            (value,) = _FLOAT.unpack(_take(data, at, stop, _FLOAT.size))
            validity = value if math.isfinite(value) else None
        elif chunk == _TIMESTAMP:
            (timestamp,) = _MICROSECONDS.unpack(_take(data, at, stop, _MICROSECONDS.size))
        elif chunk < _TIMESTAMP:
            x, y, z = _VECTOR.unpack(_take(data, at, stop, _VECTOR.size))
            vectors[chunk] = (x, y, z) if math.isfinite(x) and math.isfinite(y) and math.isfinite(z) else None
    return Tracker(
        tracker,
        vectors.get(_POSITION),
        vectors.get(_SPEED),
        vectors.get(_ORIENTATION),
        validity,
        vectors.get(_ACCELERATION),
        vectors.get(_TARGET),
        timestamp,
    )


def _read_name(data: bytes, tracker: int, start: int, end: int) -> tuple[int, str]:
    named = [_text(data, at, stop) for chunk, at, stop in _chunks(data, start, end) if chunk == _TRACKER_NAME]
    return tracker, named[0] if named else ""


def _text(data: bytes, start: int, end: int) -> str:
    return bytes(data[start:end]).decode("utf-8", "replace").rstrip("\0")


def _take(data: bytes, start: int, end: int, size: int) -> bytes:
    if end - start < size:
        raise ProtocolError("tracker field is cut short", start)
    return data[start : start + size]


def _chunk(chunk_id: int, body: bytes, inner: bool = False) -> bytes:
    in_range("chunk id", chunk_id, 0, 0xFFFF)
    in_range("chunk size", len(body), 0, MAX_CHUNK)
    return (inner << 31 | len(body) << 16 | chunk_id).to_bytes(4, "little") + body


def _tracker_chunk(tracker: Tracker) -> bytes:
    try:
        return _chunk(tracker.id, _tracker_fields(tracker), inner=True)
    except (struct.error, OverflowError) as problem:
        raise ValueError(f"tracker {tracker.id} has a value that does not fit: {problem}") from None


def _tracker_fields(tracker: Tracker) -> bytes:
    parts = []
    vectors = (tracker.position, tracker.speed, tracker.orientation, None, tracker.acceleration, tracker.target)
    for chunk, vector in enumerate(vectors):
        if vector is not None:
            parts.append(_chunk(chunk, _VECTOR.pack(*vector)))
        elif chunk == _STATUS and tracker.validity is not None:
            parts.append(_chunk(_STATUS, _FLOAT.pack(tracker.validity)))
    if tracker.timestamp_us is not None:
        parts.append(_chunk(_TIMESTAMP, _MICROSECONDS.pack(tracker.timestamp_us)))
    return b"".join(parts)


def _name_chunk(name: tuple[int, str]) -> bytes:
    return _chunk(name[0], _chunk(_TRACKER_NAME, name[1].encode("utf-8")), inner=True)


Item = TypeVar("Item")


def _groups(items: Sequence[Item], sizes: Sequence[int], room: int) -> list[list[Item]]:
    """The items in order, cut so that each group fits the room; no items make one empty group."""
    groups: list[list[Item]] = [[]]
    left = room
    for item, size in zip(items, sizes, strict=True):
        in_range("size of one tracker", size, 0, room)
        if size > left:
            groups.append([])
            left = room
        groups[-1].append(item)
        left -= size
    return groups
