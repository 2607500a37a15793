"""Running ahead: what happens by itself, without any input, from a state on. A copy runs; the show does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from showctl.engine.commands import Command
from showctl.engine.state import State
from showctl.engine.step import next_deadline, step
from showctl.show.instants import MINUTE, Duration, Instant
from showctl.show.show import Show

FAR: Final = 15 * MINUTE
MOST_STEPS: Final = 400
"""How far a copy runs for an answer: a question may not cost a running show more than a blink."""


def ahead(
    show: Show, state: State, now: Instant, *, far: Duration = FAR, steps: int = MOST_STEPS
) -> Iterator[tuple[State, tuple[Command, ...]]]:
    """Each instant at which something happens by itself until ``far`` from ``now``, and what."""
    for _ in range(steps):
        due = next_deadline(state)
        if due is None or due > now + far:
            return
        state, commands = step(show, state, None, due)
        yield state, commands
