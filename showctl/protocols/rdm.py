"""RDM: asking fixtures who and how they are, on the cable that brings them light. Standard: ANSI E1.20-2010.

Answers for packets (message block, checksum) and for the encoded answer to discovery, which several fixtures may give at once:
what comes of that is no UID, and says that there are several. What the bytes of a parameter mean: ``rdm_values``. Who takes
turns with whom, time-outs and the tree search: ``devices/rdm_*``. Art-Net carries packets without their start code
(``artnet_rdm``), a USB Pro with it.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from showctl.protocols.errors import ProtocolError, in_range

START_CODE: Final = 0xCC  # E1.20 6.2.1
SUB_START_CODE: Final = 0x01  # E1.20 6.2.2
HEADER_SIZE: Final = 24  # E1.20 6.2.3: slots before the parameter data, start code included
MAX_DATA: Final = 231  # E1.20 6.2.10.3
ALL_DEVICES: Final = 0xFFFF_FFFFFFFF  # E1.20 5.3
MAX_UID: Final = 0xFFFF_FFFFFFFE
ROOT: Final = 0  # E1.20 6.2.9: no sub-device

_PREAMBLE: Final = 0xFE  # E1.20 7.5.1: up to seven, then the separator
_SEPARATOR: Final = 0xAA
_MOST_PREAMBLE: Final = 7


class Command(IntEnum):
    """E1.20 Table A-1: command classes."""

    DISCOVERY = 0x10
    DISCOVERY_RESPONSE = 0x11
    GET = 0x20
    GET_RESPONSE = 0x21
    SET = 0x30
    SET_RESPONSE = 0x31


class Response(IntEnum):
    """E1.20 Table A-2: response types."""

    ACK = 0
    ACK_TIMER = 1
    NACK_REASON = 2
    ACK_OVERFLOW = 3


class Pid(IntEnum):
    """E1.20 Table A-3: the parameters that are asked for here."""

    DISC_UNIQUE_BRANCH = 0x0001
    DISC_MUTE = 0x0002
    DISC_UN_MUTE = 0x0003
    QUEUED_MESSAGE = 0x0020
    STATUS_MESSAGES = 0x0030
    SUPPORTED_PARAMETERS = 0x0050
    DEVICE_INFO = 0x0060
    DEVICE_MODEL_DESCRIPTION = 0x0080
    MANUFACTURER_LABEL = 0x0081
    DEVICE_LABEL = 0x0082
    SOFTWARE_VERSION_LABEL = 0x00C0
    DMX_PERSONALITY = 0x00E0
    DMX_PERSONALITY_DESCRIPTION = 0x00E1
    DMX_START_ADDRESS = 0x00F0
    SENSOR_DEFINITION = 0x0200
    SENSOR_VALUE = 0x0201
    DEVICE_HOURS = 0x0400
    LAMP_HOURS = 0x0401
    IDENTIFY_DEVICE = 0x1000


NACK_REASONS: Final = {
    0: "does not know this parameter",
    1: "did not understand",
    2: "has a hardware fault",
    3: "is behind a proxy that does not take this",
    4: "does not take this command for the parameter",
    5: "does not understand the data",
    6: "does not allow that value",
    7: "cannot answer: its buffer is full",
    8: "takes no packets of this size",
    9: "has no such sub-device",
    10: "cannot answer: the proxy's buffer is full",
}
"""E1.20 Table A-17, in words."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One message. ``port`` is the controller's port (1..255) in a request and the ``Response`` type in an answer.

    ``waiting`` is how many messages a device has for us besides.
    """

    destination: int
    source: int
    transaction: int
    command: int
    pid: int
    data: bytes = b""
    port: int = 1
    waiting: int = 0
    sub_device: int = ROOT


def encode(packet: Packet) -> bytes:
    """The slots of ``packet``, start code and checksum included. ValueError where a field cannot carry its value."""
    size = in_range("size of parameter data", len(packet.data), 0, MAX_DATA)
    body = b"".join(
        (
            bytes((START_CODE, SUB_START_CODE, HEADER_SIZE + size)),
            in_range("destination UID", packet.destination, 0, ALL_DEVICES).to_bytes(6, "big"),
            in_range("source UID", packet.source, 0, MAX_UID).to_bytes(6, "big"),
            bytes(
                (packet.transaction & 0xFF, in_range("port", packet.port, 0, 255), in_range("waiting", packet.waiting, 0, 255))
            ),
            in_range("sub-device", packet.sub_device, 0, 0xFFFF).to_bytes(2, "big"),
            bytes((packet.command,)),
            packet.pid.to_bytes(2, "big"),
            bytes((size,)),
            packet.data,
        )
    )
    return body + checksum(body).to_bytes(2, "big")


def decode(data: bytes) -> Packet:
    """Reads a packet that begins with its start code; bytes behind the checksum are ignored (E1.20 6.2.3)."""
    if len(data) < HEADER_SIZE + 2:
        raise ProtocolError("shorter than an RDM packet", len(data))
    if data[0] != START_CODE or data[1] != SUB_START_CODE:
        raise ProtocolError("not an RDM packet", 0)
    length, size = data[2], data[23]
    if length != HEADER_SIZE + size or length + 2 > len(data):
        raise ProtocolError(f"message length {length} does not fit", 2)
    if checksum(data[:length]) != int.from_bytes(data[length : length + 2], "big"):
        raise ProtocolError("checksum is wrong", length)
    return Packet(
        int.from_bytes(data[3:9], "big"),
        int.from_bytes(data[9:15], "big"),
        data[15],
        data[20],
        int.from_bytes(data[21:23], "big"),
        bytes(data[24:length]),
        data[16],
        data[17],
        int.from_bytes(data[18:20], "big"),
    )


def checksum(data: bytes) -> int:
    """E1.20 6.2.11: the sum of all slots, modulo 65536."""
    return sum(data) & 0xFFFF


# --- discovery --------------------------------------------------------------------------------------------------------------


def unique_branch(low: int, high: int) -> bytes:
    """The parameter data of DISC_UNIQUE_BRANCH: who is from ``low`` to ``high`` (both included) and not muted, answer."""
    return in_range("lower bound", low, 0, ALL_DEVICES).to_bytes(6, "big") + in_range(
        "upper bound", high, low, ALL_DEVICES
    ).to_bytes(6, "big")


def encode_found(uid: int) -> bytes:
    """E1.20 7.5.1: the answer to DISC_UNIQUE_BRANCH, without break and start code."""
    raw = in_range("UID", uid, 0, MAX_UID).to_bytes(6, "big")
    spread = b"".join(bytes((byte | 0xAA, byte | 0x55)) for byte in raw)
    total = checksum(spread).to_bytes(2, "big")
    return (
        bytes((_PREAMBLE,)) * _MOST_PREAMBLE
        + bytes((_SEPARATOR,))
        + spread
        + b"".join(bytes((byte | 0xAA, byte | 0x55)) for byte in total)
    )


def decode_found(data: bytes) -> int:
    """The UID in such an answer. ProtocolError where it holds none: several answered at once."""
    at = next((n for n, byte in enumerate(data[: _MOST_PREAMBLE + 1]) if byte == _SEPARATOR), -1)
    if at < 0 or any(byte != _PREAMBLE for byte in data[:at]):
        raise ProtocolError("no separator behind the preamble", 0)
    spread = data[at + 1 : at + 17]
    if len(spread) < 16:
        raise ProtocolError("a discovery answer that was cut off", len(data))
    raw = bytes(spread[n] & spread[n + 1] for n in range(0, 16, 2))
    if any((spread[n] | 0x55) != 0xFF or (spread[n + 1] | 0xAA) != 0xFF for n in range(0, 16, 2)):
        raise ProtocolError("several answers at once", at + 1)
    if checksum(bytes(spread[:12])) != int.from_bytes(raw[6:], "big"):
        raise ProtocolError("checksum is wrong", at + 13)
    return int.from_bytes(raw[:6], "big")


def uid_words(uid: int) -> str:
    """As technicians write it: maker, then device.

    >>> uid_words(0x7FF0_00000012)
    '7ff0:00000012'
    """
    return f"{uid >> 32:04x}:{uid & 0xFFFFFFFF:08x}"


def read_uid(words: str) -> int:
    """The UID that ``words`` are. ValueError where they are none.

    >>> read_uid("7FF0:12") == 0x7FF0_00000012
    True
    """
    maker, colon, device = words.partition(":")
    if not colon or not 1 <= len(maker) <= 4 or not 1 <= len(device) <= 8:
        raise ValueError(f"{words} is no UID: 7ff0:00000012")
    return in_range("maker", int(maker, 16), 0, 0xFFFF) << 32 | int(device, 16)
