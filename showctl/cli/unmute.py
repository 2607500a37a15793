"""``showctl unmute``: a muted output does what the show has it do by now."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, name_option
from showctl.cli.say import as_json, say, say_json


@click.command()
@click.argument("what", metavar="OUTPUT")
@name_option
@at_option
@as_json
def unmute(what: str, name: str, at: str, as_json: bool) -> None:
    """Bring a muted output back to where the show is now. Hazards wait for a cue that asks; heads take five seconds."""
    answer = find(at).ask("Mute", person=name, what=what, on=False)
    say_json(answer) if as_json else say(answer["words"])
