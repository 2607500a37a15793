"""The booth with things that can hurt: a fog machine ``fog`` (with its fan), and a winder, behind interlocks.

The permit hears of an input (``guests``) or of a box (``box.granted``), as each test says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from showctl.engine.commands import Note
from showctl.engine.events import DeviceHealth, DeviceReported
from showctl.engine.state import HazardPhase
from showctl.light.render import levels, prepare
from showctl.show.cues import ActionClass, LightMove, Perform
from showctl.show.devices import Argument, Device, Field, Kind, Verb
from showctl.show.expressions import ValueType, parse
from showctl.show.fixtures import Channel, Family, Fixture, Hazard, Mode
from showctl.show.hazards import Interlock
from showctl.show.instants import Duration, seconds
from showctl.show.levels import from_percent, percent_of
from showctl.show.patch import make_patch
from showctl.show.show import Show
from tests.engine.booth import NAMES, NUMBER, Booth

FOG, FAN = 7, 8
NUMBER |= {"fog": FOG, "fan": FAN}
FOGGER = Mode("2ch", 2, (Channel("fog", Family.BEAM, (0,)), Channel("fan", Family.BEAM, (1,))))
TYPES = NAMES | {"box.granted": ValueType.TRUTH, "box.health": ValueType.TEXT}
GRANTED = "box.granted"

WINDER = Kind("osc", {"turn": Verb("turn", (Argument("speed", ValueType.NUMBER),), ActionClass.STATE, ("turn",))}, {}, "nothing")
BOX = Kind("mqtt", {}, {"granted": Field("granted", ValueType.TRUTH, False)}, "nothing")


def turn(speed: float) -> Perform:
    """The winder turns; 0 is safe."""
    return Perform("winder", "turn", (("speed", speed),), ActionClass.STATE, key="turn")


def fog(level: float, over: float = 0, delay: float = 0) -> LightMove:
    return LightMove((FOG,), (from_percent(level),), seconds(over), seconds(over), seconds(delay))


def foggy(
    show: Show, permit: str = GRANTED, kind: Hazard = Hazard.INTERLOCKED, longest: Duration | None = None, **more: Any
) -> Show:
    """``show`` with the fog machine, the winder and the box."""
    fogger = Fixture(len(show.patch.fixtures), "fogger", "fogger", FOGGER, "sacn/1", 100, hazard=kind)
    patch = make_patch(show.patch.universes, (), (*show.patch.fixtures, fogger))
    winder = Device(len(show.devices), "winder", WINDER, "udp", hazard=kind)
    box = Device(len(show.devices) + 1, "box", BOX, "mqtt")
    interlock = Interlock(0, "smoke", kind, parse(permit, TYPES), (FOG, FAN), (turn(0),), longest=longest, **more)
    return replace(show, patch=patch, devices=(*show.devices, winder, box), hazards=(interlock,))


class Foggy(Booth):
    """A booth whose box can grant and take back."""

    def granted(self, when: float, granted: bool = True) -> None:
        """The box is well, and says so or says no."""
        self.at(when, DeviceHealth("box", "ok"))
        self.at(when, DeviceReported("box", "granted", granted))

    @property
    def phase(self) -> HazardPhase:
        return self.state.hazards[0].phase

    def shown(self, when: float) -> float:
        """The fog that the wire shows at ``when``, if the engine never says another word."""
        return round(percent_of(int(levels(prepare(self.rendering, self.state.plan), seconds(when))[FOG])), 1)

    def said(self) -> list[str]:
        """What became of the hazard so far, as ``seconds sentence``."""
        return [f"{c.instant / 1e9:g} {c.words}" for c in self.commands if isinstance(c, Note) and c.what.startswith("hazard.")]


def shown_at(booth: Foggy, moments: Iterable[int]) -> list[float]:
    """The fog at some nanoseconds, as the wire shows it by itself."""
    return [round(percent_of(int(levels(prepare(booth.rendering, booth.state.plan), n)[FOG])), 1) for n in moments]
