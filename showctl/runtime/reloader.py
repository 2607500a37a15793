"""Reloading a show that runs: look at what was saved, show the difference, and, if that is what is wanted, run it.

``look`` reads the folder on a thread (the show goes on meanwhile) and says what would change; ``load`` runs exactly what was
looked at, and refuses where the folder was saved again since. A folder with errors is refused with all of them, and nothing
has changed then. What becomes of what runs: ``engine/reloading.py``.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from showctl.engine.reloading import Reloaded, reload
from showctl.engine.state import State
from showctl.runtime.revisions import Prepared, Revisions, UnreadableShowError
from showctl.show.show import Show

if TYPE_CHECKING:
    from showctl.library.diff import ShowDifference

log = logging.getLogger(__name__)


class Running(Protocol):
    """What is asked of a running show (``live.Live``)."""

    revisions: Revisions
    revision: str

    @property
    def show(self) -> Show: ...

    @property
    def state(self) -> State: ...

    def change(self, prepared: Prepared) -> Reloaded: ...


@dataclass(frozen=True)
class Look:
    """What was saved, compared with what runs."""

    prepared: Prepared | None
    difference: ShowDifference | None
    words: tuple[str, ...] = ()
    """What would finish as it began, and what could not be carried over."""
    problems: tuple[dict[str, Any], ...] = ()
    why: str = ""
    """Why it cannot be read at all."""

    def to_json(self) -> dict[str, Any]:
        prepared, difference = self.prepared, self.difference
        return {
            "revision": "" if prepared is None else prepared.digest,
            "same": difference is not None and difference.same and not self.words,
            "difference": None if difference is None else difference.to_json(),
            "lines": [] if difference is None else difference.lines(),
            "words": list(self.words),
            "problems": list(self.problems),
            "refused": self.why,
        }


class Reloader:
    """Reloads one running show; one at a time."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._busy = asyncio.Lock()

    async def ask(self, revision: str = "") -> dict[str, Any]:
        """``revision`` is what a look said that would be loaded: that is done. Empty: only looks. ``done`` says which it was."""
        async with self._busy:
            seen = await asyncio.to_thread(self._look)
            answer = seen.to_json() | {"done": False}
            if not revision or seen.prepared is None:
                return answer
            if revision not in ("now", seen.prepared.digest):
                return answer | {"refused": "the folder was saved again since the difference was shown: look again"}
            if seen.prepared.digest == self._running.revision:
                return answer | {"done": True}
            done = self._running.change(seen.prepared)
            log.info("The show was reloaded: %s.", "; ".join(done.words) or "everything was carried over")
            return answer | {"done": True, "words": list(done.words)}

    def _look(self) -> Look:
        """Off the loop. The state is a fact that never changes: what is said of it held when it was asked."""
        from showctl.library.diff import difference

        running, state = self._running.show, self._running.state
        try:
            prepared = self._running.revisions.latest()
        except UnreadableShowError as error:
            problems = tuple(asdict(problem) for problem in error.problems)
            return Look(None, None, (), problems, "the folder has errors; what runs goes on as it is")
        except OSError as error:
            return Look(None, None, (), (), f"the folder cannot be read ({error}); what runs goes on as it is")
        if prepared.digest == self._running.revision:
            return Look(prepared, difference(running, running))
        words = reload(running, prepared.show, state, state.now).words
        return Look(prepared, difference(running, prepared.show), words)
