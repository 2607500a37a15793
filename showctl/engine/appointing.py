"""Appointments: what the schedule starts. Their instants are decided where the wall clock is; here they happen, or are refused.

An appointment is kept once, whoever says it how often: after a crash, or when the wall clock was set back, it may be said again.
"""

from __future__ import annotations

from showctl.engine import performing, servicing
from showctl.engine.events import Appointed
from showctl.engine.turn import Turn


def keep(turn: Turn, event: Appointed) -> None:
    """Does what the schedule says, unless the room is latched, somebody is on a ladder, or it has been done."""
    found = next((item for item in turn.show.schedule if item.name == event.name), None)
    if found is None or turn.appointments.get(event.name, -1) >= event.wall:
        return
    turn.appointments[event.name] = event.wall
    at = f" of {event.at}" if event.at else ""
    why = f"{turn.latch} is in force" if turn.latch else servicing.locked(turn)
    if why:
        turn.note("schedule.refused", f"{event.name}{at} does not happen: {why}")
        return
    turn.note("schedule", f"{event.name}{at}, by the schedule")
    for action in found.do:
        performing.act(turn, action, None)
