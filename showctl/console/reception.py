"""The way of an HTTP request to its answer: who sends it, whether they may, its JSON, and what becomes of errors.

An answer is made by a function of ``Asked``; it returns what is sent as JSON, or a ``Response`` of its own. It raises ``Refusal``
(400), ``Unknown`` (404) or ``Sorry`` (any other status), each with a sentence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeVar

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from showctl.console.access import Access, Who
from showctl.console.asking import Refusal, from_json
from showctl.engine.asking import Unknown
from showctl.engine.events import Request
from showctl.runtime.plain_json import as_json

T = TypeVar("T")
LARGEST: Final = 64 << 10
"""Bytes of one request."""
LOG_IN, NOT_YOURS, TOO_LARGE, WAIT, GONE = 401, 403, 413, 429, 503


class _Place(Protocol):
    """Where a desk is."""

    far: bool


class Sorry(Exception):  # noqa: N818 - raise Sorry(429, "wait for 8 s")
    """It cannot be answered, for a reason that has a status of its own."""

    def __init__(self, status: int, why: str, **headers: str) -> None:
        super().__init__(why)
        self.status, self.headers = status, headers


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as its answer sees it."""

    http: HttpRequest
    who: Who
    body: object = None
    """The JSON that was sent, of a POST."""

    @property
    def address(self) -> str:
        """Where it comes from; "" from this user's own socket."""
        return "" if self.http.client is None else self.http.client.host

    def text(self, name: str) -> str:
        """A word of the query; "" where it is left out."""
        return self.http.query_params.get(name, "")

    def given(self, *, needs: tuple[str, ...] = (), may: tuple[str, ...] = ()) -> Mapping[str, Any]:
        """The body as an object with these keys. Refusal where it is anything else."""
        if not isinstance(self.body, dict):
            raise Refusal("send a JSON object")
        missing = [name for name in needs if name not in self.body]
        if missing:
            raise Refusal(f"{missing[0]} is missing; it takes {', '.join((*needs, *may))}")
        strange = [name for name in self.body if name not in (*needs, *may, "origin")]
        if strange:
            raise Refusal(f"{str(strange[0])[:40]!r} is not known; it takes {', '.join((*needs, *may)) or 'nothing'}")
        return self.body


Answer = Callable[[Asked], Awaitable[Any]]


class Reception:
    """Makes routes whose requests pass ``access``."""

    def __init__(self, access: Access) -> None:
        self.access = access

    def get(self, path: str, answer: Answer) -> Route:
        """``GET path``."""

        async def answered(request: HttpRequest) -> Response:
            return await self._answered(f"GET {path}", answer, request)

        return Route(path, answered, methods=["GET"])

    def post(self, path: str, answer: Answer) -> Route:
        """``POST path``, with JSON of at most ``LARGEST`` bytes."""

        async def answered(request: HttpRequest) -> Response:
            return await self._answered(f"POST {path}", answer, request)

        return Route(path, answered, methods=["POST"])

    async def _answered(self, message: str, answer: Answer, request: HttpRequest) -> Response:
        who = self.access.who(request)
        try:
            may(who, message)
            body = from_json(await _body(request)) if request.method == "POST" else None
            found = await answer(Asked(request, who, body))
        except Refusal as refusal:
            return reply({"error": str(refusal)}, 400)
        except Unknown as unknown:
            return reply({"error": str(unknown)}, 404)
        except Sorry as sorry:
            return reply({"error": str(sorry)}, sorry.status, sorry.headers)
        return found if isinstance(found, Response) else reply(found)


def may(who: Who, message: str) -> None:
    """Sorry where ``who`` may not send ``message``."""
    why = who.refused(message)
    if why:
        raise Sorry(LOG_IN if who.role is None else NOT_YOURS, why)


def signed(request: Request, who: Who) -> Request:
    """``request`` with the name of whoever is logged in, whatever the page says."""
    return replace(request, origin=replace(request.origin, person=who.person)) if who.person else request


async def on_a_thread(question: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What ``question`` says; the show does not wait for it."""
    return await asyncio.to_thread(question)


async def at_once(desk: _Place, question: Callable[[], T]) -> T:
    """What ``question`` says of a desk: here and now where it is ours, on a thread where the way to it is long."""
    return await asyncio.to_thread(question) if desk.far else question()


def reply(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """``value`` as JSON."""
    return Response(as_json(value), status, headers, media_type="application/json")


async def _body(request: HttpRequest) -> bytes:
    """The body. Sorry where it is too large: it is not read to its end."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            raise Sorry(TOO_LARGE, f"a request is {LARGEST} bytes at most")
    return bytes(body)
