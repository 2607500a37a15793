"""``showctl journal``: the journals of a show, how much they take, what left them, and how they leave."""

from __future__ import annotations

import shutil
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from showctl.cli.client import at_option, state_folder
from showctl.cli.say import Trouble, as_json, say, say_json, times

if TYPE_CHECKING:
    from showctl.runtime.retention import Kept, Retention
    from showctl.show.show import Show


@click.group(name="journal")
def journal() -> None:
    """List, prune and export the journals of a show."""


_state = click.option(
    "--state", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A state folder (the running show's)."
)


@journal.command(name="list")
@_state
@at_option
@as_json
def list_(state: Path | None, at: str, as_json: bool) -> None:
    """Say which journals there are, oldest first."""
    from showctl.runtime.retention import journals

    found = journals(state or state_folder(at))
    if as_json:
        say_json({"journals": [_to_json(item) for item in found]})
        return
    for item in found:
        began = datetime.fromtimestamp(item.began / 1e9, UTC)
        without = f"   without {' and '.join(item.without)}" if item.without else ""
        say(f"{item.path.name}  {began:%Y-%m-%d %H:%M} UTC  {item.size / 1e6:8.1f} MB{without}")
    say(f"{times(len(found), 'journal')}, {sum(item.size for item in found) / 1e6:.1f} MB")


def rules_of(words: str) -> Retention:
    """What ``--retention`` means; exit 2 where it means nothing."""
    from showctl.runtime.retention import BadRetentionError, Retention

    try:
        return Retention.parse(words)
    except BadRetentionError as error:
        raise click.BadParameter(str(error), param_hint="--retention") from None


@journal.command()
@_state
@at_option
@click.option("--retention", default="", metavar="audit=DAYS,tracks=DAYS,ai_text=DAYS,budget=MB", help="What is kept how long.")
@as_json
def prune(state: Path | None, at: str, retention: str, as_json: bool) -> None:
    """Remove what has been kept for long enough; the newest journal is never touched.

    Left out: audit=400 (days), tracks=14, ai_text=14, budget=4096 (megabytes for all journals).
    """
    from showctl.runtime.retention import tidy

    rules, folder = rules_of(retention), state or state_folder(at)
    said = tidy(folder, rules, time.time_ns(), lambda revision: _kept_show(folder, revision))
    if as_json:
        say_json({"done": said})
        return
    for words in said or ["nothing has been kept for too long"]:
        say(words)


@journal.command()
@click.argument("journal", type=click.Path(exists=True, path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
def export(journal: Path, target: Path) -> None:
    """Write JOURNAL (a file, or a state folder: the newest in it) and the shows that it ran with into the zip TARGET.

    Unpacked anywhere, `showctl replay` runs it again.
    """
    import sqlite3

    from showctl.cli.log import newest_journal
    from showctl.runtime.retention import journals

    path = newest_journal(journal)
    item = next((item for item in journals(path.parent) if item.path == path), None)
    if item is None:
        raise Trouble(f"{path} cannot be read as a journal")
    new = target.with_name(f".{target.name}.new")
    copy = target.with_name(f".{target.name}.db")
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as source, sqlite3.connect(copy) as whole:
            source.backup(whole)
        source.close()
        whole.close()
        with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(copy, path.name)
            for revision in item.revisions:
                home = path.parent / "shows" / revision
                for file in sorted(home.rglob("*")):
                    if file.is_file():
                        archive.write(file, f"shows/{revision}/{file.relative_to(home)}")
        shutil.move(new, target)
    finally:
        copy.unlink(missing_ok=True)
        new.unlink(missing_ok=True)
    say(f"{target}: {path.name} and {times(len(item.revisions), 'show')}")


def _kept_show(state: Path, revision: str) -> Show | None:
    from showctl.showfile import load

    home = state / "shows" / revision
    return load(home).show if revision and home.is_dir() else None


def _to_json(item: Kept) -> dict[str, Any]:
    return {
        "journal": str(item.path),
        "began": datetime.fromtimestamp(item.began / 1e9, UTC).isoformat(),
        "bytes": item.size,
        "without": list(item.without),
        "revisions": list(item.revisions),
    }
