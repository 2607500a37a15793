"""Players of other makes on real sockets, answered by servers that python-osc serves and that were written here by hand."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_message import OscMessage
from pythonosc.osc_server import ThreadingOSCUDPServer
from pythonosc.udp_client import SimpleUDPClient

from showctl.devices.registry import driver_for
from showctl.engine.commands import Tell
from showctl.engine.events import DeviceHealth
from showctl.runtime.links import TcpLink, UdpLink, carry
from showctl.show.cues import ActionClass, Value
from showctl.show.patch import make_patch
from showctl.show.show import Show
from showctl.show.triggers import Clip
from tests.devices.building import at, device, osc
from tests.runtime.links.loops import on_a_loop, until
from tests.runtime.links.test_links import Heard, free_port

MERGED = 8
"""After so many messages their answers come in one."""
pytestmark = pytest.mark.serial
SHOW = Show("others", make_patch((), (), ()), (), clips=(Clip("moon", "moon.mov", at(40), ("it",)),))


class Stranger:
    """A Resolume by python-osc: it answers ``?`` on a port that was set at its end, as the real one does."""

    def __init__(self, back: int) -> None:
        self.heard: list[tuple[str, tuple[Any, ...]]] = []
        self.answers = SimpleUDPClient("127.0.0.1", back)
        self.since = 0.0
        dispatcher = Dispatcher()
        dispatcher.set_default_handler(self.message)
        self.server = ThreadingOSCUDPServer(("127.0.0.1", 0), dispatcher)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def message(self, address: str, *arguments: Any) -> None:
        self.heard.append((address, arguments))
        if address.endswith("/connect"):
            self.since = time.monotonic()
        if arguments == ("?",):
            value = (time.monotonic() - self.since) / 40 if address.endswith("position") else 1.0
            self.answers.send_message(address, float(value))


@pytest.fixture
def stranger() -> Iterator[tuple[Stranger, int]]:
    back = free_port()
    made = Stranger(back)
    yield made, back
    made.server.shutdown()
    made.server.server_close()
    made.answers._sock.close()  # it has no close of its own


@on_a_loop
async def test_layers_hear_the_answers_that_come_to_the_port_set_at_their_end(stranger: tuple[Stranger, int]) -> None:
    server, back = stranger
    heard = Heard()
    it = device("resolume", name="it", options={"clips": "moon=3", "listen": str(back)})
    port = int(server.server.server_address[1])
    carrier = carry(driver_for(it, SHOW), UdpLink("127.0.0.1", port, "", back), heard, time.monotonic_ns)
    await until(lambda: heard.healths() == ["ok"])
    play: dict[str, Value] = {"clip": "moon", "surface": "dome", "layer": 1.0}
    carrier.command(Tell(time.monotonic_ns(), 1, "it", "play", tuple(play.items()), ActionClass.RESUME))
    await until(lambda: heard.field("clip") == "moon" and heard.field("state") == "playing")
    assert ("/composition/layers/1/clips/3/connect", (1,)) in server.heard
    carrier.stop()


@on_a_loop
async def test_qlab_in_pieces_and_all_at_once() -> None:
    """A workspace by hand: what it says is cut into pieces of five bytes, later several replies come in one."""
    told: list[str] = []
    held = bytearray()
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        buffer = b""
        while data := await reader.read(4096):
            *whole, buffer = (buffer + data).split(b"\xc0")
            for packet in whole:
                if packet:
                    answer(OscMessage(packet.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")), writer)
            if len(told) > MERGED:
                writer.write(bytes(held))
                held.clear()
        writer.close()
        ended.set()

    def answer(message: OscMessage, writer: asyncio.StreamWriter) -> None:
        told.append(message.address)
        data: Any = {"/connect": "ok:view|edit|control", "/thump": "thump"}.get(message.address)
        address = message.address
        if address == "/cue/active/valuesForKeys":
            address, data = "/cue_id/x/valuesForKeys", {"number": "1", "isRunning": True, "isPaused": False, "actionElapsed": 2.0}
        body = osc(f"/reply{address}", "s", json.dumps({"address": address, "status": "ok", "data": data}))
        line = b"\xc0" + body.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0"
        if len(told) > MERGED:
            held.extend(line)
            return
        for begin in range(0, len(line), 5):
            writer.write(line[begin : begin + 5])

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    heard = Heard()
    it = device("qlab", name="it", transport="slip")
    carrier = carry(driver_for(it, SHOW), TcpLink("127.0.0.1", port), heard, time.monotonic_ns)
    await until(lambda: heard.field("running") == "1")
    await until(lambda: len(told) > MERGED + 2)
    assert [event.health for event in heard.events if isinstance(event, DeviceHealth)] == ["ok"]
    carrier.stop()
    await asyncio.wait_for(ended.wait(), 5)
    server.close()
