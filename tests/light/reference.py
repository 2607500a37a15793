"""What light means, said again as slowly and plainly as possible: one parameter at a time, whole numbers, no numpy.

Written from the rules (R10 to R12, and the opening of ``stack.py``), not from the code that it judges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from showctl.light.curve_tables import TABLES
from showctl.light.plan import Plan
from showctl.show.fixtures import EMITTERS, FILTERS, Family
from showctl.show.patch import Parameter, Patch
from showctl.show.show import Submaster

SET, RELEASE, EFFECT, CHASE, OVERRIDE, PARK, FOLLOW = range(7)
SINE, SQUARE, TRIANGLE, RAMP, RANDOM, STEPS = range(6)
ADDITIVE, INHIBITIVE, GRAND, BLACKOUT = 3, 2, 0, 1
FULL = 65535

CURVE = [[int(word) for word in text.split()] for text in TABLES.values()]
QUARTER_SINE = CURVE[list(TABLES).index("equal-power")]

Row = dict[str, Any]


@dataclass
class Room:
    """A plan over a patch, as dictionaries."""

    patch: Patch
    plan: Plan
    submasters: tuple[Submaster, ...] = ()

    def __post_init__(self) -> None:
        self.rows = [dict(zip(row.dtype.names, row.item(), strict=True)) for row in self.plan.rows]
        self.clocks = {int(c["id"]): tuple(int(c[n]) for n in ("anchor", "position", "num", "den")) for c in self.plan.clocks}
        self.clocks[0] = (0, 0, 1, 1)

    def local(self, clock: int, now: int) -> int:
        anchor, position, num, den = self.clocks[clock]
        return position + (now - anchor) * num // den

    # --- levels before any master -------------------------------------------------------------------------------------

    def level(self, parameter: Parameter, now: int) -> int:
        rows = [row for row in self.rows if row["parameter"] == parameter.index]
        started = [row for row in rows if self.local(row["clock"], now) >= row["start"]]
        standing = [row for row in self.newest_of_each_list(started) if not self.is_over(row, now)]
        effects = [row for row in started if row["kind"] in (EFFECT, CHASE) and not self.is_over(row, now)]
        level = parameter.channel.default
        for priority in sorted({row["priority"] for row in standing + effects}):
            here = [row for row in standing if row["priority"] == priority]
            level = self.settings(here, level, parameter.family is Family.INTENSITY, now)
            for row in sorted(effects, key=lambda row: row["id"]):
                if row["priority"] == priority:
                    level = self.effect(row, level, now)
        overrides = [row for row in started if row["kind"] == OVERRIDE]
        if overrides:
            level = self.fade(max(overrides, key=lambda row: row["id"]), now)
        return level

    def newest_of_each_list(self, started: list[Row]) -> list[Row]:
        newest: dict[int, Row] = {}
        for row in sorted(started, key=lambda row: row["id"]):
            if row["kind"] in (SET, RELEASE):
                newest[row["list"]] = row
        return list(newest.values())

    def is_over(self, row: Row, now: int) -> bool:
        local = self.local(row["clock"], now)
        if row["kind"] == RELEASE:
            return bool(local >= row["start"] + row["duration"])
        if row["kind"] in (EFFECT, CHASE):
            return bool(row["ends"] != 0 and local >= row["ends"] + row["exit"])
        return False

    def settings(self, rows: list[Row], beneath: int, intensity: bool, now: int) -> int:
        rows = sorted(rows, key=lambda row: row["id"])
        latest = [row for row in rows if row["kind"] == SET and not (row["htp"] and intensity)]
        highest = [self.fade(row, now) for row in rows if row["kind"] == SET and row["htp"] and intensity]
        held = ([self.fade(latest[-1], now)] if latest else []) + highest
        level = max(held) if held else beneath
        for row in rows:
            if row["kind"] != RELEASE:
                continue
            by_highest = row["htp"] and intensity
            if not by_highest and latest and row["id"] < latest[-1]["id"]:
                continue
            if self.lapsed(row, now):
                level = row["safe"]
                continue
            blended = between(row["source"], level, self.progress(row, now))
            level = max(level, blended) if by_highest else blended
        return level

    def lapsed(self, row: Row, now: int) -> bool:
        return bool(row["until"] != 0 and row["until"] < now)

    def progress(self, row: Row, now: int) -> int:
        elapsed = self.local(row["clock"], now) - row["start"]
        if row["duration"] == 0:
            return 32768
        return curved(row["curve"], min(elapsed * 32768 // row["duration"], 32768))

    def fade(self, row: Row, now: int) -> int:
        if self.lapsed(row, now):
            return int(row["safe"])
        return between(row["source"], row["target"], self.progress(row, now))

    def effect(self, row: Row, beneath: int, now: int) -> int:
        if self.lapsed(row, now):
            return int(row["safe"])
        local = self.local(row["clock"], now)
        elapsed = local - row["start"]
        turn = (elapsed % row["period"]) * 65536 // row["period"] + row["phase"]
        step, phase = elapsed // row["period"] + turn // 65536, turn % 65536
        share = 32768 if elapsed >= row["entry"] else elapsed * 32768 // row["entry"]
        if row["ends"] and local >= row["ends"]:
            left = 32768 - (local - row["ends"]) * 32768 // row["exit"]
            share = share * left >> 15
        if row["kind"] == EFFECT:
            moved = (row["size"] * bipolar(row, phase, step) + 16384) >> 15
            return int(min(max(beneath + ((moved * share + 16384) >> 15), 0), FULL))
        lift = unipolar(row, phase, step)
        if row["source"] < 0:
            return between(beneath, row["target"], share * lift >> 15)
        return between(beneath, between(row["source"], row["target"], lift), share)

    # --- masters, park, dimmers, slots ----------------------------------------------------------------------------------

    def slots(self, now: int) -> list[bytes]:
        levels = {p.index: self.level(p, now) for p in self.patch.parameters}
        intensities = [p.index for p in self.patch.parameters if p.family is Family.INTENSITY]
        for kind in (ADDITIVE, INHIBITIVE, GRAND, BLACKOUT):
            for master in sorted(self.plan.masters, key=lambda row: int(row["id"])):
                if master["kind"] == kind:
                    self.master(master, levels, intensities, now)
        played = dict(levels)
        for row in self.rows:
            if row["kind"] == FOLLOW and not any(
                other["parameter"] == row["parameter"] and other["kind"] == OVERRIDE for other in self.rows
            ):
                levels[row["parameter"]] = played[row["target"]]
        for row in self.rows:  # ascending by id: the newest one stays
            if row["kind"] == PARK and self.local(row["clock"], now) >= row["start"]:
                levels[row["parameter"]] = self.fade(row, now)
        universes = [bytearray(512) for _ in self.patch.universes]
        for p in self.patch.parameters:
            self.slot(p, levels, universes)
        return [bytes(universe) for universe in universes]

    def master(self, row: Any, levels: dict[int, int], intensities: list[int], now: int) -> None:
        elapsed = self.local(int(row["clock"]), now) - int(row["start"])
        duration = int(row["duration"])
        f = 0 if elapsed < 0 else 32768 if elapsed >= duration else elapsed * 32768 // duration
        at = between(int(row["source"]), int(row["target"]), f)
        number = int(row["id"])
        for p in intensities:
            if number >= 2 and p not in self.submasters[number - 2].parameters:
                continue
            if row["kind"] == ADDITIVE:
                levels[p] = max(levels[p], at)
            else:
                levels[p] = times(levels[p], FULL - at if row["kind"] == BLACKOUT else at)

    def slot(self, p: Parameter, levels: dict[int, int], universes: list[bytearray]) -> None:
        level = levels[p.index]
        own = self.patch.parameters_of[p.fixture]
        dimmers = [d for d in own if d.name == "intensity" and not d.channel.slots and d.cell in (p.cell, -1)]
        for dimmer in sorted(dimmers, key=lambda d: -d.cell):  # a cell's own first
            if p.name in EMITTERS:
                level = times(level, levels[dimmer.index])
            reach = [q.name for q in own if dimmer.cell in (-1, q.cell)]
            if p.name in FILTERS and not set(reach) & set(EMITTERS):
                level = FULL - times(FULL - level, levels[dimmer.index])
        if p.channel.inverted:
            level = FULL - level
        fixture = self.patch.fixtures[p.fixture]
        universe = universes[self.patch.universe_keyed[fixture.universe].index]
        coarse, fine = divmod(level, 256)
        for offset, value in zip(p.channel.slots, (coarse, fine, coarse), strict=False):
            universe[fixture.address - 1 + offset] = value


def between(source: int, target: int, f: int) -> int:
    return source + (((target - source) * f + 16384) >> 15)


def times(level: int, by: int) -> int:
    return (level * by + 32767) // 65535


def curved(curve: int, progress: int) -> int:
    index, part = divmod(progress, 32)
    if part == 0:
        return CURVE[curve][index]
    low, high = CURVE[curve][index : index + 2]
    return low + (((high - low) * part + 16) >> 5)


def sine(phase: int) -> int:
    if phase >= 32768:
        return -sine(phase - 32768)
    if phase > 16384:
        return sine(32768 - phase)
    index, part = divmod(phase, 16)
    if part == 0:
        return QUARTER_SINE[index]
    low, high = QUARTER_SINE[index : index + 2]
    return low + (((high - low) * part + 8) >> 4)


def splitmix64(state: int) -> int:
    z = (state + 0x9E3779B97F4A7C15) % 2**64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return z ^ (z >> 31)


def random16(row: Row, step: int) -> int:
    return splitmix64(splitmix64(row["seed"] << 32 | row["element"]) + step * 0x9E3779B97F4A7C15) >> 48


def wander(row: Row, phase: int, step: int) -> int:
    here, there = random16(row, step), random16(row, step + 1)
    return here + ((there - here) * phase >> 16)


def bipolar(row: Row, phase: int, step: int) -> int:
    match row["wave"]:
        case 0:
            return sine(phase)
        case 1:
            return 32768 if phase < row["width"] else -32768
        case 2:
            shifted = (phase + 16384) % 65536
            return 2 * (shifted if shifted < 32768 else 65536 - shifted) - 32768
        case 3:
            return phase - 32768
        case 4:
            return wander(row, phase, step) - 32768
        case _:
            return 32768 if phase < row["width"] else 0


def unipolar(row: Row, phase: int, step: int) -> int:
    match row["wave"]:
        case 0:
            return (32768 - sine((phase + 16384) % 65536)) >> 1
        case 2:
            return phase if phase < 32768 else 65536 - phase
        case 3:
            return phase >> 1
        case 4:
            return wander(row, phase, step) >> 1
        case _:
            return 32768 if phase < row["width"] else 0
