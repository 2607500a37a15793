"""When each cue of a list begins, as far as that follows from the show alone: so long after which GO, or which decision.

A chain counts from the last cue that somebody, or the room, decides about: one that waits for GO, for a condition, or follows
something that waits. How long cues take is said in ``show.lengths``.
"""

from __future__ import annotations

from dataclasses import dataclass

from showctl.show.cues import Cue, CueList
from showctl.show.instants import Duration
from showctl.show.lengths import until_next


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
        after = None if before is None else until_next(before)
        if before is None or after is None:
            found[cue.label] = Begin(cue.label, 0)
        else:
            known = found[before.label]
            found[cue.label] = Begin(known.anchor, known.offset + after)
        before = cue
    return found
