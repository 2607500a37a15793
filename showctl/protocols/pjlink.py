"""PJLink: lines between a controller and a projector. Standards: PJLink Class 1 v1.04 and Class 2 v2.10 (JBMIA).

Answers for the lines of a connection (greeting, commands, replies), for the authentication prefix and for search and
status notification over UDP. What a reply's parameter means is in `pjlink_values`; polling, patience and reconnecting
live in the driver.

The parameter of a command with no parameter is "": only search is one. A refused command is a `Reply` whose parameter
is an error code, see `error_of`.
"""

import hashlib
import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from showctl.protocols.errors import ProtocolError, in_range

PORT: Final = 4352  # v1.04 3, TCP; v2.10 3.2, UDP
MAX_PARAMETER: Final = 128  # v1.04 2.1
MAX_LINE: Final = 1024  # ours: no line is near it, a stream without CR ends there
REPLY_TIMEOUT_S: Final = 2  # v1.04 3.1
IDLE_TIMEOUT_S: Final = 30  # v1.04 3.1: the projector closes

CLASS_2_ONLY: Final = frozenset(  # v2.10 4 and 3.2
    ("SNUM", "SVER", "INNM", "IRES", "RRES", "FILT", "RLMP", "RFIL", "SVOL", "MVOL", "FREZ", "SRCH", "ACKN", "LKUP")
)


class ErrorCode(Enum):
    """v1.04 2.3 and 5.1: why a command was not done."""

    UNDEFINED = "ERR1"
    BAD_PARAMETER = "ERR2"
    UNAVAILABLE = "ERR3"  # the projector is busy warming, cooling or in standby
    FAILURE = "ERR4"
    AUTHENTICATION = "ERRA"


@dataclass(frozen=True, slots=True)
class OpenGreeting:
    """PJLINK 0: commands may be sent as they are."""


@dataclass(frozen=True, slots=True)
class Md5Challenge:
    """PJLINK 1: the first command wants the MD5 prefix."""

    random: str


@dataclass(frozen=True, slots=True)
class Sha256Request:
    """PJLINK 2 from the controller: asks for a class 2 challenge."""


@dataclass(frozen=True, slots=True)
class Sha256Challenge:
    """PJLINK 2 from the projector: the first command wants the SHA-256 prefix."""

    random: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """PJLINK ERRA: the password was wrong; stop and say so."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command or, with the parameter "?", a query; `digest` is the authentication prefix, when there was one."""

    name: str
    parameter: str = "?"
    klass: int = 1
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for a command, or unasked over UDP."""

    name: str
    parameter: str
    klass: int = 1


@dataclass(frozen=True, slots=True)
class Unknown:
    """A line that is no PJLink, such as the banner of some projectors."""

    text: str


Line = OpenGreeting | Md5Challenge | Sha256Request | Sha256Challenge | Refusal | Command | Reply | Unknown


class LineSplitter:
    """Cuts a stream into lines at CR, whatever pieces it arrives in; an LF after the CR is passed over.

    After a fault the lines before it are still handed out, then every call raises, and the connection wants closing.
    """

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._buffer = b""
        self._consumed = 0
        self._fault: ProtocolError | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete now, without their CR."""
        if self._fault is not None:
            raise self._fault
        *lines, rest = (self._buffer + data).split(b"\r")
        complete: list[bytes] = []
        for line in lines:
            if len(line) > self._limit:
                return self._fail(complete)
            self._consumed += len(line) + 1
            complete.append(line.removeprefix(b"\n"))
        if len(rest) > self._limit:
            return self._fail(complete)
        self._buffer = rest
        return complete

    def _fail(self, complete: list[bytes]) -> list[bytes]:
        self._fault = ProtocolError("line is over the limit", self._consumed + self._limit)
        self._buffer = b""
        if not complete:
            raise self._fault
        return complete


def decode(line: bytes) -> Line:
    """Reads one line, with or without its CR."""
    try:
        text = line.removesuffix(b"\r").decode("utf-8")
    except UnicodeDecodeError as problem:
        raise ProtocolError("line is not UTF-8", problem.start) from None
    if text.upper().startswith("PJLINK"):
        return _decode_greeting(text)
    found = _LINE.fullmatch(text)
    if found is None:
        return Unknown(text)
    parameter = found["parameter"] or ""
    if len(parameter.encode("utf-8")) > MAX_PARAMETER:
        raise ProtocolError("parameter is longer than 128 bytes", found.start("parameter"))
    name, klass = found["name"].upper(), int(found["klass"])
    if found["separator"] == "=":
        if found["digest"]:
            raise ProtocolError("reply carries an authentication prefix", 0)
        return Reply(name, parameter, klass)
    return Command(name, parameter, klass, found["digest"].lower())


