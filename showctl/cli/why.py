"""``showctl why``: why a light is at its level, or why a cue has not started, down to the line in the show folder."""

from __future__ import annotations

from urllib.parse import urlencode

import click

from showctl.cli.client import at_option, find, split_cue
from showctl.cli.say import as_json, say, say_json

_FILLERS = ("did", "has", "not", "start", "started")


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="FIXTURE[.PARAMETER] | cue LIST/LABEL")
@at_option
@as_json
def why(what: tuple[str, ...], at: str, as_json: bool) -> None:
    """Say why a light is as it is: who holds it, and what lies beneath. Or why a cue has not started.

    \b
    showctl why tuyere_1             every parameter
    showctl why tuyere_1.red         one; bar_2.3.red: of its third cell
    showctl why cue 30               in the main list
    showctl why did cue house/5 not start
    """
    words = [word for word in what if word not in _FILLERS]
    if len(words) == 2 and words[0] == "cue":
        list_name, label = split_cue(words[1])
        asked = {"cue": label, "list": list_name}
    elif len(words) == 1:
        fixture, _, parameter = words[0].partition(".")
        asked = {"fixture": fixture, "parameter": parameter}
    else:
        raise click.UsageError("ask about a light (`why tuyere_1.red`) or about a cue (`why cue 30`)")
    found = find(at).get("/api/why?" + urlencode({name: value for name, value in asked.items() if value}))
    if as_json:
        say_json(found)
    else:
        say("\n".join(found["words"]))
