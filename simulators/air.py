"""What hangs in the air of each room: fog comes while a machine gives it, and goes by itself.

A machine is any fixture with a channel ``fog``. At full it brings 1.5 % of a room's air into haze each second; what hangs there
thins to a third within two minutes. It is counted from the instants at which the machine was told so, not from when somebody
looks. Where a zone names no room, all such zones share one air.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from showctl.show.fixtures import Channel, Fixture
from showctl.show.instants import SECOND, Instant
from showctl.show.show import Show
from simulators.dmx_port import Port, Slots

PER_SECOND: Final = 1.5
"""Percent of haze that one machine at full adds."""
THINS: Final = 120 * SECOND
"""Until a third (1/e) is left."""
MOST: Final = 100.0


@dataclass
class _Machine:
    room: str
    slot: int
    inverted: bool
    level: float = 0.0
    """0 to 1."""


class Air:
    """The air of every room, in percent of haze."""

    def __init__(self, show: Show, port_of: Callable[[str], Port | None]) -> None:
        self._rooms = {zone.name: zone.room for zone in show.zones}
        self._haze = dict.fromkeys(self._rooms.values(), 0.0)
        self._since: Instant = 0
        self._machines: list[_Machine] = []
        on_port: dict[str, list[_Machine]] = {}
        for fixture in show.patch.fixtures:
            for channel in fixture.mode.channels:
                if channel.parameter == "fog" and channel.slots:
                    machine = self._machine(fixture, channel)
                    on_port.setdefault(fixture.universe, []).append(machine)
        for key, machines in on_port.items():
            port = port_of(key)
            if port is not None:
                port.on_output = self._listening(machines, port.on_output)

    def haze(self, zone: str, now: Instant) -> float:
        """Percent of haze in ``zone``."""
        return self._at(self._rooms[zone], now)

    def _machine(self, fixture: Fixture, channel: Channel) -> _Machine:
        room = self._rooms.get(fixture.zone or "", next(iter(self._haze), ""))
        machine = _Machine(room, fixture.address - 1 + channel.slots[0], channel.inverted)
        self._machines.append(machine)
        return machine

    def _listening(
        self, machines: list[_Machine], before: Callable[[Slots, Instant], None] | None
    ) -> Callable[[Slots, Instant], None]:
        def told(slots: Slots, now: Instant) -> None:
            if before is not None:
                before(slots, now)
            for machine in machines:
                raw = float(slots[machine.slot]) / 255
                level = 1.0 - raw if machine.inverted else raw
                if level != machine.level:
                    self._settle(now)
                    machine.level = level

        return told

    def _settle(self, now: Instant) -> None:
        self._haze = {room: self._at(room, now) for room in self._haze}
        self._since = max(now, self._since)

    def _at(self, room: str, now: Instant) -> float:
        """Towards what the machines keep up, by the room's own time."""
        kept = sum(machine.level for machine in self._machines if machine.room == room) * PER_SECOND * THINS / SECOND
        left = math.exp(-max(now - self._since, 0) / THINS)
        return min(kept + (self._haze[room] - kept) * left, MOST)
