"""What pages ask that is work: a cue as it is written, edits, recording, the log, rehearsals; and what lights and room are.

Edits are locked while the console is in show mode, which it is until a programmer says otherwise, and after every restart. The
work is done by a process of its own (``workshop.py``); here it is asked for, in the units of the outside.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

from starlette.responses import FileResponse, Response

from showctl.console.asking import Refusal
from showctl.console.audience import Audience
from showctl.console.guard import STRANGER
from showctl.console.reception import Asked, Sorry, at_once, on_a_thread
from showctl.console.workshop import LONG_PATIENCE, REPORT, Workshop
from showctl.engine.asking import Unknown
from showctl.runtime.revisions import folder_digest

LONGEST: Final = 8000
"""Letters of one word of a request."""
LOCKED: Final = 409

LOOKS_EVERY: Final = 3.0
"""Seconds between two looks at the folder's files: each takes 2 ms, here and not where the show runs."""


def saved_since(folder: Path, state: Path) -> bool:
    """Whether the texts of the folder are others than those that run. False where nobody has said what runs."""
    try:
        running = (state / "running").read_text(encoding="ascii").split()
        return bool(running) and folder_digest(folder) != running[0]
    except OSError:
        return False  # a file came or went while we looked: the next look sees it


class Work:
    """The work on one show folder. ``place``: the folder and its state; None: there is none, as in a test of something else."""

    def __init__(self, audience: Audience, place: tuple[Path, Path] | None) -> None:
        self.audience, self.desk = audience, audience.desk
        self._place = place
        self._edits = None if place is None else Workshop(*place)
        self._rehearsals = None if place is None else Workshop(*place, patience=LONG_PATIENCE)
        self._running: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._verdicts: dict[str, dict[str, Any]] = {}

    def start(self) -> None:
        """From now on pages are told when the folder is no longer what runs."""
        if self._place is not None:
            self._looking = asyncio.get_running_loop().create_task(self._look(*self._place), name="console looks at the folder")

    async def _look(self, folder: Path, state: Path) -> None:
        while True:
            self.audience.facts["saved"] = await asyncio.to_thread(saved_since, folder, state)
            await asyncio.sleep(LOOKS_EVERY)

    async def close(self) -> None:
        """Nothing more is worked on."""
        for task in (self._running, self._looking):
            if task is not None:
                task.cancel()
        for workshop in (self._edits, self._rehearsals):
            if workshop is not None:
                await workshop.close()

    # --- looking -------------------------------------------------------------------------------------------------------------

    async def lights(self, _: Asked) -> dict[str, Any]:
        """Groups and fixtures."""
        return await on_a_thread(self.desk.fixtures)

    async def room(self, _: Asked) -> dict[str, Any]:
        """The plan of the room."""
        return await on_a_thread(self.desk.room)

    async def log(self, asked: Asked) -> dict[str, Any] | Response:
        """As run; ``format=csv`` is a file."""
        most = asked.text("most") or "500"
        if not most.isdecimal():
            raise Refusal("most is a whole number")
        wanted: dict[str, Any] = {word: asked.text(word)[:LONGEST] for word in ("words", "who", "format")}
        told = await self._workshop.ask("log", most=int(most), **wanted)
        if "csv" not in told:
            return told
        headers = {"content-disposition": 'attachment; filename="as-run.csv"'}
        return Response(told["csv"], headers=headers, media_type="text/csv; charset=utf-8")

    async def cue(self, asked: Asked) -> dict[str, Any]:
        """A cue as it is written."""
        return await self._workshop.ask("cue", list=asked.text("list"), cue=asked.text("cue"))

    # --- edits -----------------------------------------------------------------------------------------------------------------

    async def mode(self, asked: Asked) -> dict[str, Any]:
        """Show mode, or edit mode."""
        show = asked.given(needs=("show",))["show"]
        if not isinstance(show, bool):
            raise Refusal("show is true or false")
        self.audience.facts["mode"] = "show" if show else "edit"
        return {"mode": self.audience.facts["mode"]}

    async def edit(self, asked: Asked) -> dict[str, Any]:
        """An edit, shown or written."""
        given = _words(
            asked, needs=("do", "list", "cue"), may=("field", "value", "label", "beside", "after", "keep_looks", "revision")
        )
        if given["do"] not in ("set", "rename", "move", "copy", "delete", "insert", "renumber"):
            raise Refusal("do is set, rename, move, copy, delete, insert or renumber")
        self._require_edit_mode(given)
        return await self._workshop.ask("edit", do_what=given.pop("do"), **given)

    async def record(self, asked: Asked) -> dict[str, Any]:
        """What is seen, as a look or as a cue's light; shown or written."""
        given = _words(asked, needs=("into", "name"), may=("list", "fixtures", "revision"))
        if given["into"] not in ("look", "cue"):
            raise Refusal("into is look or cue")
        self._require_edit_mode(given)
        fixtures = given.pop("fixtures", [])
        try:
            seen = await at_once(self.desk, lambda: self.desk.seen(fixtures))
        except (KeyError, Unknown) as unknown:
            raise Refusal(
                str(unknown) if isinstance(unknown, Unknown) else f"there is no light called {unknown.args[0]}"
            ) from None
        given.setdefault("list", self.desk.main_list)
        return await self._workshop.ask("record", seen=seen, **given)

    async def undo(self, asked: Asked) -> dict[str, Any]:
        """The last edit from a page, taken back."""
        asked.given()
        self._require_edit_mode({"revision": "undo"})
        return await self._workshop.ask("undo")

    # --- rehearsals ----------------------------------------------------------------------------------------------------

    async def rehearsals(self, _: Asked) -> dict[str, Any]:
        """The show's rehearsals and the last verdicts."""
        told = await self._workshop.ask("rehearsals")
        return told | {"rehearsals": [item | {"verdict": self._verdicts.get(item["name"])} for item in told["rehearsals"]]}

    async def report(self, asked: Asked) -> Response:
        """What the last rehearsals found: a page that carries its own script, so it is shown as a stranger's."""
        path = None if self._place is None else self._place[1] / REPORT
        if path is None or not path.is_file():
            raise Sorry(404, "no rehearsal has been run from a page yet")
        if asked.text("download") not in ("", "0"):
            return FileResponse(path, media_type="text/html; charset=utf-8", filename=REPORT)
        return FileResponse(path, media_type="text/html; charset=utf-8", headers=STRANGER)

    async def rehearse(self, asked: Asked) -> dict[str, Any]:
        """Begins to run them; ``view.rehearsing`` tells how far they are."""
        names = asked.given(may=("names",)).get("names", [])
        if not isinstance(names, list) or not all(isinstance(name, str) and len(name) <= LONGEST for name in names):
            raise Refusal("names is a list of names")
        if self._running is not None and not self._running.done():
            raise Sorry(LOCKED, "rehearsals are running already")
        assert self._workshop is not None
        self._told({"running": [], "done": 0, "of": len(names), "verdicts": []})
        self._running = asyncio.get_running_loop().create_task(self._rehearse(names), name="console rehearsals")
        return {"started": True}

    async def _rehearse(self, names: list[str]) -> None:
        assert self._rehearsals is not None
        try:
            told = await self._rehearsals.ask("rehearse", self._told, names=names)
        except Sorry as sorry:
            told = {"running": [], "done": 0, "of": 0, "verdicts": [], "refused": str(sorry)}
        finally:
            await self._rehearsals.close()  # it was made less urgent than other work, and cannot be made more urgent again
        self._told({"running": [], "done": 0, "of": 0} | told)

    def _told(self, progress: dict[str, Any]) -> None:
        self._verdicts |= {verdict["name"]: verdict for verdict in progress["verdicts"]}
        self.audience.facts["rehearsing"] = progress

    # --- shared --------------------------------------------------------------------------------------------------------

    @property
    def _workshop(self) -> Workshop:
        if self._edits is None:
            raise Sorry(404, "there is no folder that could be worked on")
        return self._edits

    def _require_edit_mode(self, given: dict[str, Any]) -> None:
        if given.get("revision") and self.audience.facts["mode"] == "show":
            raise Sorry(LOCKED, "show mode locks edits: a programmer opens it")


def _words(asked: Asked, *, needs: tuple[str, ...], may: tuple[str, ...]) -> dict[str, Any]:
    """What was sent, each word of its type."""
    given = dict(asked.given(needs=needs, may=may))
    given.pop("origin", None)
    for word, value in given.items():
        if word == "fixtures":
            if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
                raise Refusal("fixtures is a list of names")
        elif word in ("after", "keep_looks"):
            if not isinstance(value, bool):
                raise Refusal(f"{word} is true or false")
        elif not isinstance(value, str) or len(value) > LONGEST:
            raise Refusal(f"{word} is text of at most {LONGEST} characters")
    return given
