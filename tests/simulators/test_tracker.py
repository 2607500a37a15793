"""The simulated tracker: PSN bytes by hand, a foreign reader, whole frames of thirty guests, and cameras that fail."""

import struct

import numpy as np
import pypsn
import pytest

from simulators.psn_wire import MOST, data_frame, info_frame
from simulators.tracker import Tracker
from tests.simulators.stage import Bench, make_device, make_show


def tracker(host: str = "236.10.10.10", **options: float) -> Bench:
    device = make_device("tracker", "tracker", host=host, port=56565, options=options)
    return Bench(Tracker(device, make_show(device), 1))


def packets(bench: Bench, root: int = 0x6755) -> list[tuple[float, bytes]]:
    return [(moment, out.data) for moment, out in bench.take() if struct.unpack_from("<H", out.data)[0] == root]


def frames(bench: Bench) -> list[tuple[float, dict[int, "pypsn.psn_tracker"]]]:
    """Frame by frame: the trackers of all its packets, as the foreign reader sees them."""
    found: dict[float, dict[int, pypsn.psn_tracker]] = {}
    for moment, data in packets(bench):
        found.setdefault(moment, {}).update({item.id: item for item in pypsn.parse_psn_packet(data).trackers})
    return list(found.items())


def test_one_tracker_is_these_bytes() -> None:
    # PosiStageNet v2.03, "PSN_DATA_PACKET": chunk headers are id | length << 16 | has_subchunks << 31, little-endian.
    [packet] = data_frame(
        np.array([7], np.uint32),
        np.array([[1.5, 1.0, 4.0]]),
        np.array([[0.5, 0.0, -0.5]]),
        np.array([[1.5, 2.0, 4.0]]),
        np.array([1.0]),
        0x0102030405,
        9,
    )
    assert packet == bytes.fromhex(
        "5567 5080"  # the packet, 80 bytes of chunks
        "0000 0c00 0504030201000000 02 03 09 01"  # microseconds, version 2.3, frame 9 in one packet
        "0100 3c80"  # the list, 60 bytes
        "0700 3880"  # tracker 7
        "0000 0c00 0000c03f 0000803f 00008040"  # pos 1.5 1.0 4.0
        "0100 0c00 0000003f 00000000 000000bf"  # speed 0.5 0 -0.5
        "0300 0400 0000803f"  # status 1.0
        "0500 0c00 0000c03f 00000040 00008040"  # target 1.5 2.0 4.0
    )


def test_names_are_laid_out_as_in_the_recorded_packet() -> None:
    # The info packet that the python-psn project recorded from a RoboSpot server, but for the version (2.0 there).
    recorded = bytes.fromhex(
        "56673d8000000c00c86c2b11000000000200c80101001300526f626f53706f742050534e2053657276657202"
        "00128000000e8000000a00526f626f43616d657261"
    )
    [packet] = info_frame("RoboSpot PSN Server", [(0, "RoboCamera")], 0x112B6CC8, 0xC8)
    assert packet == recorded[:17] + b"\x03" + recorded[18:]


def test_an_empty_room_is_a_frame_without_trackers() -> None:
    bench = tracker()
    bench.to(0.1)
    assert [(moment, data[:4] + data[-4:]) for moment, data in packets(bench)] == [
        (0.0, bytes.fromhex("5567 1480 0100 0080")),
        (0.1, bytes.fromhex("5567 1480 0100 0080")),
    ]


def test_frames_come_at_the_rate_and_names_each_second() -> None:
    bench = tracker(rate=50.0)
    bench.to(2.01)
    sent = bench.take()
    assert {out.to for _, out in sent} == {("236.10.10.10", 56565)}
    roots = [(moment, struct.unpack_from("<H", out.data)[0]) for moment, out in sent]
    assert [moment for moment, root in roots if root == 0x6755] == [n / 50 for n in range(101)]
    assert [moment for moment, root in roots if root == 0x6756] == [0.0, 1.0, 2.0]


def test_a_foreign_reader_sees_the_guest_and_the_hand() -> None:
    bench = tracker()
    bench.act("guest 3 at 1.5 4.0")
    bench.act("guest 3 raises hand for 5s")
    bench.to(1)
    [(_, names), *_] = reversed(packets_of_names(bench))
    assert names == {3: "guest 3"}
    bench.to(2)
    [*_, (moment, seen)] = frames(bench)
    assert (moment, list(seen)) == (2.0, [3])
    guest = seen[3]
    assert (guest.pos.x, guest.pos.z, guest.speed.x, guest.status) == (1.5, 4.0, 0.0, 1.0)
    assert guest.trgtpos.y - guest.pos.y > 0.5
    bench.to(5.5)
    [*_, (_, seen)] = frames(bench)
    assert seen[3].trgtpos.y < seen[3].pos.y


