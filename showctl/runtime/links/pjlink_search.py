"""Looks for projectors on the network: PJLink class 2's search (v2.10, 3.2), by broadcast, and one by one beside it.

Every class 2 projector answers ``%2SRCH`` with its MAC address; class 1 ones do not know the word. Blocking: for the command
line.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from showctl.protocols import pjlink
from showctl.protocols.errors import ProtocolError

EVERYBODY: Final = "255.255.255.255"
LARGEST: Final = 256
MOST_FOUND: Final = 1024


@dataclass(frozen=True, slots=True)
class Found:
    """A projector that answered: its address, and its MAC as it writes it."""

    address: str
    mac: str


def search(targets: Iterable[tuple[str, int]], within: float, interface: str = "") -> list[Found]:
    """Who answers within so many seconds, in the order of addresses. OSError where nothing can be sent at all."""
    found: dict[str, Found] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        asker.bind((interface, 0))
        sent, problem = 0, OSError("nobody is asked")
        for target in dict.fromkeys(targets):
            try:
                asker.sendto(pjlink.search(), target)
                sent += 1
            except OSError as error:
                problem = error
        if not sent:
            raise problem
        end = time.monotonic() + within
        while (left := end - time.monotonic()) > 0 and len(found) < MOST_FOUND:
            asker.settimeout(left)
            with contextlib.suppress(TimeoutError, ConnectionRefusedError):
                data, source = asker.recvfrom(LARGEST)
                if (mac := _mac(data)) is not None:
                    found[source[0]] = Found(source[0], mac)
    return sorted(found.values(), key=lambda item: socket.inet_aton(item.address))


def _mac(data: bytes) -> str | None:
    try:
        read = pjlink.decode(data)
    except ProtocolError:
        return None
    if not isinstance(read, pjlink.Reply) or read.name != "ACKN" or len(read.parameter) > 40:
        return None
    return read.parameter
