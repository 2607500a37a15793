"""What a show means to the wire, in 32 bytes: engine and wire compare it before they talk of parameter numbers.

Patch (with what plays on pixels), masters, rate and stand-in looks count. Cues do not, nor do the places in files where things
were written, so an edited cue needs no new wire and a fixture moved to another slot does.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from showctl.show.show import Show


def fingerprint(show: Show) -> bytes:
    """SHA-256 of everything in ``show`` that decides what a plan looks like on the wire."""
    safe = [(zone.name, zone.safe.light) for zone in show.zones]
    patch = (show.patch.universes, show.patch.nodes, show.patch.fixtures, show.patch.walls, show.patch.sources)
    facts = (*patch, show.submasters, show.dmx_rate, show.panic_time, show.exit_look, safe)
    return hashlib.sha256(repr(_plain(facts, {})).encode()).digest()


def _plain(value: Any, seen: dict[int, str]) -> Any:
    """``value`` without places, in an order of its own; a mode that many fixtures share is written out once."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, (tuple, list)):
        return [_plain(item, seen) for item in value]
    if isinstance(value, dict):
        return [(_plain(key, seen), _plain(item, seen)) for key, item in value.items()]
    if is_dataclass(value):
        known = seen.get(id(value))
        if known is None:
            named = [(f.name, _plain(getattr(value, f.name), seen)) for f in fields(value) if f.compare and f.name != "place"]
            known = seen[id(value)] = hashlib.sha256(repr((type(value).__name__, named)).encode()).hexdigest()
        return known
    assert value is None or isinstance(value, (bool, int, float, str)), f"{value!r} has no plain form"
    return value
