"""How a cue comes to be complete, and hands on to the next: chains in time, waits for a condition, branches, a list's end."""

from __future__ import annotations

from typing import assert_never

from showctl.engine import landing, loading, marking, starting, stopping
from showctl.engine.state import CueRun, Phase, What
from showctl.engine.turn import Turn
from showctl.show.cues import AfterEnd, AfterStart, Branch, Cue, CueRef, GroupMode, NextWhen
from showctl.show.instants import Duration, words_for
from showctl.show.lengths import whole_length


def content_ended(turn: Turn, run: CueRun) -> None:
    """What the cue itself does is over."""
    complete_if_so(turn, turn.update(run, content_done=True))


def thing_ended(turn: Turn, number: int) -> None:
    """A thing of the run was stopped or replaced; an endless run without any other endless thing is complete."""
    run = turn.runs.get(number)
    if run is None or not run.endless or run.phase is not Phase.RUNNING or run.acted is None:
        return
    if not any(thing.run == number and thing.endless and thing.device for thing in turn.things.values()):
        content_ended(turn, turn.update(run, endless=False))


def complete_if_so(turn: Turn, run: CueRun) -> None:
    if not run.content_done or run.open > 0 or run.waits:
        return
    cue = turn.cue_of(run)
    turn.note("cue.done", f"{run.cue} is complete", run.cue, run.number)
    marking.cue_done(turn, run, cue)
    parent = turn.runs.get(run.parent)
    if run.chains and isinstance(cue.next, AfterEnd) and _chains_at_end(turn, run, cue):
        _schedule_chain(turn, run, turn.local(run.clock) + max(cue.next.delay, 0))
    if any(due.run == run.number for due in turn.agenda) or run.next_pending:
        turn.update(run, phase=Phase.POST_WAIT)
    else:
        del turn.runs[run.number]
        _end_of_list(turn, run, cue)
    if parent is not None:
        member_done(turn, parent)


def _end_of_list(turn: Turn, run: CueRun, cue: Cue) -> None:
    cue_list = turn.show.lists[run.list]
    if cue_list.at_end == "release" and cue.index == len(cue_list.cues) - 1 and run.chains:
        stopping.release_list(turn, run.list, cue_list.release_time)


def member_done(turn: Turn, parent: CueRun) -> None:
    cue = turn.cue_of(parent)
    assert cue.group is not None
    parent = turn.update(parent, open=parent.open - 1)
    if cue.group.mode is GroupMode.SEQUENCE and parent.position < len(cue.group.members):
        position = parent.position
        member, late = cue.group.members[position], parent.late
        turn.update(parent, position=position + 1, late=loading.left_over(late, member))
        starting.start(turn, member.cue.ref, parent=turn.runs[parent.number], at=late)
    else:
        complete_if_so(turn, parent)


def _chains_at_end(turn: Turn, run: CueRun, cue: Cue) -> bool:
    """Whether ``after end`` has to wait for the end itself: always but when the end was known, and what follows comes before
    it or has to be told before it."""
    assert isinstance(cue.next, AfterEnd)
    return cue.next.delay >= _lead(turn, run) or whole_length(cue) is None


def _lead(turn: Turn, run: CueRun) -> Duration:
    """How long before its instant the cue after ``run``'s has to be begun with."""
    target = starting.following(turn, run)
    return 0 if target is None or not turn.stage.has_latency else landing.lead(turn, run.clock, turn.cue(target))


def _schedule_chain(turn: Turn, run: CueRun, instant: Duration) -> None:
    """The next cue begins at ``instant`` on the run's clock; slow devices are told before."""
    early = max(instant - _lead(turn, run), turn.local(run.clock))
    turn.schedule(run.clock, min(early, instant), What.CHAIN, run.number, lands=instant if early < instant else None)


def schedule_next(turn: Turn, run: CueRun, cue: Cue) -> None:
    assert run.acted is not None
    match cue.next:
        case None:
            pass
        case AfterStart(delay=delay):
            _schedule_chain(turn, run, run.acted + delay)
        case AfterEnd(delay=delay):
            length = whole_length(cue)
            if length is not None and not _chains_at_end(turn, run, cue):
                _schedule_chain(turn, run, run.acted + max(length + delay, 0))
        case NextWhen(within=within):
            turn.update(run, next_pending=True)
            if within is not None:
                turn.schedule(run.clock, run.acted + within, What.NEXT_DEADLINE, run.number)
            look_at_next(turn, turn.runs[run.number])
        case Branch(within=within):
            turn.update(run, next_pending=True)
            turn.schedule(run.clock, run.acted + within, What.NEXT_DEADLINE, run.number)
            look_at_next(turn, turn.runs[run.number])
        case _:
            assert_never(cue.next)


