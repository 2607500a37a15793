"""Levels, colours and owners of lights, told to the pages that look at them: at most five times a second, and what changed only.

Where the show is (``Lamps``) they are worked out and put into bytes on a thread, once for everybody, and less often where that
takes long: pages never cost the show more than a fifth of one core's time. The console's own process (``Relayed``) passes
on what it is told, without a look into it. A page that does not take one of these messages is left out until it does, and then
hears of every light anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from showctl.console.clients import Client
from showctl.console.frames import frame_of
from showctl.engine.lights_view import Changed
from showctl.runtime.plain_json import as_json

log = logging.getLogger(__name__)

EVERY: Final = 0.2
SHARE: Final = 5
"""Rests this many times as long as it took."""
ANEW_EVERY: Final = 1.0
"""Seconds at least between two tellings of every light to those who had fallen behind."""
WHOLE: Final = b'{"type":"lights","all":true,'
"""How a message begins that tells of every light."""
Pass = Callable[[bytes, Iterable[Client]], None]
"""Passes a frame on to pages, without waiting (``Audience.pass_on``)."""


class Watched(Protocol):
    """Lights as the audience sees them."""

    def looked_at(self, client: Client, looks: bool) -> None:
        """A page begins to look, or looks away."""

    def forget(self) -> None:
        """The show was reloaded: there may be other lights."""

    def stop(self) -> None:
        """Nobody is told anything any more."""


class Lamps:
    """The lights of a show that runs in this process. ``ask`` is asked on a thread, ``clients`` are the pages there are."""

    def __init__(self, ask: Callable[..., Changed], clients: Callable[[], Iterable[Client]], pass_on: Pass) -> None:
        self._ask, self._clients, self._pass_on = ask, clients, pass_on
        self._task: asyncio.Task[None] | None = None
        self._new: set[Client] = set()
        """Those who have just begun to look."""
        self._whole_at = 0.0

    def looked_at(self, client: Client, looks: bool) -> None:
        client.lights, client.lit = looks, False
        if looks:
            self._new.add(client)
            if self._task is None or self._task.done():
                self._task = asyncio.get_running_loop().create_task(self._rounds(), name="console lamps")

    def forget(self) -> None:
        for client in self._clients():
            client.lit = False

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _rounds(self) -> None:
        loop = asyncio.get_running_loop()
        while watching := [client for client in self._clients() if client.lights]:
            began = loop.time()
            dark = [client for client in watching if not client.lit and not client.line.busy]
            whole = bool(dark) and (began - self._whole_at >= ANEW_EVERY or not self._new.isdisjoint(dark))
            try:
                frame = await asyncio.to_thread(self._look, whole)
            except Exception:
                log.exception("Lights cannot be shown; pages keep what they had.")
                frame = b""
            if whole:
                self._whole_at, self._new = began, set()
            if frame:
                _tell(frame, [client for client in watching if client.lights], whole, self._pass_on)
            took = loop.time() - began
            await asyncio.sleep(max(EVERY - took, took * SHARE))

    def _look(self, whole: bool) -> bytes:
        changed = self._ask(everything=whole)
        if not changed.lamps and not changed.levels and not whole:
            return b""
        begins = WHOLE if whole else b'{"type":"lights",'
        return frame_of(begins + b'"lights":' + as_json(changed.lamps) + b',"levels":' + as_json(changed.levels) + b"}")


class Relayed:
    """The lights of a show that runs elsewhere. ``watch`` asks it to tell of them (every light first), or to do so no longer."""

    def __init__(self, watch: Callable[[bool], None], clients: Callable[[], Iterable[Client]], pass_on: Pass) -> None:
        self._watch, self._clients, self._pass_on = watch, clients, pass_on
        self._anew: asyncio.TimerHandle | None = None

    def looked_at(self, client: Client, looks: bool) -> None:
        client.lights, client.lit = looks, False
        if looks:
            self._watch(True)

    def forget(self) -> None:
        """Who tells us tells of every light by itself."""

    def stop(self) -> None:
        if self._anew is not None:
            self._anew.cancel()

    def heard(self, text: bytes) -> None:
        """The show says this of its lights."""
        watching = [client for client in self._clients() if client.lights]
        if not watching:
            self._watch(False)
            return
        _tell(frame_of(text), watching, text.startswith(WHOLE), self._pass_on)
        if self._anew is None and any(not client.lit for client in watching):
            self._anew = asyncio.get_running_loop().call_later(ANEW_EVERY, self._again)

    def _again(self) -> None:
        self._anew = None
        if any(client.lights and not client.lit and not client.line.busy for client in self._clients()):
            self._watch(True)


def _tell(frame: bytes, watching: Iterable[Client], whole: bool, pass_on: Pass) -> None:
    """Those who take it hear it; who was left out before, or is now, hears of every light anew."""
    hears = []
    for client in watching:
        client.lit = (client.lit or whole) and not client.line.busy
        if client.lit:
            hears.append(client)
    pass_on(frame, hears)
