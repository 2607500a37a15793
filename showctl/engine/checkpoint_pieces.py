"""A state as text, written in pieces: what ``checkpoint.keep`` says, without the show's waiting for all of it at once.

A state of a long show has hundreds of kilobytes, most of them what its lists were at their last GOs (for ``back``). Those never
change, so each is written once and remembered as long as it is kept. The text is the JSON of the same data, keys in order.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Generator, Iterable, Mapping
from itertools import islice
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from showctl.engine.checkpoint import FORMAT, TABLES, names_of, plain
from showctl.engine.state import ListState, Snapshot, State
from showctl.light.plan import Plan

Text: TypeAlias = Generator[None, None, str]
"""Makes a text; between two pieces whoever asks for it may do something else."""
ITEMS: Final = 12
"""Of a collection that make a piece."""
BYTES: Final = 64 << 10
"""Of a table."""
_JSON: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_WRITTEN: Final[WeakKeyDictionary[Snapshot, str]] = WeakKeyDictionary()


def text_of(state: State, more: Mapping[str, Any]) -> Text:
    """``keep(state) | more`` as JSON."""
    parts = {"format": _JSON(FORMAT), "state": (yield from _written(state))}
    parts |= {name: _JSON(value) for name, value in more.items()}
    return "{" + ",".join(f"{_JSON(name)}:{parts[name]}" for name in sorted(parts)) + "}"


def _written(value: Any) -> Text:
    match value:
        case Snapshot():
            found = _WRITTEN.get(value)
            if found is None:
                found = _WRITTEN[value] = yield from _fact(value)
            return found
        case State() | ListState() | Plan():
            return (yield from _fact(value))
        case tuple() if len(value) > ITEMS or any(isinstance(item, ListState | Snapshot) for item in value):
            return "[" + ",".join((yield from _each(value))) + "]"
        case Mapping() if len(value) > ITEMS:
            return '{"map":[' + ",".join((yield from _each(value.items()))) + "]}"
        case np.ndarray():
            return (yield from _table(value))
        case _:
            yield
            return _JSON(plain(value))


def _fact(value: Any) -> Text:
    parts: list[str] = []
    for name in names_of(type(value)):
        text = yield from _written(getattr(value, name))
        parts.append(text)
    return f'{{"fact":"{type(value).__name__}","of":[{",".join(parts)}]}}'


def _each(items: Iterable[Any]) -> Generator[None, None, list[str]]:
    parts: list[str] = []
    coming = iter(items)
    while some := list(islice(coming, ITEMS)):
        for item in some:
            text = (yield from _written(item)) if isinstance(item, ListState | Snapshot) else _JSON(plain(item))
            parts.append(text)
        yield
    return parts


def _table(rows: np.ndarray[Any, Any]) -> Text:
    """As ``checkpoint`` writes it: the same bytes, whatever the pieces."""
    data, press = memoryview(rows.tobytes()), zlib.compressobj(1)
    pressed = []
    for first in range(0, len(data), BYTES):
        pressed.append(press.compress(data[first : first + BYTES]))
        yield
    pressed.append(press.flush())
    name = next(name for name, kind in TABLES.items() if kind == rows.dtype)
    return f'{{"bytes":"{base64.b64encode(b"".join(pressed)).decode("ascii")}","table":"{name}"}}'
