"""mosquitto as referee: a broker that nobody here wrote carries our topics, and mosquitto_sub sees them.

What our links make of retained words and of a controller that is killed stands in ``tests/runtime/links/test_mqtt.py``. Here the
whole show speaks: each command once, with an id, never retained; our status; and after the broker's death we are back.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from showctl.engine.events import Ask
from tests.live.house import SHOWS, House, Mosquitto, Program, running, until
from tests.programs import program
from tests.runtime.links.loops import on_a_loop

pytestmark = [pytest.mark.serial, pytest.mark.referee("mosquitto", "mosquitto_sub")]


class Subscriber:
    """mosquitto_sub on every topic: topic, retained or not, payload."""

    def __init__(self, broker: Mosquitto, log: Path) -> None:
        words = ["-h", "127.0.0.1", "-p", broker.port, "-t", "#", "-q", "1", "-F", "%t %r %p"]
        self._sub = Program([program("mosquitto_sub"), *words], log)

    def said(self, topic: str) -> list[tuple[str, str]]:
        """(retained, payload) of every message on ``topic`` so far."""
        lines = [line.split(" ", 2) for line in self._sub.said().splitlines() if line.count(" ") >= 2]
        return [(retained, payload) for name, retained, payload in lines if name == topic]

    def end(self) -> None:
        self._sub.end()


@contextlib.asynccontextmanager
async def a_show_and_a_listener(scratch: Path) -> AsyncIterator[tuple[House, Mosquitto, Subscriber]]:
    async with running(SHOWS["dream"], scratch) as house:
        assert house.broker is not None
        listener = Subscriber(house.broker, scratch / "heard")
        try:
            await until(lambda: house.health("gate") == "ok", 20)
            await until(lambda: listener.said("showctl/status"), 5)
            yield house, house.broker, listener
        finally:
            listener.end()


@on_a_loop
async def test_commands_and_our_status_are_seen_and_a_killed_broker_has_us_back_in_two_seconds(tmp_path: Path) -> None:
    async with a_show_and_a_listener(tmp_path) as (house, broker, listener):
        assert listener.said("showctl/status") == [("1", "online")]
        house.ask(Ask("gate", "open"))
        await until(lambda: listener.said("furnace/gate/set"), 5)
        [(retained, payload)] = listener.said("furnace/gate/set")
        assert retained == "0"
        assert json.loads(payload)["do"] == "open"
        assert json.loads(payload)["id"]

        broker.kill()
        listener.end()
        await until(lambda: house.health("room") != "ok", 5)
        await asyncio.sleep(1)
        await broker.start()
        back = time.monotonic()
        later = Subscriber(broker, tmp_path / "heard_later")
        try:
            await until(lambda: "online" in [payload for _, payload in later.said("showctl/status")], 5)
            assert time.monotonic() - back < 2
            await until(lambda: house.health("room") == "ok" and house.health("gate") == "ok", 10)
            house.ask(Ask("gate", "close"))
            await until(lambda: [p for _, p in later.said("furnace/gate/set") if json.loads(p)["do"] == "close"], 5)
            await until(lambda: house.devices()["gate"]["reported"].get("state") == "closed", 15)
        finally:
            later.end()
