"""Whatever arrives, a simulated box stands: noise, and good packets with bytes changed, on every ear of the venue."""

from __future__ import annotations

import random

import pytest

from simulators.venue import SimulatedVenue
from tests.simulators.rig import DESK, S, artdmx, full, make_rig, sacn, sacn_sync

GOOD = (
    sacn(1, full(b"\x01\x02")),
    sacn(2, b"\x07" * 24, 3, sync=7),
    sacn_sync(7),
    artdmx(0, full(b"\x05")),
    bytes.fromhex("4172742d4e657400 0020 000e 22 00 0011 0000".replace(" ", "")),
    bytes.fromhex("4172742d4e657400 0052 000e 0000".replace(" ", "")),
    bytes.fromhex("7e 06 1900 00 ff") + bytes(23) + b"\xe7",
    bytes.fromhex("7e 03 0200 ffff e7"),
    bytes.fromhex("7e 04 0700 0200 11 02 1e aa bb e7"),
)


def noise(chance: random.Random) -> bytes:
    """A good packet, cut, lengthened or with bytes changed; or nothing but chance."""
    if chance.random() < 0.1:
        return chance.randbytes(chance.randrange(700))
    packet = bytearray(chance.choice(GOOD))
    for _ in range(chance.randrange(6)):
        packet[chance.randrange(len(packet))] = chance.randrange(256)
    cut = chance.choice((None, None, chance.randrange(len(packet) + 1)))
    return bytes(packet[:cut]) + chance.choice((b"", b"", chance.randbytes(9)))


@pytest.mark.parametrize("seed", range(4))
def test_no_packet_fells_the_venue_and_a_good_one_still_lights_a_lamp(seed: int) -> None:
    chance = random.Random(seed)
    venue = SimulatedVenue(make_rig())
    venue.start(0)
    venue.open_serial("EN123456", 0)
    places = [("239.255.0.1", 5568), ("127.0.1.1", 5568), ("127.0.1.2", 6454), ("255.255.255.255", 6454), ("127.0.9.9", 1)]

    for now in range(4000):
        data = noise(chance)
        venue.datagram(DESK, chance.choice(places), data, now)
        venue.serial("EN123456", data, now)
        if now % 50 == 0:
            venue.state(now)
            venue.take()

    later = 20 * S
    venue.datagram(DESK, ("127.0.1.1", 5568), sacn(1, full(b"\x66"), cid=b"a desk that came"), later)
    venue.serial("EN123456", bytes(700) + GOOD[6], later)
    assert venue.look("par_1.red", later) == 40
    assert venue.look("fog.fog", later) == 100
