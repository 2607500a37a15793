"""QLC+ fixture definitions (.qxf): channels by group and preset, modes by number, heads as cells.

Older definitions say what is the fine half of what by ``Byte="1"``, newer ones by a preset that ends in Fine; neither says whose.
A fine channel belongs to the coarse one of its kind in the same mode whose name is most like its own. Both stand
at many channels by mistake: one whose name does not say so too is a fine half only of what has its name, or its preset, right
before.

The group Intensity holds whatever QLC+ is to turn down with its grand master: strobes, dimmer curves, programs. Brought up
with the light they would flash, so only what its name has for a dimmer is one here (``qxf_words.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain
from typing import Final
from xml.etree.ElementTree import Element

from showctl.library.importers.found import (
    MOST_SLOTS,
    Found,
    FoundChannel,
    FoundMode,
    FoundType,
    Refused,
    checked,
    complete,
    identifier,
    named,
)
from showctl.library.importers.parameters import lamps, of_qxf_preset
from showctl.library.importers.qxf_words import bare, kind_of_white, of_words, says_fine
from showctl.library.importers.several import in_cells, over_the_others

MOST_MODES: Final = 256
MOST_RIVALS: Final = 16
"""Channels that a fine one is compared with: the nearest."""
_LIKE: Final = 0.6
"""How like the name of the channel before it a fine one's is, at least."""
_SMOKE: Final = ("Smoke", "Hazer")
_OPEN: Final = ("ShutterOpen", "LampOn")


@dataclass(frozen=True)
class _Described:
    """A channel as described: what it is, and which half."""

    name: str
    parameter: str
    fine: bool
    element: Element
    sure: bool
    """Whether its name, too, says that it is a fine half."""


def read_qxf(root: Element, file: str, only: tuple[str, ...] = ()) -> Found:
    """The fixture of one definition; of its modes ``only`` those, where some are named."""
    if _tag(root) != "FixtureDefinition":
        raise Refused(file, f"is XML, but no QLC+ fixture definition: it begins with {_tag(root)[:40]}")
    maker, model = _text(root, "Manufacturer"), _text(root, "Model")
    if not model:
        raise Refused(file, "has no Model")
    label = f"{maker} {model}".strip()
    kind = FoundType(identifier(label), label, [])
    smoke = _text(root, "Type") in _SMOKE
    kind.hazard = "interlocked" if smoke else ""
    described: dict[str, _Described] = {}
    for element in _children(root, "Channel"):
        name = _one_line(element.get("Name"))
        if name in described:  # the first is the one that QLC+ finds
            kind.note(f"the channel {name} is described twice: the first counts")
        else:
            described[name] = _described(element, name, smoke)
    modes = list(_children(root, "Mode"))
    if not modes:
        raise Refused(file, "has no modes")
    if len(modes) > MOST_MODES:
        raise Refused(file, f"has {len(modes)} modes, and {MOST_MODES} are the most")
    for mode in modes:
        if not only or (mode.get("Name") or "default") in only:
            kind.modes.append(_mode(file, kind, root, mode, described))
    return Found(file, [complete(file, kind, only, [mode.get("Name", "default") for mode in modes])])


def _described(element: Element, name: str, smoke: bool) -> _Described:
    preset = element.get("Preset", "")
    group = next(_children(element, "Group"), None)
    kind = (group.text or "").strip() if group is not None else ""
    parameter, fine = of_qxf_preset(preset)
    if not preset and group is not None and group.get("Byte") == "1":
        fine = True
    if not parameter:
        parameter = of_words(name, kind, _text(element, "Colour").lower(), sum(1 for _ in _children(element, "Capability")))
    if parameter == "white":
        parameter = kind_of_white(name)
    if smoke and parameter == "intensity":
        parameter = "fog"
    return _Described(name, parameter, fine, element, says_fine(name))


# --- modes ---------------------------------------------------------------------------------------------------------------


