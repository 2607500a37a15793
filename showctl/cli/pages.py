"""What the commands share that make pages of a show: which show is meant, and where a page goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from showctl.cli.say import Trouble, say

if TYPE_CHECKING:
    from showctl.show.show import Show

show_or_running: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--show",
    "folder",
    type=click.Path(exists=True, path_type=Path),
    metavar="SHOW",
    help="The show folder (this one, or that of the running show).",
)
html_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write a page to print."
)
csv_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--csv", "as_csv", is_flag=True, help="For a spreadsheet."
)


def which(folder: Path | None) -> Path:
    """The show folder that is meant."""
    from showctl.cli.client import running_show
    from showctl.cli.say import NoShow

    if folder is not None:
        return folder
    if Path("show.yaml").is_file():
        return Path()
    try:
        return Path(running_show().folder)
    except NoShow:
        raise Trouble("which show? give --show FOLDER, or be in one, or have one running") from None


def read(folder: Path) -> Show:
    """The show in ``folder``; its problems and exit 2 where it cannot be read."""
    from showctl.cli.check import say_problem
    from showctl.showfile import load

    loaded = load(folder)
    if loaded.show is None:
        for problem in loaded.errors:
            say_problem(problem, folder, err=True)
        raise Trouble(f"{folder} cannot be read")
    return loaded.show


def put(page: str, path: Path) -> None:
    """Writes a page at ``path``, whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.write_text(page, encoding="utf-8")
    new.replace(path)
    say(f"written: {path}")
