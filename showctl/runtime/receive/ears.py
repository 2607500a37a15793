"""The sockets that hear sACN: as many groups as the kernel lets one socket join, on one interface, without our own packets.

A multicast packet that we send comes back to us where we listen to its group. A filter in the kernel drops what bears our CID, so
that thousands of universes of our own cost nothing here. What is unicast to this machine is heard, too.
"""

from __future__ import annotations

import ctypes
import logging
import socket
import struct
from collections.abc import Sequence
from typing import Final

from showctl.protocols import sacn
from showctl.runtime.ports import Address

log = logging.getLogger(__name__)

GROUPS_A_SOCKET: Final = 20  # net.ipv4.igmp_max_memberships
_SO_ATTACH_FILTER: Final = 26
_IP_MULTICAST_ALL: Final = 49  # linux/in.h
_IPV6_MULTICAST_ALL: Final = 29
_IP_PKTINFO: Final = 8  # linux/in.h: struct in_pktinfo, whose last four bytes are where the packet was sent
_PACKET_INFO: Final = (socket.IPPROTO_IP, _IP_PKTINFO)
_TOLD: Final = socket.CMSG_SPACE(12)
_LARGEST: Final = 2048
_IP_RECEIVE_BUFFER: Final = 1 << 20
_UDP_HEADER: Final = 8
# linux/filter.h: load a word, jump if equal, return
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06


def open_ears(
    universes: Sequence[int], interface: str, index: int, port: int = sacn.PORT, *, ours: bytes = b"", six: bool = False
) -> list[socket.socket]:
    """Sockets that hear these universes and universe discovery on one interface; with ``six``, over IPv6, too.

    ``ours`` is the CID whose packets are not wanted. Nothing can be heard where somebody holds the port alone: an empty
    list then, and the log says so.
    """
    wanted = [*dict.fromkeys((*universes, sacn.DISCOVERY_UNIVERSE))]
    found: list[socket.socket] = []
    try:
        for first in range(0, len(wanted), GROUPS_A_SOCKET):
            found.append(_ear4(wanted[first : first + GROUPS_A_SOCKET], interface, index, port, ours))
            if six:
                found.append(_ear6(wanted[first : first + GROUPS_A_SOCKET], index, port, ours))
    except OSError as problem:
        for sock in found:
            sock.close()
        log.warning("sACN cannot be heard on port %d (%s): other sources stay unseen.", port, problem.strerror or problem)
        return []
    return found


def hear(ear: socket.socket) -> tuple[bytes, Address, str]:
    """A datagram, who sent it, and the address it was sent to ("" where the system does not say). OSError: there is none."""
    data, ancillary, _, source = ear.recvmsg(_LARGEST, _TOLD)
    to = next((socket.inet_ntoa(body[8:12]) for level, kind, body in ancillary if (level, kind) == _PACKET_INFO), "")
    return data, (source[0], source[1]), to


def _ear4(universes: Sequence[int], interface: str, index: int, port: int, ours: bytes) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        _prepare(sock, ours)
        sock.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
        sock.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        sock.bind(("", port))
        for universe in universes:
            group = socket.inet_aton(sacn.multicast_group_v4(universe))
            sock.setsockopt(
                socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("=4s4si", group, socket.inet_aton(interface), index)
            )
    except OSError:
        sock.close()
        raise
    return sock


def _ear6(universes: Sequence[int], index: int, port: int, ours: bytes) -> socket.socket:
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    try:
        _prepare(sock, ours)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_MULTICAST_ALL, 0)
        sock.bind(("", port))
        for universe in universes:
            group = socket.inet_pton(socket.AF_INET6, sacn.multicast_group_v6(universe))
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group + struct.pack("=I", index))
    except OSError:
        sock.close()
        raise
    return sock


def _prepare(sock: socket.socket, ours: bytes) -> None:
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _IP_RECEIVE_BUFFER)
    if ours:
        _drop(sock, ours)


def _drop(sock: socket.socket, cid: bytes) -> None:
    """The kernel throws away what bears ``cid`` where an ACN packet has its own."""
    words = struct.unpack(">4I", cid)
    program = b""
    for n, word in enumerate(words):
        left = 2 * (len(words) - 1 - n) + 1  # instructions from here to "keep it", past the next one
        program += struct.pack("=HBBI", _LOAD, 0, 0, _UDP_HEADER + sacn.CID_OFFSET + 4 * n)
        program += struct.pack("=HBBI", _EQUAL, 0, left, word)
    program += struct.pack("=HBBI", _RETURN, 0, 0, 0)
    program += struct.pack("=HBBI", _RETURN, 0, 0, 0xFFFFFFFF)
    kept = ctypes.create_string_buffer(program)
    sock.setsockopt(
        socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HL" if struct.calcsize("L") == 8 else "HI", len(program) // 8,
        ctypes.addressof(kept)),
    )  # fmt: skip
