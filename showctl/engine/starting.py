"""How a cue runs: it starts, waits and acts. And how the standby follows. What comes when it is complete: ``completing.py``."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from showctl.engine import completing, grouping, landing, lighting, loading, marking, performing, preparing, stopping
from showctl.engine.stage import waits_for_go
from showctl.engine.state import CueRun, Phase, What
from showctl.engine.turn import Turn
from showctl.light.plan import pick
from showctl.show.cues import Cue, CueRef
from showctl.show.instants import Duration
from showctl.show.lengths import content_length

MOST_STARTS: Final = 5000
MOST_NESTED: Final = 32
"""Cues that may start at one instant, and inside one another. ``check`` refuses circles that take no time; these limits end
one that conditions made."""


# --- standby and GO ------------------------------------------------------------------------------------------------------


def after(turn: Turn, cue: Cue) -> str | None:
    """The cue that waits for GO once ``cue`` has been fired: what chains by itself is passed over."""
    cues = turn.show.lists[turn.show.list_named[cue.ref.list].index].cues
    index = cue.index
    while index + 1 < len(cues):
        if waits_for_go(cues[index]):
            return cues[index + 1].label
        index += 1
    return cues[0].label if cues and turn.show.list_named[cue.ref.list].at_end == "loop" else None


def go(turn: Turn, list_index: int, ref: CueRef | None = None) -> CueRef | None:
    """Fires the standing-by cue of a list, or ``ref``. None: nothing stood by."""
    if ref is None:
        label = turn.lists[list_index].standby
        if label is None:
            return None
        ref = CueRef(turn.show.lists[list_index].name, label)
    # Whoever was still deciding to start this very cue need not any more.
    for run in list(turn.runs.values()):
        if run.list == list_index and run.next_pending and ref == following(turn, run):
            completing.decided(turn, run)
    turn.update_list(list_index, manual=False)
    start(turn, ref)
    return ref


def following(turn: Turn, run: CueRun) -> CueRef | None:
    """The cue after ``run``'s in file order."""
    cues = turn.show.list_named[run.cue.list].cues
    index = turn.cue_of(run).index
    known = index >= 0 or (not run.parent and run.number in turn.show.begun)  # the first cue may be gone from under its run
    return cues[index + 1].ref if known and index < len(cues) - 1 else None


# --- a run's life -----------------------------------------------------------------------------------------------------------


def start(
    turn: Turn,
    ref: CueRef,
    *,
    chains: bool = True,
    moves_standby: bool = True,
    parent: CueRun | None = None,
    at: Duration = 0,
    begins: Duration | None = None,
) -> CueRun | None:
    """Starts a performance of a cue, ``at`` into itself. None where a circle of cues that take no time had to be ended.

    ``begins``: the instant on its clock at which it is to begin, where that is known beforehand and slow devices have to be told
    before (``landing.py``).
    """
    turn.starts += 1
    if turn.starts > MOST_STARTS or turn.nested >= MOST_NESTED:
        if not turn.cut:
            turn.cut = True
            turn.note("chain.cut", f"cues kept starting one another at one instant; the circle was cut at {ref}", ref)
        return None
    cue = turn.cue(ref) if parent is None else turn.cue_of(parent, ref)
    index = turn.show.list_named[ref.list].index
    clock = parent.clock if parent else turn.stage.list_clock[index]
    number = turn.run_number
    turn.run_number += 1
    at = turn.loaded.pop(ref, at)
    run = CueRun(
        number,
        ref,
        index,
        clock,
        Phase.WAITING,
        turn.now,
        (turn.local(clock) if begins is None else begins) - at,
        parent=parent.number if parent else 0,
        chains=chains and parent is None,
    )
    turn.runs[number] = run
    turn.owners[number] = ref
    local = turn.local(clock)
    if run.began_local > local:
        turn.schedule(clock, run.began_local, What.BEGIN, number)
    else:
        begin(turn, run, moves_standby)
    acts = run.began_local + cue.wait
    if cue.land_together and acts >= local:
        acts = max(acts, local + landing.on_clock(turn, clock, landing.slowest(turn.stage, cue)))
    landing.schedule(turn, run, cue, acts)
    if acts > local:
        turn.schedule(clock, acts, What.ACT, number)
    elif acts < local and parent is None and cue.group is not None and cue.group.clock is None:
        loading.begin(turn, run, acts)
    else:
        turn.nested += 1
        act(turn, run, local - acts)
        turn.nested -= 1
    return turn.runs.get(number)


