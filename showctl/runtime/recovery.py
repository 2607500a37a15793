"""Taking a run up again, and running it again: what the journal is for.

*Replay* feeds a journal's inputs to a fresh engine and compares what it dispatches with what was written: the first record
that differs is named. *Recovery* does the same from the last checkpoint, without comparing, and lets time pass until now:
running cues are where they would be, waits are due at their due instant. What was due while nobody was there is not made up
for: a momentary action is never sent late, and one that was written counts as sent (R14); state and what plays are asked
for again by the drivers, at the position where it would be (``standing``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from showctl.engine.checkpoint import UnreadableStateError, restore
from showctl.engine.commands import Command, Tell
from showctl.engine.events import Grab, Origin, from_record
from showctl.engine.hazards import restarted
from showctl.engine.state import State
from showctl.engine.step import initial, step
from showctl.light.plan import RowKind
from showctl.runtime.journal import JournalDamagedError, Record, read_tail
from showctl.runtime.playback import dispatch_record
from showctl.show.instants import Instant
from showctl.show.show import Show

COMPARED: Final = ("dispatch", "light")
KEPT: Final = Origin("journal", "showctl")
"""Who parks again what was parked before."""


# --- replay -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Differs:
    """The first record that the replay made otherwise. ``number`` counts dispatches from 1; one side is None past its end."""

    number: int
    written: Record | None
    made: Record | None

    def words(self) -> str:
        """The difference in a sentence."""
        if self.made is None:
            return f"dispatch {self.number} was written, and the replay makes none: {_short(self.written)}"
        if self.written is None:
            return f"dispatch {self.number} is made by the replay, and was not written: {_short(self.made)}"
        return f"dispatch {self.number} was {_short(self.written)}, and the replay makes {_short(self.made)}"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a replay."""

    inputs: int
    dispatches: int
    differs: Differs | None
    state: State


def replay(show: Show, records: Iterable[Record]) -> Replayed:
    """Runs the journal's inputs again and compares every dispatch, in order."""
    state = initial(show)
    written: list[Record] = []
    made: list[Record] = []
    inputs = 0
    last = 0
    for number, record in enumerate(records):
        if record.kind == "anchor" and number:
            state, made_safe = _broke_off(show, state, last)
            made += made_safe
        last = max(last, record.instant)
        if record.kind in COMPARED:
            written.append(record)
        elif record.kind == "input":
            inputs += 1
            state, commands = step(show, state, from_record(record.body), record.instant)
            made += _dispatches(commands)
    state, commands = step(show, state, None, last)
    made += _dispatches(commands)
    differs = next(
        (Differs(n + 1, a, b) for n, (a, b) in enumerate(_side_by_side(written, made)) if a != b),
        None,
    )
    return Replayed(inputs, len(written), differs, state)


def _broke_off(show: Show, state: State, last: Instant) -> tuple[State, list[Record]]:
    """Another process took the run up here: what was due until then, and then every hazard is safe."""
    state, commands = step(show, state, None, max(last, state.now))
    state, tells = restarted(show, state)
    return state, _dispatches((*commands, *tells))


def _side_by_side(a: list[Record], b: list[Record]) -> Iterator[tuple[Record | None, Record | None]]:
    for n in range(max(len(a), len(b))):
        yield (a[n] if n < len(a) else None), (b[n] if n < len(b) else None)


def _dispatches(commands: tuple[Command, ...]) -> list[Record]:
    made = [dispatch_record(command) for command in commands]
    return [record for record in made if record is not None and record.kind in COMPARED]


def _short(record: Record | None) -> str:
    if record is None:
        return "nothing"
    body = record.body
    words = f"{body['device']} {body['verb']}" if record.kind == "dispatch" else f"light change {body['serial']}"
    return f"{words} at {record.instant / 1e9:.6f} s"


# --- recovery ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """The last run of a state folder: its state at its last record, its first anchor, and where its journal is."""

    path: Path
    state: State
    anchor: dict[str, Any]
    ended: bool
    """It ended in good order: nothing is taken up but what people parked."""
    unwritten: tuple[Record, ...]
    """Dispatches that follow from the journal's inputs and that it no longer got to write."""


def last_run(folder: Path, show: Show, show_digest: str) -> Taken | None:
    """The newest journal in a state folder, if it is of this very show and readable."""
    journals = sorted(folder.glob("journal-*.db"), key=lambda path: path.name)
    return _take(journals[-1], show, show_digest) if journals else None


def _take(path: Path, show: Show, show_digest: str) -> Taken | None:
    try:
        anchor, records = read_tail(path)
        if anchor is None or any(r.kind == "anchor" and r.body.get("show_digest") != show_digest for r in (anchor, *records)):
            return None
        state = restore(records[0].body) if records and records[0].kind == "checkpoint" else initial(show)
        written, made = 0, list[Record]()
        last = state.now
        for number, record in enumerate(records):
            if record.kind == "anchor" and number:
                state, made_safe = _broke_off(show, state, last)
                made += made_safe
            last = max(last, record.instant)
            written += record.kind in COMPARED
            if record.kind == "input":
                state, commands = step(show, state, from_record(record.body), max(record.instant, state.now))
                made += _dispatches(commands)
        state, commands = step(show, state, None, max(last, state.now))
        made += _dispatches(commands)
    except (JournalDamagedError, UnreadableStateError, KeyError, TypeError):
        return None
    ended = bool(records) and records[-1].kind == "end"
    return Taken(path, state, anchor.body, ended, tuple(made[written:]))


def caught_up(show: Show, state: State, now: Instant) -> tuple[State, tuple[Command, ...]]:
    """The state at ``now``, and what fell due while nobody was there: to be written, and not to be sent."""
    return step(show, state, None, max(now, state.now))


def standing(state: State) -> tuple[Tell, ...]:
    """What devices are doing by the show's will, as it was asked at its own instant: what a driver has to know of."""
    return tuple(Tell(kept.instant, 0, kept.device, kept.verb, kept.arguments, kept.kind) for kept in state.performed.values())


def parks(state: State) -> tuple[Grab, ...]:
    """What people parked, to be parked again in a new run: parks outlive the program (R16)."""
    rows = state.plan.rows[state.plan.rows["kind"] == RowKind.PARK]
    return tuple(
        Grab((int(row["parameter"]),), (int(row["target"]),), True, state.grabbed.get(int(row["parameter"]), ""), KEPT)
        for row in rows
    )


def folder_digest(folder: Path) -> str:
    """SHA-256 over every text file of a show folder: two folders that read alike run alike."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".yaml", ".yml", ".csv") and path.is_file():
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
