"""The simulated venue's eyes for walls of pixels: literal slots first, then whatever our renderer sends for any wall."""

from __future__ import annotations

import struct
import zlib
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from showctl.library.patch_list import free_space
from showctl.light.pixels_layout import stretches, taken, wired
from showctl.show.instants import Instant
from showctl.show.patch import Patch
from showctl.show.pixels import Footage, Wiring
from showctl.show.show import Show
from simulators.pixel_walls import LitWall, Walls, png
from tests.light.walls import patch, picture, playing, slots


class Cable:
    """A port that carries what it is told."""

    def __init__(self, levels: NDArray[np.uint8]) -> None:
        self.levels = levels

    def slots(self, now: Instant) -> NDArray[np.uint8]:
        return self.levels


def hung(of: Patch, carried: NDArray[np.uint8]) -> LitWall:
    ports = {universe.key: Cable(levels) for universe, levels in zip(of.universes, carried, strict=True)}
    return Walls(Show("bench", of, ()), ports.get).walls["wall"]  # type: ignore[arg-type]


def carrying(of: Patch, universe: int, first: int, *levels: int) -> LitWall:
    carried = np.zeros((len(of.universes), 512), np.uint8)
    carried[universe, first - 1 : first - 1 + len(levels)] = levels
    return hung(of, carried)


def test_the_first_slots_are_the_first_pixel() -> None:
    wall = carrying(patch(3, 2), 0, 1, 255, 0, 51)

    assert wall.light(0)[0, 0].tolist() == pytest.approx([1, 0, 0.2])
    assert wall.light(0).sum() == pytest.approx(1.2)


def test_a_serpentine_from_the_bottom_right_turns_round_after_its_row() -> None:
    of = patch(3, 2, wiring=Wiring.SERPENTINE, start=(True, True), order="grb")

    assert np.argwhere(carrying(of, 0, 1, 0, 255, 0).light(0)).tolist() == [[1, 2, 0]]
    assert np.argwhere(carrying(of, 0, 10, 0, 255, 0).light(0)).tolist() == [[0, 0, 0]]


def test_the_171st_pixel_is_the_first_of_the_next_universe() -> None:
    assert np.argwhere(carrying(patch(171, 1), 1, 1, 255).light(0)).tolist() == [[0, 170, 0]]
    assert np.argwhere(carrying(patch(171, 1, split=True), 1, 1, 255).light(0)).tolist() == [[0, 170, 2]]


def test_slots_511_and_512_are_nobody_s() -> None:
    assert carrying(patch(171, 1), 0, 511, 255, 255).light(0).sum() == 0


def test_light_is_the_slot_to_the_power_of_gamma() -> None:
    assert carrying(patch(1, 1, gamma=2200), 0, 1, 128).look("red", 0) == pytest.approx((128 / 255) ** 2.2 * 100)


def test_where_the_light_is_on_the_whole() -> None:
    of = patch(4, 2, picture(1, 4, 2, [(0, 0, 0)] * 3 + [(255, 0, 0)] + [(0, 0, 0)] * 4))
    wall = hung(of, slots(of, playing(1)))

    assert (wall.look("x", 0), wall.look("y", 0), wall.look("pixels", 0)) == (87.5, 25, 12.5)
    assert (wall.look("intensity", 0), wall.look("red", 0), wall.look("blue", 0)) == (12.5, 12.5, 0)


def test_a_dark_wall_is_nowhere_in_particular() -> None:
    wall = carrying(patch(4, 2), 0, 1, 0)

    assert [wall.look(what, 0) for what in ("intensity", "pixels", "x", "y")] == [0, 0, 50, 50]


def test_a_wall_whose_node_nobody_plugged_in_is_dark() -> None:
    of = patch(4, 2)

    assert Walls(Show("bench", of, ()), lambda key: None).walls["wall"].look("intensity", 0) == 0


def any_picture(width: int, height: int) -> Footage:
    dice = np.random.default_rng(width * 1000 + height)
    return Footage(1, 0, width, height, 1, 1, False, 0, dice.integers(0, 256, 3 * width * height, np.uint8).tobytes())


@pytest.mark.parametrize("wiring", list(Wiring))
@pytest.mark.parametrize("order", ["rgb", "brg"])
def test_what_is_drawn_is_what_is_seen_however_it_is_wired(wiring: Wiring, order: str) -> None:
    for start, split, address, each in product(product((False, True), repeat=2), (False, True), (1, 300, 511), (0, 100)):
        of = patch(
            19, 13, any_picture(19, 13), slots=(512, 510, 512, 512), wiring=wiring, order=order, start=start, split=split,
            address=address, per_universe=each, gamma=2200,
        )  # fmt: skip
        expected = np.frombuffer(any_picture(19, 13).data, np.uint8).reshape(13, 19, 3)

        seen = hung(of, slots(of, playing(1))).picture(0)

        assert np.abs(seen.astype(int) - expected).max() <= 8, (start, split, address, each)  # the dark end of eight bits


def test_every_slot_of_a_wall_belongs_to_one_pixel() -> None:
    of = patch(31, 11, slots=(512, 512, 512), wiring=Wiring.SERPENTINE_COLUMNS, address=7, split=True, order="rgbw")
    wall = of.walls[0]
    made = stretches(wall, 7, [512, 512, 512])

    assert sorted(wired(wall).tolist()) == list(range(31 * 11))
    assert sum(item.end - item.begin for item in made) == 31 * 11 * 4
    assert len(np.unique(hung(of, np.zeros((3, 512), np.uint8))._index)) == 31 * 11 * 4


def test_the_slots_of_a_wall_are_taken_and_the_others_free() -> None:
    of = patch(171, 1, address=1)
    whole = Show("bench", of, ())

    assert list(taken(of, of.walls[0])) == [("artnet/0", 1, 510), ("artnet/1", 1, 3)]
    assert [(free.universe, free.first, free.last) for free in free_space(whole)] == [
        ("artnet/0", 511, 512),
        ("artnet/1", 4, 512),
    ]


def test_the_page_s_picture_is_a_png() -> None:
    data = png(np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8), scale=2)
    kind, width, height, depth, color = struct.unpack(">4sIIBB", data[12:26])

    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert (kind, width, height, depth, color) == (b"IHDR", 4, 2, 8, 2)
    assert zlib.decompress(data[41 : 41 + int.from_bytes(data[33:37], "big")]) == (b"\0" + b"\xff\0\0" * 2 + b"\0\0\xff" * 2) * 2
