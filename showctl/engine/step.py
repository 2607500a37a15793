"""What happens on GO, and on everything else: ``step(show, state, event, now) -> (state, commands)``.

Pure: no clock, no chance, no I/O, no ticks. Whatever was due before ``now`` happens first, each piece at the instant at
which it was due, in (instant, order) order, so lateness never adds up and a live run equals its rehearsal. Then ``event``
happens at ``now``. ``next_deadline`` says when the engine wants waking. The loop that calls this is ``runtime/playback.py``.

How GO reads from here: ``_go`` below -> ``starting.go`` (which cue, where the standby moves) -> ``starting.act`` (light,
effects, actions, members) -> ``lighting.move_light`` and ``performing.act`` (rows of the plan, words to devices).
"""

from __future__ import annotations

from typing import TypeAlias, assert_never

from showctl.engine import (
    again,
    appointing,
    chasing,
    checking,
    following,
    grouping,
    halting,
    hazard_asking,
    hazards,
    holding,
    landing,
    lighting,
    loading,
    looping,
    marking,
    performing,
    rating,
    servicing,
    settling,
    starting,
    stopping,
    technicians,
    watching,
)
from showctl.engine.commands import Answer, Command
from showctl.engine.events import (
    Appointed,
    Arm,
    Ask,
    Back,
    ChannelCheck,
    ClockMoved,
    DeviceHealth,
    DeviceReported,
    Evacuate,
    Event,
    Go,
    Grab,
    Identify,
    InputChanged,
    InService,
    Load,
    Locate,
    Maintain,
    Master,
    OutOfService,
    Panic,
    Park,
    Pause,
    Preview,
    Rate,
    Rdm,
    Rearm,
    Reset,
    Resume,
    Standby,
    StandbyMove,
    Start,
    Stop,
    TrackMoved,
    Ungrab,
    Unpark,
)
from showctl.engine.stage import Stage, empty_plan, first_clocks, stage_of
from showctl.engine.state import Due, ListState, State, TriggerState, What
from showctl.engine.turn import Turn
from showctl.engine.view import words_for_go
from showctl.light.clocks import SHOW_CLOCK
from showctl.show.cues import CueRef, Value
from showctl.show.instants import Instant
from showctl.show.levels import FULL, clamp
from showctl.show.show import Show

MOST_TOKENS = 64
_ListRequest: TypeAlias = Standby | StandbyMove | Start | Preview | Load | Stop | Pause | Resume | Rate | Back | Locate


def initial(show: Show) -> State:
    """Before the first event: every list at its top, nothing running, nothing latched."""
    stage = stage_of(show)
    values: dict[str, Value] = {item.name: item.initial for item in show.inputs}
    values |= {item.full_name: item.initial for item in show.variables}
    for device in show.devices:
        values |= {f"{device.name}.{item.name}": item.initial for item in device.kind.fields.values()}
        values[f"{device.name}.health"] = "unknown"
    lists = tuple(ListState(item.cues[0].label if item.cues else None) for item in show.lists)
    for item, state in zip(show.lists, lists, strict=True):
        values[f"{item.name}.cue"] = ""
        values[f"{item.name}.standby"] = state.standby or ""
    triggers = tuple(TriggerState(item.when.holds(lambda name: values[name]), armed=item.armed) for item in show.triggers)
    return State(
        0, lists, {}, (), first_clocks(stage), empty_plan(stage), values, {}, {}, triggers, {}, hazards=hazards.first(show)
    )


def step(show: Show, state: State, event: Event | None, now: Instant) -> tuple[State, tuple[Command, ...]]:
    """Everything due until ``now``, then ``event`` (None: nothing but time has passed), then what of it is due at once."""
    turn = Turn(stage_of(show), state)
    _run_to(turn, now)
    turn.move_to(now)
    if event is not None:
        turn.asked = event.origin if isinstance(event, Go | Start | Preview) else None
        turn.previews = isinstance(event, Preview)
        _handle(turn, event)
        turn.asked, turn.previews = None, False
        watching.look(turn)
        _run_to(turn, now)
    return turn.frozen(), tuple(turn.commands)


def _run_to(turn: Turn, now: Instant) -> None:
    """Does everything that is due by ``now``, at the instants at which it was due."""
    while (due := _earliest(turn, now)) is not None:
        instant, entry = due
        turn.move_to(instant)
        turn.agenda.remove(entry)
        _happen(turn, entry)
        watching.look(turn)


def next_deadline(state: State) -> Instant | None:
    """The earliest ``now`` at which something is due; None while nothing ever will be by itself."""
    instants = [instant for due in state.agenda if (instant := _instant(state, due)) is not None]
    return max(min(instants), state.now) if instants else None


def _instant(state: State | Turn, due: Due) -> Instant | None:
    return due.local if due.clock == SHOW_CLOCK else state.clocks[due.clock].due(due.local)


