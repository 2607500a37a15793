"""Players that load a clip before it plays, and drop what they are asked meanwhile, without a word.

So do media servers under load: the second of two commands in one breath is lost, and a clip begins as much later as it took to
load. One that plays already need not be loaded. What is only asked is answered. A device's option ``loads`` (seconds) makes it
one of these; a script says ``loads 400ms`` and ``loads at once``.
"""

from __future__ import annotations

import re
from typing import Final

from showctl.show.devices import Device
from showctl.show.instants import Duration, Instant, seconds
from simulators.faults import read_duration

KNOWN: Final = "loads TIME, loads at once"


class Loading:
    """How long a device's clips take to load, and whether one does."""

    def __init__(self, device: Device) -> None:
        self.each: Duration = seconds(float(device.options.get("loads", 0.0)))
        self._until: Instant = 0
        self.dropped = 0
        """Commands that came meanwhile."""

    def begins(self, now: Instant) -> Duration:
        """A clip is loaded from ``now`` on; how long that takes."""
        self._until = max(self._until, now + self.each)
        return self.each

    def drops(self, now: Instant) -> bool:
        """Whether a command that comes ``now`` is lost."""
        lost = now < self._until
        self.dropped += lost
        return lost

    def ends(self) -> None:
        """Its power is gone: nothing is being loaded."""
        self._until = 0

    def act(self, words: str) -> bool:
        """A line of a script. False: it is about something else."""
        match = re.fullmatch(r"loads (.+)", words)
        if match is None:
            return False
        self.each = 0 if match[1] == "at once" else read_duration(match[1])
        return True
