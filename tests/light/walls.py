"""Walls of pixels by hand: a patch in a line, what plays in a row, and the slots that come of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from showctl.light.plan import ROW, Plan, RowKind, Rows
from showctl.light.render import Rendering, output, prepare
from showctl.show.cues import Wave
from showctl.show.fixtures import Fixture
from showctl.show.instants import SECOND
from showctl.show.patch import Patch, Protocol, Universe, make_patch
from showctl.show.pixels import Along, Footage, PixelWave, Source, Wall, mode_of

INTENSITY, RED, GREEN, BLUE, PIXELS = range(5)
FULL = 65535


def patch(width: int, height: int, *sources: Source, address: int = 1, slots: tuple[int, ...] = (512, 512), **more: Any) -> Patch:
    """One wall, from slot ``address`` of Art-Net universe 0 on."""
    universes = tuple(Universe(n, f"artnet/{n}", Protocol.ARTNET, n, slots=count) for n, count in enumerate(slots))
    wall = Wall(0, width, height, tuple(universe.key for universe in universes), **more)
    fixture = Fixture(0, "wall", "pixels", mode_of(width, height), "artnet/0", address)
    return make_patch(universes, (), (fixture,), (wall,), sources)


def picture(key: int, width: int, height: int, *frames: list[tuple[int, int, int]], **more: Any) -> Footage:
    """Frames of sRGB bytes, pixel by pixel from the top left; one a second."""
    data = bytes(byte for frame in frames for pixel in frame for byte in pixel)
    return Footage(key, 0, width, height, 1, 1, more.get("loop", False), more.get("at", 0), data, "picture")


def numbered(width: int, height: int) -> Footage:
    """Pixel n (from the top left, row by row) is red with byte 100 + n, and has nothing else."""
    return picture(1, width, height, [(100 + n, 0, 0) for n in range(width * height)])


def wave(key: int, kind: Wave = Wave.RAMP, along: Along = Along.RIGHT, **more: Any) -> PixelWave:
    made: dict[str, Any] = {"period": SECOND, "waves": 65536, "width": 32768, "low": (0, 0, 0), "high": (FULL, FULL, FULL)}
    return PixelWave(key, 0, kind, along, **(made | more))


def level(parameter: int, target: int, **more: int) -> Rows:
    """A setting of list 0."""
    row = np.zeros(1, ROW)
    row["id"], row["priority"], row["parameter"], row["kind"] = 1000 + parameter, 100, parameter, RowKind.SET
    row["source"] = row["target"] = target
    for name, value in more.items():
        row[name] = value
    return row


def playing(key: int, start: int = 0, **more: int) -> Rows:
    """A source that plays from ``start`` on."""
    row = np.zeros(1, ROW)
    row["id"], row["priority"], row["parameter"], row["kind"] = key, 100, PIXELS, RowKind.CHASE
    row["seed"], row["start"], row["period"], row["target"], row["width"] = key, start, SECOND, FULL, FULL
    for name, value in more.items():
        row[name] = value
    return row


def slots(of: Patch, *rows: Rows, now: int = 0, plan: Plan | None = None) -> NDArray[np.uint8]:
    """Every universe's slots at ``now``, intensity at full unless ``rows`` say otherwise."""
    if not any(int(row["parameter"][0]) == INTENSITY for row in rows):
        rows = (*rows, level(INTENSITY, FULL))
    plan = plan or Plan(np.concatenate(sorted(rows, key=lambda row: int(row["id"][0]))))
    out = np.full((len(of.universes), 512), 7, np.uint8)
    rendering = Rendering(of)
    output(prepare(rendering, plan), now, out)
    return out
