"""``showctl unpark``: give back what somebody parked."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, name_option
from showctl.cli.say import as_json, say, say_json


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="LIGHT[.PARAMETER] | all")
@name_option
@at_option
@as_json
def unpark(what: tuple[str, ...], name: str, at: str, as_json: bool) -> None:
    """Give back what is parked of a light, or all."""
    answer = find(at).ask("Unpark", person=name, what=" ".join(what))
    say_json(answer) if as_json else say(answer["words"])
