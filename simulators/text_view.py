"""The venue as a page of plain text: every device, who sends to which universe, and what every light does.

For a terminal and for ``curl``. It is made from what ``GET /state`` answers, so that both always agree. A device that says
something else than is true gets a second line.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def page(name: str, state: dict[str, Any]) -> str:
    """``state`` in words, for people."""
    lines = [f"{name}: the simulated venue", "", "DEVICES"]
    lines += _devices(state["devices"])
    lines += ["", "THE ROOM", *_room(state), "", "UNIVERSES"]
    lines += [_universe(key, universe) for key, universe in state["universes"].items()]
    lines += ["", "LIGHTS (percent; pan and tilt in degrees)"]
    lines += [_fixture(key, values) for key, values in state["fixtures"].items()]
    if state["pixels"]:
        lines += ["", "WALLS OF PIXELS"]
        lines += [
            f"  {key:18} {wall['width']} x {wall['height']}, see /pixels/{key}.png" for key, wall in state["pixels"].items()
        ]
    return "\n".join(lines) + "\n"


def _room(state: dict[str, Any]) -> Iterable[str]:
    """What it is like in each zone, and what is seen on each surface."""
    for name, zone in state["zones"].items():
        light, sound, haze, guests = (zone.get(what, 0.0) for what in ("light", "sound", "haze", "guests"))
        yield f"  {name:18} {light:8.1f} lx   {sound:5.1f} dB(A)   haze {haze:3.0f} %   guests {guests:.0f}"
    for name, surface in state["surfaces"].items():
        yield f"  {name:18} {surface['picture'] or 'dark'}"


def _devices(devices: dict[str, Any]) -> Iterable[str]:
    for name, device in devices.items():
        power = "on " if device["powered"] else "OFF"
        yield f"  {name:18} {power} {_fields(device['truth'])}".rstrip()
        truth, report = device["truth"], device["report"]
        differing = {field: value for field, value in report.items() if field in truth and truth[field] != value}
        if differing:
            yield f"  {'':18}     says {_fields(differing)}"


def _fields(fields: dict[str, Any]) -> str:
    return "  ".join(f"{name} {_value(value)}" for name, value in fields.items())


def _value(value: bool | float | str) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return f'"{value}"' if " " in value or not value else value
        case _:
            return f"{value:.2f}".rstrip("0").rstrip(".")


def _universe(key: str, universe: dict[str, Any]) -> str:
    sources = ", ".join(
        f"{source['name'] or source['id']} (priority {source['priority']}, {source['age']:.1f} s ago)"
        for source in universe["sources"]
    )
    lit = sum(level > 0 for level in universe["slots"])
    return f"  {key:18} {lit:3} slots up   {sources or 'nobody sends'}"


def _fixture(name: str, values: dict[str, float]) -> str:
    shown = (
        f"{parameter} {value:.1f}" if parameter in ("pan", "tilt") else f"{parameter} {100 * value:.0f}"
        for parameter, value in values.items()
    )
    return f"  {name:18} {'  '.join(shown)}"
