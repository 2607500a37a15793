"""``showctl rearm``: ends panic or evacuation."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, report
from showctl.cli.say import as_json


@click.command()
@click.argument("name", required=False, default="")
@at_option
@as_json
def rearm(name: str, at: str, as_json: bool) -> None:
    """End panic or evacuation. After an evacuation NAME says who has looked."""
    report(find(at).ask("Rearm", person=name), "re-armed", as_json)
