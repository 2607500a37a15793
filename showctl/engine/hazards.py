"""Hazards in performance: nothing that can hurt moves unless every permissive was there within the last half second.

Rows on hazard parameters are made in FIRE only, and carry ``until``: half a second from now, renewed every quarter
of a second while the permit holds and the rows still want something. An engine that dies renews nothing, and the wire shows
SAFE by itself. A permit that falls takes the rows back in the same instant, and asks guarded devices for what makes them safe.
A cue that wants a hazard that is not enabled goes on without that part, and says so. Nothing here is ever made up for: after
a locate, a back, a pause, a panic, a reset, a restart the next cue has to ask anew.

The tables stand in ``hazard_machine.py``. Everything an interlock knows is ``HazardState``; the wake-up is a ``Due``
(``What.HAZARD``), and one interlock has one at most.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.engine import budgets
from showctl.engine.commands import Tell
from showctl.engine.events import Origin
from showctl.engine.hazard_machine import ARMED, ENABLED, FIRE, SAFE, Signal, after
from showctl.engine.stage import stage_of
from showctl.engine.state import CueRun, HazardPhase, HazardState, State, What
from showctl.engine.turn import Turn
from showctl.light.clock_lines import Lines
from showctl.light.clocks import SHOW_CLOCK
from showctl.light.plan import RowKind, Rows, pick
from showctl.show.cues import Effect, LightMove, MoveKind, Perform, Value
from showctl.show.fixtures import Hazard
from showctl.show.instants import MILLISECOND, Instant, words_for
from showctl.show.show import Show

HOLD: Final = 500 * MILLISECOND
"""How long a hazard row shows without being renewed."""
RENEW: Final = 250 * MILLISECOND
"""How often it is: one renewal may be lost."""


def first(show: Show) -> tuple[HazardState, ...]:
    """Every interlock, before anything has been heard."""
    return (HazardState(),) * len(show.hazards)


# --- permits ------------------------------------------------------------------------------------------------------------------


def look(turn: Turn, names: Iterable[str]) -> None:
    """Values changed: do the permits that read them still hold?"""
    of = turn.stage.hazards_of
    for index in sorted({index for name in names for index in of.get(name, ())}):
        _look_at(turn, index)


def look_at_all(turn: Turn) -> None:
    """Asks every permit again."""
    for index in range(len(turn.hazards)):
        _look_at(turn, index)


def _look_at(turn: Turn, index: int) -> None:
    state, interlock = turn.hazards[index], turn.show.hazards[index]
    why = _why_not_permitted(turn, index)
    if why:
        _set(turn, index, permitted=None)
        _end(turn, index, Signal.FALL, why)
        return
    if state.permitted is None:
        state = _set(turn, index, permitted=turn.now)
    if state.phase is not SAFE:
        return
    assert state.permitted is not None
    ready = max(state.permitted + interlock.dwell, state.rests)
    if turn.now < ready:
        _wake_at(turn, index, ready)
    elif _enter(turn, index, Signal.PERMIT):
        turn.note("hazard.enabled", f"{interlock.name} is enabled")


def _why_not_permitted(turn: Turn, index: int) -> str:
    """What is missing, in words; "" while everything is there."""
    interlock = turn.show.hazards[index]
    if turn.hazards[index].barred:
        return "nobody knows yet whether it will be permitted"
    if turn.latch:
        return f"{turn.latch} is in force"
    if turn.tags.locks:
        return f"maintenance lock of {', '.join(turn.tags.locks)}"
    for device in turn.stage.reporting[index]:
        if turn.values[f"{device}.health"] != "ok":
            return f"{device} is {turn.values[f'{device}.health']}, so its word does not count"
    for universe in _universes(turn, index):
        health, why = turn.health.get(universe, ("ok", ""))
        if health != "ok":
            return f"{universe} is not ours alone: {why}"
    if not interlock.permit.holds(turn.look_up):
        seen = ", ".join(f"{name} is {_word(turn.values[name])}" for name in interlock.permit.names)
        return f"its permit does not hold: {interlock.permit.text}" + (f" ({seen})" if seen else "")
    return ""


def _universes(turn: Turn, index: int) -> frozenset[str]:
    """Where the interlock's fixtures stand: nobody else may send there."""
    patch = turn.show.patch
    return frozenset(patch.fixtures[patch.parameters[p].fixture].universe for p in turn.show.hazards[index].parameters)


