"""``showctl back``: undoes the last GO of a list."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, report
from showctl.cli.say import as_json


@click.command()
@click.option("--list", "list_name", default="", metavar="LIST", help="Which list; none given: the main list.")
@at_option
@as_json
def back(list_name: str, at: str, as_json: bool) -> None:
    """Restore what there was at the previous GO; the cue undone stands by."""
    report(find(at).ask("Back", list=list_name), "back", as_json)
