"""What an Art-Net node makes of its sources and owes to those who poll, by the millisecond."""

import pytest

from showctl.protocols import artnet
from showctl.protocols.artnet_reply import PORT_INPUT, PollReply
from showctl.runtime.receive.artnet_node import ArtnetNode
from showctl.runtime.receive.artnet_pages import STYLE_CONTROLLER, Identity, Ports, pages
from showctl.show.instants import MILLISECOND as MS

ME = Identity("10.0.0.20", "lobby", "the lobby's mirror")
DELAY = (10 << 24 | 20) * 7919 % 1000
DESK, OTHER, THIRD = ("10.0.0.1", 6454), ("10.0.0.2", 6454), ("10.0.0.3", 6454)


def node(*numbers: int, ltp: bool = False) -> ArtnetNode:
    return ArtnetNode(ME, numbers or (3,), ltp)


def says(to: ArtnetNode, source: tuple[str, int], at: int, *slots: int, sequence: int = 0, port: int = 3) -> None:
    to.received(artnet.encode(artnet.Dmx(port, bytes(slots), sequence)), source, at * MS)


def out(of: ArtnetNode, at: int, count: int = 2) -> list[int] | None:
    """The first slots that come out at ``at`` ms."""
    levels = of.ports[3].levels(at * MS)
    return None if levels is None else list(levels[:count])


def replies(sent: list[tuple[tuple[str, int], bytes]]) -> list[tuple[tuple[str, int], PollReply]]:
    return [(to, packet) for to, data in sent if isinstance(packet := artnet.decode(data), PollReply)]


# --- Merge ------------------------------------------------------------------------------------------------------------


def test_nobody_sends_at_first_and_then_one() -> None:
    lobby = node()
    assert out(lobby, 0) is None
    says(lobby, DESK, 0, 10, 20)

    assert out(lobby, 0, 3) == [10, 20, 0]


def test_two_sources_merge_by_the_highest_level() -> None:
    lobby = node()
    says(lobby, DESK, 0, 10, 200)
    says(lobby, OTHER, 1, 20, 100)

    assert (out(lobby, 2), lobby.ports[3].merging) == ([20, 200], True)


def test_by_ltp_the_one_that_spoke_last_wins_entirely() -> None:
    lobby = node(ltp=True)
    says(lobby, DESK, 0, 10, 200)
    says(lobby, OTHER, 1, 20, 100)
    assert out(lobby, 2) == [20, 100]
    says(lobby, DESK, 3, 11, 12)

    assert out(lobby, 3) == [11, 12]


def test_a_third_source_is_left_out_and_named() -> None:
    lobby = node()
    says(lobby, DESK, 0, 10, 0)
    says(lobby, OTHER, 0, 0, 10)
    says(lobby, THIRD, 0, 255, 255)
    says(lobby, THIRD, 1, 255, 255)

    assert (out(lobby, 2), lobby.ports[3].left_out) == ([10, 10], {"10.0.0.3": 2})


def test_a_source_leaves_the_merge_after_ten_seconds_of_silence() -> None:
    lobby = node()
    says(lobby, DESK, 0, 10, 200)
    says(lobby, OTHER, 0, 20, 100)
    for at in range(1000, 10_001, 1000):
        says(lobby, OTHER, at, 20, 100)
        if at < 10_000:
            assert out(lobby, at) == [20, 200]

    assert (out(lobby, 10_000), out(lobby, 20_000)) == ([20, 100], None)


def test_a_source_is_its_ip_address_whatever_its_port() -> None:
    lobby = node()
    says(lobby, ("10.0.0.1", 50000), 0, 10, 0)
    says(lobby, ("10.0.0.1", 50001), 1, 0, 10)

    assert (out(lobby, 2), lobby.ports[3].merging) == ([0, 10], False)


