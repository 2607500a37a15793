"""``showctl demo``: the bundled show on the simulated venue, console open, nothing else to install.

It runs on a copy of the show in which every device has an address that nobody else has (127.K.N.1 for 127.0.N.1), on free
ports, in a temporary state folder, so that two demos and a test share a machine. What it starts is ``showctl run --simulate``,
in a session of its own and on a leash: ctrl-C ends everything in order, and even ``kill -9`` leaves no orphan.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from showctl.cli import running
from showctl.cli.house import Ended, console_port, ending_in_order, free_port
from showctl.cli.reading import read, read_all
from showctl.cli.say import PROBLEMS, Trouble, say, times

if TYPE_CHECKING:
    from showctl.show.rehearsals import Rehearsal

SHOW = "dream_of_the_future"
REHEARSAL = "everyone_joins"
PREFIX = "showctl-demo-"
OWNER = "owner"
"""The file in a demo's folder that says whose it is: process id, and when that began."""
PATIENCE = 45.0
"""Seconds until everything must be well."""
_ADDRESS = re.compile(r"\b127\.0\.(?!0\.)(\d{1,3}\.\d{1,3})\b")
_GROUP = re.compile(r"\b236\.10\.10\.10\b")


@click.command()
@click.option("--autopilot", is_flag=False, flag_value=REHEARSAL, metavar="[REHEARSAL]", help="Play a rehearsal's script live.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Of the console; 0: any free one.")
@click.option("--venue-port", type=click.IntRange(0, 65535), default=0, help="Of the simulated venue; 0: any free one.")
@click.option("--seconds", type=click.FloatRange(0.1), help="End after so long.")
@click.option(
    "--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Another show than the bundled one."
)
@click.pass_context
def demo(
    ctx: click.Context, autopilot: str | None, port: int, venue_port: int, seconds: float | None, folder: Path | None
) -> None:
    """Run the bundled show on the simulated venue until ctrl-C."""
    sweep()
    source = folder or bundled_show()
    chosen = None if autopilot is None else _script(source, autopilot)
    if folder is not None:
        read(folder)
    with tempfile.TemporaryDirectory(prefix=PREFIX) as scratch, contextlib.suppress(Ended), ending_in_order():
        (Path(scratch) / OWNER).write_text(f"{os.getpid()} {running.born(os.getpid())}", encoding="ascii")
        place = Demo(source, Path(scratch), _console_port(port), venue_port or free_port())
        code = 0
        try:
            place.start()
            say("Starting: the show, its simulated venue and the console. Some seconds ...")
            sys.stdout.flush()
            place.wait_until_well()
            _greet(place)
            until = None if seconds is None else time.monotonic() + seconds
            if chosen is not None:
                from showctl.cli.autopilot import fly

                fly(chosen, place.url, place.venue, until, place.check)
            place.stay(until)
        except Trouble as trouble:
            trouble.show()
            place.say_log()
            code = PROBLEMS
        finally:
            place.end()
        ctx.exit(code)


