"""What the wire has to know of a show, as the body of a SHOW message: patch, masters, rates, stand-in looks. Never pickle.

The engine says it where the wire runs another patch: after a reload, or after the wire was started anew with a folder that has
been saved since. Only the facts named here can come of it, whatever the bytes are. What is shared (a mode that many fixtures
have) is written once. Zones come with their safe looks and nothing else, for the wire asks no devices.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final

from showctl.runtime.wire.errors import BadMessageError
from showctl.show.cues import LightMove, MoveKind, Wave
from showctl.show.fixtures import Channel, Family, Fixture, Hazard, Mode, Point
from showctl.show.patch import Node, Protocol, Universe, make_patch
from showctl.show.pixels import Along, Footage, PixelWave, Wall, Wiring
from showctl.show.places import NOWHERE, Place
from showctl.show.show import Show, Submaster
from showctl.show.triggers import SafeState, Zone

LARGEST: Final = 96 << 20
"""Bytes of a show's facts, unpacked."""
_FACTS: Final[dict[str, type]] = {
    kind.__name__: kind
    for kind in (Universe, Node, Fixture, Mode, Channel, Point, LightMove, Submaster, Zone, SafeState, Wall, PixelWave, Footage)
}
_WORDS: Final[dict[str, type[Enum]]] = {kind.__name__: kind for kind in (Protocol, Family, Hazard, MoveKind, Wave, Wiring, Along)}


def encode_facts(show: Show) -> bytes:
    """``show`` as far as it is the wire's business."""
    return zlib.compress(_words(told(show)).encode(), 1)


def told(show: Show) -> list[Any]:
    """The same in plain lists: what is shared, and what is said, the show's name first. The fingerprint is made of them."""
    known: dict[int, int] = {}
    worded: dict[str, int] = {}
    shared: list[Any] = []

    def plain(value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, Enum):
            return {"word": type(value).__name__, "is": value.value}
        if isinstance(value, tuple):
            return [plain(item) for item in value]
        if isinstance(value, bytes):
            return {"bytes": base64.b64encode(value).decode()}
        assert is_dataclass(value), f"a patch holds no {type(value).__name__}"
        if isinstance(value, Place):
            return {"place": 0}
        if not isinstance(value, Mode | Channel):
            return {"fact": type(value).__name__, "of": [plain(getattr(value, item.name)) for item in fields(value)]}
        if id(value) not in known:
            made = {"fact": type(value).__name__, "of": [plain(getattr(value, item.name)) for item in fields(value)]}
            number = known[id(value)] = worded.setdefault(_words(made), len(shared))
            if number == len(shared):
                shared.append(made)
        return {"shared": known[id(value)]}

    patch = show.patch
    zones = tuple(replace(zone, safe=SafeState(zone.safe.light, ())) for zone in show.zones)
    parts = [show.name, show.dmx_rate, show.panic_time, patch.universes, patch.nodes, patch.fixtures, show.submasters, zones]
    said = [plain(part) for part in (*parts, show.exit_look, patch.walls, patch.sources, patch.floors)]
    return [shared, said]


def _words(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def decode_facts(body: bytes) -> Show:
    """The show of such bytes. BadMessageError for anything else."""
    try:
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(body, LARGEST)
        if unpacking.unconsumed_tail:
            raise ValueError("more than a show can be")
        shared, said = json.loads(text)
        done: list[Any] = []

        def fact(data: Any) -> Any:
            if isinstance(data, list):
                return tuple(fact(item) for item in data)
            if not isinstance(data, dict):
                return data
            if "word" in data:
                return _WORDS[data["word"]](data["is"])
            if "place" in data:
                return NOWHERE
            if "bytes" in data:
                return base64.b64decode(data["bytes"], validate=True)
            if "shared" in data:
                return done[data["shared"]]
            kind = _FACTS[data["fact"]]
            named = zip(fields(kind), data["of"], strict=True)
            return kind(**{item.name: fact(value) for item, value in named})

        for item in shared:  # one may refer to those before it
            done += [fact(item)]
        name, rate, panic_time, universes, nodes, fixtures, submasters, zones, exit_look, walls, sources, floors = map(fact, said)
        patch = replace(make_patch(universes, nodes, fixtures, walls, sources), floors=floors)
        return Show(
            name, patch, (), zones=zones, submasters=submasters, dmx_rate=rate, panic_time=panic_time, exit_look=exit_look
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, RecursionError, zlib.error) as error:
        raise BadMessageError(f"a show that is none ({error})", 0) from None
