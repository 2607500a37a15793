"""How far apart the devices of one cue truly began: by their own word, not by our intent.

A player says when its clip has begun to move (``devices.driver.Starting``); we know which cue asked for it and when it was to
land (when it was sent, and the latency that the device declares). Kept for the last cues, shown by ``showctl devices`` and
``status``, said once for each cue, in the journal too: when the last of them has begun, or ten seconds on, with those that
never said so. Light lands with its cue: its place is nought.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from showctl.devices.driver import Driver, Started, Starting
from showctl.engine.commands import Tell
from showctl.show.cues import ActionClass
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant, seconds_of
from showctl.show.show import Show

log = logging.getLogger(__name__)

MOST_CUES: Final = 32
PATIENCE: Final = 10 * SECOND
"""After which it is said which of them have not begun."""
BEGINS: Final = ("play", "start")


@dataclass
class Together:
    """What one performance of a cue asked of players. ``asked`` and ``began`` by device; instants of landing, and of truth."""

    cue: str
    asked: dict[str, Instant] = field(default_factory=dict)
    began: dict[str, Instant] = field(default_factory=dict)
    run: int = 0
    said: bool = False

    def late(self) -> dict[str, Duration]:
        """By how much each began later than it was to."""
        return {name: self.began[name] - lands for name, lands in self.asked.items() if name in self.began}

    @property
    def whole(self) -> bool:
        return set(self.asked) == set(self.began)

    @property
    def apart(self) -> Duration:
        """Between the first that began and the last. The cue's own instant counts, where all were to land at it: light did."""
        at = list(self.began.values())
        if len(set(self.asked.values())) == 1:
            at += self.asked.values()
        return max(at, default=0) - min(at, default=0)

    def words(self) -> str:
        """A line for people: how far apart, who by how much, and who has not said anything."""
        late = ", ".join(f"{who} {late / MILLISECOND:+.0f} ms" for who, late in self.late().items())
        silent = [who for who in self.asked if who not in self.began]
        said = f"{self.cue} began {self.apart / MILLISECOND:.0f} ms apart ({late})"
        return f"{said}; {' and '.join(silent)} did not say when" if silent else said

    def told(self) -> dict[str, Any]:
        """In seconds, for tools."""
        return {
            "cue": self.cue, "apart": seconds_of(self.apart), "late": {who: seconds_of(by) for who, by in self.late().items()}
        }  # fmt: skip


class Skew:
    """The starts of a show that runs. ``show`` gives the one that runs now; ``said`` hears of each cue once."""

    def __init__(self, show: Callable[[], Show], said: Callable[[Together], None] = lambda _: None) -> None:
        self._show = show
        self.said = said
        self._cues: OrderedDict[int, Together] = OrderedDict()
        self._waits: dict[str, tuple[int, Tell]] = {}
        self._last: dict[str, Duration] = {}

    def told(self, command: Tell) -> None:
        """A player is asked to begin something."""
        begins = command.verb in BEGINS and command.kind is ActionClass.RESUME
        if not begins or command.cue is None or not command.run:
            return
        device = self._show().device_named.get(command.device)
        if device is None:
            return
        self.look(command.instant)
        together = self._cues.setdefault(command.run, Together(str(command.cue), run=command.run))
        together.asked[command.device] = command.instant + device.latency
        together.began.pop(command.device, None)
        self._waits[command.device] = (command.run, command)
        while len(self._cues) > MOST_CUES:
            self._say(self._cues.popitem(last=False)[1])

    def heard(self, driver: Driver) -> None:
        """A device has said something: has it begun by now?"""
        name = driver.device.name
        if name not in self._waits or not isinstance(driver, Starting):
            return
        run, command = self._waits[name]
        begun = driver.last_start()
        if begun is None or not _is_it(begun, command):
            return
        del self._waits[name]
        together = self._cues.get(run)
        if together is None:
            return
        together.began[name] = begun.at
        self._last[name] = begun.at - together.asked[name]
        if together.whole:
            self._say(together)

    def look(self, now: Instant) -> None:
        """Whoever has not begun by now is said not to have."""
        for together in self._cues.values():
            if not together.said and now > max(together.asked.values()) + PATIENCE:
                self._say(together)

    def _say(self, together: Together) -> None:
        if together.began and not together.said:
            together.said = True
            log.info("skew: %s", together.words())
            self.said(together)

    def newest(self) -> Together:
        """The last cue that asked anything of players. KeyError: none has."""
        return self._cues[next(reversed(self._cues))]

    def late(self, device: str) -> float | None:
        """By how many seconds what ``device`` plays began later than it was to; None: nothing has been measured."""
        return seconds_of(self._last[device]) if device in self._last else None

    def rows(self) -> list[dict[str, Any]]:
        """The last cues, newest first, in seconds: how far apart, and by how much each device was late."""
        return [item.told() for item in reversed(self._cues.values()) if item.began]


def _is_it(begun: Started, command: Tell) -> bool:
    """Whether that start is what ``command`` asked for."""
    given = dict(command.arguments)
    return begun.asked >= command.instant and begun.clip == given.get("clip", given.get("cue"))
