"""``showctl labels``: stickers for lights, on sheets or for a label printer."""

from __future__ import annotations

from pathlib import Path

import click

from showctl.cli.pages import csv_option, put, show_or_running, which
from showctl.cli.reading import read
from showctl.cli.say import Trouble


@click.command()
@click.argument("lights", nargs=-1, metavar="[LIGHTS]")
@show_or_running
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Sheets to print at 100 %.")
@click.option("--size", default="70x37", show_default=True, metavar="MM", help="Of a sticker: 70x37, 105x57 or 48.5x25.4.")
@csv_option
def labels(lights: tuple[str, ...], folder: Path | None, html: Path | None, size: str, as_csv: bool) -> None:
    """Make labels of all lights, or of LIGHTS: number, name, address, mode, node and port.

    \b
    showctl labels --html labels.html              A4 sheets of stickers
    showctl labels head_1 thru 16 --csv > heads.csv   for a label printer
    """
    from showctl.engine.choosing import choose
    from showctl.engine.words import Unknown
    from showctl.library import labels as made
    from showctl.library.patch_list import patch_lines

    if (html is None) == (not as_csv):
        raise click.UsageError("say --html FILE (sheets) or --csv (a label printer)")
    if size not in made.SHEETS:
        raise click.BadParameter(f"{size} is no sheet that is known: {', '.join(made.SHEETS)}", param_hint="--size")
    show = read(which(folder))
    lines = patch_lines(show)
    if lights:
        try:
            chosen = [item.fixture + 1 for item in choose(show, " ".join(lights))]
        except Unknown as why:
            raise Trouble(str(why)) from None
        lines = [lines[number - 1] for number in dict.fromkeys(chosen)]
    if html is not None:
        put(made.as_html(show, lines, size), html)
    else:
        click.echo(made.as_csv(lines), nl=False)
