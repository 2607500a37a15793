"""``showctl reload``: the saved show folder takes the place of the show that runs; nothing that runs stops.

What would change is shown first; ``--yes`` does not ask, ``--dry-run`` ends there. Exit 0: done, or nothing to do. 1: the folder
has errors (all of them are said), or was saved again meanwhile; what runs goes on as it is.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from showctl.cli.client import at_option, find
from showctl.cli.say import PROBLEMS, Refused, as_json, colored, say, say_json


@click.command()
@at_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@as_json
@click.pass_context
def reload(ctx: click.Context, at: str, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Load the show folder of the running show anew; running cues finish as they began."""
    client = find(at)
    seen = client.reload()
    if as_json:
        if yes and not dry_run and not seen["refused"]:
            seen = client.reload(seen["revision"])
        say_json(seen)
        ctx.exit(PROBLEMS if seen["refused"] else 0)
    _refuse(seen)
    if seen["same"]:
        say("an audience would see no difference")
    for line in seen["lines"]:
        say(line)
    for words in seen["words"]:
        say(colored(words, "yellow"))
    if dry_run:
        return
    if not yes and not sys.stdin.isatty():
        raise Refused("nobody is there to ask: say --yes, or --dry-run to only look")
    if yes or click.confirm("Reload the show?"):
        _refuse(client.reload(seen["revision"]))  # exactly what was shown
        say("done: the show runs as it was saved")


def _refuse(seen: dict[str, Any]) -> None:
    for problem in seen.get("problems", ()):
        where = f"{problem['file']}:{problem['line']}:{problem['column']}"
        click.echo(f"{where}: {problem['severity']} {problem['code']} {problem['message']}", err=True)
        if problem["hint"]:
            click.echo(f"    {problem['hint']}", err=True)
    if seen["refused"]:
        raise Refused(f"refused: {seen['refused']}")
