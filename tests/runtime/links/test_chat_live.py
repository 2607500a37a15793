"""The line over HTTP on a real socket, against a server written here from the API's reference: in time, half, never, refused.

The key goes from the environment into the header of each request, and nowhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from showctl.devices.ai_chat import AiChat
from showctl.engine.commands import Tell
from showctl.engine.events import DeviceFailed
from showctl.runtime.links import Carrier, carry
from showctl.runtime.links.chat import ChatLink, KeyMissingError, key_from
from showctl.show.cues import ActionClass, Value
from tests.devices.building import device
from tests.runtime.links.loops import on_a_loop, until
from tests.runtime.links.test_links import Heard, free_port

pytestmark = pytest.mark.serial
KEY = "sk-nobody-may-read-this"


class Server:
    """Streams what ``line`` says, in pieces of ``size`` bytes; ``how`` is well, half, never, or a status."""

    def __init__(self) -> None:
        self.line, self.how, self.size, self.pause = "I carry embers.", "well", 7, 0.0
        self.open = 0
        self.heads: list[bytes] = []
        self.asked: list[dict[str, object]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                fields = dict(line.lower().split(b": ", 1) for line in head.strip().split(b"\r\n")[1:])
                body = await reader.readexactly(int(fields.get(b"content-length", b"0")))
                self.heads.append(head)
                if head.startswith(b"GET"):
                    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                    continue
                self.asked.append(json.loads(body))
                if self.how == "never":
                    continue
                if self.how.isdecimal():
                    writer.write(b"HTTP/1.1 %s Sorry\r\nContent-Length: 0\r\n\r\n" % self.how.encode())
                    continue
                await self._stream(writer)
                if self.how == "half":
                    break
        writer.close()
        self.open -= 1

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        events = [{"choices": [{"index": 0, "delta": {"content": word + " "}}]} for word in self.line.split()]
        events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        if self.how == "half":
            events = events[:1]
        said = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in (f"data: {json.dumps(e)}\r\n\r\n".encode() for e in events))
        if self.how == "well":
            said += b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"
        whole = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" + said
        for start in range(0, len(whole), self.size):
            writer.write(whole[start : start + self.size])
            await writer.drain()
            await asyncio.sleep(self.pause)


@contextlib.asynccontextmanager
async def endpoint(heard: Heard, **options: str) -> AsyncIterator[tuple[Server, Carrier]]:
    server, port = Server(), free_port(socket.SOCK_STREAM)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", port)
    given = {"model": "dreamer", "key": "env SHOWCTL_TEST_KEY"} | options
    it = device("ai_performer", name="mind", transport="http", host="127.0.0.1", port=port, options=given)
    carrier = carry(AiChat(it), ChatLink(it, port), heard, time.monotonic_ns)
    try:
        yield server, carrier
    finally:
        carrier.stop()
        listening.close()
        await until(lambda: not server.open)


def ask(carrier: Carrier, order: int, within: float = 2.0) -> None:
    given: dict[str, Value] = {"prompt": "What do you carry?", "within": within, "approved": "The heat of every hand."}
    carrier.command(Tell(time.monotonic_ns(), order, "mind", "ask", tuple(given.items()), ActionClass.MOMENTARY))


@on_a_loop
async def test_a_line_is_streamed_and_the_key_is_in_the_request_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SHOWCTL_TEST_KEY", KEY)
    heard = Heard()
    with caplog.at_level(logging.DEBUG):
        async with endpoint(heard) as (server, carrier):
            await until(lambda: heard.healths() == ["ok"])
            ask(carrier, 1)
            await until(lambda: heard.field("line") == "I carry embers.")
            server.size = 100_000
            ask(carrier, 2)
            await until(lambda: len(server.asked) == 2 and heard.field("line") == "I carry embers.")
            assert heard.field("source") == "performer"
            assert all(b"Authorization: Bearer " + KEY.encode() in head for head in server.heads)
            assert server.asked[0]["model"] == "dreamer"
            assert KEY not in repr(heard.events) + repr(vars(carrier.driver)) + caplog.text
            assert KEY not in repr(carrier.driver.reported()) + repr(carrier.driver.desired())


@on_a_loop
async def test_whatever_the_server_does_a_line_is_there_by_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOWCTL_TEST_KEY", KEY)
    heard = Heard()
    async with endpoint(heard) as (server, carrier):
        await until(lambda: heard.healths() == ["ok"])
        for order, how in enumerate(("never", "half", "500", "401"), 1):
            server.how, begun = how, time.monotonic()
            ask(carrier, order, within=0.6)
            assert heard.field("line") == "", "the line before is over"
            await until(lambda: heard.field("line") == "The heat of every hand.")
            assert time.monotonic() - begun < 1.5
        why = [event.why for event in heard.events if isinstance(event, DeviceFailed)]
        endings = ["closed the connection", "answered 500", "answered 401"]
        assert why == ["no answer came in time", *(f"the endpoint {ending}" for ending in endings)]
        server.how = "well"
        ask(carrier, 9)
        await until(lambda: heard.field("line") == "I carry embers.")
    assert heard.healths()[-1] == "ok"


@on_a_loop
async def test_a_server_that_drips_is_cut_off_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOWCTL_TEST_KEY", KEY)
    heard = Heard()
    async with endpoint(heard, probe="none") as (server, carrier):
        server.size, server.pause = 1, 0.02
        ask(carrier, 1, within=0.4)
        await until(lambda: heard.field("why") == "no answer came in time")
        assert heard.field("line") == "The heat of every hand."


@on_a_loop
async def test_a_key_that_is_not_there_is_said_and_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOWCTL_TEST_KEY", raising=False)
    heard = Heard()
    async with endpoint(heard) as (server, carrier):
        ask(carrier, 1, within=0.5)
        await until(lambda: heard.field("line") == "The heat of every hand.")
        assert server.heads == []


def test_a_key_stands_in_a_variable_or_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHOWCTL_TEST_KEY", f" {KEY}\n")
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    assert key_from("env SHOWCTL_TEST_KEY") == key_from(f"file {file}") == KEY
    assert key_from("") == ""
    for where, why in (
        ("env SHOWCTL_NO_SUCH_KEY", "SHOWCTL_NO_SUCH_KEY, which is not set"),
        (f"file {tmp_path / 'none'}", "cannot be read"),
        (f"file {tmp_path}", "cannot be read"),
    ):
        with pytest.raises(KeyMissingError, match=why):
            key_from(where)
    file.write_text(f"{KEY}\nX-Injected: yes\n")
    with pytest.raises(KeyMissingError, match="no single word") as refused:
        key_from(f"file {file}")
    assert KEY not in str(refused.value)
