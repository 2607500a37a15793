"""What a frame costs the wire by slots that change and by universes that are only patched: CPU time of making it, not of sending.

It should grow with the first, and hardly with the second. ``--most 4096``: universes of the largest patch.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a bench is started as a file

from bench.wire.senders import RATE, Given, fades, the_patch
from showctl.light.plan import Plan
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.show.show import Show


def cost(patched: int, changing: int) -> float:
    """Milliseconds of a frame, keep-alives of the others included."""
    show = Show("Bench", the_patch(Given(patched, 64, "127.1.0.1", "127.0.0.1", 1, Path())), (), dmx_rate=RATE)
    sender = FrameSender(show, bytes(16), "bench", patient=True)
    sender.load(Plan(fades(changing * 512)), 1, 0)
    at = 0
    while sender.work(at):
        pass
    for _ in range(8):
        at = sender.next_frame(at)
        sender.frame(at)
    began = time.thread_time_ns()
    for _ in range(88):
        at = sender.next_frame(at)
        sender.frame(at)
    return (time.thread_time_ns() - began) / 88e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=4096)
    most = parser.parse_args().most
    sizes = [size for size in (64, 256, 1024, 2048, 4096) if size <= most]
    print("universes patched:  " + "".join(f"{size:9}" for size in sizes))
    found: dict[tuple[int, int], float] = {}
    for changing in sizes:
        found |= {(changing, patched): cost(patched, changing) for patched in sizes if patched >= changing}
        line = "".join(f"{found[changing, patched]:9.3f}" if patched >= changing else " " * 9 for patched in sizes)
        print(f"{changing:5} change, ms:   {line}", flush=True)
    least, top = sizes[0], sizes[-1]
    grows = found[top, top] / found[least, least] / (top / least)
    idle = found[least, top] / found[least, least]
    good = grows < 2 and idle < 3
    print(f"{top // least} times the slots cost {grows:.2f} of that; {top // least} times the patch, {idle:.1f} times the frame")
    print("As promised." if good else "Not as promised: linear, and hardly at all.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
