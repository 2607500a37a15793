"""Control over OSC, live: the UDP port on which buttons, desks and other programs speak to the show."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from typing import Final

from showctl.engine.events import Event
from showctl.protocols import osc
from showctl.protocols.errors import ProtocolError
from showctl.protocols.osc import Argument

LARGEST: Final = 65535
MOST_AT_ONCE: Final = 64

log = logging.getLogger(__name__)

Hear = Callable[[str, Sequence[Argument], tuple[str, int]], Sequence[Event]]


class ControlOsc:
    """The port. ``hear`` makes events of a message; ``happen`` takes those of a datagram."""

    def __init__(self, interface: str, hear: Hear, happen: Callable[[Sequence[Event]], None]) -> None:
        self._interface, self._hear, self._happen = interface, hear, happen
        self._socket: socket.socket | None = None

    def listen(self, port: int) -> None:
        """Listens on ``port`` from now on. A port that is taken is said, and the show runs without it."""
        if self._socket is not None:
            if self._socket.getsockname()[1] == port:
                return
            self.close()
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            opened.bind((self._interface, port))
        except OSError as error:
            opened.close()
            log.warning("Control over OSC is off: port %d cannot be used (%s).", port, error.strerror)
            return
        self._socket = opened
        asyncio.get_running_loop().add_reader(opened, self._drain, opened)

    def close(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _drain(self, opened: socket.socket) -> None:
        for _ in range(MOST_AT_ONCE):
            try:
                data, source = opened.recvfrom(LARGEST)
            except OSError:
                return
            try:
                packet = osc.decode(data)
            except ProtocolError:
                continue
            self._happen(
                [event for message in osc.flat(packet) for event in self._hear(message.address, message.arguments, source)]
            )
