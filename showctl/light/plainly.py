"""The levels of a few parameters where nothing but settings of one priority stands: most GOs find no more, and wait for no stack.

The same whole numbers as ``stack.py`` and ``layers.py`` come to, in a tenth of the work; a test holds them together. Whoever
asks for more (releases, effects, hands, parks, hazards, several lists by HTP) is told nothing, and asks them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.clock_lines import Lines
from showctl.light.curves import ONE, between, offsets, progress, shaped, shaped_all
from showctl.light.plan import ROW, RowKind, Rows
from showctl.show.instants import Instant
from showctl.show.levels import Level

Row = tuple[int, ...]
"""One row as Python's own numbers, in the order of ``ROW``."""
_NAMES: Final = ROW.names or ()
ID, PARAMETER = _NAMES.index("id"), _NAMES.index("parameter")
_START, _DURATION, _UNTIL, _CLOCK = map(_NAMES.index, ("start", "duration", "until", "clock"))
_SOURCE, _TARGET, _LIST, _PRIORITY = map(_NAMES.index, ("source", "target", "list", "priority"))
_KIND, _CURVE, _HTP = map(_NAMES.index, ("kind", "curve", "htp"))
_SET: Final = int(RowKind.SET)


def plain_levels(rows: Rows, lines: Lines, now: Instant, into: NDArray[np.int32]) -> bool:
    """Writes where ``rows`` (ascending by id) stand at ``now`` to ``into``; False, and nothing done, where it is not so plain."""
    if not len(rows):
        return True
    several = (rows["list"] != rows["list"][0]).any()
    if (rows["kind"] != RowKind.SET).any() or rows["until"].any() or (rows["list"] < 0).any():
        return False
    if several and (rows["htp"].any() or (rows["priority"] != rows["priority"][0]).any()):
        return False
    duration = rows["duration"].astype(np.int64)
    elapsed = lines.local(now)[lines.index(rows["clock"])] - rows["start"]
    begun = elapsed >= 0
    share = np.minimum(elapsed, duration) * ONE // np.maximum(duration, 1)
    share[duration == 0] = ONE
    source = rows["source"]
    found = source + (((rows["target"] - source) * shaped_all(offsets(rows["curve"]), np.maximum(share, 0)) + 16384) >> 15)
    into[rows["parameter"][begun]] = found[begun]  # of several on one parameter the last one stays: the newest
    return True


def plain_level(rows: Sequence[Row], lines: Lines, now: Instant, default: Level) -> Level | None:
    """The same for one parameter, and without an array: where ``rows``, all that stand on it, take it at ``now``."""
    newest: Row | None = None
    at: Instant = 0
    for row in rows:
        if row[_KIND] != _SET or row[_UNTIL] or row[_LIST] < 0:
            return None
        if row[_LIST] != rows[0][_LIST] and (row[_HTP] or rows[0][_HTP] or row[_PRIORITY] != rows[0][_PRIORITY]):
            return None
        elapsed = lines.local_of(row[_CLOCK], now) - row[_START]
        if elapsed >= 0:
            newest, at = row, elapsed
    if newest is None:
        return default
    return between(newest[_SOURCE], newest[_TARGET], shaped(newest[_CURVE], progress(at, newest[_DURATION])))
