"""``showctl patch``: every light by number, address or node; and where there is room."""

from __future__ import annotations

from pathlib import Path

import click

from showctl.cli.pages import csv_option, html_option, put, show_or_running, which
from showctl.cli.reading import read
from showctl.cli.say import PROBLEMS, Trouble, as_json, say, say_json


@click.command()
@click.argument("lights", nargs=-1, metavar="[LIGHTS]")
@show_or_running
@click.option("--by", type=click.Choice(["fixture", "address", "node"]), default="fixture", show_default=True)
@click.option("--free", is_flag=True, help="Slots that nobody listens to.")
@click.option(
    "--fits", type=click.IntRange(1, 512), metavar="SLOTS", help="Where so many slots are free first (exit 1: nowhere)."
)
@html_option
@csv_option
@as_json
@click.pass_context
def patch(
    ctx: click.Context,
    lights: tuple[str, ...],
    folder: Path | None,
    by: str,
    free: bool,
    fits: int | None,
    html: Path | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Say what hangs where: all of it, or LIGHTS (a name, a group, a node, sacn/1, 1 thru 12).

    \b
    showctl patch --by node                  port by port
    showctl patch gantry_node --html g.html  a page to hang up there
    showctl patch --fits 16                  the next 16 free slots
    """
    from showctl.cli.tag_words import tag_lines, tags_of
    from showctl.engine.choosing import choose
    from showctl.engine.words import Unknown
    from showctl.library import patch_list

    folder = which(folder)
    show = read(folder)
    if free or fits is not None:
        _say_free(ctx, patch_list.free_space(show), fits, as_json)
        return
    tags = tags_of(folder)
    lines = patch_list.patch_lines(show, by, tags)
    if lights:
        try:
            chosen = {item.fixture + 1 for item in choose(show, " ".join(lights))}
        except Unknown as why:
            raise Trouble(str(why)) from None
        lines = [line for line in lines if line.number in chosen]
    if html is not None:
        put(patch_list.as_html(show, lines, by, tag_lines(tags)), html)
    elif as_json:
        say_json(patch_list.as_json(show, lines))
    elif as_csv:
        click.echo(patch_list.as_csv(lines), nl=False)
    else:
        say(patch_list.as_text(lines))


def _say_free(ctx: click.Context, free: list, fits: int | None, as_json: bool) -> None:  # type: ignore[type-arg]
    found = free if fits is None else [item for item in free if item.slots >= fits][:1]
    if as_json:
        say_json({"free": [{"universe": item.universe, "first": item.first, "last": item.last} for item in found]})
    elif found:
        for item in found:
            say(f"{item.universe}.{item.first} to {item.last}  {item.slots} slots")
    else:
        say("no slot is free" if fits is None else f"{fits} slots are free nowhere: declare another universe")
    if not found:
        ctx.exit(PROBLEMS)
