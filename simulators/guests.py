"""The guests: seeded people who come in, walk about, linger, raise a hand, vote with their feet, and leave.

A guest moves along straight pieces of way (from, to, pace), so where everybody is at any ``now`` is one small computation over
all of them; chance is asked only where a piece ends. ``advance(now)`` takes those decisions at their own instants, in order, so
it does not matter how often somebody looks. When the last guest has left, chance starts anew: every party of the same size
behaves like the first. Script words are read in ``guest_words.py``.
"""

from __future__ import annotations

import copy
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.show.instants import SECOND, Duration, Instant
from showctl.show.triggers import Zone
from simulators.floor import Spot, count_inside, inside, walls_of

HANDS_RISE: Final = 4 * SECOND // 10
"""From hanging to up, and back."""
RUNNING: Final = 2.6
"""Metres a second: a child, indoors."""
LATER: Final = 1 << 62
CHEST, HANGING, RAISED = 0.7, -0.25, 0.6
"""Shares of one's height: where the tracker sees a guest, and a hand above or below that."""


@dataclass(frozen=True)
class Seen:
    """Everybody at one instant, a row each in order of number; x, y, z."""

    numbers: NDArray[np.uint32]
    positions: NDArray[np.float64]
    speeds: NDArray[np.float64]
    hands: NDArray[np.float64]
    """Metres above (below) the position."""


@dataclass(slots=True)
class Guest:
    """One person. ``doing``: wander, stand, move (never still), leave. ``zone``: where they wander; ``shunned``: where not."""

    number: int
    row: int
    pace: float
    height: float
    zone: int
    doing: str = "wander"
    walking: bool = False
    shunned: int | None = None
    plan: int = 0
    """Counts changes of mind: a decision made for an older plan is void."""


