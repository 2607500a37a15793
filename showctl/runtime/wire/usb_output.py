"""DMX USB Pro out: one send-DMX message a frame for each widget, at most 40 a second. Standard: ENTTEC API 1.44.

A widget repeats what it last got by itself, so the newest message is all that counts: where a port is slow, what waits
is replaced. It also means that a widget holds its look when we die, and that it gets the exit look before we leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.protocols import usbpro
from showctl.runtime.wire.frames import SerialWrite
from showctl.runtime.wire.pacing import Pacing, places
from showctl.show.instants import Instant
from showctl.show.patch import Universe

MAX_RATE: Final = 40  # API 1.44, label 4: DMX output rate 1..40 packets a second


class UsbOutput:
    """The USB Pro universes of a show. ``index`` are their places among all universes."""

    def __init__(self, universes: Sequence[Universe], rate: int) -> None:
        self.index = places(universes)
        self.pacing = Pacing(np.zeros((len(universes), 512), np.uint8), np.zeros(len(universes), np.bool_))
        self._universes = universes
        self._rate = rate

    def frame(self, slots: NDArray[np.uint8], now: Instant, index: int) -> list[SerialWrite]:
        """What each widget gets in frame ``index``: everything, every time; above 40 frames a second some are left out."""
        if not len(self._universes) or (index >= 0 and not self.takes(index)):
            return []
        which = np.arange(len(self._universes))
        self.pacing.sent(which, slots, now)
        return [
            SerialWrite(universe.device, usbpro.encode(usbpro.SendDmx(slots[row].tobytes())))
            for row, universe in enumerate(self._universes)
        ]

    def takes(self, index: int) -> bool:
        """Whether widgets are written to in frame ``index``."""
        return self._rate <= MAX_RATE or index * MAX_RATE // self._rate != (index - 1) * MAX_RATE // self._rate

    def next_due(self) -> Instant | None:
        """When something must be written that a widget does not know yet, or would miss."""
        return self.pacing.next_due() if len(self._universes) else None
