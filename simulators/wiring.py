"""Who stands in the venue: from the show that the author wrote to the simulated devices that answer for it.

One simulated device for each device of the show (by its kind), each node, each USB Pro widget, and each input that no device
feeds (a sensor, a button). A universe that no node of the patch carries gets a node all the same: somebody has to listen.
"""

from __future__ import annotations

import ipaddress
from importlib import import_module
from typing import Final

from showctl.show.devices import Device
from showctl.show.patch import Node, Protocol, Universe
from showctl.show.show import Show
from showctl.show.triggers import InputSource
from simulators.device import SimulatedDevice
from simulators.dmx_desk import DeskWidget
from simulators.dmx_node import DmxNode, Tables
from simulators.dmx_usbpro import UsbProWidget
from simulators.rdm_cable import cables_of
from simulators.sensors import Sensor

CLASSES: Final[dict[str, tuple[str, str]]] = {
    "broker": ("simulators.broker", "Broker"),
    "sound_player": ("simulators.sound", "SoundPlayer"),
    "film_server": ("simulators.film", "FilmServer"),
    "gauze_player": ("simulators.film", "GauzePlayer"),
    "resolume": ("simulators.layers", "Resolume"),
    "millumin": ("simulators.layers", "Millumin"),
    "media_server": ("simulators.layers", "MediaServer"),
    "qlab": ("simulators.qlab", "QLab"),
    "eos": ("simulators.eos", "Eos"),
    "mpv": ("simulators.mpv", "Mpv"),
    "mpv_sound": ("simulators.mpv", "Mpv"),
    "projector": ("simulators.projector", "Projector"),
    "xr_engine": ("simulators.xr", "XrEngine"),
    "ai_performer": ("simulators.performer", "Performer"),
    "ai_performer/http": ("simulators.chat", "ChatServer"),
    "tracker": ("simulators.tracker", "Tracker"),
    "mqtt": ("simulators.room", "RoomDevice"),
    "osc": ("simulators.declared_osc", "DeclaredOsc"),
    "text": ("simulators.described", "DescribedDevice"),
    "ltc_out": ("simulators.code_reader", "LtcReader"),
    "mtc_out": ("simulators.code_reader", "MtcReader"),
    "artnet_timecode": ("simulators.code_reader", "ArtnetReader"),
    "adm_osc": ("simulators.space", "AdmRenderer"),
    "ds100": ("simulators.space", "Ds100Box"),
    "l_isa": ("simulators.space", "LIsaController"),
}
"""Which class stands for which kind of device. Imported when needed: a show of lights needs no film server."""


def devices_of(show: Show, seed: int, tables: Tables, sacn_port: int, artnet_port: int) -> list[SimulatedDevice]:
    """Everything, brokers first (the others want to join them)."""
    made: list[SimulatedDevice] = [
        _simulated(device, show, seed) for device in sorted(show.devices, key=lambda device: device.kind.name != "broker")
    ]
    nodes, widgets = _nodes(show)
    made += [DmxNode(node, carried, tables, sacn_port, artnet_port) for node, carried in nodes]
    made += [UsbProWidget(universe) for universe in widgets]
    made += [DeskWidget(device) for device in _joining(show)]
    _lay_cables(show, made)
    taken = {device.name for device in made}
    made += [
        Sensor(item, show)
        for item in show.inputs
        if item.source in (InputSource.MQTT, InputSource.OSC) and item.name not in taken and not _fed(item.address, show)
    ]
    return made


def _lay_cables(show: Show, made: list[SimulatedDevice]) -> None:
    """Fixtures behind Art-Net nodes and widgets speak RDM; sACN has no way to ask."""
    cables = cables_of(show)
    for device in made:
        if isinstance(device, UsbProWidget) and device.universe.key in cables:
            device.cable = cables[device.universe.key]
        elif isinstance(device, DmxNode):
            device.artnet.cables = {number: cables[port.universe] for number, port in device.artnet.ports.items()}


def _simulated(device: Device, show: Show, seed: int) -> SimulatedDevice:
    kind = f"{device.kind.name}/{device.transport}"
    module, name = CLASSES[next(item for item in (kind, device.kind.name, device.transport) if item in CLASSES)]
    simulated: SimulatedDevice = getattr(import_module(module), name)(device, show, seed)
    return simulated


def _fed(topic: str, show: Show) -> bool:
    """A device of the show publishes this itself."""
    return any(device.topic and topic.startswith(f"{device.topic}/") for device in show.devices)


def _joining(show: Show) -> tuple[str, ...]:
    """The widgets into which desks' cables go."""
    joins = (universe.merge_in.partition("/") for universe in show.patch.universes)
    return tuple(dict.fromkeys(device for protocol, _, device in joins if protocol == "usbpro"))


def _is_address(words: str) -> bool:
    """Whether a destination is an address where a node can stand: no group, no name, no IPv6, which no simulated node hears."""
    try:
        ipaddress.IPv4Address(words)
    except ValueError:
        return False
    return True


def _nodes(show: Show) -> tuple[list[tuple[Node, list[Universe]]], list[Universe]]:
    keyed = show.patch.universe_keyed
    nodes = [(node, [keyed[key] for key in node.universes if key in keyed]) for node in show.patch.nodes]
    carried = {universe.key for _, universes in nodes for universe in universes}
    orphans = [universe for universe in show.patch.universes if universe.key not in carried]
    widgets = [universe for universe in orphans if universe.protocol is Protocol.USBPRO]
    by_address: dict[tuple[Protocol, str], list[Universe]] = {}
    for universe in orphans:
        if universe.protocol is not Protocol.USBPRO:
            by_address.setdefault((universe.protocol, next(filter(_is_address, universe.destinations), "")), []).append(universe)
    used = {node.address for node, _ in nodes} | {device.host for device in show.devices}
    free = (address for n in range(1, 255) for address in [f"127.0.2.{n}"] if address not in used)
    for n, ((protocol, address), universes) in enumerate(by_address.items(), start=1):
        name = f"{protocol.value}_node" if n == 1 else f"{protocol.value}_node_{n}"
        nodes.append((Node(name, address or next(free), tuple(universe.key for universe in universes)), universes))
    return nodes, widgets
