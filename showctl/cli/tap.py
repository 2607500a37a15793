"""``showctl tap``: the hits of a timeline learnt by pressing GO to the music, while the show runs.

Each press is where the timeline stands as the key goes down, by the running show's own clock: what the answer took on its way is
taken off. With ``--go LIST`` every GO on that list, from wherever it is pressed, is one too: the journal has its instant. Nothing
is written before the end; then the change is shown as every edit is, and asked for. Rows that are there stay as they are, with
the comments above them.
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from showctl.cli.client import Client, at_option, find, running_show
from showctl.cli.editing import edit, editing
from showctl.cli.log import newest_journal
from showctl.cli.say import Trouble, say, times

if TYPE_CHECKING:
    from showctl.runtime.journal import Record
    from showctl.show.cues import CueRef
    from showctl.show.show import Show
    from showctl.showfile.hit_edits import Table

HIT: Final = ("space", "enter", "g")
BACK: Final = ("backspace", "u")
END: Final = ("escape", "q", "ctrl-c", "ctrl-d")
SECOND: Final = 1_000_000_000
LOOK_EVERY_S: Final = 0.25


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
@click.option("--go", "go", metavar="LIST", help="Each GO on LIST is a hit, too, from whatever desk or button.")
@click.option("--snap", type=click.IntRange(1, 64), metavar="N", help="Move each to the nearest N-th of a beat (needs a tempo).")
@editing
def tap(
    file: str,
    at: str,
    folder: Path,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    go: str | None,
    snap: int | None,
    **given: str | None,
) -> None:
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
    presses = None
    if go is not None:
        if go not in show.list_named:
            raise Trouble(f"there is no list {go}; there are {', '.join(show.list_named)}")
        presses = Presses(newest_journal(Path(running_show(at).state)), (go, "") if go == show.main_list else (go,))
    _listen(Timeline(find(at), _cue_of(show, file)), learning, presses, quiet=as_json)
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
        return self._stood(status, (asked + answered) // 2 - pressed)

    def at_instant(self, instant: int) -> int | None:
        """Where it stood at that instant of show time, a moment ago."""
        status = self.client.get("/api/status")
        return self._stood(status, round(status["now"] * SECOND) - instant)

    def _stood(self, status: dict[str, Any], ago: int) -> int | None:
        run = _running(status, self.cue)
        if run is None:
            return None
        elapsed: float = run["elapsed"]
        return max(round(elapsed * SECOND) - (0 if run["state"] == "paused" else ago), 0)


class Presses:
    """GO on a list, as the journal of the running show has it."""

    def __init__(self, journal: Path, lists: tuple[str, ...]) -> None:
        self._journal, self._lists = journal, lists
        self._serial, _ = self._read(0)

    def new(self) -> list[int]:
        """The instants, in show time, of what was pressed since this was last asked."""
        self._serial, records = self._read(self._serial)
        heard = [record for record in records if record.kind == "input" and record.body.get("event") == "Go"]
        return [record.instant for record in heard if record.body.get("list") in self._lists]

    def _read(self, serial: int) -> tuple[int, list[Record]]:
        from showctl.runtime.journal import JournalDamagedError, read_since

        try:
            return read_since(self._journal, serial)
        except JournalDamagedError as problem:
            raise Trouble(str(problem)) from None


def _running(status: dict[str, Any], cue: CueRef) -> dict[str, Any] | None:
    for item in status["lists"]:
        for run in item["running"]:
            if item["name"] == cue.list and run["cue"] == cue.label:
                found: dict[str, Any] = run
                return found
    return None


def _listen(timeline: Timeline, learning: Learning, presses: Presses | None, *, quiet: bool) -> None:
    if timeline.at(time.monotonic_ns()) is None and not quiet:
        say(f"{timeline.cue} does not run yet; presses count once it does")
    for key, pressed in _keys():
        said = [_hit(timeline, learning, timeline.at_instant(instant)) for instant in (presses.new() if presses else ())]
        if key in END:
            return
        if key in BACK:
            gone = learning.take_back()
            said.append("there is nothing to take back" if gone is None else f"taken back: {_seconds(gone)}")
        elif key:
            said.append(_hit(timeline, learning, timeline.at(pressed)))
        for words in said if not quiet else ():
            say(words)


def _hit(timeline: Timeline, learning: Learning, at: int | None) -> str:
    """Takes note of a press; what is to be said of it."""
    hit = None if at is None else learning.hit(at)
    return f"{timeline.cue} does not run" if at is None else "twice" if hit is None else _seconds(hit)


def _keys() -> Iterator[tuple[str, int]]:
    """Keys of the terminal, or lines of the input, each with its instant; what is no key here is passed over.

    While nothing is pressed "" comes every so often.
    """
    if sys.stdin.isatty():
        from showctl.cli.keys import keyboard, read_key

        with keyboard():
            while True:
                key = (read_key(LOOK_EVERY_S) or "").lower()
                if key in (*HIT, *BACK, *END, ""):
                    yield key, time.monotonic_ns()
    left, number = b"", sys.stdin.fileno()
    while True:
        if not select.select([number], [], [], LOOK_EVERY_S)[0]:
            yield "", time.monotonic_ns()
            continue
        data, pressed = os.read(number, 4096), time.monotonic_ns()
        *lines, left = (left + data).split(b"\n")
        for line in lines:
            yield ("u" if line.strip().lower() in (b"u", b"undo") else "space"), pressed
        if not data:
            yield "ctrl-d", pressed


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
