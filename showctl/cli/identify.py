"""``showctl identify``: blink a light, or all that hangs on a node, so that somebody in the room sees which it is."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, name_option
from showctl.cli.say import as_json, say, say_json


@click.command()
@click.argument("what", nargs=-1, metavar="LIGHT | NODE | UNIVERSE")
@click.option("--for", "seconds", type=click.FloatRange(0.1, 600), default=10.0, show_default=True, metavar="SECONDS")
@click.option("--off", is_flag=True, help="Nothing blinks any more.")
@name_option
@at_option
@as_json
def identify(what: tuple[str, ...], seconds: float, off: bool, name: str, at: str, as_json: bool) -> None:
    """Blink a light once a second, over whatever plays. It ends by itself.

    \b
    showctl identify tuyere_7
    showctl identify gantry_node --for 60
    """
    if off == bool(what):
        raise click.UsageError("say what is to blink: a light, a group, a node, sacn/1, sacn/1.25 (or --off)")
    answer = find(at).ask("Identify", person=name, what=" ".join(what), over=0 if off else seconds)
    say_json(answer) if as_json else say(answer["words"])
