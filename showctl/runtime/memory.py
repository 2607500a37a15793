"""How a rehearsal deals with memory: what was used is kept, to be used again, and garbage is looked for less often.

Plans of thousands of rows come and go with every cue. The C library would give each back to the system and ask for it anew,
and every page of it comes back empty, by way of the kernel: a tenth of a rehearsal's time. What a rehearsal makes goes round
in circles hardly ever, so that looking through it finds next to nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
from collections.abc import Iterator
from functools import cache
from typing import Final

RARELY: Final = (50_000, 20, 50)
"""Thresholds of the collector."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h
KEPT, LARGEST = 256 << 20, 32 << 20
"""Bytes: so much may lie unused, and a piece up to so large comes from what lies there."""


@cache
def keep_what_was_used() -> None:
    """From now on this process gives little back. Elsewhere than on glibc nothing happens."""
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, LARGEST)
        library.mallopt(_M_TRIM_THRESHOLD, KEPT)


@contextlib.contextmanager
def collecting_rarely() -> Iterator[None]:
    """In here garbage is looked for rarely."""
    before = gc.get_threshold()
    gc.set_threshold(*max(before, RARELY))
    try:
        yield
    finally:
        gc.set_threshold(*before)
