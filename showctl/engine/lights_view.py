"""The light as it is: each fixture's level, colour and owner, and what changed since somebody last looked.

A fixture is told as one lamp: its level is the brightest of its cells (times its brightest emitter, where it has colours), its
colour the mean of its cells, brought to full, so that a screen shows the hue of a lamp that is low. Masters, spares and parks
are in it: it is what leaves, as far as one lamp can say it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from showctl.engine.lighting import PERSON
from showctl.engine.stage import stage_of
from showctl.engine.state import State
from showctl.engine.tags import FIRST_CHECK
from showctl.light.plan import Plan
from showctl.light.render import Prepared, owners, prepare, shown
from showctl.show.fixtures import EMITTERS, FILTERS, Family
from showctl.show.instants import Instant
from showctl.show.levels import FULL
from showctl.show.show import Show

_HUE: Final[dict[str, tuple[float, float, float]]] = {
    "red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1), "white": (1, 1, 1), "warm": (1, 0.78, 0.5), "cool": (0.88, 0.94, 1),
    "amber": (1, 0.62, 0), "lime": (0.62, 1, 0), "uv": (0.35, 0, 0.6), "indigo": (0.25, 0, 1), "led_cyan": (0, 1, 1),
    "led_magenta": (1, 0, 1), "led_yellow": (1, 1, 0),
}  # fmt: skip
"""What a screen shows of an emitter."""
_TAKES: Final[dict[str, tuple[float, float, float]]] = {"cyan": (1, 0, 0), "magenta": (0, 1, 0), "yellow": (0, 0, 1)}
"""What a filter takes from white."""
_TUNGSTEN: Final = (255, 236, 206)
"""A lamp without colours."""


_LEVELS: Final = tuple(round(level / 255, 3) for level in range(256))


@dataclass(frozen=True, slots=True)
class Changed:
    """What is told of lights: ``lamps`` whole (``{name: {"level", "color", "owner", "by"}}``), of others the level alone."""

    lamps: dict[str, dict[str, Any]]
    levels: dict[str, float]


class LightsView:
    """The lights of one show, and what was last told of them. For one thread."""

    def __init__(self, show: Show) -> None:
        self.show = show
        patch = show.patch
        self._names = [fixture.name for fixture in patch.fixtures]
        size = len(self._names)
        self._fixture = np.array([p.fixture for p in patch.parameters], np.intp)
        self._intensity = np.array([p.index for p in patch.parameters if p.family is Family.INTENSITY], np.intp)
        self._dims = np.zeros(size, np.bool_)
        self._dims[self._fixture[self._intensity]] = True
        colors = [p for p in patch.parameters if (p.name in _HUE and p.name in EMITTERS) or p.name in FILTERS]
        self._color = np.array([p.index for p in colors], np.intp)
        self._weight = np.array([_TAKES[p.name] if p.name in FILTERS else _HUE[p.name] for p in colors]).reshape(-1, 3)
        self._filters = np.array([p.name in FILTERS for p in colors], np.bool_)
        self._colored = np.zeros(size, np.bool_)
        self._colored[self._fixture[self._color]] = True
        self._filtered = np.zeros(size, np.bool_)
        self._filtered[self._fixture[self._color[self._filters]]] = True
        cells: dict[int, set[int]] = {}
        for p in colors:
            cells.setdefault(p.fixture, set()).add(p.cell)
        self._cells = np.array([len(cells.get(n, ())) or 1 for n in range(size)], np.float64)
        leading = {p.fixture: p.index for p in reversed(patch.parameters)}
        leading |= {p.fixture: p.index for p in reversed(patch.parameters) if p.family is Family.INTENSITY}
        self._leading = np.array([leading.get(n, 0) for n in range(size)], np.intp)
        """The parameter whose owner is the fixture's: its dimmer, where it has one."""
        self._plan: Plan | None = None
        self._prepared: Prepared | None = None
        self._told: NDArray[np.int64] = np.full((size, 5), -1, np.int64)

    def changed(self, state: State, now: Instant, *, everything: bool = False) -> Changed:
        """The lights that are not as they were last told, or ``everything``."""
        if self._prepared is None or state.plan is not self._plan:
            self._plan, self._prepared = state.plan, prepare(stage_of(self.show).rendering, state.plan)
        if not len(self._names) or not len(self._fixture):
            return Changed({}, {})
        seen: NDArray[np.int64] = np.column_stack(
            (self._lamps(shown(self._prepared, now)), owners(self._prepared, now)[self._leading])
        )
        other = seen != self._told
        whole = other[:, 1:].any(axis=1) | everything
        self._told = seen
        dimmed = np.flatnonzero(other[:, 0] & ~whole)
        return Changed(
            {self._names[n]: self._words(state, n, seen[n]) for n in np.flatnonzero(whole).tolist()},
            {self._names[n]: _LEVELS[level] for n, level in zip(dimmed.tolist(), seen[dimmed, 0].tolist(), strict=True)},
        )

    def _lamps(self, levels: NDArray[np.int32]) -> NDArray[np.int64]:
        """Per fixture: level 0..255, red, green, blue."""
        part = levels / FULL
        level = np.ones(len(self._names))
        level[self._dims] = 0
        np.maximum.at(level, self._fixture[self._intensity], part[self._intensity])
        mixed = np.zeros((len(self._names), 3))
        np.add.at(mixed, self._fixture[self._color], part[self._color, None] * self._weight)
        mixed /= self._cells[:, None]
        mixed[self._filtered] = 1 - mixed[self._filtered]
        mixed = mixed.clip(0, None)
        brightest = mixed.max(axis=1)
        full = np.where(brightest[:, None] > 0, mixed / np.maximum(brightest, 1e-9)[:, None], 1) * 255
        full[~self._colored] = _TUNGSTEN
        dimmed = np.where(self._colored, level * brightest.clip(0, 1), np.where(self._dims, level, 0))
        lamps: NDArray[np.int64] = np.column_stack((dimmed * 255, full)).round().astype(np.int64)
        return lamps

    def _words(self, state: State, number: int, lamp: NDArray[np.int64]) -> dict[str, Any]:
        level, red, green, blue, owner = lamp.tolist()
        ref = state.owners.get(owner)
        leading = int(self._leading[number])
        if number in state.tags.retired:
            by, words = "service", state.tags.retired[number].reason
        elif leading in state.tags.parked:
            by, words = "parked", state.tags.parked[leading].person
        elif owner == PERSON:
            by, words = "person", state.grabbed.get(leading, "")
        elif owner <= FIRST_CHECK:
            by, words = "person", "channel check"
        elif ref is not None:
            by, words = "cue", str(ref)
        else:
            by, words = ("safe", "safe state") if owner or state.latch else ("default", "")
        return {"level": _LEVELS[level], "color": f"#{red:02x}{green:02x}{blue:02x}", "owner": words, "by": by}


