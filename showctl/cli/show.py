"""``showctl show``: what is in a show folder; with ``--expanded``, what templates and groups become."""

from __future__ import annotations

from pathlib import Path

import click

from showctl.cli.reading import read_all
from showctl.cli.say import Trouble, as_json, say, say_json, show_folder, times


@click.command()
@show_folder
@click.option("--expanded", is_flag=True, help="The lists as they are after templates and groups.")
@as_json
def show(folder: Path, expanded: bool, as_json: bool) -> None:
    """Say what is in SHOW: its lists, devices and rehearsals."""
    from showctl.showfile import expanded as expanded_text

    found, rehearsals = read_all(folder)
    if expanded:
        if as_json:
            raise Trouble("--expanded prints YAML; leave out --json")
        click.echo(expanded_text(folder), nl=False)
        return
    if as_json:
        say_json(
            {
                "show": found.name,
                "lists": [{"name": item.name, "label": item.label, "cues": len(item.cues)} for item in found.lists],
                "fixtures": len(found.patch.fixtures),
                "universes": [universe.key for universe in found.patch.universes],
                "devices": [{"name": item.name, "kind": item.kind.name, "label": item.label} for item in found.devices],
                "rehearsals": [{"stem": item.stem, "name": item.name} for item in rehearsals],
            }
        )
        return
    say(found.name)
    for item in found.lists:
        say(f"  list {item.name:16} {times(len(item.cues), 'cue'):10} {item.label}".rstrip())
    say(f"  {times(len(found.patch.fixtures), 'fixture')} on {', '.join(universe.key for universe in found.patch.universes)}")
    for device in found.devices:
        say(f"  device {device.name:14} {device.kind.name:14} {device.label}".rstrip())
    for rehearsal in rehearsals:
        say(f"  rehearsal {rehearsal.stem:20} {rehearsal.name}")
