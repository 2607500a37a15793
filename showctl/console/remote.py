"""The desk of a show that runs in another process, as the console's own process sees it: over the engine's Unix socket.

One WebSocket carries the view here, once for all pages, and every request there. What is asked more rarely (why, explain, the
plan of the room) goes over HTTP on a thread. While the engine is not there, ``there`` is false, requests are refused, and nothing
is kept for later: an engine that comes back a second later must not find an old GO.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import http.client
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import WebSocketException

from showctl.console.asking import Refusal, answer_of, body_of
from showctl.console.reception import GONE, Sorry
from showctl.engine.asking import Unknown
from showctl.engine.commands import Answer
from showctl.engine.events import Rdm, Request
from showctl.runtime.desk_parts import Piece
from showctl.runtime.plain_json import as_json
from showctl.runtime.unix_http import UnixConnection

log = logging.getLogger(__name__)

PATIENCE: Final = 5.0
LONG_PATIENCE: Final = 60.0
"""Seconds for what reads a whole folder, or asks every fixture on a line."""
AGAIN_AFTER: Final = 0.05
"""Seconds between two looks for an engine that is not there."""
MOST_AT_ONCE: Final = 16
"""Requests on their way; others wait for their turn."""
_SOCKET: Final[dict[str, Any]] = {"max_size": None, "compression": None, "ping_interval": None, "open_timeout": PATIENCE}
OWN: Final = ("people", "owners", "mode", "rehearsing")
"""Parts of a view that are this console's own to tell."""
NOT_THERE: Final = "the show is not there: nothing was sent"