def begin(turn: Turn, run: CueRun, moves_standby: bool = True) -> None:
    """The run is under way, and its list stands at it."""
    cue = turn.cue_of(run)
    turn.note("cue.started", f"{run.cue} {cue.name}".rstrip() + " started", run.cue, run.number)
    if run.chains:
        _list_follows(turn, run.list, cue, moves_standby)


def _list_follows(turn: Turn, index: int, cue: Cue, moves_standby: bool) -> None:
    state = turn.lists[index]
    name = turn.show.lists[index].name
    turn.update_list(index, last=cue.label)
    turn.set_value(f"{name}.cue", cue.label)
    if moves_standby and cue.index >= 0 and not (state.manual and state.standby != cue.label):
        turn.set_standby(index, after(turn, cue))


def act(turn: Turn, run: CueRun, late: Duration = 0) -> None:
    """The pre-wait is over: everything that the cue does begins now, or is as if it had begun ``late`` ago.

    Unless it has to be ready first, and is not.
    """
    cue = turn.cue_of(run)
    if not preparing.holds_back(turn, run, cue, late):
        acts(turn, run, cue, late)


def acts(turn: Turn, run: CueRun, cue: Cue, late: Duration = 0, armed: bool = True) -> None:
    """It acts now; where it is not ``armed``, it is passed over."""
    local = turn.local(run.clock) - late
    told, armed = armed, armed and cue.armed and run.cue not in turn.disarmed
    run = turn.update(run, phase=Phase.RUNNING, acted=local, late=late, waits=armed and cue.wait_for is not None)
    length: Duration | None = 0
    if armed:
        length = content_length(cue)
        _begin(turn, run, cue)
    elif told:
        turn.note("cue.disarmed", f"{run.cue} is disarmed and was passed over", run.cue, run.number)
    if run.number not in turn.runs:
        return  # it stopped itself
    local = turn.runs[run.number].acted or local  # a timeline may count on code by now
    run = turn.update(turn.runs[run.number], ends=None if length is None else local + length, endless=length is None)
    if run.chains:
        completing.schedule_next(turn, run, cue)
    if length is not None:
        turn.schedule(run.clock, local + length, What.CONTENT_END, run.number)
    if run.waits:
        completing.schedule_wait(turn, run, cue)
    marking.cue_acts(turn, run, cue)


def _begin(turn: Turn, run: CueRun, cue: Cue) -> None:
    """Light first, then actions in file order, then members: what a reader of the file expects."""
    held = () if run.parent else turn.lists[run.list].restore
    lighting.move_light(turn, run, lighting.restored_by(held, cue) + cue.light)
    if not run.parent:
        turn.update_list(run.list, restore=lighting.still_to_restore(held, cue))
    if cue.this_cue_only:
        undo = lighting.moves_back(turn, run.list, cue.this_cue_only, turn.lists[run.list].restore)
        turn.update_list(run.list, restore=turn.lists[run.list].restore + undo)
        lighting.move_light(turn, run, cue.this_cue_only)
    for effect in cue.effects:
        lighting.start_effect(turn, run, effect)
    sent = landing.already_sent(turn, run)
    for place, action in enumerate(cue.actions):
        if (cue.ref, place) in sent:
            landing.adopt(turn, run, action)
        elif (now := loading.shifted(action, run.late + turn.lapse)) is not None:
            performing.act(turn, now, run)
    if cue.group is not None and run.number in turn.runs:
        grouping.start_group(turn, turn.runs[run.number], cue)


def count_on(turn: Turn, run: CueRun, clock: int, shift: Duration) -> CueRun:
    """``run`` and its members count on another clock from now: local times move by ``shift``, rows and dues with them."""
    family = stopping.family_of(turn, run.number)
    for number in sorted(family):
        member = turn.runs[number]
        turn.update(
            member,
            clock=clock,
            began_local=member.began_local + shift,
            acted=None if member.acted is None else member.acted + shift,
            ends=None if member.ends is None else member.ends + shift,
        )
    for thing in [t for t in turn.things.values() if t.run in family and t.clock == run.clock]:
        turn.things[thing.name] = replace(thing, clock=clock, began=thing.began + shift)
    turn.agenda = [
        replace(due, clock=clock, local=due.local + shift, lands=None if due.lands is None else due.lands + shift)
        if due.run in family and due.clock == run.clock
        else due
        for due in turn.agenda
    ]
    rows = turn.plan.rows
    mine = pick(rows, np.isin(rows["owner"], list(family)) & (rows["clock"] == run.clock))
    if len(mine):
        mine["clock"] = clock
        mine["start"] += shift
        mine["ends"][mine["ends"] != 0] += shift
        before = turn.row_id
        turn.light(mine, mine["id"])
        turn.row_id = before
    return turn.runs[run.number]
