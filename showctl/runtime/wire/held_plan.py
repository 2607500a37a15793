"""The plan as the wire holds it: what is applied, what is held for its instant, and the way back.

The engine hands light over *ahead*: changes whose instant lies in the future wait here and are applied at the first frame
at or after it. An input that changes the future replaces them: accepting serial s discards every held change from s on.
When such a replacement comes a moment late and the change from s on is applied already, the plan goes back to before s;
light is a function of time, so the next frame is right all the same.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from showctl.light.plan import Plan, PlanChange, apply
from showctl.runtime.wire.errors import BadChangeError, GapError
from showctl.show.instants import Instant

REMEMBERED: Final = 256
"""How many applied changes can be taken back."""
MAX_HELD: Final = 4096


@dataclass(slots=True)
class _Held:
    """A change to come. ``after`` is what it makes of the plan ``before``, where that was worked out already."""

    serial: int
    instant: Instant
    change: PlanChange
    before: Plan | None = None
    after: Plan | None = None

    def apply(self, plan: Plan) -> Plan:
        if self.after is None or self.before is not plan:
            self.before, self.after = plan, apply(plan, self.change)
        return self.after


class HeldPlan:
    """A plan, the serial of the last change in it, and the changes to come."""

    def __init__(self) -> None:
        self.plan = Plan()
        self.applied = 0
        self._held: deque[_Held] = deque()
        self._before: deque[tuple[int, Plan]] = deque(maxlen=REMEMBERED)

    @property
    def accepted(self) -> int:
        """The serial of the last change taken, applied or held."""
        return self._held[-1].serial if self._held else self.applied

    @property
    def next_change(self) -> Instant | None:
        """When the next held change is due."""
        return self._held[0].instant if self._held else None

    def due(self, now: Instant) -> list[PlanChange]:
        """The changes that ``advance`` would apply."""
        return [held.change for held in self._held if held.instant <= now]

    def load(self, plan: Plan, serial: int) -> None:
        """Starts over from a whole plan."""
        self.plan, self.applied = plan, serial
        self._held.clear()
        self._before.clear()

    def accept(self, serial: int, instant: Instant, change: PlanChange, made: tuple[Plan, Plan] | None = None) -> None:
        """Takes a change, in place of everything from ``serial`` on. Refuses a gap, and more than can be held.

        ``made``: what it makes of which plan, for one that is better worked out before (``ahead``).
        """
        if serial > self.accepted + 1 or serial < 1:
            raise GapError(serial, self.accepted + 1)
        if len(self._held) >= MAX_HELD and serial > self._held[-1].serial:
            raise BadChangeError(f"more than {MAX_HELD} changes handed ahead")
        self.cut(serial)
        # Changes are applied in their order, so none comes before the one it follows.
        instant = max(instant, self._held[-1].instant) if self._held else instant
        self._held.append(_Held(serial, instant, change, *(made or ())))

    def ahead(self, serial: int) -> Plan | None:
        """The plan to which a change of this number will come; None where that cannot be said."""
        if not self.applied < serial <= self.accepted + 1:
            return None
        plan = self.plan
        for held in self._held:
            if held.serial >= serial:
                break
            plan = held.apply(plan)
        return plan

    def cut(self, serial: int) -> bool:
        """Discards every change from ``serial`` on; says whether an applied one had to be taken back."""
        while self._held and self._held[-1].serial >= serial:
            self._held.pop()
        if serial > self.applied:
            return False
        if not any(known == serial for known, _ in self._before):
            raise GapError(serial, self.accepted + 1)
        while self._before:
            known, before = self._before.pop()
            self.plan, self.applied = before, known - 1
            if known == serial:
                break
        return True

    def advance(self, now: Instant) -> bool:
        """Applies what is due at ``now``, in order; says whether there was anything."""
        moved = False
        while self._held and self._held[0].instant <= now:
            held = self._held.popleft()
            self._before.append((held.serial, self.plan))
            self.plan, self.applied = held.apply(self.plan), held.serial
            moved = True
        return moved
