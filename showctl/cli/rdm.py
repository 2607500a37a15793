"""``showctl rdm``: who hangs on the cables, what they are set to, and setting it; never during a show."""

from __future__ import annotations

import json
import time
from typing import Any, Final

import click

from showctl.cli.client import Client, at_option, find, name_option
from showctl.cli.say import PROBLEMS, Refused, as_json, colored, say, say_json

PATIENCE: Final = 60.0
"""Seconds that a device may take to answer a question of several parts."""


@click.group()
def rdm() -> None:
    """Ask fixtures over RDM: through Art-Net nodes and USB widgets, while no cue runs."""


@rdm.command()
@click.argument("universes", nargs=-1, metavar="[UNIVERSES]")
@name_option
@at_option
@as_json
@click.pass_context
def discover(ctx: click.Context, universes: tuple[str, ...], name: str, at: str, as_json: bool) -> None:
    """Search the cables, and compare who is there with the patch (exit 1 where that differs)."""
    client = find(at)
    _ask(client, "discover", " ".join(universes), "", name)
    told = ""
    while (table := client.get("/api/rdm"))["doing"]:
        if table["doing"] != told:
            told = table["doing"]
            click.echo(told, err=True)
        time.sleep(0.25)
    _show(ctx, table, as_json)


@rdm.command("list")
@at_option
@as_json
@click.pass_context
def list_(ctx: click.Context, at: str, as_json: bool) -> None:
    """Say what the last search found, against the patch (exit 1 where that differs)."""
    _show(ctx, find(at).get("/api/rdm"), as_json)


def _verb(command: str, value: str, required: bool, help_: str) -> None:
    """One verb about one fixture; ``value`` is what its argument is called ("": it has none)."""

    @name_option
    @at_option
    @as_json
    def do(device: str, name: str, at: str, as_json: bool, value: str = "") -> None:
        answer = _ask(find(at), command, device, value or "", name)
        say_json(answer) if as_json else say(answer["words"])

    if value:
        do = click.argument("value", required=required, metavar=value)(do)
    rdm.command(command, help=help_)(click.argument("device", metavar="LIGHT|UID")(do))


_verb("identify", "[off]", False, "Let a fixture show itself, until `off` (without a name: all that do).")
_verb("address", "ADDRESS", True, "Set the DMX address of a fixture, 1 to 512, and read it back.")
_verb("mode", "[MODE]", False, "Say the modes of a fixture, or set one by number or name, and read it back.")
_verb("label", "LABEL", True, "Write a label into a fixture.")
_verb("sensors", "", False, "Read what a fixture measures.")


def _ask(client: Client, verb: str, what: str, value: str, name: str) -> dict[str, Any]:
    body = {"verb": verb, "what": what, "value": value, "origin": {"surface": "cli", "person": name}}
    answer = client.post("/api/rdm", json.dumps(body).encode(), PATIENCE)
    if answer.get("refused"):
        raise Refused(f"refused: {answer['refused']}")
    return answer


def _show(ctx: click.Context, table: dict[str, Any], as_json: bool) -> None:
    wrong = bool(table["missing"] or table["troubles"] or any(device["words"] for device in table["devices"]))
    if as_json:
        say_json(table)
        ctx.exit(PROBLEMS if wrong else 0)
    if not table["searched"]:
        say("nobody has been searched for yet: `showctl rdm discover`")
        ctx.exit(PROBLEMS)
    from showctl.library.printed import text_table

    heads = ("light", "uid", "address", "slots", "mode", "model")
    rows = [
        (
            device["light"] or "-",
            device["uid"],
            "-" if device["address"] is None else f"{device['universe']}.{device['address']}",
            "-" if device["footprint"] is None else device["footprint"],
            "-" if device["mode"] is None else f"{device['mode']} {device['mode_name']}".strip(),
            " ".join(filter(None, (device["maker"], device["model"], f"'{device['label']}'" if device["label"] else ""))),
        )
        for device in table["devices"]
    ]
    for line, device in zip(text_table(heads, rows)[1:], table["devices"], strict=True):
        say(line)
        if device["words"]:
            say(colored(f"  ! {device['words']}", "yellow"))
    if table["missing"]:
        say(colored(f"! patched, and not found: {', '.join(table['missing'])}", "yellow"))
    for words in table["troubles"]:
        say(colored(f"! {words}", "yellow"))
    say(f"{len(table['devices'])} found on {', '.join(table['searched'])}" + ("" if wrong else ", all as patched"))
    ctx.exit(PROBLEMS if wrong else 0)
