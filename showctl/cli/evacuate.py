"""``showctl evacuate``: puts the room in its safe states at once, and keeps it there."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, report
from showctl.cli.say import as_json


@click.command()
@at_option
@as_json
def evacuate(at: str, as_json: bool) -> None:
    """Safe states at once, and nothing starts until a named person re-arms. This is no emergency stop."""
    report(find(at).ask("Evacuate"), "evacuate: the room is in its safe states until somebody re-arms", as_json)
