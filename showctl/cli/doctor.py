"""``showctl doctor``: how fit this machine is to run a show, and what would make it fitter."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from showctl.cli.say import PROBLEMS, as_json, colored, say, say_json

REFEREES = ("mosquitto", "olad", "oscsend", "tshark", "chromium")
UDP, TCP = socket.SOCK_DGRAM, socket.SOCK_STREAM
PORTS = (
    ("sACN", UDP, 5568, "a node or another desk may listen there; we only send"),
    ("Art-Net", UDP, 6454, "one program at a time: end the other, or give --artnet-port"),
    ("control over OSC", UDP, 53100, "give --osc-port, or osc_port in show.yaml"),
    ("console", TCP, 8080, "give --port"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``state``: ok, note (a show runs all the same) or bad."""

    name: str
    state: str
    words: str
    hint: str = ""


@click.command()
@as_json
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Look at this machine: Python, real-time rights, ports, network, simulated venue, referees (exit 1 where it will not do)."""
    found = list(_look())
    if as_json:
        say_json({"findings": [asdict(item) for item in found]})
    else:
        for item in found:
            color = {"ok": "green", "note": "yellow", "bad": "red"}[item.state]
            say(f"{colored(f'{item.state:4}', color)}  {item.name}: {item.words}")
            if item.hint and item.state != "ok":
                say(f"      {item.hint}")
    ctx.exit(PROBLEMS if any(item.state == "bad" for item in found) else 0)


def _look() -> Iterator[Finding]:
    yield _python()
    yield _real_time()
    yield _clock()
    for name, kind, port, hint in PORTS:
        yield _port(name, kind, port, hint)
    yield _network()
    yield _state_folder()
    yield _venue()
    yield _broker()
    missing = [name for name in REFEREES if not _program(name)]
    words = f"missing: {', '.join(missing)}" if missing else "all there"
    yield Finding("referees", "note" if missing else "ok", words, "only tests need them: `make referees`")


def _python() -> Finding:
    words = f"{platform.python_version()} ({sys.executable})"
    good = sys.version_info >= (3, 11)
    return Finding("Python", "ok" if good else "bad", words, "showctl needs 3.11 or newer")


def _real_time() -> Finding:
    """Asks for it as the wire process will, and gives it back."""
    name = "real-time priority"
    hint = "on a busy machine frames may be late; systemd: LimitRTPRIO=50, by hand: ulimit -r 50 (limits.conf)"
    try:
        before = os.sched_getscheduler(0), os.sched_getparam(0)
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
        os.sched_setscheduler(0, *before)
    except (OSError, AttributeError) as problem:
        return Finding(name, "note", f"not permitted ({problem})", hint)
    return Finding(name, "ok", "SCHED_FIFO is permitted")


def _clock() -> Finding:
    path = Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")
    try:
        source = path.read_text(encoding="ascii").strip()
    except OSError:
        return Finding("clock", "note", "unknown")
    slow = source in ("hpet", "acpi_pm", "jiffies")
    return Finding("clock", "note" if slow else "ok", source, "a slow clock source: frames cost more than they should")


def _port(name: str, kind: socket.SocketKind, port: int, hint: str) -> Finding:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            return Finding(f"port {port} ({name})", "note", f"in use ({problem.strerror})", hint)
    return Finding(f"port {port} ({name})", "ok", "free")


def _network() -> Finding:
    names = [name for _, name in socket.if_nameindex()]
    words = ", ".join(names)
    if any(name != "lo" for name in names):
        return Finding("network", "ok", words, "")
    return Finding("network", "note", words or "none", "only loopback: enough for the simulated venue")


def _state_folder() -> Finding:
    from showctl.cli.house import state_home

    folder = state_home()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free / 2**30
    if not os.access(there, os.W_OK):
        return Finding("state folder", "bad", f"{folder} cannot be written", "give --state DIR")
    return Finding("state folder", "note" if free < 1 else "ok", f"{folder}, {free:.1f} GiB free", "journals need room")


def _venue() -> Finding:
    from importlib.metadata import entry_points

    there = any(entry.name == "simulated" for entry in entry_points(group="showctl.rigs"))
    return Finding("simulated venue", "ok" if there else "note", "installed" if there else "not installed", "rehearse needs it")


def _broker() -> Finding:
    from importlib.util import find_spec

    if path := _program("mosquitto"):
        return Finding("message broker", "ok", path)
    if find_spec("amqtt") is not None:
        return Finding("message broker", "ok", "amqtt")
    return Finding("message broker", "note", "neither mosquitto nor amqtt", "the demo needs one: pip install 'showctl[demo]'")


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))
