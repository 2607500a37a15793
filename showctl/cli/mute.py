"""``showctl mute``: an output is not heard, seen or moved until somebody un-mutes it; the show runs on."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, name_option
from showctl.cli.say import as_json, say, say_json
from showctl.cli.tag_words import tag_lines


@click.command()
@click.argument("what", required=False, default="", metavar="[OUTPUT]")
@click.option("--because", "reason", default="", metavar="REASON", help="Why; whoever finds it muted will want to know.")
@name_option
@at_option
@as_json
def mute(what: str, reason: str, name: str, at: str, as_json: bool) -> None:
    """Mute sound, film, fog, motion, headsets, a device or an interlock. Without OUTPUT: say what is muted and what can be.

    The show runs on as if it were there; `unmute` brings it to where the show is by then. It survives restarts.
    Panic and evacuation are never muted. Light is not muted: it has its masters.

    \b
    showctl mute fog --because 'detectors are being tested'
    showctl mute dome_player
    """
    client = find(at)
    if what:
        answer = client.ask("Mute", person=name, what=what, on=True, reason=reason)
        say_json(answer) if as_json else say(answer["words"])
        return
    tags = {"muted": client.get("/api/status")["tags"]["muted"]}
    outputs = client.get("/api/room")["outputs"]
    if as_json:
        say_json(tags | {"outputs": outputs})
        return
    say("\n".join(tag_lines(tags)) or "nothing is muted")
    say(f"can be muted: {', '.join(outputs)}")
