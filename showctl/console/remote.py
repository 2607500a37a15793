"""The desk of a show that runs in another process, as the console's own process sees it: over the engine's Unix socket.

One WebSocket carries the view here, once for all pages, and every request there. What is asked more rarely (why, explain, the
plan of the room) goes over HTTP on a thread. While the engine is not there, ``there`` is false, requests are refused, and nothing
is kept for later: an engine that comes back a second later must not find an old GO.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import logging
import threading
from collections.abc import Callable, Sequence
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
        self._full: dict[str, Any] = {}
        self._view: dict[str, Any] = {}
        self._socket: ClientConnection | None = None
        self._at_once = asyncio.Semaphore(MOST_AT_ONCE)
        self._asked: dict[int, asyncio.Future[Answer]] = {}
        self._number = 0
        self._listeners: list[Callable[[dict[str, Any]], None]] = []
        self._lock = threading.Lock()
        self._lamps: dict[str, dict[str, Any]] = {}
        self._fresh: set[str] = set()
        self._looked = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    far = True

    @property
    def there(self) -> bool:
        """Whether the show answers."""
        return self._socket is not None and bool(self._full)

    def start(self) -> None:
        """Looks for the show from now on."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._stay(), name="the way to the show")

    async def stop(self) -> None:
        """Looks no longer."""
        if self._task is not None:
            self._full = {}  # that it is not there any more is our doing
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    # --- what is -------------------------------------------------------------------------------------------------------------

    @property
    def main_list(self) -> str:
        return str(self._full.get("main_list", ""))

    @property
    def list_names(self) -> tuple[str, ...]:
        return tuple(item["name"] for item in self._full.get("lists", ()))

    def view(self, full: bool = False) -> dict[str, Any]:
        """The view as it last came. ``full``: with the cues."""
        if not full:
            return self._view
        cues = {item["name"]: item["cues"] for item in self._full.get("lists", ()) if "cues" in item}
        lists = [item | ({"cues": cues[item["name"]]} if item["name"] in cues else {}) for item in self._view.get("lists", ())]
        return self._view | {"lists": lists}

    def lights(self, *, everything: bool = False) -> dict[str, dict[str, Any]]:
        """What came of lights since this was last asked. Asking is looking: they are told to us only then."""
        assert self._loop is not None
        if not self._looked:
            self._looked = True
            self._loop.call_soon_threadsafe(self._watch)
        with self._lock:
            names = set(self._lamps) if everything else self._fresh
            self._fresh = set()
            return {name: self._lamps[name] for name in names}

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
                    self._socket = there
                    async for text in there:
                        self._heard(json.loads(text))
            except (OSError, WebSocketException, TimeoutError):
                pass
            finally:
                self._not_there()
            await asyncio.sleep(AGAIN_AFTER)

    def _not_there(self) -> None:
        was, self._socket, self._full = self.there, None, {}
        with self._lock:
            self._lamps, self._fresh, self._looked = {}, set(), False
        for asked in self._asked.values():
            if not asked.done():
                asked.set_result(Answer(0, "the show went away: look at what happened before pressing again"))
        if was:
            log.warning("The show does not answer; pages are told.")
            self._lost()

    def _heard(self, said: dict[str, Any]) -> None:
        match said["type"]:
            case "update":
                self._view = self._view | {name: part for name, part in said["view"].items() if name not in OWN}
                self._note(said["notes"])
            case "answer":
                asked = self._asked.get(said["id"])
                if asked is not None and not asked.done():
                    asked.set_result(answer_of(said["answer"]) if "answer" in said else Answer(0, said["error"]))
            case "lights":
                with self._lock:
                    self._lamps |= said["lights"]
                    self._fresh |= said["lights"].keys()
            case "hello":
                again = bool(self._full)
                self._full = {name: part for name, part in said["view"].items() if name not in OWN}
                lists = [{word: value for word, value in item.items() if word != "cues"} for item in self._full["lists"]]
                self._view = self._full | {"lists": lists}
                if again:  # the show was reloaded: whoever has its cues needs others
                    self._note([note for note in said["notes"] if note["what"] == "show.reloaded"][-1:])
            case _:
                log.debug("The show says something that is not known here: %s", said["type"])

    def _note(self, notes: Sequence[dict[str, Any]]) -> None:
        for note in notes:
            for listener in list(self._listeners):
                listener(note)

    def _watch(self) -> None:
        if self._socket is not None:
            text = json.dumps({"id": 0, "request": "Watch", "lights": True})
            self._watching = asyncio.ensure_future(self._socket.send(text, text=True))

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
