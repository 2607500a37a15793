"""Pause and resume, stop, panic, evacuate, re-arm, reset: the verbs that hold or end things (R5, R6, R15)."""

from __future__ import annotations

from dataclasses import replace

from showctl.engine import budgets, chasing, checking, coding, hazards, holding, lighting, muting, rating, servicing, stopping
from showctl.engine.stage import first_clocks
from showctl.engine.state import ListState, What
from showctl.engine.tags import LADDER
from showctl.engine.turn import Turn
from showctl.light.clocks import SHOW_CLOCK
from showctl.light.masters import resting
from showctl.light.plan import MasterKind, RowKind, Rows
from showctl.show.cues import ActionClass, Perform, Value
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, SECOND, Duration, seconds_of
from showctl.show.triggers import Scope

REARM_FADE = SECOND
CUTS = frozenset({"mute", "blank", "silence"})
"""Words of a safe state that wait until sound and picture have faded (at once where there is no time to)."""
SAME_PRESS = 150 * MILLISECOND
"""Presses of panic closer than this are one press (R5)."""


# --- pause and resume ---------------------------------------------------------------------------------------------------


def pause_list(turn: Turn, index: int) -> None:
    """The list's clock stands still; what plays for it is held."""
    if turn.lists[index].paused:
        return
    turn.update_list(index, paused=True)
    hazards.let_go(turn, index)
    clocks = (turn.stage.list_clock[index], *rating.own_clocks(turn, index))
    turn.set_clock(*(turn.clocks[clock].paused(turn.now) for clock in clocks))
    chasing.list_pauses(turn, index)
    holding.paused(turn, index)
    turn.note("list.paused", f"{turn.show.lists[index].name} is paused")
    _hold_devices(turn, index, True)


def resume_list(turn: Turn, index: int) -> None:
    """The list's clock runs on from where it stood."""
    if not turn.lists[index].paused:
        return
    turn.update_list(index, paused=False)
    clocks = (turn.stage.list_clock[index], *rating.own_clocks(turn, index))
    turn.set_clock(*(rating.going(turn, index, clock) for clock in clocks))
    chasing.list_resumes(turn, index)
    holding.resumed(turn, index)
    turn.note("list.resumed", f"{turn.show.lists[index].name} goes on")
    _hold_devices(turn, index, False)


def _hold_devices(turn: Turn, index: int, on: bool) -> None:
    """Tells the players that play for this list, unless a list that is not paused plays there, too."""
    for device in turn.show.devices:
        if device.kind.on_hold != "pause" or "pause" not in device.kind.verbs:
            continue
        users = {kept.list for kept in turn.performed.values() if kept.device == device.name and kept.list >= 0}
        others = any(not turn.lists[user].paused for user in users - {index})
        if index in users and not (on and others):
            turn.tell(device.name, "pause", (("on", on),))


def pause_cue(turn: Turn, number: int) -> None:
    """One run stands still on a clock of its own."""
    run = turn.runs[number]
    if run.paused:
        return
    hazards.let_go(turn, run.list, stopping.family_of(turn, number))
    run = rating.own_clock(turn, run)
    turn.set_clock(turn.clocks[run.clock].paused(turn.now))
    turn.update(run, paused=True)
    turn.note("cue.paused", f"{run.cue} is paused", run.cue, number)


def resume_cue(turn: Turn, number: int) -> None:
    """A run paused alone goes on, on its own clock."""
    run = turn.runs[number]
    if not run.paused:
        return
    turn.update(run, paused=False)
    if not turn.lists[run.list].paused:
        turn.set_clock(rating.going(turn, run.list, run.clock))
    turn.note("cue.resumed", f"{run.cue} goes on", run.cue, number)


# --- panic and evacuation ------------------------------------------------------------------------------------------------


def panic(turn: Turn, over: Duration, latch: str) -> None:
    """Everything stops; the room goes to its safe states over ``over``. GO is refused until re-armed."""
    again = bool(turn.latch)
    turn.latch = latch
    hazards.everything_safe(turn, latch)
    checking.end_all(turn)
    turn.runs.clear()
    turn.things.clear()
    turn.agenda = [due for due in turn.agenda if due.what is What.TIDY]
    for index, state in enumerate(turn.lists):
        if state.paused:
            resume_list(turn, index)
        turn.update_list(index, restore=())
    for device in turn.show.devices:
        _quieten(turn, device, over)
    coding.forget_others(turn)
    for action in safe_actions(turn):
        if action.verb not in CUTS:
            _say(turn, action)
    lighting.end_rows(turn, turn.plan.rows[turn.plan.rows["kind"] >= RowKind.EFFECT], over)
    lighting.show_safe(turn, over)
    turn.schedule(SHOW_CLOCK, turn.now + over, What.PANIC_END)
    words = "evacuation: safe states at once" if latch == "evacuate" else "panic: to the safe states"
    turn.note(latch if not again else f"{latch}.again", words)


