"""How long a frame takes to render, beside a bare numpy fade of as many levels: ratios, as the machine is shared.

6,000 parameters over 12 universes; nothing moving, 24 chased, 3,000 fading together, 3,000 fading each in its own time.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from showctl.light.plan import ROW, Plan, RowKind, Rows
from showctl.light.render import Rendering, output, prepare
from showctl.show.fixtures import FAMILY_OF, Channel, Fixture, Mode
from showctl.show.instants import MILLISECOND, SECOND
from showctl.show.patch import Patch, Protocol, Universe, make_patch

UNIVERSES = 12
NAMES = ("intensity", "red", "green", "blue", "white")
PAR = Mode("8bit", 4, tuple(Channel(name, FAMILY_OF[name], () if n == 0 else (n - 1,)) for n, name in enumerate(NAMES)))


def the_patch() -> Patch:
    universes = tuple(Universe(n, f"sacn/{n + 1}", Protocol.SACN, n + 1) for n in range(UNIVERSES))
    fixtures = tuple(Fixture(n, f"par_{n}", "par", PAR, f"sacn/{n // 100 + 1}", n % 100 * 4 + 1) for n in range(UNIVERSES * 100))
    return make_patch(universes, (), fixtures)


def fades(count: int, size: int, own_time: bool = False) -> Rows:
    rows = np.zeros(count, ROW)
    rows["id"] = np.arange(count) + 1
    rows["parameter"] = np.linspace(0, size - 1, count).astype(np.int32)
    rows["target"], rows["priority"] = 65535, 100
    rows["duration"] = 100 * SECOND + (np.arange(count) * MILLISECOND if own_time else 0)
    return rows


def chases(count: int) -> Rows:
    rows = fades(count, 120)
    rows["kind"], rows["period"], rows["wave"], rows["width"] = RowKind.CHASE, SECOND, 5, 8192
    rows["phase"] = np.arange(count) * 65536 // count
    return rows


def microseconds(what: Callable[[int], None], times: int = 400) -> float:
    taken = []
    for n in range(times):
        before = time.perf_counter_ns()
        what(n)
        taken.append(time.perf_counter_ns() - before)
    return statistics.median(taken) / 1000


def main() -> None:
    rendering = Rendering(the_patch())
    size = rendering.size
    out = np.zeros((UNIVERSES, 512), np.uint8)
    source, way = np.zeros(size, np.int32), np.full(size, 65535, np.int32)

    def bare(n: int) -> None:
        levels = source + ((way * np.int32(n * 32768 // 400) + 16384) >> 15)
        out.reshape(-1)[:size] = levels[: UNIVERSES * 512] >> 8

    floor = microseconds(bare)
    print(f"{'bare fade of all':32} {floor:8.1f} us   1.0")
    still = fades(size, size)
    still["duration"] = 0
    cases = {
        "nothing moves": still,
        "24 chased": chases(24),
        "3,000 fading together": fades(3000, size),
        "3,000 fading each in its time": fades(3000, size, own_time=True),
    }
    for name, rows in cases.items():
        plan = Plan(rows)
        prepared = prepare(rendering, plan)
        output(prepared, 1, out)

        def frame(n: int, prepared: object = prepared) -> None:
            output(prepared, 1 + n * 25 * MILLISECOND, out)  # type: ignore[arg-type]

        def first(n: int, plan: Plan = plan) -> None:
            output(prepare(rendering, plan), n * 25 * MILLISECOND, out)

        taken, change = microseconds(frame), microseconds(first, 40)
        print(
            f"{name:32} {taken:8.1f} us {taken / floor:5.1f}   first frame after a change {change:8.1f} us {change / floor:5.1f}"
        )


if __name__ == "__main__":
    main()
