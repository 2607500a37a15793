"""``showctl check``: everything wrong with a show folder, each with its place and the way out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showctl.cli.say import PROBLEMS, USAGE, as_json, colored, say, say_json, show_folder, times

if TYPE_CHECKING:
    from showctl.showfile import Problem

_UNREADABLE = frozenset({"NOT_A_FOLDER"})


@click.command()
@show_folder
@click.option("--strict", is_flag=True, help="Warnings count, too.")
@as_json
@click.pass_context
def check(ctx: click.Context, folder: Path, strict: bool, as_json: bool) -> None:
    """Say everything that is wrong with SHOW at once (exit 1 where there is an error, 2 where there is no show)."""
    from showctl.showfile import load

    problems = sorted(load(folder).problems)
    errors = [problem for problem in problems if problem.severity == "error"]
    if as_json:
        say_json({"problems": [asdict(problem) for problem in problems]})
    else:
        for problem in problems:
            say_problem(problem, folder)
        warnings = len(problems) - len(errors)
        found = [times(number, word) for number, word in ((len(errors), "error"), (warnings, "warning")) if number]
        say(", ".join(found) if found else f"{folder}: nothing to complain of")
    if any(problem.code in _UNREADABLE for problem in errors) or not (folder / "show.yaml").is_file():
        ctx.exit(USAGE)
    ctx.exit(PROBLEMS if errors or (strict and problems) else 0)


def say_problem(problem: Problem, folder: Path, *, err: bool = False) -> None:
    """``file:line:col: error CODE message``, and the hint below it."""
    color = "red" if problem.severity == "error" else "yellow"
    place = f"{folder / problem.file}:{problem.line}:{problem.column}:"
    words = f"{place} {colored(problem.severity, color)} {problem.code} {problem.message}"
    click.echo(words, err=err)
    if problem.hint:
        click.echo(f"    {problem.hint}", err=err)
