"""``showctl replay JOURNAL``: the inputs of a journal run again, and every dispatch compared with what was written.

The journal names the show that it ran with, and the revisions that it was reloaded with; they are kept beside it. ``--show``
names another folder to begin with. Exit 0: the replay is the run. 1: it differs (the first record that does is named), or the
journal was tampered with. The digest is of every output: light changes, reloads and device commands.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import click

from showctl.cli.log import newest_journal
from showctl.cli.say import PROBLEMS, Refused, Trouble, as_json, say, say_json

if TYPE_CHECKING:
    from showctl.show.show import Show


@click.command()
@click.argument("journal", type=click.Path(exists=True, path_type=Path))
@click.option("--show", "folder", type=click.Path(path_type=Path), help="Another show folder than the one that was kept.")
@as_json
@click.pass_context
def replay(ctx: click.Context, journal: Path, folder: Path | None, as_json: bool) -> None:
    """Run JOURNAL's inputs again (a file, or a state folder: the newest in it) and compare what comes of them."""
    import sqlite3

    from showctl.runtime.journal import JournalDamagedError, read
    from showctl.runtime.recovery import COMPARED
    from showctl.runtime.recovery import replay as run_again
    from showctl.runtime.revisions import folder_digest

    path = newest_journal(journal)
    began = perf_counter()
    try:
        records = list(read(path))
    except JournalDamagedError as error:
        say_json({"journal": str(path), "same": False, "damage": str(error)}) if as_json else say(f"{path}: {error}")
        ctx.exit(PROBLEMS)
    except sqlite3.Error as error:
        raise Trouble(f"{path} cannot be read as a journal: {error}") from None
    if shortened := next((record for record in records if record.kind == "shortened"), None):
        raise Refused(f"{path} goes on without {' and '.join(shortened.body['without'])}: it cannot be run again")
    anchor = next((record.body for record in records if record.kind == "anchor"), {})
    revision = str(anchor.get("show_digest", ""))
    if not revision and folder is not None and folder.is_dir():
        revision = folder_digest(folder)  # a rehearsal's journal names no show: it is the one that is given
    place = folder or path.parent / "shows" / revision
    same_show = folder is None or revision == folder_digest(folder)
    if not revision or not place.is_dir():
        raise Trouble(
            f"the show of {path} is not kept beside it: say --show FOLDER" if folder is None else f"there is no folder {folder}"
        )
    shows = {revision: _show(place)}
    try:
        named = [str(record.body["revision"]) for record in records if record.kind == "reload"]
        if len(records) > 1 and anchor.get("follows") and records[1].kind == "checkpoint":  # cues may finish as they began
            named += [str(records[1].body["revision"]), *map(str, records[1].body["begun"].values())]
        for later in dict.fromkeys(named):
            if later not in shows:
                shows[later] = _show(path.parent / "shows" / later)
        result = run_again(shows[revision], records, shows.__getitem__)
    except KeyError as error:
        raise Trouble(f"{path} has a record that this version cannot read: {error}") from None
    digest = hashlib.sha256()
    for record in records:
        if record.kind in COMPARED:
            digest.update(f"{record.instant} {record.encoded()}\n".encode())
    words = "" if result.differs is None else result.differs.words()
    if as_json:
        say_json(
            {
                "journal": str(path),
                "same": result.differs is None,
                "same_show": same_show,
                "inputs": result.inputs,
                "dispatches": result.dispatches,
                "digest": digest.hexdigest(),
                "differs": words,
                "wall_seconds": round(perf_counter() - began, 3),
            }
        )
    else:
        if not same_show:
            say("The show folder is not the one that was run: differences are to be expected.")
        say(f"{result.inputs} inputs, {result.dispatches} dispatches, {perf_counter() - began:.1f} s")
        say(f"digest {digest.hexdigest()}")
        say("The replay is the run." if result.differs is None else words)
    ctx.exit(0 if result.differs is None else PROBLEMS)


def _show(folder: Path) -> Show:
    from showctl.showfile import load

    if not folder.is_dir():
        raise Trouble(f"the show was reloaded on the way, and that revision is not kept: there is no folder {folder}")
    loaded = load(folder)
    if loaded.show is None:
        raise Trouble(f"{folder} has errors: run `showctl check {folder}`")
    return loaded.show
