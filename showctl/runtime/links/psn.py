"""A tracker over UDP: joins the multicast group on one chosen interface, or listens for unicast; never sends.

Where nothing has come for 5 s the socket is opened and the group joined anew: a cable that was out, or an interface that came
up late, has silently lost its membership. Unicast is heard from the tracker's own address only.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Final

from showctl.runtime.links.carrier import Carrier, Link

MOST_AT_ONCE: Final = 64
LARGEST: Final = 65535
REJOIN_AFTER_S: Final = 5.0
ANY: Final = "0.0.0.0"


class PsnLink(Link):
    """``host`` is the multicast group or the tracker's address; ``interface`` the address of the interface of ours."""

    def __init__(self, host: str, port: int, interface: str = "") -> None:
        self._host, self._port, self._interface = host, port, interface
        self._carrier: Carrier | None = None
        self._socket: socket.socket | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._came = False

    def open(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._join()

    def close(self) -> None:
        self._carrier = None
        if self._timer is not None:
            self._timer.cancel()
        self._shut()

    def _join(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(REJOIN_AFTER_S, self._rejoin)
        try:
            self._socket = _listening(self._host, self._port, self._interface)
        except OSError as error:
            if self._carrier is not None:
                self._carrier.lost(f"cannot be listened to: {error.strerror or error}")
            return
        loop.add_reader(self._socket, self._drain, self._socket)

    def _rejoin(self) -> None:
        if self._came and self._socket is not None:
            self._came = False
            self._timer = asyncio.get_running_loop().call_later(REJOIN_AFTER_S, self._rejoin)
            return
        self._shut()
        self._join()

    def _drain(self, opened: socket.socket) -> None:
        for _ in range(MOST_AT_ONCE):
            try:
                data, source = opened.recvfrom(LARGEST)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self._shut()
                return
            if not _is_group(self._host) and source[0] != self._host:
                continue
            self._came = True
            if self._carrier is not None:
                self._carrier.received(data)
            if self._socket is not opened:
                return

    def _shut(self) -> None:
        opened, self._socket = self._socket, None
        if opened is not None:
            asyncio.get_running_loop().remove_reader(opened)
            opened.close()


def _is_group(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_multicast
    except ValueError:
        return False


def _listening(host: str, port: int, interface: str) -> socket.socket:
    """A socket that hears the tracker."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if _is_group(host):
            opened.bind((host, port))
            opened.setsockopt(
                socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(host) + socket.inet_aton(interface or ANY)
            )
        else:
            opened.bind((interface or _our_side(host, port), port))
    except OSError:
        opened.close()
        raise
    return opened


def _our_side(host: str, port: int) -> str:
    """Which address of ours the host would see; no packet is sent to find out."""
    if ipaddress.ip_address(host).is_loopback:
        return "127.0.0.1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((host, port))
        return str(probe.getsockname()[0])
