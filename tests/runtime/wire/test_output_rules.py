"""The rules of E1.31, of Art-Net 4 and of the USB Pro, on what leaves: literal bytes with their clause.

Timing (keep-alive, repeats, rates, polls) stands in ``test_frame_sender.py``; what comes in, in ``tests/runtime/receive``.
"""

import itertools

import numpy as np
import pytest

from showctl.protocols import artnet, sacn
from showctl.protocols.artnet_reply import PollReply
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.runtime.wire.frames import Frame
from showctl.show.patch import Protocol, Universe
from tests.runtime.wire.stage import CID, MS, S, change, row, sender, show

NAME = b"Stage" + bytes(59)


def one(frame: Frame, port: int = sacn.PORT, at: int = 0) -> bytes:
    return [data for (_, to), data in frame.datagrams() if to == port][at]


def light(**more: object) -> FrameSender:
    """One sACN universe with a dimmer at slot 1, full."""
    made = sender(Universe(0, "sacn/258", Protocol.SACN, 258, **more))  # type: ignore[arg-type]
    made.accept(1, 0, change(0, row(1, 0, 65535)))
    return made


# --- E1.31 table 4-1: the data packet ---------------------------------------------------------------------------------


def test_a_full_data_packet_byte_by_byte() -> None:
    data = one(light(priority=150).frame(0))

    assert data == (
        bytes.fromhex("0010 0000")  # 5.1 preamble size, 5.2 postamble size
        + b"ASC-E1.17\0\0\0"  # 5.3 ACN packet identifier
        + bytes.fromhex("726e 00000004")  # 5.4 flags and length: 638 - 16, 5.5 VECTOR_ROOT_E131_DATA
        + CID  # 5.6
        + bytes.fromhex("7258 00000002")  # 6.1: 638 - 38, 6.2.1 VECTOR_E131_DATA_PACKET
        + NAME  # 6.2.2 source name, 64 bytes, null-terminated
        + bytes.fromhex("96 0000 00 00 0102")  # 6.2.3 priority, 6.2.4 no sync, 6.2.5 sequence, 6.2.6 options, 6.2.7 universe
        + bytes.fromhex("720b 02 a1 0000 0001 0201 00")  # 7.1: 638 - 115, 7.2 to 7.6: 513 values, NULL start code
        + b"\xff"
        + bytes(511)
    )


def test_a_partial_universe_has_only_its_slots_and_lengths_to_match() -> None:
    data = one(light(slots=24).frame(0))

    assert len(data) == 126 + 24
    assert (data[16:18], data[38:40], data[115:117]) == (b"\x70\x86", b"\x70\x70", b"\x70\x23")  # 7.5 and the lengths above
    assert data[123:125] == b"\x00\x19"


def test_each_universe_counts_its_own_sequence() -> None:
    made = sender(Universe(0, "sacn/1", Protocol.SACN, 1), Universe(1, "sacn/2", Protocol.SACN, 2))
    for n in range(5):
        made.frame(n * 25 * MS)  # repeats are over
    made.accept(1, 200 * MS, change(200 * MS, row(1, 1, 65535)))
    found = [data[111] for _, data in made.frame(200 * MS).datagrams()]

    assert found == [4], "universe 2, in the fifth of its packets; universe 1 rests (6.2.5)"


def test_a_source_name_is_cut_on_a_whole_character_and_always_ends_in_a_null() -> None:
    made = FrameSender(show(Universe(0, "sacn/1", Protocol.SACN, 1)), CID, "熔炉" * 20)

    assert one(made.frame(0))[44:108] == ("熔炉" * 10 + "熔").encode() + b"\0"  # 6.2.2: 63 bytes of text at most


def test_a_stream_ends_with_three_packets_that_say_so() -> None:
    made = light()
    made.frame(0)
    ends = [one(frame)[112] for frame in list(made.end(25 * MS))[-3:]]

    assert ends == [0x40] * 3  # 6.2.6, Stream_Terminated


def test_force_sync_and_preview_are_never_set_unless_asked_for() -> None:
    assert one(light(sync=7).frame(0))[112] == 0x00


# --- Preview ----------------------------------------------------------------------------------------------------------


