"""One page's socket: the whole view, then what changes (``audience.py``), and its requests, each answered under its ``id``.

Who it is, is looked at for every message: a session that ends, or a person who is removed, ends what may be asked at once. A page
that sends nonsense is told; one that sends more than it may, or takes nothing, is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from showctl.console.access import Access, Who
from showctl.console.asking import Refusal, answer_json, from_json, request_of
from showctl.console.audience import Audience
from showctl.console.clients import Client
from showctl.console.company import LONGEST, Page
from showctl.console.frames import line_of
from showctl.console.reception import Sorry, may, signed
from showctl.engine.commands import Answer
from showctl.runtime.plain_json import as_json

log = logging.getLogger(__name__)

TRY_AGAIN_LATER: Final = 1013  # RFC 6455's registry of close codes
POLICY: Final = 1008
_OF_PAGES: Final[dict[str, dict[str, Any]]] = {
    "Here": {"list": "", "person": ""},
    "Own": {"list": "", "take": True},
    "Watch": {"lights": False, "seldom": False},
}
"""What concerns pages and not the show: what each takes, and what it is where it is left out."""
BURST, A_SECOND = 40, 20
"""Requests that a page may send at once, and a second after that: a keyboard that is leant on sends 30 repeats, and those are
ignored in the page. This user's own socket speaks for many."""
LOOKS_EVERY: Final = 30.0
"""Seconds after which it is looked whether a page that says nothing may still look on."""


class Sockets:
    """Every page's socket."""

    def __init__(self, audience: Audience, access: Access) -> None:
        self.audience, self.access, self.company = audience, access, audience.company

    async def watch(self, websocket: WebSocket) -> None:
        """From a page's coming to its going."""
        who = self.access.who(websocket)
        if who.role is None:
            await websocket.close(POLICY)  # before it is accepted: answered with 403
            return
        page = Page(who, "" if websocket.client is None else str(websocket.client.host))
        line = line_of(websocket.scope, websocket.send_text)
        client = self.audience.join(page, line) if self.audience.desk.there else None
        if client is None:
            await websocket.close(TRY_AGAIN_LATER)
            return
        await websocket.accept()
        try:
            async with asyncio.TaskGroup() as tasks:
                telling = tasks.create_task(self.audience.tell(client))
                guarding = tasks.create_task(self._look_after(websocket))
                try:
                    await self._listen(websocket, client, page)
                finally:
                    telling.cancel()
                    guarding.cancel()
        except* (WebSocketDisconnect, BufferError, OSError, RuntimeError, Gone) as gone:
            log.debug("A page has gone: %s", gone.exceptions[0])
        finally:
            self.audience.leave(client)
            with contextlib.suppress(Exception):
                async with asyncio.timeout(1):  # it may take nothing any more, not even this
                    await websocket.close()

    async def _look_after(self, websocket: WebSocket) -> None:
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            if self.access.who(websocket).role is None:
                raise Gone("its session is over")

    async def _listen(self, websocket: WebSocket, client: Client, page: Page) -> None:
        """Answers what a page asks, in order, and no faster than hands are. Ends when the page has gone."""
        loop = asyncio.get_running_loop()
        full_at = loop.time()
        while True:
            text = await websocket.receive_text()
            full_at = max(full_at, loop.time() - BURST / A_SECOND) + 1 / A_SECOND
            if full_at > loop.time() and page.address:
                await asyncio.sleep(full_at - loop.time())  # what it sends waits in its own socket
            number: object = None
            try:
                body = from_json(text)
                number = body.get("id") if isinstance(body, dict) else None
                who = page.who = self.access.who(websocket)
                answer = await self._answer(body, who, client, page)
                client.answer(as_json({"type": "answer", "id": number, "answer": answer}))
            except (Refusal, Sorry) as refusal:
                client.answer(as_json({"type": "answer", "id": number, "error": str(refusal)}))

    async def _answer(self, body: object, who: Who, client: Client, page: Page) -> dict[str, Any]:
        name = body.get("request") if isinstance(body, dict) else None
        if isinstance(body, dict) and name in _OF_PAGES:
            may(who, str(name))
            words = self._of_pages(str(name), body, client, page)
            return answer_json(Answer(0, words=words))
        request = request_of(body, page.address)
        may(who, type(request).__name__)
        refused = self.company.refused(page, request)
        if refused:
            return answer_json(Answer(0, refused))
        return answer_json(await self.audience.ask(signed(request, who)))

    def _of_pages(self, name: str, body: dict[str, Any], client: Client, page: Page) -> str:
        """What concerns pages, and not the show."""
        takes = _OF_PAGES[name]
        strange = [word for word in body if word not in takes and word not in ("id", "request", "origin")]
        given = {word: body.get(word, default) for word, default in takes.items()}
        if strange or any(type(given[word]) is not type(default) for word, default in takes.items()):
            raise Refusal(f"{name} takes {', '.join(takes)}")
        if any(isinstance(value, str) and (len(value) > LONGEST or not value.isprintable()) for value in given.values()):
            raise Refusal(f"that is too long or cannot be printed; {LONGEST} characters at most")
        match name:
            case "Here":
                self.company.here(page, given["list"], given["person"])
            case "Watch":
                if "lights" in body:
                    self.audience.lamps.looked_at(client, given["lights"])
                if "seldom" in body:
                    self.audience.looks(client, seldom=given["seldom"])
            case _:
                return self._own(page, given["list"], given["take"])
        return ""

    def _own(self, page: Page, list_name: str, take: bool) -> str:
        if list_name not in self.audience.desk.list_names:
            raise Refusal(f"there is no list called {list_name}")
        before = self.company.own(page, list_name, take)
        mine = f"GO of {list_name} is yours alone" if take else f"GO of {list_name} is anybody's"
        return f"{mine}; {before} had it" if before and take else mine


class Gone(Exception):  # noqa: N818
    """The page may not look on any more."""
