"""A driver over a serial line: opened when the driver says so, written without waiting, and every end told of.

pyserial sets the line up (speed, parity); bytes are read and written on the event loop, so a line that takes nothing more
delays nobody. What it does not take is kept up to a bound; past it the port is closed. A port that is in other hands stays there.
"""

from __future__ import annotations

import asyncio
import os
from typing import Final

import serial

from showctl.runtime.links.carrier import Carrier, Link

BAUD: Final = 9600
MOST_UNSENT: Final = 64 * 1024
_PIECE: Final = 4096
_PARITIES: Final = {"even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}


class SerialLink(Link):
    """One port by path: ``/dev/ttyUSB0``, or better a name that stays, ``/dev/serial/by-id/...``."""

    def __init__(self, path: str, baud: str = "", parity: str = "") -> None:
        self._path, self._baud = path, int(baud) if baud.isdigit() else BAUD
        self._parity = _PARITIES.get(parity, serial.PARITY_NONE)
        self._carrier: Carrier | None = None
        self._port: serial.Serial | None = None
        self._unsent = b""

    def open(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def close(self) -> None:
        self._carrier = None
        self.disconnect()

    def connect(self) -> None:
        self.disconnect()
        try:
            self._port = serial.Serial(self._path, self._baud, parity=self._parity, timeout=0, write_timeout=0, exclusive=True)
        except (OSError, ValueError) as error:  # SerialException is an OSError
            why = "is somebody else's" if "exclusively" in str(error) else "is not there"
            self._soon(f"has no line: {self._path} {why}")
            return
        asyncio.get_running_loop().add_reader(self._port.fileno(), self._read, self._port)
        asyncio.get_running_loop().call_soon(self._opened, self._port)

    def disconnect(self) -> None:
        port, self._port, self._unsent = self._port, None, b""
        if port is not None:
            loop = asyncio.get_running_loop()
            loop.remove_reader(port.fileno())
            loop.remove_writer(port.fileno())
            port.close()

    def send(self, data: bytes) -> None:
        if self._port is not None:
            self._unsent += data
            self._write(self._port)

    def _opened(self, port: serial.Serial) -> None:
        if port is self._port and self._carrier is not None:
            self._carrier.connected()

    def _read(self, port: serial.Serial) -> None:
        if port is not self._port:
            return
        try:
            data = os.read(port.fileno(), _PIECE)
        except BlockingIOError:
            return
        except OSError as error:
            self._broke(f"is unplugged ({error.strerror})")
            return
        if not data:
            self._broke("is unplugged")
        elif self._carrier is not None:
            self._carrier.received(data)

    def _write(self, port: serial.Serial) -> None:
        if port is not self._port:
            return
        try:
            self._unsent = self._unsent[os.write(port.fileno(), self._unsent) :]
        except BlockingIOError:
            pass
        except OSError as error:
            self._broke(f"is unplugged ({error.strerror})")
            return
        if len(self._unsent) > MOST_UNSENT:
            self._broke(f"does not take what it is sent ({MOST_UNSENT // 1024} KiB wait)")
        elif self._unsent:
            asyncio.get_running_loop().add_writer(port.fileno(), self._write, port)
        else:
            asyncio.get_running_loop().remove_writer(port.fileno())

    def _broke(self, why: str) -> None:
        self.disconnect()
        self._soon(why)

    def _soon(self, why: str) -> None:
        """Told from a turn of its own: the driver may be speaking."""
        asyncio.get_running_loop().call_soon(self._tell_lost, why)

    def _tell_lost(self, why: str) -> None:
        if self._carrier is not None and self._port is None:
            self._carrier.lost(why)
