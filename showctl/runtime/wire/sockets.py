"""The wire's sockets: many packets in one call, out of one chosen interface, and no error stops a frame.

Packets go through ``sendmmsg``; neighbouring rows for one unicast destination become a single message that the kernel cuts
(UDP GSO). Where either is missing, ``sendto`` does the same more slowly. What the system does not take is counted. The
headers are numpy arrays in the kernel's layout (64-bit Linux), so a frame of a thousand universes is filled by columns.
"""

from __future__ import annotations

import ctypes
import errno
import logging
import platform
import socket
import struct
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.runtime.ports import Address
from showctl.runtime.wire.frames import Batch
from showctl.runtime.wire.hosts import SOCKADDR, UNKNOWN, Hosts

log = logging.getLogger(__name__)

_SOL_UDP: Final = 17
_UDP_SEGMENT: Final = 103  # linux/udp.h
_GSO_SEGMENTS: Final = 64  # linux/udp.h, UDP_MAX_SEGMENTS (128 since 6.9)
_GSO_BYTES: Final = 65000
_AT_ONCE: Final = 128
"""Packets of one call, or thereabouts: a tenth of a millisecond."""
_ONE_BY_ONE: Final = 2
"""Packets that are sooner sent than their headers are made."""
_WORTH_KEEPING: Final = 16
"""Packets of a batch from which on its headers are kept: the few that synchronize do not push out those of the frame."""
_IP_UNICAST_IF: Final = 50  # linux/in.h
_IPV6_UNICAST_IF: Final = 76  # linux/in6.h

_IOVEC: Final = np.dtype([("base", "<u8"), ("len", "<u8")])
_SOCKADDR: Final = SOCKADDR
_MMSG: Final = np.dtype(
    [("name", "<u8"), ("name_len", "<u4"), ("p0", "<u4"), ("iov", "<u8"), ("iov_len", "<u8"), ("control", "<u8"),
     ("control_len", "<u8"), ("flags", "<i4"), ("p1", "<u4"), ("sent", "<u4"), ("p2", "<u4")]
)  # fmt: skip
_CONTROL: Final = np.dtype([("len", "<u8"), ("level", "<i4"), ("type", "<i4"), ("size", "<u2"), ("pad", "u1", 6)])
assert (_IOVEC.itemsize, _SOCKADDR.itemsize, _MMSG.itemsize, _CONTROL.itemsize) == (16, 16, 64, 24)


