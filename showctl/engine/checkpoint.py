"""A state as plain data and back: what the journal keeps now and then, so that recovery need not begin in the morning.

``restore(keep(state))`` equals ``state`` to the byte (a law, tested). Only the engine's own frozen types are known here: what
is read can be nothing else, so a journal from elsewhere cannot make anything run. Arrays travel compressed. A running show
writes the same in pieces (``checkpoint_pieces.py``).
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, Final

import numpy as np

from showctl.engine.state import (
    CueRun,
    Due,
    HazardPhase,
    HazardState,
    ListState,
    Performed,
    Phase,
    Snapshot,
    State,
    Thing,
    Trace,
    TriggerState,
    What,
)
from showctl.engine.tags import Checking, Lock, Muted, OutOfUse, Parked, Tags
from showctl.light.clocks import Clock
from showctl.light.plan import CLOCK, MASTER, ROW, Plan
from showctl.show.cues import ActionClass, CueRef, LightMove, MoveKind

FORMAT: Final = 1

_FACTS: Final[dict[str, type]] = {
    kind.__name__: kind
    for kind in (
        State,
        ListState,
        Snapshot,
        CueRun,
        Due,
        Thing,
        Performed,
        TriggerState,
        Trace,
        HazardState,
        Tags,
        Parked,
        OutOfUse,
        Lock,
        Muted,
        Checking,
        Clock,
        Plan,
        CueRef,
        LightMove,
    )
}
_WORDS: Final[dict[str, type[Enum]]] = {kind.__name__: kind for kind in (Phase, What, HazardPhase, ActionClass, MoveKind)}
TABLES: Final = {"row": ROW, "clock": CLOCK, "master": MASTER}


class UnreadableStateError(ValueError):
    """The data is no state of this version."""


def keep(state: State) -> dict[str, Any]:
    """``state`` as JSON-ready data."""
    return {"format": FORMAT, "state": plain(state)}


def restore(data: Mapping[str, Any]) -> State:
    """The state that ``keep`` wrote. UnreadableStateError for anything else."""
    try:
        if data["format"] != FORMAT:
            raise UnreadableStateError(f"a state of format {data['format']}, where {FORMAT} is known")
        state = _fact(data["state"])
    except (KeyError, TypeError, ValueError, zlib.error, AttributeError) as error:
        raise UnreadableStateError(f"this is no state of an engine: {error}") from None
    if not isinstance(state, State):
        raise UnreadableStateError("this is no state of an engine")
    return state


def plain(value: Any) -> Any:
    """``value``, which a state holds, as JSON-ready data."""
    if value is None or isinstance(value, bool | str | float) or type(value) is int:
        return value
    if isinstance(value, Enum):
        return {"word": type(value).__name__, "is": value.value}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, frozenset):
        return {"set": [plain(item) for item in sorted(value)]}
    if isinstance(value, Mapping):
        return {"map": [[plain(key), plain(item)] for key, item in value.items()]}
    if isinstance(value, np.ndarray):
        table = next(name for name, kind in TABLES.items() if kind == value.dtype)
        return {"table": table, "bytes": base64.b64encode(zlib.compress(value.tobytes(), 1)).decode("ascii")}
    assert type(value).__name__ in _FACTS, f"a state holds no {type(value).__name__}"
    return {"fact": type(value).__name__, "of": [plain(getattr(value, name)) for name in names_of(type(value))]}


def _fact(data: Any) -> Any:
    if isinstance(data, list):
        return tuple(_fact(item) for item in data)
    if not isinstance(data, dict):
        return data
    if "word" in data:
        return _WORDS[data["word"]](data["is"])
    if "set" in data:
        return frozenset(_fact(item) for item in data["set"])
    if "map" in data:
        return {_fact(key): _fact(item) for key, item in data["map"]}
    if "table" in data:
        return np.frombuffer(zlib.decompress(base64.b64decode(data["bytes"])), TABLES[data["table"]])
    kind = _FACTS[data["fact"]]
    names = names_of(kind)
    if len(names) != len(data["of"]):
        raise UnreadableStateError(f"a {data['fact']} of another version")
    return kind(**{name: _fact(item) for name, item in zip(names, data["of"], strict=True)})


def names_of(kind: type) -> list[str]:
    """The fields of a fact, in the order in which they are written."""
    return ["rows", "clocks", "masters"] if kind is Plan else [item.name for item in fields(kind)]
