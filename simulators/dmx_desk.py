"""A USB Pro widget as an input: a desk's cable goes into it, and it tells of every packet (API 1.44, label 5).

What the desk sends is said in words: ``at 50``, ``slot 12 at 50``; ``off``: no DMX on the cable, as in the morning. The widget
reports nothing until it has been asked to (label 8), and each change only if that was asked; its other cable comes out as any
widget's does: ``unplugged [for 5s]``, ``plugged``.
"""

# ruff: noqa: ARG002 - hooks take what the contract gives them

from __future__ import annotations

import re
from typing import Final

import numpy as np

from showctl.show.cues import Value
from showctl.show.instants import MILLISECOND, Duration, Instant
from showctl.show.patch import Protocol, Universe
from simulators.dmx_usbpro import RECEIVED, UsbProWidget

RECEIVE_MODE: Final = 8
EVERY: Final[Duration] = 25 * MILLISECOND
"""A desk that sends 40 packets a second."""
_LEVEL: Final = re.compile(r"(?:slot (\d{1,3}) )?at (\d{1,3})")


class DeskWidget(UsbProWidget):
    """One widget, and the desk at the other end of its DMX cable, which is off until somebody says otherwise."""

    def __init__(self, device: str) -> None:
        self.sent = 0
        self._levels = np.zeros(512, np.uint8)
        self._on = self._listens = self._on_change = self._changed = False
        self._next: Instant | None = None
        name = re.sub(r"\W", "_", device)
        super().__init__(Universe(0, f"usbpro/{name}", Protocol.USBPRO, 0, device=device), f"{name}_desk")

    def on_connected(self, stream: str, now: Instant) -> bool:
        self._listens = False
        return super().on_connected(stream, now)

    def on_down(self, now: Instant) -> None:
        super().on_down(now)
        self._listens, self._next = False, None

    def on_act(self, words: str, now: Instant) -> None:
        if words == "off":
            self._on = False
        elif (match := _LEVEL.fullmatch(words)) and int(match[2]) <= 100 and 1 <= int(match[1] or 1) <= 512:
            level = round(int(match[2]) * 255 / 100)
            self._levels[slice(None) if match[1] is None else int(match[1]) - 1] = level
            self._on = self._changed = True
        else:
            raise ValueError(f"{self.name} knows: at 50, slot 12 at 50, off, unplugged, plugged")
        self._next = now + EVERY if self._on and self._next is None else self._next

    def own_deadline(self) -> Instant | None:
        return self._next

    def on_wake(self, now: Instant) -> None:
        self._next = now + EVERY if self._on else None
        if self._on and self._listens and (self._changed or not self._on_change):
            for stream in self.streams:
                self._answer(stream, RECEIVED, b"\x00\x00" + self._levels.tobytes())
                self.sent += 1
            self._changed = False

    def truth(self, now: Instant) -> dict[str, Value]:
        return {"open": bool(self.streams), "lit": self._on and bool(self._levels.any()), "refused": float(self.refused)}

    def _obey(self, label: int, data: bytes, stream: str, now: Instant) -> None:
        if label == RECEIVE_MODE and len(data) == 1:
            self._listens, self._on_change, self._changed = True, data[0] == 1, True
        else:
            super()._obey(label, data, stream, now)
