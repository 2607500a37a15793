"""One MQTT connection for each broker, shared by all its devices and by the inputs of the show.

A loop keeps it: connect (2 s), subscribe to everything wanted, tell the drivers, carry messages; when it ends, try again
each second: all doors hang on it, and it is to have us back within 2 s of its return. The library does not reconnect, and a
clean session forgets subscriptions, so both are done here on every connect. Nothing waits for a broker that is gone: messages
for it are dropped, and the drivers say again what should be.
Our will is ``showctl/status`` = ``offline``, retained; the broker's own driver publishes ``online`` after the subscriptions.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import aiomqtt

from showctl.devices.broker import OFFLINE, STATUS_TOPIC
from showctl.devices.driver import Publish, Subscribe
from showctl.runtime.links.carrier import Carrier, Link

log = logging.getLogger(__name__)
_unheard = logging.getLogger(f"{__name__}.paho")
"""The library logs each end of a connection as an error of its own; the broker's health says it once, in a sentence."""
_unheard.setLevel(logging.CRITICAL)

OnMessage: TypeAlias = Callable[[str, bytes, bool], None]

CONNECT_WITHIN_S: Final = 2.0
RETRY_EVERY_S: Final = 1.0
KEEPALIVE_S: Final = 5
MOST_OUTGOING: Final = 1000
MOST_INCOMING: Final = 10_000


class _Client(aiomqtt.Client):
    """The library's client, which asks the loop to watch a socket that may be closed by the time the loop gets to it."""

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:  # noqa: ARG002
        def write() -> None:
            try:
                client.loop_write()
            except Exception as error:
                if not self._disconnected.done():
                    self._disconnected.set_exception(error)

        def register() -> None:
            if sock.fileno() >= 0:
                self._loop.add_writer(sock.fileno(), write)

        self._loop.call_soon_threadsafe(register)


class BrokerLink:
    """The connection to one broker. ``start`` it on the event loop; ``stop`` says ``offline`` and leaves."""

    def __init__(self, host: str, port: int, username: str = "", password: str = "") -> None:
        self._host, self._port = host, port
        self._username, self._password = username or None, password or None
        self._carriers: list[Carrier] = []
        self._listeners: dict[str, list[OnMessage]] = {}
        self._outgoing: asyncio.Queue[Publish | Subscribe] = asyncio.Queue(MOST_OUTGOING)
        self._task: asyncio.Task[None] | None = None
        self._up = False
        self.dropped = 0

    def start(self) -> None:
        """Begins to connect, and never gives up."""
        self._task = asyncio.get_running_loop().create_task(self._keep())

    async def stop(self) -> None:
        """Ends the connection; our status says ``offline``."""
        self._carriers.clear()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def attach(self, carrier: Carrier) -> None:
        """``carrier`` is told of the connection from now on."""
        self._carriers.append(carrier)
        if self._up:
            carrier.connected()

    def detach(self, carrier: Carrier) -> None:
        """``carrier`` is told no more."""
        self._carriers = [other for other in self._carriers if other is not carrier]

    def listen(self, topic: str, on_message: OnMessage) -> None:
        """``on_message`` gets (topic, payload, retained) of everything on ``topic`` (wildcards allowed)."""
        self._listeners.setdefault(topic, []).append(on_message)
        if self._up:
            # Also for a topic that is subscribed already: the broker then says its retained word again.
            self._put(Subscribe(topic))

    def publish(self, message: Publish) -> None:
        """Sends ``message``, or drops it where there is no broker or it does not keep up."""
        if self._up:
            self._put(message)
        else:
            self.dropped += 1

    def _put(self, item: Publish | Subscribe) -> None:
        try:
            self._outgoing.put_nowait(item)
        except asyncio.QueueFull:
            self.dropped += 1

    async def _keep(self) -> None:
        while True:
            try:
                await self._reach()
                await self._session()
                why = "it closed the connection"
            except (aiomqtt.MqttError, OSError) as error:
                why = str(error) or type(error).__name__
            except ExceptionGroup as group:
                why = str(group.exceptions[0])
            except Exception as error:  # whatever the library makes of a broken broker, the loop goes on
                log.exception("broker.failed: the connection to %s:%d failed in a way we do not know", self._host, self._port)
                why = str(error) or type(error).__name__
            self._ended(why)
            await asyncio.sleep(RETRY_EVERY_S)

    async def _reach(self) -> None:
        """Whether anybody is there: the library's own attempt would hold a thread of the pool for long."""
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                _, writer = await asyncio.open_connection(self._host, self._port)
        except TimeoutError:
            raise OSError(f"no connection within {CONNECT_WITHIN_S:g} s") from None
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def _session(self) -> None:
        """One connection, from its greeting to its end."""
        async with _Client(
            self._host,
            self._port,
            username=self._username,
            password=self._password,
            identifier=f"showctl-{uuid.uuid4().hex[:12]}",
            will=aiomqtt.Will(STATUS_TOPIC, OFFLINE, qos=1, retain=True),
            timeout=CONNECT_WITHIN_S,
            keepalive=KEEPALIVE_S,
            max_queued_incoming_messages=MOST_INCOMING,
            logger=_unheard,
        ) as client:
            if self._listeners:
                await client.subscribe([(topic, 1) for topic in self._listeners])
            self._up = True
            for carrier in tuple(self._carriers):
                carrier.connected()
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._speak(client))
                    both.create_task(self._hear(client))
            except asyncio.CancelledError:
                with contextlib.suppress(aiomqtt.MqttError):
                    await client.publish(STATUS_TOPIC, OFFLINE, qos=1, retain=True)
                raise

    async def _speak(self, client: aiomqtt.Client) -> None:
        while True:
            match await self._outgoing.get():
                case Publish() as message:
                    try:
                        await client.publish(message.topic, message.payload, qos=message.qos, retain=message.retain)
                    except ValueError:  # a topic that MQTT does not have
                        self.dropped += 1
                case Subscribe() as wish:
                    await client.subscribe(wish.topic, qos=1)

    async def _hear(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            for topic, listeners in tuple(self._listeners.items()):
                if message.topic.matches(topic):
                    for on_message in tuple(listeners):
                        on_message(message.topic.value, message.payload, message.retain)

    def _ended(self, why: str) -> None:
        self._up = False
        while not self._outgoing.empty():
            self._outgoing.get_nowait()
            self.dropped += 1
        for carrier in tuple(self._carriers):
            carrier.lost(why)


class MqttLink(Link):
    """One device's share of a broker's connection."""

    def __init__(self, broker: BrokerLink) -> None:
        self._broker = broker
        self._carrier: Carrier | None = None

    def open(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._broker.attach(carrier)

    def close(self) -> None:
        if self._carrier is not None:
            self._broker.detach(self._carrier)
        self._carrier = None

    def publish(self, message: Publish) -> None:
        self._broker.publish(message)

    def subscribe(self, topic: str) -> None:
        self._broker.listen(topic, self._message)

    def _message(self, topic: str, payload: bytes, retained: bool) -> None:
        if self._carrier is not None:
            self._carrier.message(topic, payload, retained)
