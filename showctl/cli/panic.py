"""``showctl panic``: fades the show to its safe states."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, report
from showctl.cli.say import as_json


@click.command()
@at_option
@as_json
def panic(at: str, as_json: bool) -> None:
    """Fade to every zone's safe state over the panic time; said again, cut. This is no emergency stop."""
    report(find(at).ask("Panic"), "panic: the room goes to its safe states", as_json)
