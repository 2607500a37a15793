"""Everything that a show sends, protocol by protocol, as one: what is to be looked at, what is due, who is told anew.

Each output (``sacn_output``, ``artnet_output``, ``usb_output``) has its own universes, at ``index`` among all of the show. As a
*preview* only sACN leaves, with its bit, and never a hazard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from showctl.light.pixels_layout import taken
from showctl.protocols import artnet, sacn
from showctl.runtime.receive.artnet_pages import STYLE_CONTROLLER, Identity
from showctl.runtime.wire.artnet_output import ArtnetOutput
from showctl.runtime.wire.drawing import Between, nothing
from showctl.runtime.wire.frames import Batch, SerialWrite
from showctl.runtime.wire.ready import Carrier, Ready, made_ready
from showctl.runtime.wire.sacn_output import SacnOutput
from showctl.runtime.wire.touched import Piece
from showctl.runtime.wire.usb_output import UsbOutput
from showctl.show.fixtures import Hazard
from showctl.show.instants import SECOND, Instant
from showctl.show.patch import Patch, Protocol, Universe
from showctl.show.show import Show


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who sends: CID and name, the ports that packets go to, our address and that of everybody."""

    cid: bytes
    name: str
    sacn_port: int = sacn.PORT
    artnet_port: int = artnet.PORT
    broadcast: str = "127.255.255.255"
    address: str = "127.0.0.1"
    preview: bool = False


class Outputs:
    """Those of ``show``; ``joining`` are Art-Net addresses on which a desk may send to us."""

    def __init__(self, show: Show, who: Speaker, joining: Sequence[int]) -> None:
        patch = show.patch
        hazards = {fixture.universe for fixture in patch.fixtures if fixture.hazard is not Hazard.NONE}

        def of(protocol: Protocol) -> tuple[list[Universe], NDArray[np.bool_]]:
            found = [universe for universe in patch.universes if universe.protocol is protocol]
            return found, np.array([universe.key in hazards for universe in found], np.bool_)

        heard = {universe.key for universe in of(Protocol.ARTNET)[0]}
        known = [node.address for node in patch.nodes if heard & set(node.universes)]
        ours = Identity(who.address, "showctl", who.name, STYLE_CONTROLLER)
        self._rest = SECOND // show.dmx_rate
        self._preview = who.preview
        self.sacn = SacnOutput(*of(Protocol.SACN), who.cid, who.name, who.sacn_port, _patched(patch), who.preview)
        self.artnet = ArtnetOutput(*of(Protocol.ARTNET), known, who.broadcast, who.artnet_port, ours, joining)
        self.usb = UsbOutput(of(Protocol.USBPRO)[0], show.dmx_rate)
        self._places: dict[int, tuple[Protocol, Carrier, int]] = {
            universe.index: (protocol, carrier, row)
            for protocol, carrier in ((Protocol.SACN, self.sacn), (Protocol.ARTNET, self.artnet))
            for row, universe in enumerate(of(protocol)[0])
            if protocol is Protocol.SACN or not who.preview
        }

    def look(self, slots: NDArray[np.uint8], changed: NDArray[np.bool_] | None = None, between: Between = nothing) -> None:
        """Takes note of what is other than it was said; only ``changed`` universes can be. ``between`` is called all along."""
        for carrier in (self.sacn, self.artnet, self.usb):
            carrier.pacing.look(slots[carrier.index], None if changed is None else changed[carrier.index], between)

    def frame(
        self, slots: NDArray[np.uint8], now: Instant, index: int, between: Between = nothing
    ) -> tuple[tuple[Batch, ...], tuple[SerialWrite, ...]]:
        """What goes out with frame ``index``: packets, and messages for widgets. ``between`` is called all along."""
        batches = self.sacn.frame(slots[self.sacn.index], now, between=between)
        if self._preview:
            return tuple(batches), ()
        batches += self.artnet.frame(slots[self.artnet.index], now, between=between)
        return tuple(batches), tuple(self.usb.frame(slots[self.usb.index], now, index))

    def extra(self, slots: NDArray[np.uint8], now: Instant) -> tuple[Batch, ...]:
        """What goes out between two frames: universes that changed, and were last sent at least a frame ago."""
        batches: list[Batch] = self.sacn.frame(slots[self.sacn.index], now, resting=self._rest)
        if not self._preview:
            batches += self.artnet.frame(slots[self.artnet.index], now, resting=self._rest)
        return tuple(batches)

    def ready(self, pieces: Sequence[Piece], now: Instant) -> Ready | None:
        """What ``extra`` would send of these ``pieces`` at ``now``; None where that is nothing, or not worth to be made ready."""
        return made_ready(self._places, pieces, now, self._rest)

    def route(self, universe: Universe, priority: int, hosts: Sequence[str]) -> None:
        """``universe`` goes to ``hosts`` from now on (none: multicast, or the nodes that answer)."""
        if universe.protocol is Protocol.SACN:
            self.sacn.route(universe, priority, hosts)
        elif universe.protocol is Protocol.ARTNET:
            self.artnet.route(universe, hosts)

    def relinked(self, broadcast: str, address: str) -> None:
        """The network was away and is there again, or has another address: everybody hears everything anew."""
        self.sacn.relinked()
        self.artnet.relinked(broadcast, address)

    def take_over(self, older: Outputs) -> list[Batch]:
        """Goes on where ``older`` is; gives what ends the universes that are no more."""
        self.artnet.take_over(older.artnet)
        return self.sacn.take_over(older.sacn)

    @property
    def repeats(self) -> bool:
        """Whether there are universes that are said in every frame, whatever they show: hazards, and those of widgets."""
        return any(carrier.pacing.continuous.any() for carrier in (self.sacn, self.artnet)) or bool(len(self.usb.pacing.last))

    def next_due(self, loaded: bool) -> Instant | None:
        """When something must be sent although no level moves; before a show is ``loaded``, nodes are asked for all the same."""
        asks = [self.artnet.next_due()]
        if loaded:
            asks += [self.sacn.next_due(), self.usb.next_due()]
        return min((ask for ask in asks if ask is not None), default=None)


def _patched(patch: Patch) -> dict[str, NDArray[np.bool_]]:
    """Universe key -> which of its slots belong to a fixture."""
    found = {universe.key: np.zeros(512, np.bool_) for universe in patch.universes if universe.claim == "patched"}
    for fixture in patch.fixtures:
        if fixture.universe in found:
            found[fixture.universe][fixture.address - 1 : fixture.address - 1 + fixture.mode.footprint] = True
    for key, first, last in (part for wall in patch.walls for part in taken(patch, wall)):
        if key in found:
            found[key][first - 1 : last] = True
    return found
