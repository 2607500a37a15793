"""``showctl log``: what happened, in words, as the journal has it: what came in, what was asked of devices, what followed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from showctl.cli.client import at_option, state_folder
from showctl.cli.say import PROBLEMS, Trouble, as_json, say, say_json

if TYPE_CHECKING:
    from showctl.runtime.journal import Record

_QUIET = ("DeviceReported", "DeviceHealth", "DeviceFailed", "ClockMoved", "InputChanged", "Appointed", "TrackMoved")
"""Left out without ``--all``. How a device is, and what the schedule starts, stands there as the note that follows."""


@click.command()
@click.argument("journal", required=False, type=click.Path(exists=True, path_type=Path))
@at_option
@click.option("--all", "everything", is_flag=True, help="Device reports, inputs and light, too.")
@as_json
@click.pass_context
def log(ctx: click.Context, journal: Path | None, at: str, everything: bool, as_json: bool) -> None:
    """Say what happened in the running show, or in JOURNAL (a file, or a state folder: the newest in it)."""
    import sqlite3

    from showctl.runtime.journal import JournalDamagedError, read

    path = newest_journal(journal if journal is not None else state_folder(at))
    lines: list[dict[str, Any]] = []
    damage = ""
    try:
        for record in read(path):
            lines.extend(_lines(record, everything))
    except JournalDamagedError as error:
        damage = str(error)
    except sqlite3.Error as error:
        raise Trouble(f"{path} cannot be read as a journal: {error}") from None
    if as_json:
        say_json({"journal": str(path), "damage": damage, "lines": lines})
    else:
        for line in lines:
            say(f"{_moment(line['instant'])}  {line['words']}")
    if damage:
        click.echo(f"showctl: {path}: {damage}; what comes after cannot be trusted", err=True)
        ctx.exit(PROBLEMS)


def newest_journal(place: Path) -> Path:
    """``place`` itself where it is a file, else the newest journal in that state folder."""
    if place.is_file():
        return place
    found = sorted(place.glob("journal-*.db"), key=lambda path: path.name)
    if not found:
        raise Trouble(f"there is no journal in {place}")
    return found[-1]


def _lines(record: Record, everything: bool) -> Iterator[dict[str, Any]]:
    words = _words(record, everything)
    if words:
        yield {"instant": record.instant / 1e9, "kind": record.kind, "words": words, "record": record.body}


def _words(record: Record, everything: bool) -> str:
    """One record as a sentence; "" for what is left out."""
    body = record.body
    match record.kind:
        case "anchor":
            wall = datetime.fromtimestamp(body["wall"] / 1e9, UTC)
            return f"--- {body.get('show_name', 'the show')} begins, {wall:%Y-%m-%d %H:%M:%S} UTC ---"
        case "note":
            return str(body["words"])
        case "dispatch":
            arguments = " ".join(f"{word}={value}" for word, value in body["arguments"].items())
            return f"  {body['device']}: {body['verb']} {arguments}".rstrip()
        case "gap":
            return f"--- {body.get('lost', 'some')} records could not be written here ---"
        case "shortened":
            return f"--- kept for long: {' and '.join(body['without'])} left this journal ---"
        case "reload":
            return f"--- the show was reloaded: revision {body['revision'][:12]} ---" if everything else ""
        case "input":
            return _input_words(body) if everything or body.get("event") not in _QUIET else ""
        case _:
            return f"  {record.kind} {record.encoded()}" if everything else ""


def _input_words(body: dict[str, Any]) -> str:
    origin = body.get("origin")
    who = (
        ""
        if not origin
        else f"  ({', '.join(word for word in (origin['person'], origin['surface'], origin['address']) if word)})"
    )
    if body.get("event") == "TrackMoved":
        x, y, z = body["position"]
        return f"> {body['name']} is tracked at {x:.2f}, {y:.2f}, {z:.2f}, {math.hypot(*body['velocity']):.2f} m/s"
    said = [
        f"{name} {value}" for name, value in body.items() if name not in ("event", "origin", "token") and value not in ("", None)
    ]
    return f"> {body.get('event', '?')} {', '.join(said)}".rstrip() + who


def _moment(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes:3}:{rest // 1000:02}.{rest % 1000:03}"
