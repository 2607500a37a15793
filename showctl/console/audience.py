"""Everybody who watches: what each browser is told, and when.

A client first gets the whole view (and again when the show was reloaded), then what has changed: at most ten times a second,
and at once when something is noted. The view is asked for once per round and shared. A client holds no queue of views: it is
brought up to date when it has taken the last message, so a slow one skips what it missed. Its answers and the notes it has
not seen are bounded; one that takes nothing for ``PATIENCE`` seconds is dropped, and neither the desk nor another client
waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

from showctl.console.asking import as_json
from showctl.console.company import Company, Page
from showctl.console.lamps import Lamps
from showctl.console.messages import VERSION
from showctl.engine.commands import Answer
from showctl.engine.events import Rdm, Request

log = logging.getLogger(__name__)

ROUND: Final = 0.1
"""Seconds between updates. A page that hears nothing for 0.45 s shows that it is not connected."""
BREATH: Final = 0.02
"""Seconds between rounds when notes pour in."""
PATIENCE: Final = 5.0
MOST_CLIENTS: Final = 64
MOST_ANSWERS: Final = 32
MOST_NOTES: Final = 100
RELOADED: Final = "show.reloaded"
"""The note after which pages have other cues to show."""


class Desk(Protocol):
    """The façade that every surface calls (``runtime.desk.Desk``)."""

    far: bool
    """In another process: what it answers at once, it answers on a thread."""

    @property
    def there(self) -> bool: ...

    @property
    def main_list(self) -> str: ...

    @property
    def list_names(self) -> tuple[str, ...]: ...

    def lights(self, *, everything: bool = False) -> dict[str, dict[str, Any]]: ...

    def seen(self, fixtures: Sequence[str]) -> list[tuple[str, int, str, int]]: ...

    def fixtures(self) -> dict[str, Any]: ...

    def room(self) -> dict[str, Any]: ...

    async def ask(self, request: Request) -> Answer: ...

    async def reload(self, revision: str = "") -> dict[str, Any]: ...

    async def ask_rdm(self, request: Rdm) -> dict[str, Any]: ...

    def rdm_table(self) -> dict[str, Any]: ...

    def status(self) -> dict[str, Any]: ...

    def view(self, full: bool = False) -> dict[str, Any]: ...

    def why(self, fixture: str = "", parameter: str = "", *, cue: str = "", list_name: str = "") -> dict[str, Any]: ...

    def explain(self, list_name: str = "") -> dict[str, Any]: ...

    def subscribe(self, listener: Callable[[dict[str, Any]], None], /) -> Callable[[], None]: ...


Say = Callable[[str], Awaitable[None]]


class Client:
    """One browser, as the audience sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lights = False
        """It wants to hear of lights."""
        self.dark: set[str] | None = None
        """Lights it has not been told of yet; None: all."""
        self.round = -1
        """The round whose view it was told."""
        self.told: tuple[int, dict[str, bytes]] = (-1, {})
        """What it was last told of the others, and when that was made."""
        self.woken = asyncio.Event()
        self.answers: deque[bytes] = deque()
        self.notes: deque[dict[str, Any]] = deque(maxlen=MOST_NOTES)
        self.parts: dict[str, bytes] = {}
        """What it was last told, part by part."""
        self.due = False
        self.out = False
        """It may not stay: the show is not there."""
        self.anew = False
        """It is to hear everything again: the show was reloaded."""

    def answer(self, text: bytes) -> None:
        """Queues an answer. BufferError where it has not taken those before."""
        if len(self.answers) >= MOST_ANSWERS:
            raise BufferError("it does not take its answers")
        self.answers.append(text)
        self.woken.set()


