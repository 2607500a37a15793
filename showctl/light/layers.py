"""One layer of the stacks: rows of different parameters that do the same kind of thing to what is beneath them.

The arithmetic of R12, many rows at a time. Rows that share a clock, start, duration and curve share one progress.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.curves import ONE, curve_of, progress, shaped, shaped_all
from showctl.light.waves import RANDOM, WAVES, lift, swing, wander
from showctl.show.levels import FULL

if TYPE_CHECKING:
    from showctl.light.stack import Stack

Levels = NDArray[np.int32]


class Op(IntEnum):
    """What a row does to the level beneath it."""

    REPLACE = 0
    HIGHEST = 1
    BLEND = 2
    """From ``source`` to what is beneath."""
    SWING = 3
    """By so much about what is beneath."""
    MIX = 4
    """Between low and high, fading in and out over what is beneath."""


class Layer:
    """``rows`` of ``stack`` under one ``op``; where ``lapsed``, a row shows its ``safe`` level."""

    def __init__(self, op: Op, stack: Stack, rows: NDArray[np.intp], lapsed: NDArray[np.bool_]) -> None:
        self.op = op
        self.rows = rows
        self.parameter: NDArray[np.intp] = stack.parameter[rows]
        self.where = _together(self.parameter)
        """The same, as a slice where they stand side by side."""
        self.source: Levels = np.where(lapsed, stack.safe[rows], stack.source[rows])
        self.owner: Levels = stack.owner[rows]
        if op in (Op.SWING, Op.MIX):
            self.waves = _Waves(stack.original(rows), stack.clock[rows])
            self.high: Levels = stack.target[rows]
            self.size = self.waves.size
            return
        target: Levels = np.where(lapsed, stack.safe[rows], stack.target[rows])
        self.way: Levels = target - self.source
        self.source_15: Levels = (self.source << 15) + 16384
        """The source in 32768ths, and half of one: it fits, and so does what is added to it on the way."""
        self.highest = (stack.htp[rows] & (op == Op.BLEND)) if op == Op.BLEND else None
        self.progress = _Progress(stack, rows)

    def apply(self, levels: Levels, local: NDArray[np.int64], winner: Levels | None = None) -> None:
        """Brings this layer into ``levels``, and its owners into ``winner`` where they decide the level."""
        match self.op:
            case Op.REPLACE:
                if isinstance(self.where, slice):
                    self._faded(local, levels[self.where])
                else:
                    levels[self.where] = self._faded(local)
                if winner is not None:
                    winner[self.where] = self.owner
            case Op.HIGHEST:
                beneath = levels[self.where]
                own = self._faded(local)
                self._won(winner, own > beneath)
                levels[self.where] = np.maximum(beneath, own)
            case Op.BLEND:
                beneath = levels[self.parameter]
                own = self.source + (((beneath - self.source) * self.progress.at(local) + 16384) >> 15)
                assert self.highest is not None
                own = np.where(self.highest, np.maximum(own, beneath), own)
                levels[self.parameter] = own
                self._won(winner, ~self.highest | (own > beneath))
            case Op.SWING:
                amount, share = self.waves.at(local, relative=True)
                moved = (((self.size * amount + 16384) >> 15) * share + 16384) >> 15
                levels[self.parameter] = np.clip(levels[self.parameter] + moved, 0, FULL)
            case Op.MIX:
                amount, share = self.waves.at(local, relative=False)
                through = self.source < 0
                share = np.where(through, (share * amount) >> 15, share)
                low = np.where(through, self.high, self.source)
                own = low + (((self.high - low) * amount + 16384) >> 15)
                beneath = levels[self.parameter]
                levels[self.parameter] = beneath + (((own - beneath) * share + 16384) >> 15)
                self._won(winner, share > 0)

    def _faded(self, local: NDArray[np.int64], out: Levels | None = None) -> Levels:
        level = np.multiply(self.way, self.progress.at(local), out=out)
        level += self.source_15
        level >>= 15
        return level

    def _won(self, winner: Levels | None, where: NDArray[np.bool_]) -> None:
        if winner is not None:
            winner[self.parameter[where]] = self.owner[where]


class _Progress:
    """How far each fade of a layer has come, after its curve."""

    def __init__(self, stack: Stack, rows: NDArray[np.intp]) -> None:
        start, duration = stack.start[rows], stack.duration[rows]
        clock, curve = stack.clock[rows], stack.curve[rows]
        begins = np.ones(len(rows), np.bool_)
        begins[1:] = (
            (start[1:] != start[:-1]) | (duration[1:] != duration[:-1]) | (clock[1:] != clock[:-1]) | (curve[1:] != curve[:-1])
        )
        apart = np.flatnonzero(begins)
        # Rows arrive by parameter, so those of one move are seldom neighbours throughout: runs first, then equal runs.
        keys: dict[tuple[int, int, int, int], int] = {}
        of_run = [
            keys.setdefault(key, len(keys))
            for key in zip(
                start[apart].tolist(), duration[apart].tolist(), clock[apart].tolist(), curve[apart].tolist(), strict=True
            )
        ]
        table = np.array(list(keys), np.int64).reshape(-1, 4)
        self.start, self.duration, self.clock, self.curve = (np.ascontiguousarray(column) for column in table.T)
        self.cut = self.duration == 0
        self.duration[self.cut] = 1
        assert int(self.duration.max()) < 1 << 47, "a fade of forty hours is a mistake"
        self.share: NDArray[np.intp] = np.array(of_run, np.intp)[np.cumsum(begins) - 1]
        self.alone = len(keys) == 1
        start_, duration_, clock_, at_ = next(iter(keys))
        self.timing = clock_, start_, duration_, curve_of(at_)
        """Clock, start, duration and curve, where all rows share them."""

    def at(self, local: NDArray[np.int64]) -> Levels | int:
        """0..32768 for each row, or once for all of them."""
        if self.alone:
            clock, start, duration, curve = self.timing
            return shaped(curve, progress(int(local[clock]) - start, duration))
        elapsed = local[self.clock] - self.start
        np.minimum(elapsed, self.duration, out=elapsed)
        np.maximum(elapsed, 0, out=elapsed)
        elapsed *= ONE
        elapsed //= self.duration
        elapsed[self.cut] = ONE
        return shaped_all(self.curve, elapsed)[self.share]


_KINDS: Final = tuple(WAVES.values())


class _Waves:
    """Where each effect of a layer stands in its turn, and how much of it shows."""

    def __init__(self, rows: NDArray[np.void], clock: NDArray[np.intp]) -> None:
        self.clock = clock
        self.start = np.ascontiguousarray(rows["start"])
        self.period = np.maximum(rows["period"], 1)
        self.entry, self.exit = np.ascontiguousarray(rows["entry"]), np.ascontiguousarray(rows["exit"])
        self.ends = np.ascontiguousarray(rows["ends"])
        self.size = rows["size"].astype(np.int64)
        self.phase = rows["phase"].astype(np.int64)
        self.width = rows["width"].astype(np.int64)
        self.seed = np.ascontiguousarray(rows["seed"])
        self.element = np.ascontiguousarray(rows["element"])
        self.parts = [(kind, where) for kind in _KINDS if len(where := np.flatnonzero(rows["wave"] == kind))]
        self.fades = bool(self.entry.any() or self.ends.any())

    def at(self, local: NDArray[np.int64], relative: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The amount (swing or lift) and the share 0..32768 that shows."""
        at = local[self.clock]
        elapsed = at - self.start
        turns, rest = np.divmod(elapsed, self.period)
        total = rest * 65536 // self.period + self.phase
        step, phase = turns + (total >> 16), total & 65535
        amount = np.empty(len(phase), np.int64)
        shape = swing if relative else lift
        for kind, where in self.parts:
            wandered = wander(self.seed[where], step[where], self.element[where], phase[where]) if kind == RANDOM else None
            amount[where] = shape(kind, phase[where], self.width[where], wandered)
        if not self.fades:
            return amount, np.full(len(phase), ONE, np.int64)
        share = _part(elapsed, self.entry)
        leaving = (self.ends != 0) & (at >= self.ends)
        left = ONE - _part(at - self.ends, self.exit)
        return amount, np.where(leaving, (share * left) >> 15, share)


def _part(elapsed: NDArray[np.int64], duration: NDArray[np.int64]) -> NDArray[np.int64]:
    """``progress`` for many."""
    return np.where(elapsed >= duration, ONE, np.maximum(elapsed, 0) * ONE // np.maximum(duration, 1))


def _together(parameters: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """``parameters`` (ascending, each once) as a slice, where none is left out between them."""
    if len(parameters) and parameters[-1] - parameters[0] == len(parameters) - 1:
        return slice(int(parameters[0]), int(parameters[-1]) + 1)
    return parameters
