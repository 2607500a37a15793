"""``showctl log``: what happened, in words, as the journal has it: what came in, what was asked of devices, what followed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from showctl.cli.client import at_option, state_folder
from showctl.cli.say import PROBLEMS, Trouble, as_json, say, say_json


@click.command()
@click.argument("journal", required=False, type=click.Path(exists=True, path_type=Path))
@at_option
@click.option("--all", "everything", is_flag=True, help="Device reports, inputs and light, too.")
@as_json
@click.pass_context
def log(ctx: click.Context, journal: Path | None, at: str, everything: bool, as_json: bool) -> None:
    """Say what happened in the running show, or in JOURNAL (a file, or a state folder: the newest in it)."""
    import sqlite3

    from showctl.runtime.as_run import told
    from showctl.runtime.journal import JournalDamagedError, read

    path = newest_journal(journal if journal is not None else state_folder(at))
    lines: list[dict[str, Any]] = []
    damage = ""
    try:
        for record in read(path):
            lines.extend(told(record, everything=everything))
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


def _moment(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes:3}:{rest // 1000:02}.{rest % 1000:03}"
