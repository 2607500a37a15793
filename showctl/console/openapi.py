"""The HTTP side of the console as OpenAPI 3.1, made from the list of messages: ``GET /api/openapi.json``."""

from __future__ import annotations

import re
from typing import Any, Final

from showctl import __version__
from showctl.console.messages import MESSAGES, VERSION, Message

_PLAIN: Final[dict[str, dict[str, Any]]] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "number[]": {"type": "array", "items": {"type": "number"}},
    "string[]": {"type": "array", "items": {"type": "string"}},
    "string | null": {"type": ["string", "null"]},
    "number | null": {"type": ["number", "null"]},
    "Record<string, boolean | number | string>": {"type": "object"},
}
_ANSWERS: Final = {
    "200": {"description": "Done, or what was asked.", "content": {"application/json": {"schema": {"type": "object"}}}},
    "400": {"description": "Not understood; error says why."},
    "401": {"description": "Log in first."},
    "403": {"description": "Not for this role."},
}


def openapi() -> dict[str, Any]:
    """The document."""
    paths: dict[str, dict[str, Any]] = {}
    for message in MESSAGES:
        if message.way != "ws":
            method, path = message.way.split()
            paths.setdefault(path, {})[method.lower()] = _operation(message, method)
    requests = [message for message in MESSAGES if message.way == "ws" and message.name not in ("Watch", "Here", "Own")]
    paths["/api/ask"] = {
        "post": {
            "operationId": message.name,
            "summary": "Asks the show for something.",
            "requestBody": _body({"oneOf": [_request(message) for message in requests]}),
            "responses": _ANSWERS,
        }
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "showctl console", "version": __version__, "x-messages": VERSION},
        "paths": paths,
        "components": {"securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "showctl"}}},
    }


def _operation(message: Message, method: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": message.name,
        "summary": message.says,
        "description": f"For: {message.role} and above.",
        "responses": _ANSWERS,
    }
    if method == "GET":
        found["parameters"] = [
            {"name": name.rstrip("?"), "in": "query", "required": not name.endswith("?"), "schema": _schema(kind)}
            for name, kind in message.takes
        ]
    else:
        found["requestBody"] = _body(_object(message))
    return found


def _request(message: Message) -> dict[str, Any]:
    made = _object(message)
    made["properties"] = {"request": {"const": message.name}, **made["properties"]}
    made["required"] = ["request", *made["required"]]
    return made | {"title": message.name, "description": f"{message.says} For: {message.role} and above."}


def _object(message: Message) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name.rstrip("?"): _schema(kind) for name, kind in message.takes},
        "required": [name for name, _ in message.takes if not name.endswith("?")],
    }


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _schema(kind: str) -> dict[str, Any]:
    words = re.findall(r'"([^"]*)"', kind)
    if words:
        return {"enum": words}
    if re.fullmatch(r"\d( \| \d)*", kind):
        return {"enum": [int(word) for word in kind.split(" | ")]}
    return _PLAIN[kind]
