"""Taking a run up again, and running it again: what the journal is for.

*Replay* feeds a journal's inputs to a fresh engine and compares what it dispatches with what was written: the first record
that differs is named. *Recovery* does the same from the last checkpoint, without comparing, and lets time pass until now:
running cues are where they would be, waits are due at their due instant. What was due while nobody was there is not made up
for: a momentary action is never sent late, and one that was written counts as sent (R14); state and what plays are asked
for again by the drivers, at the position where it would be (``standing``).

Both need the show as it was: ``shows`` finds a revision by the digest that anchors, reloads and checkpoints name
(``revisions.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, TypeAlias

from showctl.engine.carrying import GONE, Ways
from showctl.engine.checkpoint import UnreadableStateError, restore
from showctl.engine.commands import Command, Tell
from showctl.engine.events import Grab, Origin, from_record
from showctl.engine.following import told
from showctl.engine.harmless import restarted
from showctl.engine.muted import holder, hushes
from showctl.engine.performing import faded
from showctl.engine.reloading import begun_again, reload
from showctl.engine.stage import stage_of
from showctl.engine.state import State
from showctl.engine.step import initial, step
from showctl.engine.tags import Tags
from showctl.light.plan import RowKind
from showctl.runtime.journal import JournalDamagedError, Record, is_empty, read_tail
from showctl.runtime.playback import dispatch_record, reload_record
from showctl.show.cues import ActionClass
from showctl.show.instants import Instant
from showctl.show.show import Show

Shows: TypeAlias = Callable[[str], Show]
"""The show of a revision. LookupError where nobody has kept it."""

COMPARED: Final = ("dispatch", "light", "reload")
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


def replay(show: Show, records: Iterable[Record], shows: Shows | None = None) -> Replayed:
    """Runs the journal's inputs again, ``show`` being what it began with, and compares every dispatch, in order.

    A journal that goes on from another one begins with a checkpoint. LookupError where the show was changed on the way, and
    nobody has kept what it was changed to.
    """
    coming = iter(records)
    head = list(islice(coming, 2))
    if len(head) == 2 and head[0].body.get("follows") and head[1].kind == "checkpoint":
        again = _begin(head[0], [head.pop()], shows or {str(head[0].body["show_digest"]): show}.__getitem__)
    else:
        again = Again(show, initial(show), shows)
    written: list[Record] = []
    inputs = 0
    for record in chain(head, coming):
        again.feed(record)
        inputs += record.kind == "input"
        if record.kind in COMPARED:
            written.append(record)
    made = again.ended()
    differs = next(
        (Differs(n + 1, a, b) for n, (a, b) in enumerate(_side_by_side(written, made)) if a != b),
        None,
    )
    return Replayed(inputs, len(written), differs, again.state)


class Again:
    """A journal that is run again, record by record, from ``state`` on."""

    def __init__(self, show: Show, state: State, shows: Shows | None = None, revision: str = "") -> None:
        self.show, self.state, self.revision = show, state, revision
        self.made: list[Record] = []
        """What came of it, as far as it is compared."""
        self._shows = shows or _nobody
        self._last = state.now
        self._first = True

    def feed(self, record: Record) -> None:
        """The next record of the journal. What does not do anything by itself is passed over."""
        match record.kind:
            case "anchor":
                self.revision = self.revision or str(record.body.get("show_digest", ""))
                if not self._first:
                    self._broke_off()
            case "input":
                now = max(record.instant, self.state.now)
                self.state, commands = step(self.show, self.state, from_record(record.body), now)
                self._make(commands)
            case "reload":
                self._reload(str(record.body["revision"]), record.instant)
            case _:
                pass
        self._first = False
        self._last = max(self._last, record.instant)

    def ended(self) -> list[Record]:
        """Everything that came of it, until its last record."""
        self.state, commands = step(self.show, self.state, None, max(self._last, self.state.now))
        self._make(commands)
        return self.made

    def _broke_off(self) -> None:
        """Another process took the run up here: what was due until then, and then every hazard is safe."""
        state, commands = step(self.show, self.state, None, max(self._last, self.state.now))
        self.state, tells = restarted(self.show, state)
        self._make((*commands, *tells))

    def _reload(self, revision: str, now: Instant) -> None:
        done = reload(self.show, self._shows(revision), self.state, now, self.revision)
        self._make(done.due)
        self.made.append(reload_record(done, revision))
        self._make(done.commands)
        self.show, self.state, self.revision = done.show, done.state, revision

    def _make(self, commands: tuple[Command, ...]) -> None:
        made = [dispatch_record(command) for command in commands]
        self.made += [record for record in made if record is not None and record.kind in COMPARED]


def _nobody(revision: str) -> Show:
    raise LookupError(f"the show was changed to {revision[:12]} on the way, and that is not here")


def _side_by_side(a: list[Record], b: list[Record]) -> Iterator[tuple[Record | None, Record | None]]:
    for n in range(max(len(a), len(b))):
        yield (a[n] if n < len(a) else None), (b[n] if n < len(b) else None)


def _short(record: Record | None) -> str:
    if record is None:
        return "nothing"
    body = record.body
    words = f"{body['device']} {body['verb']}" if record.kind == "dispatch" else f"light change {body['serial']}"
    if record.kind == "reload":
        words = f"the reload of {body['revision'][:12]}"
    return f"{words} at {record.instant / 1e9:.6f} s"


# --- recovery ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """The last run of a state folder: its state at its last record, its first anchor, and where its journal is."""

    path: Path
    show: Show
    """What ran, with the cues that were to finish as they began."""
    revision: str
    state: State
    anchor: dict[str, Any]
    ended: bool
    """It ended in good order: nothing is taken up but what people parked."""
    unwritten: tuple[Record, ...]
    """Dispatches that follow from the journal's inputs and that it no longer got to write."""
    tail: int = 0
    """How many records stand after the last checkpoint: what taking it up had to read."""