def test_a_preview_bears_the_preview_bit_and_shows_no_hazard_and_speaks_no_other_protocol() -> None:
    universes = (
        Universe(0, "sacn/1", Protocol.SACN, 1),
        Universe(1, "artnet/0", Protocol.ARTNET, 0, destinations=("127.0.1.1",)),
        Universe(2, "usbpro/x", Protocol.USBPRO, 0, device="EN1"),
        Universe(3, "sacn/2", Protocol.SACN, 2),
    )
    made = FrameSender(show(*universes, hazard=True), CID, "Stage", preview=True)
    frames = [made.frame(n * 25 * MS) for n in range(40)]
    data = [raw for frame in frames for _, raw in frame.datagrams() if raw[18:22] == bytes.fromhex("00000004")]

    assert {(raw[112], raw[114]) for raw in data} == {(0x80, 1)}  # 6.2.6, Preview_Data; universe 2 has the hazard
    assert not any(frame.serial for frame in frames)


# --- Per-address priority ---------------------------------------------------------------------------------------------


def test_what_is_not_patched_is_left_to_others_by_a_packet_of_priorities_after_the_levels() -> None:
    made = light(priority=150, claim="patched")
    levels, priorities = (data for _, data in made.frame(0).datagrams() if data[22:38] == CID and data[18:22][3] == 4)

    assert (levels[125], levels[111], levels[108]) == (0x00, 0, 150)
    assert (priorities[125], priorities[111], priorities[108]) == (0xDD, 1, 150), (
        "one sequence, and the packet's own priority too"
    )
    assert priorities[126:130] == b"\x96\x00\x00\x00", "ours, and not ours"
    assert len(priorities) == 638


def test_priorities_are_kept_alive_and_end_with_the_stream() -> None:
    made = light(claim="patched")
    sent = [n * 25 for n in range(120) for _, data in made.frame(n * 25 * MS).datagrams() if data[125:126] == b"\xdd"]
    assert sent == [0, 875, 1675, 2475], "with the keep-alive, well within 2.5 s"
    last = [data for frame in list(made.end(3 * S))[-3:] for _, data in frame.datagrams()]

    assert [(data[125], data[112]) for data in last] == [(0x00, 0x40)] * 3  # terminated by levels


def test_a_universe_of_priority_0_claims_with_1_as_0_would_give_it_away() -> None:
    made = light(priority=0, claim="patched")
    _, priorities = (data for _, data in made.frame(0).datagrams() if data[18:22][3] == 4)

    assert priorities[126] == 1


# --- Where it goes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("destinations", "hosts"),
    [
        ((), ["239.255.1.2"]),  # 9.3.1
        (("127.0.1.1",), ["127.0.1.1"]),
        (("multicast6",), ["ff18::83:0:1:2"]),  # 9.3.2
        (("multicast", "multicast6", "127.0.1.1", "fd00::9"), ["239.255.1.2", "ff18::83:0:1:2", "127.0.1.1", "fd00::9"]),
    ],
)
def test_a_universe_goes_to_its_groups_or_to_whom_it_is_told(destinations: tuple[str, ...], hosts: list[str]) -> None:
    sent = light(destinations=destinations).frame(0).datagrams()

    assert [host for (host, _), data in sent if data[18:22][3] == 4] == hosts


def test_discovery_goes_by_ipv6_too_where_data_does() -> None:
    sent = light(destinations=("multicast6",)).frame(0).datagrams()

    assert [host for (host, _), data in sent if data[18:22][3] == 8] == ["239.255.250.214", "ff18::83:0:fa:d6"]


# --- E1.31 tables 4-2 and 4-3 -----------------------------------------------------------------------------------------


def test_a_synchronization_packet_byte_by_byte() -> None:
    sent = light(sync=8000, destinations=("multicast", "multicast6", "127.0.1.1")).frame(0).datagrams()
    syncs = [(host, data) for (host, _), data in sent if len(data) == 49]

    assert [host for host, _ in syncs] == ["239.255.31.64", "ff18::83:0:1f:40", "127.0.1.1"]
    assert syncs[0][1] == (
        bytes.fromhex("0010 0000")
        + b"ASC-E1.17\0\0\0"
        + bytes.fromhex("7021 00000008")  # 49 - 16, VECTOR_ROOT_E131_EXTENDED
        + CID
        + bytes.fromhex("700b 00000001 00 1f40 0000")  # 6.3: 49 - 38, the vector, sequence, sync address, reserved
    )


