"""The simulated venue on real sockets: the same devices, with UDP, TCP, serial ports and MQTT of this machine.

Each node and device is bound to its own loopback address, each sACN group has a socket of its own (a socket may join twenty
groups only), and broadcasts come in on 127.255.255.255. This is the only file of the simulators that reads a clock; everything
that happens is handed to the venue with that instant, and what the venue sends goes out at once. The pieces:
``live_serial.py``, ``live_mqtt.py``, ``http.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from showctl.show.instants import SECOND, Instant
from simulators.device import Address, Endpoint
from simulators.live_mqtt import RealBroker
from simulators.live_serial import SerialPorts
from simulators.switchboard import Arrival
from simulators.venue import SimulatedVenue

LOOPBACK: Final = "127.0.0.1"
BROADCAST: Final = "127.255.255.255"
_AT_ONCE: Final = 256
"""Datagrams read before others get their turn."""
_LONGEST: Final = 65536

log = logging.getLogger("simulators")


class LiveVenue:
    """Runs a venue until it is cancelled."""

    def __init__(
        self,
        venue: SimulatedVenue,
        serial: SerialPorts | None = None,
        broker: RealBroker | None = None,
        interface: str = LOOPBACK,
    ) -> None:
        """``interface``: an address of this machine; multicast and broadcasts that come there are heard beside loopback's."""
        self.venue = venue
        self._interface = interface
        self.serial = serial
        self._broker = broker
        self._sockets: dict[Address, socket.socket] = {}
        self._servers: list[asyncio.Server] = []
        self._streams: dict[str, asyncio.Transport] = {}
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop
        self._sender: socket.socket

    # --- from morning to evening ----------------------------------------------------------------------------------

    async def open(self) -> list[str]:
        """Opens every socket and switches the venue on. What could not be opened is returned in words."""
        self._loop = asyncio.get_running_loop()
        self._sender = _udp()
        complaints: list[str] = []
        for device in self.venue.devices.values():
            for endpoint in device.endpoints:
                where = "{}:{}".format(*endpoint.address)
                try:
                    if endpoint.kind == "udp":
                        self._open_udp(endpoint)
                    elif endpoint.kind == "tcp":
                        await self._open_tcp(endpoint.address)
                except OSError as error:
                    why = error.strerror or str(error)
                    if error.errno == errno.EADDRNOTAVAIL:  # the address of the real rig, where the show is simulated
                        lent = f"sudo ip addr add {endpoint.address[0]}/32 dev lo"
                        why = f"this machine has no such address; `{lent}` lends it one, `ip addr del` takes it back"
                    complaints.append(f"{device.name} cannot stand at {where}: {why}")
        if self.serial is not None:
            self.serial.open(self)
        if self._broker is not None:
            self._broker.open(self)
        now = self.now()
        self.venue.start(now)
        self.flush()
        return complaints

    async def close(self) -> None:
        """Closes everything."""
        if self._timer is not None:
            self._timer.cancel()
        if self._broker is not None:
            await self._broker.close()
        if self.serial is not None:
            self.serial.close()
        for transport in self._streams.values():
            transport.abort()
        for server in self._servers:
            server.close()
        for opened in self._sockets.values():
            self._loop.remove_reader(opened)
            opened.close()
        self._sender.close()

    @staticmethod
    def now() -> Instant:
        """This machine's monotonic clock, the only one there is."""
        return time.monotonic_ns()

    def act(self, what: str, words: str) -> None:
        """A line of a script, now. ValueError says what is wrong with it."""
        now = self.now()
        self.venue.wake(now)
        try:
            self.venue.act(what, words, now)
        finally:
            self.flush()

    def state(self) -> dict[str, Any]:
        """What is true now."""
        now = self.now()
        self.venue.wake(now)
        found = self.venue.state(now)
        self.flush()
        return found

    def wall(self, name: str) -> NDArray[np.uint8] | None:
        """The picture on a wall of pixels now; None where there is no such wall."""
        now = self.now()
        self.venue.wake(now)
        found = self.venue.lights.walls.walls.get(name)
        shown = None if found is None else found.picture(now)
        self.flush()
        return shown

    def flush(self) -> None:
        """Sends what the venue has to say, and sets the alarm for what it does next."""
        for arrival in self.venue.take():
            self._send(arrival)
        if self.serial is not None:
            self.serial.follow(self)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.venue.next_deadline()
        if due is not None:
            self._timer = self._loop.call_later(max(due - self.now(), 0) / SECOND, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self.venue.wake(self.now())
        self.flush()

    def _send(self, arrival: Arrival) -> None:
        match arrival.kind:
            case "udp":
                opened = self._sockets.get(arrival.source, self._sender)
                if not arrival.destination[0].startswith("127."):  # what stands on loopback reaches no other machine
                    opened = self._sockets.get(("", arrival.source[1]), opened)
                # A full buffer, or nobody there: a datagram may be lost.
                with contextlib.suppress(OSError):
                    opened.sendto(arrival.data, arrival.destination)
            case "stream":
                if (transport := self._streams.get(arrival.stream)) is not None:
                    transport.write(arrival.data)
            case "serial":
                if self.serial is not None:
                    self.serial.write(arrival.stream, arrival.data)
            case "closed":
                if (transport := self._streams.pop(arrival.stream, None)) is not None:
                    transport.close()
                elif self.serial is not None:
                    self.serial.pull_out(arrival.stream)
            case _:
                pass

    # --- UDP ------------------------------------------------------------------------------------------------------

    def _open_udp(self, endpoint: Endpoint) -> None:
        host, port = endpoint.address
        if (
            not endpoint.deaf
            and host.startswith("127.")
            and endpoint.address not in self._sockets
            and _is_taken(endpoint.address)
        ):
            raise OSError(errno.EADDRINUSE, "somebody has it already; another simulated venue?")
        self._bind(endpoint.address)
        for group in endpoint.groups:
            self._bind((group, port))
        if endpoint.broadcast and host.startswith("127."):
            self._bind((BROADCAST, port))
            if self._interface != LOOPBACK:
                self._bind(("", port))  # what is not meant for one node of ours: broadcasts of that network

    def _bind(self, address: Address) -> None:
        if address in self._sockets or address[1] == 0:
            return
        opened = _udp()
        try:
            if _is_group(address[0]):
                for near in dict.fromkeys((LOOPBACK, self._interface)):
                    member = struct.pack("4s4s", socket.inet_aton(address[0]), socket.inet_aton(near))
                    opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            opened.bind(address)
        except OSError:
            opened.close()
            raise
        self._sockets[address] = opened
        self._loop.add_reader(opened, self._drain, opened, address)

    def _drain(self, opened: socket.socket, address: Address) -> None:
        now = self.now()
        self.venue.wake(now)
        for _ in range(_AT_ONCE):
            try:
                data, source = opened.recvfrom(_LONGEST)
            except BlockingIOError:
                break
            except OSError:  # an ICMP of an earlier send: nobody listens there
                continue
            if address[0]:
                self.venue.datagram(source, address, data, now)
            elif not source[0].startswith("127."):  # loopback's broadcasts have come already
                self.venue.datagram(source, (BROADCAST, address[1]), data, now)
        self.flush()

    # --- TCP ------------------------------------------------------------------------------------------------------

    async def _open_tcp(self, address: Address) -> None:
        server = await self._loop.create_server(lambda: _Connection(self, address), address[0], address[1], reuse_address=True)
        self._servers.append(server)

    def accept(self, transport: asyncio.Transport, address: Address) -> str | None:
        """Somebody connected. The stream's name, or None where the device refuses."""
        self._count += 1
        stream = f"tcp{self._count}"
        now = self.now()
        self.venue.wake(now)
        self._streams[stream] = transport
        if not self.venue.connect(stream, address, now):
            del self._streams[stream]
            transport.abort()
            return None
        self.flush()
        return stream

    def read(self, stream: str, data: bytes) -> None:
        """Bytes on a connection."""
        now = self.now()
        self.venue.wake(now)
        self.venue.stream(stream, data, now)
        self.flush()

    def hung_up(self, stream: str) -> None:
        """The far end closed a connection."""
        self._streams.pop(stream, None)
        now = self.now()
        self.venue.wake(now)
        self.venue.close(stream, now)
        self.flush()


class _Connection(asyncio.Protocol):
    """One TCP connection to a device."""

    def __init__(self, live: LiveVenue, address: Address) -> None:
        self._live = live
        self._address = address
        self._stream: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._stream = self._live.accept(transport, self._address)

    def data_received(self, data: bytes) -> None:
        if self._stream is not None:
            self._live.read(self._stream, data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        if self._stream is not None:
            self._live.hung_up(self._stream)


def _is_group(host: str) -> bool:
    first = host.split(".")[0]
    return first.isdigit() and 224 <= int(first) <= 239


def is_ours(address: str) -> bool:
    """Whether this machine has an address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def _is_taken(address: Address) -> bool:
    """Whether somebody has exactly this address and port over UDP. To bind would not fail: our sockets share their ports, because
    a visualiser may have the port at every address; but of two venues at one address only one would hear anything."""
    number = int.from_bytes(socket.inet_aton(address[0]), sys.byteorder)
    try:
        lines = Path("/proc/net/udp").read_text(encoding="ascii").splitlines()[1:]
    except OSError:  # another system
        return False
    return f"{number:08X}:{address[1]:04X}" in (line.split()[1] for line in lines)


def _udp() -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setblocking(False)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(LOOPBACK))
    opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
    return opened