def _word(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else f"{value:g}"


# --- the machine --------------------------------------------------------------------------------------------------------------


def _set(turn: Turn, index: int, **changes: object) -> HazardState:
    turn.hazards[index] = replace(turn.hazards[index], **changes)  # type: ignore[arg-type]
    return turn.hazards[index]


def _enter(turn: Turn, index: int, signal: Signal) -> bool:
    """Takes the way that the table shows, if it shows one, and sees to it that the next wake-up comes."""
    interlock, state = turn.show.hazards[index], turn.hazards[index]
    phase = after(interlock.kind, state.phase, signal)
    if phase is None:
        return False
    _set(turn, index, phase=phase, since=turn.now, armed_on="")
    match phase:
        case HazardPhase.FIRE:
            _wake_at(turn, index, _next_renewal(turn, index))
        case HazardPhase.ARMED:
            _wake_at(turn, index, turn.now + interlock.arm_expires)
        case _:
            _wake_at(turn, index, None)
    return True


def _wake_at(turn: Turn, index: int, instant: Instant | None) -> None:
    mine = -1 - index
    turn.agenda = [due for due in turn.agenda if due.what is not What.HAZARD or due.run != mine]
    if instant is not None:
        turn.schedule(SHOW_CLOCK, instant, What.HAZARD, mine)


def _next_renewal(turn: Turn, index: int) -> Instant:
    longest = turn.show.hazards[index].longest
    budget = budgets.left(turn, index)
    renewal = turn.now + (RENEW if budget is None else min(RENEW, budget))
    return renewal if longest is None else min(renewal, turn.hazards[index].since + longest)


def due(turn: Turn, number: int) -> None:
    """An interlock wanted waking: a renewal, an end, an expiry, or what it waited for before it is enabled."""
    index = -1 - number
    interlock, state = turn.show.hazards[index], turn.hazards[index]
    if state.phase is ARMED:
        if _enter(turn, index, Signal.DISARM):
            turn.note("hazard.disarmed", f"{interlock.name} was armed for {words_for(interlock.arm_expires)} s and is no more")
    elif state.phase is not FIRE:
        _look_at(turn, index)
    elif why := _why_not_permitted(turn, index):
        _end(turn, index, Signal.FALL, why)
    elif not _is_wanted(turn, index):
        _end(turn, index, Signal.DONE, "nothing is asked of it any more")
    elif interlock.longest is not None and turn.now >= state.since + interlock.longest:
        _end(turn, index, Signal.LONGEST, f"it has been on for {words_for(interlock.longest)} s, its longest")
    elif why := budgets.why_not(turn, index):
        _end(turn, index, Signal.LONGEST, why)
    else:
        _renew(turn, index)
        _wake_at(turn, index, _next_renewal(turn, index))


def _renew(turn: Turn, index: int) -> None:
    rows = _rows(turn, index).copy()
    rows["until"] = turn.now + HOLD
    before = turn.row_id
    turn.light(rows, rows["id"])
    turn.row_id = before


def _end(turn: Turn, index: int, signal: Signal, why: str) -> None:
    """SAFE, at once: rows out, devices asked, nothing kept that would bring it back."""
    interlock, was = turn.show.hazards[index], turn.hazards[index]
    if not _enter(turn, index, signal):
        return
    if was.phase is FIRE:
        _set(turn, index, rests=turn.now + interlock.rest, uses=budgets.used(turn, index, was.since))
        turn.light(rows_out=_rows(turn, index)["id"])
        _make_safe(turn, index, (device for device, _, _ in was.on))
        _forget_restores(turn, index)
    if was.phase is FIRE or signal is not Signal.DONE:
        turn.note("hazard.safe", f"{interlock.name} is safe: {why}")
    if signal in (Signal.DONE, Signal.LONGEST):
        _look_at(turn, index)


def _make_safe(turn: Turn, index: int, devices: Iterable[str]) -> None:
    wanted = set(devices)
    for action in turn.show.hazards[index].off:
        if action.device in wanted:
            turn.tell(action.device, action.verb, action.arguments, action.kind)
    _set(turn, index, on=tuple(on for on in turn.hazards[index].on if on[0] not in wanted))


def _forget_restores(turn: Turn, index: int) -> None:
    """What the last cue had for itself only does not come back, where it would bring the hazard back."""
    guarded = set(turn.show.hazards[index].parameters)
    for number, state in enumerate(turn.lists):
        if any(not guarded.isdisjoint(move.parameters) for move in state.restore):
            turn.update_list(number, restore=_without(state.restore, guarded))


# --- what is under way --------------------------------------------------------------------------------------------------------


def _rows(turn: Turn, index: int) -> Rows:
    """The rows of lists on what the interlock guards; those of safe states stay out of it."""
    rows = turn.plan.rows
    return pick(rows, _guarded(turn, rows, turn.show.hazards[index].parameters))


def _guarded(turn: Turn, rows: Rows, parameters: Iterable[int]) -> NDArray[np.bool_]:
    of_lists = (rows["list"] >= 0) & (rows["list"] < turn.stage.safe_list) & (rows["kind"] <= RowKind.CHASE)
    return of_lists & np.isin(rows["parameter"], tuple(parameters))


def _is_wanted(turn: Turn, index: int) -> bool:
    """Whether a device is on, or a row is anywhere but settled where it rests."""
    if turn.hazards[index].on:
        return True
    rows = _rows(turn, index)
    if not len(rows):
        return False
    lines = Lines(turn.plan.clocks)
    local = lines.local(turn.now)[lines.index(rows["clock"])]
    kind = rows["kind"]
    over = local >= rows["start"] + rows["duration"]
    settled = (kind == RowKind.SET) & over & (rows["target"] == rows["safe"])
    settled |= (kind == RowKind.RELEASE) & over
    settled |= (kind >= RowKind.EFFECT) & (rows["ends"] != 0) & (local >= rows["ends"] + rows["exit"])
    return bool((~settled).any())


def let_go(turn: Turn, list_index: int, owners: Iterable[int] | None = None) -> None:
    """A list (or some runs of it) is stopped or paused: what it does with hazards ends at once."""
    if not 0 <= list_index < len(turn.lists):
        return  # a look that stands beside the lists, and has no hazard in it
    wanted = None if owners is None else set(owners)
    for index, state in enumerate(list(turn.hazards)):
        if state.phase is not FIRE:
            continue
        rows = _rows(turn, index)
        mine = rows["list"] == list_index
        if wanted is not None:
            mine &= np.isin(rows["owner"], tuple(wanted))
        turn.light(rows_out=rows["id"][mine])
        _make_safe(turn, index, (on[0] for on in state.on if on[1] == list_index and (wanted is None or on[2] in wanted)))
        if not _is_wanted(turn, index):
            _end(turn, index, Signal.DONE, f"{turn.show.lists[list_index].name} lets go of it")


def everything_safe(turn: Turn, why: str) -> None:
    """Every interlock is SAFE from now on, and every guarded device is asked for it, whatever we believe it does."""
    for index in range(len(turn.show.hazards)):
        shut(turn, index, why)


def shut(turn: Turn, index: int, why: str) -> None:
    """One interlock is SAFE from now on, and every device that it guards is asked for it."""
    _set(turn, index, on=())
    _end(turn, index, Signal.HALT, why)
    _make_safe(turn, index, turn.show.hazards[index].devices)
    _set(turn, index, permitted=None)
    _forget_restores(turn, index)
    _wake_at(turn, index, None)


def returned(turn: Turn, device: str, health: str) -> None:
    """A guarded device that comes back comes back safe, whatever it did when it went; it waits for a cue.

    ``device`` may be a universe, on which somebody else has begun to send, or has stopped.
    """
    index = turn.stage.guarded_device.get(device, -1)
    if index >= 0 and health == "ok":
        _make_safe(turn, index, (device,))
    if device in turn.show.patch.universe_keyed:
        look_at_all(turn)


# --- what is asked ------------------------------------------------------------------------------------------------------------


def _want(turn: Turn, index: int) -> str:
    """Somebody asks for the hazard now: "" where it may be, and then it is FIRE; else why not."""
    if index < 0:
        return "no interlock permits it"
    interlock, state = turn.show.hazards[index], turn.hazards[index]
    why = _why_not_permitted(turn, index)
    if why or state.phase is FIRE:
        return why
    if why := budgets.why_not(turn, index):
        return why
    if state.phase is SAFE:
        if turn.now < state.rests:
            return f"it rests for {words_for(state.rests - turn.now)} s more"
        return "it has not been enabled yet"
    if interlock.kind is Hazard.ATTENDED:
        if state.phase is not ARMED:
            return "nobody has armed it"
        if turn.asked is None or turn.asked.surface in ("trigger", "schedule"):
            return "what is attended is fired by a person, and nobody asked for this now"
        if turn.asked.surface == state.armed_on:
            return f"it was armed on {state.armed_on}, so it is fired from somewhere else"
    assert after(interlock.kind, state.phase, Signal.WANT) is FIRE, "the table agrees"
    _enter(turn, index, Signal.WANT)
    turn.note("hazard.fire", f"{interlock.name} is on")
    return ""


def moves(turn: Turn, asked: tuple[LightMove, ...], run: CueRun) -> tuple[LightMove, ...]:
    """``asked`` without the hazards that are not permitted. Each refusal is said, and the rest goes on."""
    guarded = turn.stage.guarded
    if not guarded or all(guarded.keys().isdisjoint(move.parameters) for move in asked):
        return asked
    defaults = turn.stage.rendering.defaults
    wants: dict[int, bool] = {}
    for move in asked:
        for n, parameter in enumerate(move.parameters):
            index = guarded.get(parameter)
            if index is not None:
                moved = move.kind is MoveKind.SET and move.levels[n] != defaults[parameter]
                wants[index] = wants.get(index, False) or moved
    refused = {index for index, wanted in wants.items() if _is_refused(turn, index, wanted, run)}
    return _without(asked, {parameter for parameter, index in guarded.items() if index in refused}) if refused else asked


def effect(turn: Turn, asked: Effect, run: CueRun) -> Effect | None:
    """``asked`` without the hazards that are not permitted; None where nothing is left."""
    guarded = turn.stage.guarded
    if not guarded or guarded.keys().isdisjoint(asked.parameters):
        return asked
    refused = {
        i for i in dict.fromkeys(guarded.get(p) for p in asked.parameters) if i is not None and _is_refused(turn, i, True, run)
    }
    return harmless(asked, {p for p in asked.parameters if guarded.get(p) in refused}) if refused else asked


def _is_refused(turn: Turn, index: int, wanted: bool, run: CueRun) -> bool:
    if not wanted:
        return index < 0 or turn.hazards[index].phase is not FIRE  # nothing is on, so nothing has to be put out
    why = _not_now(turn, run) or _want(turn, index)
    if why:
        name = turn.show.hazards[index].name if index >= 0 else "a hazard"
        turn.note("hazard.refused", f"{run.cue} goes on without {name}: {why}", run.cue, run.number)
    return bool(why)


def _not_now(turn: Turn, run: CueRun | None) -> str:
    """A preview is a look at a cue; one that begins some way into itself does not make up for what it has passed."""
    if turn.previews:
        return "hazards are left out of a preview"
    late = turn.lapse + (run.late if run is not None else 0)
    return f"it was due {words_for(late)} s ago, and hazards are never made up for" if late else ""


def tell(turn: Turn, action: Perform, run: CueRun | None) -> None:
    """A cue or a trigger asks a guarded device for something. It is never asked again by itself, and is no running thing."""
    why = _may_tell(turn, action.device, action.verb, action.arguments, run)
    if why:
        who = str(run.cue) if run else "a trigger"
        turn.note(
            "hazard.refused", f"{who} goes on without {action.device}: {why}", run.cue if run else None, run.number if run else 0
        )
        return
    turn.tell(action.device, action.verb, action.arguments, action.kind, run.number if run else 0, run.cue if run else None)


def ask(turn: Turn, device: str, verb: str, arguments: tuple[tuple[str, Value], ...]) -> str:
    """A person asks a guarded device for something, outside any cue. Returns why not, or "" and the device may be told."""
    return _may_tell(turn, device, verb, arguments, None)


def _may_tell(turn: Turn, device: str, verb: str, arguments: tuple[tuple[str, Value], ...], run: CueRun | None) -> str:
    index = turn.stage.guarded_device[device]
    if index < 0:
        return "no interlock permits it"
    off = next(action for action in turn.show.hazards[index].off if action.device == device)
    on = tuple(item for item in turn.hazards[index].on if item[0] != device)
    if (off.verb, off.arguments) == (verb, arguments):
        _set(turn, index, on=on)
        return ""
    why = _not_now(turn, run) or _want(turn, index)
    if not why:
        _set(turn, index, on=(*on, (device, run.list if run else -1, run.number if run else 0)))
    return why


def may_grab(turn: Turn, parameters: tuple[int, ...], levels: tuple[int, ...]) -> str:
    """A hand may hold a hazard where it is safe, and nowhere else: a grab asks for no permit, and outlives every engine."""
    defaults = turn.stage.rendering.defaults
    for parameter, level in zip(parameters, levels, strict=True):
        if parameter in turn.stage.guarded and level != defaults[parameter]:
            name = turn.show.patch.fixtures[turn.show.patch.parameters[parameter].fixture].name
            return f"{name} is a hazard: it can be held where it is safe, and runs from a cue that says so"
    return ""


def arm(turn: Turn, index: int, armed: bool, origin: Origin) -> str:
    """Arms an attended hazard, or takes that back. Returns why not, or ""."""
    interlock, state = turn.show.hazards[index], turn.hazards[index]
    if interlock.kind is not Hazard.ATTENDED:
        return f"{interlock.name} is interlocked: its permit alone decides"
    if not armed:
        if _enter(turn, index, Signal.DISARM):
            turn.note("hazard.disarmed", f"{interlock.name} is armed no more")
        return ""
    if not origin.person:
        return f"{interlock.name} is armed by a named person: say who you are"
    why = _why_not_permitted(turn, index)
    if why or state.phase is not ENABLED:
        return f"{interlock.name} is {state.phase.value}" + (f": {why}" if why else "")
    _enter(turn, index, Signal.ARM)
    _set(turn, index, armed_on=origin.surface)
    turn.note("hazard.armed", f"{interlock.name} is armed by {origin.person} for {words_for(interlock.arm_expires)} s")
    return ""


def words_of(show: Show, state: State, parameter: int) -> str:
    """How it stands with the hazard that ``parameter`` belongs to; "" where it is none."""
    turn = Turn(stage_of(show), state)
    index = turn.stage.guarded.get(parameter)
    if index is None or index < 0:
        return "" if index is None else "a hazard that nothing permits: it never moves"
    interlock, kept = show.hazards[index], state.hazards[index]
    why = _why_not_permitted(turn, index)
    place = f" ({interlock.place})" if interlock.place.file else ""
    return f"guarded by {interlock.name}{place}, which is {'on' if kept.phase is FIRE else kept.phase.value}" + (
        f": {why}" if why else ""
    )


# --- states that are not lived through ------------------------------------------------------------------------------------------


def harmless_moves(turn: Turn, asked: tuple[LightMove, ...]) -> tuple[LightMove, ...]:
    """``asked`` without any hazard: what a locate or a back makes of it."""
    guarded = turn.stage.guarded
    return _without(asked, set(guarded)) if guarded else asked


def harmless(asked: Effect, gone: set[int]) -> Effect | None:
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


def _without(moves_: tuple[LightMove, ...], gone: set[int]) -> tuple[LightMove, ...]:
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
    everything_safe(turn, "the engine was started again")
    initial = {item.name: item.initial for item in show.inputs}
    for index, interlock in enumerate(show.hazards):
        turn.values |= {name: initial[name] for name in interlock.permit.names if name in initial}
        turn.values |= {f"{device}.health": "unknown" for device in turn.stage.reporting[index]}
    return turn.frozen(), tuple(command for command in turn.commands if isinstance(command, Tell))
