"""Levels, colours and owners of lights, told to the pages that look at them: at most five times a second, and what changed only.

They are worked out and put into bytes on a thread, once for everybody, and less often where that takes long: a page never costs
the show more than a fifth of one core's time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

from showctl.console.asking import as_json

log = logging.getLogger(__name__)

EVERY: Final = 0.2
SHARE: Final = 5
"""Rests this many times as long as it took."""


class Watcher(Protocol):
    """A page, as far as this goes: ``lights``: it looks; ``dark``: names of what it has not been told yet, None: everything."""

    lights: bool
    dark: set[str] | None
    woken: asyncio.Event


class Lamps:
    """What is known of every light, and who has yet to hear of it. ``watchers``: the pages there are."""

    def __init__(self, ask: Callable[..., dict[str, dict[str, Any]]], watchers: Callable[[], Iterable[Watcher]]) -> None:
        self._ask, self._watchers = ask, watchers
        self._known: dict[str, bytes] = {}
        """Name -> the light, as it is sent."""
        self._latest: tuple[set[str], bytes] = (set(), b"")
        """What changed last, and the message that says so."""
        self._task: asyncio.Task[None] | None = None

    def looked_at(self, watcher: Watcher, looks: bool) -> None:
        """A page begins to look, or looks away."""
        watcher.lights, watcher.dark = looks, None
        if looks and (self._task is None or self._task.done()):
            self._known = {}
            self._task = asyncio.get_running_loop().create_task(self._rounds(), name="console lamps")

    def stop(self) -> None:
        """Nobody is told anything any more."""
        if self._task is not None:
            self._task.cancel()

    def forget(self) -> None:
        """The show was reloaded: there may be other lights."""
        self._known = {}
        for watcher in self._watchers():
            watcher.dark = None

    def news(self, watcher: Watcher) -> bytes | None:
        """What a page is to be told now; None: nothing."""
        if not watcher.lights or not self._known:
            return None
        dark, watcher.dark = watcher.dark, set()
        if dark is not None and dark == self._latest[0]:
            return self._latest[1] or None
        names = self._known if dark is None else dark & self._known.keys()
        return _message(self._known, names) if names else None

    async def _rounds(self) -> None:
        loop = asyncio.get_running_loop()
        while watching := [watcher for watcher in self._watchers() if watcher.lights]:
            began = loop.time()
            try:
                changed, self._latest = await asyncio.to_thread(self._look, not self._known)
            except Exception:
                log.exception("Lights cannot be shown; pages keep what they had.")
                changed = {}
            self._known |= changed
            for watcher in watching:
                if watcher.dark is not None:
                    watcher.dark.update(changed)
                if changed or watcher.dark is None:
                    watcher.woken.set()
            took = loop.time() - began
            await asyncio.sleep(max(EVERY - took, took * SHARE))

    def _look(self, everything: bool) -> tuple[dict[str, bytes], tuple[set[str], bytes]]:
        changed = {name: as_json(name) + b":" + as_json(lamp) for name, lamp in self._ask(everything=everything).items()}
        return changed, (set(changed), _message(changed, changed) if changed else b"")


def _message(lamps: dict[str, bytes], names: Iterable[str]) -> bytes:
    return b'{"type":"lights","lights":{' + b",".join(lamps[name] for name in names) + b"}}"
