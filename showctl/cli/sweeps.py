"""What ``showctl rehearse --sweep`` and ``--storm`` say, and how what they found is kept as rehearsals."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from showctl.cli.covered import say_broken
from showctl.cli.say import PROBLEMS, Trouble, clock_words, colored, say, say_json, times

if TYPE_CHECKING:
    from showctl.runtime.storms import Stormed
    from showctl.runtime.sweeps import Swept
    from showctl.show.rehearsals import Rehearsal

WORDS: Final = {
    "cues": "every cue jumped to",
    "branches": "every way of every branch and wait",
    "evacuate": "evacuation at every cue",
    "devices": "each machine dead at each cue",
}
MOST_SAID: Final = 40
"""Failures that are spelled out; ``--json`` has all of them."""


def run_sweep(ctx: click.Context, folder: Path, kind: str, names: Sequence[str], keep: Path | None, as_json: bool) -> None:
    """Sweeps and says what came of it. Exit 1 where something was found."""
    from showctl.runtime.sweeps import sweep

    try:
        swept = sweep(folder, kind, names, said=_progress(WORDS[kind]))
    except ValueError as error:
        raise Trouble(str(error)) from error
    kept = [_keep(keep, item.kept, f"{item.words}: {item.failures[0][1]}") for item in swept.failed if keep and item.kept]
    if as_json:
        say_json(swept.to_json() | {"kept": [str(path) for path in kept]})
    else:
        _say_swept(swept, folder, kept)
    ctx.exit(PROBLEMS if swept.failed else 0)


def _say_swept(swept: Swept, folder: Path, kept: Sequence[Path]) -> None:
    for item in swept.failed[:MOST_SAID]:
        where = f"{folder / item.place.file}:{item.place.line}: " if item.place.file else ""
        say(f"{colored('FAIL', 'red')}  {where}{item.words}   ({item.rehearsal} at {clock_words(item.moment)})")
        for moment, message in item.failures[:3]:
            say(f"      at {clock_words(moment)}: {message}")
    if len(swept.failed) > MOST_SAID:
        say(f"      ... and {len(swept.failed) - MOST_SAID} more")
    _say_kept(kept)
    if swept.kind == "devices":
        say_broken(dict(swept.broken))
    count = f"{len(swept.failed)} of {times(len(swept.tried), 'trial')} failed" if swept.failed else f"{len(swept.tried)} passed"
    say(f"{WORDS[swept.kind]}: {count}, along {times(len(swept.courses), 'rehearsal')}, in {swept.wall_seconds:.0f} s")


def run_storm(
    ctx: click.Context, folder: Path, count: int, seed: int, names: Sequence[str], keep: Path | None, as_json: bool
) -> None:
    """Lets random audiences in and says what came of it. Exit 1 where something was found."""
    from showctl.runtime.storms import storm

    try:
        stormed = storm(folder, count, seed, names, said=_progress("audiences"))
    except ValueError as error:
        raise Trouble(str(error)) from error
    kept = [
        _keep(keep, item.kept, f"Audience {item.seed} of a storm, made short. {item.failures[0].message}")
        for item in stormed.failed
        if keep and item.kept
    ]
    if as_json:
        say_json(stormed.to_json() | {"kept": [str(path) for path in kept]})
    else:
        _say_stormed(stormed, folder, kept)
    ctx.exit(PROBLEMS if stormed.failed else 0)


def _say_stormed(stormed: Stormed, folder: Path, kept: Sequence[Path]) -> None:
    for item in stormed.failed[:MOST_SAID]:
        people = f"{times(item.guests, 'guest')}: {item.words}" if item.words else times(item.guests, "guest")
        say(f"{colored('FAIL', 'red')}  audience {item.seed} in {item.rehearsal}   {people}")
        for failure in item.failures[:3]:
            say(f"      {folder / failure.file}:{failure.line}: at {clock_words(failure.moment)}: {failure.message}")
        if item.kept is not None:
            say(f"      made short: {times(len(item.kept.steps), 'line')}; again: --storm 1 --seed {item.seed}")
    if len(stormed.failed) > MOST_SAID:
        say(f"      ... and {len(stormed.failed) - MOST_SAID} more")
    _say_kept(kept)
    for goal in stormed.missed[:MOST_SAID]:
        say(f"      no audience came by {folder / goal.place.file}:{goal.place.line}: {goal.words}")
    ways = f"{stormed.ways - len(stormed.missed)} of {stormed.ways} ways of branches reached"
    count = f"{len(stormed.failed)} of {times(stormed.count, 'audience')} failed" if stormed.failed else f"{stormed.count} passed"
    say(f"audiences {stormed.seed} to {stormed.seed + stormed.count - 1}: {count}, {ways}, in {stormed.wall_seconds:.0f} s")
    say(f"verdicts {stormed.digest[:16]}")


def _say_kept(kept: Sequence[Path]) -> None:
    for path in kept:
        say(f"      kept as {path}")


def _keep(folder: Path | None, rehearsal: Rehearsal, comment: str) -> Path:
    """Writes what was found as a rehearsal of its own; never over another file."""
    from showctl.showfile.rehearsal_text import rehearsal_text

    assert folder is not None
    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^a-z0-9]+", "_", rehearsal.name.lower()).strip("_")[:60] or "kept"
    number, path = 1, folder / f"{stem}.yaml"
    while path.exists():
        number += 1
        path = folder / f"{stem}_{number}.yaml"
    new = path.with_name(path.name + ".new")
    new.write_text(rehearsal_text(rehearsal, comment), encoding="utf-8")
    new.replace(path)
    return path


def _progress(what: str) -> Callable[[int, int], None]:
    """Says how far it is, on a terminal only."""
    shown = sys.stderr.isatty()

    def said(done: int, total: int) -> None:
        if shown and (done % 10 == 0 or done == total):
            click.echo(f"\r{what}: {done} of {total}" + ("\n" if done == total else ""), nl=False, err=True)

    return said