def encode(line: Line) -> bytes:
    """The bytes of a line, with its CR."""
    return _text(line).encode("utf-8") + b"\r"


def _text(line: Line) -> str:
    match line:
        case OpenGreeting():
            return "PJLINK 0"
        case Md5Challenge():
            return f"PJLINK 1 {_hex(line.random, 8)}"
        case Sha256Request():
            return "PJLINK 2"
        case Sha256Challenge():
            return f"PJLINK 2 {_hex(line.random, 32)}"
        case Refusal():
            return "PJLINK ERRA"
        case Command():
            separator = " " if line.parameter else ""
            return f"{line.digest}%{line.klass}{_name(line.name)}{separator}{_parameter(line.parameter)}"
        case Reply():
            return f"%{line.klass}{_name(line.name)}={_parameter(line.parameter)}"
        case Unknown():
            return line.text


def query(name: str, about: str = "", digest: str = "") -> Command:
    """The query of a value, in the lowest class that has it.

    >>> encode(query("POWR")), encode(query("INNM", about="31"))
    (b'%1POWR ?\\r', b'%2INNM ?31\\r')
    """
    return Command(name, "?" + about, 2 if name in CLASS_2_ONLY else 1, digest)


def search() -> bytes:
    """The broadcast that every class 2 projector answers with its MAC address (v2.10 3.2)."""
    return encode(Command("SRCH", "", 2))


def error_of(reply: Reply) -> ErrorCode | None:
    """Why the command was not done; None when it was."""
    return _ERRORS.get(reply.parameter.upper())


def md5_digest(random: str, password: str) -> str:
    """The prefix for class 1 (v1.04 5.1): MD5 of the challenge and the password.

    >>> md5_digest("498e4a67", "JBMIAProjectorLink")
    '5d8409bc1c3fa39749434aa3a5c38682'
    """
    return hashlib.md5((random + password).encode("utf-8"), usedforsecurity=False).hexdigest()


def sha256_digest(server_random: str, client_random: str, password: str) -> str:
    """The prefix for class 2 (v2.10 5.1): our random, then SHA-256 of (both randoms XORed, as hex, and the password)."""
    mixed = int(_hex(server_random, 32), 16) ^ int(_hex(client_random, 32), 16)
    return client_random + hashlib.sha256(f"{mixed:032x}{password}".encode()).hexdigest()


_ERRORS: Final = {code.value: code for code in ErrorCode}
_DIGEST: Final = "(?P<digest>(?:[0-9A-Fa-f]{96}|[0-9A-Fa-f]{32})?)"  # v2.10: 32 + 64 digits; v1.04: 32
_LINE: Final = re.compile(_DIGEST + r"%(?P<klass>[1-9])(?P<name>[0-9A-Za-z]{4})(?:(?P<separator>[ =])(?P<parameter>[^\r\n]*))?")
_GREETING: Final = re.compile(
    r"PJLINK (?:(?P<open>0)|1 (?P<md5>[0-9a-f]{8})|2 (?P<sha>[0-9a-f]{32})|(?P<ask>2)|(?P<no>ERRA))", re.I
)


def _decode_greeting(text: str) -> Line:
    found = _GREETING.fullmatch(text.strip())
    if found is None:
        raise ProtocolError(f"greeting is malformed: {text[:40]!r}", 7)
    match found.lastgroup:
        case "md5":
            return Md5Challenge(found["md5"])
        case "sha":
            return Sha256Challenge(found["sha"])
        case "ask":
            return Sha256Request()
        case "no":
            return Refusal()
        case _:
            return OpenGreeting()


def _name(name: str) -> str:
    if not re.fullmatch("[0-9A-Z]{4}", name):
        raise ValueError(f"a PJLink command has four letters, not {name!r}")
    return name


def _parameter(text: str) -> str:
    if "\r" in text or "\n" in text:
        raise ValueError("a PJLink parameter has no line break")
    in_range("parameter length", len(text.encode("utf-8")), 0, MAX_PARAMETER)
    return text


def _hex(text: str, digits: int) -> str:
    if not re.fullmatch(f"[0-9A-Fa-f]{{{digits}}}", text):
        raise ValueError(f"a challenge has {digits} hexadecimal digits, not {text!r}")
    return text
