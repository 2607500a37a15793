"""Who may come in: every HTTP request and WebSocket passes here first.

- **Host** must be one of the names this console goes by (loopback names by default), so that a foreign name that has been
  made to point here (DNS rebinding) gets nothing.
- **Origin**, which browsers always send where something is changed, must be this very console, port included. Programs send
  none and are let in: they are held off by the address that is listened on, not by a header.
- Answers forbid everything that a page here does not need: no foreign script, style, font, picture, frame or form.

Nothing else stands between a person and panic: no login, no token, no session.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, MutableMapping
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PLAIN: Final = re.compile(r"[a-z0-9.\-]+|\[[0-9a-f:]+\]", re.IGNORECASE)
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
READING: Final = ("GET", "HEAD", "OPTIONS")
POLICY: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}

STRANGER: Final = {
    "content-security-policy": (
        "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "unsafe-none",
}
"""For a page that carries its own script: it belongs to nobody, so it has no session, asks nothing and hears nothing."""


class Guard:
    """ASGI middleware that lets in what may come in."""

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()) -> None:
        self.app = app
        self.names = LOOPBACK | {name.lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        why = self.refused(scope)
        if not why:
            await self.app(scope, receive, _with_policy(send, scope))
        elif scope["type"] == "http":
            await JSONResponse({"error": why}, 403)(scope, receive, _with_policy(send, scope))
        else:
            await receive()  # websocket.connect; closing before accepting is answered with 403
            await send({"type": "websocket.close", "code": 1008, "reason": ""})

    def refused(self, scope: Scope) -> str:
        """Why this request may not come in; "" where it may."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if name_of(host) not in self.names:
            return "this console does not go by that name"
        changes = scope["type"] == "websocket" or scope["method"] not in READING
        if not changes:
            return ""
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            return "this page is not the console's own"
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return "this page is not the console's own"
        if scope["type"] == "http" and headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return "requests are sent as application/json"
        return ""


def name_of(host: str) -> str:
    """The name in a Host header, without its port.

    >>> name_of("LocalHost:8080"), name_of("[::1]:8080"), name_of("127.0.0.1")
    ('localhost', '::1', '127.0.0.1')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.rpartition(":")[0].lower() if ":" in host else host.lower()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _with_policy(send: Send, scope: Scope) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=_headers(message))
            stranger = headers.get("content-security-policy") == STRANGER["content-security-policy"]
            for name, value in (POLICY | STRANGER if stranger else POLICY).items():
                headers[name] = value.replace("connect-src 'self'", f"connect-src 'self'{_panic_door(scope)}")
        await send(message)

    return wrapped


def _panic_door(scope: Scope) -> str:
    """Where a page may send panic when the engine hangs: the port after this one (``runtime.panic_door``)."""
    name, _, port = Headers(scope=scope).get("host", "").rpartition(":")
    return f" http://{name}:{int(port) + 1}" if name and port.isdecimal() and _PLAIN.fullmatch(name) else ""


def _headers(message: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    message.setdefault("headers", [])
    return message
