"""ENTTEC DMX USB Pro: the serial frames of a USB DMX widget. Standard: DMX USB Pro Widget API 1.44.

A frame is 0x7E, label, length (LSB first), data, 0xE7. There is no checksum and no escaping, so a reader that lost its
place finds it by trying each 0x7E and asking whether an 0xE7 stands where the length says.

Label 3 and 10 mean a question in one direction and an answer in the other: `decode_request` reads what a host sends,
`decode_reply` what a widget sends.
"""

from dataclasses import dataclass
from typing import Final

from showctl.protocols.errors import ProtocolError, in_range

START: Final = 0x7E  # API 1.44, "Message format"
END: Final = 0xE7
MAX_DATA: Final = 600  # API 1.44, "Message format"
MIN_SLOTS: Final = 24  # API 1.44, label 6: 25..513 bytes including the start code
MAX_SLOTS: Final = 512

LABEL_GET_PARAMETERS: Final = 3
LABEL_SET_PARAMETERS: Final = 4
LABEL_RECEIVED_DMX: Final = 5
LABEL_SEND_DMX: Final = 6
LABEL_RECEIVE_MODE: Final = 8
LABEL_CHANGE_OF_STATE: Final = 9
LABEL_SERIAL: Final = 10
SLOTS_OFFSET: Final = 5  # of a send-DMX frame: header 4, start code 1

SERIAL_UNPROGRAMMED: Final = 0xFFFFFFFF  # API 1.44, label 10
STATUS_QUEUE_OVERFLOW: Final = 0x01  # API 1.44, label 5
STATUS_OVERRUN: Final = 0x02


@dataclass(frozen=True, slots=True)
class Frame:
    """A label and its data, not yet understood."""

    label: int
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class GetParameters:
    """Asks for the widget's parameters and some of its user configuration."""

    user_size: int = 0


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a widget says it is and does; times in units of 10.67 us, rate in packets per second."""

    firmware: int
    break_time: int
    mab_time: int
    rate: int
    user: bytes = b""


@dataclass(frozen=True, slots=True)
class SetParameters:
    """Sets the widget's timing; rate 0 is as fast as possible."""

    break_time: int = 9
    mab_time: int = 1
    rate: int = 40
    user: bytes = b""


@dataclass(frozen=True, slots=True)
class SendDmx:
    """Levels to put on the cable, again and again until the next ones."""

    slots: bytes
    start_code: int = 0


@dataclass(frozen=True, slots=True)
class ReceivedDmx:
    """A DMX packet that came in; when `status` is not 0 the slots cannot be trusted."""

    status: int
    start_code: int
    slots: bytes


@dataclass(frozen=True, slots=True)
class ReceiveMode:
    """Whether the widget reports every packet or only changes."""

    on_change: bool


@dataclass(frozen=True, slots=True)
class ChangeOfState:
    """Slots that changed, as (index, value) in index order; index 0 is the start code."""

    changes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class GetSerial:
    """Asks for the serial number."""


