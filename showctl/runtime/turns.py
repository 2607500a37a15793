"""Short turns: what a thread can have of the scheduler without any permission.

Where real-time priority is refused, a thread that wakes may wait for a whole turn (3 ms) of whoever computes. Linux from 6.12
lets an ordinary thread ask for short turns of its own: it gets no more of a core by that, and it gets it sooner
(sched_setattr(2), ``sched_runtime`` of SCHED_OTHER). Elsewhere nothing happens.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import struct
from pathlib import Path
from typing import Final

TURN_NS: Final = 100_000
"""The shortest that the kernel grants."""
_SCHED_SETATTR: Final = {"x86_64": 314, "aarch64": 274, "armv7l": 380, "riscv64": 274}
"""Its number, by machine: C libraries know its name only of late."""
_ATTRIBUTES: Final = struct.Struct("=IIQiIQQQ")
"""struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period."""


def all_take_short_turns() -> None:
    """Every thread of this process, where it runs under Linux."""
    with contextlib.suppress(OSError):
        for task in Path("/proc/self/task").iterdir():
            take_short_turns(int(task.name))


def take_short_turns(thread: int = 0) -> bool:
    """``thread`` (0: this one), which is an ordinary one, and what it makes from now on; says whether the system took it.

    Its nice value stays as it is.
    """
    number = _SCHED_SETATTR.get(platform.machine())
    try:
        if number is None or os.sched_getscheduler(thread) != os.SCHED_OTHER:
            return False
        nice = os.getpriority(os.PRIO_PROCESS, thread)
        asked = _ATTRIBUTES.pack(_ATTRIBUTES.size, os.SCHED_OTHER, 0, nice, 0, TURN_NS, 0, 0)
        return bool(ctypes.CDLL(None).syscall(number, thread, ctypes.create_string_buffer(asked, len(asked)), 0) == 0)
    except (OSError, AttributeError):
        return False
