"""Locate and back: making the room as if it had been played to there, computed, not replayed (R7, R10, R14)."""

from __future__ import annotations

import numpy as np

from showctl.engine import grouping, hazards, lighting, marking, performing, starting, stopping
from showctl.engine.state import CueRun, Performed, Phase, Snapshot
from showctl.engine.turn import Turn
from showctl.light.plan import RowKind, pick
from showctl.show.cues import (
    ActionClass,
    Cue,
    DevampThing,
    Effect,
    FadeThing,
    LightMove,
    MoveKind,
    Perform,
    SetMaster,
    SetVariable,
    StopOthers,
    StopThing,
)
from showctl.show.instants import Duration, Instant, seconds_of
from showctl.show.show import Show

MOST_HISTORY = 50
"""GO points that a list remembers for ``back``."""


def snapshot(turn: Turn, index: int) -> Snapshot:
    """The list as it stands, kept just before a GO."""
    state, table = turn.lists[index], turn.plan.table
    return Snapshot(
        table.pick(table.list == index),
        {place: kept for place, kept in turn.performed.items() if kept.list == index},
        state.standby,
        state.last,
        state.restore,
    )


def remember(turn: Turn, index: int, kept: Snapshot) -> None:
    history = (*turn.lists[index].history, kept)[-MOST_HISTORY:]
    turn.update_list(index, history=history)


# --- back -----------------------------------------------------------------------------------------------------------------


def back(turn: Turn, index: int) -> str:
    """Restores the list to its last GO point over the back time; the cue undone stands by. Returns why not, or ""."""
    state = turn.lists[index]
    if not state.history:
        return f"{turn.show.lists[index].name} has no GO to go back to"
    kept = state.history[-1]
    hazards.everything_safe(turn, "back")
    over = turn.show.lists[index].back_time
    for run in [r for r in turn.runs.values() if r.list == index]:
        if run.number in turn.runs:
            stopping.end_run(turn, run, over)
    _restore_light(turn, index, kept, over)
    _restore_devices(turn, index, dict(kept.performed), over)
    turn.update_list(index, history=state.history[:-1], restore=hazards.harmless_moves(turn, kept.restore), last=kept.last)
    turn.set_standby(index, kept.standby)
    turn.set_value(f"{turn.show.lists[index].name}.cue", kept.last or "")
    marking.located(turn, index, None if kept.last is None else turn.show.lists[index].named.get(kept.last))
    hazards.look_at_all(turn)
    turn.note("list.back", f"{turn.show.lists[index].name} went back; {kept.standby or 'nothing'} stands by")
    return ""


def _restore_light(turn: Turn, index: int, kept: Snapshot, over: Duration) -> None:
    """To where the snapshot's moves led, from the live levels; what it did not hold is released."""
    then = lighting.targets_of(kept.rows, index)
    now = lighting.targets_of(turn.plan.rows, index)
    owners = {int(row["parameter"]): int(row["owner"]) for row in kept.rows if row["kind"] <= RowKind.RELEASE}
    by_owner: dict[int, list[int]] = {}
    for parameter in then:
        by_owner.setdefault(owners[parameter], []).append(parameter)
    for owner in sorted(by_owner):
        held = tuple(by_owner[owner])
        lighting.move_list(turn, index, (LightMove(held, tuple(then[p] for p in held), over, over),), owner)
    gone = tuple(sorted(p for p in now if p not in then))
    if gone:
        lighting.move_list(turn, index, (LightMove(gone, (), over, over, kind=MoveKind.RELEASE),), 0)
    rows = turn.plan.rows
    effects = pick(rows, (rows["list"] == index) & (rows["kind"] >= RowKind.EFFECT) & (rows["kind"] <= RowKind.CHASE))
    old = kept.rows[kept.rows["kind"] >= RowKind.EFFECT]
    lighting.end_rows(turn, effects[~np.isin(effects["id"], old["id"])], over)
    back_again = old[~np.isin(old["id"], effects["id"]) & ~np.isin(old["parameter"], tuple(turn.stage.guarded))]
    if len(back_again):
        turn.light(back_again)
        turn.row_id -= len(back_again)


def _restore_devices(turn: Turn, index: int, then: dict[tuple[str, str], Performed], over: Duration) -> None:
    """What runs and should not stops; what should and does not is asked for again, where it would be now."""
    now = {place: kept for place, kept in turn.performed.items() if kept.list == index}
    for place, kept in now.items():
        if place not in then:
            stop_performed(turn, kept, over)
    for place, kept in then.items():
        if now.get(place) != kept:
            ask_again(turn, kept)


