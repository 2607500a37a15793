"""Linear timecode as sound: samples to words, and words to samples. Standard: SMPTE 12M-1 clause 8 (biphase mark).

Every bit begins with a change of sign, a one has another in its middle: polarity, level and DC mean nothing, only when the sign
changes. The reader follows the tape's speed by itself, from a tenth to ten times, in both directions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from showctl.protocols import ltc
from showctl.protocols.errors import ProtocolError
from showctl.protocols.timecode import Rate, from_frames

LEVEL: Final = 0.5  # of full scale, -6 dBFS
QUIETEST: Final = 0.002  # -54 dBFS: below this nothing is read
_GATE: Final = 0.25  # of the amplitude: how far beyond the middle a sample must be to change the sign
_FASTEST: Final = 1.6  # samples a half bit, at the least
_SLOWEST_BIT: Final = 0.01  # seconds: a longer silence is no bit (24 fps at a twentieth of its speed)
_DIGITAL_FULL_SCALE: Final = {np.dtype(np.int16): 1 / 32768, np.dtype(np.int32): 1 / 2147483648}


@dataclass(frozen=True, slots=True)
class Heard:
    """One word: where in the samples its frame begins and ends as it was heard (fractions of a sample), and which way it ran."""

    word: ltc.Word
    begins: float
    ends: float
    forward: bool = True

    def frames_per_second(self, sample_rate: int) -> float:
        """How fast the tape ran over this frame."""
        return sample_rate / (self.ends - self.begins)


class Listener:
    """Reads words out of chunks of one channel, of any length.

    `bad` counts what had a sync word and made no sense. Positions count samples from the first that was fed.
    """

    def __init__(self, sample_rate: int) -> None:
        self._slowest = _SLOWEST_BIT * sample_rate
        self._framer = ltc.Framer()
        self._half = sample_rate / (160 * 25.0)
        self.fed = 0
        self._sign = 0
        self._previous = 0.0
        self._peaks = (0.0, 0.0)
        self._edge = -1.0
        self._open = -1.0
        self._edges: list[float] = []
        self.bad = 0

    def feed(self, chunk: ArrayLike) -> list[Heard]:
        """Samples as whole numbers of 16 or 32 bits, or as floats of full scale 1."""
        samples = np.asarray(chunk)
        samples = samples.astype(np.float64) * _DIGITAL_FULL_SCALE.get(samples.dtype, 1.0)
        found: list[Heard] = []
        if len(samples):
            for edge in self._crossings(samples):
                found += self._edge_at(edge)
            self.fed += len(samples)
            self._previous = float(samples[-1])
        return found

    def _crossings(self, samples: NDArray[np.float64]) -> list[float]:
        """Where the sign changes, between two samples. Small wiggles about the middle are none."""
        high, low = float(samples.max()), float(samples.min())
        before_high, before_low = self._peaks
        quick = min(1.0, len(samples) / self._slowest)  # a drifting DC is followed, a chunk of silence moves little
        if before_high == before_low:
            before_high, before_low = high, low
        high, low = max(high, before_high - quick * (before_high - high)), min(low, before_low + quick * (low - before_low))
        self._peaks = (high, low)
        if high - low < 2 * QUIETEST:
            self._lost()
            return []
        middle, gate = (high + low) / 2, _GATE * (high - low) / 2
        centred = samples - middle
        sign = np.where(centred > gate, 1, np.where(centred < -gate, -1, 0))
        known = np.maximum.accumulate(np.where(sign != 0, np.arange(len(sign)), -1))
        sign = np.where(known >= 0, sign[np.maximum(known, 0)], self._sign)
        flips = np.flatnonzero(np.diff(sign, prepend=self._sign))
        self._sign = int(sign[-1])
        before = np.where(flips > 0, centred[flips - 1], self._previous - middle)
        step = centred[flips] - before
        back = np.divide(centred[flips], step, out=np.zeros(len(flips)), where=step != 0)
        return list((self.fed + flips - np.clip(back, 0.0, 1.0)).tolist())

    def _edge_at(self, edge: float) -> list[Heard]:
        interval, self._edge = edge - self._edge, edge
        if interval < _FASTEST * 0.5 or interval > self._slowest:
            self._lost()
            return []
        if not 0.5 * self._half <= interval <= 3 * self._half:  # the tape has another speed: nothing before this counts
            self._half = interval / 2 if interval > self._half else interval
            self._lost()
            return []
        if interval > 1.5 * self._half:  # the whole of a zero
            if self._open >= 0:
                self._lost()  # half a one, and then no other half
            self._half += (interval / 2 - self._half) / 4
            return self._bit(0, edge - interval, edge)
        self._half += (interval - self._half) / 4
        if self._open < 0:
            self._open = edge - interval
            return []
        begins, self._open = self._open, -1.0
        return self._bit(1, begins, edge)

    def _bit(self, value: int, begins: float, ends: float) -> list[Heard]:
        self._edges.append(begins)
        if len(self._edges) > 2 * ltc.BITS:
            del self._edges[: -ltc.BITS]
        found = self._framer.bit(value)
        if found is None:
            return []
        word, forward = found
        try:
            return [Heard(ltc.decode(word), self._edges[-ltc.BITS], ends, forward)]
        except ProtocolError:
            self.bad += 1
            return []

    def _lost(self) -> None:
        self._framer.reset()
        self._edges.clear()
        self._open = -1.0


class Generator:
    """Makes the sound of code at exact rate: no sample is ever more than half a sample from where its bit belongs."""

    def __init__(self, rate: Rate, sample_rate: int, first: int, level: float = LEVEL, user: int = 0) -> None:
        """`first` is the frame to begin with, counted from midnight."""
        self._rate, self._sample_rate, self._level, self._user = rate, sample_rate, level, user
        self._next, self._count = first, 0
        self._sign = 1.0

    def frames(self, count: int) -> NDArray[np.float32]:
        """The samples of the next `count` frames; the next call goes on from there without a seam."""
        parts = list(self._halves(count))
        return np.concatenate(parts) if parts else np.empty(0, np.float32)

    def _halves(self, count: int) -> Iterator[NDArray[np.float32]]:
        for _ in range(count):
            bits = list(ltc.bits_of(ltc.encode(from_frames(self._next, self._rate), self._user)))
            edges = [self._sample(self._count * 2 * ltc.BITS + half) for half in range(2 * ltc.BITS + 1)]
            for n, bit in enumerate(bits):
                self._sign = -self._sign
                yield np.full(edges[2 * n + 1] - edges[2 * n], self._sign * self._level, np.float32)
                self._sign = -self._sign if bit else self._sign
                yield np.full(edges[2 * n + 2] - edges[2 * n + 1], self._sign * self._level, np.float32)
            self._next += 1
            self._count += 1

    def _sample(self, half_bits: int) -> int:
        """The sample at which a half bit begins, rounded; whole numbers, so an hour does not drift."""
        above, below = half_bits * self._sample_rate * self._rate.den, 2 * ltc.BITS * self._rate.num
        return (2 * above + below) // (2 * below)
