"""Where in the show folder something stands, so that every answer can point at its line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file of the show folder. ``file`` is relative to the folder; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


NOWHERE = Place("", 0, 0)
"""For things that no file states: defaults, and what tests build by hand."""
