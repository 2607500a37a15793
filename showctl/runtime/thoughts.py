"""When the engine's loop thinks of what is to come: after it has answered, a moment at a time, and not for long without a pause.

Between two moments the loop hears what has come in. Pauses are for others: an engine that thinks in real time would keep a core
from them, from the page for instance that is to show the answer. What is due soon is thought of without any, so that it is said
ahead.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from showctl.runtime.clock import ShowClock
from showctl.runtime.playback import Playback
from showctl.show.instants import MILLISECOND

MOMENT: Final = MILLISECOND // 4
"""After so long a thought the loop listens (a single step of the copy may take longer)."""
AFTER: Final = 0.004
"""Seconds from what has happened to the first thought of what comes of it: whoever asked hears the answer before, and devices
their words."""
PAUSE: Final = 0.001
"""Seconds between two moments."""
SOON: Final = 50 * MILLISECOND


class Thoughts:
    """Those of ``playback``; ``done`` is called when all is thought through."""

    def __init__(self, playback: Playback, clock: ShowClock, done: Callable[[], object]) -> None:
        self._playback, self._clock, self._done = playback, clock, done
        self._next: asyncio.TimerHandle | None = None
        self._ended = False

    def stir(self) -> None:
        """Something has happened."""
        if self._next is None and not self._ended:
            self._in(AFTER)

    def end(self) -> None:
        """No more of it."""
        self._ended = True
        if self._next is not None:
            self._next.cancel()

    def _think(self) -> None:
        self._next = None
        playback = self._playback
        end = time.monotonic_ns() + MOMENT
        while more := playback.think():
            if time.monotonic_ns() >= end:
                break
        if more:
            self._in(PAUSE)
        else:
            self._done()

    def _in(self, pause: float) -> None:
        due = self._playback.next_deadline()
        soon = due is not None and due - self._clock.now() < SOON
        self._next = asyncio.get_running_loop().call_later(0 if soon else pause, self._think)