class Audience:
    """All clients of a desk."""

    def __init__(self, desk: Desk, company: Company) -> None:
        self.desk, self.company = desk, company
        self.clients: set[Client] = set()
        self.recent: deque[dict[str, Any]] = deque(maxlen=MOST_NOTES)
        self.lamps = Lamps(desk.lights, lambda: self.clients)
        self.facts: dict[str, Any] = {"mode": "show", "rehearsing": None}
        """Of the console itself: whether edits are locked, and how far a rehearsal is."""
        self._round = 0
        self._delta = b""
        """What the last round changed, for all who knew the one before."""
        self._parts: dict[str, bytes] = {}
        self._noted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begins to listen to the desk."""
        self._loop = asyncio.get_running_loop()
        self._unsubscribe = self.desk.subscribe(self._note)
        self._task = self._loop.create_task(self._rounds(), name="console rounds")

    async def stop(self) -> None:
        """Lets go of the desk."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        self.lamps.stop()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def join(self, page: Page) -> Client | None:
        """A new client, or None where there are too many."""
        if len(self.clients) >= MOST_CLIENTS:
            return None
        client = Client(page)
        self.clients.add(client)
        self.company.come(page)
        return client

    def leave(self, client: Client) -> None:
        self.clients.discard(client)
        self.company.leave(client.page)

    def everybody_out(self) -> None:
        """The show is not there: pages are closed, so that each sees it at once, and comes again."""
        for client in self.clients:
            client.out = True
            client.woken.set()

    async def tell(self, client: Client, say: Say) -> None:
        """Tells ``client`` everything, then what changes, until it is cancelled or takes nothing any more."""
        await self._say(say, self._everything(client))
        while True:
            await client.woken.wait()
            client.woken.clear()
            if client.out:
                raise ConnectionError("the show is not there")
            while client.answers:
                await self._say(say, client.answers.popleft())
            if client.anew:
                await self._say(say, self._everything(client))
            elif client.due:
                client.due = False
                await self._say(say, self._update(client))
            if (lamps := self.lamps.news(client)) is not None:
                await self._say(say, lamps)

    def _everything(self, client: Client) -> bytes:
        client.due = client.anew = False
        client.parts, client.round = _split(self._view()), -1
        client.notes.clear()
        client.told = (self.company.serial, {})
        view = self.desk.view(full=True) | self.facts
        view |= {"people": self.company.told(client.page), "owners": self.company.owners()}
        me = client.page.who.told()
        return as_json({"type": "hello", "version": VERSION, "me": me, "view": view, "notes": list(self.recent)})

    def _view(self) -> dict[str, Any]:
        return self.desk.view() | self.facts

    def _company_of(self, client: Client) -> dict[str, bytes]:
        """What each page is told in its own way, where it changed: who the others are."""
        if client.told[0] == self.company.serial:
            return {}
        parts = _split({"people": self.company.told(client.page), "owners": self.company.owners()})
        changed = {name: part for name, part in parts.items() if client.told[1].get(name) != part}
        client.told = (self.company.serial, parts)
        return changed

    async def _say(self, say: Say, text: bytes) -> None:
        async with asyncio.timeout(PATIENCE):
            await say(text.decode())

    def _update(self, client: Client) -> bytes:
        view = self._delta if client.round == self._round - 1 else _joined(_changed(client.parts, self._parts))
        client.parts, client.round = self._parts, self._round
        own = _joined(self._company_of(client))
        notes, client.notes = list(client.notes), deque(maxlen=MOST_NOTES)
        view = b",".join(part for part in (view, own) if part)
        return b'{"type":"update","view":{' + view + b'},"notes":' + (as_json(notes) if notes else b"[]") + b"}"

    async def _rounds(self) -> None:
        while True:
            await asyncio.sleep(BREATH)  # a flood of notes is told together
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ROUND - BREATH):
                    await self._noted.wait()
            self._noted.clear()
            if not self.clients or not self.desk.there:
                continue
            try:
                parts = _split(self._view())
            except Exception:
                log.exception("The view of the show could not be made; pages keep what they had.")
                await asyncio.sleep(1)
                continue
            self._delta = _joined(_changed(self._parts, parts))
            self._parts, self._round = parts, self._round + 1
            for client in self.clients:
                client.due = True
                client.woken.set()

    def _note(self, note: dict[str, Any]) -> None:
        self.recent.append(note)
        for client in self.clients:
            client.notes.append(note)
            client.anew |= note["what"] == RELOADED
        if note["what"] == RELOADED:
            self.lamps.forget()
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._noted.set)


def _split(view: dict[str, Any]) -> dict[str, bytes]:
    return {name: as_json(part) for name, part in view.items()}


def _changed(before: dict[str, bytes], after: dict[str, bytes]) -> dict[str, bytes]:
    return {name: part for name, part in after.items() if before.get(name) != part}


def _joined(parts: dict[str, bytes]) -> bytes:
    return b",".join(as_json(name) + b":" + part for name, part in parts.items())
