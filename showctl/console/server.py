"""The console's server: the page, a few HTTP answers, and a WebSocket. It runs in the engine's own event loop.

- ``GET /`` the operator's page; ``GET /static/...`` what it is made of.
- ``GET /api/status`` (design section 6), ``GET /api/view`` (``?full=1``: with the cues).
- ``GET /api/why`` (``?fixture=``, ``&parameter=``, or ``?cue=``, ``&list=``) and ``GET /api/explain`` (``?list=``): the words
  and what they are made of. They are answered on a thread: the show does not wait for a question.
- ``POST /api/ask``: one request (``asking.py``) and its answer.
- ``POST /api/reload``: what was saved since, compared with what runs; with the ``revision`` that an answer named, that runs.
- ``GET /api/rdm``: who was found over RDM; ``POST``: one verb of ``runtime/rdm_desk.py``, never during a show.
- ``/ws``: the whole view, then what changes (``audience.py``); requests with an ``id`` are answered under it.

``guard.py`` stands before all of it. Messages have a greatest size; a client that sends more, or nonsense, is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from showctl.console.asking import Refusal, answer_json, as_json, from_json, rdm_of, reload_of, request_of
from showctl.console.audience import Audience, Client, Desk
from showctl.console.guard import LOOPBACK, Guard
from showctl.engine.asking import Unknown

log = logging.getLogger(__name__)

PORT: Final = 8080
LARGEST: Final = 64 << 10
"""Bytes of one request."""
MOST_CONNECTIONS: Final = 200
TRY_AGAIN_LATER: Final = 1013  # RFC 6455's registry of close codes
STATIC: Final = Path(__file__).with_name("static")


def make_app(desk: Desk, audience: Audience, names: Sequence[str] = ()) -> Starlette:
    """Everything that is answered, behind the guard. ``names``: what this console is called, besides loopback."""

    async def page(_: HttpRequest) -> Response:
        return FileResponse(STATIC / "index.html", media_type="text/html; charset=utf-8")

    async def status(_: HttpRequest) -> Response:
        return _json(desk.status())

    async def view(request: HttpRequest) -> Response:
        return _json(desk.view(full=request.query_params.get("full", "") not in ("", "0")))

    async def why(request: HttpRequest) -> Response:
        asked = request.query_params
        if not asked.get("fixture") and not asked.get("cue"):
            return _json({"error": "ask about a fixture or about a cue"}, 400)
        names = {"cue": asked.get("cue", ""), "list_name": asked.get("list", "")}
        return await _answered(lambda: desk.why(asked.get("fixture", ""), asked.get("parameter", ""), **names))

    async def explain(request: HttpRequest) -> Response:
        return await _answered(lambda: desk.explain(request.query_params.get("list", "")))

    async def ask(request: HttpRequest) -> Response:
        body = await _body(request)
        if body is None:
            return _json({"error": f"a request is {LARGEST} bytes at most"}, 413)
        try:
            wanted = request_of(from_json(body), _address(request.client))
        except Refusal as refusal:
            return _json({"error": str(refusal)}, 400)
        return _json(answer_json(await desk.ask(wanted)))

    async def reload(request: HttpRequest) -> Response:
        body = await _body(request)
        if body is None:
            return _json({"error": f"a request is {LARGEST} bytes at most"}, 413)
        try:
            revision = reload_of(from_json(body))
        except Refusal as refusal:
            return _json({"error": str(refusal)}, 400)
        return _json(await desk.reload(revision))

    async def rdm(request: HttpRequest) -> Response:
        if request.method != "POST":
            return _json(desk.rdm_table())
        body = await _body(request)
        if body is None:
            return _json({"error": f"a request is {LARGEST} bytes at most"}, 413)
        try:
            wanted = rdm_of(from_json(body), _address(request.client))
        except Refusal as refusal:
            return _json({"error": str(refusal)}, 400)
        return _json(await desk.ask_rdm(wanted))

    async def watch(websocket: WebSocket) -> None:
        await _watch(websocket, desk, audience)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/api/status", status),
            Route("/api/view", view),
            Route("/api/why", why),
            Route("/api/explain", explain),
            Route("/api/ask", ask, methods=["POST"]),
            Route("/api/reload", reload, methods=["POST"]),
            Route("/api/rdm", rdm, methods=["GET", "POST"]),
            WebSocketRoute("/ws", watch),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(Guard, names=names)],
    )


class Console:
    """A console that listens: at ``host:port`` (0: any free one) and, for programs of this machine, at a Unix socket."""

    def __init__(
        self, desk: Desk, *, host: str = "127.0.0.1", port: int = PORT, names: Sequence[str] = (), path: Path | None = None
    ) -> None:
        self._desk, self._host, self._port, self._names, self._path = desk, host, port, names, path
        self._audience = Audience(desk)
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.url = ""

    async def start(self) -> None:
        """Listens from now on. OSError where the port is taken."""
        sockets = [_listen(self._host, self._port)]
        port = sockets[0].getsockname()[1]
        name = f"[{self._host}]" if ":" in self._host else self._host
        self.url = f"http://{'127.0.0.1' if name == '0.0.0.0' else name}:{port}"
        if self._path is not None:
            sockets.append(_listen_at(self._path))
        names = [*self._names, *([] if self._host in (*LOOPBACK, "0.0.0.0", "::") else [self._host])]
        app = make_app(self._desk, self._audience, names)
        self._audience.start()
        logging.getLogger("uvicorn").setLevel(logging.WARNING)  # its "Started server process" is nothing to an operator
        self._server = _Server(
            uvicorn.Config(
                app,
                http="h11",
                ws="websockets-sansio",
                ws_max_size=LARGEST,
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
        await self._audience.stop()
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


# --- One browser ------------------------------------------------------------------------------------------------------


async def _watch(websocket: WebSocket, desk: Desk, audience: Audience) -> None:
    client = audience.join()
    if client is None:
        await websocket.close(TRY_AGAIN_LATER)
        return
    await websocket.accept()
    try:
        async with asyncio.TaskGroup() as tasks:
            telling = tasks.create_task(audience.tell(client, websocket.send_text))
            try:
                await _listen_to(websocket, desk, client)
            finally:
                telling.cancel()
    except* (WebSocketDisconnect, BufferError, TimeoutError, RuntimeError) as gone:
        log.debug("A page has gone: %s", gone.exceptions[0])
    finally:
        audience.leave(client)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1):  # it may take nothing any more, not even this
                await websocket.close()


async def _listen_to(websocket: WebSocket, desk: Desk, client: Client) -> None:
    """Answers what a page asks, in order. Ends when the page has gone."""
    address = _address(websocket.client)
    while True:
        text = await websocket.receive_text()
        number: object = None
        try:
            body = from_json(text)
            number = body.get("id") if isinstance(body, dict) else None
            answer = answer_json(await desk.ask(request_of(body, address)))
            client.answer(as_json({"type": "answer", "id": number, "answer": answer}))
        except Refusal as refusal:
            client.answer(as_json({"type": "answer", "id": number, "error": str(refusal)}))


# --- Small things -----------------------------------------------------------------------------------------------------


async def _answered(question: Callable[[], dict[str, Any]]) -> Response:
    try:
        return _json(await asyncio.to_thread(question))
    except Unknown as unknown:
        return _json({"error": str(unknown)}, 404)


def _json(value: Any, status: int = 200) -> Response:
    return Response(as_json(value), status, media_type="application/json")


async def _body(request: HttpRequest) -> bytes | None:
    """The body, or None where it is too large: it is not read to its end."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _address(client: Any) -> str:
    return "" if client is None else str(client.host)


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
