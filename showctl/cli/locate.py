"""``showctl locate``: makes the room as if the list had been played up to a cue."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, report, split_cue
from showctl.cli.say import as_json


@click.command()
@click.argument("cue")
@at_option
@as_json
def locate(cue: str, at: str, as_json: bool) -> None:
    """Make the room as if the list had been played up to and including CUE. Nothing momentary is sent."""
    named, label = split_cue(cue)
    report(find(at).ask("Locate", list=named, cue=label), f"the room is as after {cue}", as_json)
