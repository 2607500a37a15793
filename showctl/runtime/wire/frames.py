"""What one frame asks of the sockets: batches of packets and writes to serial ports.

A batch's buffer belongs to the sender and is overwritten by the next frame: send it, decode it or copy it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from showctl.runtime.ports import Address
from showctl.show.instants import Instant
from showctl.show.patch import Protocol


@dataclass(frozen=True, eq=False, slots=True)
class Batch:
    """Row n of ``buffer``, ``sizes[n]`` bytes of it, goes to ``destinations[n]``."""

    protocol: Protocol
    destinations: Sequence[Address]
    buffer: NDArray[np.uint8]
    sizes: NDArray[np.int64]

    def datagrams(self) -> list[tuple[Address, bytes]]:
        """Each packet with its destination, copied out."""
        return [(to, self.buffer[n, : self.sizes[n]].tobytes()) for n, to in enumerate(self.destinations)]


@dataclass(frozen=True, slots=True)
class SerialWrite:
    """A whole message for a serial port; a newer one replaces it where it has not been written yet."""

    port: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything that goes out at ``instant``. ``index`` is its place on the grid, -1 between two places."""

    instant: Instant
    index: int
    batches: tuple[Batch, ...] = ()
    serial: tuple[SerialWrite, ...] = ()

    def datagrams(self) -> list[tuple[Address, bytes]]:
        """Every packet of the frame, in order, copied out."""
        return [packet for batch in self.batches for packet in batch.datagrams()]


def batch_of(protocol: Protocol, packets: Sequence[tuple[Address, bytes]]) -> Batch:
    """A batch of a few packets of any size."""
    sizes = np.array([len(data) for _, data in packets], np.int64)
    buffer = np.zeros((len(packets), int(sizes.max(initial=0))), np.uint8)
    for row, (_, data) in zip(buffer, packets, strict=True):
        row[: len(data)] = np.frombuffer(data, np.uint8)
    return Batch(protocol, tuple(to for to, _ in packets), buffer, sizes)