@dataclass(frozen=True, slots=True)
class Serial:
    """The widget's serial number as its label prints it; None when it was never programmed."""

    number: str | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A frame with a label we do not read."""

    label: int
    data: bytes


Request = GetParameters | SetParameters | SendDmx | ReceiveMode | GetSerial | Unknown
Reply = Parameters | ReceivedDmx | ChangeOfState | Serial | Unknown


class Deframer:
    """Finds frames in a serial stream, however it is cut into pieces and whatever noise lies between."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.discarded = 0  # bytes that belonged to no frame; a rising count means noise on the line

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are complete now. A started frame waits for its length, at most 605 bytes."""
        self._buffer += data
        buffer, at, frames = self._buffer, 0, []
        while True:
            start = buffer.find(START, at)
            if start < 0:
                self._skip(len(buffer) - at)
                at = len(buffer)
                break
            self._skip(start - at)
            at = start
            if len(buffer) - at < 4:
                break
            length = buffer[at + 2] | buffer[at + 3] << 8
            end = at + 4 + length
            if length > MAX_DATA or (end < len(buffer) and buffer[end] != END):
                self._skip(1)
                at += 1
            elif end >= len(buffer):
                break
            else:
                frames.append(Frame(buffer[at + 1], bytes(buffer[at + 4 : end])))
                at = end + 1
        del buffer[:at]
        return frames

    def reset(self) -> None:
        """Forgets a half-received frame, for when the line was silent for long or the port was reopened."""
        self._skip(len(self._buffer))
        self._buffer.clear()

    def _skip(self, count: int) -> None:
        self.discarded += count


def frame(label: int, data: bytes = b"") -> bytes:
    """The bytes of a frame.

    >>> frame(10).hex()
    '7e0a0000e7'
    """
    in_range("label", label, 0, 255)
    in_range("data length", len(data), 0, MAX_DATA)
    return bytes((START, label)) + len(data).to_bytes(2, "little") + data + bytes((END,))


def encode(message: Request | Reply) -> bytes:
    """The bytes of a message; levels are padded with zeros to the 24 slots that every widget takes."""
    match message:
        case SendDmx():
            in_range("slot count", len(message.slots), 0, MAX_SLOTS)
            return frame(LABEL_SEND_DMX, bytes((message.start_code,)) + message.slots.ljust(MIN_SLOTS, b"\0"))
        case GetParameters():
            return frame(LABEL_GET_PARAMETERS, in_range("user size", message.user_size, 0, 508).to_bytes(2, "little"))
        case SetParameters():
            timing = bytes(
                (
                    in_range("break time", message.break_time, 9, 127),
                    in_range("MAB time", message.mab_time, 1, 127),
                    in_range("rate", message.rate, 0, 40),
                )
            )
            in_range("user size", len(message.user), 0, 508)
            return frame(LABEL_SET_PARAMETERS, len(message.user).to_bytes(2, "little") + timing + message.user)
        case ReceiveMode():
            return frame(LABEL_RECEIVE_MODE, bytes((message.on_change,)))
        case GetSerial():
            return frame(LABEL_SERIAL)
        case Parameters():
            timing = bytes((message.break_time, message.mab_time, message.rate))
            firmware = in_range("firmware", message.firmware, 0, 0xFFFF).to_bytes(2, "little")
            return frame(LABEL_GET_PARAMETERS, firmware + timing + message.user)
        case ReceivedDmx():
            return frame(LABEL_RECEIVED_DMX, bytes((message.status, message.start_code)) + message.slots)
        case ChangeOfState():
            return frame(LABEL_CHANGE_OF_STATE, _encode_changes(message.changes))
        case Serial():
            digits = "FFFFFFFF" if message.number is None else message.number.rjust(8, "0")
            return frame(LABEL_SERIAL, bytes.fromhex(digits)[::-1])
        case Unknown():
            return frame(message.label, message.data)


def decode_request(received: Frame) -> Request:
    """Reads a frame as a widget would."""
    label, data = received.label, received.data
    if label == LABEL_SEND_DMX:
        _need(1 <= len(data) <= MAX_SLOTS + 1, "send DMX without its start code, or with more than 512 slots")
        return SendDmx(data[1:], data[0])
    if label == LABEL_GET_PARAMETERS:
        _need(len(data) == 2, "get parameters needs two bytes")
        return GetParameters(int.from_bytes(data, "little"))
    if label == LABEL_SET_PARAMETERS:
        _need(len(data) >= 5, "set parameters needs five bytes")
        _need(9 <= data[2] <= 127 and 1 <= data[3] <= 127 and data[4] <= 40, "a timing is out of range")
        _need(len(data) == 5 + int.from_bytes(data[:2], "little"), "user configuration has another size")
        return SetParameters(data[2], data[3], data[4], data[5:])
    if label == LABEL_RECEIVE_MODE:
        _need(len(data) == 1 and data[0] <= 1, "receive mode is 0 or 1")
        return ReceiveMode(data[0] == 1)
    if label == LABEL_SERIAL and not data:
        return GetSerial()
    return Unknown(label, data)


def decode_reply(received: Frame) -> Reply:
    """Reads a frame as a host does."""
    label, data = received.label, received.data
    if label == LABEL_GET_PARAMETERS:
        _need(len(data) >= 5, "parameters need five bytes")
        return Parameters(int.from_bytes(data[:2], "little"), data[2], data[3], data[4], data[5:])
    if label == LABEL_RECEIVED_DMX:
        _need(1 <= len(data) <= MAX_SLOTS + 2, "received DMX needs its status, and at most 512 slots")
        return ReceivedDmx(data[0], data[1] if len(data) > 1 else 0, data[2:])
    if label == LABEL_CHANGE_OF_STATE:
        return ChangeOfState(_decode_changes(data))
    if label == LABEL_SERIAL:
        _need(len(data) == 4, "a serial number has four bytes")
        number = data[::-1].hex().upper()
        return Serial(None if number == f"{SERIAL_UNPROGRAMMED:X}" else number)
    return Unknown(label, data)


def _decode_changes(data: bytes) -> tuple[tuple[int, int], ...]:
    _need(7 <= len(data) <= 46, "a change of state has 7 to 46 bytes")
    bitmap = int.from_bytes(data[1:6], "little")
    _need(bitmap.bit_count() == len(data) - 6, "changed bits and values differ in number")
    first = data[0] * 8
    indices = [first + bit for bit in range(40) if bitmap >> bit & 1]
    _need(indices[-1] <= MAX_SLOTS, "a change beyond slot 512")
    return tuple(zip(indices, data[6:], strict=True))


def _encode_changes(changes: tuple[tuple[int, int], ...]) -> bytes:
    in_range("number of changes", len(changes), 1, 40)
    start = changes[0][0] // 8
    bitmap = 0
    for index, _ in changes:
        bitmap |= 1 << in_range("distance between changes", index - start * 8, 0, 39)
    in_range("highest index", changes[-1][0], 0, MAX_SLOTS)
    in_range("distinct changes", bitmap.bit_count(), len(changes), len(changes))
    return bytes((start,)) + bitmap.to_bytes(5, "little") + bytes(value for _, value in changes)


def _need(condition: bool, what: str) -> None:
    if not condition:
        raise ProtocolError(what, 4)
