"""A driver over an open file of this machine: a serial line, a pipe, a raw MIDI device. Nothing here waits.

A kind of link opens the file (``attach``) and says what happens when the other end takes nothing more. The end of it is told from
a turn of its own, for the driver may be speaking.
"""

from __future__ import annotations

import asyncio
import os
from typing import Final

from showctl.runtime.links.carrier import Carrier, Link

MOST_UNSENT: Final = 64 * 1024
_PIECE: Final = 4096


class DialledLink(Link):
    """A link that is opened and closed as its driver says."""

    def __init__(self) -> None:
        self._carrier: Carrier | None = None

    def open(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def close(self) -> None:
        self._carrier = None
        self.disconnect()


class DescriptorLink(DialledLink):
    """One file by its number, while it is open."""

    most_unsent: int = MOST_UNSENT

    def __init__(self) -> None:
        super().__init__()
        self._number: int | None = None
        self._unsent = b""

    def attach(self, number: int, *, reads: bool) -> None:
        """The file is open; the driver is told in a moment."""
        self._number, self._unsent = number, b""
        loop = asyncio.get_running_loop()
        if reads:
            loop.add_reader(number, self._read, number)
        loop.call_soon(self._opened, number)

    def detach(self) -> None:
        """The file is about to be closed."""
        number, self._number, self._unsent = self._number, None, b""
        if number is not None:
            loop = asyncio.get_running_loop()
            loop.remove_reader(number)
            loop.remove_writer(number)

    def too_much(self) -> None:
        """More than ``most_unsent`` waits."""
        self.broke(f"does not take what it is sent ({self.most_unsent // 1024} KiB wait)")

    def send(self, data: bytes) -> None:
        if self._number is not None:
            self._unsent += data
            self._write(self._number)

    def broke(self, why: str) -> None:
        """The line is closed, and the driver is told why."""
        self.disconnect()
        self.soon_lost(why)

    def soon_lost(self, why: str) -> None:
        """The driver is told in a moment that there is no line."""
        asyncio.get_running_loop().call_soon(self._tell_lost, why)

    def _opened(self, number: int) -> None:
        if number == self._number and self._carrier is not None:
            self._carrier.connected()

    def _read(self, number: int) -> None:
        if number != self._number:
            return
        try:
            data = os.read(number, _PIECE)
        except BlockingIOError:
            return
        except OSError as error:
            self.broke(f"is unplugged ({error.strerror})")
            return
        if not data:
            self.broke("is unplugged")
        elif self._carrier is not None:
            self._carrier.received(data)

    def _write(self, number: int) -> None:
        if number != self._number:
            return
        try:
            self._unsent = self._unsent[os.write(number, self._unsent) :]
        except BlockingIOError:
            pass
        except OSError as error:
            self.broke(f"is unplugged ({error.strerror})")
            return
        if len(self._unsent) > self.most_unsent:
            self.too_much()
        if number != self._number:
            return
        if self._unsent:
            asyncio.get_running_loop().add_writer(number, self._write, number)
        else:
            asyncio.get_running_loop().remove_writer(number)

    def _tell_lost(self, why: str) -> None:
        if self._carrier is not None and self._number is None:
            self._carrier.lost(why)
