"""What every device that speaks OSC has in common: it hears packets, pongs, and reports to whoever spoke last.

docs/technicians/device-protocols.md, first section: UDP answers go to the address, TCP answers to the connection, from
which the device was last spoken to. A device that nobody has spoken to says nothing. What is not OSC, or not its own
prefix, is dropped and counted.
"""

from __future__ import annotations

import random

from showctl.show.devices import Device
from showctl.show.instants import Duration, Instant
from showctl.show.show import Show
from simulators.device import LATER, Address, Endpoint
from simulators.osc_streams import OscStreams
from simulators.osc_wire import Message, write
from simulators.playing import duration_of


class OscBox(OscStreams):
    """A device of the show that speaks OSC under ``prefix``, over UDP, or over TCP with a framing."""

    prefix: str = "/x"

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        self.device, self.show = device, show
        self.chance = random.Random(f"{seed}/{device.name}")
        self.port = device.port or device.kind.port
        super().__init__(device.name, (Endpoint("udp" if self.framing is None else "tcp", (device.host, self.port)),))
        self._peer: Address | str | None = None

    # --- hooks ------------------------------------------------------------------------------------------------------

    def on_osc(self, verb: str, message: Message, now: Instant) -> bool:
        """A message under the prefix: ``verb`` is what follows it. False: no such verb."""
        raise NotImplementedError

    def tell_all(self, now: Instant) -> None:
        """Sends every report that there is (asked by ``/X/state``)."""
        raise NotImplementedError

    def answers_until(self) -> Instant | None:
        return LATER if self._peer is not None and self.powered and self.answers_well else None  # a pong tells nothing

    # --- for hooks --------------------------------------------------------------------------------------------------

    @property
    def is_heard(self) -> bool:
        """Somebody has spoken to it, and what it says reaches them whole and at once, as far as it lies with it."""
        return self._peer is not None and self.answers_well

    def tell(self, verb: str, *arguments: int | float | str) -> None:
        """Reports to whoever spoke last."""
        if self._peer is None:
            return
        packet = write(f"{self.prefix}/{verb}", *arguments)
        if isinstance(self._peer, str):
            self.write(self._peer, self._framings[self._peer].frame(packet))
        else:
            self.send(packet, self._peer)

    # --- Box --------------------------------------------------------------------------------------------------------

    def on_down(self, now: Instant) -> None:  # noqa: ARG002
        self._peer = None
        self._framings.clear()

    def on_datagram(self, source: Address, destination: Address, data: bytes, now: Instant) -> None:  # noqa: ARG002
        self._hear(source, data, now)

    def on_closed(self, stream: str, now: Instant) -> None:
        self._framings.pop(stream, None)
        if self._peer == stream:
            self._peer = None
            self.stirred(now)

    def on_messages(self, messages: list[Message], peer: Address | str, now: Instant) -> None:
        for message in messages:
            prefix, _, verb = message.address.rpartition("/")
            if prefix != self.prefix:
                self.dropped += 1
                continue
            self._peer = peer
            if verb == "ping":
                self.tell("pong", int(message.number(0)))
                continue
            self.stirred(now)
            if verb == "state":
                self.tell_all(now)
            elif not self.on_osc(verb, message, now):
                self.dropped += 1


def seconds_in(message: Message, index: int, default: float = 0.0) -> Duration:
    """Argument ``index``, seconds on the wire, as a duration."""
    return duration_of(message.number(index, default))
