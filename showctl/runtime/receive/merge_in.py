"""A desk that joins our output: what it sends on a universe that the show folder names is merged into one of ours. Sans-I/O.

``sacn/3: {merge_in: sacn/103}``: whoever sends sACN universe 103 takes part in our universe 3, as if both of us stood before one
receiver: per slot the higher priority wins, equal ones by the highest level; 0xDD counts; a desk that falls silent for 2.5 s, or
ends its stream, gives its slots back. Art-Net has no priorities: what comes by it counts as 100, and is given back after 10 s
of silence. Hazards never stand on such a universe (checked at load).

It is done on the way out, after everything the show knows of: digests, levels and journals are those of the show alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.protocols import artnet, sacn
from showctl.runtime.receive.artnet_node import ArtnetNode
from showctl.runtime.receive.artnet_pages import Identity
from showctl.runtime.receive.sacn_receiver import SacnReceiver
from showctl.show.instants import Instant
from showctl.show.patch import Universe

ARTNET_PRIORITY: Final = sacn.DEFAULT_PRIORITY


@dataclass(frozen=True, slots=True)
class _Join:
    index: int
    priority: int
    protocol: str
    number: int


class MergeIn:
    """The desks that may join ``universes``; ``cid`` is ours."""

    def __init__(self, universes: Sequence[Universe], cid: bytes, now: Instant) -> None:
        self._joins = [
            _Join(
                universe.index, universe.priority, universe.merge_in.partition("/")[0], int(universe.merge_in.partition("/")[2])
            )
            for universe in universes
            if universe.merge_in
        ]
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
            elif (levels := self._node.ports[join.number].levels(now)) is not None:
                if join.priority < ARTNET_PRIORITY:
                    made[join.index] = levels
                elif join.priority == ARTNET_PRIORITY:
                    made[join.index] = np.maximum(levels, slots[join.index])
        return made


def _join(universe: Universe) -> _Join:
    protocol, _, number = universe.merge_in.partition("/")
    return _Join(universe.index, universe.priority, protocol, int(number))


_JOINING: Final = tuple(code.to_bytes(2, "little") for code in (artnet.OpCode.DMX, artnet.OpCode.SYNC))
