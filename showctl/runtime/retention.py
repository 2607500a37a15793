"""How long journals are kept, by class, and how much disk they may take.

A journal is a file for each run, and of a run that goes on for days several (``keeping.py``). What stands in it is of three
classes: *tracks* (what trackers said, which is numbers and nothing else: how many guests, in which zone, where somebody stands
whom lights follow; never who a guest is), *AI text* (what a performer was asked and said), and *audit*: everything else. When
the time of a class is over its records leave the journal; one without its tracks is no longer replayed, but says what was done,
when and by whom. When the audit's time is over, or the disk budget is spent, whole journals go, oldest first; never the newest.
A journal that was shortened says so in its first record, with the last hash that it had.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from showctl.runtime.journal import GENESIS, JournalDamagedError, Record, append, open_database, read
from showctl.show.instants import SECOND
from showctl.show.show import Show
from showctl.show.triggers import InputSource

log = logging.getLogger(__name__)

AUDIT, TRACKS, AI_TEXT = "audit", "tracks", "ai_text"
DAY: Final = 86_400 * SECOND
AT_ONCE: Final = 500
"""Records that are copied in one transaction."""


class BadRetentionError(ValueError):
    """What was asked for means nothing; the message says what would."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Days for each class, and the megabytes that all journals together may take."""

    audit: int = 400
    tracks: int = 14
    ai_text: int = 14
    budget: int = 4096

    @classmethod
    def parse(cls, words: str) -> Retention:
        """``tracks=7,budget=500``; what is left out stays as it is. BadRetentionError for anything else."""
        given: dict[str, int] = {}
        for part in filter(None, (part.strip() for part in words.split(","))):
            name, _, number = part.partition("=")
            if name not in cls.__slots__ or not number.isdecimal() or len(number) > 9:
                raise BadRetentionError(f"{part!r} is not audit=DAYS, tracks=DAYS, ai_text=DAYS or budget=MEGABYTES")
            given[name] = int(number)
        return cls(**given)


@dataclass(frozen=True, slots=True)
class Kept:
    """One journal of a state folder."""

    path: Path
    began: int
    """Wall clock, nanoseconds."""
    size: int
    without: tuple[str, ...]
    """Classes that have left it."""
    revisions: tuple[str, ...]
    """The shows that it ran with."""


Classes = Callable[[Record], str]


def classes(show: Show | None) -> Classes:
    """What class a record is of, by the show that it ran with; without one only what says so itself is recognised."""
    tracked = {InputSource.ZONE_COUNT, InputSource.GUESTS, InputSource.GESTURE}
    inputs = {item.name for item in show.inputs if item.source in tracked} if show else set()
    kinds = {device.name: device.kind.name for device in show.devices} if show else {}

    def of(record: Record) -> str:
        body = record.body
        device = kinds.get(str(body.get("device", "")), "")
        if device == "ai_performer" and (
            record.kind == "dispatch" or body.get("field") in ("line", "answer") or body.get("event") == "Ask"
        ):
            return AI_TEXT
        if record.kind == "input" and body.get("event") == "TrackMoved":
            return TRACKS
        if record.kind == "input" and (
            device == "tracker"
            or body.get("event") == "TrackMoved"
            or (body.get("event") == "InputChanged" and body.get("name") in inputs)
        ):
            return TRACKS
        return AUDIT

    return of


def journals(state: Path) -> list[Kept]:
    """Every journal of a state folder that can be read, oldest first."""
    found = [_kept(path) for path in sorted(state.glob("journal-*.db"), key=lambda path: path.name)]
    return [kept for kept in found if kept is not None]


def _kept(path: Path) -> Kept | None:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            query = "SELECT kind, body FROM records WHERE kind IN ('anchor', 'reload', 'shortened') ORDER BY serial"
            records = [Record(0, kind, _body(body)) for kind, body in database.execute(query)]
    except (sqlite3.Error, ValueError):
        return None
    anchors = [record.body for record in records if record.kind == "anchor"]
    if not anchors:
        return None
    revisions = [str(body.get("show_digest", "")) for body in anchors]
    revisions += [str(record.body.get("revision", "")) for record in records if record.kind == "reload"]
    without = next((tuple(record.body["without"]) for record in records if record.kind == "shortened"), ())
    return Kept(
        path,
        int(anchors[0].get("began", anchors[0]["wall"])),
        _size(path),
        without,
        tuple(dict.fromkeys(filter(None, revisions))),
    )


def _body(text: str) -> dict[str, object]:
    import json

    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("a record is an object")
    return found


def _size(path: Path) -> int:
    parts = (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm"))
    return sum(part.stat().st_size for part in parts if part.exists())


def tidy(state: Path, rules: Retention, now: int, show_of: Callable[[str], Show | None]) -> list[str]:
    """Does what ``rules`` ask, but for the newest journal; says what was done. ``now`` is wall clock, nanoseconds."""
    kept: list[Kept] = []
    said: list[str] = []
    for item in journals(state)[:-1]:
        age = (now - item.began) // DAY
        if age >= rules.audit:
            said.append(f"{item.path.name} is {age} days old and is removed")
            remove(item.path)
            continue
        over = [name for name, days in ((TRACKS, rules.tracks), (AI_TEXT, rules.ai_text)) if age >= days]
        if set(over) - set(item.without):
            of = classes(next((show for revision in item.revisions if (show := show_of(revision)) is not None), None))
            try:
                shorten(item.path, tuple(over), of)
            except (JournalDamagedError, sqlite3.Error, OSError) as error:
                said.append(f"{item.path.name} cannot be shortened: {error}")
            else:
                said.append(f"{item.path.name} is {age} days old and goes on without {' and '.join(over)}")
        kept.append(item)
    total = sum(_size(item.path) for item in journals(state))
    for item in kept:
        if total <= rules.budget << 20:
            break
        total -= _size(item.path)
        said.append(f"{item.path.name} is removed: all journals may take {rules.budget} MB")
        remove(item.path)
    return said


def shorten(path: Path, without: Sequence[str], of: Classes) -> int:
    """The journal goes on without the records of these classes; says how many left. A damaged one is left as it is."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    left, last = 0, GENESIS
    with closing(open_database(new)) as database:
        serial, previous = 0, GENESIS
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as old:
            last = next(old.execute("SELECT hash FROM records ORDER BY serial DESC LIMIT 1"), (GENESIS,))[0]
        first = Record(0, "shortened", {"without": sorted(without), "last_hash": bytes(last).hex()})
        serial, previous = append(database, serial, previous, (first,))
        for some in _in_pieces(read(path)):
            # Every value of its moment stands in a checkpoint, of whatever class.
            staying = [r for r in some if r.kind not in ("shortened", "checkpoint") and of(r) not in without]
            left += len(some) - len(staying)
            if staying:
                serial, previous = append(database, serial, previous, staying)
        database.execute("PRAGMA journal_mode=DELETE")
    with new.open("rb") as handle:
        os.fsync(handle.fileno())
    for name in (f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
    new.replace(path)
    return left


def _in_pieces(records: Iterator[Record]) -> Iterator[list[Record]]:
    some: list[Record] = []
    for record in records:
        some.append(record)
        if len(some) == AT_ONCE:
            yield some
            some = []
    yield some


def remove(path: Path) -> None:
    """Removes a journal."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        with contextlib.suppress(OSError):
            path.with_name(name).unlink()