def _earliest(turn: Turn, now: Instant) -> tuple[Instant, Due] | None:
    """The next piece of due work not later than ``now``. What a clock has stepped past is due at once."""
    best: tuple[Instant, int, Due] | None = None
    for due in turn.agenda:
        instant = _instant(turn, due)
        if instant is not None and instant <= now:
            key = (max(instant, turn.now), due.order, due)
            if best is None or key[:2] < best[:2]:
                best = key
    return None if best is None else (best[0], best[2])


def _happen(turn: Turn, due: Due) -> None:
    """One piece of due work."""
    match due.what:
        case What.PANIC_END:
            halting.panic_over(turn)
            return
        case What.TIDY:
            lighting.tidy(turn)
            return
        case What.HOLD:
            holding.due(turn, due)
            return
        case What.LOOP_END:
            looping.loop_ended(turn, due)
            return
        case What.HAZARD:
            hazards.due(turn, due.run)
            return
        case What.CHECK:
            checking.due(turn, due.thing)
            return
        case What.MARK:
            marking.due(turn, due)
            return
        case _:
            pass
    run = turn.runs.get(due.run)
    if run is None:
        return
    match due.what:
        case What.CATCH_UP:
            chasing.caught_up(turn, run, _happen)
        case What.PLAY_ON:
            loading.play_on(turn, run, _happen)
        case What.ACT:
            starting.act(turn, run)
        case What.CONTENT_END:
            starting.content_ended(turn, run)
        case What.MEMBER:
            grouping.member_due(turn, run, due.lands)
        case What.WAIT_DEADLINE:
            starting.wait_over(turn, run, timed_out=True)
        case What.NEXT_DEADLINE:
            starting.next_deadline_passed(turn, run)
        case What.CHAIN:
            starting.chain(turn, run, lands=due.lands)
        case What.BEGIN:
            starting.begin(turn, run)
        case What.EARLY:
            landing.due(turn, run, due)
        case _:
            assert_never(due.what)


def _handle(turn: Turn, event: Event) -> None:
    """What came in. Requests are answered; facts change values, and whoever watches those is asked afterwards."""
    if why := servicing.refusal(turn, event):
        _answer(turn, refused=why)
        return
    match event:
        case InputChanged(name=name, value=value):
            if name in turn.values:
                turn.set_value(name, value)
        case DeviceReported(device=device, field=field, value=value):
            if f"{device}.{field}" in turn.values:
                turn.set_value(f"{device}.{field}", value)
        case DeviceHealth(device=device, health=health, why=why):
            turn.health[device] = (health, why)
            hazards.returned(turn, device, health)
            if f"{device}.health" in turn.values:
                turn.set_value(f"{device}.health", health)
            turn.note("device.health", f"{device} is {health}" + (f": {why}" if why else ""))
        case Appointed():
            appointing.keep(turn, event)
        case TrackMoved():
            following.seen(turn, event)
        case ClockMoved():
            chasing.clock_moved(turn, event, _happen)
        case Go():
            _go(turn, event)
        case Panic():
            _panic(turn)
        case Evacuate():
            halting.panic(turn, 0, "evacuate")
            _answer(turn)
        case Rearm(origin=origin):
            _answer(turn, refused=halting.rearm(turn, origin.person))
        case Reset():
            _reset(turn)
        case Standby() | StandbyMove() | Start() | Preview() | Load() | Stop() | Pause() | Resume() | Rate() | Back() | Locate():
            _handle_list_request(turn, event)
        case Master(name=name, level=level, over=over):
            known = name in ("grand", "blackout") or any(item.name == name for item in turn.show.submasters)
            if known:
                performing.set_master(turn, name, clamp(level), over)
            _answer(turn, refused="" if known else f"no master is called {name}")
        case Grab():
            _grab(turn, event)
        case Ungrab(parameters=parameters, park=park):
            _ungrab(turn, parameters, park)
        case Ask(device=device, verb=verb, arguments=arguments):
            _ask(turn, device, verb, arguments)
        case Arm():
            _answer(turn, refused=_arm(turn, event))
        case ChannelCheck() | Identify() | Park() | Unpark() | OutOfService() | InService() | Maintain() | Rdm():
            technicians.handle(turn, event)
        case _:
            assert_never(event)


# --- requests about lists ------------------------------------------------------------------------------------------------


