"""The device contract: desired + reported + age, sans-I/O.

A driver is told of commands, bytes and time, and returns what is to be sent and what it learned. It owns timeouts, polling
and backoff, never awaits and never opens anything: a *link* (``runtime/links``) carries it live, the rehearsal's agenda
in virtual time. One file per kind of device, each with this cast. A driver never raises on what a device sends; it says
``Health`` instead. Instants are show time, or any monotonic one: a driver only compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

from showctl.engine.commands import Tell
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import Duration, Instant


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes for the device: one datagram (udp) or a piece of the stream (tcp, serial)."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Publish:
    """An MQTT message for the broker. Commands are never retained."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Wishes to receive ``topic`` (wildcards allowed) now and after every reconnect."""

    topic: str


@dataclass(frozen=True, slots=True)
class Connect:
    """Open (or reopen) the link now. The link answers with ``connected`` or ``lost``."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the link now; ``lost`` is not called for it."""


@dataclass(frozen=True, slots=True)
class Report:
    """The device says that ``field`` is ``value``."""

    field: str
    value: Value


@dataclass(frozen=True, slots=True)
class Health:
    """The device is ok, degraded, lost or unknown; ``why`` is a sentence for the operator. Said once per change."""

    state: str
    why: str = ""


class Track(NamedTuple):
    """One who is tracked: metres in the venue (x right, y up, z into the room), metres a second, metres of hand above them.

    ``name`` is what the tracking system calls them, where it calls them anything; ``velocity`` is 0 where it sends no speeds.
    """

    id: int
    x: float
    y: float
    z: float
    speed: float = 0.0
    hand: float = 0.0
    name: str = ""
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Tracked:
    """A whole frame of a tracking system, for the input edge: everybody it sees now. Never journaled as it is."""

    tracks: tuple[Track, ...]
    others: tuple[Track, ...] = ()
    """Who is no guest: performers, cameras."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The device did not do what it was asked, for good; ``why`` is a sentence without its subject's name.

    ``policy`` is what the show folder says of that: wait, skip, hold, or the verb that is asked instead. ``list`` is the one that
    asked ("": none).
    """

    verb: str
    why: str
    policy: str
    list: str = ""


Output: TypeAlias = Send | Publish | Subscribe | Connect | Close | Report | Health | Failed | Tracked
Outputs: TypeAlias = Sequence[Output]


class Driver(Protocol):
    """One device. Every call returns what follows from it, in order."""

    device: Device

    def start(self, now: Instant) -> Outputs:
        """The show begins: connect, subscribe, first polls."""

    def command(self, command: Tell, now: Instant) -> Outputs:
        """A cue or a person asks for a verb."""

    def received(self, data: bytes, now: Instant) -> Outputs:
        """A datagram, or a piece of the stream."""

    def message(self, topic: str, payload: bytes, retained: bool, now: Instant) -> Outputs:
        """An MQTT message on a subscribed topic."""

    def connected(self, now: Instant) -> Outputs:
        """The link is open."""

    def lost(self, why: str, now: Instant) -> Outputs:
        """The link broke or could not be opened."""

    def wake(self, now: Instant) -> Outputs:
        """Time has come to ``next_deadline()`` (or past it)."""

    def next_deadline(self) -> Instant | None:
        """When it wants waking next."""

    def desired(self) -> dict[str, Value]:
        """What the show wants of the device, field by field, where that is known."""

    def reported(self) -> dict[str, Value]:
        """What the device said of itself last, field by field. Empty while it has said nothing."""

    def heard(self) -> Instant | None:
        """When the device said anything last; None: never yet. Its age on every screen counts from here."""


@runtime_checkable
class Timed(Protocol):
    """A driver that knows how quickly its device answers."""

    def round_trip(self) -> Duration | None:
        """From the last question to its answer; None: nothing was asked, or answered, yet."""


@runtime_checkable
class Noticing(Protocol):
    """A driver that also hears single datagrams beside its connection, at an address of ours that devices.yaml names."""

    def noticed(self, data: bytes, now: Instant) -> Outputs:
        """A datagram that came from the device's address. Anybody may have sent it."""


@runtime_checkable
class Polling(Protocol):
    """A driver that asks its device the same again and again. Rehearsal leaves that out where it would be answered as before."""

    def pings_at(self) -> Instant | None:
        """When it next asks what it has asked before; None while anything else is open between the two."""

    def asks_anew_at(self) -> Instant | None:
        """When it asks something that it has not asked before. None: never, as far as it knows."""

    def was_answered(self, now: Instant) -> Instant | None:
        """Every question due by ``now`` was asked, and answered at once as before; when the last one was. None: none was due."""

    def other_deadline(self) -> Instant | None:
        """When it wants waking for anything but its questions and their answers."""


@runtime_checkable
class Listening(Protocol):
    """A driver whose device says again and again how it stands. Rehearsal leaves out what the driver would not heed."""

    def heeds(self) -> bool:
        """Whether anything might come of the device's saying again how it stands, where only what moves by itself is new."""

    def hears_again(self, now: Instant) -> None:
        """At ``now`` the device said again how it stands; only what moves by itself was new."""

    def hears_evenly(self) -> bool:
        """Whether who has heard the first of such words and the last of them knows as much as who has heard them all."""

    def passed_on(self, now: Instant) -> None:
        """Nothing more was said by ``now``: what it held back of that until then has been passed on, and nobody cared."""

    def deadline_while_told(self) -> Instant | None:
        """When it wants waking while the device goes on to say that; but for its questions and their answers."""


@runtime_checkable
class Acting(Protocol):
    """A driver that says where its device is with what it was asked: idle, acting, done or failed, and why."""

    def phase(self) -> Phase:
        """Where it is now."""


@dataclass(frozen=True, slots=True)
class Phase:
    """Where a device is with what it was asked: ``name`` is idle, acting, done or failed; ``why`` it failed."""

    name: str = "idle"
    why: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """A clip was told to begin at ``asked``, and was seen (by its own word) to begin at ``at``."""

    clip: str
    asked: Instant
    at: Instant


@runtime_checkable
class Starting(Protocol):
    """A driver that knows when what it plays has truly begun."""

    def last_start(self) -> Started | None:
        """Of what began last; None: nothing has, or not yet."""
