"""What devices of other makes have in common that are reached by OSC: framings, callers, and answers to whoever called.

They have addresses of their own, so nothing here knows a prefix. Over TCP every connection is a caller and gets what is pushed;
over UDP the one that spoke last is. What is not OSC is dropped and counted; a stream that is no OSC at all is hung up on.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from showctl.show.devices import Device
from showctl.show.instants import Instant
from showctl.show.show import Show
from simulators.device import Address, Endpoint
from simulators.osc_streams import OscStreams
from simulators.osc_wire import Framing, LengthFraming, Message, SlipFraming, write

Caller = Address | str
FRAMINGS: dict[str, Callable[[], Framing]] = {"tcp": LengthFraming, "slip": SlipFraming}


class OscServer(OscStreams):
    """A device that speaks OSC in its own words."""

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        self.device, self.show = device, show
        self.chance = random.Random(f"{seed}/{device.name}")
        self.framing = FRAMINGS.get(device.transport)
        address = (device.host, device.port or device.kind.port)
        super().__init__(device.name, (Endpoint("tcp" if self.framing else "udp", address),))
        self._last: Caller | None = None

    def on_osc(self, message: Message, caller: Caller, now: Instant) -> None:
        """Somebody says something."""
        raise NotImplementedError

    def on_gone(self, caller: Caller) -> None:
        """A caller hung up."""

    def tell(self, caller: Caller, address: str, *arguments: int | float | str) -> None:
        """Says something to one caller."""
        packet = write(address, *arguments)
        if not isinstance(caller, str):
            self.send(packet, caller)
        elif caller in self._framings:
            self.write(caller, self._framings[caller].frame(packet))

    def tell_all_callers(self, address: str, *arguments: int | float | str) -> None:
        """Says something to everybody who listens."""
        for caller in [*self._framings] if self.framing else [self._last] if self._last is not None else []:
            self.tell(caller, address, *arguments)

    def told_all(self) -> bool:
        return self.at_rest and (bool(self._framings) if self.framing else self._last is not None)

    @property
    def at_rest(self) -> bool:
        """A question whether it is there changes nothing, and its answer tells nothing new."""
        return False

    # --- Box ---------------------------------------------------------------------------------------------------------

    def on_down(self, now: Instant) -> None:  # noqa: ARG002
        self._framings.clear()
        self._last = None

    def on_datagram(self, source: Address, destination: Address, data: bytes, now: Instant) -> None:  # noqa: ARG002
        self._last = source
        self._hear(source, data, now)

    def on_closed(self, stream: str, now: Instant) -> None:  # noqa: ARG002
        if self._framings.pop(stream, None) is not None:
            self.on_gone(stream)

    def on_messages(self, messages: list[Message], peer: Caller, now: Instant) -> None:
        for message in messages:
            self.on_osc(message, peer, now)
