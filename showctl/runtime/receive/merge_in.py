"""A desk that joins our output: what it sends on a universe that the show folder names is merged into one of ours. Sans-I/O.

``sacn/3: {merge_in: sacn/103}``: whoever sends sACN universe 103 takes part in our universe 3, as if both of us stood before one
receiver: per slot the higher priority wins, equal ones by the highest level; 0xDD counts; a desk that falls silent for 2.5 s, or
ends its stream, gives its slots back. Art-Net has no priorities: what comes by it counts as 100, and is given back after 10 s
of silence. So does what comes by the cable of a USB Pro widget (``merge_in: usbpro/EN123456``), which is given back after a
second. Hazards never stand on such a universe (checked at load).

It is done on the way out, after everything the show knows of: digests, levels and journals are those of the show alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.protocols import artnet, sacn
from showctl.runtime.receive.artnet_node import ArtnetNode
from showctl.runtime.receive.artnet_pages import Identity
from showctl.runtime.receive.sacn_receiver import SacnReceiver
from showctl.show.instants import SECOND, Instant
from showctl.show.patch import Universe

ARTNET_PRIORITY: Final = sacn.DEFAULT_PRIORITY
DMX_LOSS: Final = SECOND  # E1.11-2008: the most that may lie between two packets of levels


def widgets_of(universes: Iterable[Universe]) -> tuple[str, ...]:
    """The widgets whose cables may join ``universes``."""
    joins = (universe.merge_in.partition("/") for universe in universes)
    return tuple(dict.fromkeys(widget for protocol, _, widget in joins if protocol == "usbpro"))


@dataclass(frozen=True, slots=True)
class _Join:
    index: int
    priority: int
    protocol: str
    name: str
    """Of a widget; of others, their number."""

    @property
    def number(self) -> int:
        return int(self.name)


class MergeIn:
    """The desks that may join ``universes``; ``cid`` is ours."""

    def __init__(self, universes: Sequence[Universe], cid: bytes, now: Instant) -> None:
        self._joins = [_join(universe) for universe in universes if universe.merge_in]
        self._cables: dict[str, tuple[Instant, NDArray[np.uint8]]] = {}
        """Widget -> when levels last came by its cable, and which."""
        self.sacn_universes = tuple(join.number for join in self._joins if join.protocol == "sacn")
        self.artnet_addresses = tuple(join.number for join in self._joins if join.protocol == "artnet")
        self._receiver = SacnReceiver(self.sacn_universes, now, ours=(cid,))
        self._node = ArtnetNode(Identity("0.0.0.0", ""), self.artnet_addresses)
        self._made: NDArray[np.uint8] | None = None

    def __bool__(self) -> bool:
        return bool(self._joins)

    def take_over(self, older: MergeIn) -> None:
        """Goes on with the desks that ``older`` hears, where they may still join: a show loaded anew does not blink."""
        for number in self._receiver.universes.keys() & older._receiver.universes.keys():
            self._receiver.universes[number] = older._receiver.universes[number]
        self._cables = dict(older._cables)
        for number in self._node.ports.keys() & older._node.ports.keys():
            self._node.ports[number] = older._node.ports[number]

    def heard_sacn(self, data: bytes, address: str, now: Instant) -> None:
        """A sACN datagram from ``address``."""
        if self.sacn_universes:
            self._receiver.received(data, address, now)

    def heard_artnet(self, data: bytes, source: tuple[str, int], now: Instant) -> None:
        """An Art-Net datagram from ``source``. Answering polls is somebody else's work."""
        if self.artnet_addresses and len(data) > 9 and data[8:10] in _JOINING:
            self._node.received(data, source, now)

    def heard_dmx(self, widget: str, slots: bytes, now: Instant) -> None:
        """Levels that came by the cable of ``widget``."""
        levels = np.zeros(512, np.uint8)
        levels[: len(slots)] = np.frombuffer(slots[:512], np.uint8)
        self._cables[widget] = now, levels

    def joined(self, slots: NDArray[np.uint8], now: Instant) -> NDArray[np.uint8]:
        """``slots`` with whoever takes part now; the same array where nobody may."""
        if not self._joins:
            return slots
        if self._made is None:
            self._made = np.empty_like(slots)
        made = self._made
        made[:] = slots
        for join in self._joins:
            if join.protocol == "sacn":
                heard = self._receiver.universes[join.number].merged(now)
                theirs, priorities = heard.levels, heard.priorities
                equal = np.maximum(theirs, slots[join.index])
                made[join.index] = np.where(
                    priorities > join.priority, theirs, np.where(priorities == join.priority, equal, slots[join.index])
                )
            elif (levels := self._without_priority(join, now)) is not None:
                if join.priority < ARTNET_PRIORITY:
                    made[join.index] = levels
                elif join.priority == ARTNET_PRIORITY:
                    made[join.index] = np.maximum(levels, slots[join.index])
        return made

    def _without_priority(self, join: _Join, now: Instant) -> NDArray[np.uint8] | None:
        if join.protocol == "artnet":
            return self._node.ports[join.number].levels(now)
        heard = self._cables.get(join.name)
        return None if heard is None or now - heard[0] >= DMX_LOSS else heard[1]


def _join(universe: Universe) -> _Join:
    protocol, _, name = universe.merge_in.partition("/")
    return _Join(universe.index, universe.priority, protocol, name)


_JOINING: Final = tuple(code.to_bytes(2, "little") for code in (artnet.OpCode.DMX, artnet.OpCode.SYNC))
