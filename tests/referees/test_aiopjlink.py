"""`aiopjlink` as a stranger at our simulated projector, on a real socket: class 1 and 2, a password, and what is refused."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import aiopjlink as foreign
import pytest

from showctl.runtime.links.pjlink_search import search
from simulators.live import LiveVenue
from simulators.venue import SimulatedVenue
from tests.runtime.links.loops import on_a_loop, until
from tests.runtime.links.test_links import free_port
from tests.simulators.stage import make_device, make_show

pytestmark = [pytest.mark.serial, pytest.mark.referee()]


@contextlib.asynccontextmanager
async def standing(
    password: str = "", *, old: bool = False, **options: bool | float | str
) -> AsyncIterator[tuple[LiveVenue, int]]:
    """A venue with one projector on 127.0.0.1, quick to warm."""
    port = free_port(socket.SOCK_STREAM)
    quick = {"warm_up": 0.2, "cool_down": 0.2} | options | ({"class": 1.0} if old else {})
    device = make_device(
        "projector", "projector", host="127.0.0.1", port=port, password=password, options=quick, transport="pjlink", label="Gauze"
    )
    venue = LiveVenue(SimulatedVenue(make_show(device)))
    assert await venue.open() == []
    try:
        yield venue, port
    finally:
        await venue.close()


def truth(venue: LiveVenue) -> dict[str, Any]:
    found: dict[str, Any] = venue.state()["devices"]["projector"]["truth"]
    return found


async def refused(asked: Awaitable[Any]) -> str:
    """The name of what the stranger raises."""
    try:
        await asked
    except foreign.PJLinkException as problem:
        return type(problem).__name__
    return ""


@on_a_loop
async def test_it_switches_the_lamp_and_waits_while_it_warms_and_cools() -> None:
    async with standing() as (venue, port), foreign.PJLink("127.0.0.1", port) as link:
        assert await link.power.get() is foreign.Power.OFF
        assert await refused(link.mute.status()) == "PJLinkERR3", "not while it is off"
        await link.power.set(foreign.Power.ON)
        assert await link.power.get() is foreign.Power.State.WARMING
        await until(lambda: truth(venue)["power"] == "on")
        assert await link.power.get() is foreign.Power.ON
        await link.mute.video(True)
        assert (await link.mute.status(), truth(venue)["shutter"]) == ((True, False), "closed")
        ((hours, lit),) = await link.lamps.status()
        assert (hours >= 200, lit) == (True, foreign.Lamp.State.ON)
        venue.act("fault", "projector fan warning")
        errors = await link.errors.query()
        assert errors[foreign.Errors.Category.FAN] is foreign.Errors.Level.WARN
        await link.power.set(foreign.Power.OFF)
        assert await link.power.get() is foreign.Power.State.COOLING
        assert await refused(link.power.set(foreign.Power.ON)) == "PJLinkERR3"


@on_a_loop
async def test_it_proves_the_password_and_a_wrong_one_is_refused() -> None:
    async with standing("furnace", power="on") as (_, port):
        async with foreign.PJLink("127.0.0.1", port, password="furnace") as link:
            assert await link.power.get() is foreign.Power.ON
            assert (await link.info.pjlink_class(), await link.info.projector_name()) == (foreign.PJClass.TWO, "Gauze")
        wrong = foreign.PJLink("127.0.0.1", port, password="wrong")
        with pytest.raises(foreign.PJLinkPassword):
            await wrong.__aenter__()
        await wrong.__aexit__(None, None, None)  # it forgets to close what it could not enter


@on_a_loop
async def test_class_2_is_there_and_an_old_one_does_not_know_it() -> None:
    async with standing(power="on") as (_, port), foreign.PJLink("127.0.0.1", port) as link:
        await link.freeze.set(True)
        assert await link.freeze.get() is True
        assert await link.sources.resolution() == (1920, 1080)
        sources = {index: (await link.sources.get_source_name(mode, index)) for mode, index in await link.sources.available()}
        assert len(sources) >= 2
        assert await link.filter.hours() >= 200
    async with standing(old=True, power="on") as (_, port), foreign.PJLink("127.0.0.1", port) as link:
        assert await refused(link.freeze.get()) == "PJLinkERR1"


@on_a_loop
async def test_it_is_found_by_a_search_and_by_nobody_who_does_not_search() -> None:
    async with standing() as (_, port):
        found = await asyncio.to_thread(search, [("127.0.0.1", port)], 0.3)
        assert [(item.address, len(item.mac)) for item in found] == [("127.0.0.1", 17)]
    assert await asyncio.to_thread(search, [("127.0.0.1", free_port())], 0.1) == []
