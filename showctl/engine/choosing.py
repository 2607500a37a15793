"""Which lights a technician's few words mean: names, numbers, runs, groups, nodes, universes, slots.

    tuyere_1 · tuyeres · 1 thru 12 · tuyere_1 thru 4, wash_2 · tuyeres odd · every 3 · zone, type or node by name
    sacn/1 (what listens there, by slot) · sacn/1.9 thru 24 (slots) · tuyere_1.red · all · tuyeres without tuyere_3

A number is a light's place in the patch, counted from 1: what ``showctl patch`` and the labels print. What the words of a show
folder mean is ``showfile/selections.py``; this is what one types with one hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from showctl.engine.words import Unknown, unknown
from showctl.show.patch import Parameter, Universe
from showctl.show.show import Show

_SPLIT: Final = re.compile(r",|\+|\band\b")
_WITHOUT: Final = re.compile(r"\bwithout\b|\s-\s")
_SLOT: Final = re.compile(r"([a-z]+/[^.\s]+)\.(\d{1,3})")
_NUMBERED: Final = re.compile(r"(.*?)(\d+)")


@dataclass(frozen=True, slots=True)
class Chosen:
    """One light, and which of its parameters were named (none: the light itself)."""

    fixture: int
    parameters: tuple[int, ...] = ()


def choose(show: Show, words: str) -> tuple[Chosen, ...]:
    """What ``words`` mean, in the order in which they say it. ``Unknown``, with the way out, for anything else."""
    kept, *less = _WITHOUT.split(words)
    found = _several(show, kept)
    gone = {item.fixture for part in less for item in _several(show, part)}
    found = tuple(item for item in found if item.fixture not in gone)
    if not found:
        raise Unknown(f"{words.strip()} leaves no light over")
    return found


def parameters_of(show: Show, chosen: Iterable[Chosen]) -> tuple[int, ...]:
    """The parameters that were named; of a light that was named as a whole, its intensity (every one, where it has none)."""
    found: list[int] = []
    for item in chosen:
        own = show.patch.parameters_of[item.fixture]
        found += item.parameters or [p.index for p in own if p.name == "intensity"] or [p.index for p in own]
    return tuple(dict.fromkeys(found))


def _several(show: Show, words: str) -> tuple[Chosen, ...]:
    if not words.strip():
        raise Unknown("say which light: a name, a group, a number, sacn/1, sacn/1.9, or all")
    return tuple(dict.fromkeys(item for part in _SPLIT.split(words) for item in _term(show, part.split())))


def _term(show: Show, words: list[str]) -> tuple[Chosen, ...]:
    if not words:
        raise Unknown("a comma has a light before and after it")
    if len(words) >= 3 and words[1] == "thru":
        found, rest = _run(show, words[0], words[2]), words[3:]
    else:
        found, rest = _one(show, words[0]), words[1:]
    while rest:
        word, rest = rest[0], rest[1:]
        match word:
            case "odd":
                found = found[::2]
            case "even":
                found = found[1::2]
            case "reverse":
                found = found[::-1]
            case "every" | "first" | "last" if rest and rest[0].isdigit() and 1 <= int(rest[0]) <= 10_000:
                count, rest = int(rest[0]), rest[1:]
                found = found[::count] if word == "every" else found[:count] if word == "first" else found[-count:]
            case _:
                raise Unknown(f"{word} is no word for lights: odd, even, every 3, first 3, last 3, reverse, thru, without")
    return found


def _run(show: Show, first: str, last: str) -> tuple[Chosen, ...]:
    slots = _SLOT.fullmatch(first)
    if slots:
        slot = last.removeprefix(f"{slots[1]}.")
        if not slot.isdigit() or int(slot) < int(slots[2]):
            raise Unknown(f"{first} thru {last} is no run of slots: {slots[1]}.1 thru 24")
        return _at_slots(show, slots[1], int(slots[2]), int(slot))
    begin, end = _number(show, first), _number(show, last)
    if begin is not None and end is not None:
        step = 1 if begin <= end else -1
        return tuple(Chosen(n) for n in range(begin, end + step, step))
    match = _NUMBERED.fullmatch(first)
    if match is None or not (digits := last.removeprefix(match[1])).isdigit() or not int(match[2]) <= int(digits) < 100_000:
        raise Unknown(f"{first} thru {last} is no run: tuyere_1 thru 24, or 1 thru 24")
    names = (f"{match[1]}{n:0{len(match[2])}}" for n in range(int(match[2]), int(digits) + 1))
    return tuple(item for name in names for item in _one(show, name))


def _number(show: Show, word: str) -> int | None:
    if not word.isdigit():
        return None
    count = len(show.patch.fixtures)
    if not 1 <= int(word) <= count:
        raise Unknown(f"there is no light {word}: they are counted 1 to {count} (`showctl patch`)")
    return int(word) - 1


def _one(show: Show, word: str) -> tuple[Chosen, ...]:
    patch = show.patch
    if (number := _number(show, word)) is not None:
        return (Chosen(number),)
    if word in patch.fixture_named:
        return (Chosen(patch.fixture_named[word].index),)
    if word in show.groups:
        return tuple(dict.fromkeys(_head(show, head.fixture, head.cell) for head in show.groups[word]))
    if word == "all":
        return tuple(Chosen(fixture.index) for fixture in patch.fixtures)
    if word in patch.universe_keyed:
        return _on(show, [patch.universe_keyed[word]])
    if slots := _SLOT.fullmatch(word):
        return _at_slots(show, slots[1], int(slots[2]), int(slots[2]))
    for node in patch.nodes:
        if node.name == word:
            return _on(show, [patch.universe_keyed[key] for key in node.universes if key in patch.universe_keyed])
    same = tuple(Chosen(fixture.index) for fixture in patch.fixtures if word in (fixture.type, fixture.zone))
    if same:
        return same
    name, dot, parameter = word.partition(".")
    if dot and (name in patch.fixture_named or name in show.groups or name.isdigit()):
        return tuple(_named(show, item, parameter) for item in _one(show, name))
    known = [*patch.fixture_named, *show.groups, *patch.universe_keyed, *(node.name for node in patch.nodes)]
    raise unknown("light, group, node or universe", word, known)


def _head(show: Show, fixture: int, cell: int) -> Chosen:
    if cell < 0:
        return Chosen(fixture)
    return Chosen(fixture, tuple(p.index for p in show.patch.parameters_of[fixture] if p.cell == cell))


def _named(show: Show, item: Chosen, word: str) -> Chosen:
    """``red`` (of every cell), ``3`` (a cell), ``3.red``."""
    cell, dot, name = word.partition(".")
    own = show.patch.parameters_of[item.fixture]

    def means(p: Parameter) -> bool:
        if not cell.isdigit():
            return p.name == word
        return p.cell == int(cell) - 1 and (not dot or p.name == name)

    found = tuple(p.index for p in own if means(p))
    if not found:
        there = ", ".join(dict.fromkeys(p.name for p in own))
        raise Unknown(f"{show.patch.fixtures[item.fixture].name} has no {word}; it has {there}")
    return Chosen(item.fixture, found)


def _on(show: Show, universes: list[Universe]) -> tuple[Chosen, ...]:
    keys = [universe.key for universe in universes]
    there = [fixture for fixture in show.patch.fixtures if fixture.universe in keys]
    return tuple(Chosen(f.index) for f in sorted(there, key=lambda f: (keys.index(f.universe), f.address)))


def _at_slots(show: Show, key: str, first: int, last: int) -> tuple[Chosen, ...]:
    """What listens to slots ``first`` to ``last`` of a universe; slots that nobody listens to are passed over."""
    if key not in show.patch.universe_keyed:
        raise unknown("universe", key, show.patch.universe_keyed)
    if not 1 <= first <= last <= 512:
        raise Unknown(f"{key} has slots 1 to 512")
    found: list[tuple[int, Chosen]] = []
    for fixture in show.patch.fixtures:
        if fixture.universe == key and fixture.address <= last and first < fixture.address + fixture.mode.footprint:
            for p in show.patch.parameters_of[fixture.index]:
                slots = [fixture.address + offset for offset in p.channel.slots]
                if any(first <= slot <= last for slot in slots):
                    found.append((min(slots), Chosen(fixture.index, (p.index,))))
    if not found:
        run = f" thru {last}" if last > first else ""
        raise Unknown(f"nothing listens to {key}.{first}{run} (`showctl patch --free`)")
    return tuple(item for _, item in sorted(found, key=lambda pair: pair[0]))
