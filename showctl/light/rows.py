"""How moves, effects and grabbed levels become rows, and which rows nobody will miss. What the engine calls.

A fade begins where its own list stands at the instant it starts: what is live there, without what lies above it (effects of
its priority, higher lists, grabs), so that nothing steps when it takes over or when what lies above goes away. A move with a
delay begins where the level will be then, as far as the plan knows. ``up``, ``down`` and snap are settled here; a frame
needs no judgement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.clock_lines import Lines
from showctl.light.clocks import SHOW_CLOCK, clock_of
from showctl.light.curves import CURVES
from showctl.light.plan import NO_IDS, NO_ROWS, ROW, Plan, RowKind, Rows
from showctl.light.render import Prepared, Rendering
from showctl.light.standing import Standing
from showctl.light.table import Table, touched
from showctl.light.waves import WAVES
from showctl.show.cues import Effect, LightMove, MoveKind
from showctl.show.instants import Duration, Instant

Parameters = NDArray[np.intp]
LETTING_GO: Final = -2
"""The list of what goes back to the show from somebody's hands: above every list of the show, as the hands were."""
LOOKED_THROUGH: Final = 1024
"""Each time so many rows have been numbered, the whole plan is looked through for rows that nobody will miss."""
ROOM, ROOM_EACH = 4096, 16
"""How many places for marks are worth it for so many rows, where sorting these would do."""


def rows_for_moves(
    prepared: Prepared,
    moves: Sequence[LightMove],
    now: Instant,
    *,
    first_id: int,
    owner: int,
    list_index: int,
    priority: int,
    htp: bool,
    clock: int,
    local: Duration,
    until: Instant = 0,
) -> Rows:
    """The rows that put ``moves`` under way at ``local`` on ``clock`` (which is ``now``), numbered from ``first_id``.

    ``until`` is for hazard parameters only. Releases of what the list does not hold make no row.
    """
    every = [np.asarray(move.parameters, np.intp) for move in moves]
    standing = Standing(prepared, _ascending(every, prepared.rendering.size), list_index, priority, htp)
    parts: list[Rows] = []
    for move, parameters in zip(moves, every, strict=True):
        begins = now if move.delay == 0 else clock_of(prepared.plan.clocks, clock).due(local + move.delay)
        begins = now if begins is None else max(begins, now)
        place = standing.place(parameters)
        if move.kind is MoveKind.RELEASE:
            held = standing.held[place]
            parameters, place = parameters[held], place[held]
            target, kind = standing.beneath(begins)[place], RowKind.RELEASE
        else:
            target, kind = np.asarray(move.levels, np.int32), RowKind.SET
        source = standing.at(begins)[place]
        falls = prepared.rendering.intensity[parameters] & (target < source)
        duration = np.where(falls, move.down, move.up)
        duration[prepared.rendering.snap[parameters]] = 0
        if kind is RowKind.RELEASE:
            duration[~standing.wins(begins)[place]] = 0  # something else shows there: it must not be held back
        rows = _blank(prepared.rendering, parameters, kind, owner, list_index, priority, clock, until)
        rows["start"], rows["duration"], rows["curve"] = local + move.delay, duration, CURVES[move.curve]
        rows["source"], rows["target"], rows["htp"], rows["seed"] = source, target, htp, move.follow
        parts.append(rows)
    return _numbered(parts, first_id)


def rows_for_effect(
    rendering: Rendering,
    effect: Effect,
    *,
    first_id: int,
    owner: int,
    list_index: int,
    priority: int,
    clock: int,
    local: Duration,
    until: Instant = 0,
) -> Rows:
    """The rows of ``effect``, started at ``local`` on ``clock``.

    A parameter that stands there more than once (a chase of several steps) gets its low from the first row alone; the
    others are seen only while they are lit.
    """
    parameters = np.asarray(effect.parameters, np.intp)
    kind = RowKind.EFFECT if effect.relative else RowKind.CHASE
    rows = _blank(rendering, parameters, kind, owner, list_index, priority, clock, until)
    rows["start"], rows["period"], rows["entry"], rows["exit"] = local, effect.period, effect.entry, effect.exit_
    rows["phase"], rows["width"], rows["seed"] = effect.phases, effect.width, effect.seed & 0xFFFFFFFF
    rows["wave"], rows["element"] = WAVES[effect.wave], rendering.element[parameters]
    if effect.relative:
        rows["size"] = effect.size
    else:
        first = np.zeros(len(parameters), np.bool_)
        first[np.unique(parameters, return_index=True)[1]] = True
        rows["source"], rows["target"] = np.where(first, effect.low, -1), effect.highs
    return _numbered([rows], first_id)


