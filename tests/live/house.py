"""A running show for tests: the engine in this process, and around it the wire, the simulated venue and a broker, each a process.

The show is a copy with loopback addresses of its own on free ports, so that it disturbs nobody on this machine; ``alone`` (in a
network namespace of the test's own) it is the folder as it stands, on the standard ports. What is done to the room goes to
the venue over HTTP, from a thread: the show's loop never waits for it. Every process ends with the ``async with``, by its own id.
"""

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from showctl.cli.demo import own_copy
from showctl.engine.commands import Answer
from showctl.engine.events import Request
from showctl.runtime.live import Live
from showctl.runtime.revisions import LiveOptions
from tests.programs import program

ROOT = Path(__file__).parents[2]
SHOWS = {"small": ROOT / "tests" / "shows" / "small", "dream": ROOT / "cues" / "dream_of_the_future"}


def free_port(kind: int = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(true: Callable[[], object], within: float) -> float:
    """Returns as soon as ``true`` holds, with the seconds that it took; TimeoutError where it never does."""
    begun = time.monotonic()
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    return time.monotonic() - begun


class Program:
    """A process that is ended by its own id."""

    def __init__(self, argv: Sequence[object], output: Path) -> None:
        self._output = output
        with output.open("ab") as log:
            self._process = subprocess.Popen(
                [str(word) for word in argv], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def said(self) -> str:
        return self._output.read_text(errors="replace")

    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """``kill -9``."""
        self._process.kill()
        self._process.wait()

    def end(self) -> int:
        if self.alive():
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9


class Mosquitto:
    """A real broker, which can be killed and started again on its port."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port, self._folder = port, folder
        self._config = folder / "mosquitto.conf"
        self._config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n")
        self._process: Program | None = None

    async def start(self) -> None:
        """Starts it, and waits until it takes connections. Off the loop: a show may be running on it."""
        await asyncio.to_thread(self._start)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _start(self) -> None:
        self._process = Program([program("mosquitto"), "-c", self._config], self._folder / "mosquitto.log")
        end = time.monotonic() + 5
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
                return
            time.sleep(0.01)
        raise AssertionError(self._process.said())


class House:
    """A show that runs. ``live`` is the engine."""

    def __init__(self, folder: Path, scratch: Path, *, alone: bool = False) -> None:
        self.scratch = scratch
        self.folder = folder if alone else own_copy(folder, scratch / "show")
        self.sacn_port = 5568 if alone else free_port()
        self.artnet_port = 6454 if alone else free_port()
        self.venue_port = free_port(socket.SOCK_STREAM)
        self.broker: Mosquitto | None = None
        self.live: Live
        self._alone = alone
        self._programs: list[Program] = []

    async def open(self) -> None:
        """Starts everything and waits until the wire shows our light."""
        serial = self.scratch / "serial"
        loaded_broker = "kind: broker" in (self.folder / "devices.yaml").read_text()
        broker = None
        if loaded_broker:
            port = 1883 if self._alone else free_port(socket.SOCK_STREAM)
            self.broker = Mosquitto(self.scratch, port)
            await self.broker.start()
            broker = f"127.0.0.1:{port}"
        ports = ["--sacn-port", self.sacn_port, "--artnet-port", self.artnet_port, "--serial-dir", serial]
        venue = [sys.executable, "-m", "simulators", self.folder, "--http-port", self.venue_port, *ports]
        self.venue = self._start("venue", [*venue, *(("--broker", broker) if broker else ())])
        await until(lambda: "\nready " in "\n" + self.venue.said() or not self.venue.alive(), 20)
        assert self.venue.alive(), self.venue.said()
        where = ["--show", self.folder, "--socket", self.scratch / "wire.sock", "--state", self.scratch / "state"]
        self.wire = self._start("wire", [sys.executable, "-m", "showctl.runtime.wire", *where, *ports])
        options = LiveOptions(
            self.scratch / "wire.sock",
            broker=broker,
            osc_port=None if self._alone else free_port(),
            psn_port=None,
            schedule=False,  # whatever the time of day
            serial_dir=serial,
            simulated=True,
        )
        self.live = Live(self.folder, self.scratch / "state", options)
        await self.live.start()
        await until(lambda: self.live.wire.connected or not self.wire.alive(), 20)
        assert self.wire.alive(), self.wire.said()

    async def close(self) -> None:
        """Lets go of everything, in order."""
        if hasattr(self, "live"):
            await self.live.stop()
        for one in reversed(self._programs):
            await asyncio.to_thread(one.end)
        if self.broker is not None:
            self.broker.kill()

    def _start(self, name: str, argv: Sequence[object]) -> Program:
        self._programs.append(Program(argv, self.scratch / f"{name}.log"))
        return self._programs[-1]

    # --- the desk ------------------------------------------------------------------------------------------------------

    def ask(self, request: Request) -> Answer:
        return self.live.desk.ask_now(request)

    def devices(self) -> dict[str, dict[str, Any]]:
        """``showctl devices``, by name."""
        return {device["name"]: device for device in self.live.desk.devices(self.live.clock.now())}

    def health(self, name: str) -> str:
        return str(self.devices()[name]["health"])

    def ill(self) -> list[str]:
        return [name for name, device in self.devices().items() if device["health"] != "ok" and not device.get("silent")]

    # --- the room ------------------------------------------------------------------------------------------------------

    async def act(self, what: str, words: str) -> None:
        """Somebody does something in the room. AssertionError with the venue's words where it refuses."""
        await asyncio.to_thread(self._post, json.dumps({"what": what, "words": words}).encode())

    async def state(self) -> dict[str, Any]:
        """``GET /state``: the truth."""
        return await asyncio.to_thread(self._get)

    def _post(self, body: bytes) -> None:
        url = f"http://127.0.0.1:{self.venue_port}/act"
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{body.decode()}: {error.read().decode()}") from None

    def _get(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.venue_port}/state", timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
            return found


@contextlib.asynccontextmanager
async def running(folder: Path, scratch: Path, *, alone: bool = False) -> AsyncIterator[House]:
    """A show on its feet; over with the block."""
    house = House(folder, scratch, alone=alone)
    try:
        await house.open()
        yield house
    finally:
        await house.close()
