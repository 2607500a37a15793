"""The devices of a show that is reloaded: those that changed end and begin, the others notice nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from showctl.engine.commands import Tell
from showctl.engine.events import Event
from showctl.runtime.links import LiveDevices
from showctl.show.cues import ActionClass
from showctl.show.devices import KINDS, Device
from showctl.show.show import Show
from showctl.show.triggers import Clip
from tests.engine.booth import cue, show_of
from tests.runtime.links.loops import on_a_loop, until

pytestmark = pytest.mark.serial
HERE = "127.0.0.1"


class Players:
    """Who is connected to a port, and what came there."""

    def __init__(self) -> None:
        self.connected = 0
        self.came = b""
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected += 1
        try:
            while data := await reader.read(4096):
                self.came += data
        except ConnectionError:
            pass
        finally:
            self.connected -= 1
            writer.close()


@asynccontextmanager
async def players(count: int) -> AsyncIterator[list[Players]]:
    found = [Players() for _ in range(count)]
    servers = [await asyncio.start_server(player.serve, HERE, 0) for player in found]
    for player, server in zip(found, servers, strict=True):
        player.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        for server in servers:
            server.close()


def film(index: int, name: str, player: Players) -> Device:
    return Device(index, name, KINDS["film_server"], "slip", HERE, player.port)


def show_with(*devices: Device) -> Show:
    return replace(show_of(cue("1")), devices=devices, zones=(), clips=())


@on_a_loop
async def test_what_changed_ends_and_begins_and_the_others_notice_nothing() -> None:
    heard: list[Event] = []
    loop = asyncio.get_running_loop()
    async with players(3) as (first, second, third):
        wall = film(0, "wall", first)
        devices = LiveDevices(show_with(wall, film(1, "gauze", second)), heard.append, lambda: round(loop.time() * 1e9))
        devices.start()
        await until(lambda: first.connected == second.connected == 1, 5)
        kept = devices.carriers["wall"]

        playing = Tell(
            0, 1, "gauze", "play", (("clip", "fire"), ("surface", "cyc"), ("layer", 1.0), ("loop", True)), ActionClass.RESUME
        )
        newer = show_with(film(0, "gauze", third), replace(wall, index=1, label="The wall"))
        devices.change(newer, [playing])

        await until(lambda: (second.connected, third.connected) == (0, 1), 5)
        assert (devices.carriers["wall"], first.connected) == (kept, 1), "another place in the file and another label"
        assert devices.carriers["gauze"].driver.desired()["clip"] == "fire", (
            "it knows what it is to play, and asks once it answers"
        )

        devices.change(show_with(wall), [])
        await until(lambda: third.connected == 0, 5)
        assert list(devices.carriers) == ["wall"]

        longer = replace(show_with(wall), clips=(Clip("fire", "fire.mov", 10**9, ("wall",)),))
        devices.change(longer, [])
        assert devices.carriers["wall"] is not kept, "its driver knows how long its clips are"
        await until(lambda: first.connected == 1, 5)
        await devices.stop()
        await until(lambda: first.connected == 0, 5)
