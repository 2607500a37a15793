"""``showctl fixture``: rename a fixture, or let another do its work; whatever names it follows."""

from __future__ import annotations

from pathlib import Path

import click

from showctl.cli.editing import edit, editing


@click.group()
def fixture() -> None:
    """Edit fixtures: groups, palettes, cues and rehearsals follow, and not a byte more changes."""


@fixture.command()
@click.argument("old")
@click.argument("new")
@editing
def replace(old: str, new: str, folder: Path, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Let NEW, which is patched already, do everything that OLD did."""
    from showctl.showfile.fixture_edits import replace_fixture

    edit(folder, lambda book: replace_fixture(book, old, new), yes=yes, dry_run=dry_run, as_json=as_json)


@fixture.command()
@click.argument("old")
@click.argument("new")
@editing
def rename(old: str, new: str, folder: Path, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Call the fixture OLD by a NEW name."""
    from showctl.showfile.fixture_edits import rename_fixture

    edit(folder, lambda book: rename_fixture(book, old, new), yes=yes, dry_run=dry_run, as_json=as_json)