class RemoteDesk:
    """What may be asked of a show that runs elsewhere. ``lost`` is called when it is there no longer."""

    def __init__(self, path: Path, lost: Callable[[], None]) -> None:
        self._path, self._lost = path, lost
        self._view: dict[str, Any] = {}
        self._made: dict[str, bytes] = {}
        """Each part of it, as it is sent."""
        self._cues: dict[str, bytes] = {}
        self.lights_heard: Callable[[bytes], object] = len
        """Takes what the show says of lights, as it says it."""
        self.view_heard: Callable[[], object] = int
        """Called when the view is another."""
        self._socket: ClientConnection | None = None
        self._at_once = asyncio.Semaphore(MOST_AT_ONCE)
        self._asked: dict[int, asyncio.Future[Answer]] = {}
        self._number = 0
        self._listeners: list[Callable[[dict[str, Any]], None]] = []
        self._looked_at = True
        """Whether anybody looks at the view."""
        self._task: asyncio.Task[None] | None = None
        self._saying: set[asyncio.Future[None]] = set()

    far = True

    @property
    def there(self) -> bool:
        """Whether the show answers."""
        return self._socket is not None and bool(self._view)

    def start(self) -> None:
        """Looks for the show from now on."""
        self._task = asyncio.get_running_loop().create_task(self._stay(), name="the way to the show")

    async def stop(self) -> None:
        """Looks no longer."""
        if self._task is not None:
            self._view = {}  # that it is not there any more is our doing
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    # --- what is -------------------------------------------------------------------------------------------------------------

    @property
    def main_list(self) -> str:
        return str(self._view.get("main_list", ""))

    @property
    def list_names(self) -> tuple[str, ...]:
        return tuple(item["name"] for item in self._view.get("lists", ()))

    def view(self, full: bool = False) -> dict[str, Any]:
        """The view as it last came. ``full``: with the cues."""
        if not full:
            return self._view
        lists = [item | {"cues": json.loads(self._cues.get(item["name"], b"[]"))} for item in self._view["lists"]]
        return self._view | {"lists": lists}

    def pieces(self) -> Iterator[Piece]:
        """The same, part by part, as it is sent on."""
        for name, part in self._view.items():
            if name not in self._made:
                self._made[name] = as_json(part)
            yield name, self._made[name]

    async def cues(self) -> dict[str, bytes]:
        return self._cues

    def watch_lights(self, looks: bool) -> None:
        """Whether the show is to tell of lights; said again, it tells of each of them."""
        self._say({"id": 0, "request": "Watch", "lights": looks})

    def watch_view(self, looks: bool) -> None:
        """Whether anybody looks at the view: else the show tells it seldom."""
        if looks != self._looked_at:
            self._looked_at = looks
            self._say({"id": 0, "request": "Watch", "seldom": not looks})

    def subscribe(self, listener: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # --- what is asked ----------------------------------------------------------------------------------------------------------

    async def ask(self, request: Request) -> Answer:
        """Asks, and gives the answer. Refused, and not sent, where the show is not there."""
        if self._socket is None:
            return Answer(0, NOT_THERE)
        self._number += 1
        number = self._number
        asked = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(PATIENCE), self._at_once:
                await self._socket.send(json.dumps(body_of(request) | {"id": number}), text=True)
                answer: Answer = await asked
                return answer
        except (TimeoutError, WebSocketException, OSError):
            return Answer(0, "the show did not answer: look at what happened before pressing again")
        finally:
            self._asked.pop(number, None)

    def status(self) -> dict[str, Any]:
        return self._get("/api/status")

    def why(self, fixture: str = "", parameter: str = "", *, cue: str = "", list_name: str = "") -> dict[str, Any]:
        return self._get("/api/why", fixture=fixture, parameter=parameter, cue=cue, list=list_name)

    def explain(self, list_name: str = "") -> dict[str, Any]:
        return self._get("/api/explain", list=list_name)

    def fixtures(self) -> dict[str, Any]:
        return self._get("/api/lights")

    def room(self) -> dict[str, Any]:
        return self._get("/api/room")

    def seen(self, fixtures: Sequence[str]) -> list[tuple[str, int, str, int]]:
        told = self._get("/api/seen", fixtures=",".join(fixtures))
        return [(name, cell, parameter, level) for name, cell, parameter, level in told["seen"]]

    def rdm_table(self) -> dict[str, Any]:
        return self._get("/api/rdm")

    async def reload(self, revision: str = "") -> dict[str, Any]:
        return await asyncio.to_thread(self._send, "/api/reload", {"revision": revision})

    async def ask_rdm(self, request: Rdm) -> dict[str, Any]:
        origin = {"surface": request.origin.surface, "person": request.origin.person, "address": request.origin.address}
        body = {"verb": request.verb, "what": request.what, "value": request.value, "origin": origin}
        return await asyncio.to_thread(self._send, "/api/rdm", body)

    # --- the way there ------------------------------------------------------------------------------------------

    async def _stay(self) -> None:
        while True:
            try:
                async with unix_connect(str(self._path), "ws://localhost/ws", **_SOCKET) as there:
                    self._socket, self._looked_at = there, True
                    while True:
                        self._heard(await there.recv(decode=False))
            except (OSError, WebSocketException, TimeoutError):
                pass
            except Exception:
                log.exception("What the show said could not be understood; it is asked anew.")
            finally:
                self._not_there()
            await asyncio.sleep(AGAIN_AFTER)

    def _not_there(self) -> None:
        was, self._socket, self._view = self.there, None, {}
        for asked in self._asked.values():
            if not asked.done():
                asked.set_result(Answer(0, "the show went away: look at what happened before pressing again"))
        if was:
            log.warning("The show does not answer; pages are told.")
            self._lost()

    def _heard(self, text: bytes) -> None:
        if text.startswith(b'{"type":"lights"'):
            self.lights_heard(text)
            return
        said = json.loads(text)
        match said["type"]:
            case "update":
                self._hear_parts(said["view"])
                self._note(said["notes"])
            case "answer":
                asked = self._asked.get(said["id"])
                if asked is not None and not asked.done():
                    asked.set_result(answer_of(said["answer"]) if "answer" in said else Answer(0, said["error"]))
            case "hello":
                again = bool(self._view)
                self._cues = {item["name"]: as_json(item.pop("cues", [])) for item in said["view"]["lists"]}
                self._view, self._made = {}, {}
                self._hear_parts(said["view"])
                if again:  # the show was reloaded: whoever has its cues needs others
                    self._note([note for note in said["notes"] if note["what"] == "show.reloaded"][-1:])
                gc.collect()
                gc.freeze()  # a long list is never looked through for garbage again: that would take longer than a GO may
            case _:
                log.debug("The show says something that is not known here: %s", said["type"])

    def _hear_parts(self, parts: dict[str, Any]) -> None:
        for name, part in parts.items():
            if name not in OWN:
                self._view[name] = part
                self._made.pop(name, None)
        self.view_heard()

    def _note(self, notes: Sequence[dict[str, Any]]) -> None:
        for note in notes:
            for listener in list(self._listeners):
                listener(note)

    def _say(self, body: dict[str, Any]) -> None:
        """Says what wants no answer."""
        if self._socket is not None:
            said = asyncio.ensure_future(self._socket.send(json.dumps(body), text=True))
            self._saying.add(said)
            said.add_done_callback(self._said)

    def _said(self, said: asyncio.Future[None]) -> None:
        self._saying.discard(said)
        if not said.cancelled():
            said.exception()  # it was for a show that has gone

    def _get(self, path: str, **asked: str) -> dict[str, Any]:
        words = {name: value for name, value in asked.items() if value}
        return self._send(path + ("?" + urlencode(words, quote_via=quote) if words else ""), None)

    def _send(self, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        """What is answered over HTTP. Unknown and Refusal as the engine means them; Sorry where it does not answer."""
        try:
            with closing(UnixConnection(str(self._path), PATIENCE if body is None else LONG_PATIENCE)) as there:
                headers = {} if body is None else {"Content-Type": "application/json"}
                there.request("GET" if body is None else "POST", path, None if body is None else json.dumps(body), headers)
                response = there.getresponse()
                found: dict[str, Any] = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            raise Sorry(GONE, NOT_THERE) from None
        if response.status == 404:
            raise Unknown(str(found.get("error", "")))
        if response.status == 400:
            raise Refusal(str(found.get("error", "")))
        if response.status != 200:
            raise Sorry(response.status, str(found.get("error", "")))
        return found
