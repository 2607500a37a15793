"""What an importer finds, before it becomes words: types with their modes and channels, and fixtures hung in a scene."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from showctl.show.fixtures import EMITTERS

MOST_SLOTS: Final = 512
MOST_NAMES: Final = 256
"""Names of levels that one channel keeps."""
RESERVED: Final = frozenset(
    ("full", "out", "home", "release", "block", "assert", "focus", "beam", "aim", "hex", "rgb", "skip", "cells", "yes", "no")
)


class Refused(Exception):  # noqa: N818 - it is said to the person who asked
    """A file that cannot be imported: which, and why. ``hint`` is the way out, where there is one."""

    def __init__(self, file: str, why: str, hint: str = "") -> None:
        super().__init__(f"{file}: {why}")
        self.file, self.why, self.hint = file, why, hint


@dataclass
class FoundChannel:
    """One parameter of one cell. ``slots`` count from 0, coarse first; levels are parts of full, 0..1."""

    parameter: str
    slots: tuple[int, ...]
    cell: int = -1
    default: float = 0.0
    highlight: float | None = None
    inverted: bool = False
    snap: bool = False
    low: float | None = None
    high: float | None = None
    names: dict[str, float] = field(default_factory=dict)
    needs: dict[str, tuple[FoundChannel, float]] = field(default_factory=dict, compare=False, repr=False)
    """Names that mean it only while another channel stands at a level."""


@dataclass
class FoundMode:
    """One mode. Slots below ``footprint`` that no channel has are there and carry nothing."""

    name: str
    footprint: int
    channels: list[FoundChannel]
    cells: int = 1
    breaks: tuple[int, ...] = ()
    """The slots of each of its addresses, where the file says that it has several."""


@dataclass
class FoundType:
    """A make and model as a file says it. ``notes`` are what could not be carried, in sentences."""

    name: str
    label: str
    modes: list[FoundMode]
    emitters: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    hazard: str = ""
    pan_speed: float | None = None
    tilt_speed: float | None = None
    notes: list[str] = field(default_factory=list)

    def note(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)


@dataclass
class FoundFixture:
    """A fixture hung in a scene: metres and degrees of the venue; ``address`` counts slots from 1 through all universes."""

    name: str
    type: str
    mode: str
    address: int
    at: tuple[float, float, float] | None = None
    hang: tuple[float, float, float] | None = None
    label: str = ""
    invert_pan: bool = False
    invert_tilt: bool = False


@dataclass
class Found:
    """Everything that came out of one file."""

    file: str
    types: list[FoundType] = field(default_factory=list)
    fixtures: list[FoundFixture] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def identifier(words: str, otherwise: str = "fixture") -> str:
    """``words`` as a name of ours: small letters, digits and ``_``.

    >>> identifier("Source Four LED Series 2: Lustr"), identifier("4-Eye 100°"), identifier("炉")
    ('source_four_led_series_2_lustr', 'n4_eye_100', 'fixture')
    """
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60].strip("_")
    if not made:
        return otherwise
    made = made if made[0].isalpha() else f"n{made}"
    return f"{made}_" if made in RESERVED else made


def unique(name: str, taken: Iterable[str]) -> str:
    """``name``, with a number after it where it is taken.

    >>> unique("par", {"par", "par_2"})
    'par_3'
    """
    known = set(taken)
    if name not in known:
        return name
    number = 2
    while f"{name}_{number}" in known:
        number += 1
    return f"{name}_{number}"


def named(channel: FoundChannel, name: str, level: float) -> str:
    """``channel`` calls ``level`` by ``name`` from now on, if there is room for more names; what it is called ("": nothing)."""
    if len(channel.names) >= MOST_NAMES or not name.strip():
        return ""
    made = unique(identifier(name, "level"), channel.names)
    channel.names[made] = min(max(level, 0.0), 1.0)
    return made


def tidied(channels: list[FoundChannel]) -> list[FoundChannel]:
    """``channels`` with each parameter once in each cell: others of the name are numbered. A whole's name is nobody's cell's."""
    taken: dict[int, set[str]] = {}
    for channel in sorted(channels, key=lambda item: (item.cell, item.slots)):
        known = taken.setdefault(channel.cell, set())
        channel.parameter = unique(channel.parameter, known)
        known.add(channel.parameter)
    return channels


def checked(file: str, mode: FoundMode) -> FoundMode:
    """``mode``, if a fixture can be like that. ``Refused``: too many slots, two channels on one slot."""
    if not 1 <= mode.footprint <= MOST_SLOTS:
        why = f"mode {mode.name} takes {mode.footprint} slots, and a fixture takes 1 to {MOST_SLOTS}"
        raise Refused(file, why, "--mode NAME imports only the modes that you name")
    owner: dict[int, str] = {}
    for channel in mode.channels:
        for slot in channel.slots:
            if not 0 <= slot < mode.footprint:
                raise Refused(file, f"mode {mode.name}: {channel.parameter} stands at slot {slot + 1}, outside the mode")
            if slot in owner:
                both = f"{owner[slot]} and {channel.parameter}"
                raise Refused(file, f"mode {mode.name}: {both} both stand at slot {slot + 1}", "the file contradicts itself")
            owner[slot] = channel.parameter
    return mode


_CLOSED: Final = re.compile(r"clos|black_?out|dark|(?:led|lamp|light|beam)s?_off")
_OPEN: Final = re.compile(r"open|(?:led|lamp|light|beam|full)s?_on|^on")


def opened(kind: FoundType) -> None:
    """Lets every shutter of ``kind`` rest open that rests closed and has an open place: with its dimmer up, a light is lit.

    What files say of its rest is often only the lowest value. Where there is a dimmer, that is what keeps the light dark.
    """
    for mode in kind.modes:
        dimmed = any(channel.parameter == "intensity" or channel.parameter in EMITTERS for channel in mode.channels)
        for channel in mode.channels if dimmed else ():
            if not channel.parameter.startswith("shutter") or not channel.names:
                continue
            rest = min(channel.names, key=lambda name: abs(channel.names[name] - channel.default))
            places = [name for name in channel.names if _OPEN.search(name) and not _CLOSED.search(name)]
            if _CLOSED.search(rest) and not _OPEN.search(rest) and places:
                channel.default = channel.names[places[0]]
                kind.note(
                    f"{channel.parameter} rests at {places[0]}, and not at {rest} as in the file: a dimmer is what darkens here"
                )


def complete(file: str, kind: FoundType, only: tuple[str, ...], every: list[str]) -> FoundType:
    """``kind``, if each of its modes has a name of its own, and (where some are named) none is missing of ``every``."""
    names = [mode.name for mode in kind.modes]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Refused(file, f"has two modes called {twice}")
    missing = [name for name in only if name not in names]
    if missing:
        raise Refused(file, f"has no mode {missing[0]}", f"it has: {', '.join(every)}")
    opened(kind)
    return kind
