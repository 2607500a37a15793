"""Which rows show at an instant, and in what order: the stack of each parameter, compiled for the frames that follow.

A parameter's stack is ordered by priority; within a priority come settings of LTP lists (by id), of HTP lists (highest),
what is being released (on its way down to the settings), then effects. Grabbed parameters come last of all, and over them effects
of no list. Within one
list only the newest row that has started counts. So a release ends where the rest of its priority stands, and an effect
never shows through a list of higher priority, a safe look for instance.

Which rows are there changes at *breaks* only: where one starts, ends, is hidden by a newer one, or its permission lapses.
Between two breaks (a *segment*) everything that stands still is folded into one array, rows that something covers are left
out, and a frame computes what moves. Compiling is the slow part and happens once a segment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.clock_lines import Lines
from showctl.light.curves import offsets
from showctl.light.layers import Layer, Op
from showctl.light.plan import RowKind, Rows
from showctl.show.instants import Instant

ALWAYS: Final = -(1 << 62)
NEVER: Final = 1 << 62

_LTP, _HTP, _RELEASE, _EFFECT = range(4)
_GRABBED: Final = 1 << 16
"""Above every priority of a list."""


@dataclass(slots=True)
class Segment:
    """What shows from ``since`` until just before ``till``."""

    since: Instant
    till: Instant
    base: NDArray[np.int32]
    """Levels of whatever stands still at the bottom of its stack."""
    layers: list[Layer]
    """The whole of every stack, bottom first."""
    moving: list[Layer]
    """The part of ``layers`` that a frame computes on top of ``base``."""
    covered: bool = False
    """Whether the first of these is all there is to see, and nothing of ``base``."""


class Stack:
    """The stacks that ``rows`` make over ``defaults``. ``intensity`` says which parameters HTP may concern."""

    def __init__(self, rows: Rows, lines: Lines, defaults: NDArray[np.int32], intensity: NDArray[np.bool_]) -> None:
        assert not len(rows) or (rows["parameter"].min() >= 0 and rows["parameter"].max() < len(defaults)), "rows fit the patch"
        kind = rows["kind"]
        stage = np.array([_LTP, _RELEASE, _EFFECT, _EFFECT, _LTP, _LTP], np.int64)[kind]
        htp = (rows["htp"] != 0) & (kind <= RowKind.RELEASE) & intensity[rows["parameter"]]
        stage[htp & (kind == RowKind.SET)] = _HTP
        priority = rows["priority"].astype(np.int64) + 32768
        priority[(kind >= RowKind.OVERRIDE) | (rows["list"] < 0)] = _GRABBED  # a blink that finds a light is seen over a hand
        group = (rows["parameter"].astype(np.int64) << 17) | priority
        order = np.argsort((group << 2) | stage, kind="stable")  # by id where all else is equal

        self._rows, self._order = rows, order
        self.lines = lines
        self.defaults = defaults
        self.id, self.owner, self.safe = rows["id"][order], rows["owner"][order], rows["safe"][order]
        self.source, self.target = rows["source"][order], rows["target"][order]
        self.start, self.duration = rows["start"][order], rows["duration"][order]
        self.parameter = rows["parameter"][order].astype(np.intp)
        self.chain = (self.parameter << 16) | (rows["list"][order].astype(np.int64) & 0xFFFF)
        self.kind = kind[order]
        self.group, self.stage, self.htp = group[order], stage[order], htp[order]
        self.until = rows["until"][order]
        self.until[self.until == 0] = NEVER
        self.clock = lines.index(rows["clock"][order])
        self.runs = lines.num[self.clock] != 0
        self.curve = offsets(rows["curve"][order])

        self.starts = lines.due(self.clock, self.start)
        finish = self.start + self.duration
        ends = rows["ends"][order]
        ending = (self.stage == _EFFECT) & (ends != 0)
        finish[ending] = (ends + rows["exit"][order])[ending]
        self.finish = lines.due(self.clock, finish)
        self.finish[(self.stage == _EFFECT) & ~ending] = NEVER
        gone = np.where(self.stage >= _RELEASE, self.finish, NEVER)
        self.gone = np.minimum(gone, self._hidden())
        self.gone[self.gone < self.starts] = ALWAYS
        self.breaks = self._breaks()

    def _hidden(self) -> NDArray[np.int64]:
        """When each row is hidden for good: as the first newer row of its list and parameter starts."""
        hidden = np.full(len(self.id), NEVER, np.int64)
        chained = np.flatnonzero(self.kind <= RowKind.RELEASE)
        if not len(chained):
            return hidden
        chain = self.chain[chained]
        if _each_once(self.parameter[chained], chain):
            return hidden
        order = np.lexsort((self.id[chained], chain))
        chain, rows = chain[order], chained[order]
        same = chain[:-1] == chain[1:]
        if not same.any():
            return hidden
        starts = self.starts[rows]
        found = np.full(len(rows), NEVER, np.int64)
        while True:  # as many rounds as the longest chain has rows
            better = np.where(same, np.minimum(starts[1:], found[1:]), NEVER)
            if np.array_equal(better, found[:-1]):
                break
            found[:-1] = better
        hidden[rows] = found
        return hidden

    def _breaks(self) -> NDArray[np.int64]:
        lapse = self.until[self.until != NEVER] + 1
        every = np.concatenate((self.starts, self.gone, self.finish, lapse))
        every = every[(every > ALWAYS) & (every < NEVER)]
        every.sort()
        return every

    def original(self, rows: NDArray[np.intp]) -> Rows:
        """Every column of some rows."""
        return self._rows[self._order[rows]]

    def standing_on(self, parameter: int) -> list[tuple[int, ...]]:
        """The rows of one parameter, bottom first, whether they have begun or not."""
        first, behind = self.parameter.searchsorted(parameter), self.parameter.searchsorted(parameter, "right")
        found: list[tuple[int, ...]] = self._rows.take(self._order[first:behind]).tolist()
        return found

    def segment(self, now: Instant) -> Segment:
        """The segment that ``now`` falls in."""
        after = int(np.searchsorted(self.breaks, now, "right"))
        since = int(self.breaks[after - 1]) if after else ALWAYS
        till = int(self.breaks[after]) if after < len(self.breaks) else NEVER
        index, op = self.standing(now)
        index, op, depth = self._uncovered(index, op)
        return self._folded(since, till, index, op, depth, now)

    def standing(self, now: Instant) -> tuple[NDArray[np.intp], NDArray[np.int8]]:
        """Rows that are there, bottom first for each parameter (those that another covers, too), and what each does."""
        index = self._showing(now)
        return index, self._ops(index, now)

    def _showing(self, now: Instant) -> NDArray[np.intp]:
        """Rows that are there, without LTP lists' releases under a newer setting of the same priority."""
        index = np.flatnonzero((self.starts <= now) & (now < self.gone))
        releasing = (self.stage[index] == _RELEASE) & ~self.htp[index]
        if releasing.any():
            number = np.cumsum(firsts(self.group[index])) - 1
            newest = np.full(int(number[-1]) + 1, ALWAYS, np.int64)
            settings = self.stage[index] == _LTP
            newest[number[settings]] = self.id[index[settings]]  # ascending, so the last one stays
            index = index[~(releasing & (self.id[index] < newest[number]))]
        return index

    def _ops(self, index: NDArray[np.intp], now: Instant) -> NDArray[np.int8]:
        """What each row does to the level beneath it."""
        stage = self.stage[index]
        op = np.array([Op.REPLACE, Op.HIGHEST, Op.BLEND, Op.MIX], np.int8)[stage]
        op[self.kind[index] == RowKind.EFFECT] = Op.SWING
        highest = stage == _HTP
        if highest.any():
            op[firsts(self.group[index]) & highest] = Op.REPLACE
        op[(self.until[index] < now) & (stage >= _RELEASE)] = Op.REPLACE
        return np.asarray(op, np.int8)

    def _uncovered(
        self, index: NDArray[np.intp], op: NDArray[np.int8]
    ) -> tuple[NDArray[np.intp], NDArray[np.int8], NDArray[np.intp]]:
        """The rows that no other one covers, and how many of them lie beneath each."""
        place = np.arange(len(index))
        cover = np.zeros(len(self.defaults), np.intp)
        covering = op == Op.REPLACE
        cover[self.parameter[index[covering]]] = place[covering]
        keep = place >= cover[self.parameter[index]]
        index, op = index[keep], op[keep]
        begins = firsts(self.parameter[index])
        first = np.flatnonzero(begins)
        depth = np.arange(len(index)) - first[np.cumsum(begins) - 1]
        return index, op, depth

    def _folded(
        self,
        since: Instant,
        till: Instant,
        index: NDArray[np.intp],
        op: NDArray[np.int8],
        depth: NDArray[np.intp],
        now: Instant,
    ) -> Segment:
        lapsed = self.until[index] < now
        moving = self.runs[index] & (now < self.finish[index]) & ~lapsed
        moving &= (op > Op.HIGHEST) | (self.source[index] != self.target[index])
        unsettled = np.zeros(len(self.defaults), np.bool_)
        base = self.defaults.copy()
        local = self.lines.local(now)
        present = np.flatnonzero(np.bincount(op)).tolist()
        layers: list[Layer] = []
        frames: list[Layer] = []
        for level in range(int(depth.max()) + 1 if len(depth) else 0):
            here = depth == level
            moves = moving | unsettled[self.parameter[index]]
            for kind in present:
                for part, kept in ((here & (op == kind) & ~moves, None), (here & (op == kind) & moves, frames)):
                    if not part.any():
                        continue
                    layer = Layer(Op(kind), self, index[part], lapsed[part])
                    layers.append(layer)
                    if kept is None:
                        layer.apply(base, local)
                    else:
                        kept.append(layer)
                        unsettled[layer.parameter] = True
        covered = bool(frames) and frames[0].op is Op.REPLACE and len(frames[0].rows) == len(base)
        return Segment(since, till, base, layers, frames, covered)


def _each_once(parameter: NDArray[np.intp], chain: NDArray[np.int64]) -> bool:
    """Whether no chain comes twice. ``parameter``, which chains begin with, ascends."""
    same = parameter[1:] == parameter[:-1]
    if not same.any():
        return True
    along = chain[np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))]
    return len(np.unique(along)) == len(along)


def firsts(sorted_values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a new value begins."""
    found = np.ones(len(sorted_values), np.bool_)
    np.not_equal(sorted_values[1:], sorted_values[:-1], out=found[1:])
    return found