def _go(turn: Turn, event: Go) -> None:
    """GO: (resolve standby, start, advance standby), one transaction (R1); the GO window is the list's (R3)."""
    index = _list(turn, event.list)
    if index is None:
        return _answer(turn, refused=f"no list is called {event.list}")
    cue_list, state = turn.show.lists[index], turn.lists[index]
    if turn.latch:
        return _answer(turn, index, refused=f"{turn.latch} is in force: re-arm first")
    if event.token and event.token in turn.tokens:
        return _answer(turn, index, refused="the same GO was heard before")
    if event.origin.human and state.last_go is not None:
        left = state.last_go + cue_list.go_window - turn.now
        if left > 0:
            turn.note("go.discarded", f"GO on {cue_list.name} discarded, {words_for_go(left)} too soon")
            return _answer(turn, index, refused=f"too soon after the last GO: {words_for_go(left)} left of the GO window")
    if event.cue is not None and event.cue not in cue_list.named:
        return _answer(turn, index, refused=f"{cue_list.name} has no cue {event.cue}")
    ref = None if event.cue is None else CueRef(cue_list.name, event.cue)
    if ref is None and state.standby is None:
        return _answer(turn, index, refused=f"{cue_list.name} is at its end: nothing stands by")
    target = ref or CueRef(cue_list.name, state.standby or "")
    if why := again.refusal(turn, target):
        return _answer(turn, index, refused=why)
    if event.token:
        turn.tokens = (*turn.tokens, event.token)[-MOST_TOKENS:]
    if not again.starts(turn, target):
        turn.update_list(index, last_go=turn.now)
        return _answer(turn, index)
    kept = settling.snapshot(turn, index)
    again.clear(turn, target)
    started = starting.go(turn, index, ref)
    settling.remember(turn, index, kept)
    turn.update_list(index, last_go=turn.now)
    return _answer(turn, index, started=started)


def _handle_list_request(turn: Turn, event: _ListRequest) -> None:
    """Requests that name a list (or, left empty, mean every list) and perhaps a cue of it."""
    index = _list(turn, event.list)
    if index is None:
        return _answer(turn, refused=f"no list is called {event.list}")
    cue_list = turn.show.lists[index]
    label = None if isinstance(event, StandbyMove | Back) else event.cue
    if label is not None and label not in cue_list.named:
        return _answer(turn, index, refused=f"{cue_list.name} has no cue {label}")
    if turn.latch and isinstance(event, Start | Preview | Locate | Back | Resume):
        return _answer(turn, index, refused=f"{turn.latch} is in force: re-arm first")
    chosen = (index,) if event.list else tuple(range(len(turn.lists)))
    match event:
        case Standby(cue=label):
            if label is not None and cue_list.named[label].index < 0:
                return _answer(turn, index, refused=f"{label} is inside a group and cannot stand by")
            turn.set_standby(index, label, manual=True)
        case StandbyMove(by=by):
            _move_standby(turn, index, by)
        case Start(cue=label):
            ref = CueRef(cue_list.name, label)
            if why := again.refusal(turn, ref):
                return _answer(turn, index, refused=why)
            if not again.starts(turn, ref):
                return _answer(turn, index)
            again.clear(turn, ref)
            starting.start(turn, ref, moves_standby=False)
            return _answer(turn, index, started=ref)
        case Preview(cue=label):
            ref = CueRef(cue_list.name, label)
            if again.runs(turn, ref):
                return _answer(turn, index, refused=f"{ref} is running already")
            starting.start(turn, ref, chains=False, at=cue_list.named[label].wait)
            return _answer(turn, index, started=ref)
        case Load(cue=label, at=at):
            return _answer(turn, index, refused=loading.load(turn, CueRef(cue_list.name, label), at))
        case Stop(cue=label, over=over):
            if label is not None:
                over = cue_list.release_time if over is None else over
                stopped = stopping.stop_cue(turn, CueRef(cue_list.name, label), over)
                return _answer(turn, index, refused="" if stopped else f"{cue_list.name}/{label} is not running")
            for each in chosen:
                stopping.release_list(turn, each, turn.show.lists[each].release_time if over is None else over)
        case Pause(cue=label) | Resume(cue=label):
            pausing = isinstance(event, Pause)
            if label is not None:
                runs = [run for run in turn.runs.values() if run.cue == CueRef(cue_list.name, label)]
                for run in runs:
                    (halting.pause_cue if pausing else halting.resume_cue)(turn, run.number)
                return _answer(turn, index, refused="" if runs else f"{cue_list.name}/{label} is not running")
            for each in chosen:
                (halting.pause_list if pausing else halting.resume_list)(turn, each)
        case Rate(cue=label):
            return _answer(turn, index, refused=rating.requested(turn, event, chosen, cue_list))
        case Back():
            return _answer(turn, index, refused=settling.back(turn, index))
        case Locate(cue=label):
            cue = cue_list.named[label]
            if cue.index < 0:
                return _answer(turn, index, refused=f"{label} is inside a group; locate to the group")
            settling.locate(turn, index, cue)
        case _:
            assert_never(event)
    return _answer(turn, index)