class Crowd:
    """All guests of the room. Zones are those of the show; the first is where people come in and wander."""

    def __init__(self, zones: tuple[Zone, ...], seed: int) -> None:
        self._corners = [zone.corners for zone in zones] or [((-3.0, 0.0), (3.0, 0.0), (3.0, 6.0), (-3.0, 6.0))]
        self._walls = [walls_of(corners) for corners in self._corners]
        self.zone_named = {zone.name: n for n, zone in enumerate(zones)}
        self._seed = f"{seed}/guests"
        self.chance = random.Random(self._seed)
        self.guests: dict[int, Guest] = {}
        """By number, in order of number."""
        self._decisions: list[tuple[Instant, int, int]] = []
        self._arrivals: list[tuple[Instant, int]] = []
        self._order = np.zeros(0, np.intp)
        """The rows of all guests, by number."""
        self._by_number: NDArray[np.intp] | slice = slice(0, 0)
        """The same, as a slice where it is one."""
        self._hands_rest: Instant = 0
        """From here on every hand hangs, if nobody is told to raise one."""
        self._turned: Callable[[Guest, Instant], None] | None = None
        """Is told who stands or walks elsewhere from an instant on, or (``row`` -1) is there no more."""
        self._room_for(32)

    def twin(self, turned: Callable[[Guest, Instant], None]) -> Crowd:
        """Another crowd that will do as this one does, and tells ``turned`` who turns."""
        self._turned = None
        made = copy.deepcopy(self)
        made._turned = turned
        return made

    def _room_for(self, rows: int) -> None:
        self._numbers = np.zeros(rows, np.uint32)
        self._from = np.zeros((rows, 2))
        self._velocity = np.zeros((rows, 2))
        self._leaves = np.zeros(rows, np.int64)
        self._arrives = np.zeros(rows, np.int64)
        self._height = np.zeros(rows)
        self._hand_from = np.full(rows, LATER, np.int64)
        self._hand_until = np.full(rows, LATER, np.int64)
        self._waves = np.zeros(rows, np.bool_)

    # --- coming and going -------------------------------------------------------------------------------------------

    def place(self, count: int, now: Instant) -> None:
        """``count`` people are in the room at once; who is too many is gone."""
        self.advance(now)
        self._arrivals.clear()
        for number in sorted(self.guests, reverse=True)[: max(len(self.guests) - count, 0)]:
            self.remove(number)
        while len(self.guests) < count:
            self.add(self._free_number(), self._point_in(0), now)

    def join(self, count: int, now: Instant) -> None:
        """``count`` more come in through the entrance, one after the other."""
        self.advance(now)
        moment = now
        taken = set(self.guests) | {number for _, number in self._arrivals}
        for _ in range(count):
            number = next(n for n in range(1, 65536) if n not in taken)
            taken.add(number)
            heapq.heappush(self._arrivals, (moment, number))
            moment += self.chance.randrange(4 * SECOND // 10, 12 * SECOND // 10)
        self.advance(now)

    def add(self, number: int, at: Spot, now: Instant) -> Guest:
        """One more guest, standing at ``at``."""
        height = min(max(self.chance.gauss(1.68, 0.15), 1.1), 2.0)
        guest = Guest(number, len(self.guests), self.chance.uniform(0.6, 1.2), height, 0)
        if guest.row == len(self._numbers):
            self._grow()
        self.guests[number] = guest
        self.guests = dict(sorted(self.guests.items()))
        self._height[guest.row] = height
        self._hand_from[guest.row] = self._hand_until[guest.row] = LATER
        self._waves[guest.row] = False
        self._renumber()
        self._stand_at(guest, at, now)
        self._decide_at(guest, now + self.chance.randrange(2 * SECOND))
        return guest

    def remove(self, number: int) -> None:
        """That guest is gone. The last one out: chance starts anew."""
        guest = self.guests.pop(number)
        keep = np.arange(len(self._numbers)) != guest.row
        for name in ("_numbers", "_from", "_velocity", "_leaves", "_arrives", "_height", "_hand_from", "_hand_until", "_waves"):
            rows = getattr(self, name)
            rows[:-1] = rows[keep]
        for other in self.guests.values():
            other.row -= other.row > guest.row
        self._renumber()
        if not self.guests and not self._arrivals:
            self.chance = random.Random(self._seed)
            self._decisions.clear()

    def _grow(self) -> None:
        before = {name: rows for name, rows in vars(self).items() if isinstance(rows, np.ndarray)}
        self._room_for(2 * len(self._numbers))
        for name, rows in before.items():
            if name != "_order":
                getattr(self, name)[: len(rows)] = rows

    def _renumber(self) -> None:
        for guest in self.guests.values():
            self._numbers[guest.row] = guest.number
        rows = [guest.row for guest in self.guests.values()]
        self._order = np.array(rows, np.intp)
        self._by_number = slice(0, len(rows)) if rows == list(range(len(rows))) else self._order
        if not rows:
            self._hands_rest = 0

    def _free_number(self) -> int:
        return next(n for n in range(1, 65536) if n not in self.guests)

    # --- what each may be told --------------------------------------------------------------------------------------

    def tell(self, guest: Guest, doing: str, now: Instant) -> None:
        """From now on: wander, stand, move or leave."""
        guest.doing = doing
        if doing == "leave":
            self._walk(guest, self.exit, now)
        elif doing == "stand":
            self._stand_at(guest, self.spot_of(guest, now), now)
        else:
            guest.walking = False
            self._decide_at(guest, now)

    def send(self, guest: Guest, zone: int, then: str, now: Instant) -> None:
        """Walks into a zone, and then stands or wanders there."""
        guest.zone, guest.shunned, guest.doing = zone, None, then
        self._walk(guest, self._point_in(zone), now)

    def walk(self, guest: Guest, to: Spot, now: Instant) -> None:
        """Walks to a spot and stands there."""
        guest.doing = "stand"
        self._walk(guest, to, now)

    def put(self, guest: Guest, at: Spot, now: Instant) -> None:
        """Stands at a spot, at once."""
        guest.doing = "stand"
        self._stand_at(guest, at, now)

    def hurry(self, guest: Guest) -> None:
        """Runs from now on, wherever the way leads."""
        guest.pace = max(guest.pace, RUNNING)

    def seat(self, guest: Guest) -> None:
        """In a wheelchair: lower, and steady."""
        guest.height, guest.pace = 1.3, 0.8
        self._height[guest.row] = guest.height

    def raise_hand(self, guest: Guest, until: Instant, now: Instant, *, wave: bool = False) -> None:
        """A hand goes up, or (wave) up and down every two seconds."""
        self._hand_from[guest.row], self._hand_until[guest.row], self._waves[guest.row] = now, until, wave
        self._hands_rest = max(self._hands_rest, until + HANDS_RISE)

    def lower_hand(self, guest: Guest, now: Instant) -> None:
        if self._hand_from[guest.row] <= now < self._hand_until[guest.row]:
            self._hand_until[guest.row] = now

    # --- decisions --------------------------------------------------------------------------------------------------

    def advance(self, now: Instant) -> None:
        """Everything that was decided up to ``now`` has been."""
        while self.decides_at() <= now:
            due = self._decisions[0][0] if self._decisions else LATER
            coming = self._arrivals[0][0] if self._arrivals else LATER
            if coming <= due:
                moment, number = heapq.heappop(self._arrivals)
                if number not in self.guests:
                    guest = self.add(number, self.entrance, moment)
                    self._walk(guest, self._point_in(guest.zone), moment)
            else:
                moment, number, plan = heapq.heappop(self._decisions)
                if (here := self.guests.get(number)) is not None and here.plan == plan:
                    self._decide(here, moment)

    def _decide(self, guest: Guest, now: Instant) -> None:
        arrived, guest.walking = guest.walking, False
        match guest.doing:
            case "leave":
                self.remove(guest.number)
                guest.row = -1
                if self._turned is not None:
                    self._turned(guest, now)
            case "move":
                self._walk(guest, self._point_in(guest.zone, guest.shunned), now)
            case "wander" if arrived:
                self._decide_at(guest, now + self.chance.randrange(2 * SECOND, 8 * SECOND))
            case "wander":
                self._walk(guest, self._point_in(guest.zone, guest.shunned), now)
            case _:
                guest.plan += 1

    def _decide_at(self, guest: Guest, when: Instant) -> None:
        guest.plan += 1
        heapq.heappush(self._decisions, (when, guest.number, guest.plan))

    def _walk(self, guest: Guest, to: Spot, now: Instant) -> None:
        x, z = self.spot_of(guest, now)
        far = max(float(np.hypot(to[0] - x, to[1] - z)), 0.01)
        takes: Duration = int(far / guest.pace * SECOND) + 1
        row = guest.row
        self._from[row] = (x, z)
        self._velocity[row] = ((to[0] - x) * SECOND / takes, (to[1] - z) * SECOND / takes)
        self._leaves[row], self._arrives[row] = now, now + takes
        guest.walking = True
        self._decide_at(guest, now + takes)
        if self._turned is not None:
            self._turned(guest, now)

    def _stand_at(self, guest: Guest, at: Spot, now: Instant) -> None:
        row = guest.row
        self._from[row], self._velocity[row] = at, (0.0, 0.0)
        self._leaves[row] = self._arrives[row] = now
        guest.walking = False
        guest.plan += 1
        if self._turned is not None:
            self._turned(guest, now)

    # --- where ------------------------------------------------------------------------------------------------------

    @property
    def entrance(self) -> Spot:
        """The middle of the first zone's edge that is nearest to the front."""
        return min(self._edges(), key=lambda spot: spot[1])

    @property
    def exit(self) -> Spot:
        """The middle of the first zone's farthest edge."""
        return max(self._edges(), key=lambda spot: spot[1])

    def _edges(self) -> list[Spot]:
        corners = self._corners[0]
        return [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(corners, corners[1:] + corners[:1], strict=True)]

    def _point_in(self, zone: int, shunned: int | None = None) -> Spot:
        corners = self._corners[zone]
        xs, zs = [x for x, _ in corners], [z for _, z in corners]
        left, right, front, back = min(xs), max(xs), min(zs), max(zs)
        for _ in range(64):
            spot = (self.chance.uniform(left, right), self.chance.uniform(front, back))
            if inside(corners, spot) and (shunned is None or not inside(self._corners[shunned], spot)):
                return spot
        return sum(xs) / len(xs), sum(zs) / len(zs)

    def spot_of(self, guest: Guest, now: Instant) -> Spot:
        row, start, velocity = guest.row, self._from, self._velocity
        leaves = self._leaves.item(row)
        walked = (min(max(now, leaves), self._arrives.item(row)) - leaves) / SECOND
        return start.item(row, 0) + velocity.item(row, 0) * walked, start.item(row, 1) + velocity.item(row, 1) * walked

    def seen(self, now: Instant) -> Seen:
        """Everybody, as the cameras see them."""
        order = self._by_number
        leaves, arrives, height = self._leaves[order], self._arrives[order], self._height[order]
        walked = (np.minimum(np.maximum(leaves, now), arrives) - leaves) / SECOND
        velocity = self._velocity[order]
        positions = np.empty((len(height), 3))
        positions[:, ::2] = self._from[order] + velocity * walked[:, None]
        positions[:, 1] = CHEST * height
        speeds = np.zeros((len(height), 3))
        speeds[:, ::2] = velocity * ((leaves <= now) & (now < arrives))[:, None]
        risen = self._risen(order, now) if now < self._hands_rest else 0.0
        return Seen(self._numbers[order].copy(), positions, speeds, (HANGING + (RAISED - HANGING) * risen) * height)

    def hands_move_at(self, now: Instant) -> Instant:
        """When a hand next begins or ends to move; ``now`` while one does."""
        if now >= self._hands_rest:
            return LATER
        up, down = self._hand_from[self._order], self._hand_until[self._order]
        rising = (up <= now) & (now < np.where(self._waves[self._order], down, up) + HANDS_RISE)
        sinking = (down <= now) & (now < down + HANDS_RISE)
        if (rising | sinking).any():
            return now
        turns = np.concatenate((up, down))
        return int(turns[turns > now].min(initial=LATER))

    def decides_at(self) -> Instant:
        """When somebody next decides something, or comes."""
        due = self._decisions[0][0] if self._decisions else LATER
        return min(due, self._arrivals[0][0]) if self._arrivals else due

    def walks(self, guest: Guest) -> tuple[Instant, Instant]:
        """From when to when they walk where they are now, or have walked last; twice the same for who was put there."""
        return int(self._leaves[guest.row]), int(self._arrives[guest.row])

    def way(self, guest: Guest, instants: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Their x and z at ``instants``, if nothing turns them."""
        row = guest.row
        leaves = self._leaves[row]
        walked = (np.clip(instants, leaves, self._arrives[row]) - leaves) / SECOND
        floor = self._from[row] + self._velocity[row] * walked[:, None]
        return floor[:, 0], floor[:, 1]

    def _risen(self, order: NDArray[np.intp] | slice, now: Instant) -> NDArray[np.float64]:
        """0 hanging, 1 up."""
        since, left = now - self._hand_from[order], self._hand_until[order] + HANDS_RISE - now
        risen = np.clip(np.minimum(since, left) / HANDS_RISE, 0.0, 1.0)
        waves = self._waves[order]
        if waves.any():
            turn = np.abs(since / SECOND % 2 - 1.0)
            risen = np.where(waves, risen * (1.0 - turn), risen)
        return risen

    def in_zone(self, zone: int, seen: Seen) -> int:
        """How many stand in a zone."""
        return count_inside(self._walls[zone], seen.positions[:, 0], seen.positions[:, 2])