def packets_of_names(bench: Bench) -> list[tuple[float, dict[int, str]]]:
    found = []
    for moment, data in packets(bench, 0x6756):
        info = pypsn.parse_psn_packet(data)
        found.append((moment, {item.tracker_id: item.tracker_name.decode() for item in info.trackers}))
    return found


def test_thirty_guests_are_two_packets_of_one_frame() -> None:
    assert MOST == 24
    bench = tracker()
    bench.act("guests 30")
    bench.take()
    bench.to(0.1)
    sent = [data for moment, data in packets(bench) if moment == 0.1]
    assert [len(data) for data in sent] == [4 + 16 + 4 + 24 * 60, 4 + 16 + 4 + 6 * 60]
    headers = [struct.unpack_from("<QBBBB", data, 8) for data in sent]
    assert headers == [(100_000, 2, 3, 1, 2)] * 2


def test_the_frame_number_wraps_and_time_counts_microseconds() -> None:
    bench = tracker()
    bench.to(25.7)
    headers = [struct.unpack_from("<QBBBB", data, 8) for _, data in packets(bench)]
    assert [header[3] for header in headers] == [n % 256 for n in range(258)]
    assert headers[257][0] == 25_700_000


def test_a_lost_guest_is_sent_with_status_0() -> None:
    bench = tracker()
    bench.act("guests 2")
    bench.act("lost 2 for 1s")
    bench.to(1)
    status = [(moment, [item.status for item in seen.values()]) for moment, seen in frames(bench)]
    assert status[:2] == [(0.0, [1.0, 1.0]), (0.1, [1.0, 0.0])]  # the frame of this instant had gone
    assert status[-2:] == [(0.9, [1.0, 0.0]), (1.0, [1.0, 1.0])]
    assert bench.truth("guests") == [2.0]


def test_a_frozen_picture_is_sent_on_while_people_move() -> None:
    bench = tracker()
    bench.act("guest 1 at 0 0")
    bench.act("guest 1 walks to 0 10")
    bench.to(1)
    bench.act("frozen for 2s")
    bench.take()
    bench.to(3.1)
    depth = [round(seen[1].pos.z, 2) for _, seen in frames(bench)]
    assert len(set(depth[:-2])) == 1
    assert depth[-1] > depth[0] + 1


def test_swapped_guests_keep_their_places_under_the_others_number() -> None:
    bench = tracker()
    bench.act("guest 1 at 1 1")
    bench.act("guest 2 at 2 2")
    bench.act("swap 1 2")
    bench.to(0.1)
    [*_, (_, seen)] = frames(bench)
    assert (seen[2].pos.x, seen[1].pos.x) == (1.0, 2.0)
    bench.act("works")
    bench.to(0.2)
    [*_, (_, seen)] = frames(bench)
    assert (seen[1].pos.x, seen[2].pos.x) == (1.0, 2.0)


def test_a_restarted_server_counts_from_zero() -> None:
    bench = tracker()
    bench.to(10.05)
    bench.act("restart")
    bench.take()
    bench.to(10.1)
    [(_, data)] = packets(bench)
    assert struct.unpack_from("<QBBBB", data, 8) == (50_000, 2, 3, 0, 1)


def test_noise_moves_what_is_seen_and_not_the_guest() -> None:
    bench = tracker()
    bench.act("guest 1 at 1 1")
    bench.act("noise 5cm")
    bench.to(2)
    seen = [round(trackers[1].pos.x, 3) for _, trackers in frames(bench)]
    assert len(set(seen)) > 10
    assert all(abs(x - 1.0) < 0.3 for x in seen)
    crowd = bench.device.crowd  # type: ignore[attr-defined]
    assert crowd.spot_of(crowd.guests[1], bench.now) == (1.0, 1.0)


def test_people_go_on_when_nobody_sees_them() -> None:
    bench = tracker()
    bench.act("power lost for 20s")
    bench.take()
    bench.act("guests 5 join")
    bench.to(19.999)
    assert bench.take() == []
    assert bench.truth("guests") == [5.0]
    assert bench.truth("age") == [19.999]
    bench.to(22)
    assert len(packets(bench)) == 1


def test_what_it_does_not_understand_it_says() -> None:
    with pytest.raises(ValueError, match="frozen"):
        tracker().act("dance")
    with pytest.raises(ValueError, match="raise hands"):
        tracker().act("guests dance")


def test_the_same_seed_sends_the_same_bytes() -> None:
    def evening() -> list[tuple[float, bytes]]:
        bench = tracker()
        bench.act("guests 12 join")
        bench.to(30)
        bench.act("guests raise hands 50% for 3s")
        bench.act("guests vote gold 70%")
        bench.to(60)
        bench.act("guests leave")
        bench.to(100)
        return packets(bench)

    assert evening() == evening()