@dataclass
class Demo:
    """A running demo."""

    source: Path
    scratch: Path
    port: int
    venue_port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def venue(self) -> str:
        return f"http://127.0.0.1:{self.venue_port}"

    def start(self) -> None:
        """Starts the show and its venue; what they log goes to a file."""
        from showctl.runtime.leash import leashed

        udp = socket.SOCK_DGRAM
        show = own_copy(self.source, self.scratch / SHOW)
        argv = [sys.executable, "-m", "showctl.cli", "-v", "run", str(show), "--simulate", "--no-schedule", "--leashed"]
        argv += ["--state", str(self.scratch / "state"), "--port", str(self.port), "--venue-port", str(self.venue_port)]
        argv += ["--broker", f"127.0.0.1:{free_port()}", "--osc-port", str(free_port(udp))]
        argv += ["--sacn-port", str(free_port(udp)), "--artnet-port", str(free_port(udp))]
        with (self.scratch / "log").open("wb") as log:
            self.process = subprocess.Popen(
                leashed(argv), start_new_session=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def wait_until_well(self) -> None:
        """Waits until every device answers. ``Trouble`` where the show does not come up; an ill device is only said."""
        until = time.monotonic() + PATIENCE
        ill: list[str] = []
        while time.monotonic() < until:
            self.check()
            status = self.status()
            if status is not None:
                ill = [device["name"] for device in status["devices"] if device["health"] != "ok" and not device.get("silent")]
                if not ill and status["wire"].get("connected"):
                    return
            time.sleep(0.1)
        if self.status() is None:
            raise Trouble(f"the show has not come up within {PATIENCE:.0f} s")
        say(f"Not everything is well: {', '.join(ill) or 'the light is not being sent'}. The demo goes on.")

    def status(self) -> dict[str, Any] | None:
        """What the show says; None while it says nothing."""
        with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(f"{self.url}/api/status", timeout=2) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
        return None

    def check(self) -> None:
        """``Trouble`` where the show has ended by itself."""
        if self.process is not None and self.process.poll() is not None:
            raise Trouble(f"the show has ended by itself (exit code {self.process.returncode})")

    def stay(self, until: float | None) -> None:
        """Waits for the end."""
        while until is None or time.monotonic() < until:
            self.check()
            time.sleep(0.25 if until is None else min(0.25, max(until - time.monotonic(), 0)))

    def end(self) -> None:
        """Exit look, terminations, simulators, broker: in that order, and waited for."""
        if self.process is None:
            return
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # the end has begun; asking again does not hurry it
        if self.process.poll() is None:
            say("Ending: the light goes to its exit look.")
            self.process.terminate()
        try:
            self.process.wait(25)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def say_log(self) -> None:
        """The last lines of what was logged."""
        with contextlib.suppress(OSError):
            lines = (self.scratch / "log").read_text(encoding="utf-8", errors="replace").splitlines()
            for line in lines[-15:]:
                click.echo(f"  {line}", err=True)


def sweep() -> None:
    """Removes what demos that were killed have left: their processes went by their leash, their folders did not."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, ValueError):
            pid, born = (left / OWNER).read_text(encoding="ascii").split()
            lock = left / "state" / "engine.lock"
            if str(running.born(int(pid))) == born or left.stat().st_uid != os.getuid():
                continue
            if lock.exists():
                with lock.open("w") as handle:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # its engine may still be on its way out
            shutil.rmtree(left, ignore_errors=True)


def bundled_show() -> Path:
    """The show that comes along: in the installed package, or in the checkout."""
    package = Path(__file__).parents[1]
    for folder in (package / "_cues" / SHOW, package.parent / "cues" / SHOW):
        if (folder / "show.yaml").is_file():
            return folder
    raise Trouble("the bundled show is not here: neither installed with showctl nor in a checkout")


def own_copy(source: Path, target: Path) -> Path:
    """A copy of a show with loopback addresses and a tracking group of its own."""
    shutil.copytree(source, target)
    number = secrets.randbelow(253) + 1
    for path in target.rglob("*.yaml"):
        words = path.read_text(encoding="utf-8")
        own = _GROUP.sub(f"236.10.{number}.{secrets.randbelow(253) + 1}", _ADDRESS.sub(rf"127.{number}.\1", words))
        if own != words:
            path.write_text(own, encoding="utf-8")
    return target


def _script(source: Path, name: str) -> Rehearsal:
    rehearsals = read_all(source)[1]
    for rehearsal in rehearsals:
        if name in (rehearsal.stem, rehearsal.name):
            return rehearsal
    if name == REHEARSAL and rehearsals:  # the bundled show's, as none was named: a show of one's own has others
        return rehearsals[0]
    there = ", ".join(rehearsal.stem for rehearsal in rehearsals)
    raise Trouble(f"no rehearsal is called {name}; there are: {there or 'none'}")


def _console_port(wanted: int) -> int:
    """The wanted port, or, where that is taken, a free one, and a sentence."""
    if wanted == 0:
        return console_port()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            other = console_port()
            say(f"Port {wanted} is taken; the console is at {other} instead.")
            return other
    return wanted


def _greet(place: Demo) -> None:
    status = place.status() or {"devices": [], "show": []}
    say(f"{status['show']} is running on the simulated venue, {times(len(status['devices']), 'device')}.")
    say(f"  Console          {place.url}")
    say(f"  Simulated venue  {place.venue}")
    say("Open the console and press GO (space). Esc is panic. `showctl go` in another terminal does the same; ctrl-C ends it.")
    sys.stdout.flush()
