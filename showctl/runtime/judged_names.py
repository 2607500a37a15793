"""The names that lines of a rehearsal may use, and what they are worth: the room as it truly is, then the show, journal, console.

The venue's names win: a line is about what the audience sees, not about what a device says of itself. What was looked up at an
instant is kept until the next look.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from showctl.runtime.judged_lines import seen_in
from showctl.runtime.playback import Playback
from showctl.runtime.ports import Venue
from showctl.runtime.rehearsed_journal import NAMES, RehearsedJournal
from showctl.show.expressions import Scalar, ValueType
from showctl.show.instants import Instant
from showctl.show.show import Show

MOVING: Final = (".pan", ".tilt")
NO_LIGHT: Final = (".guests", ".picture")
"""What zones and surfaces have that no frame of light changes."""


class Asked(Protocol):
    """Somebody with names of his own (``rehearsed_console``)."""

    def names(self) -> dict[str, ValueType]:
        """Every name that he knows."""

    def look(self, name: str, now: Instant) -> Scalar:
        """What it is worth."""


class Names:
    """See the page. ``look_up`` is what expressions are run with."""

    def __init__(self, show: Show, venue: Venue, playback: Playback, *others: Asked) -> None:
        self._venue, self._playback = venue, playback
        self._now: Instant = 0
        self._kept: dict[str, Scalar] = {}
        self.read: dict[str, Scalar] = {}
        """What was looked up since somebody emptied it, and its worth: who finds the same again need not judge again."""
        truth = {name: ValueType(kind) for name, kind in venue.names().items()}
        self._true = frozenset(truth)
        self._others = {name: other for other in others for name in other.names() if name not in truth}
        self.types = {name: kind for name, kind in show.types().items() if name not in truth} | truth
        self.types |= {name: kind for other in others for name, kind in other.names().items() if name not in truth}
        self._shows = frozenset(self.types) - self._true - self._others.keys() - NAMES.keys()
        """What is worth what the engine says."""
        self._journal = playback.journal if isinstance(playback.journal, RehearsedJournal) else None
        if self._journal is not None:
            self.types |= {name: ValueType(kind) for name, kind in NAMES.items()}
        devices = {device.name for device in show.devices}
        self._lamps = frozenset(name for name in truth if name.rpartition(".")[0] not in devices and not name.endswith(NO_LIGHT))
        """What hangs on the universes, and what it is like in the room by it: lights, groups of them, nodes, zones."""
        self._moving = frozenset(name for name in self._lamps if name.endswith(MOVING))

    def at(self, now: Instant) -> None:
        """From now on names are worth what they are at ``now``, looked up anew."""
        self._now = now
        self._kept.clear()

    def look_up(self, name: str) -> Scalar:
        found = self._kept.get(name)
        if found is None:
            found = self._kept[name] = self._value(name)
        self.read[name] = found
        return found

    def same(self, read: Mapping[str, Scalar]) -> bool:
        """Whether all of what was ``read`` is worth the same now."""
        kept = self._kept
        for name, value in read.items():
            found = kept.get(name)
            if found is None:
                found = kept[name] = self._value(name)
            if found != value:
                return False
        return True

    def seen(self, names: tuple[str, ...]) -> str:
        """What each is worth now, in words."""
        return seen_in(names, self.look_up)

    def of_light(self, names: tuple[str, ...]) -> bool:
        """Whether one of ``names`` changes with the light."""
        return not self._lamps.isdisjoint(names)

    def of_motion(self, names: tuple[str, ...]) -> bool:
        """Whether one of ``names`` takes its time to turn."""
        return not self._moving.isdisjoint(names)

    def _value(self, name: str) -> Scalar:
        if name in self._shows:
            return self._playback.state.values[name]
        if name in self._true:
            return self._venue.look(name, self._now)
        if self._journal is not None and name in NAMES:
            return self._journal.look(name, self._now)
        return self._others[name].look(name, self._now)
