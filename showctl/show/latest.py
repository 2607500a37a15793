"""When a cue has been followed at the latest: what the show alone promises, whatever the room does and whichever machine is dead.

``lengths.py`` says how long a cue takes where that is known beforehand. Here every wait runs to its deadline and every reading
that may be delayed is: nothing may take longer, so whoever does is blocked. None: the author has set no bound (it waits for GO,
or for ever).
"""

from __future__ import annotations

from typing import Final

from showctl.show.cues import AfterEnd, AfterStart, Branch, Cue, Group, GroupMode, NextWhen
from showctl.show.instants import SECOND, Duration
from showctl.show.lengths import content_length
from showctl.show.show import Show

CHASE: Final = 3 * SECOND
"""What a timeline may lose to timecode that comes and goes, beside its freewheeling."""


def latest_next(show: Show, cue: Cue) -> Duration | None:
    """From the start of ``cue`` to that of the one that it chains to, at the latest; None where nothing bounds it."""
    begins = _begins(cue)
    match cue.next:
        case AfterStart(delay=delay):
            return begins + delay
        case AfterEnd(delay=delay):
            end = latest_end(show, cue)
            return None if end is None else max(end + delay, 0)
        case NextWhen(within=within):
            return None if within is None else begins + within
        case Branch(within=within):
            return begins + within
        case None:
            return None


def latest_end(show: Show, cue: Cue) -> Duration | None:
    """From the start of ``cue`` to its completion at the latest; None where something in it may have no end."""
    parts = [content_length(cue), latest_wait(cue)]
    if cue.group is not None:
        parts.append(_group(show, cue.group))
    known = [part for part in parts if part is not None]
    return None if len(known) < len(parts) else _begins(cue) + max(known, default=0)


def latest_wait(cue: Cue) -> Duration | None:
    """How long the cue's ``wait_for`` may take: 0 where it has none, None where it may take for ever."""
    return 0 if cue.wait_for is None else cue.wait_for.within


def _begins(cue: Cue) -> Duration:
    return cue.wait + (cue.ready.within if cue.ready is not None else 0)


def _group(show: Show, group: Group) -> Duration | None:
    ends = [latest_end(show, member.cue) for member in group.members]
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        return None
    match group.mode:
        case GroupMode.SEQUENCE:
            return sum(known)
        case GroupMode.TIMELINE:
            code = next((item for item in show.timecodes if item.name == group.clock), None)
            if code is not None and code.holds:
                return None  # code that stands still holds it for as long as it likes
            slack = 0 if code is None else code.freewheel + CHASE
            return max((member.at + end for member, end in zip(group.members, known, strict=True)), default=0) + slack
        case _:
            return max(known, default=0)
