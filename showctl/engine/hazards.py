"""Hazards in performance: nothing that can hurt moves unless every permissive was there within the last half second.

Rows on hazard parameters are made in FIRE only, and carry ``until``: half a second from now, renewed every quarter
of a second while the permit holds and the rows still want something. An engine that dies renews nothing, and the wire shows
SAFE by itself. A permit that falls takes the rows back in the same instant, and asks guarded devices for what makes them safe.
A cue that wants a hazard that is not enabled goes on without that part, and says so. Nothing here is ever made up for: after
a locate, a back, a pause, a panic, a reset, a restart the next cue has to ask anew.

The tables stand in ``hazard_machine.py``, who asks for hazards in ``hazard_asking.py``. Everything an interlock knows is
``HazardState``; the wake-up is a ``Due`` (``What.HAZARD``), and one interlock has one at most.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from showctl.engine import budgets, harmless, muted
from showctl.engine.hazard_machine import ARMED, FIRE, SAFE, Signal, after
from showctl.engine.state import HazardPhase, HazardState, What
from showctl.engine.turn import Turn
from showctl.light.clocks import SHOW_CLOCK
from showctl.light.plan import RowKind, Rows
from showctl.show.cues import Value
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
        look_at(turn, index)


def look_at_all(turn: Turn) -> None:
    """Asks every permit again."""
    for index in range(len(turn.hazards)):
        look_at(turn, index)


def look_at(turn: Turn, index: int) -> None:
    state, interlock = turn.hazards[index], turn.show.hazards[index]
    why = why_not_permitted(turn, index)
    if why:
        put(turn, index, permitted=None)
        _end(turn, index, Signal.FALL, why)
        return
    if state.permitted is None:
        state = put(turn, index, permitted=turn.now)
    if state.phase is not SAFE:
        return
    assert state.permitted is not None
    ready = max(state.permitted + interlock.dwell, state.rests)
    if turn.now < ready:
        _wake_at(turn, index, ready)
    elif enter(turn, index, Signal.PERMIT):
        turn.note("hazard.enabled", f"{interlock.name} is enabled")


def why_not_permitted(turn: Turn, index: int) -> str:
    """What is missing, in words; "" while everything is there."""
    interlock = turn.show.hazards[index]
    if turn.hazards[index].barred:
        return "nobody knows yet whether it will be permitted"
    if turn.latch:
        return f"{turn.latch} is in force"
    if turn.tags.locks:
        return f"maintenance lock of {', '.join(turn.tags.locks)}"
    if why := muted.of_interlock(turn.stage, turn.tags, index):
        return why
    for device in turn.stage.reporting[index]:
        if turn.values[f"{device}.health"] != "ok":
            return f"{device} is {turn.values[f'{device}.health']}, so its word does not count"
    for universe in turn.stage.hazard_universes[index]:
        health, why = turn.health.get(universe, ("ok", ""))
        if health != "ok":
            return f"{universe} is not ours alone: {why}"
    if not interlock.permit.holds(turn.look_up):
        seen = ", ".join(f"{name} is {_word(turn.values[name])}" for name in interlock.permit.names)
        return f"its permit does not hold: {interlock.permit.text}" + (f" ({seen})" if seen else "")
    return ""


def _word(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else f"{value:g}"


# --- the machine --------------------------------------------------------------------------------------------------------------


def put(turn: Turn, index: int, **changes: object) -> HazardState:
    """The interlock's state with ``changes``, in its place."""
    turn.hazards[index] = replace(turn.hazards[index], **changes)  # type: ignore[arg-type]
    return turn.hazards[index]


def enter(turn: Turn, index: int, signal: Signal) -> bool:
    """Takes the way that the table shows, if it shows one, and sees to it that the next wake-up comes."""
    interlock, state = turn.show.hazards[index], turn.hazards[index]
    phase = after(interlock.kind, state.phase, signal)
    if phase is None:
        return False
    put(turn, index, phase=phase, since=turn.now, armed_on="")
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
        if enter(turn, index, Signal.DISARM):
            turn.note("hazard.disarmed", f"{interlock.name} was armed for {words_for(interlock.arm_expires)} s and is no more")
    elif state.phase is not FIRE:
        look_at(turn, index)
    elif why := why_not_permitted(turn, index):
        _end(turn, index, Signal.FALL, why)
    elif not _is_wanted(turn, index, rows := _rows(turn, index)):
        _end(turn, index, Signal.DONE, "nothing is asked of it any more")
    elif interlock.longest is not None and turn.now >= state.since + interlock.longest:
        _end(turn, index, Signal.LONGEST, f"it has been on for {words_for(interlock.longest)} s, its longest")
    elif why := budgets.why_not(turn, index):
        _end(turn, index, Signal.LONGEST, why)
    else:
        _renew(turn, rows)
        _wake_at(turn, index, _next_renewal(turn, index))


def _renew(turn: Turn, rows: Rows) -> None:
    rows["until"] = turn.now + HOLD
    before = turn.row_id
    turn.light(rows, rows["id"])
    turn.row_id = before


def _end(turn: Turn, index: int, signal: Signal, why: str) -> None:
    """SAFE, at once: rows out, devices asked, nothing kept that would bring it back."""
    interlock, was = turn.show.hazards[index], turn.hazards[index]
    if not enter(turn, index, signal):
        return
    if was.phase is FIRE:
        put(turn, index, rests=turn.now + interlock.rest, uses=budgets.used(turn, index, was.since))
        turn.light(rows_out=_rows(turn, index)["id"])
        _make_safe(turn, index, (device for device, _, _ in was.on))
        _forget_restores(turn, index)
    if was.phase is FIRE or signal is not Signal.DONE:
        turn.note("hazard.safe", f"{interlock.name} is safe: {why}")
    if signal in (Signal.DONE, Signal.LONGEST):
        look_at(turn, index)


def _make_safe(turn: Turn, index: int, devices: Iterable[str]) -> None:
    wanted = set(devices)
    for action in turn.show.hazards[index].off:
        if action.device in wanted:
            turn.tell(action.device, action.verb, action.arguments, action.kind)
    put(turn, index, on=tuple(on for on in turn.hazards[index].on if on[0] not in wanted))


def _forget_restores(turn: Turn, index: int) -> None:
    """What the last cue had for itself only does not come back, where it would bring the hazard back."""
    guarded = set(turn.show.hazards[index].parameters)
    for number, state in enumerate(turn.lists):
        if any(not guarded.isdisjoint(move.parameters) for move in state.restore):
            turn.update_list(number, restore=harmless.moves_without(state.restore, guarded))


# --- what is under way --------------------------------------------------------------------------------------------------------


def _rows(turn: Turn, index: int) -> Rows:
    """A copy of the rows of lists on what the interlock guards; those of safe states stay out of it."""
    table = turn.plan.table
    guarded = turn.stage.hazard_marks[index]
    of_lists = (table.list >= 0) & (table.list < turn.stage.safe_list) & (table.kind <= RowKind.CHASE)
    return table.pick(of_lists & guarded[table.parameter])


def _is_wanted(turn: Turn, index: int, rows: Rows | None = None) -> bool:
    """Whether a device is on, or a row (``rows``, where they are known) is anywhere but settled where it rests."""
    if turn.hazards[index].on:
        return True
    rows = _rows(turn, index) if rows is None else rows
    if not len(rows):
        return False
    lines = turn.plan.lines
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
    put(turn, index, on=())
    _end(turn, index, Signal.HALT, why)
    _make_safe(turn, index, turn.show.hazards[index].devices)
    put(turn, index, permitted=None)
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
