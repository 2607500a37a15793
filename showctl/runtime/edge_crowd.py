"""Guests in zones, reduced from tracker frames: who is where, how many, and what share of them does a gesture.

Pure: frames and ``now`` go in, numbers come out. A guest belongs to a zone by its polygon on the floor (x and z); on the line
there is hysteresis: 0.2 m past it counts at once, nearer than that after half a second, so nobody flickers who stands on it. A
hand is up above 0.5 m over its guest until it sinks below 0.4; one moves above 0.3 m/s until below 0.2. A guest of whom frames
have not spoken for half a second has left. When no frames come at all nobody leaves: silence is a fault, not an empty room.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.devices.driver import Track
from showctl.show.instants import MILLISECOND, Duration, Instant
from showctl.show.triggers import Zone

MARGIN: Final = 0.2
SETTLES_AFTER: Final[Duration] = 500 * MILLISECOND
LEFT_AFTER: Final[Duration] = 500 * MILLISECOND
RAISED, LOWERED = 0.5, 0.4
MOVING, STILL = 0.3, 0.2
MOST_GUESTS: Final = 512

Key = tuple[str, int]
"""A tracking system and its number for the guest."""


class Crowd:
    """Everybody tracked now. Zones without an area hold nobody."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        known = [zone for zone in zones if len(zone.corners) >= 3]
        self._column = {zone.name: n for n, zone in enumerate(known)}
        self._edges = _Edges([zone.corners for zone in known])
        shape = (MOST_GUESTS, len(known))
        self._slot: dict[Key, int] = {}
        self._last_frame: dict[str, Instant] = {}
        self._standing: dict[str, NDArray[np.intp] | slice] = {}
        """The slots of everybody in a tracker's last frame."""
        self._passed_over: set[str] = set()
        """Trackers whose last frame did not show everybody."""
        self._unsettled: set[str] = set()
        """Trackers whose next frame may change something although it says what the last one said."""
        self._free = list(range(MOST_GUESTS - 1, -1, -1))
        self._inside = np.zeros(shape, bool)
        self._counted: list[int] | None = None
        """How many are in each zone, until that changes."""
        self._crossed = np.full(shape, -1, np.int64)  # since when the polygon disagrees with ``_inside``
        self._at = np.zeros((2, MOST_GUESTS))
        """x and z in metres."""
        self._seen = np.zeros(MOST_GUESTS, np.int64)
        self._raised = np.zeros(MOST_GUESTS, bool)
        self._moving = np.zeros(MOST_GUESTS, bool)

    def frame(self, tracker: str, tracks: Sequence[Track], now: Instant) -> None:
        """A whole frame of ``tracker``: everybody it sees."""
        self._leave(tracker, now)
        rows, fresh, points = self._rows(tracker, tracks)
        self._unsettled.discard(tracker)
        self._passed_over.discard(tracker)
        if len(rows) < sum([key[0] == tracker for key in self._slot]):
            self._passed_over.add(tracker)
            self._unsettled.add(tracker)  # they may have left
        if not rows:
            self._standing.pop(tracker, None)
            return
        at = self._standing[tracker] = slice(0, len(rows)) if rows == list(range(len(rows))) else np.array(rows)
        x, z, speed, hand = np.array(points).T
        self._seen[at], self._at[:, at] = now, (x, z)
        self._raised[at] = hand > np.where(self._raised[at], LOWERED, RAISED)
        self._moving[at] = speed > np.where(self._moving[at], STILL, MOVING)
        if not self._column:
            return
        now_inside = self._edges.inside(x, z)
        if fresh:
            self._inside[[rows[n] for n in fresh]], self._counted = now_inside[fresh], None
        differs = now_inside != self._inside[at]
        if differs.any():
            since = self._crossed[at]
            since = np.where(differs, np.where(since < 0, now, since), -1)
            far = np.zeros_like(differs)
            who = np.flatnonzero(differs.any(axis=1))
            far[who] = self._edges.distance(x[who], z[who]) >= MARGIN
            flips = differs & (far | (now - since >= SETTLES_AFTER))
            if flips.any():
                self._inside[at] ^= flips
                self._counted = None
            self._crossed[at] = np.where(flips, -1, since)
            if (differs & ~flips).any():
                self._unsettled.add(tracker)
        else:
            self._crossed[at] = -1

    def again(self, tracker: str, now: Instant) -> None:
        """A frame that says what the last one of ``tracker`` said, and nobody had just crossed a line then."""
        self._last_frame[tracker] = now
        if (standing := self._standing.get(tracker)) is not None:
            self._seen[standing] = now

    def settled(self, tracker: str) -> bool:
        """Whether a frame of ``tracker`` that says what the last one said would change nothing."""
        return tracker not in self._unsettled

    def guests(self) -> int:
        """How many there are."""
        return len(self._slot)

    def people(self) -> list[tuple[str, float, float]]:
        """Everybody: a name (tracking system and number), x and z in metres, to the centimetre."""
        x, z = self._at.round(2).tolist()
        return [(f"{tracker} {number}", x[slot], z[slot]) for (tracker, number), slot in self._slot.items()]

    def in_zone(self, zone: str) -> int:
        """How many are in ``zone``; 0 for a zone without an area."""
        column = self._column.get(zone)
        if column is None:
            return 0
        if self._counted is None:
            self._counted = np.count_nonzero(self._inside, axis=0).tolist()
        return self._counted[column]

    def share(self, gesture: str) -> float:
        """The share (0..1) of the guests who do ``gesture``: raised or moving. Nobody there: 0."""
        doing = {"raised": self._raised, "moving": self._moving}.get(gesture)
        if doing is None or not self._slot:
            return 0.0
        return int(np.count_nonzero(doing)) / len(self._slot)

    def _rows(self, tracker: str, tracks: Sequence[Track]) -> tuple[list[int], list[int], list[tuple[float, ...]]]:
        """The slot of each track, which of them are new, and their points."""
        rows: list[int] = []
        fresh: list[int] = []
        points: list[tuple[float, ...]] = []
        slots, taken = self._slot, set[int]()
        for track in tracks:
            key = (tracker, track.id)
            slot = slots.get(key)
            if slot is None:
                if not self._free:
                    continue
                slot = slots[key] = self._free.pop()
                fresh.append(len(rows))
            if slot not in taken:
                taken.add(slot)
                rows.append(slot)
                points.append((track.x, track.z, track.speed, track.hand))
        return rows, fresh, points

    def _leave(self, tracker: str, now: Instant) -> None:
        """Whoever frames have passed over for too long has left. A pause between frames is nobody's leaving."""
        pause = now - self._last_frame.get(tracker, now)
        self._last_frame[tracker] = now
        if pause >= LEFT_AFTER:
            for key, slot in self._slot.items():
                if key[0] == tracker:
                    self._seen[slot] += pause
            return
        if tracker not in self._passed_over:
            return
        seen = self._seen.tolist()
        for key in [key for key, slot in self._slot.items() if now - seen[slot] >= LEFT_AFTER and key[0] == tracker]:
            slot = self._slot.pop(key)
            self._inside[slot], self._crossed[slot], self._counted = False, -1, None
            self._raised[slot] = self._moving[slot] = False
            self._free.append(slot)


