"""Broken frames by the hundred million: no exception past a decoder, no growth, and the next good frame is read.

``python bench/fuzz.py --frames 100000000`` is the promise (about five minutes a protocol on one core); without a number it is
a sample of two million each. The mutations are those of ``tests/protocols/mutants.py``, from another seed each time it is given.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # a bench is started as a file

from showctl.protocols import artnet, sacn, usbpro
from showctl.protocols.errors import ProtocolError
from tests.protocols.mutants import batches
from tests.protocols.test_million import ARTNET, SACN, USB

Run = Callable[[Sequence[bytes], int, int], tuple[int, int]]


def packets(decode: Callable[[bytes], object], seeds: Sequence[bytes], count: int, seed: int) -> tuple[int, int]:
    """Decodes ``count`` mutants; gives how many there were, and how many were read."""
    good, made, read = [decode(frame) for frame in seeds], 0, 0
    for batch in batches(seeds, count, seed):
        for data in batch:
            try:
                decode(data)
                read += 1
            except ProtocolError:
                continue
        made += len(batch)
        assert [decode(frame) for frame in seeds] == good, "the next good frame is read as ever"
    return made, read


def stream(seeds: Sequence[bytes], count: int, seed: int) -> tuple[int, int]:
    """The same for frames in one serial stream."""
    deframer, made, read = usbpro.Deframer(), 0, 0
    for batch in batches(seeds, count, seed):
        for frame in deframer.feed(b"".join(batch)):
            for decode in (usbpro.decode_request, usbpro.decode_reply):
                try:
                    decode(frame)
                    read += 1
                except ProtocolError:
                    continue
        made += len(batch)
        deframer.feed(bytes(usbpro.MAX_DATA + 5))
        assert deframer.feed(seeds[0]), "the next good frame is read as ever"
    return made, read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=2)
    given = parser.parse_args()
    well = True
    runs: tuple[tuple[str, Run, Sequence[bytes]], ...] = (
        ("sACN", partial(packets, sacn.decode), SACN),
        ("Art-Net", partial(packets, artnet.decode), ARTNET),
        ("USB Pro", stream, USB),
    )
    for name, run, seeds in runs:
        run(seeds, 100_000, given.seed)
        before, began = resource.getrusage(resource.RUSAGE_SELF), time.process_time()
        made, read = run(seeds, given.frames, given.seed)
        took = time.process_time() - began
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before.ru_maxrss
        well &= grown < 8 << 10
        print(
            f"{name:8} {made:>11,} frames, {read:>11,} read, {took / made * 1e6:.1f} us of CPU each, memory grew by {grown:,} KiB"
        )
    print("as promised: nothing past a decoder, no growth" if well else "NOT as promised: memory grew")
    raise SystemExit(not well)


if __name__ == "__main__":
    main()
