"""The Art-Net side of a simulated node: polls and their replies, two senders and no third, synchronization, odd lengths."""

from __future__ import annotations

import pytest

from showctl.show.patch import Node, Protocol, Universe
from simulators.dmx_node import DmxNode
from simulators.venue import SimulatedVenue
from tests.simulators.rig import DESK, S, artdmx, full, make_rig, sacn

NODE = ("127.0.1.2", 6454)
SECOND_DESK, THIRD_DESK = ("127.0.0.2", 6454), ("127.0.0.3", 6454)
SYNC = bytes.fromhex("4172742d4e657400 0052 000e 0000".replace(" ", ""))
POLL = bytes.fromhex("4172742d4e657400 0020 000e 00 00".replace(" ", ""))


def the_venue(loss: str = "hold") -> SimulatedVenue:
    venue = SimulatedVenue(make_rig(loss))
    venue.start(0)
    return venue


def slots(venue: SimulatedVenue, now: float = 0, universe: str = "artnet/0") -> list[int]:
    found: list[int] = venue.state(round(now * S))["universes"][universe]["slots"]
    return found


def test_a_literal_artdmx_lights_pixels_of_its_port_address() -> None:
    venue = the_venue()

    packet = bytes.fromhex("4172742d4e657400 0050 000e 01 00 11 00 0004 ff804001".replace(" ", ""))
    venue.datagram(DESK, NODE, packet, 0)

    assert slots(venue, universe="artnet/17")[:5] == [255, 128, 64, 1, 0]
    assert slots(venue)[:4] == [0, 0, 0, 0]
    assert venue.look("bar_2.red", 0) == pytest.approx((255 + 1) / 3 / 2.55, abs=1e-5)
    assert venue.state(0)["universes"]["artnet/17"]["sources"] == [
        {"name": "127.0.0.1", "id": "127.0.0.1", "priority": 100, "age": 0.0}
    ]


@pytest.mark.parametrize("levels", [b"\x09", b"\x09\x08\x07", full(b"\x09")])
def test_any_length_is_taken(levels: bytes) -> None:
    venue = the_venue()

    venue.datagram(DESK, NODE, artdmx(0, levels), 0)

    assert slots(venue)[0] == 9


def test_a_length_beyond_the_packet_is_refused() -> None:
    venue = the_venue()

    venue.datagram(DESK, NODE, artdmx(0, full(b"\x09"))[:400], 0)

    assert slots(venue)[0] == 0
    assert venue.look("pixel_node.refused", 0) == 1


def test_a_broadcast_poll_is_answered_by_every_node_and_a_reply_says_which_outputs_it_has() -> None:
    venue = the_venue()

    venue.datagram(DESK, ("127.255.255.255", 6454), POLL, 0)

    replies = venue.take()
    assert [(reply.kind, reply.source, reply.destination, len(reply.data)) for reply in replies] == [
        ("udp", NODE, DESK, 239),
        ("udp", NODE, DESK, 239),
    ]
    first, second = (reply.data for reply in replies)
    assert first[:10] == b"Art-Net\0\x00\x21"
    assert first[10:14] == bytes([127, 0, 1, 2])
    assert first[14:16] == (6454).to_bytes(2, "little")
    assert (first[18], first[19], first[190]) == (0, 0, 0)
    assert (second[18], second[19], second[190]) == (0, 1, 1)
    assert first[26:44].rstrip(b"\0") == b"pixel_node"
    assert first[108:115] == b"#0001 ["
    assert first[172:174] == b"\0\x01"
    assert first[174:178] == b"\x80\0\0\0"
    assert first[182] == 0
    assert [reply.data[211] for reply in replies] == [1, 2]


def test_five_outputs_of_a_sub_net_take_two_replies() -> None:
    universes = [Universe(n, f"artnet/{n}", Protocol.ARTNET, n) for n in (0x123, 0x121, 0x122, 0x120, 0x124)]
    node = DmxNode(Node("box", "127.0.1.9", tuple(universe.key for universe in universes)), universes)
    node.start(0)

    node.datagram(DESK, ("127.0.1.9", 6454), POLL, 0)

    replies = [what.data for what in node.take()]
    assert [(r[18], r[19], r[173], tuple(r[190:194]), r[211]) for r in replies] == [
        (1, 2, 4, (0, 1, 2, 3), 1),
        (1, 2, 1, (4, 0, 0, 0), 2),
    ]


