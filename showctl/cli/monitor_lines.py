"""``showctl monitor osc|mqtt``: what arrives, a line for each message as it comes, or all of it as JSON at the end.

OSC is heard at a UDP port of this machine, as the device or the program that is meant to be there would hear it. MQTT is what a
broker passes on to a client that asks for those topics; retained messages come first, and are marked.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from showctl.cli.say import Trouble, say, say_json
from showctl.protocols import osc
from showctl.protocols.errors import ProtocolError, printable

MOST_KEPT: Final = 10_000
"""Messages that ``--json`` tells of: the newest."""
LONGEST: Final = 400
"""Characters of a payload in a line."""
_LARGEST: Final = 65536


@dataclass
class Lines:
    """What came so far. ``live`` says each message as it comes."""

    live: bool
    kept: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MOST_KEPT))
    count: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    def heard_osc(self, data: bytes, source: tuple[str, int], at: float) -> None:
        """A datagram from ``source``, ``at`` seconds from the beginning."""
        try:
            packet = osc.decode(data)
        except ProtocolError as why:
            self._refuse(str(why), f"{source[0]}:{source[1]}", at)
            return
        for address, words, values in _messages(packet):
            told = {"at": at, "from": f"{source[0]}:{source[1]}", "address": address, "arguments": values}
            self._keep(told, f"{at:9.3f}  {told['from']:21}  {address}  {words}".rstrip())

    def heard_mqtt(self, topic: str, payload: bytes, retained: bool, at: float) -> None:
        """A message of the broker."""
        try:
            words = payload.decode()
        except UnicodeDecodeError:
            words = payload.hex(" ")
        told = {"at": at, "topic": topic, "payload": words, "retained": retained}
        self._keep(told, f"{at:9.3f}  {topic}  {words[:LONGEST]}{'  (retained)' if retained else ''}")

    def end(self, as_json: bool) -> None:
        """Says the rest: everything as JSON, or how many there were."""
        if as_json:
            say_json({"messages": list(self.kept), "count": self.count, "refused": self.refused})
        elif not self.count and not self.refused:
            say("nothing has come")

    def _keep(self, told: dict[str, Any], line: str) -> None:
        self.count += 1
        self.kept.append(told)
        if self.live:
            say(printable(line))

    def _refuse(self, why: str, source: str, at: float) -> None:
        if why in self.refused or len(self.refused) < 100:
            self.refused[why] = self.refused.get(why, 0) + 1
        if self.live:
            say(printable(f"{at:9.3f}  {source:21}  ! is no OSC: {why}"))


def watch_osc(address: str, port: int, seconds: float | None, as_json: bool) -> None:
    """Listens at ``address`` and ``port``. ``Trouble`` where somebody has that port."""
    lines, began = Lines(not as_json), time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        try:
            ear.bind((address, port))
        except OSError as problem:
            raise Trouble(f"nothing can be heard at {address}:{port}: {problem.strerror}{_holder(port)}") from None
        with contextlib.suppress(KeyboardInterrupt):
            while seconds is None or time.monotonic() < began + seconds:
                ear.settimeout(0.2 if seconds is None else max(min(began + seconds - time.monotonic(), 0.2), 0.001))
                with contextlib.suppress(TimeoutError):
                    data, source = ear.recvfrom(_LARGEST)
                    lines.heard_osc(data, source, round(time.monotonic() - began, 3))
    lines.end(as_json)


def watch_mqtt(host: str, port: int, topics: tuple[str, ...], seconds: float | None, as_json: bool) -> None:
    """Asks the broker for ``topics``. ``Trouble`` where none answers."""
    lines = Lines(not as_json)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_subscribed(lines, host, port, topics or ("#",), seconds))
    lines.end(as_json)


async def _subscribed(lines: Lines, host: str, port: int, topics: tuple[str, ...], seconds: float | None) -> None:
    import aiomqtt

    began = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            async with aiomqtt.Client(host, port, timeout=5) as client:
                for topic in topics:
                    await client.subscribe(topic)
                async for message in client.messages:
                    lines.heard_mqtt(str(message.topic), message.payload, message.retain, round(time.monotonic() - began, 3))
    except TimeoutError:
        return
    except (aiomqtt.MqttError, OSError, ValueError) as problem:
        raise Trouble(f"the broker at {host}:{port} does not speak to us: {problem}") from None


def _messages(packet: osc.Packet) -> Iterator[tuple[str, str, list[Any]]]:
    """(address, arguments in words, arguments as JSON) of every message, bundles opened."""
    match packet:
        case osc.Bundle():
            for element in packet.elements:
                yield from _messages(element)
        case osc.Message():
            values = [_plain(value) for value in packet.arguments]
            tags = iter((packet.tags or "").replace("[", "").replace("]", ""))
            yield (
                packet.address,
                " ".join(f"{next(tags, '?')}:{json.dumps(value, ensure_ascii=False)}" for value in values),
                values,
            )
        case osc.UnknownMessage():
            yield packet.address, f",{packet.tags} and {len(packet.body)} bytes that nobody knows how to read", []


def _plain(value: osc.Argument) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return value.hex(" ")
    if isinstance(value, float):
        return round(value, 6)
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _holder(port: int) -> str:
    """Who has the port, in words, where that can be known."""
    from showctl.cli.holders import holders

    found = "; ".join(holders(socket.SOCK_DGRAM, port))
    return f", held by {found}" if found else ""
