"""A driver over a serial line: opened when the driver says so, written without waiting, and every end told of.

pyserial sets the line up (speed, parity); bytes go as on any open file (``descriptor.py``), so a line that takes nothing more
delays nobody. What it does not take is kept up to a bound; past it the port is closed. A port that is in other hands stays there.
"""

from __future__ import annotations

from typing import Final

import serial

from showctl.runtime.links.descriptor import DescriptorLink

BAUD: Final = 9600
_PARITIES: Final = {"even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}


class SerialLink(DescriptorLink):
    """One port by path: ``/dev/ttyUSB0``, or better a name that stays, ``/dev/serial/by-id/...``."""

    def __init__(self, path: str, baud: str = "", parity: str = "") -> None:
        super().__init__()
        self._path, self._baud = path, int(baud) if baud.isdigit() else BAUD
        self._parity = _PARITIES.get(parity, serial.PARITY_NONE)
        self._port: serial.Serial | None = None

    def connect(self) -> None:
        self.disconnect()
        try:
            self._port = serial.Serial(self._path, self._baud, parity=self._parity, timeout=0, write_timeout=0, exclusive=True)
        except (OSError, ValueError) as error:  # SerialException is an OSError
            why = "is somebody else's" if "exclusively" in str(error) else "is not there"
            self.soon_lost(f"has no line: {self._path} {why}")
            return
        self.attach(self._port.fileno(), reads=True)

    def disconnect(self) -> None:
        self.detach()
        port, self._port = self._port, None
        if port is not None:
            port.close()
