"""Everybody who watches: what each page is told, and when.

A page first gets the whole view (and again when the show was reloaded), then what has changed: at most ten times a second,
and a moment after something is noted. What a round changed is made once and put into one frame for all; it goes out in slices,
between which the loop listens, so that a GO never waits for a broadcast. An answer waits for nothing (``clients.py``). No queue
of views is held for anybody: a page that has not taken what came before is left out of rounds until it has, and skips what it
missed. Notes are bounded; a page that takes nothing for ``PATIENCE`` seconds is dropped.

In the console's own process a round is what the show says: were the show to hang, pages would hear nothing and say so.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final

from showctl.console.clients import Client
from showctl.console.company import Company, Page
from showctl.console.desk_there import Desk, NearDesk
from showctl.console.frames import Line, frame_of
from showctl.console.lamps import Lamps, Relayed, Watched
from showctl.console.messages import VERSION
from showctl.console.remote import RemoteDesk
from showctl.engine.commands import Answer
from showctl.engine.events import Request
from showctl.runtime.plain_json import as_json, joined

log = logging.getLogger(__name__)

ROUND: Final = 0.1
"""Seconds between updates. A page that hears nothing for 0.45 s shows that it is not connected."""
SELDOM: Final = 1.0
"""The same where nobody looks at what is told."""
BREATH: Final = 0.03
"""Seconds from what was asked or noted to the next round, which tells all that is noted meanwhile: the answer goes before, and
finds the way to its page, and the page itself, free."""
SLICE: Final = 0.0003
"""Seconds after which whoever makes or tells a round lets the loop listen."""
PATIENCE: Final = 5.0
MOST_CLIENTS: Final = 64
MOST_NOTES: Final = 100
UNKNOWN: Final = -1
RELOADED: Final = "show.reloaded"
"""The note after which pages have other cues to show."""


class Audience:
    """All pages of a desk."""

    def __init__(self, desk: NearDesk | RemoteDesk, company: Company) -> None:
        self.desk: Desk = desk
        self.company = company
        self.clients: dict[Client, None] = {}
        """In the order in which they came."""
        self.recent: deque[dict[str, Any]] = deque(maxlen=MOST_NOTES)
        self.facts: dict[str, Any] = {"mode": "show", "rehearsing": None}
        """Of the console itself: whether edits are locked, and how far a rehearsal is."""
        self._noted = self._upto = 0
        """Notes so far, and those of them that the last round told."""
        self._round = 0
        self._parts: dict[str, bytes] = {}
        """What the last round said, whole."""
        self._waiting: deque[tuple[Client, bytes]] = deque()
        """Frames that are yet to be written: a round's and lights', a few for each page at most."""
        self._writing = False
        self._soon = asyncio.Event()
        self._asked_at = 0.0
        self.lamps: Watched = self._lamps_of(desk)
        self._task: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def _lamps_of(self, desk: NearDesk | RemoteDesk) -> Watched:
        if isinstance(desk, RemoteDesk):
            relayed = Relayed(desk.watch_lights, lambda: self.clients, self.pass_on)
            desk.lights_heard, desk.view_heard = relayed.heard, self._soon.set
            return relayed
        return Lamps(desk.lights, lambda: self.clients, self.pass_on)

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

    # --- who is there --------------------------------------------------------------------------------------------------------

    def join(self, page: Page, line: Line) -> Client | None:
        """A new client, or None where there are too many."""
        if len(self.clients) >= MOST_CLIENTS:
            return None
        client = Client(page, line)
        self.clients[client] = None
        self.company.come(page)
        self.looks(client, seldom=False)
        return client

    def leave(self, client: Client) -> None:
        self.clients.pop(client, None)
        self.company.leave(client.page)
        self._pace()

    def looks(self, client: Client, *, seldom: bool) -> None:
        """Whether anybody looks at what ``client`` is told."""
        first = not seldom and all(other.seldom or other is client for other in self.clients)
        client.seldom = seldom
        if first:
            self._soon.set()
        self._pace()

    def _pace(self) -> None:
        if isinstance(self.desk, RemoteDesk):
            self.desk.watch_view(any(not client.seldom for client in self.clients))

    def everybody_out(self) -> None:
        """The show is not there: pages are closed, so that each sees it at once, and comes again."""
        for client in self.clients:
            client.out = True
            client.woken.set()

    async def ask(self, request: Request) -> Answer:
        """Asks the desk; rounds wait a moment for the answer to reach its page."""
        self._asked_at = asyncio.get_running_loop().time()
        return await self.desk.ask(request)

    # --- what one page is told -----------------------------------------------------------------------------------------------

    async def tell(self, client: Client) -> None:
        """Tells ``client`` everything, and later what rounds do not bring, until it is cancelled or takes nothing any more."""
        await self._greet(client)
        while True:
            await client.woken.wait()
            client.woken.clear()
            if client.out:
                raise ConnectionError("the show is not there")
            async with asyncio.timeout(PATIENCE):
                await client.line.free()
            if client.anew:
                await self._greet(client)
            elif client.behind:
                client.behind = False
                client.line.write(self._catch_up(client))

    async def _greet(self, client: Client) -> None:
        """Everything, the cues included."""
        client.anew = client.behind = False
        cues = await self.desk.cues()
        client.parts = dict(self._every_part())
        client.round, client.noted = UNKNOWN, self._noted
        client.company = (self.company.serial, {})
        view = client.parts | {"lists": _with_cues(client.parts.get("lists", b"[]"), cues)}
        view |= {"people": as_json(self.company.told(client.page)), "owners": as_json(self.company.owners())}
        head = {"type": "hello", "version": VERSION, "me": client.page.who.told(), "notes": list(self.recent)}
        client.line.write(frame_of(as_json(head)[:-1] + b',"view":{' + joined(view) + b"}}"))
        client.greeted = True

    def _every_part(self) -> Iterable[tuple[str, bytes]]:
        yield from (piece for piece in self.desk.pieces() if piece is not None)
        yield from ((name, as_json(fact)) for name, fact in self.facts.items())

    def _catch_up(self, client: Client) -> bytes:
        """What the last round says and ``client`` has not heard."""
        view = _changed(client.parts, self._parts) | self._company_of(client)
        missed = min(self._upto - client.noted, len(self.recent))
        notes = list(self.recent)[-missed:] if missed > 0 else []  # one too many is better than one too few
        self._knows(client)
        return frame_of(_update(view, notes))

    def _knows(self, client: Client) -> None:
        client.round, client.parts, client.noted = self._round, self._parts, self._upto

    def _company_of(self, client: Client) -> dict[str, bytes]:
        """What a page is told in its own way, where it changed: who the others are."""
        if client.company[0] == self.company.serial:
            return {}
        parts = {"people": as_json(self.company.told(client.page)), "owners": as_json(self.company.owners())}
        changed = _changed(client.company[1], parts)
        client.company = (self.company.serial, parts)
        return changed

    # --- rounds --------------------------------------------------------------------------------------------------------------

    async def _rounds(self) -> None:
        assert self._loop is not None
        while True:
            await self._next_round()
            if not self.clients or not self.desk.there:
                continue
            parts: dict[str, bytes] = {}
            began = self._loop.time()
            try:
                for piece in self.desk.pieces():
                    if piece is not None:
                        parts[piece[0]] = piece[1]
                    if self._loop.time() - began > SLICE:
                        await asyncio.sleep(0)
                        began = self._loop.time()
                parts |= {name: as_json(fact) for name, fact in self.facts.items()}
                self._tell_round(parts)
            except Exception:
                log.exception("The view of the show could not be made; pages keep what they had.")
                await asyncio.sleep(1)

    async def _next_round(self) -> None:
        """Where the show is elsewhere, it says when; else ten times a second, and soon after something is noted."""
        if self.desk.far:
            await self._soon.wait()
        else:
            pace = ROUND if any(not client.seldom for client in self.clients) else SELDOM
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pace):
                    await self._soon.wait()
                await asyncio.sleep(BREATH)
            await asyncio.sleep(max(0.0, min(self._asked_at + BREATH - asyncio.get_running_loop().time(), BREATH)))
        self._soon.clear()

    def _tell_round(self, parts: dict[str, bytes]) -> None:
        """Those who knew the round before hear what has changed, all by the same frame; others, what they have missed."""
        before, upto = self._parts, self._upto
        self._parts, self._upto, self._round = parts, self._noted, self._round + 1
        fresh = min(self._upto - upto, len(self.recent))
        frame = frame_of(_update(_changed(before, parts), list(self.recent)[-fresh:] if fresh else []))
        for client in [client for client in self.clients if client.greeted]:
            if client.line.busy or client.behind or client.anew:
                client.behind = True
                client.woken.set()
                continue
            if client.round == self._round - 1 and client.company[0] == self.company.serial:
                self._knows(client)
                self.pass_on(frame, (client,))
            else:
                self.pass_on(self._catch_up(client), (client,))

    def pass_on(self, frame: bytes, clients: Iterable[Client]) -> None:
        """Writes ``frame`` to each of ``clients``, in slices."""
        assert self._loop is not None
        self._waiting += [(client, frame) for client in clients]
        if self._waiting and not self._writing:
            self._writing = True
            self._loop.call_soon(self._write)

    def _write(self) -> None:
        assert self._loop is not None
        end = self._loop.time() + SLICE
        while self._waiting:
            client, frame = self._waiting.popleft()
            if client in self.clients:
                with contextlib.suppress(ConnectionError):  # whoever listens to it will see that it has gone
                    client.line.write(frame)
            if self._loop.time() > end:
                break
        self._writing = bool(self._waiting)
        if self._writing:
            self._loop.call_soon(self._write)

    def _note(self, note: dict[str, Any]) -> None:
        self.recent.append(note)
        self._noted += 1
        if note["what"] == RELOADED:
            self.lamps.forget()
            for client in self.clients:
                client.anew = True
                client.woken.set()
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._soon.set)


def _changed(before: dict[str, bytes], after: dict[str, bytes]) -> dict[str, bytes]:
    return {name: part for name, part in after.items() if before.get(name) != part}


def _update(parts: dict[str, bytes], notes: list[dict[str, Any]]) -> bytes:
    return b'{"type":"update","view":{' + joined(parts) + b'},"notes":' + as_json(notes) + b"}"


def _with_cues(lists: bytes, cues: dict[str, bytes]) -> bytes:
    """``lists`` with the cues of each, which are JSON already."""
    made = [as_json(item)[:-1] + b',"cues":' + cues.get(item["name"], b"[]") + b"}" for item in json.loads(lists)]
    return b"[" + b",".join(made) + b"]"
