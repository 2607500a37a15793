"""The looks that the wire can take by itself: the safe look when the engine hangs, the exit look when it is ended.

A stand-in is a plan whose rows say where its parameters shall be. `leave` turns it into a fade from what shows now: the
named parameters go to their levels, every other intensity goes out, hazards are safe at once, colours and positions stay
where they are (a head that swings home in front of guests is not calm), parks stay. Masters fade to where they do not
matter: a grand master at zero must not darken the way out. Pictures on walls of pixels fade out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.masters import master_level, resting
from showctl.light.plan import MASTER, ROW, MasterKind, Plan, RowKind, Rows, pick
from showctl.show.cues import LightMove, MoveKind
from showctl.show.fixtures import Family, Hazard
from showctl.show.instants import Duration, Instant
from showctl.show.patch import Patch
from showctl.show.pixels import PIXELS
from showctl.show.show import Show

SAFE: Final = "safe"
EXIT: Final = "exit"


def stand_ins_of(show: Show) -> dict[str, Plan]:
    """The show's own: the zones' safe looks, and its exit look (the safe looks where it names none)."""
    safe = [move for zone in show.zones for move in zone.safe.light]
    return {SAFE: look(safe), EXIT: look(show.exit_look or safe)}


def look(moves: Iterable[LightMove]) -> Plan:
    """The plan that holds what ``moves`` set, later ones over earlier ones."""
    targets: dict[int, int] = {}
    for move in moves:
        if move.kind is MoveKind.SET:
            targets |= zip(move.parameters, move.levels, strict=True)
    rows = np.zeros(len(targets), ROW)
    rows["id"] = np.arange(1, len(targets) + 1)
    rows["parameter"] = list(targets)
    rows["source"] = rows["target"] = list(targets.values())
    rows["kind"] = RowKind.SET
    return Plan(rows)


def leave(plan: Plan, levels: NDArray[np.int32], stand_in: Plan, patch: Patch, now: Instant, over: Duration) -> Plan:
    """The fade from ``levels`` (what ``plan`` shows at ``now``, before masters) to ``stand_in``, over ``over``."""
    count = len(patch.parameters)
    targets = levels.copy()
    durations = np.full(count, over, np.int64)
    for parameter in patch.parameters:
        if parameter.hazard is not Hazard.NONE:
            targets[parameter.index], durations[parameter.index] = parameter.channel.default, 0
        elif parameter.family is Family.INTENSITY:
            targets[parameter.index] = 0
    named = stand_in.rows["parameter"]
    targets[named] = stand_in.rows["target"]
    rows = np.zeros(count, ROW)
    rows["id"] = np.arange(1, count + 1)
    rows["parameter"] = np.arange(count)
    rows["start"], rows["duration"] = now, durations
    rows["source"], rows["target"] = levels, targets
    rows["priority"] = np.iinfo(np.int16).max
    rows["kind"] = RowKind.SET
    parks = plan.rows[plan.rows["kind"] >= RowKind.PARK].copy()  # and spares: what is out of service stays so
    parks["id"] = np.arange(count + 1, count + 1 + len(parks))
    playing = _ending(plan, patch, now, over)
    playing["id"] = np.arange(count + len(parks) + 1, count + len(parks) + 1 + len(playing))
    return Plan(np.concatenate((rows, parks, playing)), plan.clocks, _opened(plan, now, over))


def _ending(plan: Plan, patch: Patch, now: Instant, over: Duration) -> Rows:
    """What plays on walls of pixels goes out with the rest; on a clock that stands it could not, and is gone at once."""
    walls = [item.index for wall in patch.walls for item in patch.parameters_of[wall.fixture] if item.name == PIXELS]
    rows = pick(plan.rows, (plan.rows["kind"] == RowKind.CHASE) & np.isin(plan.rows["parameter"], walls))
    rows = pick(rows, plan.lines.num[plan.lines.index(rows["clock"])] != 0).copy()
    clock = plan.lines.index(rows["clock"])
    staying = rows["ends"] == 0
    rows["ends"][staying] = np.maximum(plan.lines.local(now)[clock], 1)[staying]
    rows["exit"][staying] = over
    return rows


def _opened(plan: Plan, now: Instant, over: Duration) -> NDArray[np.void]:
    """The masters of ``plan`` on their way from where they stand to where they do nothing."""
    opened = np.zeros(len(plan.masters), MASTER)
    for row, master in zip(opened, plan.masters, strict=True):
        number, kind = int(master["id"]), MasterKind(int(master["kind"]))
        row["id"], row["kind"], row["start"], row["duration"] = number, kind, now, over
        row["source"], row["target"] = master_level(plan, number, kind, now), resting(kind)
    return opened