def stop_performed(turn: Turn, kept: Performed, over: Duration) -> None:
    """Ends a play; other state stays as it is, for nobody knows what was before it."""
    if kept.verb == "play":
        verb = turn.show.device_named[kept.device].kind.verbs["stop"]
        given = dict(kept.arguments) | {"fade": seconds_of(over)}
        turn.tell(kept.device, "stop", tuple((a.name, given[a.name]) for a in verb.arguments if a.name in given))
        performing.forget(turn, kept.device, kept.key)


def ask_again(turn: Turn, kept: Performed) -> None:
    """Asks for a state or resume action again; a clip runs where it would be now, one that is over is left alone."""
    arguments = kept.arguments
    if kept.kind is ActionClass.RESUME:
        elapsed = turn.now - kept.instant
        if kept.length is not None and elapsed >= kept.length:
            return
        arguments = at_position(turn.show, kept, elapsed)
    turn.tell(kept.device, kept.verb, arguments, kept.kind)
    turn.performed[kept.device, kept.key] = kept


def at_position(show: Show, kept: Performed, elapsed: Instant) -> tuple[tuple[str, bool | float | str], ...]:
    """The arguments of a resume action ``elapsed`` after it began: ``at`` moved on (round the loop), no fade-in."""
    given = dict(kept.arguments)
    position = float(given.get("at", 0.0)) + seconds_of(elapsed)
    length = next((c.length for c in show.clips if c.name == given.get("clip")), None)
    if given.get("loop") and length:
        position %= seconds_of(length)
    return tuple((word, position if word == "at" else 0.0 if word == "fade" else value) for word, value in kept.arguments)


# --- locate -----------------------------------------------------------------------------------------------------------------


def locate(turn: Turn, index: int, cue: Cue) -> None:
    """The list stands after ``cue``, all cues up to it settled; chains are not run on, momentary actions not sent."""
    cue_list = turn.show.lists[index]
    played = cue_list.cues[: cue.index + 1]
    for run in [r for r in turn.runs.values() if r.list == index]:
        if run.number in turn.runs:
            stopping.end_run(turn, run, 0)
    hazards.everything_safe(turn, "locate")
    turn.update_list(index, restore=(), history=())
    levels, effects, performed, restore = _settle(turn, played, index)
    held = lighting.targets_of(turn.plan.rows, index)
    rows = turn.plan.rows
    turn.light(
        rows_out=rows["id"][(rows["list"] == index) & ((rows["kind"] == RowKind.EFFECT) | (rows["kind"] == RowKind.CHASE))]
    )
    by_cue: dict[int, list[int]] = {}
    for parameter, (_, number) in levels.items():
        by_cue.setdefault(number, []).append(parameter)
    for number in sorted(by_cue):
        moved = tuple(by_cue[number])
        owner = turn.run_number
        turn.run_number += 1
        turn.owners[owner] = played[number].ref
        lighting.move_list(turn, index, (LightMove(moved, tuple(levels[p][0] for p in moved)),), owner)
    gone = tuple(sorted(p for p in held if p not in levels))
    if gone:
        lighting.move_list(turn, index, (LightMove(gone, (), kind=MoveKind.RELEASE),), 0)
    lighting.tidy(turn)
    for parts, number in effects.values():
        run = CueRun(turn.run_number, played[number].ref, index, turn.stage.list_clock[index], Phase.RUNNING, turn.now, turn.now)
        turn.run_number += 1
        turn.owners[run.number] = run.cue
        for effect in parts:
            kept = hazards.harmless(effect, set(turn.stage.guarded))
            if kept is not None:
                lighting.start_effect(turn, run, kept)
    _restore_devices(turn, index, performed, 0)
    turn.update_list(index, restore=hazards.harmless_moves(turn, restore), last=cue.label)
    turn.set_value(f"{cue_list.name}.cue", cue.label)
    turn.set_standby(index, starting.after(turn, cue))
    marking.located(turn, index, cue)
    hazards.look_at_all(turn)
    turn.note("list.located", f"{cue_list.name} stands as if played to {cue.label}", cue.ref)


_Settled = tuple[
    dict[int, tuple[int, int]],
    dict[str, tuple[tuple[Effect, ...], int]],
    dict[tuple[str, str], Performed],
    tuple[LightMove, ...],
]


