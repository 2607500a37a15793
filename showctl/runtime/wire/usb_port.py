"""A USB Pro widget's port: a thread that always writes the newest message, and opens again what was unplugged.

The frame loop puts a message into a mailbox of one and goes on; it never waits for a cable. Which port is meant is
``usb_names.py``'s business, what is asked of the widget ``usb_widget.py``'s. A port is opened for us alone. The first error
closes it at once, so that the system can give its name away again; so does a widget that takes no bytes for two seconds.
"""

from __future__ import annotations

import fcntl
import logging
import os
import select
import termios
import threading
import tty
from collections import deque
from pathlib import Path
from typing import Final

from showctl.runtime.wire.usb_names import NAMES, Names
from showctl.runtime.wire.usb_widget import Widget, listening

log = logging.getLogger(__name__)

FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 1.0
"""Seconds between attempts to open: the look is to be back within a second of the widget."""
STUCK: Final = 2.0
"""Seconds without a byte taken, after which a port is taken for dead."""
MOST_SAID: Final = 64
"""Questions that wait, and pieces of answers that are kept: the oldest are dropped."""
ANSWER_TIME: Final = 0.25
"""Seconds that a widget gets to answer before the next frame; it takes a few milliseconds, where nothing waits before it."""


class UsbPort:
    """One widget. ``directory`` (the simulated venue's) is looked in instead of the system's own ports."""

    def __init__(self, device: str, directory: Path | None = None, names: Names = NAMES, *, receives: bool = False) -> None:
        """``receives``: it is an input, and never written to but for that."""
        self.device = device
        self._receives, self._taken = receives, 0
        self.widget = Widget()
        self.path = ""
        """Under which name it is open now."""
        self._names = names
        names.want(device)
        self.opened = 0
        self.replaced = 0
        self.is_open = False
        self._directory = directory
        self._mail: bytes | None = None
        self._newest: bytes | None = None
        self._written = True
        self._closing = False
        self._said: deque[bytes] = deque(maxlen=MOST_SAID)
        self._heard: deque[bytes] = deque(maxlen=MOST_SAID)
        self._listening = False
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

    def say(self, data: bytes) -> None:
        """Asks the widget something between two frames; what it says from now on is kept for ``take_heard``."""
        with self._wake:
            self._listening = True
            self._said.append(data)
            self._wake.notify_all()

    def take_heard(self) -> list[bytes]:
        """What the widget has said, since it was last asked something."""
        if not self._heard:
            return []
        with self._wake:
            heard = list(self._heard)
            self._heard.clear()
        return heard

    def take_levels(self) -> bytes | None:
        """The newest levels that came in on its cable; None where none have come since the last call."""
        packets, levels = self.widget.packets, self.widget.received
        if packets == self._taken or not self.is_open:
            return None
        self._taken = packets
        return levels

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
        self._names.forget(self.device)

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
                self._names.give_back(self.device)
                with self._wake:
                    self.is_open, self.path = False, ""
                    self._wake.notify_all()

    def _open(self) -> int | None:
        port = -1
        try:
            path = self._names.take(self.device, self._directory)
            if path is None:
                return None
            port = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
            tty.setraw(port)
            fcntl.flock(port, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (OSError, termios.error):  # gone again, somebody else's, or no terminal: whoever put it there knows why
            if port >= 0:
                os.close(port)
            self._names.give_back(self.device)
            return None
        self.path = path
        return port

    def _serve(self, port: int) -> None:
        self._push(port, self.widget.opened())
        if self._receives:
            self._push(port, listening(on_change=False))
        while self._receives:
            with self._wake:
                if self._closing:
                    return
            self._push(port, self._drain(port, ANSWER_TIME))
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._mail is not None or self._said or self._closing, 0.5)
                said = self._said.popleft() if self._said else None
                data, self._mail = self._mail, None
                if data is None and said is None and self._closing:
                    return
            if said is not None:
                self._push(port, said)
                self._push(port, self._drain(port, ANSWER_TIME))
            if data is None:
                self._push(port, self._drain(port))
                continue
            self._push(port, data)
            with self._wake:
                self._written = self._mail is None
                self._wake.notify_all()

    def _push(self, port: int, data: bytes) -> None:
        """Writes ``data`` whole; what the widget answers meanwhile is heard, and its own answers follow."""
        after = b""
        while data:
            ready = select.select([port], [port], [], STUCK)
            if ready[0]:
                after += self._drain(port)
            if ready[1]:
                data = data[os.write(port, data) :]
            elif not ready[0]:
                raise OSError("takes no bytes")
            if not data:
                data, after = after, b""

    def _drain(self, port: int, patience: float = 0) -> bytes:
        """Hears what the widget says; gives what is to be written because of it. ``patience``: waits so long for it to begin."""
        try:
            if not select.select([port], [], [], patience)[0]:
                return b""
            if not (data := os.read(port, 4096)):
                raise OSError("hung up")
        except BlockingIOError:
            return b""
        if self._listening:
            with self._wake:
                self._heard.append(data)
        return self.widget.heard(data)
