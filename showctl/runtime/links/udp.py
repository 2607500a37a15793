"""A driver over UDP: one connected socket, drained when it is readable, never waited for.

What the kernel refuses to take is dropped: the driver's pings notice, and what should be is said again. A socket that
fails for good (its address went away) is opened anew with the next datagram. Host names are looked up off the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
from typing import Final

from showctl.runtime.links.carrier import Carrier, Link

MOST_AT_ONCE: Final = 64  # datagrams a turn of the loop; the rest waits in the kernel, and overflows there
LARGEST: Final = 65535
LOOK_UP_EVERY_S: Final = 5.0

log = logging.getLogger(__name__)


class UdpLink(Link):
    """One device by address. ``local`` is the address of ours that it sees; "" lets the kernel choose.

    Some answer to a port of their own choice (``returns``), which is then heard as well, from that device alone.
    """

    def __init__(self, host: str, port: int, local: str = "", returns: int = 0) -> None:
        self._host, self._port, self._local, self._returns = host, port, local, returns
        self._ear: socket.socket | None = None
        self._carrier: Carrier | None = None
        self._socket: socket.socket | None = None
        self._address = host if _is_address(host) else ""
        self._looking: asyncio.Task[None] | None = None
        self._deaf = False

    def open(self, carrier: Carrier) -> None:
        self._carrier = carrier
        if not self._address:
            self._looking = asyncio.get_running_loop().create_task(self._look_up())

    def close(self) -> None:
        self._carrier = None
        if self._looking is not None:
            self._looking.cancel()
        self._shut()

    def send(self, data: bytes) -> None:
        if self._socket is None:
            self._open_socket()
        if self._socket is None:
            return
        try:
            self._socket.send(data)
        except (BlockingIOError, ConnectionRefusedError):
            pass  # full, or nobody there yet: the next ping asks again
        except OSError:
            self._shut()

    def _open_socket(self) -> None:
        if not self._address or self._carrier is None:
            return
        family = socket.AF_INET6 if ":" in self._address else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            if self._local:
                opened.bind((self._local, 0))
            opened.connect((self._address, self._port))
        except OSError:
            opened.close()
            return
        self._socket = opened
        asyncio.get_running_loop().add_reader(opened, self._drain, opened)
        if self._returns and self._ear is None:
            self._listen(family)

    def _listen(self, family: int) -> None:
        """Hears answers. Where somebody else does, the device is spoken to all the same, and counts as silent."""
        ear = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            ear.bind((self._local, self._returns))
        except OSError as error:
            ear.close()
            if not self._deaf:
                self._deaf = True
                log.warning(
                    "Answers of %s come to port %d, which cannot be heard (%s).", self._host, self._returns, error.strerror
                )
            return
        self._ear = ear
        asyncio.get_running_loop().add_reader(ear, self._hear, ear)

    def _hear(self, ear: socket.socket) -> None:
        for _ in range(MOST_AT_ONCE):
            try:
                data, source = ear.recvfrom(LARGEST)
            except (BlockingIOError, InterruptedError):
                return
            if source[0] == self._address and self._carrier is not None:
                self._carrier.received(data)
            if self._ear is not ear:
                return

    def _drain(self, opened: socket.socket) -> None:
        for _ in range(MOST_AT_ONCE):
            try:
                data = opened.recv(LARGEST)
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionRefusedError:
                continue  # the answer of a host where nobody listens
            except OSError:
                self._shut()
                return
            if self._carrier is not None:
                self._carrier.received(data)
            if self._socket is not opened:
                return

    def _shut(self) -> None:
        for opened in (self._socket, self._ear):
            if opened is not None:
                asyncio.get_running_loop().remove_reader(opened)
                opened.close()
        self._socket = self._ear = None

    async def _look_up(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._address:
            with contextlib.suppress(OSError):
                found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_DGRAM)
                self._address = str(found[0][4][0])
                return
            await asyncio.sleep(LOOK_UP_EVERY_S)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
