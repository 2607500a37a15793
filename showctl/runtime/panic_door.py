"""The way of panic past an engine that hangs: a door of the supervisor's, at the console's port + 1, that speaks to the wire.

``POST /panic`` and nothing else; the wire fades to its safe look by itself. Who comes from a page must come from this console's
own (``Origin``, port included; browsers always send it), and by a name that this console has (``Host``): so no foreign page
can darken a room. The engine hears of it from the wire as soon as it hears anything, and then panic is in force there, too.
Where people have PINs, who comes from elsewhere must be in a session that may operate; this machine's own screen need not (R5),
and a crew's link has no panic anywhere. One request at a time, a second for each, and never more than a few bytes read.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from showctl.runtime.people import People
from showctl.runtime.sessions import COOKIE, Sessions

log = logging.getLogger(__name__)

PATIENCE: Final = 1.0
LARGEST: Final = 8192
PANIC: Final = struct.pack("<4sBB2x16sQI4x", b"SCW1", 1, 7, bytes(16), 0, 1) + b"\1"
"""The wire's message (``wire/messages.py``), spelled out: the supervisor loads nothing."""
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class PanicDoor:
    """Listens at ``host``:``port`` + 1 for the console at ``port``; ``names`` are those of the console besides loopback.

    ``state``: where people and sessions stand; None: there are none.
    """

    def __init__(self, host: str, port: int, names: Iterable[str], wire: Path, state: Path | None = None) -> None:
        self._state = state
        self._names = LOOPBACK | {name.lower() for name in names} | ({host} - {"0.0.0.0", "::"})
        self._port, self._wire = port, wire
        self._listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._listener.bind((host, port + 1))
        except OSError:
            self._listener.close()
            raise
        self._listener.listen(8)
        threading.Thread(target=self._serve, name="panic door", daemon=True).start()

    def close(self) -> None:
        """Nobody is let in any more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                visitor, peer = self._listener.accept()
            except OSError:
                return
            with visitor, contextlib.suppress(OSError):
                visitor.settimeout(PATIENCE)
                visitor.sendall(self.answer(_head(visitor), str(peer[0])))

    def answer(self, head: list[str], peer: str) -> bytes:
        """What is answered to a request from the address ``peer``, of which ``head`` are the first lines."""
        method, _, path = (head[0] if head else "").rpartition(" ")[0].partition(" ")
        said = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        origin = said.get("origin")
        if (method, path) != ("POST", "/panic"):
            return _http("404 Not Found", "POST /panic is all there is here")
        if _name(said.get("host", "")) not in self._names or (origin is not None and not self._is_ours(origin)):
            return _http("403 Forbidden", "this page is not the console's own")
        if not self._may(said.get("cookie", ""), peer):
            return _http("403 Forbidden", "log in at the console first")
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
                wire.settimeout(PATIENCE)
                wire.connect(str(self._wire))
                wire.sendall(PANIC)
        except OSError as error:
            log.error("Panic was pressed, and the wire process does not answer: %s.", error)
            return _http("503 Service Unavailable", "the wire process does not answer")
        log.warning("Panic was pressed while the engine did not answer: the wire goes to the safe look by itself.")
        return _http("200 OK", "the light goes to the safe look")

    def _may(self, cookie: str, peer: str) -> bool:
        """Whether whoever sends this may press panic."""
        if self._state is None:
            return True
        words = dict(part.strip().partition("=")[::2] for part in cookie.split(";"))
        try:
            people = People(self._state)
            if not people.known():
                return True
            person = Sessions(self._state, people).seen(words.get(COOKIE, ""), time.time())
        except ValueError:
            person = None
        return peer in LOOPBACK if person is None else person.role != "viewer"

    def _is_ours(self, origin: str) -> bool:
        place = origin.partition("://")[2].lower()
        return _name(place) in self._names and place.rpartition(":")[2] == str(self._port)


def _head(visitor: socket.socket) -> list[str]:
    """The lines before the empty one; nothing of what follows is read."""
    data = b""
    while b"\r\n\r\n" not in data and len(data) < LARGEST:
        piece = visitor.recv(2048)
        if not piece:
            break
        data += piece
    return data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")


def _name(place: str) -> str:
    """``name:port`` without its port."""
    return place.lower().rpartition(":")[0].strip("[]") if place.rpartition(":")[2].isdecimal() else place.lower().strip("[]")


def _http(status: str, words: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: text/plain\r\ncontent-length: {len(words)}\r\nconnection: close\r\n\r\n"
    return (head + words).encode("latin-1")
