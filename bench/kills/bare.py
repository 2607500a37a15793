"""A bare sender beside the show's: one packet a period, at the same real-time priority, and nothing else to do.

What it misses, the machine made it miss: nobody sends more punctually here. ``bench/kill_engine.py`` prints both.

    python bench/kills/bare.py HOST PORT RATE
"""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import sys
import time

PACKET = bytes(638)  # E1.31-2018 table 4-1: a whole universe
PRIORITY = 50
"""The wire's (``runtime/wire/machine.py``)."""


def main() -> None:
    host, port, rate = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    gc.disable()
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    period, at = 10**9 // rate, time.monotonic_ns()
    while True:
        at += period
        while (left := at - time.monotonic_ns()) > 0:
            time.sleep(left / 1e9)
        while at + period <= time.monotonic_ns():  # as the wire does: what was missed is left out
            at += period
        out.sendto(PACKET, (host, port))


if __name__ == "__main__":
    main()
