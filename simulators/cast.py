"""The cast: people of the show whom the tracking system knows by name, and who go where the script says.

``performer dancer at 0 6``, ``performer dancer walks to 2 6 [in 3s]``, ``performer dancer leaves``. They walk straight, 1.2 m/s
unless the line says how long they take, and are seen 1.4 m above the floor. They are no guests: nobody counts them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.show.instants import SECOND, Duration, Instant, seconds_of
from simulators.faults import read_duration

FIRST: Final = 1001
"""Their tracker numbers, above any guest's."""
MOST: Final = 64
PACE: Final = 1.2
SEEN_AT: Final = 1.4
KNOWN: Final = "performer NAME at X Z, performer NAME walks to X Z [in TIME], performer NAME leaves"
_NUMBER: Final = r"-?\d+(?:\.\d+)?"
_AT: Final = re.compile(rf"performer (\w+) at ({_NUMBER}) ({_NUMBER})")
_WALKS: Final = re.compile(rf"performer (\w+) walks to ({_NUMBER}) ({_NUMBER})(?: in (\S+))?")
_LEAVES: Final = re.compile(r"performer (\w+) leaves")


@dataclass(frozen=True)
class _Way:
    """From here to there, and since when; standing where both are the same."""

    number: int
    start: tuple[float, float]
    end: tuple[float, float]
    begins: Instant
    takes: Duration = 0

    def at(self, now: Instant) -> tuple[float, float]:
        part = 1.0 if not self.takes else min(max((now - self.begins) / self.takes, 0.0), 1.0)
        return self.start[0] + (self.end[0] - self.start[0]) * part, self.start[1] + (self.end[1] - self.start[1]) * part

    def speed(self, now: Instant) -> tuple[float, float]:
        if not self.takes or not self.begins <= now < self.begins + self.takes:
            return 0.0, 0.0
        took = seconds_of(self.takes)
        return (self.end[0] - self.start[0]) / took, (self.end[1] - self.start[1]) / took


class Cast:
    """Everybody of the show who is on."""

    def __init__(self) -> None:
        self._on: dict[str, _Way] = {}
        self._number = FIRST

    def tell(self, words: str, now: Instant) -> bool:
        """Does what a line says. False where it is no line for the cast; ValueError where it cannot be done."""
        if match := _AT.fullmatch(words):
            here = (float(match[2]), float(match[3]))
            self._on[match[1]] = _Way(self._numbered(match[1]), here, here, now)
        elif match := _WALKS.fullmatch(words):
            way = self._known(match[1])
            start, end = way.at(now), (float(match[2]), float(match[3]))
            takes = read_duration(match[4]) if match[4] else round(math.dist(start, end) / PACE * SECOND)
            self._on[match[1]] = _Way(way.number, start, end, now, takes)
        elif match := _LEAVES.fullmatch(words):
            self._known(match[1])
            del self._on[match[1]]
        else:
            return False
        return True

    def names(self) -> list[tuple[int, str]]:
        """Tracker number and name of each."""
        return [(way.number, name) for name, way in self._on.items()]

    def __len__(self) -> int:
        return len(self._on)

    def seen(self, now: Instant) -> tuple[NDArray[np.uint32], NDArray[np.float64], NDArray[np.float64]]:
        """Numbers, positions and speeds, a row each; x, y, z."""
        numbers = np.array([way.number for way in self._on.values()], np.uint32)
        positions = np.array([(x, SEEN_AT, z) for x, z in (way.at(now) for way in self._on.values())]).reshape(-1, 3)
        speeds = np.array([(x, 0.0, z) for x, z in (way.speed(now) for way in self._on.values())]).reshape(-1, 3)
        return numbers, positions, speeds

    def _known(self, name: str) -> _Way:
        if name not in self._on:
            raise ValueError(f"no performer {name} is on; there are {', '.join(self._on) or 'none'}: performer {name} at X Z")
        return self._on[name]

    def _numbered(self, name: str) -> int:
        if name in self._on:
            return self._on[name].number
        if len(self._on) >= MOST:
            raise ValueError(f"{MOST} performers are the most")
        self._number += 1
        return self._number - 1
