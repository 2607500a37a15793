"""Several lights in one: a fixture whose dimmers or colours come more than once has cells, whether or not its file says so.

A beam with an aura has two dimmers and two reds. Names with numbers would leave the second out of every colour and every
master, so the second of each becomes a cell, as the pixels of a bar do.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from showctl.library.importers.found import FoundChannel, FoundType, tidied
from showctl.show.fixtures import EMITTERS, FILTERS

_LIGHTS: Final = frozenset(("intensity", *EMITTERS, *FILTERS))
_HEADS: Final = frozenset(("pan", "tilt"))


def in_cells(kind: FoundType, mode: str, channels: list[FoundChannel], cells: int) -> tuple[list[FoundChannel], int]:
    """``channels`` with each parameter once in each cell, and how many cells there are."""
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
