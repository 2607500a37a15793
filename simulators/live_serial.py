"""USB Pro widgets, and what else is reached by a serial line, as real serial ports: a pseudo-terminal each.

The links stand in one directory. A widget's looks as udev would have made it (``usb-ENTTEC_DMX_USB_PRO_EN123456-if00-port0``),
another device's has the last part of its path (``ttyUSB7``), a sound output or a MIDI port its whole name (``audio:NAME``). A
widget takes bytes no faster than 250 kbaud bring them, so a controller that writes too much meets back pressure. What is pulled
out takes its link with it and its controller reads an error; plugged in again it is a new terminal under the same name.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import tty
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from simulators.live import LiveVenue

SLOT_SECONDS: Final = 44e-6
"""One byte at 250 kbaud with one start and two stop bits."""
_PIECE: Final = 256
_SOUND: Final = 4096
"""Sound is 96 kB a second, and has no slots."""
_NAMED: Final = ("/", "audio:", "portaudio:", "midi:")
"""How ports begin that are no widgets."""


class SerialPorts:
    """The widgets' terminals. ``directory`` is made where it is missing."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._masters: dict[str, int] = {}
        self._slaves: dict[str, int] = {}
        self._live: LiveVenue

    def path_of(self, port: str) -> Path:
        """The name under which a port can be opened: a widget's, or that of a device with a path."""
        if port.startswith(_NAMED):
            return self.directory / Path(port).name
        return self.directory / f"usb-ENTTEC_DMX_USB_PRO_{re.sub(r'[^A-Za-z0-9_-]', '_', port)}-if00-port0"

    def open(self, live: LiveVenue) -> None:
        """The ports appear when the widgets are on (``follow``)."""
        self._live = live
        self.directory.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        """Takes every port and its name away."""
        for port in list(self._masters):
            self.pull_out(port)

    def follow(self, live: LiveVenue) -> None:
        """What is on has a port, what is off has none."""
        for device in live.venue.devices.values():
            for port in (endpoint.name for endpoint in device.endpoints if endpoint.kind == "serial"):
                if device.powered and port not in self._masters:
                    self._plug_in(port)
                elif not device.powered and port in self._masters:
                    self.pull_out(port)

    def write(self, port: str, data: bytes) -> None:
        """What a widget says to its controller."""
        if port in self._masters:
            with contextlib.suppress(BlockingIOError):  # nobody reads
                os.write(self._masters[port], data)

    def pull_out(self, port: str) -> None:
        """The port is gone, and so is its name."""
        master, slave = self._masters.pop(port, None), self._slaves.pop(port, None)
        if master is not None and slave is not None:
            asyncio.get_running_loop().remove_reader(master)
            self.path_of(port).unlink(missing_ok=True)
            os.close(slave)
            os.close(master)

    def _plug_in(self, port: str) -> None:
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        # Our own hand on the slave keeps the terminal alive between controllers.
        self._masters[port], self._slaves[port] = master, slave
        name = self.path_of(port)
        name.unlink(missing_ok=True)
        name.symlink_to(os.ttyname(slave))
        asyncio.get_running_loop().add_reader(master, self._read, port, master)

    def _read(self, port: str, master: int) -> None:
        loop = asyncio.get_running_loop()
        try:
            data = os.read(master, _SOUND if port.startswith(_NAMED) else _PIECE)
        except OSError:
            return
        if not port.startswith(_NAMED):  # a widget takes slots no faster than its cable does; other ports have no slots
            loop.remove_reader(master)
            loop.call_later(len(data) * SLOT_SECONDS, self._go_on, port, master)
        now = self._live.now()
        venue = self._live.venue
        venue.wake(now)
        if not venue.serial(port, data, now) and venue.open_serial(port, now):
            venue.serial(port, data, now)
        self._live.flush()

    def _go_on(self, port: str, master: int) -> None:
        if self._masters.get(port) == master:
            asyncio.get_running_loop().add_reader(master, self._read, port, master)
