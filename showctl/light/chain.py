"""Why a parameter stands where it stands: every row of its stack in order, what each makes of it, and what scales it (R11).

For people who ask, not for frames: one parameter at a time, through the same stack, layers and masters that ``render`` uses,
so that the answer is what the room shows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.layers import Layer, Op
from showctl.light.masters import BLACKOUT, FIRST_SUBMASTER, GRAND, master_level, resting
from showctl.light.plan import MasterKind, Plan, RowKind, Rows
from showctl.light.render import Prepared, Rendering
from showctl.light.stack import NEVER, Stack
from showctl.show.instants import Duration, Instant
from showctl.show.levels import Level

_NOBODY: Final = -(1 << 31)


@dataclass(frozen=True, slots=True)
class Link:
    """One row of a parameter's stack.

    ``level`` is where the parameter stands with this row and all beneath it. ``shows``: it has a say in what is seen.
    ``begins`` and ``ends`` are of its movement, ``left`` what is left of that on its own clock (0: it has arrived; None: it goes
    on until it is ended); while the clock stands still, ``ends`` is unknown.
    """

    row: int
    kind: RowKind
    owner: int
    list: int
    priority: int
    level: Level
    shows: bool
    source: Level
    target: Level
    begins: Instant | None
    ends: Instant | None
    left: Duration | None
    running: bool
    lapsed: bool
    wave: int
    period: Duration
    size: int
    whom: int = 0
    """The target that it follows; 0: nobody."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A master that has a say: ``number`` as the plan counts them."""

    number: int
    kind: MasterKind
    level: Level


@dataclass(frozen=True, slots=True)
class Chain:
    """One parameter's stack, bottom first. ``level`` is before masters and park, ``output`` after both."""

    parameter: int
    default: Level
    links: tuple[Link, ...]
    coming: tuple[Link, ...]
    """Rows that have yet to start."""
    masters: tuple[Scale, ...]
    parked: tuple[Link, ...]
    level: Level
    output: Level
    follows: int | None = None
    """The parameter that this one stands in for: links, coming and masters are that one's."""


def chain(rendering: Rendering, plan: Plan, parameter: int, now: Instant) -> Chain:
    """What ``parameter`` stands on at ``now``."""
    rows = plan.rows[plan.rows["parameter"] == parameter]
    prepared = Prepared(rendering, Plan(rows, plan.clocks, plan.masters))
    found = rendering.defaults.copy()
    if prepared.following is not None and len(prepared.following[1]):
        return _stand_in(prepared, plan, parameter, int(prepared.following[1][-1]), now)
    links = _climb(prepared.stack, parameter, found, now)
    level = int(found[parameter])
    masters = _scales(rendering, plan, parameter, now)
    prepared.masters.apply(found, now)
    parked = () if prepared.parked is None else _climb(prepared.parked, parameter, found, now)
    coming = _coming(prepared.stack, now)
    return Chain(parameter, int(rendering.defaults[parameter]), links, coming, masters, parked, level, int(found[parameter]))


def _stand_in(prepared: Prepared, plan: Plan, parameter: int, original: int, now: Instant) -> Chain:
    """The stack of ``original``, and on it only what parks ``parameter`` itself."""
    rendering = prepared.rendering
    stands_on = chain(rendering, Plan(plan.rows[plan.rows["kind"] < RowKind.PARK], plan.clocks, plan.masters), original, now)
    found = rendering.defaults.copy()
    found[parameter] = stands_on.output
    parked = () if prepared.parked is None else _climb(prepared.parked, parameter, found, now)
    default, output = int(rendering.defaults[parameter]), int(found[parameter])
    return replace(stands_on, parameter=parameter, default=default, parked=parked, output=output, follows=original)


def _climb(stack: Stack, parameter: int, levels: NDArray[np.int32], now: Instant) -> tuple[Link, ...]:
    """Every row that is there, bottom first; ``levels`` ends as they leave it."""
    index, ops = stack.standing(now)
    local = stack.lines.local(now)
    links: list[Link] = []
    shows: list[bool] = []
    for row, kind in zip(index.tolist(), ops.tolist(), strict=True):
        lapsed = stack.until[[row]] < now
        winner = np.full(len(levels), _NOBODY, np.int32)
        Layer(Op(kind), stack, np.array([row], np.intp), lapsed).apply(levels, local, winner)
        won = kind == Op.SWING or int(winner[parameter]) != _NOBODY
        if won and kind in (Op.REPLACE, Op.HIGHEST):
            shows = [False] * len(shows)
        shows.append(won)
        links.append(_link(stack, row, int(levels[parameter]), bool(lapsed[0]), now))
    return tuple(replace(link, shows=seen) for link, seen in zip(links, shows, strict=True))


def _coming(stack: Stack, now: Instant) -> tuple[Link, ...]:
    waiting = np.flatnonzero(stack.starts > now).tolist()
    links = [_link(stack, row, int(stack.target[row]), False, now) for row in waiting]
    return tuple(sorted(links, key=lambda link: (NEVER if link.begins is None else link.begins, link.row)))


def _link(stack: Stack, row: int, level: Level, lapsed: bool, now: Instant) -> Link:
    whole: Rows = stack.original(np.array([row], np.intp))
    kind = RowKind(int(stack.kind[row]))
    finish, begins = int(stack.finish[row]), int(stack.starts[row])
    clock = int(stack.clock[row])
    local = int(stack.lines.local(now)[clock])
    left: Duration | None = max(int(whole["start"][0]) + int(whole["duration"][0]) - local, 0)
    if kind in (RowKind.EFFECT, RowKind.CHASE):
        left = max(int(whole["ends"][0]) + int(whole["exit"][0]) - local, 0) if whole["ends"][0] else None
    return Link(
        int(whole["id"][0]),
        kind,
        int(whole["owner"][0]),
        int(whole["list"][0]),
        int(whole["priority"][0]),
        level,
        False,
        int(whole["source"][0]),
        int(whole["target"][0]),
        begins if abs(begins) < NEVER else None,
        finish if abs(finish) < NEVER else None,
        left,
        bool(stack.runs[row]),
        lapsed,
        int(whole["wave"][0]),
        int(whole["period"][0]),
        int(whole["size"][0]),
        int(whole["seed"][0]) if kind is RowKind.SET else 0,
    )


def _scales(rendering: Rendering, plan: Plan, parameter: int, now: Instant) -> tuple[Scale, ...]:
    """The masters over ``parameter`` that are not where they do nothing."""
    if not rendering.intensity[parameter]:
        return ()
    found: list[Scale] = []
    for row in plan.masters:
        number, kind = int(row["id"]), MasterKind(int(row["kind"]))
        if number >= FIRST_SUBMASTER and parameter not in rendering.submasters[number - FIRST_SUBMASTER].parameters:
            continue
        level = master_level(plan, number, kind, now)
        if level != resting(kind):
            found.append(Scale(number, kind, level))
    return tuple(found)


def master_name(rendering: Rendering, number: int) -> str:
    """What people call the master ``number``."""
    names = {GRAND: "grand", BLACKOUT: "blackout"}
    return names[number] if number in names else rendering.submasters[number - FIRST_SUBMASTER].name


__all__ = ["Chain", "Link", "Scale", "chain", "master_name"]
