"""Frames in virtual time: what goes out on sACN, when, and in which bytes. Literal instants on a grid of 25 ms."""

from showctl.protocols import sacn
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.show.patch import Protocol, Universe
from tests.runtime.wire.frames_read import SACN_1, levels, play, run
from tests.runtime.wire.stage import CID, MS, UNIVERSES, S, change, row, sender, show

# --- The grid ---------------------------------------------------------------------------------------------------------


def test_frame_k_is_due_at_epoch_plus_k_seconds_by_the_rate() -> None:
    light = FrameSender(show(rate=44), CID, "Stage", epoch=1000)

    assert [light.instant(k) for k in (0, 1, 2, 44)] == [1000, 22_728_272, 45_455_545, S + 1000]
    assert light.next_frame(999) == 1000
    assert light.next_frame(1000) == 22_728_272
    assert light.next_frame(22_728_271) == 22_728_272
    assert [light.index(k) for k in (1000, 22_728_272, 22_728_273)] == [0, 1, -1]


def test_the_grid_never_drifts() -> None:
    light = FrameSender(show(rate=44), CID, "Stage")
    now = -1
    for _ in range(44 * 60 + 1):
        now = light.next_frame(now)

    assert now == 60 * S


# --- sACN -------------------------------------------------------------------------------------------------------------


def test_the_first_frame_sends_everything_to_its_group_or_its_destinations() -> None:
    frame = sender(*UNIVERSES[:2]).frame(0)

    data = [(to, sacn.decode(raw)) for to, raw in frame.datagrams()]
    assert [to for to, _ in data] == [
        ("239.255.0.1", 5568),
        ("127.0.1.1", 5568),
        ("127.0.1.2", 5568),
        ("239.255.250.214", 5568),
    ]
    assert data[0][1] == sacn.DataPacket(CID, "Stage", 1, bytes(512), sequence=0, priority=100)
    assert data[1][1] == data[2][1] == sacn.DataPacket(CID, "Stage", 2, bytes(512), sequence=0, priority=150)
    assert data[3][1] == sacn.DiscoveryPacket(CID, "Stage", (1, 2))


def test_a_change_is_sent_four_times_and_then_kept_alive() -> None:
    # E1.31 6.6.2: three more packets, then one every 800 to 1000 ms.
    light = sender(SACN_1)
    light.accept(1, 2 * S, change(2 * S, row(1, 0, 65535)))

    sent = [(frame.instant // MS, levels(frame)) for frame in run(light, 4 * S) if levels(frame)]
    assert sent == [
        (0, [(1, 0, 0)]),
        (25, [(1, 1, 0)]),
        (50, [(1, 2, 0)]),
        (75, [(1, 3, 0)]),
        (875, [(1, 4, 0)]),
        (1675, [(1, 5, 0)]),
        (2000, [(1, 6, 255)]),
        (2025, [(1, 7, 255)]),
        (2050, [(1, 8, 255)]),
        (2075, [(1, 9, 255)]),
        (2875, [(1, 10, 255)]),
        (3675, [(1, 11, 255)]),
    ]


def test_one_frame_before_the_keep_alive_there_is_nothing_and_at_its_instant_a_packet() -> None:
    light = sender(SACN_1)
    play(light, 75 * MS)

    assert light.frame(850 * MS).batches == ()
    assert levels(light.frame(875 * MS)) == [(1, 4, 0)]
    assert light.frame(900 * MS).batches == ()


def test_keep_alives_go_on_for_a_day() -> None:
    light, now, last, widest = sender(SACN_1), -1, 0, 0
    while now < 24 * 3600 * S:
        now = light.next_busy(now)
        if levels(light.frame(now)):
            last, widest = now, max(widest, now - last)

    assert last > 24 * 3600 * S - S
    assert widest == 800 * MS


def test_sequence_numbers_go_from_255_to_0() -> None:
    light = sender(SACN_1)
    light.accept(1, 0, change(0, row(1, 0, 65535, over=8 * S)))

    numbers = [number for frame in run(light, 7 * S) for _, number, _ in levels(frame)]
    assert numbers[254:258] == [254, 255, 0, 1]
    assert numbers == [n % 256 for n in range(len(numbers))]


def test_discovery_is_sent_every_ten_seconds() -> None:
    light = sender(SACN_1)
    found = [
        frame.instant
        for frame in run(light, 30 * S)
        if any(isinstance(sacn.decode(data), sacn.DiscoveryPacket) for _, data in frame.datagrams())
    ]

    assert found == [0, 10 * S, 20 * S, 30 * S]


def test_a_hazard_universe_is_never_suppressed() -> None:
    light = sender(SACN_1, Universe(1, "sacn/2", Protocol.SACN, 2), hazard=True)

    sent = [[number for number, _, _ in levels(frame)] for frame in run(light, 200 * MS)]
    assert sent == [[1, 2]] * 4 + [[2]] * 5


def test_a_synchronized_universe_is_followed_by_its_sync_packet() -> None:
    light = sender(Universe(0, "sacn/1", Protocol.SACN, 1, sync=7), Universe(1, "sacn/2", Protocol.SACN, 2))
    data = [(to[0], sacn.decode(raw)) for to, raw in light.frame(0).datagrams()]

    assert [type(packet).__name__ for _, packet in data] == ["DataPacket", "DataPacket", "SyncPacket", "DiscoveryPacket"]
    assert data[2] == ("239.255.0.7", sacn.SyncPacket(CID, 7, 0))
    assert isinstance(data[0][1], sacn.DataPacket)
    assert data[0][1].sync_address == 7


def test_a_new_route_takes_the_universe_elsewhere_at_once() -> None:
    light = sender(SACN_1)
    play(light, 100 * MS)
    light.route(SACN_1, 180, ("127.0.2.1",))

    packets = [(to, sacn.decode(data)) for to, data in light.frame(125 * MS).datagrams()]
    assert packets == [(("127.0.2.1", 5568), sacn.DataPacket(CID, "Stage", 1, bytes(512), sequence=4, priority=180))]
