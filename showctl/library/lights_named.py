"""Sets of lights by name: the groups they are made of, runs of fixtures, and cells where only some of a fixture's are meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from showctl.show.patch import Head
from showctl.show.show import Show

Unit: TypeAlias = tuple[int, int]
"""Fixture and cell (-1: what the fixture has as a whole)."""
MOST_CELLS = 6


class Lights:
    """Names sets of lights of one show."""

    def __init__(self, show: Show) -> None:
        self.show = show
        self._groups: dict[str, list[tuple[frozenset[Unit], str]]] = {}

    def named(self, units: Iterable[Unit], parameter: str) -> str:
        """``units`` in words; ``parameter`` is one that all of them have, and what a group is judged by."""
        left = set(units)
        names: list[str] = []
        for members, name in self._of(parameter):
            if members <= left:
                names.append(name)
                left -= members
        by_fixture: dict[int, list[int]] = {}
        for fixture, cell in sorted(left):
            by_fixture.setdefault(fixture, []).append(cell)
        whole: list[str] = []
        parts: list[str] = []
        for fixture, cells in by_fixture.items():
            name = self.show.patch.fixtures[fixture].name
            having = {item.cell for item in self.show.patch.parameters_of[fixture] if item.name == parameter}
            if set(cells) == having:
                whole.append(name)
            else:
                numbers = [str(cell + 1) for cell in cells[:MOST_CELLS]]
                more = " ..." if len(cells) > MOST_CELLS else ""
                parts.append(f"{name} cell{'s' if len(cells) > 1 else ''} {' '.join(numbers)}{more}")
        return ", ".join([*names, *_runs(whole), *parts])

    def _of(self, parameter: str) -> list[tuple[frozenset[Unit], str]]:
        """The groups, largest first, as those of their lights that have ``parameter``."""
        known = self._groups.get(parameter)
        if known is None:
            found: dict[frozenset[Unit], str] = {}
            for name, heads in self.show.groups.items():
                members = frozenset(unit for head in heads for unit in self._units(head, parameter))
                if len({fixture for fixture, _ in members}) > 1:
                    found.setdefault(members, name)
            known = self._groups[parameter] = sorted(found.items(), key=lambda item: -len(item[0]))
        return known

    def _units(self, head: Head, parameter: str) -> list[Unit]:
        return [
            (head.fixture, item.cell)
            for item in self.show.patch.parameters_of[head.fixture]
            if item.name == parameter and head.cell in (-1, item.cell)
        ]


def _runs(names: list[str]) -> list[str]:
    """Names that are numbered in a row, as runs."""
    found: list[tuple[str, int, int, int]] = []
    for name in names:
        match = re.fullmatch(r"(.*?)(\d+)", name)
        stem, digits = (match[1], match[2]) if match else (name, "")
        number = int(digits) if digits else -1
        if found and digits and found[-1][0] == stem and found[-1][2] == number - 1:
            found[-1] = (stem, found[-1][1], number, found[-1][3])
        else:
            found.append((stem, number, number, len(digits)))
    return [
        stem if width == 0 else f"{stem}{first:0{width}}" if first == last else f"{stem}{first:0{width}} thru {last}"
        for stem, first, last, width in found
    ]
