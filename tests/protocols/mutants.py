"""A million broken frames in seconds: mutations made by columns in numpy, several to a frame, the same ones for a seed.

Bytes are set, set to an edge, or have a bit turned, mostly in the header, where the meaning is; frames are cut, made longer,
and lose or gain bytes in the middle, so that what follows stands in the wrong place. One in sixteen stays as it is.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from showctl.protocols.errors import ProtocolError

BATCH = 4096
HEADER = 130
EDGES = np.array([0x00, 0x01, 0x7F, 0x80, 0xE7, 0x7E, 0xFE, 0xFF], np.uint8)


def batches(seeds: Sequence[bytes], count: int, seed: int = 1) -> Iterator[list[bytes]]:
    """``count`` mutants of ``seeds`` (to the batch above), in lists."""
    chance = np.random.default_rng(seed)
    for n in range(-(-count // BATCH)):
        yield _mutants(seeds[n % len(seeds)], chance)


def _mutants(frame: bytes, chance: np.random.Generator) -> list[bytes]:
    size, room = len(frame), len(frame) + 16
    made = chance.integers(0, 256, (BATCH, room), np.uint8)
    made[:, :size] = np.frombuffer(frame, np.uint8)
    rows = np.arange(BATCH)
    for turn in range(4):
        changed = rows[chance.random(BATCH) < (1.0, 0.6, 0.4, 0.2)[turn]]
        most = np.where(chance.random(len(changed)) < 0.8, min(size, HEADER), size)
        at = (chance.random(len(changed)) * most).astype(np.int64)
        was, what = made[changed, at], chance.integers(0, 3, len(changed))
        bits = (1 << chance.integers(0, 8, len(changed))).astype(np.uint8)
        drawn = chance.integers(0, 256, len(changed), np.uint8)
        made[changed, at] = np.select([what == 0, what == 1], [drawn, EDGES[drawn % len(EDGES)]], was ^ bits)
    lengths = np.full(BATCH, size)
    _shift(made, lengths, size, chance)
    cut = rows[chance.random(BATCH) < 0.15]
    lengths[cut] = (chance.random(len(cut)) * (size + 1)).astype(np.int64)
    longer = rows[chance.random(BATCH) < 0.1]
    lengths[longer] += chance.integers(1, 9, len(longer))
    whole = rows[chance.random(BATCH) < 1 / 16]
    made[whole, :size], lengths[whole] = np.frombuffer(frame, np.uint8), size
    flat, ends = made.tobytes(), np.minimum(lengths, room).tolist()
    return [flat[n * room : n * room + end] for n, end in enumerate(ends)]


def _shift(made: NDArray[np.uint8], lengths: NDArray[np.int64], size: int, chance: np.random.Generator) -> None:
    """Eight handfuls of rows lose or gain a few bytes at a place of their own."""
    for _ in range(8):
        first, at, by = int(chance.integers(0, BATCH - 64)), int(chance.integers(0, size)), int(chance.integers(1, 9))
        some = slice(first, first + 64)
        if chance.random() < 0.5:
            made[some, at : size - by] = made[some, at + by : size].copy() if at + by < size else made[some, at : size - by]
            lengths[some] = np.maximum(lengths[some] - by, 0)
        else:
            made[some, at + by :] = made[some, at:-by].copy()
            lengths[some] += by


def survive_a_million(decode: Callable[[bytes], object], seeds: Sequence[bytes], count: int = 1_000_000) -> tuple[int, int]:
    """Decodes mutants; anything raised but `ProtocolError` ends it. Says how many were read and refused.

    After each batch the good frames are read as ever: what was broken has left nothing behind.
    """
    good = [decode(frame) for frame in seeds]
    read = refused = 0
    for batch in batches(seeds, count):
        for data in batch:
            try:
                decode(data)
                read += 1
            except ProtocolError:
                refused += 1
        assert [decode(frame) for frame in seeds] == good
    return read, refused