def look_at_next(turn: Turn, run: CueRun) -> None:
    """Something changed: does a pending ``when`` or early branch hold now?"""
    cue = turn.cue_of(run)
    match cue.next:
        case NextWhen(condition=condition) if condition.holds(turn.look_up):
            turn.note("next.met", f"{run.cue} goes on: {condition.text}", run.cue, run.number)
            decided(turn, run)
            chain(turn, run)
        case Branch(early=True, choices=choices):
            for number, (condition, ref) in enumerate(choices):
                if condition.holds(turn.look_up):
                    _say_choice(turn, run, ref, number)
                    decided(turn, run)
                    chain(turn, run, ref)
                    return
        case _:
            pass


def next_deadline_passed(turn: Turn, run: CueRun) -> None:
    """Time is up for a ``when`` (go anyway) or a branch (decide now)."""
    cue = turn.cue_of(run)
    decided(turn, run)
    match cue.next:
        case Branch(choices=choices, otherwise=otherwise):
            number = next((n for n, (condition, _) in enumerate(choices) if condition.holds(turn.look_up)), len(choices))
            won = choices[number][1] if number < len(choices) else otherwise
            _say_choice(turn, run, won, number)
            chain(turn, run, won)
        case _:
            turn.note("next.timeout", f"{run.cue} waited long enough and goes on", run.cue, run.number)
            chain(turn, run)


def _say_choice(turn: Turn, run: CueRun, won: CueRef, number: int) -> None:
    turn.note("branch.decided", f"{run.cue} goes on with {won}", run.cue, run.number, choice=number)


def decided(turn: Turn, run: CueRun) -> None:
    """Nothing is pending any more after ``run``."""
    turn.unschedule(run.number, What.NEXT_DEADLINE)
    if run.number in turn.runs:
        run = turn.update(turn.runs[run.number], next_pending=False)
        leave_if_over(turn, run)


def leave_if_over(turn: Turn, run: CueRun) -> None:
    """A complete run with nothing left to chain is gone."""
    if run.phase is Phase.POST_WAIT and not run.next_pending and not any(due.run == run.number for due in turn.agenda):
        turn.runs.pop(run.number, None)
        _end_of_list(turn, run, turn.cue_of(run))


def chain(turn: Turn, run: CueRun, ref: CueRef | None = None, lands: Duration | None = None) -> None:
    """Starts the cue that follows ``run``'s (or ``ref``), to begin when the run's clock reads ``lands`` (None: now).

    At the end of a looping list, the first.
    """
    target = ref or starting.following(turn, run)
    cue_list = turn.show.lists[run.list]
    if target is None and cue_list.at_end == "loop" and cue_list.cues:
        target = cue_list.cues[0].ref
    if target is not None:
        starting.start(turn, target, begins=None if lands is None else _elsewhere(turn, run.clock, lands, target))
    if run.number in turn.runs:
        leave_if_over(turn, turn.runs[run.number])


def _elsewhere(turn: Turn, clock: int, local: Duration, target: CueRef) -> Duration:
    """The instant ``local`` of ``clock``, which lies ahead, on the clock that ``target`` counts on."""
    other = turn.stage.list_clock[turn.show.list_named[target.list].index]
    if other == clock:
        return local
    line = turn.clock(clock)
    real = (local - turn.local(clock)) * line.den // line.num if line.running else 0
    return turn.local(other) + landing.on_clock(turn, other, max(real, 0))


def schedule_wait(turn: Turn, run: CueRun, cue: Cue) -> None:
    assert cue.wait_for is not None
    assert run.acted is not None
    if cue.wait_for.within is not None:
        turn.schedule(run.clock, run.acted + cue.wait_for.within, What.WAIT_DEADLINE, run.number)
    look_at_wait(turn, run)


def look_at_wait(turn: Turn, run: CueRun) -> None:
    """Something changed: does the cue's ``wait_for`` hold now?"""
    cue = turn.cue_of(run)
    if cue.wait_for is not None and cue.wait_for.condition.holds(turn.look_up):
        turn.note("wait.met", f"{run.cue} has what it waited for: {cue.wait_for.condition.text}", run.cue, run.number)
        wait_over(turn, run)


def wait_over(turn: Turn, run: CueRun, timed_out: bool = False) -> None:
    """``wait_for`` holds, or its time is up."""
    turn.unschedule(run.number, What.WAIT_DEADLINE)
    if timed_out:
        within = turn.cue_of(run).wait_for
        assert within is not None
        assert within.within is not None
        turn.note("wait.timeout", f"{run.cue} waited {words_for(within.within)} s and goes on", run.cue, run.number)
    complete_if_so(turn, turn.update(run, waits=False))
