"""The lights themselves: from the slots on their cables to what a person in the room sees.

The slot arithmetic is done here from the modes that the patch states, and nowhere else in the simulators: coarse byte first,
8, 16 or 24 bits, turned round where the mode says so. Parameters come out in percent, or in the channel's own unit (degrees).
A fixture without a dimmer is as bright as its brightest emitter. Heads take their time: pan and tilt move no faster than
the fixture's type can, from the instant at which they were told to.

Every name resolves once, to a ``Reader``: a weighted mean over slots of a few ports, so that a group is read as fast as
one lamp.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.show.fixtures import EMITTERS, FILTERS, Channel, Fixture, FixtureType
from showctl.show.instants import SECOND, Instant
from showctl.show.patch import Head
from showctl.show.show import Show
from simulators.dmx_port import Port, Slots
from simulators.pixel_walls import LOOKS, WallLook, Walls

_WEIGHTS: Final = {0: (0, 0, 0), 1: (1, 0, 0), 2: (256, 1, 0), 3: (65536, 256, 1)}
_DEFAULT_TYPE: Final = FixtureType("", ())


class Motion:
    """The moving heads on one port: where they point now, where they were told to point, how fast they turn."""

    def __init__(self, axes: list[tuple[Fixture, Channel]], types: Mapping[str, FixtureType]) -> None:
        self._index = np.array([_places(fixture, channel) for fixture, channel in axes])
        self._weights = np.array([_WEIGHTS[len(channel.slots)] for _, channel in axes], np.int64)
        low, high = (np.array([_range(channel)[n] for _, channel in axes]) for n in (0, 1))
        turned = np.array([channel.inverted for _, channel in axes])
        self._zero = np.where(turned, high, low)
        self._per_step = np.where(turned, low - high, high - low) / (256.0 ** np.array([len(c.slots) for _, c in axes]) - 1)
        self._speed = np.array([_speed(fixture, channel, types) for fixture, channel in axes]) / SECOND
        self._full_speed = self._speed.copy()
        home = np.array(
            [low_ + (high_ - low_) * channel.default / 65535 for (_, channel), low_, high_ in zip(axes, low, high, strict=True)]
        )
        self._at, self._target, self._since = home.copy(), home, 0
        self._bytes = b""
        self._flat = np.unique(self._index)

    def steer(self, slots: Slots, now: Instant) -> None:
        """New orders, if ``slots`` hold any."""
        told = slots[self._flat].tobytes()
        if told == self._bytes:
            return
        self._bytes = told
        self._at, self._since = self.pointing(now), now
        self._target = self._zero + (slots[self._index] * self._weights).sum(axis=1) * self._per_step

    def hold(self, axis: int, stuck: bool, now: Instant) -> None:
        """Stops one axis where it is now, or lets it go on to where it was told to."""
        self._at, self._since = self.pointing(now), now
        self._speed[axis] = 0.0 if stuck else self._full_speed[axis]

    def pointing(self, now: Instant) -> NDArray[np.float64]:
        """Every axis at ``now``, in degrees."""
        reach = self._speed * max(now - self._since, 0)
        at: NDArray[np.float64] = self._at + np.clip(self._target - self._at, -reach, reach)
        return at


@dataclass(frozen=True)
class _Part:
    """Some heads of one port: a slots matrix (head, emitter, byte), and how each emitter counts."""

    port: Port
    index: NDArray[np.int64]
    weights: NDArray[np.float64]
    turned: NDArray[np.bool_]
    low: NDArray[np.float64]
    span: NDArray[np.float64]
    share: NDArray[np.float64]

    def value(self, now: Instant) -> float:
        fractions = (self.port.slots(now)[self.index] * self.weights).sum(axis=2)
        fractions = np.where(self.turned, 1.0 - fractions, fractions)
        return float(((self.low + self.span * fractions.max(axis=1)) * self.share).sum())


@dataclass(frozen=True)
class _Pointing:
    """One axis of a moving head."""

    port: Port
    motion: Motion
    axis: int
    share: float

    def value(self, now: Instant) -> float:
        self.port.slots(now)  # what was lost until now has told the motion so
        return float(self.motion.pointing(now)[self.axis]) * self.share


@dataclass(frozen=True)
class Reader:
    """A parameter of a fixture, or its mean over a group. ``unit`` is percent or degrees."""

    parts: tuple[_Part | _Pointing | WallLook, ...]
    percent: bool = True

    def __call__(self, now: Instant) -> float:
        return round(sum(part.value(now) for part in self.parts), 6)


@dataclass
class _Term:
    """One head of one reader, before heads are gathered by port."""

    fixture: Fixture
    channels: tuple[Channel, ...]
    share: float
    virtual: bool = False
    """A dimmer that is not there: as bright as the brightest of ``channels``."""


class Lights:
    """Every fixture of a show, read from the ports that carry its universes."""

    def __init__(self, show: Show, port_of: Callable[[str], Port | None]) -> None:
        self._show = show
        self._ports = {universe.key: port_of(universe.key) for universe in show.patch.universes}
        self._motions: dict[str, Motion] = {}
        self._axis: dict[tuple[int, int, str], tuple[str, int]] = {}
        self._readers: dict[str, Reader] = {}
        self.worn: dict[int, float] = {}
        """Fixtures that give less light than they are told to, and what share of it."""
        self._hang_motors()
        self.walls = Walls(show, port_of)
        self._terms: dict[str, list[_Term]] = {}
        for fixture in show.patch.fixtures:
            for name in _names(fixture):
                self._terms[f"{fixture.name}.{name}"] = _of_fixture(fixture, name, 1.0)
        for group, heads in show.groups.items():
            for name in dict.fromkeys(name for head in heads for name in _names(show.patch.fixtures[head.fixture])):
                if terms := self._of_heads(heads, name):
                    self._terms[f"{group}.{name}"] = terms

    def names(self) -> Iterable[str]:
        """Every ``fixture.parameter`` and ``group.parameter``."""
        return (self._terms | self.walls.looks).keys()

    def look(self, name: str, now: Instant) -> float:
        """The parameter in percent or degrees. KeyError where there is none of that name."""
        return self.reader(name)(now)

    def reader(self, name: str) -> Reader:
        """``name`` resolved."""
        if name not in self._readers:
            wall = self.walls.looks.get(name)
            self._readers[name] = self._reader(self._terms[name]) if wall is None else Reader((wall,))
        return self._readers[name]

    def axis(self, fixture: Fixture, name: str) -> tuple[Motion, int] | None:
        """Pan or tilt of a fixture: whose motion it is, and which axis of it. None where it has none."""
        found = self._axis.get((fixture.index, -1, name)) or self._axis.get((fixture.index, 0, name))
        return None if found is None else (self._motions[found[0]], found[1])

    def wear(self, fixture: Fixture, share: float) -> None:
        """From now on the lamp gives that share of the light that it is told to: 0 for a dead one."""
        self.worn[fixture.index] = share
        self._readers.clear()

    def hold(self, fixture: Fixture, stuck: bool, now: Instant) -> None:
        """A head that is stuck turns no more; one that is not, from where it is."""
        for name in ("pan", "tilt"):
            if (found := self.axis(fixture, name)) is not None:
                found[0].hold(found[1], stuck, now)

    def state(self, now: Instant) -> dict[str, dict[str, float]]:
        """Every fixture's parameters: percentages as 0..1, degrees as they are."""
        found: dict[str, dict[str, float]] = {}
        for fixture in self._show.patch.fixtures:
            names = LOOKS if fixture.name in self.walls.walls else _names(fixture)
            found[fixture.name] = {name: self._plain(f"{fixture.name}.{name}", now) for name in names}
        return found

    def _plain(self, name: str, now: Instant) -> float:
        reader = self.reader(name)
        return round(reader(now) / 100, 6) if reader.percent else reader(now)

    def _hang_motors(self) -> None:
        axes: dict[str, list[tuple[Fixture, Channel]]] = {}
        for fixture in self._show.patch.fixtures:
            for channel in fixture.mode.channels:
                if channel.parameter in ("pan", "tilt") and channel.slots and self._ports.get(fixture.universe):
                    rows = axes.setdefault(fixture.universe, [])
                    self._axis[fixture.index, channel.cell, channel.parameter] = (fixture.universe, len(rows))
                    rows.append((fixture, channel))
        for key, rows in axes.items():
            motion = self._motions[key] = Motion(rows, self._show.fixture_types)
            port = self._ports[key]
            assert port is not None
            port.on_output = motion.steer

    def _of_heads(self, heads: tuple[Head, ...], name: str) -> list[_Term]:
        found: list[list[_Term]] = []
        for head in heads:
            fixture = self._show.patch.fixtures[head.fixture]
            if head.cell < 0:
                terms = _of_fixture(fixture, name, 1.0) if name in _names(fixture) else []
            else:
                terms = _of_cell(fixture, head.cell, name, 1.0) or _of_cell(fixture, -1, name, 1.0)
            if terms:
                found.append(terms)
        for terms in found:
            for term in terms:
                term.share /= len(found)
        return [term for terms in found for term in terms]

    def _reader(self, terms: list[_Term]) -> Reader:
        parts: list[_Part | _Pointing] = []
        still: dict[str, list[_Term]] = {}
        for term in terms:
            if term.virtual or term.channels[0].parameter == "intensity":
                term = replace(term, share=term.share * self.worn.get(term.fixture.index, 1.0))
            axis = self._axis.get((term.fixture.index, term.channels[0].cell, term.channels[0].parameter))
            port = self._ports.get(term.fixture.universe)
            if axis is not None and port is not None:
                parts.append(_Pointing(port, self._motions[axis[0]], axis[1], term.share))
            elif port is not None:
                still.setdefault(term.fixture.universe, []).append(term)
        for key, group in still.items():
            port = self._ports[key]
            assert port is not None
            parts.append(_gather(port, group))
        return Reader(tuple(parts), all(term.virtual or term.channels[0].low is None for term in terms))


