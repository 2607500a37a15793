"""The levels of a few parameters where nothing but settings of one priority stands: most GOs find no more, and wait for no stack.

The same whole numbers as ``stack.py`` and ``layers.py`` come to, in a tenth of the work; a test holds them together. Whoever
asks for more (releases, effects, hands, parks, hazards, several lists by HTP) is told nothing, and asks them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from showctl.light.clock_lines import Lines
from showctl.light.curves import ONE, offsets, shaped_all
from showctl.light.plan import RowKind, Rows
from showctl.show.instants import Instant


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
