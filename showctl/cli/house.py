"""What a running show is made of: which programs, with which arguments, and how they are started and ended in order.

The supervisor keeps the engine and the wire; beside it, with the simulated venue, stand a message broker and the simulators.
Each is in a session of its own, so that what a terminal does to its process group reaches only us, and we end them in
order. Broker and simulators are on a leash (``runtime.leash``): they end when we are gone, however.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from showctl.cli.running import short, socket_path
from showctl.cli.say import Trouble

CONSOLE_PORTS = (20_000, 32_000)
"""Linux gives the ports from 32,768 on to connections that name none (net.ipv4.ip_local_port_range)."""
MOST_TRIES = 100
_AMQTT = """\
listeners:
  default: {{type: tcp, bind: "{host}:{port}", max_connections: 100}}
plugins:
  amqtt.plugins.authentication.AnonymousAuthPlugin: {{allow_anonymous: true}}
"""
_MOSQUITTO = """\
listener {port} {host}
allow_anonymous true
persistence false
log_type error
user root
"""


@dataclass(frozen=True)
class House:
    """How one show is to be run on this machine. Ports that are None are the standard ones."""

    folder: Path
    state: Path
    host: str = "127.0.0.1"
    port: int = 8080
    interface: str = "127.0.0.1"
    broker: str | None = None
    osc_port: int | None = None
    psn_port: int | None = None
    sacn_port: int | None = None
    artnet_port: int | None = None
    serial_dir: Path | None = None
    venue_port: int | None = None
    """Where the simulated venue answers; None: there is none."""
    preview: bool = False
    """Light leaves as preview data: visualisers show it, and nothing moves."""
    names: tuple[str, ...] = ()
    """What the console is called, besides loopback and the address it listens at."""
    retention: str | None = None
    """How long journals are kept (``runtime.retention``)."""
    schedule: bool = True
    """Whether the show's schedule starts anything."""
    variant: str | None = None
    """The variant of the show that is played; None: as usual."""

    @property
    def url(self) -> str:
        return f"http://{'127.0.0.1' if self.host in ('0.0.0.0', '::') else self.host}:{self.port}"

    @property
    def venue(self) -> str:
        return "" if self.venue_port is None else f"http://127.0.0.1:{self.venue_port}"

    @property
    def wire_socket(self) -> Path:
        return socket_path(self.state, "wire")

    def engine(self) -> list[str]:
        verbose = ["-v"] if logging.getLogger().isEnabledFor(logging.INFO) else []
        argv = [sys.executable, "-m", "showctl.cli", *verbose, "_engine", str(self.folder), "--state", str(self.state)]
        argv += ["--wire-socket", str(self.wire_socket), "--url", self.url]
        argv += ["--interface", self.interface, "--venue", self.venue, *([] if self.schedule else ["--no-schedule"])]
        ports = {"osc_port": self.osc_port, "psn_port": self.psn_port}
        argv += _given(variant=self.variant)
        return argv + _given(broker=self.broker, retention=self.retention, serial_dir=self.serial_dir, **ports)

    def understudy(self) -> list[str]:
        """An engine that prepares, and waits until it is needed."""
        return [*self.engine(), "--understudy"]

    def front(self) -> list[str]:
        """The console that people see."""
        argv = [sys.executable, "-m", "showctl.cli", "_front", str(self.folder), "--state", str(self.state)]
        argv += ["--host", self.host, "--port", str(self.port), "--venue", self.venue]
        return argv + [word for name in self.names for word in ("--name", name)]

    def wire(self) -> list[str]:
        argv = [sys.executable, "-m", "showctl.runtime.wire", "--show", str(self.folder), "--socket", str(self.wire_socket)]
        argv += ["--state", str(self.state), "--interface", self.interface, *(["--preview"] if self.preview else [])]
        return argv + _given(sacn_port=self.sacn_port, artnet_port=self.artnet_port, serial_dir=self.serial_dir)

    def simulators(self) -> list[str]:
        argv = [sys.executable, "-m", "simulators", str(self.folder), *_given(http_port=self.venue_port, broker=self.broker)]
        ports = {"sacn_port": self.sacn_port, "artnet_port": self.artnet_port}
        return argv + _given(serial_dir=self.serial_dir, **ports)


