"""The console's own process: pages are served here, and the show, which runs elsewhere, does not feel them.

However many pages look on, and whatever one of them sends, the engine has one client here, which is told each change once. It is
less urgent than the show; it may be killed, and the show goes on. When the engine is not there, pages are closed at once, see
that they are not connected, and come again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from showctl.console.access import Access
from showctl.console.remote import RemoteDesk
from showctl.console.server import Console

log = logging.getLogger(__name__)

NICE = 5
TAKEN = 2
"""Exit code: the port is somebody else's, and trying again is of no use."""


async def serve(folder: Path, state: Path, engine: Path, host: str, port: int, names: Sequence[str]) -> int:
    """Serves pages at ``host:port`` until asked to end; ``engine``: the Unix socket of the show. Returns the exit code."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.nice(NICE)
    desk = RemoteDesk(engine, lambda: console.audience.everybody_out())
    console = Console(desk, host=host, port=port, names=names, access=Access(state), place=(folder, state))
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
