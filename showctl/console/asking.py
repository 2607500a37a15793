"""What a client may ask, as JSON, and what it is told: the one place where the outside's units become the show's.

``{"request": "Go", "list": "main"}`` is ``events.Go``: the fields are the event's own, those that are left out have its defaults.
Seconds are numbers, levels 0..1. ``origin`` may name a surface and a person; the address is the one that the request came
from, whatever it says. ``Refusal`` carries a sentence: the request was not understood, and nothing has happened.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from typing import Any, Final

from showctl.engine.commands import Answer
from showctl.engine.events import (
    Arm,
    Ask,
    Back,
    ChannelCheck,
    Evacuate,
    Go,
    Grab,
    Identify,
    InService,
    Load,
    Locate,
    Maintain,
    Master,
    Mute,
    Origin,
    OutOfService,
    Panic,
    Park,
    Pause,
    Preview,
    Rate,
    Rdm,
    Rearm,
    Request,
    Reset,
    Resume,
    Standby,
    StandbyMove,
    Start,
    Stop,
    Ungrab,
    Unpark,
)
from showctl.show.cues import CueRef
from showctl.show.instants import seconds, seconds_of
from showctl.show.levels import FULL

SURFACES: Final = ("console", "key", "cli", "script")
"""Whom a client may say it is. The others (osc, mqtt, trigger, schedule) come in by doors of their own."""
LONGEST_TEXT: Final = 400
LONGEST_OVER: Final = 3600.0
KINDS: Final[dict[str, type[Request]]] = {
    kind.__name__: kind
    for kind in (
        Go, Standby, StandbyMove, Start, Preview, Load, Stop, Pause, Resume, Rate, Back, Locate, Panic, Evacuate, Rearm, Reset,
        Master, Grab, Ungrab, Ask, Arm, ChannelCheck, Identify, Park, Unpark, OutOfService, InService, Maintain, Mute,
    )
}  # fmt: skip


class Refusal(Exception):  # noqa: N818 - what the client reads: raise Refusal("there is no request called Jump")
    """The request cannot be understood. Nothing has happened."""


def request_of(body: object, address: str = "") -> Request:
    """The request that a client's JSON means."""
    if not isinstance(body, dict):
        raise Refusal("a request is a JSON object")
    name = body.get("request")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise Refusal(f"there is no request called {_short(name)}; there are {', '.join(KINDS)}")
    known = {item.name: item for item in fields(kind) if item.name != "wall"}  # the desk stamps it
    strange = [word for word in body if word not in known and word not in ("request", "id")]
    if strange:
        raise Refusal(f"{name} knows nothing of {_short(strange[0])}; it takes {', '.join(known)}")
    given: dict[str, Any] = {"origin": _origin(body.get("origin"), address)}
    for word, item in known.items():
        if word == "origin":
            continue
        if word in body:
            given[word] = _value(item, body[word])
        elif item.default is MISSING and item.default_factory is MISSING:
            raise Refusal(f"{name} needs {word}")
    request: Request = kind(**given)
    return request


def body_of(request: Request) -> dict[str, Any]:
    """``request`` as JSON that ``request_of`` reads again; where it comes from stands in ``origin``."""
    body: dict[str, Any] = {"request": type(request).__name__}
    for item in fields(request):
        value = getattr(request, item.name)
        match item.name:
            case "wall":
                continue  # the desk stamps it
            case "origin":
                value = {"surface": value.surface, "person": value.person, "address": value.address}
            case "over" | "at" if value is not None:
                value = seconds_of(value)
            case "level":
                value /= FULL
            case "levels":
                value = [level / FULL for level in value]
            case "arguments":
                value = dict(value)
            case _:
                value = list(value) if isinstance(value, tuple) else value
        body[item.name] = value
    return body


def answer_of(told: dict[str, Any]) -> Answer:
    """The answer that ``answer_json`` told."""
    started, standby = (None if cue is None else CueRef(cue["list"], cue["cue"]) for cue in (told["started"], told["standby"]))
    return Answer(seconds(told["instant"]), told["refused"], started, standby, told["words"])


