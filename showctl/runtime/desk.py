"""The desk: the one façade that every operator surface calls (console, command line, OSC, keyboard).

A request is asked and answered; a view is plain data; notes are heard by whoever subscribed. The desk holds no state of its
own: it asks the playback, which journals before it acts. It belongs to the event loop on which the show runs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, Final

from showctl.devices.driver import Acting, Driver, Phase, Timed
from showctl.engine.asking import explain_next, why_level, why_not_started
from showctl.engine.commands import Answer, Note
from showctl.engine.events import Event, Grab, Maintain, Mute, OutOfService, Park, Rdm, Request
from showctl.engine.lights_view import Changed, LightsView, fixtures_view, room_view
from showctl.engine.stage import stage_of
from showctl.engine.view import view
from showctl.light.render import levels, prepare
from showctl.runtime.desk_parts import DeskParts, Piece
from showctl.runtime.lag import Lag
from showctl.runtime.playback import Playback
from showctl.runtime.rdm_carrier import RdmTrouble
from showctl.runtime.rdm_desk import RdmDesk
from showctl.runtime.reloader import Reloader
from showctl.runtime.schedule import Dated
from showctl.runtime.skew import Skew
from showctl.runtime.wire.stats import Stats
from showctl.runtime.wire_health import device_rows
from showctl.show.devices import Device
from showctl.show.instants import Instant, seconds_of
from showctl.show.show import Show

Listener = Callable[[dict[str, Any]], None]
SKEWS: Final = 5
"""Of so many cues a page knows how far apart their devices began."""


class Desk:
    """What may be asked of a running show."""

    there, far = True, False
    """It is here, and on the loop of whoever asks (``console.remote`` is another way to it)."""

    def __init__(
        self,
        playback: Playback,
        handle: Callable[[Event], Answer | None],
        clock: Callable[[], Instant],
        drivers: Callable[[], Mapping[str, Driver]],
        wire: Callable[[], tuple[Stats | None, str]],
    ) -> None:
        self.playback = playback
        self.reloader: Reloader | None = None
        self.rdm: RdmDesk | None = None
        self.people: Callable[[], list[tuple[str, float, float]]] = list
        """Everybody tracked: a name, x and z in metres."""
        self._lights: LightsView | None = None
        self._handle, self._clock, self._drivers, self._wire = handle, clock, drivers, wire
        self._listeners: list[Listener] = []
        self.appointment: Callable[[], Dated | None] = lambda: None
        """What the wall clock begins next; whoever keeps the schedule sets it."""
        self.lag = Lag()
        """How long the engine was deaf; whoever runs its loop starts it."""
        self.skew: Skew | None = None
        """How far apart the devices of a cue began."""
        self._parts = DeskParts(self)

    @property
    def show(self) -> Show:
        """What runs."""
        return self.playback.show

    @property
    def main_list(self) -> str:
        """The list that a request means that names none."""
        return self.show.main_list or self.show.lists[0].name

    @property
    def list_names(self) -> tuple[str, ...]:
        """Every list, in file order."""
        return tuple(item.name for item in self.show.lists)

    async def reload(self, revision: str = "") -> dict[str, Any]:
        """What was saved since, compared with what runs; that ``revision`` of it (``now``: whatever it is) runs then."""
        if self.reloader is None:
            return {"done": False, "refused": "there is no folder that this show could be reloaded from"}
        return await self.reloader.ask(revision)

    async def ask_rdm(self, request: Rdm) -> dict[str, Any]:
        """Asks fixtures over RDM, where no show runs: ``refused``, or ``words`` (and what the verb gives)."""
        if self.rdm is None:
            return {"refused": "there is no wire to ask fixtures through", "words": ""}
        answer = self.ask_now(request)
        if answer.refused:
            return {"refused": answer.refused, "words": ""}
        try:
            return {"refused": ""} | await self.rdm.do(request.verb, request.what, request.value)
        except RdmTrouble as why:
            return {"refused": str(why), "words": ""}

    def rdm_table(self) -> dict[str, Any]:
        """Everybody found over RDM, against the patch."""
        return {} if self.rdm is None else self.rdm.table()

    async def ask(self, request: Request) -> Answer:
        """Asks, and gives the answer: what was refused and why, what started, what stands by."""
        return self.ask_now(request)

    def ask_now(self, request: Request) -> Answer:
        """``ask``, for callers on the loop that cannot wait. What people will ask the age of is stamped here."""
        if isinstance(request, Grab | Park | OutOfService | Maintain | Mute):
            request = replace(request, wall=time.time_ns())
        answer = self._handle(request)
        assert answer is not None, "every request is answered"
        return answer

    # --- what is -----------------------------------------------------------------------------------------------------

    def view(self, full: bool = False) -> dict[str, Any]:
        """Everything a page shows. ``full`` adds the cues themselves."""
        now = self._clock()
        seen = view(self.show, self.playback.state, now, full=full)
        seen["devices"] = self.devices(now)
        seen["wire"] = self.wire()
        seen["wall"] = datetime.now(UTC).isoformat(timespec="milliseconds")
        seen["journal"] = self.journal()
        seen["schedule"] = self.schedule()
        seen["skew"] = self.skews()
        seen["tracked"] = self.tracked()
        return seen

    def now(self) -> Instant:
        """Show time."""
        return self._clock()

    def pieces(self) -> Iterator[Piece]:
        """The view without the cues, part by part, as JSON; None: the loop may listen before it goes on."""
        return self._parts.pieces()

    async def cues(self) -> dict[str, bytes]:
        """The cues of each list, as JSON: what a page that comes is told besides."""
        return await asyncio.to_thread(self._parts.cues)

    def skews(self) -> list[dict[str, Any]]:
        """How far apart the devices of the last few cues began, newest first."""
        return [] if self.skew is None else self.skew.rows()[:SKEWS]

    def tracked(self) -> list[dict[str, Any]]:
        """Everybody tracked, metres."""
        return [{"name": name, "x": x, "z": z} for name, x, z in self.people()]

    def status(self) -> dict[str, Any]:
        """The ``status`` object of the command line's contract."""
        now = self._clock()
        seen = view(self.show, self.playback.state, now)
        return {
            "show": seen["show"],
            "now": seen["now"],
            "latched": seen["latched"],
            "tags": seen["tags"],
            "lists": [
                {word: item[word] for word in ("name", "label", "standby", "last", "paused", "running")} for item in seen["lists"]
            ],
            "devices": self.devices(now),
            "wire": self.wire(),
            "journal": self.journal(),
            "engine": self.lag.told(),
            "skew": [] if self.skew is None else self.skew.rows(),
        }

    def why(self, fixture: str = "", parameter: str = "", *, cue: str = "", list_name: str = "") -> dict[str, Any]:
        """Why a light is at its level, or (``cue``) why a cue has not started. ``Unknown`` where there is no such thing.

        This and ``explain`` read a state that never changes, so they may be asked on another thread: an answer can take
        a second, and the show does not wait for it.
        """
        state, now = self.playback.state, self._clock()
        if cue:
            return why_not_started(self.show, state, now, list_name, cue)
        return why_level(self.show, state, now, fixture, parameter or None)

    def explain(self, list_name: str = "") -> dict[str, Any]:
        """What GO on a list would do now, and what happens without it."""
        return explain_next(self.show, self.playback.state, self._clock(), list_name)

    def lights(self, *, everything: bool = False) -> Changed:
        """The lights that are not as they were when this was last asked, or ``everything``. For one thread at a time."""
        show = self.show
        if self._lights is None or self._lights.show is not show:
            self._lights, everything = LightsView(show), True
        return self._lights.changed(self.playback.state, self._clock(), everything=everything)

    def seen(self, fixtures: Sequence[str]) -> list[tuple[str, int, str, int]]:
        """Where each parameter of ``fixtures`` stands before any master: (fixture, cell, parameter, level). KeyError: no such."""
        patch, state = self.show.patch, self.playback.state
        wanted = [p for name in fixtures for p in patch.parameters_of[patch.fixture_named[name].index]]
        found = levels(prepare(stage_of(self.show).rendering, state.plan), self._clock())
        return [(patch.fixtures[p.fixture].name, p.cell, p.name, int(found[p.index])) for p in wanted]

    def fixtures(self) -> dict[str, Any]:
        """Groups, and what each fixture is."""
        return fixtures_view(self.show)

    def room(self) -> dict[str, Any]:
        """The plan of the room."""
        return room_view(self.show)

    def devices(self, now: Instant, which: Sequence[Device] | None = None) -> list[dict[str, Any]]:
        """Each device (of ``which``): health and why, what the show wants of it, what it says, how old that is (seconds).

        What the wire tells of stands among them (USB widgets, rival sources): where one is pulled out, here people look.
        """
        health = self.playback.state.health
        drivers = self._drivers()
        found: list[dict[str, Any]] = []
        for device in self.show.devices if which is None else which:
            state, why = health.get(device.name, ("unknown", ""))
            driver = drivers.get(device.name)
            heard = driver.heard() if driver else None
            found.append(
                {
                    "name": device.name,
                    "kind": device.kind.name,
                    "label": device.label,
                    "health": state,
                    "why": why,
                    "desired": driver.desired() if driver else {},
                    "reported": driver.reported() if driver else {},
                    "age": None if heard is None else seconds_of(max(now - heard, 0)),
                    "latency": seconds_of(device.latency),
                    "jitter": seconds_of(device.jitter),
                    "round_trip": _round_trip(driver),
                    **_phase(driver),
                    "late": None if self.skew is None else self.skew.late(device.name),
                    "voice": not _has_no_voice(device),
                    **({"silent": True} if _has_no_voice(device) and state == "unknown" else {}),
                }
            )
        return found if which is not None else [*found, *self.wire_devices()]

    def wire_devices(self) -> list[dict[str, Any]]:
        """What the wire tells of that people look for among the devices."""
        stats, _ = self._wire()
        return [] if stats is None else list(device_rows(self.show, stats))

    def schedule(self) -> list[dict[str, Any]]:
        """What the wall clock begins next, and in how many seconds; empty where no schedule runs."""
        coming = self.appointment()
        if coming is None:
            return []
        return [{"name": coming.name, "at": coming.at, "in": round((coming.wall - time.time_ns()) / 1e9, 1)}]

    def journal(self) -> dict[str, Any]:
        """Whether what happens is recorded. ``trouble`` says why not."""
        journal = self.playback.journal
        return {"late": journal.late, "trouble": journal.trouble}

    def wire(self) -> dict[str, Any]:
        """How the light is being sent. ``why`` says what is wrong, if anything."""
        stats, why = self._wire()
        counts = {} if stats is None else asdict(stats.counts)
        if stats is not None and stats.counts.link_down:
            why = "the interface to the rig is not there, or its cable is out: no light leaves"
        return {"frames": 0, "late_p99_us": 0, "missed": 0} | counts | {"connected": stats is not None, "why": why}

    # --- who listens -------------------------------------------------------------------------------------------------

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """``listener`` hears every note from now on; call what is returned to end that."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def tell(self, note: Note) -> None:
        """Passes a note on."""
        heard = {
            "instant": seconds_of(note.instant),
            "what": note.what,
            "words": note.words,
            "cue": None if note.cue is None else str(note.cue),
        }
        for listener in list(self._listeners):
            listener(heard)


def _has_no_voice(device: Device) -> bool:
    """Whether nothing ever comes from it: a renderer that answers nothing, whoever reads timecode."""
    return device.code is not None or (device.space is not None and not device.space.returns)


def _phase(driver: object) -> dict[str, str]:
    """Where a device is with what it was asked, and why that failed."""
    phase = driver.phase() if isinstance(driver, Acting) else Phase()
    return {"phase": phase.name, "failed": phase.why}


def _round_trip(driver: object) -> float | None:
    """How quickly a device answers, in seconds, where its driver asks it anything."""
    took = driver.round_trip() if isinstance(driver, Timed) else None
    return None if took is None else seconds_of(took)
