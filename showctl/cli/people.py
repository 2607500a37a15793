"""``showctl people``: who may work at the console of a show, with which PIN; and links for crew that only look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from showctl.cli.pages import show_or_running, which
from showctl.cli.say import Refused, Trouble, as_json, say, say_json

if TYPE_CHECKING:
    from showctl.runtime.people import People, Role

_ROLES = ("viewer", "operator", "technician", "programmer")
state_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--state", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="The state folder that `run --state` names."
)


@click.group()
def people() -> None:
    """Say who may work at the console; with PINs, tablets may reach it.

    A viewer looks on; an operator runs the show; a technician also holds lights, parks and locks; a programmer also edits. As
    long as nobody has a PIN, only this machine is let in, and may do everything.
    """


@people.command("list")
@show_or_running
@state_option
@as_json
def list_(folder: Path | None, state: Path | None, as_json: bool) -> None:
    """List everybody."""
    known = sorted(_people(folder, state).known().values(), key=lambda person: person.name)
    if as_json:
        say_json({"people": [{"name": one.name, "role": one.role, "link": one.by_link} for one in known]})
        return
    for one in known:
        say(f"{one.name:20} {one.role}{' (by link)' if one.by_link else ''}")
    if not known:
        say("nobody has a PIN: only this machine is let in")


@people.command()
@click.argument("name")
@click.option("--role", type=click.Choice(_ROLES), required=True)
@click.option("--pin", metavar="PIN", envvar="SHOWCTL_PIN", help="Asked for where it is left out, as it should be.")
@show_or_running
@state_option
def add(name: str, role: Role, pin: str | None, folder: Path | None, state: Path | None) -> None:
    """Take NAME in, or give them another role and PIN."""
    from showctl.runtime.people import NotTaken

    who = _people(folder, state)
    chosen: str = pin or click.prompt("PIN", hide_input=True, confirmation_prompt=True)
    try:
        who.add(name, role, chosen)
    except NotTaken as why:
        raise Refused(str(why)) from None
    say(f"{name} may come in as {role}, at once")


@people.command()
@click.argument("name")
@show_or_running
@state_option
def link(name: str, folder: Path | None, state: Path | None) -> None:
    """Make a link by which the crew called NAME looks on; an older one of that name is no longer good."""
    from showctl.cli.client import running_show
    from showctl.cli.say import NoShow
    from showctl.runtime.people import NotTaken

    try:
        token = _people(folder, state).link(name)
    except NotTaken as why:
        raise Refused(str(why)) from None
    try:
        url = running_show().url
    except NoShow:
        url = "http://CONSOLE"
    say(f"{url}/crew/{token}")
    click.echo("showctl: whoever has it looks on; it is shown this once", err=True)


@people.command()
@click.argument("name")
@show_or_running
@state_option
def remove(name: str, folder: Path | None, state: Path | None) -> None:
    """NAME may not come in any more, and is out at once."""
    who = _people(folder, state)
    if not who.remove(name):
        there = ", ".join(sorted(who.known()))
        raise Trouble(f"nobody is called {name}; there are: {there or 'none'}")
    say(f"{name} is out")


def _people(folder: Path | None, state: Path | None) -> People:
    """Those of the state folder that is meant."""
    from showctl.cli.client import running_show
    from showctl.cli.house import state_of
    from showctl.cli.say import NoShow
    from showctl.runtime.people import People

    if state is None and folder is None:
        try:
            state = Path(running_show().state)
        except NoShow:
            state = state_of(which(None))
    who = People(state or state_of(which(folder)))
    try:
        who.known()
    except ValueError as error:
        raise Trouble(str(error)) from None
    return who
