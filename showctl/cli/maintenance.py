"""``showctl maintenance``: nothing moves by itself while a named person is at work in the room."""

from __future__ import annotations

import click

from showctl.cli.client import at_option, find, name_option
from showctl.cli.say import as_json, say, say_json
from showctl.cli.tag_words import tag_lines


@click.command()
@click.argument("do", required=False, type=click.Choice(["on", "off"]), metavar="[on [REASON] | off]")
@click.argument("reason", nargs=-1, metavar="")
@click.option("--of", "whose", default="", metavar="NAME", help="Take off another person's lock: go and see that they are clear.")
@name_option
@at_option
@as_json
def maintenance(do: str | None, reason: tuple[str, ...], whose: str, name: str, at: str, as_json: bool) -> None:
    """Lock the show by your name: schedule and triggers start nothing, hazards are safe, heads stand still.

    Cues by hand, channel check and identify work on. Each person has a lock; the show is free when the last is off.
    This is software: before you reach into a machine, take its power.
    """
    client = find(at)
    if do is None:
        tags = {"maintenance": client.get("/api/status")["tags"]["maintenance"]}
        if as_json:
            say_json(tags)
        else:
            say("\n".join(tag_lines(tags)) or "no lock is on")
        return
    if do == "off" and reason:
        raise click.UsageError("off takes no reason; --of NAME takes off another person's lock")
    if do == "on" and whose:
        raise click.UsageError("a lock is put on by whom it protects: --of belongs to off")
    answer = client.ask("Maintain", person=name, on=do == "on", reason=" ".join(reason), whose=whose)
    say_json(answer) if as_json else say(answer["words"])
