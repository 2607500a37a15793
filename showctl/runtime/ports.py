"""What the rehearsal asks of a simulated venue: the Link protocols. The simulators satisfy them structurally.

The same venue object serves real sockets (``simulators.live``) and the rehearsal's virtual links. All it sees of the
controller is what a wire would carry. Addresses are ``(host, port)``; everything is called with ``now`` (show time),
nothing waits, and what the venue sends comes out of ``take()``. ``open_venue(folder, seed)`` makes one (entry point
``showctl.rigs``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from showctl.show.instants import Instant

Address: TypeAlias = tuple[str, int]


class Arrival(Protocol):
    """Something that the venue sends to the controller.

    ``kind``: ``udp`` (from ``source`` to ``destination``), ``stream`` (bytes on connection ``stream``), ``closed`` (the far end
    closed connection, serial port or MQTT client ``stream``), ``serial`` (bytes from port ``stream``), ``mqtt`` (``topic``,
    ``data``, ``retain``, for client ``stream``).
    """

    @property
    def kind(self) -> str:
        """udp, stream, closed, serial or mqtt."""

    @property
    def data(self) -> bytes:
        """The bytes."""

    @property
    def source(self) -> Address:
        """Who sent it (udp)."""

    @property
    def destination(self) -> Address:
        """To whom, a multicast group perhaps (udp)."""

    @property
    def stream(self) -> str:
        """The connection, serial port or MQTT client."""

    @property
    def topic(self) -> str:
        """Where it was published (mqtt)."""

    @property
    def retain(self) -> bool:
        """It had been retained (mqtt)."""


class Venue(Protocol):
    """A simulated venue on virtual links."""

    def start(self, now: Instant) -> None:
        """Power on, everything as in the morning."""

    def datagram(self, source: Address, destination: Address, data: bytes, now: Instant) -> None:
        """One UDP packet from the controller."""

    def packets(
        self, source: Address, destinations: Sequence[Address], buffer: NDArray[np.uint8], sizes: NDArray[np.int64], now: Instant
    ) -> None:
        """Many UDP packets at once: row n of ``buffer``, ``sizes[n]`` bytes of it, goes to ``destinations[n]``."""

    def connect(self, stream: str, destination: Address, now: Instant) -> bool:
        """The controller opens a TCP connection, and names it. False: refused or nobody there."""

    def stream(self, stream: str, data: bytes, now: Instant) -> None:
        """Bytes from the controller on an open connection."""

    def close(self, stream: str, now: Instant) -> None:
        """The controller closed the connection."""

    def open_serial(self, port: str, now: Instant) -> bool:
        """The controller opens a serial port (a USB Pro widget, by serial number or path). False: not plugged in."""

    def serial(self, port: str, data: bytes, now: Instant) -> bool:
        """Bytes from the controller to a serial port. False: it has been unplugged."""

    def mqtt_connect(self, client: str, will: tuple[str, bytes, bool] | None, now: Instant) -> bool:
        """The controller connects to the broker (``will`` = topic, payload, retain). False: no broker there."""

    def mqtt_subscribe(self, client: str, topic: str, now: Instant) -> None:
        """Retained messages on ``topic`` arrive at once, live ones from now on."""

    def mqtt_publish(self, client: str, topic: str, payload: bytes, qos: int, retain: bool, now: Instant) -> None:
        """The controller publishes."""

    def wake(self, now: Instant) -> None:
        """Time has come to ``next_deadline()``."""

    def next_deadline(self) -> Instant | None:
        """When something in the venue happens next by itself."""

    def leave_out(self, destinations: Sequence[Address], tellers: Sequence[str] = ()) -> None:
        """From now on periodic streams to ``destinations`` leave out what says nothing new; and so do we with frames of light.

        The devices ``tellers`` leave out words in which only what moves by itself is new: a position, a battery's charge.
        The grids stay. ``wake`` is called at every instant from now on.
        """

    def says_again(self, device: str) -> bool:
        """``device`` says again and again how it stands, and that is left out for now."""

    def said_again(self, device: str, now: Instant) -> Sequence[Instant]:
        """When by ``now`` ``device`` would have said again how it stands, since this was last asked."""

    def heed(self, device: str, now: Instant) -> None:
        """We want to hear again how ``device`` stands."""

    def goes_on(self, destination: Address) -> bool:
        """A stream to ``destination`` goes on, and says nothing new for now."""

    def want_next(self, destination: Address, now: Instant) -> None:
        """We have just read what came to ``destination``, and want the next of it, though it may say nothing new."""

    def left_out(self, destination: Address, now: Instant) -> Instant | None:
        """The last instant by ``now`` at which something to ``destination`` was left out; None: never."""

    def nodes_changed(self) -> int:
        """Counts what happens to nodes and their links: while it stays, they answer a poll as they did the last one."""

    def answers_until(self, device: str) -> Instant | None:
        """Until when ``device`` answers what we asked it last at once as it did then, and does no more. None: it would not."""

    def gives_up_at(self, device: str) -> Instant | None:
        """When ``device`` gives up on us, if it is not told until then that it ``was_asked``; None: it is patient."""

    def was_asked(self, device: str, last: Instant) -> None:
        """We asked ``device`` again, and it answered as before, the last time at ``last``: that was left out."""

    def take(self) -> Sequence[Arrival]:
        """What was sent to the controller since the last call, in order."""

    def act(self, what: str, words: str, now: Instant) -> None:
        """A line of a script: ``what`` is set, fault, guests or press. ValueError says what is wrong with it."""

    def look(self, name: str, now: Instant) -> bool | float | str:
        """The truth about ``fixture.parameter`` (percent or degrees), ``group.parameter`` (the mean) or ``device.field``."""

    def meters(self, zones: Sequence[str]) -> Callable[[Instant], Sequence[float]]:
        """The light in each of ``zones`` (lux), for who looks often."""

    def names(self) -> Mapping[str, str]:
        """Every name that ``look`` knows, with its type: number, text or truth."""

    def state(self, now: Instant) -> dict[str, Any]:
        """What ``GET /state`` answers (design section 6)."""
