"""What keeps a journal short to read and small enough to go: checkpoints, and a new file now and then.

A checkpoint each minute, so that taking up a long day does not begin in the morning; one soon after a long run was taken up,
and one as soon as the journal keeps things again, for what happened meanwhile stands nowhere else. Once a day, when nothing
runs, the journal goes on in a new file, which begins with the same anchor and a checkpoint; were there no such moment, or too
much to write, it does so anyway. So there is always an older file that ``retention.py`` may remove.

A checkpoint is made in pieces while the show goes on (``go_on``): its moment stands in the journal, and the checkpoint
follows when it is written. Who takes the run up reads what came after the moment. That of a new file is made at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from showctl.engine.checkpoint import keep
from showctl.engine.checkpoint_pieces import Text, text_of
from showctl.engine.state import State
from showctl.runtime.journal import Record, SqliteJournal
from showctl.show.instants import SECOND, Instant

CHECKPOINT_EVERY: Final = 60 * SECOND
LONGEST_TAIL: Final = 100
"""Records after the last checkpoint: an engine that took up more keeps its state soon after it has begun..."""
KEEP_AFTER: Final = SECOND // 3
"""... so soon."""
TURN_AFTER: Final = 86_400 * SECOND
"""A journal that old goes on in a new file when nothing runs..."""
TURN_AT: Final = 128 << 20
"""... and one of so many bytes at once, ..."""
TURN_ANYWAY: Final = 2 * TURN_AFTER
"""... as does one of that age."""


class Keeper:
    """Keeps one run's journal; ``look`` after each thing that happened."""

    def __init__(
        self,
        journal: SqliteJournal,
        anchor: Callable[[], dict[str, Any]],
        state: Callable[[], State],
        ran_with: Callable[[], dict[str, Any]],
        now: Instant,
        began: int,
        tail: int = 0,
    ) -> None:
        """``began``: wall clock (nanoseconds) of the journal's first record; ``tail``: records after its last checkpoint."""
        self._journal, self._anchor, self._state, self._ran_with = journal, anchor, state, ran_with
        self._kept_at = now
        if tail > LONGEST_TAIL:
            self._kept_at += KEEP_AFTER - CHECKPOINT_EVERY  # or an engine that keeps dying would take longer each time
        self._began = now - max(time.time_ns() - began, 0)
        """When the journal began, in show time."""
        self._unrecorded = False
        """The journal did not take what it was given last."""
        self._going: tuple[Instant, Text] | None = None
        """A state that is being written, and its instant."""

    def look(self, now: Instant) -> None:
        """Keeps the state where it is time."""
        mended = self._unrecorded and not self._journal.trouble
        self._unrecorded = bool(self._journal.trouble)
        if mended or now - self._kept_at >= CHECKPOINT_EVERY:
            self.keep(now)

    def keep(self, now: Instant) -> None:
        """Keeps the state as it is now: the rest is up to ``go_on``."""
        self._kept_at = now
        state = self._state()
        if not self._is_over(state, now):
            self._journal.post((Record(state.now, "moment", {"moment": now}),))
            self._going = state.now, text_of(state, self._ran_with() | {"moment": now})
            return
        self._going = None
        checkpoint = Record(state.now, "checkpoint", keep(state) | self._ran_with())
        older = self._journal.path
        first = self._anchor() | {"follows": older.name, "began": time.time_ns()}
        self._journal.turn_over(new_path(older.parent, older.name), (Record(first["show"], "anchor", first), checkpoint))
        self._began = now

    def go_on(self) -> bool:
        """Writes one more piece of what is kept. False: nothing is being written."""
        if self._going is None:
            return False
        instant, text = self._going
        try:
            next(text)
        except StopIteration as done:
            self._going = None
            self._journal.post((Record(instant, "checkpoint", {}, done.value),))
        return self._going is not None

    def _is_over(self, state: State, now: Instant) -> bool:
        age = now - self._began
        if age < TURN_AFTER and self._journal.size() < TURN_AT:
            return False
        return not state.runs or age >= TURN_ANYWAY or self._journal.size() >= TURN_AT


def new_path(folder: Path, after: str = "") -> Path:
    """A name for a journal that begins now. It stands behind ``after``, were the clock put back meanwhile."""
    name = f"journal-{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 10**6:06}.db"
    return folder / (name if name > after else f"{after.removesuffix('.db')}a.db")
