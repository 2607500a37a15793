"""Two-phase GO: standing by asks devices to be ready, GO looks whether they are, and a policy says what happens if not.

``prepare:`` of a cue is asked when it comes to stand by, of every cue up to the next GO, once, and again of a device that comes
back. Projectors that declare how long they take to be warm are switched on when a list that plays on them begins. ``ready:``
holds a cue back from acting, its pre-wait over, until it is true; past ``within`` it acts anyway (go), is passed over (skip),
holds its list until somebody resumes it, which looks again (hold), or another cue is started in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from showctl.engine import halting, performing, starting
from showctl.engine.stage import waits_for_go
from showctl.engine.state import CueRun, What
from showctl.engine.turn import Turn
from showctl.show.cues import ActionClass, Cue, Perform
from showctl.show.instants import Duration, seconds_of

OFF = ("off", "cooling")


# --- phase one: standing by ------------------------------------------------------------------------------------------------


def look(turn: Turn, changed: Iterable[str]) -> None:
    """Something changed: a cue that stands by, a device's health, or that a list has begun."""
    if not (turn.stage.prepares or turn.stage.warmed):
        return
    for name in changed:
        head, _, tail = name.rpartition(".")
        if tail == "standby" and head in turn.stage.prepares:
            stands_by(turn, turn.stage.prepares[head])
        elif tail == "cue" and head in turn.stage.warmed and turn.values[name]:
            _warm(turn, turn.stage.warmed[head], head)
        elif tail == "health" and turn.stage.prepares and turn.values[name] == "ok":
            for index in turn.stage.prepares.values():
                stands_by(turn, index, head)


def stands_by(turn: Turn, index: int, device: str = "") -> None:
    """Whatever the cues up to the next GO prepare (of ``device``: any) is asked for, where it is not so already."""
    if turn.latch or turn.tags.locks:
        return
    for action in _prepared(turn, index):
        if device in ("", action.device) and not _asked(turn, action):
            performing.perform(turn, action, None)
            turn.note("cue.prepared", f"{action.device} is prepared: {action.verb}")


def _prepared(turn: Turn, index: int) -> Iterator[Perform]:
    label = turn.lists[index].standby
    cues = turn.show.lists[index].cues
    if label is None:
        return
    cue = turn.show.lists[index].named[label]
    while True:
        yield from cue.prepare
        if cue.index < 0 or cue.index + 1 >= len(cues) or waits_for_go(cue):
            return
        cue = cues[cue.index + 1]


def _asked(turn: Turn, action: Perform) -> bool:
    kept = turn.performed.get((action.device, action.key))
    return kept is not None and (kept.verb, kept.arguments) == (action.verb, action.arguments)


def _warm(turn: Turn, projectors: tuple[str, ...], name: str) -> None:
    for projector in projectors:
        if turn.values.get(f"{projector}.power") in OFF:
            on = Perform(projector, "power", (("on", True),), ActionClass.STATE, None, "power")
            if not _asked(turn, on):
                performing.perform(turn, on, None)
                turn.note("projector.warmed", f"{projector} is switched on: {name} has begun, and plays on it")


# --- phase two: GO ---------------------------------------------------------------------------------------------------------


def holds_back(turn: Turn, run: CueRun, cue: Cue, late: Duration) -> bool:
    """Whether the cue must wait until it is ready. A cue that is begun some way into itself does not."""
    ready = cue.ready
    if ready is None or late or run.cue in turn.disarmed or not cue.armed or ready.condition.holds(turn.look_up):
        return False
    turn.update(run, unready=True)
    turn.note("cue.unready", f"{run.cue} waits to be ready: {ready.condition.text}", run.cue, run.number)
    turn.schedule(run.clock, turn.local(run.clock) + ready.within, What.READY, run.number)
    return True


def look_at_ready(turn: Turn, run: CueRun) -> None:
    """Something changed: is the cue ready now? In a list that is paused it acts once the list goes on."""
    ready = turn.cue_of(run).ready
    if ready is None or not ready.condition.holds(turn.look_up):
        return
    turn.unschedule(run.number, What.READY)
    run = turn.update(run, unready=False)
    turn.note("cue.ready", f"{run.cue} is ready: {ready.condition.text}", run.cue, run.number)
    if turn.clock(run.clock).running:
        starting.act(turn, run)
    else:
        turn.schedule(run.clock, turn.local(run.clock) + 1, What.ACT, run.number)


def ready_over(turn: Turn, run: CueRun) -> None:
    """It did not become ready in time."""
    cue = turn.cue_of(run)
    ready = cue.ready
    if ready is None or not run.unready:
        return
    run = turn.update(run, unready=False)
    said = f"{run.cue} was not ready within {seconds_of(ready.within):g} s ({ready.condition.text})"
    match ready.otherwise:
        case "hold":
            turn.note("cue.held", f"{said}; {run.cue.list} is held", run.cue, run.number)
            halting.pause_list(turn, run.list)
            turn.schedule(run.clock, turn.local(run.clock) + 1, What.ACT, run.number)
        case "skip" | "instead":
            way = "is passed over" if ready.instead is None else f"is passed over for {ready.instead}"
            turn.note("cue.skipped", f"{said}, and {way}", run.cue, run.number)
            if ready.instead is not None:
                starting.start(turn, ready.instead, chains=False)
            starting.acts(turn, turn.runs[run.number], cue, armed=False)
        case _:
            turn.note("cue.unready_go", f"{said}, and goes on without", run.cue, run.number)
            starting.acts(turn, run, cue)
