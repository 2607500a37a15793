"""The venue's MQTT devices as clients of a real broker: one connection each, with its own will.

A device that joins connects and comes back for ever, every second, telling again what it had retained (a broker may have lost
it). What it says while the broker is away is lost, as it would be. A device whose power goes vanishes: its will is published,
as the broker would.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import aiomqtt

from showctl.show.instants import Instant
from simulators.device import Endpoint, Outgoing, SimulatedDevice

if TYPE_CHECKING:
    from simulators.live import LiveVenue

TRY_AGAIN: Final = 1.0
_WAITING_MOST: Final = 1000

log = logging.getLogger("simulators")


@dataclass
class _Member:
    """One device's connection."""

    endpoint: Endpoint
    retained: dict[str, bytes] = field(default_factory=dict)
    queue: asyncio.Queue[Outgoing | None] = field(default_factory=lambda: asyncio.Queue(_WAITING_MOST))
    task: asyncio.Task[None] | None = None


class RealBroker:
    """A broker that somebody else runs, at ``host``:``port``."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._live: LiveVenue
        self._members: dict[str, _Member] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._told_lost = False

    def open(self, live: LiveVenue) -> None:
        """The devices join when they are on."""
        self._live = live

    async def close(self) -> None:
        """Every device leaves."""
        tasks = [member.task for member in self._members.values() if member.task is not None] + list(self._leaving)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._members.clear()

    # --- what the venue asks (``mqtt_side.MqttSide``) -------------------------------------------------------------

    def joined(self, device: SimulatedDevice, now: Instant) -> None:  # noqa: ARG002 - the contract's
        endpoint = next(endpoint for endpoint in device.endpoints if endpoint.kind == "mqtt")
        member = self._members[device.name] = _Member(endpoint)
        member.task = asyncio.get_running_loop().create_task(self._stay(device.name, member))

    def gone(self, device: SimulatedDevice, now: Instant) -> None:  # noqa: ARG002 - the contract's
        member = self._members.pop(device.name, None)
        if member is not None and member.task is not None:
            member.queue.put_nowait(None)
            self._leaving.add(member.task)
            member.task.add_done_callback(self._leaving.discard)

    def publish(self, device: SimulatedDevice, what: Outgoing, now: Instant) -> None:  # noqa: ARG002 - the contract's
        member = self._members.get(device.name)
        if member is None:
            return
        if what.retain:
            member.retained[what.topic] = what.data
        if not member.queue.full():
            member.queue.put_nowait(what)

    # --- one device's connection ----------------------------------------------------------------------------------

    async def _stay(self, name: str, member: _Member) -> None:
        will = member.endpoint.will
        while True:
            try:
                async with aiomqtt.Client(
                    self.host,
                    self.port,
                    identifier=name,
                    will=None if will is None else aiomqtt.Will(will[0], will[1], qos=1, retain=will[2]),
                    timeout=5,
                ) as client:
                    self._found()
                    for topic in member.endpoint.topics:
                        await client.subscribe(topic, qos=1)
                    await self._talk(name, client, member)
                    return
            except aiomqtt.MqttError as error:
                self._lost(str(error))
                await asyncio.sleep(TRY_AGAIN)
                _forget_all_but_the_end(member.queue)

    async def _talk(self, name: str, client: aiomqtt.Client, member: _Member) -> None:
        """Until the device is gone; MqttError when the broker is."""
        for topic, data in member.retained.items():
            await client.publish(topic, data, qos=1, retain=True)
        hearing = asyncio.create_task(self._hear(name, client))
        try:
            while True:
                saying = asyncio.create_task(member.queue.get())
                await asyncio.wait((hearing, saying), return_when=asyncio.FIRST_COMPLETED)
                if hearing.done():
                    saying.cancel()
                    hearing.result()  # MqttError, if that was why
                    raise aiomqtt.MqttError("the broker says nothing any more")
                what = saying.result()
                if what is None:
                    if (will := member.endpoint.will) is not None:
                        await client.publish(will[0], will[1], qos=1, retain=will[2])
                    return
                await client.publish(what.topic, what.data, qos=1, retain=what.retain)
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    async def _hear(self, name: str, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            now = self._live.now()
            self._live.venue.wake(now)
            self._live.venue.mqtt_message(name, str(message.topic), bytes(message.payload), now)
            self._live.flush()

    def _lost(self, why: str) -> None:
        if not self._told_lost:
            self._told_lost = True
            log.warning("the broker at %s:%d does not answer (%s); its devices try again each second", self.host, self.port, why)

    def _found(self) -> None:
        if self._told_lost:
            self._told_lost = False
            log.info("the broker at %s:%d is back", self.host, self.port)


def _forget_all_but_the_end(queue: asyncio.Queue[Outgoing | None]) -> None:
    """What was said while the broker was away is lost; that the device is gone is not."""
    said = []
    while not queue.empty():
        said.append(queue.get_nowait())
    if None in said:
        queue.put_nowait(None)
