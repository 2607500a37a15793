"""Load: a cue prepared so that GO starts it some way into itself, as if it had been fired that long ago.

The time counts the pre-wait; a negative one counts back from the end. Fades and effects are where they would be, clips play from
there, chains and waits come that much earlier, members of groups are where the group would be. What is momentary and would have
been sent in the skipped part is not (R14): nothing is fired late. The cue that a chain starts begins at its own beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from showctl.engine import rating, starting
from showctl.engine.state import CueRun, Due, What
from showctl.engine.turn import Turn
from showctl.light.clocks import SHOW_CLOCK, Clock
from showctl.show.cues import Action, ActionClass, CueRef, FadeThing, Member, Perform
from showctl.show.instants import Duration, seconds_of
from showctl.show.lengths import whole_length


def load(turn: Turn, ref: CueRef, at: Duration) -> str:
    """Puts down where ``ref`` is to begin; 0 takes that back. Returns why not, or ""."""
    cue = turn.cue(ref)
    if any(run.cue == ref for run in turn.runs.values()):
        return f"{ref} is running already"
    length = whole_length(cue)
    total = None if length is None else cue.wait + length
    if at < 0:
        if total is None:
            return f"nobody knows beforehand how long {ref} takes, so nothing counts back from its end"
        at += total
    if at < 0 or (total is not None and at > total):
        return f"{ref} is {seconds_of(total or 0):g} s long"
    turn.loaded.pop(ref, None)
    if at:
        turn.loaded[ref] = at
    turn.note("cue.loaded", f"{ref} is loaded at {seconds_of(at):g} s" if at else f"{ref} is loaded at its beginning", ref)
    return ""


def begin(turn: Turn, run: CueRun, acts: Duration) -> None:
    """A group that was loaded begins at its beginning, on a clock of its own that stands there.

    Then it is played to where it is to be, at this very instant (``play_on``), so that its members make of one another what they
    would have made.
    """
    number = turn.own_clock
    turn.own_clock += 1
    late = turn.local(run.clock) - acts
    turn.set_clock(Clock(number, turn.now, acts, 0))
    run = turn.update(run, clock=number)
    turn.schedule(SHOW_CLOCK, turn.now, What.PLAY_ON, run.number)  # before anything that its beginning puts down
    turn.lapse, before = late, turn.lapse
    starting.act(turn, run)
    turn.lapse = before


def play_on(turn: Turn, run: CueRun, happen: Callable[[Turn, Due], None]) -> None:
    """Everything that lies between the beginning of a loaded group and where it is to be happens now, in order.

    Momentary actions and hazards are left out, clips are further on. Only what the group chains to waits until it is there.
    """
    clock = run.clock
    there = turn.local(turn.stage.list_clock[run.list])
    while on_the_way := [due for due in turn.agenda if due.clock == clock and due.local <= there and due.what is not What.CHAIN]:
        due = min(on_the_way, key=lambda due: (due.local, due.order))
        at = max(due.local, turn.local(clock))
        if at != turn.local(clock):
            turn.set_clock(Clock(clock, turn.now, at, 0))
            turn.starts = 0  # another instant, as far as circles are concerned
        turn.lapse = there - at
        turn.agenda.remove(due)
        happen(turn, due)
    turn.lapse = 0
    turn.set_clock(Clock(clock, turn.now, there, 0))
    if not turn.lists[run.list].paused:
        turn.set_clock(rating.going(turn, run.list, clock))


def shifted(action: Action, late: Duration) -> Action | None:
    """``action`` as it is done ``late`` after it should have been; None where it is over, or must not come late."""
    if late <= 0:
        return action
    match action:
        case Perform(kind=ActionClass.MOMENTARY):
            return None
        case Perform(kind=ActionClass.RESUME, length=length, rests=rests):
            return None if length is not None and late >= length and not rests else _further(action, late)
        case FadeThing(over=over):
            return replace(action, over=max(over - late, 0))
        case _:
            return action


def _further(action: Perform, late: Duration) -> Perform:
    """A clip from further on; round the loop, where it loops."""
    at = next((float(value) for word, value in action.arguments if word == "at"), 0.0) + seconds_of(late)
    if action.lap:
        at %= seconds_of(action.lap)
    arguments = tuple((word, at if word == "at" else 0.0 if word == "fade" else value) for word, value in action.arguments)
    return replace(action, arguments=arguments, length=None if action.length is None else max(action.length - late, 0))


def left_over(late: Duration, member: Member) -> Duration:
    """How late what follows ``member`` in a sequence is, where the sequence is ``late`` at its start."""
    length = whole_length(member.cue)
    return 0 if length is None else max(late - member.cue.wait - length, 0)
