"""What engine and wire say to each other: a header and raw little-endian columns, on a Unix stream socket.

    magic "SCW1", version, kind, 2 reserved bytes, epoch (16 bytes, names a journal), serial, length of the body

Rows, clocks and masters travel as the bytes of the plan's own arrays, and are read in place: never pickle, never JSON.
Instants are CLOCK_MONOTONIC. ``Reader`` takes the stream in whatever pieces it comes, refuses what breaks the contract and
says at which byte. What rows *mean* is asked in ``check_rows``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from showctl.light.plan import CLOCK, MASTER, NO_CLOCKS, NO_IDS, NO_MASTERS, NO_ROWS, ROW, Plan, PlanChange
from showctl.runtime.wire.errors import BadMessageError
from showctl.show.instants import Instant

MAGIC: Final = b"SCW1"
VERSION: Final = 1
HEADER: Final = struct.Struct("<4sBB2x16sQI4x")
NO_EPOCH: Final = bytes(16)


class Kind(IntEnum):
    """What a message is. The engine speaks 1..9 and SHOW, the wire answers with HELLO, STATS, TAP and REFUSED.

    CARRY and BROUGHT: ``carried``.
    """

    HELLO = 1
    PLAN = 2
    CHANGE = 3
    CUT = 4
    STAND_INS = 5
    ROUTES = 6
    PANIC = 7
    END = 8
    STATS_REQUEST = 9
    STATS = 10
    REFUSED = 11
    SHOW = 12
    TAP_REQUEST = 13
    TAP = 14
    CARRY = 15
    BROUGHT = 16
    COMING = 17
    """The CHANGE that will be said once the journal has it; the wire may do its work meanwhile, and shows nothing of it."""


_LAST: Final = max(Kind)
_LARGEST: Final = {
    Kind.HELLO: 256,
    Kind.PLAN: 320 << 20,  # a row for every slot of 4,096 universes
    Kind.CHANGE: 320 << 20,
    Kind.CUT: 0,
    Kind.STAND_INS: 16 << 20,
    Kind.ROUTES: 1 << 20,
    Kind.PANIC: 1,
    Kind.END: 0,
    Kind.STATS_REQUEST: 0,
    Kind.STATS: 1 << 20,
    Kind.REFUSED: 1024,
    Kind.SHOW: 64 << 20,  # clips for walls of pixels come with it
    Kind.TAP_REQUEST: 0,
    Kind.TAP: 32 << 20,
    Kind.CARRY: 4 << 10,
    Kind.BROUGHT: 4 << 10,
    Kind.COMING: 1 << 20,
}
"""The longest body of each kind: a length is believed only so far."""

_STAYS: Final = (Kind.PLAN, Kind.CHANGE, Kind.STAND_INS)
"""Kinds whose tables are read in place."""

ROUTE: Final = np.dtype([("universe", "<i4"), ("host", "u1", 4), ("priority", "u1"), ("pad", "u1", 3)])
"""One destination of one universe (its index); host 0.0.0.0: multicast, or the nodes that answer."""

_NONE: Final = {ROW: NO_ROWS, CLOCK: NO_CLOCKS, MASTER: NO_MASTERS}
_HELLO: Final = struct.Struct("<32sqqQQII")
_PLAN: Final = struct.Struct("<q3I4x")
_CHANGE: Final = struct.Struct("<q5I4x")
_LOADED: Final = 1
_STANDING_IN: Final = 2


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message. ``at`` is where its body began in the stream."""

    kind: Kind
    epoch: bytes = NO_EPOCH
    serial: int = 0
    body: bytes = b""
    at: int = 0

    def encode(self) -> bytes:
        """The bytes of the message."""
        return HEADER.pack(MAGIC, VERSION, self.kind, self.epoch, self.serial, len(self.body)) + self.body


@dataclass(frozen=True, slots=True)
class Hello:
    """Either side's first word. The engine gives its show's fingerprint and anchor; the wire, what it has and its grid."""

    fingerprint: bytes
    anchor: Instant = 0
    grid: Instant = 0
    applied: int = 0
    accepted: int = 0
    rate: int = 0
    loaded: bool = False
    standing_in: bool = False

    def encode(self) -> bytes:
        flags = (_LOADED if self.loaded else 0) | (_STANDING_IN if self.standing_in else 0)
        return _HELLO.pack(self.fingerprint, self.anchor, self.grid, self.applied, self.accepted, self.rate, flags)


