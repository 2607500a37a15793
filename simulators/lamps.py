"""What every lamp of a show gives just now, in lumens: slots, dimmers, colours and filters multiplied out, all lamps at once.

A *lamp* is a fixture, or one cell of it. Its light is its dimmers' (linear, as the wire has it) times what its emitters give;
filters let through what they do not take; one with neither is white. A type says ``lumens``; where it does not, a lamp is taken
as usual for its kind: a head 8000, a lamp with one dimmer alone 1000, any other 2000, a cell of several 25 lumens, everything at
full. A shutter, an iris or a gobo takes nothing away here.

What it adds up to in a zone stands in ``illumination.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from showctl.show.fixtures import EMITTERS, FILTERS, Channel, Fixture, FixtureType
from showctl.show.instants import Instant
from showctl.show.show import Show
from simulators.dmx_port import Port

Levels: TypeAlias = NDArray[np.float64]

HEAD, DIMMER, PAR, CELL = 8000.0, 1000.0, 2000.0, 25.0
"""Lumens of what says nothing of its own."""
BRIGHT: Final = {
    "red": 0.21, "green": 0.72, "blue": 0.07, "white": 1.0, "amber": 0.6, "lime": 0.8, "uv": 0.01, "warm": 0.9, "cool": 1.0,
    "indigo": 0.03, "led_cyan": 0.79, "led_magenta": 0.28, "led_yellow": 0.93,
}  # fmt: skip
"""How the emitters of a lamp share its lumens, unless its type says what they are (sRGB's weights, and sums of them)."""
TINT: Final = {
    "red": (1.0, 0.0, 0.0), "green": (0.0, 1.0, 0.0), "blue": (0.0, 0.0, 1.0), "white": (1.0, 1.0, 1.0),
    "amber": (1.0, 0.6, 0.0), "lime": (0.6, 1.0, 0.0), "uv": (0.1, 0.0, 0.2), "warm": (1.0, 0.8, 0.55),
    "cool": (0.85, 0.95, 1.0), "indigo": (0.2, 0.0, 0.6), "led_cyan": (0.0, 1.0, 1.0), "led_magenta": (1.0, 0.0, 1.0),
    "led_yellow": (1.0, 1.0, 0.0),
}  # fmt: skip
"""Red, green and blue that an emitter has in it, for the colour of a room's light."""
_WEIGHTS: Final = {0: (0, 0, 0), 1: (1, 0, 0), 2: (256, 1, 0), 3: (65536, 256, 1)}
_DEFAULT: Final = FixtureType("", ())


class Column:
    """One channel of each of many lamps: where its bytes lie, what each byte counts, and whether it is turned round.

    Most have one byte: the second and third are read only where there are any.
    """

    def __init__(self, places: Sequence[tuple[list[int], NDArray[np.float64], bool]]) -> None:
        at = np.array([row[0] for row in places], np.intp).reshape(-1, 3)
        weigh = np.array([row[1] for row in places]).reshape(-1, 3)
        turned = np.array([row[2] for row in places], np.bool_)
        weigh = np.where(turned[:, None], -weigh, weigh)
        self._at, self._weigh = at[:, 0].copy(), weigh[:, 0].copy()
        self._rest = turned.astype(np.float64) if turned.any() else None
        fine = [(np.flatnonzero(weigh[:, n]), n) for n in (1, 2)]
        self._fine = [(which, at[which, n], weigh[which, n]) for which, n in fine if len(which)]

    def read(self, raw: NDArray[np.uint8]) -> Levels:
        """0 to 1 for each."""
        found: Levels = raw[self._at] * self._weigh
        for which, at, weigh in self._fine:
            found[which] += raw[at] * weigh
        return found if self._rest is None else found + self._rest


class Lamps:
    """Every lamp of the show. ``fixture_of`` tells whose each is; ``light`` is (lamp, [lumens, red, green, blue])."""

    def __init__(self, show: Show, port_of: Callable[[str], Port | None]) -> None:
        universes = [universe.key for universe in show.patch.universes]
        self._ports = [port_of(key) for key in universes]
        self._row = {key: n for n, key in enumerate(universes)}
        self._full = 512 * len(universes)
        """The place of a slot that is always at full; the one behind it is always at 0."""
        self._raw = np.zeros(self._full + 2, np.uint8)
        self._raw[self._full] = 255
        self._last: bytes | None = None
        self.fixture_of: list[Fixture] = []
        self._rows: list[tuple[list[int], NDArray[np.float64], bool, NDArray[np.float64]]] = []
        """Every emitter: where its bytes lie, what each counts, turned round, and what it gives at full."""
        self._first: list[int] = []
        self._dims: list[list[Channel | None]] = []
        self._filters: list[list[Channel | None]] = []
        walls = {wall.fixture for wall in show.patch.walls}
        for fixture in show.patch.fixtures:
            if fixture.index not in walls:
                self._hang(fixture, show.fixture_types.get(fixture.type, _DEFAULT))
        self._columns()
        self.light: Levels = np.zeros((len(self.fixture_of), 4))
        self._worn: Levels = np.ones(len(self.fixture_of))

    def wear(self, worn: Mapping[int, float]) -> None:
        """The share of their light that fixtures still give, by their number."""
        self._worn = np.array([worn.get(fixture.index, 1.0) for fixture in self.fixture_of])
        self._last = None

    def read(self, now: Instant) -> bool:
        """Works out ``light`` at ``now``. False: no slot has changed since the last time."""
        for n, port in enumerate(self._ports):
            if port is not None:
                self._raw[512 * n : 512 * n + 512] = port.slots(now)
        told = self._raw.tobytes()
        if told == self._last or not len(self.fixture_of):
            return False
        self._last = told
        light = self._given()
        for dimmer in self._dimmers:
            light *= dimmer.read(self._raw)[:, None]
        if self._some_filter is not None:
            lamps, columns = self._some_filter
            passed = np.stack([1.0 - column.read(self._raw) for column in columns], axis=1)
            light[lamps, 1:] *= passed
            light[lamps, 0] *= passed @ np.array([0.21, 0.72, 0.07])
        light *= self._worn[:, None]
        self.light = light
        return True

    def _given(self) -> Levels:
        """What the emitters of each lamp give together. Lamps with equally many of them are added up at once."""
        shares = self._emitters.read(self._raw)
        light = np.empty((len(self.fixture_of), 4))
        for lamps, emitters, coefficients in self._alike:
            light[lamps] = np.einsum("le,lec->lc", shares[emitters], coefficients)
        return light

    def shares(self, fixtures: list[Fixture | None], name: str) -> tuple[Callable[[], Levels], NDArray[np.bool_]]:
        """A parameter of each of ``fixtures``, 0 to 1 as of the last ``read``, and which of them have it."""
        channels = [
            None if fixture is None else next((c for c in fixture.mode.channels if c.slots and c.parameter == name), None)
            for fixture in fixtures
        ]
        some = np.array([channel is not None for channel in channels], np.bool_)
        if not some.any():
            return (lambda: np.zeros(len(fixtures))), some
        column = Column(
            [self._place(fixture or self.fixture_of[0], channel, 1) for fixture, channel in zip(fixtures, channels, strict=True)]
        )
        return (lambda: column.read(self._raw)), some

    # --- hanging them ---------------------------------------------------------------------------------------------------

    def _hang(self, fixture: Fixture, kind: FixtureType) -> None:
        channels = [channel for channel in fixture.mode.channels if channel.slots]
        cells = sorted({channel.cell for channel in channels if channel.cell >= 0 and _shines(channel)})
        whole = [channel for channel in channels if channel.cell == -1]
        lumens = kind.lumens if kind.lumens is not None else _usual(fixture, cells)
        dimmer = next((channel for channel in whole if channel.parameter == "intensity"), None)
        colored = [channel for channel in whole if channel.parameter in (*EMITTERS, *FILTERS)]
        if colored or (dimmer is not None and not cells):
            self._lamp(fixture, kind, whole, (dimmer, None), lumens / (2 if cells and colored else 1))
        for cell in cells:
            own = [channel for channel in channels if channel.cell == cell]
            dims = next((channel for channel in own if channel.parameter == "intensity"), None)
            self._lamp(fixture, kind, own, (dims, dimmer), lumens / len(cells) / (2 if colored else 1))

    def _lamp(
        self, fixture: Fixture, kind: FixtureType, own: list[Channel], dims: tuple[Channel | None, ...], lumens: float
    ) -> None:
        emitters = [channel for channel in own if channel.parameter in EMITTERS]
        named = {emitter.parameter: emitter.bright for emitter in kind.emitters}
        bright = [named.get(c.parameter, 0.0) if named else BRIGHT[c.parameter] for c in emitters] or [1.0]
        total = sum(bright) or 1.0
        self._first.append(len(self._rows))
        shining: list[Channel | None] = [*emitters] or [None]
        for channel, share in zip(shining, bright, strict=True):
            tint = TINT["white" if channel is None else channel.parameter]
            coefficients = np.array([lumens * share / total, *(lumens * part / len(bright) for part in tint)])
            places, weights, turned = self._place(fixture, channel)
            self._rows.append((places, weights, turned, coefficients))
        self.fixture_of.append(fixture)
        self._dims.append(list(dims))
        by_name = {channel.parameter: channel for channel in own}
        self._filters.append([by_name.get(name) for name in FILTERS])

    def _place(self, fixture: Fixture, channel: Channel | None, rest: int = 0) -> tuple[list[int], NDArray[np.float64], bool]:
        """Where a channel's bytes lie and what each counts; no channel: always full (``rest`` 1: always 0)."""
        if channel is None:
            return [self._full + rest] * 3, np.array([1 / 255, 0.0, 0.0]), False
        first = 512 * self._row[fixture.universe] + fixture.address - 1
        places = [first + slot for slot in channel.slots]
        weights = np.array(_WEIGHTS[len(channel.slots)]) / (256.0 ** len(channel.slots) - 1)
        return (places + [places[0]] * 3)[:3], weights, channel.inverted

    def _columns(self) -> None:
        self._emitters = Column([row[:3] for row in self._rows])
        coefficients = np.array([row[3] for row in self._rows]).reshape(-1, 4)
        starts = np.array(self._first, np.intp)
        counts = np.diff(np.append(starts, len(self._rows)))
        self._alike = []
        for count in np.unique(counts).tolist():
            lamps = np.flatnonzero(counts == count)
            emitters = starts[lamps][:, None] + np.arange(count)
            self._alike.append((lamps, emitters, coefficients[emitters]))
        self._dimmers = []
        for n in range(2):
            if any(dims[n] is not None for dims in self._dims):
                self._dimmers.append(self._column([dims[n] for dims in self._dims], range(len(self._dims)), 0))
        some = [n for n, filters in enumerate(self._filters) if any(filters)]
        self._some_filter = None
        if some:
            columns = [self._column([self._filters[n][color] for n in some], some, 1) for color in range(3)]
            self._some_filter = np.array(some), columns

    def _column(self, channels: list[Channel | None], lamps: range | list[int], rest: int) -> Column:
        return Column([self._place(self.fixture_of[n], channel, rest) for n, channel in zip(lamps, channels, strict=True)])


def _shines(channel: Channel) -> bool:
    return channel.parameter in ("intensity", *EMITTERS, *FILTERS)


def _usual(fixture: Fixture, cells: list[int]) -> float:
    if cells:
        return CELL * len(cells)
    names = {channel.parameter for channel in fixture.mode.channels if channel.slots}
    if names & {"pan", "tilt"}:
        return HEAD
    return PAR if names & {*EMITTERS, *FILTERS} else DIMMER
