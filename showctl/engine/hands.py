"""What people do beside the lists: panic and reset, grab a light, ask a device for a verb, arm and disarm."""

from __future__ import annotations

from showctl.engine import (
    halting,
    hazard_asking,
    lighting,
    servicing,
)
from showctl.engine.events import (
    Arm,
    Grab,
)
from showctl.engine.list_requests import answer
from showctl.engine.state import What
from showctl.engine.turn import Turn
from showctl.show.cues import CueRef, Value
from showctl.show.levels import FULL


def panic(turn: Turn) -> None:
    """A first press fades, a second cuts; presses within 150 ms are one press (R5)."""
    fading = [due for due in turn.agenda if due.what is What.PANIC_END]
    if turn.latch == "evacuate":
        return answer(turn, refused="evacuation is in force already")
    if fading and turn.now - (fading[0].local - turn.show.panic_time) < halting.SAME_PRESS:
        return answer(turn)
    halting.panic(turn, 0 if turn.latch else turn.show.panic_time, "panic")
    return answer(turn)


def reset(turn: Turn) -> None:
    if turn.latch:
        return answer(turn, refused=f"{turn.latch} is in force: re-arm first")
    halting.reset(turn)
    return answer(turn)


def grab(turn: Turn, event: Grab) -> None:
    most = len(turn.show.patch.parameters)
    if len(event.parameters) != len(event.levels) or any(not 0 <= p < most for p in event.parameters):
        return answer(turn, refused="a grab needs one level for each parameter, and parameters that exist")
    who = event.origin.person or event.origin.surface
    levels = tuple(min(max(level, 0), FULL) for level in event.levels)
    why_not = hazard_asking.may_grab(turn, event.parameters, levels)
    if why_not:
        return answer(turn, refused=why_not)
    lighting.grab(turn, event.parameters, levels, park=event.park)
    for parameter in event.parameters:
        turn.grabbed[parameter] = f"{'parked' if event.park else 'grabbed'} by {who}" + (
            f": {event.reason}" if event.reason else ""
        )
    servicing.of_grab(turn, event)
    return answer(turn)


def ungrab(turn: Turn, parameters: tuple[int, ...], park: bool) -> None:
    lighting.ungrab(turn, parameters, park=park)
    if park:
        servicing.forget_parked(turn, parameters)
    word = "parked" if park else "grabbed"
    for parameter in parameters or tuple(turn.grabbed):
        if turn.grabbed.get(parameter, "").startswith(word):
            del turn.grabbed[parameter]
    answer(turn)


def ask(turn: Turn, device: str, verb: str, arguments: tuple[tuple[str, Value], ...]) -> None:
    known = turn.show.device_named.get(device)
    if known is None or verb not in known.kind.verbs:
        return answer(turn, refused=f"no device {device} that knows {verb}")
    wanted = known.kind.verbs[verb]
    given = dict(arguments)
    missing = [a.name for a in wanted.arguments if a.name not in given and a.default is None]
    if missing or set(given) - {a.name for a in wanted.arguments}:
        return answer(turn, refused=f"{verb} takes {', '.join(a.name for a in wanted.arguments) or 'no arguments'}")
    filled = tuple((a.name, value) for a in wanted.arguments if (value := given.get(a.name, a.default)) is not None)
    why_not = hazard_asking.ask(turn, device, verb, filled) if device in turn.stage.guarded_device else ""
    if why_not:
        return answer(turn, refused=f"{device} is a hazard: {why_not}")
    turn.tell(device, verb, filled, wanted.kind)
    return answer(turn)


def arm(turn: Turn, event: Arm) -> str:
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
