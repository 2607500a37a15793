"""Heads and sound objects that keep to somebody who is tracked: which they are, where they turn or go, and for how long that is
believed. What follows is about heads; a sound object is told each trace (``began``), and its driver draws out the line.

A move that follows is rows like any other, from which everything else (who has the light, what comes back, what a locate makes
of it) is worked out as ever; they carry their target's number (``seed``). A new trace of the target turns those rows, in their
places and under their own numbers, onto the way of the target. A trace is a line (position, speed, since when), so a row that
leads ``AHEAD`` along it needs no further word while the target walks on. Nobody is expected to walk on for longer than that
unseen: the heads stay where they would have been then.

Looks that are remembered as numbers (``targets_of``, ``Settled``) have marked levels (``show.targets``), which ``moves`` reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np

from showctl.engine.events import TrackMoved
from showctl.engine.state import Trace
from showctl.engine.turn import Turn
from showctl.light.aim import Head, head_of
from showctl.light.curves import CURVES
from showctl.light.plan import Plan, RowKind, Rows, pick
from showctl.light.render import levels, prepare
from showctl.show.cues import ActionClass, LightMove, MoveKind, Value
from showctl.show.fixtures import Point
from showctl.show.instants import MILLISECOND, Duration, Instant, seconds_of
from showctl.show.levels import FULL, Level
from showctl.show.show import Show
from showctl.show.targets import Target, marked, unmarked

Arguments: TypeAlias = tuple[tuple[str, Value], ...]

AHEAD: Final[Duration] = 300 * MILLISECOND
STEP: Final = 6.0
"""Degrees that a correction may be to be made at once; a larger one takes ``CATCH_UP``."""
CATCH_UP: Final[Duration] = 150 * MILLISECOND
_LONGEST: Final = 2.0
"""Seconds that a line is drawn out, latency and lead included."""


def seen(turn: Turn, event: TrackMoved) -> None:
    """Somebody who can be followed is somewhere, and on their way: whoever follows them turns there."""
    target = next((item for item in turn.show.targets if item.name == event.name and item.tracker), None)
    if target is None:
        return
    turn.traces[event.name] = Trace(event.at, event.position, event.velocity)
    for kept in turn.performed.values():
        began(turn, kept.device, kept.verb, kept.arguments, event.name)
    rows = turn.plan.rows
    following = pick(rows, (rows["kind"] == RowKind.SET) & (rows["seed"] == target.number))
    for index in np.unique(following["list"]).tolist():
        _turn(turn, target, pick(following, following["list"] == index))


def began(turn: Turn, device: str, verb: str, arguments: Arguments, who: str = "") -> None:
    """A sound object of ``device`` that follows (``who``, or anybody) is told where they are and how they go."""
    words = told(turn.show, turn.traces, device, verb, arguments, turn.now)
    if words is not None and who in ("", dict(arguments)["who"]):
        turn.tell(device, "track", words, ActionClass.MOMENTARY)


def told(show: Show, traces: Mapping[str, Trace], device: str, verb: str, arguments: Arguments, now: Instant) -> Arguments | None:
    """What a sound object is told of somebody whom it begins to follow; None where it follows nobody, or nobody has seen them."""
    given = dict(arguments)
    trace = traces.get(str(given.get("who"))) if verb == "follow" else None
    if trace is None or show.device_named[device].space is None:
        return None
    on = min(max(seconds_of(now - trace.at), 0.0), _LONGEST)
    place = [position + speed * on for position, speed in zip(trace.position, trace.velocity, strict=True)]
    words = zip(("x", "y", "z", "vx", "vy", "vz"), (*place, *trace.velocity), strict=True)
    return (("object", given["object"]), *words)


def moves(turn: Turn, asked: Iterable[LightMove]) -> tuple[LightMove, ...]:
    """``asked``, with what follows somebody on its way to where they are now; where nobody has seen them, to where they rest."""
    made: list[LightMove] = []
    for move in asked:
        if move.kind is not MoveKind.SET or (not move.follow and max(move.levels, default=0) <= FULL):
            made.append(move)
            continue
        by_whom: dict[int, list[int]] = {}
        for n, level in enumerate(move.levels):
            by_whom.setdefault(unmarked(level)[0] or move.follow, []).append(n)
        for number, places in by_whom.items():
            own = tuple(move.parameters[n] for n in places)
            rest = tuple(unmarked(move.levels[n])[1] for n in places)
            made.append(replace(move, parameters=own, levels=_levels(turn, number, own, rest, move.up), follow=number))
    return tuple(made)


def _levels(turn: Turn, number: int, parameters: tuple[int, ...], rest: tuple[Level, ...], over: Duration) -> tuple[Level, ...]:
    """Where ``parameters`` turn who begin to follow now, over ``over``."""
    target = turn.show.targets[number - 1] if 0 < number <= len(turn.show.targets) else None
    point = None if target is None else _expected(turn, target, turn.now + min(over, AHEAD))
    if point is None:
        return rest
    now = levels(prepare(turn.stage.rendering, turn.plan), turn.now)
    found = dict(zip(parameters, rest, strict=True))
    for head in _heads(turn.show, parameters):
        found |= {p: level for p, level in _aimed(head, point, lambda p: int(now[p])).items() if p in found}
    return tuple(found[p] for p in parameters)


def _turn(turn: Turn, target: Target, rows: Rows) -> None:
    """The rows of one list that follow ``target`` lead to where it will be, from where they stand."""
    rows = _uncovered(turn, rows)
    here, soon, later = (_expected(turn, target, turn.now + ahead) for ahead in (0, CATCH_UP, AHEAD))
    if here is None or soon is None or later is None or not len(rows):
        return
    now = levels(prepare(turn.stage.rendering, Plan(rows, turn.plan.clocks)), turn.now)
    turned = rows.copy()
    aims: dict[int, Level] = {}
    begins: dict[int, Level] = {}
    leads: dict[int, Duration] = {}
    for head in _heads(turn.show, rows["parameter"].tolist()):
        on_line = _aimed(head, here, lambda p: int(now[p]))
        near = all(abs(level - int(now[p])) <= _step(head, p) for p, level in on_line.items())
        begins |= on_line if near else {p: int(now[p]) for p in on_line}
        aims |= _aimed(head, later if near else soon, on_line.__getitem__)
        leads |= dict.fromkeys(on_line, AHEAD if near else CATCH_UP)
    changed = np.zeros(len(turned), np.bool_)
    for n, (parameter, clock) in enumerate(zip(turned["parameter"].tolist(), turned["clock"].tolist(), strict=True)):
        line = turn.clock(clock)
        if parameter not in aims or line.num == 0:
            continue
        row, local = turned[n : n + 1], line.local(turn.now)
        changed[n] = not aims[parameter] == int(row["target"][0]) == int(now[parameter])
        row["target"] = aims[parameter]
        if local < int(row["start"][0]):
            continue
        left, lead = int(row["start"][0]) + int(row["duration"][0]) - local, leads[parameter] * line.num // line.den
        row["source"] = int(now[parameter]) if left > lead else begins[parameter]
        row["start"], row["duration"], row["curve"] = local, max(left, lead), CURVES["linear"]
    turned = pick(turned, changed)
    if len(turned):
        before = turn.row_id
        turned.flags.writeable = False
        turn.light(turned, turned["id"])
        turn.row_id = before


def _uncovered(turn: Turn, rows: Rows) -> Rows:
    """The newest of ``rows`` for each parameter, unless the list has moved it since to where it does not follow."""
    every = turn.plan.rows
    index = int(rows["list"][0])
    newest: dict[int, int] = {}
    own = pick(
        every, (every["list"] == index) & (every["kind"] <= RowKind.RELEASE) & np.isin(every["parameter"], rows["parameter"])
    )
    for number, parameter, clock, start in zip(
        own["id"].tolist(), own["parameter"].tolist(), own["clock"].tolist(), own["start"].tolist(), strict=True
    ):
        if turn.local(clock) >= start or parameter not in newest:
            newest[parameter] = number
    return pick(rows, np.array([newest[p] <= n for n, p in zip(rows["id"].tolist(), rows["parameter"].tolist(), strict=True)]))


def _expected(turn: Turn, target: Target, at: Instant) -> Point | None:
    """Where ``target`` will be seen at ``at``; None where nobody has seen it yet."""
    trace = turn.traces.get(target.name)
    if trace is None:
        return None
    on = min(max(seconds_of(at + target.lead - trace.at), 0.0), _LONGEST)
    x, y, z = (position + speed * on for position, speed in zip(trace.position, trace.velocity, strict=True))
    return Point(x, y + target.above, z)


def _step(head: Head, parameter: int) -> Level:
    """How far a head may be beside the line and be put on it at once."""
    axis = head.pan if head.pan is not None and head.pan.parameter == parameter else head.tilt
    return 0 if axis is None else round(STEP * FULL / abs(axis.high - axis.low))


def _aimed(head: Head, point: Point, level: Callable[[int], Level]) -> dict[int, Level]:
    pan = head.home()[0] if head.pan is None else head.pan.degrees(level(head.pan.parameter))
    tilt = head.home()[1] if head.tilt is None else head.tilt.degrees(level(head.tilt.parameter))
    return head.levels(head.aim(point, pan, tilt))


def _heads(show: Show, parameters: Iterable[int]) -> tuple[Head, ...]:
    """The heads that ``parameters`` turn, each once; worked out for a show at the first call and kept beside it."""
    kept: dict[tuple[int, int], Head | None] = show.__dict__.setdefault("_heads", {})
    found: dict[tuple[int, int], Head] = {}
    for number in parameters:
        parameter = show.patch.parameters[number]
        key = (parameter.fixture, parameter.cell)
        if key not in kept:
            fixture = show.patch.fixtures[parameter.fixture]
            kind = show.fixture_types.get(fixture.type)
            kept[key] = None if kind is None else head_of(show.patch, fixture, kind, parameter.cell)
        head = kept[key]
        if head is not None:
            found[key] = head
    return tuple(found.values())


__all__ = ["AHEAD", "CATCH_UP", "STEP", "marked", "moves", "seen", "unmarked"]
