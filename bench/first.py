"""A bench before what else runs on this machine: what it finds is nearer to what a quiet one would.

Nice values only, and those of sessions where the system shares cores between these: within the bench everything stands to
everything else as it does elsewhere. What is in real time (wire, engine) stays there. It needs to be permitted (root).
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

NICE = -14


def hurry() -> None:
    """This process, and what it starts, goes first."""
    os.setpriority(os.PRIO_PROCESS, 0, NICE)
    with contextlib.suppress(OSError):
        os.setsid()
    _session(os.getpid())


def sessions() -> None:
    """So do the sessions that programs which were started from here have begun."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
    ours = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in ours} - ours:
        ours |= more
    for process in ours:
        _session(process)


def put(process: int, nice: int) -> None:
    """``process`` is as urgent as its nice value says, seen from this bench."""
    _session(process)
    for task in Path(f"/proc/{process}/task").iterdir():
        os.setpriority(os.PRIO_PROCESS, int(task.name), NICE + nice)


def _session(process: int) -> None:
    with contextlib.suppress(OSError):
        Path(f"/proc/{process}/autogroup").write_text(str(NICE))
