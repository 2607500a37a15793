"""A room in which one fade is all there is to see is drawn the short way, and shows what the long way shows."""

import numpy as np
import pytest
from numpy.typing import NDArray

from showctl.light.clocks import Clock, table
from showctl.light.curves import CURVES
from showctl.light.masters import master_row
from showctl.light.plan import NO_MASTERS, ROW, MasterKind, Plan, RowKind, Rows
from showctl.light.render import Prepared, Rendering, output, prepare, shorten, update
from showctl.show.fixtures import Channel, Family, Fixture, Mode
from showctl.show.patch import Protocol, Universe, make_patch

LONG = 1000


def rendering(*slots: int) -> Rendering:
    """A universe for each number, full of so many dimmers from slot 1 on."""
    universes = tuple(Universe(n, f"sacn/{n + 1}", Protocol.SACN, n + 1) for n in range(len(slots)))
    racks = tuple(
        Mode(f"{count}", count, tuple(Channel("intensity", Family.INTENSITY, (n,), cell=n) for n in range(count)), count)
        for count in slots
    )
    fixtures = tuple(Fixture(n, f"rack_{n}", "rack", rack, f"sacn/{n + 1}", 1) for n, rack in enumerate(racks))
    return Rendering(make_patch(universes, (), fixtures))


RACKS = rendering(512, 512)
PARTLY = rendering(512, 300)


def fade(room: Rendering, curve: str = "linear", clock: int = 0) -> Rows:
    random = np.random.default_rng(room.size)
    rows = np.zeros(room.size, ROW)
    rows["id"], rows["parameter"] = np.arange(room.size) + 1, np.arange(room.size)
    rows["source"], rows["target"] = random.integers(0, 65536, (2, room.size))
    rows["source"][:4], rows["target"][:4] = (0, 65535, 0, 65535), (65535, 0, 0, 65535)
    rows["duration"], rows["priority"], rows["curve"], rows["clock"] = LONG, 100, CURVES[curve], clock
    return rows


def drawn(made: Prepared, at: range) -> int:
    """Draws the frames ``at``, as the long way would; how many came the short way."""
    out, short = np.full((made.rendering.slots.universes, 512), 7, np.uint8), 0
    for now in at:
        update(made, now, out)
        if made.may_shorten:
            shorten(made, now)
        short += made.fade is not None
        assert out.tobytes() == whole(made, now).tobytes(), now
    return short


def whole(made: Prepared, now: int) -> NDArray[np.uint8]:
    out = np.zeros((made.rendering.slots.universes, 512), np.uint8)
    output(prepare(made.rendering, made.plan), now, out)
    return out


@pytest.mark.parametrize("room", [RACKS, PARTLY])
@pytest.mark.parametrize("curve", sorted(CURVES))
def test_it_shows_what_the_long_way_shows_until_it_has_arrived(room: Rendering, curve: str) -> None:
    made = prepare(room, Plan(fade(room, curve)))
    assert drawn(made, range(-30, LONG + 100, 17)) > 50
    assert made.fade is None


def test_on_a_clock_that_stands_it_stays_where_it_is() -> None:
    rows = fade(RACKS, clock=3)
    for clock in (Clock(3, 100, 40, 1, 3), Clock(3, 0, 250, 0, 1)):
        drawn(prepare(RACKS, Plan(rows, table((clock,)))), range(0, 3 * LONG, 91))


def test_until_a_master_moves() -> None:
    coming = master_row(0, MasterKind.GRAND, 65535, 20000, 0, LONG // 2, 100)
    made = prepare(RACKS, Plan(fade(RACKS), masters=coming))
    assert 15 < drawn(made, range(0, LONG, 20)) < 30
    for kind, level, some in ((MasterKind.GRAND, 65535, True), (MasterKind.GRAND, 65534, False), (MasterKind.BLACKOUT, 0, True)):
        still = master_row(int(kind), kind, level, level, 0, 0, 0)
        assert bool(drawn(prepare(RACKS, Plan(fade(RACKS), masters=still)), range(0, LONG, 50))) == some


def test_what_rests_beside_it_rests() -> None:
    rows = fade(RACKS)
    rows["parameter"] = np.random.default_rng(4).permutation(RACKS.size)
    for less in (rows[:-1], rows[: RACKS.size * 3 // 4]):
        assert drawn(prepare(RACKS, Plan(less)), range(0, LONG + 100, 60)) > 10


@pytest.mark.parametrize("more", ["another time", "an effect", "a park"])
def test_where_there_is_more_to_see_it_is_left_to_the_long_way(more: str) -> None:
    rows = fade(RACKS)
    match more:
        case "another time":
            rows["duration"][5] += 1
        case "an effect":
            rows["kind"][5], rows["period"], rows["size"] = RowKind.EFFECT, 77, 20000
        case _:
            rows["kind"][5] = RowKind.PARK
    assert not drawn(prepare(RACKS, Plan(rows, masters=NO_MASTERS)), range(0, LONG, 60))
