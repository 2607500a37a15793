"""A desk that the show folder lets in takes part in our output, at its priority, until it falls silent."""

from dataclasses import replace

import numpy as np
import pytest

from showctl.protocols import artnet, sacn
from showctl.protocols.artnet_reply import PollReply
from showctl.runtime.receive.rivals import words
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.runtime.wire.frames import Frame
from showctl.show.cues import CueList
from showctl.show.patch import Protocol, Universe
from tests.runtime.wire.stage import CID, MS, S, change, row, show

DESK = bytes(15) + b"\1"


def joined(protocol: str = "sacn", **more: object) -> FrameSender:
    """A dimmer at 100 on sACN universe 1, and a desk that may join from universe 101 (or Art-Net 9)."""
    source = {"sacn": "sacn/101", "artnet": "artnet/9"}[protocol]
    light = FrameSender(show(Universe(0, "sacn/1", Protocol.SACN, 1, merge_in=source, **more)), CID, "Stage")  # type: ignore[arg-type]
    light.accept(1, 0, change(0, row(1, 0, 100 * 257)))
    return light


def says(light: FrameSender, at: int, *slots: int, sequence: int = 0, **more: object) -> None:
    packet = sacn.DataPacket(DESK, "desk", 101, bytes(slots), sequence, **more)  # type: ignore[arg-type]
    light.received_sacn(sacn.encode(packet), "10.0.0.9", at * MS)


def slots(frame: Frame) -> list[list[int]]:
    """The first three slots of every packet of levels."""
    packets = [sacn.decode(raw) for _, raw in frame.datagrams()]
    return [list(packet.slots[:3]) for packet in packets if isinstance(packet, sacn.DataPacket)]


def at(light: FrameSender, instant: int) -> list[int]:
    """What the frame at ``instant`` ms says, which must say something."""
    [found] = slots(light.frame(instant * MS))
    return found


@pytest.mark.parametrize(
    ("priority", "then"),
    [(99, [100, 0, 0]), (100, [100, 20, 0]), (101, [10, 20, 0])],
    ids=["below: nothing", "equal: the higher level", "above: the desk"],
)
def test_a_desk_joins_at_its_priority(priority: int, then: list[int]) -> None:
    light = joined()
    for n in range(4):
        says(light, 1000 + 250 * n, 10, 20, sequence=n, priority=priority)

    assert at(light, 1000) == [100, 0, 0], "sampling"
    assert at(light, 2000) == then


def test_per_address_priorities_take_a_slot_and_leave_the_rest() -> None:
    light = joined()
    says(light, 1000, 10, 20, 30, sequence=1, priority=200)
    says(light, 1000, 0, 150, 0, sequence=2, start_code=sacn.START_CODE_PRIORITY)

    assert at(light, 2000) == [100, 20, 0]


def test_a_desk_that_falls_silent_gives_its_slots_back_after_2500_ms_and_one_that_ends_at_once() -> None:
    light = joined()
    says(light, 1000, 10, sequence=1, priority=200)
    light.frame(2000 * MS)
    assert slots(light.frame(3475 * MS)) == [[10, 0, 0]], "kept alive"
    assert at(light, 3500) == [100, 0, 0], "a change: it is sent at once"
    says(light, 4000, 10, sequence=1, priority=200)
    light.frame(5500 * MS)
    says(light, 5510, 10, sequence=2, priority=200, terminated=True)

    assert at(light, 5525 + 25) == [100, 0, 0]


