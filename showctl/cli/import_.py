"""``showctl import``: fixture types and scenes of other programs become part of a show's patch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from showctl.cli.editing import EditRefused
from showctl.cli.say import Trouble, colored, say, say_json, times

if TYPE_CHECKING:
    from showctl.library.importers.found import Found
    from showctl.showfile.book import Change


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--into", "folder", type=click.Path(path_type=Path), required=True, metavar="SHOW", help="The show folder.")
@click.option("--mode", "modes", multiple=True, metavar="NAME", help="Import only this mode (may be said again).")
@click.option("--as", "name", metavar="NAME", help="What the type is to be called.")
@click.option(
    "--protocol",
    type=click.Choice(("sacn", "artnet")),
    default="sacn",
    show_default=True,
    help="What carries the universes of a scene.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def import_(
    files: tuple[Path, ...], folder: Path, modes: tuple[str, ...], name: str | None, protocol: str, dry_run: bool, as_json: bool
) -> None:
    """Bring fixtures into SHOW: GDTF, MVR scenes, Open Fixture Library JSON, QLC+ .qxf.

    Every mode comes in with its own footprint, or the file is refused (exit 1) and nothing is written. What could not be carried,
    and what was read otherwise than it stands there, is said.
    """
    from showctl.library.importers.found import Refused
    from showctl.library.importers.into_show import put_into
    from showctl.library.importers.read import read_file
    from showctl.showfile.book import Book
    from showctl.showfile.edits import CannotEdit, NotLoaded
    from showctl.showfile.writers import finish, write

    if not (folder / "show.yaml").is_file():
        raise Trouble(f"there is no show in {folder.resolve()}\n    showctl new {folder} makes one")
    try:
        found = [read_file(path, modes) for path in files]
        for file in () if dry_run else finish(folder):
            click.echo(f"{file}: finished what an earlier command had begun", err=True)
        change = put_into(Book.open(folder), found, protocol, name)
        backup = None if dry_run or not change.files else write(change)
    except NotLoaded as wrong:
        raise Trouble(_words(wrong, wrong.hint)) from None
    except (CannotEdit, Refused) as wrong:
        raise EditRefused(_words(wrong, wrong.hint)) from None
    if as_json:
        say_json(_to_json(change, found, backup))
        return
    if dry_run:
        for line in change.text_diff().splitlines():
            color = {"+": "green", "-": "red", "@": "bright_black"}.get(line[:1])
            say(colored(line, color) if color else line)
    say(change.summary)
    for item in found:
        for kind in item.types:
            sizes = ", ".join(f"{mode.name} ({mode.footprint})" for mode in kind.modes)
            say(f"  {kind.name}: {kind.label}; {times(len(kind.modes), 'mode')} (slots): {sizes}")
    for note in change.notes:
        say(colored(f"note: {note}", "yellow"))
    if backup is not None:
        say(f"the files as they were: {backup}")


def _words(wrong: Exception, hint: str) -> str:
    return f"{wrong}\n    {hint}" if hint else str(wrong)


def _to_json(change: Change, found: list[Found], backup: Path | None) -> dict[str, Any]:
    return {
        "applied": backup is not None,
        "files": sorted(change.files),
        "types": [
            {
                "name": kind.name,
                "label": kind.label,
                "file": item.file,
                "modes": [{"name": mode.name, "footprint": mode.footprint, "cells": mode.cells} for mode in kind.modes],
                "notes": kind.notes,
            }
            for item in found
            for kind in item.types
        ],
        "fixtures": [fixture.name for item in found for fixture in item.fixtures],
        "notes": list(change.notes),
        "diff": change.text_diff(),
        "backup": None if backup is None else str(backup),
    }
