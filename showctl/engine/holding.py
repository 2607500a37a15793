"""A pause that lasts: after its declared time the room goes to the list's hold look, and comes back when the list goes on (R6).

The hold look stands beside its list, with its priority and later than it, so the list's own fades stay where they were held.
"""

from __future__ import annotations

from showctl.engine import harmless, lighting
from showctl.engine.state import FIRST_HELD, Due, What
from showctl.engine.turn import Turn
from showctl.light.clocks import SHOW_CLOCK
from showctl.light.rows import rows_for_moves, superseded


def paused(turn: Turn, index: int) -> None:
    """The list was paused: how long may that last?"""
    after = turn.show.lists[index].hold_after
    if after is not None:
        turn.schedule(SHOW_CLOCK, turn.now + after, What.HOLD, FIRST_HELD - index)


def due(turn: Turn, entry: Due) -> None:
    """The pause has lasted long enough."""
    index = FIRST_HELD - entry.run
    cue_list = turn.show.lists[index]
    rows = rows_for_moves(
        lighting.prepared_now(turn),
        harmless.moves(turn, cue_list.hold_look),
        turn.now,
        first_id=turn.row_id,
        owner=0,
        list_index=_beside(turn, index),
        priority=cue_list.priority,
        htp=False,
        clock=SHOW_CLOCK,
        local=turn.now,
    )
    turn.light(rows, superseded(turn.plan, rows, turn.now))
    turn.note("list.hold_look", f"{cue_list.name} has been paused for long: the hold look")


def resumed(turn: Turn, index: int) -> None:
    """The list goes on, or is stopped for good: its hold look goes, over the back time."""
    turn.unschedule(FIRST_HELD - index, What.HOLD)
    lighting.release_rows(turn, _beside(turn, index), turn.show.lists[index].back_time)


def _beside(turn: Turn, index: int) -> int:
    """The number under which the hold look of a list stands in the plan."""
    return turn.stage.safe_list + 1 + index
