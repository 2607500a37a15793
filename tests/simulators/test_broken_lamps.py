"""Lamps that fail on the rig, and nodes with bad manners: what the desk sends is one thing, what is seen another."""

from __future__ import annotations

import pytest

from simulators.venue import SimulatedVenue
from tests.simulators.rig import CID, DESK, OTHER_CID, S, full, make_rig, sacn

GROUP_1 = ("239.255.0.1", 5568)


def the_venue() -> SimulatedVenue:
    venue = SimulatedVenue(make_rig())
    venue.start(0)
    return venue


def par_1_and_2(venue: SimulatedVenue, now: int = 0, sequence: int = 0) -> None:
    venue.datagram(DESK, GROUP_1, sacn(1, full(bytes([255, 0, 0, 0, 255, 0, 0, 0])), sequence), now)


def test_a_dead_lamp_is_dark_whatever_is_sent_and_comes_back_by_itself() -> None:
    venue = the_venue()
    par_1_and_2(venue)

    venue.act("fault", "par_1 dead for 2s", S)

    assert (venue.look("par_1.intensity", S), venue.look("par_2.intensity", S)) == (0, 100)
    assert venue.look("pars.intensity", S) == 50
    assert venue.look("par_1.red", S) == 100, "its colour channel still has what was sent"
    assert venue.next_deadline() == 3 * S
    venue.wake(3 * S)
    assert venue.look("par_1.intensity", 3 * S) == 100


def test_a_group_of_worn_lamps_gives_less() -> None:
    venue = the_venue()
    par_1_and_2(venue)
    venue.act("fault", "pars dim 40%", 0)
    assert (venue.look("par_1.intensity", 0), venue.look("par_2.intensity", 0)) == (40, 40)
    venue.act("fault", "pars works", 0)
    assert venue.look("pars.intensity", 0) == 100


def test_a_head_that_is_stuck_stays_where_it_is() -> None:
    venue = the_venue()

    def pan(level: int, now: int, sequence: int) -> None:
        venue.datagram(DESK, GROUP_1, sacn(1, full(bytes(104) + bytes([level, 0])), sequence), now)

    pan(0x80, 0, 0)
    pan(0xFF, S, 1)
    venue.act("fault", "head_1 stuck", 2 * S)
    there = venue.look("head_1.pan", 2 * S)
    assert venue.look("head_1.pan", 9 * S) == there
    venue.act("fault", "head_1 works", 9 * S)
    assert float(venue.look("head_1.pan", 10 * S)) > float(there)


def test_what_a_light_does_not_know_is_said() -> None:
    with pytest.raises(ValueError, match="par_1 does not understand 'explode'; a light knows dead, dim 40%, stuck"):
        the_venue().act("fault", "par_1 explode", 0)


def two_desks(venue: SimulatedVenue) -> None:
    venue.datagram(DESK, GROUP_1, sacn(1, full(bytes([10, 200])), cid=CID, priority=150), 0)
    venue.datagram(DESK, GROUP_1, sacn(1, full(bytes([90, 20])), cid=OTHER_CID, priority=100), 1)


@pytest.mark.parametrize(
    ("words", "slots"),
    [("works", [10, 200]), ("ignores priority", [90, 200]), ("merges latest", [90, 20])],
)
def test_nodes_merge_as_they_please(words: str, slots: list[int]) -> None:
    venue = the_venue()
    venue.act("fault", f"rack_node {words}", 0)
    two_desks(venue)
    assert venue.state(1)["universes"]["sacn/1"]["slots"][:2] == slots


def test_a_node_that_clings_never_loses_a_sender() -> None:
    venue = the_venue()
    venue.act("fault", "rack_node clings to sources", 0)
    two_desks(venue)
    assert venue.look("rack_node.sources", 60 * S) == 2
    venue.act("fault", "rack_node works", 60 * S)
    assert venue.look("rack_node.sources", 60 * S) == 0