def _move_standby(turn: Turn, index: int, by: int) -> None:
    cues = turn.show.lists[index].cues
    if not cues:
        return
    standby = turn.lists[index].standby
    at = len(cues) if standby is None else turn.show.lists[index].named[standby].index
    turn.set_standby(index, cues[min(max(at + by, 0), len(cues) - 1)].label, manual=True)


def _list(turn: Turn, name: str) -> int | None:
    found = turn.show.list_named.get(name or turn.show.main_list or turn.show.lists[0].name)
    return found.index if found else None


def _answer(turn: Turn, index: int | None = None, *, started: CueRef | None = None, refused: str = "") -> None:
    standby = None
    if index is not None and (label := turn.lists[index].standby) is not None:
        standby = CueRef(turn.show.lists[index].name, label)
    turn.commands.append(Answer(turn.now, refused, started, standby))


# --- the rest ------------------------------------------------------------------------------------------------------------------


def _panic(turn: Turn) -> None:
    """A first press fades, a second cuts; presses within 150 ms are one press (R5)."""
    fading = [due for due in turn.agenda if due.what is What.PANIC_END]
    if turn.latch == "evacuate":
        return _answer(turn, refused="evacuation is in force already")
    if fading and turn.now - (fading[0].local - turn.show.panic_time) < halting.SAME_PRESS:
        return _answer(turn)
    halting.panic(turn, 0 if turn.latch else turn.show.panic_time, "panic")
    return _answer(turn)


def _reset(turn: Turn) -> None:
    if turn.latch:
        return _answer(turn, refused=f"{turn.latch} is in force: re-arm first")
    halting.reset(turn)
    return _answer(turn)


def _grab(turn: Turn, event: Grab) -> None:
    most = len(turn.show.patch.parameters)
    if len(event.parameters) != len(event.levels) or any(not 0 <= p < most for p in event.parameters):
        return _answer(turn, refused="a grab needs one level for each parameter, and parameters that exist")
    who = event.origin.person or event.origin.surface
    levels = tuple(min(max(level, 0), FULL) for level in event.levels)
    why_not = hazard_asking.may_grab(turn, event.parameters, levels)
    if why_not:
        return _answer(turn, refused=why_not)
    lighting.grab(turn, event.parameters, levels, park=event.park)
    for parameter in event.parameters:
        turn.grabbed[parameter] = f"{'parked' if event.park else 'grabbed'} by {who}" + (
            f": {event.reason}" if event.reason else ""
        )
    servicing.of_grab(turn, event)
    return _answer(turn)


def _ungrab(turn: Turn, parameters: tuple[int, ...], park: bool) -> None:
    lighting.ungrab(turn, parameters, park=park)
    if park:
        servicing.forget_parked(turn, parameters)
    word = "parked" if park else "grabbed"
    for parameter in parameters or tuple(turn.grabbed):
        if turn.grabbed.get(parameter, "").startswith(word):
            del turn.grabbed[parameter]
    _answer(turn)


def _ask(turn: Turn, device: str, verb: str, arguments: tuple[tuple[str, Value], ...]) -> None:
    known = turn.show.device_named.get(device)
    if known is None or verb not in known.kind.verbs:
        return _answer(turn, refused=f"no device {device} that knows {verb}")
    wanted = known.kind.verbs[verb]
    given = dict(arguments)
    missing = [a.name for a in wanted.arguments if a.name not in given and a.default is None]
    if missing or set(given) - {a.name for a in wanted.arguments}:
        return _answer(turn, refused=f"{verb} takes {', '.join(a.name for a in wanted.arguments) or 'no arguments'}")
    filled = tuple((a.name, value) for a in wanted.arguments if (value := given.get(a.name, a.default)) is not None)
    why_not = hazard_asking.ask(turn, device, verb, filled) if device in turn.stage.guarded_device else ""
    if why_not:
        return _answer(turn, refused=f"{device} is a hazard: {why_not}")
    turn.tell(device, verb, filled, wanted.kind)
    return _answer(turn)


def _arm(turn: Turn, event: Arm) -> str:
    name, armed, list_name = event.name, event.armed, event.list
    if list_name:
        cue_list = turn.show.list_named.get(list_name)
        if cue_list is None or name not in cue_list.named:
            return f"no cue {list_name}/{name}"
        ref = CueRef(list_name, name)
        turn.disarmed = turn.disarmed - {ref} if armed else turn.disarmed | {ref}
        return ""
    for trigger in turn.show.triggers:
        if trigger.name == name:
            from dataclasses import replace

            turn.triggers[trigger.index] = replace(turn.triggers[trigger.index], armed=armed)
            return ""
    for interlock in turn.show.hazards:
        if interlock.name == name:
            return hazard_asking.arm(turn, interlock.index, armed, event.origin)
    return f"no trigger is called {name}"


__all__ = ["Stage", "initial", "next_deadline", "step"]
