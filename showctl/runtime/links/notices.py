"""Hears what projectors say unasked (PJLink class 2, 3.3): one UDP socket for each address that they are told to notify.

Whose notice it is says the address it came from, which anybody on the network can forge: a driver takes it as a hint to ask.
An address that is not this machine's, or is taken, is said once; the projectors are polled as ever.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from showctl.show.devices import Device, notices_to

log = logging.getLogger(__name__)

OnNotice: TypeAlias = Callable[[str, bytes], None]
AT_ONCE: Final = 64
LARGEST: Final = 256  # no notification is near it


class Notices:
    """The sockets of a show; ``on_notice`` is told the device's name and its datagram."""

    def __init__(self, on_notice: OnNotice) -> None:
        self._on_notice = on_notice
        self._sockets: dict[tuple[str, int], socket.socket] = {}
        self._names: dict[tuple[tuple[str, int], str], str] = {}

    def listen(self, devices: Iterable[Device]) -> None:
        """From now on notices of ``devices`` are heard, and no others."""
        wanted = {(where, item.host): item.name for item in devices if (where := notices_to(item)) is not None}
        addresses = {where for where, _ in wanted}
        for address in [address for address in self._sockets if address not in addresses]:
            self._shut(address)
        for address in sorted(addresses - self._sockets.keys()):
            self._open(address)
        self._names = wanted

    def close(self) -> None:
        """Hears nothing any more."""
        for address in list(self._sockets):
            self._shut(address)

    def _open(self, address: tuple[str, int]) -> None:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind(address)
        except OSError as error:
            opened.close()
            log.warning(
                "projector.notices_unheard: notices to %s:%d cannot be heard (%s); the projectors are polled",
                *address, error.strerror or error,
            )  # fmt: skip
            return
        self._sockets[address] = opened
        asyncio.get_running_loop().add_reader(opened, self._drain, opened, address)

    def _drain(self, opened: socket.socket, address: tuple[str, int]) -> None:
        for _ in range(AT_ONCE):
            try:
                data, source = opened.recvfrom(LARGEST)
            except OSError:
                return
            if (name := self._names.get((address, source[0]))) is not None:
                self._on_notice(name, data)

    def _shut(self, address: tuple[str, int]) -> None:
        opened = self._sockets.pop(address)
        asyncio.get_running_loop().remove_reader(opened)
        opened.close()
