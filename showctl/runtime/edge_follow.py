"""Who is followed, reduced from tracker frames: a trace (where, and on their way where) whenever the last one no longer holds.

Pure: frames and ``now`` go in, events come out, at most one for each target in ``LEAST_GAP``. A trace holds while the line that
it draws stays within ``OFF`` of where they are; one of somebody who walks is said again before heads stop believing it. What a
frame says was true by the tracker's ``latency`` earlier, and its trace says so. Speeds are the tracker's own where it sends any,
else worked out. Somebody who is not in a frame is where they were.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from showctl.devices.driver import Track
from showctl.engine.events import TrackMoved
from showctl.show.instants import MILLISECOND, Duration, Instant, seconds_of
from showctl.show.show import Show
from showctl.show.targets import Target

OFF: Final = 0.05
"""Metres beside the line."""
LEAST_GAP: Final[Duration] = 50 * MILLISECOND
SAY_AGAIN: Final[Duration] = 240 * MILLISECOND
"""Before ``engine.following.AHEAD`` is over."""
LOOKED_BACK: Final[Duration] = 150 * MILLISECOND
"""How long a way a speed is worked out from."""
STILL: Final = 0.15
"""Metres a second below which somebody stands: trackers tremble."""
FARTHEST: Final = 1000.0
FASTEST: Final = 12.0
"""Metres a second above which it is the tracker that jumped."""

Vector = tuple[float, float, float]


@dataclass
class _Followed:
    target: Target
    latency: Duration
    said: TrackMoved | None = None
    heard: Instant = 0
    """When the last trace was said, by our clock."""
    at: Vector | None = None
    since: Instant = 0
    """Where they were then: what a speed is worked out from, where the tracker sends none."""
    velocity: Vector = (0.0, 0.0, 0.0)


class Followers:
    """Everybody of a show who can be followed."""

    def __init__(self, show: Show) -> None:
        latency = {device.name: device.latency for device in show.devices}
        self._of: dict[str, list[_Followed]] = {}
        for target in show.targets:
            if target.tracker:
                self._of.setdefault(target.tracker, []).append(_Followed(target, latency.get(target.tracker, 0)))

    def frame(self, tracker: str, tracks: Sequence[Track], now: Instant) -> list[TrackMoved]:
        """A whole frame of ``tracker``: guests and named performers."""
        found = []
        for followed in self._of.get(tracker, ()):
            track = next((item for item in tracks if _is(followed.target, item)), None)
            if track is not None and _is_in_the_room(track) and (trace := _heard(followed, track, now)) is not None:
                found.append(trace)
        return found


def _is(target: Target, track: Track) -> bool:
    return track.id == target.id if target.id is not None else track.name == target.who


def _is_in_the_room(track: Track) -> bool:
    return all(math.isfinite(part) and abs(part) < FARTHEST for part in (track.x, track.y, track.z, *track.velocity))


def _heard(followed: _Followed, track: Track, now: Instant) -> TrackMoved | None:
    """The trace that ``track`` makes necessary, if any."""
    position = (track.x, track.y, track.z)
    velocity = _velocity(followed, track, position, now)
    said = followed.said
    if said is not None:
        gap = now - followed.heard
        on = seconds_of(min(gap, SAY_AGAIN))
        line = tuple(start + speed * on for start, speed in zip(said.position, said.velocity, strict=True))
        beside = math.dist(line, position)
        walks = any(velocity) or any(said.velocity)
        if gap < LEAST_GAP or (beside <= OFF and not (walks and gap >= SAY_AGAIN)):
            return None
    followed.heard = now
    followed.said = TrackMoved(followed.target.name, now - followed.latency, position, velocity)
    return followed.said


def _velocity(followed: _Followed, track: Track, position: Vector, now: Instant) -> Vector:
    if any(track.velocity):
        followed.velocity = track.velocity
    elif followed.at is None or now - followed.since > LOOKED_BACK * 4:
        followed.at, followed.since, followed.velocity = position, now, (0.0, 0.0, 0.0)
    elif now - followed.since >= LOOKED_BACK:
        took = seconds_of(now - followed.since)
        dx, dy, dz = ((new - old) / took for new, old in zip(position, followed.at, strict=True))
        followed.at, followed.since, followed.velocity = position, now, (dx, dy, dz)
    return followed.velocity if STILL <= math.hypot(*followed.velocity) <= FASTEST else (0.0, 0.0, 0.0)
