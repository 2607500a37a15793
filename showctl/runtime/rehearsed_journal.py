"""The journal of a rehearsal that is about the journal: kept in memory, and it breaks on request as the one on disk does.

A script says ``fault: journal disk full for 30s``, ``fault: journal stalled`` or ``fault: journal works``; lines may ask for
``journal.state`` (ok, full, stalled) and the rest of ``NAMES``. What must hold is what ``journal.py`` promises: the show goes on,
what was lost is counted, and the gap stands in the journal before whatever is written next.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

from showctl.runtime.journal import GENESIS, MOST_WAITING, Record, chained
from showctl.show.cues import Value
from showctl.show.instants import Duration, Instant, seconds
from showctl.show.rehearsals import Rehearsal

NAME: Final = "journal"
NAMES: Final[Mapping[str, str]] = {
    "journal.state": "text",
    "journal.late": "truth",
    "journal.records": "number",
    "journal.waiting": "number",
    "journal.lost": "number",
    "journal.gaps": "number",
}
KNOWN: Final = "disk full [for TIME], stalled [for TIME] and works"
_UNITS: Final = {"ms": 0.001, "s": 1.0, "min": 60.0}


def speaks_of_it(rehearsal: Rehearsal) -> bool:
    """Whether a line of ``rehearsal`` breaks the journal or asks about it: keeping one costs every event its record."""
    acted = any(step.what in ("fault", "set") and step.words.split(" ")[0] == NAME for step in rehearsal.steps)
    asked = [text for line in rehearsal.expectations for text in (line.that, line.meanwhile, *line.order)]
    asked += [line.that for line in rehearsal.nevers]
    return acted or any(f"{NAME}." in text for text in asked)


class RehearsedJournal:
    """A journal in memory. ``records`` is what could be read back; ``lost`` counts all that could not be written."""

    def __init__(self) -> None:
        self.keeps = True
        self.late = False
        self.trouble = ""
        self.records: list[Record] = []
        self.lost = self.gaps = 0
        self._missing = 0
        """Lost since the last record that was written."""
        self._waiting: deque[Record] = deque()
        self._previous, self._hashes = GENESIS, [GENESIS]
        self._broken = ""
        self._until: Instant | None = None

    # --- Journal --------------------------------------------------------------------------------------------------------------

    def write(self, records: Sequence[Record]) -> None:
        assert records, "nobody writes nothing"
        match self.state(records[0].instant):
            case "full":
                self._lose(len(records))
            case "stalled":
                room = MOST_WAITING - len(self._waiting)
                self._waiting.extend(records[:room])
                self._lose(len(records[room:]))
                self.late = True
            case _:
                self._catch_up()
                if self._missing:
                    self.gaps += 1
                    self._keep(Record(records[0].instant, "gap", {"lost": self._missing}))
                    self._missing = 0
                for record in records:
                    self._keep(record)

    def post(self, records: Sequence[Record]) -> None:
        self.write(records)

    def close(self) -> None:
        self._catch_up()

    def state(self, now: Instant) -> str:
        """ok, full or stalled; a fault that was said to last ends by itself."""
        if self._until is not None and now >= self._until:
            self._broken, self._until = "", None
        return self._broken or "ok"

    def _catch_up(self) -> None:
        """The disk answers again: first what waited for it, as it came in."""
        self.late = False
        while self._waiting:
            self._keep(self._waiting.popleft())

    def _keep(self, record: Record) -> None:
        self._previous = chained(self._previous, len(self.records) + 1, record)
        self._hashes.append(self._previous)
        self.records.append(record)

    def _lose(self, count: int) -> None:
        self.lost += count
        self._missing += count

    def follows(self) -> bool:
        """Whether every record follows from the one before it."""
        previous = GENESIS
        for serial, record in enumerate(self.records, 1):
            previous = chained(previous, serial, record)
            if previous != self._hashes[serial]:
                return False
        return True

    # --- what a script says and asks -------------------------------------------------------------------------------------------

    def act(self, words: str, now: Instant) -> None:
        """``disk full``, ``stalled`` or ``works``. ValueError names what is understood."""
        text = " ".join(words.split())
        match = re.fullmatch(r"(disk full|full|stalled|works)(?: for (\d+(?:\.\d+)?) ?(ms|s|min)?)?", text)
        if match is None or (match[1] == "works" and match[2]):
            raise ValueError(f"{NAME} does not understand {words!r}; it knows {KNOWN}")
        lasting: Duration | None = seconds(float(match[2]) * _UNITS[match[3] or "s"]) if match[2] else None
        self._broken = {"works": "", "stalled": "stalled"}.get(match[1], "full")
        self._until = None if lasting is None else now + lasting
        if not self._broken:
            self._catch_up()

    def look(self, name: str, now: Instant) -> Value:
        """What a line asks for: one of ``NAMES``."""
        match name.removeprefix(f"{NAME}."):
            case "state":
                return self.state(now)
            case "late":
                return self.late
            case "records":
                return float(len(self.records))
            case "waiting":
                return float(len(self._waiting))
            case "lost":
                return float(self.lost)
            case "gaps":
                return float(self.gaps)
            case _:
                raise KeyError(name)
