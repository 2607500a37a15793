"""What came of a rehearsal: whether it passed, which lines did not hold, and what it reached. ``rehearsal.py`` gives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from showctl.runtime.coverage import FAULT_MET, Reached
from showctl.runtime.judged_lines import LineVerdict


@dataclass(frozen=True)
class Failure:
    """A line of the script that did not hold. ``moment`` is seconds of show time."""

    file: str
    line: int
    moment: float
    message: str


@dataclass(frozen=True)
class Verdict:
    """What became of a rehearsal."""

    name: str
    stem: str
    passed: bool
    show_seconds: float
    wall_seconds: float
    digest: str
    failures: tuple[Failure, ...]
    transcript: str = field(repr=False, default="")
    checked: int = 0
    """Lines judged."""
    reached: Reached = field(repr=False, default_factory=Reached)
    """What of the show it came by (``coverage.py``)."""
    lines: tuple[LineVerdict, ...] = field(repr=False, default=())
    """What came of each line."""
    timeline: dict[str, Any] | None = field(repr=False, default=None, compare=False)
    """What it looked and sounded like (``timeline.py``), where that was asked."""

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "passed": self.passed,
            "show_seconds": self.show_seconds,
            "wall_seconds": round(self.wall_seconds, 3),
            "digest": self.digest,
            "failures": [failure.__dict__ for failure in self.failures],
            "lines": [line.to_json() for line in self.lines],
            "broke": [f"{machine} {fault}" for machine, fault in self.reached.broken(FAULT_MET)],
        }
