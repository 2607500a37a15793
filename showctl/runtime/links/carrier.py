"""Carries one driver live: bytes and time go in, what it says goes to its link, what it learned becomes events.

All of it runs on the event loop and none of it awaits, so one dead device never delays another. A ``Link`` opens, sends and
closes, and tells its carrier what came; the driver decides. A driver that raises is our own mistake: it is logged once with
its story, the event is dropped, and the show goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, TypeAlias, assert_never

from showctl.devices.driver import (
    Close,
    Connect,
    Driver,
    Failed,
    Health,
    Noticing,
    Outputs,
    Publish,
    Report,
    Send,
    Subscribe,
    Tracked,
)
from showctl.engine.commands import Tell
from showctl.engine.events import DeviceFailed, DeviceHealth, DeviceReported, Event
from showctl.show.instants import MILLISECOND, SECOND, Instant

log = logging.getLogger(__name__)

Clock: TypeAlias = Callable[[], Instant]
OnEvent: TypeAlias = Callable[[Event], None]
OnTracked: TypeAlias = Callable[[str, Tracked, Instant], None]

SHORTEST_NAP: Final = MILLISECOND  # a driver that would wake for ever at one instant must not stop the loop


class Link:
    """What carries bytes. A kind of link overrides what it can do; the rest does nothing."""

    def open(self, carrier: Carrier) -> None:
        """From here on ``carrier`` is told what comes."""

    def close(self) -> None:
        """For good."""

    def send(self, data: bytes) -> None:
        """Bytes for the device."""

    def publish(self, message: Publish) -> None:
        """A message for the broker."""

    def subscribe(self, topic: str) -> None:
        """Messages on ``topic`` are wanted."""

    def connect(self) -> None:
        """The driver wants the connection now."""

    def disconnect(self) -> None:
        """The driver wants it closed now."""


class Carrier:
    """One driver on one link."""

    def __init__(self, driver: Driver, link: Link, on_event: OnEvent, clock: Clock, on_tracked: OnTracked | None = None) -> None:
        self.driver, self.link = driver, link
        self.name = driver.device.name
        self._on_event, self._clock, self._on_tracked = on_event, clock, on_tracked
        self._timer: asyncio.TimerHandle | None = None
        self._running = False
        self._complained = False

    def start(self) -> None:
        """The show begins."""
        self._running = True
        self.link.open(self)
        self._run(self.driver.start)

    def stop(self) -> None:
        """The show is over: nothing is sent or told any more."""
        self._running = False
        if self._timer is not None:
            self._timer.cancel()
        self.link.close()

    def command(self, command: Tell) -> None:
        """A cue or a person asks for a verb."""
        self._run(lambda now: self.driver.command(command, now))

    def received(self, data: bytes) -> None:
        """Bytes of the device."""
        self._run(lambda now: self.driver.received(data, now))

    def message(self, topic: str, payload: bytes, retained: bool) -> None:
        """A message on a topic of the driver's."""
        self._run(lambda now: self.driver.message(topic, payload, retained, now))

    def noticed(self, data: bytes) -> None:
        """A datagram of the device beside its connection."""
        if isinstance(driver := self.driver, Noticing):
            self._run(lambda now: driver.noticed(data, now))

    def connected(self) -> None:
        """The link is open."""
        self._run(self.driver.connected)

    def lost(self, why: str) -> None:
        """The link broke."""
        self._run(lambda now: self.driver.lost(why, now))

    def _run(self, ask: Callable[[Instant], Outputs]) -> None:
        if not self._running:
            return
        try:
            now = self._clock()
            self._carry_out(ask(now), now)
        except Exception:
            if not self._complained:
                self._complained = True
                log.exception(
                    "device.driver_failed: the driver of %s failed; what came was dropped and the show goes on", self.name
                )
        self._nap()

    def _carry_out(self, outputs: Outputs, now: Instant) -> None:
        for output in outputs:
            match output:
                case Send():
                    self.link.send(output.data)
                case Publish():
                    self.link.publish(output)
                case Subscribe():
                    self.link.subscribe(output.topic)
                case Connect():
                    self.link.connect()
                case Close():
                    self.link.disconnect()
                case Report():
                    self._on_event(DeviceReported(self.name, output.field, output.value))
                case Health():
                    self._on_event(DeviceHealth(self.name, output.state, output.why))
                case Failed():
                    self._on_event(DeviceFailed(self.name, output.verb, output.why, output.policy, output.list))
                case Tracked():
                    if self._on_tracked is not None:
                        self._on_tracked(self.name, output, now)
                case _:
                    assert_never(output)

    def _nap(self) -> None:
        """Sets the alarm for the driver's next deadline."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self.driver.next_deadline()
        if deadline is not None:
            loop = asyncio.get_running_loop()
            wait = max(deadline - self._clock(), SHORTEST_NAP) / SECOND
            self._timer = loop.call_at(loop.time() + wait, self._run, self.driver.wake)


def carry(driver: Driver, link: Link, on_event: OnEvent, clock: Clock, on_tracked: OnTracked | None = None) -> Carrier:
    """Starts carrying ``driver`` over ``link``; ``clock`` gives show time. Call it on the event loop."""
    carrier = Carrier(driver, link, on_event, clock, on_tracked)
    carrier.start()
    return carrier
