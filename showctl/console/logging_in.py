"""Coming in by PIN or by a crew's link, and going out.

PINs are tried one at a time and off the event loop: each costs 50 ms. Whoever waits too long in line is told to come again.
"""

from __future__ import annotations

import asyncio
import math
from typing import Any, Final

from starlette.requests import HTTPConnection
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, RedirectResponse, Response

from showctl.console.access import Access
from showctl.console.asking import Refusal
from showctl.console.reception import LOG_IN, WAIT, Asked, Sorry, reply
from showctl.runtime.people import LONGEST_PIN, Person
from showctl.runtime.sessions import COOKIE, LIFETIME

MOST_IN_LINE: Final = 8


class Door:
    """Where people log in and out."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._one = asyncio.Lock()
        self._in_line = 0

    async def me(self, asked: Asked) -> dict[str, object]:
        """Who is here."""
        return asked.who.told()

    async def log_in(self, asked: Asked) -> Response:
        """A session, for a PIN. Sorry where it is nobody's, or where too many were."""
        given = asked.given(needs=("pin",), may=("person",))
        pin = given["pin"]
        if not isinstance(pin, str) or len(pin) > LONGEST_PIN:
            raise Refusal(f"a PIN is text of at most {LONGEST_PIN} characters")
        if not self.access.pins:
            raise Refusal("nobody has a PIN here: showctl people add NAME --role ROLE gives one")
        found = await self._tried(pin, asked.address)
        if not isinstance(found, Person):
            raise _slow(found) if found > 0 else Sorry(LOG_IN, "that PIN is nobody's")
        response = reply(self._told(asked.http, found))
        self._give(response, found)
        return response

    async def log_out(self, asked: Asked) -> Response:
        """The session is over; the page is whoever this machine lets in without one."""
        self.access.end(asked.http)
        response = reply({"person": "", "role": "viewer" if asked.who.local else None, "local": asked.who.local,
                          "pin": self.access.pins})  # fmt: skip
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return response

    async def crew(self, request: HttpRequest) -> Response:
        """``GET /crew/TOKEN``: a session that looks on, and the page."""
        address = "" if request.client is None else request.client.host
        wait = self.access.throttle.wait(address, self.access.clock())
        if wait > 0:
            return JSONResponse({"error": str(_slow(wait))}, WAIT)
        token = str(request.path_params["token"])
        person = None if self.access.people is None else self.access.people.of_link(token)
        if person is None:
            self.access.throttle.wrong(address, self.access.clock())
            return JSONResponse({"error": "this link is no longer good; ask for another"}, 403)
        response = RedirectResponse("/", 303)
        self._give(response, person)
        return response

    async def _tried(self, pin: str, address: str) -> Person | float:
        if self._in_line >= MOST_IN_LINE:
            return 1.0
        self._in_line += 1
        try:
            async with self._one:
                return await asyncio.to_thread(self.access.log_in, pin, address)
        finally:
            self._in_line -= 1

    def _give(self, response: Response, person: Person) -> None:
        response.set_cookie(
            COOKIE, self.access.begin(person), max_age=int(LIFETIME), httponly=True, samesite="strict", path="/"
        )  # fmt: skip

    def _told(self, connection: HTTPConnection, person: Person) -> dict[str, Any]:
        return {"person": person.name, "role": person.role, "local": self.access.who(connection).local, "pin": True}


def _slow(wait: float) -> Sorry:
    seconds = math.ceil(wait)
    return Sorry(WAIT, f"too many wrong PINs from here: wait for {seconds} s", **{"Retry-After": str(seconds)})
