"""What was found, in the words of patch.yaml: types with their modes, universes, fixtures.

Channels that follow one another are written so; the others say their slots. Levels are written in percent, with as many
digits as read back to the same level.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from showctl.library.importers.found import FoundChannel, FoundFixture, FoundMode, FoundType
from showctl.show.levels import FULL, from_range
from showctl.showfile.edits import scalar

_SLOTS: Final = 512
_WIDTH: Final = 118


def type_lines(kind: FoundType) -> list[str]:
    """The entry of ``kind`` under ``types``, without indentation."""
    lines = [f"{kind.name}:", f"  label: {scalar(kind.label, False)}"]
    if kind.hazard:
        lines.append(f"  hazard: {kind.hazard}")
    for axis, speed in (("pan", kind.pan_speed), ("tilt", kind.tilt_speed)):
        if speed is not None:
            lines.append(f"  {axis}_speed: {_number(speed)}deg")
    if kind.emitters:
        lamps = (f"{name}: {_number(x)} {_number(y)} {_number(bright)}" for name, (x, y, bright) in kind.emitters.items())
        lines.append(f"  emitters: {{{', '.join(lamps)}}}")
    shared = _shared(kind.modes)
    lines += _names(shared, "  ")
    lines.append("  modes:")
    for mode in kind.modes:
        lines += [f"    {line}" for line in _mode_lines(mode, shared)]
    return lines


def fixture_line(fixture: FoundFixture, protocol: str) -> str:
    """The entry of ``fixture`` under ``fixtures``."""
    universe, slot = universe_of(fixture.address, protocol)
    words = [f"type: {fixture.type}", f"mode: {scalar(fixture.mode, True)}", f"address: {universe}.{slot}"]
    for key, three in (("at", fixture.at), ("hang", fixture.hang)):
        if three is not None:
            words.append(f"{key}: [{', '.join(map(_number, three))}]")
    turned = [axis for axis, on in (("pan", fixture.invert_pan), ("tilt", fixture.invert_tilt)) if on]
    if turned:
        words.append(f"invert: [{', '.join(turned)}]")
    if fixture.label:
        words.append(f"label: {scalar(fixture.label, True)}")
    return f"{fixture.name}: {{{', '.join(words)}}}"


def universe_of(address: int, protocol: str) -> tuple[str, int]:
    """The universe's key and the slot. Scenes count universes from 1, as sACN does; Art-Net counts from 0.

    >>> universe_of(513, "sacn"), universe_of(513, "artnet")
    (('sacn/2', 1), ('artnet/1', 1))
    """
    number, slot = divmod(address - 1, _SLOTS)
    return f"{protocol}/{number + (protocol == 'sacn')}", slot + 1


def _mode_lines(mode: FoundMode, shared: dict[str, dict[str, str]]) -> list[str]:
    whole = sorted((item for item in mode.channels if item.cell < 0), key=lambda item: item.slots)
    cells = [item for item in mode.channels if item.cell >= 0]
    lines = [f"{scalar(mode.name, False)}:"]
    ends = max([0, *(slot + 1 for item in whole for slot in item.slots)])
    repeated = _repeated(cells, mode.cells, ends, mode.footprint) if cells else None
    words = _in_order(whole, ends if repeated is not None else mode.footprint)
    if words:
        lines += ["  channels:", *(f"    - {item}" for item in words)]
    if cells:
        lines += [f"  cells: {mode.cells}", "  cell:"]
        lines += [f"    - {item}" for item in (repeated if repeated is not None else _placed(cells, mode.cells))]
    own = {name: levels for name, levels in _named(mode).items() if shared.get(name) != levels}
    return lines + _names(own, "  ")


def _in_order(channels: list[FoundChannel], footprint: int) -> list[str]:
    """``channels`` as a list of words that takes exactly ``footprint`` slots."""
    made: list[str] = []
    pointer = 0
    for item in channels:
        if item.slots == tuple(range(item.slots[0], item.slots[0] + len(item.slots))) and item.slots[0] >= pointer:
            if item.slots[0] > pointer:
                made.append(_skip(item.slots[0] - pointer))
            made.append(_words(item, f"{item.parameter}{_BITS[len(item.slots)]}"))
            pointer = item.slots[-1] + 1
        else:
            made.append(_words(item, f"{item.parameter}@{_places(item.slots)}"))
    reach = max([pointer, *(slot + 1 for item in channels for slot in item.slots)])
    if reach < footprint:
        made.append(_skip(footprint - pointer))
    return made


_BITS: Final = {1: "", 2: "/16", 3: "/24"}


def _skip(count: int) -> str:
    return "skip" if count == 1 else f"skip {count}"


def _places(slots: Iterable[int]) -> str:
    return "+".join(str(slot + 1) for slot in slots)


def _repeated(cells: list[FoundChannel], count: int, first: int, footprint: int) -> list[str] | None:
    """The words of one cell, where all cells are alike and follow one another to the end; else None."""
    size, rest = divmod(footprint - first, count)
    if rest or size <= 0:
        return None
    lists: list[list[str]] = []
    for cell in range(count):
        start = first + cell * size
        own = []
        for item in sorted((item for item in cells if item.cell == cell), key=lambda item: item.slots):
            if not all(start <= slot < start + size for slot in item.slots):
                return None
            slots = tuple(slot - start for slot in item.slots)
            own.append(replace(item, slots=slots))
        words = _in_order(own, size)
        if any("@" in item for item in words) or (lists and words != lists[0]):
            return None
        lists.append(words)
    return lists[0]


def _placed(cells: list[FoundChannel], count: int) -> list[str]:
    """Every channel with its slots in each cell."""
    rows: dict[tuple[str, str], dict[int, str]] = {}
    for item in cells:
        rows.setdefault((item.parameter, _words(item, "")), {})[item.cell] = _places(item.slots)
    return [
        f"{parameter}@{','.join(places.get(cell, '-') for cell in range(count))}{words}"
        for (parameter, words), places in rows.items()
    ]


def _words(item: FoundChannel, name: str) -> str:
    words = [name]
    implied = 0
    if item.low is not None and item.high is not None:
        words.append(f"{_number(item.low)}..{_number(item.high)}deg")
        if item.low < 0 < item.high:
            implied = from_range(0.0, item.low, item.high)
    if _level(item.default) != implied:
        words.append(f"home {_percent(item.default)}")
    if item.highlight is not None:
        words.append(f"highlight {_percent(item.highlight)}")
    if item.inverted:
        words.append("invert")
    if item.snap:
        words.append("snap")
    return " ".join(words)


def _named(mode: FoundMode) -> dict[str, dict[str, str]]:
    """Parameter -> its names in this mode, whatever the cell, and the words of each one's level."""
    found: dict[str, dict[str, str]] = {}
    for item in mode.channels:
        if item.names and item.parameter not in found:
            found[item.parameter] = {name: _meaning(item, name, level) for name, level in item.names.items()}
    return found


