"""The wire among others, on real sockets: a rival is told of at once, and a flood costs no frame."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from showctl.protocols import artnet, sacn
from showctl.protocols.artnet_reply import PollReply
from showctl.runtime.receive.rivals import How
from showctl.runtime.wire.client import WireClient, ask
from showctl.runtime.wire.fingerprint import fingerprint
from showctl.runtime.wire.sockets import open_sender
from tests.runtime.wire.live_stage import STAGE
from tests.runtime.wire.test_live import Stage

pytestmark = pytest.mark.serial
THEIRS = bytes(range(1, 17))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


def told(client: WireClient, within: float) -> float:
    """Seconds until the wire tells of a rival."""
    began = time.monotonic()
    while client.stats is None or not client.stats.rivals:
        assert time.monotonic() - began < within, "nobody told"
        client.service(time.monotonic_ns())
        time.sleep(0.002)
    return time.monotonic() - began


def test_a_rival_on_our_universe_is_named_within_a_second(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    client = WireClient(stage.socket, bytes(16), fingerprint(STAGE), 0)
    while client.stats is None:
        client.service(time.monotonic_ns())
        time.sleep(0.01)
    took = []
    desk = sacn.DataPacket(THEIRS, "FOH desk", 1, b"\xff", priority=120)
    with open_sender("127.0.0.1") as rival:
        for n in range(3):
            rival.sendto(sacn.encode(desk), (sacn.multicast_group_v4(1), stage.sacn_port))
            took.append(told(client, 1.0))
            assert client.stats is not None
            [found] = client.stats.rivals
            assert (found.universe, found.how, found.name, found.address) == (0, How.SENDS, "FOH desk", "127.0.0.1")
            assert (found.cid, found.priority) == ("01020304-0506-0708-090a-0b0c0d0e0f10", 120)
            goodbye = sacn.DataPacket(THEIRS, "FOH desk", 1, b"", sequence=n + 1, terminated=True)
            rival.sendto(sacn.encode(goodbye), (sacn.multicast_group_v4(1), stage.sacn_port))
            until = time.monotonic() + 2
            while client.stats.rivals:
                assert time.monotonic() < until
                client.service(time.monotonic_ns())
                time.sleep(0.005)
    client.close()
    with capsys.disabled():
        print(f"\n  a rival is named after {', '.join(f'{seconds * 1000:.0f}' for seconds in took)} ms")  # noqa: T201


def test_a_poll_is_answered_as_a_controller_with_what_we_put_onto_the_network(stage: Stage) -> None:
    port = ask(stage.socket).counts.artnet_port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        other.settimeout(2)
        other.sendto(artnet.encode(artnet.Poll()), ("127.0.0.1", port))
        reply = artnet.decode(other.recv(2048))

    assert isinstance(reply, PollReply)
    assert (reply.short_name, reply.long_name) == ("showctl", "Live stage (showctl)")
    assert (reply.inputs, reply.style, reply.ip) == ((0,), 1, bytes((127, 0, 0, 1)))


def test_a_flood_is_read_so_far_in_each_frame_and_costs_none(stage: Stage) -> None:
    with open_sender("127.0.0.1") as flood:
        junk, until, sent = sacn.encode(sacn.DataPacket(THEIRS, "flood", 1, bytes(512)))[:-1], time.monotonic() + 1.5, 0
        before = ask(stage.socket).counts
        while time.monotonic() < until:
            for _ in range(100):
                flood.sendto(junk, (sacn.multicast_group_v4(1), stage.sacn_port))
                sent += 1
    after = ask(stage.socket).counts

    assert sent > 5000
    assert after.missed == before.missed
    assert 0 < after.refused_datagrams - before.refused_datagrams <= 256 * 40 * 3
