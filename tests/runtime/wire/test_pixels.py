"""Walls of pixels in the frame sender: GO at once and whole, the way out, and the same slots from a show that was told."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from showctl.light.plan import Plan, PlanChange
from showctl.runtime.wire.facts import decode_facts, encode_facts
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.show.cues import Wave
from showctl.show.fixtures import Channel, Family, Fixture, Mode
from showctl.show.instants import MILLISECOND, SECOND
from showctl.show.patch import Protocol, Universe, make_patch
from showctl.show.pixels import Along, Wall, Wiring, mode_of
from showctl.show.show import Show
from tests.light.walls import FULL, INTENSITY, level, numbered, picture, playing, wave

CID = bytes(range(16))
LAMP = 5
"""The parameter of a dimmer behind the wall, in its last universe."""


def show() -> Show:
    """A wall of 20 x 10 over two universes, and a lamp at slot 200 of the second."""
    universes = tuple(Universe(n, f"sacn/{n + 1}", Protocol.SACN, n + 1) for n in range(6))
    wall = Wall(0, 20, 10, ("sacn/1", "sacn/2"), Wiring.SERPENTINE, (False, True), "grb", gamma=2200)
    dimmer = Mode("dimmer", 1, (Channel("intensity", Family.INTENSITY, (0,)),))
    fixtures = (
        Fixture(0, "wall", "pixels", mode_of(20, 10), "sacn/1", 1),
        Fixture(1, "lamp", "dimmer", dimmer, "sacn/2", 200),
    )
    clip = picture(2, 20, 10, [(255, 0, 0)] * 200, [(0, 0, 255)] * 200, loop=True)
    sources = (replace(numbered(20, 5), height=10, data=numbered(20, 5).data * 2), clip, wave(3, Wave.RANDOM, Along.NONE))
    return Show("Stage", make_patch(universes, (), fixtures, (wall,), sources), ())


def change(instant: int, *rows: NDArray[np.void]) -> PlanChange:
    return PlanChange(instant, rows_in=np.concatenate(sorted(rows, key=lambda row: int(row["id"][0]))))


def test_a_picture_is_on_the_wire_at_once_whole_and_beside_its_neighbours() -> None:
    light = FrameSender(show(), CID, "Stage")
    light.load(Plan(np.concatenate((level(INTENSITY, FULL), level(LAMP, FULL)))), 0)
    for frame in range(41):
        light.frame(frame * 25 * MILLISECOND)
    between = 40 * 25 * MILLISECOND + 7 * MILLISECOND

    light.accept(1, between, change(between, playing(1, start=between)))
    sent = light.extra(between)

    assert sent is not None
    assert (light.slots[0, 1:510:3] > 0).all()
    assert light.slots[1, 199] == 255
    assert np.count_nonzero(light.slots[1, :90]) == 30


def test_a_lamp_beside_a_wall_changes_and_the_picture_stays() -> None:
    light = FrameSender(show(), CID, "Stage")
    light.load(Plan(np.concatenate((playing(1), level(INTENSITY, FULL)))), 0)
    light.frame(0)
    before = light.slots.copy()

    light.accept(1, 7 * MILLISECOND, change(7 * MILLISECOND, level(LAMP, FULL, id=9000)))
    light.extra(7 * MILLISECOND)

    assert light.slots[1, 199] == 255
    before[1, 199] = 255
    assert np.array_equal(light.slots, before)


def test_on_the_way_out_pictures_fade_with_the_rest() -> None:
    light = FrameSender(show(), CID, "Stage")
    light.load(Plan(np.concatenate((playing(2), level(INTENSITY, FULL)))), 0)
    light.frame(0)

    shown = [int(light.slots[0, 1]) for _ in light.end(25 * MILLISECOND)]

    assert shown[0] > 230
    assert all(later <= earlier for earlier, later in itertools.pairwise(shown))
    assert len(set(shown)) > 20
    assert shown[-1] == 0


def test_a_panic_of_the_wire_fades_pictures_over_the_panic_time() -> None:
    light = FrameSender(show(), CID, "Stage")
    light.load(Plan(np.concatenate((playing(2), level(INTENSITY, FULL)))), 0)
    light.frame(0)
    light.panic(0)

    seen = []
    for quarter in range(9):
        light.frame(quarter * SECOND // 4)
        seen.append(int(light.slots[0].max()))

    assert seen[0] == 255
    assert all(later < earlier for earlier, later in itertools.pairwise(seen))
    assert seen[-1] == 0


def test_a_show_that_was_told_gives_the_same_slots_in_every_frame() -> None:
    kept, told = FrameSender(show(), CID, "Stage"), FrameSender(decode_facts(encode_facts(show())), CID, "Stage")
    rows = (playing(2), playing(3, start=SECOND, entry=SECOND), level(INTENSITY, FULL, source=0, duration=SECOND))
    for sender in (kept, told):
        sender.load(Plan(np.concatenate(sorted(rows, key=lambda row: int(row["id"][0])))), 0)

    for frame in range(0, 120, 3):
        for sender in (kept, told):
            sender.frame(frame * 25 * MILLISECOND)
        assert np.array_equal(kept.slots, told.slots), frame