@pytest.mark.parametrize(("sequence", "used"), [(51, True), (50, True), (49, False), (31, False), (30, True), (0, True)])
def test_what_comes_late_is_left_out_and_0_is_never_late(sequence: int, used: bool) -> None:
    lobby = node()
    says(lobby, DESK, 0, 1, 0, sequence=50)
    says(lobby, DESK, 1, 2, 0, sequence=sequence)

    assert out(lobby, 2) == [2 if used else 1, 0]


def test_an_odd_length_and_a_short_one_are_read() -> None:
    lobby = node()
    data = bytearray(artnet.encode(artnet.Dmx(3, bytes((1, 2, 3, 4)))))
    data[17] = 3
    lobby.received(bytes(data), DESK, 0)

    assert out(lobby, 0, 4) == [1, 2, 3, 0]


def test_the_port_address_has_15_bits() -> None:
    lobby = node(0x7FF3, 0x0FF3)
    says(lobby, DESK, 0, 1, 1, port=0x7FF3)
    says(lobby, DESK, 0, 9, 9, port=0x6FF3)

    assert (lobby.ports[0x7FF3].levels(0) is not None, lobby.ports[0x0FF3].levels(0) is not None) == (True, False)
    assert lobby.elsewhere == {0x6FF3: "10.0.0.1"}


# --- ArtSync ----------------------------------------------------------------------------------------------------------


def sync(to: ArtnetNode, source: tuple[str, int], at: int) -> None:
    to.received(artnet.encode(artnet.Sync()), source, at * MS)


def test_after_a_sync_data_waits_for_the_next_until_none_comes_for_four_seconds() -> None:
    lobby = node()
    says(lobby, DESK, 0, 1, 1)
    sync(lobby, DESK, 0)
    says(lobby, DESK, 25, 2, 2)
    assert out(lobby, 25) == [1, 1]
    sync(lobby, DESK, 26)
    assert out(lobby, 26) == [2, 2]
    says(lobby, DESK, 4025, 3, 3)
    assert out(lobby, 4025) == [2, 2]
    says(lobby, DESK, 4026, 4, 4)

    assert out(lobby, 4026) == [4, 4]


def test_a_sync_from_somebody_else_is_nothing() -> None:
    lobby = node()
    says(lobby, DESK, 0, 1, 1)
    sync(lobby, OTHER, 1)
    says(lobby, DESK, 2, 2, 2)

    assert out(lobby, 2) == [2, 2]


def test_while_merging_nothing_waits() -> None:
    lobby = node()
    says(lobby, DESK, 0, 1, 0)
    says(lobby, OTHER, 0, 0, 1)
    sync(lobby, OTHER, 1)
    says(lobby, DESK, 2, 5, 0)

    assert out(lobby, 2) == [5, 1]


# --- Polls ------------------------------------------------------------------------------------------------------------


def poll(
    to: ArtnetNode, at: int, flags: int = artnet.POLL_REPLY_ON_CHANGE, target: tuple[int, int] = (0, 0), least: int = 0
) -> None:
    to.received(artnet.encode(artnet.Poll(flags, least, target)), DESK, at * MS)


def test_a_poll_is_answered_once_within_a_second_to_who_asked() -> None:
    lobby = node()
    poll(lobby, 0)
    poll(lobby, 1)
    assert DELAY < 1000
    assert replies(lobby.wake((DELAY - 1) * MS)) == []
    [(to, reply)] = replies(lobby.wake(DELAY * MS))

    assert to == DESK
    assert (reply.ip, reply.short_name, reply.long_name) == (bytes((10, 0, 0, 20)), "lobby", "the lobby's mirror")
    assert (reply.outputs, reply.bind_index, reply.bind_ip) == ((3,), 1, bytes((10, 0, 0, 20)))
    assert reply.node_report == "#0001 [0001] showctl answers"


def test_nine_ports_over_two_sub_nets_are_pages_of_four_with_an_index_each() -> None:
    found = pages(ME, node(*range(0x10, 0x16), 0x100, 0x101, 0x102).state(0))

    assert [(page.bind_index, page.net, page.sub_net, page.outputs) for page in found] == [
        (1, 0, 1, (0x10, 0x11, 0x12, 0x13)),
        (2, 0, 1, (0x14, 0x15)),
        (3, 1, 0, (0x100, 0x101, 0x102)),
    ]


