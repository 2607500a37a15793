"""Tapes for the chase, whole and torn: what a source says, when, and where the tape really was.

A tape is a list of stretches; each yields readings (instant, label) in the order in which they
arrive. Everything comes from a seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from showctl.protocols.timecode import Rate, Timecode, from_frames, to_nanoseconds
from showctl.show.instants import SECOND, Duration, Instant

FAULTS = ("dropped", "repeated", "misread", "torn", "jittered", "swapped", "silent", "held", "spliced", "all at once")


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``at`` the tape plays from frame ``count`` at ``speed`` (0: it stands)."""

    at: Instant
    count: int
    speed: int = 1


class Tape:
    """A tape and what is wrong with its code."""

    def __init__(self, rate: Rate, seed: int, fault: str = "", frames: int = 90) -> None:
        self.rate, self.fault = rate, fault
        self._random = random.Random(seed)
        self.frame = to_nanoseconds(1, rate)
        start = self._random.randrange(0, rate.frames_per_day)
        self.stretches = [Stretch(0, start)]
        self.length = frames * self.frame
        third = frames // 3
        if fault == "held" or (fault == "all at once" and seed % 3 == 0):
            self.stretches += [Stretch(third * self.frame, start + third, 0), Stretch(2 * third * self.frame, start + third)]
        elif fault == "spliced" or (fault == "all at once" and seed % 3 == 1):
            there = start + self._random.choice((-1, 1)) * self._random.randrange(20, 40_000)
            self.stretches += [Stretch(third * self.frame, there)]
        self.quiet = (third * self.frame, (third + self._random.randrange(2, 40)) * self.frame) if fault == "silent" else (0, 0)

    def true_count(self, at: Instant) -> float:
        """The frame, and how much of it, that passes the head."""
        now = next(item for item in reversed(self.stretches) if item.at <= at or item is self.stretches[0])
        return now.count + now.speed * (at - now.at) * self.rate.num / (self.rate.den * SECOND)

    def readings(self) -> Iterator[tuple[Instant, Timecode]]:
        """What arrives."""
        yield from sorted(self._said(), key=lambda item: item[0])

    def _said(self) -> Iterator[tuple[Instant, Timecode]]:
        bad = self.fault == "all at once"
        swapped: list[Timecode] = []
        for n in range(self.length // self.frame):
            at = n * self.frame
            label = from_frames(round(self.true_count(at)), self.rate)
            if self.quiet[0] <= at < self.quiet[1] or (self.fault == "dropped" and self._chance(0.3)):
                continue
            if bad and self._chance(0.1):
                continue
            if (self.fault == "misread" and self._chance(0.15)) or (bad and self._chance(0.05)):
                label = from_frames(self._random.randrange(self.rate.frames_per_day), self.rate)
            if self.fault == "torn" or (bad and self._chance(0.2)):
                label = self._torn(round(self.true_count(at)), label)
            if self.fault == "swapped" and self._chance(0.1):
                swapped.append(label)
                continue
            late = self._jitter() if self.fault == "jittered" or bad else 0
            yield max(at + late, 0), label
            if (self.fault == "repeated" and self._chance(0.3)) or (bad and self._chance(0.05)):
                yield at + late + self._random.randrange(1, self.frame // 2), label
            for held in swapped:
                yield at + late + 1_000, held
            swapped.clear()

    def _torn(self, count: int, label: Timecode) -> Timecode:
        """A generator that takes the pieces of a label at different times: at a turn, old seconds meet new frames."""
        before = from_frames(count - 1, self.rate)
        if before.seconds != label.seconds and self._chance(0.7):
            try:
                return Timecode(label.hours, before.minutes, before.seconds, label.frames, self.rate)
            except Exception:
                return label
        return label

    def _jitter(self) -> Duration:
        return round(min(max(self._random.gauss(0, 0.2), -0.45), 0.45) * self.frame)

    def _chance(self, share: float) -> bool:
        return self._random.random() < share
