"""A rehearsal looks for garbage rarely, and only while it plays."""

from __future__ import annotations

import gc

from showctl.runtime.memory import RARELY, collecting_rarely, keep_what_was_used


def test_garbage_is_looked_for_rarely_while_a_rehearsal_plays_and_as_before_afterwards() -> None:
    before = gc.get_threshold()
    try:
        gc.set_threshold(700, 10, 10)
        with collecting_rarely():
            assert gc.get_threshold() == RARELY
        assert gc.get_threshold() == (700, 10, 10)
    finally:
        gc.set_threshold(*before)


def test_memory_is_kept_whoever_asks_and_however_often() -> None:
    keep_what_was_used()
    keep_what_was_used()
    assert len(bytes(1 << 20)) == 1 << 20