def test_what_the_desk_moves_is_sent_as_any_change_is() -> None:
    light = joined()
    says(light, 1000, 10, sequence=1, priority=200)
    sent = []
    for n, instant in enumerate(range(1500, 2000, 25)):
        says(light, instant - 1, 10 + n // 10, sequence=2 + n, priority=200)
        sent += slots(light.frame(instant * MS))

    assert [level for level, _, _ in sent] == [10, 10, 10, 10, 11, 11, 11, 11], "four of each, and then it rests"


def test_the_digest_is_of_the_show_alone() -> None:
    light, alone = joined(), joined()
    says(light, 1000, 255, 255, sequence=1, priority=200)
    for instant in (1000, 2000):
        light.frame(instant * MS)
        alone.frame(instant * MS)

    assert light.slots_digest() == alone.slots_digest()
    assert light.slots[0, 0] == 100


def test_art_net_joins_as_if_at_100_and_we_answer_polls_as_a_node_that_listens_there() -> None:
    light = joined("artnet")
    light.received(artnet.encode(artnet.Dmx(9, b"\x0a\xc8")), ("10.0.0.9", 6454), 0)
    assert at(light, 0) == [100, 200, 0]
    light.received(artnet.encode(artnet.Poll()), ("10.0.0.9", 6454), 1)

    [answer] = [
        packet
        for to, data in light.frame(25 * MS).datagrams()
        if to == ("10.0.0.9", 6454) and isinstance(packet := artnet.decode(data), PollReply)
    ]
    assert (answer.outputs, answer.short_name) == ((9,), "showctl")
    assert at(light, 10 * S // MS) == [100, 0, 0], "silent for 10 s"


def test_what_nobody_may_join_is_the_show_s_own_array() -> None:
    light = FrameSender(show(Universe(0, "sacn/1", Protocol.SACN, 1)), CID, "Stage")

    assert light.joining.joined(light.slots, 0) is light.slots
    assert not light.joining


def test_nonsense_on_the_port_is_counted() -> None:
    light = joined()
    light.received_sacn(b"nonsense", "10.0.0.9", 0)

    assert light.refused_datagrams == 1
    assert np.all(light.joining.joined(light.slots, 0) == light.slots)


def test_while_safe_looks_show_nobody_joins() -> None:
    universe = Universe(0, "sacn/1", Protocol.SACN, 1, merge_in="sacn/101")
    light = FrameSender(replace(show(universe), lists=(CueList(0, "main", ()),)), CID, "Stage")
    light.accept(1, 0, change(0, row(1, 0, 100 * 257)))
    panic, safe = row(2, 0, 200 * 257, 3 * S), 1
    panic["list"], panic["priority"] = safe, 10_000
    light.accept(2, 3 * S, change(3 * S, panic))
    for n in range(12):
        says(light, 1000 + 250 * n, 10, sequence=n, priority=200)
    assert at(light, 2975) == [10, 0, 0]

    assert at(light, 3000) == [200, 0, 0]
    light.panic(3100 * MS)
    assert slots(light.frame(5500 * MS)) == [[0, 0, 0]], "the wire's own safe look, too"


def test_a_show_loaded_anew_blinks_for_no_desk_and_forgets_no_rival() -> None:
    older = joined()
    for n in range(5):
        says(older, 1000 + 250 * n, 200, sequence=n, priority=200)
    assert at(older, 2000) == [200, 0, 0]
    stranger = sacn.DataPacket(bytes(15) + b"\2", "stranger", 1, b"\1")
    older.received_sacn(sacn.encode(stranger), "10.0.0.8", 2000 * MS)
    universes = (Universe(0, "sacn/9", Protocol.SACN, 9), Universe(1, "sacn/1", Protocol.SACN, 1, merge_in="sacn/101"))
    newer = FrameSender(show(*universes), CID, "Stage")
    newer.take_over(older, 2000 * MS)

    frame = newer.frame(2025 * MS)
    packets = [packet for _, raw in frame.datagrams() if isinstance(packet := sacn.decode(raw), sacn.DataPacket)]
    assert {packet.universe: packet.slots[0] for packet in packets} == {9: 0, 1: 200}
    assert [(rival.universe, rival.name) for rival in newer.rivals.current(2025 * MS)] == [(1, "stranger"), (1, "desk")]


def test_a_desk_joins_by_the_cable_of_a_widget_and_is_given_up_after_a_second() -> None:
    light = FrameSender(show(Universe(0, "sacn/1", Protocol.SACN, 1, merge_in="usbpro/EN1")), CID, "Stage")
    light.accept(1, 0, change(0, row(1, 0, 100 * 257)))
    light.received_dmx("EN1", bytes((10, 20)), 1000 * MS)
    assert at(light, 1025) == [100, 20, 0], "by highest level: DMX counts as priority 100"
    assert [words(rival, light.show.patch.universes[0]) for rival in light.rivals.current(1025 * MS)] == [
        "A desk (by widget EN1) joins sacn/1, as the show lets it."
    ]

    light.received_dmx("EN2", bytes((255,) * 512), 1050 * MS)
    assert at(light, 1999)[:2] == [100, 20]
    assert at(light, 2025)[:2] == [100, 0]