def last_run(folder: Path, shows: Shows) -> Taken | None:
    """The newest journal in a state folder, if it is readable and its show was kept. One that never began is none."""
    journals = sorted(folder.glob("journal-*.db"), key=lambda path: path.name, reverse=True)
    newest = next((path for path in journals if not is_empty(path)), None)
    return None if newest is None else _take(newest, shows)


def _take(path: Path, shows: Shows) -> Taken | None:
    try:
        anchor, records = read_tail(path)
        if anchor is None:
            return None
        again = _begin(anchor, records, shows)
        for record in records:
            again.feed(record)
        made = again.ended()
    except (JournalDamagedError, UnreadableStateError, LookupError, TypeError):
        return None
    written = sum(record.kind in COMPARED for record in records)
    ended = bool(records) and records[-1].kind == "end"
    return Taken(path, again.show, again.revision, again.state, anchor.body, ended, tuple(made[written:]), len(records))


def _begin(anchor: Record, records: list[Record], shows: Shows) -> Again:
    """Where the last checkpoint stands, or at the very beginning."""
    body = records[0].body if records and records[0].kind == "checkpoint" else {}
    revision = str(body.get("revision") or anchor.body.get("show_digest", ""))
    show = shows(revision)
    if not body:
        return Again(show, initial(show), shows, revision)
    state = restore(body)
    begun = {int(number): str(of) for number, of in body.get("begun", {}).items()}
    return Again(begun_again(shows, show, state, begun) if begun else show, state, shows, revision)


def caught_up(show: Show, state: State, now: Instant) -> tuple[State, tuple[Command, ...]]:
    """The state at ``now``, and what fell due while nobody was there: to be written, and not to be sent."""
    return step(show, state, None, max(now, state.now))


def stopped(state: State, commands: tuple[Command, ...]) -> tuple[Tell, ...]:
    """Of what fell due while nobody was there: what stops a player, which would play on for ever otherwise.

    A stop of what plays again by now is left out: it would stop that.
    """

    def plays(stop: Tell) -> bool:
        where = {word: value for word, value in stop.arguments if word != "fade"}
        return any(
            kept.device == stop.device and where.items() <= dict(kept.arguments).items()
            for kept in state.performed.values()
            if kept.kind is ActionClass.RESUME
        )

    return tuple(c for c in commands if isinstance(c, Tell) and c.verb == "stop" and not plays(c))


def standing(show: Show, state: State) -> tuple[Tell, ...]:
    """What devices are doing by the show's will, as it was asked at its own instant: what a driver has to know of.

    Those that somebody has muted are quiet.
    """
    found = []
    stage, held = stage_of(show), (Tags() if state.latch else state.tags)
    for device in show.devices if held.muted else ():
        quiet = dict.fromkeys(order for how in hushes(stage, held, device.name) for order in how.quiet)
        found += [Tell(state.now, 0, device.name, verb, arguments, ActionClass.STATE) for verb, arguments in quiet]
    for kept in state.performed.values():
        if holder(stage, held, kept.device, kept.verb, kept.arguments):
            continue
        found.append(Tell(kept.instant, 0, kept.device, kept.verb, kept.arguments, kept.kind))
        if (fade := faded(show, kept)) is not None:
            found.append(Tell(kept.instant, 0, kept.device, "fade", fade, ActionClass.STATE))
        seen = told(show, state.traces, kept.device, kept.verb, kept.arguments, state.now)
        if seen is not None:
            found.append(Tell(state.now, 0, kept.device, "track", seen, ActionClass.MOMENTARY))
    return tuple(found)


def parks(state: State, old: Show, new: Show) -> tuple[Grab, ...]:
    """What people parked in ``old``, to be parked again in a new run of ``new``: parks outlive the program (R16)."""
    rows = state.plan.rows[state.plan.rows["kind"] == RowKind.PARK]
    now = Ways(old, new).parameters
    return tuple(
        Grab((int(now[row["parameter"]]),), (int(row["target"]),), True, state.grabbed.get(int(row["parameter"]), ""), KEPT)
        for row in rows
        if now[row["parameter"]] != GONE
    )
