"""Plays a rehearsal's script to a running show: what people do goes to the desk and the simulated room, at the same show times.

Lines that count from a cue wait for the note that it has started. What the script expects is not judged here: that is what
rehearsals are for.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from showctl.cli.client import Client
from showctl.cli.say import NoShow, Trouble, say

if TYPE_CHECKING:
    from showctl.engine.events import Event
    from showctl.show.rehearsals import Rehearsal, Step

ROUND = 0.25
"""Seconds between looks at the clock of the wall, while nothing is due."""


def fly(rehearsal: Rehearsal, url: str, venue: str, until: float | None, check: Callable[[], None]) -> None:
    """Plays ``rehearsal`` to the show at ``url`` and the room at ``venue``. ``check`` raises where the show has ended."""
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    pilot = Autopilot(rehearsal, Client(url), venue)
    while True:
        check()
        with contextlib.suppress(OSError, ConnectionClosed), connect(f"ws{url.removeprefix('http')}/ws", open_timeout=3) as heard:
            pilot.greeted(json.loads(heard.recv(5)))
            while not pilot.done and (until is None or time.monotonic() < until):
                check()
                with contextlib.suppress(TimeoutError):
                    pilot.hear(json.loads(heard.recv(pilot.patience())))
                pilot.act()
            break
        time.sleep(0.2)  # the engine is being started again; the script goes on where it was
    if pilot.done:
        say(f"{rehearsal.name}: the script is over; the show goes on.")


class Autopilot:
    """Where a script stands. Times are seconds of show time; ``_offset`` is what the wall's clock is ahead by."""

    def __init__(self, rehearsal: Rehearsal, desk: Client, venue: str) -> None:
        self._rehearsal, self._desk, self._venue = rehearsal, desk, venue
        self._begun: float | None = None
        self._offset = 0.0
        self._due: list[tuple[float, int, Step]] = []
        self._waiting = [(n, step) for n, step in enumerate(rehearsal.steps) if step.of is not None]
        self._auto = 0.0
        self._lists: list[dict[str, Any]] = []
        self._latched = ""

    @property
    def done(self) -> bool:
        """Whether nothing of the script is still to come."""
        over = self._rehearsal.length
        if self._begun is None:
            return False
        if over is not None and self._now() > self._begun + over / 1e9:
            return True
        return not self._due and not self._waiting and not self._rehearsal.autos

    def greeted(self, hello: dict[str, Any]) -> None:
        """The show said where it stands: show times can be told."""
        self._offset = time.monotonic() - hello["view"]["now"]
        self._look(hello["view"])
        if self._begun is not None:
            return
        self._begun = self._auto = self._now()
        self._due = [(self._begun + step.at / 1e9, n, step) for n, step in enumerate(self._rehearsal.steps) if step.of is None]
        heapq.heapify(self._due)
        if self._rehearsal.guests:
            self._room("guests", f"{self._rehearsal.guests} join")

    def hear(self, said: dict[str, Any]) -> None:
        """An update: which cues have started since."""
        if said.get("type") != "update":
            return
        self._look(said["view"])
        for note in said["notes"]:
            if note["what"] == "cue.started":
                for n, step in [item for item in self._waiting if str(item[1].of) == note["cue"]]:
                    self._waiting.remove((n, step))
                    heapq.heappush(self._due, (note["instant"] + step.at / 1e9, n, step))

    def patience(self) -> float:
        """Seconds until something is due, a round at most."""
        return min(max(self._due[0][0] - self._now(), 0.001), ROUND) if self._due else ROUND

    def act(self) -> None:
        """Does what is due."""
        while self._due and self._due[0][0] <= self._now():
            _, _, step = heapq.heappop(self._due)
            say(f"{self._now() - (self._begun or 0):7.1f}  {step.what} {step.words}")
            self._do(step)
        if self._rehearsal.autos and self._now() >= self._auto:
            self._auto = self._now() + 1.0
            for item in self._lists:
                if item["name"] in self._rehearsal.autos and not item["running"] and item["standby"] and not self._latched:
                    self._ask("Go", {"list": item["name"]})

    def _do(self, step: Step) -> None:
        from showctl.engine.events import Go
        from showctl.runtime.rehearsal import OPERATOR, request_for

        request = request_for(step.what, step.words)
        if request is None:
            self._room(step.what, step.words)
        else:
            self._ask(*_as_json(request), surface=OPERATOR.surface if isinstance(request, Go) else "script")

    def _ask(self, request: str, fields: dict[str, Any], surface: str = "script") -> None:
        try:
            self._desk.ask(request, surface=surface, **fields)
        except NoShow:
            say("         the desk does not answer")
        except Trouble as trouble:
            say(f"         {trouble.message}")

    def _room(self, what: str, words: str) -> None:
        """A line about the room goes to the simulated venue."""
        body = json.dumps({"what": what, "words": words}).encode()
        request = urllib.request.Request(f"{self._venue}/act", body, {"Content-Type": "application/json"})
        try:
            urllib.request.urlopen(request, timeout=3).close()
        except urllib.error.HTTPError as error:
            say(f"         the room refused {what} {words}: {error.read(400).decode(errors='replace')}")
        except OSError as error:
            say(f"         the room does not answer: {error}")

    def _look(self, view: dict[str, Any]) -> None:
        self._lists = view.get("lists", self._lists)
        self._latched = view.get("latched", self._latched)

    def _now(self) -> float:
        return time.monotonic() - self._offset


def _as_json(request: Event) -> tuple[str, dict[str, Any]]:
    """The request as the console takes it."""
    from showctl.engine.events import to_record

    record = to_record(request)
    person = record.pop("origin")["person"]
    return record.pop("event"), record | {"person": person}
