"""What PJLink replies mean, as typed values. Standards: PJLink Class 1 v1.04 section 4, Class 2 v2.10 section 4.

`meaning` reads the parameter of a reply to a query (or of a status notification, which has the same form). Names that
are not in the tables come back as `Text`, so that a maker's own command is still seen. Lines are in `pjlink`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from showctl.protocols.errors import ProtocolError
from showctl.protocols.pjlink import ErrorCode, Reply, error_of

MAX_LAMPS: Final = 8  # v1.04 4.8


class PowerState(IntEnum):
    """v1.04 4.2."""

    STANDBY = 0
    ON = 1
    COOLING = 2
    WARMING = 3


class Severity(IntEnum):
    """v1.04 4.7."""

    OK = 0
    WARNING = 1
    ERROR = 2


@dataclass(frozen=True, slots=True)
class Done:
    """The command was taken."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The command was not done."""

    code: ErrorCode


@dataclass(frozen=True, slots=True)
class Power:
    """What the lamp is doing."""

    state: PowerState


@dataclass(frozen=True, slots=True)
class Input:
    """The input in use: 1x RGB, 2x video, 3x digital, 4x storage, 5x network, 6x internal."""

    code: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs that there are."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mute:
    """Whether picture and sound are shut."""

    video: bool
    audio: bool


@dataclass(frozen=True, slots=True)
class Errors:
    """How the six watched parts are."""

    fan: Severity
    lamp: Severity
    temperature: Severity
    cover: Severity
    filter: Severity
    other: Severity


@dataclass(frozen=True, slots=True)
class Lamps:
    """Hours and whether it is lit, per lamp."""

    lamps: tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """Pixels; None without a signal, or when the projector cannot tell."""

    size: tuple[int, int] | None
    signal: bool


@dataclass(frozen=True, slots=True)
class Number:
    """The class of the projector (CLSS), or hours of a filter (FILT)."""

    value: int


@dataclass(frozen=True, slots=True)
class Freeze:
    """Whether the picture stands still."""

    frozen: bool


@dataclass(frozen=True, slots=True)
class Text:
    """Names, serial numbers, MAC addresses, and whatever we do not read."""

    text: str


Value = Done | Failed | Power | Input | Inputs | Mute | Errors | Lamps | Resolution | Number | Freeze | Text


def meaning(reply: Reply) -> Value:
    """What a reply says.

    >>> meaning(Reply("POWR", "3"))
    Power(state=<PowerState.WARMING: 3>)
    >>> meaning(Reply("POWR", "ERR3"))
    Failed(code=<ErrorCode.UNAVAILABLE: 'ERR3'>)
    """
    code = error_of(reply)
    if code is not None:
        return Failed(code)
    if reply.parameter.upper() == "OK":
        return Done()
    read = _READERS.get(reply.name)
    if read is None:
        return Text(reply.parameter)
    try:
        return read(reply.parameter)
    except (ValueError, KeyError):
        raise ProtocolError(f"{reply.name} cannot be {reply.parameter[:40]!r}", 7) from None


def _mute(text: str) -> Mute:
    video, audio = {"11": (True, False), "21": (False, True), "31": (True, True), "30": (False, False)}[text]
    return Mute(video, audio)


def _errors(text: str) -> Errors:
    if not re.fullmatch("[012]{6}", text):
        raise ValueError(text)
    return Errors(*(Severity(int(digit)) for digit in text))


def _lamps(text: str) -> Lamps:
    words = text.split(" ")
    if len(words) % 2 or len(words) > 2 * MAX_LAMPS:
        raise ValueError(text)
    return Lamps(tuple((_digits(hours, 6), _flag(lit)) for hours, lit in zip(words[::2], words[1::2], strict=True)))


def _inputs(text: str) -> Inputs:
    return Inputs(tuple(_input(word).code for word in text.split(" ")))


def _input(text: str) -> Input:
    if not re.fullmatch("[1-6][1-9A-Z]", text):  # class 2 adds 6x, and A-Z beside 1-9
        raise ValueError(text)
    return Input(text)


def _resolution(text: str) -> Resolution:
    if text in ("-", "*"):
        return Resolution(None, signal=text == "*")
    found = re.fullmatch("([0-9]{1,5})x([0-9]{1,5})", text)
    if found is None:
        raise ValueError(text)
    return Resolution((int(found[1]), int(found[2])), signal=True)


def _digits(text: str, most: int) -> int:
    if not re.fullmatch(f"[0-9]{{1,{most}}}", text):
        raise ValueError(text)
    return int(text)


def _flag(text: str) -> bool:
    return {"0": False, "1": True}[text]


_READERS: Final[dict[str, Callable[[str], Value]]] = {
    "POWR": lambda text: Power(PowerState(_digits(text, 1))),
    "INPT": _input,
    "INST": _inputs,
    "AVMT": _mute,
    "ERST": _errors,
    "LAMP": _lamps,
    "IRES": _resolution,
    "RRES": _resolution,
    "CLSS": lambda text: Number(_digits(text, 1)),
    "FILT": lambda text: Number(_digits(text, 6)),
    "FREZ": lambda text: Freeze(_flag(text)),
}
