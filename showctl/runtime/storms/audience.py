"""An audience by its seed: how many come, what each of them is like, and what they do when, as lines of a script.

Seeds that are ten apart (of a hundred) are a family: the same people, who do the same until one after another thinks of something
else. What two of them have in common is played once (``family.py``), so that ten times as many cost four times as much; and ten
seeds in a row are ten audiences that have nothing in common.

Seven kinds of people: who walk, linger, wave, ignore everything, crowd after one another, run, and press whatever can be pressed.
They also do to the room what people do: step on mats, cross beams, vote by phone. Nobody breaks a machine here, and nobody
touches what permits a hazard: faults are for sweeps. The same seed and show make the same lines.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from showctl.show.devices import Device
from showctl.show.expressions import ValueType
from showctl.show.instants import SECOND, Duration, Instant, seconds
from showctl.show.rehearsals import Step
from showctl.show.show import Show
from showctl.show.triggers import InputSource

KINDS: Final = ("walks", "lingers", "waves", "ignores", "crowds", "runs", "presses")
ARRIVAL: Final = seconds(1.2)
"""The longest time between one guest's coming in and the next one's (``simulators/guests.py``)."""
LARGEST: Final = 40
MOST_LINES: Final = 300
"""In a whole show: one in three seconds keeps a room busy, and can still be read."""
COUNTS: Final = (*range(31), 35, LARGEST)
"""How many may come: families have each of these in turn."""
APART: Final = 10
MEMBERS: Final = 10
"""How far the seeds of a family are apart, and how many there are."""
LEAST_LEFT: Final = 0.02
MOST_LEFT: Final = 0.75
"""The share of the show that is left when one of a family goes ways of his own; seldom most of it."""

_Line: TypeAlias = tuple[Instant, str, str]
"""(instant, verb, words)"""


@dataclass(frozen=True)
class People:
    """Who came: how many of each kind, and what they do."""

    guests: int
    kinds: tuple[str, ...]
    steps: tuple[Step, ...]
    elder: int
    """The audience that they do the same as, until ``parts``; a founder's own seed."""
    parts: Instant
    """From when on they do something else; 0 for founders."""
    seed: int

    @property
    def words(self) -> str:
        counted = {kind: self.kinds.count(kind) for kind in KINDS if kind in self.kinds}
        return ", ".join(f"{count} {kind if count == 1 else kind.removesuffix('s')}" for kind, count in counted.items())


@dataclass(frozen=True)
class Room:
    """What of a show people can do something with."""

    zones: tuple[str, ...]
    buttons: tuple[str, ...]
    counters: tuple[tuple[str, str], ...]
    """(device, field) of numbers that only grow: votes."""
    switches: tuple[tuple[str, str], ...]
    """(device, field) of what is true or not: beams, mats."""


def room_of(show: Show) -> Room:
    """What people find there. Boxes that a permit listens to are locked."""
    locked = {name.partition(".")[0] for interlock in show.hazards for name in interlock.permit.names}
    open_ = [
        device for device in show.devices if device.transport == "mqtt" and device.name not in locked and not device.kind.verbs
    ]
    pressed = {item.address for item in show.inputs if item.source is InputSource.MQTT and item.counts}
    buttons = [device.name for device in open_ if f"{device.topic}/pressed" in pressed]
    return Room(
        tuple(zone.name for zone in show.zones),
        tuple(buttons),
        tuple(_fields(open_, ValueType.NUMBER)),
        tuple(_fields(open_, ValueType.TRUTH)),
    )


def _fields(devices: list[Device], kind: ValueType) -> Iterator[tuple[str, str]]:
    for device in devices:
        yield from ((device.name, item.name) for item in device.kind.fields.values() if item.type is kind)


def audience(show: Show, seed: int, length: Duration) -> People:
    """The audience of ``seed``, for a rehearsal of ``length``."""
    first = founder_of(seed)
    chance = random.Random(f"{seed}/audience")
    if seed == first:
        return _founders(show, chance, seed, length)
    elder = audience(show, chance.randrange(first, seed, APART), length)
    parts = max(_tenth(round(length * (1 - LEAST_LEFT - MOST_LEFT * chance.random() ** 2))), 1)
    while elder.parts >= parts:  # what the two have in common, they have from an elder of that one
        elder = audience(show, elder.elder, length)
    before = [step for step in elder.steps if step.at < parts]
    lines = [line for line in _lines(chance, room_of(show), elder.guests, elder.kinds, length) if line[0] >= parts]
    goes_on = list(_going_on(room_of(show), before, lines, parts))
    return People(
        elder.guests, elder.kinds, (*before, *_steps(chance, goes_on, (length - parts) / length)), elder.seed, parts, seed
    )


def founder_of(seed: int) -> int:
    """The first of its family.

    >>> [founder_of(seed) for seed in (3, 13, 93, 103, 417)]
    [3, 3, 3, 103, 407]
    """
    return seed - seed % (APART * MEMBERS) + seed % APART


