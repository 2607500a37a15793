"""Frames in virtual time: what goes out, when, and in which bytes. Literal instants on a grid of 25 ms."""

import hashlib
import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from showctl.protocols import artnet, sacn, usbpro
from showctl.protocols.artnet_reply import PORT_OUTPUT, PollReply
from showctl.runtime.wire.errors import BadChangeError, EndingError, GapError
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.runtime.wire.frames import Frame
from showctl.show.cues import LightMove
from showctl.show.patch import Protocol, Universe
from tests.runtime.wire.stage import CID, MS, UNIVERSES, S, change, row, sender, show

SACN_1 = UNIVERSES[0]
ARTNET_0 = Universe(0, "artnet/0", Protocol.ARTNET, 0)
POLL = artnet.Poll(artnet.POLL_REPLY_ON_CHANGE | artnet.POLL_DIAGNOSTICS | artnet.POLL_DIAGNOSTICS_UNICAST, 0x40)
FOG = Universe(0, "usbpro/fog", Protocol.USBPRO, 0, device="EN123456")


def levels(frame: Frame) -> list[tuple[int, int, int]]:
    """(universe, sequence, slot 1) of every sACN data packet."""
    packets = [sacn.decode(data) for to, data in frame.datagrams() if to[1] == sacn.PORT]
    return [(p.universe, p.sequence, p.slots[0]) for p in packets if isinstance(p, sacn.DataPacket)]


def dmx(frame: Frame) -> list[tuple[str, int, int, int]]:
    """(host, Port-Address, sequence, slot 1) of every ArtDmx."""
    packets = [(to[0], artnet.decode(data)) for to, data in frame.datagrams() if to[1] == artnet.PORT]
    return [(host, p.port_address, p.sequence, p.slots[0]) for host, p in packets if isinstance(p, artnet.Dmx)]


def run(light: FrameSender, until: int, since: int = -1) -> Iterator[Frame]:
    """Every grid frame after ``since``, up to and including ``until``; each to be read before the next."""
    now = since
    while (now := light.next_frame(now)) <= until:
        yield light.frame(now)


def play(light: FrameSender, until: int) -> None:
    """Lets it run, unread."""
    for _ in run(light, until):
        pass


def reply(*universes: int, name: str = "Node") -> bytes:
    """An ArtPollReply with these outputs."""
    return artnet.encode(
        PollReply(
            ip=bytes((127, 0, 1, 1)),
            short_name=name,
            num_ports=len(universes),
            port_types=bytes([PORT_OUTPUT] * len(universes)).ljust(4, b"\0"),
            sw_out=bytes(universes).ljust(4, b"\0"),
        )
    )


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


# --- Art-Net ----------------------------------------------------------------------------------------------------------


def test_dmx_goes_to_the_nodes_that_answer_a_poll_and_to_nobody_else() -> None:
    light = sender(ARTNET_0)
    first = light.frame(0)
    assert [(to, artnet.decode(data)) for to, data in first.datagrams()] == [(("127.255.255.255", 6454), POLL)]

    light.received(reply(0, 5), ("127.0.1.4", 6454), 10 * MS)
    light.received(reply(9), ("127.0.1.5", 6454), 10 * MS)
    assert dmx(light.frame(25 * MS)) == [("127.0.1.4", 0, 1, 0)]
    assert [(node.host, node.name, node.universes) for node in light.nodes] == [
        ("127.0.1.4", "Node", (0, 5)),
        ("127.0.1.5", "Node", (9,)),
    ]


def test_nodes_are_polled_every_two_and_a_half_seconds_and_forgotten_after_three_unanswered() -> None:
    light = sender(ARTNET_0)
    light.received(reply(0), ("127.0.1.4", 6454), 0)
    polls, last_dmx = [], 0
    for frame in run(light, 12 * S):
        polls += [frame.instant for _, data in frame.datagrams() if isinstance(artnet.decode(data), artnet.Poll)]
        last_dmx = frame.instant if dmx(frame) else last_dmx

    assert polls == [0, 2500 * MS, 5 * S, 7500 * MS, 10 * S]
    assert 9 * S < last_dmx < 10 * S
    assert light.nodes == ()


