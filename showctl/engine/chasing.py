"""Timelines on timecode: their clock takes on new lines; a jump of the code is made as if played to there (R10, R13, R14).

A timeline that is started before code has come counts on its list's clock, and goes over to the code where that is somewhere in
the timeline, or up to a minute before it: the show never waits for code, and code of another song moves nothing.

A jump is played, at one instant: the clock stands at each thing that lies on the way, in order, and what happens then is what
would have happened, but that momentary actions and hazards are left out and clips are further on by the rest of the way. For
a jump back the timeline is taken back to its beginning first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from showctl.engine import grouping, lighting, loading, performing, starting, stopping
from showctl.engine.events import ClockMoved
from showctl.engine.settled import Settled
from showctl.engine.state import CueRun, Due, What
from showctl.engine.turn import Turn
from showctl.light.clocks import SHOW_CLOCK, Clock
from showctl.light.plan import pick
from showctl.show.cues import ActionClass, Cue, Group, LightMove, MoveKind, Perform
from showctl.show.instants import SECOND, Duration
from showctl.show.lengths import content_length, whole_length
from showctl.show.show import TimecodeInput

NEAR: Final = SECOND // 10
"""Code and a timeline that are no further apart than this simply go on together."""
NEARBY: Final = 60 * SECOND
"""Code up to this far before the beginning of a timeline is waited for; a jump up to this far past its end ends it."""

LOCKED: Final = "locked"
FOREVER: Final = 1 << 60

Happen = Callable[[Turn, Due], None]


def clock_moved(turn: Turn, event: ClockMoved, happen: Happen) -> None:
    """Code locked, slewed, is held, jumped or is lost: its clock takes the new line, and timelines follow."""
    number = turn.stage.timecode_clock.get(event.name)
    if number is None:
        return
    source = next(item for item in turn.show.timecodes if item.name == event.name)
    line = Clock(number, event.anchor, event.position + source.offset, event.num, event.den)
    if turn.timecode.get(event.name) != event.state:
        turn.timecode[event.name] = event.state
        turn.note("timecode", f"timecode {event.name} is {event.state}")
    counting = [run for run in turn.runs.values() if run.clock == number and not run.parent]
    alone = [run for run in turn.runs.values() if run.clock != number and run.acted is not None]
    if event.jump and counting:
        _jump(turn, line, counting, happen)
    else:
        turn.set_clock(line)
    for run in alone:
        group = turn.cue_of(run).group
        if group is not None and group.clock == event.name and run.number in turn.runs:
            _follow(turn, run, group, source, happen)


def begun(turn: Turn, run: CueRun, group: Group) -> CueRun:
    """A timeline begins that is to count on code. Where code is past its beginning, old hits are not played (``caught_up``)."""
    source = _source(turn, group)
    run = _join(turn, run, group, source)
    if run.clock == turn.stage.timecode_clock[source.name]:
        turn.schedule(SHOW_CLOCK, turn.now, What.CATCH_UP, run.number)
    return run


def list_pauses(turn: Turn, index: int) -> None:
    """What counts on code holds with its list, whatever the code does."""
    for run in _timelines(turn, index):
        _leave(turn, run)


def list_resumes(turn: Turn, index: int) -> None:
    """Timelines go to where the code is by now."""
    for run in _timelines(turn, index):
        turn.schedule(SHOW_CLOCK, turn.now, What.CATCH_UP, run.number)


def caught_up(turn: Turn, run: CueRun, happen: Happen) -> None:
    """The timeline goes to where the code is, as if played to there."""
    group = turn.cue_of(run).group
    assert group is not None
    source = _source(turn, group)
    clock = turn.stage.timecode_clock[source.name]
    if run.clock != clock:
        _follow(turn, run, group, source, happen)
    elif run.acted is not None and turn.local(clock) - run.acted > NEAR:
        line = turn.clocks[clock]
        _stand(turn, clock, run.acted)
        _play_to(turn, line, happen)


def _timelines(turn: Turn, index: int) -> list[CueRun]:
    runs = [run for run in turn.runs.values() if run.list == index and run.acted is not None]
    return [run for run in runs if (group := turn.cue_of(run).group) is not None and group.clock is not None]


def _source(turn: Turn, group: Group) -> TimecodeInput:
    return next(item for item in turn.show.timecodes if item.name == group.clock)


def _follow(turn: Turn, run: CueRun, group: Group, source: TimecodeInput, happen: Happen) -> None:
    """A timeline that ran by itself goes over to the code. Where they differ, the code is right."""
    assert run.acted is not None
    clock, here = turn.stage.timecode_clock[source.name], turn.local(run.clock) - run.acted
    run = _join(turn, run, group, source)
    if run.clock != clock or run.acted is None:
        return
    line, here = turn.clocks[clock], run.acted + here
    if abs(line.local(turn.now) - here) > NEAR:
        _stand(turn, clock, here)
        _jump(turn, line, [run], happen)


def _join(turn: Turn, run: CueRun, group: Group, source: TimecodeInput) -> CueRun:
    """The timeline counts on the code, if code is heard, runs, and is where the timeline is.

    A clock that runs on without code says where a tape would be, had it not been stopped: with us, perhaps, when we paused.
    """
    clock = turn.stage.timecode_clock[source.name]
    line, cue = turn.clocks[clock], turn.cue_of(run)
    assert run.acted is not None
    heard = turn.timecode.get(source.name) == LOCKED
    if not heard or not line.running or turn.lists[run.list].paused or run.paused or run.clock == clock:
        return run
    position = line.local(turn.now)
    offset = _day(position, group.offset, source)
    if not -NEARBY <= position - offset <= _length(cue):
        _elsewhere(turn, run, source.name)
        return run
    return starting.count_on(turn, run, clock, offset - run.acted)


def _leave(turn: Turn, run: CueRun) -> None:
    """The timeline goes on from where it is, on its list's clock."""
    own = turn.stage.list_clock[run.list]
    if run.clock in turn.stage.timecode_clock.values():
        starting.count_on(turn, run, own, turn.local(own) - turn.local(run.clock))


