"""Host names, looked up beside the frames: a name server that takes its time costs nobody else a packet.

An address is known at once. A name is looked up once, on a thread; what is meant for it is dropped until the answer is there, and
for good where there is none (the log says so once), until somebody asks again.
"""

from __future__ import annotations

import logging
import socket
import threading
from typing import Final

import numpy as np

from showctl.runtime.ports import Address

log = logging.getLogger(__name__)

SOCKADDR: Final = np.dtype([("family", "<u2"), ("port", ">u2"), ("host", "u1", 4), ("zero", "u1", 8)])
"""``struct sockaddr_in``."""
UNKNOWN: Final = bytes(SOCKADDR.itemsize)
MOST: Final = 100_000


class Hosts:
    """Destinations in the kernel's layout."""

    def __init__(self) -> None:
        self.version = 0
        """Grows when a name has been answered: what was packed before is stale."""
        self._known: dict[Address, bytes] = {}
        self._asking: set[str] = set()
        self._lock = threading.Lock()

    @property
    def asking(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._asking)

    def name(self, to: Address) -> bytes:
        """``to`` as a socket address; all zero while its host is not known."""
        found = self._known.get(to)
        return self._first(to) if found is None else found

    def ask_again(self) -> None:
        """Hosts that were unknown may be known now: the network is there again."""
        with self._lock:
            self._known = {to: packed for to, packed in self._known.items() if packed != UNKNOWN}
            self.version += 1

    def _first(self, to: Address) -> bytes:
        if len(self._known) > MOST:
            self._known.clear()
        try:
            packed = self._known[to] = _packed(socket.inet_aton(to[0]), to[1])
            return packed
        except OSError:
            pass
        with self._lock:
            self._known[to] = UNKNOWN  # before anybody can answer
            fresh = to[0] not in self._asking
            self._asking.add(to[0])
        if fresh:
            threading.Thread(target=self._look_up, args=(to[0],), name=f"looking up {to[0]}", daemon=True).start()
        return UNKNOWN

    def _look_up(self, host: str) -> None:
        try:
            found = socket.inet_aton(socket.gethostbyname(host))
        except (OSError, UnicodeError):
            log.warning("There is no host called %s: what is meant for it is dropped.", host)
            found = b""
        with self._lock:
            if found:
                self._known |= {to: _packed(found, to[1]) for to in list(self._known) if to[0] == host}
                self.version += 1
            self._asking.discard(host)


def _packed(host: bytes, port: int) -> bytes:
    name = np.zeros(1, SOCKADDR)
    name["family"], name["port"], name["host"] = socket.AF_INET, port, np.frombuffer(host, np.uint8)
    return name.tobytes()