class Reader:
    """Finds whole messages in a stream. A long body is written where it stays as it comes: none is copied once it is whole."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._at = 0
        self._begun: tuple[Kind, bytes, int, memoryview] | None = None
        """A message whose header is there, and the room for its body."""
        self._filled = 0

    def alone(self, data: bytes) -> Message | None:
        """The message that ``data`` is, with nothing before and behind it, as a GO comes; else None, and ``feed`` it."""
        if self._begun is not None or self._head or len(data) < HEADER.size:
            return None
        kind, epoch, serial, length = self._header(data)
        if len(data) != HEADER.size + length:
            return None
        self._at += len(data)
        return Message(kind, epoch, serial, data[HEADER.size :], self._at - length)

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that are complete now. BadMessageError: the stream cannot be read on."""
        left = memoryview(data)
        while True:
            if self._begun is None:
                need = HEADER.size - len(self._head)
                self._head += left[:need]
                left = left[need:]
                if len(self._head) < HEADER.size:
                    return
                kind, epoch, serial, length = self._header(self._head)
                self._begun, self._filled = (kind, epoch, serial, np.empty(length, np.uint8).data), 0
            kind, epoch, serial, room = self._begun
            part = left[: len(room) - self._filled]
            room[self._filled : self._filled + len(part)] = part
            self._filled, left = self._filled + len(part), left[len(part) :]
            if self._filled < len(room):
                return
            body = cast("bytes", room.toreadonly()) if kind in _STAYS else bytes(room)
            message = Message(kind, epoch, serial, body, self._at + HEADER.size)
            self._at += HEADER.size + len(room)
            self._head.clear()
            self._begun = None
            yield message

    @property
    def between(self) -> bool:
        """Whether the last message was read to its end, and nothing of the next one."""
        return self._begun is None and not self._head

    def _header(self, head: bytes | bytearray) -> tuple[Kind, bytes, int, int]:
        magic, version, number, epoch, serial, length = HEADER.unpack_from(head)
        if magic != MAGIC:
            raise BadMessageError("not a message of the wire", self._at)
        if version != VERSION:
            raise BadMessageError(f"version {version} of the contract, where {VERSION} is spoken", self._at + 4)
        if not Kind.HELLO <= number <= _LAST:
            raise BadMessageError(f"kind {number} is unknown", self._at + 5)
        kind = Kind(number)
        if length > _LARGEST[kind]:
            raise BadMessageError(f"a {kind.name.lower()} of {length} bytes, where {_LARGEST[kind]} are allowed", self._at + 32)
        return kind, epoch, serial, length


# --- Bodies -----------------------------------------------------------------------------------------------------------


def decode_hello(message: Message) -> Hello:
    """Reads the body of a HELLO."""
    if len(message.body) != _HELLO.size:
        raise BadMessageError(f"a hello of {len(message.body)} bytes, not {_HELLO.size}", message.at)
    fingerprint, anchor, grid, applied, accepted, rate, flags = _HELLO.unpack(message.body)
    return Hello(fingerprint, anchor, grid, applied, accepted, rate, bool(flags & _LOADED), bool(flags & _STANDING_IN))


def encode_plan(plan: Plan, anchor: Instant) -> bytes:
    """The body of a PLAN; ``anchor`` is where show time 0 lies."""
    return _PLAN.pack(anchor, len(plan.rows), len(plan.clocks), len(plan.masters)) + _columns(plan)


def decode_plan(message: Message) -> tuple[Plan, Instant]:
    """Reads the body of a PLAN."""
    body = _Body(message)
    anchor, *counts = body.counts(_PLAN)
    plan = body.plan(counts)
    body.done()
    return plan, anchor


def encode_change(instant: Instant, change: PlanChange) -> bytes:
    """The body of a CHANGE that holds from ``instant``."""
    tables = (
        np.ascontiguousarray(change.rows_out, np.int64),
        np.ascontiguousarray(change.rows_in, ROW),
        np.ascontiguousarray(change.clocks, CLOCK),
        np.array(change.clocks_out, np.int32),
        np.ascontiguousarray(change.masters, MASTER),
    )
    return _CHANGE.pack(instant, *map(len, tables)) + b"".join(table.tobytes() for table in tables)


def decode_change(message: Message, anchor: Instant = 0) -> tuple[Instant, PlanChange]:
    """Reads the body of a CHANGE; the change itself says its instant in show time, which ``anchor`` began."""
    raw = message.body
    if len(raw) >= _CHANGE.size:  # rows alone, as most have: few words for what a GO waits for
        instant, out, rows, *others = _CHANGE.unpack_from(raw)
        behind = _CHANGE.size + 8 * out
        if not any(others) and len(raw) == behind + ROW.itemsize * rows:
            gone = np.frombuffer(raw, np.int64, out, _CHANGE.size) if out else NO_IDS
            come = np.frombuffer(raw, ROW, rows, behind) if rows else NO_ROWS
            return instant, PlanChange(instant - anchor, gone, come)
    body = _Body(message)
    instant, out, rows, clocks, clocks_out, masters = body.counts(_CHANGE)
    change = PlanChange(
        instant - anchor,
        body.integers(np.dtype(np.int64), out),
        body.table(ROW, rows),
        body.table(CLOCK, clocks),
        tuple(body.integers(np.dtype(np.int32), clocks_out).tolist()) if clocks_out else (),
        body.table(MASTER, masters),
    )
    body.done()
    return instant, change


