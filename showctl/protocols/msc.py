"""MIDI Show Control: cue commands as SysEx. Standard: MMA RP-002, MSC 1.0 (1991), general and sound commands.

F0 7F <device> 02 <format> <command> <data> F7, at most 128 bytes. Cue number, list and path are ASCII digits and points,
each optional after the one before, with 00 between. Commands beyond the tables, the two-phase commit of MSC 1.1 among
them, come back with their data unread.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from showctl.protocols.errors import ProtocolError, in_range

MAX_SIZE: Final = 128  # RP-002 2.1
ALL_DEVICES: Final = 0x7F  # RP-002 2.3: 00-6F devices, 70-7E groups 1-15, 7F all
FIRST_GROUP: Final = 0x70


class Format(IntEnum):
    """RP-002 2.4, command formats: the general one of each category."""

    LIGHTING = 0x01
    SOUND = 0x10
    MACHINERY = 0x20
    VIDEO = 0x30
    PROJECTION = 0x40
    PROCESS_CONTROL = 0x50
    PYRO = 0x60
    ALL = 0x7F


class Command(IntEnum):
    """RP-002 2.5, recommended minimum sets: general and sound commands."""

    GO = 0x01
    STOP = 0x02
    RESUME = 0x03
    TIMED_GO = 0x04
    LOAD = 0x05
    SET = 0x06
    FIRE = 0x07
    ALL_OFF = 0x08
    RESTORE = 0x09
    RESET = 0x0A
    GO_OFF = 0x0B
    GO_JAM_CLOCK = 0x10
    STANDBY_PLUS = 0x11
    STANDBY_MINUS = 0x12
    SEQUENCE_PLUS = 0x13
    SEQUENCE_MINUS = 0x14
    START_CLOCK = 0x15
    STOP_CLOCK = 0x16
    ZERO_CLOCK = 0x17
    SET_CLOCK = 0x18
    MTC_CHASE_ON = 0x19
    MTC_CHASE_OFF = 0x1A
    OPEN_CUE_LIST = 0x1B
    CLOSE_CUE_LIST = 0x1C
    OPEN_CUE_PATH = 0x1D
    CLOSE_CUE_PATH = 0x1E


_CUE: Final = frozenset(
    {Command.GO, Command.STOP, Command.RESUME, Command.TIMED_GO, Command.LOAD, Command.GO_OFF, Command.GO_JAM_CLOCK}
)
_LIST: Final = frozenset(map(Command, range(Command.STANDBY_PLUS, Command.CLOSE_CUE_LIST + 1)))
_PATH: Final = frozenset({Command.OPEN_CUE_PATH, Command.CLOSE_CUE_PATH})
_TIMED: Final = frozenset({Command.TIMED_GO, Command.SET_CLOCK})
_NEEDS_NAME: Final = _PATH | {Command.LOAD, Command.OPEN_CUE_LIST, Command.CLOSE_CUE_LIST}
_PLAIN: Final = frozenset({Command.ALL_OFF, Command.RESTORE, Command.RESET})


@dataclass(frozen=True, slots=True)
class Time:
    """Five bytes hr mn sc fr ff as MTC and MMC use them: hours carry the rate, ff is subframes or status."""

    hours_and_rate: int
    minutes: int
    seconds: int
    frames: int
    fraction: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A command to a device; which fields it has follows from the command, the others are None."""

    command: Command
    device: int = ALL_DEVICES
    format: int = Format.LIGHTING
    number: str | None = None
    list: str | None = None
    path: str | None = None
    time: Time | None = None
    macro: int | None = None
    control: tuple[int, int] | None = None  # SET: number and value, 14 bits each


@dataclass(frozen=True, slots=True)
class Unknown:
    """A well-formed MSC message with a command we do not read."""

    command: int
    device: int
    format: int
    data: bytes


