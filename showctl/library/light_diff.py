"""What changes in the light between two revisions of a list: settled levels and the times they take, named by groups.

Levels are compared where each cue leaves the lights, by fixture name, cell and parameter, so that a new patch is no difference by
itself. What a cue changes is told where it begins, with the cue through which it tracks on; colours are told whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from showctl.library.cue_words import percent_words, time_words
from showctl.library.lights_named import Lights, Unit
from showctl.show.cues import Cue, LightMove
from showctl.show.fixtures import Family
from showctl.show.levels import Level, in_range, percent_of
from showctl.show.patch import Parameter
from showctl.show.show import Show
from showctl.show.targets import marked, unmarked
from showctl.showfile.looks import Look

Difference: TypeAlias = dict[int, tuple[Level | None, Level | None]]
"""Parameter (of the newer show) -> before, after; None where the list does not hold it."""
NOT_HELD = "not held"


@dataclass
class LightChange:
    """Some lights that end elsewhere, or get there in another time."""

    lights: str
    what: str
    """intensity, color, a parameter's name, or time."""
    old: str
    new: str
    old_value: Any = None
    new_value: Any = None
    parts: frozenset[tuple[int, Level | None, Level | None]] = field(default=frozenset(), repr=False)
    through: str = ""
    """The last cue that it tracks through, where that is another one."""


class LightDiff:
    """Compares looks and times of two shows, and says the difference in the newer one's names."""

    def __init__(self, old: Show, new: Show) -> None:
        self.old, self.new = old, new
        self.lights = Lights(new)
        self.called = called_now(old, new)
        names = {_key(new, item): item.index for item in new.patch.parameters}
        self.to_new = {item.index: names[key] for item in old.patch.parameters if (key := _key(old, item, self.called)) in names}
        numbers = {item.name: item.number for item in new.targets}
        self.whom = {item.number: numbers.get(item.name, 0) for item in old.targets}
        """Who is followed -> their number now; 0 where they are gone."""
        same = all(a == b for a, b in (*self.to_new.items(), *self.whom.items()))
        self.same_numbers = same and old.patch.parameters == new.patch.parameters

    # --- looks -----------------------------------------------------------------------------------------------------------

    def translated(self, look: Look) -> Look:
        """An older look in the newer show's numbers; lights that are gone are left out."""
        if self.same_numbers:
            return look
        return {self.to_new[index]: self._translated(level) for index, level in look.items() if index in self.to_new}

    def _translated(self, level: int) -> int:
        whom, own = unmarked(level)
        return marked(own, self.whom.get(whom, 0))

    def difference(self, before: Look, after: Look) -> Difference:
        """Where two looks (both in the newer numbers) differ."""
        if before == after:
            return {}
        keys = [*after, *(index for index in before if index not in after)]
        return {i: (before.get(i), after.get(i)) for i in keys if before.get(i) != after.get(i)}

    def changes(self, found: Difference, before: Look, after: Look) -> list[LightChange]:
        """``found`` in words: by attribute, and by which lights agree."""
        rows: dict[tuple[str, str, str, str], list[tuple[Unit, list[int]]]] = {}
        values: dict[tuple[str, str, str, str], tuple[Any, Any]] = {}
        for unit, items in self._by_unit(found).items():
            for what, numbers in items.items():
                judged = self.new.patch.parameters[numbers[0]]
                if what == "color":
                    old, new = (self._color(unit, look) for look in (before, after))
                else:
                    old, new = (_level(judged, look.get(judged.index), self.new) for look in (before, after))
                key = (what, old[0], new[0], judged.name)
                rows.setdefault(key, []).append((unit, numbers))
                values[key] = (old[1], new[1])
        made: list[LightChange] = []
        for (what, old_words, new_words, name), lights in rows.items():
            parts = frozenset((n, *found[n]) for _, numbers in lights for n in numbers)
            named = self.lights.named((unit for unit, _ in lights), name)
            old_value, new_value = values[what, old_words, new_words, name]
            made.append(LightChange(named, what, old_words, new_words, old_value, new_value, parts))
        return made

    def _by_unit(self, found: Difference) -> dict[Unit, dict[str, list[int]]]:
        made: dict[Unit, dict[str, list[int]]] = {}
        for index in sorted(found):
            item = self.new.patch.parameters[index]
            what = "color" if item.family is Family.COLOR else item.name
            made.setdefault((item.fixture, item.cell), {}).setdefault(what, []).append(index)
        return made

    def _color(self, unit: Unit, look: Look) -> tuple[str, Any]:
        fixture, cell = unit
        items = [
            item
            for item in self.new.patch.parameters_of[fixture]
            if item.cell == cell and item.family is Family.COLOR and item.index in look
        ]
        if not items:
            return NOT_HELD, None
        levels = {item.name: look[item.index] for item in items}
        value = {name: round(level / 65535, 4) for name, level in levels.items()}
        words: list[str] = []
        if all(name in levels for name in ("red", "green", "blue")):
            words.append("hex " + "".join(f"{round(levels.pop(name) / 257):02x}" for name in ("red", "green", "blue")))
        words += [f"{name} {percent_words(percent_of(level))}" for name, level in levels.items() if level or not words]
        return " ".join(words), value

    # --- times -----------------------------------------------------------------------------------------------------------

    def times(self, cues: tuple[Cue, Cue], before: tuple[Look, Look], after: tuple[Look, Look]) -> list[LightChange]:
        """Lights that get to where they go in another time; looks are (older, newer), older ones translated."""
        old, new = (
            self._taken(cue, *looks, older)
            for cue, looks, older in zip(cues, zip(before, after, strict=True), (True, False), strict=True)
        )
        rows: dict[tuple[str, str], dict[str, tuple[str, list[Unit]]]] = {}
        for index in sorted(old.keys() & new.keys()):
            if old[index] != new[index]:
                item = self.new.patch.parameters[index]
                family = rows.setdefault((old[index], new[index]), {})
                family.setdefault(item.family.value, (item.name, []))[1].append((item.fixture, item.cell))
        made: list[LightChange] = []
        for (one, other), families in rows.items():
            named: dict[str, list[str]] = {}
            for family_name, (name, units) in families.items():
                named.setdefault(self.lights.named(units, name), []).append(family_name)
            for lights, names in named.items():
                made.append(LightChange(f"{lights} ({', '.join(names)})" if len(names) < 4 else lights, "time", one, other))
        return made

    def _taken(self, cue: Cue, before: Look, after: Look, older: bool) -> dict[int, str]:
        """Parameter -> how long ``cue`` takes to bring it where it goes, of what really goes somewhere."""
        found: dict[int, str] = {}
        for move in cue.light:
            for index in move.parameters:
                number = self.to_new.get(index) if older else index
                if number is None:
                    continue
                item = self.new.patch.parameters[number]
                source = before.get(number, item.channel.default)
                target = after.get(number)
                if target is None or target != source:
                    found[number] = _timing(move, item, source, target)
        return found