def _elsewhere(turn: Turn, run: CueRun, name: str) -> None:
    turn.note("timecode.elsewhere", f"timecode {name} is elsewhere; {run.cue} goes on without it", run.cue, run.number)


def _stand(turn: Turn, clock: int, local: Duration) -> None:
    turn.set_clock(Clock(clock, turn.now, local, 0))


def _jump(turn: Turn, line: Clock, counting: list[CueRun], happen: Happen) -> None:
    """The clock goes on on ``line``, which is elsewhere, and the timelines with it."""
    here, there = turn.local(line.id), line.local(turn.now)
    back = here
    for run in counting:
        cue = turn.cue_of(run)
        if run.acted is None or cue.group is None or cue.group.clock is None:
            continue
        if not -NEARBY <= there - run.acted <= _length(cue) + NEARBY:
            _leave(turn, run)
            _elsewhere(turn, run, cue.group.clock)
            continue
        if there < here:
            _rewind(turn, run, cue, cue.group)
            back = min(back, run.acted)
        _seek(turn, run, cue, cue.group, there - run.acted)
    _stand(turn, line.id, min(back, there) if there < here else here)
    _play_to(turn, line, happen)


def _seek(turn: Turn, run: CueRun, cue: Cue, group: Group, position: Duration) -> None:
    """What the timeline itself plays goes on from ``position``; what carries the code is there, and would chase itself."""
    source = _source(turn, group)
    carries = {(source.source, clip) for clip, _ in source.along}
    for action in cue.actions:
        if isinstance(action, Perform) and action.kind is ActionClass.RESUME:
            if (action.device, dict(action.arguments).get("clip")) in carries:
                continue
            moved = loading.shifted(action, position)
            if moved is not None:
                performing.act(turn, moved, run)


def _play_to(turn: Turn, line: Clock, happen: Happen) -> None:
    """What lies on the way to where ``line`` stands happens, in order, at this instant."""
    there = line.local(turn.now)
    while ahead := [due for due in turn.agenda if due.clock == line.id and due.local <= there]:
        due = min(ahead, key=lambda due: (due.local, due.order))
        at = max(due.local, turn.local(line.id))
        if at != turn.local(line.id) or turn.clocks[line.id].running:
            _stand(turn, line.id, at)
            turn.starts = 0  # another instant, as far as circles are concerned
        turn.lapse = there - at
        turn.agenda.remove(due)
        happen(turn, due)
    turn.lapse = 0
    turn.set_clock(line)


def _rewind(turn: Turn, run: CueRun, cue: Cue, group: Group) -> None:
    """The timeline is where it was at its beginning: nothing of it has been, what it moved is as the cues before it left it."""
    family = stopping.family_of(turn, run.number) - {run.number}
    if run.content_done and (length := content_length(cue)) is not None and run.acted is not None:
        turn.update(run, content_done=False)
        turn.schedule(run.clock, run.acted + length, What.CONTENT_END, run.number)
    before = [other for other in turn.show.lists[run.list].cues if other.index < cue.index or other.ref == cue.ref]
    left = Settled(turn, run.list)
    for number, other in enumerate(before):
        left.add(replace(other, group=None) if other.ref == cue.ref else other, number)
    for member in [turn.runs[number] for number in sorted(family, reverse=True) if number in turn.runs]:
        if member.number in turn.runs:
            stopping.end_run(turn, member, 0)
    begun = {effect.name for cue in _inside(group) for effect in cue.effects}
    for thing in [thing for thing in turn.things.values() if thing.run in family or thing.name in begun]:
        lighting.end_rows(turn, pick(turn.plan.rows, np.isin(turn.plan.rows["id"], thing.rows)), 0)
        turn.things.pop(thing.name, None)
    _give_back(turn, run, group, {parameter: level for parameter, (level, _) in left.levels.items()})
    turn.agenda = [due for due in turn.agenda if due.run != run.number or due.what is not What.MEMBER]
    turn.update(turn.runs[run.number], open=len(group.members))
    grouping.schedule_member(turn, turn.runs[run.number], 0)


def _give_back(turn: Turn, run: CueRun, group: Group, left: dict[int, int]) -> None:
    """What the timeline moves goes back to ``left``, or is released."""
    moved = sorted({p for cue in _inside(group) for move in cue.light for p in move.parameters})
    held, free = tuple(p for p in moved if p in left), tuple(p for p in moved if p not in left)
    moves = (LightMove(held, tuple(left[p] for p in held)), LightMove(free, (), kind=MoveKind.RELEASE))
    lighting.move_list(turn, run.list, tuple(move for move in moves if move.parameters), run.number)
    lighting.tidy(turn)


def _inside(group: Group) -> Iterator[Cue]:
    """The members, and theirs."""
    for member in group.members:
        yield from member.cue.with_members()


def _day(position: Duration, offset: Duration, source: TimecodeInput) -> Duration:
    """``offset`` in the day in which ``position`` is nearest to it: code goes past midnight."""
    return offset + (position - offset + source.day // 2) // source.day * source.day


def _length(cue: Cue) -> Duration:
    """How long a timeline is; where nobody knows, longer than any code."""
    length = whole_length(cue)
    return FOREVER if length is None else length
