"""``showctl explain``: what GO will do, in words, before it happens."""

from __future__ import annotations

from urllib.parse import urlencode

import click

from showctl.cli.client import at_option, find
from showctl.cli.say import as_json, say, say_json


@click.command()
@click.argument("list_name", required=False, metavar="[LIST]")
@at_option
@as_json
def explain(list_name: str | None, at: str, as_json: bool) -> None:
    """Say what GO on LIST (none given: the main list) would do now, what follows, and what happens without it."""
    asked = list_name if list_name not in (None, "next") else ""
    found = find(at).get("/api/explain" + (f"?{urlencode({'list': asked})}" if asked else ""))
    if as_json:
        say_json(found)
    else:
        say("\n".join(found["words"]))
