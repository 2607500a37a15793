"""``showctl tap``: the hits of a timeline learnt by pressing GO to the music, while the show runs.

Each press is where the timeline stands as the key goes down, by the running show's own clock: what the answer took on its way is
taken off. Nothing is written before the end; then the change is shown as every edit is, and asked for. Rows that are there stay
as they are, with the comments above them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from showctl.cli.client import Client, at_option, find
from showctl.cli.editing import edit, editing
from showctl.cli.say import Trouble, say, times

if TYPE_CHECKING:
    from showctl.show.cues import CueRef
    from showctl.show.show import Show
    from showctl.showfile.hit_edits import Table

HIT: Final = ("space", "enter", "g")
BACK: Final = ("backspace", "u")
END: Final = ("escape", "q", "ctrl-c", "ctrl-d")
SECOND: Final = 1_000_000_000


@dataclass
class Learning:
    """What was tapped so far; ``snap`` moves a moment to where it was meant."""

    snap: Callable[[int], int] = lambda at: at
    hits: list[int] = field(default_factory=list)

    def hit(self, at: int) -> int | None:
        """A moment, in nanoseconds of the timeline; None where there is one already."""
        meant = self.snap(at)
        if meant in self.hits:
            return None
        self.hits.append(meant)
        return meant

    def take_back(self) -> int | None:
        """The last one was none."""
        return self.hits.pop() if self.hits else None

    def into(self, table: Table, cells: dict[str, str]) -> tuple[Table, list[str]]:
        """``table`` with the hits. A moment at which it has a row already is left as it is, and said."""
        taken = {row.at for row in table.rows}
        notes = [f"there is a row at {table.written(at)} already" for at in sorted(self.hits) if at in taken]
        numbered = "name" in table.header and "name" not in cells
        for number, at in enumerate(sorted(set(self.hits) - taken), 1):
            table = table.with_row(at, cells | ({"name": f"tap {number}"} if numbered else {}))
        return table, notes


@click.command()
@click.argument("file")
@at_option
@click.option("--use", help="What each hit is: a template or a look (light, if nothing).")
@click.option("--who", help="Which fixtures.")
@click.option("--level", help="The level there (full).")
@click.option("--time", "over", help="How long it takes.")
@click.option("--color", help="A colour.")
@click.option("--label", "name", help="A name for all of them (tap 1, tap 2 ...).")
@click.option("--snap", type=click.IntRange(1, 64), metavar="N", help="Move each to the nearest N-th of a beat (needs a tempo).")
@editing
def tap(file: str, at: str, folder: Path, yes: bool, dry_run: bool, as_json: bool, snap: int | None, **given: str | None) -> None:
    """Learn hits for FILE: press Space, Enter or G to the music while its timeline runs.

    Backspace or U takes the last one back; Escape, Q or Ctrl-D ends. Without a terminal each line of the input is a hit
    (`undo` takes one back).
    """
    from showctl.showfile.hit_edits import edit_table

    words = {("time" if word == "over" else word): value for word, value in given.items() if value is not None}
    if "who" in words and not words.keys() & {"level", "color", "use"}:
        words["level"] = "full"
    show = _show(folder)
    learning = Learning(_snapping(folder / file, snap))
    _listen(Timeline(find(at), _cue_of(show, file)), learning, quiet=as_json)
    if not learning.hits:
        raise Trouble("nothing was tapped, so nothing changes")
    summary = f"{file} learns {times(len(learning.hits), 'hit')}"
    edit(
        folder, lambda book: edit_table(book, file, summary, lambda table: learning.into(table, words)),
        yes=yes, dry_run=dry_run, as_json=as_json,
    )  # fmt: skip


class Timeline:
    """A timeline of a running show."""

    def __init__(self, client: Client, cue: CueRef) -> None:
        self.client, self.cue = client, cue

    def at(self, pressed: int) -> int | None:
        """Where it stood at ``pressed`` (this machine's monotonic clock); None while it does not run."""
        asked = time.monotonic_ns()
        status = self.client.get("/api/status")
        answered = time.monotonic_ns()
        run = _running(status, self.cue)
        if run is None:
            return None
        standing = run["state"] == "paused"
        since = 0 if standing else (asked + answered) // 2 - pressed
        elapsed: float = run["elapsed"]
        return max(round(elapsed * SECOND) - since, 0)


def _running(status: dict[str, Any], cue: CueRef) -> dict[str, Any] | None:
    for item in status["lists"]:
        for run in item["running"]:
            if item["name"] == cue.list and run["cue"] == cue.label:
                found: dict[str, Any] = run
                return found
    return None


def _listen(timeline: Timeline, learning: Learning, *, quiet: bool) -> None:
    if timeline.at(time.monotonic_ns()) is None and not quiet:
        say(f"{timeline.cue} does not run yet; presses count once it does")
    for key, pressed in _keys():
        if key in END:
            return
        if key in BACK:
            gone = learning.take_back()
            words = "there is nothing to take back" if gone is None else f"taken back: {_seconds(gone)}"
        else:
            at = timeline.at(pressed)
            hit = None if at is None else learning.hit(at)
            words = f"{timeline.cue} does not run" if at is None else "twice" if hit is None else _seconds(hit)
        if not quiet:
            say(words)


def _keys() -> Iterator[tuple[str, int]]:
    """Keys of the terminal, or lines of the input, each with its instant; what is no key here is passed over."""
    if not sys.stdin.isatty():
        for line in sys.stdin:
            yield ("u" if line.strip().lower() in ("u", "undo") else "space"), time.monotonic_ns()
        return
    from showctl.cli.keys import keyboard, read_key

    with keyboard():
        while True:
            key = read_key()
            pressed = time.monotonic_ns()
            if key is not None and key.lower() in (*HIT, *BACK, *END):
                yield key.lower(), pressed


def _seconds(at: int) -> str:
    return f"{at / SECOND:.3f} s"


def _show(folder: Path) -> Show:
    from showctl.showfile import load

    if not (folder / "show.yaml").is_file():
        raise Trouble(f"there is no show in {folder.resolve()}: say --show FOLDER")
    show = load(folder).show
    if show is None:
        raise Trouble(f"{folder} has errors: run `showctl check {folder}`")
    return show


def _cue_of(show: Show, file: str) -> CueRef:
    """The cue whose timeline is in ``file``."""
    for cue_list in show.lists:
        for cue in cue_list.named.values():
            if cue.group is not None and any(member.cue.place.file == file for member in cue.group.members):
                return cue.ref
    raise Trouble(f"no timeline of the show is in {file}, or it has no row yet: timeline: {file}, and a first row")


def _snapping(path: Path, parts: int | None) -> Callable[[int], int]:
    """To the nearest part of a beat, as the table's own tempo counts it; without ``parts`` to a thousandth of a second."""
    from showctl.showfile.edits import CannotEdit
    from showctl.showfile.hit_edits import Table

    if parts is None:
        return lambda at: round(at / 1_000_000) * 1_000_000
    try:
        tempo = Table.read(path.read_text(encoding="utf-8")).tempo
    except CannotEdit as wrong:
        raise Trouble(f"{path}: {wrong}") from None
    if tempo is None:
        raise Trouble(f"{path} has no tempo to snap to: write # tempo: 120 4/4 above its header")

    def snap(at: int) -> int:
        place = tempo.place(at)
        hundredths = round(round(place.hundredths * parts / 100) * 100 / parts)
        begins = tempo.at(type(place)(place.bar, place.beat))
        change = max((c for c in tempo.changes if (c.bar, c.beat) <= (place.bar, place.beat)), key=lambda c: (c.bar, c.beat))
        return round(begins + change.beat_takes * hundredths / 100)

    return snap
