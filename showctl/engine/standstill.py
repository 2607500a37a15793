"""What the first maintenance lock does to a room, and what the last one that is taken off gives back.

Heads stand where they are, over whatever plays; when the last lock is off they go back to where the show has them by now, over
``BACK_IN``, for somebody may still be near. What runs finishes what it has begun, the members of its group included; nothing
follows it by itself: the cue that would have stands by, for a person's GO. What a person starts under a lock chains as ever.
"""

from __future__ import annotations

from typing import Final

from showctl.engine import completing, lighting, starting
from showctl.engine.state import What
from showctl.engine.tags import LADDER
from showctl.engine.turn import Turn
from showctl.light.clocks import SHOW_CLOCK
from showctl.light.render import levels
from showctl.light.rows import rows_for_levels, rows_that_let_go
from showctl.show.cues import Branch
from showctl.show.fixtures import Family, Hazard
from showctl.show.instants import seconds

BACK_IN: Final = seconds(5)


def stand_still(turn: Turn) -> None:
    """Heads stand where they are, also those on their way back from the last lock."""
    rows = turn.plan.rows
    focus = tuple(p.index for p in turn.show.patch.parameters if p.family is Family.FOCUS and p.hazard is Hazard.NONE)
    standing = levels(lighting.prepared_now(turn), turn.now)
    held = tuple(int(standing[p]) for p in focus)
    turn.light(
        rows_for_levels(turn.stage.rendering, focus, held, first_id=turn.row_id, owner=LADDER, now=turn.now),
        rows["id"][rows["owner"] == LADDER],
    )


def let_go(turn: Turn) -> None:
    """Heads go back to where the show has them, wherever that is when they get there."""
    rows = turn.plan.rows
    held = rows[rows["owner"] == LADDER]
    turn.light(rows_that_let_go(turn.stage.rendering, held, BACK_IN, first_id=turn.row_id, now=turn.now), held["id"])
    turn.schedule(SHOW_CLOCK, turn.now + BACK_IN, What.TIDY)


def nothing_follows(turn: Turn) -> int:
    """What runs is not followed by itself any more; says of how many cues that is so."""
    found = 0
    for number in sorted(turn.runs):
        run = turn.runs.get(number)
        if run is None or run.parent or not run.chains:
            continue
        found += 1
        cue, coming = turn.cue_of(run), starting.following(turn, run)
        turn.unschedule(number, What.CHAIN, What.NEXT_DEADLINE)
        run = turn.update(run, chains=False, next_pending=False)
        if cue.next is not None:
            after = "what follows it is for a person to say"
            if coming is not None and not isinstance(cue.next, Branch):
                turn.set_standby(run.list, coming.label)
                after = f"{coming} stands by"
            turn.note("maintenance.stays", f"{run.cue} is not followed by itself: {after}", run.cue, number)
        completing.leave_if_over(turn, run)
    return found
