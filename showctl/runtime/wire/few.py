"""A change of a few rows, as most GOs make: what becomes of the universes that it touches, with as little work as can be.

Everything else in such a universe stands still (whoever moves is in the next frame anyway), so its levels are known, and only
those of the change are asked for, row by row in Python: a GO finds the processor's caches filled with other things, and then
every call of numpy costs several microseconds. Where it is not so plain, nothing is known here, and ``touched.py`` is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.clock_lines import Lines
from showctl.light.masters import Masters
from showctl.light.plainly import ID, Row, plain_level
from showctl.light.plan import RowKind
from showctl.light.render import Prepared
from showctl.light.table import Table
from showctl.show.instants import Instant

_PARK: Final = int(RowKind.PARK)


def leaving(table: Table, ids: Iterable[int]) -> dict[int, int] | None:
    """Where each of ``ids`` stands, by its parameter. Those that are not in ``table`` are left out; None: one is parked."""
    column, found = table.id, {}
    for number in ids:
        at = int(column.searchsorted(number))
        if at < len(column) and column[at] == number:
            if table.kind[at] >= _PARK:
                return None
            found[number] = int(table.parameter[at])
    return found


def after(
    prepared: Prepared,
    lines: Lines,
    masters: Masters,
    coming: dict[int, list[Row]],
    out: Collection[int],
    now: Instant,
) -> tuple[NDArray[np.bool_], NDArray[np.uint8]] | None:
    """Which universes of ``prepared`` a change touches, and their slots at ``now``; None where that is not known so quickly.

    ``coming`` are the rows that come, by their parameter (none, where rows only go); ``out`` the ids of those that go.
    """
    rendering, still = prepared.rendering, prepared.still(now)
    if still is None or prepared.following is not None:
        return None
    which = np.zeros(len(still), np.bool_)
    levels: dict[int, int] = {}
    for parameter, rows in coming.items():
        universe = rendering.universe_of[parameter]
        if not still[universe] or rendering.pixels.universes[universe]:
            return None
        which[universe] = True
        standing = [row for row in prepared.stack.standing_on(parameter) if row[ID] not in out] + rows
        if len(standing) > 1:
            standing.sort()
        level = plain_level(standing, lines, now, int(rendering.defaults[parameter]))
        if level is None:
            return None
        levels[parameter] = level
    layout, found = rendering.layout(which), prepared.scratch
    found[layout.parameters] = prepared.segment(now).base[layout.parameters]
    for parameter, level in levels.items():
        found[parameter] = level
    if len(masters):
        masters.apply(found, now)
    if (parked := prepared.parked_segment(now)) is not None:
        local = lines.local(now)
        for layer in parked.layers:
            layer.apply(found, local)
    return which, layout.of(found)
