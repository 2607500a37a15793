"""The venue's own HTTP server: what is true, and a way to play tricks on it.

- ``GET /``       plain text for people; the browser asks again each second
- ``GET /state``  JSON (design section 6): fixtures, devices, universes, pixels
- ``GET /names``  JSON: every name that a script may look at, with its type
- ``GET /pixels/NAME.png``  a wall of pixels as it looks
- ``POST /act``   JSON ``{"what": "fault", "words": "projector_2 power lost for 20s"}``; 400 with a sentence says what is wrong

It stands on loopback, knows itself by loopback names only (a page elsewhere cannot rebind its name to us), and takes scripts as
``application/json`` only (a form elsewhere cannot send that).
"""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Generator
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from simulators.live import LiveVenue
from simulators.pixel_walls import png
from simulators.text_view import page

HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")
LONGEST: Final = 4096
SCALE: Final = 8
"""Points of a screen for each pixel of a wall."""


def application(live: LiveVenue) -> Starlette:
    """The routes above, over a running venue."""

    async def text(_: Request) -> Response:
        return PlainTextResponse(page(live.venue.show.name, live.state()), headers={"Refresh": "1", "Cache-Control": "no-store"})

    async def state(_: Request) -> Response:
        return JSONResponse(live.state(), headers={"Cache-Control": "no-store"})

    async def wall(request: Request) -> Response:
        found = live.wall(request.path_params["name"])
        if found is None:
            return PlainTextResponse("there is no such wall of pixels", 404)
        return Response(png(found, SCALE), media_type="image/png", headers={"Refresh": "1", "Cache-Control": "no-store"})

    async def names(_: Request) -> Response:
        return JSONResponse(dict(live.venue.names()))

    async def act(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return JSONResponse({"refused": "send application/json"}, 415)
        if int(request.headers.get("content-length", LONGEST + 1)) > LONGEST:
            return JSONResponse({"refused": f"more than {LONGEST} bytes"}, 413)
        try:
            match await request.json():
                case {"what": str(what), "words": str(words)}:
                    live.act(what, words)
                case _:
                    return JSONResponse({"refused": 'send {"what": ..., "words": ...}'}, 400)
        except json.JSONDecodeError as error:
            return JSONResponse({"refused": f"this is not JSON: {error}"}, 400)
        except ValueError as error:
            return JSONResponse({"refused": str(error)}, 400)
        return JSONResponse({"done": True})

    return Starlette(
        routes=[
            Route("/", text),
            Route("/state", state),
            Route("/names", names),
            Route("/pixels/{name}.png", wall),
            Route("/act", act, methods=["POST"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS))],
    )


class HttpServer(uvicorn.Server):
    """uvicorn within our loop; signals are the program's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def bound(port: int) -> socket.socket:
    """A socket on loopback, so that a taken port is our complaint and not uvicorn's exit. Port 0: any free one.

    It does not listen yet: whoever can connect may take it that everything is there.
    """
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind(("127.0.0.1", port))
    except OSError:
        opened.close()
        raise
    return opened


async def serve(live: LiveVenue, opened: socket.socket) -> None:
    """Answers until cancelled."""
    config = uvicorn.Config(application(live), log_config=None, access_log=False, lifespan="off", ws="none")
    await HttpServer(config).serve(sockets=[opened])
