"""Walls of LED pixels: from the slots of many universes back to the picture that people see.

The string of pixels is walked here from the words of the patch alone, pixel by pixel, and a slot's light is (slot / 255) to the
power of the wall's gamma: a pixel at the wrong end of a row, a colour in the wrong place or a gamma that is not undone shows.

What may be looked at, of a wall called ``rib``: ``rib.intensity`` (mean light, each pixel as bright as its brightest colour),
``rib.red``, ``rib.green``, ``rib.blue``, all in percent of full light; ``rib.pixels``, how many of a hundred are lit; ``rib.x``
and ``rib.y``, where the light is on the whole, in percent of the way from the left and from the top (50 where it is dark).
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from showctl.show.instants import Instant
from showctl.show.pixels import Wall, Wiring
from showctl.show.show import Show
from simulators.dmx_port import Port

LOOKS: Final = ("intensity", "red", "green", "blue", "pixels", "x", "y")
LIT: Final = 1 / 1000
"""Of full light: less is not seen."""


class LitWall:
    """One wall as it hangs."""

    def __init__(self, show: Show, wall: Wall, port_of: Callable[[str], Port | None]) -> None:
        fixture = show.patch.fixtures[wall.fixture]
        self.name, self.width, self.height = fixture.name, wall.width, wall.height
        rooms = [show.patch.universe_keyed[key].slots for key in wall.universes]
        self._ports = [port_of(key) for key in wall.universes]
        self._index = np.zeros((wall.height, wall.width, len(wall.order)), np.intp)
        for (x, y), slots in zip(_walk(wall), _addresses(wall, fixture.address, rooms), strict=False):
            for letter, (universe, slot) in zip(wall.order, slots, strict=True):
                self._index[y, x, "rgbw".index(letter)] = universe * 512 + slot - 1
        self._light = (np.arange(256) / 255) ** (wall.gamma / 1000)

    def light(self, now: Instant) -> NDArray[np.float64]:
        """What each pixel gives, 0..1: (height, width, red green blue). White counts for all three."""
        dark = np.zeros(512, np.uint8)
        slots = np.concatenate([dark if port is None else port.slots(now) for port in self._ports])
        light: NDArray[np.float64] = self._light[slots[self._index]]
        return light if light.shape[2] == 3 else np.minimum(light[:, :, :3] + light[:, :, 3:], 1.0)

    def look(self, what: str, now: Instant) -> float:
        """One of ``LOOKS``, in percent."""
        light = self.light(now)
        if what in ("red", "green", "blue"):
            return float(light[:, :, ("red", "green", "blue").index(what)].mean()) * 100
        bright = light.max(axis=2)
        if what == "intensity":
            return float(bright.mean()) * 100
        if what == "pixels":
            return float((bright > LIT).mean()) * 100
        total = float(bright.sum())
        along = bright.sum(axis=0 if what == "x" else 1)
        centres = (np.arange(len(along)) + 0.5) / len(along)
        return float((along * centres).sum()) / total * 100 if total else 50.0

    def picture(self, now: Instant) -> NDArray[np.uint8]:
        """As a screen shows it (sRGB): (height, width, 3) bytes."""
        light = self.light(now)
        shown = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
        return np.asarray(np.rint(shown * 255), np.uint8)


@dataclass(frozen=True)
class WallLook:
    """One thing to look at on a wall."""

    wall: LitWall
    what: str

    def value(self, now: Instant) -> float:
        return self.wall.look(self.what, now)


class Walls:
    """Every wall of a show."""

    def __init__(self, show: Show, port_of: Callable[[str], Port | None]) -> None:
        hung = (LitWall(show, wall, port_of) for wall in show.patch.walls)
        self.walls = {wall.name: wall for wall in hung}
        self.looks = {f"{name}.{what}": WallLook(wall, what) for name, wall in self.walls.items() for what in LOOKS}

    def state(self, now: Instant) -> dict[str, Any]:
        """Every wall's picture: rows from the top, three sRGB bytes a pixel, base64."""
        return {
            name: {"width": wall.width, "height": wall.height, "rgb": b64encode(wall.picture(now).tobytes()).decode()}
            for name, wall in self.walls.items()
        }


def png(picture: NDArray[np.uint8], scale: int = 1) -> bytes:
    """``picture`` as a PNG, each pixel ``scale`` points wide (PNG 3rd edition: signature, IHDR, IDAT, IEND)."""
    large = picture.repeat(scale, axis=0).repeat(scale, axis=1)
    rows = b"".join(b"\0" + row.tobytes() for row in large)
    head = struct.pack(">IIBBBBB", large.shape[1], large.shape[0], 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


# --- the string ----------------------------------------------------------------------------------------------------


def _walk(wall: Wall) -> Iterator[tuple[int, int]]:
    """(x, y) of each pixel, as the string runs."""
    by_column = wall.wiring in (Wiring.COLUMNS, Wiring.SERPENTINE_COLUMNS)
    back = wall.wiring in (Wiring.SERPENTINE, Wiring.SERPENTINE_COLUMNS)
    lines, steps = (wall.width, wall.height) if by_column else (wall.height, wall.width)
    right, bottom = wall.start
    for line in range(lines):
        for step in range(steps):
            along = steps - 1 - step if back and line % 2 else step
            x, y = (line, along) if by_column else (along, line)
            yield (wall.width - 1 - x if right else x), (wall.height - 1 - y if bottom else y)


def _addresses(wall: Wall, first: int, rooms: list[int]) -> Iterator[tuple[tuple[int, int], ...]]:
    """The (universe, slot) of every colour of each pixel of the string; slots count from 1."""
    size = len(wall.order)
    universe, slot, here = 0, first, 0

    def onward() -> None:
        nonlocal universe, slot, here
        universe, slot, here = universe + 1, 1, 0

    while universe < len(rooms):
        if wall.per_universe and here == wall.per_universe * size:
            onward()
            continue
        if not wall.split and slot + size - 1 > rooms[universe]:
            onward()
            continue
        pixel: list[tuple[int, int]] = []
        while len(pixel) < size and universe < len(rooms):
            if slot > rooms[universe] or (wall.per_universe and here == wall.per_universe * size):
                onward()
                continue
            pixel.append((universe, slot))
            slot, here = slot + 1, here + 1
        if len(pixel) == size:
            yield tuple(pixel)