def reload_of(body: object) -> str:
    """The revision that a client's JSON wants to be run; "" where it only looks."""
    revision = body.get("revision", "") if isinstance(body, dict) and set(body) <= {"revision"} else None
    if not isinstance(revision, str) or len(revision) > LONGEST_TEXT:
        raise Refusal("a reload is an object with the revision that was looked at, or with nothing")
    return revision


def rdm_of(body: object, address: str = "") -> Rdm:
    """What a client asks of fixtures over RDM: ``{"verb", "what", "value"}``."""
    if not isinstance(body, dict) or not set(body) <= {"verb", "what", "value", "origin"}:
        raise Refusal("RDM is asked for with an object of verb, what and value")
    verb, what, value = (_text(word, body.get(word, "")) for word in ("verb", "what", "value"))
    return Rdm(verb, what, value, _origin(body.get("origin"), address))


def answer_json(answer: Answer) -> dict[str, Any]:
    """What a client is told of its request."""
    return {
        "done": not answer.refused,
        "refused": answer.refused,
        "started": _cue(answer.started),
        "standby": _cue(answer.standby),
        "words": answer.words,
        "instant": seconds_of(answer.instant),
    }


def from_json(data: bytes | str) -> object:
    """What a client sent. Refusal where it is not JSON, or nested beyond reason."""
    try:
        found: object = json.loads(data)
    except (ValueError, RecursionError):
        raise Refusal("that is not JSON") from None
    return found


def _cue(cue: CueRef | None) -> dict[str, str] | None:
    return None if cue is None else {"list": cue.list, "cue": cue.label}


def _origin(given: object, address: str) -> Origin:
    if given is None:
        return Origin("console", "", address)
    if not isinstance(given, dict) or not set(given) <= {"surface", "person", "address"}:
        raise Refusal("origin is an object with a surface and perhaps a person")
    surface, person = given.get("surface", "console"), given.get("person", "")
    address = address or _text("origin.address", given.get("address", ""))  # our own socket speaks for others
    if surface not in SURFACES:
        raise Refusal(f"origin.surface is one of {', '.join(SURFACES)}")
    return Origin(surface, _text("origin.person", person), address)


def _value(item: Field[Any], given: object) -> Any:
    """``given`` as the field's own type, which its annotation names."""
    kind = str(item.type)
    if given is None and kind.endswith("| None"):
        return None
    match item.name, kind.removesuffix(" | None"):
        case "over", _:
            return seconds(_number(item.name, given, 0, LONGEST_OVER))
        case "at", _:
            return seconds(_number(item.name, given, -LONGEST_OVER, LONGEST_OVER))
        case "level", _:
            return round(_number(item.name, given, 0, 1) * FULL)
        case "levels", _:
            return _many(item.name, given, lambda value: round(_number(item.name, value, 0, 1) * FULL))
        case "parameters", _:
            return _many(item.name, given, lambda value: _whole(item.name, value))
        case "arguments", _:
            return _arguments(given)
        case _, "str":
            return _text(item.name, given)
        case _, "bool":
            if not isinstance(given, bool):
                raise Refusal(f"{item.name} is true or false")
            return given
        case _:
            return _whole(item.name, given)


def _text(name: str, given: object) -> str:
    if not isinstance(given, str):
        raise Refusal(f"{name} is text")
    if len(given) > LONGEST_TEXT or not given.isprintable():
        raise Refusal(f"{name} is too long or cannot be printed")
    return given


def _number(name: str, given: object, low: float, high: float) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not low <= given <= high:
        raise Refusal(f"{name} is a number from {low:g} to {high:g}")
    return float(given)


def _whole(name: str, given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or abs(given) > 1_000_000:
        raise Refusal(f"{name} is a whole number")
    return given


def _many(name: str, given: object, one: Callable[[object], int]) -> tuple[int, ...]:
    if not isinstance(given, list):
        raise Refusal(f"{name} is a list")
    return tuple(one(value) for value in given)


def _arguments(given: object) -> tuple[tuple[str, bool | float | str], ...]:
    if not isinstance(given, dict):
        raise Refusal("arguments is an object")
    found: list[tuple[str, bool | float | str]] = []
    for word, value in given.items():
        if not isinstance(value, bool | int | float | str):
            raise Refusal(f"arguments.{_short(word)} is text, a number, or true or false")
        found.append((word, value if isinstance(value, bool | str) else float(value)))
    return tuple(found)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
