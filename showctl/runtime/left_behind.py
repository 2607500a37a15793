"""One supervisor a state folder; and what one that was killed has left there, which nobody would start again.

``alone`` holds the folder: a second run in it would end the light of the first. A supervisor that is killed takes nothing with
it: the wire sends on, the engine plays on, pages answer, and none of them is replaced should it die. The next supervisor adopts
the wire (``supervisor.py``); ``console_left`` and ``engines_left`` find the others, so that it can put its own in their place.
Linux only (/proc).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

LOCK: Final = "run.lock"
ENDS_WITHIN: Final = 5.0
"""Seconds that somebody may take to go."""


class AlreadyRunError(Exception):
    """Another supervisor has this state folder."""

    def __init__(self, pid: str) -> None:
        super().__init__(f"it runs already{', in process ' + pid if pid else ''}")


@contextlib.contextmanager
def alone(state: Path) -> Iterator[None]:
    """The state folder belongs to this process while the block runs. ``AlreadyRunError`` where it is another's."""
    with (state / LOCK).open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunError(lock.read(20).strip()) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def console_left(state: Path) -> list[int]:
    """Process ids of consoles of this state folder. Ask only who is ``alone`` there."""
    return _of(state, b"_front")


def engines_left(state: Path) -> list[int]:
    """Process ids of engines and understudies of this state folder. Ask only who is ``alone`` there."""
    return _of(state, b"_engine")


def end(pids: list[int], number: signal.Signals) -> None:
    """Ends them, and waits until they are gone."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            try:
                signal.pidfd_send_signal(handle, number)
                select.select([handle], [], [], ENDS_WITHIN)
            finally:
                os.close(handle)


def _of(state: Path, program: bytes) -> list[int]:
    """Of our own programs of that name, those that were given this state folder (``cli.house`` writes their command lines)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # gone meanwhile
            words = path.read_bytes().split(b"\0")
            given = dict(pairwise(words))
            if b"showctl.cli" in words and program in words and given.get(b"--state") == os.fsencode(state):
                found.append(int(path.parent.name))
    return sorted(found)
