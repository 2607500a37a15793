"""Which machines were broken, in which way, and whether anything came of it: a fault that nobody meets tries nothing.

A fault is *met* when the show asks its machine for something, or hears of it (a report, its health, a refusal), while it is
in force: until a script ends it, or its own time is over and as long again as such a box takes to come back. Nodes, widgets,
lamps and sensors have no driver that could meet anything: theirs count as met when a script says them. The words are those
of the simulated venue (docs/technicians/simulated-venue.md); what they do there is nothing of ours.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from showctl.engine.commands import Tell
from showctl.engine.events import DeviceFailed, DeviceHealth, DeviceReported, Event
from showctl.show.instants import MINUTE, SECOND, Duration, Instant
from showctl.show.show import Show

ENDS: Final = ("back", "works", "good", "up", "plugged", "unfrozen", "mended", "free", "ok", "at once")
POWER: Final = ("power lost", "reboot")
OF_ANY: Final = ("power", "hang", "silent", "slow", "babbles")
"""What every machine knows."""
OF_A_LINK: Final = ("down", "loss", "delay", "jitter", "duplicate", "reorder", "corrupt")
OF_PEOPLE: Final = ("jammed", "stuck", "bouncing")
"""Said by ``set`` as often as by ``fault``."""
COMES_BACK: Final = 10 * SECOND
_FOR: Final = re.compile(r" for (\d+(?:\.\d+)?) ?(ms|s|m|min|h)?.*$")
_UNITS: Final = {"ms": SECOND // 1000, "s": SECOND, "m": MINUTE, "min": MINUTE, "h": 60 * MINUTE}
_NUMBER: Final = re.compile(r"[-+]?\d|%|\"")

Broken = tuple[str, str]
"""(machine, fault)."""


class Breakages:
    """Listens to one rehearsal. ``devices`` are those that have a driver."""

    def __init__(self, devices: Collection[str]) -> None:
        self._devices = devices
        self._in_force: dict[str, dict[str, Instant | None]] = {}
        """Machine -> its faults, and when they are over."""

    def acted(self, what: str, words: str, now: Instant) -> Iterator[tuple[str, Broken]]:
        """A script did something: ``said`` where that was a fault, ``met`` where nobody but guests could meet it."""
        found = fault_in(what, words)
        if found is None:
            if (ended := _ended(what, words)) is not None:
                self._in_force.pop(ended, None)
            return
        yield "said", found
        if found[0] not in self._devices:
            yield "met", found
            return
        lasts = _lasts(words)
        self._in_force.setdefault(found[0], {})[found[1]] = None if lasts is None else now + lasts + COMES_BACK

    def tell(self, command: Tell) -> Iterator[Broken]:
        """A device was asked for something: the faults that this met."""
        return self._met(command.device, command.instant)

    def event(self, event: Event, now: Instant) -> Iterator[Broken]:
        """Something came in: the faults that this met."""
        match event:
            case DeviceReported(device=name) | DeviceFailed(device=name):
                return self._met(name, now)
            case DeviceHealth(device=name, health=health) if health != "ok":
                return self._met(name, now)
            case _:
                return iter(())

    def _met(self, device: str, now: Instant) -> Iterator[Broken]:
        if device in self._in_force:
            for fault, until in self._in_force[device].items():
                if until is None or now <= until:
                    yield device, fault


def fault_in(what: str, words: str) -> Broken | None:
    """The machine and the fault that a line of a script says; None where it breaks nothing.

    >>> fault_in("fault", "sound power lost for 20s"), fault_in("fault", "link film from loss 10%")
    (('sound', 'power'), ('film', 'link loss'))
    >>> fault_in("fault", "projector_1 lamp failed"), fault_in("fault", "film clip moon missing"), fault_in("set", "gate closed")
    (('projector_1', 'lamp failed'), ('film', 'clip missing'), None)
    """
    name, _, rest = " ".join(words.split()).partition(" ")
    if name == "link" and what in ("set", "fault"):
        name, _, rest = rest.partition(" ")
        kind = next((word for word in rest.split() if word in OF_A_LINK), None)
        return None if kind is None else (name, f"link {kind}")
    rest = _FOR.sub("", rest)
    if what not in ("set", "fault") or rest in ENDS or _ended(what, words) is not None:
        return None
    if rest in POWER:
        return name, "power"
    first = rest.partition(" ")[0]
    if what == "set" and first not in (*OF_ANY, *OF_PEOPLE):
        return None
    if first in (*OF_ANY, *OF_PEOPLE):
        return name, first
    said = [word for word in rest.split() if not _NUMBER.search(word)]
    return name, f"{said[0]} {said[-1]}" if len(said) > 1 else rest.partition(" ")[0]


def _ended(what: str, words: str) -> str | None:
    """The machine whose faults a line ends."""
    name, _, rest = " ".join(words.split()).partition(" ")
    if name == "link":
        name, _, rest = rest.partition(" ")
    last = rest.rpartition(" ")[2]
    return (
        name if what in ("set", "fault") and (rest in ENDS or last in ("back", "returned", "good", "replaced", "found")) else None
    )


def _lasts(words: str) -> Duration | None:
    """How long a fault is said to last; None: until it is ended."""
    found = _FOR.search(" ".join(words.split()))
    return None if found is None else round(float(found[1]) * _UNITS[found[2] or "s"])


# --- what is said of it -----------------------------------------------------------------------------------------------------


def machines(show: Show) -> tuple[str, ...]:
    """Everything that has a plug: devices, nodes and widgets."""
    widgets = (f"{item.key.rpartition('/')[2]}_widget" for item in show.patch.universes if item.key.startswith("usbpro/"))
    return tuple(dict.fromkeys((*(item.name for item in show.devices), *(item.name for item in show.patch.nodes), *widgets)))


def broken_json(show: Show, said: Iterable[Broken], met: Iterable[Broken]) -> dict[str, Any]:
    """Fault by fault the machines that met it; what was said and met nobody; and machines that nothing broke."""
    met = sorted(set(met))
    known = machines(show)
    kinds = sorted({fault for _, fault in met}, key=lambda fault: (-sum(fault == other for _, other in met), fault))
    return {
        "machines": len(known),
        "faults": {kind: [machine for machine, fault in met if fault == kind] for kind in kinds},
        "not_met": [f"{machine} {fault}" for machine, fault in sorted(set(said) - set(met))],
        "never": [machine for machine in known if machine not in {name for name, _ in met}],
    }


__all__ = ["Breakages", "Broken", "broken_json", "fault_in", "machines"]