def _mode(file: str, kind: FoundType, root: Element, mode: Element, described: dict[str, _Described]) -> FoundMode:
    name = mode.get("Name") or "default"
    by_number: dict[int, _Described] = {}
    for element in _children(mode, "Channel"):
        words, number = _one_line(element.text), _whole(element.get("Number"))
        if number is None or not 0 <= number < MOST_SLOTS:
            raise Refused(file, f"mode {name}: {words} stands at {element.get('Number')}, and a fixture has slots 0 to 511")
        if number in by_number:
            raise Refused(file, f"mode {name}: {by_number[number].name} and {words} both stand at {number}")
        if words not in described:
            raise Refused(file, f"mode {name} has a channel {words}, which is described nowhere")
        by_number[number] = described[words]
    if not by_number:
        raise Refused(file, f"mode {name} has no channels")
    heads = _heads(file, mode, name)
    if max(by_number) + 1 != len(by_number):
        kind.note(f"mode {name} leaves slots out: they stay at 0")
    physical = next(chain(_children(mode, "Physical"), _children(root, "Physical")), None)
    cell_of = {number: cell for cell, head in enumerate(heads) for number in head} if len(heads) > 1 else {}
    fines = _whose(by_number, cell_of)
    channels = []
    for number, item in sorted(by_number.items()):
        if number in fines.values():
            continue
        found = FoundChannel(item.parameter, (number,), cell_of.get(number, -1))
        if number in fines:
            found.slots = (number, fines[number])
        if item.fine and item.sure:
            found.parameter = f"{found.parameter}_fine"
            kind.note(f"mode {name}: nothing says whose fine part {item.name} is: a channel of its own")
        _meaning(found, item.element)
        _range(found, physical)
        channels.append(found)
    over = over_the_others([(by_number[channel.slots[0]].name, channel) for channel in channels])
    names = lamps({channel.parameter for channel in channels})
    for channel in channels:
        channel.parameter = names.get(channel.parameter, channel.parameter)
    made, cells = in_cells(kind, name, channels, len(heads) if len(heads) > 1 else 1, over)
    return checked(file, FoundMode(name, max(by_number) + 1, made, cells))


def _heads(file: str, mode: Element, name: str) -> list[list[int]]:
    found = []
    seen: set[int] = set()
    for head in _children(mode, "Head"):
        numbers = [_whole((item.text or "").strip()) for item in _children(head, "Channel")]
        if any(number is None for number in numbers):
            raise Refused(file, f"mode {name} has a head with a channel that is no number")
        found.append([number for number in numbers if number is not None and number not in seen])
        seen.update(number for number in numbers if number is not None)
    return [head for head in found if head]


def _whose(by_number: dict[int, _Described], cell_of: dict[int, int]) -> dict[int, int]:
    """Coarse number -> the number of its fine half."""
    found: dict[int, int] = {}
    coarse = {number for number, item in by_number.items() if not item.fine}
    for number, item in sorted(by_number.items()):
        if not item.fine:
            continue
        free = (other for other in coarse if other not in found and cell_of.get(other, -1) == cell_of.get(number, -1))
        rivals = sorted(
            (other for other in free if _may_be_one(by_number[other], item, number - other)),
            key=lambda other: abs(other - number),
        )[:MOST_RIVALS]
        if rivals:
            likeness = {other: _likeness(by_number[other], item) for other in rivals}
            found[max(rivals, key=lambda other: (likeness[other], -abs(other - number)))] = number
        elif not item.sure:
            coarse.add(number)
    return found


def _may_be_one(coarse: _Described, fine: _Described, behind: int) -> bool:
    """Whether both may be halves of one; ``behind``: how many slots the fine one comes after the other."""
    same = coarse.parameter == fine.parameter
    if bare(coarse.name) == bare(fine.name):
        return True
    if not fine.sure:
        return same and behind == 1 and fine.element.get("Preset", "") == f"{coarse.element.get('Preset')}Fine"
    return same or (behind == 1 and _likeness(coarse, fine) >= _LIKE)


def _likeness(one: _Described, other: _Described) -> float:
    return SequenceMatcher(None, bare(one.name), bare(other.name)).ratio()


# --- what a channel means ----------------------------------------------------------------------------------------------


def _meaning(found: FoundChannel, element: Element) -> None:
    default = _whole(element.get("Default"))
    if default is not None and 0 <= default <= 255:
        found.default = default / 255
    capabilities = list(_children(element, "Capability"))
    for item in capabilities if len(capabilities) > 1 else []:
        low, high = _whole(item.get("Min")), _whole(item.get("Max"))
        words = (item.text or "").strip()
        if low is None or high is None or not 0 <= low <= high <= 255 or not words:
            continue
        turns = re.search(r"slow|fast|to|range", words, re.I) and high - low > 15
        named(found, words[:60], (low if turns else (low + high) // 2) / 255)
        if found.parameter.startswith("shutter") and default is None and not found.default and item.get("Preset") in _OPEN:
            found.default = (low + high) // 2 / 255


def _range(found: FoundChannel, physical: Element | None) -> None:
    if physical is None or found.parameter not in ("pan", "tilt"):
        return
    focus = next(_children(physical, "Focus"), None)
    try:
        turn = float(focus.get(f"{found.parameter.title()}Max", "0")) if focus is not None else 0.0
    except ValueError:
        return
    if 0 < turn <= 7200:
        found.low, found.high, found.default = -turn / 2, turn / 2, found.default or 0.5


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(element: Element, tag: str) -> Iterator[Element]:
    return (child for child in element if _tag(child) == tag)


def _text(element: Element, tag: str) -> str:
    found = next(_children(element, tag), None)
    return _one_line(found.text) if found is not None else ""


def _one_line(words: str | None) -> str:
    return " ".join((words or "").split())


def _whole(words: str | None) -> int | None:
    return int(words) if words is not None and re.fullmatch(r"[0-9]{1,6}", words.strip()) else None
