"""The console in a process of its own: what it passes on, and what its pages see when the show goes away."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from showctl.console.remote import RemoteDesk
from showctl.console.server import Console
from showctl.engine.events import Go, Origin
from tests.console.stage import LittleStage
from tests.console.test_server import heard, pages

pytestmark = pytest.mark.serial


@contextlib.asynccontextmanager
async def engine(stage: LittleStage, path: Path) -> AsyncIterator[None]:
    """The show, which listens at its socket only."""
    console = Console(stage.desk, port=None, path=path)
    await console.start()
    running = asyncio.create_task(stage.run())
    try:
        yield
    finally:
        running.cancel()
        await console.stop()


@contextlib.asynccontextmanager
async def front(path: Path) -> AsyncIterator[Console]:
    """The console that people see."""
    desk = RemoteDesk(path, lambda: console.audience.everybody_out())
    console = Console(desk, port=0)
    await console.start()
    desk.start()
    try:
        yield console
    finally:
        await desk.stop()
        await console.stop()


async def until_there(console: Console) -> None:
    async with httpx.AsyncClient(base_url=console.url) as page, asyncio.timeout(5):
        while (await page.get("/api/view")).status_code != 200:
            pass


async def what_a_page_asks_reaches_the_show_under_its_own_name_and_address(path: Path) -> None:
    stage = LittleStage()
    async with engine(stage, path), front(path) as console:
        await until_there(console)
        async with pages(console) as page, pages(console) as other:
            hello = await heard(page, "hello")
            assert [cue["label"] for cue in hello["view"]["lists"][0]["cues"]] == ["1", "2", "3", "4"]
            await heard(other, "hello")
            await page.send(json.dumps({"id": 7, "request": "Go", "list": "main", "origin": {"surface": "key", "person": "Mei"}}))
            assert (await heard(page, "answer"))["answer"]["started"] == {"list": "main", "cue": "1"}
            assert stage.asked == [Go("main", origin=Origin("key", "Mei", "127.0.0.1"))]
            while not (update := await heard(other, "update"))["notes"]:
                pass
            assert update["notes"][0]["what"] == "cue.started", "everybody hears of it"
        async with httpx.AsyncClient(base_url=console.url) as asking:
            assert (await asking.get("/api/why", params={"fixture": "par_1"})).json()["fixture"] == "par_1"
            assert (await asking.get("/api/why", params={"fixture": "nobody"})).status_code == 404
            assert (await asking.get("/api/status")).json()["show"] == "Small"
            assert (await asking.get("/healthz")).json()["ok"]


def test_what_a_page_asks_reaches_the_show_under_its_own_name_and_address(tmp_path: Path) -> None:
    asyncio.run(what_a_page_asks_reaches_the_show_under_its_own_name_and_address(tmp_path / "socket"))


async def pages_are_closed_at_once_when_the_show_goes_away_and_no_go_is_kept(path: Path) -> None:
    stage = LittleStage()
    async with front(path) as console:
        with pytest.raises(InvalidStatus):
            async with pages(console):
                pass
        async with engine(stage, path):
            await until_there(console)
            page = await connect(f"ws{console.url.removeprefix('http')}/ws", proxy=None)
            await heard(page, "hello")
        with pytest.raises(ConnectionClosed):
            await heard(page, "nothing of the kind")
        async with httpx.AsyncClient(base_url=console.url) as asking:
            gone = await asking.post("/api/ask", json={"request": "Go"})
            assert gone.json()["refused"] == "the show is not there: nothing was sent"
            assert (await asking.get("/healthz")).status_code == 503
            assert (await asking.get("/")).status_code == 200, "the page itself is there, and says so"
        async with engine(stage, path):
            await until_there(console)
            async with pages(console) as again:
                await heard(again, "hello")
        assert stage.asked == []


@pytest.mark.expects_log("The show does not answer; pages are told")
def test_pages_are_closed_at_once_when_the_show_goes_away_and_no_go_is_kept(tmp_path: Path) -> None:
    asyncio.run(pages_are_closed_at_once_when_the_show_goes_away_and_no_go_is_kept(tmp_path / "socket"))


async def a_page_that_floods_is_held_to_what_hands_can_do_and_the_others_are_not(path: Path) -> None:
    stage = LittleStage()
    async with engine(stage, path), front(path) as console:
        await until_there(console)
        async with pages(console, close_timeout=0.2) as flood, pages(console) as calm:
            for number in range(400):
                await flood.send(json.dumps({"id": number, "request": "Standby", "list": "main", "cue": "1"}))
            loop = asyncio.get_running_loop()
            began = loop.time()
            await calm.send(json.dumps({"id": "calm", "request": "Go"}))
            assert (await heard(calm, "answer"))["id"] == "calm"
            assert loop.time() - began < 1.0
            assert len(stage.asked) < 100


def test_a_page_that_floods_is_held_to_what_hands_can_do_and_the_others_are_not(tmp_path: Path) -> None:
    asyncio.run(a_page_that_floods_is_held_to_what_hands_can_do_and_the_others_are_not(tmp_path / "socket"))
