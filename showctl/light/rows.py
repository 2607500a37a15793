"""How moves, effects and grabbed levels become rows, and which rows nobody will miss. What the engine calls.

A fade begins where its own list stands at the instant it starts: what is live there, without what lies above it (effects of
its priority, higher lists, grabs), so that nothing steps when it takes over or when what lies above goes away. A move with a
delay begins where the level will be then, as far as the plan knows. ``up``, ``down`` and snap are settled here; a frame
needs no judgement.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from showctl.light.clock_lines import Lines
from showctl.light.clocks import SHOW_CLOCK, clock_of
from showctl.light.curves import CURVES
from showctl.light.plan import NO_ROWS, ROW, Plan, RowKind, Rows, pick
from showctl.light.render import Prepared, Rendering, levels, next_change, owners
from showctl.light.waves import WAVES
from showctl.show.cues import Effect, LightMove, MoveKind
from showctl.show.instants import Duration, Instant

Parameters = NDArray[np.intp]


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
    asked = np.unique(np.concatenate([np.empty(0, np.intp), *(np.asarray(m.parameters, np.intp) for m in moves)]))
    standing = _Standing(prepared, asked, list_index, priority, htp)
    parts: list[Rows] = []
    for move in moves:
        parameters = np.asarray(move.parameters, np.intp)
        begins = now if move.delay == 0 else clock_of(prepared.plan.clocks, clock).due(local + move.delay)
        begins = now if begins is None else max(begins, now)
        at = standing.at(begins)
        if move.kind is MoveKind.RELEASE:
            parameters = parameters[standing.held[parameters]]
            target, kind = standing.beneath(begins)[parameters], RowKind.RELEASE
        else:
            target, kind = np.asarray(move.levels, np.int32), RowKind.SET
        source = at[parameters]
        falls = prepared.rendering.intensity[parameters] & (target < source)
        duration = np.where(falls, move.down, move.up)
        duration[prepared.rendering.snap[parameters]] = 0
        if kind is RowKind.RELEASE:
            duration[~standing.wins(begins)[parameters]] = 0  # something else shows there: it must not be held back
        rows = _blank(prepared.rendering, parameters, kind, owner, list_index, priority, clock, until)
        rows["start"], rows["duration"], rows["curve"] = local + move.delay, duration, CURVES[move.curve]
        rows["source"], rows["target"], rows["htp"] = source, target, htp
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


def rows_for_follow(rendering: Rendering, spares: Sequence[int], originals: Sequence[int], *, first_id: int, owner: int) -> Rows:
    """The rows by which ``spares`` show what ``originals`` would."""
    rows = _blank(rendering, np.asarray(spares, np.intp), RowKind.FOLLOW, owner, -1, 0, SHOW_CLOCK, 0)
    rows["source"], rows["target"] = originals, originals
    return _numbered([rows], first_id)


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
    rows = np.concatenate(parts)
    rows["id"] = np.arange(first_id, first_id + len(rows))
    rows.flags.writeable = False
    return rows


class _Standing:
    """Where one list stands on some parameters: by small plans of just the rows that count for it, rendered as any other."""

    def __init__(self, prepared: Prepared, parameters: Parameters, list_index: int, priority: int, htp: bool) -> None:
        rendering, plan = prepared.rendering, prepared.plan
        asked = np.zeros(rendering.size, np.bool_)
        asked[parameters] = True
        rows = pick(plan.rows, asked[plan.rows["parameter"]])
        settings = rows["kind"] <= RowKind.RELEASE
        own = settings & (rows["list"] == list_index)
        highest = rendering.intensity[rows["parameter"]] & ((rows["htp"] != 0) | htp)
        equal = settings & (rows["priority"] == priority)
        below = (rows["priority"] < priority) & (rows["kind"] <= RowKind.CHASE)

        def of(which: NDArray[np.bool_]) -> Prepared:
            some = pick(rows, which)
            some["owner"] = some["list"].astype(np.int32) + 1
            return Prepared(rendering, Plan(some, plan.clocks))

        self._own_number = list_index + 1
        self._own = of(below | own | (equal & ~highest))
        others = equal & highest & ~own
        self._all = of(below | own | equal) if others.any() else None
        self._without_own = of((below | equal) & ~own)
        self.held = np.zeros(rendering.size, np.bool_)
        """Which parameters the list has rows on."""
        self.held[rows["parameter"][own]] = True
        self._kept: tuple[Instant, Instant, NDArray[np.int32]] | None = None

    def at(self, begins: Instant) -> NDArray[np.int32]:
        """Where a fade of the list begins. One that joins others by HTP comes up from below them."""
        if self._kept is not None and self._kept[0] <= begins < self._kept[1]:
            return self._kept[2]
        found = levels(self._own, begins)
        if self._all is not None:
            live = levels(self._all, begins)
            found = np.where(self.held, found, np.minimum(found, live))
        changes = [change for part in (self._own, self._all) if part and (change := next_change(part, begins)) is not None]
        self._kept = (begins, min(changes, default=1 << 62), found)
        return found

    def wins(self, now: Instant) -> NDArray[np.bool_]:
        """Which parameters show the list's own rows (as far as its priority goes)."""
        return np.asarray(owners(self._own, now) == self._own_number, np.bool_)

    def beneath(self, now: Instant) -> NDArray[np.int32]:
        """Where the parameters would stand without the list."""
        return levels(self._without_own, now)