class _Edges:
    """The edges of some polygons, one after the other, for many points at once."""

    def __init__(self, polygons: Sequence[Sequence[tuple[float, float]]]) -> None:
        ends = [(a, b) for corners in polygons for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)]
        table = np.array(ends, float).reshape(-1, 4)
        self._x1, self._z1, self._x2, self._z2 = table.T
        sizes = [len(corners) for corners in polygons]
        self._starts = np.cumsum([0, *sizes[:-1]]) if sizes else np.zeros(0, int)
        self._dx, self._dz = self._x2 - self._x1, self._z2 - self._z1
        level = self._dz == 0
        self._slope = self._dx / np.where(level, 1.0, self._dz)
        length = self._dx**2 + self._dz**2
        self._length = np.where(length == 0, 1.0, length)

    def inside(self, x: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.bool_]:
        """For each point and polygon, whether it is in it: a ray to the right meets an odd number of edges."""
        over = z[:, None]
        hit = ((self._z1 > over) != (self._z2 > over)) & (x[:, None] < self._x1 + (over - self._z1) * self._slope)
        found: NDArray[np.bool_] = np.logical_xor.reduceat(hit, self._starts, axis=1)
        return found

    def distance(self, x: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float64]:
        """For each point and polygon, how far it is from the nearest edge."""
        px, pz = x[:, None] - self._x1, z[:, None] - self._z1
        along = np.clip((px * self._dx + pz * self._dz) / self._length, 0.0, 1.0)
        apart = np.hypot(px - along * self._dx, pz - along * self._dz)
        found: NDArray[np.float64] = np.minimum.reduceat(apart, self._starts, axis=1)
        return found
