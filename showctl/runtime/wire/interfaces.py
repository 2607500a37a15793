"""The machine's network interfaces, and when they change: asked of the kernel over rtnetlink, without any program.

An interface is wanted by name (``eth1``: it is followed through new addresses) or by one of its addresses. ``LinkWatch`` is
a descriptor that becomes readable when a link or an address comes or goes. Where netlink is missing nothing is ever found
but loopback, and nothing changes.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h
_ROUTE: Final = 0
_GROUPS: Final = 0x1 | 0x10 | 0x100  # RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR
_NEWLINK, _GETLINK, _NEWADDR, _GETADDR = 16, 18, 20, 22
_DONE, _ERROR = 3, 2
_DUMP: Final = 0x1 | 0x300  # NLM_F_REQUEST, NLM_F_DUMP
_IFLA_IFNAME: Final = 3
_IFA_ADDRESS, _IFA_LOCAL, _IFA_BROADCAST = 1, 2, 4
_UP: Final = 0x1
_RUNNING: Final = 0x40  # the link is there: carrier
_HEADER = struct.Struct("=IHHII")
_IFINFO = struct.Struct("=BxHiII")
_IFADDR = struct.Struct("=BBBBI")
_LINK_LOCAL: Final = ipaddress.ip_network("fe80::/10")


@dataclass(frozen=True, slots=True)
class Interface:
    """One that is there. ``up``: it is switched on and its link is there. ``address6`` is "" where it has none."""

    name: str
    index: int
    address: str
    broadcast: str
    up: bool
    address6: str = ""


@dataclass(slots=True)
class _Link:
    name: str
    flags: int


def find(wanted: str) -> Interface | None:
    """The interface of that name, or with that IPv4 address, with an address to send from; None where there is none."""
    links, addresses = _links(), list(_addresses())
    for index, link in sorted(links.items()):
        mine = [(local, broadcast) for at, family, local, broadcast in addresses if at == index and family == socket.AF_INET]
        chosen = next((found for found in mine if wanted in (link.name, found[0]) or _is_loopback(wanted, found[0])), None)
        if chosen is None:
            continue
        local = wanted if _is_loopback(wanted, chosen[0]) else chosen[0]
        broadcast = "127.255.255.255" if local.startswith("127.") else chosen[1] or "255.255.255.255"
        return Interface(link.name, index, local, broadcast, _is_up(link), _best6(addresses, index))
    return None


def names() -> list[str]:
    """Every interface with its IPv4 addresses, in words: ``eth0 (10.0.0.5)``."""
    addresses = list(_addresses())
    found = []
    for index, link in sorted(_links().items()):
        mine = [local for at, family, local, _ in addresses if at == index and family == socket.AF_INET]
        found.append(f"{link.name} ({', '.join(mine) or 'no address'})")
    return found


class LinkWatch:
    """Becomes readable when a link or an address changes; ``drain`` says whether one has."""

    def __init__(self) -> None:
        self.sock = _open(_GROUPS)

    def drain(self) -> bool:
        """Reads what has happened; whether anything has."""
        changed = False
        while self.sock is not None:
            try:
                changed |= bool(self.sock.recv(65536))
            except BlockingIOError:
                break
            except OSError:  # more than the queue holds: something has happened
                return True
        return changed

    def close(self) -> None:
        if self.sock is not None:
            self.sock.close()


def _is_loopback(wanted: str, local: str) -> bool:
    return local.startswith("127.") and wanted.startswith("127.")


def _is_up(link: _Link) -> bool:
    return bool(link.flags & _UP and link.flags & _RUNNING)


def _best6(addresses: list[tuple[int, int, str, str]], index: int) -> str:
    mine = [local for at, family, local, _ in addresses if at == index and family == socket.AF_INET6]
    return next((local for local in mine if ipaddress.ip_address(local) not in _LINK_LOCAL), mine[0] if mine else "")


def _links() -> dict[int, _Link]:
    found = {}
    for kind, body in _dump(_GETLINK, _IFINFO.pack(0, 0, 0, 0, 0)):
        if kind == _NEWLINK:
            _, _, index, flags, _ = _IFINFO.unpack_from(body)
            name = dict(_attributes(body, _IFINFO.size)).get(_IFLA_IFNAME, b"")
            found[index] = _Link(name.rstrip(b"\0").decode("ascii", "replace"), flags)
    return found


def _addresses() -> Iterator[tuple[int, int, str, str]]:
    """(interface, family, address, broadcast) of each."""
    for kind, body in _dump(_GETADDR, _IFADDR.pack(0, 0, 0, 0, 0)):
        if kind == _NEWADDR:
            family, _, _, _, index = _IFADDR.unpack_from(body)
            if family not in (socket.AF_INET, socket.AF_INET6):
                continue
            found = dict(_attributes(body, _IFADDR.size))
            local = found.get(_IFA_LOCAL) or found.get(_IFA_ADDRESS)
            if local:
                broadcast = found.get(_IFA_BROADCAST)
                yield index, family, socket.inet_ntop(family, local), socket.inet_ntop(family, broadcast) if broadcast else ""


def _attributes(body: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(body):
        size, kind = struct.unpack_from("=HH", body, at)
        if size < 4:
            return
        yield kind & 0x3FFF, body[at + 4 : at + size]
        at += (size + 3) & ~3


def _dump(kind: int, ask: bytes) -> Iterator[tuple[int, bytes]]:
    sock = _open(0)
    if sock is None:
        return
    with sock:
        sock.setblocking(True)
        sock.settimeout(1.0)
        try:
            sock.send(_HEADER.pack(_HEADER.size + len(ask), kind, _DUMP, 1, 0) + ask)
            while True:
                data = sock.recv(65536)
                at = 0
                while at + _HEADER.size <= len(data):
                    size, found, _, _, _ = _HEADER.unpack_from(data, at)
                    if found in (_DONE, _ERROR) or size < _HEADER.size:
                        return
                    yield found, data[at + _HEADER.size : at + size]
                    at += (size + 3) & ~3
        except OSError:
            return


def _open(groups: int) -> socket.socket | None:
    with contextlib.suppress(OSError, AttributeError):
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _ROUTE)
        sock.bind((0, groups))
        sock.setblocking(False)
        return sock
    return None
