"""Reading the show that a command was given: the show, or every problem and exit 2."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from showctl.cli.say import Trouble

if TYPE_CHECKING:
    from showctl.show.rehearsals import Rehearsal
    from showctl.show.show import Show


def read(folder: Path) -> Show:
    """The show in ``folder``; its problems and exit 2 where it cannot be read."""
    return read_all(folder)[0]


def read_all(folder: Path) -> tuple[Show, tuple[Rehearsal, ...]]:
    """The show in ``folder`` and its rehearsals; its problems and exit 2 where it cannot be read."""
    from showctl.cli.check import say_problem
    from showctl.showfile import load

    loaded = load(folder)
    if loaded.show is None:
        for problem in loaded.errors:
            say_problem(problem, folder, err=True)
        raise Trouble(f"{folder} cannot be read")
    return loaded.show, tuple(loaded.rehearsals)
