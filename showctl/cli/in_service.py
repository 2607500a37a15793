"""``showctl in-service``: a light works again."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, name_option
from showctl.cli.say import as_json, say, say_json


@click.command("in-service")
@click.argument("fixture", metavar="LIGHT")
@name_option
@at_option
@as_json
def in_service(fixture: str, name: str, at: str, as_json: bool) -> None:
    """Put a light back in service; its spare is itself again."""
    answer = find(at).ask("InService", person=name, fixture=fixture)
    say_json(answer) if as_json else say(answer["words"])
