"""What asks for hazards: moves, effects and verbs of cues, and people with their hands. Granted, or left out with a word.

A cue that wants what is not permitted goes on without that part. The machine itself stands in ``hazards.py``.
"""

from __future__ import annotations

from showctl.engine import budgets, harmless, hazards
from showctl.engine.events import Origin
from showctl.engine.hazard_machine import ARMED, ENABLED, FIRE, SAFE, Signal, after
from showctl.engine.stage import stage_of
from showctl.engine.state import CueRun, State
from showctl.engine.turn import Turn
from showctl.show.cues import Effect, LightMove, MoveKind, Perform, Value
from showctl.show.fixtures import Hazard
from showctl.show.instants import words_for
from showctl.show.show import Show


def _want(turn: Turn, index: int) -> str:
    """Somebody asks for the hazard now: "" where it may be, and then it is FIRE; else why not."""
    if index < 0:
        return "no interlock permits it"
    interlock, state = turn.show.hazards[index], turn.hazards[index]
    why = hazards.why_not_permitted(turn, index)
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
        if hand_of(turn.asked) == state.armed_on:
            return f"it was armed on {state.armed_on}, so it is fired from somewhere else"
    assert after(interlock.kind, state.phase, Signal.WANT) is FIRE, "the table agrees"
    hazards.enter(turn, index, Signal.WANT)
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
    return (
        harmless.moves_without(asked, {parameter for parameter, index in guarded.items() if index in refused})
        if refused
        else asked
    )


def effect(turn: Turn, asked: Effect, run: CueRun) -> Effect | None:
    """``asked`` without the hazards that are not permitted; None where nothing is left."""
    guarded = turn.stage.guarded
    if not guarded or guarded.keys().isdisjoint(asked.parameters):
        return asked
    refused = {
        i for i in dict.fromkeys(guarded.get(p) for p in asked.parameters) if i is not None and _is_refused(turn, i, True, run)
    }
    return harmless.effect_without(asked, {p for p in asked.parameters if guarded.get(p) in refused}) if refused else asked


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
        hazards.put(turn, index, on=on)
        return ""
    why = _not_now(turn, run) or _want(turn, index)
    if not why:
        hazards.put(turn, index, on=(*on, (device, run.list if run else -1, run.number if run else 0)))
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
        if hazards.enter(turn, index, Signal.DISARM):
            turn.note("hazard.disarmed", f"{interlock.name} is armed no more")
        return ""
    if not origin.person:
        return f"{interlock.name} is armed by a named person: say who you are"
    why = hazards.why_not_permitted(turn, index)
    if why or state.phase is not ENABLED:
        return f"{interlock.name} is {state.phase.value}" + (f": {why}" if why else "")
    hazards.enter(turn, index, Signal.ARM)
    hazards.put(turn, index, armed_on=hand_of(origin))
    turn.note("hazard.armed", f"{interlock.name} is armed by {origin.person} for {words_for(interlock.arm_expires)} s")
    return ""


def hand_of(origin: Origin) -> str:
    """Whose hand it is, for the rule that one of them cannot both arm and fire: a page's keys and its buttons are one desk."""
    if not origin.address:
        return origin.surface
    return f"{'console' if origin.surface == 'key' else origin.surface} at {origin.address}"


def lacking(show: Show, state: State) -> list[str]:
    """What keeps each interlock safe, in words; "" where it may run."""
    turn = Turn(stage_of(show), state)
    return [hazards.why_not_permitted(turn, index) for index in range(len(show.hazards))]


def words_of(show: Show, state: State, parameter: int) -> str:
    """How it stands with the hazard that ``parameter`` belongs to; "" where it is none."""
    turn = Turn(stage_of(show), state)
    index = turn.stage.guarded.get(parameter)
    if index is None or index < 0:
        return "" if index is None else "a hazard that nothing permits: it never moves"
    interlock, kept = show.hazards[index], state.hazards[index]
    why = hazards.why_not_permitted(turn, index)
    place = f" ({interlock.place})" if interlock.place.file else ""
    return f"guarded by {interlock.name}{place}, which is {'on' if kept.phase is FIRE else kept.phase.value}" + (
        f": {why}" if why else ""
    )
