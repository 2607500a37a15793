"""``showctl run`` is this: it starts the wire, the engine and the console, restarts what dies, and alone ends the wire.

Each runs in a session of its own, so a closed terminal or ctrl-C reaches only the supervisor, and a supervisor that is
killed takes neither with it: the light goes on, and the next supervisor adopts the wire that it finds at the socket. At
the end the engine is asked to stop and the wire to leave (exit look, terminations), and both are waited for.

Engines are made by their *understudy* (``understudy.py``): the same program, which has imported and read everything, and forks
an engine at the start and whenever one has died, as often as it must; starting Python afresh would cost a second or two. An
understudy that dies is replaced while its engine goes on; only one that cannot prepare is done without.

Exit codes: 0 the engine was done, or the end was asked for, 2 the engine or the wire cannot run this show, 1 the engine never
came up. A wire that ends with ``NO_SHOW`` cannot read the show: the engine, which reads it, too, says what is wrong with it.
No numpy, no show: this process must have nothing to fail at.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from showctl.runtime.understudy import Understudy

log = logging.getLogger(__name__)

FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 5.0
"""Seconds before something that died is started again; longer each time. What had lived for ``SETTLED`` starts again at once."""
SETTLED: Final = 10.0
STARTS: Final = 5
"""An engine that has never lived for ``SETTLED`` seconds is given up after so many starts."""
WIRE_GRACE: Final = 8.0
"""Seconds that the wire may take to leave: a one-second fade, three terminations, slow widgets."""
ENGINE_GRACE: Final = 5.0
FRONT_GRACE: Final = 2.0
FRONT_CANNOT: Final = 2
"""Exit code of a console whose port is somebody else's."""
UNDERSTUDY_AFTER: Final = 0.5
"""Seconds that an engine has to itself to come up without an understudy, before one begins to prepare."""
PREPARES_WITHIN: Final = 60.0
"""Seconds; an understudy that has not read the show by then is done without."""
NO_SHOW: Final = 3
PRIORITY: Final = 20
"""Of SCHED_RR, as the engine's (``prompt.py``)."""
_ENDS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Child:
    """A program that is kept running."""

    def __init__(self, name: str, argv: Sequence[str], pid: int | None = None, understudy: Understudy | None = None) -> None:
        self.name, self._argv = name, list(argv)
        self.understudy = understudy
        self.code: int | None = None
        """How it exited last; None for one that was adopted."""
        self.starts = 0
        self.settled = False
        self.due = 0.0
        """When it may be started (again)."""
        self._wait = FIRST_WAIT
        self._process: subprocess.Popen[bytes] | None = None
        self._forked: int | None = None
        """The process id of one that its understudy made."""
        self._began = self._preparing = time.monotonic()
        self.pidfd: int | None = None if pid is None else os.pidfd_open(pid)

    def start(self) -> None:
        """Starts it in a session of its own: its understudy does, once that has prepared. Call it again until it runs."""
        if self.understudy is not None and self._is_prepared_for(self.understudy):
            return
        self.starts, self._began = self.starts + 1, time.monotonic()
        self._process = None
        self._forked = None if self.understudy is None else self.understudy.step_in()
        if self._forked is not None:
            with contextlib.suppress(ProcessLookupError):  # its understudy died with it: nobody is left to reap it
                self.pidfd = os.pidfd_open(self._forked)
                return
        self._process = subprocess.Popen(self._argv, start_new_session=True, stdin=subprocess.DEVNULL)
        self._forked, self.pidfd = None, os.pidfd_open(self._process.pid)

    def _is_prepared_for(self, understudy: Understudy) -> bool:
        """Whether its understudy is still preparing: to wait for it is quicker than to begin anew."""
        if not understudy.there:
            understudy.prepare()
            self._preparing = time.monotonic()
        if not understudy.alive or understudy.ready:
            return False
        left = self._preparing + PREPARES_WITHIN - time.monotonic()
        if left <= 0:
            log.warning("The understudy has not prepared within %.0f s; the engine starts without it.", PREPARES_WITHIN)
            understudy.dismiss()
            return False
        self.due = time.monotonic() + left
        return True

    def died(self) -> None:
        """Takes note of its death, and of when it may come back."""
        if self.pidfd is not None:
            os.close(self.pidfd)
        self.pidfd = None
        self.code = self._how()
        lived = time.monotonic() - self._began
        self.settled |= lived >= SETTLED
        self._wait = FIRST_WAIT / 2 if lived >= SETTLED else min(self._wait * 2, LONGEST_WAIT)
        self.due = time.monotonic() + (0.0 if lived >= SETTLED else self._wait)

    def _how(self) -> int | None:
        if self._process is not None:
            return self._process.wait()
        return None if self._forked is None or self.understudy is None else self.understudy.code_of(self._forked)

    def rehearse(self) -> float | None:
        """Lets an understudy prepare once it is time; gives the seconds until then, None where nothing is to be waited for.

        One that could not prepare is not tried again before its engine dies: the fault will show then.
        """
        if self.understudy is None or self.pidfd is None:
            return None
        if self.understudy.ready and not self.understudy.alive:
            log.warning("The engine's understudy ended; another one prepares.")
            self.understudy.dismiss()
        if self.understudy.there:
            return None
        left = self._began + UNDERSTUDY_AFTER - time.monotonic()
        if left <= 0:
            self.understudy.prepare()
            self._preparing = time.monotonic()
            return None
        return left

    def signal(self, number: signal.Signals) -> None:
        """Sends it a signal, if it runs."""
        if self.pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.pidfd, number)

    def gone(self, seconds: float) -> bool:
        """Waits for its end, so long at most; says whether it has ended."""
        if self.pidfd is not None and select.select([self.pidfd], [], [], max(seconds, 0))[0]:
            self.died()
        return self.pidfd is None


