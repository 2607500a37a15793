"""``showctl sheet``: the channels of a list, cue by cue: what is moved, what tracks, what is blocked, marked or released."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import click

from showctl.cli.reading import read
from showctl.cli.say import Trouble, say, say_json, show_folder
from showctl.cli.say import as_json as json_option
from showctl.cli.tag_words import say_tags, tags_of


@click.command()
@show_folder
@click.argument("list_name", required=False, metavar="[LIST]")
@click.option("--cue", "label", metavar="N", help="One cue: every light that the list holds then, and since which cue.")
@click.option("--csv", "as_csv", is_flag=True, help="For a spreadsheet.")
@json_option
def sheet(folder: Path, list_name: str | None, label: str | None, as_csv: bool, as_json: bool) -> None:
    """Print the sheet of LIST of SHOW (none given: the main list)."""
    from showctl.library import sheet as sheets

    show = read(folder)
    cue_list = show.list_named.get(list_name or show.main_list or show.lists[0].name)
    if cue_list is None:
        raise Trouble(f"no list is called {list_name}; there are: {', '.join(item.name for item in show.lists)}")
    made = sheets.sheet_of(show, cue_list)
    if label is None:
        if as_json:
            say_json(sheets.as_json(made))
        elif as_csv:
            click.echo(sheets.as_csv(made), nl=False)
        else:
            say(sheets.as_text(made, shutil.get_terminal_size((100, 24)).columns))
            say_tags(_of_lights(folder))
        return
    cue = cue_list.named.get(label)
    if cue is None or cue.index < 0:
        raise Trouble(f"{cue_list.name} has no cue {label}" + ("" if cue is None else " of its own: it is inside a group"))
    lines = sheets.cue_lines(made, cue)
    if as_json:
        say_json({"show": show.name, "list": cue_list.name, "cue": cue.label, "name": cue.name, "lights": lines})
        return
    say(f"{cue_list.name}/{cue.label} {cue.name}".rstrip())
    width = max((len(line["name"]) for line in lines), default=0)
    for line in lines:
        word = "for" if line["state"] == "marked" else "since"
        since = "" if line["since"] == cue.label else f" {word} {line['since']} ({line['place']})"
        say(f"  {line['name']:{width}}  {line['state']:9} {line['look']}{since}".rstrip())
    say_tags(_of_lights(folder))


def _of_lights(folder: Path) -> dict[str, Any]:
    """What people have put on lights by hand: on them the sheet is not what one sees."""
    return {kind: items for kind, items in tags_of(folder).items() if kind in ("out_of_service", "parked")}
