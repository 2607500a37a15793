"""The links of the venue: the cable to each device, which can be slow, lossy, doubled or pulled out.

A link delays both ways. Datagrams may be lost, doubled and overtaken; a stream's bytes arrive late but whole and in order,
as TCP brings them. Chance comes from a seed and the link's name, so that a fault plays the same in every rehearsal.
"""

from __future__ import annotations

import random
from typing import Final

from showctl.show.instants import MILLISECOND, Duration, Instant
from simulators.faults import read_link_words

RETRANSMISSION: Final = 200 * MILLISECOND
"""What a lost piece of a stream costs."""


class Link:
    """One cable. Good until ``act`` says otherwise."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self._chance = random.Random(f"{seed}/{name}")
        self._faults: dict[str, tuple[float, Duration, Instant | None]] = {}
        self._stream_free: dict[str, Instant] = {}

    @property
    def good(self) -> bool:
        """Nothing is wrong with it (some fault may have run out unnoticed)."""
        return not self._faults

    def act(self, words: str, now: Instant) -> None:
        """``loss 10%``, ``delay 80ms``, ``jitter 20ms``, ``duplicate 5%``, ``down [for 5s]``, ``good``."""
        fault = read_link_words(words)
        if fault.what == "good":
            self._faults.clear()
        else:
            until = None if fault.duration is None else now + fault.duration
            self._faults[fault.what] = (fault.share, fault.time, until)

    def down(self, now: Instant) -> bool:
        """Pulled out."""
        return self._fault("down", now) is not None

    def back_at(self, now: Instant) -> Instant | None:
        """When a link that is down comes back by itself."""
        fault = self._fault("down", now)
        return fault[2] if fault else None

    def datagram(self, now: Instant) -> list[Instant]:
        """When a datagram sent now arrives: never, once or twice."""
        if self.good:
            return [now]
        loss, double = self._share("loss", now), self._share("duplicate", now)
        if self.down(now) or (loss and self._chance.random() < loss):
            return []
        times = 2 if double and self._chance.random() < double else 1
        return [now + self._delay(now) for _ in range(times)]

    def stream(self, direction: str, now: Instant) -> Instant | None:
        """When bytes written now to a stream arrive, not before those before them; None: not while the link is down for good."""
        if self.good and not self._stream_free:
            return now
        start = now
        if self.down(now):
            back = self.back_at(now)
            if back is None:
                return None
            start = back
        loss = self._share("loss", now)
        arrival = start + self._delay(start)
        while loss and self._chance.random() < min(loss, 0.9):
            arrival += RETRANSMISSION
        arrival = max(arrival, self._stream_free.get(direction, arrival))
        self._stream_free = {key: time for key, time in self._stream_free.items() if time > now}
        if arrival > now:
            self._stream_free[direction] = arrival
        return arrival

    def _delay(self, now: Instant) -> Duration:
        delay, jitter = self._fault("delay", now), self._fault("jitter", now)
        extra = round(jitter[1] * self._chance.random()) if jitter else 0
        return (delay[1] if delay else 0) + extra

    def _share(self, what: str, now: Instant) -> float:
        fault = self._fault(what, now)
        return fault[0] if fault else 0.0

    def _fault(self, what: str, now: Instant) -> tuple[float, Duration, Instant | None] | None:
        fault = self._faults.get(what)
        if fault is not None and fault[2] is not None and now >= fault[2]:
            del self._faults[what]
            return None
        return fault