def _meaning(item: FoundChannel, name: str, level: float) -> str:
    other = item.needs.get(name)
    return _percent(level) if other is None else f"{_percent(level)} with {other[0].parameter} {_percent(other[1])}"


def _shared(modes: list[FoundMode]) -> dict[str, dict[str, str]]:
    """The names that a parameter has in every mode that has the parameter."""
    found: dict[str, dict[str, str]] = {}
    for mode in modes:
        found |= {name: levels for name, levels in _named(mode).items() if name not in found}
    for mode in modes:
        here = _named(mode)
        for item in mode.channels:
            if item.parameter in found and here.get(item.parameter) != found[item.parameter]:
                del found[item.parameter]
    return found


def _names(names: dict[str, dict[str, str]], indent: str) -> list[str]:
    if not names:
        return []
    lines = [f"{indent}names:"]
    for parameter, levels in names.items():
        line = f"{indent}  {parameter}: {{"
        for n, (name, level) in enumerate(levels.items()):
            words = f"{name}: {level}{'}' if n == len(levels) - 1 else ', '}"
            if len(line) + len(words) > _WIDTH:
                lines.append(line.rstrip())
                line = f"{indent}    "
            line += words
        lines.append(line)
    return lines


def _level(part: float) -> int:
    return round(part * FULL)


def _percent(part: float) -> str:
    level = _level(part)
    return next(words for digits in range(6) if _level(float(words := f"{level * 100 / FULL:.{digits}f}") / 100) == level)


def _number(value: float) -> str:
    words = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if words in ("-0", "") else words
