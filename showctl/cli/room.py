"""``showctl room``: what is true in a simulated venue that runs, whoever drives it.

It reads the venue's own page (``GET /state``), so it asks what guests see and hear, not what any desk believes. Names are
those of lights, groups' members, devices, zones, surfaces and universes, or one thing of them: ``nave.light``, ``gate.state``.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import click

from showctl.cli.say import NoShow, Trouble, as_json, say, say_json

PATIENCE = 5.0
PARTS = ("fixtures", "devices", "zones", "surfaces", "universes")


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--at", "url", default="http://127.0.0.1:8090", show_default=True, metavar="URL", help="Where the venue answers.")
@as_json
def room(names: tuple[str, ...], url: str, as_json: bool) -> None:
    """Say what is true in the simulated venue that runs at URL: all of it, or NAMES (a light, a device, a zone, nave.light)."""
    state = _state(url.rstrip("/"))
    if not names:
        if as_json:
            say_json(state)
        else:
            for part in ("devices", "zones", "surfaces", "fixtures"):
                for name in state[part]:
                    say(_line(name, _found(state, name)))
        return
    found = {name: _found(state, name) for name in names}
    if as_json:
        say_json(found)
    else:
        for name, value in found.items():
            say(_line(name, value))


def _state(url: str) -> dict[str, Any]:
    if not url.startswith(("http://", "https://")):
        raise Trouble(f"{url} is no URL: http://127.0.0.1:8090")
    try:
        with urllib.request.urlopen(f"{url}/state", timeout=PATIENCE) as answer:
            found: dict[str, Any] = json.load(answer)
    except (OSError, ValueError) as error:
        why = error.reason if isinstance(error, urllib.error.URLError) else error
        raise NoShow(f"no simulated venue answers at {url} ({why}): showctl simulate SHOW, or --at URL") from None
    return found


def _found(state: dict[str, Any], name: str) -> Any:
    """What is known of ``name``: of a device what is true, not what it says."""
    whose, _, what = name.partition(".")
    for part in PARTS:
        if whose not in state[part]:
            continue
        value = state[part][whose]
        if part == "devices":
            value = value["truth"] | {"powered": value["powered"]}
        if not what:
            return value
        if what in value:
            return value[what]
    from difflib import get_close_matches

    known = [name for part in PARTS for name in state[part]]
    known += [
        f"{whose}.{field}" for part in PARTS for field in state[part].get(whose, {}).get("truth", state[part].get(whose, {}))
    ]
    near = get_close_matches(name, known, n=1)
    raise Trouble(f"nothing here is called {name}" + (f"; did you mean {near[0]}?" if near else ""))


def _line(name: str, value: Any) -> str:
    if not isinstance(value, dict):
        return f"{name}: {_words(value)}"
    return f"{name}: " + ", ".join(f"{key} {_words(item)}" for key, item in value.items() if not isinstance(item, list))


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value) or "-"
