"""Show time, live: the system's monotonic clock, counted from the journal's first anchor. The only place that reads it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from showctl.show.instants import Instant


@dataclass(frozen=True, slots=True)
class Anchor:
    """One process start: which boot, where the monotonic clock stood, and what the wall said."""

    boot: str
    monotonic: int
    wall: int
    show: Instant = 0
    """Show time at that moment: 0 for the first start, the last known instant for a restart."""


class ShowClock:
    """Turns CLOCK_MONOTONIC into show time and back."""

    def __init__(self, anchor: Anchor) -> None:
        self.anchor = anchor

    def now(self) -> Instant:
        return self.anchor.show + time.monotonic_ns() - self.anchor.monotonic

    def monotonic(self, instant: Instant) -> int:
        """CLOCK_MONOTONIC (ns) at which show time is ``instant``."""
        return instant - self.anchor.show + self.anchor.monotonic


def anchor_now(show: Instant = 0) -> Anchor:
    """An anchor for a process that starts now."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        boot = "unknown"
    return Anchor(boot, time.monotonic_ns(), time.time_ns(), show)
