"""Makes a script that fails short: fewer people, a shorter time, and of what they do only what it takes.

Lines are taken out in ever smaller pieces, and stay out where the failure stays (Zeller's ddmin). ``stays`` are never taken
out: they are the script of the rehearsal that the audience came to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from showctl.show.instants import SECOND, seconds
from showctl.show.rehearsals import Rehearsal, Step

PATIENCE: Final = 60
"""Runs at the most."""
AFTER: Final = 5 * SECOND


def shrunk(
    rehearsal: Rehearsal,
    stays: frozenset[Step],
    moment: float,
    fails: Callable[[Rehearsal], tuple[Rehearsal, ...]],
    patience: int = PATIENCE,
) -> Rehearsal:
    """The shortest that was found. ``moment`` is when it fails (seconds); ``fails`` gives what failed, or nothing.

    What comes back may be shorter than what was asked about: lines that were void need not be kept.
    """
    left = patience

    def still(candidate: Rehearsal) -> Rehearsal | None:
        nonlocal left
        left -= 1
        found = fails(candidate)
        return found[0] if found else None

    end = seconds(moment) + AFTER
    if rehearsal.length is None or end < rehearsal.length:
        shorter = replace(rehearsal, length=end, steps=tuple(step for step in rehearsal.steps if step.at <= end or step in stays))
        rehearsal = still(shorter) or rehearsal
    rehearsal = still(rehearsal) or rehearsal
    piece = max(sum(step not in stays for step in rehearsal.steps) // 2, 1)
    while left > 0:
        mine = [step for step in rehearsal.steps if step not in stays]
        shorter_by = False
        for first in range(0, len(mine), piece):
            if left <= 0:
                break
            out = set(map(id, mine[first : first + piece]))
            found = still(replace(rehearsal, steps=tuple(step for step in rehearsal.steps if id(step) not in out)))
            if found is not None:
                rehearsal, shorter_by = found, True
                break
        if not shorter_by:
            if piece == 1:
                break
            piece = max(piece // 2, 1)
    while rehearsal.guests > 0 and left > 0:
        fewer = still(replace(rehearsal, guests=rehearsal.guests // 2))
        if fewer is None:
            break
        rehearsal = fewer
    return rehearsal