def _timing(move: LightMove, item: Parameter, source: Level, target: Level | None) -> str:
    falls = item.family is Family.INTENSITY and target is not None and target < source
    words = [time_words(move.down if falls else move.up)]
    if move.delay:
        words.append(f"delay {time_words(move.delay)}")
    if move.curve != "linear" and (move.down if falls else move.up):
        words.append(move.curve)
    return ", ".join(words)


def called_now(old: Show, new: Show) -> dict[str, str]:
    """What fixtures of the older patch are called in the newer one: by name, or by what stands at their address."""
    found = {name: name for name in old.patch.fixture_named if name in new.patch.fixture_named}
    left = {
        (item.universe, item.address, item.type): item.name
        for item in new.patch.fixtures
        if item.name not in old.patch.fixture_named
    }
    for item in old.patch.fixtures:
        if item.name not in found and (name := left.get((item.universe, item.address, item.type))) is not None:
            found[item.name] = name
    return found


def _key(show: Show, item: Parameter, called: Mapping[str, str] | None = None) -> tuple[str, int, str]:
    name = show.patch.fixtures[item.fixture].name
    return (name if called is None else called.get(name, f"{name} is gone"), item.cell, item.name)


def _level(item: Parameter, level: Level | None, show: Show) -> tuple[str, Any]:
    if level is None:
        return NOT_HELD, None
    whom, level = unmarked(level)
    if whom:
        return f"follows {show.targets[whom - 1].name}", None
    low, high = item.channel.low, item.channel.high
    if low is None or high is None:
        return percent_words(percent_of(level)), round(level / 65535, 4)
    degrees = round(in_range(level, low, high), 2)
    return f"{degrees:.1f}".removesuffix(".0").replace("-0", "0", 1 if round(degrees, 1) == 0 else 0) + " deg", degrees
