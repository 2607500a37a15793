"""The console's server: it listens, at a port and at a Unix socket.

The engine listens at the socket only; ``front.py`` is the console that people see. What is answered stands in ``app.py`` and
``sockets.py``. Messages have a greatest size; a client that sends more, or nonsense, is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import uvicorn

from showctl.console.access import Access
from showctl.console.app import make_app
from showctl.console.audience import Audience
from showctl.console.company import Company
from showctl.console.desk_there import NearDesk
from showctl.console.frames import Framed
from showctl.console.guard import LOOPBACK
from showctl.console.reception import LARGEST
from showctl.console.remote import RemoteDesk
from showctl.console.work import Work

PORT: Final = 8080
MOST_CONNECTIONS: Final = 200


class Console:
    """A console that listens: at ``host:port`` (0: any free one) and, for programs of this machine, at a Unix socket.

    ``port`` None: only at the socket. ``place``: the show's folder and its state folder, for what pages do to them.
    ``venue``: where its simulated venue answers.
    """

    def __init__(
        self,
        desk: NearDesk | RemoteDesk,
        *,
        host: str = "127.0.0.1",
        port: int | None = PORT,
        names: Sequence[str] = (),
        path: Path | None = None,
        access: Access | None = None,
        place: tuple[Path, Path] | None = None,
        venue: str = "",
    ) -> None:
        self._desk, self._host, self._port, self._names, self._path = desk, host, port, names, path
        self._venue = venue
        self._access = access or Access(None)
        self._company = Company(lambda: desk.main_list)
        self.audience = Audience(desk, self._company)
        self._work = Work(self.audience, place)
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.url = ""

    async def start(self) -> None:
        """Listens from now on. OSError where the port is taken."""
        sockets = [] if self._port is None else [_listen(self._host, self._port)]
        if sockets:
            name = f"[{self._host}]" if ":" in self._host else self._host
            self.url = f"http://{'127.0.0.1' if name == '0.0.0.0' else name}:{sockets[0].getsockname()[1]}"
        if self._path is not None:
            sockets.append(_listen_at(self._path))
        names = [*self._names, *([] if self._host in (*LOOPBACK, "0.0.0.0", "::") else [self._host])]
        app = make_app(self.audience, self._access, self._work, names, self._venue)
        self.audience.start()
        self._work.start()
        logging.getLogger("uvicorn").setLevel(logging.WARNING)  # its "Started server process" is nothing to an operator
        self._server = _Server(
            uvicorn.Config(
                app,
                http="h11",
                ws=Framed,
                ws_max_size=LARGEST,
                ws_per_message_deflate=False,  # a venue's network is wide; packing every page's updates would cost the show
                ws_ping_interval=5,
                ws_ping_timeout=10,
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                limit_concurrency=MOST_CONNECTIONS,
                timeout_keep_alive=15,
                timeout_graceful_shutdown=1,
            )
        )
        self._task = asyncio.get_running_loop().create_task(self._server.serve(sockets=sockets), name="console")
        await self._server.up.wait()

    async def stop(self) -> None:
        """Closes every connection and stops listening."""
        await self.audience.stop()
        await self._work.close()
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
        if self._path is not None:
            self._path.unlink(missing_ok=True)


class _Server(uvicorn.Server):
    """uvicorn, but the signals stay with the process that it runs in; ``up`` is set when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


# --- Small things -----------------------------------------------------------------------------------------------------


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _listen_at(path: Path) -> socket.socket:
    """A Unix socket that only this user may open."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(64)
    except OSError:
        listener.close()
        raise
    return listener