def decode(sysex: bytes) -> Message | Unknown | None:
    """Reads a SysEx message with its F0 and F7; None when it is not MSC, `ProtocolError` when it is broken MSC."""
    if sysex[:2] != b"\xf0\x7f" or sysex[3:4] != b"\x02":
        return None
    if not 7 <= len(sysex) <= MAX_SIZE or sysex[-1] != 0xF7:
        raise ProtocolError("MSC message is too short, too long or does not end", len(sysex))
    if max(sysex[2:-1]) > 0x7F:
        raise ProtocolError("MSC data byte has its top bit set", 2)
    device, kind, code, data = sysex[2], sysex[4], sysex[5], sysex[6:-1]
    if code not in Command._value2member_map_:
        return Unknown(code, device, kind, data)
    command = Command(code)
    if command is Command.SET:
        return _decode_set(data, device, kind)
    if command is Command.FIRE:
        _need(len(data) == 1, "FIRE has one byte, its macro")
        return Message(command, device, kind, macro=data[0])
    if command in _PLAIN:
        _need(not data, f"{command.name} has no data")
        return Message(command, device, kind)
    time, names = _take_time(data) if command in _TIMED else (None, data)
    parts = _decode_names(names, 3 if command in _CUE else 1)
    _need(parts[0] is not None or command not in _NEEDS_NAME, f"{command.name} names nothing")
    if command in _CUE:
        return Message(command, device, kind, number=parts[0], list=parts[1], path=parts[2], time=time)
    if command in _PATH:
        return Message(command, device, kind, path=parts[0])
    return Message(command, device, kind, list=parts[0], time=time)


def encode(message: Message) -> bytes:
    """The SysEx of a message, F0 to F7; refuses fields that its command does not have."""
    head = bytes(
        (
            0xF0,
            0x7F,
            in_range("device", message.device, 0, 0x7F),
            0x02,
            in_range("format", message.format, 1, 0x7F),
            message.command,
        )
    )
    sysex = head + _data(message) + b"\xf7"
    in_range("message size", len(sysex), 7, MAX_SIZE)
    try:
        understood = decode(sysex)
    except ProtocolError as problem:
        raise ValueError(problem.what) from None
    if understood != message:  # a field that the command has no place for is not silently lost
        raise ValueError(f"{message.command.name} cannot carry all of {message}")
    return sysex


def _data(message: Message) -> bytes:
    parts = []
    if message.control is not None:
        parts += [in_range("control", value, 0, 0x3FFF) for value in message.control]
        parts = [byte for value in parts for byte in (value & 0x7F, value >> 7)]
    if message.time is not None:
        time = message.time
        parts += [time.hours_and_rate, time.minutes, time.seconds, time.frames, time.fraction]
    if message.macro is not None:
        parts.append(message.macro)
    for part in parts:
        in_range("data byte", part, 0, 0x7F)
    return bytes(parts) + _names(message).encode("ascii", "replace")


def _names(message: Message) -> str:
    names = [message.number, message.list, message.path] if message.command in _CUE else [message.list or message.path]
    while names and names[-1] is None:
        names.pop()
    return "\0".join(name or "" for name in names)


def _decode_set(data: bytes, device: int, kind: int) -> Message:
    _need(len(data) in (4, 9), "SET has a control, a value and perhaps a time")
    control = (data[0] | data[1] << 7, data[2] | data[3] << 7)
    time = _take_time(data[4:])[0] if len(data) == 9 else None
    return Message(Command.SET, device, kind, control=control, time=time)


def _take_time(data: bytes) -> tuple[Time, bytes]:
    _need(len(data) >= 5, "time needs five bytes")
    return Time(*data[:5]), data[5:]


def _decode_names(data: bytes, count: int) -> list[str | None]:
    names = data.split(b"\0")
    _need(len(names) <= count, "more names than the command has")
    _need(all(set(name) <= _NAME_BYTES for name in names), "a cue, list or path is digits and points")
    return [name.decode("ascii") or None for name in names] + [None] * (count - len(names))


_NAME_BYTES: Final = frozenset(b"0123456789.")


def _need(condition: bool, what: str) -> None:
    if not condition:
        raise ProtocolError(what, 6)
