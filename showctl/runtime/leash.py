"""``python -m showctl.runtime.leash PID PROGRAM ARGS``: becomes PROGRAM, which is asked to end when its parent PID is gone.

However the parent went: the kernel sends SIGTERM (prctl PR_SET_PDEATHSIG, which exec keeps and a change of user would drop). A
demo uses it for all that it starts, so that no orphan remains. ``showctl run`` does not: there the light goes on.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


def leashed(argv: Sequence[str]) -> list[str]:
    """``argv`` on a leash: start it from the main thread, whose end counts."""
    return [sys.executable, "-m", "showctl.runtime.leash", str(os.getpid()), *argv]


def main() -> None:
    """Puts the leash on and becomes the program."""
    parent, *program = sys.argv[1:]
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(parent):  # it went before the leash was on
        sys.exit(0)
    os.execvp(program[0], program)


if __name__ == "__main__":
    main()
