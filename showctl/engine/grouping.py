"""Groups: which members start, and when (R9). Their completion is ``starting``'s business, as that of any cue.

A random group plays one member each time it starts, none again before all had their turn. The order of each round comes from the
show's name, the group and the number of the round alone, so a replay, and the same show after a reset, take the same turns.
The members of a first-enters group are cues of the list, chained and fired as those are: nothing is left to do here.
"""

from __future__ import annotations

import zlib
from typing import assert_never

from showctl.engine import chasing, landing, loading, starting
from showctl.engine.state import CueRun, What
from showctl.engine.turn import Turn
from showctl.show.cues import Cue, CueRef, Group, GroupMode, Member
from showctl.show.instants import Duration

_MASK = (1 << 64) - 1


def start_group(turn: Turn, run: CueRun, cue: Cue) -> None:
    """The group's members begin, as its mode says."""
    assert cue.group is not None
    members = cue.group.members
    if not members:
        return
    run = turn.update(run, open=1 if cue.group.mode is GroupMode.RANDOM else len(members))
    if cue.group.clock is not None:
        run = chasing.begun(turn, run, cue.group)
    match cue.group.mode:
        case GroupMode.ALL:
            for member in members:
                if run.number in turn.runs:  # a member may stop its own group
                    _start(turn, run.number, member, run.late)
        case GroupMode.SEQUENCE:
            turn.update(run, position=1, late=loading.left_over(run.late, members[0]))
            _start(turn, run.number, members[0], run.late)
        case GroupMode.TIMELINE:
            schedule_member(turn, run, 0)
        case GroupMode.RANDOM:
            count = turn.turns.get(cue.ref, 0)
            turn.turns[cue.ref] = count + 1
            chosen = whose_turn(turn.show.name, cue.ref, len(members), count)
            turn.update(run, position=chosen)
            _start(turn, run.number, members[chosen], run.late)
        case GroupMode.FIRST_ENTERS:
            pass
        case _:
            assert_never(cue.group.mode)


def _start(turn: Turn, group: int, member: Member, late: Duration) -> None:
    starting.start(turn, member.cue.ref, parent=turn.runs[group], at=late)


def schedule_member(turn: Turn, run: CueRun, position: int) -> None:
    group = turn.cue_of(run).group
    assert group is not None
    if position < len(group.members):
        assert run.acted is not None
        turn.update(run, position=position)
        instant = run.acted + group.members[position].at
        early = min(max(instant - _lead(turn, run, group), turn.local(run.clock)), instant)
        turn.schedule(run.clock, early, What.MEMBER, run.number, lands=instant if early < instant else None)


def _lead(turn: Turn, run: CueRun, group: Group) -> Duration:
    """How long before their moments the members of a timeline are begun with: one measure for all keeps their order."""
    if not turn.stage.has_latency:
        return 0
    kept = turn.stage.group_leads.get(run.cue)
    if kept is None or kept[0] is not group:
        slowest = max(max(landing.slowest(turn.stage, member.cue) - member.cue.wait, 0) for member in group.members)
        kept = turn.stage.group_leads[run.cue] = (group, slowest)
    return landing.on_clock(turn, run.clock, kept[1])


def member_due(turn: Turn, run: CueRun, lands: Duration | None = None) -> None:
    """A timeline has reached its next member, or is about to (``lands``)."""
    group = turn.cue_of(run).group
    assert group is not None
    member = group.members[run.position]
    schedule_member(turn, run, run.position + 1)
    starting.start(turn, member.cue.ref, parent=turn.runs[run.number], at=max(run.late - member.at, 0), begins=lands)


# --- whose turn it is --------------------------------------------------------------------------------------------------------


def whose_turn(show: str, group: CueRef, members: int, count: int) -> int:
    """The member that a random group plays when it has been started ``count`` times before.

    >>> sorted(whose_turn("Dream", CueRef("main", "7"), 4, count) for count in range(4))
    [0, 1, 2, 3]
    """
    round_, place = divmod(count, members)
    order = list(range(members))
    word = zlib.crc32(f"{show}\n{group}".encode()) << 32 | round_
    for n in range(members - 1, 0, -1):
        word = _splitmix64(word)
        other = word % (n + 1)
        order[n], order[other] = order[other], order[n]
    return order[place]


def _splitmix64(word: int) -> int:
    word = (word + 0x9E3779B97F4A7C15) & _MASK
    mixed = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return mixed ^ (mixed >> 31)


def settled_members(turn: Turn, cue: Cue) -> tuple[Member, ...]:
    """The members that have run once the group is settled: of a random one the last choice, or where none was taken the first."""
    if cue.group is None or cue.group.mode is not GroupMode.RANDOM or not cue.group.members:
        return cue.group.members if cue.group else ()
    count = turn.turns.setdefault(cue.ref, 1)
    return (cue.group.members[whose_turn(turn.show.name, cue.ref, len(cue.group.members), count - 1)],)