def rows_for_levels(
    rendering: Rendering,
    parameters: Sequence[int],
    targets: Sequence[int],
    *,
    first_id: int,
    owner: int,
    park: bool = False,
    now: Instant = 0,
) -> Rows:
    """The rows that hold ``parameters`` at ``targets`` at once: grabbed, or parked."""
    kind = RowKind.PARK if park else RowKind.OVERRIDE
    rows = _blank(rendering, np.asarray(parameters, np.intp), kind, owner, -1, 0, SHOW_CLOCK, 0)
    rows["start"], rows["source"], rows["target"] = now, targets, targets
    return _numbered([rows], first_id)


def rows_that_let_go(rendering: Rendering, held: Rows, over: Duration, *, first_id: int, now: Instant) -> Rows:
    """The rows that take what ``held`` holds by hand to whatever is underneath, over ``over``."""
    parameters = np.asarray(held["parameter"], np.intp)
    rows = _blank(rendering, parameters, RowKind.RELEASE, 0, LETTING_GO, 0, SHOW_CLOCK, 0)
    rows["owner"], rows["duration"], rows["curve"] = held["owner"], over, CURVES["s"]
    rows["start"], rows["source"], rows["target"] = now, held["target"], held["target"]
    return _numbered([rows], first_id)


def rows_for_follow(rendering: Rendering, spares: Sequence[int], originals: Sequence[int], *, first_id: int, owner: int) -> Rows:
    """The rows by which ``spares`` show what ``originals`` would."""
    rows = _blank(rendering, np.asarray(spares, np.intp), RowKind.FOLLOW, owner, -1, 0, SHOW_CLOCK, 0)
    rows["source"], rows["target"] = originals, originals
    return _numbered([rows], first_id)


def _ascending(every: Sequence[Parameters], size: int) -> Parameters:
    """Each parameter of ``every`` once; there are ``size`` of them."""
    if len(every) == 1 and (every[0][1:] > every[0][:-1]).all():
        return every[0]
    found = np.zeros(size, np.bool_)
    for parameters in every:
        found[parameters] = True
    return np.flatnonzero(found)


def _blank(
    rendering: Rendering,
    parameters: Parameters,
    kind: RowKind,
    owner: int,
    list_index: int,
    priority: int,
    clock: int,
    until: Instant,
) -> Rows:
    rows = np.zeros(len(parameters), ROW)
    rows["parameter"], rows["kind"], rows["owner"], rows["clock"] = parameters, kind, owner, clock
    rows["list"], rows["priority"] = list_index, priority
    rows["until"] = np.where(rendering.hazard[parameters], until, 0)
    rows["safe"] = rendering.defaults[parameters]  # where it rests when nobody holds it, as when the row is taken back
    return rows


def _numbered(parts: list[Rows], first_id: int) -> Rows:
    if not parts:
        return NO_ROWS
    # As bytes: joined as fields, each field is looked up by name for every move.
    rows = parts[0] if len(parts) == 1 else np.concatenate([part.view(np.uint8) for part in parts]).view(ROW)
    rows["id"] = np.arange(first_id, first_id + len(rows))
    rows.flags.writeable = False
    return rows


# --- Rows that nobody will miss ----------------------------------------------------------------------------------------


def superseded(plan: Plan, rows: Rows, now: Instant) -> NDArray[np.int64]:
    """The ids in ``plan`` that ``rows``, once in it, hide for good: older ones of the same list and parameter.

    A row that has yet to start hides nothing. Effects, grabs and parks are not hidden by settings.
    """
    table, lines = plan.table, plan.lines
    hiding = (rows["kind"] <= RowKind.RELEASE) & (lines.local(now)[lines.index(rows["clock"])] >= rows["start"])
    hidden = np.zeros(len(table), np.bool_)
    for number in np.unique(rows["list"][hiding]).tolist():
        mine = rows["parameter"][hiding & (rows["list"] == number)]
        hidden |= (table.list == number) & touched(1 + _last(table, mine), mine)[table.parameter]
    hidden &= table.kind <= RowKind.RELEASE
    found = table.id[hidden]
    if not len(found) or found[-1] < rows["id"][0]:
        return found
    return found[~np.isin(found, rows["id"])]


