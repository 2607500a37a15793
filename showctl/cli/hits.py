"""``showctl hits``: the moments of a timeline, to and from the markers of a sound workstation, and moved by sections."""

from __future__ import annotations

from pathlib import Path

import click

from showctl.cli.editing import edit, editing
from showctl.cli.say import Trouble


@click.group()
def hits() -> None:
    """Edit a timeline's table: FILE is its CSV file in the show folder, hits/launch.csv for instance."""


@hits.command()
@click.argument("file")
@click.option("--as", "kind", type=click.Choice(["reaper", "audacity"]), default="reaper", show_default=True, help="For whom.")
@click.option(
    "--show", "folder", type=click.Path(path_type=Path), default=Path(), metavar="SHOW", help="The show folder (this one)."
)
def export(file: str, kind: str, folder: Path) -> None:
    """Print the moments of FILE as markers."""
    from showctl.library.markers import Marker, write_audacity, write_reaper
    from showctl.showfile.edits import CannotEdit
    from showctl.showfile.hit_edits import Table

    try:
        table = Table.read((folder / file).read_text(encoding="utf-8"))
    except OSError as problem:
        raise Trouble(f"{folder / file}: {problem.strerror}") from None
    except CannotEdit as wrong:
        raise Trouble(f"{file}: {wrong}") from None
    markers = [Marker(at, name) for at, name in table.names()]
    click.echo(write_reaper(markers) if kind == "reaper" else write_audacity(markers), nl=False)


@hits.command("import")
@click.argument("file")
@click.argument("markers", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@editing
def import_(file: str, markers: Path, folder: Path, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Let the rows of FILE take the times of the MARKERS (Reaper's list, Audacity's labels) that bear their names."""
    from showctl.library.markers import NoMarkers, read_markers
    from showctl.showfile.hit_edits import Table, edit_table

    try:
        read = [(marker.at, marker.name) for marker in read_markers(markers.read_text(encoding="utf-8-sig"))]
    except (NoMarkers, UnicodeDecodeError) as wrong:
        raise Trouble(f"{markers}: {wrong}") from None

    def timed(table: Table) -> tuple[Table, list[str]]:
        changed, left = table.timed_by(read)
        return changed, [f"no row is called {name or '(nothing)'}: its marker moves nothing" for name in left]

    edit(
        folder, lambda book: edit_table(book, file, f"{file} takes the times of {markers.name}", timed),
        yes=yes, dry_run=dry_run, as_json=as_json,
    )  # fmt: skip


@hits.command()
@click.argument("file")
@click.argument("by")
@click.option("--from", "first", default="0s", metavar="TIME", help="The first moment that moves.")
@click.option("--to", "last", metavar="TIME", help="The first that does not move any more.")
@editing
def shift(file: str, by: str, first: str, last: str | None, folder: Path, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Move the moments of FILE by BY: 0.5s later; `-- -0.5s` is earlier."""
    from showctl.showfile.hit_edits import Table, edit_table

    amount = -_time(by[1:]) if by.startswith("-") else _time(by.removeprefix("+"))
    since, until = _time(first), None if last is None else _time(last)

    def moved(table: Table) -> tuple[Table, list[str]]:
        return table.shifted(amount, since, until), []

    edit(
        folder, lambda book: edit_table(book, file, f"{file} moves by {by}", moved), yes=yes, dry_run=dry_run, as_json=as_json
    )  # fmt: skip


def _time(text: str) -> int:
    from showctl.showfile.problems import Wrong
    from showctl.showfile.values import duration

    try:
        return duration(text)
    except Wrong as wrong:
        raise click.BadParameter(f"{wrong.message}; {wrong.hint}") from None
