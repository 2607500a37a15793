"""OSC over streams and datagrams, as boxes take it in: connections are framed, what is no OSC is dropped and counted.

A stream that cannot be framed is hung up on.
"""

from __future__ import annotations

from collections.abc import Callable

from showctl.show.instants import Instant
from simulators.device import Address, Box, Endpoint
from simulators.osc_wire import Framing, Message, OscError, read


class OscStreams(Box):
    """A box that hears OSC. ``framing`` cuts its streams; None for UDP."""

    framing: Callable[[], Framing] | None = None

    def __init__(self, name: str, endpoints: tuple[Endpoint, ...]) -> None:
        super().__init__(name, endpoints)
        self.dropped = 0
        """Packets that were not OSC, or not for it."""
        self._framings: dict[str, Framing] = {}

    def on_messages(self, messages: list[Message], peer: Address | str, now: Instant) -> None:
        """What somebody said in one packet."""
        raise NotImplementedError

    def on_connected(self, stream: str, now: Instant) -> bool:  # noqa: ARG002
        if self.framing is None:
            return False
        self._framings[stream] = self.framing()
        return True

    def on_stream(self, stream: str, data: bytes, now: Instant) -> None:
        try:
            packets = self._framings[stream].feed(data)
        except OscError:
            self.dropped += 1
            self.on_closed(stream, now)
            self.hang_up(stream)
            return
        for packet in packets:
            self._hear(stream, packet, now)

    def _hear(self, peer: Address | str, packet: bytes, now: Instant) -> None:
        try:
            messages = read(packet)
        except OscError:
            self.dropped += 1
            return
        self.on_messages(messages, peer, now)