def _names(fixture: Fixture) -> tuple[str, ...]:
    return tuple(dict.fromkeys(channel.parameter for channel in fixture.mode.channels))


def _of_fixture(fixture: Fixture, name: str, share: float) -> list[_Term]:
    """The whole fixture's parameter, or the mean over its cells."""
    cells = sorted({channel.cell for channel in fixture.mode.channels if channel.parameter == name})
    if -1 in cells:
        return _of_cell(fixture, -1, name, share)
    return [term for cell in cells for term in _of_cell(fixture, cell, name, share / len(cells))]


def _of_cell(fixture: Fixture, cell: int, name: str, share: float) -> list[_Term]:
    for channel in fixture.mode.channels:
        if channel.parameter == name and channel.cell == cell:
            if channel.slots:
                return [_Term(fixture, (channel,), share)]
            lit = _emitters(fixture, cell) or (_emitters(fixture, None) if cell == -1 else ())
            return [_Term(fixture, lit, share, virtual=True)] if lit else []
    return []


def _emitters(fixture: Fixture, cell: int | None) -> tuple[Channel, ...]:
    """What a virtual dimmer dims: the emitters of the cell (None: of all cells), or else its colour filters."""
    here = [channel for channel in fixture.mode.channels if channel.slots and cell in (None, channel.cell)]
    return tuple(channel for channel in here if channel.parameter in EMITTERS) or tuple(
        channel for channel in here if channel.parameter in FILTERS
    )


