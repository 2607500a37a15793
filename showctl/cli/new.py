"""``showctl new``: a small show folder that works, with a rehearsal that passes."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from showctl.cli.say import Trouble, say

STARTER = Path(__file__).with_name("starter")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--name", default="", help="What the show is called; none given: like the folder.")
def new(folder: Path, name: str) -> None:
    """Make a small, working show in DIR (which must not exist, or be empty)."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Trouble(f"{folder} is there already, and not an empty folder")
    title = name or folder.resolve().name.replace("_", " ").replace("-", " ").strip().capitalize() or "New show"
    if not title.isprintable() or set(title) & set(":#\"'{}[]"):
        raise Trouble(f"a show cannot be called {title!r}: letters, digits and spaces, please")
    for source in sorted(STARTER.rglob("*.yaml")):
        target = folder / source.relative_to(STARTER)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source.read_text(encoding="utf-8").replace("NAME OF THE SHOW", title), encoding="utf-8")
    there = shlex.quote(str(folder))
    say(f"{title} is there. Next:")
    say(f"  showctl check {there}")
    say(f"  showctl rehearse {there}")
    say(f"  showctl run {there} --simulate")
