"""Frames of a WebSocket: made once, and written to every page that is to hear them, at once and without a copy for each.

A ``Line`` is the way to one page. What is written leaves in the order in which it was written; nobody waits. ``busy`` says that
the page does not take what it was given; who writes to many leaves it out until it is ``free`` (``audience.py``). Under uvicorn a
line is the connection itself (``Framed``), elsewhere whatever sends text.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

EXTENSION: Final = "showctl.line"
"""Under this name a connection's scope says that it is a line."""
TEXT: Final = 0x81  # RFC 6455, 5.2: the last frame of a text message
SHORT, MIDDLE = 125, 0xFFFF
"""The same clause: payloads whose length stands in seven bits, and in sixteen."""


def frame_of(text: bytes) -> bytes:
    """A server's whole text message as one frame.

    >>> frame_of(b"{}")
    b'\\x81\\x02{}'
    """
    size = len(text)
    if size <= SHORT:
        return struct.pack("!BB", TEXT, size) + text
    if size <= MIDDLE:
        return struct.pack("!BBH", TEXT, 126, size) + text
    return struct.pack("!BBQ", TEXT, 127, size) + text


class Line(Protocol):
    """The way to one page."""

    @property
    def busy(self) -> bool:
        """What was written before has not left yet."""

    def write(self, frame: bytes) -> None:
        """``frame`` leaves after what was written before. ConnectionError where the page has gone."""

    async def free(self) -> None:
        """Returns when it is busy no longer."""


class Framed(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, to which whole frames can be written. It is a ``Line``."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):  # it was not refused; whoever answers begins after this
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = self

    @property
    def busy(self) -> bool:
        return not self.writable.is_set()

    def write(self, frame: bytes) -> None:
        if self.disconnected or self.close_sent or not self.handshake_complete or self.transport.is_closing():
            raise ConnectionError("the page has gone")
        self.transport.write(frame)

    async def free(self) -> None:
        await self.writable.wait()


class Spoken:
    """A line over something that sends one text after another."""

    def __init__(self, send_text: Callable[[str], Awaitable[None]]) -> None:
        self._send = send_text
        self._saying: list[asyncio.Task[None]] = []

    @property
    def busy(self) -> bool:
        return len(self._saying) > 1

    def write(self, frame: bytes) -> None:
        self._saying = [task for task in self._saying if not task.done()]
        before = self._saying[-1] if self._saying else None
        self._saying.append(asyncio.ensure_future(self._say(_text(frame), before)))

    async def free(self) -> None:
        for task in self._saying:
            await task

    async def _say(self, text: str, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        await self._send(text)


def line_of(scope: Any, send_text: Callable[[str], Awaitable[None]]) -> Line:
    """The line of a connection."""
    found: Line | None = (scope.get("extensions") or {}).get(EXTENSION)
    return Spoken(send_text) if found is None else found


def _text(frame: bytes) -> str:
    skipped = {126: 4, 127: 10}.get(frame[1], 2)
    return frame[skipped:].decode()
