"""What a simulated device is: the contract between the venue and everything that stands in it, and what they all share.

A device knows bytes, time (``now``, whole nanoseconds) and its own state; it opens nothing and never waits. ``venue.py``
carries its bytes over virtual links, ``live.py`` over real sockets. What it sends comes out of ``take()``, in order.
``SimulatedDevice`` is all that the venue relies on; ``Box`` gives a device its power switch, so that every one of them
breaks in the same ways and with the same words (``faults.py`` reads them):

    power lost [for 20s]   refuses connections, hears nothing, sends nothing; then boots for ``boot_time``
    hang [for 5s]          takes bytes in and does nothing with them until the hang ends, then all at once
    silent [for 5s]        hears and acts, and answers nothing
    slow 300ms [for 5s]    hears and acts at once, and answers that much later
    babbles [for 5s]       answers nonsense: as many bytes, none of them right
    reboot                 off and on again at once
    back                   ends all of these

A device of the show is made by ``CLASS(device, show, seed)`` with the ``showctl.show`` model; which class serves which kind
stands in ``venue.py``. A device whose class says ``hears_guests = True`` gets the lines about guests, as
``act("guests WORDS", now)``; ``press NAME`` arrives as ``act("press", now)``.

MQTT: a device with an endpoint of kind ``mqtt`` is a client of the broker by its own name. ``Box`` joins it (will and topics
from the endpoint) when it is up and drops it without a goodbye when its power goes; it only publishes, and hears messages.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeAlias

from showctl.show.cues import Value
from showctl.show.instants import SECOND, Duration, Instant
from simulators.faults import PowerWords, read_power_words
from simulators.said_again import Retelling

Address: TypeAlias = tuple[str, int]
Will: TypeAlias = tuple[str, bytes, bool]
"""Topic, payload, retain."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a device can be reached.

    ``kind`` is udp, tcp, serial or mqtt. ``address`` (udp, tcp); ``groups`` are the multicast groups it has joined on that port
    (udp); ``broadcast``: it hears broadcasts on that port (udp); ``deaf``: it only sends from there (udp). ``name`` is the serial
    port's, or the broker's; ``topics`` (wildcards allowed) and ``will`` belong to mqtt.
    """

    kind: str
    address: Address = ("", 0)
    groups: tuple[str, ...] = ()
    broadcast: bool = False
    deaf: bool = False
    name: str = ""
    topics: tuple[str, ...] = ()
    will: Will | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Something that a device sends.

    ``kind``: ``udp`` (``data`` to address ``to``, from ``source`` or its first udp endpoint), ``stream`` (bytes on connection
    ``stream``), ``closed`` (it hangs up ``stream``), ``serial`` (bytes out of its port), ``mqtt`` (it publishes),
    ``joined`` and ``gone`` (it is a client of the broker from now on, or vanished from it).
    From a broker, ``mqtt`` is a delivery to the client named by ``stream``, and ``closed`` the end of that client.
    """

    kind: str
    data: bytes = b""
    to: Address = ("", 0)
    source: Address | None = None
    stream: str = ""
    topic: str = ""
    retain: bool = False


class SimulatedDevice(Protocol):
    """One thing in the venue."""

    name: str
    endpoints: tuple[Endpoint, ...]
    hears_guests: bool

    @property
    def powered(self) -> bool:
        """It has power and has booted."""

    def start(self, now: Instant) -> None:
        """The morning: on, booted, as nobody has touched it."""

    def datagram(self, source: Address, destination: Address, data: bytes, now: Instant) -> None:
        """A UDP packet for one of its endpoints."""

    def connected(self, stream: str, now: Instant) -> bool:
        """Somebody opens a TCP connection (or the serial port), and names it. False: refused."""

    def stream(self, stream: str, data: bytes, now: Instant) -> None:
        """Bytes on an open connection or the serial port."""

    def closed(self, stream: str, now: Instant) -> None:
        """The far end closed the connection."""

    def message(self, topic: str, payload: bytes, now: Instant) -> None:
        """An MQTT message on one of its topics."""

    def wake(self, now: Instant) -> None:
        """Time has come to ``next_deadline()`` or past it."""

    def next_deadline(self) -> Instant | None:
        """When it does something next by itself."""

    def take(self) -> list[Outgoing]:
        """What it has sent since the last call."""

    def act(self, words: str, now: Instant) -> None:
        """A line of a script, without the device's name. ValueError says what is wrong with it."""

    def truth(self, now: Instant) -> dict[str, Value]:
        """What the audience would see and hear of it. The keys never change."""

    def report(self, now: Instant) -> dict[str, Value]:
        """What it says of itself."""


