"""Levels, colours and owners of lights, told to the pages that look at them: at most five times a second, and what changed only.

They are worked out on a thread, once for everybody, and less often where that takes long: a page never costs the show more than
a fifth of one core's time.
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
        self._known: dict[str, dict[str, Any]] = {}
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
        names = self._known if watcher.dark is None else watcher.dark & self._known.keys()
        watcher.dark = set()
        return as_json({"type": "lights", "lights": {name: self._known[name] for name in names}}) if names else None

    async def _rounds(self) -> None:
        loop = asyncio.get_running_loop()
        while watching := [watcher for watcher in self._watchers() if watcher.lights]:
            began = loop.time()
            try:
                changed = await asyncio.to_thread(self._ask, everything=not self._known)
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
