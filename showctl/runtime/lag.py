"""How long the engine's loop is deaf: what a GO would have waited for, sampled all the while.

A beat is due every so often, at instants that nothing else keeps to; how late it comes is how long the loop was at something
else. A minute's worth is kept and told with the status (``bench/go.py`` prints it). The loop itself rounds up to a millisecond.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final

BEAT: Final = 0.0237
"""Seconds: no multiple of a frame."""
KEPT: Final = 2500


class Lag:
    """The beats of one loop. ``start`` it on the loop."""

    def __init__(self) -> None:
        self.beats: deque[float] = deque(maxlen=KEPT)
        """Seconds by which each beat was late."""
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._due = loop.time() + BEAT
        self._timer = loop.call_at(self._due, self._beat)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        self.beats.append(max(loop.time() - self._due, 0.0))
        self.start()

    def told(self) -> dict[str, Any]:
        """Milliseconds, over the last minute; null before the first beat."""
        late = sorted(self.beats)
        if not late:
            return {"lag_p50_ms": None, "lag_p99_ms": None, "lag_max_ms": None}
        at = {"p50": len(late) // 2, "p99": len(late) * 99 // 100, "max": len(late) - 1}
        return {f"lag_{name}_ms": round(late[min(place, len(late) - 1)] * 1e3, 3) for name, place in at.items()}
