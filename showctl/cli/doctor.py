"""``showctl doctor``: how fit this machine is to run a show, why each thing matters, and the command that mends it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showctl.cli.fitness import TCP, UDP, Finding, machine, network, ports
from showctl.cli.say import PROBLEMS, as_json, colored, say, say_json

if TYPE_CHECKING:
    from showctl.show.show import Show

REFEREES = ("mosquitto", "olad", "oscsend", "tshark", "chromium")
PORTS = [
    ("sACN", UDP, 5568, "a node or another desk may listen there: we only send, and hear others through ears that are shared"),
    ("Art-Net", UDP, 6454, "one program at a time: end the other, or give --artnet-port"),
    ("control over OSC", UDP, 53100, "nobody else can press GO over OSC: give --osc-port, or osc_port in show.yaml"),
    ("console", TCP, 8080, "the page opens elsewhere: give --port"),
]


@click.command()
@click.option("--interface", metavar="NAME", default="", help="The one towards the rig: eth1, or its address.")
@click.option("--show", "folder", type=click.Path(exists=True, path_type=Path), metavar="SHOW", help="Is it fit for this show?")
@as_json
@click.pass_context
def doctor(ctx: click.Context, interface: str, folder: Path | None, as_json: bool) -> None:
    """Look at this machine, and say what, why and how to mend it (exit 1 where it will not do).

    Python, real-time rights, clocks and what keeps them right, the interface towards the rig and its multicast route, the
    kernel's neighbour table and buffers, ports and who holds them, room for journals, what the venue and the tests need.
    """
    from showctl.cli.reading import read

    show = None if folder is None else read(folder)
    found = list(_look(interface, show))
    if as_json:
        say_json({"findings": [asdict(item) for item in found]})
    else:
        for item in found:
            _say(item)
    ctx.exit(PROBLEMS if any(item.state == "bad" for item in found) else 0)


def _say(item: Finding) -> None:
    color = {"ok": "green", "note": "yellow", "bad": "red"}[item.state]
    say(f"{colored(f'{item.state:4}', color)}  {item.name}: {item.words}")
    if item.state == "ok":
        return
    if item.why and item.why != item.hint:
        say(f"      why: {item.why}")
    if item.hint:
        say(f"      {item.hint}")
    if item.command:
        say(f"      mend: {item.command}")


def _look(interface: str, show: Show | None) -> Iterator[Finding]:
    yield from machine()
    yield from network(interface, show)
    yield from ports(PORTS)
    yield _state_folder()
    yield _venue()
    yield _broker()
    missing = [name for name in REFEREES if not _program(name)]
    words = f"missing: {', '.join(missing)}" if missing else "all there"
    hint, command = ("only tests need them", "make referees") if missing else ("", "")
    yield Finding("referees", "note" if missing else "ok", words, hint, "", command)


def _state_folder() -> Finding:
    from showctl.cli.house import state_home

    why = "what happens is written there before it happens, so that a dead machine's show can be taken up"
    folder = state_home()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free / 2**30
    if not os.access(there, os.W_OK):
        return Finding(
            "state folder", "bad", f"{folder} cannot be written", "or give --state DIR", why, f"sudo chown $USER {there}"
        )
    state = "note" if free < 1 else "ok"
    return Finding("state folder", state, f"{folder}, {free:.1f} GiB free", "journals need room" if free < 1 else "", why)


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
    return Finding(
        "message broker", "note", "neither mosquitto nor amqtt", "the demo needs one", "", "pip install 'showctl[demo]'"
    )


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))
