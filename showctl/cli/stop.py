"""``showctl stop``: stops running cues."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, report, split_cue
from showctl.cli.say import as_json


@click.command()
@click.argument("cue", required=False)
@click.option("--list", "list_name", default="", metavar="LIST", help="Which list; none given: every list.")
@click.option("--over", type=click.FloatRange(0, 3600), metavar="SECONDS", help="How long the light takes.")
@click.option("--hard", is_flag=True, help="At once, without any fade.")
@at_option
@as_json
def stop(cue: str | None, list_name: str, over: float | None, hard: bool, at: str, as_json: bool) -> None:
    """Stop every list, one list (--list) or one running CUE: light falls back to what is underneath."""
    if hard and over:
        raise click.UsageError("--hard takes no time: leave out --over")
    over = 0.0 if hard else over
    named, label = split_cue(cue) if cue is not None else ("", None)
    report(find(at).ask("Stop", list=list_name or named, cue=label, over=over), "stopped", as_json)
