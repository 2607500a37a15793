"""All devices of a show, live: a driver and a link for each, one connection for each broker.

What devices report goes to ``on_event``; whole tracker frames go to ``on_tracked`` (the input edge). ``listen`` hears the
topics of the show's inputs and of control over MQTT on the same connections.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from showctl.devices.driver import Starting
from showctl.devices.registry import driver_for
from showctl.engine.commands import Tell
from showctl.engine.events import DeviceReported, Event
from showctl.runtime.links.carrier import Carrier, Clock, Link, OnEvent, OnTracked, carry
from showctl.runtime.links.chat import ChatLink
from showctl.runtime.links.code_port import code_link
from showctl.runtime.links.mpv import MpvLink
from showctl.runtime.links.mqtt import BrokerLink, MqttLink
from showctl.runtime.links.notices import Notices
from showctl.runtime.links.psn import PsnLink
from showctl.runtime.links.serial_port import SerialLink
from showctl.runtime.links.tcp import TcpLink
from showctl.runtime.links.udp import UdpLink
from showctl.runtime.skew import Skew
from showctl.show.devices import Device
from showctl.show.places import NOWHERE
from showctl.show.show import Show

MOST_EARLY: Final = 1000


class LiveDevices:
    """Every device of ``show`` by name. Make and start it on the event loop."""

    def __init__(
        self,
        show: Show,
        on_event: OnEvent,
        clock: Clock,
        on_tracked: OnTracked | None = None,
        *,
        state: Path | None = None,
        folder: Path | None = None,
    ) -> None:
        """Players that are started here have their sockets in ``state`` and their media in ``folder``."""
        self._state, self._folder = state, folder
        self._show, self._tell, self._clock, self._on_tracked = show, on_event, clock, on_tracked
        self.skew = Skew(lambda: self._show)
        self._brokers = {device.name: _broker_link(device) for device in show.devices if device.kind.name == "broker"}
        self._listened: set[tuple[BrokerLink, str]] = set()
        self._leaving: set[asyncio.Task[None]] = set()
        self.carriers: dict[str, Carrier] = {}
        self._early: list[Tell] = []
        """Said to devices that are about to be greeted: what one reports as it is may make the show ask for something."""
        self._notices = Notices(lambda name, data: self.carriers[name].noticed(data))

    def start(self, standing: Iterable[Tell] = ()) -> None:
        """Every device is greeted; none is waited for.

        ``standing`` are commands of a run that is being taken up: drivers know of them, and a device that does not show
        what they asked for is told again, at the position where it would be.
        """
        known = list(standing)
        for device in self._show.devices:
            self._carry(device, known)
        self._notices.listen(self._show.devices)
        for broker in self._brokers.values():
            broker.start()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, DeviceReported) and (carrier := self.carriers.get(event.device)) is not None:
            self.skew.heard(carrier.driver)
            self.skew.look(self._clock())
        self._tell(event)

    def _carry(self, device: Device, standing: Iterable[Tell]) -> None:
        driver = driver_for(device, self._show)
        for command in standing:
            if command.device == device.name:
                driver.command(command, command.instant)
        self.carriers[device.name] = carry(driver, self._link(device), self._on_event, self._clock, self._on_tracked)
        early, self._early = self._early, []
        for command in early:
            self.tell(command)

    def change(self, show: Show, standing: Iterable[Tell]) -> None:
        """The show is ``show`` from now on: devices that are gone, or are reached otherwise, end; new ones are greeted.

        The others notice nothing. What changed is told what ``standing`` asks of it.
        """
        before, self._show = self._show, show
        old = before.device_named
        kept = {item.name for item in show.devices if _means(item, show) == _means(old.get(item.name), before)}
        brokers = {device.name: device for device in show.devices if device.kind.name == "broker"}
        kept -= {device.name for device in show.devices if device.broker and device.broker not in kept}
        for name in [name for name in self.carriers if name not in kept]:
            self.carriers.pop(name).stop()
        for name in [name for name in self._brokers if name not in kept]:
            leaving = asyncio.get_running_loop().create_task(self._brokers.pop(name).stop())
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
        fresh = {name: _broker_link(device) for name, device in brokers.items() if name not in self._brokers}
        self._brokers |= fresh
        known = list(standing)
        for device in show.devices:
            if device.name not in kept:
                self._carry(device, known)
        self._notices.listen(show.devices)
        for broker in fresh.values():
            broker.start()

    async def stop(self) -> None:
        """Ends every link; on the brokers our status says ``offline``."""
        self._notices.close()
        for carrier in self.carriers.values():
            carrier.stop()
        if self._leaving:
            await asyncio.wait(self._leaving)
        for broker in self._brokers.values():
            await broker.stop()

    def tell(self, command: Tell) -> None:
        """Hands a command to its device. A device that the show does not have is passed over."""
        carrier = self.carriers.get(command.device)
        if carrier is not None:
            if isinstance(carrier.driver, Starting):
                self.skew.told(command)
            carrier.command(command)
        elif command.device in self._show.device_named and len(self._early) < MOST_EARLY:
            self._early.append(command)

    def listen(self, topic: str, on_message: Callable[[str, str, bytes, bool], None], broker: str = "") -> None:
        """``on_message(broker, topic, payload, retained)`` for everything on ``topic`` of ``broker`` ("" = each of them).

        Asked again for the same, nothing is heard twice.
        """
        for name, link in self._brokers.items():
            if broker in ("", name) and (link, topic) not in self._listened:
                self._listened.add((link, topic))
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
            case "mpv" | "mpv_sound" if device.transport == "unix":
                return MpvLink(device, self._state, self._folder)
            case "ltc_out" | "mtc_out":
                return code_link(device.host)
            case _ if device.transport == "serial":
                return SerialLink(device.host, str(device.options.get("baud", "")), str(device.options.get("parity", "")))
            case "ai_performer" if device.transport == "http":
                return ChatLink(device, port)
            case _ if device.transport == "udp":
                listen = str(device.options.get("listen", ""))
                returns = device.space.returns if device.space is not None else int(listen) if listen.isdigit() else 0
                return UdpLink(device.host, port, str(device.options.get("interface", "")), returns)
            case _:
                return TcpLink(device.host, port)


def _broker_link(device: Device) -> BrokerLink:
    return BrokerLink(device.host, device.port or 1883, str(device.options.get("username", "")), device.password)


def _means(device: Device | None, show: Show) -> object:
    """What makes a device what it is to its driver and its link, wherever in the folder that stands."""
    if device is None:
        return None
    lengths = [(clip.name, clip.length) for clip in show.clips if device.name in clip.players]
    return replace(device, index=0, label="", place=NOWHERE), lengths
