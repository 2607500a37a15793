"""Fade curves (R12): from how far a fade has come to how far its level has, in 32768ths, by committed tables.

``progress`` is ``min(elapsed * 32768 // duration, 32768)``; a curve maps it by 1,025 points and straight lines between them;
``between`` takes a level that far from one to another. All int32, the same everywhere. The tables are made by
``tools/make_curve_tables.py``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.curve_tables import TABLES
from showctl.show.instants import Duration
from showctl.show.levels import Level

ONE: Final = 32768
"""The whole way."""

CURVES: Final[dict[str, int]] = {name: number for number, name in enumerate(TABLES)}
"""Every curve by the name that authors write, and the number that rows carry. Numbers never change: journals hold them."""


def _table() -> NDArray[np.int32]:
    tables = np.array([[*map(int, text.split()), ONE] for text in TABLES.values()], np.int32)
    tables.flags.writeable = False
    return tables


TABLE: Final = _table()
"""Curve by point; the last point stands twice, so that the end needs no case of its own."""
_STRIDE: Final = TABLE.shape[1]
_FLAT: Final = TABLE.ravel()


def progress(elapsed: Duration, duration: Duration) -> int:
    """How far a fade has come, 0..32768. A fade without length is done as soon as it starts."""
    if elapsed < 0:
        return 0
    return ONE if elapsed >= duration else elapsed * ONE // duration


def shaped(curve: int, progress: int) -> int:
    """``progress`` after ``curve``.

    >>> shaped(CURVES["s"], 8192), shaped(CURVES["linear"], 12345)
    (5120, 12345)
    """
    index, part = progress >> 5, progress & 31
    low = int(TABLE[curve, index])
    return low + (((int(TABLE[curve, index + 1]) - low) * part + 16) >> 5)


def between(source: Level, target: Level, f: int) -> Level:
    """The level ``f`` of the way from ``source`` to ``target``.

    >>> between(0, 65535, 32768), between(65535, 0, 16384)
    (65535, 32768)
    """
    return source + (((target - source) * f + 16384) >> 15)


def shaped_all(offset: NDArray[np.int64], progress: NDArray[np.int64]) -> NDArray[np.int32]:
    """``shaped`` for many; ``offset`` is where each one's curve begins (see ``offsets``)."""
    index = (progress >> 5) + offset
    low = _FLAT[index]
    part = (progress & 31).astype(np.int32)
    return np.asarray(low + (((_FLAT[index + 1] - low) * part + 16) >> 5), np.int32)


def curve_of(offset: int) -> int:
    """The curve that begins at ``offset``."""
    return int(offset) // int(_STRIDE)


def offsets(curve: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Where each curve begins in the flat table."""
    return np.asarray(curve.astype(np.int64) * _STRIDE, np.int64)