def test_a_node_that_comes_later_is_told_the_look_at_once_and_often() -> None:
    light = sender(ARTNET_0)
    light.accept(1, 0, change(0, row(1, 0, 65535)))
    light.received(reply(0), ("127.0.1.4", 6454), 0)
    play(light, 300 * MS)
    light.received(reply(0), ("127.0.1.5", 6454), 310 * MS)

    sent = [(frame.instant // MS, [host for host, *_ in dmx(frame)]) for frame in run(light, 500 * MS, since=310 * MS)]
    both = ["127.0.1.4", "127.0.1.5"]
    assert sent[:4] == [(325, both), (350, both), (375, both), (400, [])]


def test_art_net_sequence_skips_zero_and_keeps_alive_at_800_ms() -> None:
    light = sender(Universe(0, "artnet/0", Protocol.ARTNET, 0, destinations=("127.0.1.9",)))
    light.accept(1, 0, change(0, row(1, 0, 65535, over=8 * S)))
    sent = [(frame.instant // MS, number) for frame in run(light, 10 * S) for _, _, number, _ in dmx(frame)]

    assert [number for _, number in sent][253:257] == [254, 255, 1, 2]
    assert [at for at, _ in sent][-5:] == [8000, 8025, 8050, 8850, 9650]  # slot 1 is full from 7975 ms on


def test_art_sync_follows_the_set_where_asked() -> None:
    light = sender(Universe(0, "artnet/3", Protocol.ARTNET, 3, destinations=("127.0.1.9",), sync=1))
    packets = [(to[0], artnet.decode(data)) for to, data in light.frame(0).datagrams()]

    assert [type(packet).__name__ for _, packet in packets] == ["Poll", "Dmx", "Sync"]
    assert packets[2][0] == "127.255.255.255"


@pytest.mark.parametrize("junk", [b"", b"Art-Net\0", b"\xff" * 300, reply(0)[:100], bytes(2000)])
def test_junk_on_the_art_net_port_is_counted_and_nothing_else(junk: bytes) -> None:
    light = sender(ARTNET_0)
    light.received(junk, ("10.0.0.9", 6454), 0)

    assert (light.nodes, light.refused_datagrams) == ((), 1)


def test_the_table_of_nodes_is_bounded() -> None:
    light = sender(ARTNET_0)
    for n in range(2000):
        light.received(reply(0), (f"10.0.{n // 250}.{n % 250}", 6454), 0)

    assert (len(light.nodes), light.refused_datagrams) == (1024, 976)


# --- USB Pro ----------------------------------------------------------------------------------------------------------


def test_a_widget_gets_every_frame_whole() -> None:
    light = sender(FOG)
    light.accept(1, 50 * MS, change(50 * MS, row(1, 0, 65535)))

    writes = [frame.serial for frame in run(light, 100 * MS)]
    assert [len(write) for write in writes] == [1] * 5
    assert writes[2][0].port == "EN123456"
    assert writes[1][0].data == usbpro.encode(usbpro.SendDmx(bytes(512)))
    assert writes[2][0].data == usbpro.encode(usbpro.SendDmx(b"\xff" + bytes(511)))


def test_a_widget_gets_forty_frames_of_forty_four() -> None:
    light = sender(FOG, rate=44)

    assert sum(len(frame.serial) for frame in run(light, 10 * S - 1)) == 400


# --- Changes ----------------------------------------------------------------------------------------------------------


def fade(light: FrameSender, ahead: bool) -> list[tuple[int, list[tuple[tuple[str, int], bytes]]]]:
    """Three changes within 200 ms, handed over two seconds ahead or at their instants."""
    changes = [
        (1, 110 * MS, change(110 * MS, row(1, 0, 65535, 110 * MS, over=S))),
        (2, 130 * MS, change(130 * MS, row(2, 0, 0, 130 * MS, over=S, source=1311))),
        (3, 240 * MS, change(240 * MS, row(3, 1, 30000))),
    ]
    out, now = [], -1
    if ahead:
        for serial, instant, what in changes:
            light.accept(serial, instant, what)
        changes = []
    while now < 2 * S:
        now = light.next_frame(now)
        while changes and changes[0][1] <= now:
            light.accept(*changes.pop(0))
        out.append((now, light.frame(now).datagrams()))
    return out


def test_light_handed_ahead_is_the_same_bytes_as_light_handed_in_time() -> None:
    assert fade(sender(*UNIVERSES[:2]), ahead=True) == fade(sender(*UNIVERSES[:2]), ahead=False)


def test_skipping_idle_frames_loses_no_packet() -> None:
    busy = sender(*UNIVERSES[:2])
    every = [(at, packets) for at, packets in fade(sender(*UNIVERSES[:2]), ahead=True) if packets]
    for serial, instant, what in [
        (1, 110 * MS, change(110 * MS, row(1, 0, 65535, 110 * MS, over=S))),
        (2, 130 * MS, change(130 * MS, row(2, 0, 0, 130 * MS, over=S, source=1311))),
        (3, 240 * MS, change(240 * MS, row(3, 1, 30000))),
    ]:
        busy.accept(serial, instant, what)
    some, now = [], -1
    while (now := busy.next_busy(now)) <= 2 * S:
        if packets := busy.frame(now).datagrams():
            some.append((now, packets))

    assert some == every


def test_an_input_replaces_the_future() -> None:
    light = sender(SACN_1)
    light.accept(1, 100 * MS, change(100 * MS, row(1, 0, 65535)))
    light.accept(2, 200 * MS, change(200 * MS, row(2, 0, 0)))
    light.accept(1, 150 * MS, change(150 * MS, row(1, 0, 32768)))
    play(light, 300 * MS)

    assert (light.applied, light.accepted, light.slots[0, 0]) == (1, 1, 128)


def test_a_cut_future_does_not_happen() -> None:
    light = sender(SACN_1)
    light.accept(1, 100 * MS, change(100 * MS, row(1, 0, 65535)))
    light.accept(2, 200 * MS, change(200 * MS, row(2, 0, 0)))
    light.cut(2)
    play(light, 300 * MS)

    assert (light.applied, light.accepted, light.slots[0, 0]) == (1, 1, 255)


def test_a_replacement_that_comes_too_late_takes_the_applied_change_back() -> None:
    light = sender(SACN_1)
    light.accept(1, 100 * MS, change(100 * MS, row(1, 0, 65535)))
    light.frame(100 * MS)
    assert light.slots[0, 0] == 255
    light.accept(1, 99 * MS, change(99 * MS, row(1, 0, 32768)))
    light.frame(125 * MS)

    assert (light.applied, light.slots[0, 0]) == (1, 128)


def test_a_change_applies_at_its_instant_and_not_a_nanosecond_earlier() -> None:
    light = sender(SACN_1)
    light.accept(1, 100 * MS, change(100 * MS, row(1, 0, 65535)))

    light.frame(100 * MS - 1)
    assert (light.applied, light.slots[0, 0]) == (0, 0)
    light.frame(100 * MS)
    assert (light.applied, light.slots[0, 0]) == (1, 255)


def test_a_gap_is_refused_and_the_light_stays() -> None:
    light = sender(SACN_1)
    light.accept(1, 0, change(0, row(1, 0, 65535)))
    light.frame(0)

    with pytest.raises(GapError, match="change 3 does not follow: 2 was expected"):
        light.accept(3, 0, change(0, row(3, 0, 0)))
    light.frame(25 * MS)
    assert (light.applied, light.slots[0, 0]) == (1, 255)


@pytest.mark.parametrize("wrong", [row(1, 4, 0), row(1, -1, 0), np.concatenate((row(2, 0, 0), row(1, 0, 0)))])
def test_rows_that_mean_nothing_here_are_refused(wrong: np.ndarray) -> None:
    light = sender()

    with pytest.raises(BadChangeError):
        light.accept(1, 0, change(0, wrong))
    assert light.accepted == 0


def test_go_does_not_wait_for_the_grid_where_a_universe_rests() -> None:
    light = sender(SACN_1, Universe(1, "sacn/2", Protocol.SACN, 2))
    light.accept(1, 0, change(0, row(1, 1, 65535, over=10 * S)))
    play(light, S)
    light.accept(2, S + 5 * MS, change(S + 5 * MS, row(2, 0, 65535), row(3, 1, 0)))
    extra = light.extra(S + 5 * MS)

    assert extra is not None
    assert (extra.index, levels(extra)) == (-1, [(1, 5, 255)])  # universe 2 moves: its last packet is 5 ms old
    assert light.extra(S + 6 * MS) is None
    assert [(number, slot) for number, _, slot in levels(light.frame(S + 25 * MS))] == [(2, 0)]  # 44 packets a second at most
    assert [(number, slot) for number, _, slot in levels(light.frame(S + 50 * MS))] == [(1, 255), (2, 0)]


# --- Looks of its own -------------------------------------------------------------------------------------------------

REST = LightMove((0,), (32768,))


def test_the_end_is_a_fade_to_the_exit_look_and_three_terminations() -> None:
    light = sender(SACN_1, exit_look=(REST,))
    light.accept(1, 0, change(0, row(1, 0, 65535)))
    play(light, S)
    sent = [(frame.instant, sacn.decode(data)) for frame in light.end(S) for _, data in frame.datagrams()]

    assert [at for at, _ in sent] == [S + n * 25 * MS for n in range(1, 44)]
    packets = [packet for _, packet in sent if isinstance(packet, sacn.DataPacket)]
    slots = [packet.slots[0] for packet in packets]
    assert (slots[0], slots[19], slots[38:]) == (252, 192, [131, 128, 128, 128, 128])
    assert slots == sorted(slots, reverse=True)
    assert [packet.terminated for packet in packets] == [False] * 40 + [True] * 3
    assert [(b.sequence - a.sequence) % 256 for a, b in itertools.pairwise(packets)] == [1] * 42


def test_a_widget_has_the_exit_look_before_the_end() -> None:
    light = sender(FOG, exit_look=(REST,))
    light.accept(1, 0, change(0, row(1, 0, 65535)))
    play(light, S)
    writes = [write.data for frame in light.end(S) for write in frame.serial]

    assert writes[-1] == usbpro.encode(usbpro.SendDmx(b"\x80" + bytes(511)))


def test_after_the_end_was_asked_for_the_engine_has_no_say() -> None:
    light = sender(SACN_1)
    light.end(0)

    with pytest.raises(EndingError):
        light.accept(1, 0, change(0, row(1, 0, 65535)))


def test_panic_fades_to_the_safe_look_and_a_second_one_cuts() -> None:
    light = sender(SACN_1, exit_look=(REST,))
    light.stand_ins["safe"] = light.stand_ins["exit"]
    light.accept(1, 0, change(0, row(1, 0, 65535)))
    play(light, S)

    light.panic(S)  # panic_time is 2 s
    light.frame(S + 500 * MS)
    assert light.slots[0, 0] == 223
    light.frame(2 * S)
    assert light.slots[0, 0] == 192
    light.panic(2 * S)
    light.frame(2 * S + 25 * MS)
    assert light.slots[0, 0] == 128


def test_after_a_panic_is_over_the_engines_light_shows_again_with_what_came_meanwhile() -> None:
    light = sender(SACN_1)
    light.accept(1, 0, change(0, row(1, 0, 65535)))
    light.panic(0)
    light.accept(2, S, change(S, row(2, 0, 40000)))
    light.frame(5 * S)
    assert (light.standing_in, light.slots[0, 0], light.applied) == (True, 0, 2)
    light.panic(5 * S, on=False)
    light.frame(5 * S + 25 * MS)

    assert (light.standing_in, light.slots[0, 0]) == (False, 156)


def test_no_level_is_sent_before_the_first_plan_is_there() -> None:
    light = FrameSender(show(SACN_1), CID, "Stage", waiting=True)
    assert light.frame(0).batches == ()
    light.load(light.plan, 0)

    assert levels(light.frame(25 * MS)) == [(1, 0, 0)]


def test_the_digest_is_of_all_slots() -> None:
    light = sender()
    light.accept(1, 0, change(0, row(1, 3, 65535)))
    light.frame(0)

    assert light.slots_digest() == hashlib.sha256(bytes(3 * 512) + b"\xff" + bytes(511)).digest()
