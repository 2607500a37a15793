"""Streaming ACN: DMX levels over UDP, as typed packets. Standard: ANSI E1.31-2018.

Answers for the data, synchronization and universe discovery packets, the multicast group of a universe, the sequence rule
and the termination of a stream. Merging and timing live with those who receive and send.

A sender of thousands of universes keeps `build_data_header` results as rows of one contiguous buffer and patches them in
place: the `*_OFFSET` constants are column numbers of that buffer. The header is constant between frames except for
`SEQUENCE_OFFSET` and `OPTIONS_OFFSET`; `PRIORITY_OFFSET` (1 byte) and `SYNC_ADDRESS_OFFSET` (2 bytes, big-endian) change by hand.

The lengths printed in Appendix B of the standard disagree with its own layout (0x727D for 0x726E, and so on), and devices
exist that copied them. We write the arithmetic lengths; on reading, the property count decides how many slots there are and
the layer lengths are only checked for their flags. `wrong_lengths` names them for whoever watches the wire.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from showctl.protocols.errors import ProtocolError, in_range, read_utf8_field, utf8_field

PORT: Final = 5568  # E1.31 Appendix A, ACN_SDT_MULTICAST_PORT
DISCOVERY_UNIVERSE: Final = 64214  # E1.31 Appendix A, E131_DISCOVERY_UNIVERSE
MAX_UNIVERSE: Final = 63999  # E1.31 6.2.7
MAX_SLOTS: Final = 512  # E1.11
MAX_PRIORITY: Final = 200  # E1.31 6.2.3
DEFAULT_PRIORITY: Final = 100  # E1.31 6.2.3
START_CODE_LEVELS: Final = 0x00  # E1.11 NULL start code
START_CODE_PRIORITY: Final = 0xDD  # ETC per-address priority, registered as an E1.11 alternate start code
NETWORK_DATA_LOSS_MS: Final = 2500  # E1.31 Appendix A, E131_NETWORK_DATA_LOSS_TIMEOUT
DISCOVERY_INTERVAL_S: Final = 10  # E1.31 Appendix A, E131_UNIVERSE_DISCOVERY_INTERVAL
TERMINATION_PACKETS: Final = 3  # E1.31 6.2.6, Stream_Terminated

# Offsets in the packet: E1.31 Table 4-1 (data), 4-2 (synchronization), 4-3 (discovery).
CID_OFFSET: Final = 22
FRAMING_OFFSET: Final = 38
SOURCE_NAME_OFFSET: Final = 44
PRIORITY_OFFSET: Final = 108
SYNC_ADDRESS_OFFSET: Final = 109
SEQUENCE_OFFSET: Final = 111
OPTIONS_OFFSET: Final = 112
UNIVERSE_OFFSET: Final = 113
DMP_OFFSET: Final = 115
PROPERTY_COUNT_OFFSET: Final = 123
START_CODE_OFFSET: Final = 125
SLOTS_OFFSET: Final = 126
HEADER_SIZE: Final = SLOTS_OFFSET
FULL_PACKET_SIZE: Final = HEADER_SIZE + MAX_SLOTS
SYNC_PACKET_SIZE: Final = 49
LIST_OFFSET: Final = 112
LIST_SLOTS_OFFSET: Final = 120
UNIVERSES_PER_PAGE: Final = 512  # E1.31 8.5

OPTION_PREVIEW: Final = 0x80  # E1.31 6.2.6
OPTION_TERMINATED: Final = 0x40
OPTION_FORCE_SYNC: Final = 0x20

_PREAMBLE: Final = b"\x00\x10\x00\x00ASC-E1.17\0\0\0"  # E1.31 5.1 to 5.3
_ROOT_DATA: Final = 0x00000004  # E1.31 5.5, VECTOR_ROOT_E131_DATA
_ROOT_EXTENDED: Final = 0x00000008  # VECTOR_ROOT_E131_EXTENDED
_FRAMING_DATA: Final = 0x00000002  # E1.31 6.2.1, VECTOR_E131_DATA_PACKET
_FRAMING_SYNC: Final = 0x00000001  # E1.31 6.3.1, VECTOR_E131_EXTENDED_SYNCHRONIZATION
_FRAMING_DISCOVERY: Final = 0x00000002  # E1.31 6.4.1, VECTOR_E131_EXTENDED_DISCOVERY
_LIST_VECTOR: Final = 0x00000001  # E1.31 8.2, VECTOR_UNIVERSE_DISCOVERY_UNIVERSE_LIST
_DMP_FIXED: Final = bytes((0x02, 0xA1, 0x00, 0x00, 0x00, 0x01))  # E1.31 7.2 to 7.5
_FLAGS: Final = 0x7000

_ROOT = struct.Struct(">16sHI16s")
_DATA_FRAMING = struct.Struct(">HI64sBHBBH")
_DMP = struct.Struct(">H6sHB")
_SYNC_FRAMING = struct.Struct(">HIBHH")
_DISCOVERY_FRAMING = struct.Struct(">HI64sI")
_DISCOVERY_LIST = struct.Struct(">HIBB")


@dataclass(frozen=True, slots=True)
class DataPacket:
    """One universe at one moment; `start_code` says whether the slots are levels, priorities or something foreign."""

    cid: bytes
    source_name: str
    universe: int
    slots: bytes
    sequence: int = 0
    priority: int = DEFAULT_PRIORITY
    start_code: int = START_CODE_LEVELS
    sync_address: int = 0
    preview: bool = False
    terminated: bool = False
    force_sync: bool = False


@dataclass(frozen=True, slots=True)
class SyncPacket:
    """Shows at once what the data packets with this sync address brought."""

    cid: bytes
    sync_address: int
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class DiscoveryPacket:
    """One page of the universes that a source sends, in the order received."""

    cid: bytes
    source_name: str
    universes: tuple[int, ...]
    page: int = 0
    last_page: int = 0


@dataclass(frozen=True, slots=True)
class UnknownPacket:
    """A well-formed ACN root layer that carries something other than E1.31-2018."""

    cid: bytes
    root_vector: int
    body: bytes


Packet = DataPacket | SyncPacket | DiscoveryPacket | UnknownPacket


def decode(data: bytes) -> Packet:
    """Reads one datagram; unknown vectors come back as `UnknownPacket`, broken ones raise `ProtocolError`."""
    if len(data) < FRAMING_OFFSET:
        raise ProtocolError("shorter than an ACN root layer", len(data))
    preamble, length, vector, cid = _ROOT.unpack_from(data)
    if preamble != _PREAMBLE:
        raise ProtocolError("not an ACN packet", 0)
    _check_flags(length, 16)
    framing = int.from_bytes(data[FRAMING_OFFSET + 2 : FRAMING_OFFSET + 6], "big")
    if vector == _ROOT_DATA and framing == _FRAMING_DATA:
        return _decode_data(data, cid)
    if vector == _ROOT_EXTENDED and framing == _FRAMING_SYNC:
        return _decode_sync(data, cid)
    if vector == _ROOT_EXTENDED and framing == _FRAMING_DISCOVERY:
        return _decode_discovery(data, cid)
    return UnknownPacket(cid, vector, bytes(data[FRAMING_OFFSET:]))


def encode(packet: DataPacket | SyncPacket | DiscoveryPacket) -> bytes:
    """The datagram of a packet."""
    match packet:
        case DataPacket():
            header = build_data_header(
                packet.cid,
                packet.source_name,
                packet.universe,
                slot_count=len(packet.slots),
                priority=packet.priority,
                start_code=packet.start_code,
                sync_address=packet.sync_address,
                sequence=packet.sequence,
                options=options_of(packet.preview, packet.terminated, packet.force_sync),
            )
            return header + packet.slots
        case SyncPacket():
            sequence = in_range("sequence", packet.sequence, 0, 255)
            address = in_range("sync address", packet.sync_address, 1, MAX_UNIVERSE)
            framing = _SYNC_FRAMING.pack(_FLAGS | 11, _FRAMING_SYNC, sequence, address, 0)
            return _root(33, _ROOT_EXTENDED, packet.cid) + framing
        case DiscoveryPacket():
            return _encode_discovery(packet)


def build_data_header(
    cid: bytes,
    source_name: str,
    universe: int,
    *,
    slot_count: int = MAX_SLOTS,
    priority: int = DEFAULT_PRIORITY,
    start_code: int = START_CODE_LEVELS,
    sync_address: int = 0,
    sequence: int = 0,
    options: int = 0,
) -> bytes:
    """The 126 bytes before the slots, to be kept and patched by offset."""
    in_range("slot count", slot_count, 0, MAX_SLOTS)
    framing = _DATA_FRAMING.pack(
        _FLAGS | (HEADER_SIZE - FRAMING_OFFSET + slot_count),
        _FRAMING_DATA,
        utf8_field(source_name, 64),
        in_range("priority", priority, 0, MAX_PRIORITY),
        in_range("sync address", sync_address, 0, MAX_UNIVERSE),
        in_range("sequence", sequence, 0, 255),
        in_range("options", options, 0, 255),
        in_range("universe", universe, 1, MAX_UNIVERSE),
    )
    dmp_length = _FLAGS | (HEADER_SIZE - DMP_OFFSET + slot_count)
    dmp = _DMP.pack(dmp_length, _DMP_FIXED, slot_count + 1, in_range("start code", start_code, 0, 255))
    return _root(HEADER_SIZE - 16 + slot_count, _ROOT_DATA, cid) + framing + dmp


def options_of(preview: bool = False, terminated: bool = False, force_sync: bool = False) -> int:
    """The options byte, for a sender that patches headers in place."""
    return (
        (OPTION_PREVIEW if preview else 0) | (OPTION_TERMINATED if terminated else 0) | (OPTION_FORCE_SYNC if force_sync else 0)
    )


def terminations(last: DataPacket) -> tuple[DataPacket, ...]:
    """The three packets that end a stream after `last`, so that receivers release at once (6.2.6)."""
    return tuple(
        replace(last, terminated=True, sequence=(last.sequence + step) & 0xFF) for step in range(1, TERMINATION_PACKETS + 1)
    )


def discovery_pages(cid: bytes, source_name: str, universes: Iterable[int]) -> tuple[DiscoveryPacket, ...]:
    """The sorted universes of a source, cut into pages of 512; one empty page for a source of none (8.3 to 8.5)."""
    ordered = tuple(sorted(set(universes)))
    starts = range(0, max(len(ordered), 1), UNIVERSES_PER_PAGE)
    last_page = in_range("last page", len(starts) - 1, 0, 255)
    return tuple(
        DiscoveryPacket(cid, source_name, ordered[start : start + UNIVERSES_PER_PAGE], page, last_page)
        for page, start in enumerate(starts)
    )


def multicast_group_v4(universe: int) -> str:
    """The IPv4 group that carries a universe (9.3.1).

    >>> multicast_group_v4(64214)
    '239.255.250.214'
    """
    in_range("universe", universe, 1, DISCOVERY_UNIVERSE)
    return f"239.255.{universe >> 8}.{universe & 0xFF}"


def multicast_group_v6(universe: int) -> str:
    """The IPv6 group that carries a universe; its two bytes are a group of digits each (9.3.2).

    >>> multicast_group_v6(64214)
    'ff18::83:0:fa:d6'
    """
    in_range("universe", universe, 1, DISCOVERY_UNIVERSE)
    return f"ff18::83:0:{universe >> 8:x}:{universe & 0xFF:x}"


def in_sequence(last: int | None, new: int) -> bool:
    """Whether a packet may be used after `last`: discarded when -20 < new - last <= 0 as signed 8-bit numbers (6.7.2).

    >>> in_sequence(255, 0), in_sequence(5, 246), in_sequence(30, 10), in_sequence(7, 7)
    (True, False, True, False)
    """
    if last is None:
        return True
    step = (new - last + 128) % 256 - 128
    return not -20 < step <= 0


def wrong_lengths(data: bytes) -> tuple[str, ...]:
    """The layers of a decodable packet whose length field is not the number of bytes that the layer has."""
    end, layers = _layers(decode(data), len(data))
    return tuple(name for name, at in layers.items() if int.from_bytes(data[at : at + 2], "big") & 0xFFF != (end - at) & 0xFFF)


def _layers(packet: Packet, size: int) -> tuple[int, dict[str, int]]:
    """Where a packet ends by its own counts, and where its layers begin."""
    match packet:
        case DataPacket():
            return HEADER_SIZE + len(packet.slots), {"root": 16, "framing": FRAMING_OFFSET, "dmp": DMP_OFFSET}
        case SyncPacket():
            return SYNC_PACKET_SIZE, {"root": 16, "framing": FRAMING_OFFSET}
        case DiscoveryPacket():
            end = LIST_SLOTS_OFFSET + 2 * len(packet.universes)
            return end, {"root": 16, "framing": FRAMING_OFFSET, "list": LIST_OFFSET}
        case UnknownPacket():
            return size, {"root": 16}


def _decode_data(data: bytes, cid: bytes) -> DataPacket:
    if len(data) < HEADER_SIZE:
        raise ProtocolError("data packet shorter than its header", len(data))
    framing = _DATA_FRAMING.unpack_from(data, FRAMING_OFFSET)
    length, _, name, priority, sync_address, sequence, options, universe = framing
    dmp_length, fixed, count, start_code = _DMP.unpack_from(data, DMP_OFFSET)
    _check_flags(length, FRAMING_OFFSET)
    _check_flags(dmp_length, DMP_OFFSET)
    if priority > MAX_PRIORITY:
        raise ProtocolError(f"priority {priority} is reserved", PRIORITY_OFFSET)
    if not 1 <= universe <= MAX_UNIVERSE:
        raise ProtocolError(f"universe {universe} cannot carry data", UNIVERSE_OFFSET)
    if sync_address > MAX_UNIVERSE:
        raise ProtocolError(f"sync address {sync_address} is reserved", SYNC_ADDRESS_OFFSET)
    if fixed != _DMP_FIXED:
        raise ProtocolError("DMP layer is not the one E1.31 prescribes", DMP_OFFSET + 2)
    if not 1 <= count <= MAX_SLOTS + 1 or SLOTS_OFFSET + count - 1 > len(data):
        raise ProtocolError(f"property count {count} does not fit the packet", PROPERTY_COUNT_OFFSET)
    return DataPacket(
        cid,
        read_utf8_field(name),
        universe,
        bytes(data[SLOTS_OFFSET : SLOTS_OFFSET + count - 1]),
        sequence,
        priority,
        start_code,
        sync_address,
        bool(options & OPTION_PREVIEW),
        bool(options & OPTION_TERMINATED),
        bool(options & OPTION_FORCE_SYNC),
    )


def _decode_sync(data: bytes, cid: bytes) -> SyncPacket:
    if len(data) < SYNC_PACKET_SIZE:
        raise ProtocolError("synchronization packet too short", len(data))
    length, _, sequence, address, _ = _SYNC_FRAMING.unpack_from(data, FRAMING_OFFSET)
    _check_flags(length, FRAMING_OFFSET)
    if not 1 <= address <= MAX_UNIVERSE:
        raise ProtocolError(f"sync address {address} cannot synchronize", 45)
    return SyncPacket(cid, address, sequence)


def _decode_discovery(data: bytes, cid: bytes) -> DiscoveryPacket:
    if len(data) < LIST_SLOTS_OFFSET:
        raise ProtocolError("discovery packet shorter than its header", len(data))
    length, _, name, _ = _DISCOVERY_FRAMING.unpack_from(data, FRAMING_OFFSET)
    list_length, vector, page, last_page = _DISCOVERY_LIST.unpack_from(data, LIST_OFFSET)
    _check_flags(length, FRAMING_OFFSET)
    _check_flags(list_length, LIST_OFFSET)
    if vector != _LIST_VECTOR:
        raise ProtocolError(f"universe list vector {vector} is unknown", LIST_OFFSET + 2)
    size = (list_length & 0xFFF) - _DISCOVERY_LIST.size
    if size < 0 or size % 2 or size > 2 * UNIVERSES_PER_PAGE or LIST_SLOTS_OFFSET + size > len(data):
        raise ProtocolError("universe list length does not fit the packet", LIST_OFFSET)
    universes = struct.unpack_from(f">{size // 2}H", data, LIST_SLOTS_OFFSET)
    return DiscoveryPacket(cid, read_utf8_field(name), universes, page, last_page)


def _encode_discovery(packet: DiscoveryPacket) -> bytes:
    count = in_range("universes on a page", len(packet.universes), 0, UNIVERSES_PER_PAGE)
    end = LIST_SLOTS_OFFSET + 2 * count
    framing = _DISCOVERY_FRAMING.pack(_FLAGS | (end - FRAMING_OFFSET), _FRAMING_DISCOVERY, utf8_field(packet.source_name, 64), 0)
    page, last_page = in_range("page", packet.page, 0, 255), in_range("last page", packet.last_page, 0, 255)
    listed = _DISCOVERY_LIST.pack(_FLAGS | (end - LIST_OFFSET), _LIST_VECTOR, page, last_page)
    return _root(end - 16, _ROOT_EXTENDED, packet.cid) + framing + listed + struct.pack(f">{count}H", *packet.universes)


def _root(length: int, vector: int, cid: bytes) -> bytes:
    in_range("CID length", len(cid), 16, 16)
    return _ROOT.pack(_PREAMBLE, _FLAGS | length, vector, cid)


def _check_flags(length: int, offset: int) -> None:
    if length & 0xF000 != _FLAGS:
        raise ProtocolError("layer flags are not 0x7", offset)