def unmissed(plan: Plan, rows: Rows, now: Instant) -> NDArray[np.int64]:
    """The ids in ``plan`` that nobody will miss once ``rows``, new ones, are in it: ``superseded`` or ``settled``.

    Only what stands on the parameters of ``rows`` is looked at, so that the work follows what moves; and everything once in
    ``LOOKED_THROUGH`` rows.
    """
    if not len(rows):
        return NO_IDS
    whole = rows["id"][0] // LOOKED_THROUGH != (rows["id"][-1] + 1) // LOOKED_THROUGH
    if whole and _stands_alone(plan.table):
        return _replaced(plan, rows, now)
    standing, lines = plan.rows if whole else _on_same(plan, rows), plan.lines
    if not len(standing):
        return NO_IDS
    gone = _over(standing, lines, now)
    hiding = (rows["kind"] <= RowKind.RELEASE) & (lines.local(now)[lines.index(rows["clock"])] >= rows["start"])
    if hiding.any():
        (chain, mine), count = _chains(standing, rows)
        hidden = np.zeros(count, np.bool_)
        hidden[mine[hiding]] = True
        gone |= (standing["kind"] <= RowKind.RELEASE) & hidden[chain]
    return np.asarray(standing["id"][gone], np.int64)


def settled(plan: Plan, now: Instant) -> NDArray[np.int64]:
    """The ids in ``plan`` that show nothing from ``now`` on: hidden for good, released to the end, effects gone out.

    They are to be dropped together: a finished release is what hides the rows it released.
    """
    return np.asarray(plan.table.id[_over(plan.rows, plan.lines, now)], np.int64)


def _over(rows: Rows, lines: Lines, now: Instant) -> NDArray[np.bool_]:
    """Which of ``rows``, all that there are on their parameters, show nothing from ``now`` on."""
    local = lines.local(now)[lines.index(rows["clock"])]
    settings = rows["kind"] <= RowKind.RELEASE
    started = local >= rows["start"]
    finished = (rows["kind"] == RowKind.RELEASE) & started & (local >= rows["start"] + rows["duration"])
    effect = (rows["kind"] == RowKind.EFFECT) | (rows["kind"] == RowKind.CHASE)
    finished |= effect & (rows["ends"] != 0) & (local >= rows["ends"] + rows["exit"])

    hiding = np.flatnonzero(settings & started)
    if len(hiding):
        (chain,), count = _chains(rows)
        newest = np.full(count, -1, np.int64)
        newest[chain[hiding]] = rows["id"][hiding]  # ascending, so the newest one stays
        finished |= settings & (rows["id"] < newest[chain])
    return np.asarray(finished, np.bool_)


def _chains(*every: Rows) -> tuple[list[NDArray[np.intp]], int]:
    """A number for each list and parameter, the same in ``every`` table (none is empty), and how many there may be."""
    lists = [rows["list"].astype(np.intp) for rows in every]
    first, last = min(int(one.min()) for one in lists), max(int(one.max()) for one in lists)
    size = 1 + max(int(rows["parameter"].max()) for rows in every)
    chains = [(one - first) * size + rows["parameter"] for one, rows in zip(lists, every, strict=True)]
    count = (last - first + 1) * size
    if count <= ROOM + ROOM_EACH * sum(map(len, every)):
        return chains, count
    # Few rows of a large room: numbered one by one.
    known, numbers = np.unique(np.concatenate(chains), return_inverse=True)
    ends = np.cumsum([len(one) for one in chains])[:-1]
    return np.split(numbers, ends), len(known)


def _stands_alone(table: Table) -> bool:
    """Whether every parameter has one row at the most, and that is a setting: nothing shows nothing, then."""
    return bool(len(table) and not table.kind.any() and np.bincount(table.parameter).max() == 1)


def _replaced(plan: Plan, rows: Rows, now: Instant) -> NDArray[np.int64]:
    """``unmissed`` of a plan in which each row stands alone: those that one of ``rows`` of their list hides at once."""
    table, lines = plan.table, plan.lines
    hiding = (rows["kind"] <= RowKind.RELEASE) & (lines.local(now)[lines.index(rows["clock"])] >= rows["start"])
    gone = np.zeros(len(table), np.bool_)
    parameters, lists = rows["parameter"], rows["list"]
    for number in np.unique(lists).tolist():
        mine = parameters[hiding & (lists == number)]
        gone |= (table.list == number) & touched(1 + _last(table, mine), mine)[table.parameter]
    return np.asarray(table.id[gone], np.int64)


def _on_same(plan: Plan, rows: Rows) -> Rows:
    table, mine = plan.table, rows["parameter"]
    return table.pick(touched(1 + _last(table, mine), mine)[table.parameter])


def _last(table: Table, parameters: NDArray[Any]) -> int:
    return int(max(table.parameter.max(initial=0), parameters.max(initial=0)))
