"""A USB Pro widget's port: a thread that always writes the newest message, and opens again what was unplugged.

The frame loop puts a message into a mailbox of one and goes on; it never waits for a cable. A port is bound by the widget's
serial number, by ``vid:pid`` or by a path, whatever name the system gives it this time, and only ports that the show names
are ever opened. The first error closes the port at once, so that the system can give its name away again.
"""

from __future__ import annotations

import logging
import os
import re
import select
import termios
import threading
import tty
from pathlib import Path
from typing import Final

from serial.tools import list_ports

log = logging.getLogger(__name__)

FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 1.0
"""Seconds between attempts to open: the look is to be back within a second of the widget."""
STUCK: Final = 2.0
"""Seconds without a byte taken, after which a port is taken for dead."""


class UsbPort:
    """One widget. ``directory`` (the simulated venue's) is looked in instead of the system's own ports."""

    def __init__(self, device: str, directory: Path | None = None) -> None:
        self.device = device
        self.opened = 0
        self.replaced = 0
        self.is_open = False
        self._directory = directory
        self._mail: bytes | None = None
        self._newest: bytes | None = None
        self._written = True
        self._closing = False
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=f"usb {device}", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """The widget is to show ``data``; what waits unwritten is replaced."""
        with self._wake:
            self.replaced += self._mail is not None
            self._mail = self._newest = data
            self._written = False
            self._wake.notify_all()

    def flush(self, seconds: float) -> bool:
        """Waits until the newest message is written, so long at most; says whether it is."""
        with self._wake:
            return self._wake.wait_for(lambda: self._written, seconds) if self.is_open else self._written

    def close(self) -> None:
        """Ends the thread and closes the port."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        self._thread.join(STUCK + 1)

    def _run(self) -> None:
        wait, told = FIRST_WAIT, False
        while not self._closing:
            port = self._open()
            if port is None:
                if not told:
                    log.warning("USB widget %s is not there; it is looked for until it comes.", self.device)
                told = True
                with self._wake:
                    self._wake.wait_for(lambda: self._closing, wait)
                wait = min(wait * 2, LONGEST_WAIT)
                continue
            if told or self.opened:
                log.info("USB widget %s is there.", self.device)
            wait, told = FIRST_WAIT, False
            with self._wake:
                self.opened, self.is_open = self.opened + 1, True
                self._mail = self._newest  # what shows now, not darkness
            try:
                self._serve(port)
            except OSError as problem:
                log.warning("USB widget %s is gone (%s).", self.device, problem.strerror or problem)
                told = True
            finally:
                os.close(port)
                with self._wake:
                    self.is_open = False
                    self._wake.notify_all()

    def _open(self) -> int | None:
        try:
            path = self._path()
            if path is None:
                return None
            port = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            tty.setraw(port)
        except (OSError, termios.error):  # not a terminal: whoever put it there knows why
            os.close(port)
            return None
        return port

    def _path(self) -> str | None:
        if self._directory is not None:
            return _named(self._directory, self.device)
        if self.device.startswith("/"):
            return self.device
        for port in list_ports.comports():
            named = f"{port.vid:04x}:{port.pid:04x}" if port.vid is not None and port.pid is not None else ""
            if self.device == port.serial_number or self.device.lower() == named:
                return str(port.device)
        return None

    def _serve(self, port: int) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._mail is not None or self._closing, 0.5)
                data, self._mail = self._mail, None
                if data is None and self._closing:
                    return
            if data is None:
                self._drain(port)
                continue
            while data:
                ready = select.select([port], [port], [], STUCK)
                if ready[0]:
                    self._drain(port)
                if ready[1]:
                    data = data[os.write(port, data) :]
                elif not ready[0]:
                    raise OSError("takes no bytes")
            with self._wake:
                self._written = self._mail is None
                self._wake.notify_all()

    def _drain(self, port: int) -> None:
        """What the widget says is not asked for here; it is read so that it does not pile up."""
        try:
            if select.select([port], [], [], 0)[0] and not os.read(port, 4096):
                raise OSError("hung up")
        except BlockingIOError:
            return


def _named(directory: Path, device: str) -> str | None:
    """The port in ``directory`` that bears the widget's name alone, or as udev writes it (``..._EN123456-if00-port0``)."""
    exact = directory / device
    if exact.exists():
        return str(exact)
    word = re.sub(r"[^A-Za-z0-9_-]", "_", device)
    return next((str(path) for path in sorted(directory.glob(f"*_{word}-if*"))), None)
