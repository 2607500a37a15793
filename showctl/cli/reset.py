"""``showctl reset``: makes everything as at the first show of the day."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, report
from showctl.cli.say import as_json


@click.command()
@at_option
@as_json
def reset(at: str, as_json: bool) -> None:
    """Lists to the top, nothing running, party and show variables as at the start."""
    report(find(at).ask("Reset"), "reset: as at the first show of the day", as_json)
