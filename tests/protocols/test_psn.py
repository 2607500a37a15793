"""PosiStageNet against v2.03 and against packets that another project recorded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showctl.protocols import psn
from showctl.protocols.errors import ProtocolError
from tests.protocols.material import VECTORS, survive

RECORDED = [bytes.fromhex(line) for line in (VECTORS / "python-psn-data.log").read_text(encoding="utf-8").split()]


def vectors_of(width: int) -> st.SearchStrategy[psn.Vector | None]:
    number = st.floats(-1e6, 1e6, width=32)
    return st.none() | st.tuples(number, number, number)


trackers = st.builds(
    psn.Tracker,
    id=st.integers(0, 0xFFFF),
    position=vectors_of(32),
    speed=vectors_of(32),
    orientation=vectors_of(32),
    validity=st.none() | st.floats(0, 1, width=32),
    acceleration=vectors_of(32),
    target=vectors_of(32),
    timestamp_us=st.none() | st.integers(0, (1 << 64) - 1),
)


def test_a_recorded_data_packet_is_read() -> None:
    packet = psn.decode(RECORDED[0])

    assert isinstance(packet, psn.DataPacket)
    assert packet.header == psn.Header(0x112B6B7A, 0x38, 1, (2, 0))
    (tracker,) = packet.trackers
    assert tracker.id == 0
    assert tracker.position == pytest.approx((0.20273, 6.0, -9.69366), abs=1e-5)
    assert tracker.speed == (0.0, 0.0, 0.0)
    assert tracker.orientation == (0.0, 0.0, 0.0)
    assert tracker.validity == 0.0
    assert tracker.target is None


def test_a_recorded_info_packet_is_read() -> None:
    assert psn.decode(RECORDED[1]) == psn.InfoPacket(
        psn.Header(0x112B6CC8, 0xC8, 1, (2, 0)), "RoboSpot PSN Server", ((0, "RoboCamera"),)
    )


@pytest.mark.parametrize("data", RECORDED)
def test_what_was_recorded_is_written_again_byte_for_byte(data: bytes) -> None:
    packet = psn.decode(data)

    assert not isinstance(packet, psn.UnknownPacket)
    assert psn.encode(packet) == data


def test_a_tracker_is_the_bytes_of_the_chunk_table() -> None:
    tracker = psn.Tracker(7, position=(1.0, -2.0, 0.5), validity=1.0, timestamp_us=258)
    data = bytes.fromhex(
        "5567 3c80"  # PSN_DATA_PACKET: 16 + 44 bytes, has chunks
        "0000 0c00 0100000000000000 02 03 09 01"  # header: timestamp 1, version 2.03, frame 9 of one packet
        "0100 2880"  # PSN_DATA_TRACKER_LIST: 40 bytes
        "0700 2480"  # tracker 7: position 16, status 8, timestamp 12
        "0000 0c00 0000803f 000000c0 0000003f"
        "0300 0400 0000803f"
        "0600 0800 0201000000000000"
    )
    packet = psn.DataPacket(psn.Header(1, 9), (tracker,))

    assert psn.decode(data) == packet
    assert psn.encode(packet) == data


def test_unknown_chunks_are_skipped_and_longer_ones_read_partially() -> None:
    tracker = bytes.fromhex("0900 0200 aabb0300 0600 0000803f ffff")
    listed = (0x8000_0000 | len(tracker) << 16 | 5).to_bytes(4, "little") + tracker
    header = bytes.fromhex("0000 0e00 0100000000000000 02 03 09 01 ffff")
    body = header + (0x8000_0001 | len(listed) << 16).to_bytes(4, "little") + listed + bytes.fromhex("0900 0000")
    data = (0x8000_6755 | len(body) << 16).to_bytes(4, "little") + body

    assert psn.decode(data) == psn.DataPacket(psn.Header(1, 9), (psn.Tracker(5, validity=1.0),))


def test_a_position_that_is_no_number_is_no_position() -> None:
    data = psn.encode(psn.DataPacket(psn.Header(1), (psn.Tracker(1, (1.0, 2.0, 3.0), (4.0, 5.0, 6.0)),)))
    broken = data.replace(bytes.fromhex("00000040"), bytes.fromhex("0000c07f"))  # 2.0 becomes NaN

    packet = psn.decode(broken)

    assert packet == psn.DataPacket(psn.Header(1), (psn.Tracker(1, None, (4.0, 5.0, 6.0)),))


def test_a_chunk_that_runs_past_its_parent_is_refused() -> None:
    with pytest.raises(ProtocolError, match="does not fit"):
        psn.decode(RECORDED[0][:-1])
    with pytest.raises(ProtocolError, match="no header"):
        psn.decode(bytes.fromhex("5567 0080"))


def test_packets_of_version_1_are_unknown() -> None:
    assert psn.decode(bytes.fromhex("1067 0200 0102")) == psn.UnknownPacket(0x6710, b"\x01\x02")


def frame_of(frame_id: int, first: int, count: int, timestamp: int = 1000) -> list[psn.DataPacket]:
    bodies = [psn.Tracker(first + n, (float(n), 0.0, 0.0)) for n in range(count)]
    packets = map(psn.decode, psn.encode_data_frame(timestamp, frame_id, bodies, limit=100))
    return [packet for packet in packets if isinstance(packet, psn.DataPacket)]


def test_a_frame_over_several_packets_is_whole_with_its_last_one() -> None:
    parts = frame_of(3, first=10, count=8)
    assembler: psn.FrameAssembler[psn.DataPacket] = psn.FrameAssembler()

    outcomes = [assembler.feed(part) for part in parts]

    assert len(parts) == 3
    assert outcomes[:-1] == [None, None]
    whole = outcomes[-1]
    assert whole is not None
    assert [tracker.id for tracker in whole.trackers] == list(range(10, 18))
    assert whole.header == psn.Header(1000, 3, 1)


def test_an_incomplete_frame_is_dropped_when_the_next_begins() -> None:
    lost, following = frame_of(3, 10, 8), frame_of(4, 20, 8)
    assembler: psn.FrameAssembler[psn.DataPacket] = psn.FrameAssembler()

    outcomes = [assembler.feed(part) for part in [*lost[:2], *following]]

    assert [bool(outcome) for outcome in outcomes] == [False, False, False, False, True]
    assert assembler.dropped == 1


def test_a_packet_that_came_twice_does_not_complete_a_frame() -> None:
    parts = frame_of(3, 10, 8)
    assembler: psn.FrameAssembler[psn.DataPacket] = psn.FrameAssembler()

    outcomes = [assembler.feed(part) for part in (parts[0], parts[0], parts[1], parts[2])]

    assert [bool(outcome) for outcome in outcomes] == [False, False, False, True]


def test_the_same_frame_id_seconds_later_is_another_frame() -> None:
    assembler: psn.FrameAssembler[psn.DataPacket] = psn.FrameAssembler()
    assembler.feed(frame_of(3, 10, 8)[0])

    assembler.feed(frame_of(3, 10, 8, timestamp=5_000_000)[1])

    assert assembler.dropped == 1


@given(st.lists(trackers, max_size=60))
def test_a_frame_of_trackers_comes_back_in_packets_of_1500_bytes(bodies: list[psn.Tracker]) -> None:
    packets = psn.encode_data_frame(5, 6, bodies)
    assembler: psn.FrameAssembler[psn.DataPacket] = psn.FrameAssembler()

    assert max(map(len, packets)) <= 1500
    decoded = [psn.decode(packet) for packet in packets]
    assert [tracker for packet in decoded if isinstance(packet, psn.DataPacket) for tracker in packet.trackers] == bodies
    assert all(isinstance(packet, psn.DataPacket) and packet.header.packet_count == len(packets) for packet in decoded)
    assert assembler.dropped == 0


def test_names_are_spread_over_packets_that_each_repeat_the_system() -> None:
    names = [(number, f"guest {number}") for number in range(200)]

    packets = [psn.decode(packet) for packet in psn.encode_info_frame(5, 6, "furnace", names)]

    assert len(packets) > 1
    assert {packet.system_name for packet in packets if isinstance(packet, psn.InfoPacket)} == {"furnace"}
    assert [name for packet in packets if isinstance(packet, psn.InfoPacket) for name in packet.names] == names


@pytest.mark.parametrize("tracker", [psn.Tracker(1, (1e39, 0.0, 0.0)), psn.Tracker(1, timestamp_us=-1), psn.Tracker(0x10000)])
def test_a_value_that_does_not_fit_is_refused_before_sending(tracker: psn.Tracker) -> None:
    with pytest.raises(ValueError, match=r".+"):
        psn.encode(psn.DataPacket(psn.Header(1), (tracker,)))


def test_mutated_packets_only_ever_raise_protocol_errors() -> None:
    read, refused = survive(psn.decode, RECORDED)

    assert read > 1000
    assert refused > 1000
