"""RDM over Art-Net: the table of devices (TOD) of a node's port, and RDM packets to and from it. Standard: Art-Net 4.

A node searches its cables by itself. ArtTodRequest asks what it has found, ArtTodControl lets it search anew, ArtTodData tells,
in as many packets as it takes; ArtRdm carries one RDM packet, without its start code. Everything else of Art-Net is ``artnet``.
"""

from dataclasses import dataclass
from typing import Final

from showctl.protocols import rdm
from showctl.protocols.artnet import ID, MAX_PORT_ADDRESS, PROTOCOL_VERSION, OpCode
from showctl.protocols.errors import ProtocolError, in_range

RDM_VERSION: Final = 0x01  # ArtTodData and ArtRdm, field RdmVer: RDM STANDARD V1.0
TOD_FULL: Final = 0x00  # ArtTodRequest, field Command; ArtTodData, field CommandResponse
TOD_NAK: Final = 0xFF  # ArtTodData, field CommandResponse: no discovery done yet
FLUSH: Final = 0x01  # ArtTodControl, field Command: AtcFlush
MOST_ADDRESSES: Final = 32  # ArtTodRequest, field AdCount
MOST_UIDS: Final = 200  # ArtTodData, field UidCount
OPCODES: Final = (OpCode.TOD_REQUEST, OpCode.TOD_DATA, OpCode.TOD_CONTROL, OpCode.RDM)


@dataclass(frozen=True, slots=True)
class TodRequest:
    """Asks the nodes that put these Port-Addresses out for their tables; all lie within one Net."""

    addresses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TodControl:
    """Tells the node of a Port-Address to forget its table and search (``FLUSH``)."""

    address: int
    command: int = FLUSH


@dataclass(frozen=True, slots=True)
class TodData:
    """A part of a table: ``block`` counts from 0, ``total`` is how many devices there are in all. ``known`` False: not yet."""

    address: int
    total: int
    block: int
    uids: tuple[int, ...]
    port: int = 1
    bind_index: int = 1
    known: bool = True


@dataclass(frozen=True, slots=True)
class Rdm:
    """An RDM packet for, or from, a Port-Address."""

    address: int
    packet: rdm.Packet


Message = TodRequest | TodControl | TodData | Rdm


def encode(message: Message) -> bytes:
    """The datagram of a message."""
    match message:
        case TodRequest(addresses=addresses):
            in_range("number of Port-Addresses", len(addresses), 1, MOST_ADDRESSES)
            nets = {in_range("Port-Address", address, 0, MAX_PORT_ADDRESS) >> 8 for address in addresses}
            if len(nets) > 1:
                raise ValueError("the Port-Addresses of one ArtTodRequest lie within one Net")
            tail = bytes((nets.pop(), TOD_FULL, len(addresses))) + bytes(address & 0xFF for address in addresses)
            return _header(OpCode.TOD_REQUEST) + bytes(9) + tail.ljust(3 + MOST_ADDRESSES, b"\0")
        case TodControl(address=address, command=command):
            in_range("Port-Address", address, 0, MAX_PORT_ADDRESS)
            return _header(OpCode.TOD_CONTROL) + bytes(9) + bytes((address >> 8, command, address & 0xFF))
        case TodData():
            in_range("number of UIDs", len(message.uids), 0, MOST_UIDS)
            in_range("Port-Address", message.address, 0, MAX_PORT_ADDRESS)
            kind = TOD_FULL if message.known else TOD_NAK
            head = bytes((RDM_VERSION, message.port)) + bytes(6)
            head += bytes((message.bind_index, message.address >> 8, kind, message.address & 0xFF))
            head += message.total.to_bytes(2, "big") + bytes((message.block, len(message.uids)))
            return _header(OpCode.TOD_DATA) + head + b"".join(uid.to_bytes(6, "big") for uid in message.uids)
        case Rdm(address=address, packet=packet):
            in_range("Port-Address", address, 0, MAX_PORT_ADDRESS)
            head = bytes((RDM_VERSION, 0)) + bytes(7) + bytes((address >> 8, 0, address & 0xFF))
            return _header(OpCode.RDM) + head + rdm.encode(packet)[1:]


def decode(data: bytes) -> Message:
    """Reads a datagram. ProtocolError for whatever is none of these."""
    if len(data) < 24 or data[:8] != ID:
        raise ProtocolError("not an Art-Net packet of RDM", 0)
    if int.from_bytes(data[10:12], "big") < PROTOCOL_VERSION:
        raise ProtocolError("protocol version below 14", 10)
    net = data[21]
    if net > 127:
        raise ProtocolError("Net above 127", 21)
    match data[8] | data[9] << 8:
        case OpCode.TOD_REQUEST:
            count = data[23]
            if count > MOST_ADDRESSES or len(data) < 24 + count:
                raise ProtocolError(f"{count} Port-Addresses do not fit", 23)
            return TodRequest(tuple(net << 8 | low for low in data[24 : 24 + count]))
        case OpCode.TOD_CONTROL:
            return TodControl(net << 8 | data[23], data[22])
        case OpCode.TOD_DATA:
            return _decode_tod(data, net)
        case OpCode.RDM:
            # Some nodes leave the start code in.
            body = data[24:] if data[24:25] == b"\xcc" else b"\xcc" + data[24:]
            return Rdm(net << 8 | data[23], rdm.decode(bytes(body)))
        case opcode:
            raise ProtocolError(f"OpCode {opcode:#06x} is not RDM's", 8)


def _decode_tod(data: bytes, net: int) -> TodData:
    if len(data) < 28:
        raise ProtocolError("ArtTodData shorter than its header", len(data))
    count = data[27]
    if count > MOST_UIDS or len(data) < 28 + 6 * count:
        raise ProtocolError(f"{count} UIDs do not fit", 27)
    uids = tuple(int.from_bytes(data[at : at + 6], "big") for at in range(28, 28 + 6 * count, 6))
    total = int.from_bytes(data[24:26], "big")
    return TodData(net << 8 | data[23], total, data[26], uids, data[13], data[20], data[22] != TOD_NAK)


def _header(opcode: OpCode) -> bytes:
    return ID + opcode.to_bytes(2, "little") + PROTOCOL_VERSION.to_bytes(2, "big")
