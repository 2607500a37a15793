"""The understudy: a process that has imported and read everything, and makes an engine by a fork whenever one is needed.

``Understudy`` is the supervisor's end, ``stand_by`` the process's own. They speak in lines over a socket, which is its standard
input: it says ``ready``; to ``go on`` it answers ``pid N``, and that is an engine in a session of its own; to ``how N`` it
answers ``code C``, for it alone can know how its children ended. Every engine is made so, the first one, too: there is no moment
at which an engine may die and nobody stands by. A fork takes some hundredths of a second, and what was read is shared between
them. No numpy here: the supervisor has nothing to fail at.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Final

log = logging.getLogger(__name__)

ANSWER_WITHIN: Final = 3.0
"""Seconds: it may be reading a show that was reloaded, and whoever starts instead would have to read that, too."""
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
_PR_GET_PDEATHSIG: Final = 2


class Understudy:
    """The supervisor's end of one."""

    def __init__(self, argv: Sequence[str]) -> None:
        self._argv = list(argv)
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._heard = b""
        self._ready = self._ended = False
        self._made: set[int] = set()
        """Its engines, whose ends nobody has asked for."""

    @property
    def there(self) -> bool:
        """It was started."""
        return self._process is not None

    @property
    def alive(self) -> bool:
        """It was started, and nobody has heard that it ended."""
        return self._process is not None and not self._ended

    @property
    def ready(self) -> bool:
        """It has prepared."""
        if not self._ready:
            self.listen()
        return self._ready

    def watched(self) -> socket.socket | None:
        """What is readable once there is something to ``listen`` to: it is ready, or it has ended. None where it has ended."""
        return self._socket if self.alive else None

    def listen(self) -> None:
        """Hears whether it is ready, or has ended."""
        if self.alive:
            self._ready |= self._line(0.0) == "ready"

    def prepare(self) -> None:
        """Starts it."""
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(self._argv, start_new_session=True, stdin=theirs.fileno())
        self._heard, self._ready, self._ended = b"", False, False
        self._made.clear()

    def step_in(self) -> int | None:
        """An engine, by its process id; None where there is none that is ready. One that has died is forgotten."""
        if self._process is None or (not self.ready and self.alive):
            return None
        word, _, number = self._ask("go on").partition(" ")
        if word == "pid" and number.isdecimal():
            self._made.add(int(number))
            return int(number)
        self.dismiss()
        return None

    def code_of(self, pid: int) -> int | None:
        """How an engine of its ended, as ``Popen.returncode`` says it; None where nobody knows: another understudy made it."""
        if pid not in self._made:
            return None
        self._made.discard(pid)
        word, _, number = self._ask(f"how {pid}").partition(" ")
        with contextlib.suppress(ValueError):
            return int(number) if word == "code" else None
        return None

    def dismiss(self) -> None:
        """It is not needed any more. Its engines go on."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        if self._socket is not None:
            self._socket.close()
        self._process = self._socket = None
        self._ready = self._ended = False

    def _ask(self, words: str) -> str:
        """Its answer; "" where it has none."""
        if self._socket is None:
            return ""
        try:
            self._socket.sendall(words.encode() + b"\n")
        except OSError:
            return ""
        return self._line(ANSWER_WITHIN)

    def _line(self, within: float) -> str:
        assert self._socket is not None, "whoever listens has somebody to listen to"
        while b"\n" not in self._heard:
            if not select.select([self._socket], [], [], within)[0]:
                return ""
            data = b""
            with contextlib.suppress(OSError):
                data = self._socket.recv(4096)
            if not data:
                self._ended = True
                return ""
            self._heard += data
        line, _, self._heard = self._heard.partition(b"\n")
        return line.decode("ascii", "replace")


def stand_by(prepare: Callable[[], None], every: float) -> None:
    """Prepares, and returns in each engine that is needed. The end of the input is the end of the process.

    ``prepare`` is called each ``every`` seconds: the show may have changed.
    """
    prepare()
    with socket.socket(fileno=os.dup(0)) as said:
        said.sendall(b"ready\n")
        heard = b""
        while True:
            if not select.select([said], [], [], every)[0]:
                prepare()
                continue
            data = said.recv(4096)
            if not data:
                sys.exit(0)
            *lines, heard = (heard + data).split(b"\n")
            for line in lines:
                word, _, number = line.partition(b" ")
                if word == b"how":
                    said.sendall(f"code {_how(int(number))}\n".encode())
                elif _is_engine(said):
                    return


def _is_engine(said: socket.socket) -> bool:
    """Forks; true in the engine. It begins once it has been told of: one that nobody knows is neither ended nor replaced."""
    begins, tells = socket.socketpair()
    if pid := os.fork():
        begins.close()
        with tells:
            said.sendall(f"pid {pid}\n".encode())
            with contextlib.suppress(BrokenPipeError):  # it has died already, as whoever was told will see
                tells.sendall(b"\n")
        return False
    tells.close()
    with begins:
        if not begins.recv(1):
            os._exit(1)  # the understudy died before it had said who we are
    _become_an_engine()
    return True


def _how(pid: int) -> str:
    with contextlib.suppress(ChildProcessError):
        return str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    return "unknown"


def _become_an_engine() -> None:
    """A session of its own, nothing to read, and on the leash that the understudy is on."""
    os.setsid()
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is wanted
        os.dup2(nothing.fileno(), 0)
    libc, number = ctypes.CDLL(None, use_errno=True), ctypes.c_int()
    libc.prctl(_PR_GET_PDEATHSIG, ctypes.byref(number), 0, 0, 0)
    if number.value:  # a fork drops it
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
