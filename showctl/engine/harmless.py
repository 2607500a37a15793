"""States that are not lived through bring no hazard on: after a locate, a back, a restart, in a copy that runs ahead."""

from __future__ import annotations

from dataclasses import replace

from showctl.engine import hazards
from showctl.engine.commands import Tell
from showctl.engine.hazard_machine import SAFE
from showctl.engine.stage import stage_of
from showctl.engine.state import State, What
from showctl.engine.turn import Turn
from showctl.show.cues import Effect, LightMove
from showctl.show.show import Show


def moves(turn: Turn, asked: tuple[LightMove, ...]) -> tuple[LightMove, ...]:
    """``asked`` without any hazard: what a locate or a back makes of it."""
    guarded = turn.stage.guarded
    return moves_without(asked, set(guarded)) if guarded else asked


def effect_without(asked: Effect, gone: set[int]) -> Effect | None:
    """``asked`` without the parameters ``gone``; None where nothing is left."""
    keep = [n for n, parameter in enumerate(asked.parameters) if parameter not in gone]
    if len(keep) == len(asked.parameters):
        return asked
    return (
        replace(
            asked,
            parameters=tuple(asked.parameters[n] for n in keep),
            phases=tuple(asked.phases[n] for n in keep),
            highs=tuple(asked.highs[n] for n in keep) if asked.highs else (),
        )
        if keep
        else None
    )


def moves_without(moves_: tuple[LightMove, ...], gone: set[int]) -> tuple[LightMove, ...]:
    kept = []
    for move in moves_:
        keep = [n for n, parameter in enumerate(move.parameters) if parameter not in gone]
        if keep:
            levels = tuple(move.levels[n] for n in keep) if move.levels else ()
            kept.append(replace(move, parameters=tuple(move.parameters[n] for n in keep), levels=levels))
    return tuple(kept)


def barred(state: State) -> State:
    """``state`` for a copy that runs ahead: it renews no hazard and fires none, for nobody knows what will be permitted."""
    if not state.hazards:
        return state
    return replace(
        state,
        agenda=tuple(due for due in state.agenda if due.what is not What.HAZARD),
        hazards=tuple(replace(item, phase=SAFE, on=(), barred=True) for item in state.hazards),
    )


def restarted(show: Show, state: State) -> tuple[State, tuple[Tell, ...]]:
    """``state`` as a new process takes it up: SAFE, and nothing heard yet of what permits read.

    Also what guarded devices are to be told, whatever they do. No plan change is dispatched: the plan is handed over anew.
    """
    if not state.hazards:
        return state, ()
    turn = Turn(stage_of(show), state)
    hazards.everything_safe(turn, "the engine was started again")
    initial = {item.name: item.initial for item in show.inputs}
    for index, interlock in enumerate(show.hazards):
        turn.values |= {name: initial[name] for name in interlock.permit.names if name in initial}
        turn.values |= {f"{device}.health": "unknown" for device in turn.stage.reporting[index]}
    return turn.frozen(), tuple(command for command in turn.commands if isinstance(command, Tell))
