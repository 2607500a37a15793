"""The console on real sockets: who may come in, what a page is told, and that nobody can hold it up."""

import asyncio
import contextlib
import json
import os
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from showctl.console import app, audience, reception
from showctl.console.server import Console
from showctl.engine.commands import Note
from tests.console.stage import LittleStage, open_console

pytestmark = pytest.mark.serial


async def heard(page: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of a kind."""
    async with asyncio.timeout(5):
        while True:
            said: dict[str, Any] = json.loads(await page.recv())
            if said["type"] == kind:
                return said


def pages(console: Console, **more: Any) -> connect:
    return connect(f"ws{console.url.removeprefix('http')}/ws", proxy=None, **more)


# --- What a page is told ------------------------------------------------------------------------------------------------


async def a_page_gets_everything_then_what_changes() -> None:
    stage = LittleStage()
    async with open_console(stage) as console, pages(console) as page:
        hello = await heard(page, "hello")
        assert hello["view"]["show"] == "Small"
        assert [cue["label"] for cue in hello["view"]["lists"][0]["cues"]] == ["1", "2", "3", "4"]
        assert hello["view"]["lists"][0]["standby"] == "1"

        update = await heard(page, "update")
        assert "now" in update["view"]
        assert "show" not in update["view"], "what has not changed is not said again"

        await page.send(json.dumps({"id": 7, "request": "Go", "list": "main"}))
        answer = await heard(page, "answer")
        assert answer["id"] == 7
        assert answer["answer"]["started"] == {"list": "main", "cue": "1"}
        while not (update := await heard(page, "update"))["notes"]:
            pass
        assert update["notes"][0]["what"] == "cue.started"
        assert update["view"]["lists"][0]["standby"] == "2"
        assert "cues" not in update["view"]["lists"][0]


def test_a_page_gets_everything_then_what_changes() -> None:
    asyncio.run(a_page_gets_everything_then_what_changes())


async def updates_come_ten_times_a_second_at_most() -> None:
    async with open_console(LittleStage()) as console, pages(console) as page:
        await heard(page, "hello")
        loop = asyncio.get_running_loop()
        await heard(page, "update")
        began = loop.time()
        for _ in range(8):
            await heard(page, "update")
        assert loop.time() - began > 8 * audience.ROUND * 0.8


def test_updates_come_ten_times_a_second_at_most() -> None:
    asyncio.run(updates_come_ten_times_a_second_at_most())


async def nonsense_is_answered_and_the_page_stays() -> None:
    async with open_console(LittleStage()) as console, pages(console) as page:
        for text, why in (("{", "that is not JSON"), ('{"id": 1, "request": "Jump"}', "there is no request called 'Jump'")):
            await page.send(text)
            assert why in (await heard(page, "answer"))["error"]
        await page.send('{"id": 2, "request": "Panic"}')
        assert (await heard(page, "answer"))["answer"]["done"]


def test_nonsense_is_answered_and_the_page_stays() -> None:
    asyncio.run(nonsense_is_answered_and_the_page_stays())


async def two_pages_see_the_same_go() -> None:
    async with open_console(LittleStage()) as console, pages(console) as one, pages(console) as other:
        await heard(one, "hello")
        await heard(other, "hello")
        await one.send('{"id": 1, "request": "Go"}')
        while not (update := await heard(other, "update"))["notes"]:
            pass
        assert update["notes"][0]["cue"] == "main/1"


def test_two_pages_see_the_same_go() -> None:
    asyncio.run(two_pages_see_the_same_go())


# --- HTTP ---------------------------------------------------------------------------------------------------------------


async def programs_ask_over_http(path: Path) -> None:
    async with open_console(LittleStage(), path) as console, httpx.AsyncClient(base_url=console.url, trust_env=False) as client:
        status = (await client.get("/api/status")).json()
        assert (status["show"], status["lists"][0]["standby"], status["devices"][0]["health"]) == ("Small", "1", "ok")
        assert set(status["wire"]) >= {"frames", "late_p99_us", "missed"}
        assert "cues" in (await client.get("/api/view?full=1")).json()["lists"][0]
        answer = (await client.post("/api/ask", json={"request": "Go"})).json()
        assert (answer["done"], answer["started"]) == (True, {"list": "main", "cue": "1"})
        refused = (await client.post("/api/ask", json={"request": "Go", "cue": "99"})).json()
        assert not refused["done"]
        wrong = await client.post("/api/ask", json={"request": "Jump"})
        assert (wrong.status_code, "Jump" in wrong.json()["error"]) == (400, True)
        assert os.stat(path).st_mode & 0o777 == 0o600  # noqa: PTH116
        transport = httpx.AsyncHTTPTransport(uds=str(path))
        async with httpx.AsyncClient(base_url="http://localhost", transport=transport) as near:
            assert (await near.get("/api/status")).json()["show"] == "Small"


def test_programs_ask_over_http_and_over_a_socket_of_their_user(tmp_path: Path) -> None:
    asyncio.run(programs_ask_over_http(tmp_path / "console.sock"))

    assert not (tmp_path / "console.sock").exists()


async def the_page_is_served_with_a_strict_policy() -> None:
    async with open_console(LittleStage()) as console, httpx.AsyncClient(base_url=console.url, trust_env=False) as client:
        for path in ("/", "/static/console.js", "/static/console.css", "/api/status", "/nowhere"):
            answer = await client.get(path)
            assert "default-src 'none'" in answer.headers["content-security-policy"], path
            assert "unsafe" not in answer.headers["content-security-policy"], path
            assert answer.headers["x-content-type-options"] == "nosniff"
        assert (await client.get("/static/../server.py")).status_code == 404
        assert (await client.get("/static/%2e%2e/server.py")).status_code == 404
        assert (await client.get("/api/ask")).status_code == 405, "reading changes nothing"


def test_the_page_is_served_with_a_strict_policy() -> None:
    asyncio.run(the_page_is_served_with_a_strict_policy())


def test_the_page_names_nothing_of_elsewhere() -> None:
    for path in app.STATIC.iterdir():
        words = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")  # names of formats, not addresses
        assert "http://" not in words, path
        assert "https://" not in words.replace('"https:"', ""), path


# --- Who may come in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "{own}"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Host": "show.example:8080"}, 403),
        ({"Host": ""}, 403),
        ({"Origin": "http://show.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Content-Type": "text/plain"}, 403),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 403),
    ],
)
def test_only_the_consoles_own_page_and_programs_may_ask(headers: dict[str, str], status: int) -> None:
    stage = LittleStage()

    async def ask() -> None:
        async with open_console(stage) as console, httpx.AsyncClient(base_url=console.url, trust_env=False) as client:
            given = {"Content-Type": "application/json"} | {
                name: value.format(own=console.url) for name, value in headers.items()
            }
            answer = await client.post("/api/ask", content=b'{"request": "Go"}', headers=given)
            assert answer.status_code == status

    asyncio.run(ask())
    assert len(stage.asked) == (1 if status == 200 else 0)


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://show.example"}, {"Host": "show.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_page_of_elsewhere_gets_no_connection(headers: dict[str, str]) -> None:
    async def come_in() -> None:
        async with open_console(LittleStage()) as console:
            host, _, port = console.url.removeprefix("http://").partition(":")
            with socket.create_connection((host, int(port))) as raw:
                lines = {"Host": f"{host}:{port}", "Upgrade": "websocket", "Connection": "Upgrade"} | headers
                lines |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}
                raw.setblocking(False)
                loop = asyncio.get_running_loop()
                head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
                await loop.sock_sendall(raw, f"GET /ws HTTP/1.1\r\n{head}\r\n".encode())
                async with asyncio.timeout(5):
                    assert (await loop.sock_recv(raw, 100)).startswith(b"HTTP/1.1 403 ")

    asyncio.run(come_in())


async def a_console_for_tablets_knows_its_name() -> None:
    console = Console(LittleStage().desk, port=0, names=["Booth.local"])
    await console.start()
    try:
        async with httpx.AsyncClient(base_url=console.url, trust_env=False) as client:
            for host, status in (("booth.local:8080", 200), ("booth.local.example", 403)):
                assert (await client.get("/api/status", headers={"Host": host})).status_code == status
    finally:
        await console.stop()


def test_a_console_for_tablets_knows_its_name() -> None:
    asyncio.run(a_console_for_tablets_knows_its_name())


async def the_own_page_gets_one() -> None:
    async with open_console(LittleStage()) as console:
        async with pages(console, origin=console.url) as page:
            await heard(page, "hello")
        with pytest.raises(InvalidStatus):
            async with pages(console, origin=console.url.replace("127.0.0.1", "localhost")):
                pass


def test_the_own_page_gets_one_and_another_name_of_this_machine_does_not() -> None:
    asyncio.run(the_own_page_gets_one())


# --- Nobody holds it up ---------------------------------------------------------------------------------------------------


async def what_is_too_large_is_not_read() -> None:
    stage = LittleStage()
    large = json.dumps({"request": "Go", "list": "x" * reception.LARGEST})
    async with open_console(stage) as console:
        async with httpx.AsyncClient(base_url=console.url, trust_env=False) as client:
            answer = await client.post("/api/ask", content=large, headers={"Content-Type": "application/json"})
            assert answer.status_code == 413
        async with pages(console) as page:
            await heard(page, "hello")
            await page.send(large)
            with contextlib.suppress(ConnectionClosed):
                async with asyncio.timeout(5):
                    while True:
                        await page.recv()
            assert page.close_code == 1009  # RFC 6455, 7.4.1: a message that is too big
    assert stage.asked == []


def test_what_is_too_large_is_not_read() -> None:
    asyncio.run(what_is_too_large_is_not_read())


async def one_that_does_not_read_is_dropped() -> None:
    stage = LittleStage()
    async with open_console(stage) as console, pages(console) as good:
        await heard(good, "hello")
        host, _, port = console.url.removeprefix("http://").partition(":")
        with socket.socket() as lazy:
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            lazy.connect((host, int(port)))
            head = f"GET /ws HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            lazy.sendall((head + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
            watching = console.audience
            for n in range(3000):
                stage.desk.tell(Note(stage.now(), "test.noise", "x" * 100_000))
                said = await heard(good, "update")
                assert len(said["notes"]) <= audience.MOST_NOTES
                if len(watching.clients) == 1 and n > 50:
                    break
            assert len(watching.clients) == 1, "the lazy one has gone, the good one is told everything"


def test_one_that_does_not_read_is_dropped_and_the_others_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience, "PATIENCE", 0.3)
    asyncio.run(one_that_does_not_read_is_dropped())


async def there_is_an_end_to_clients() -> None:
    async with open_console(LittleStage()) as console, contextlib.AsyncExitStack() as stack:
        for _ in range(audience.MOST_CLIENTS):
            await heard(await stack.enter_async_context(pages(console)), "hello")
        with pytest.raises((ConnectionClosed, InvalidStatus)):
            async with pages(console) as one_more:
                await heard(one_more, "hello")
        async with httpx.AsyncClient(base_url=console.url, trust_env=False) as client:
            assert (await client.post("/api/ask", json={"request": "Panic"})).json()["done"]


def test_too_many_pages_are_turned_away_and_panic_still_works() -> None:
    asyncio.run(there_is_an_end_to_clients())


async def a_port_that_is_taken(stage: LittleStage) -> None:
    async with open_console(stage) as console:
        with pytest.raises(OSError, match="in use"):
            await Console(stage.desk, port=int(console.url.rpartition(":")[2])).start()


def test_a_port_that_is_taken_is_said() -> None:
    asyncio.run(a_port_that_is_taken(LittleStage()))
