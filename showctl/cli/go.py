"""``showctl go``: presses GO."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, report, split_cue
from showctl.cli.say import Refused, as_json


@click.command()
@click.argument("cue", required=False, metavar="[CUE|LIST]")
@click.option("--list", "list_name", default="", metavar="LIST", help="Which list; none given: the main list.")
@click.option("--token", default="", help="Said twice, heard once.")
@at_option
@as_json
def go(cue: str | None, list_name: str, token: str, at: str, as_json: bool) -> None:
    """Press GO: the cue standing by starts. With CUE (30, or house/5): that one, and the list goes on from there.

    With the name of a LIST: what stands by in that one.
    """
    client = find(at)
    named, label = split_cue(cue) if cue is not None else ("", None)
    try:
        answer = client.ask("Go", list=list_name or named, cue=label, token=token)
    except Refused:
        if list_name or named or label not in [item["name"] for item in client.get("/api/status")["lists"]]:
            raise
        answer = client.ask("Go", list=label, token=token)  # no cue is called so, and a list is
    report(answer, "GO", as_json)
