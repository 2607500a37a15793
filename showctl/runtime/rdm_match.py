"""Fixtures found over RDM against the patch: who is whom, what is set otherwise than patched, who is missing, who is a stranger.

A fixture is recognised by where it listens: universe and address. One that listens where nothing is patched may be the one that
is missed; where exactly one of that size is, it is named as a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from showctl.protocols.rdm import uid_words
from showctl.protocols.rdm_values import DeviceInfo, ModeDescription
from showctl.show.fixtures import Fixture
from showctl.show.show import Show


@dataclass
class Found:
    """A device that answered on a universe's cable. ``trouble`` says what it did not tell."""

    uid: int
    universe: str
    info: DeviceInfo | None = None
    maker: str = ""
    model: str = ""
    label: str = ""
    modes: dict[int, ModeDescription] = field(default_factory=dict)
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A device and the light that it is by the patch ("" where none); ``words`` say what is wrong, "" where all is well."""

    found: Found
    light: str
    words: str


def matched(show: Show, found: Iterable[Found], searched: Iterable[str] = ()) -> tuple[list[Match], list[str]]:
    """Each device with its light, and the lights of the universes ``searched`` (and of those found on) that nobody is."""
    devices = list(found)
    by_place: dict[tuple[str, int], list[Found]] = {}
    for device in devices:
        if device.info is not None and device.info.address is not None:
            by_place.setdefault((device.universe, device.info.address), []).append(device)
    universes = {*searched, *(device.universe for device in devices)}
    patched = {(f.universe, f.address): f for f in show.patch.fixtures if f.universe in universes}
    missing = [fixture for place, fixture in patched.items() if place not in by_place]
    matches = [_match(device, by_place, patched, missing) for device in devices]
    return sorted(matches, key=lambda m: (m.found.universe, _address(m.found), m.found.uid)), [f.name for f in missing]


def _match(
    device: Found, by_place: dict[tuple[str, int], list[Found]], patched: dict[tuple[str, int], Fixture], missing: list[Fixture]
) -> Match:
    info = device.info
    if info is None:
        return Match(device, "", device.trouble or "it tells nothing of itself")
    if info.address is None:
        return Match(device, "", "it listens to no slots")
    fixture = patched.get((device.universe, info.address))
    if fixture is None:
        alike = [f.name for f in missing if f.mode.footprint == info.footprint]
        guess = f"; is it {alike[0]}?" if len(alike) == 1 else ""
        return Match(device, "", f"nothing is patched at {device.universe}.{info.address}{guess}")
    wrong: list[str] = []
    others = [uid_words(other.uid) for other in by_place[(device.universe, info.address)] if other is not device]
    if others:
        wrong.append(f"{', '.join(others)} listens there, too")
    if info.footprint != fixture.mode.footprint:
        mode = device.modes.get(info.mode)
        name = f"{mode.name!r}" if mode is not None and mode.name else str(info.mode)
        wrong.append(f"its mode {name} takes {info.footprint} slots, {fixture.mode.name} of the patch {fixture.mode.footprint}")
    return Match(device, fixture.name, "; ".join(wrong))


def _address(device: Found) -> int:
    return 0 if device.info is None or device.info.address is None else device.info.address


def as_json(match: Match) -> dict[str, Any]:
    """A device as pages and commands show it."""
    device, info = match.found, match.found.info
    mode = None if info is None else device.modes.get(info.mode)
    return {
        "uid": uid_words(device.uid),
        "universe": device.universe,
        "light": match.light or None,
        "address": None if info is None else info.address,
        "footprint": None if info is None else info.footprint,
        "mode": None if info is None else info.mode,
        "modes": None if info is None else info.modes,
        "mode_name": mode.name if mode is not None else "",
        "maker": device.maker,
        "model": device.model,
        "label": device.label,
        "sensors": 0 if info is None else info.sensors,
        "words": match.words,
    }
