"""``showctl standby``: moves the standby."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, report, split_cue
from showctl.cli.say import as_json


@click.command()
@click.argument("cue")
@at_option
@as_json
def standby(cue: str, at: str, as_json: bool) -> None:
    """Put CUE (30, or house/5) in standby. Nothing starts."""
    named, label = split_cue(cue)
    report(find(at).ask("Standby", list=named, cue=label), "standby moved", as_json)
