"""A show, live: the engine process without its console. Playback on the event loop, links, inputs, the wire's client.

Everything happens on one loop: requests and facts are handled as they come, in order; due work when ``next_deadline`` says.
Facts that devices and inputs send faster than they matter are reduced before they get here (drivers, edge). Nothing here
waits for a device.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy.ma  # noqa: F401 - numpy imports it by itself at the first `unique`: the first GO would wait 25 ms for that

from showctl.devices.driver import Driver, Tracked
from showctl.engine.commands import Answer, Note, Tell
from showctl.engine.events import DeviceReported, Event, InputChanged, Origin, Panic, Reset, TrackMoved
from showctl.engine.reloading import Reloaded
from showctl.engine.state import State, What
from showctl.runtime.clock import ShowClock
from showctl.runtime.desk import Desk
from showctl.runtime.edge import Edge
from showctl.runtime.journal import Record, SqliteJournal
from showctl.runtime.keeping import Keeper, new_path
from showctl.runtime.kept_tags import TagKeeper
from showctl.runtime.links import LiveDevices
from showctl.runtime.links.control_osc import ControlOsc
from showctl.runtime.links.timecode import TimecodeLinks
from showctl.runtime.playback import Playback
from showctl.runtime.rdm_desk import RdmDesk
from showctl.runtime.recovery import last_run, parks, standing
from showctl.runtime.reloader import Reloader
from showctl.runtime.retention import Retention, journals, tidy
from showctl.runtime.revisions import LiveOptions, Prepared, Revisions
from showctl.runtime.schedule import Appointments
from showctl.runtime.skew import Together
from showctl.runtime.taking_up import anchor_after, broke_off, epoch_of, is_fresh, locked, taken_up, too_late
from showctl.runtime.thoughts import Thoughts
from showctl.runtime.variants import beginning, variant_named
from showctl.runtime.wire.client import WireClient
from showctl.runtime.wire.facts import encode_facts
from showctl.runtime.wire.stats import Stats
from showctl.runtime.wire_health import health_news
from showctl.show.instants import MILLISECOND, SECOND, Instant
from showctl.show.show import Begun, Show

log = logging.getLogger(__name__)

MOST_SENSED: Final = 256
"""Facts that wait; were there more, the first of them are taken in at once."""
TIDY_EVERY: Final = 86_400.0
"""Seconds."""
MOST_LATENESS: Final = 10_000
"""Samples of dispatch lateness that are kept."""


class Live:
    """A running show. ``start`` it on an event loop; ``stop`` lets go of devices (the wire is the supervisor's)."""

    def __init__(self, folder: Path, state: Path, options: LiveOptions, revisions: Revisions | None = None) -> None:
        """``revisions`` that were read before need not be read again."""
        self.options = options
        state.mkdir(parents=True, exist_ok=True)
        self._lock = locked(state)
        self.revisions = revisions or Revisions(folder, state, options)
        before = last_run(state, self.revisions.show)
        self.taken = before if before is not None and is_fresh(before) else None
        prepared = self.revisions.latest() if self.taken is None else self.revisions.of(self.taken.revision)
        self.show, self.revision = prepared.show if self.taken is None else self.taken.show, prepared.digest
        self._announce()
        if self.taken is not None and self.revisions.saved() != self.revision:
            log.warning("The show folder was changed since; the run goes on with what it ran with, until it is reloaded.")
        anchor = anchor_after(self.taken)
        self.clock = ShowClock(anchor)
        self.journal = SqliteJournal(new_path(state) if self.taken is None else self.taken.path)
        epoch = epoch_of(self.taken, self.journal.path, anchor)
        self.wire = WireClient(options.wire_socket, epoch, prepared.patched, anchor.monotonic - anchor.show, self._facts)
        self.lateness: list[int] = []
        """Nanoseconds between the instant at which a device command was due and its sending, newest last."""
        self._epoch = epoch.hex()
        self.journal.write((Record(anchor.show, "anchor", self._anchored()),))
        recovered: State | None = None
        self._made_safe: tuple[Tell, ...] = ()
        if self.taken is not None:
            recovered, self._made_safe = taken_up(self.show, self.taken, self.journal, self.clock.now())
        self.edge = Edge(self.show, None if recovered is None else recovered.values)
        self.devices = LiveDevices(self.show, self._fact, self.clock.now, self._tracked, state=state, folder=folder)
        self.playback = Playback(self.show, self.journal, self.wire, self._tell, self._note, state=recovered)
        self._parks = () if before is None or self.taken is not None else parks(before.state, before.show, self.show)
        self._tags = TagKeeper(state / "tags.json")
        tagged = None if self.taken is not None else self._tags.events(self.show)
        self._tagged: tuple[Event, ...] = self._parks if tagged is None else tagged
        began, tail = time.time_ns(), 0
        if self.taken is not None:
            began, tail = int(self.taken.anchor.get("began", self.taken.anchor["wall"])), self.taken.tail
        self._keeper = Keeper(
            self.journal, self._anchored, lambda: self.playback.state, self._ran_with, self.clock.now(), began, tail
        )
        self._up: Instant = -1
        """When a run that was taken up went on."""
        self.desk = Desk(self.playback, self.handle, self.clock.now, self._drivers, self._wire_stats)
        self.desk.skew, self.devices.skew.said = self.devices.skew, self._began_apart
        self.desk.reloader, self.desk.people = Reloader(self), lambda: self.edge.people()
        self.desk.rdm = RdmDesk(lambda: self.show, options.wire_socket, lambda: self.wire.stats, self._no_rdm)
        self._appointments = Appointments(lambda: self.show, self._fact)
        self.desk.appointment = lambda: self._appointments.coming
        self._timecode: TimecodeLinks | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._thoughts = Thoughts(self.playback, self.clock, self._set_alarm)
        self._keeping: asyncio.Handle | None = None
        self._sensed: deque[Event] = deque()
        """What sensors have said, in order, and nobody has taken in yet."""
        self._sensing: asyncio.Handle | None = None
        self._edge_timer: asyncio.TimerHandle | None = None
        self._wire_task: asyncio.Task[None] | None = None
        self._osc = ControlOsc(options.interface, self._said_by_osc, self._heard)
        self._told: Stats | None = None
        """What the wire told last, as far as it was looked at."""
        self._tidying: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Everything is greeted; nothing is waited for."""
        loop = asyncio.get_running_loop()
        self._wire_task = loop.create_task(self._keep_wire())
        self.devices.start(standing(self.show, self.playback.state) if self.taken is not None else ())
        for command in self._made_safe:
            self.devices.tell(command)
        for tag in self._tagged:
            self.handle(tag)
        if self.taken is None:
            self._begin()
        self._listen_mqtt()
        self._osc.listen(self.show.osc_port)
        self._listen_timecode()
        self._set_alarm()
        self._tidying = loop.create_task(self._tidy())
        if self.options.schedule:
            self._appointments.start(None if self.taken is None else broke_off(self.taken))
        self.desk.lag.start()
        if self.taken is not None:
            self._up = self.clock.now()

    async def stop(self) -> None:
        """Lets go of devices and inputs; the light goes on until the supervisor ends it."""
        self._stopping = True
        self._appointments.stop()
        self.desk.lag.stop()
        for timer in (self._timer, self._edge_timer):
            if timer is not None:
                timer.cancel()
        self._thoughts.end()
        for handle in (self._sensing, self._keeping):
            if handle is not None:
                handle.cancel()
        self._osc.close()
        if self._tidying is not None:
            self._tidying.cancel()
        if self.desk.rdm is not None:
            self.desk.rdm.close()
        if self._timecode is not None:
            self._timecode.close()
        await self.devices.stop()
        if self._wire_task is not None:
            self._wire_task.cancel()
            with suppress(asyncio.CancelledError):
                await self._wire_task
        self.wire.close()
        self.journal.write((Record(self.clock.now(), "end", {}),))
        self.journal.close()
        self._tags.close()
        self._lock.close()

    def _anchored(self) -> dict[str, Any]:
        """What an anchor says of the run that begins at it, or goes on."""
        return asdict(self.clock.anchor) | {"show_name": self.show.name, "show_digest": self.revision, "epoch": self._epoch}

    def _ran_with(self) -> dict[str, Any]:
        """By which revisions a checkpoint is to be read."""
        return {"revision": self.revision, "begun": {str(number): of.revision for number, of in self._finishing().items()}}

    # --- the show is changed -----------------------------------------------------------------------------------------

    def change(self, prepared: Prepared) -> Reloaded:
        """The show is ``prepared`` from now on; nothing that runs stops. Links of what changed end, or begin."""
        while self._sensed:  # they are of the show as it was
            self.handle(self._sensed.popleft())
        older, self.revision = self.revision, prepared.digest
        self.show = prepared.show  # the wire may ask for it at once
        self.wire.repatch(prepared.patched)
        done = self.playback.reload(prepared.show, self.clock.now(), older, self.revision)
        self.show = done.show
        self._keeper.keep(self.clock.now())  # who takes this up need not read what was before
        self._announce()
        self.edge = Edge(self.show, self.playback.state.values, self.edge)
        self.devices.change(self.show, standing(self.show, self.playback.state))
        self._listen_mqtt()
        self._listen_timecode()
        self._osc.listen(self.show.osc_port)
        self._set_edge_alarm()
        self._appointments.look_again()
        self._after()
        return done

    @property
    def state(self) -> State:
        """As it stands now; it never changes."""
        return self.playback.state

    def _facts(self) -> bytes:
        return encode_facts(self.show)

    def _finishing(self) -> dict[int, Begun]:
        """Runs that finish as they began, and by what."""
        return {number: begun for number, begun in self.show.begun.items() if number in self.playback.state.runs}

    def _announce(self) -> None:
        self.revisions.run(self.revision, *(begun.revision for begun in self.show.begun.values()))

    # --- what comes in -----------------------------------------------------------------------------------------------

    def handle(self, event: Event) -> Answer | None:
        """An event happens now."""
        answer = self.playback.handle(event, self.clock.now())
        if isinstance(event, Reset) and (answer is None or not answer.refused):
            self._begin()
        self._after()
        return answer

    def _begin(self) -> None:
        """A show begins as the variant that was asked for."""
        for request in beginning(variant_named(self.show, self.options.variant)) if self.options.variant else ():
            self.playback.handle(request, self.clock.now())

    def _fact(self, event: Event) -> None:
        if self._stopping:
            return
        self.handle(event)
        if isinstance(event, DeviceReported):
            self._heard(self.edge.reported(event.device, event.field, event.value, self.clock.now()))

    def _heard(self, events: Sequence[Event]) -> None:
        """What the input edge makes of what it heard."""
        self._take_in(events)
        self._set_edge_alarm()

    def _take_in(self, events: Iterable[Event]) -> None:
        """Facts are taken one at a time: what somebody asks for does not wait for all that a frame of trackers has said."""
        for event in events:
            if not isinstance(event, InputChanged | TrackMoved):
                self.handle(event)
                continue
            if len(self._sensed) >= MOST_SENSED:
                self.handle(self._sensed.popleft())
            self._sensed.append(event)
        if self._sensing is None:
            self._take_fact()

    def _take_fact(self) -> None:
        self._sensing = None
        if self._sensed and not self._stopping:
            self.handle(self._sensed.popleft())
        if self._sensed and not self._stopping:
            self._sensing = asyncio.get_running_loop().call_soon(self._take_fact)

    def _tracked(self, name: str, frame: Tracked, now: Instant) -> None:
        self._heard(self.edge.tracked(frame.tracks, now, name, frame.others))

    def _listen_mqtt(self) -> None:
        for topic in self.edge.mqtt_topics():
            self.devices.listen(topic, self._mqtt)

    def _mqtt(self, broker: str, topic: str, payload: bytes, retained: bool) -> None:
        self._heard(self.edge.mqtt(topic, payload, retained, self.clock.now(), broker))

    def _said_by_osc(self, address: str, arguments: Sequence[object], source: tuple[str, int]) -> list[Event]:
        return self.edge.osc(address, arguments, source, self.clock.now())

    def _listen_timecode(self) -> None:
        """Timecode by its own ways: MIDI, sound, Art-Net. It begins anew with a show that is loaded anew."""
        if self._timecode is not None:
            self._timecode.close()
        sources = list(self.edge.timecodes.sources.values())
        self._timecode = TimecodeLinks(
            sources, self._heard, lambda *of: self.edge.artnet_timecode(*of), self.clock.now, self.options.wire_socket
        )
        self._timecode.open()

    # --- what goes out -----------------------------------------------------------------------------------------------

    async def _tidy(self) -> None:
        """Once a day: what has been kept for long enough goes, off the loop."""
        while True:
            try:
                await asyncio.to_thread(self._tidy_now)
            except OSError as error:
                log.warning("Old journals cannot be tidied: %s.", error)
            await asyncio.sleep(TIDY_EVERY)

    def _tidy_now(self) -> None:
        def show_of(revision: str) -> Show | None:
            with suppress(LookupError):
                return self.revisions.show(revision)
            return None

        state = self.journal.path.parent
        for words in tidy(state, Retention.parse(self.options.retention), time.time_ns(), show_of):
            log.info("The journal %s.", words)
        wanted = {revision for kept in journals(state) for revision in kept.revisions}
        self.revisions.prune({*wanted, self.revision, *(begun.revision for begun in self.show.begun.values())})

    def _tell(self, command: Tell) -> None:
        now = self.clock.now()
        if too_late(command, self._up, now):
            late = (now - command.instant) / MILLISECOND
            log.warning("%s %s was due %.0f ms ago, before this engine was up: not sent.", command.device, command.verb, late)
            return
        self.lateness.append(now - command.instant)
        if len(self.lateness) > MOST_LATENESS:
            del self.lateness[: MOST_LATENESS // 2]
        self.devices.tell(command)

    def _note(self, note: Note) -> None:
        log.info("%s", note.words)
        self.desk.tell(note)

    def _began_apart(self, cue: Together) -> None:
        """How far apart the devices of a cue began is kept: nothing of the show depends on it, and no replay makes it again."""
        self.journal.post((Record(self.clock.now(), "skew", {"words": cue.words(), "run": cue.run} | cue.told()),))

    # --- time --------------------------------------------------------------------------------------------------------

    def _after(self) -> None:
        self._tags.keep(self.show, self.playback.state)
        self._keeper.look(self.clock.now())
        if self._keeping is None:
            self._keep_on()
        self._set_alarm()
        self.wire.service(time.monotonic_ns())
        self._watch_wire()
        self._thoughts.stir()

    def _keep_on(self) -> None:
        """A piece of the checkpoint that is being written, if one is."""
        self._keeping = None
        if self._keeper.go_on() and not self._stopping:
            self._keeping = asyncio.get_running_loop().call_soon(self._keep_on)

    def _watch_wire(self) -> None:
        """Whoever else sends on our universes is a fact that the show acts on."""
        stats = self.wire.stats
        if stats is None or stats is self._told or self._stopping:
            return
        self._told = stats
        for event in list(health_news(self.show, self.playback.state.health, stats)):
            self.handle(event)
        if stats.counts.standing_in:
            self._join_panic()

    def _join_panic(self) -> None:
        """Somebody pressed panic while we did not answer, and the wire went to the safe look: so do we, and then it is ours."""
        state = self.playback.state
        if not state.latch:
            self.handle(Panic(Origin("console", "", "the wire")))
        elif not any(due.what is What.PANIC_END for due in state.agenda):
            self.wire.panic(False)

    def _set_alarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        wants = (self.playback.next_deadline(), self.playback.next_thought())
        deadline = min((instant for instant in wants if instant is not None), default=None)
        if deadline is not None and not self._stopping:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(loop.time() + max(deadline - self.clock.now(), 0) / SECOND, self._wake)

    def _wake(self) -> None:
        self._timer = None
        now, deadline = self.clock.now(), self.playback.next_deadline()
        # The loop rounds to a millisecond: a wake that comes a hair early asks for the instant it was meant for.
        if deadline is not None and now < deadline <= now + 2 * MILLISECOND:
            while self.clock.now() < deadline:
                pass
        self.playback.wake(self.clock.now())
        self._after()

    def _set_edge_alarm(self) -> None:
        if self._edge_timer is not None:
            self._edge_timer.cancel()
            self._edge_timer = None
        deadline = self.edge.next_deadline()
        if deadline is not None and not self._stopping:
            loop = asyncio.get_running_loop()
            wait = max(deadline - self.clock.now(), MILLISECOND) / SECOND
            self._edge_timer = loop.call_at(loop.time() + wait, self._wake_edge)

    def _wake_edge(self) -> None:
        self._heard(self.edge.wake(self.clock.now()))

    async def _keep_wire(self) -> None:
        """Serves the wire's socket; connects again when it went away."""
        loop = asyncio.get_running_loop()
        while True:
            self.wire.service(time.monotonic_ns())
            self._watch_wire()
            number = self.wire.fileno()
            if number is None:
                await asyncio.sleep(0.05)
                continue
            ready = asyncio.Event()
            loop.add_reader(number, ready.set)
            try:
                async with asyncio.timeout(0.02 if self.wire.wants_write else 1.0):
                    await ready.wait()
            except TimeoutError:
                pass
            finally:
                with suppress(OSError, ValueError, RuntimeError):  # its number may be another's already, where it was closed
                    loop.remove_reader(number)

    # --- for the desk ------------------------------------------------------------------------------------------------

    def _no_rdm(self) -> str:
        """Why fixtures may not be asked over RDM any more: a show has begun."""
        state = self.playback.state
        running = next(iter(state.runs.values()), None)
        if state.latch:
            return f"{state.latch} is in force"
        return "" if running is None else f"{running.cue} runs now"

    def _drivers(self) -> Mapping[str, Driver]:
        return {name: carrier.driver for name, carrier in self.devices.carriers.items()}

    def _wire_stats(self) -> tuple[Stats | None, str]:
        return self.wire.stats, self.wire.why

    def lateness_words(self) -> str:
        """How late device commands were sent, as a distribution."""
        if not self.lateness:
            return json.dumps({"commands": 0})
        late = sorted(self.lateness)

        def at(part: float) -> float:
            return round(late[min(int(len(late) * part), len(late) - 1)] / MILLISECOND, 3)

        return json.dumps({"commands": len(late), "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1.0)})
