"""How what runs is ended: a run with its members, a cue, what else runs, a whole list. What becomes of light and players."""

from __future__ import annotations

from showctl.engine import completing, lighting, marking, performing
from showctl.engine.state import CueRun
from showctl.engine.turn import Turn
from showctl.show.cues import CueRef
from showctl.show.instants import Duration


def end_run(turn: Turn, run: CueRun, over: Duration) -> None:
    """Takes a run off the agenda with its members and stops what it started; its light is the caller's business."""
    for member in [r for r in turn.runs.values() if r.parent == run.number]:
        end_run(turn, member, over)
    turn.unschedule(run.number)
    turn.runs.pop(run.number, None)
    for thing in [t for t in turn.things.values() if t.run == run.number and t.device]:
        performing.stop_thing(turn, thing.name, over)
    turn.note("cue.stopped", f"{run.cue} was stopped", run.cue, run.number)


def family_of(turn: Turn, number: int) -> set[int]:
    """A run with its members, and theirs. Members have higher numbers than what they are members of."""
    found = {number}
    for run in turn.runs.values():
        if run.parent in found:
            found.add(run.number)
    return found


def stop_others(turn: Turn, run: CueRun | None, list_index: int | None, over: Duration) -> None:
    """Ends what runs in a list (None: in every list), but for ``run`` and the group that it is in. Light stays: it tracks."""
    spared: set[int] = set()
    if run is not None:
        top = run
        while top.parent in turn.runs:
            top = turn.runs[top.parent]
        spared = family_of(turn, top.number)
    for other in list(turn.runs.values()):
        if other.number in turn.runs and other.number not in spared and list_index in (None, other.list):
            end_run(turn, other, over)
    for thing in list(turn.things.values()):
        if thing.name in turn.things and thing.run not in spared and list_index in (None, thing.list):
            performing.stop_thing(turn, thing.name, over)


def stop_cue(turn: Turn, ref: CueRef, over: Duration) -> bool:
    """Stops every running performance of a cue; its light falls back. False: none was running."""
    runs = [run for run in turn.runs.values() if run.cue == ref]
    owners = {run.number for run in runs} | {number for number, cue in turn.owners.items() if cue == ref}
    for run in runs:
        if run.number in turn.runs:
            end_run(turn, run, over)
    lighting.release_rows(turn, turn.show.list_named[ref.list].index, over, owners)
    group = turn.cue(ref).group
    entered = [stop_cue(turn, member, over) for member in (group.enters if group else ())]
    for run in runs:
        if run.parent in turn.runs:
            completing.member_done(turn, turn.runs[run.parent])  # the group goes on without it
    return bool(runs) or any(entered)


def release_list(turn: Turn, list_index: int, over: Duration) -> None:
    """Stops everything of a list and gives back all that it holds."""
    for run in [r for r in turn.runs.values() if r.list == list_index]:
        if run.number in turn.runs:
            end_run(turn, run, over)
    for thing in [t for t in turn.things.values() if t.list == list_index and t.device]:
        performing.stop_thing(turn, thing.name, over)
    for name in [t.name for t in turn.things.values() if t.list == list_index]:
        del turn.things[name]
    turn.update_list(list_index, restore=())
    marking.forget(turn, list_index)
    lighting.release_rows(turn, list_index, over)
