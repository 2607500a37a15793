"""``showctl park``: hold what a light does, over everything, until somebody unparks it."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, name_option
from showctl.cli.say import as_json, say, say_json
from showctl.cli.tag_words import tag_lines


@click.command()
@click.argument("what", nargs=-1, metavar="[LIGHT[.PARAMETER]] [at LEVEL]")
@click.option("--because", "reason", default="", metavar="REASON", help="Why; whoever finds it parked will want to know.")
@name_option
@at_option
@as_json
def park(what: tuple[str, ...], reason: str, name: str, at: str, as_json: bool) -> None:
    """Hold a light after every master, until `unpark`; it survives restarts. Without LIGHT: say what is parked.

    \b
    showctl park tuyere_3 at 20 --because 'ballast hums'
    showctl park head_2.pan              where it stands
    showctl park 1 thru 12 at out
    """
    client = find(at)
    if not what:
        tags = {"parked": client.get("/api/status")["tags"]["parked"]}
        if as_json:
            say_json(tags)
        else:
            say("\n".join(tag_lines(tags)) or "nothing is parked")
        return
    answer = client.ask("Park", person=name, what=" ".join(what), reason=reason)
    say_json(answer) if as_json else say(answer["words"])
