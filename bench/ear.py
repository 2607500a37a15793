"""A UDP receiver that notes when each datagram arrived, by the kernel's clock: our own delays do not count."""

from __future__ import annotations

import socket
import struct
import threading
import time

SO_TIMESTAMPNS = 35  # asm-generic/socket.h
ALIKE = 20_000
"""Nanoseconds: two clocks read within that were read together."""


class Ear(threading.Thread):
    """Receives on one port, perhaps of a multicast group, until the program ends; ``heard`` are (CLOCK_MONOTONIC, bytes)."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.bind((host, port))
        if host.startswith("239."):
            membership = socket.inet_aton(host) + socket.inet_aton("127.0.0.1")
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        self.port = int(self.socket.getsockname()[1])
        self.heard: list[tuple[int, bytes]] = []
        self.start()

    def run(self) -> None:
        while True:
            data, ancillary, _, _ = self.socket.recvmsg(2048, 64)
            seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
            self.heard.append((seconds * 10**9 + nanoseconds + between_clocks(), data))


def between_clocks() -> int:
    """CLOCK_MONOTONIC less the wall clock. Whoever is held up between two readings would move every arrival by so much."""
    best, found = 1 << 62, 0
    for _ in range(10):
        before, wall, after = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
        if after - before < best:
            best, found = after - before, (before + after) // 2 - wall
        if best < ALIKE:
            break
    return found
