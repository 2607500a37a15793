"""What a wall of pixels costs in a frame: 64 x 64 and 512 x 128, what plays on it, beside a bare numpy fade of as many slots.

The floor fades as many 16-bit levels to bytes as the wall has slots, and knows nothing of pictures, gamma or wiring. CPU
time. The closing line says whether the promise is kept: whatever plays, half a millisecond for the small wall and five for the
large one, a fiftieth and a fifth of a frame at 40 Hz.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from showctl.light.plan import ROW, Plan, RowKind, Rows
from showctl.light.render import Rendering, output, prepare
from showctl.show.cues import Wave
from showctl.show.fixtures import Fixture
from showctl.show.instants import MILLISECOND, SECOND
from showctl.show.patch import Protocol, Universe, make_patch
from showctl.show.pixels import Along, Footage, PixelWave, Wall, Wiring, mode_of

PROMISED = {(64, 64): 0.5, (512, 128): 5.0}
"""Milliseconds."""
FULL = 65535
FPS = 25


def row(number: int, parameter: int, kind: RowKind, **more: int) -> Rows:
    made = np.zeros(1, ROW)
    made["id"], made["parameter"], made["kind"], made["priority"] = number, parameter, kind, 100
    made["period"], made["source"], made["target"], made["width"] = SECOND, FULL, FULL, FULL
    for name, value in more.items():
        made[name] = value
    return made


def milliseconds(work: Callable[[int], None], times: int = 60) -> float:
    """CPU time, the median of ``times``."""
    taken = []
    for n in range(times):
        begun = time.process_time_ns()
        work(n)
        taken.append((time.process_time_ns() - begun) / 1e6)
    return statistics.median(taken)


def measure(width: int, height: int) -> dict[str, float]:
    """Milliseconds of a frame, by what plays."""
    pixels = width * height
    universes = tuple(Universe(n, f"artnet/{n}", Protocol.ARTNET, n) for n in range(-(-pixels // 170)))
    dice = np.random.default_rng(1)
    frames = dice.integers(0, 256, (2 * FPS, pixels, 3), np.uint8).tobytes()
    color = {"low": (0, 0, 20000), "high": (FULL, 30000, 4000)}
    sources = (
        Footage(1, 0, width, height, FPS, 1, True, 0, frames),
        PixelWave(2, 0, Wave.SINE, Along.RIGHT, SECOND, 131072, 32768, **color),
        PixelWave(3, 0, Wave.SINE, Along.OUT, SECOND, 131072, 32768, **color),
        PixelWave(4, 0, Wave.RANDOM, Along.NONE, SECOND, 65536, 32768, **color),
    )
    wall = Wall(0, width, height, tuple(item.key for item in universes), Wiring.SERPENTINE, (False, True), "grb", gamma=2200)
    fixture = Fixture(0, "wall", "pixels", mode_of(width, height), "artnet/0", 1)
    rendering = Rendering(make_patch(universes, (), (fixture,), (wall,), sources))
    out = np.zeros((len(universes), 512), np.uint8)

    source, way, bytes_ = np.zeros(3 * pixels, np.int32), np.full(3 * pixels, FULL, np.int32), np.empty(3 * pixels, np.uint8)

    def bare(n: int) -> None:
        bytes_[:] = (source + ((way * np.int32(n * 32768 // 400) + 16384) >> 15)) >> 8

    floor = milliseconds(bare)
    print(f"{width} x {height}: {pixels} pixels, {len(universes)} universes, {'bare fade':22} {floor:7.2f} ms   1.0")
    found: dict[str, float] = {}
    lit = row(1, 0, RowKind.SET)
    cases = {
        "a clip": (row(2, 4, RowKind.CHASE, seed=1),),
        "a wave across": (row(2, 4, RowKind.CHASE, seed=2),),
        "a wave from the middle": (row(2, 4, RowKind.CHASE, seed=3),),
        "random": (row(2, 4, RowKind.CHASE, seed=4),),
        "a clip into a wave": (row(2, 4, RowKind.CHASE, seed=1), row(3, 4, RowKind.CHASE, seed=2, entry=3600 * SECOND)),
        "dark, a clip running": (row(2, 4, RowKind.CHASE, seed=1),),
    }
    for name, rows in cases.items():
        plan = Plan(np.concatenate(((row(1, 0, RowKind.SET, source=0, target=0) if "dark" in name else lit), *rows)))
        prepared = prepare(rendering, plan)

        def frame(n: int, prepared: object = prepared) -> None:
            output(prepared, SECOND + n * 25 * MILLISECOND, out)  # type: ignore[arg-type]

        frame(0)
        taken = found[name] = milliseconds(frame)
        print(f"    {name:46} {taken:7.2f} ms {taken / floor:5.1f}")
    return found


def main() -> None:
    worst = {size: max(measure(*size).values()) for size in PROMISED}
    kept = all(worst[size] <= promised for size, promised in PROMISED.items())
    said = ", ".join(
        f"{width} x {height} {worst[width, height]:.2f} of {most:g} ms" for (width, height), most in PROMISED.items()
    )
    print(f"at most {said}: {'as promised' if kept else 'NOT AS PROMISED'}")


if __name__ == "__main__":
    main()
