"""``showctl cue``: move, copy, delete, renumber and rename cues; everything that refers to them follows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from showctl.cli.editing import edit, editing

if TYPE_CHECKING:
    from showctl.showfile.book import Book, Change

_KEEP = click.option("--keep-looks", is_flag=True, help="Write tracked levels into the cues that would lose them.")
_BEFORE = click.option("--before", metavar="LABEL", help="Stand before this cue.")
_AFTER = click.option("--after", metavar="LABEL", help="Stand after this cue.")


@click.group()
def cue() -> None:
    """Edit cues: every reference in lists, triggers and rehearsals follows, and not a byte more changes.

    A cue is LIST/LABEL, or LABEL in the main list. What an audience would see change is shown first, then the text.
    """


@cue.command()
@click.argument("which", metavar="LIST/LABEL")
@_BEFORE
@_AFTER
@_KEEP
@editing
def move(
    which: str, before: str | None, after: str | None, keep_looks: bool, folder: Path, yes: bool, dry_run: bool, as_json: bool
) -> None:
    """Put a cue elsewhere in its list."""
    from showctl.showfile.cue_edits import find_cue
    from showctl.showfile.cue_edits import move as moved

    anchor = _one_of(before, after)
    if anchor is None:
        raise click.UsageError("say where: --before LABEL or --after LABEL")

    def make(book: Book) -> Change:
        ref = find_cue(book, which)
        beside = find_cue(book, anchor if "/" in anchor else f"{ref.list}/{anchor}")
        return moved(book, ref, beside, after=after is not None, keep_looks=keep_looks)

    edit(folder, make, yes=yes, dry_run=dry_run, as_json=as_json)


@cue.command()
@click.argument("which", metavar="LIST/LABEL")
@click.argument("label", nargs=-1, required=True, metavar="[as] LABEL")
@_BEFORE
@_AFTER
@editing
def copy(
    which: str,
    label: tuple[str, ...],
    before: str | None,
    after: str | None,
    folder: Path,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Copy a cue; the copy has a label of its own, and stands behind it where nothing else is said."""
    from showctl.showfile.cue_edits import copy as copied
    from showctl.showfile.cue_edits import find_cue

    words = label[1:] if len(label) > 1 and label[0].lower() == "as" else label
    if len(words) != 1:
        raise click.UsageError("a copy has one label: showctl cue copy main/3 as 3.5")
    anchor = _one_of(before, after)

    def make(book: Book) -> Change:
        ref = find_cue(book, which)
        beside = None if anchor is None else find_cue(book, anchor if "/" in anchor else f"{ref.list}/{anchor}")
        return copied(book, ref, words[0], beside, after=before is None)

    edit(folder, make, yes=yes, dry_run=dry_run, as_json=as_json)


@cue.command()
@click.argument("which", metavar="LIST/LABEL")
@_KEEP
@editing
def delete(which: str, keep_looks: bool, folder: Path, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Take a cue out. Refused while something refers to it."""
    from showctl.showfile.cue_edits import delete as deleted
    from showctl.showfile.cue_edits import find_cue

    edit(
        folder,
        lambda book: deleted(book, find_cue(book, which), keep_looks=keep_looks),
        yes=yes, dry_run=dry_run, as_json=as_json,
    )  # fmt: skip


@cue.command()
@click.argument("list_name", metavar="LIST")
@click.argument("labels", nargs=-1, metavar="[OLD NEW]")
@click.option("--from", "start", metavar="N", help="The first number of all cues that have one.")
@click.option("--step", metavar="S", help="How far apart (1).")
@editing
def renumber(
    list_name: str,
    labels: tuple[str, ...],
    start: str | None,
    step: str | None,
    folder: Path,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Give one cue (OLD NEW) or all of a list (--from N --step S) new numbers."""
    from showctl.showfile.cue_edits import find_cue, new_numbers
    from showctl.showfile.cue_edits import renumber as renumbered

    if len(labels) not in (0, 2) or bool(labels) == (start is not None or step is not None):
        raise click.UsageError("say OLD NEW for one cue, or --from N --step S for all")

    def make(book: Book) -> Change:
        if labels:
            old = find_cue(book, f"{list_name}/{labels[0].removeprefix(list_name + '/')}").label
            return renumbered(book, list_name, {old: labels[1]})
        return renumbered(book, list_name, new_numbers(book, list_name, start or "1", step or "1"))

    edit(folder, make, yes=yes, dry_run=dry_run, as_json=as_json)


@cue.command()
@click.argument("which", metavar="LIST/LABEL")
@click.argument("name")
@editing
def rename(which: str, name: str, folder: Path, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Call a cue NAME; its label stays."""
    from showctl.showfile.cue_edits import find_cue
    from showctl.showfile.cue_edits import rename as renamed

    edit(folder, lambda book: renamed(book, find_cue(book, which), name), yes=yes, dry_run=dry_run, as_json=as_json)


def _one_of(before: str | None, after: str | None) -> str | None:
    if before is not None and after is not None:
        raise click.UsageError("either --before or --after")
    return before if before is not None else after
