"""Makes the engine prompt: what a GO waits for is nobody's housekeeping, not even our own.

Where the system permits, its threads run under SCHED_RR, below the wire (``wire/machine.py``) and above everything ordinary;
all of them, for one that waits for its turn while it holds Python's lock holds up the others. Elsewhere they are as high as a
nice value goes, and take short turns (``turns.py``). An engine that takes the whole of a core for half a second is ordinary for a
while: no machine is to stand still for us. What is loaded is never looked through for garbage again.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final

from showctl.runtime.turns import all_take_short_turns

log = logging.getLogger(__name__)

PRIORITY: Final = 20
"""Of SCHED_RR; the wire's is higher."""
COMING_UP: Final = 10
"""The same of an engine that comes up: a show that runs on this machine, too, is not to wait for it."""
PLAYERS: Final = 5
"""The same of what a player puts out by; an engine that comes up goes before it."""
NICE: Final = -10
LONGEST_US: Final = 500_000
"""Microseconds of a core in one piece."""
ORDINARY_FOR: Final = 5.0
"""Seconds, after such a piece."""
SWITCH: Final = 0.0005
"""Seconds after which a thread that computes gives way: an answer to a question, for instance, to the show."""


def prompt() -> None:
    """This process is prompt from now on. To be called on its loop, when everything is loaded."""
    sys.setswitchinterval(SWITCH)
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
    loop = asyncio.get_running_loop()

    def too_long(_signal: int, _frame: object) -> None:
        _schedule("SCHED_OTHER", 0)
        log.warning("The engine took a core for half a second at a stretch; it goes on without real-time priority for a while.")
        loop.call_soon_threadsafe(loop.call_later, ORDINARY_FOR, _in_real_time, PRIORITY)

    if not _unless(too_long):
        all_take_short_turns()
        log.info("The engine runs without real-time priority: on a busy machine a GO may take a little longer.")


def hurry() -> None:
    """Who waits to be an engine is prompt, and so is what it makes, while that comes up: it has no loop yet.

    ``prompt`` comes later.
    """
    _unless(lambda *_: take_time(), COMING_UP)


def take_time() -> None:
    """What comes now takes long, and nobody waits for it."""
    _schedule("SCHED_OTHER", 0)


def ordinary(program: int, but: Callable[[int, str], bool] = lambda *_: False) -> None:
    """A program that was started from here, by its process: it may take a core for as long as it needs.

    It would go before others as we do, and be ended by the limit that has us step back. It goes before them as far as a nice
    value does that: what it plays is part of the show. Its threads (number, name) that ``but`` holds for do as much as they
    have to and no more: they go before others in real time, where the system permits that, and what they make does not.
    """
    with contextlib.suppress(OSError, AttributeError):
        hard = resource.prlimit(program, resource.RLIMIT_RTTIME)[1]
        resource.prlimit(program, resource.RLIMIT_RTTIME, (hard, hard))
        for task in Path(f"/proc/{program}/task").iterdir():
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                number = int(task.name)
                if but(number, (task / "comm").read_text().strip()):
                    os.sched_setscheduler(number, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(PLAYERS))
                else:
                    os.sched_setscheduler(number, os.SCHED_OTHER, os.sched_param(0))
                    os.setpriority(os.PRIO_PROCESS, number, NICE)


def _unless(too_long: Callable[[int, FrameType | None], object], priority: int = PRIORITY) -> bool:
    """In real time from now on, with ``too_long`` for when that takes a core for too long; says whether the system permits it."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        signal.signal(signal.SIGXCPU, too_long)
        return _in_real_time(priority)
    return False


def _in_real_time(priority: int) -> bool:
    try:
        resource.setrlimit(resource.RLIMIT_RTTIME, (LONGEST_US, resource.getrlimit(resource.RLIMIT_RTTIME)[1]))
        return _schedule("SCHED_RR", priority)
    except (OSError, ValueError, AttributeError):
        return False


def _schedule(policy: str, priority: int) -> bool:
    """Every thread there is; those that come inherit it."""
    try:
        for task in Path("/proc/self/task").iterdir():
            with contextlib.suppress(ProcessLookupError):
                os.sched_setscheduler(int(task.name), getattr(os, policy), os.sched_param(priority))
    except (OSError, AttributeError):
        return False
    return True
