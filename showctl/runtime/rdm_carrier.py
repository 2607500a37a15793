"""How RDM gets out and back: a line for each cable, through the wire process, which owns the Art-Net socket and the widgets.

A connection of its own to the wire's door; whoever waits for a job gets what came of it. Where a show begins meanwhile, or
the wire goes, everything under way comes to nothing, in words. What may be asked at all, and what it means: ``rdm_desk.py``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from showctl.devices.rdm_line import ArtnetLine, Done, RdmLine, UsbLine
from showctl.protocols import artnet
from showctl.runtime.wire.carried import Carried, decode_carried
from showctl.runtime.wire.errors import BadMessageError
from showctl.runtime.wire.messages import Kind, Message, Reader
from showctl.runtime.wire.stats import Stats
from showctl.show.instants import SECOND
from showctl.show.patch import Protocol, Universe
from showctl.show.show import Show


class RdmTrouble(Exception):  # noqa: N818 - what is read: raise RdmTrouble("7ff0:00000001 does not answer")
    """It cannot be done; the message is a sentence."""


class RdmCarrier:
    """The cables of a show, and the connection to the wire. It belongs to one event loop."""

    def __init__(
        self, show: Callable[[], Show], path: Path, stats: Callable[[], Stats | None], stopped: Callable[[], str]
    ) -> None:
        """``path`` is the wire's socket; ``stopped`` says why nothing may be asked now, "" where it may."""
        self._show, self._path, self._stats, self._stopped = show, path, stats, stopped
        self._lines: dict[str, RdmLine] = {}
        self._waiting: dict[tuple[str, int], asyncio.Future[Done]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def keep(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs ``work`` until it ends, or this is closed."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def close(self) -> None:
        """Lets go of the wire."""
        for task in self._tasks:
            task.cancel()
        if self._timer is not None:
            self._timer.cancel()
        if self._writer is not None:
            self._writer.close()

    async def job(self, universe: Universe, begin: Callable[[RdmLine, int], int]) -> Done:
        """What comes of the job that ``begin`` puts to the line of ``universe``. RdmTrouble where nothing may be asked."""
        if why := self._stopped():
            raise RdmTrouble(why)
        await self._connect()
        line = self._lines.get(universe.key)
        if line is None:
            line = UsbLine() if universe.protocol is Protocol.USBPRO else ArtnetLine(universe.number)
            self._lines[universe.key] = line
        number = begin(line, time.monotonic_ns())
        waiting: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._waiting[(universe.key, number)] = waiting
        self._pump()
        return await waiting

    # --- the wire ----------------------------------------------------------------------------------------------------

    async def _connect(self) -> None:
        if self._writer is not None:
            return
        try:
            reader, self._writer = await asyncio.open_unix_connection(str(self._path))
        except OSError as problem:
            raise RdmTrouble(f"the process that sends light does not answer ({problem.strerror or problem})") from None
        self.keep(self._listen(reader))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        stream = Reader()
        try:
            while data := await reader.read(1 << 16):
                for message in stream.feed(data):
                    if message.kind is Kind.BROUGHT:
                        self._brought(decode_carried(message))
        except (OSError, BadMessageError):
            pass  # it is gone, or no wire: whoever waits is told
        finally:
            if self._writer is not None:
                self._writer.close()
            self._writer = None
            self._abandon("the process that sends light is gone")
            self._pump()

    def _brought(self, item: Carried) -> None:
        now = time.monotonic_ns()
        for key, line in self._lines.items():
            universe = self._show().patch.universe_keyed.get(key)
            of_widget = universe is not None and universe.protocol is Protocol.USBPRO
            if of_widget == (item.port == 0) and (universe is None or not of_widget or universe.device == item.name):
                line.received(item.data, now)
        self._pump()

    def _pump(self) -> None:
        """Sends what is to be sent, gives out what has come, and sets the alarm for the next."""
        if why := self._stopped():
            self._abandon(why)
        for key, line in self._lines.items():
            for data in line.take_sends():
                for target in self._targets(key):
                    self._carry(Carried(*target, data))
            for done in line.take_done():
                waiting = self._waiting.pop((key, done.number), None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(done)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = min((at for line in self._lines.values() if (at := line.next_deadline()) is not None), default=None)
        if due is not None:
            wait = max(due - time.monotonic_ns(), 0) / SECOND
            self._timer = asyncio.get_running_loop().call_later(wait, self._wake)

    def _wake(self) -> None:
        self._timer = None
        now = time.monotonic_ns()
        for line in self._lines.values():
            line.wake(now)
        self._pump()

    def _abandon(self, why: str) -> None:
        for line in self._lines.values():
            line.abandon(why)

    def _targets(self, key: str) -> list[tuple[str, int]]:
        """Where a universe's cable is asked: the widget, or the nodes that put the universe out."""
        universe = self._show().patch.universe_keyed.get(key)
        if universe is None:
            return []
        if universe.protocol is Protocol.USBPRO:
            return [(universe.device, 0)]
        stats = self._stats()
        port = (stats.counts.artnet_port if stats is not None else 0) or artnet.PORT
        hosts = [host for host in universe.destinations if host != "broadcast"]
        hosts = hosts or [node.host for node in (stats.nodes if stats is not None else ()) if universe.number in node.universes]
        hosts = hosts or [node.address for node in self._show().patch.nodes if key in node.universes]
        return [(host, port) for host in dict.fromkeys(hosts)]

    def _carry(self, item: Carried) -> None:
        if self._writer is not None:
            self._writer.write(Message(Kind.CARRY, body=item.encode()).encode())
