"""Our PJLink client on real sockets, against projectors written here from the standard: SHA-256, silence, half a network.

Nothing of the projector is ours: its greeting, its proof of the password, its lamp and its moods stand in ``Lamp``.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
import time
from collections.abc import AsyncIterator

import pytest

from showctl.devices.projector import Projector
from showctl.engine.commands import Tell
from showctl.runtime.links import Carrier, LiveDevices, TcpLink, carry
from showctl.show.cues import ActionClass, Value
from showctl.show.patch import make_patch
from showctl.show.show import Show
from tests.devices.building import device
from tests.runtime.links.loops import on_a_loop, until
from tests.runtime.links.test_links import Heard, free_port

pytestmark = pytest.mark.serial
CHALLENGE = "0123456789abcdef0123456789abcdef"
PASSWORD = "furnace"


class Lamp:
    """A class 2 projector (v2.10). ``size`` bytes leave at once; ``deaf``: hears, and says nothing; ``warms``: takes its time."""

    def __init__(self) -> None:
        self.power, self.mute, self.size = "0", "30", 1024
        self.deaf = self.sha_only = self.warms = False
        self.asked: list[str] = []
        self.proofs: list[str] = []
        self.open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._talk(reader, writer)
        writer.close()
        self.open -= 1

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        admitted = False
        await self._say(writer, "PJLINK 1 498e4a67")
        while True:
            line = (await reader.readuntil(b"\r"))[:-1].decode()
            if self.deaf:
                continue
            if line == "PJLINK 2":
                await self._say(writer, f"PJLINK 2 {CHALLENGE}")
                continue
            digest, _, command = line.partition("%")
            if not admitted:
                self.proofs.append(digest)
                if not self._proven(digest):
                    await self._say(writer, "PJLINK ERRA")
                    return
                admitted = True
            self.asked.append(command)
            await self._say(writer, f"%{command[:5]}={self._answer(command[1:5], command[6:])}")

    def _proven(self, digest: str) -> bool:
        if len(digest) == 32:
            return not self.sha_only and digest == hashlib.md5(f"498e4a67{PASSWORD}".encode()).hexdigest()
        mixed = f"{int(digest[:32], 16) ^ int(CHALLENGE, 16):032x}"
        return digest[32:] == hashlib.sha256(f"{mixed}{PASSWORD}".encode()).hexdigest()

    def _answer(self, name: str, what: str) -> str:
        match name, what:
            case "POWR", "?":
                return self.power
            case "POWR", _:
                self.power = "3" if self.warms and what == "1" else what
                return "OK"
            case "AVMT", _ if self.power != "1":
                return "ERR3"
            case "AVMT", "?":
                return self.mute
            case "AVMT", _:
                self.mute = what
                return "OK"
            case _:
                return {"ERST": "000000", "CLSS": "2", "LAMP": "1200 1", "INPT": "31", "IRES": "1920x1200"}.get(name, "ERR1")

    async def _say(self, writer: asyncio.StreamWriter, line: str) -> None:
        said = line.encode() + b"\r"
        for start in range(0, len(said), self.size):
            writer.write(said[start : start + self.size])
            await writer.drain()
            await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def standing() -> AsyncIterator[tuple[Lamp, int]]:
    lamp, port = Lamp(), free_port(socket.SOCK_STREAM)
    server = await asyncio.start_server(lamp.serve, "127.0.0.1", port)
    try:
        yield lamp, port
    finally:
        server.close()
        await until(lambda: not lamp.open)


def carried(port: int, heard: Heard, **options: Value) -> Carrier:
    it = device("projector", host="127.0.0.1", port=port, password=PASSWORD, options=options)
    return carry(Projector(it), TcpLink("127.0.0.1", port), heard, time.monotonic_ns)


def tell(verb: str, **arguments: Value) -> Tell:
    return Tell(time.monotonic_ns(), 1, "projector", verb, tuple(arguments.items()), ActionClass.STATE)


@on_a_loop
async def test_it_proves_the_password_with_sha_256_and_is_obeyed_byte_by_byte() -> None:
    heard = Heard()
    async with standing() as (lamp, port):
        lamp.sha_only, lamp.size = True, 1
        carrier = carried(port, heard, auth="sha256")
        carrier.command(tell("power", on=True))
        await until(lambda: heard.field("power") == "on" and heard.field("ready") is True)
        carrier.command(tell("shutter", open=False))
        await until(lambda: heard.field("shutter") == "closed")
        assert (lamp.power, lamp.mute) == ("1", "31")
        assert [len(proof) for proof in lamp.proofs] == [96], "once for a connection"
        assert heard.healths() == ["ok"]
        carrier.stop()


@on_a_loop
async def test_md5_proves_it_too_and_a_wrong_one_is_said() -> None:
    heard, wrong = Heard(), Heard()
    async with standing() as (lamp, port):
        carrier = carried(port, heard)
        await until(lambda: heard.healths() == ["ok"])
        it = device("projector", host="127.0.0.1", port=port, password="wrong")
        other = carry(Projector(it), TcpLink("127.0.0.1", port), wrong, time.monotonic_ns)
        await until(lambda: wrong.healths() == ["degraded"])
        assert len(lamp.proofs) == 2
        carrier.stop()
        other.stop()


@on_a_loop
async def test_a_projector_that_falls_silent_in_its_warm_up_is_said_delays_nobody_and_is_believed_when_it_speaks() -> None:
    """Half a network: its kernel takes what we send, nothing comes back, and no connection ever ends."""
    heard, alive = Heard(), Heard()
    async with standing() as (lamp, port), standing() as (_, other_port):
        carrier, other = carried(port, heard), carried(other_port, alive)
        await until(lambda: heard.healths() == ["ok"] and alive.healths() == ["ok"])
        lamp.warms = True
        carrier.command(tell("power", on=True))
        await until(lambda: heard.field("power") == "warming")
        lamp.deaf = True
        begun = time.monotonic()
        other.command(tell("power", on=True))
        await until(lambda: alive.field("power") == "on")
        assert time.monotonic() - begun < 1.0
        await until(lambda: heard.healths() == ["ok", "degraded"])
        assert heard.field("power") == "warming", "which is what it said last"
        lamp.deaf, lamp.power = False, "1"
        await until(lambda: heard.field("power") == "on")
        assert heard.healths()[-1] == "ok"
        assert alive.healths() == ["ok"]
        carrier.stop()
        other.stop()


@on_a_loop
async def test_a_notice_is_heard_at_the_address_that_devices_yaml_names_and_only_from_its_projector() -> None:
    heard, notices = Heard(), free_port()
    async with standing() as (lamp, port):
        lamp.power = "1"
        it = device("projector", host="127.0.0.1", port=port, password=PASSWORD, options={"notify": f"127.0.0.1:{notices}"})
        links = LiveDevices(Show("notices", make_patch((), (), ()), (), devices=(it,)), heard, time.monotonic_ns)
        links.start()
        await until(lambda: heard.field("power") == "on" and heard.field("input") == "31")
        lamp.power = "2"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.2", 0))
            stranger.sendto(b"%2POWR=2\r", ("127.0.0.1", notices))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaker:
            speaker.bind(("127.0.0.1", 0))
            speaker.sendto(b"%2POWR=2\r", ("127.0.0.1", notices))
            begun = time.monotonic()
            await until(lambda: heard.field("power") == "cooling")
            assert time.monotonic() - begun < 1.0, "no poll was waited for"
        await links.stop()


@on_a_loop
async def test_an_address_that_is_not_ours_is_said_and_the_projector_is_polled(expects_log: object) -> None:
    expects_log("projector.notices_unheard")  # type: ignore[operator]
    heard = Heard()
    async with standing() as (_, port):
        it = device("projector", host="127.0.0.1", port=port, password=PASSWORD, options={"notify": "192.0.2.1"})
        links = LiveDevices(Show("notices", make_patch((), (), ()), (), devices=(it,)), heard, time.monotonic_ns)
        links.start()
        await until(lambda: heard.field("power") == "off")
        await links.stop()
