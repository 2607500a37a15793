"""oscdump (liblo) as referee: it prints the OSC that our drivers send, over UDP and over both framings of TCP.

The drivers run on the real links; oscdump stands where the player would be, and answers nothing.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from showctl.runtime.links import LiveDevices
from showctl.show.devices import Device
from showctl.show.patch import make_patch
from showctl.show.show import Show
from showctl.show.space import SoundObject, Space
from tests.devices.building import device, tell
from tests.live.house import Program, free_port, until
from tests.programs import program
from tests.runtime.links.loops import on_a_loop

pytestmark = [pytest.mark.serial, pytest.mark.referee("oscdump")]


class Oscdump:
    """liblo's oscdump in place of a player, and the controller's end of the cable."""

    def __init__(self, player: Device, url: str, log: Path) -> None:
        self._dump = Program([program("oscdump"), "-L", url], log)
        show = Show("referee", make_patch((), (), ()), (), devices=(player,))
        self.devices = LiveDevices(show, lambda _: None, time.monotonic_ns)

    def printed(self, *passed_over: str) -> list[str]:
        """The messages that it printed, without time tags."""
        found = [line[line.index("/") :].strip() for line in self._dump.said().splitlines() if " /" in line]
        return [line for line in found if not line.split()[0].endswith(passed_over)]

    async def prints(self, *lines: str) -> None:
        """Waits until it has printed exactly these commands, in this order."""
        with contextlib.suppress(TimeoutError):
            await until(lambda: len(self.printed("/ping", "/state")) >= len(lines), 5)
        assert self.printed("/ping", "/state") == list(lines)

    async def close(self) -> None:
        await self.devices.stop()
        await asyncio.to_thread(self._dump.end)


@contextlib.asynccontextmanager
async def oscdump(kind: str, port: int, log: Path, **more: object) -> AsyncIterator[Oscdump]:
    """A player of this kind on its real link; its first ping has been printed."""
    player = device(kind, name="it", host="127.0.0.1", port=port, **more)
    it = Oscdump(player, str(port) if player.transport == "udp" else f"osc.tcp://:{port}", log)
    it.devices.start()
    try:
        await until(lambda: any("/ping i" in line or line.startswith("/adm/obj/2/xyz ") for line in it.printed()), 10)
        yield it
    finally:
        await it.close()


@on_a_loop
async def test_a_sound_player_over_udp(tmp_path: Path) -> None:
    async with oscdump("sound_player", free_port(), tmp_path / "dump") as it:
        it.devices.tell(tell("play", clip="furnace_rumble", voice="rumble", output="main_pa", level=-6.0, fade=2.0))
        it.devices.tell(tell("fade", voice="rumble", level=-20.0, over=8.0))
        it.devices.tell(tell("object", voice="rumble", x=0.0, y=12.0, z=8.5))

        await it.prints(
            '/sound/play sssffif "rumble" "furnace_rumble" "main_pa" -6.000000 2.000000 0 0.000000',
            '/sound/fade sffs "rumble" -20.000000 8.000000 "equal-power"',
            '/sound/object sfff "rumble" 0.000000 12.000000 8.500000',
        )


@on_a_loop
async def test_a_film_server_over_tcp_with_slip(tmp_path: Path) -> None:
    async with oscdump("film_server", free_port(socket.SOCK_STREAM), tmp_path / "dump") as it:
        it.devices.tell(tell("play", clip="bellows", surface="furnace_wall", layer=2.0, loop=True, fade=2.0))
        it.devices.tell(tell("fade", surface="furnace_wall", layer=2.0, opacity=40.0, over=3.0))

        await it.prints(
            '/film/play sisfif "furnace_wall" 2 "bellows" 0.000000 1 2.000000',
            '/film/fade siff "furnace_wall" 2 40.000000 3.000000',
        )


@on_a_loop
async def test_a_gauze_player_over_tcp_with_lengths(tmp_path: Path) -> None:
    async with oscdump("gauze_player", free_port(socket.SOCK_STREAM), tmp_path / "dump") as it:
        it.devices.tell(tell("figure", pose="reach", x=1.5, z=-2.0))
        it.devices.tell(tell("blank", fade=1.0))

        await it.prints('/gauze/figure sff "reach" 1.500000 -2.000000', "/gauze/blank f 1.000000")


@on_a_loop
async def test_a_renderer_of_sound_objects_hears_whole_places_and_the_last_one_exactly(tmp_path: Path) -> None:
    objects = (SoundObject("choir", 1), SoundObject("voice", 2, (0.0, 0.0, 0.0)))
    async with oscdump("adm_osc", free_port(), tmp_path / "dump", space=Space(objects, reach=(8.0, 8.0, 8.0))) as it:
        it.devices.tell(tell("move", object="choir", way="-4 0 0; -4 2 4", over=0.5))
        it.devices.tell(tell("level", object="choir", level=-6.0))
        await until(lambda: it.printed().count("/adm/obj/1/xyz fff -0.500000 0.500000 0.250000") >= 2, 5)

        places = [line for line in it.printed() if line.startswith("/adm/obj/1/xyz")]
        assert places[0].startswith("/adm/obj/1/xyz fff -0.500000 0.0")
        assert places[-2:] == ["/adm/obj/1/xyz fff -0.500000 0.500000 0.250000"] * 2
        assert 3 <= len(places) <= 18
        assert "/adm/obj/1/gain f 0.501187" in it.printed()
