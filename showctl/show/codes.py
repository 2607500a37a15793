"""Timecode that the show sends out: whose clock it tells, at which rate, and what it is at that clock's zero."""

from __future__ import annotations

from dataclasses import dataclass

from showctl.show.cues import CueRef


@dataclass(frozen=True, slots=True)
class CodeOut:
    """``of`` is a list's name (its clock, zero at a reset), a cue (from when it acts until it is complete), or "" for the show.

    ``begins`` is the frame, counted from midnight, that stands at that clock's zero; ``num``/``den`` frames pass in a second.
    """

    of: str | CueRef = ""
    num: int = 25
    den: int = 1
    drop: bool = False
    begins: int = 0
