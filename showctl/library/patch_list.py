"""The patch as a technician reads it: by light, by address, by node and port; and what is still free.

A light's number is its place in ``patch.yaml``, counted from 1: labels print it and ``showctl channel check`` takes it. Slots
that a mode skips are its own all the same. A universe that no node carries says so, where somebody has to carry it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from showctl.library import printed
from showctl.light.pixels_layout import taken
from showctl.show.fixtures import Fixture
from showctl.show.patch import Protocol, Universe
from showctl.show.show import Show

ORDERS: Final = ("fixture", "address", "node")
HEADS: Final = ("no", "light", "label", "type", "mode", "address", "to", "slots", "node", "port", "zone", "at (m)", "tag")
SLOTS: Final = 512


@dataclass(frozen=True, slots=True)
class Line:
    """One light. ``port`` counts a node's universes from 1; ``tag`` is what people have put on it."""

    number: int
    light: str
    label: str
    type: str
    mode: str
    universe: str
    first: int
    last: int
    node: str
    port: int | None
    zone: str
    at: tuple[float, float, float] | None
    tag: str

    def cells(self) -> tuple[object, ...]:
        """As a line of a table."""
        at = "" if self.at is None else " ".join(f"{value:g}" for value in self.at)
        first = f"{self.universe}.{self.first}"
        where = (first, self.last, self.last - self.first + 1, self.node, self.port)
        return (self.number, self.light, self.label, self.type, self.mode, *where, self.zone, at, self.tag)


@dataclass(frozen=True, slots=True)
class Free:
    """Slots of a universe that nobody listens to."""

    universe: str
    first: int
    last: int

    @property
    def slots(self) -> int:
        return self.last - self.first + 1


def patch_lines(show: Show, by: str = "fixture", tags: Mapping[str, Any] | None = None) -> list[Line]:
    """Every light, in the order that ``by`` names (one of ``ORDERS``)."""
    port = ports(show)
    tagged = _tagged(tags or {})
    lines = [_line(fixture, port, tagged) for fixture in show.patch.fixtures]
    universes = {universe.key: universe.index for universe in show.patch.universes}
    nodes = {node.name: place for place, node in enumerate(show.patch.nodes)}
    match by:
        case "address":
            lines.sort(key=lambda line: (universes[line.universe], line.first))
        case "node":
            lines.sort(key=lambda line: (nodes.get(line.node, len(nodes)), line.port or 0, universes[line.universe], line.first))
        case _:
            pass
    return lines


def ports(show: Show) -> dict[str, tuple[str, int]]:
    """Universe -> the node (or USB widget) that puts it out, and at which of its ports."""
    found = {u.key: (f"USB {u.device}", 1) for u in show.patch.universes if u.protocol is Protocol.USBPRO}
    for node in show.patch.nodes:
        for number, key in enumerate(node.universes, start=1):
            found.setdefault(key, (node.name, number))
    return found


def _line(fixture: Fixture, port: Mapping[str, tuple[str, int]], tagged: Mapping[str, str]) -> Line:
    node, number = port.get(fixture.universe, ("", None))
    spot = fixture.position
    return Line(
        fixture.index + 1,
        fixture.name,
        fixture.label,
        fixture.type,
        fixture.mode.name,
        fixture.universe,
        fixture.address,
        fixture.address + fixture.mode.footprint - 1,
        node,
        number,
        fixture.zone or "",
        None if spot is None else (spot.x, spot.y, spot.z),
        tagged.get(fixture.name, ""),
    )


def _tagged(tags: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in ("out_of_service", "parked"):
        for item in tags.get(kind, ()):
            words = str(item["words"]).removeprefix(f"{item['fixture']} is ")
            found[item["fixture"]] = "; ".join(filter(None, (found.get(item["fixture"], ""), words)))
            if item.get("spare"):
                found[item["spare"]] = f"stands in for {item['fixture']}"
    return found


# --- free space -----------------------------------------------------------------------------------------------------------


def free_space(show: Show) -> list[Free]:
    """What is free, in the order of universes and slots."""
    found: list[Free] = []
    for universe in show.patch.universes:
        own = (f for f in show.patch.fixtures if f.universe == universe.key)
        used = [(f.address, f.address + f.mode.footprint - 1) for f in own]
        used += [part[1:] for wall in show.patch.walls for part in taken(show.patch, wall) if part[0] == universe.key]
        at = 1
        for first, last in sorted(used):
            if first > at:
                found.append(Free(universe.key, at, first - 1))
            at = max(at, last + 1)
        if at <= SLOTS:
            found.append(Free(universe.key, at, SLOTS))
    return found


def fits(show: Show, slots: int) -> Free | None:
    """Where something of so many slots fits first."""
    return next((free for free in free_space(show) if free.slots >= slots), None)


# --- ways to show it ------------------------------------------------------------------------------------------------------


def as_text(lines: Iterable[Line]) -> str:
    """For a terminal; columns that nobody uses are left out."""
    rows = [line.cells() for line in lines]
    kept = [n for n in range(len(HEADS)) if any(row[n] not in ("", None) for row in rows)] or list(range(len(HEADS)))
    shown = ([row[n] for n in kept] for row in rows)
    return "\n".join(printed.text_table([HEADS[n] for n in kept], list(shown)))


def as_csv(lines: Iterable[Line]) -> str:
    """For a spreadsheet."""
    return printed.csv_table(HEADS, [line.cells() for line in lines])


def as_html(show: Show, lines: list[Line], by: str, tags: Iterable[str] = ()) -> str:
    """To be printed: one table, or by address one for each universe with its node and what is free."""
    parts = [printed.heading(f"{show.name}: patch by {by}", f"{len(lines)} lights on {len(show.patch.universes)} universes")]
    parts.append(printed.paragraphs(tags))
    if by == "fixture":
        return printed.page(f"{show.name}: patch", *parts, _table(lines))
    port = ports(show)
    free: dict[str, list[str]] = {}
    for item in free_space(show):
        free.setdefault(item.universe, []).append(f"{item.first}-{item.last}")
    for universe in dict.fromkeys(line.universe for line in lines):
        parts.append(printed.section(f"{universe}   {_carrier(show.patch.universe_keyed[universe], port)}"))
        parts.append(_table([line for line in lines if line.universe == universe]))
        parts.append(f'<p class="quiet">free: {", ".join(free.get(universe, ["nothing"]))}</p>')
    return printed.page(f"{show.name}: patch", *parts)


def _carrier(universe: Universe, port: Mapping[str, tuple[str, int]]) -> str:
    if universe.key not in port:
        return "no node of the patch carries it"
    node, number = port[universe.key]
    return f"{node}, port {number}"


def _table(lines: list[Line]) -> str:
    noted = frozenset(n for n, line in enumerate(lines) if line.tag)
    return printed.table(HEADS, [line.cells() for line in lines], noted)


def as_json(show: Show, lines: Iterable[Line]) -> dict[str, Any]:
    """Everything, with what is free."""
    return {
        "show": show.name,
        "lights": [
            {
                "number": line.number,
                "light": line.light,
                "label": line.label,
                "type": line.type,
                "mode": line.mode,
                "universe": line.universe,
                "first": line.first,
                "last": line.last,
                "node": line.node or None,
                "port": line.port,
                "zone": line.zone or None,
                "at": line.at,
                "tag": line.tag,
            }
            for line in lines
        ],
        "free": [{"universe": free.universe, "first": free.first, "last": free.last} for free in free_space(show)],
    }
