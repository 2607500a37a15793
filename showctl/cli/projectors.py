"""``showctl projectors``: who answers PJLink's search on the network, and which of the show's projectors do not."""

from __future__ import annotations

from pathlib import Path

import click

from showctl.cli.say import PROBLEMS, as_json, say, say_json


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path), metavar="[SHOW]", required=False)
@click.option("--interface", default="", metavar="ADDRESS", help="Our address on the projectors' network.")
@click.option(
    "--to", "targets", multiple=True, metavar="ADDRESS", help="Ask this address instead of everybody; may be said often."
)
@click.option("--seconds", default=2.0, show_default=True, type=click.FloatRange(0.1, 60), help="How long to wait for answers.")
@as_json
@click.pass_context
def projectors(
    ctx: click.Context, folder: Path | None, interface: str, targets: tuple[str, ...], seconds: float, as_json: bool
) -> None:
    """Look for projectors (class 2; older ones do not answer a search). With SHOW: exit 1 where one of its own is missing."""
    from showctl.cli.reading import read
    from showctl.protocols.pjlink import PORT
    from showctl.runtime.links.pjlink_search import EVERYBODY, search

    own = {}
    if folder is not None:
        own = {device.host: device for device in read(folder).devices if device.kind.name == "projector"}
    asked = [(host, PORT) for host in targets or (EVERYBODY,)]
    asked += [(device.host, device.port) for device in own.values()]
    found = search(asked, seconds, interface)
    missing = [device for host, device in own.items() if host not in {item.address for item in found}]
    if as_json:
        rows = [
            {"address": item.address, "mac": item.mac, "device": getattr(own.get(item.address), "name", "")} for item in found
        ]
        say_json({"found": rows, "missing": [device.name for device in missing]})
    else:
        for item in found:
            named = own.get(item.address)
            told = (named.label or named.name) if named is not None else "in no device of the show" if own else ""
            say(f"{item.address:15}  {item.mac:17}  {told}".rstrip())
        for device in missing:
            say(f"{device.host:15}  {'no answer':17}  {device.label or device.name} (off the network, or of class 1)")
        if not found and not missing:
            say("No projector answered. Class 1 projectors never do; a class 2 one may have its search switched off.")
    ctx.exit(PROBLEMS if missing else 0)