def fixtures_view(show: Show) -> dict[str, Any]:
    """Groups, and what each fixture is: ``{"groups": {name: [fixture]}, "fixtures": [...]}``."""
    patch = show.patch
    return {
        "groups": {
            name: list(dict.fromkeys(patch.fixtures[head.fixture].name for head in heads)) for name, heads in show.groups.items()
        },
        "fixtures": [
            {
                "name": fixture.name,
                "label": fixture.label,
                "type": fixture.type,
                "address": f"{fixture.universe}.{fixture.address}",
                "zone": fixture.zone or "",
                "at": None if fixture.position is None else [fixture.position.x, fixture.position.y, fixture.position.z],
                "parameters": [
                    {"index": p.index, "name": f"{p.cell + 1}.{p.name}" if p.cell >= 0 else p.name}
                    | ({} if p.channel.low is None else {"low": p.channel.low, "high": p.channel.high})
                    for p in patch.parameters_of[fixture.index]
                ],
            }
            for fixture in patch.fixtures
        ],
    }


def room_view(show: Show) -> dict[str, Any]:
    """The plan of the room, metres on the floor: zones, fixtures that have a place, points and people that are looked for."""
    return {
        "zones": [
            {"name": zone.name, "label": zone.label, "corners": [list(corner) for corner in zone.corners]} for zone in show.zones
        ],
        "fixtures": [
            {"name": fixture.name, "x": fixture.position.x, "z": fixture.position.z, "zone": fixture.zone or ""}
            for fixture in show.patch.fixtures
            if fixture.position is not None
        ],
        "targets": [
            {"name": target.name, "x": target.point.x, "z": target.point.z} for target in show.targets if not target.tracker
        ],
        "triggers": _classes(show),
        "outputs": _outputs(show),
    }


def _outputs(show: Show) -> dict[str, list[str]]:
    """Output that can be muted (``engine.muted``) -> what is in it; a device or an interlock is alone in its own."""
    return {
        name: [*output.devices, *(show.hazards[index].name for index in output.interlocks)] + ["heads"] * output.heads
        for name, output in stage_of(show).outputs.items()
    }


def _classes(show: Show) -> dict[str, list[str]]:
    """Class of input (mqtt, osc, zone_count, guests, gesture) -> the triggers that it may set off: what is muted together."""
    source = {item.name: item.source.value for item in show.inputs}
    found: dict[str, list[str]] = {}
    for trigger in show.triggers:
        for kind in sorted({source[name] for name in trigger.when.names if name in source}):
            found.setdefault(kind, []).append(trigger.name)
    return dict(sorted(found.items()))
