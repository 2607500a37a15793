"""What loops: so many passes and no more, and ``devamp``, which lets the pass that plays be the last.

A player is told to loop, and told to stop at the end of the last pass: none of ours counts for itself. Passes are counted on the
cue's clock, so a pause holds them; a rate does not bend what a player plays.
"""

from __future__ import annotations

from dataclasses import replace

from showctl.engine import completing, performing
from showctl.engine.state import CueRun, Due, Performed, Phase, Thing, What
from showctl.engine.turn import Turn
from showctl.light.clocks import SHOW_CLOCK
from showctl.show.cues import Perform
from showctl.show.instants import seconds
from showctl.show.lengths import content_length


def begin(turn: Turn, action: Perform, run: CueRun | None) -> None:
    """What ``action`` plays is a running thing from now; the end of a counted loop is put down."""
    assert action.as_ is not None
    clock = SHOW_CLOCK if run is None else run.clock
    at = seconds(float(next((value for word, value in action.arguments if word == "at"), 0.0)))
    local = turn.local(clock) + turn.lapse  # what is made up for plays from further on, and lasts for so much less
    number, index = (0, -1) if run is None else (run.number, run.list)
    turn.things[action.as_] = Thing(
        action.as_, number, index, action.device, action.key, action.arguments, (), action.length is None, clock,
        local - at, action.lap,
    )  # fmt: skip
    if action.lap and action.length is not None:
        turn.schedule(clock, local + action.length, What.LOOP_END, number, thing=action.as_)


def once_more(turn: Turn, kept: Performed) -> None:
    """What a locate or a back asks for again is the running thing that it was; nobody's run keeps it, or waits for it."""
    clock = turn.stage.list_clock[kept.list] if kept.list >= 0 else SHOW_CLOCK
    at = seconds(float(next((value for word, value in kept.arguments if word == "at"), 0.0)))
    local, elapsed = turn.local(clock), turn.now - kept.instant
    turn.things[kept.name] = Thing(
        kept.name, 0, kept.list, kept.device, kept.key, kept.arguments, (), kept.length is None, clock,
        local - elapsed - at, kept.lap,
    )  # fmt: skip
    if kept.lap and kept.length is not None:
        turn.schedule(clock, local + kept.length - elapsed, What.LOOP_END, thing=kept.name)


def devamp(turn: Turn, name: str) -> None:
    """The pass that ``name`` is in is its last. The cue that it keeps running is complete then."""
    thing = turn.things.get(name)
    if thing is None or not thing.lap:
        why = "is not running" if thing is None else "does not loop, as far as is known"
        turn.note("thing.absent", f"{name} {why}, so there is no loop to leave")
        return
    local = turn.local(thing.clock)
    end = local + thing.lap - (local - thing.began) % thing.lap
    turn.agenda = [due for due in turn.agenda if due.what is not What.LOOP_END or (due.run, due.thing) != (thing.run, name)]
    turn.schedule(thing.clock, end, What.LOOP_END, thing.run, thing=name)
    turn.note("thing.devamped", f"{name} plays to the end of its pass")
    place = (thing.device, thing.key)
    if (kept := turn.performed.get(place)) is not None:
        turn.performed[place] = replace(kept, length=turn.now - kept.instant + end - local)
    run = turn.runs.get(thing.run)
    if run is None or run.phase is not Phase.RUNNING or run.content_done or run.acted is None:
        return
    rest = content_length(turn.cue_of(run), name)
    if rest is not None:
        ends = max(end, run.acted + rest)
        turn.unschedule(run.number, What.CONTENT_END)
        turn.update(run, ends=ends, endless=False)
        turn.schedule(run.clock, ends, What.CONTENT_END, run.number)


def loop_ended(turn: Turn, due: Due) -> None:
    """The last pass is over: the player stops, unless something else has taken the name since."""
    thing = turn.things.get(due.thing)
    if thing is not None and thing.run == due.run and thing.lap:
        performing.stop_thing(turn, due.thing, 0)
    run = turn.runs.get(due.run)
    if run is not None:
        completing.leave_if_over(turn, run)