def supervise(
    engine_argv: Sequence[str],
    wire_argv: Sequence[str],
    socket_path: Path,
    understudy_argv: Sequence[str] | None = None,
    front_argv: Sequence[str] | None = None,
) -> int:
    """Keeps all running until a signal, or until the engine is done; gives the exit code."""
    _prefer()
    woken, wake = socket.socketpair()
    wake.setblocking(False)
    old_wakeup = signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    old = {number: signal.signal(number, lambda *_: None) for number in _ENDS}
    try:
        wire = Child("wire", wire_argv, pid=_listener(socket_path))
        if wire.pidfd is not None:
            log.info("A wire process runs already; its light goes on.")
        understudy = None if understudy_argv is None else Understudy(understudy_argv)
        engine = Child("engine", engine_argv, understudy=understudy)
        front = None if front_argv is None else Child("console", front_argv)
        code = _keep(engine, wire, front, woken)
        _end(engine, wire, front, woken)
        if understudy is not None:
            understudy.dismiss()
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(old_wakeup)
        woken.close()
        wake.close()
    return code


def _keep(engine: Child, wire: Child, front: Child | None, woken: socket.socket) -> int:
    children = [wire, engine, *([] if front is None else [front])]
    while True:
        for child in children:
            if child.pidfd is None and time.monotonic() >= child.due:
                child.start()
        waits = [child.due - time.monotonic() for child in children if child.pidfd is None]
        waits += [left for left in (engine.rehearse(),) if left is not None]
        watched: list[int | socket.socket] = [woken, *(child.pidfd for child in children if child.pidfd is not None)]
        wings = None if engine.understudy is None else engine.understudy.watched()
        ready = select.select([*watched, *([] if wings is None else [wings])], [], [], max(min(waits, default=60.0), 0.0))[0]
        if woken in ready:
            woken.recv(64)
            return 0
        if engine.understudy is not None and wings in ready:
            engine.understudy.listen()
            if engine.pidfd is None:
                engine.due = 0.0  # whoever is ready, or has ended, is not waited for any more
        for child in list(children):
            if child.pidfd not in ready:
                continue
            child.died()
            if child is front and child.code == FRONT_CANNOT:
                children.remove(child)  # it has said why; the show needs no page
                continue
            if child is not front and child.code in (0, 2):  # done, or it never can: once more is of no use
                return child.code
            if child is engine and not child.settled and child.starts >= STARTS:
                log.error("The engine has not come up in %d starts; giving up.", child.starts)
                return 1
            if child.code != NO_SHOW:
                log.error("The %s ended (%s) and is started again.", child.name, _words(child.code))


def _end(engine: Child, wire: Child, front: Child | None, woken: socket.socket) -> None:
    """The engine first hears of it, so that it stops its players; the wire needs no engine to leave."""
    engine.signal(signal.SIGTERM)
    if front is not None:
        front.signal(signal.SIGTERM)
    wire.signal(signal.SIGTERM)
    if not wire.gone(WIRE_GRACE):
        log.error("The wire process does not end and is killed; receivers see its streams time out.")
        wire.signal(signal.SIGKILL)
        wire.gone(1.0)
    impatient = bool(select.select([woken], [], [], 0)[0])
    if not engine.gone(0.0 if impatient else ENGINE_GRACE):
        engine.signal(signal.SIGKILL)
        engine.gone(1.0)
    if front is not None and not front.gone(0.0 if impatient else FRONT_GRACE):
        front.signal(signal.SIGKILL)
        front.gone(1.0)


def _prefer() -> None:
    """This thread, but nobody that it starts, goes before ordinary programs: it sleeps until somebody dies."""
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))


def _listener(path: Path) -> int | None:
    """The process that listens at ``path``; None where nobody does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return None
        pid, _, _ = struct.unpack("3i", probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return int(pid)


def _words(code: int | None) -> str:
    if code is None:
        return "nobody knows how"
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