def test_a_discovery_packet_byte_by_byte() -> None:
    made = sender(Universe(0, "sacn/258", Protocol.SACN, 258), Universe(1, "sacn/1", Protocol.SACN, 1))
    data = one(made.frame(0), at=2)

    assert data == (
        bytes.fromhex("0010 0000")
        + b"ASC-E1.17\0\0\0"
        + bytes.fromhex("706c 00000008")  # 124 - 16
        + CID
        + bytes.fromhex("7056 00000002")  # 6.4: 124 - 38
        + NAME
        + bytes(4)  # 6.4.3 reserved
        + bytes.fromhex("700c 00000001 00 00")  # 8: 124 - 112, the vector, page 0 of 0
        + bytes.fromhex("0001 0102")  # 8.5: sorted
    )


def test_six_hundred_universes_are_two_sorted_pages() -> None:
    made = sender(*(Universe(n, f"sacn/{1000 - n}", Protocol.SACN, 1000 - n) for n in range(600)))
    pages = [data for _, data in made.frame(0).datagrams() if data[18:22][3] == 8]

    assert [(len(data), data[118], data[119]) for data in pages] == [(1144, 0, 1), (120 + 2 * 88, 1, 1)]
    listed = [int.from_bytes(data[n : n + 2], "big") for data in pages for n in range(120, len(data), 2)]
    assert listed == list(range(401, 1001))


# --- Art-Net 4 --------------------------------------------------------------------------------------------------------


def pixels(**more: object) -> FrameSender:
    made = sender(Universe(0, "artnet/32755", Protocol.ARTNET, 0x7FF3, **more))  # type: ignore[arg-type]
    made.accept(1, 0, change(0, row(1, 0, 65535)))
    return made


def dmx(made: FrameSender) -> list[tuple[str, bytes]]:
    return [(host, data) for (host, _), data in made.frame(0).datagrams() if data[8:10] == b"\x00\x50"]


def test_an_art_dmx_packet_byte_by_byte() -> None:
    [(_, data)] = dmx(pixels(destinations=("127.0.1.1",)))

    assert data == (
        b"Art-Net\0"
        + bytes.fromhex("0050")  # OpDmx, low byte first
        + bytes.fromhex("000e 01 00 f3 7f 0200")  # ProtVer 14, Sequence, Physical, SubUni, Net, Length high byte first
        + b"\xff"
        + bytes(511)
    )


@pytest.mark.parametrize(("slots", "length"), [(1, 2), (2, 2), (3, 4), (511, 512), (512, 512)])
def test_the_length_is_even_and_what_is_odd_is_padded(slots: int, length: int) -> None:
    [(_, data)] = dmx(pixels(slots=slots, destinations=("127.0.1.1",)))

    assert (int.from_bytes(data[16:18], "big"), len(data)) == (length, 18 + length)
    assert data[18:] == b"\xff" + bytes(length - 1)


def test_broadcast_is_only_where_the_show_asks_for_it() -> None:
    assert dmx(pixels()) == [], "nobody has answered a poll"
    assert [host for host, _ in dmx(pixels(destinations=("broadcast",)))] == ["127.255.255.255"]


def test_the_poll_asks_for_changes_and_for_diagnostics_of_medium_weight_to_us_alone() -> None:
    [poll] = [data for _, data in pixels().frame(0).datagrams()]

    assert poll == b"Art-Net\0" + bytes.fromhex("0020 000e 0e 40 0000 0000 0000 0000")


def test_a_poll_is_answered_with_the_next_frame_and_a_second_one_with_it_only_once() -> None:
    made = pixels()
    made.frame(0)
    for _ in range(3):
        made.received(artnet.encode(artnet.Poll()), ("10.0.0.9", 6454), 1)
    replies = [(to, artnet.decode(data)) for to, data in made.frame(25 * MS).datagrams()]

    assert [to for to, _ in replies] == [("10.0.0.9", 6454)]
    [(_, reply)] = replies
    assert isinstance(reply, PollReply)
    assert (reply.inputs, reply.net, reply.sub_net, reply.style) == ((0x7FF3,), 0x7F, 0xF, 1)


