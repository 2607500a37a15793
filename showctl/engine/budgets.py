"""Fog budgets: how long what an interlock guards may be on, in an hour or in a show (``fog_budget`` of the house rules).

The floor stays dry and the sensors in the roof stay quiet. A use counts from the instant it begins to the instant at which
everything is safe again, fades included. Within an hour the budget slides: what was on more than an hour ago counts no more,
whatever was reset in between; within a show a reset begins anew.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from showctl.engine.state import HazardPhase, HazardState
from showctl.engine.turn import Turn
from showctl.show.hazards import Budget
from showctl.show.instants import Duration, Instant, spoken

MOST_USES: Final = 64
"""Uses that are remembered one by one; older ones are put together, and count for longer rather than for shorter."""


def left(turn: Turn, index: int) -> Duration | None:
    """What remains of the interlock's budget now, what is on counted; None where it has none."""
    budget = turn.show.hazards[index].budget
    return None if budget is None else max(budget.time - spent(budget, turn.hazards[index], turn.now), 0)


def spent(budget: Budget, state: HazardState, now: Instant) -> Duration:
    """How long it has been on within the budget's window."""
    uses = (*state.uses, (state.since, now)) if state.phase is HazardPhase.FIRE else state.uses
    first = 0 if budget.window is None else now - budget.window
    return sum(max(until - max(begun, first), 0) for begun, until in uses)


def why_not(turn: Turn, index: int) -> str:
    """Why nothing more may be on now, in words; "" where something may."""
    budget = turn.show.hazards[index].budget
    if budget is None or left(turn, index):
        return ""
    return f"its fog budget of {words(budget)} is used up"


def words(budget: Budget) -> str:
    """``60.0 s an hour``, ``60.0 s a show``."""
    return f"{spoken(budget.time)} {'a show' if budget.window is None else 'an hour'}"


def used(turn: Turn, index: int, begun: Instant) -> tuple[tuple[Instant, Instant], ...]:
    """The uses to remember now that one which began at ``begun`` is over."""
    budget = turn.show.hazards[index].budget
    if budget is None:
        return ()
    first = turn.now if budget.window is None else turn.now - budget.window
    kept = [use for use in turn.hazards[index].uses if budget.window is None or use[1] > first]
    if len(kept) >= MOST_USES:
        (a, b), (c, d) = kept[:2]
        kept[:2] = [(d - (b - a) - (d - c), d)]
    return (*kept, (begun, turn.now))


def new_show(turn: Turn) -> None:
    """A reset: the budget of a show is whole again, that of an hour is not."""
    for index, interlock in enumerate(turn.show.hazards):
        if interlock.budget is not None and interlock.budget.window is None:
            turn.hazards[index] = replace(turn.hazards[index], uses=())
