"""Walls of pixels: what plays on them at an instant, into the slots of the same frame as everything else.

``render.output`` calls it once the levels are settled. All mixing is of light: sources of one priority add up by their shares
(so one that fades in as the other fades out is a crossfade), higher priorities lie over lower ones, and the wall's plain colour
lies beneath. Then the wall's intensity (after every master) and its limit scale the light, and its gamma turns it into slots.
Which sources: rows of kind CHASE on the wall's parameter ``pixels``; their seed is the source's key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.curves import ONE, progress
from showctl.light.pixels_layout import stretches, wired
from showctl.light.pixels_sources import Colors, Frames, Wavy
from showctl.light.pixels_tables import slot_table
from showctl.light.plan import Plan, RowKind
from showctl.light.slots import SLOTS, scaled
from showctl.show.instants import Duration, Instant
from showctl.show.levels import Level
from showctl.show.patch import Patch
from showctl.show.pixels import PIXELS, Footage, Wall

if TYPE_CHECKING:
    from showctl.light.clock_lines import Lines

_PLAIN: Final = ("intensity", "red", "green", "blue")


@dataclass(frozen=True, slots=True)
class Run:
    """A source that plays: one row of the plan."""

    key: int
    priority: int
    clock: int
    """Its place among the plan's clocks."""
    start: Duration
    entry: Duration
    ends: Duration
    exit: Duration

    def share(self, local: Duration) -> int:
        """How much of it shows, 0..32768."""
        if local < self.start:
            return 0
        share = progress(local - self.start, self.entry)
        return share if not self.ends or local < self.ends else (share * (ONE - progress(local - self.ends, self.exit))) >> 15


class Pixels:
    """Every wall of ``patch``."""

    def __init__(self, patch: Patch) -> None:
        self._walls = [_Wall(patch, wall) for wall in patch.walls]
        self._on = {wall.parameter: number for number, wall in enumerate(self._walls)}
        self._parameters = np.array(list(self._on), np.int32)
        plain = [wall.plain for wall in self._walls]
        self._plain = np.array(plain, np.intp).reshape(-1, len(_PLAIN))
        self.universes = np.zeros(len(patch.universes), np.bool_)
        """Those that carry pixels."""
        for wall in self._walls:
            self.universes[wall.universes] = True

    @classmethod
    def none(cls, universes: int) -> Pixels:
        """No wall, in so many universes."""
        made = cls.__new__(cls)
        made._walls, made._on = [], {}
        made._parameters, made._plain = np.zeros(0, np.int32), np.zeros((0, len(_PLAIN)), np.intp)
        made.universes = np.zeros(universes, np.bool_)
        return made

    def __bool__(self) -> bool:
        return bool(self._walls)

    def runs(self, plan: Plan) -> tuple[tuple[Run, ...], ...]:
        """What plays on each wall, lower priorities first."""
        rows = plan.rows
        rows = rows[(rows["kind"] == RowKind.CHASE) & np.isin(rows["parameter"], self._parameters)]
        found: list[list[Run]] = [[] for _ in self._walls]
        clocks = plan.lines.index(rows["clock"]).tolist()
        names = ("parameter", "seed", "priority", "start", "entry", "ends", "exit")
        columns = [rows[name].tolist() for name in names]
        for clock, parameter, key, priority, start, entry, ends, exit_ in zip(clocks, *columns, strict=True):
            found[self._on[parameter]].append(Run(key, priority, clock, start, entry, ends, exit_))
        return tuple(tuple(sorted(runs, key=lambda run: run.priority)) for runs in found)

    def plain(self, levels: NDArray[np.int32]) -> NDArray[np.int32]:
        """Intensity, red, green and blue of each wall, from the levels after masters and park."""
        return levels[self._plain]

    def write(
        self, runs: tuple[tuple[Run, ...], ...], lines: Lines, plain: NDArray[np.int32], now: Instant, out: NDArray[np.uint8]
    ) -> None:
        """Writes every wall's slots to ``out``."""
        local = lines.local(now).tolist()
        flat = out.reshape(-1)
        for wall, own, levels in zip(self._walls, runs, plain.tolist(), strict=True):
            wall.write(own, local, levels, flat)