def _settle(turn: Turn, played: tuple[Cue, ...], index: int) -> _Settled:
    """What the cues leave behind once each has settled: parameter -> (level, place of its cue), effects, device keys."""
    levels: dict[int, tuple[int, int]] = {}
    effects: dict[str, tuple[tuple[Effect, ...], int]] = {}
    performed: dict[tuple[str, str], Performed] = {}
    names: dict[str, tuple[str, str]] = {}
    since: dict[tuple[str, str], int] = {}
    before: dict[int, tuple[int, int] | None] = {}
    for number, cue in enumerate(played):
        for parameter, held in before.items():
            if held is None:
                levels.pop(parameter, None)
            else:
                levels[parameter] = held
        before = {}
        _settle_cue(turn, cue, number, index, levels, effects, performed, names, since, before)
        marking.settled(turn, cue, number, levels, (part for parts, _ in effects.values() for part in parts))
    restore = _undo(before)
    return levels, effects, performed, restore


def _settle_cue(
    turn: Turn,
    cue: Cue,
    number: int,
    index: int,
    levels: dict[int, tuple[int, int]],
    effects: dict[str, tuple[tuple[Effect, ...], int]],
    performed: dict[tuple[str, str], Performed],
    names: dict[str, tuple[str, str]],
    since: dict[tuple[str, str], int],
    before: dict[int, tuple[int, int] | None],
) -> None:
    if not cue.armed or cue.ref in turn.disarmed:
        return
    if any(isinstance(action, StopOthers) for action in cue.actions):
        _settle_stop_others(number, effects, performed, since)
    for move in cue.light:
        _settle_move(move, number, levels)
    for move in cue.this_cue_only:
        for parameter in move.parameters:
            before.setdefault(parameter, levels.get(parameter))
        _settle_move(move, number, levels)
    for effect in cue.effects:
        parts, began = effects.get(effect.name, ((), number))
        effects[effect.name] = ((*parts, effect) if began == number else (effect,), number)
    for action in cue.actions:
        match action:
            case Perform(device=device) if device in turn.stage.guarded_device:
                pass  # a hazard is never asked again
            case Perform(verb="stop") | Perform(key="*"):
                for place in [p for p in performed if p[0] == action.device and action.key in ("*", p[1])]:
                    del performed[place]
            case Perform(verb="fade"):
                pass
            case Perform(kind=ActionClass.MOMENTARY):
                pass
            case Perform():
                # Settled means over, so of what plays only the endless plays on.
                since[action.device, action.key] = number
                if action.verb != "play" or action.length is None:
                    performed[action.device, action.key] = Performed(
                        action.device,
                        action.key,
                        action.verb,
                        action.arguments,
                        action.kind,
                        turn.now,
                        action.length,
                        index,
                    )
                if action.as_:
                    names[action.as_] = (action.device, action.key)
            case StopThing(name=str() as name) | FadeThing(name=name, then_stop=True) | DevampThing(name=name):
                effects.pop(name, None)
                performed.pop(names.get(name, ("", "")), None)
            case SetVariable(name=name, to=expression):
                turn.set_value(name, expression.value(turn.look_up))
            case SetMaster(name=name, level=level):
                performing.set_master(turn, name, level, 0)
            case _:
                pass
    for member in grouping.settled_members(turn, cue):
        _settle_cue(turn, member.cue, number, index, levels, effects, performed, names, since, before)


def _settle_stop_others(
    number: int,
    effects: dict[str, tuple[tuple[Effect, ...], int]],
    performed: dict[tuple[str, str], Performed],
    since: dict[tuple[str, str], int],
) -> None:
    """What the cues before this one had running is over; the levels that they brought about stay."""
    for name in [name for name, (_, began) in effects.items() if began != number]:
        del effects[name]
    for place in [p for p, kept in performed.items() if kept.verb == "play" and since.get(p) != number]:
        del performed[place]


def _settle_move(move: LightMove, number: int, levels: dict[int, tuple[int, int]]) -> None:
    if move.kind is MoveKind.RELEASE:
        for parameter in move.parameters:
            levels.pop(parameter, None)
    else:
        for parameter, level in zip(move.parameters, move.levels, strict=True):
            levels[parameter] = (level, number)


def _undo(before: dict[int, tuple[int, int] | None]) -> tuple[LightMove, ...]:
    held = tuple(p for p in before if before[p] is not None)
    free = tuple(p for p in before if before[p] is None)
    moves: list[LightMove] = []
    if held:
        moves.append(LightMove(held, tuple(kept[0] for p in held if (kept := before[p]) is not None)))
    if free:
        moves.append(LightMove(free, (), kind=MoveKind.RELEASE))
    return tuple(moves)
