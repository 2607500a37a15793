"""Who else sends on our universes: noticed at the first packet, named, and forgotten when silent."""

import pytest

from showctl.protocols import artnet, sacn
from showctl.protocols.artnet_reply import PORT_INPUT, PORT_OUTPUT, PollReply
from showctl.runtime.receive.rivals import MAX_RIVALS, How, Rival, Rivals, words
from showctl.show.instants import MILLISECOND as MS
from showctl.show.patch import Protocol, Universe

OURS, THEIRS = bytes(16), bytes.fromhex("0123456789abcdef0123456789abcdef")
CID = "01234567-89ab-cdef-0123-456789abcdef"
UNIVERSES = (
    Universe(0, "sacn/1", Protocol.SACN, 1),
    Universe(1, "sacn/2", Protocol.SACN, 2, priority=150, merge_in="sacn/102"),
    Universe(2, "artnet/0", Protocol.ARTNET, 0),
    Universe(3, "artnet/1", Protocol.ARTNET, 1, merge_in="artnet/1"),
)
HOST = "10.0.0.9"


def watch() -> Rivals:
    return Rivals(UNIVERSES, OURS)


def data(universe: int = 1, cid: bytes = THEIRS, **more: object) -> sacn.DataPacket:
    return sacn.DataPacket(cid, "FOH desk", universe, b"\xff", **more)  # type: ignore[arg-type]


def test_a_foreign_source_is_named_with_its_first_packet() -> None:
    rivals = watch()
    rivals.heard_sacn(data(priority=120), HOST, 0)

    assert rivals.current(0) == (Rival(0, How.SENDS, "FOH desk", HOST, CID, 120),)
    assert rivals.version == 1
    assert words(rivals.current(0)[0], UNIVERSES[0]) == (
        f"FOH desk ({HOST}, CID {CID}) also sends sacn/1, at priority 120; ours is 100: it wins."
    )


@pytest.mark.parametrize(("priority", "who"), [(99, "ours wins"), (100, "the higher level wins"), (101, "it wins")])
def test_it_is_said_which_of_us_wins(priority: int, who: str) -> None:
    rivals = watch()
    rivals.heard_sacn(data(priority=priority), HOST, 0)

    assert words(rivals.current(0)[0], UNIVERSES[0]).endswith(f"{who}.")


def test_priorities_for_slots_are_a_source_too() -> None:
    rivals = watch()
    rivals.heard_sacn(data(start_code=sacn.START_CODE_PRIORITY), HOST, 0)

    assert len(rivals.current(0)) == 1


@pytest.mark.parametrize(
    "packet",
    [data(cid=OURS), data(universe=9), data(preview=True), data(start_code=0x17), sacn.SyncPacket(THEIRS, 1)],
    ids=["ours", "a universe that is not ours", "preview", "text", "synchronization"],
)
def test_what_fights_nobody_is_no_rival(packet: sacn.Packet) -> None:
    rivals = watch()
    rivals.heard_sacn(packet, HOST, 0)

    assert rivals.current(0) == ()


def test_a_rival_is_gone_after_2500_ms_of_silence_or_at_once_when_it_ends() -> None:
    rivals = watch()
    rivals.heard_sacn(data(), HOST, 0)
    rivals.heard_sacn(data(), HOST, 100 * MS)
    assert (len(rivals.current(2599 * MS)), rivals.version) == (1, 1)
    assert (len(rivals.current(2600 * MS)), rivals.version) == (0, 2)
    rivals.heard_sacn(data(), HOST, 3000 * MS)
    rivals.heard_sacn(data(terminated=True), HOST, 3001 * MS)

    assert (rivals.current(3001 * MS), rivals.version) == ((), 4)


def test_one_that_we_cannot_hear_is_known_by_what_it_announces() -> None:
    rivals = watch()
    rivals.heard_sacn(sacn.DiscoveryPacket(THEIRS, "FOH desk", (1, 7, 102)), HOST, 0)

    [rival] = rivals.current(0)
    assert (rival.universe, rival.how) == (0, How.ANNOUNCES)
    assert words(rival, UNIVERSES[0]) == f"FOH desk ({HOST}, CID {CID}) announces that it also sends sacn/1."
    assert rivals.current(20_000 * MS) == ()


def test_a_desk_that_the_show_lets_in_joins_and_is_no_rival() -> None:
    rivals = watch()
    rivals.heard_sacn(data(universe=102, priority=120), HOST, 0)
    rivals.heard_artnet(artnet.Dmx(1, b"\xff\0"), HOST, 0)

    assert [(rival.universe, rival.how) for rival in rivals.current(0)] == [(1, How.JOINS), (3, How.JOINS)]


def test_an_art_net_controller_is_named_as_it_names_itself() -> None:
    rivals = watch()
    rivals.heard_artnet(PollReply(bytes(4), "grandma"), HOST, 0)
    rivals.heard_artnet(artnet.Dmx(0, b"\xff\0"), HOST, 0)

    assert rivals.current(4999 * MS) == (Rival(2, How.SENDS, "grandma", HOST),)
    assert (
        words(rivals.current(0)[0], UNIVERSES[2])
        == f"grandma ({HOST}) also sends artnet/0; nodes merge the two of us, or flicker."
    )
    assert rivals.current(5000 * MS) == ()


def test_a_controller_that_offers_our_universe_announces_it() -> None:
    rivals = watch()
    rivals.heard_artnet(PollReply(bytes(4), "grandma", num_ports=1, port_types=bytes((PORT_INPUT, 0, 0, 0))), HOST, 0)

    assert [rival.how for rival in rivals.current(0)] == [How.ANNOUNCES]


def test_a_node_that_merges_tells_of_somebody_we_cannot_hear_until_it_merges_no_more() -> None:
    rivals = watch()
    box = {"num_ports": 1, "port_types": bytes((PORT_OUTPUT, 0, 0, 0))}
    rivals.heard_artnet(PollReply(bytes(4), "box", good_output=b"\x88\0\0\0", **box), HOST, 0)  # type: ignore[arg-type]
    [rival] = rivals.current(0)
    assert words(rival, UNIVERSES[2]) == f"Node box ({HOST}) merges artnet/0 from two sources, and one of them is not us."
    rivals.heard_artnet(PollReply(bytes(4), "box", good_output=b"\x80\0\0\0", **box), HOST, 1)  # type: ignore[arg-type]

    assert rivals.current(1) == ()


def test_a_rival_that_changes_its_priority_is_news() -> None:
    rivals = watch()
    for at, priority in enumerate((100, 100, 120)):
        rivals.heard_sacn(data(priority=priority), HOST, at)

    assert (rivals.version, rivals.current(2)[0].priority) == (2, 120)


def test_the_table_is_bounded() -> None:
    rivals = watch()
    for n in range(100):
        rivals.heard_sacn(data(cid=bytes([n + 1]) * 16), HOST, 0)

    assert len(rivals.current(0)) == MAX_RIVALS
