"""Several lights in one: a fixture whose dimmers or colours come more than once has cells, whether or not its file says so.

A beam with an aura has two dimmers and two reds. Names with numbers would leave the second out of every colour and every
master, so the second of each becomes a cell, as the pixels of a bar do. Where one dimmer is over the others, it is the light's
intensity, and theirs are called ``dim`` and rest at full: a level is one dimmer's, or half would be a quarter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from showctl.library.importers.found import FoundChannel, FoundType, tidied
from showctl.show.fixtures import EMITTERS, FILTERS

_LIGHTS: Final = frozenset(("intensity", "dim", *EMITTERS, *FILTERS))
_HEADS: Final = frozenset(("pan", "tilt"))
DIM: Final = "dim"
_OVER: Final = re.compile(r"\b(?:master|global|general|main|overall|total|all)\b", re.I)
_FIRST: Final = re.compile(r"(?<!\d)1(?!\d)")
"""Without a first among those that are numbered, the one that is not is the first."""
_PLAIN: Final = re.compile(r"(?:dimmer|intensity|brightness)", re.I)


def over_the_others(named: Sequence[tuple[str, FoundChannel]]) -> FoundChannel | None:
    """Of several dimmers the one of the whole, by what the file calls them; None where they stand side by side."""
    dimmers = [(name.strip(), channel) for name, channel in named if channel.parameter == "intensity" and channel.cell < 0]
    if len(dimmers) < 2:
        return None
    over = [channel for name, channel in dimmers if _OVER.search(name)]
    numbered = [name for name, _ in dimmers if re.search(r"\d", name)]
    if not over and len(numbered) == len(dimmers) - 1 >= 2 and any(map(_FIRST.search, numbered)):
        over = [channel for name, channel in dimmers if _PLAIN.fullmatch(name)]
    return over[0] if len(over) == 1 else None


def in_cells(
    kind: FoundType, mode: str, channels: list[FoundChannel], cells: int, over: FoundChannel | None = None
) -> tuple[list[FoundChannel], int]:
    """``channels`` with each parameter once in each cell, and how many cells there are; ``over`` is the dimmer of the whole."""
    if over is not None:
        for channel in channels:
            if channel is not over and channel.parameter == "intensity":
                _under(channel)
    found, cells = _split(kind, mode, channels, cells)
    if any(channel.parameter == "intensity" and channel.cell < 0 for channel in found):
        for channel in found:
            if channel.parameter == "intensity" and channel.cell >= 0:
                _under(channel)
    if any(channel.parameter == DIM for channel in found):
        kind.note(f"mode {mode}: under the dimmer of the whole, those of its parts are called {DIM}, and rest at full")
    return found, cells


def _under(channel: FoundChannel) -> None:
    channel.parameter, channel.default, channel.highlight = DIM, 1.0, 1.0


def _split(kind: FoundType, mode: str, channels: list[FoundChannel], cells: int) -> tuple[list[FoundChannel], int]:
    whole = [channel for channel in channels if channel.cell < 0]
    count = Counter(channel.parameter for channel in whole)
    most = max((count[name] for name in _LIGHTS | _HEADS), default=0)
    if cells > 1 or most < 2:
        return _ordered(tidied(channels)), cells
    split = {name for name in count if 1 < count[name] <= most}
    twice = ", ".join(sorted(split))
    if split & _LIGHTS:
        split |= {name for name in count if name in EMITTERS or name in FILTERS}
    seen: Counter[str] = Counter()
    for channel in sorted(whole, key=lambda item: item.slots):
        if channel.parameter in split:
            channel.cell = seen[channel.parameter]
            seen[channel.parameter] += 1
    kind.note(f"mode {mode} has {twice} more than once: they are cells 1 to {most}, in the order of their slots")
    return _ordered(tidied(channels)), most


def _ordered(channels: list[FoundChannel]) -> list[FoundChannel]:
    return sorted(channels, key=lambda item: (item.cell, item.slots))
