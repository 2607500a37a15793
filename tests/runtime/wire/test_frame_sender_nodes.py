"""Frames in virtual time: what Art-Net nodes and widgets get. Literal instants on a grid of 25 ms."""

import pytest

from showctl.protocols import artnet, usbpro
from showctl.show.patch import Protocol, Universe
from tests.runtime.wire.frames_read import ARTNET_0, FOG, POLL, dmx, play, reply, run
from tests.runtime.wire.stage import MS, S, change, row, sender

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
