"""From parameters to slots: virtual dimmer x colour, inversion, 8-, 16- and 24-bit slots.

A virtual ``intensity`` (one without slots) scales the emitters of its own cell, or of the whole fixture where it stands
for the whole; where there are only filters, it takes them towards full, which is dark. An 8-bit slot carries the coarse
byte of the level; a 24-bit one repeats the coarse byte in its third.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from showctl.show.fixtures import EMITTERS, FILTERS
from showctl.show.levels import FULL
from showctl.show.patch import Parameter, Patch

SLOTS = 512
_MOST_RUNS = 32


def scaled(levels: NDArray[np.int32], by: NDArray[np.int32] | int) -> NDArray[np.int32]:
    """``levels`` times ``by`` / 65535, rounded: full keeps every level, 0 none.

    >>> scaled(np.array([65535, 1000], np.int32), 32768).tolist()
    [32768, 500]
    """
    product = levels.astype(np.uint32)
    product *= np.asarray(by, np.uint32)
    product += np.uint32(FULL // 2)
    product //= np.uint32(FULL)
    return product.astype(np.int32)


class _Dimming:
    """Which parameters a kind of virtual dimmer scales, and by which intensity."""

    def __init__(self, pairs: list[tuple[int, int]] | NDArray[np.intp]) -> None:
        both = np.array(pairs, np.intp).reshape(-1, 2)
        self.parameter, self.by = both[:, 0].copy(), both[:, 1].copy()

    def only(self, universes: NDArray[np.bool_], universe_of: NDArray[np.intp]) -> _Dimming:
        """Of the parameters in the universes that ``universes`` marks."""
        some = universes[universe_of[self.parameter]]
        return _Dimming(np.column_stack((self.parameter[some], self.by[some])))

    def within(self, members: NDArray[np.intp]) -> _Dimming:
        """Of the parameters ``members``, counted from 0."""
        some = np.isin(self.parameter, members)
        return _Dimming(np.searchsorted(members, np.column_stack((self.parameter[some], self.by[some]))))


class Slots:
    """The layout of ``patch``, worked out once."""

    def __init__(self, patch: Patch) -> None:
        self.universes = len(patch.universes)
        cells, wholes, filters = _dimmed(patch)
        self._emitters = [_Dimming(pairs) for pairs in (cells, wholes) if pairs]
        self._filters = [_Dimming(filters)] if filters else []
        self._inverted = np.array([p.index for p in patch.parameters if p.channel.inverted], np.intp)
        count = len(patch.parameters)
        self._words = np.zeros(count + 1, "<u2")  # the last one stays 0, for slots that carry nothing
        self._bytes = self._words.view(np.uint8)
        self._from = np.full(self.universes * SLOTS, 2 * count, np.intp)
        for parameter in patch.parameters:
            fixture = patch.fixtures[parameter.fixture]
            first = patch.universe_keyed[fixture.universe].index * SLOTS + fixture.address - 1
            for place, offset in enumerate(parameter.channel.slots):
                self._from[first + offset] = 2 * parameter.index + (place != 1)

    @cached_property
    def _runs(self) -> list[tuple[slice, slice]] | None:
        """Slots that carry the coarse bytes of neighbours, as racks of dimmers do, and whose; None where there is more to it."""
        carried = np.flatnonzero(self._from < 2 * (len(self._words) - 1))
        source = self._from[carried]
        begins = np.flatnonzero((np.diff(carried, prepend=-2) != 1) | (np.diff(source, prepend=-9) != 2))
        if len(begins) > _MOST_RUNS or (source % 2 == 0).any():
            return None
        ends = [*begins.tolist(), len(carried)][1:]
        parameter = source >> 1
        return [
            (slice(int(carried[n]), int(carried[end - 1]) + 1), slice(int(parameter[n]), int(parameter[end - 1]) + 1))
            for n, end in zip(begins.tolist(), ends, strict=True)
        ]

    @cached_property
    def _whole(self) -> bool:
        """Whether those are all slots there are."""
        return bool(sum(slots.stop - slots.start for slots, _ in self._runs or ()) == len(self._from))

    def only(self, universes: NDArray[np.bool_], members: NDArray[np.intp]) -> Slots:
        """The layout of the universes that ``universes`` marks, in which ``members`` stand, both counted from 0."""
        some = Slots.__new__(Slots)
        some.universes = int(np.count_nonzero(universes))
        some._emitters = [dimming for each in self._emitters if len((dimming := each.within(members)).parameter)]
        some._filters = [dimming for each in self._filters if len((dimming := each.within(members)).parameter)]
        some._inverted = np.searchsorted(members, self._inverted[np.isin(self._inverted, members)])
        some._words = np.zeros(len(members) + 1, "<u2")
        some._bytes = some._words.view(np.uint8)
        whole = self._from.reshape(-1, SLOTS)[universes].ravel()
        carried = whole < 2 * (len(self._words) - 1)
        some._from = np.full(len(whole), 2 * len(members), np.intp)
        some._from[carried] = 2 * np.searchsorted(members, whole[carried] >> 1) + (whole[carried] & 1)
        return some

    def write(self, levels: NDArray[np.int32], out: NDArray[np.uint8]) -> None:
        """Writes ``levels`` (after masters and park; they are used up) to the slots of ``out``."""
        _dim(levels, self._emitters, self._filters, self._inverted)
        flat, runs = out.reshape(-1), self._runs
        if runs is None:
            self._words[:-1] = levels
            self._bytes.take(self._from, out=flat, mode="clip")
            return
        if not self._whole:
            flat[:] = 0
        levels >>= 8
        for slots, parameters in runs:
            flat[slots] = levels[parameters]

    @cached_property
    def coarse_runs(self) -> tuple[tuple[slice, slice], ...] | None:
        """Where the coarse bytes go that are all there is (slots, parameters); none: each in the slot of its number.

        None where slots carry anything else, or levels are dimmed on the way.
        """
        if self._runs is None or self._emitters or self._filters or len(self._inverted):
            return None
        whole = slice(0, len(self._from))
        return () if self._runs == [(whole, whole)] else tuple(self._runs)


class SlotsPart:
    """The slots of those universes that ``universes`` marks; ``parameters`` are all that stand in them."""

    def __init__(
        self, slots: Slots, universes: NDArray[np.bool_], parameters: NDArray[np.intp], universe_of: NDArray[np.intp]
    ) -> None:
        emitters, filters = ([each.only(universes, universe_of) for each in all_] for all_ in (slots._emitters, slots._filters))
        self._emitters = [dimming for dimming in emitters if len(dimming.parameter)]
        self._filters = [dimming for dimming in filters if len(dimming.parameter)]
        self._inverted = slots._inverted[universes[universe_of[slots._inverted]]]
        self._dims = bool(self._emitters or self._filters or len(self._inverted))
        self._words, self._bytes = slots._words, slots._bytes
        self.parameters, self._rows = parameters, np.flatnonzero(universes)
        self._from = slots._from.reshape(-1, SLOTS)[self._rows]

    def write(self, levels: NDArray[np.int32], out: NDArray[np.uint8]) -> None:
        """Writes them to ``out``; of ``levels`` (which are used up) no others are looked at."""
        out[self._rows] = self.of(levels)

    def of(self, levels: NDArray[np.int32]) -> NDArray[np.uint8]:
        """The same, in rows of their own."""
        if self._dims:
            _dim(levels, self._emitters, self._filters, self._inverted)
        self._words[self.parameters] = levels[self.parameters]
        return self._bytes.take(self._from, mode="clip")


def _dim(levels: NDArray[np.int32], emitters: list[_Dimming], filters: list[_Dimming], inverted: NDArray[np.intp]) -> None:
    for dimming in emitters:
        levels[dimming.parameter] = scaled(levels[dimming.parameter], levels[dimming.by])
    for dimming in filters:
        open_ = scaled(FULL - levels[dimming.parameter], levels[dimming.by])
        levels[dimming.parameter] = FULL - open_
    if len(inverted):
        levels[inverted] = FULL - levels[inverted]


def _dimmed(patch: Patch) -> tuple[list[tuple[int, int]], list[tuple[int, int]], list[tuple[int, int]]]:
    """(emitter, dimmer of its cell), (emitter, dimmer of the whole), (filter, its dimmer)."""
    cells: list[tuple[int, int]] = []
    wholes: list[tuple[int, int]] = []
    filters: list[tuple[int, int]] = []
    for fixture in patch.fixtures:
        own = patch.parameters_of[fixture.index]
        for dimmer in (p for p in own if p.name == "intensity" and not p.channel.slots):
            reach = [p for p in own if dimmer.cell in (-1, p.cell)]
            if emitters := _named(reach, EMITTERS):
                (wholes if dimmer.cell == -1 else cells).extend((p, dimmer.index) for p in emitters)
            else:
                filters += ((p, dimmer.index) for p in _named(reach, FILTERS))
    return cells, wholes, filters


def _named(parameters: list[Parameter], names: tuple[str, ...]) -> list[int]:
    return [p.index for p in parameters if p.name in names]
