"""A show, live: the engine process without its console. Playback on the event loop, links, inputs, the wire's client.

Everything happens on one loop: requests and facts are handled as they come, in order; due work when ``next_deadline`` says.
Facts that devices and inputs send faster than they matter are reduced before they get here (drivers, edge). Nothing here
waits for a device.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import logging
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Final

import numpy.ma  # noqa: F401 - numpy imports it by itself at the first `unique`: the first GO would wait 25 ms for that

from showctl.devices.driver import Driver, Tracked
from showctl.engine.checkpoint import keep
from showctl.engine.commands import Answer, Note, Tell
from showctl.engine.events import Event
from showctl.engine.hazards import restarted
from showctl.engine.state import State
from showctl.engine.step import initial
from showctl.protocols import osc
from showctl.protocols.errors import ProtocolError
from showctl.runtime.clock import Anchor, ShowClock, anchor_now
from showctl.runtime.desk import Desk
from showctl.runtime.edge import Edge
from showctl.runtime.journal import Record, SqliteJournal
from showctl.runtime.kept_tags import TagKeeper
from showctl.runtime.links import LiveDevices
from showctl.runtime.playback import Playback, dispatch_record
from showctl.runtime.recovery import Taken, caught_up, folder_digest, last_run, parks, standing
from showctl.runtime.virtual_rig import flat
from showctl.runtime.wire.client import WireClient
from showctl.runtime.wire.fingerprint import fingerprint
from showctl.runtime.wire.stats import Stats
from showctl.show.cues import ActionClass
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, SECOND, Instant
from showctl.show.show import Show

log = logging.getLogger(__name__)

LARGEST_DATAGRAM: Final = 65507
CHECKPOINT_EVERY: Final = 60 * SECOND
MOST_AWAY: Final = 600 * SECOND
"""A run that broke off longer ago is not taken up; parks are."""
THOUGHT: Final = MILLISECOND // 4
"""After so long a thought of what is to come, the loop listens (a single step of the copy may take longer)."""
MOST_LATENESS: Final = 10_000
"""Samples of dispatch lateness that are kept."""


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What the command line may say over the show folder. Ports and addresses None: as the show says."""

    wire_socket: Path
    interface: str = "127.0.0.1"
    broker: str | None = None
    """``host:port`` for every broker of the show."""
    osc_port: int | None = None
    psn_port: int | None = None


def with_options(show: Show, options: LiveOptions) -> Show:
    """The show as this machine runs it."""

    def adapted(device: Device) -> Device:
        if device.kind.name == "broker" and options.broker is not None:
            host, _, port = options.broker.rpartition(":")
            return replace(device, host=host, port=int(port))
        if device.kind.name == "tracker":
            interface = str(device.options.get("interface", "")) or options.interface
            port_number = device.port if options.psn_port is None else options.psn_port
            return replace(device, port=port_number, options=device.options | {"interface": interface})
        return device

    return replace(
        show,
        devices=tuple(adapted(device) for device in show.devices),
        osc_port=show.osc_port if options.osc_port is None else options.osc_port,
    )


@dataclass(frozen=True)
class Prepared:
    """A show folder, read: what takes long and can be done before an engine is needed."""

    digest: str
    """Of the folder, taken before it was read."""
    patched: bytes
    """The fingerprint that the wire's must equal."""
    show: Show


def prepare(folder: Path, options: LiveOptions) -> Prepared:
    """Reads a show folder. ValueError with all problems where it cannot be run."""
    from showctl.showfile import load

    digest = folder_digest(folder)
    loaded = load(folder)
    if loaded.show is None:
        raise ValueError("\n".join(str(problem) for problem in loaded.problems))
    show = with_options(loaded.show, options)
    initial(show)  # what the engine works out about a show once
    return Prepared(digest, fingerprint(loaded.show), show)


def _is_fresh(run: Taken) -> bool:
    """Whether a run broke off so lately that it is to be taken up: yesterday evening's party has gone home."""
    broke_off = int(run.anchor["wall"]) + run.state.now - int(run.anchor["show"])
    return not run.ended and time.time_ns() - broke_off <= MOST_AWAY


