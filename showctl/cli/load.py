"""``showctl load``: prepares a cue to begin some way into itself."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, report, split_cue
from showctl.cli.say import as_json


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("cue")
@click.argument("seconds", type=click.FloatRange(-3600, 3600))
@at_option
@as_json
def load(cue: str, seconds: float, at: str, as_json: bool) -> None:
    """Let CUE, once it is fired, begin SECONDS into itself (pre-wait counted); negative: so far before its end; 0: as usual."""
    name, label = split_cue(cue)
    report(find(at).ask("Load", list=name, cue=label, at=seconds), f"{cue} is loaded at {seconds:g} s", as_json)
