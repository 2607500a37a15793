"""The links of the venue: the cable to each device, which can be slow, lossy, doubled, disordered, noisy or pulled out.

A fault acts both ways, or (``to``, ``from``: seen from the controller's side, to the device and from it) one way only.
Datagrams may be lost, doubled, overtaken and damaged; a stream's bytes arrive late but whole and in order, as TCP brings them,
unless the link is a noisy one: then some byte is another. Chance comes from a seed and the link's name, so that a fault plays
the same in every rehearsal.
"""

from __future__ import annotations

import random
from typing import Final

from showctl.show.instants import MILLISECOND, Duration, Instant
from simulators.faults import read_link_words

RETRANSMISSION: Final = 200 * MILLISECOND
"""What a lost piece of a stream costs."""
HELD_BACK: Final = 30 * MILLISECOND
"""How long a datagram that is overtaken has been held back."""
TO, FROM = "to", "from"
_WAYS: Final = ("", TO, FROM)


class Link:
    """One cable. Good until ``act`` says otherwise."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self._chance = random.Random(f"{seed}/{name}")
        self._faults: dict[tuple[str, str], tuple[float, Duration, Instant | None]] = {}
        """(what, which way) -> share, time, until."""
        self._stream_free: dict[str, Instant] = {}

    @property
    def good(self) -> bool:
        """Nothing is wrong with it (some fault may have run out unnoticed)."""
        return not self._faults

    def act(self, words: str, now: Instant) -> None:
        """``loss 10%``, ``delay 80ms``, ``from corrupt 2%``, ``to down [for 5s]``, ``good`` ... (``faults.read_link_words``)."""
        fault = read_link_words(words)
        if fault.what == "good":
            for key in [key for key in self._faults if fault.way in ("", key[1])]:
                del self._faults[key]
        else:
            until = None if fault.duration is None else now + fault.duration
            self._faults[fault.what, fault.way] = (fault.share, fault.time, until)

    def down(self, now: Instant, way: str = "") -> bool:
        """Pulled out (``way``: or that way is; without one: no connection can be made)."""
        return any(self._pulled(one, now) is not None for one in (_WAYS if not way else ("", way)))

    def back_at(self, now: Instant, way: str = "") -> Instant | None:
        """When a link that is down comes back by itself."""
        found = [fault[2] for one in (_WAYS if not way else ("", way)) if (fault := self._pulled(one, now)) is not None]
        known = [until for until in found if until is not None]
        return max(known) if known and len(known) == len(found) else None

    def datagram(self, now: Instant, way: str = "") -> list[Instant]:
        """When a datagram sent now arrives: never, once or twice."""
        if self.good:
            return [now]
        loss, double, held = (self._share(what, way, now) for what in ("loss", "duplicate", "reorder"))
        if self.down(now, way or TO) or (loss and self._chance.random() < loss):
            return []
        times = 2 if double and self._chance.random() < double else 1
        late = HELD_BACK if held and self._chance.random() < held else 0
        return [now + self._delay(now, way) + late for _ in range(times)]

    def carried(self, data: bytes, now: Instant, way: str) -> bytes:
        """``data`` as it comes out at the far end: on a noisy link now and then with one byte that is another."""
        share = 0.0 if self.good else self._share("corrupt", way, now)
        if not share or not data or self._chance.random() >= share:
            return data
        place, flip = self._chance.randrange(len(data)), self._chance.randrange(1, 256)
        return data[:place] + bytes((data[place] ^ flip,)) + data[place + 1 :]

    def stream(self, direction: str, now: Instant, way: str) -> Instant | None:
        """When bytes written now to a stream arrive, not before those before them; None: not while the link is down for good."""
        if self.good and not self._stream_free:
            return now
        start = now
        if self.down(now, way):
            back = self.back_at(now, way)
            if back is None:
                return None
            start = back
        loss = self._share("loss", way, now)
        arrival = start + self._delay(start, way)
        while 0 < loss < 1 and self._chance.random() < min(loss, 0.9):
            arrival += RETRANSMISSION
        arrival = max(arrival, self._stream_free.get(direction, arrival))
        self._stream_free = {key: time for key, time in self._stream_free.items() if time > now}
        if arrival > now:
            self._stream_free[direction] = arrival
        return arrival

    def _pulled(self, way: str, now: Instant) -> tuple[float, Duration, Instant | None] | None:
        """What keeps everything back on this way: who loses all of it is pulled out, for a stream as for datagrams."""
        loss = self._fault("loss", way, now)
        return self._fault("down", way, now) or (loss if loss is not None and loss[0] >= 1 else None)

    def _delay(self, now: Instant, way: str) -> Duration:
        found = 0
        for one in dict.fromkeys(("", way)):
            delay, jitter = self._fault("delay", one, now), self._fault("jitter", one, now)
            found += (delay[1] if delay else 0) + (round(jitter[1] * self._chance.random()) if jitter else 0)
        return found

    def _share(self, what: str, way: str, now: Instant) -> float:
        """How likely it is, where both ways and this one may be ill at once."""
        kept = 1.0
        for one in dict.fromkeys(("", way)):
            fault = self._fault(what, one, now)
            kept *= 1.0 - (fault[0] if fault else 0.0)
        return 1.0 - kept

    def _fault(self, what: str, way: str, now: Instant) -> tuple[float, Duration, Instant | None] | None:
        fault = self._faults.get((what, way))
        if fault is not None and fault[2] is not None and now >= fault[2]:
            del self._faults[what, way]
            return None
        return fault
