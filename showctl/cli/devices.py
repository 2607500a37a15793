"""``showctl devices``: each device's health, what the show wants of it, what it says, and how old that is."""

from __future__ import annotations

from typing import Any

import click

from showctl.cli.client import at_option, find
from showctl.cli.say import as_json, colored, say, say_json

_PHASES = {
    "idle": "it has been asked for nothing",
    "acting": "it does not show yet what it was asked for",
    "done": "it was asked, and it is done",
    "failed": "it did not do what it was asked",
}
_COLORS = {"ok": "green", "degraded": "yellow", "lost": "red"}


@click.command()
@click.argument("name", required=False)
@at_option
@as_json
@click.pass_context
def devices(ctx: click.Context, name: str | None, at: str, as_json: bool) -> None:
    """Say how each device is (exit 1 where one is not well). With NAME: everything about that one."""
    found = [device for device in find(at).get("/api/status")["devices"] if name in (None, device["name"])]
    if name is not None and not found:
        raise click.BadParameter(f"the show has no device called {name}", ctx, param_hint="NAME")
    if as_json:
        say_json({"devices": found})
    else:
        width = max((len(device["name"]) for device in found), default=0)
        for device in found:
            age = _age(device)
            health = colored(f"{device['health']:8}", _COLORS.get(device["health"], "white"))
            took = device.get("round_trip")
            quick = "" if took is None else f"{took * 1000:.0f} ms"
            words = " ".join(word for word in (device["why"] or device["label"], _apart(device)) if word)
            say(f"{device['name']:{width}}  {health}  {device['kind']:13} {age:12} {quick:>7}  {words}".rstrip())
            if name is not None:
                if device.get("late") is not None:
                    say(f"  what it plays began {_later(device['late'])} it was to, by its own word")
                if device.get("latency"):
                    jitter = f", give or take {device['jitter'] * 1000:.0f} ms" if device.get("jitter") else ""
                    say(f"  its cues leave {device['latency'] * 1000:.0f} ms before they land{jitter} (latency in devices.yaml)")
                if device.get("phase") is not None:
                    say(f"  {_PHASES.get(device['phase'], device['phase'])}")
                for word in sorted({*device["desired"], *device["reported"]}):
                    wanted, said = (_shown(device[side].get(word)) for side in ("desired", "reported"))
                    say(f"  {word}: wanted {wanted}, reported {said}")
    ctx.exit(1 if any(device["health"] in ("degraded", "lost") for device in found) else 0)


def _later(seconds: float) -> str:
    return f"{abs(seconds) * 1000:.0f} ms {'later' if seconds >= 0 else 'sooner'} than"


def _age(device: dict[str, Any]) -> str:
    """How old its last word is. What speaks only when something changes may be well and have said nothing to us yet."""
    if device.get("silent") or device.get("voice") is False:
        return "has no voice"
    if device.get("kind") == "rival_source":
        return "is heard"
    if device["age"] is None:
        return "on change" if device["health"] == "ok" else "never heard"
    return f"{device['age']:.1f} s ago"


def _apart(device: dict[str, Any]) -> str:
    """In what the device is not as the show wants it, and what became of an order that failed."""
    wanted, said = device["desired"], device["reported"]
    apart = [
        f"{word} {_shown(value)}, and reports {_shown(said[word])}"
        for word, value in wanted.items()
        if word in said and said[word] != value
    ]
    failed = f"Did not {device['failed']}." if device.get("phase") == "failed" and device.get("failed") else ""
    return " ".join(word for word in (failed, f"Wanted: {'; '.join(apart)}." if apart else "") if word)


def _shown(value: object) -> str:
    if value is None or value == "":
        return "-"
    return ("yes" if value else "no") if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
