"""What the house allows, whatever is programmed, and the variants of a show: the same cues, told more gently.

``check`` holds cues to it where that can be known; floors are kept by the light itself (``light.masters``), fog budgets by the
interlocks (``engine.budgets``), the rest is measured in the simulated room by every rehearsal (``runtime.house_watch``).
"""

from __future__ import annotations

from dataclasses import dataclass

from showctl.show.cues import CueRef
from showctl.show.instants import Duration
from showctl.show.levels import Level
from showctl.show.places import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class HouseRules:
    """Limits that hold in every zone, or in those that are named; None and empty: no limit."""

    flashes: float | None = None
    """In any second."""
    loudest: tuple[tuple[str, float], ...] = ()
    """(zone, dB(A)); the zone "" stands for all that are not named."""
    longest_dark: tuple[tuple[str, Duration], ...] = ()
    """(zone, how long it may be darker than ``dark`` with guests inside)."""
    dark: float = 1.0
    """Lux below which a zone counts as dark."""
    place: Place = NOWHERE

    def loudest_in(self, zone: str) -> float | None:
        """dB(A) that are allowed in ``zone``."""
        return dict(self.loudest).get(zone, dict(self.loudest).get(""))

    def longest_dark_in(self, zone: str) -> Duration | None:
        """How long ``zone`` may be dark."""
        return dict(self.longest_dark).get(zone, dict(self.longest_dark).get(""))


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to play the show: what is done before each show begins, and the rules that hold then.

    ``masters`` are (name, level) as events take them; ``starts`` are cues.
    """

    name: str
    label: str = ""
    starts: tuple[CueRef, ...] = ()
    masters: tuple[tuple[str, Level], ...] = ()
    rules: HouseRules = HouseRules()
    place: Place = NOWHERE
