"""What the commands share that make pages of a show: which show is meant, and where a page goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from showctl.cli.say import Trouble, say

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


def put(page: str, path: Path) -> None:
    """Writes a page at ``path``, whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.write_text(page, encoding="utf-8")
    new.replace(path)
    say(f"written: {path}")
