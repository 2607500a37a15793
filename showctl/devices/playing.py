"""What a player should be playing and what it says it plays: the memory behind sound, film and gauze.

Things are known by a key: a voice, or a surface and layer. What is *wanted* moves on by itself: a clip that began at 10 s is at
14 s four seconds later, stands still while paused, and is over at its length. What was *seen* is the player's own word.
``missing`` compares the two after a return. The *lead* is the thing that began last of those that still play: the fields
``clip``, ``state``, ``position`` of the device are the lead's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

from showctl.devices.driver import Started
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant, seconds, seconds_of

Key = TypeVar("Key")

MOST_THINGS: Final = 256
MEASURED_WITHIN: Final = 5 * SECOND  # of its start: what began long ago may have been moved since
LEVEL_NEAR_ENOUGH: Final = 0.5  # dB or percent
DOUBT_AFTER: Final = 2500 * MILLISECOND  # players report each second while they play
NEAR_ENOUGH: Final = 500 * MILLISECOND  # a returned player within this of its place is left alone


@dataclass(frozen=True, slots=True)
class Wanted:
    """A clip that should be playing: it stood at ``position`` at ``since``. ``level`` is dB or percent, reached at ``landed``."""

    clip: str
    position: Duration
    since: Instant
    loop: bool
    length: Duration | None
    level: float
    landed: Instant
    sent: Instant


@dataclass(frozen=True, slots=True)
class Seen:
    """What the player said of one thing: playing, paused or stopped, at ``position`` at ``at``."""

    clip: str
    state: str
    position: Duration
    level: float
    at: Instant


class Playing(Generic[Key]):
    """The things of one player."""

    def __init__(self, lengths: dict[str, Duration | None]) -> None:
        self.wanted: dict[Key, Wanted] = {}
        self.seen: dict[Key, Seen] = {}
        self.paused = False
        self.started: Started | None = None
        """What began last, when it was asked to and when by its own word it did."""
        self._measured: dict[Key, Instant] = {}
        self._lengths = lengths
        self._stopped: dict[Key, Instant] = {}
        self._doubted: set[Key] = set()
        self._begun: list[Key] = []  # in the order in which they began, by the player's word

    # --- wanted --------------------------------------------------------------------------------------------------------

    def play(self, key: Key, clip: str, at: float, loop: bool, level: float, fade: float, now: Instant) -> None:
        """``clip`` plays as ``key`` from second ``at``."""
        self._stopped.pop(key, None)
        self._doubted.discard(key)
        if len(self.wanted) >= MOST_THINGS and key not in self.wanted:
            self.wanted.pop(next(iter(self.wanted)))
        self.wanted.pop(key, None)
        self.wanted[key] = Wanted(clip, seconds(at), now, loop, self._lengths.get(clip), level, now + seconds(fade), now)

    def fade(self, key: Key, level: float, over: float, now: Instant) -> None:
        """``key`` goes to ``level``."""
        if key in self.wanted:
            self.wanted[key] = replace(self.wanted[key], level=level, landed=now + seconds(over))

    def move(self, key: Key, at: float, now: Instant) -> None:
        """``key`` should be at second ``at`` now."""
        if key in self.wanted:
            self.wanted[key] = replace(self.wanted[key], position=seconds(at), since=now)

    def stop(self, key: Key, now: Instant) -> None:
        """``key`` should not play any more."""
        self.wanted.pop(key, None)
        self._stopped[key] = now
        if len(self._stopped) > MOST_THINGS:
            self._stopped.pop(next(iter(self._stopped)))

    def stop_all(self, now: Instant) -> None:
        """Nothing should play any more."""
        for key in [*self.wanted, *self.seen]:
            self.stop(key, now)

    def pause(self, on: bool, now: Instant) -> None:
        """Everything stands still, or goes on from where it stood."""
        if on != self.paused:
            self.wanted = {
                key: replace(thing, position=self.position(thing, now), since=now, landed=max(thing.landed, now))
                for key, thing in self.wanted.items()
            }
            self.paused = on

    def position(self, thing: Wanted, now: Instant) -> Duration:
        """Where ``thing`` should be now, a loop folded into its length."""
        ran = thing.position + (0 if self.paused else max(now - thing.since, 0))
        return ran % thing.length if thing.loop and thing.length else ran

    def prune(self, now: Instant) -> None:
        """Forgets what has played to its end."""
        over = [
            key
            for key, thing in self.wanted.items()
            if not thing.loop and thing.length is not None and self.position(thing, now) >= thing.length
        ]
        for key in over:
            del self.wanted[key]

    def wanted_lead(self, now: Instant) -> tuple[Key, Wanted] | None:
        """The newest thing that should be playing now."""
        self.prune(now)
        return next(reversed(self.wanted.items()), None)

    # --- seen ----------------------------------------------------------------------------------------------------------

    def saw(self, key: Key, clip: str, state: str, position: float, level: float, now: Instant, *, settled: bool = True) -> None:
        """The player spoke of ``key``. ``settled``: it has not just come back, so a stop is its own end of the clip."""
        before = self.seen.get(key)
        begins = state != "stopped" and (before is None or before.state == "stopped" or before.clip != clip)
        if begins and key not in self.seen and len(self.seen) >= MOST_THINGS:
            return
        if begins or state == "stopped":
            self._begun = [other for other in self._begun if other != key]
        if begins:
            self._begun.append(key)
        if state == "stopped":
            self.seen.pop(key, None)
            thing = self.wanted.get(key)
            ended = before is not None and thing is not None and before.clip == thing.clip == clip and before.at >= thing.sent
            if settled and ended and thing is not None and not thing.loop:
                del self.wanted[key]
            return
        self.seen[key] = Seen(clip, state, seconds(position), level, now)
        self._measure(key, self.seen[key])

    def listens(self) -> bool:
        """Whether something has yet to be seen: that it plays as wanted, or when it began."""
        for key, thing in self.wanted.items():
            seen = self.seen.get(key)
            if seen is None or seen.clip != thing.clip or seen.at < thing.sent or seen.position <= thing.position:
                return True
        return False

    def plays_one(self) -> bool:
        """Whether a single thing plays."""
        return sum(seen.state == "playing" for seen in self.seen.values()) == 1

    def moved_on(self, now: Instant) -> Iterator[None]:
        """The player speaks at ``now`` of everything that plays, one after the other; it has only played on."""
        for key in self._begun:
            seen = self.seen[key]
            if seen.state == "playing":
                self.seen[key] = replace(seen, position=seen.position + now - seen.at, at=now)
                yield

    def _measure(self, key: Key, seen: Seen) -> None:
        """Where it has come to says when it began, if nothing was done to it since."""
        thing = self.wanted.get(key)
        if thing is None or seen.state != "playing" or thing.clip != seen.clip or thing.since != thing.sent:
            return
        ran = seen.position - thing.position
        if ran <= 0 or ran > MEASURED_WITHIN or self._measured.get(key) == thing.since:
            return
        self._measured[key] = thing.since
        self.started = Started(thing.clip, thing.since, seen.at - ran)

    def plays(self, key: Key, clip: str) -> bool:
        """Whether the player has said, since it was asked, that ``key`` plays ``clip``, or nobody wants that any more."""
        thing, seen = self.wanted.get(key), self.seen.get(key)
        if thing is None or thing.clip != clip:
            return True
        return seen is not None and seen.clip == clip and seen.at >= thing.sent

    def rests(self, key: Key) -> bool:
        """Whether ``key`` does not play, or should play again."""
        return key in self.wanted or key not in self.seen

    def stands(self, on: bool) -> bool | None:
        """Whether the player shows a pause (or its end); None while nothing plays that could show it."""
        return None if not self.seen or on != self.paused else (self.state() == "paused") == on

    def lead(self) -> tuple[Key, Seen] | None:
        """Of what plays or is paused, the thing that began last."""
        return (self._begun[-1], self.seen[self._begun[-1]]) if self._begun else None

    def forget_seen(self) -> None:
        """The player was away: what it said before counts no longer."""
        self.seen.clear()
        self._begun.clear()

    def state(self) -> str:
        """Of the player as a whole: that of its lead."""
        lead = self.lead()
        return lead[1].state if lead else "stopped"

    # --- doubt ---------------------------------------------------------------------------------------------------------

    def doubt(self, now: Instant) -> bool:
        """Whether something that should play has not been reported for too long. Asked once for each play."""
        due = {key for key, instant in self._doubts() if now >= instant}
        self._doubted |= due
        return bool(due)

    def doubt_deadline(self) -> Instant | None:
        """When ``doubt`` would first say yes."""
        return min((instant for _, instant in self._doubts()), default=None)

    def _doubts(self) -> list[tuple[Key, Instant]]:
        if self.paused:
            return []
        found = []
        for key, thing in self.wanted.items():
            if key not in self._doubted:
                seen = self.seen.get(key)
                spoke = seen.at if seen is not None and seen.clip == thing.clip else thing.sent
                found.append((key, max(spoke, thing.sent, thing.since) + DOUBT_AFTER))
        return found

    # --- after a return ------------------------------------------------------------------------------------------------

    def missing(self, asked: Instant, now: Instant) -> list[tuple[Key, Wanted, float]]:
        """What should play and, by all that was said since ``asked``, does not; each with the second it should be at."""
        self.prune(now)
        found = []
        for key, thing in self.wanted.items():
            where = self.position(thing, now)
            if thing.sent < asked and not self._right(key, thing, where, asked, now):
                found.append((key, thing, seconds_of(where)))
        return found

    def off_level(self, now: Instant) -> list[tuple[Key, Wanted]]:
        """What plays at another level than wanted (things whose fade has landed)."""
        return [
            (key, thing)
            for key, thing in self.wanted.items()
            if key in self.seen and now >= thing.landed and abs(self.seen[key].level - thing.level) > LEVEL_NEAR_ENOUGH
        ]

    def strays(self) -> list[Key]:
        """What plays although we stopped it."""
        return [key for key in self.seen if key in self._stopped and key not in self.wanted]

    def sent_again(self, key: Key, now: Instant) -> None:
        """``key`` was told again now."""
        self.wanted[key] = replace(self.wanted[key], sent=now)

    def _right(self, key: Key, thing: Wanted, where: Duration, asked: Instant, now: Instant) -> bool:
        seen = self.seen.get(key)
        if seen is None or seen.at < asked or seen.clip != thing.clip:
            return False
        there = seen.position + (now - seen.at if seen.state == "playing" else 0)
        apart = abs(there - where)
        if thing.loop:
            return thing.length is None or min(apart, abs(thing.length - apart)) <= NEAR_ENOUGH
        return apart <= NEAR_ENOUGH
