"""Children that take a copy of everything, do one thing with it, and hand back what they found.

A fork is a kept state: the show, the venue, every driver as they are at this instant, for the price of the pages that the child
writes to. At most ``most`` run at once; ``do`` waits for one to end where there are that many.
"""

from __future__ import annotations

import gc
import os
import pickle
import selectors
import sys
import traceback
from collections.abc import Callable
from typing import Any, Final, Protocol

HERE: Final = hasattr(os, "fork") and sys.platform == "linux"
"""Whether this system can."""
_PIECE: Final = 1 << 16


class BrokenChildError(RuntimeError):
    """A child raised; its traceback is the message."""


class Doing(Protocol):
    """Somebody who has work done, now or in a while."""

    def do(self, work: Callable[[], object]) -> object: ...


class Forks:
    """Runs children and gives what they return to ``done``, each as it comes: order is the caller's business."""

    def __init__(self, most: int, done: Callable[[Any], None]) -> None:
        self._most, self._done = most, done
        self._selector = selectors.DefaultSelector()
        self._heard: dict[int, bytearray] = {}
        self._child: dict[int, int] = {}

    def do(self, work: Callable[[], object]) -> None:
        """``work`` is done in a child; what it returns has to be picklable."""
        while len(self._child) >= self._most:
            self._listen()
        reads, writes = os.pipe()
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            os.close(reads)
            _in_child(work, writes)
        os.close(writes)
        self._heard[reads], self._child[reads] = bytearray(), child
        self._selector.register(reads, selectors.EVENT_READ)

    def wait(self) -> None:
        """Until every child has ended."""
        while self._child:
            self._listen()

    def close(self) -> None:
        """Ends whatever still runs: somebody lost patience."""
        for reads, child in self._child.items():
            os.kill(child, 9)
            os.waitpid(child, 0)
            os.close(reads)
        self._child.clear()
        self._selector.close()

    def _listen(self) -> None:
        for key, _ in self._selector.select():
            reads = key.fd
            piece = os.read(reads, _PIECE)
            if piece:
                self._heard[reads] += piece
                continue
            self._selector.unregister(reads)
            os.close(reads)
            os.waitpid(self._child.pop(reads), 0)
            heard = bytes(self._heard.pop(reads))
            if not heard:
                raise BrokenChildError("a child ended without a word: was it killed, is memory short?")
            well, found = pickle.loads(heard)
            if not well:
                raise BrokenChildError(found)
            self._done(found)


def _in_child(work: Callable[[], object], writes: int) -> None:
    """Does the work, writes what it returned, and is gone: nothing that the parent has open is closed or flushed twice."""
    gc.disable()
    try:
        said = pickle.dumps((True, work()))
    except BaseException:
        said = pickle.dumps((False, traceback.format_exc()))
    try:
        while said:
            said = said[os.write(writes, said) :]
    finally:
        os._exit(0)
