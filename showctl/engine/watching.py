"""Who watches values: waits, ``when`` and early branches, triggers. Asked once after each thing that happens."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from showctl.engine import completing, hazards, performing, preparing
from showctl.engine.turn import Turn
from showctl.show.triggers import Trigger

MOST_ROUNDS: Final = 100
"""Changes may set off changes; a ring of them that never comes to rest is cut here, and said."""


def look(turn: Turn) -> None:
    """Asks whoever watches what changed, until nothing changes any more."""
    rounds = 0
    while turn.changed:
        rounds += 1
        if rounds > MOST_ROUNDS:
            turn.note("watch.cut", f"values kept changing each other ({', '.join(sorted(set(turn.changed))[:5])}); cut")
            turn.changed.clear()
            hazards.look_at_all(turn)
            return
        changed = dict.fromkeys(turn.changed)
        turn.changed.clear()
        hazards.look(turn, changed)
        preparing.look(turn, changed)
        for number in list(turn.runs):
            run = turn.runs.get(number)
            if run is not None and run.unready:
                preparing.look_at_ready(turn, run)
            run = turn.runs.get(number)
            if run is not None and run.waits and run.acted is not None:
                completing.look_at_wait(turn, run)
            run = turn.runs.get(number)
            if run is not None and run.next_pending:
                completing.look_at_next(turn, run)
        watchers = dict.fromkeys(index for name in changed for index in turn.stage.triggers_of.get(name, ()))
        for index in sorted(watchers):
            _look_at_trigger(turn, turn.show.triggers[index])


def _look_at_trigger(turn: Turn, trigger: Trigger) -> None:
    state = turn.triggers[trigger.index]
    holds = trigger.when.holds(turn.look_up)
    turn.triggers[trigger.index] = replace(state, held=holds)
    if not holds or state.held or not state.armed or turn.latch:
        return
    if turn.tags.locks:
        turn.note("trigger.locked", f"trigger {trigger.name} does nothing: maintenance lock of {', '.join(turn.tags.locks)}")
        return
    if state.acted is not None and turn.now - state.acted < trigger.cooldown:
        return
    if trigger.only_if is not None and not trigger.only_if.holds(turn.look_up):
        return
    turn.triggers[trigger.index] = replace(turn.triggers[trigger.index], acted=turn.now)
    turn.note("trigger", f"trigger {trigger.name}: {trigger.when.text}")
    for action in trigger.do:
        performing.act(turn, action, None)
