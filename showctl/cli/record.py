"""``showctl record``: what people and devices did in a run, as a rehearsal that can be kept in the show folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from showctl.cli.client import at_option, state_folder
from showctl.cli.say import Trouble, say, times

if TYPE_CHECKING:
    from showctl.runtime.journal import Record
    from showctl.show.show import Show


@click.command()
@click.argument("journal", required=False, type=click.Path(exists=True, path_type=Path))
@at_option
@click.option("--show", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The show's folder.")
@click.option("--from", "begin", metavar="TIME", default="0", help="Show time at which it begins: 3m12s (see `showctl log`).")
@click.option("--to", "end", metavar="TIME", help="Show time at which it ends. [default: the end]")
@click.option("--name", default="As it was", show_default=True, help="What the rehearsal is called.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file. [default: it is printed]")
@click.option("--no-expect", is_flag=True, help="Only what was done; not which cues began when.")
def record(
    journal: Path | None, at: str, folder: Path | None, begin: str, end: str | None, name: str, out: Path | None, no_expect: bool
) -> None:
    """Turn what happened in the running show, or in JOURNAL (a file or a state folder), into a rehearsal.

    A bug on site becomes a test at home: the script does what people and devices did, and expects the cues that began.
    """
    import sqlite3

    from showctl.cli.log import newest_journal
    from showctl.runtime.journal import JournalDamagedError, read
    from showctl.runtime.recorded import NothingRecordedError, recorded
    from showctl.showfile.rehearsal_text import rehearsal_text

    path = newest_journal(journal if journal is not None else state_folder(at))
    if out is not None and out.exists():
        raise Trouble(f"{out} is there already: give another name, or remove it")
    try:
        records = list(read(path))
    except (JournalDamagedError, sqlite3.Error) as error:
        raise Trouble(f"{path} cannot be read as a journal: {error}") from None
    first, last = _time(begin, "--from"), None if end is None else _time(end, "--to")
    try:
        rehearsal = recorded(_show(path, records, folder), records, name, first, last, expects=not no_expect)
    except NothingRecordedError as error:
        raise Trouble(f"{path}: {error}") from None
    comment = (
        f"Recorded from {path.name}, {begin} to {end or 'its end'}. Where people stood is known as counts only: the crowd "
        "is like the one that was there, and not the same. Take out what does not matter, and add what must be seen."
    )
    text = rehearsal_text(rehearsal, comment)
    if out is None:
        say(text.rstrip("\n"))
        return
    new = out.with_name(out.name + ".new")
    new.write_text(text, encoding="utf-8")
    new.replace(out)
    lines, began = (times(len(some), "line") for some in (rehearsal.steps, rehearsal.expectations))
    say(f"{out}: {lines} of what was done, {began} of what began")


def _time(words: str, option: str) -> int:
    from showctl.showfile.problems import Wrong
    from showctl.showfile.values import time_of

    try:
        return time_of(words)
    except Wrong as error:
        raise click.BadParameter(f"{words} is not a time; write 3m12s or 1:30", param_hint=option) from error


def _show(path: Path, records: list[Record], folder: Path | None) -> Show:
    """The show that it ran with, kept beside the journal, or the one that is given."""
    from showctl.showfile import load

    anchor = next((item.body for item in records if item.kind == "anchor"), {})
    place = folder or path.parent / "shows" / str(anchor.get("show_digest", ""))
    if folder is None and not (anchor.get("show_digest") and place.is_dir()):
        raise Trouble(f"the show of {path} is not kept beside it: say --show FOLDER")
    show = load(place).show
    if show is None:
        raise Trouble(f"{place} has errors: run `showctl check {place}`")
    return show
