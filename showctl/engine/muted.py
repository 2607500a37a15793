"""Which outputs can be muted, and what that means for each device: worked out from the show alone, and asked of the marks.

An *output* is a class of them (``sound``, ``film``, ``fog``, ``motion``, ``headsets``), a device, or an interlock. A sound player
that can be mute plays on and is not heard. What can only be emptied (a picture, a scene, another program's sound) is emptied, and
nothing more is asked of it meanwhile; what it would be doing stands in the state. An interlock that is muted is not permitted.
Heads that are muted stand still. ``muting.py`` does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from showctl.engine.tags import Muted, Tags
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.fixtures import Family, Hazard
from showctl.show.show import Show

if TYPE_CHECKING:
    from showctl.engine.stage import Stage

Order: TypeAlias = tuple[str, tuple[tuple[str, Value], ...]]
"""A verb and its arguments."""
MOTION: Final = "motion"
FOG: Final = frozenset({"fog", "haze", "smoke", "mist", "fan"})
"""Parameters that make an interlock one of fog."""
HARMLESS: Final = frozenset({"stop", "blank", "silence", "pause", "freeze"})
"""Verbs that only take away: they go through."""
_SHUTTER: Final = ("shutter", "freeze")
"""Of a projector that is muted its light alone is held: its lamp may come and go."""


@dataclass(frozen=True, slots=True)
class Hushed:
    """One device while it is muted: what it is asked for then, and which verbs are held back (none named: all)."""

    quiet: tuple[Order, ...] = ()
    held: tuple[str, ...] = ()

    def holds(self, verb: str, arguments: tuple[tuple[str, Value], ...]) -> bool:
        """Whether the device is not to be asked for this meanwhile."""
        if verb in HARMLESS and verb not in self.held:
            return False
        return (not self.held or verb in self.held) and (verb, arguments) not in self.quiet


@dataclass(frozen=True, slots=True)
class Output:
    """Something that can be muted: devices, interlocks (by number), heads that move."""

    devices: Mapping[str, Hushed]
    interlocks: tuple[int, ...] = ()
    heads: bool = False


def outputs_of(show: Show) -> dict[str, Output]:
    """Everything of ``show`` that can be muted, by name: classes first. What is called as a class is, means the class."""
    found: dict[str, Output] = {}
    guarded = {name: item.index for item in show.hazards for name in item.devices}
    free = [device for device in show.devices if device.name not in guarded and device.hazard is Hazard.NONE]
    resting: dict[str, list[Order]] = {}
    for zone in show.zones:
        for action in zone.safe.motion:
            resting.setdefault(action.device, []).append((action.verb, action.arguments))
    for kind, hush in (("sound", _sound), ("film", _film), ("headsets", _headsets)):
        of = {device.name: how for device in free if (how := hush(device)) is not None}
        if of:
            found[kind] = Output(of)
    if fog := tuple(i.index for i in show.hazards if any(show.patch.parameters[p].name in FOG for p in i.parameters)):
        found["fog"] = Output({}, fog)
    moving = {name: Hushed(tuple(dict.fromkeys(orders))) for name, orders in resting.items() if name not in guarded}
    heads = any(p.family is Family.FOCUS and p.hazard is Hazard.NONE for p in show.patch.parameters)
    if resting or heads:
        found[MOTION] = Output(moving, tuple(sorted({guarded[name] for name in resting if name in guarded})), heads)
    for device in show.devices:
        if device.name in guarded:
            found.setdefault(device.name, Output({}, (guarded[device.name],)))
        elif device.kind.verbs and device.hazard is Hazard.NONE:
            how = _film(device) or _sound(device) or _headsets(device) or moving.get(device.name) or _other(device)
            found.setdefault(device.name, Output({device.name: how}))
    for interlock in show.hazards:
        found.setdefault(interlock.name, Output({}, (interlock.index,)))
    return found


def _sound(device: Device) -> Hushed | None:
    if "mute" in device.kind.verbs:
        return Hushed((("mute", (("on", True),)),), ("mute",))
    return Hushed((("silence", (("fade", 0.0),)),)) if "silence" in device.kind.verbs else None


def _film(device: Device) -> Hushed | None:
    return Hushed((("blank", (("fade", 0.0),)),)) if "blank" in device.kind.verbs else None


def _headsets(device: Device) -> Hushed | None:
    return Hushed((("passthrough", (("message", ""), ("on", True))),)) if device.kind.name == "xr_engine" else None


def _other(device: Device) -> Hushed:
    return Hushed((("shutter", (("open", False),)),), _SHUTTER) if device.kind.name == "projector" else Hushed()


# --- what is muted now --------------------------------------------------------------------------------------------------------


def holder(stage: Stage, tags: Tags, device: str, verb: str, arguments: tuple[tuple[str, Value], ...]) -> str:
    """Why ``device`` is not asked for this; "" where it is."""
    for what, mark in tags.muted.items():
        output = stage.outputs.get(what)
        how = None if output is None else output.devices.get(device)
        if how is not None and how.holds(verb, arguments):
            return words_of(what, mark)
    return ""


def hushes(stage: Stage, tags: Tags, device: str) -> tuple[Hushed, ...]:
    """Every way in which ``device`` is muted now."""
    found = [stage.outputs[what].devices.get(device) for what in tags.muted if what in stage.outputs]
    return tuple(how for how in found if how is not None)


def of_interlock(stage: Stage, tags: Tags, index: int) -> str:
    """Why an interlock may not be used, where it is muted; "" where it is not."""
    for what, mark in tags.muted.items():
        if what in stage.outputs and index in stage.outputs[what].interlocks:
            return words_of(what, mark)
    return ""


def still(tags: Tags) -> bool:
    """Whether heads stand still: somebody is on a ladder, or motion is muted."""
    return bool(tags.locks) or MOTION in tags.muted


def words_of(what: str, mark: Muted) -> str:
    """``film is muted by Mei: the lamp smells``."""
    return f"{what} is muted by {mark.person}" + (f": {mark.reason}" if mark.reason else "")
