"""When each cue of a list begins, as far as that follows from the show alone: so long after which GO, or which decision.

A chain counts from the last cue that somebody, or the room, decides about: one that waits for GO, for a condition, or follows
something that waits. Lengths are the engine's (``checks.whole_length``).
"""

from __future__ import annotations

from dataclasses import dataclass

from showctl.show.cues import AfterEnd, AfterStart, Cue, CueList
from showctl.show.instants import Duration
from showctl.showfile.checks import whole_length


@dataclass(frozen=True, slots=True)
class Begin:
    """``offset`` after the start of ``anchor``; an offset of 0 and the cue itself where nothing is known beforehand."""

    anchor: str
    offset: Duration


def begins(cue_list: CueList) -> dict[str, Begin]:
    """Label -> when the cue begins."""
    found: dict[str, Begin] = {}
    before: Cue | None = None
    for cue in cue_list.cues:
        after = None if before is None else _after(before)
        if before is None or after is None:
            found[cue.label] = Begin(cue.label, 0)
        else:
            known = found[before.label]
            found[cue.label] = Begin(known.anchor, known.offset + after)
        before = cue
    return found


def _after(cue: Cue) -> Duration | None:
    """From the start of ``cue`` to that of the next; None where nobody knows beforehand."""
    match cue.next:
        case AfterStart(delay=delay):
            return cue.wait + delay
        case AfterEnd(delay=delay) if cue.wait_for is None and (length := whole_length(cue)) is not None:
            return max(cue.wait + length + delay, 0)
        case _:
            return None
