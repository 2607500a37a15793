"""Packets made ready for a change that is announced: they leave as soon as it is said, before it is even taken into the plan.

Of a few universes at rest only; a universe in motion shows the change with its next frame, and one whose levels are not all that
would go out (a synchronization, priorities that are due) is sent the ordinary way (``FrameSender.extra``). What has left is noted
where it would have been noted there, so that nothing is sent twice and no number is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from typing import Protocol as Speaks

import numpy as np
from numpy.typing import NDArray

from showctl.runtime.ports import Address
from showctl.runtime.wire.pacing import Pacing
from showctl.runtime.wire.touched import Piece
from showctl.show.instants import Duration, Instant
from showctl.show.patch import Protocol

MOST: Final = 16
"""Universes of a change whose packets are made before it is said."""


class Carrier(Speaks):
    """An output whose universes may be sent one by one."""

    pacing: Pacing

    def packets_of(self, row: int, slots: NDArray[np.uint8], now: Instant) -> list[tuple[Address, bytes]] | None:
        """What universe ``row`` sends next if it is to show ``slots``; None where that is more than its levels."""

    def left(self, row: int, slots: NDArray[np.uint8], now: Instant) -> None:
        """Those packets went out at ``now``."""


@dataclass(frozen=True, eq=False, slots=True)
class _Universe:
    carrier: Carrier
    row: int
    slots: NDArray[np.uint8]
    last: Instant
    """When it was last sent, as its packets were made."""


@dataclass(frozen=True, eq=False, slots=True)
class Ready:
    """What leaves, and what it says."""

    packets: Sequence[tuple[Protocol, Address, bytes]]
    universes: Sequence[_Universe]

    @property
    def fresh(self) -> bool:
        """Whether none of its universes was sent since."""
        return all(each.carrier.pacing.last[each.row] == each.last for each in self.universes)

    def left(self, now: Instant) -> None:
        """It went out at ``now``."""
        for each in self.universes:
            each.carrier.left(each.row, each.slots, now)


def made_ready(
    places: dict[int, tuple[Protocol, Carrier, int]],
    pieces: Sequence[Piece],
    now: Instant,
    rest: Duration,
) -> Ready | None:
    """The packets of those universes of ``pieces`` that rest. None where there are none, or one of them cannot be sent so."""
    packets: list[tuple[Protocol, Address, bytes]] = []
    chosen: list[_Universe] = []
    for piece in pieces:
        if len(chosen) + len(piece.slots) > MOST:
            return None
        for number, levels in zip(piece.universes.tolist(), piece.slots, strict=True):
            if number not in places:
                continue
            protocol, carrier, row = places[number]
            last = int(carrier.pacing.last[row])
            if not carrier.pacing.speaks_at_once(row, levels, now - last, rest):
                continue
            made = carrier.packets_of(row, levels, now)
            if made is None:
                return None
            chosen.append(_Universe(carrier, row, levels, last))
            packets += [(protocol, to, data) for to, data in made]
    return Ready(packets, chosen) if packets else None
