"""Carries frames out over the network's sockets (``network.py``) and a thread for each widget; carries in what is heard.

Nothing here raises. A flood is read only so far in each frame, and the system drops the rest.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from showctl.protocols import artnet, sacn
from showctl.runtime.ports import Address
from showctl.runtime.receive.merge_in import widgets_of
from showctl.runtime.wire.carried import LISTENING, Carried, Listening
from showctl.runtime.wire.drawing import Between, nothing
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.runtime.wire.frames import Frame
from showctl.runtime.wire.interfaces import find
from showctl.runtime.wire.network import NetworkSockets, wants_of
from showctl.runtime.wire.stats import Counts, WidgetStats
from showctl.runtime.wire.usb_port import UsbPort
from showctl.show.patch import Protocol
from showctl.show.show import Show

DATAGRAMS_A_FRAME: Final = 256
_LARGEST: Final = 2048


@dataclass(frozen=True, slots=True)
class Network:
    """Where packets leave this machine, and to which ports they go."""

    interface: str = "127.0.0.1"
    """A name (``eth1``), which is followed through new addresses, or an address."""
    sacn_port: int = sacn.PORT
    artnet_port: int = artnet.PORT
    serial_dir: Path | None = None
    preview: bool = False
    """Everything leaves as preview data, which moves nothing: sACN with its bit, no hazard, and no other protocol."""

    @property
    def broadcast(self) -> str:
        """Where polls go."""
        link = find(self.interface)
        return "255.255.255.255" if link is None else link.broadcast

    @property
    def address(self) -> str:
        """Who we are to others; 0.0.0.0 while the interface is not there."""
        link = find(self.interface)
        return "0.0.0.0" if link is None else link.address


class LiveOutput:
    """The sockets and ports of one show."""

    def __init__(self, show: Show, network: Network, cid: bytes = b"") -> None:
        """``cid`` is ours: what bears it is not heard."""
        self._network = network
        self.net = NetworkSockets(network.interface, network.sacn_port, network.artnet_port, cid)
        self._ports: dict[str, UsbPort] = {}
        self._inputs: dict[str, UsbPort] = {}
        """Widgets whose cables may join."""
        self._rdm = Listening()
        self._allowance = DATAGRAMS_A_FRAME
        self._ears: dict[int, socket.socket] = {}
        self._all = select.epoll()
        """All of these at once."""
        self._heard_of = -1
        self.change(show)

    def change(self, show: Show) -> None:
        """Carries ``show`` from now on: what it needs is opened, and a widget that it has no more is let go of, on a thread."""
        self.net.want(wants_of(show.patch))
        devices = dict.fromkeys(u.device for u in show.patch.universes if u.protocol is Protocol.USBPRO)
        inputs = widgets_of(show.patch.universes)
        for ports, wanted in ((self._ports, tuple(devices)), (self._inputs, inputs)):
            for device in [device for device in ports if device not in wanted]:
                threading.Thread(target=ports.pop(device).close, name=f"leaving {device}", daemon=True).start()
        directory = self._network.serial_dir
        self._inputs |= {name: UsbPort(name, directory, receives=True) for name in inputs if name not in self._inputs}
        self._ports |= {device: UsbPort(device, self._network.serial_dir) for device in devices if device not in self._ports}

    def send(self, frame: Frame, between: Between = nothing) -> int:
        """Sends a frame; gives the nanoseconds between its first packet and its last. ``between`` is called all along."""
        began = time.monotonic_ns()
        for batch in frame.batches:
            carrier = self.net.sacn if batch.protocol is Protocol.SACN else self.net.artnet
            carrier.send(batch, between)
        took = time.monotonic_ns() - began
        for write in frame.serial:
            self._ports[write.port].write(write.data)
        self._allowance = DATAGRAMS_A_FRAME
        return took

    def send_few(self, packets: Sequence[tuple[Protocol, Address, bytes]]) -> None:
        """Sends a few packets one by one, which is sooner begun."""
        for protocol, to, data in packets:
            (self.net.sacn if protocol is Protocol.SACN else self.net.artnet).send_one(to, data)

    @property
    def ears(self) -> list[int]:
        """What may be read where something for us comes in: news of the network, and, as long as there is time, what others send.

        A show of a thousand universes hears with fifty ears: to whoever waits for them they are one.
        """
        watch = [] if self.net.watch is None else [self.net.watch.fileno()]
        if self._allowance <= 0:
            return watch
        if self.net.opened != self._heard_of:
            self._heard_of = self.net.opened
            self._all.close()
            self._all = select.epoll()
            self._ears = {ear.fileno(): ear for ear in (*self.net.artnet_ears, *self.net.sacn_ears)}
            for number in self._ears:
                self._all.register(number, select.EPOLLIN)
        return [*watch, self._all.fileno()]

    def hear(self, readable: Container[int], sender: FrameSender, now: int) -> None:
        """Hands what came in to ``sender``."""
        if self.net.watch is not None and self.net.watch.fileno() in readable:
            self.receive(self.net.watch, sender, now)
        if self._allowance > 0 and self._all.fileno() in readable:
            for number, _ in self._all.poll(0):
                self.receive(self._ears[number], sender, now)

    def receive(self, ear: socket.socket, sender: FrameSender, now: int) -> None:
        """Hands what came in at ``ear`` to ``sender``, but for what we broadcast ourselves."""
        if ear is self.net.watch:
            if self.net.follow():
                sender.relinked(self.net.broadcast, self.net.address)
            return
        is_artnet = ear in self.net.artnet_ears
        while self._allowance > 0:
            self._allowance -= 1
            try:
                data, source = ear.recvfrom(_LARGEST)
            except BlockingIOError:
                return
            except OSError:  # an ICMP answer to something we sent: the node is not there; or the socket has just been closed
                if ear.fileno() < 0:
                    return
                continue
            if not is_artnet:
                sender.received_sacn(data, source[0], now)
            elif source != self.net.own:
                self._rdm.heard(data, source[0], source[1], now)
                sender.received(data, (source[0], source[1]), now)

    def listen(self, sender: FrameSender, now: int) -> None:
        """Hands on what came in by the cables of widgets; once a frame is as often as they send."""
        for device, port in self._inputs.items():
            if (levels := port.take_levels()) is not None:
                sender.received_dmx(device, levels, now)

    def carry(self, item: Carried, now: int) -> None:
        """Takes ``item`` out: from the Art-Net socket, or into a widget's port. What cannot go is dropped."""
        self._rdm.until = now + LISTENING
        if item.port == 0:
            if (port := self._ports.get(item.name)) is not None:
                port.say(item.data)
        elif self.net.artnet_ears:
            with contextlib.suppress(OSError):
                self.net.artnet_ears[0].sendto(item.data, (item.name, item.port))

    def brought(self) -> list[Carried]:
        """What came back since the last call."""
        widgets = (Carried(port.device, 0, data) for port in self._ports.values() for data in port.take_heard())
        return [*self._rdm.take(), *widgets]

    def look_around(self) -> None:
        """Once a second: who else on this machine listens."""
        self.net.look_around()

    def flush(self, seconds: float) -> None:
        """Waits until every widget that is there has the newest message, so long at most."""
        until = time.monotonic() + seconds
        for port in self._ports.values():
            port.flush(max(0.0, until - time.monotonic()))

    def count(self, counts: Counts) -> None:
        """Adds what the sockets know to ``counts``."""
        senders = (self.net.sacn, self.net.artnet)
        counts.packets = sum(sender.packets for sender in senders)
        counts.dropped = sum(sender.dropped for sender in senders)
        counts.artnet_port = self.net.own[1] if self.net.own is not None else 0
        counts.link_down = int(not self.net.working)

    def widgets(self) -> tuple[WidgetStats, ...]:
        """How each widget's port is, outputs first."""
        return tuple(_widget(port) for port in (*self._ports.values(), *self._inputs.values()))

    def close(self) -> None:
        """Closes everything."""
        for port in (*self._ports.values(), *self._inputs.values()):
            port.close()
        self.net.close()
        self._all.close()


def _widget(port: UsbPort) -> WidgetStats:
    said = port.widget
    refresh = -1 if said.refresh is None else said.refresh
    more = port.path, said.serial, said.firmware, refresh, said.noise, said.packets
    return WidgetStats(port.device, port.is_open, port.opened, port.replaced, *more)
