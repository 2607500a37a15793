"""``showctl preview``: starts a cue without its pre-wait, its chain, or moving the standby."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, report, split_cue
from showctl.cli.say import as_json


@click.command()
@click.argument("cue")
@at_option
@as_json
def preview(cue: str, at: str, as_json: bool) -> None:
    """Start CUE without its pre-wait and without what follows it; the standby stays where it is."""
    name, label = split_cue(cue)
    report(find(at).ask("Preview", list=name, cue=label), f"previewing {cue}", as_json)
