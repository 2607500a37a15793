"""``showctl ip-plan``: which box has which address, what is there twice, what the switches have to know."""

from __future__ import annotations

from pathlib import Path

import click

from showctl.cli.pages import csv_option, html_option, put, show_or_running, which
from showctl.cli.reading import read
from showctl.cli.say import PROBLEMS, as_json, say, say_json


@click.command("ip-plan")
@show_or_running
@html_option
@csv_option
@as_json
@click.pass_context
def ip_plan(ctx: click.Context, folder: Path | None, html: Path | None, as_csv: bool, as_json: bool) -> None:
    """Say every address, every multicast group and what IGMP needs (exit 1 where two boxes are in each other's way)."""
    from showctl.library import ip_plan as made

    plan = made.ip_plan(read(which(folder)))
    if html is not None:
        put(made.as_html(plan), html)
    elif as_json:
        say_json(made.as_json(plan))
    elif as_csv:
        click.echo(made.as_csv(plan), nl=False)
    else:
        say(made.as_text(plan))
    ctx.exit(PROBLEMS if plan.problems else 0)
