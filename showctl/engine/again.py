"""GO or a start on a cue that runs already: nothing, or what its ``second_trigger`` says (R4).

Who starts a cue asks in this order: ``refusal`` (say why nothing happens), ``starts`` (or was it to be stopped?), ``clear`` (what
runs of it makes way). A restart leaves the light where it is: the new performance fades from there.
"""

from __future__ import annotations

from showctl.engine import completing, stopping
from showctl.engine.turn import Turn
from showctl.show.cues import CueRef, SecondTrigger


def runs(turn: Turn, ref: CueRef) -> bool:
    """Whether a performance of the cue is under way."""
    return any(run.cue == ref for run in turn.runs.values())


def refusal(turn: Turn, ref: CueRef) -> str:
    """Why a cue that runs is left alone; "" where something is to happen."""
    if runs(turn, ref) and turn.cue(ref).second_trigger is SecondTrigger.NOTHING:
        return f"{ref} is running already"
    return ""


def starts(turn: Turn, ref: CueRef) -> bool:
    """Whether the cue is to be started now. Where its second trigger stops it, that has been done."""
    how = turn.cue(ref).second_trigger
    if how not in (SecondTrigger.STOP, SecondTrigger.PANIC) or not runs(turn, ref):
        return True
    over = turn.show.panic_time if how is SecondTrigger.PANIC else turn.show.list_named[ref.list].release_time
    turn.note("cue.again", f"{ref} was triggered again, and stops", ref)
    stopping.stop_cue(turn, ref, over)
    return False


def clear(turn: Turn, ref: CueRef) -> None:
    """What runs of a cue that restarts ends at once, but for its light."""
    if turn.cue(ref).second_trigger is not SecondTrigger.RESTART:
        return
    for run in [r for r in turn.runs.values() if r.cue == ref]:
        if run.number in turn.runs:
            stopping.end_run(turn, run, 0)
            if run.parent in turn.runs:
                completing.member_done(turn, turn.runs[run.parent])