# --- Rows that nobody will miss ----------------------------------------------------------------------------------------


def superseded(plan: Plan, rows: Rows, now: Instant) -> NDArray[np.int64]:
    """The ids in ``plan`` that ``rows``, once in it, hide for good: older ones of the same list and parameter.

    A row that has yet to start hides nothing. Effects, grabs and parks are not hidden by settings.
    """
    lines = Lines(plan.clocks)
    hiding = (rows["kind"] <= RowKind.RELEASE) & (lines.local(now)[lines.index(rows["clock"])] >= rows["start"])
    hidden = np.zeros(len(plan.rows), np.bool_)
    lists, parameters = plan.rows["list"], plan.rows["parameter"]
    for number in np.unique(rows["list"][hiding]).tolist():
        mine = rows["parameter"][hiding & (rows["list"] == number)]
        touched = np.zeros(int(max(mine.max(initial=0), parameters.max(initial=0))) + 1, np.bool_)
        touched[mine] = True
        hidden |= (lists == number) & touched[parameters]
    hidden &= plan.rows["kind"] <= RowKind.RELEASE
    found = plan.rows["id"][hidden]
    return np.asarray(found[~np.isin(found, rows["id"])], np.int64)


def settled(plan: Plan, now: Instant) -> NDArray[np.int64]:
    """The ids in ``plan`` that show nothing from ``now`` on: hidden for good, released to the end, effects gone out.

    They are to be dropped together: a finished release is what hides the rows it released.
    """
    rows = plan.rows
    lines = Lines(plan.clocks)
    local = lines.local(now)[lines.index(rows["clock"])]
    settings = rows["kind"] <= RowKind.RELEASE
    started = local >= rows["start"]
    finished = (rows["kind"] == RowKind.RELEASE) & started & (local >= rows["start"] + rows["duration"])
    effect = (rows["kind"] == RowKind.EFFECT) | (rows["kind"] == RowKind.CHASE)
    finished |= effect & (rows["ends"] != 0) & (local >= rows["ends"] + rows["exit"])

    chain = _chain(rows)
    hiding = np.flatnonzero(settings & started)
    chains, newest = np.unique(chain[hiding][::-1], return_index=True)  # reversed: the first found is the newest
    newest_id = rows["id"][hiding[::-1][newest]]
    if len(chains):
        place = np.minimum(np.searchsorted(chains, chain), len(chains) - 1)
        finished |= settings & (chains[place] == chain) & (rows["id"] < newest_id[place])
    return np.asarray(rows["id"][finished], np.int64)


def _chain(rows: Rows) -> NDArray[np.int64]:
    """A number for each list and parameter."""
    return (rows["parameter"].astype(np.int64) << 16) | (rows["list"].astype(np.int64) & 0xFFFF)
