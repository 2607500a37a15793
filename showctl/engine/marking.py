"""Mark in performance: lights that a cue to come brings up out of the dark are moved before, and nobody sees them turn.

They move in the cue before (or the one that is named), each once nothing of it is to be seen: every level of it, whoever
holds it, is out, and whatever moved it has come to its end. Until then they wait on the clock of the last fade, so a pause holds
them, too. What another list keeps bright, and what an effect plays with, is left to its own cue. A light that the
marked cue itself brings up later waits until that cue is complete. The rows belong to the cue that they are for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from showctl.engine import lighting
from showctl.engine.marked import Where
from showctl.engine.state import CueRun, Due, What
from showctl.engine.turn import Turn
from showctl.engine.words import cue_words, lights_words
from showctl.light.plan import Plan, RowKind, Rows
from showctl.light.render import levels, prepare
from showctl.light.table import touched
from showctl.show.cues import Branch, Cue, CueList, Effect, LightMove
from showctl.show.instants import Duration, Instant, spoken
from showctl.show.levels import Level
from showctl.show.marking import Prepared, prepared

NEVER: Instant = 1 << 62


def cue_acts(turn: Turn, run: CueRun, cue: Cue) -> None:
    """A cue of the list has begun: what was waiting for it is over, and the lights of cues to come may move."""
    if run.parent or cue.index < 0 or not run.chains:
        return
    forget(turn, run.list, cue)
    _prepare_all(turn, run.list, cue, _touched_later(turn, cue))


def cue_done(turn: Turn, run: CueRun, cue: Cue) -> None:
    """A group is complete: what its own members used may move, too, unless the list has gone on meanwhile."""
    if cue.group is not None and cue.index >= 0 and run.chains and turn.lists[run.list].last == cue.label:
        _prepare_all(turn, run.list, cue, frozenset())


def located(turn: Turn, index: int, cue: Cue | None) -> None:
    """The list stands after ``cue``, settled: so do the lights that it prepares for the cue after it."""
    forget(turn, index)
    after = None if cue is None or cue.index < 0 else _after(turn.show.lists[index], cue)
    if cue is not None and after is not None:
        _prepare(turn, index, after, cue, frozenset())


def settled(turn: Turn, cue: Cue, number: int, held: dict[int, tuple[int, int]], effects: Iterable[Effect]) -> None:
    """What ``cue``, the ``number``-th of a list that is settled, leaves in place for cues that name it.

    ``held``: parameter -> (level, cue); ``effects`` are those that run.
    """
    if cue.ref not in turn.stage.marked_during:
        return
    busy = {p for effect in effects for p in effect.parameters}
    defaults = turn.stage.rendering.defaults
    for ref in turn.stage.marked_during[cue.ref]:
        target = turn.cue(ref)
        for light in prepared(turn.show.patch, target) if target.armed and ref not in turn.disarmed else ():
            moved = {p: level for p, level in light.moves if p not in turn.stage.guarded}
            dark = all(held.get(p, (int(defaults[p]), 0))[0] == 0 for p in light.dimmers)
            if dark and busy.isdisjoint((*light.dimmers, *moved)):
                held |= {p: (level, number) for p, level in moved.items()}


def forget(turn: Turn, index: int, cue: Cue | None = None) -> None:
    """Nothing of the list waits to be moved in the dark any more; with ``cue``, which begins: what was due before it."""
    name = turn.show.lists[index].name

    def stays(due: Due) -> bool:
        if due.what is not What.MARK or due.cue is None or due.cue.list != name:
            return True
        mark = turn.cue(due.cue).mark
        return cue is not None and due.cue != cue.ref and mark is not None and mark.during is not None

    turn.agenda = [due for due in turn.agenda if stays(due)]


def due(turn: Turn, entry: Due) -> None:
    """What a light waited for should be over."""
    assert entry.cue is not None
    cue = turn.cue(entry.cue)
    index = turn.show.list_named[entry.cue.list].index
    during = turn.show.lists[index].named[entry.thing]
    group_runs = any(run.cue == during.ref and not run.content_done for run in turn.runs.values())
    _prepare(turn, index, cue, during, _touched_later(turn, during) if group_runs else frozenset())


# --- which, and when ------------------------------------------------------------------------------------------------------


def _prepare_all(turn: Turn, index: int, cue: Cue, but: frozenset[int]) -> None:
    after = _after(turn.show.lists[index], cue)
    named = (turn.cue(ref) for ref in turn.stage.marked_during.get(cue.ref, ()))
    for target in (*named, *(() if after is None else (after,))):
        _prepare(turn, index, target, cue, but)


def _after(cue_list: CueList, cue: Cue) -> Cue | None:
    """The cue that is marked automatically in ``cue``: the next one, where that is what comes next."""
    if cue.index + 1 >= len(cue_list.cues) or isinstance(cue.next, Branch):
        return None
    after = cue_list.cues[cue.index + 1]
    return after if after.mark is not None and after.mark.during is None else None


def _touched_later(turn: Turn, cue: Cue) -> frozenset[int]:
    """The fixtures that members of ``cue`` move when it is under way already."""
    if cue.group is None:
        return frozenset()
    parameters = turn.show.patch.parameters
    return frozenset(
        parameters[p].fixture
        for member in _members(cue)
        for moved in (member.light, member.this_cue_only, member.effects)
        for each in moved
        for p in each.parameters
    )


def _members(cue: Cue) -> Iterator[Cue]:
    for member in cue.group.members if cue.group else ():
        yield member.cue
        yield from _members(member.cue)


def _prepare(turn: Turn, index: int, cue: Cue, during: Cue, but: frozenset[int]) -> None:
    """Moves the lights of ``cue`` that are dark and at rest; the others are looked at again when what moves them ends."""
    if cue.mark is None or not cue.armed or cue.ref in turn.disarmed:
        return
    where = _where(turn, cue)
    if not where.lights:
        return
    wanted = where.any(where.move_of, _elsewhere(turn, index, where))
    if but:
        wanted &= ~np.isin(where.fixtures, list(but))
    if not wanted.any():
        return
    first = _waits(turn, where, wanted)
    seen = _rows_on(turn, where.dimmers[wanted[where.dimmer_of]])
    live = levels(prepare(turn.stage.rendering, Plan(seen, turn.plan.clocks)), turn.now)
    rests = wanted & (first.of < 0) & ~where.any(where.dimmer_of, live[where.dimmers] != 0)
    _move(turn, index, cue, [where.lights[n] for n in np.flatnonzero(rests).tolist()])
    if first.at is not None and first.at[2] < NEVER:
        turn.schedule(first.at[1], first.at[2], What.MARK, cue=cue.ref, thing=during.label)


def _where(turn: Turn, cue: Cue) -> Where:
    """It follows from the show, so it is worked out once."""
    kept = turn.stage.prepared.get(cue.ref)
    if kept is None or kept[0] is not cue:
        kept = turn.stage.prepared[cue.ref] = (cue, Where(prepared(turn.show.patch, cue)))
    return kept[1]


def _elsewhere(turn: Turn, index: int, where: Where) -> NDArray[np.bool_]:
    """Per move: whether the list neither holds the parameter there nor takes it there (``lighting.targets_of``)."""
    table = turn.plan.table
    size = turn.stage.rendering.size
    own = touched(size, where.moves)[table.parameter] & (table.list == index) & (table.kind <= RowKind.RELEASE)
    rows = table.pick(own)
    last = np.full(size, -1)
    np.maximum.at(last, rows["parameter"], np.arange(len(rows)))
    at = last[where.moves]
    targets = np.where(rows["kind"] == RowKind.RELEASE, -1, rows["target"].astype(np.int64) | rows["seed"].astype(np.int64) << 16)
    return (at < 0) | (targets[at] != where.targets) if len(rows) else np.ones(len(at), np.bool_)


def _rows_on(turn: Turn, parameters: NDArray[np.intp]) -> Rows:
    """What stands on some parameters."""
    table = turn.plan.table
    return table.pick(touched(turn.stage.rendering.size, parameters)[table.parameter])


class _First(NamedTuple):
    """``at``: (instant, clock, local instant) at which the first light is free; None: none is waited for.

    ``of`` is per light, below 0 where nothing of it is under way.
    """

    at: tuple[Instant, int, Duration] | None
    of: NDArray[np.intp]


def _waits(turn: Turn, where: Where, wanted: NDArray[np.bool_]) -> _First:
    """When the last thing under way with each light ends, and which of them is free first."""
    of = np.full(len(where.lights), -1)
    each = np.concatenate((where.dimmers, where.moves))
    whose = np.concatenate((where.dimmer_of, where.move_of))
    each, whose = each[wanted[whose]], whose[wanted[whose]]
    rows = _rows_on(turn, each)
    lines = turn.plan.lines
    clock = lines.index(rows["clock"])
    effects = rows["kind"] >= RowKind.EFFECT
    ends = np.where(effects, np.where(rows["ends"] != 0, rows["ends"] + rows["exit"], NEVER), rows["start"] + rows["duration"])
    busy = np.flatnonzero((rows["kind"] <= RowKind.CHASE) & (lines.local(turn.now)[clock] < ends))
    if not len(busy):
        return _First(None, of)
    ends, number = ends[busy], rows["clock"][busy]
    instant = np.where(ends >= NEVER, NEVER, lines.due(clock[busy], ends))
    order = np.lexsort((ends, number, instant))
    latest = np.full(turn.stage.rendering.size, -1)
    np.maximum.at(latest, rows["parameter"][busy][order], np.arange(len(order)))
    np.maximum.at(of, whose, latest[each])
    waiting = of[of >= 0]
    if not len(waiting):
        return _First(None, of)
    first = order[waiting.min()]
    return _First((int(instant[first]), int(number[first]), int(ends[first])), of)


def _move(turn: Turn, index: int, cue: Cue, lights: list[Prepared]) -> None:
    moves: dict[int, Level] = {p: level for light in lights for p, level in light.moves}
    if not moves or cue.mark is None:
        return
    owner = turn.run_number
    turn.run_number += 1
    turn.owners[owner] = cue.ref
    over = cue.mark.over
    lighting.move_list(turn, index, (LightMove(tuple(moves), tuple(moves.values()), over, over),), owner)
    who = lights_words(turn.show, {light.fixture for light in lights})
    turn.note("light.marked", f"in the dark for {cue_words(turn.show, cue.ref)}: {who}, in {spoken(over)}", cue.ref)
