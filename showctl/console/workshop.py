"""The pages' way to the workbench: started when somebody first asks, ended when nobody has asked for a while.

There are two, so that a rehearsal that runs for a minute does not hold up an edit. Each takes one request at a time, and few may
wait. A workbench that dies or hangs is replaced by the next request; the show runs elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from showctl.console.reception import GONE, WAIT, Sorry

log = logging.getLogger(__name__)

MOST_WAITING: Final = 8
PATIENCE: Final = 60.0
LONG_PATIENCE: Final = 1800.0
IDLE: Final = 300.0
LARGEST: Final = 32 << 20
REPORT: Final = "rehearsals.html"
"""In the state folder: what the last rehearsals from a page found."""


class Workshop:
    """One workbench over a show folder, while it is needed."""

    def __init__(self, folder: Path, state: Path, patience: float = PATIENCE) -> None:
        self.folder, self.state, self.patience = folder, state, patience
        self._process: asyncio.subprocess.Process | None = None
        self._one = asyncio.Lock()
        self._waiting = 0
        self._number = 0
        self._idle: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being done."""
        return self._one.locked()

    async def ask(self, do: str, progress: Callable[[dict[str, Any]], None] | None = None, **request: object) -> dict[str, Any]:
        """What the workbench answers. Sorry where it cannot, or where too many are waiting."""
        if self._waiting >= MOST_WAITING:
            raise Sorry(WAIT, "others are at work on this show: wait a moment")
        self._waiting += 1
        try:
            async with self._one:
                return await self._asked({**request, "do": do}, progress)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Nothing is asked any more."""
        if self._idle is not None:
            self._idle.cancel()
        await self._end()

    async def _asked(self, request: dict[str, Any], progress: Callable[[dict[str, Any]], None] | None) -> dict[str, Any]:
        if self._idle is not None:
            self._idle.cancel()
        process = await self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        self._number += 1
        try:
            async with asyncio.timeout(self.patience):
                process.stdin.write(json.dumps({**request, "id": self._number}).encode() + b"\n")
                await process.stdin.drain()
                while True:
                    line = await process.stdout.readline()
                    if not line:
                        raise ConnectionError
                    told = json.loads(line)
                    if "progress" not in told:
                        break
                    if progress is not None:
                        progress(told["progress"])
        except (TimeoutError, OSError, ValueError) as gone:
            await self._end()
            why = f"took longer than {self.patience:g} s" if isinstance(gone, TimeoutError) else "ended"
            raise Sorry(GONE, f"the work on the show's folder {why}; the show itself goes on") from None
        except asyncio.CancelledError:
            await self._end()  # its answer would be taken for that of the next
            raise
        self._idle = asyncio.get_running_loop().call_later(IDLE, self._fire_and_end)
        if "error" in told:
            raise Sorry(int(told.get("status", 500)), str(told["error"]))
        answer: dict[str, Any] = told["answer"]
        return answer

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "showctl.console.workbench", str(self.folder), str(self.state),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LARGEST, start_new_session=True,
            )  # fmt: skip
        return self._process

    def _fire_and_end(self) -> None:
        if not self.busy:
            self._ending = asyncio.get_running_loop().create_task(self._end())

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
