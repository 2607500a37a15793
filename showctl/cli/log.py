"""``showctl log``: what happened, in words, as the journal has it: what came in, what was asked of devices, what followed.

A journal goes on in a new file each day; its files are read one after the other, a record at a time, however many there are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from showctl.cli.client import at_option, state_folder
from showctl.cli.moments import EXAMPLES, since
from showctl.cli.say import PROBLEMS, Trouble, as_json, say


@click.command()
@click.argument("journal", required=False, type=click.Path(exists=True, path_type=Path))
@at_option
@click.option(
    "--since", "begin", default="", metavar="WHEN", help=f"From then on, by the wall clock, earlier runs too: {EXAMPLES}."
)
@click.option("--all", "everything", is_flag=True, help="Device reports, inputs and light, too.")
@as_json
@click.pass_context
def log(ctx: click.Context, journal: Path | None, at: str, begin: str, everything: bool, as_json: bool) -> None:
    """Say what happened in the running show, or in JOURNAL (a file, or a state folder: the newest run in it).

    Times count from the beginning of a run; with --since they are those of the wall clock.
    """
    from showctl.runtime.journal_files import as_run, files_in, is_journal, run_of, written_since

    wall = _moment_of(begin)
    place = journal if journal is not None else state_folder(at)
    if place.is_file():
        if not is_journal(place):
            raise Trouble(f"{place} cannot be read as a journal")
        files = [place]
    elif wall:
        files = written_since(files_in(place), wall)
    else:
        files = run_of(newest_journal(place))
    if not files and not any(place.glob("journal-*.db")):
        raise Trouble(f"there is no journal in {place}")
    lines = as_run(files, everything=everything, since=wall)
    damaged = _say_json(files, lines) if as_json else _say(lines, by_the_wall=bool(wall))
    if damaged:
        ctx.exit(PROBLEMS)


def newest_journal(place: Path) -> Path:
    """``place`` itself where it is a file, else the newest journal in that state folder."""
    if place.is_file():
        return place
    found = sorted(place.glob("journal-*.db"), key=lambda path: path.name)
    if not found:
        raise Trouble(f"there is no journal in {place}")
    return found[-1]


def _moment_of(words: str) -> int:
    """Nanoseconds since 1970; 0 where nothing was said."""
    if not words:
        return 0
    try:
        return int(since(words, datetime.now(UTC).astimezone().replace(tzinfo=None)).timestamp() * 1e9)
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{words!r} is no moment; write for instance {EXAMPLES}", param_hint="--since") from None


def _say(lines: Iterator[dict[str, Any]], *, by_the_wall: bool) -> bool:
    """Whether a file was damaged."""
    damaged = False
    for line in lines:
        if line["kind"] == "damage":
            damaged = True
            _complain(line)
        elif by_the_wall:
            say(f"{datetime.fromisoformat(line['wall']).astimezone():%Y-%m-%d %H:%M:%S.%f}"[:-3] + f"  {line['words']}")
        else:
            say(f"{_moment(line['instant'])}  {line['words']}")
    return damaged


def _say_json(files: list[Path], lines: Iterator[dict[str, Any]]) -> bool:
    """One object, written as it is read: a journal of weeks need not stand in memory."""
    damage: list[str] = []
    newest, all_of_them = (str(files[-1]) if files else ""), [str(path) for path in files]
    click.echo(f'{{"journal": {json.dumps(newest)}, "journals": {json.dumps(all_of_them)}, "lines": [', nl=False)
    between = "\n"
    for line in lines:
        if line["kind"] == "damage":
            damage.append(f"{line['journal']}: {line['words']}" if len(files) > 1 else str(line["words"]))
            _complain(line)
            continue
        click.echo(between + json.dumps(line, ensure_ascii=False, default=str), nl=False)
        between = ",\n"
    click.echo(f'\n], "damage": {json.dumps("; ".join(damage), ensure_ascii=False)}}}')
    return bool(damage)


def _complain(line: dict[str, Any]) -> None:
    click.echo(f"showctl: {line['journal']}: {line['words']}; what comes after in this file cannot be trusted", err=True)


def _moment(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes:3}:{rest // 1000:02}.{rest % 1000:03}"
