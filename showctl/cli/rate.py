"""``showctl rate``: how fast a list or a running cue goes."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, report
from showctl.cli.say import as_json


@click.command()
@click.argument("what", metavar="LIST|LIST/CUE")
@click.argument("rate", metavar="PERCENT")
@at_option
@as_json
def rate(what: str, rate: str, at: str, as_json: bool) -> None:
    """Let a list, or one running cue of it, go at PERCENT (0 to 2000) of its speed: 50%, 100%, 150%."""
    try:
        thousandths = round(float(rate.removesuffix("%")) * 10)
    except (ValueError, OverflowError):
        raise click.UsageError(f"{rate} is no rate: say 50% or 120%") from None
    name, _, label = what.partition("/")
    report(find(at).ask("Rate", list=name, cue=label or None, num=thousandths, den=1000), f"{what} goes at {rate}", as_json)
