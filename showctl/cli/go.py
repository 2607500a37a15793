"""``showctl go``: presses GO."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, report, split_cue
from showctl.cli.say import as_json


@click.command()
@click.argument("cue", required=False)
@click.option("--list", "list_name", default="", metavar="LIST", help="Which list; none given: the main list.")
@click.option("--token", default="", help="Said twice, heard once.")
@at_option
@as_json
def go(cue: str | None, list_name: str, token: str, at: str, as_json: bool) -> None:
    """Press GO: the cue standing by starts. With CUE (30, or house/5): that one, and the list goes on from there."""
    named, label = split_cue(cue) if cue is not None else ("", None)
    report(find(at).ask("Go", list=list_name or named, cue=label, token=token), "GO", as_json)
