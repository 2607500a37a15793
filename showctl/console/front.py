"""The console's own process: pages are served here, and the show, which runs elsewhere, does not feel them.

However many pages look on, and whatever one of them sends, the engine has one client here, which is told each change once. It is
less urgent than the show, and more so than what else runs on this machine, a browser for instance: a GO comes through here. It
may be killed, and the show goes on. When the engine is not there, pages are closed at once, see that they are not connected, and
come again.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from showctl.console.access import Access
from showctl.console.remote import RemoteDesk
from showctl.console.server import Console
from showctl.runtime.turns import take_short_turns

log = logging.getLogger(__name__)

PROMPT = -5
"""Nice value where the system permits that: the engine is in real time then, or more urgent by its own."""
NICE = 5
"""Elsewhere: the engine is as everybody else there."""
SWITCH = 0.0005
"""Seconds after which a thread that computes (an answer to a question) gives way to the loop."""
TAKEN = 2
"""Exit code: the port is somebody else's, and trying again is of no use."""


async def serve(folder: Path, state: Path, engine: Path, host: str, port: int, names: Sequence[str], venue: str = "") -> int:
    """Serves pages at ``host:port`` until asked to end; ``engine``: the Unix socket of the show, ``venue``: where its simulated
    venue answers. Returns the exit code."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    _take_place()
    desk = RemoteDesk(engine, lambda: console.audience.everybody_out())
    console = Console(desk, host=host, port=port, names=names, access=Access(state), place=(folder, state), venue=venue)
    try:
        await console.start()
    except OSError as error:
        log.error("The console cannot listen at %s:%d (%s): give another --port.", host, port, error.strerror or error)
        return TAKEN
    desk.start()
    await ended.wait()
    await desk.stop()
    await console.stop()
    return 0


def _take_place() -> None:
    sys.setswitchinterval(SWITCH)
    gc.freeze()
    try:
        os.setpriority(os.PRIO_PROCESS, 0, PROMPT)
    except OSError:
        os.nice(NICE)
    take_short_turns()
