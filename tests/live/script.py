"""Plays a rehearsal's script to a running show: desk lines go to the desk, room lines to the simulated venue.

As in rehearsal, lines that count from a cue wait for its start, and each is done at its moment or as soon after as the loop gets
to it; what it leads to counts from the instant at which it really happened.
"""

import asyncio
import heapq
from typing import Any

from showctl.runtime.rehearsal import request_for
from showctl.show.instants import SECOND, Instant, seconds
from showctl.show.rehearsals import Rehearsal, Step
from tests.live.house import House


class Script:
    """Where the script stands. ``begun`` is the show's instant at its first moment."""

    def __init__(self, house: House, rehearsal: Rehearsal) -> None:
        self.house, self.rehearsal = house, rehearsal
        self.begun: Instant = 0
        self._due: list[tuple[Instant, int, Step]] = []
        self._waiting = [(n, step) for n, step in enumerate(rehearsal.steps) if step.of is not None]
        self._news = asyncio.Event()

    async def play(self) -> None:
        """Plays the script for its length."""
        assert self.rehearsal.length is not None
        now = self.house.live.clock.now
        if self.rehearsal.guests:
            await self.house.act("guests", f"{self.rehearsal.guests} join")
        self.begun = now()
        self._due = [(self.begun + step.at, n, step) for n, step in enumerate(self.rehearsal.steps) if step.of is None]
        heapq.heapify(self._due)
        end = self.begun + self.rehearsal.length
        leave = self.house.live.desk.subscribe(self._heard)
        try:
            while now() < end:
                await self._wait(min(end, self._due[0][0]) if self._due else end)
                while self._due and self._due[0][0] <= now():
                    await self._do(heapq.heappop(self._due)[2])
        finally:
            leave()

    async def _wait(self, instant: Instant) -> None:
        self._news.clear()
        try:
            async with asyncio.timeout(max(instant - self.house.live.clock.now(), 0) / SECOND):
                await self._news.wait()
        except TimeoutError:
            pass

    async def _do(self, step: Step) -> None:
        request = request_for(step.what, step.words)
        if request is None:
            await self.house.act(step.what, step.words)
        else:
            self.house.live.handle(request)

    def _heard(self, note: dict[str, Any]) -> None:
        if note["what"] != "cue.started":
            return
        for item in [item for item in self._waiting if str(item[1].of) == note["cue"]]:
            self._waiting.remove(item)
            heapq.heappush(self._due, (seconds(note["instant"]) + item[1].at, *item))
            self._news.set()