def test_a_targeted_poll_is_for_those_in_its_range() -> None:
    venue = the_venue()

    targeted = POLL[:12] + b"\x20\x00" + (20).to_bytes(2, "big") + (16).to_bytes(2, "big")
    venue.datagram(DESK, NODE, targeted, 0)

    assert [reply.data[190] for reply in venue.take()] == [1]


def test_who_wants_to_know_is_told_when_a_sender_comes() -> None:
    venue = the_venue()
    venue.datagram(DESK, NODE, POLL[:12] + b"\x02\x00", 0)
    venue.take()

    venue.datagram(DESK, NODE, artdmx(0, full(b"\x01")), S)

    replies = venue.take()
    assert [(reply.destination, reply.data[211]) for reply in replies] == [(DESK, 1), (DESK, 2)]
    assert replies[0].data[182] == 0x80


def test_two_senders_merge_highest_takes_precedence_and_a_third_is_not_heard() -> None:
    venue = the_venue()

    venue.datagram(DESK, NODE, artdmx(0, full(b"\x0a\x64")), 0)
    venue.datagram(SECOND_DESK, NODE, artdmx(0, full(b"\x14\x00")), 0)
    venue.datagram(THIRD_DESK, NODE, artdmx(0, full(b"\xff\xff")), 0)

    assert slots(venue)[:2] == [20, 100]
    venue.datagram(DESK, NODE, POLL, 0)
    assert venue.take()[0].data[182] == 0x80 | 0x08


def test_a_merge_ends_ten_seconds_after_a_sender_fell_silent() -> None:
    venue = the_venue("black")
    venue.datagram(DESK, NODE, artdmx(0, full(b"\x64")), 0)
    venue.datagram(SECOND_DESK, NODE, artdmx(0, full(b"\x14")), S)

    assert slots(venue, 9.999_999_999)[0] == 100
    assert slots(venue, 10)[0] == 20
    assert slots(venue, 10.999_999_999)[0] == 20
    assert slots(venue, 11)[0] == 0


def test_sequence_zero_counts_nothing_and_others_are_in_order() -> None:
    venue = the_venue()

    for sequence, level, shown in ((0, 1, 1), (0, 2, 2), (9, 3, 3), (8, 4, 3), (10, 5, 5), (0, 6, 6)):
        venue.datagram(DESK, NODE, artdmx(0, bytes([level]), sequence), 0)
        assert slots(venue)[0] == shown


def test_after_a_synchronization_levels_wait_for_the_next_until_four_seconds_bring_none() -> None:
    venue = the_venue()
    venue.datagram(DESK, NODE, artdmx(0, b"\x01"), 0)
    venue.datagram(DESK, ("127.255.255.255", 6454), SYNC, 0)

    venue.datagram(DESK, NODE, artdmx(0, b"\x02"), S)
    assert slots(venue, 1)[0] == 1
    venue.datagram(DESK, ("127.255.255.255", 6454), SYNC, S)
    assert slots(venue, 1)[0] == 2

    venue.datagram(DESK, NODE, artdmx(0, b"\x03"), 5 * S - 1)
    assert slots(venue, 5)[0] == 2
    venue.datagram(DESK, NODE, artdmx(0, b"\x04"), 5 * S)
    assert slots(venue, 5)[0] == 4


def test_a_synchronization_from_somebody_else_or_while_merging_changes_nothing() -> None:
    venue = the_venue()
    venue.datagram(DESK, NODE, artdmx(0, b"\x01"), 0)
    venue.datagram(SECOND_DESK, NODE, SYNC, 0)
    venue.datagram(DESK, NODE, artdmx(0, b"\x02"), 0)
    assert slots(venue)[0] == 2

    venue.datagram(SECOND_DESK, NODE, artdmx(0, b"\x05"), 0)
    venue.datagram(SECOND_DESK, NODE, SYNC, 0)
    venue.datagram(DESK, NODE, artdmx(0, b"\x09"), 0)

    assert slots(venue)[0] == 9


def test_sacn_for_a_node_of_pixels_lights_nothing() -> None:
    venue = the_venue()

    venue.datagram(DESK, NODE, sacn(1, full(b"\xff")), 0)

    assert slots(venue)[0] == 0