def encode_stand_ins(safe: Plan, leaving: Plan) -> bytes:
    """The body of STAND_INS: the safe look and the exit look."""
    return encode_plan(safe, 0) + encode_plan(leaving, 0)


def decode_stand_ins(message: Message) -> tuple[Plan, Plan]:
    """Reads the body of STAND_INS."""
    body = _Body(message)
    safe = body.plan(body.counts(_PLAN)[1:])
    leaving = body.plan(body.counts(_PLAN)[1:])
    body.done()
    return safe, leaving


def encode_routes(routes: NDArray[np.void]) -> bytes:
    """The body of ROUTES."""
    return np.ascontiguousarray(routes, ROUTE).tobytes()


def decode_routes(message: Message) -> dict[int, tuple[int, tuple[str, ...]]]:
    """Reads the body of ROUTES: universe index -> priority and hosts."""
    if len(message.body) % ROUTE.itemsize:
        raise BadMessageError("routes end in the middle of one", message.at + len(message.body))
    routes: dict[int, tuple[int, tuple[str, ...]]] = {}
    for route in np.frombuffer(message.body, ROUTE):
        universe, host = int(route["universe"]), ".".join(map(str, route["host"]))
        hosts = routes.get(universe, (0, ()))[1]
        routes[universe] = int(route["priority"]), hosts if host == "0.0.0.0" else (*hosts, host)
    return routes


def decode_panic(message: Message) -> bool:
    """Reads the body of a PANIC: on, or over."""
    if len(message.body) != 1 or message.body[0] > 1:
        raise BadMessageError("a panic is 1 or 0", message.at)
    return message.body[0] == 1


def refusal(epoch: bytes, expected: int, kind: Kind, why: str) -> Message:
    """The wire took no ``kind``: which serial it waits for, and why in words. HELLO: another engine has the say."""
    return Message(Kind.REFUSED, epoch, expected, bytes((kind,)) + why.encode("utf-8", "replace")[:1000])


def decode_refusal(message: Message) -> tuple[Kind, str]:
    """Reads the body of a REFUSED: the kind that was not taken, and why."""
    if not message.body or not Kind.HELLO <= message.body[0] <= _LAST:
        raise BadMessageError("a refusal of nothing", message.at)
    return Kind(message.body[0]), message.body[1:].decode("utf-8", "replace")


Integer = TypeVar("Integer", bound=np.integer[Any])


class _Body:
    """Reads a body front to back; every step knows whether there is enough left."""

    def __init__(self, message: Message) -> None:
        self._message, self._offset = message, 0

    def counts(self, layout: struct.Struct) -> tuple[int, ...]:
        self._need(layout.size)
        values = layout.unpack_from(self._message.body, self._offset)
        self._offset += layout.size
        return values

    def table(self, dtype: np.dtype[np.void], count: int) -> NDArray[np.void]:
        return np.frombuffer(self._bytes(count * dtype.itemsize), dtype) if count else _NONE[dtype]

    def integers(self, dtype: np.dtype[Integer], count: int) -> NDArray[Integer]:
        return np.frombuffer(self._bytes(count * dtype.itemsize), dtype)

    def _bytes(self, size: int) -> memoryview:
        self._need(size)
        self._offset += size
        return memoryview(self._message.body)[self._offset - size : self._offset]

    def plan(self, counts: Sequence[int]) -> Plan:
        rows, clocks, masters = counts
        return Plan(self.table(ROW, rows), self.table(CLOCK, clocks), self.table(MASTER, masters))

    def done(self) -> None:
        if self._offset != len(self._message.body):
            raise BadMessageError("bytes after the end of a body", self._message.at + self._offset)

    def _need(self, size: int) -> None:
        if self._offset + size > len(self._message.body):
            what = f"a {self._message.kind.name.lower()} that says more than it brings"
            raise BadMessageError(what, self._message.at + self._offset)


def _columns(plan: Plan) -> bytes:
    tables = ((plan.rows, ROW), (plan.clocks, CLOCK), (plan.masters, MASTER))
    return b"".join(np.ascontiguousarray(table, dtype).tobytes() for table, dtype in tables)
