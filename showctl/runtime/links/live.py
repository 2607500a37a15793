"""All devices of a show, live: a driver and a link for each, one connection for each broker.

What devices report goes to ``on_event``; whole tracker frames go to ``on_tracked`` (the input edge). ``listen`` hears the
topics of the show's inputs and of control over MQTT on the same connections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from showctl.devices.registry import driver_for
from showctl.engine.commands import Tell
from showctl.runtime.links.carrier import Carrier, Clock, Link, OnEvent, OnTracked, carry
from showctl.runtime.links.mqtt import BrokerLink, MqttLink
from showctl.runtime.links.psn import PsnLink
from showctl.runtime.links.tcp import TcpLink
from showctl.runtime.links.udp import UdpLink
from showctl.show.devices import Device
from showctl.show.show import Show


class LiveDevices:
    """Every device of ``show`` by name. Make and start it on the event loop."""

    def __init__(self, show: Show, on_event: OnEvent, clock: Clock, on_tracked: OnTracked | None = None) -> None:
        self._show, self._on_event, self._clock, self._on_tracked = show, on_event, clock, on_tracked
        self._brokers = {
            device.name: BrokerLink(device.host, device.port or 1883, str(device.options.get("username", "")), device.password)
            for device in show.devices
            if device.kind.name == "broker"
        }
        self.carriers: dict[str, Carrier] = {}

    def start(self, standing: Iterable[Tell] = ()) -> None:
        """Every device is greeted; none is waited for.

        ``standing`` are commands of a run that is being taken up: drivers know of them, and a device that does not show
        what they asked for is told again, at the position where it would be.
        """
        known = list(standing)
        for device in self._show.devices:
            driver = driver_for(device, self._show)
            for command in known:
                if command.device == device.name:
                    driver.command(command, command.instant)
            self.carriers[device.name] = carry(driver, self._link(device), self._on_event, self._clock, self._on_tracked)
        for broker in self._brokers.values():
            broker.start()

    async def stop(self) -> None:
        """Ends every link; on the brokers our status says ``offline``."""
        for carrier in self.carriers.values():
            carrier.stop()
        for broker in self._brokers.values():
            await broker.stop()

    def tell(self, command: Tell) -> None:
        """Hands a command to its device. A device that the show does not have is passed over."""
        carrier = self.carriers.get(command.device)
        if carrier is not None:
            carrier.command(command)

    def listen(self, topic: str, on_message: Callable[[str, str, bytes, bool], None], broker: str = "") -> None:
        """``on_message(broker, topic, payload, retained)`` for everything on ``topic`` of ``broker`` ("" = each of them)."""
        for name, link in self._brokers.items():
            if broker in ("", name):
                link.listen(topic, partial(on_message, name))

    def _link(self, device: Device) -> Link:
        port = device.port or device.kind.port
        match device.kind.name:
            case "tracker":
                return PsnLink(device.host, port, str(device.options.get("interface", "")))
            case "broker":
                return MqttLink(self._brokers[device.name])
            case "mqtt":
                return MqttLink(self._brokers[device.broker])
            case _ if device.transport == "udp":
                return UdpLink(device.host, port, str(device.options.get("interface", "")))
            case _:
                return TcpLink(device.host, port)
