"""What a person at the desk sees in a rehearsal, as names for its lines.

``console.said`` is the last line of the log, ``console.refused`` why the last request was refused ("" until one is),
``console.latched`` whether a panic or an evacuation holds the room; ``console.grand``, ``console.blackout`` and
``console.SUBMASTER`` are where masters stand, in percent. ``LIST.runs`` is how many cues of a list run, ``LIST.paused``
whether it is held.
"""

from __future__ import annotations

from collections.abc import Callable

from showctl.engine.commands import Note
from showctl.engine.state import Phase, State
from showctl.light.masters import BLACKOUT, FIRST_SUBMASTER, GRAND, master_level
from showctl.light.plan import MasterKind
from showctl.show.expressions import Scalar, ValueType
from showctl.show.instants import Instant
from showctl.show.levels import FULL
from showctl.show.show import Show


class RehearsedConsole:
    """See the page. ``state`` gives the engine's state as it is."""

    def __init__(self, show: Show, state: Callable[[], State]) -> None:
        self._state = state
        self.said = self.refused = ""
        self._masters = {"console.grand": (GRAND, MasterKind.GRAND), "console.blackout": (BLACKOUT, MasterKind.BLACKOUT)}
        for item in show.submasters:
            kind = MasterKind.INHIBITIVE if item.inhibitive else MasterKind.ADDITIVE
            self._masters[f"console.{item.name}"] = (item.index + FIRST_SUBMASTER, kind)
        self._lists = {item.name: item.index for item in show.lists}

    def note(self, note: Note) -> None:
        """A line of the log."""
        self.said = note.words

    def names(self) -> dict[str, ValueType]:
        """Every name that it knows."""
        found = {"console.said": ValueType.TEXT, "console.refused": ValueType.TEXT, "console.latched": ValueType.TRUTH}
        found |= dict.fromkeys(self._masters, ValueType.NUMBER)
        found |= {f"{name}.runs": ValueType.NUMBER for name in self._lists}
        return found | {f"{name}.paused": ValueType.TRUTH for name in self._lists}

    def look(self, name: str, now: Instant) -> Scalar:
        """What it is worth. KeyError where there is no such name."""
        match name:
            case "console.said":
                return self.said
            case "console.refused":
                return self.refused
            case "console.latched":
                return bool(self._state().latch)
            case _:
                pass
        if name in self._masters:
            return master_level(self._state().plan, *self._masters[name], now) * 100 / FULL
        of, _, what = name.rpartition(".")
        index = self._lists[of]
        runs = [run for run in self._state().runs.values() if run.list == index]
        if what == "paused":
            return bool(self._state().lists[index].paused)
        return float(sum(run.phase is not Phase.POST_WAIT for run in runs))
