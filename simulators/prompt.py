"""Faults as text against a venue that runs: from the command line, from a rehearsal's script, or typed while it runs.

A line is what a script says, with or without its moment: ``fault sound power lost for 5s``, ``at 10s: set gate closed``,
``press bell``, ``guests 8 join``. Without one of these verbs it is a fault. The prompt knows besides: ``look NAME`` (one thing
that is true now), ``state DEVICE``, ``devices``, ``help`` and ``quit``. A line that is not understood says what is, and changes
nothing.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from showctl.show.instants import SECOND, Duration, words_for
from simulators.faults import LINK_KNOWS, read_duration
from simulators.live import LiveVenue
from simulators.venue import SimulatedVenue

VERBS: Final = ("fault", "set", "press", "guests")
LONGEST: Final = 1000
"""Letters of a line."""
HELP: Final = f"""\
fault DEVICE power lost [for 5s] · reboot · hang · silent · slow 300ms · babbles · back (and what each kind of device knows)
fault link DEVICE loss 10% [for 5s] ({LINK_KNOWS})
set DEVICE VALUE · press DEVICE · guests 8 join
look NAME · state DEVICE · devices · help · quit"""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that is done ``at`` so long after the venue was ready."""

    at: Duration
    what: str
    words: str


def parse_line(text: str) -> Line:
    """``[at TIME:] [fault|set|press|guests] WORDS``. ValueError says what is wrong with it.

    >>> parse_line("at 10s: sound power lost for 5s")
    Line(at=10000000000, what='fault', words='sound power lost for 5s')
    >>> parse_line("press bell")
    Line(at=0, what='press', words='bell')
    """
    words = " ".join(text.split())
    if len(words) > LONGEST:
        raise ValueError(f"a line has at most {LONGEST} letters")
    timed = re.fullmatch(r"at ([^:]+(?::\d\d)*): (.+)", words)
    if words.startswith("at ") and timed is None:
        raise ValueError(f"{words!r} says a time and nothing to do; write at 10s: press bell")
    at = read_duration(timed[1]) if timed else 0
    verb, _, rest = (timed[2] if timed else words).partition(" ")
    if verb not in VERBS:
        verb, rest = "fault", (timed[2] if timed else words)
    if not rest.strip():
        raise ValueError(f"{text.strip() or 'nothing'} says nothing to do; write fault sound power lost for 5s, or press bell")
    return Line(at, verb, rest)


def lines_of(folder: Path, name: str) -> list[Line]:
    """What people and the world do in a rehearsal of the show, by its own clock. ValueError where there is none of that name.

    What an operator does in it, and what counts from the start of a cue, is left out: whoever drives this venue is the operator.
    """
    from showctl.showfile import load

    rehearsals = load(folder).rehearsals
    found = next((item for item in rehearsals if name in (item.stem, item.name)), None)
    if found is None:
        raise ValueError(f"no rehearsal is called {name}; there are: {', '.join(item.stem for item in rehearsals) or 'none'}")
    first = [Line(0, "guests", f"{found.guests} join")] if found.guests else []
    own = [step for step in found.steps if step.of is None and step.what in VERBS and step.words.split(" ")[0] != "journal"]
    return first + [Line(step.at, step.what, step.words) for step in own]


def try_out(venue: SimulatedVenue, lines: Sequence[Line]) -> None:
    """Does every line in a venue that nobody sees. ValueError where one is not understood, before the real one opens."""
    venue.start(0)
    for line in sorted(lines, key=lambda line: line.at):
        venue.wake(line.at)
        venue.act(line.what, line.words, line.at)


async def play(live: LiveVenue, lines: Sequence[Line]) -> None:
    """Does each line at its moment, and says so; one that the venue does not understand is told, and the others go on."""
    began = live.now()
    for line in sorted(lines, key=lambda line: line.at):
        await asyncio.sleep(max(began + line.at - live.now(), 0) / SECOND)
        try:
            live.act(line.what, line.words)
        except ValueError as error:
            click.echo(f"at {words_for(line.at)}: {error}", err=True)
        else:
            click.echo(f"at {words_for(line.at)}: {line.what} {line.words}")
            sys.stdout.flush()


async def converse(live: LiveVenue) -> None:
    """Reads lines until ``quit`` or the end of the input."""
    reader = asyncio.StreamReader(limit=4 * LONGEST)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    later: set[asyncio.Task[None]] = set()
    try:
        while True:
            if sys.stdin.isatty():
                click.echo("venue> ", nl=False)
            try:
                text = (await reader.readline()).decode("utf-8", "replace")
            except ValueError:  # longer than the reader's limit: what was read of it is gone
                click.echo("that line is too long", err=True)
                continue
            if not text or text.strip() in ("quit", "exit"):
                return
            if (line := _answered(live, text.strip())) is not None:
                later.add(task := asyncio.create_task(play(live, [line])))
                task.add_done_callback(later.discard)
    finally:
        transport.close()
        for task in later:
            task.cancel()


def _answered(live: LiveVenue, text: str) -> Line | None:
    """Answers a line at once, or gives back one that has its time to come."""
    verb, _, rest = text.partition(" ")
    try:
        match verb:
            case "":
                return None
            case "help" | "?":
                click.echo(HELP)
            case "devices":
                click.echo(", ".join(live.venue.devices))
            case "look":
                click.echo(_look(live, rest.strip()))
            case "state":
                click.echo(_state(live, rest.strip()))
            case _:
                line = parse_line(text)
                if line.at:
                    return line
                live.act(line.what, line.words)
                click.echo(f"{line.what} {line.words}")
    except ValueError as error:
        click.echo(str(error), err=True)
    return None


def _look(live: LiveVenue, name: str) -> str:
    if name not in live.venue.names():
        raise ValueError(f"there is no {name or 'name'} to look at; write a lamp and its parameter, or a device and its field")
    now = live.now()
    live.venue.wake(now)
    value = live.venue.look(name, now)
    live.flush()
    return f"{name} is {value:g}" if isinstance(value, float) else f"{name} is {value}"


def _state(live: LiveVenue, name: str) -> str:
    device = live.venue.devices.get(name)
    if device is None:
        raise ValueError(f"there is no device {name or 'of that name'}; there are {', '.join(live.venue.devices)}")
    now = live.now()
    live.venue.wake(now)
    truth, report = device.truth(now), device.report(now)
    live.flush()
    lines = [f"{name} {'works' if device.powered else 'has no power'}"]
    for field, value in truth.items():
        said = report.get(field)
        lines.append(f"  {field}: {value}" + (f" (it says {said})" if said != value else ""))
    return "\n".join(lines)