class PacketSender:
    """Sends batches through one UDP socket, and to IPv6 addresses through another. Without a socket, packets are dropped."""

    def __init__(self, sock: socket.socket | None, *, sendmmsg: bool = True, gso: bool = True) -> None:
        self.packets = 0
        self.dropped = 0
        self._sock: socket.socket | None = None
        self._sock6: socket.socket | None = None
        self.hosts = Hosts()
        self._last_to: Sequence[Address] | None = None
        self._last_version = 0
        self._last_names = np.zeros(0, _SOCKADDR)
        self._last_plain = True
        self._made: _Headers | None = None
        self._call = _sendmmsg() if sendmmsg else None
        self._may_cut = gso
        self.loops = True
        self.use(sock)

    def use(self, sock: socket.socket | None, sock6: socket.socket | None = None) -> None:
        """Sends through these from now on; what was there before is closed."""
        self.close()
        self._sock, self._sock6 = sock, sock6
        self.loops = True
        self._gso = sock is not None and self._may_cut and self._call is not None and _has_gso(sock)

    def loop(self, on: bool) -> None:
        """Whether what is multicast comes back to members of its groups on this machine."""
        if self._sock is not None:
            self._sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, int(on))
            self.loops = on

    def ask_again(self) -> None:
        """Hosts that were unknown may be known now: the network is there again."""
        self.hosts.ask_again()

    def send(self, batch: Batch, between: Callable[[], None] = lambda: None) -> None:
        """Sends every packet of ``batch`` that the system takes; counts the others.

        ``between`` is called after every hundred packets or so: others may be sent then.
        """
        if self._sock is None:
            self.dropped += len(batch.sizes)
            return
        if self._call is None:
            self._send_singly(batch)
            return
        if len(batch.sizes) <= _ONE_BY_ONE:
            for to, data in batch.datagrams():
                self.send_one(to, data)
            return
        if batch.destinations is self._last_to and self._last_plain:  # as the last frame: nothing to look up
            self._send_many(self._last_names, batch.buffer, batch.sizes, between)
            return
        if any(":" in host for host, _ in batch.destinations):
            four = np.array([":" not in host for host, _ in batch.destinations])
            self._send_singly(_part(batch, ~four))
            batch = _part(batch, four)
        names = self._names(batch.destinations)
        known = names["family"] == socket.AF_INET
        if known.all():
            self._send_many(names, batch.buffer, batch.sizes, between)
        else:
            self.dropped += int((~known).sum())
            self._send_many(names[known], batch.buffer[known], batch.sizes[known], between)

    def send_one(self, to: Address, data: bytes) -> None:
        """Sends one packet, without a look at any batch."""
        known = self.hosts.name(to) if ":" not in to[0] else b""
        sock = self._sock if known else self._sock6
        try:
            if sock is None or known == UNKNOWN:
                raise OSError("nowhere to send it to")
            sock.sendto(data, (socket.inet_ntoa(known[4:8]), to[1]) if known else to)
            self.packets += 1
        except OSError:
            self.dropped += 1

    def close(self) -> None:
        """Closes the sockets."""
        for sock in (self._sock, self._sock6):
            if sock is not None:
                sock.close()
        self._sock = self._sock6 = None

    def _send_many(
        self, names: NDArray[np.void], buffer: NDArray[np.uint8], sizes: NDArray[np.int64], between: Callable[[], None]
    ) -> None:
        if not len(sizes):
            return
        made = self._made
        if made is None or not made.fits(names, buffer, sizes, self._gso):
            made = _Headers(names, buffer, sizes, self._gso)
            if len(sizes) >= _WORTH_KEEPING:
                self._made = made
        self._push(made, between)

    def _push(self, made: _Headers, between: Callable[[], None]) -> None:
        assert self._call is not None
        assert self._sock is not None
        packets, at, descriptor = made.length, 0, self._sock.fileno()
        while at < made.count:
            sent = self._call(descriptor, made.address + at * _MMSG.itemsize, min(made.count - at, made.at_once), 0)
            if sent > 0:
                at += sent
                if at < made.count:
                    between()
                continue
            problem = ctypes.get_errno()
            if problem == errno.EINTR:
                continue
            if packets[at] > 1 and problem in (errno.EINVAL, errno.EIO, errno.EOPNOTSUPP, errno.EMSGSIZE):
                log.warning(
                    "The network card does not cut packets by itself (%s); they are sent one by one.", errno.errorcode[problem]
                )
                self._gso = False  # from the next frame on; this message is lost
            self.dropped += int(packets[at])
            self.packets -= int(packets[at])
            at += 1
        self.packets += made.packets

    def _names(self, destinations: Sequence[Address]) -> NDArray[np.void]:
        if len(destinations) < _WORTH_KEEPING:
            return np.frombuffer(b"".join([self.hosts.name(to) for to in destinations]), _SOCKADDR)
        if destinations is not self._last_to or self.hosts.version != self._last_version:
            self._last_version = self.hosts.version
            packed = [self.hosts.name(to) for to in destinations]
            self._last_to, self._last_names = destinations, np.frombuffer(b"".join(packed), _SOCKADDR)
        return self._last_names

    def _send_singly(self, batch: Batch) -> None:
        for row, size, to in zip(batch.buffer, batch.sizes, batch.destinations, strict=True):
            sock = self._sock6 if ":" in to[0] else self._sock
            try:
                if sock is None:
                    raise OSError("no socket of this family")
                sock.sendto(memoryview(row)[:size], to)
                self.packets += 1
            except OSError:
                self.dropped += 1


