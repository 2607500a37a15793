"""How every command that edits a show folder goes about it: finish what was cut off, show what would change, ask, write.

What an audience would see comes first, then the text. ``--dry-run`` ends there, ``--yes`` does not ask. Exit 0: done (or shown),
1: refused, with the way out, 2: the show does not load.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import click

from showctl.cli.say import PROBLEMS, Trouble, colored, say, say_json, times

if TYPE_CHECKING:
    from showctl.library.diff import ShowDifference
    from showctl.showfile.book import Book, Change
    from showctl.showfile.edits import CannotEdit


class EditRefused(Trouble):
    """What was asked cannot be done safely (exit 1)."""

    exit_code: ClassVar[int] = PROBLEMS


def editing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that editing commands share."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="One JSON object."),
        click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing."),
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option(
            "--show",
            "folder",
            type=click.Path(path_type=Path),
            default=Path(),
            metavar="SHOW",
            help="The show folder (this one).",
        ),
    ):
        command = option(command)
    return command


def edit(folder: Path, make: Callable[[Book], Change], *, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Shows what ``make`` would change, asks, and writes it."""
    from showctl.library.diff import difference
    from showctl.showfile.book import Book, proved
    from showctl.showfile.edits import CannotEdit, NotLoaded
    from showctl.showfile.writers import finish, write

    if not (folder / "show.yaml").is_file():
        raise Trouble(f"there is no show in {folder.resolve()}: say --show FOLDER")
    try:
        for file in () if dry_run else finish(folder):
            click.echo(f"{file}: finished what an earlier command had begun", err=True)
        book = Book.open(folder)
        change = make(book)
        after, _ = proved(change, book.loaded)
        assert after.show is not None, "proved refuses what does not load"
        seen = difference(book.show, after.show)
        agreed = _agreed(change, seen, yes=yes, dry_run=dry_run, as_json=as_json)
        backup = write(change) if agreed else None
    except NotLoaded as wrong:
        raise Trouble(_words(wrong)) from None
    except CannotEdit as wrong:
        raise EditRefused(_words(wrong)) from None
    if as_json:
        say_json(_to_json(change, seen, agreed, backup))
    elif agreed and change.files:
        say(f"done; the files as they were: {backup}")


def _words(wrong: CannotEdit) -> str:
    return f"{wrong}\n    {wrong.hint}" if wrong.hint else str(wrong)


def _agreed(change: Change, seen: ShowDifference, *, yes: bool, dry_run: bool, as_json: bool) -> bool:
    if as_json:
        return yes and not dry_run
    if not change.files:
        say("nothing to change: it is so already")
        return False
    _say_change(change, seen)
    if dry_run:
        return False
    if yes:
        return True
    if not sys.stdin.isatty():
        raise EditRefused("nobody is there to ask: say --yes, or --dry-run to only look")
    return click.confirm(f"{change.summary}: change {times(len(change.files), 'file')}?")


def _say_change(change: Change, seen: ShowDifference) -> None:
    say(colored(change.summary, "cyan"))
    say("what an audience would see change:" if not seen.same else "an audience would see no difference")
    for line in seen.lines():
        say(f"  {line}")
    say()
    for line in change.text_diff().splitlines():
        color = {"+": "green", "-": "red", "@": "bright_black"}.get(line[:1])
        say(colored(line, color) if color else line)
    for note in change.notes:
        say(colored(f"note: {note}", "yellow"))


def _to_json(change: Change, seen: ShowDifference, applied: bool, backup: Path | None) -> dict[str, Any]:
    return {
        "applied": applied and bool(change.files), "summary": change.summary, "files": sorted(change.files),
        "difference": seen.to_json(), "diff": change.text_diff(), "notes": list(change.notes),
        "backup": None if backup is None else str(backup),
    }  # fmt: skip
