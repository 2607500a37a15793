"""Locate and back: making the room as if it had been played to there, computed, not replayed (R7, R10, R14)."""

from __future__ import annotations

import numpy as np

from showctl.engine import (
    following,
    harmless,
    hazards,
    lighting,
    looping,
    marking,
    performing,
    rating,
    servicing,
    starting,
    stopping,
)
from showctl.engine.settled import Settled
from showctl.engine.state import CueRun, Performed, Phase, Snapshot, Thing
from showctl.engine.turn import Turn
from showctl.light.plan import RowKind, Rows, pick
from showctl.show.cues import (
    ActionClass,
    Cue,
    LightMove,
    MoveKind,
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
    turn.update_list(index, history=state.history[:-1], restore=harmless.moves(turn, kept.restore), last=kept.last)
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
    ended = effects[~np.isin(effects["id"], old["id"])]
    lighting.end_rows(turn, ended, over)
    for thing in [t for t in turn.things.values() if t.rows and np.isin(t.rows, ended["id"]).all()]:
        del turn.things[thing.name]
    running = turn.plan.rows["id"][turn.plan.rows["ends"] == 0]  # one on its way out comes back, too
    back_again = old[(old["ends"] == 0) & ~np.isin(old["id"], running) & ~np.isin(old["parameter"], tuple(turn.stage.guarded))]
    if len(back_again):
        turn.light(back_again, back_again["id"])
        turn.row_id -= len(back_again)
        _name_again(turn, index, back_again)


def _name_again(turn: Turn, index: int, rows: Rows) -> None:
    """Effects that came back are things again, so that what ends them by name, or takes their place, finds them."""
    for owner in np.unique(rows["owner"]).tolist():
        ref = turn.owners.get(owner)
        mine = rows[rows["owner"] == owner]
        named: dict[str, tuple[int, ...]] = {}
        for effect in turn.show.cue(ref).effects if ref is not None else ():
            ids = mine["id"][np.isin(mine["parameter"], effect.parameters)].tolist()
            named[effect.name] = (*named.get(effect.name, ()), *ids)
        for name, together in named.items():
            if together:
                turn.things[name] = Thing(name, owner, index, rows=together, endless=True)


def _restore_devices(turn: Turn, index: int, then: dict[tuple[str, str], Performed], over: Duration) -> None:
    """What runs and should not stops; what should and does not is asked for again, where it would be now."""
    now = {place: kept for place, kept in turn.performed.items() if kept.list == index}
    stopped = [place for place, kept in now.items() if place not in then and stop_performed(turn, kept, over)]
    for place, kept in then.items():
        gone = any(other[0] == place[0] and performing.covers(place[1], other[1]) for other in stopped)
        if gone or now.get(place) != kept:
            ask_again(turn, kept)


def stop_performed(turn: Turn, kept: Performed, over: Duration) -> bool:
    """Ends what plays; False: other state stays as it is, for nobody knows what was before it."""
    verb = turn.show.device_named[kept.device].kind.verbs.get("stop")
    if kept.kind is not ActionClass.RESUME or verb is None:
        return False
    given = dict(kept.arguments) | {"fade": seconds_of(over)}
    if any(a.default is None and a.name not in given for a in verb.arguments):
        return False
    turn.tell(kept.device, "stop", tuple((a.name, given[a.name]) for a in verb.arguments if a.name in given))
    performing.forget(turn, kept.device, kept.key)
    return True


def ask_again(turn: Turn, kept: Performed) -> None:
    """Asks for a state or resume action again; a clip runs where it would be now, one that is over is left alone.

    It is a running thing again, with no cue run of its own, and a counted loop has the rest of its passes.
    """
    if servicing.still(turn, kept.device, kept.verb, kept.arguments):
        return
    arguments = kept.arguments
    if kept.kind is ActionClass.RESUME:
        elapsed = turn.now - kept.instant
        if kept.length is not None and elapsed >= kept.length and not kept.rests:
            return
        arguments = at_position(turn.show, kept, elapsed)
    performing.replace_thing(turn, (kept.device, kept.key))
    turn.tell(kept.device, kept.verb, arguments, kept.kind)
    if (fade := performing.faded(turn.show, kept)) is not None:
        turn.tell(kept.device, "fade", fade)
    turn.performed[kept.device, kept.key] = kept
    following.began(turn, kept.device, kept.verb, kept.arguments)
    if kept.name:
        looping.once_more(turn, kept)


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
    left = Settled(turn, index)
    for number, each in enumerate(played):
        left.add(each, number)
    _show_light(turn, index, played, left)
    _restore_devices(turn, index, left.performed, 0)
    for action in left.for_lists.values():
        performing.act(turn, action, None)
    turn.update_list(index, restore=harmless.moves(turn, left.undo()), last=cue.label)
    turn.set_value(f"{cue_list.name}.cue", cue.label)
    turn.set_standby(index, starting.after(turn, cue))
    marking.located(turn, index, cue)
    hazards.look_at_all(turn)
    turn.note("list.located", f"{cue_list.name} stands as if played to {cue.label}", cue.ref)


def _show_light(turn: Turn, index: int, played: tuple[Cue, ...], left: Settled) -> None:
    """The light and the effects that the cues leave behind, each owned by the cue that it comes from."""
    levels = left.levels
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
    for name, (parts, number) in left.effects.items():
        run = CueRun(turn.run_number, played[number].ref, index, turn.stage.list_clock[index], Phase.RUNNING, turn.now, turn.now)
        turn.run_number += 1
        turn.owners[run.number] = run.cue
        for effect in parts:
            kept = harmless.effect_without(effect, set(turn.stage.guarded))
            if kept is not None:
                lighting.start_effect(turn, run, kept)
        if name in left.rates and name in turn.things:
            rating.set_thing(turn, name, left.rates[name])
