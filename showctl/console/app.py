"""What is answered over HTTP: the page, questions, requests. ``/ws`` is ``sockets.py``'s.

- ``GET /`` the operator's page; ``GET /static/...`` what it is made of.
- ``GET /api/status``, ``GET /api/view`` (``?full=1``: with the cues).
- ``GET /api/why`` (``?fixture=``, ``&parameter=``, or ``?cue=``, ``&list=``) and ``GET /api/explain`` (``?list=``): the words
  and what they are made of. They are answered on a thread: the show does not wait for a question.
- ``POST /api/ask``: one request (``asking.py``) and its answer.
- ``POST /api/reload``: what was saved since, compared with what runs; with the ``revision`` that an answer named, that runs.
- ``GET /api/rdm``: who was found over RDM; ``POST``: one verb of ``runtime/rdm_desk.py``, never during a show.
- ``GET /api/lights``, ``room``, ``log``, ``cue``, ``rehearsals``, ``report``; ``POST /api/edit``, ``undo``, ``record``, ``mode``,
  ``rehearse``: ``work.py``.
- ``GET /api/venue``: whether the show runs on a simulated one; ``POST``: what happens there now (``venue.py``).
- ``GET /healthz``, ``GET /metrics``: ``health.py``. ``GET /api/openapi.json``: all of this, for programs.
- ``GET /api/me``, ``POST /api/login``, ``POST /api/logout``, ``GET /crew/TOKEN``: ``logging_in.py``.

``guard.py`` stands before all of it, and ``access.py`` before everything that ``messages.py`` knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from showctl.console.access import Access
from showctl.console.asking import Refusal, answer_json, rdm_of, reload_of, request_of
from showctl.console.audience import Audience
from showctl.console.company import Company
from showctl.console.desk_there import Desk
from showctl.console.guard import Guard
from showctl.console.health import Health
from showctl.console.logging_in import Door
from showctl.console.openapi import openapi
from showctl.console.reception import GONE, Asked, Reception, Sorry, at_once, may, on_a_thread, signed
from showctl.console.sockets import Sockets
from showctl.console.venue import Venue
from showctl.console.work import Work
from showctl.engine.asking import Unknown
from showctl.engine.commands import Answer

STATIC: Final = Path(__file__).with_name("static")


def make_app(audience: Audience, access: Access, work: Work, names: Sequence[str] = (), venue: str = "") -> Starlette:
    """Everything that is answered, behind the guard. ``names``: what this console is called, besides loopback.

    ``venue``: where the simulated venue answers, if the show runs on one.
    """
    reception, door, questions = Reception(access), Door(access), Questions(audience.desk, audience.company)
    health, room = Health(audience), Venue(venue)
    return Starlette(
        routes=[
            Route("/", _page),
            Route("/sw.js", _worker),
            Route("/crew/{token}", door.crew),
            reception.get("/api/me", door.me),
            reception.post("/api/login", door.log_in),
            reception.post("/api/logout", door.log_out),
            reception.get("/api/status", questions.status),
            reception.get("/api/view", questions.view),
            reception.get("/api/why", questions.why),
            reception.get("/api/explain", questions.explain),
            reception.post("/api/ask", questions.ask),
            reception.post("/api/reload", questions.reload),
            reception.get("/api/rdm", questions.rdm_table),
            reception.post("/api/rdm", questions.rdm),
            reception.get("/api/seen", questions.seen),
            reception.get("/api/lights", work.lights),
            reception.get("/api/room", work.room),
            reception.get("/api/log", work.log),
            reception.get("/api/cue", work.cue),
            reception.post("/api/edit", work.edit),
            reception.post("/api/undo", work.undo),
            reception.post("/api/record", work.record),
            reception.post("/api/mode", work.mode),
            reception.get("/api/rehearsals", work.rehearsals),
            reception.post("/api/rehearse", work.rehearse),
            reception.get("/api/report", work.report),
            reception.get("/api/venue", room.there),
            reception.post("/api/venue", room.act),
            reception.get("/api/openapi.json", _openapi),
            reception.get("/metrics", health.metrics),
            Route("/healthz", health.healthz),
            WebSocketRoute("/ws", Sockets(audience, access).watch),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(Guard, names=names)],
    )


async def _page(_: HttpRequest) -> Response:
    return FileResponse(STATIC / "index.html", media_type="text/html; charset=utf-8")


async def _worker(_: HttpRequest) -> Response:
    return FileResponse(STATIC / "sw.js", media_type="text/javascript")  # from the root, or it could not keep the page itself


async def _openapi(_: Asked) -> dict[str, Any]:
    return openapi()


class Questions:
    """What is asked of the running show."""

    def __init__(self, desk: Desk, company: Company) -> None:
        self.desk, self.company = desk, company

    async def status(self, _: Asked) -> dict[str, Any]:
        return await at_once(self.desk, self.desk.status)

    async def seen(self, asked: Asked) -> dict[str, Any]:
        names = [name for name in asked.text("fixtures").split(",") if name]
        try:
            return {"seen": await at_once(self.desk, lambda: self.desk.seen(names))}
        except KeyError as unknown:
            raise Unknown(f"there is no light called {unknown.args[0]}") from None

    async def view(self, asked: Asked) -> dict[str, Any]:
        if not self.desk.there:
            raise Sorry(GONE, "the show is not there")
        return self.desk.view(full=asked.text("full") not in ("", "0"))

    async def why(self, asked: Asked) -> dict[str, Any]:
        fixture, parameter, cue, list_name = (asked.text(word) for word in ("fixture", "parameter", "cue", "list"))
        if not fixture and not cue:
            raise Refusal("ask about a fixture or about a cue")
        return await on_a_thread(lambda: self.desk.why(fixture, parameter, cue=cue, list_name=list_name))

    async def explain(self, asked: Asked) -> dict[str, Any]:
        list_name = asked.text("list")
        return await on_a_thread(lambda: self.desk.explain(list_name))

    async def ask(self, asked: Asked) -> dict[str, Any]:
        request = request_of(asked.body, asked.address)
        may(asked.who, type(request).__name__)
        owned = self.company.refused(None, request) if asked.address else ""
        return answer_json(Answer(0, owned) if owned else await self.desk.ask(signed(request, asked.who)))

    async def reload(self, asked: Asked) -> dict[str, Any]:
        return await self.desk.reload(reload_of(asked.body))

    async def rdm_table(self, _: Asked) -> dict[str, Any]:
        return await at_once(self.desk, self.desk.rdm_table)

    async def rdm(self, asked: Asked) -> dict[str, Any]:
        return await self.desk.ask_rdm(rdm_of(asked.body, asked.address))