def test_a_controller_answers_with_what_it_puts_onto_the_network() -> None:
    [page] = pages(Identity("10.0.0.5", "showctl", style=STYLE_CONTROLLER), Ports(inputs=(0, 1)))

    assert (page.style, page.inputs, page.outputs) == (STYLE_CONTROLLER, (0, 1), ())
    assert page.port_types == bytes((PORT_INPUT, PORT_INPUT, 0, 0))


@pytest.mark.parametrize(("target", "answers"), [((0, 3), 1), ((3, 3), 1), ((4, 99), 0)])
def test_a_targeted_poll_is_answered_by_those_in_its_range(target: tuple[int, int], answers: int) -> None:
    lobby = node()
    poll(lobby, 0, artnet.POLL_TARGETED, target)

    assert len(replies(lobby.wake(1000 * MS))) == answers


def test_who_asked_for_changes_hears_when_data_comes_and_when_two_merge() -> None:
    lobby = node()
    poll(lobby, 0)
    lobby.wake(1000 * MS)
    heard = []
    for source in (DESK, DESK, OTHER):
        heard += replies(lobby.received(artnet.encode(artnet.Dmx(3, b"\1\1")), source, 1001 * MS))

    assert [reply.good_output[0] for _, reply in heard] == [0x80, 0x88]


def test_who_did_not_ask_for_changes_hears_nothing() -> None:
    lobby = node()
    poll(lobby, 0, flags=0)
    lobby.wake(1000 * MS)

    assert lobby.received(artnet.encode(artnet.Dmx(3, b"\1\1")), OTHER, 1001 * MS) == []


@pytest.mark.parametrize(("least", "lines"), [(artnet.DiagPriority.LOW, 1), (artnet.DiagPriority.CRITICAL, 0)])
def test_diagnostics_go_to_who_asked_for_so_important_ones(least: int, lines: int) -> None:
    lobby = node()
    poll(lobby, 0, artnet.POLL_DIAGNOSTICS, least=least)
    lobby.wake(1000 * MS)
    said = []
    for source in (DESK, OTHER, THIRD):
        said += lobby.received(artnet.encode(artnet.Dmx(3, b"\1\1")), source, 1001 * MS)

    texts = [packet.text for _, data in said if isinstance(packet := artnet.decode(data), artnet.DiagData)]
    assert texts == ["3 (0:0:3): a third source, 10.0.0.3, is left out"] * lines


# --- Others -----------------------------------------------------------------------------------------------------------


def test_timecode_diagnostics_and_nodes_are_kept_with_who_said_so() -> None:
    lobby = node()
    time_code = artnet.TimeCode(1, 2, 3, 4, artnet.TimeCodeType.EBU_25)
    lobby.received(artnet.encode(time_code), DESK, 5)
    lobby.received(artnet.encode(artnet.DiagData("overheats", artnet.DiagPriority.HIGH)), OTHER, 6)
    lobby.received(artnet.encode(PollReply(bytes(4), "box")), OTHER, 7)

    assert lobby.time_code == (time_code, "10.0.0.1", 5)
    assert [(said.address, said.text) for said in lobby.diagnostics] == [("10.0.0.2", "overheats")]
    assert [(key, reply.short_name, heard) for key, (reply, heard) in lobby.nodes.items()] == [(("10.0.0.2", 0), "box", 7)]


@pytest.mark.parametrize("junk", [b"", b"Art-Net\0", b"\xff" * 600, artnet.encode(artnet.Dmx(3, b"\1\1"))[:-1]])
def test_junk_is_counted_and_nothing_else(junk: bytes) -> None:
    lobby = node()

    assert lobby.received(junk, DESK, 0) == []
    assert sum(lobby.refused.values()) == 1
