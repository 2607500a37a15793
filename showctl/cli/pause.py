"""``showctl pause``: stops the clocks of cues."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, report, split_cue
from showctl.cli.say import as_json


@click.command()
@click.argument("cue", required=False)
@click.option("--list", "list_name", default="", metavar="LIST", help="Which list; none given: every list.")
@at_option
@as_json
def pause(cue: str | None, list_name: str, at: str, as_json: bool) -> None:
    """Pause every list, or one list (--list), or one running CUE."""
    named, label = split_cue(cue) if cue is not None else ("", None)
    report(find(at).ask("Pause", list=list_name or named, cue=label), "paused", as_json)
