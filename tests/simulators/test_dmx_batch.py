"""Whole frames at once: the short way ends where the long way ends, packet for packet, and is quick."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from showctl.show.patch import Node, Protocol, Universe, make_patch
from showctl.show.show import Show
from simulators.device import Address
from simulators.venue import SimulatedVenue
from tests.simulators.rig import DESK, OTHER_CID, S, artdmx, full, make_rig, sacn

GROUP_1, UNICAST, PIXELS = ("239.255.0.1", 5568), ("127.0.1.1", 5568), ("127.0.1.2", 6454)
Batch = tuple[tuple[Address, ...], NDArray[np.uint8], NDArray[np.int64]]


def batch(*packets: tuple[Address, bytes]) -> Batch:
    buffer = np.zeros((len(packets), 638), np.uint8)
    for row, (_, data) in zip(buffer, packets, strict=True):
        row[: len(data)] = np.frombuffer(data, np.uint8)
    return tuple(to for to, _ in packets), buffer, np.array([len(data) for _, data in packets])


def frames(seed: int) -> Iterator[tuple[int, Batch, str]]:
    """A minute of a desk's life: mostly plain frames, and now and then everything that is not plain."""
    chance = random.Random(seed)
    sequence = now = 0
    for _ in range(400):
        now += chance.choice((25_000_000, 25_000_000, 25_000_000, 900_000_000, 3 * S))
        sequence = (sequence + chance.choice((1, 1, 1, 1, 0, 30, 255))) % 256
        levels = bytes(chance.randrange(256) for _ in range(512))
        options = chance.choice((0, 0, 0, 0, 0, 0x40, 0x80))
        packets = [
            (GROUP_1, sacn(1, levels[: chance.choice((512, 512, 512, 24))], sequence, options=options)),
            (UNICAST, sacn(2, levels, sequence, priority=chance.choice((100, 100, 100, 120)))),
            (PIXELS, artdmx(0, levels, max(sequence, 1))),
            (PIXELS, artdmx(17, levels, 0)),
        ]
        chosen = [packet for packet in packets if chance.random() < 0.9]
        if chance.random() < 0.05:
            chosen.append((GROUP_1, sacn(1, levels[::-1], sequence, cid=OTHER_CID)))
        script = chance.choice(
            [""] * 60 + ["rack_node power lost for 5s", "pixel_node hang for 2s", "link rack_node loss 30% for 3s"]
        )
        if chosen:
            yield now, batch(*chosen), script


@pytest.mark.parametrize("seed", range(8))
def test_the_short_way_ends_where_the_long_way_ends(seed: int) -> None:
    spare = Node("spare_node", "127.0.1.3", ("sacn/1",), "black")
    whole, single = (SimulatedVenue(make_rig("black", more_nodes=(spare,)), seed) for _ in range(2))
    for venue in (whole, single):
        venue.start(0)

    for now, (destinations, buffer, sizes), script in frames(seed):
        for venue in (whole, single):
            venue.wake(now)
            if script:
                venue.act("fault", script, now)
        whole.packets(DESK, destinations, buffer, sizes, now)
        for destination, row, size in zip(destinations, buffer, sizes, strict=True):
            single.datagram(DESK, destination, row[:size].tobytes(), now)

        assert whole.state(now) == single.state(now)


def test_the_short_way_is_taken_and_the_buffer_may_be_written_again() -> None:
    venue = SimulatedVenue(make_rig())
    venue.start(0)
    destinations, buffer, sizes = batch((GROUP_1, sacn(1, full(b"\x01"), 1)), (PIXELS, artdmx(0, full(b"\x02"), 1)))
    venue.packets(DESK, destinations, buffer, sizes, 0)

    buffer[0, 111], buffer[1, 12] = 2, 2
    buffer[0, 126], buffer[1, 18] = 11, 22
    assert venue._batches.short_way(DESK, destinations, buffer, sizes, 1)
    buffer[:] = 0

    universes = venue.state(1)["universes"]
    assert (universes["sacn/1"]["slots"][0], universes["artnet/0"]["slots"][0]) == (11, 22)


@pytest.mark.serial
def test_a_frame_of_twelve_universes_costs_well_under_150_microseconds() -> None:
    universes = tuple(Universe(n, f"sacn/{n + 1}", Protocol.SACN, n + 1) for n in range(12))
    nodes = (Node("node", "127.0.1.1", tuple(universe.key for universe in universes)),)
    venue = SimulatedVenue(Show("wide", make_patch(universes, nodes, ()), ()))
    venue.start(0)
    packets = [((f"239.255.0.{n + 1}", 5568), sacn(n + 1, bytes(512))) for n in range(12)]
    destinations, buffer, sizes = batch(*packets)
    took = []

    for frame in range(400):
        buffer[:, 111] = frame % 256
        before = time.perf_counter()
        venue.packets(DESK, destinations, buffer, sizes, frame * 25_000_000)
        took.append(time.perf_counter() - before)

    assert sorted(took)[200] < 150e-6
