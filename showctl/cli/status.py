"""``showctl status``: what a running show is doing."""

from __future__ import annotations

from typing import Any

import click

from showctl.cli.client import at_option, find
from showctl.cli.say import as_json, clock_words, colored, say, say_json, times
from showctl.cli.tag_words import say_tags


@click.command()
@at_option
@as_json
def status(at: str, as_json: bool) -> None:
    """Say what stands by, what runs, and whether anything is wrong."""
    found = find(at).get("/api/status")
    if as_json:
        say_json(found)
        return
    say(str(found["show"]) + (f"   {found['latched']} is in force" if found.get("latched") else ""))
    for item in found["lists"]:
        _say_list(item)
    say_tags(found.get("tags", {}))
    heard = [device for device in found["devices"] if not device.get("silent") or device["health"] == "lost"]
    ill = [device for device in heard if device["health"] != "ok"]
    for device in ill:
        say(colored(f"! {device['name']} is {device['health']}", "yellow") + (f": {device['why']}" if device.get("why") else ""))
    if not ill:
        say(f"{times(len(heard), 'device')}, all well")
    journal = found.get("journal", {})
    if journal.get("trouble") or journal.get("late"):
        say(
            colored("! journal", "yellow")
            + f": {journal['trouble'] or 'it does not keep up; the show goes on without waiting for it'}"
        )
    for skew in found.get("skew", [])[:1]:
        each = ", ".join(f"{who} {late * 1000:+.0f} ms" for who, late in skew["late"].items())
        say(f"skew of {skew['cue']}: {skew['apart'] * 1000:.0f} ms ({each})")
    wire = found["wire"]
    if not wire.get("connected", True):
        say(colored("! light: the process that sends it does not answer", "yellow") + f" ({wire['why']})" * bool(wire.get("why")))
        return
    say(f"light: {wire['frames']} frames, {wire['missed']} missed, 99 % within {wire['late_p99_us'] / 1000:.1f} ms")


def _say_list(item: dict[str, Any]) -> None:
    standby = f"standing by {item['standby']}" if item["standby"] else "nothing stands by"
    say(f"{item['name']}: {standby}" + ("   paused" if item.get("paused") else ""))
    for run in item["running"]:
        name = f" {run['name']}" if run.get("name") else ""
        say(f"  {run['cue']}{name}  {run['state']}  {clock_words(run['elapsed'])}, {_left(run)}")


def _left(run: dict[str, Any]) -> str:
    if run["remaining"] is not None:
        return f"{clock_words(run['remaining'])} left"
    return "without an end" if run.get("endless") else "nobody knows how long"
