"""Taking up a run that broke off: whether, since when its time counts, and what of the time without an engine is still done.

What fell due while nobody was there is written, and not sent late (R14). The same holds for the moment in which an engine
comes up: it knows where the run stands, and does not yet hear the clock. A momentary action that would leave later than
``STILL_IN_TIME`` because of that is not sent. ``recovery.py`` reads the journal; ``live.py`` runs what is made of it.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import time
from pathlib import Path
from typing import IO, Final

from showctl.engine.commands import Tell
from showctl.engine.harmless import restarted
from showctl.engine.state import State
from showctl.runtime.clock import Anchor, anchor_now
from showctl.runtime.journal import Journal
from showctl.runtime.playback import dispatch_record
from showctl.runtime.recovery import Taken, caught_up, stopped
from showctl.show.cues import ActionClass
from showctl.show.instants import MILLISECOND, SECOND, Instant
from showctl.show.show import Show

log = logging.getLogger(__name__)

MOST_AWAY: Final = 600 * SECOND
"""A run that broke off longer ago is not taken up; parks are."""
STILL_IN_TIME: Final = 15 * MILLISECOND
"""What an engine that has just come up may be late with a momentary action: less than a frame."""


def broke_off(run: Taken) -> int:
    """What the wall clock showed (nanoseconds since 1970) when the run was last heard of."""
    return int(run.anchor["wall"]) + run.state.now - int(run.anchor["show"])


def is_fresh(run: Taken) -> bool:
    """Whether a run broke off so lately that it is to be taken up: yesterday evening's party has gone home."""
    return not run.ended and time.time_ns() - broke_off(run) <= MOST_AWAY


def anchor_after(taken: Taken | None) -> Anchor:
    """Where show time stands: a run taken up in the same boot goes on by the same clock, after a reboot where it broke off."""
    if taken is None:
        return anchor_now()
    now = anchor_now(taken.state.now)
    kept = taken.anchor
    if kept.get("boot") == now.boot:
        return Anchor(now.boot, int(kept["monotonic"]), int(kept["wall"]), int(kept["show"]))
    return now


def epoch_of(taken: Taken | None, journal: Path, anchor: Anchor) -> bytes:
    """What names a run to the wire: it stays the same when its journal goes on in another file."""
    if taken is not None and taken.anchor.get("boot") == anchor.boot and "epoch" in taken.anchor:
        return bytes.fromhex(taken.anchor["epoch"])
    return hashlib.sha256(journal.name.encode() + anchor.boot.encode()).digest()[:16]


def locked(state: Path) -> IO[str]:
    """The state folder belongs to one engine at a time. BlockingIOError where another one has it."""
    handle = (state / "engine.lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise BlockingIOError(f"another engine runs with the state folder {state.name}") from None
    return handle


def taken_up(show: Show, taken: Taken, journal: Journal, now: Instant) -> tuple[State, tuple[Tell, ...]]:
    """The run as it is by now, and what makes it safe. What fell due meanwhile is written, and not sent late."""
    state, made_safe = restarted(show, taken.state)
    state, commands = caught_up(show, state, now)
    records = [record for command in (*made_safe, *commands) if (record := dispatch_record(command)) is not None]
    journal.write((*taken.unwritten, *records))
    log.warning(
        "The run is taken up again %.1f s after it broke off; %d momentary actions of that time are not made up for.",
        (now - taken.state.now) / SECOND,
        sum(isinstance(command, Tell) and command.kind is ActionClass.MOMENTARY for command in commands),
    )
    return state, (*made_safe, *stopped(state, commands))


def too_late(command: Tell, up: Instant, now: Instant) -> bool:
    """Whether an engine that was ``up`` only after a momentary action was due leaves it out."""
    return command.kind is ActionClass.MOMENTARY and command.instant <= up and now - command.instant > STILL_IN_TIME