class _Headers:
    """The headers of a batch in the kernel's layout. A frame that goes where the last one went uses the same again.

    They are made for the places in memory of ``names`` and ``buffer``, so both are kept alive with them.
    """

    def __init__(self, names: NDArray[np.void], buffer: NDArray[np.uint8], sizes: NDArray[np.int64], gso: bool) -> None:
        self._of = (names, buffer, sizes, gso)
        first, self.length = _runs(*self._of)
        self.messages, self._pieces = np.zeros(len(first), _MMSG), np.zeros(len(first), _IOVEC)
        self._starts = names[first] if len(first) != len(sizes) else np.ascontiguousarray(names)
        self._pieces["base"] = buffer.ctypes.data + first * buffer.strides[0]
        self._pieces["len"] = sizes[first] * self.length
        self.messages["name"] = self._starts.ctypes.data + np.arange(len(first)) * _SOCKADDR.itemsize
        self.messages["name_len"] = _SOCKADDR.itemsize
        self.messages["iov"] = self._pieces.ctypes.data + np.arange(len(first)) * _IOVEC.itemsize
        self.messages["iov_len"] = 1
        self.count, self.packets, self.address = len(first), len(sizes), self.messages.ctypes.data
        self.at_once = max(1, _AT_ONCE * len(first) // len(sizes))
        """Messages of one call."""
        cut = np.flatnonzero(self.length > 1)
        self._control = np.zeros(len(cut), _CONTROL)
        if len(cut):
            self._control["len"], self._control["level"], self._control["type"] = 18, _SOL_UDP, _UDP_SEGMENT
            self._control["size"] = sizes[0]
            self.messages["control"][cut] = self._control.ctypes.data + np.arange(len(cut)) * _CONTROL.itemsize
            self.messages["control_len"][cut] = _CONTROL.itemsize

    def fits(self, names: NDArray[np.void], buffer: NDArray[np.uint8], sizes: NDArray[np.int64], gso: bool) -> bool:
        """Whether they are those of such a batch."""
        return self._of[0] is names and self._of[1] is buffer and self._of[2] is sizes and self._of[3] is gso


def _runs(
    names: NDArray[np.void], buffer: NDArray[np.uint8], sizes: NDArray[np.int64], gso: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each message begins and how many rows it takes: one each, or runs to one destination that may be cut."""
    count = len(sizes)
    size, each = int(sizes[0]), np.arange(count, dtype=np.int64)
    if not gso or count < 2 or buffer.strides[0] != size or (sizes != size).any():
        return each, np.ones(count, np.int64)
    keys = names.view(np.uint64).reshape(count, 2)[:, 0]
    begins = np.ones(count, np.bool_)
    begins[1:] = (keys[1:] != keys[:-1]) | _is_multicast(names)[1:]
    longest = max(1, min(_GSO_SEGMENTS, _GSO_BYTES // size))
    starts = np.flatnonzero(begins)
    place = each - np.repeat(starts, np.diff(np.append(starts, count)))
    first = np.flatnonzero(place % longest == 0)
    return first, np.diff(np.append(first, count))


def _part(batch: Batch, chosen: NDArray[np.bool_]) -> Batch:
    to = [destination for destination, wanted in zip(batch.destinations, chosen, strict=True) if wanted]
    return Batch(batch.protocol, to, batch.buffer[chosen], batch.sizes[chosen])


def open_sender(interface: str, index: int = 0, *, ttl: int = 16) -> socket.socket:
    """A UDP socket that sends out of the interface with the address ``interface`` (and the number ``index``), nowhere else."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    _pin(sock, interface, index)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, ttl)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    return _bound(sock, (interface, 0))


def open_sender6(address: str, index: int, *, hops: int = 16) -> socket.socket | None:
    """The same for IPv6; None where the interface has no such address."""
    if not address:
        return None
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, hops)
        sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_UNICAST_IF, socket.htonl(index))
        sock.bind((address, 0, 0, index))
    except OSError:  # an address that is still tentative, or gone again
        sock.close()
        return None
    sock.setblocking(False)
    return sock


def open_artnet(interface: str, port: int, index: int = 0) -> socket.socket:
    """The Art-Net socket: on ``port``, shared; where somebody holds that alone, on another, and the log says so."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    _pin(sock, interface, index)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    try:
        sock.bind((interface, port))
    except OSError as problem:
        if problem.errno == errno.EADDRNOTAVAIL:
            sock.close()
            raise
        log.warning(
            "Art-Net port %d on %s is held by another program (%s): sending from another port, which some nodes ignore.",
            port, interface, problem.strerror,
        )  # fmt: skip
        sock.bind((interface, 0))
    sock.setblocking(False)
    return sock


def open_artnet_ear(broadcast: str, port: int) -> socket.socket | None:
    """Hears what is broadcast on ``port``: nodes older than Art-Net 4 (and olad) answer polls so. None where nobody may."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((broadcast, port))
    except OSError:
        sock.close()
        return None
    sock.setblocking(False)
    return sock


def _pin(sock: socket.socket, interface: str, index: int) -> None:
    """Whatever the routes say, this socket sends out of this interface: a rig's packets must not appear in the office."""
    membership = struct.pack("=4s4si", bytes(4), socket.inet_aton(interface), index)  # struct ip_mreqn
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, membership)
    if index and not interface.startswith("127."):  # what goes to this machine itself has no other way anyhow
        sock.setsockopt(socket.IPPROTO_IP, _IP_UNICAST_IF, socket.htonl(index))


def _bound(sock: socket.socket, to: Address) -> socket.socket:
    try:
        sock.bind(to)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def _is_multicast(names: NDArray[np.void]) -> NDArray[np.bool_]:
    multicast: NDArray[np.bool_] = (names["host"][:, 0] & 0xF0) == 0xE0
    return multicast


class _Call:
    """``sendmmsg`` of the C library."""

    def __init__(self) -> None:
        self._function = ctypes.CDLL(None, use_errno=True).sendmmsg
        self._function.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)

    def __call__(self, descriptor: int, messages: int, count: int, flags: int) -> int:
        return int(self._function(descriptor, messages, count, flags))


def _sendmmsg() -> _Call | None:
    if platform.system() != "Linux" or struct.calcsize("P") != 8:
        return None
    try:
        return _Call()
    except (AttributeError, OSError):
        return None


def _has_gso(sock: socket.socket) -> bool:
    try:
        sock.getsockopt(_SOL_UDP, _UDP_SEGMENT)
    except OSError:
        return False
    return True
