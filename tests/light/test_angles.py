"""Angles come out the same to the bit on every machine, and right to far less than a head can turn."""

import math
import random

from showctl.show.angles import cosine, direction, length, sine

BITS = ["0x1.6726ab8af9305p-3", "0x1.b4494670d7988p-3", "0x1.b415d334c1f0ep+4", "0x1.75bc0999051c5p+6"]


def test_they_are_right() -> None:
    chance = random.Random(1)
    for _ in range(20_000):
        angle = chance.uniform(-1000, 1000)
        assert abs(sine(angle) - math.sin(math.radians(angle))) < 1e-12
        assert abs(cosine(angle) - math.cos(math.radians(angle))) < 1e-12
        y, x = chance.uniform(-9, 9), chance.choice((0.0, 1e-9, chance.uniform(-9, 9)))
        assert abs(direction(y, x) - math.degrees(math.atan2(y, x))) < 1e-12
        assert abs(length(x, y) - math.hypot(x, y)) < 1e-12


def test_quarters_are_exact() -> None:
    assert [sine(angle) for angle in (0, 90, 180, 270, 360)] == [0, 1, 0, -1, 0]
    assert [cosine(angle) for angle in (0, 90, 180, 270, 360)] == [1, 0, -1, 0, 1]
    turns = [direction(y, x) for y, x in ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, 0), (0, 0))]
    assert turns == [0, 45, 90, 135, 180, -90, 0]


def test_they_are_the_same_to_the_bit() -> None:
    """Written down once: a machine on which this fails would replay other bytes."""
    assert [sine(10.1).hex(), cosine(77.7).hex(), direction(1.7, 3.3).hex(), direction(5, -0.3).hex()] == BITS
