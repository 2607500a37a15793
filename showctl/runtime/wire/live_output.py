"""Carries frames out: one UDP socket for sACN, the Art-Net socket, a thread for each widget. Nothing here raises.

There is exactly one Art-Net socket on a machine that works (two share a port badly), so replies to polls are heard here
and handed to the frame sender; a second one hears what is broadcast, since some nodes answer so. A flood is read only so far in
each frame, and the system drops the rest.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from showctl.protocols import artnet, sacn
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.runtime.wire.frames import Frame
from showctl.runtime.wire.interfaces import find
from showctl.runtime.wire.sockets import PacketSender, open_artnet, open_artnet_ear, open_sender
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
    sacn_port: int = sacn.PORT
    artnet_port: int = artnet.PORT
    serial_dir: Path | None = None

    @property
    def broadcast(self) -> str:
        """Where polls go."""
        link = find(self.interface)
        return "255.255.255.255" if link is None else link.broadcast


class LiveOutput:
    """The sockets and ports of one show."""

    def __init__(self, show: Show, network: Network) -> None:
        protocols = {universe.protocol for universe in show.patch.universes}
        self._sacn = PacketSender(open_sender(network.interface))
        self.artnet = open_artnet(network.interface, network.artnet_port) if Protocol.ARTNET in protocols else None
        self._artnet = PacketSender(self.artnet) if self.artnet is not None else None
        self._ear = open_artnet_ear(network.broadcast, network.artnet_port) if self.artnet is not None else None
        self._own = None if self.artnet is None else self.artnet.getsockname()
        devices = dict.fromkeys(u.device for u in show.patch.universes if u.protocol is Protocol.USBPRO)
        self._ports = {device: UsbPort(device, network.serial_dir) for device in devices}
        self._allowance = DATAGRAMS_A_FRAME

    def send(self, frame: Frame) -> int:
        """Sends a frame; gives the nanoseconds between its first packet and its last."""
        began = time.monotonic_ns()
        for batch in frame.batches:
            carrier = self._sacn if batch.protocol is Protocol.SACN else self._artnet
            assert carrier is not None, "a batch for a protocol that the show does not use"
            carrier.send(batch)
        took = time.monotonic_ns() - began
        for write in frame.serial:
            self._ports[write.port].write(write.data)
        self._allowance = DATAGRAMS_A_FRAME
        return took

    @property
    def ears(self) -> Sequence[socket.socket]:
        """Where datagrams for us may come in; none once enough were read for this frame."""
        return [sock for sock in (self.artnet, self._ear) if sock is not None] if self._allowance > 0 else []

    def receive(self, ear: socket.socket, sender: FrameSender, now: int) -> None:
        """Hands what came in at ``ear`` to ``sender``, but for what we broadcast ourselves."""
        while self._allowance > 0:
            self._allowance -= 1
            try:
                data, source = ear.recvfrom(_LARGEST)
            except BlockingIOError:
                return
            except OSError:  # an ICMP answer to something we sent: the node is not there
                continue
            if source != self._own:
                sender.received(data, (source[0], source[1]), now)

    def flush(self, seconds: float) -> None:
        """Waits until every widget that is there has the newest message, so long at most."""
        until = time.monotonic() + seconds
        for port in self._ports.values():
            port.flush(max(0.0, until - time.monotonic()))

    def count(self, counts: Counts) -> None:
        """Adds what the sockets know to ``counts``."""
        senders = [sender for sender in (self._sacn, self._artnet) if sender is not None]
        counts.packets = sum(sender.packets for sender in senders)
        counts.dropped = sum(sender.dropped for sender in senders)
        counts.artnet_port = self.artnet.getsockname()[1] if self.artnet is not None else 0

    def widgets(self) -> tuple[WidgetStats, ...]:
        """How each widget's port is."""
        return tuple(WidgetStats(port.device, port.is_open, port.opened, port.replaced) for port in self._ports.values())

    def close(self) -> None:
        """Closes everything."""
        for port in self._ports.values():
            port.close()
        self._sacn.close()
        if self._artnet is not None:
            self._artnet.close()
        if self._ear is not None:
            self._ear.close()
