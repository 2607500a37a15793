"""A driver over TCP: connects when the driver says so, writes without waiting, and tells of every end.

A connection that does not come about in 2 s has failed. What the device does not take is kept up to a bound; past it the
connection is dropped. A far end that is there and says nothing is for the driver to notice.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final, cast

from showctl.runtime.links.descriptor import DialledLink

CONNECT_WITHIN_S: Final = 2.0
MOST_UNSENT: Final = 256 * 1024


class StreamLink(DialledLink):
    """A stream of bytes that is opened and closed by its driver. A kind of stream says how it is dialled."""

    def __init__(self) -> None:
        super().__init__()
        self._connecting: asyncio.Task[None] | None = None
        self._stream: Stream | None = None

    def connect(self) -> None:
        self.disconnect()
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    def disconnect(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            self._connecting = None
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.end()

    def send(self, data: bytes) -> None:
        stream = self._stream
        if stream is None or stream.transport is None:
            return
        stream.transport.write(data)
        if stream.transport.get_write_buffer_size() > MOST_UNSENT:
            self.disconnect()
            # Told from a turn of its own: the driver is still speaking.
            asyncio.get_running_loop().call_soon(self._failed, f"does not take what it is sent ({MOST_UNSENT // 1024} KiB wait)")

    def ended(self, stream: Stream, why: str) -> None:
        """The far end closed, or the connection broke."""
        if stream is self._stream:
            self._stream = None
            if self._carrier is not None:
                self._carrier.lost(why)

    def came(self, stream: Stream, data: bytes) -> None:
        """Bytes on the connection."""
        if stream is self._stream and self._carrier is not None:
            self._carrier.received(data)

    async def dial(self) -> Stream:
        """A fresh connection, made with ``Stream(self)``. OSError or TimeoutError where none comes about."""
        raise NotImplementedError

    async def _connect(self) -> None:
        try:
            stream = await self.dial()
        except TimeoutError:
            self._failed(f"does not take a connection within {CONNECT_WITHIN_S:g} s")
        except OSError as error:
            self._failed(f"takes no connection: {error.strerror or error}")
        else:
            self._connecting, self._stream = None, stream
            if self._carrier is None or stream.over:
                self.ended(stream, "closed the connection at once")
                stream.end()
            else:
                self._carrier.connected()

    def _failed(self, why: str) -> None:
        self._connecting = None
        if self._carrier is not None:
            self._carrier.lost(why)


class TcpLink(StreamLink):
    """One device by address."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__()
        self._host, self._port = host, port

    async def dial(self) -> Stream:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_WITHIN_S):
            _, stream = await loop.create_connection(lambda: Stream(self), self._host, self._port)
        return stream


class Stream(asyncio.Protocol):
    """One connection of a link."""

    def __init__(self, link: StreamLink) -> None:
        self._link = link
        self.transport: asyncio.Transport | None = None
        self.over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        opened = transport.get_extra_info("socket")
        if opened is not None and opened.family != socket.AF_UNIX:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self._link.came(self, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.over = True
        self._link.ended(self, "closed the connection" if exc is None else f"lost the connection: {exc}")

    def end(self) -> None:
        if self.transport is not None:
            self.transport.abort()