class SimulatedBroker(SimulatedDevice, Protocol):
    """The broker in memory: retained messages, wills, subscriptions. Clients are known by name."""

    def attach(self, client: str, will: Will | None, now: Instant) -> bool:
        """A client connects. False: the broker is not there. An older client of that name is dropped."""

    def detach(self, client: str, now: Instant, clean: bool = True) -> None:
        """A client says goodbye, or (``clean`` False) vanishes: then its will is published."""

    def subscribe(self, client: str, topic: str, now: Instant) -> None:
        """Retained messages on ``topic`` are delivered at once, live ones from now on."""

    def publish(self, client: str, topic: str, payload: bytes, qos: int, retain: bool, now: Instant) -> None:
        """A client publishes."""


LATER: Final = 1 << 62
_HELD_MOST: Final = 1000
"""What a hung device's kernel keeps for it; the rest is lost."""


class Box:
    """A device with a power switch. Subclasses fill in the hooks below; ``truth`` and ``report`` stay with them too."""

    hears_guests: bool = False
    boot_time: Duration = 2 * SECOND
    """From power to working."""
    retelling: Retelling | None = None
    """When it says again how it stands; None for a kind that does not."""

    def __init__(self, name: str, endpoints: tuple[Endpoint, ...] = ()) -> None:
        self.name = name
        self.endpoints = endpoints
        self._out: list[Outgoing] = []
        self._streams: set[str] = set()
        self._has_power = False
        self._booting_until: Instant | None = None
        self._power_until_back: Instant | None = None
        self._hung = False
        self._hung_until: Instant | None = None
        self._held: list[tuple[str, tuple[Any, ...]]] = []
        self._silent = False
        self._silent_until: Instant | None = None
        self._slow: Duration = 0
        self._slow_until: Instant | None = None
        self._late: deque[tuple[Instant, Outgoing]] = deque()
        self._babble: random.Random | None = None
        self._babble_until: Instant | None = None
        self._now: Instant = 0

    # --- hooks: what a kind of device does ------------------------------------------------------------------------

    def on_up(self, now: Instant) -> None:
        """It works from now on, with its state as after a cold start."""

    def on_down(self, now: Instant) -> None:
        """Its power is gone: forget what such a box forgets."""

    def on_datagram(self, source: Address, destination: Address, data: bytes, now: Instant) -> None:
        """A UDP packet."""

    def on_connected(self, stream: str, now: Instant) -> bool:  # noqa: ARG002 - a hook
        """A connection; False refuses it."""
        return True

    def on_stream(self, stream: str, data: bytes, now: Instant) -> None:
        """Bytes on a connection."""

    def on_closed(self, stream: str, now: Instant) -> None:
        """A connection ended."""

    def on_message(self, topic: str, payload: bytes, now: Instant) -> None:
        """An MQTT message."""

    def on_wake(self, now: Instant) -> None:
        """Time has come to ``own_deadline()``; called at that very instant."""

    def own_deadline(self) -> Instant | None:
        """When it wants ``on_wake``. After ``on_wake(t)`` it must be later than ``t``."""
        return None

    def on_act(self, words: str, now: Instant) -> None:  # noqa: ARG002 - a hook
        """A script line that is not about power. ValueError where it is not understood."""
        raise ValueError(f"{self.name} does not understand {words!r}")

    def truth(self, now: Instant) -> dict[str, Value]:  # noqa: ARG002 - a hook
        """What is so."""
        return {}

    def report(self, now: Instant) -> dict[str, Value]:
        """What it says of itself: the truth, unless a kind knows better."""
        return self.truth(now)

    # --- for hooks: what it sends ---------------------------------------------------------------------------------

    def send(self, data: bytes, to: Address, source: Address | None = None) -> None:
        """A UDP packet to ``to``."""
        self._say(Outgoing("udp", data, to, source))

    def write(self, stream: str, data: bytes) -> None:
        """Bytes on a connection (or the serial port's)."""
        self._say(Outgoing("stream", data, stream=stream))

    def hang_up(self, stream: str) -> None:
        """Closes a connection."""
        self._streams.discard(stream)
        self._out.append(Outgoing("closed", stream=stream))

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """An MQTT message."""
        self._say(Outgoing("mqtt", payload, topic=topic, retain=retain))

    def _say(self, what: Outgoing) -> None:
        if not self.powered or self._silent:
            return
        if self._babble is not None:
            what = replace(what, data=self._babble.randbytes(len(what.data)))
        if not self._slow:
            self._out.append(what)
        elif len(self._late) < _HELD_MOST:
            self._late.append((self._now + self._slow, what))

    @property
    def streams(self) -> tuple[str, ...]:
        """The open connections."""
        return tuple(sorted(self._streams))

    # --- the contract ---------------------------------------------------------------------------------------------

    @property
    def powered(self) -> bool:
        return self._has_power and self._booting_until is None

    def start(self, now: Instant) -> None:
        self._end_faults()
        self._has_power = True
        self._come_up(now)

    def datagram(self, source: Address, destination: Address, data: bytes, now: Instant) -> None:
        self._now = now
        if self.powered and not self._holds("on_datagram", source, destination, data):
            self.on_datagram(source, destination, data, now)

    def connected(self, stream: str, now: Instant) -> bool:
        self._now = now
        if not self.powered:
            return False
        # A hung program's kernel still accepts; the program finds the connection when the hang ends.
        if not self._holds("on_connected", stream) and not self.on_connected(stream, now):
            return False
        self._streams.add(stream)
        return True

    def stream(self, stream: str, data: bytes, now: Instant) -> None:
        self._now = now
        if self.powered and stream in self._streams and not self._holds("on_stream", stream, data):
            self.on_stream(stream, data, now)

    def closed(self, stream: str, now: Instant) -> None:
        if stream in self._streams:
            self._streams.discard(stream)
            if self.powered and not self._holds("on_closed", stream):
                self.on_closed(stream, now)

    def message(self, topic: str, payload: bytes, now: Instant) -> None:
        self._now = now
        if self.powered and not self._holds("on_message", topic, payload):
            self.on_message(topic, payload, now)

    def take(self) -> list[Outgoing]:
        out, self._out = self._out, []
        return out

    def next_deadline(self) -> Instant | None:
        due = self.own_deadline() if self._has_power and self._booting_until is None and not self._hung else None
        for time in (
            self._power_until_back, self._booting_until, self._hung_until, self._silent_until, self._slow_until,
            self._babble_until, self._late[0][0] if self._late else None,
        ):  # fmt: skip
            if time is not None and (due is None or time < due):
                due = time
        return due

    def wake(self, now: Instant) -> None:
        for _ in range(100_000):
            due = self.next_deadline()
            if due is None or due > now:
                return
            self._at(due)
        raise AssertionError(f"{self.name} asks to be woken at {self.next_deadline()} again and again")

    def act(self, words: str, now: Instant) -> None:
        self.stirred(now)
        self.wake(now)
        self._now = now
        match read_power_words(words):
            case PowerWords("power lost", duration):
                self._lose_power(now, duration)
            case PowerWords("hang", duration):
                self._hung, self._hung_until = True, None if duration is None else now + duration
            case PowerWords("silent", duration):
                self._silent, self._silent_until = True, None if duration is None else now + duration
            case PowerWords("slow", duration, time):
                self._slow, self._slow_until = time, None if duration is None else now + duration
            case PowerWords("babbles", duration):
                self._babble = random.Random(f"babble/{self.name}")
                self._babble_until = None if duration is None else now + duration
            case PowerWords("reboot"):
                self._lose_power(now, None)
                self._power_on(now)
            case PowerWords("back"):
                self._get_back(now)
            case _:
                # Guests come and go whether or not anybody sees them.
                if not self.powered and not words.startswith("guests "):
                    raise ValueError(f"{self.name} has no power; `fault {self.name} back` gives it back")
                self.on_act(words, now)

    # --- power ----------------------------------------------------------------------------------------------------

    def _at(self, due: Instant) -> None:
        self._now = due
        if self._late and due == self._late[0][0]:
            what = self._late.popleft()[1]
            if self.powered:
                self._out.append(what)
        elif due == self._slow_until:
            self._slow, self._slow_until = 0, None
        elif due == self._babble_until:
            self._babble, self._babble_until = None, None
        elif due == self._power_until_back:
            self._power_on(due)
        elif due == self._booting_until:
            self._booting_until = None
            self._come_up(due)
        elif due == self._hung_until:
            self._end_hang(due)
        elif due == self._silent_until:
            self._silent, self._silent_until = False, None
        else:
            self.on_wake(due)

    def _lose_power(self, now: Instant, duration: Duration | None) -> None:
        was_up = self.powered
        self._end_faults()
        self._power_until_back = None if duration is None else now + duration
        self._has_power, self._booting_until = False, None
        self._out.clear()
        self._late.clear()
        if was_up:
            if self._mqtt:
                self._out.append(Outgoing("gone"))
            self.on_down(now)

    def _power_on(self, now: Instant) -> None:
        self._has_power, self._power_until_back = True, None
        self._booting_until = now + self.boot_time
        # Nobody said goodbye on the old connections: they end only now, when a working box does not know them.
        for stream in self.streams:
            self.hang_up(stream)

    def _come_up(self, now: Instant) -> None:
        if self._mqtt:
            self._out.append(Outgoing("joined"))
        self.on_up(now)

    def _get_back(self, now: Instant) -> None:
        self._silent, self._silent_until = False, None
        self._slow, self._slow_until = 0, None
        self._babble, self._babble_until = None, None
        if self._hung:
            self._end_hang(now)
        if not self._has_power:
            self._power_on(now)

    def _end_hang(self, now: Instant) -> None:
        held, self._held = self._held, []
        self._hung, self._hung_until = False, None
        for hook, arguments in held:
            if getattr(self, hook)(*arguments, now) is False and hook == "on_connected":
                self.hang_up(arguments[0])

    def _end_faults(self) -> None:
        self._hung, self._hung_until, self._held = False, None, []
        self._silent, self._silent_until = False, None
        self._slow, self._slow_until, self._babble, self._babble_until = 0, None, None, None
        self._late.clear()
        self._booting_until = self._power_until_back = None

    def _holds(self, hook: str, *arguments: object) -> bool:
        if self._hung and len(self._held) < _HELD_MOST:
            self._held.append((hook, arguments))
        return self._hung

    # --- talk that says nothing new ---------------------------------------------------------------------------------

    def answers_until(self) -> Instant | None:
        """Until when it answers what it was asked last at once, as it did then, and does nothing else. None: it would not."""
        if not (self.powered and self.answers_well and self.told_all()):
            return None
        due = self.next_deadline()
        return LATER if due is None else due

    def gives_up_at(self) -> Instant | None:
        """A hook: when it gives up on who asks, if they do not ask again. That alone is no other answer."""
        return None

    def told_all(self) -> bool:
        """A hook: it has been asked, and what it would say now is what it said then (while it ``answers_well``)."""
        return False

    def told_nothing(self) -> None:
        """A hook: what it has said may never have been heard."""

    def stirred(self, now: Instant) -> None:
        """Something happens to it: what it says next is said, though it might be left out."""
        if self.retelling is not None:
            self.retelling.disturb(now)

    def was_asked(self, last: Instant) -> None:
        """A hook: it was asked again and answered as before, the last time at ``last``."""

    @property
    def answers_well(self) -> bool:
        """Nothing keeps what it says from being right, and at once."""
        return not (self._hung or self._silent or self._slow or self._babble)

    @property
    def _mqtt(self) -> bool:
        return any(endpoint.kind == "mqtt" for endpoint in self.endpoints)