class _Wall:
    """One wall, worked out once."""

    def __init__(self, patch: Patch, wall: Wall) -> None:
        fixture = patch.fixtures[wall.fixture]
        own = {item.name: item.index for item in patch.parameters_of[wall.fixture]}
        self.parameter = own[PIXELS]
        self.plain = [own[name] for name in _PLAIN]
        universes = [patch.universe_keyed[key] for key in wall.universes]
        self.universes = [universe.index for universe in universes]
        self._stretches = [
            (slice(first := self.universes[item.universe] * SLOTS + item.first, first + item.end - item.begin), item)
            for item in stretches(wall, fixture.address, [universe.slots for universe in universes])
        ]
        self._limit = wall.limit
        mine = [source for source in patch.sources if source.on == wall.fixture]
        self._sources = {item.key: Frames(item) if isinstance(item, Footage) else Wavy(item, wall) for item in mine}
        self._count = wall.width * wall.height
        self._wired = wired(wall)
        self._straight = np.array_equal(self._wired, np.arange(self._count))
        self._slot = slot_table(wall.gamma)
        self._white = "w" in wall.order
        self._order = ["rgbw".index(letter) for letter in wall.order]

    def write(self, runs: tuple[Run, ...], local: list[int], levels: list[int], out: NDArray[np.uint8]) -> None:
        intensity, *color = levels
        string = self._slots(self._mixed(runs, local, color), intensity) if intensity else None
        for where, item in self._stretches:
            out[where] = 0 if string is None else string[item.begin : item.end]

    # --- light ---------------------------------------------------------------------------------------------------------

    def _mixed(self, runs: tuple[Run, ...], local: list[int], color: list[Level]) -> Colors:
        """The wall's light before its intensity."""
        showing = [(run, share) for run in runs if run.key in self._sources and (share := run.share(local[run.clock]))]
        if showing and showing[-1][1] == ONE and (len(showing) == 1 or showing[-1][0].priority > showing[-2][0].priority):
            return self._source(showing[-1][0], local)
        mixed = Colors(np.array([color], np.int32), np.zeros(self._count, np.intp))
        for priority in dict.fromkeys(run.priority for run, _ in showing):
            together = [(run, share) for run, share in showing if run.priority == priority]
            total = sum(share for _, share in together)
            if total > ONE:
                together = [(run, share * ONE // total) for run, share in together]
                total = sum(share for _, share in together)
            light = mixed.pixels().astype(np.int64) * (ONE - total)
            for run, share in together:
                light += self._source(run, local).pixels().astype(np.int64) * share
            mixed = Colors(((light + (ONE >> 1)) >> 15).astype(np.int32), np.arange(self._count, dtype=np.intp))
        return mixed

    def _source(self, run: Run, local: list[int]) -> Colors:
        return self._sources[run.key].at(local[run.clock] - run.start)

    # --- slots ---------------------------------------------------------------------------------------------------------

    def _slots(self, colors: Colors, intensity: Level) -> NDArray[np.uint8]:
        """The bytes of the string."""
        by = int(scaled(np.array([intensity], np.int32), self._limit)[0])
        if colors.lines.ndim == 2 and self._white:
            colors = Colors(colors.pixels(), np.arange(self._count, dtype=np.intp))
        light = scaled(colors.table, by)
        if self._white:
            white = light.min(axis=1, keepdims=True)
            light = np.concatenate((light - white, white), axis=1)
        table = self._slot[light]
        lines: NDArray[Any] = colors.lines if self._straight else np.take(colors.lines, self._wired, axis=0)
        if lines.ndim == 1:
            return np.take(np.ascontiguousarray(table[:, self._order]), lines, axis=0).reshape(-1)
        if self._order != [0, 1, 2]:
            lines = lines[:, self._order]
        return np.take(table[:, 0], lines).reshape(-1)
