"""What happens on GO, and on everything else: ``step(show, state, event, now) -> (state, commands)``.

Pure: no clock, no chance, no I/O, no ticks. Whatever was due before ``now`` happens first, each piece at the instant at
which it was due, in (instant, order) order, so lateness never adds up and a live run equals its rehearsal. Then ``event``
happens at ``now``. ``next_deadline`` says when the engine wants waking. The loop that calls this is ``runtime/playback.py``.

How GO reads from here: ``_go`` below -> ``starting.go`` (which cue, where the standby moves) -> ``starting.act`` (light,
effects, actions, members) -> ``lighting.move_light`` and ``performing.act`` (rows of the plan, words to devices).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import assert_never

from showctl.engine import (
    again,
    appointing,
    chasing,
    checking,
    coding,
    completing,
    failing,
    following,
    grouping,
    halting,
    hands,
    hazards,
    holding,
    landing,
    lighting,
    list_requests,
    loading,
    looping,
    marking,
    performing,
    preparing,
    servicing,
    settling,
    speaking,
    starting,
    technicians,
    watching,
)
from showctl.engine.commands import Command
from showctl.engine.events import (
    Appointed,
    Arm,
    Ask,
    Back,
    ChannelCheck,
    ClockMoved,
    DeviceFailed,
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
    Mute,
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
from showctl.engine.list_requests import answer, list_of
from showctl.engine.stage import Stage, empty_plan, first_clocks, stage_of
from showctl.engine.state import Due, ListState, State, TriggerState, What
from showctl.engine.turn import Turn
from showctl.engine.view import words_for_go
from showctl.light.clocks import SHOW_CLOCK
from showctl.show.cues import CueRef, Value
from showctl.show.instants import Instant
from showctl.show.levels import clamp
from showctl.show.show import Show

MOST_TOKENS = 64


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
        coding.look(turn)
        _run_to(turn, now)
    return turn.frozen(), tuple(turn.commands)


def run_on(show: Show, state: State, now: Instant) -> Generator[None, None, tuple[State, tuple[Command, ...]]]:
    """``step`` without an event, one piece of due work at a time: whoever thinks of what is to come may listen in between.

    What it returns at its end is what ``step`` gives; nothing is seen of it before.
    """
    turn = Turn(stage_of(show), state)
    yield from _each(turn, now)
    turn.move_to(now)
    return turn.frozen(), tuple(turn.commands)


def _run_to(turn: Turn, now: Instant) -> None:
    """Does everything that is due by ``now``, at the instants at which it was due."""
    for _ in _each(turn, now):
        pass


def _each(turn: Turn, now: Instant) -> Iterator[None]:
    while (due := _earliest(turn, now)) is not None:
        instant, entry = due
        turn.move_to(instant)
        turn.agenda.remove(entry)
        _happen(turn, entry)
        watching.look(turn)
        coding.look(turn)  # at the instant itself: a late waking tells the same line
        yield


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
            completing.content_ended(turn, run)
        case What.MEMBER:
            grouping.member_due(turn, run, due.lands)
        case What.WAIT_DEADLINE:
            completing.wait_over(turn, run, timed_out=True)
        case What.NEXT_DEADLINE:
            completing.next_deadline_passed(turn, run)
        case What.CHAIN:
            completing.chain(turn, run, lands=due.lands)
        case What.BEGIN:
            starting.begin(turn, run)
        case What.EARLY:
            landing.due(turn, run, due)
        case What.READY:
            preparing.ready_over(turn, run)
        case _:
            assert_never(due.what)


def _handle(turn: Turn, event: Event) -> None:
    """What came in. Requests are answered; facts change values, and whoever watches those is asked afterwards."""
    if why := servicing.refusal(turn, event):
        answer(turn, refused=why)
        return
    match event:
        case InputChanged(name=name, value=value):
            if name in turn.values:
                turn.set_value(name, value)
        case DeviceReported(device=device, field=field, value=value):
            if f"{device}.{field}" in turn.values:
                turn.set_value(f"{device}.{field}", value)
                speaking.heard(turn, device, field, value)
        case DeviceHealth(device=device, health=health, why=why):
            turn.health[device] = (health, why)
            hazards.returned(turn, device, health)
            if f"{device}.health" in turn.values:
                turn.set_value(f"{device}.health", health)
            turn.note("device.health", f"{device} is {health}" + (f": {why}" if why else ""))
        case DeviceFailed():
            failing.failed(turn, event)
        case Appointed():
            appointing.keep(turn, event)
        case TrackMoved():
            following.seen(turn, event)
        case ClockMoved():
            chasing.clock_moved(turn, event, _happen)
        case Go():
            _go(turn, event)
        case Panic():
            hands.panic(turn)
        case Evacuate():
            halting.panic(turn, 0, "evacuate")
            answer(turn)
        case Rearm(origin=origin):
            answer(turn, refused=halting.rearm(turn, origin.person))
        case Reset():
            hands.reset(turn)
        case Standby() | StandbyMove() | Start() | Preview() | Load() | Stop() | Pause() | Resume() | Rate() | Back() | Locate():
            list_requests.handle(turn, event)
        case Master(name=name, level=level, over=over):
            known = name in ("grand", "blackout") or any(item.name == name for item in turn.show.submasters)
            if known:
                performing.set_master(turn, name, clamp(level), over)
            answer(turn, refused="" if known else f"no master is called {name}")
        case Grab():
            hands.grab(turn, event)
        case Ungrab(parameters=parameters, park=park):
            hands.ungrab(turn, parameters, park)
        case Ask(device=device, verb=verb, arguments=arguments):
            hands.ask(turn, device, verb, arguments)
        case Arm():
            answer(turn, refused=hands.arm(turn, event))
        case ChannelCheck() | Identify() | Park() | Unpark() | OutOfService() | InService() | Maintain() | Mute() | Rdm():
            technicians.handle(turn, event)
        case _:
            assert_never(event)


# --- requests about lists ------------------------------------------------------------------------------------------------


def _go(turn: Turn, event: Go) -> None:
    """GO: (resolve standby, start, advance standby), one transaction (R1); the GO window is the list's (R3)."""
    index = list_of(turn, event.list)
    if index is None:
        return answer(turn, refused=f"no list is called {event.list}")
    cue_list, state = turn.show.lists[index], turn.lists[index]
    if turn.latch:
        return answer(turn, index, refused=f"{turn.latch} is in force: re-arm first")
    if event.token and event.token in turn.tokens:
        return answer(turn, index, refused="the same GO was heard before")
    if event.origin.human and state.last_go is not None:
        left = state.last_go + cue_list.go_window - turn.now
        if left > 0:
            turn.note("go.discarded", f"GO on {cue_list.name} discarded, {words_for_go(left)} too soon")
            return answer(turn, index, refused=f"too soon after the last GO: {words_for_go(left)} left of the GO window")
    if event.cue is not None and event.cue not in cue_list.named:
        return answer(turn, index, refused=f"{cue_list.name} has no cue {event.cue}")
    ref = None if event.cue is None else CueRef(cue_list.name, event.cue)
    if ref is None and state.standby is None:
        return answer(turn, index, refused=f"{cue_list.name} is at its end: nothing stands by")
    target = ref or CueRef(cue_list.name, state.standby or "")
    if why := again.refusal(turn, target):
        return answer(turn, index, refused=why)
    if event.token:
        turn.tokens = (*turn.tokens, event.token)[-MOST_TOKENS:]
    if not again.starts(turn, target):
        turn.update_list(index, last_go=turn.now)
        return answer(turn, index)
    kept = settling.snapshot(turn, index)
    again.clear(turn, target)
    started = starting.go(turn, index, ref)
    settling.remember(turn, index, kept)
    turn.update_list(index, last_go=turn.now)
    return answer(turn, index, started=started)


__all__ = ["Stage", "initial", "next_deadline", "run_on", "step"]
