"""The sACN side of a simulated node: what comes out of it, packet by packet, in virtual time."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulators.dmx_sacn import in_order
from simulators.venue import SimulatedVenue
from tests.simulators.rig import DESK, OTHER_CID, S, full, make_rig, sacn, sacn_sync

GROUP_1 = ("239.255.0.1", 5568)
UNICAST = ("127.0.1.1", 5568)


def the_venue(loss: str = "hold") -> SimulatedVenue:
    venue = SimulatedVenue(make_rig(loss))
    venue.start(0)
    return venue


def red(venue: SimulatedVenue, now: float) -> float:
    return round(float(venue.look("par_1.red", round(now * S))) * 2.55)


def test_a_literal_packet_lights_a_lamp() -> None:
    venue = the_venue()
    packet = (
        bytes.fromhex(
            "0010 0000 4153432d45312e3137000000 726e 00000004 000102030405060708090a0b0c0d0e0f"  # root layer
            "7258 00000002 6465736b" + "00" * 60 + "64 0000 07 00 0001"  # framing layer: "desk", 100, universe 1
            "720b 02 a1 0000 0001 0201 00"  # DMP layer
        )
        + full(b"\xff\x80\x40\x01")
    )
    assert len(packet) == 638

    venue.datagram(DESK, GROUP_1, packet, 0)

    assert venue.look("par_1.red", 0) == 100
    assert venue.look("par_1.green", 0) == pytest.approx(128 / 2.55, abs=1e-5)
    assert venue.look("par_1.white", 0) == pytest.approx(1 / 2.55, abs=1e-5)
    assert venue.look("par_1.intensity", 0) == 100
    assert venue.state(0)["universes"]["sacn/1"]["sources"] == [
        {"name": "desk", "id": "00010203-0405-0607-0809-0a0b0c0d0e0f", "priority": 100, "age": 0.0}
    ]
    assert venue.state(0)["universes"]["sacn/1"]["slots"][:5] == [255, 128, 64, 1, 0]


def test_unicast_to_the_node_counts_and_to_a_neighbour_does_not() -> None:
    venue = the_venue()

    venue.datagram(DESK, UNICAST, sacn(1, full(b"\x0a")), 0)
    assert red(venue, 0) == 10
    venue.datagram(DESK, ("127.0.1.2", 5568), sacn(1, full(b"\x14"), 1), 0)
    assert red(venue, 0) == 10


def test_a_partial_packet_leaves_the_other_slots_at_nothing() -> None:
    venue = the_venue()
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\x01\x02\x03\x04\x05")), 0)

    venue.datagram(DESK, GROUP_1, sacn(1, b"\x09\x08\x07\x06", 1), 0)

    assert venue.state(0)["universes"]["sacn/1"]["slots"][:5] == [9, 8, 7, 6, 0]


def test_the_higher_priority_wins_entirely() -> None:
    venue = the_venue()
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\xff\xff")), 0)

    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\x05\x00"), cid=OTHER_CID, priority=101), 0)

    assert venue.state(0)["universes"]["sacn/1"]["slots"][:2] == [5, 0]


def test_equal_priorities_merge_highest_takes_precedence() -> None:
    venue = the_venue()
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\x0a\x64")), 0)

    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\x14\x00"), cid=OTHER_CID), 0)

    assert venue.state(0)["universes"]["sacn/1"]["slots"][:2] == [20, 100]
    assert venue.look("rack_node.merging", 0) is True


@pytest.mark.parametrize(
    ("loss", "after"),
    [("hold", 200), ("black", 0), ("preset", 102)],
)
def test_a_source_is_lost_two_and_a_half_seconds_after_its_last_packet(loss: str, after: int) -> None:
    venue = the_venue(loss)
    venue.act("set", "rack_node preset 40", 0)
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\xc8")), S)

    assert red(venue, 3.499_999_999) == 200
    assert len(venue.state(3 * S)["universes"]["sacn/1"]["sources"]) == 1
    assert red(venue, 3.5) == after
    assert venue.state(4 * S)["universes"]["sacn/1"]["sources"] == []


def test_what_is_held_is_what_the_last_source_said_and_not_who_was_lost_before() -> None:
    venue = the_venue("hold")
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\xff"), cid=OTHER_CID, priority=150), 0)
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\x32")), S)

    assert red(venue, 2.4) == 255
    assert red(venue, 2.5) == 50
    assert red(venue, 60) == 50


def test_nobody_looks_for_an_hour_and_the_answer_is_the_same() -> None:
    venue = the_venue("hold")
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\xff"), cid=OTHER_CID, priority=150), 0)
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\x32")), S)

    assert red(venue, 3600) == 50


def test_a_goodbye_counts_at_once_and_its_levels_do_not() -> None:
    venue = the_venue("black")
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\xff")), 0)

    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\x80"), 1, options=0x40), S)

    assert red(venue, 1) == 0
    assert venue.state(S)["universes"]["sacn/1"]["sources"] == []


def test_a_goodbye_of_one_leaves_the_other() -> None:
    venue = the_venue("black")
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\xff")), 0)
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\x10"), cid=OTHER_CID), 0)

    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\xff"), 1, options=0x40), 1)

    assert red(venue, 1) == 16


def test_previews_and_other_start_codes_light_nothing() -> None:
    venue = the_venue()

    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\xff"), options=0x80), 0)
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\xc8"), start_code=0xDD), 0)

    assert red(venue, 0) == 0
    assert venue.state(0)["universes"]["sacn/1"]["sources"] == []


def test_packets_out_of_order_are_dropped_and_a_far_jump_is_not() -> None:
    venue = the_venue()
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\x01"), 5), 0)
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\x02"), 5), 0)
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\x03"), 242), 0)
    assert red(venue, 0) == 1
    assert venue.look("rack_node.refused", 0) == 2

    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\x04"), 241), 0)

    assert red(venue, 0) == 4


def test_the_sequence_rule_is_signed_and_eight_bits_wide() -> None:
    assert [in_order(new, 250) for new in (251, 255, 0, 1, 250, 249, 231, 230)] == [True] * 4 + [False] * 3 + [True]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\0" * 638,
        sacn(1, full(b"\xff"))[:125],
        sacn(1, full(b"\xff"))[:600],
        sacn(1, full(b"\xff")).replace(b"\x02\xa1", b"\x02\xa2", 1),
        sacn(1, full(b"\xff"), priority=201),
    ],
)
def test_broken_packets_light_nothing_and_are_counted(broken: bytes) -> None:
    venue = the_venue()

    venue.datagram(DESK, GROUP_1, broken, 0)

    assert red(venue, 0) == 0
    assert venue.look("rack_node.refused", 0) == 1


def test_synchronized_levels_wait_for_their_packet_once_there_has_been_one() -> None:
    venue = the_venue()
    venue.datagram(DESK, UNICAST, sacn(1, full(b"\x01"), 0, sync=7), 0)
    assert red(venue, 0) == 1, "nobody has ever synchronized"
    venue.datagram(DESK, UNICAST, sacn_sync(7, 0), 0)

    venue.datagram(DESK, UNICAST, sacn(1, full(b"\x02"), 1, sync=7), 1)
    assert red(venue, 0.1) == 1
    venue.datagram(DESK, UNICAST, sacn_sync(7, 1), S)

    assert red(venue, 1) == 2


def test_without_force_sync_the_last_synchronized_look_stays_and_with_it_data_goes_on() -> None:
    venue = the_venue()
    venue.datagram(DESK, UNICAST, sacn(1, full(b"\x01"), 0, sync=7), 0)
    venue.datagram(DESK, UNICAST, sacn_sync(7, 0), 0)
    for n in range(1, 4):
        venue.datagram(DESK, UNICAST, sacn(1, full(b"\x02"), n, sync=7), n * S)
    assert red(venue, 3) == 1

    venue.datagram(DESK, UNICAST, sacn(1, full(b"\x03"), 4, sync=7, options=0x20), 3 * S)

    assert red(venue, 3) == 3


# --- the box ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("loss", "after"), [("hold", 200), ("black", 0)])
def test_a_node_without_power_is_deaf_and_its_fixtures_notice_a_second_later(loss: str, after: int) -> None:
    venue = the_venue(loss)
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\xc8")), 0)

    venue.act("fault", "rack_node power lost for 20s", S)
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\xff"), 1), 2 * S - 1)

    assert red(venue, 1.999_999_999) == 200
    assert red(venue, 2) == after
    assert venue.look("rack_node.powered", 2 * S) is False
    assert venue.next_deadline() == 21 * S
    venue.wake(21 * S)
    assert venue.look("rack_node.powered", 21 * S) is False, "it boots"
    venue.wake(23 * S)
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\x07"), 2), 23 * S)
    assert red(venue, 23) == 7


def test_a_lossy_link_drops_the_same_packets_in_every_run() -> None:
    def run() -> list[float]:
        venue = the_venue()
        venue.act("fault", "link rack_node loss 50%", 0)
        seen = []
        for n in range(20):
            venue.datagram(DESK, GROUP_1, sacn(1, full(bytes([n + 1])), n), n)
            seen.append(red(venue, n / S))
        return seen

    first = run()
    assert first == run()
    assert 3 < len(set(first)) < 18


def test_a_delayed_packet_lights_when_it_arrives() -> None:
    venue = the_venue()
    venue.act("fault", "link rack_node delay 80ms", 0)
    venue.datagram(DESK, GROUP_1, sacn(1, full(b"\x64")), S)

    assert red(venue, 1) == 0
    assert venue.next_deadline() == 1_080_000_000
    venue.wake(1_080_000_000)

    assert red(venue, 1.08) == 100


def test_script_lines_that_nobody_understands_say_so() -> None:
    venue = the_venue()

    for what, words, complaint in (
        ("fault", "attic power lost", "no device 'attic'"),
        ("set", "rack_node sing", "does not understand 'sing'"),
        ("fault", "link rack_node wobble", "nothing a link can do"),
        ("fault", "rack_node power lost for ages", "is not a time"),
        ("guests", "12", "no tracker"),
        ("dance", "", "set, fault, guests and press"),
    ):
        with pytest.raises(ValueError, match=complaint):
            venue.act(what, words, 0)


def test_the_simulators_never_import_our_codecs() -> None:
    for path in (Path(__file__).parents[2] / "simulators").glob("*.py"):
        assert "showctl.protocols" not in path.read_text(encoding="utf-8").replace("``showctl.protocols``", ""), path
