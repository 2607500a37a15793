"""How commands speak: sentences and one JSON object on stdout, troubles on stderr with the exit code that fits."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Final

import click

PROBLEMS: Final = 1
USAGE: Final = 2
NO_SHOW: Final = 3


class Trouble(click.ClickException):
    """The command cannot be done as asked (exit 2)."""

    exit_code = USAGE

    def show(self, file: Any = None) -> None:  # noqa: ARG002
        click.echo(f"showctl: {self.format_message()}", err=True)


class Refused(Trouble):
    """The running show said no (exit 1)."""

    exit_code: ClassVar[int] = PROBLEMS


class NoShow(Trouble):
    """There is no running show to talk to (exit 3)."""

    exit_code: ClassVar[int] = NO_SHOW


as_json: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--json", "as_json", is_flag=True, help="One JSON object."
)
show_folder: Callable[[Callable[..., Any]], Callable[..., Any]] = click.argument(
    "folder", type=click.Path(exists=True, path_type=Path), metavar="SHOW"
)


def say(words: str = "") -> None:
    """A line on stdout."""
    click.echo(words)


def say_json(value: object) -> None:
    """The one object of a ``--json`` command."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def colored(words: str, color: str) -> str:
    """``words`` in a colour, unless NO_COLOR is set; click drops it where stdout is no terminal."""
    return words if os.environ.get("NO_COLOR") else click.style(words, fg=color)


def times(number: int, thing: str) -> str:
    """``1 cue``, ``2 cues``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def clock_words(seconds: float | None) -> str:
    """``4.2 s``, ``1:04.2``, ``1:02:03``; ``--`` where unknown or endless."""
    if seconds is None:
        return "--"
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest // 10:02}"
    return f"{minutes}:{rest / 10:04.1f}" if minutes else f"{rest / 10:.1f} s"
