"""What a declared device was asked last, for its return: state and resume verbs once more, momentary ones never.

A later command with the same key replaces the earlier one. A ``resume`` verb with an argument ``at`` is taken up where it
would be by now. A hazardous device is told nothing by itself: it comes back safe, and waits for a cue.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from showctl.engine.commands import Tell
from showctl.show.cues import ActionClass
from showctl.show.devices import Device
from showctl.show.fixtures import Hazard
from showctl.show.instants import Instant, seconds_of

MOST_WISHES: Final = 256


class Wishes:
    """The standing commands of one device."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._standing: dict[tuple[object, ...], tuple[Tell, Instant]] = {}

    def remember(self, command: Tell, now: Instant) -> None:
        """``command`` is what the device should do from now on, if its class says so."""
        verb = self._device.kind.verbs[command.verb]
        if verb.kind is ActionClass.MOMENTARY:
            return
        if "*" in verb.key:
            self._standing.clear()
        given = dict(command.arguments)
        key = tuple(given.get(name, name) for name in verb.key)
        self._standing.pop(key, None)
        self._standing[key] = (command, now)
        if len(self._standing) > MOST_WISHES:
            self._standing.pop(next(iter(self._standing)))

    def again(self, now: Instant) -> list[Tell]:
        """What to say once more to a device that has come back, oldest first."""
        if self._device.hazard is not Hazard.NONE:
            return []
        return [
            _moved_on(command, now - at) if command.kind is ActionClass.RESUME else command
            for command, at in self._standing.values()
        ]

    def all(self) -> list[Tell]:
        """What it should do, oldest first."""
        return [command for command, _ in self._standing.values()]

    def newest(self) -> Tell | None:
        """What the device was asked last."""
        return next(reversed(self._standing.values()))[0] if self._standing else None


def _moved_on(command: Tell, elapsed: int) -> Tell:
    return replace(
        command,
        arguments=tuple(
            (name, value + seconds_of(elapsed)) if name == "at" and isinstance(value, float) else (name, value)
            for name, value in command.arguments
        ),
    )