def panic_over(turn: Turn) -> None:
    """The fade to the safe states is over: what was to fade out first is cut, what the lists held is dropped."""
    for action in safe_actions(turn):
        if action.verb in CUTS:
            _say(turn, action)
    lighting.drop_lists(turn)
    lighting.tidy(turn)


def safe_actions(turn: Turn) -> tuple[Perform, ...]:
    """What the zones' safe states ask of devices, each asked once, in file order."""
    asked: dict[tuple[str, str, tuple[tuple[str, Value], ...]], Perform] = {}
    for zone in turn.show.zones:
        for action in zone.safe.actions:
            asked.setdefault((action.device, action.verb, action.arguments), action)
    return tuple(asked.values())


def _say(turn: Turn, action: Perform) -> None:
    turn.tell(action.device, action.verb, action.arguments, action.kind)


def _quieten(turn: Turn, device: Device, over: Duration, home: bool = False) -> None:
    """Sound and picture of the show fade out; an XR scene stops; sound objects stay where they are, or go ``home``."""
    for verb in ("silence", "blank"):
        if verb in device.kind.verbs:
            turn.tell(device.name, verb, (("fade", seconds_of(over)),))
    if device.kind.name == "xr_engine":
        turn.tell(device.name, "stop", ())
    if "freeze" in device.kind.verbs:
        turn.tell(device.name, "freeze", (("home", home),))


def rearm(turn: Turn, person: str) -> str:
    """Ends panic or evacuation; the safe look stays until cues take over. Returns why not, or ""."""
    if not turn.latch:
        return "nothing is latched: there is no panic and no evacuation to end"
    if turn.latch == "evacuate" and not person:
        return "an evacuation is re-armed by a named person on the spot: say who you are"
    if any(due.what is What.PANIC_END for due in turn.agenda):
        turn.agenda = [due for due in turn.agenda if due.what is not What.PANIC_END]
        panic_over(turn)
    was, turn.latch = turn.latch, ""
    lighting.rest_safe(turn)
    for device in turn.show.devices:
        verbs = device.kind.verbs
        if "mute" in verbs:
            turn.tell(device.name, "mute", (("on", False),))
        if "passthrough" in verbs:
            turn.tell(device.name, "passthrough", (("message", ""), ("on", False)))
    muting.again(turn)
    hazards.look_at_all(turn)
    turn.note("rearmed", f"{was} ended" + (f" by {person}" if person else ""))
    return ""


def _resting_masters(turn: Turn) -> Rows:
    """Every master that somebody has touched, where it does nothing."""
    rows = turn.plan.masters.copy()
    for row in rows:
        level = resting(MasterKind(int(row["kind"])))
        row["source"], row["target"], row["duration"] = level, level, 0
    return rows


# --- reset -----------------------------------------------------------------------------------------------------------------


def reset(turn: Turn) -> None:
    """Everything as before the first show of the day: the next show with the same inputs is the same show (R15)."""
    hazards.everything_safe(turn, "reset")
    budgets.new_show(turn)
    checking.end_all(turn)
    for device in turn.show.devices:
        _quieten(turn, device, 0, home=True)
    for action in turn.show.reset_actions:
        if not servicing.still(turn, action.device, action.verb, action.arguments):
            turn.tell(action.device, action.verb, action.arguments, ActionClass.STATE)
    turn.runs.clear()
    turn.things.clear()
    coding.forget_others(turn)
    turn.agenda.clear()
    turn.owners.clear()
    turn.disarmed = frozenset()
    turn.tokens = ()
    turn.turns.clear()
    turn.rates.clear()
    turn.loaded.clear()
    kind = turn.plan.rows["kind"]
    stays = (kind >= RowKind.PARK) | ((kind == RowKind.OVERRIDE) & (turn.plan.rows["owner"] == LADDER))
    parked = turn.plan.rows["id"][stays]
    own = tuple(number for number in turn.clocks if number not in first_clocks(turn.stage))
    turn.clocks = {n: c for n, c in turn.clocks.items() if n not in own}
    clocks = {n: c for n, c in first_clocks(turn.stage, turn.now).items() if n in turn.stage.list_clock}
    turn.clocks |= clocks
    rows = turn.plan.rows["id"]
    turn.light(
        rows_out=[row for row in rows.tolist() if row not in set(parked.tolist())],
        clocks=tuple(clocks.values()),
        clocks_out=own,
        masters=_resting_masters(turn),
    )
    for index, cue_list in enumerate(turn.show.lists):
        first = cue_list.cues[0].label if cue_list.cues else None
        turn.lists[index] = ListState(first)
        turn.set_value(f"{cue_list.name}.cue", "")
        turn.set_value(f"{cue_list.name}.standby", first or "")
    for variable in turn.show.variables:
        if variable.scope is not Scope.DAY:
            turn.set_value(variable.full_name, variable.initial)
    turn.triggers = [replace(trigger, acted=None) for trigger in turn.triggers]
    hazards.look_at_all(turn)
    turn.note("reset", "everything is as before the first show of the day")
