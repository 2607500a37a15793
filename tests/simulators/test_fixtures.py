"""What a person sees of the lights: slot arithmetic of every kind, groups and cells, and heads that take their time."""

from __future__ import annotations

import pytest

from simulators.fixtures import Lights
from simulators.venue import SimulatedVenue
from tests.simulators.rig import DESK, S, artdmx, full, make_rig, sacn

GROUP_1, UNICAST, PIXELS = ("239.255.0.1", 5568), ("127.0.1.1", 5568), ("127.0.1.2", 6454)


def the_venue() -> SimulatedVenue:
    venue = SimulatedVenue(make_rig())
    venue.start(0)
    return venue


def at(slot: int, *levels: int) -> bytes:
    return full(bytes(slot - 1) + bytes(levels))


def test_a_lamp_without_a_dimmer_is_as_bright_as_its_brightest_emitter() -> None:
    venue = the_venue()

    venue.datagram(DESK, GROUP_1, sacn(1, at(5, 51, 102, 0, 25)), 0)

    assert venue.look("par_2.intensity", 0) == 40
    assert venue.look("par_2.red", 0) == 20
    assert venue.look("par_1.intensity", 0) == 0
    assert venue.look("pars.intensity", 0) == 20


def test_twenty_four_bits_turned_round() -> None:
    venue = the_venue()
    assert venue.look("house.intensity", 0) == 100, "no data: every slot is 0"

    venue.datagram(DESK, UNICAST, sacn(2, at(1, 0xFF, 0xFF, 0xFF)), 0)
    assert venue.look("house.intensity", 0) == 0
    venue.datagram(DESK, UNICAST, sacn(2, at(1, 0x7F, 0xFF, 0xFF), 1), 0)

    assert venue.look("house.intensity", 0) == pytest.approx(50, abs=1e-4)


def test_colour_filters_let_through_what_they_do_not_take() -> None:
    venue = the_venue()

    venue.datagram(DESK, UNICAST, sacn(2, at(10, 255, 204, 255)), 0)

    assert venue.look("scroll.intensity", 0) == pytest.approx(20)
    assert venue.look("scroll.magenta", 0) == 80


def test_cells_are_read_one_by_one_and_a_bar_is_their_mean() -> None:
    venue = the_venue()

    venue.datagram(DESK, PIXELS, artdmx(0, full(bytes([255, 0, 0, 0, 51, 0, 0, 0, 102]))), 0)

    assert venue.look("bar_1.red", 0) == pytest.approx(100 / 3, abs=1e-5)
    assert venue.look("bar_1.intensity", 0) == pytest.approx((100 + 20 + 40) / 3, abs=1e-5)
    assert venue.look("pixels.intensity", 0) == pytest.approx((100 + 40) / 2)
    assert venue.look("bars.intensity", 0) == pytest.approx((100 + 20 + 40) / 6, abs=1e-5)


def test_a_head_turns_no_faster_than_it_can() -> None:
    venue = the_venue()
    assert venue.look("head_1.pan", 0) == pytest.approx(0, abs=0.01)

    venue.datagram(DESK, GROUP_1, sacn(1, at(105, 0xFF, 0xFF, 0x80, 0x00)), S)

    assert venue.look("head_1.pan", S) == pytest.approx(0, abs=0.01)
    assert venue.look("head_1.pan", 2 * S) == pytest.approx(180, abs=0.01)
    assert venue.look("head_1.pan", 3 * S) == pytest.approx(270)
    assert venue.look("head_1.tilt", 3 * S) == pytest.approx(0, abs=0.01)


def test_a_head_that_is_called_back_turns_round_where_it_is() -> None:
    venue = the_venue()
    venue.datagram(DESK, GROUP_1, sacn(1, at(105, 0xFF, 0xFF), 0), 0)
    venue.datagram(DESK, GROUP_1, sacn(1, at(105, 0x00, 0x00), 1), S)

    assert venue.look("head_1.pan", S) == pytest.approx(180, abs=0.01)
    assert venue.look("head_1.pan", S + S // 2) == pytest.approx(90, abs=0.01)


def test_heads_go_on_turning_when_the_data_stops() -> None:
    venue = the_venue()
    venue.datagram(DESK, GROUP_1, sacn(1, at(105, 0xFF, 0xFF), 0), 0)

    assert venue.look("head_1.pan", 60 * S) == pytest.approx(270)


def test_the_state_gives_percentages_as_parts_of_one_and_degrees_as_they_are() -> None:
    venue = the_venue()
    venue.datagram(DESK, GROUP_1, sacn(1, at(101, 255, 51, 0, 0, 0xFF, 0xFF, 0x80, 0, 128)), 0)

    head = venue.state(10 * S)["fixtures"]["head_1"]

    assert head == {
        "intensity": 1.0,
        "red": 0.2,
        "green": 0.0,
        "blue": 0.0,
        "pan": 270.0,
        "tilt": pytest.approx(0, abs=0.01),
        "zoom": pytest.approx(128 / 255, abs=1e-5),
    }


def test_every_name_can_be_looked_at_and_others_cannot() -> None:
    venue = the_venue()
    kinds = {bool: "truth", float: "number", str: "text"}

    for name, kind in venue.names().items():
        assert kinds[type(venue.look(name, 0))] == kind, name
    for name in ("par_1.pan", "nobody.intensity", "rack_node.mood", "par_1"):
        with pytest.raises(KeyError):
            venue.look(name, 0)


def test_fixtures_on_a_cable_that_nobody_carries_are_dark() -> None:
    lights = Lights(make_rig(), lambda key: None)

    assert lights.look("par_1.red", 0) == 0
