"""How far apart the devices of one cue truly began: by their own word, not by our intent.

A player says when its clip has begun to move (``devices.driver.Starting``); we know which cue asked for it and when it was to
land (when it was sent, and the latency that the device declares). Kept for the last cues, shown by ``showctl devices`` and
``status``, said once for each cue in the log. Light lands with its cue, within a frame of its output: its place is nought.
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
from showctl.show.instants import MILLISECOND, Duration, Instant, seconds_of
from showctl.show.show import Show

log = logging.getLogger(__name__)

MOST_CUES: Final = 32
BEGINS: Final = ("play", "start")


@dataclass
class Together:
    """What one performance of a cue asked of players. ``asked`` and ``began`` by device; instants of landing, and of truth."""

    cue: str
    asked: dict[str, Instant] = field(default_factory=dict)
    began: dict[str, Instant] = field(default_factory=dict)

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


class Skew:
    """The starts of a show that runs. ``show`` gives the one that runs now."""

    def __init__(self, show: Callable[[], Show]) -> None:
        self._show = show
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
        together = self._cues.setdefault(command.run, Together(str(command.cue)))
        together.asked[command.device] = command.instant + device.latency
        together.began.pop(command.device, None)
        self._waits[command.device] = (command.run, command)
        while len(self._cues) > MOST_CUES:
            self._cues.popitem(last=False)

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
            said = ", ".join(f"{who} {late / MILLISECOND:+.0f} ms" for who, late in together.late().items())
            log.info("skew: %s began %.0f ms apart (%s)", together.cue, together.apart / MILLISECOND, said)

    def newest(self) -> Together:
        """The last cue that asked anything of players. KeyError: none has."""
        return self._cues[next(reversed(self._cues))]

    def late(self, device: str) -> float | None:
        """By how many seconds what ``device`` plays began later than it was to; None: nothing has been measured."""
        return seconds_of(self._last[device]) if device in self._last else None

    def rows(self) -> list[dict[str, Any]]:
        """The last cues, newest first, in seconds: how far apart, and by how much each device was late."""
        return [
            {"cue": item.cue, "apart": seconds_of(item.apart), "late": {who: seconds_of(by) for who, by in item.late().items()}}
            for item in reversed(self._cues.values())
            if item.began
        ]


def _is_it(begun: Started, command: Tell) -> bool:
    """Whether that start is what ``command`` asked for."""
    given = dict(command.arguments)
    return begun.asked >= command.instant and begun.clip == given.get("clip", given.get("cue"))
