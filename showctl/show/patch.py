"""The patch: universes, nodes, and the number that each parameter of each fixture has in this show.

Parameters are numbered 0..P-1 in fixture order, then cell, then channel order; ``light`` and the plan know them by that
number. A universe's key prints in its protocol's own numbering: ``sacn/1`` (from 1), ``artnet/0`` (from 0), ``usbpro/fog``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from showctl.show.fixtures import Channel, Family, Fixture, Hazard
from showctl.show.levels import Level
from showctl.show.pixels import Source, Wall
from showctl.show.places import NOWHERE, Place


class Protocol(Enum):
    """What carries a universe."""

    SACN = "sacn"
    ARTNET = "artnet"
    USBPRO = "usbpro"


@dataclass(frozen=True, slots=True)
class Universe:
    """512 slots and where they go.

    ``destinations`` are host names or addresses for unicast (or ``multicast``, ``multicast6``, ``broadcast``); empty means
    multicast for sACN and "the nodes that answered a poll" for Art-Net. ``device`` is the serial number, ``vid:pid`` or path
    of a USB Pro widget.
    """

    index: int
    key: str
    protocol: Protocol
    number: int
    priority: int = 100
    destinations: tuple[str, ...] = ()
    sync: int = 0
    device: str = ""
    slots: int = 512
    """How many are sent; shorter universes are legal, and what lies behind is left to others."""
    claim: str = "all"
    """``patched``: sACN also says, by per-address priority (0xDD), that slots without a fixture are not ours."""
    merge_in: str = ""
    """From where a desk may join this one: ``sacn/103``, ``artnet/7``, or the cable of a widget, ``usbpro/EN123456``."""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Node:
    """A box that turns network universes into DMX. ``loss`` is what it does when data stops: hold, black or preset."""

    name: str
    address: str
    universes: tuple[str, ...]
    loss: str = "hold"
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of one cell of one fixture, by its number in this show."""

    index: int
    fixture: int
    cell: int
    channel: Channel
    hazard: Hazard = Hazard.NONE

    @property
    def name(self) -> str:
        return self.channel.parameter

    @property
    def family(self) -> Family:
        return self.channel.family


@dataclass(frozen=True, slots=True)
class Head:
    """What a selection selects: a whole fixture (cell -1) or one of its cells."""

    fixture: int
    cell: int = -1


@dataclass(frozen=True)
class Patch:
    """Everything patched, in file order."""

    universes: tuple[Universe, ...]
    nodes: tuple[Node, ...]
    fixtures: tuple[Fixture, ...]
    parameters: tuple[Parameter, ...]
    fixture_named: dict[str, Fixture] = field(compare=False)
    universe_keyed: dict[str, Universe] = field(compare=False)
    parameters_of: dict[int, tuple[Parameter, ...]] = field(compare=False)
    """Fixture index -> its parameters, in number order."""
    walls: tuple[Wall, ...] = ()
    """The fixtures that are rectangles of pixels."""
    sources: tuple[Source, ...] = ()
    """What plays on them, by key."""
    floors: tuple[tuple[int, Level], ...] = ()
    """(parameter, level) of light that no cue, blackout or master takes lower."""


def make_patch(
    universes: tuple[Universe, ...],
    nodes: tuple[Node, ...],
    fixtures: tuple[Fixture, ...],
    walls: tuple[Wall, ...] = (),
    sources: tuple[Source, ...] = (),
) -> Patch:
    """Numbers every parameter of ``fixtures`` (which must carry indices 0..n-1 in order)."""
    parameters: list[Parameter] = []
    of: dict[int, tuple[Parameter, ...]] = {}
    for position, fixture in enumerate(fixtures):
        assert fixture.index == position, "fixtures are numbered in file order"
        first = len(parameters)
        parameters += (
            Parameter(first + n, fixture.index, channel.cell, channel, fixture.hazard)
            for n, channel in enumerate(fixture.mode.channels)
        )
        of[fixture.index] = tuple(parameters[first:])
    return Patch(
        universes,
        nodes,
        fixtures,
        tuple(parameters),
        {fixture.name: fixture for fixture in fixtures},
        {universe.key: universe for universe in universes},
        of,
        walls,
        sources,
    )