def _anchor_after(taken: Taken | None) -> Anchor:
    """Where show time stands: a run taken up in the same boot goes on by the same clock, after a reboot where it broke off."""
    if taken is None:
        return anchor_now()
    now = anchor_now(taken.state.now)
    kept = taken.anchor
    if kept.get("boot") == now.boot:
        return Anchor(now.boot, int(kept["monotonic"]), int(kept["wall"]), int(kept["show"]))
    return now


def _lock(state: Path) -> IO[str]:
    """The state folder belongs to one engine at a time. BlockingIOError where another one has it."""
    handle = (state / "engine.lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise BlockingIOError(f"another engine runs with the state folder {state.name}") from None
    return handle


class Live:
    """A running show. ``start`` it on an event loop; ``stop`` lets go of devices (the wire is the supervisor's)."""

    def __init__(self, folder: Path, state: Path, options: LiveOptions, prepared: Prepared | None = None) -> None:
        """``prepared`` earlier: it is read again where the folder has changed since."""
        if prepared is None or prepared.digest != folder_digest(folder):
            prepared = prepare(folder, options)
        self.show, self.options, digest = prepared.show, options, prepared.digest
        state.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(state)
        before = last_run(state, self.show, digest)
        self.taken = before if before is not None and _is_fresh(before) else None
        anchor = _anchor_after(self.taken)
        self.clock = ShowClock(anchor)
        name = f"journal-{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 10**6:06}.db"
        self.journal = SqliteJournal(state / name if self.taken is None else self.taken.path)
        epoch = hashlib.sha256(self.journal.path.name.encode() + anchor.boot.encode()).digest()[:16]
        self.wire = WireClient(options.wire_socket, epoch, prepared.patched, anchor.monotonic - anchor.show)
        self.lateness: list[int] = []
        """Nanoseconds between the instant at which a device command was due and its sending, newest last."""
        self.journal.write(
            (Record(anchor.show, "anchor", asdict(anchor) | {"show_name": self.show.name, "show_digest": digest}),)
        )
        self._made_safe: tuple[Tell, ...] = ()
        recovered = None if self.taken is None else self._take_up(self.taken)
        self.edge = Edge(self.show, None if recovered is None else recovered.values)
        self.devices = LiveDevices(self.show, self._fact, self.clock.now, self._tracked)
        self.playback = Playback(self.show, self.journal, self.wire, self._tell, self._note, state=recovered)
        self._parks = () if before is None or self.taken is not None else parks(before.state)
        self._tags = TagKeeper(state / "tags.json")
        tagged = None if self.taken is not None else self._tags.events(self.show)
        self._tagged: tuple[Event, ...] = self._parks if tagged is None else tagged
        self._kept_at = self.clock.now()
        self.desk = Desk(self.playback, self.handle, self.clock.now, self._drivers, self._wire_stats)
        self._timer: asyncio.TimerHandle | None = None
        self._thinking: asyncio.Handle | None = None
        self._edge_timer: asyncio.TimerHandle | None = None
        self._wire_task: asyncio.Task[None] | None = None
        self._osc: socket.socket | None = None
        self._stopping = False

    async def start(self) -> None:
        """Everything is greeted; nothing is waited for."""
        loop = asyncio.get_running_loop()
        self._wire_task = loop.create_task(self._keep_wire())
        self.devices.start(standing(self.playback.state) if self.taken is not None else ())
        for command in self._made_safe:
            self.devices.tell(command)
        for tag in self._tagged:
            self.handle(tag)
        for topic in self.edge.mqtt_topics():
            self.devices.listen(topic, self._mqtt)
        self._listen_osc()
        self._set_alarm()

    async def stop(self) -> None:
        """Lets go of devices and inputs; the light goes on until the supervisor ends it."""
        self._stopping = True
        for timer in (self._timer, self._edge_timer):
            if timer is not None:
                timer.cancel()
        if self._thinking is not None:
            self._thinking.cancel()
        if self._osc is not None:
            asyncio.get_running_loop().remove_reader(self._osc)
            self._osc.close()
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

    def _take_up(self, taken: Taken) -> State:
        """The state of a run that broke off, as it is by now. What fell due meanwhile is written, and not sent late."""
        now = self.clock.now()
        state, self._made_safe = restarted(self.show, taken.state)
        state, commands = caught_up(self.show, state, now)
        records = [record for command in (*self._made_safe, *commands) if (record := dispatch_record(command)) is not None]
        self.journal.write((*taken.unwritten, *records))
        missed = [c for c in commands if isinstance(c, Tell) and c.kind is ActionClass.MOMENTARY]
        log.warning(
            "The run is taken up again %.1f s after it broke off; %d momentary actions of that time are not made up for.",
            (now - taken.state.now) / SECOND,
            len(missed),
        )
        return state

    def _keep(self, now: Instant) -> None:
        """A checkpoint now and then, so that taking up a long day does not begin in the morning."""
        if now - self._kept_at >= CHECKPOINT_EVERY:
            self._kept_at = now
            self.journal.write((Record(self.playback.state.now, "checkpoint", keep(self.playback.state)),))

    # --- what comes in -----------------------------------------------------------------------------------------------

    def handle(self, event: Event) -> Answer | None:
        """An event happens now."""
        answer = self.playback.handle(event, self.clock.now())
        self._after()
        return answer

    def _fact(self, event: Event) -> None:
        if not self._stopping:
            self.handle(event)

    def _tracked(self, _name: str, frame: Tracked, now: Instant) -> None:
        for event in self.edge.tracked(frame.tracks, now):
            self.handle(event)
        self._set_edge_alarm()

    def _mqtt(self, _broker: str, topic: str, payload: bytes, retained: bool) -> None:
        for event in self.edge.mqtt(topic, payload, retained, self.clock.now()):
            self.handle(event)
        self._set_edge_alarm()

    def _listen_osc(self) -> None:
        """Control over OSC; a port that is taken is said, and the show runs without it."""
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            opened.bind((self.options.interface, self.show.osc_port))
        except OSError as error:
            opened.close()
            log.warning("Control over OSC is off: port %d cannot be used (%s).", self.show.osc_port, error.strerror)
            return
        self._osc = opened
        asyncio.get_running_loop().add_reader(opened, self._drain_osc, opened)

    def _drain_osc(self, opened: socket.socket) -> None:
        for _ in range(64):
            try:
                data, source = opened.recvfrom(LARGEST_DATAGRAM)
            except OSError:
                return
            try:
                packet = osc.decode(data)
            except ProtocolError:
                continue
            now = self.clock.now()
            for message in flat(packet):
                for event in self.edge.osc(message.address, message.arguments, source, now):
                    self.handle(event)
        self._set_edge_alarm()

    # --- what goes out -----------------------------------------------------------------------------------------------

    def _tell(self, command: Tell) -> None:
        self.lateness.append(self.clock.now() - command.instant)
        if len(self.lateness) > MOST_LATENESS:
            del self.lateness[: MOST_LATENESS // 2]
        self.devices.tell(command)

    def _note(self, note: Note) -> None:
        log.info("%s", note.words)
        self.desk.tell(note)

    # --- time --------------------------------------------------------------------------------------------------------

    def _after(self) -> None:
        self._tags.keep(self.show, self.playback.state)
        self._keep(self.clock.now())
        self._set_alarm()
        self.wire.service(time.monotonic_ns())
        if self._thinking is None and not self._stopping:
            self._thinking = asyncio.get_running_loop().call_soon(self._think)

    def _think(self) -> None:
        """Thinks of what is to come, a moment at a time: between two moments the loop hears what has come in."""
        self._thinking = None
        end = time.monotonic_ns() + THOUGHT
        while more := self.playback.think():
            if time.monotonic_ns() >= end:
                break
        if more:
            self._thinking = asyncio.get_running_loop().call_soon(self._think)
        else:
            self._set_alarm()

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
        for event in self.edge.wake(self.clock.now()):
            self.handle(event)
        self._set_edge_alarm()

    async def _keep_wire(self) -> None:
        """Serves the wire's socket; connects again when it went away."""
        loop = asyncio.get_running_loop()
        while True:
            self.wire.service(time.monotonic_ns())
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
                with suppress(OSError, ValueError):
                    loop.remove_reader(number)

    # --- for the desk ------------------------------------------------------------------------------------------------

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
