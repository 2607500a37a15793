"""The light to come, handed over before it is due: a copy of the state runs on without input, a step at a time.

After each event the copy has to come two seconds ahead of the show, and what it does to the plan is sent to whoever renders,
so that fades and chains go on without us. A thought is one piece of the copy's due work (``think``): between two of them the
loop listens, so that what comes in never waits for what may come. What an instant does to the plan is said when all of it is
done. An event that changes the future (``upset``) lets the copy begin again from where the show stands; what was handed over
stays until the new future is seen to differ from it, and is then replaced from that serial on. So what is handed over is at
every moment the beginning of what the last finished thought saw.
Hazards are never handed over ahead: nobody knows what will be permitted then.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Final, Protocol, runtime_checkable

from showctl.engine import harmless
from showctl.engine.commands import Command, Light
from showctl.engine.state import State
from showctl.engine.step import next_deadline, run_on
from showctl.light.plan import Plan, PlanChange
from showctl.show.instants import SECOND, Instant
from showctl.show.show import Show

AHEAD: Final = 2 * SECOND
MOST_AHEAD: Final = 200
"""Changes handed over ahead at most; the rest follows as time comes nearer."""


class LightSink(Protocol):
    """Who renders: the wire process, or the rehearsal's frame sender."""

    def load(self, plan: Plan, serial: int) -> None:
        """This is the whole plan, after ``serial`` changes."""

    def accept(self, serial: int, instant: Instant, change: PlanChange) -> None:
        """The plan changes at ``instant``; whatever was handed over from ``serial`` on is replaced."""

    def cut(self, serial: int) -> None:
        """Nothing that was handed over from ``serial`` on will happen."""


@runtime_checkable
class Announced(Protocol):
    """A sink that can do with what comes before it may show it: the wire process, while the journal is written."""

    def announce(self, serial: int, instant: Instant, change: PlanChange) -> None:
        """The plan may change so at ``instant``; ``accept`` says whether it does."""


class Forecast:
    """What one show will do by itself, as far as it was thought through, and what of it was handed to ``light``."""

    def __init__(self, show: Show, light: LightSink) -> None:
        self._show, self._light = show, light
        self._hears = light if isinstance(light, Announced) else None
        self._sent: dict[int, tuple[Instant, bytes]] = {}
        """Serial -> what was handed over for it, of changes that have not come true yet."""
        self._copy: State | None = None
        """Where the copy stands; None where something has happened that it did not know."""
        self._going: Generator[None, None, tuple[State, tuple[Command, ...]]] | None = None
        """The copy on its way to its next instant."""

    def announce(self, serial: int, instant: Instant, change: PlanChange) -> None:
        """What will come true once it is written."""
        if self._hears is not None:
            self._hears.announce(serial, instant, change)

    def came_true(self, serial: int, instant: Instant, change: PlanChange) -> None:
        """Hands over a change that is true now, unless that was done ahead."""
        if self._sent.pop(serial, None) != (instant, fingerprint(change)):
            self._sent.clear()
            self.upset()
            self._light.accept(serial, instant, change)

    def upset(self) -> None:
        """Something happened that the copy does not know, and that may change what is to come."""
        self._copy = self._going = None

    def think(self, state: State) -> bool:
        """A piece of what is due to the copy of ``state``. False: it is two seconds ahead, and all is handed over."""
        copy = self._copy
        due = None if copy is None else next_deadline(copy)
        if copy is None or (due is not None and due <= state.now):  # the show has overtaken its copy
            copy, self._going = harmless.barred(state), None
            due = next_deadline(copy)
        self._copy = copy
        if due is None or due > state.now + AHEAD or copy.serial - state.serial >= MOST_AHEAD:
            self._nothing_after(copy.serial)
            return False
        self._going = self._going or run_on(self._show, copy, due)
        try:
            next(self._going)
        except StopIteration as done:
            self._copy, commands = done.value
            self._going = None
        else:
            return True
        for command in commands:
            if isinstance(command, Light):
                self._foresee(command.serial, command.instant, command.change)
        return True

    def next_thought(self, state: State) -> Instant | None:
        """When ``think`` has something to do again, if nothing happens but time."""
        due = None if self._copy is None else next_deadline(self._copy)
        return None if due is None or due <= state.now + AHEAD else due - AHEAD

    def _foresee(self, serial: int, instant: Instant, change: PlanChange) -> None:
        foreseen = (instant, fingerprint(change))
        if self._sent.get(serial) != foreseen:
            self._sent = {number: sent for number, sent in self._sent.items() if number < serial}
            self._sent[serial] = foreseen
            self._light.accept(serial, instant, change)

    def _nothing_after(self, serial: int) -> None:
        """What was handed over beyond ``serial`` belongs to a future that will not be."""
        if any(number > serial for number in self._sent):
            self._sent = {number: sent for number, sent in self._sent.items() if number <= serial}
            self._light.cut(serial + 1)


def fingerprint(change: PlanChange) -> bytes:
    """Bytes that two changes share exactly when they do the same."""
    return b"|".join(
        (
            change.rows_out.tobytes(),
            change.rows_in.tobytes(),
            change.clocks.tobytes(),
            repr(change.clocks_out).encode(),
            change.masters.tobytes(),
        )
    )
