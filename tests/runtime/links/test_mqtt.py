"""One connection for each broker, against mosquitto: retained words, our will, and a broker that is killed and comes back."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from showctl.engine.commands import Tell
from showctl.engine.events import DeviceHealth, DeviceReported, Event
from showctl.runtime.links import LiveDevices
from showctl.show.cues import ActionClass
from showctl.show.devices import Field, Verb
from showctl.show.expressions import ValueType
from showctl.show.patch import make_patch
from showctl.show.show import Show
from tests.devices.building import declared, device
from tests.programs import program
from tests.runtime.links.loops import on_a_loop, until

pytestmark = [pytest.mark.serial, pytest.mark.referee("mosquitto", "mosquitto_pub", "mosquitto_sub")]
OPEN = Verb("open", (), ActionClass.STATE, (), "", '{"do": "open"}')


class Broker:
    """A mosquitto on a port of its own, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._config = folder / "mosquitto.conf"
        self._config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        mosquitto = program("mosquitto")
        assert mosquitto is not None
        self._process = subprocess.Popen(
            [mosquitto, "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + 5
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
                return
            time.sleep(0.02)
        raise AssertionError("mosquitto did not start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def publish(self, topic: str, payload: str, *more: str) -> None:
        await self._run("mosquitto_pub", "-t", topic, "-m", payload, *more)

    async def hear(self, topic: str) -> str:
        """The next message on ``topic`` (a retained one at once)."""
        return (await self._run("mosquitto_sub", "-t", topic, "-C", "1", "-W", "5")).decode().strip()

    async def _run(self, name: str, *words: str) -> bytes:
        process = await asyncio.create_subprocess_exec(
            str(program(name)), "-h", "127.0.0.1", "-p", str(self.port), *words, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        return out


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    made.start()
    yield made
    made.kill()


class Heard:
    """What the devices said, in words."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def __call__(self, event: Event) -> None:
        match event:
            case DeviceHealth():
                self.words.append(f"{event.device} {event.health}")
            case DeviceReported():
                self.words.append(f"{event.device}.{event.field} = {event.value}")
            case _:
                pass

    def says(self, *words: str) -> Callable[[], bool]:
        return lambda: all(word in self.words for word in words)


def live(broker: Broker, heard: Heard) -> LiveDevices:
    gate = declared("mqtt", (OPEN,), (Field("state", ValueType.TEXT, ""),), name="gate", topic="furnace/gate", broker="room")
    room = device("broker", name="room", host="127.0.0.1", port=broker.port)
    return LiveDevices(Show("mqtt", make_patch((), (), ()), (), devices=(room, gate)), heard, time.monotonic_ns)


@on_a_loop
async def test_retained_words_arrive_commands_go_out_and_our_status_is_kept(broker: Broker) -> None:
    heard = Heard()
    await broker.publish("furnace/gate/online", "online", "-r")
    await broker.publish("furnace/gate/state", '{"state": "closed"}', "-r")
    it = live(broker, heard)
    pressed: list[tuple[str, str, bytes, bool]] = []
    it.listen("furnace/+/pressed", lambda *what: pressed.append(what))
    it.start()
    await until(heard.says("room ok", "room.state = online", "gate ok", "gate.state = closed"))
    assert await broker.hear("showctl/status") == "online"
    came = asyncio.create_task(broker.hear("furnace/gate/set"))
    await asyncio.sleep(0.3)
    it.tell(Tell(5, 9, "gate", "open", (), ActionClass.STATE))
    assert await came == '{"do":"open","id":"5.9"}'
    await broker.publish("furnace/rail/pressed", "42")
    await until(lambda: pressed == [("room", "furnace/rail/pressed", b"42", False)])
    await it.stop()
    assert await broker.hear("showctl/status") == "offline"


@on_a_loop
async def test_a_broker_that_is_killed_and_returns_is_rejoined_with_every_subscription(broker: Broker) -> None:
    heard = Heard()
    it = live(broker, heard)
    it.start()
    await until(heard.says("room ok"))
    await broker.publish("furnace/gate/online", "online", "-r")
    await until(heard.says("gate ok"))
    it.tell(Tell(5, 9, "gate", "open", (), ActionClass.STATE))
    broker.kill()
    await until(heard.says("room degraded", "gate degraded", "room.state = offline"))
    heard.words.clear()
    broker.start()
    await until(heard.says("room ok", "room.state = online", "gate unknown"))
    came = asyncio.create_task(broker.hear("furnace/gate/set"))
    await asyncio.sleep(0.3)
    await broker.publish("furnace/gate/online", "online", "-r")
    assert await came == '{"do":"open","id":"5.9"}'  # said again, as the same command
    await broker.publish("furnace/gate/state", '{"state": "open"}', "-r")
    await until(heard.says("gate ok", "gate.state = open"))
    assert await broker.hear("showctl/status") == "online"
    await it.stop()


CONTROLLER = """
import asyncio, sys, time
from showctl.runtime.links import BrokerLink, MqttLink, carry
from showctl.devices.broker import Broker
from showctl.show.devices import KINDS, Device

async def main():
    link = BrokerLink("127.0.0.1", int(sys.argv[1]))
    carry(Broker(Device(0, "room", KINDS["broker"], "mqtt")), MqttLink(link), print, time.monotonic_ns)
    link.start()
    await asyncio.sleep(60)

asyncio.run(main())
"""


@on_a_loop
async def test_our_will_says_offline_when_we_are_killed(broker: Broker) -> None:
    controller = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CONTROLLER, str(broker.port), stdout=subprocess.DEVNULL
    )
    assert await broker.hear("showctl/status") == "online"
    controller.kill()
    await controller.wait()
    await broker.publish("showctl/other", "x")  # by now the broker has read our end
    assert await broker.hear("showctl/status") == "offline"
