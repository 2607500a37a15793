"""Art-Net: DMX, discovery, sync, timecode and diagnostics over UDP, as typed packets. Standard: Art-Net 4 (Artistic Licence).

Answers for the packets a controller sends and hears, and for Port-Addresses. ArtPollReply has a layout of its own size and
lives in `artnet_reply`. OpCodes that are legal but not ours come back as `Unknown`. Who may be sent what, keep-alives and
merging live with the frame sender and the nodes.

As with sACN, a sender keeps `build_dmx_header` results in one contiguous buffer and patches `SEQUENCE_OFFSET`.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from showctl.protocols.artnet_reply import PollReply, decode_poll_reply, encode_poll_reply
from showctl.protocols.errors import ProtocolError, in_range, read_utf8_field, utf8_field

PORT: Final = 6454  # Art-Net 4, "UDP port 0x1936"
ID: Final = b"Art-Net\0"
PROTOCOL_VERSION: Final = 14  # ProtVerHi/Lo
MAX_SLOTS: Final = 512
MAX_PORT_ADDRESS: Final = 0x7FFF  # Net 7 bits, Sub-Net 4, Universe 4

SEQUENCE_OFFSET: Final = 12  # ArtDmx field 5
PHYSICAL_OFFSET: Final = 13
SUB_UNI_OFFSET: Final = 14
NET_OFFSET: Final = 15
LENGTH_OFFSET: Final = 16
SLOTS_OFFSET: Final = 18
HEADER_SIZE: Final = SLOTS_OFFSET
FULL_PACKET_SIZE: Final = HEADER_SIZE + MAX_SLOTS


class OpCode(IntEnum):
    """Art-Net 4, Table 1: OpCodes."""

    POLL = 0x2000
    POLL_REPLY = 0x2100
    DIAG_DATA = 0x2300
    COMMAND = 0x2400
    DATA_REQUEST = 0x2700
    DATA_REPLY = 0x2800
    DMX = 0x5000
    NZS = 0x5100
    SYNC = 0x5200
    ADDRESS = 0x6000
    INPUT = 0x7000
    TOD_REQUEST = 0x8000
    TOD_DATA = 0x8100
    TOD_CONTROL = 0x8200
    RDM = 0x8300
    RDM_SUB = 0x8400
    TIME_CODE = 0x9700
    TRIGGER = 0x9900
    IP_PROG = 0xF800
    IP_PROG_REPLY = 0xF900


class DiagPriority(IntEnum):
    """Art-Net 4, Table 5: priority codes."""

    LOW = 0x10
    MEDIUM = 0x40
    HIGH = 0x80
    CRITICAL = 0xE0
    VOLATILE = 0xF0


class TimeCodeType(IntEnum):
    """ArtTimeCode, field Type."""

    FILM_24 = 0
    EBU_25 = 1
    DROP_29_97 = 2
    SMPTE_30 = 3


# ArtPoll, field Flags (bit 1 to 5).
POLL_REPLY_ON_CHANGE: Final = 0x02
POLL_DIAGNOSTICS: Final = 0x04
POLL_DIAGNOSTICS_UNICAST: Final = 0x08
POLL_NO_VLC: Final = 0x10
POLL_TARGETED: Final = 0x20


@dataclass(frozen=True, slots=True)
class Poll:
    """Asks nodes to say who they are; `target` is (lowest, highest) Port-Address of a targeted poll."""

    flags: int = POLL_REPLY_ON_CHANGE
    diag_priority: int = 0
    target: tuple[int, int] = (0, 0)
    esta: int = 0
    oem: int = 0


@dataclass(frozen=True, slots=True)
class Dmx:
    """The slots of one Port-Address; sequence 0 means that the sender does not order its packets."""

    port_address: int
    slots: bytes
    sequence: int = 0
    physical: int = 0


@dataclass(frozen=True, slots=True)
class Sync:
    """Shows at once what the ArtDmx packets before it brought."""


@dataclass(frozen=True, slots=True)
class TimeCode:
    """A moment of a timecode stream, as its generator labels it."""

    hours: int
    minutes: int
    seconds: int
    frames: int
    type: TimeCodeType
    stream: int = 0


@dataclass(frozen=True, slots=True)
class DiagData:
    """A line of text from a node about itself."""

    text: str
    priority: int = DiagPriority.LOW
    logical_port: int = 0


@dataclass(frozen=True, slots=True)
class Unknown:
    """A packet whose OpCode we do not read; the body starts after the OpCode."""

    opcode: int
    body: bytes


Packet = Poll | PollReply | Dmx | Sync | TimeCode | DiagData | Unknown

_DMX_HEADER = struct.Struct(">8sHHBBBBH")
_POLL_TAIL = struct.Struct(">HHHH")


def decode(data: bytes) -> Packet:
    """Reads one datagram; longer packets than we know are read as far as we know them."""
    if len(data) < 10 or data[:8] != ID:
        raise ProtocolError("not an Art-Net packet", 0)
    opcode = data[8] | data[9] << 8
    if opcode == OpCode.POLL_REPLY:  # the one packet without a protocol version
        return decode_poll_reply(data)
    if opcode not in (OpCode.POLL, OpCode.DMX, OpCode.SYNC, OpCode.TIME_CODE, OpCode.DIAG_DATA):
        return Unknown(opcode, bytes(data[10:]))
    if len(data) < 12 or int.from_bytes(data[10:12], "big") < PROTOCOL_VERSION:
        raise ProtocolError("protocol version below 14", 10)
    if opcode == OpCode.DMX:
        return _decode_dmx(data)
    if opcode == OpCode.POLL:
        return _decode_poll(data)
    if opcode == OpCode.SYNC:
        return Sync()  # the two aux bytes say nothing, and some senders leave them out
    if opcode == OpCode.TIME_CODE:
        return _decode_time_code(data)
    return _decode_diag(data)


def encode(packet: Packet) -> bytes:
    """The datagram of a packet."""
    match packet:
        case Dmx():
            count = in_range("slot count", len(packet.slots), 1, MAX_SLOTS)
            header = build_dmx_header(packet.port_address, count, packet.sequence, packet.physical)
            return header + packet.slots + b"\0" * (count % 2)
        case Poll():
            low, high = packet.target
            tail = _POLL_TAIL.pack(
                in_range("highest target", high, 0, MAX_PORT_ADDRESS),
                in_range("lowest target", low, 0, MAX_PORT_ADDRESS),
                in_range("ESTA code", packet.esta, 0, 0xFFFF),
                in_range("OEM code", packet.oem, 0, 0xFFFF),
            )
            return _header(OpCode.POLL) + bytes((packet.flags, packet.diag_priority)) + tail
        case PollReply():
            return encode_poll_reply(packet)
        case Sync():
            return _header(OpCode.SYNC) + b"\0\0"
        case TimeCode():
            fields = (packet.stream, packet.frames, packet.seconds, packet.minutes, packet.hours, packet.type)
            _check_time(packet.hours, packet.minutes, packet.seconds, packet.frames, ValueError)
            return _header(OpCode.TIME_CODE) + b"\0" + bytes(fields)
        case DiagData():
            text = utf8_field(packet.text, min(len(packet.text.encode("utf-8", "replace")) + 1, MAX_SLOTS))
            head = bytes((0, packet.priority, packet.logical_port, 0))
            return _header(OpCode.DIAG_DATA) + head + len(text).to_bytes(2, "big") + text
        case Unknown():
            return ID + in_range("OpCode", packet.opcode, 0, 0xFFFF).to_bytes(2, "little") + packet.body


def build_dmx_header(address: int, slot_count: int = MAX_SLOTS, sequence: int = 0, physical: int = 0) -> bytes:
    """The 18 bytes before the slots; an odd count is announced as the even one above, and the sender adds a zero slot."""
    in_range("Port-Address", address, 0, MAX_PORT_ADDRESS)
    return _DMX_HEADER.pack(
        ID,
        int.from_bytes(OpCode.DMX.to_bytes(2, "little"), "big"),
        PROTOCOL_VERSION,
        in_range("sequence", sequence, 0, 255),
        in_range("physical port", physical, 0, 255),
        address & 0xFF,
        address >> 8,
        in_range("slot count", slot_count, 1, MAX_SLOTS) + slot_count % 2,
    )


def next_sequence(last: int) -> int:
    """The ArtDmx sequence after `last`: 1..255 and round again, as 0 switches ordering off.

    >>> next_sequence(0), next_sequence(254), next_sequence(255)
    (1, 255, 1)
    """
    return last % 255 + 1


def port_address(net: int, sub_net: int, universe: int) -> int:
    """The 15-bit Port-Address.

    >>> port_address(1, 15, 15)
    511
    """
    in_range("net", net, 0, 127)
    in_range("sub-net", sub_net, 0, 15)
    return net << 8 | sub_net << 4 | in_range("universe", universe, 0, 15)


def split_port_address(address: int) -> tuple[int, int, int]:
    """Net, Sub-Net and Universe of a Port-Address.

    >>> split_port_address(511)
    (1, 15, 15)
    """
    in_range("Port-Address", address, 0, MAX_PORT_ADDRESS)
    return address >> 8, address >> 4 & 0xF, address & 0xF


def from_sacn_universe(universe: int) -> int:
    """The Port-Address that convention pairs with a sACN universe: Art-Net counts from 0, sACN from 1."""
    return in_range("sACN universe", universe, 1, MAX_PORT_ADDRESS + 1) - 1


def to_sacn_universe(address: int) -> int:
    """The sACN universe that convention pairs with a Port-Address."""
    return in_range("Port-Address", address, 0, MAX_PORT_ADDRESS) + 1


def format_port_address(address: int) -> str:
    """Both numberings, for screens.

    >>> format_port_address(17)
    '17 (0:1:1)'
    """
    net, sub_net, universe = split_port_address(address)
    return f"{address} ({net}:{sub_net}:{universe})"


def _decode_dmx(data: bytes) -> Dmx:
    if len(data) < HEADER_SIZE:
        raise ProtocolError("ArtDmx shorter than its header", len(data))
    length = int.from_bytes(data[LENGTH_OFFSET:SLOTS_OFFSET], "big")
    if not 1 <= length <= MAX_SLOTS or SLOTS_OFFSET + length > len(data):  # odd lengths are sent by real desks
        raise ProtocolError(f"ArtDmx length {length} does not fit the packet", LENGTH_OFFSET)
    if data[NET_OFFSET] > 127:
        raise ProtocolError("Net above 127", NET_OFFSET)
    address = data[NET_OFFSET] << 8 | data[SUB_UNI_OFFSET]
    slots = bytes(data[SLOTS_OFFSET : SLOTS_OFFSET + length])
    return Dmx(address, slots, data[SEQUENCE_OFFSET], data[PHYSICAL_OFFSET])


def _decode_poll(data: bytes) -> Poll:
    if len(data) < 14:
        raise ProtocolError("ArtPoll too short", len(data))
    tail = data[14:22].ljust(8, b"\0")  # Art-Net 4 fields that older controllers do not send
    high, low, esta, oem = _POLL_TAIL.unpack(tail)
    return Poll(data[12], data[13], (low & MAX_PORT_ADDRESS, high & MAX_PORT_ADDRESS), esta, oem)


def timecode_in(data: bytes) -> TimeCode | None:
    """The ArtTimeCode in a datagram; None where it is anything else, or broken."""
    if data[8:10] != OpCode.TIME_CODE.to_bytes(2, "little"):
        return None
    try:
        packet = decode(data)
    except ProtocolError:
        return None
    return packet if isinstance(packet, TimeCode) else None


def _decode_time_code(data: bytes) -> TimeCode:
    if len(data) < 19:
        raise ProtocolError("ArtTimeCode too short", len(data))
    stream, frames, seconds, minutes, hours, kind = data[13:19]
    if kind > TimeCodeType.SMPTE_30:
        raise ProtocolError(f"timecode type {kind} is unknown", 18)
    _check_time(hours, minutes, seconds, frames, ProtocolError)
    return TimeCode(hours, minutes, seconds, frames, TimeCodeType(kind), stream)


def _decode_diag(data: bytes) -> DiagData:
    if len(data) < SLOTS_OFFSET:
        raise ProtocolError("ArtDiagData too short", len(data))
    length = int.from_bytes(data[16:18], "big")
    if SLOTS_OFFSET + length > len(data):
        raise ProtocolError("ArtDiagData length does not fit the packet", LENGTH_OFFSET)
    return DiagData(read_utf8_field(data[SLOTS_OFFSET : SLOTS_OFFSET + length]), data[13], data[14])


def _check_time(hours: int, minutes: int, seconds: int, frames: int, refusal: type[Exception]) -> None:
    if hours > 23 or minutes > 59 or seconds > 59 or frames > 29:
        raise refusal(f"{hours}:{minutes}:{seconds}:{frames} is not a timecode")


def _header(opcode: OpCode) -> bytes:
    return ID + opcode.to_bytes(2, "little") + PROTOCOL_VERSION.to_bytes(2, "big")
