"""A small show on a real desk, without a rig: the console's other half in its tests."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from showctl.console.server import Console
from showctl.devices.driver import Driver
from showctl.engine.commands import Answer, Note, Tell
from showctl.engine.events import DeviceHealth, Event
from showctl.light.plan import Plan, PlanChange
from showctl.runtime.desk import Desk
from showctl.runtime.journal import NoJournal
from showctl.runtime.playback import Playback
from showctl.runtime.wire.stats import Counts, Stats
from showctl.show.instants import Instant
from showctl.showfile import load

SMALL = Path(__file__).parents[1] / "shows" / "small"


class Dark:
    """Takes light, and shows none."""

    def load(self, plan: Plan, serial: int) -> None: ...

    def accept(self, serial: int, instant: Instant, change: PlanChange) -> None: ...

    def cut(self, serial: int) -> None: ...


class LittleStage:
    """A playback of a show, its desk, and a clock that runs."""

    def __init__(self, folder: Path = SMALL) -> None:
        loaded = load(folder)
        assert loaded.show is not None, [str(problem) for problem in loaded.problems]
        self.began = time.monotonic_ns()
        self.told: list[Tell] = []
        self.loop: asyncio.AbstractEventLoop | None = None
        self.asked: list[Event] = []
        self.playback = Playback(loaded.show, NoJournal(), Dark(), self.told.append, self._note, ahead=False)
        self.desk = Desk(self.playback, self._handle, self.now, dict[str, Driver], lambda: (Stats(Counts(), (), ()), ""))
        for device in loaded.show.devices:
            self.playback.handle(DeviceHealth(device.name, "ok", f"{device.label} answers."), self.now())

    def now(self) -> Instant:
        return time.monotonic_ns() - self.began

    def started(self) -> list[str]:
        """Labels of the cues that have been started by a GO, as the list remembers them."""
        return [run.cue.label for run in self.playback.state.runs.values()]

    async def run(self) -> None:
        """Whatever is due happens when it is due."""
        self.loop = asyncio.get_running_loop()
        while True:
            self.playback.wake(self.now())
            await asyncio.sleep(0.01)

    def happen(self, event: Event) -> None:
        """A fact, from the thread of the test."""
        assert self.loop is not None
        self.loop.call_soon_threadsafe(lambda: self.playback.handle(event, self.now()))

    def hang(self, seconds: float) -> None:
        """The whole engine does nothing for a while."""
        assert self.loop is not None
        self.loop.call_soon_threadsafe(time.sleep, seconds)

    def _handle(self, event: Event) -> Answer | None:
        self.asked.append(event)
        return self.playback.handle(event, self.now())

    def _note(self, note: Note) -> None:
        if hasattr(self, "desk"):
            self.desk.tell(note)


@contextlib.asynccontextmanager
async def open_console(stage: LittleStage, path: Path | None = None, **more: Any) -> AsyncIterator[Console]:
    """A console over ``stage``, at a free port."""
    console = Console(stage.desk, path=path, **{"port": 0, **more})
    await console.start()
    running = asyncio.create_task(stage.run())
    try:
        yield console
    finally:
        running.cancel()
        await console.stop()


@contextlib.contextmanager
def console_in_a_thread(stage: LittleStage, path: Path | None = None, **more: Any) -> Iterator[Console]:
    """The same, beside a test that waits."""
    import threading

    ready, end = threading.Event(), asyncio.Event()
    found: list[Console] = []
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with open_console(stage, path, **more) as console:
            found.append(console)
            ready.set()
            await end.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10), "the console does not start"
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(10)
        loop.close()
