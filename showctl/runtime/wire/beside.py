"""Large plans are made ready on a thread beside the frames, so that no frame waits for them, however large they are.

A stage of a few thousand rows is ready within a frame, and is prepared in it. A plan of a million rows takes a second: until then
the frames go on with the plan that shows, and what a small change touches is drawn over it (``FrameSender``). Light is a function
of time, so a fade that shows late is where it should be. Rehearsal has no thread: there everything is ready at once.
"""

from __future__ import annotations

import contextlib
import gc
import os
import threading
from dataclasses import dataclass
from typing import Final

from showctl.light.plan import Plan
from showctl.light.render import Prepared, Rendering, next_change, prepare
from showctl.show.instants import Instant

PRIORITY: Final = 40
"""Of SCHED_FIFO, where permitted: below the frames, above what would keep this thread from letting go of the interpreter."""
LARGE: Final = 12_000
"""Rows from which on a plan is made ready beside the frames: below, it takes a few milliseconds."""


def stand_beside() -> None:
    """This thread works beside the frames from now on: punctual enough to let go of the interpreter when one is due."""
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(threading.get_native_id(), os.SCHED_FIFO, os.sched_param(PRIORITY))


@dataclass(frozen=True, eq=False, slots=True)
class Ready:
    """``prepared`` counts on ``anchor``; of what was drawn over the last one, it holds the first ``overs``."""

    prepared: Prepared
    anchor: Instant
    overs: int


class Beside:
    """Makes one plan ready at a time. Without ``threaded``, none is too large to be made ready at once."""

    def __init__(self, rendering: Rendering, *, threaded: bool) -> None:
        self._rendering, self._threaded = rendering, threaded
        self._thread: threading.Thread | None = None
        self._ready: Ready | None = None
        self._problem: Exception | None = None
        self._forgotten = False

    @property
    def busy(self) -> bool:
        """A plan is being made ready, or is and was not taken yet."""
        return self._thread is not None

    def wants(self, plan: Plan) -> bool:
        """Whether ``plan`` is too large for a frame."""
        return self._threaded and len(plan.table) >= LARGE

    def ask(self, plan: Plan, anchor: Instant, overs: int, now: Instant) -> None:
        """Begins; ``now`` is show time."""
        assert self._thread is None, "one at a time"
        self._thread = threading.Thread(target=self._run, args=(plan, anchor, overs, now), name="next plan", daemon=True)
        self._thread.start()

    def forget(self) -> None:
        """What is being made ready is not wanted any more."""
        self._forgotten = self._thread is not None

    def take(self) -> Ready | None:
        """What is ready. Raises what preparing it raised."""
        if self._thread is None or self._thread.is_alive():
            return None
        self._thread = None
        problem, self._problem = self._problem, None
        ready, self._ready = self._ready, None
        if self._forgotten:
            self._forgotten = False
            return None
        if problem is not None:
            raise problem
        return ready

    def wait(self) -> None:
        """Until what was begun is ready."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, plan: Plan, anchor: Instant, overs: int, now: Instant) -> None:
        stand_beside()
        try:
            prepared = prepare(self._rendering, plan)
            next_change(prepared, now)  # compiles what shows now
            self._ready = Ready(prepared, anchor, overs)
            gc.freeze()  # it stays: no collection between frames is to look at it
        except Exception as problem:
            self._problem = problem
