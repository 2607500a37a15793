"""The tracking system: sees guests and performers, and says where they are in PosiStageNet, ``rate`` times a second.

docs/technicians/device-protocols.md, "Tracking". Each guest is a tracker with the guest's number, ``guest 7`` in PSN_INFO; the
target position is the hand. Performers go by their own names (``cast.py``). It sends to the address that the show gives it
(multicast or not), from one of its own (option ``source``), 10 times a second unless the option ``rate`` says otherwise; names
once a second. People move on when the tracker does not see them: it hears their script lines even without power.
"""

from __future__ import annotations

import random
import re
from typing import Final

import numpy as np

from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import SECOND, Instant, seconds_of
from showctl.show.show import Show
from simulators.cast import KNOWN, Cast
from simulators.device import Box, Endpoint
from simulators.faults import read_duration
from simulators.guest_words import tell_guests
from simulators.guests import LATER, Crowd, Seen
from simulators.leaving_out import Foresight, Grid, News
from simulators.psn_wire import data_frame, info_frame

RAISED_ABOVE: Final = 0.5
MOVING_ABOVE: Final = 0.3
FAULTS: Final = "frozen [for TIME], lost N [for TIME], swap N M, noise METRES, clock steps [-]TIME, restart and works"


class Tracker(Box):
    """See the page."""

    hears_guests = True

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        self.device = device
        port = device.port or device.kind.port
        source = (str(device.options.get("source", f"127.0.5.{1 + device.index % 250}")), port)
        super().__init__(device.name, (Endpoint("udp", source, deaf=True),))
        self.period = round(SECOND / float(device.options.get("rate", 10.0)))
        self.crowd = Crowd(show.zones, seed)
        self.cast = Cast()
        self.to = (device.host, port)
        self._chance = random.Random(f"{seed}/{device.name}")
        self.grid = Grid(self.period)
        self.leaves_out = False
        """Frames that say nothing new are left out."""
        self._sound = True
        """Nothing has gone wrong with it since it came up: what it shows is the crowd."""
        self._names_at: Instant = 0
        self._zero: Instant = 0
        self._told: tuple[Instant, dict[str, Value]] = (-1, {})
        self._news = News(show)
        self._ahead: Foresight | None = None
        self._works()

    def _works(self) -> None:
        self._frozen: Seen | None = None
        self._frozen_until: Instant = LATER
        self._lost: dict[int, Instant] = {}
        self._swapped: dict[int, int] = {}
        self._noise = 0.0

    # --- frames -------------------------------------------------------------------------------------------------------

    def on_up(self, now: Instant) -> None:
        self._names_at = self._zero = now
        self.grid.start(now)
        self._ahead, self._sound = None, True
        self._works()

    def on_down(self, now: Instant) -> None:
        self._upset(now)
        self.grid.stop(now)

    def own_deadline(self) -> Instant | None:
        return self.grid.at

    def on_wake(self, now: Instant) -> None:
        seen, frames = self._seen(now), 1
        if self.leaves_out and self._sound:
            if self._ahead is None:
                self._ahead = Foresight(self._news, self.crowd, self.period, now)
            frames = (self._ahead.next(now) - now) // self.period
        microseconds, frame = (now - self._zero) // 1000, self.grid.number(now)
        for left_out in self.grid.before(now):
            self._names_at += SECOND if left_out >= self._names_at else 0
        if now >= self._names_at:
            self._names_at += SECOND
            names = [(number, f"guest {number}") for number in map(self._number, seen.numbers.tolist())] + self.cast.names()
            for packet in info_frame(self.name, names, microseconds, frame):
                self.send(packet, self.to)
        for packet in self._packets(seen, microseconds, frame, now):
            self.send(packet, self.to)
        self._told = (-1, {})
        self.grid.sent(now, frames)

    def _seen(self, now: Instant) -> Seen:
        self.crowd.advance(now)
        if self._frozen is not None and now < self._frozen_until:
            return self._frozen
        self._frozen = None
        return self.crowd.seen(now)

    def disturb(self, now: Instant) -> None:
        """Something is wrong from now on: no frame is left out until it has been off and on again."""
        self._sound = False
        self._upset(now)

    def _upset(self, now: Instant) -> None:
        """What was foreseen may not happen. The crowd has come as far as it was seen to."""
        self.grid.disturb(now)
        self._ahead = None
        if (said := self.grid.said(now)) is not None:
            self.crowd.advance(said)

    def _packets(self, seen: Seen, microseconds: int, frame: int, now: Instant) -> list[bytes]:
        positions, numbers, status = seen.positions, seen.numbers, np.ones(len(seen.numbers))
        if self._noise:
            noise = [[self._chance.gauss(0.0, self._noise) for _ in range(3)] for _ in range(len(positions))]
            positions = positions + np.array(noise).reshape(-1, 3)
        if self._swapped:
            numbers = np.array([self._number(number) for number in numbers.tolist()], np.uint32)
        if self._lost:
            status = np.array([float(self._lost.get(number, 0) <= now) for number in numbers.tolist()])
        targets = positions.copy()
        targets[:, 1] += seen.hands
        if not len(self.cast):
            return data_frame(numbers, positions, seen.speeds, targets, status, microseconds, frame)
        more, places, ways = self.cast.seen(now)
        return data_frame(
            np.concatenate((numbers, more)),
            np.concatenate((positions, places)),
            np.concatenate((seen.speeds, ways)),
            np.concatenate((targets, places)),
            np.concatenate((status, np.ones(len(more)))),
            microseconds,
            frame,
        )

    def _number(self, number: int) -> int:
        return self._swapped.get(number, number)

    # --- what people do, and what breaks ------------------------------------------------------------------------------

    def act(self, words: str, now: Instant) -> None:
        text = " ".join(words.split())
        self._told = (-1, {})
        self._upset(now)
        if text.startswith("guests "):
            tell_guests(self.crowd, text.removeprefix("guests "), now)
        elif text.startswith("guest "):
            tell_guests(self.crowd, text, now)
        else:
            self.disturb(now)
            super().act(text, now)

    def on_act(self, words: str, now: Instant) -> None:
        if self.cast.tell(words, now):
            self._names_at = min(self._names_at, now)  # who comes on is called by name from the next frame on
        elif match := re.fullmatch(r"frozen(?: for (.+))?", words):
            self._frozen = self._seen(now)
            self._frozen_until = now + read_duration(match[1]) if match[1] else LATER
        elif match := re.fullmatch(r"lost (\d+)(?: for (.+))?", words):
            self._lost[int(match[1])] = now + read_duration(match[2]) if match[2] else LATER
        elif match := re.fullmatch(r"swap (\d+) (\d+)", words):
            one, other = int(match[1]), int(match[2])
            self._swapped |= {one: self._number(other), other: self._number(one)}
        elif match := re.fullmatch(r"noise (\d+(?:\.\d+)?)(cm|m)?", words):
            self._noise = float(match[1]) / (100 if match[2] == "cm" else 1)
        elif match := re.fullmatch(r"clock steps (-?)(.+)", words):
            step = read_duration(match[2])
            self._zero += step if match[1] else -step
        elif words == "restart":
            self._zero, self.grid.numbered_from = now, self.grid.at or now
        elif words == "works":
            self._works()
        else:
            raise ValueError(f"{self.name} does not understand {words!r}; it knows {FAULTS}, {KNOWN}, and lines about guests")

    # --- truth --------------------------------------------------------------------------------------------------------

    def truth(self, now: Instant) -> dict[str, Value]:
        if self._told[0] != now:
            self._told = now, self._look(now)
        return dict(self._told[1])

    def _look(self, now: Instant) -> dict[str, Value]:
        self.crowd.advance(now)
        seen = self.crowd.seen(now)
        count = len(seen.numbers)
        last = self.grid.said(now)
        known: dict[str, Value] = {
            "guests": float(count),
            "age": 0.0 if last is None else seconds_of(now - last),
            "raised": float(np.count_nonzero(seen.hands > RAISED_ABOVE)) / max(count, 1),
            "moving": float(np.count_nonzero(np.hypot(seen.speeds[:, 0], seen.speeds[:, 2]) > MOVING_ABOVE)) / max(count, 1),
        }
        return known | {f"{name}_guests": float(self.crowd.in_zone(index, seen)) for name, index in self.crowd.zone_named.items()}