def _gather(port: Port, terms: list[_Term]) -> _Part:
    widest = max(len(term.channels) for term in terms)
    # A head with fewer emitters than the widest repeats its first: the brightest stays the same.
    rows = [[*term.channels, *[term.channels[0]] * (widest - len(term.channels))] for term in terms]
    ranges = [(0.0, 100.0) if term.virtual else _range(term.channels[0]) for term in terms]
    # A colour filter is brightest when it is out.
    turned = [
        [channel.inverted != (term.virtual and channel.parameter in FILTERS) for channel in row]
        for term, row in zip(terms, rows, strict=True)
    ]
    return _Part(
        port,
        np.array([[_places(term.fixture, channel) for channel in row] for term, row in zip(terms, rows, strict=True)]),
        np.array(
            [[[w / (256.0 ** len(channel.slots) - 1) for w in _WEIGHTS[len(channel.slots)]] for channel in row] for row in rows]
        ),
        np.array(turned),
        np.array([low for low, _ in ranges]),
        np.array([high - low for low, high in ranges]),
        np.array([term.share for term in terms]),
    )


def _places(fixture: Fixture, channel: Channel) -> list[int]:
    """Three indices into the universe's slots; those of bytes that the channel lacks count nothing."""
    places = [fixture.address - 1 + slot for slot in channel.slots]
    return (places + [places[0]] * 3)[:3]


def _range(channel: Channel) -> tuple[float, float]:
    return (0.0 if channel.low is None else channel.low, 100.0 if channel.high is None else channel.high)


def _speed(fixture: Fixture, channel: Channel, types: Mapping[str, FixtureType]) -> float:
    type_ = types.get(fixture.type, _DEFAULT_TYPE)
    return type_.pan_speed if channel.parameter == "pan" else type_.tilt_speed
