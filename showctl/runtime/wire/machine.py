"""What the wire process asks of the machine: to be woken on time, and to be told why it was not."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import sys
import time
from pathlib import Path
from typing import Final

from showctl.runtime.turns import take_short_turns
from showctl.show.instants import MILLISECOND, SECOND, Instant

log = logging.getLogger(__name__)

PRIORITY: Final = 50
"""Of SCHED_FIFO: above everything ordinary, below the kernel's own interrupt threads at 50 and over."""
NICE: Final = -15
"""Where that is refused: before the engine, too (``prompt.py``)."""
_PR_SET_TIMERSLACK: Final = 29  # linux/prctl.h
_PR_SET_THP_DISABLE: Final = 41


def prefer() -> int:
    """Makes this thread punctual; says (and logs) whether the system let us."""
    sys.setswitchinterval(0.0005)  # a widget's thread gives way within half a millisecond
    gc.collect()
    gc.freeze()
    gc.disable()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)
        ctypes.CDLL(None).prctl(_PR_SET_THP_DISABLE, 1, 0, 0, 0)  # to find a huge page the kernel may take milliseconds
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))
    except (OSError, AttributeError) as problem:
        with contextlib.suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, 0, NICE)
        take_short_turns()
        log.warning("Frames are sent without real-time priority (%s): on a busy machine they may be late.", problem)
        return 0
    return 1


def sleep_until(at: Instant) -> None:
    left = at - time.monotonic_ns()
    if left > 0:
        time.sleep(left / SECOND)


def asleep() -> int:
    """How long this machine has slept since it was started, and a constant."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns()


def held_up() -> tuple[float, float]:
    """Milliseconds so far that this thread waited for a core, and that a virtual machine's host kept its cores; 0 if unknown."""
    waited = stolen = 0.0
    with contextlib.suppress(OSError, ValueError, IndexError):
        waited = int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / MILLISECOND
        stolen = int(Path("/proc/stat").read_text().split(maxsplit=9)[8]) * 1000 / os.sysconf("SC_CLK_TCK")
    return waited, stolen