def _given(**options: object) -> list[str]:
    return [word for name, value in options.items() if value is not None for word in (f"--{name.replace('_', '-')}", str(value))]


# --- Programs beside the supervisor -----------------------------------------------------------------------------------


class Helper:
    """A broker or the simulated venue, started now. What it says on stdout is for programs, and nobody hears it."""

    def __init__(self, name: str, argv: Sequence[str]) -> None:
        from showctl.runtime.leash import leashed

        self.name = name
        self._process = subprocess.Popen(
            leashed(argv), start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def end(self, patience: float = 3.0) -> None:
        """Asks it to end, and waits; then it is ended."""
        if self.alive:
            self._process.terminate()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def wait_for_port(self, host: str, port: int, patience: float = 10.0) -> None:
        """Waits until it listens. ``Trouble`` where it does not."""
        until = time.monotonic() + patience
        while time.monotonic() < until and self.alive:
            with contextlib.suppress(OSError), socket.create_connection((host, port), 0.5):
                return
            time.sleep(0.02)
        why = "ended" if not self.alive else f"does not listen at {host}:{port}"
        raise Trouble(f"{self.name} {why}")


def start_broker(address: str, scratch: Path) -> Helper:
    """mosquitto where it is installed, else amqtt."""
    host, _, port = address.rpartition(":")
    path = shutil.which("mosquitto", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))
    if path is not None:
        config = scratch / "mosquitto.conf"
        config.write_text(_MOSQUITTO.format(host=host, port=port), encoding="ascii")
        helper = Helper("the message broker", [path, "-c", str(config)])
    else:
        from importlib.util import find_spec

        if find_spec("amqtt") is None:
            raise Trouble("there is no message broker: install mosquitto, or pip install 'showctl[demo]'")
        config = scratch / "amqtt.yaml"
        config.write_text(_AMQTT.format(host=host, port=port), encoding="ascii")
        helper = Helper("the message broker", [str(Path(sys.executable).with_name("amqtt")), "-c", str(config)])
    helper.wait_for_port(host, int(port))
    return helper


def listens(address: str) -> bool:
    """Whether somebody listens at ``host:port``."""
    host, _, port = address.rpartition(":")
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 0.5):
        return True
    return False


@contextlib.contextmanager
def simulated(house: House) -> Iterator[None]:
    """The simulated venue, and a broker where none listens, while the block runs."""
    helpers: list[Helper] = []
    try:
        if house.broker is not None and not listens(house.broker):
            helpers.append(start_broker(house.broker, house.state))
        assert house.venue_port is not None, "a simulated venue has a port"
        venue = Helper("the simulated venue", house.simulators())
        helpers.append(venue)
        venue.wait_for_port("127.0.0.1", house.venue_port, 60.0)
        yield
    finally:
        for helper in reversed(helpers):
            helper.end()


class Ended(BaseException):
    """Somebody wants the end, before the supervisor hears such things itself."""


@contextlib.contextmanager
def ending_in_order() -> Iterator[None]:
    """Signals that mean the end are raised as ``Ended``, so that everything started so far is ended, too."""

    def end(*_: object) -> None:
        raise Ended

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    old = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


# --- Places and ports -------------------------------------------------------------------------------------------------


def state_home() -> Path:
    """Where state folders are, unless one is given."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "showctl"


def state_of(folder: Path) -> Path:
    """The state folder of a show folder: found again by its path."""
    return state_home() / f"{folder.resolve().name}-{short(folder)}"


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM, host: str = "127.0.0.1") -> int:
    """A port that nobody has now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def console_port(host: str = "127.0.0.1") -> int:
    """A port that nobody has, nor the next one, which is panic's; below those that the system gives to whoever names none."""
    for _ in range(MOST_TRIES):
        port = random.randrange(*CONSOLE_PORTS)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            for number in (port, port + 1):
                probe = stack.enter_context(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET))
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, number))
            return port
    return free_port(host=host)


def wait_until_answers(url: str, patience: float) -> bool:
    """Waits until something answers at ``url``. To be asked for a login is an answer; that a show is not there yet is none."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return True
        except urllib.error.HTTPError as error:
            with error:
                if error.code == HTTPStatus.UNAUTHORIZED:
                    return True
        except OSError:
            pass
        time.sleep(0.05)
    return False
