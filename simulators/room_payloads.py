"""What stands in the room's MQTT messages and script lines: values by their type, verbs by their payload.

The devices themselves are in ``room.py``. Nothing here raises on what came from the network; script lines raise ValueError.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from showctl.show.cues import Value
from showctl.show.devices import Verb
from showctl.show.expressions import ValueType

YES: Final = ("yes", "true", "on", "1")
NO: Final = ("no", "false", "off", "0")


def read_value(type_: ValueType, words: str, what: str) -> Value:
    match type_:
        case ValueType.TEXT:
            return words
        case ValueType.NUMBER:
            if not re.fullmatch(r"[+-]?\d+(?:\.\d+)?", words):
                raise ValueError(f"{what} is a number, not {words!r}")
            return float(words)
        case ValueType.TRUTH:
            if words.lower() not in YES + NO:
                raise ValueError(f"{what} is yes or no, not {words!r}")
            return words.lower() in YES


def parsed(payload: bytes | str) -> Any:
    """JSON, or else the text itself."""
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return payload.decode("utf-8", "replace").strip() if isinstance(payload, bytes) else payload.strip()


def template_of(verb: Verb) -> Any:
    """What a verb says, with None for each of its arguments."""
    payload = verb.payload
    for argument in verb.arguments:
        payload = payload.replace(f'"{{{argument.name}}}"', "null").replace(f"{{{argument.name}}}", "null")
    return parsed(payload)


def fits(said: Any, command: dict[str, Any]) -> bool:
    return (
        isinstance(said, dict)
        and (set(said) - {"id"}) == set(command)
        and all(value is None or command[key] == value for key, value in said.items() if key != "id")
    )


def fitting(type_: ValueType, value: object) -> Value | None:
    """``value`` from a command where it is of a field's type, else None."""
    match type_:
        case ValueType.TEXT:
            return value if isinstance(value, str) else None
        case ValueType.TRUTH:
            return value if isinstance(value, bool) else None
        case ValueType.NUMBER:
            known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
            return float(value) if known else None  # type: ignore[arg-type]


def plain(value: Value) -> Value | int:
    return int(value) if type(value) is float and value.is_integer() else value


def as_json(value: Value) -> bytes:
    return json.dumps(plain(value), ensure_ascii=False).encode()