def test_what_a_node_complains_of_is_kept_with_it_and_so_is_that_it_merges() -> None:
    made = pixels()
    reply = PollReply(bytes(4), "box", node_report="#0008 [0003] DMX cable", num_ports=1, good_output=b"\x08\0\0\0")
    made.received(artnet.encode(reply), ("10.0.0.7", 6454), 0)
    [node] = made.nodes
    assert (node.name, node.merging, node.said) == ("box", True, "#0008 [0003] DMX cable")
    made.received(artnet.encode(artnet.DiagData("fan has stopped")), ("10.0.0.7", 6454), 1)

    assert made.nodes[0].said == "fan has stopped"


def test_when_the_link_is_back_everybody_is_polled_and_told_at_once() -> None:
    made = FrameSender(
        show(Universe(0, "sacn/1", Protocol.SACN, 1), Universe(1, "artnet/0", Protocol.ARTNET, 0, destinations=("127.0.1.1",))),
        CID,
        "Stage",
    )
    for n in range(8):
        made.frame(n * 25 * MS)
    assert made.frame(200 * MS).datagrams() == [], "at rest"
    made.relinked("10.0.0.255", "10.0.0.5")
    sent = made.frame(225 * MS).datagrams()

    assert [to for to, _ in sent] == [
        ("239.255.0.1", 5568),
        ("239.255.250.214", 5568),
        ("10.0.0.255", 6454),
        ("127.0.1.1", 6454),
    ]


# --- USB Pro (API 1.44) -----------------------------------------------------------------------------------------------


def test_a_widget_gets_label_6_with_the_start_code_first() -> None:
    made = sender(Universe(0, "usbpro/x", Protocol.USBPRO, 0, device="EN1"))
    made.accept(1, 0, change(0, row(1, 0, 65535)))
    [write] = made.frame(0).serial

    assert write.data == bytes.fromhex("7e 06 0102")[:2] + bytes.fromhex("0102") + b"\x00\xff" + bytes(511) + b"\xe7"
    assert np.frombuffer(write.data[2:4], "<u2")[0] == 513


def test_priorities_take_their_place_in_the_sequence() -> None:
    made = light(claim="patched")
    numbers = [data[111] for n in range(4000) for _, data in made.frame(n * 25 * MS).datagrams() if data[18:22][3] == 4]

    assert numbers[:7] == [0, 1, 2, 3, 4, 5, 6], "four and their priorities, and a keep-alive with its own"
    assert len(numbers) > 250
    assert numbers == [n % 256 for n in range(len(numbers))]


def test_levels_come_first_then_priorities_then_what_synchronizes_both() -> None:
    sent = [data for _, data in light(claim="patched", sync=7).frame(0).datagrams()]

    assert [len(data) for data in sent[:3]] == [638, 638, 49]
    assert [data[125] for data in sent[:2]] == [0x00, 0xDD]


@pytest.mark.parametrize("rate", [44, 60, 100])
def test_no_universe_is_sent_more_than_44_times_a_second(rate: int) -> None:
    # E1.31 6.6.1: no faster than DMX512-A carries it, 44 full packets a second.
    made = FrameSender(show(Universe(0, "sacn/1", Protocol.SACN, 1), rate=rate), CID, "Stage")
    made.accept(1, 0, change(0, row(1, 0, 65535, over=2 * S)))
    now, sent = -1, []
    while now < S:
        now = made.next_frame(now)
        sent += [now for _, data in made.frame(now).datagrams() if data[18:22][3] == 4]

    assert min(b - a for a, b in itertools.pairwise(sent)) >= S // 44
    assert len(sent) <= 45


def test_a_synchronization_counts_by_itself() -> None:
    made = light(sync=7)
    numbers = [data[44] for n in range(4) for _, data in made.frame(n * 25 * MS).datagrams() if len(data) == 49]

    assert numbers == [0, 1, 2, 3]  # 6.3.2
