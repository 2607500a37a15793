"""Which slots a GDTF mode takes: offsets, breaks, and geometries that are referred to many times.

A channel belongs to a geometry. Where that geometry (or the one it hangs in) is referred to, the channel is there once for
each reference, moved by the reference's offset: those are cells. A mode with several breaks has several addresses; here they
follow one another, so that it is one fixture still.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from showctl.library.importers.found import MOST_SLOTS, FoundType, Refused

MOST_INSTANCES: Final = 4096
_DEEPEST: Final = 64


@dataclass(frozen=True)
class Placed:
    """A channel of pygdtf, once where it stands: slots from 0, coarse first, none for one that only the console knows."""

    channel: Any
    slots: tuple[int, ...]
    cell: int


@dataclass(frozen=True)
class _Instance:
    """A geometry that is there: by itself (no breaks), or through a reference, or a reference within one."""

    breaks: tuple[tuple[int, int], ...] = ()
    """(break, offset from 0), the last one for channels that leave the choice to the reference."""
    cell: int = -1


def layout(
    file: str, found: FoundType, geometries: list[Any], geometry: str, channels: list[Any], name: str
) -> tuple[list[Placed], tuple[int, ...], int]:
    """Every one of a mode's ``channels`` where it stands, the slots of each break, and how many cells there are."""
    tops = {str(item.name): item for item in geometries}
    root = tops.get(geometry)
    if root is None and len(tops) == 1:
        root = next(iter(tops.values()))
    if root is None:
        raise Refused(file, f"mode {name} is of the geometry {geometry}, which is not there")
    instances: dict[str, list[_Instance]] = {}
    cells = _Cells()
    for geometry, instance in _walk(file, name, root, tops, _Instance(), cells, 0):
        instances.setdefault(geometry, []).append(instance)
        cells.count += 1
        if cells.count > MOST_INSTANCES:
            raise Refused(file, f"mode {name} has more than {MOST_INSTANCES} geometries")
    rows: list[tuple[Any, int, tuple[int, ...], int]] = []
    for channel in channels:
        offsets = tuple(channel.offset or ())
        if any(offset < 1 for offset in offsets) or len(set(offsets)) < len(offsets):
            raise Refused(
                file, f"mode {name}: {channel.name} has the offset {','.join(map(str, offsets))}, and they count from 1"
            )
        here = instances.get(str(channel.geometry))
        if here is None:
            found.note(f"mode {name}: {channel.name} is of a geometry that the mode does not have; it stands where it says")
            here = [_Instance()]
        for instance in here:
            at, moved = _break(channel.dmx_break, instance)
            rows.append((channel, at, tuple(offset - 1 + moved for offset in offsets), instance.cell))
            if len(rows) > MOST_INSTANCES:
                raise Refused(file, f"mode {name} has more than {MOST_INSTANCES} channels")
    return _joined(file, found, name, rows)


class _Cells:
    """Numbers for what is referred to."""

    def __init__(self) -> None:
        self.made = 0
        self.count = 0


def _walk(
    file: str, mode: str, geometry: Any, tops: dict[str, Any], instance: _Instance, cells: _Cells, depth: int
) -> Iterator[tuple[str, _Instance]]:
    """(name, instance) of every geometry under ``geometry``, references followed."""
    if depth > _DEEPEST:
        raise Refused(file, f"mode {mode} has geometries that refer to themselves")
    referred = str(getattr(geometry, "geometry", None)) if hasattr(geometry, "breaks") else None
    if referred is None:
        yield str(geometry.name), instance
        for child in getattr(geometry, "geometries", ()) or ():
            yield from _walk(file, mode, child, tops, instance, cells, depth + 1)
        return
    target = tops.get(referred)
    if target is None:
        raise Refused(file, f"mode {mode} refers to the geometry {referred}, which is not there")
    breaks = tuple((int(item.dmx_break), _absolute(item.dmx_offset) - 1) for item in geometry.breaks)
    inner = dict(instance.breaks)
    moved = tuple((number, offset + inner.get(number, 0)) for number, offset in breaks) or instance.breaks
    if any(not 0 <= offset < MOST_SLOTS * 512 for _, offset in moved):
        raise Refused(file, f"mode {mode}: the reference {geometry.name} has an offset that is no slot")
    cell = instance.cell
    if cell < 0:
        cell, cells.made = cells.made, cells.made + 1
    yield from _walk(file, mode, target, tops, _Instance(moved, cell), cells, depth + 1)


def _absolute(address: Any) -> int:
    return (int(address.universe) - 1) * 512 + int(address.address)


def _break(said: Any, instance: _Instance) -> tuple[int, int]:
    """The break that a channel is in, and by how much it is moved there."""
    if said == "Overwrite":
        return instance.breaks[-1] if instance.breaks else (1, 0)
    number = int(said)
    return number, dict(instance.breaks).get(number, 0)


def _joined(
    file: str, found: FoundType, mode: str, rows: list[tuple[Any, int, tuple[int, ...], int]]
) -> tuple[list[Placed], tuple[int, ...], int]:
    """The breaks one after another."""
    sizes: dict[int, int] = {}
    for _, at, slots, _ in rows:
        if slots:
            sizes[at] = max([sizes.get(at, 0), *(slot + 1 for slot in slots)])
    if any(at < 1 for at in sizes):
        raise Refused(file, f"mode {mode} has a break below 1")
    starts: dict[int, int] = {}
    end = 0
    for at in sorted(sizes):
        starts[at] = end
        end += sizes[at]
    if len(sizes) > 1:
        each = ", ".join(f"{sizes[at]}" for at in sorted(sizes))
        found.note(f"mode {mode} has {len(sizes)} addresses ({each} slots): here they follow one another")
    if not end:
        raise Refused(file, f"mode {mode} takes no slots")
    used = sorted({cell for _, _, slots, cell in rows if cell >= 0 and slots})
    numbers = {cell: n for n, cell in enumerate(used)} if len(used) > 1 else {}
    placed = [
        Placed(each, tuple(starts[at] + slot for slot in slots), numbers.get(cell, -1)) for each, at, slots, cell in rows if slots
    ]
    return placed, tuple(sizes[at] for at in sorted(sizes)), max(len(numbers), 1)