def _founders(show: Show, chance: random.Random, seed: int, length: Duration) -> People:
    family = seed // (APART * MEMBERS) * APART + seed % APART
    seen = any(device.kind.name == "tracker" for device in show.devices)  # else nobody knows who is there
    guests = COUNTS[family * 14 % len(COUNTS)] if seen else 0
    kinds = tuple(chance.choices(KINDS, weights=(5, 4, 3, 3, 3, 2, 1), k=guests))
    lines = _lines(chance, room_of(show), guests, kinds, length)
    return People(guests, kinds, _steps(chance, lines), seed, 0, seed)


def _lines(chance: random.Random, room: Room, guests: int, kinds: tuple[str, ...], length: Duration) -> list[_Line]:
    """Whole lives of all of them."""
    lines: list[_Line] = []
    goals = [(chance.randrange(max(length, 1)), chance.choice(room.zones)) for _ in range(12)] if room.zones else []
    for number, kind in enumerate(kinds, 1):
        begins = number * ARRIVAL + SECOND
        lines += _life(chance, room, number, kind, begins, length, sorted(goals))
    lines += _together(chance, room, guests, length)
    return [line for line in lines if line[0] < length]


def _steps(chance: random.Random, lines: list[_Line], share: float = 1.0) -> tuple[Step, ...]:
    """``lines`` in order, of too many some; they fill that ``share`` of a show."""
    most = round(MOST_LINES * share)
    if len(lines) > most:
        lines = chance.sample(lines, most)
    return tuple(Step(at, what, words) for at, what, words in sorted(lines))


def _going_on(room: Room, before: Sequence[Step], lines: Sequence[_Line], now: Instant) -> Iterator[_Line]:
    """``lines`` as they follow on what was done: beams that somebody stood in are free again, and votes are never taken back."""
    last = {step.words.rpartition(" ")[0]: step.words.rpartition(" ")[2] for step in before if step.what == "set"}
    counted = {f"{device} {field}" for device, field in room.counters}
    for device, field in room.switches:
        if last.get(f"{device} {field}") == "no":
            yield now, "set", f"{device} {field} yes"
    for line in lines:
        name, _, value = line[2].rpartition(" ")
        if name not in counted or int(value) > int(last.get(name, "0")):
            yield line


def _life(
    chance: random.Random,
    room: Room,
    number: int,
    kind: str,
    begins: Instant,
    length: Duration,
    goals: list[tuple[Instant, str]],
) -> Iterator[_Line]:
    """What one guest does. Lines are to a tenth of a second: a person reads them."""
    me = f"guest {number}"
    now = begins
    if kind == "runs":
        yield _tenth(now), "guests", f"{me} runs"
    while now < length:
        now += round(chance.expovariate(1.0) * _PACE[kind] * SECOND) + SECOND
        at = _tenth(now)
        match kind:
            case "walks" | "runs" if room.zones:
                yield at, "guests", f"{me} to {chance.choice(room.zones)}"
            case "lingers":
                yield at, "guests", f"{me} {chance.choice(('stands', 'stands', 'wanders'))}"
            case "waves":
                yield at, "guests", f"{me} raises hand for {chance.randint(1, 9)}s"
            case "crowds" if goals:
                at, zone = next(((moment, zone) for moment, zone in goals if moment >= now), (length, ""))
                now = at + 1
                yield _tenth(at), "guests", f"{me} to {zone}"
            case "presses" if room.buttons:
                for press in range(chance.randint(1, 4)):
                    yield at + press * 3 * SECOND // 10, "press", chance.choice(room.buttons)
            case _:
                return


_PACE: Final = {"walks": 25, "lingers": 40, "waves": 20, "ignores": 1, "crowds": 30, "runs": 8, "presses": 15}
"""Seconds between one thing and the next, on the average."""


def _together(chance: random.Random, room: Room, guests: int, length: Duration) -> Iterator[_Line]:
    """What happens to all of them, and what they do to the room."""

    def moment() -> Instant:
        return _tenth(chance.randrange(max(length, 1)))

    if guests and chance.random() < 0.5:
        for _ in range(chance.randint(1, 8)):
            share = chance.choice((20, 50, 80, 100))
            yield moment(), "guests", f"{chance.choice(('raise hands', 'wave'))} {share}% for {chance.randint(2, 20)}s"
    if guests and chance.random() < 0.5 and room.zones:
        for _ in range(chance.randint(1, 4)):
            yield moment(), "guests", f"{chance.choice((30, 60, 100))}% to {chance.choice(room.zones)}"
    for device, field in room.counters:
        count = 0
        for at in sorted(moment() for _ in range(chance.choice((0, 1, chance.randint(2, 12))))):
            count += chance.randint(1, 3)
            yield at, "set", f"{device} {field} {min(count, guests + 5)}"
    for device, field in room.switches:
        for _ in range(chance.choice((0, 0, 1, 4))):
            at = moment()
            yield at, "set", f"{device} {field} no"
            yield at + chance.randint(1, 40) * SECOND // 10, "set", f"{device} {field} yes"
    for button in room.buttons:
        if chance.random() < 0.5:
            yield moment(), "press", button
    if guests and chance.random() < 0.5:
        yield _tenth(length - chance.randrange(max(length // 8, 1))), "guests", "leave"


def _tenth(now: Instant) -> Instant:
    return now - now % (SECOND // 10)
