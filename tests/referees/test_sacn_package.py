"""The `sacn` package as referee, both ways, over a cable of our own and in virtual time: streams, priorities, loss and endings.

Packet by packet the two are compared in ``tests/protocols/test_sacn.py``; on a real socket the package hears our fade in
``tests/runtime/wire/test_live.py``.
"""

from typing import Any

import pytest
import sacn as foreign
from sacn.receiving.receiver_socket_base import ReceiverSocketBase
from sacn.sending.sender_socket_base import SenderSocketBase

from showctl.protocols import sacn
from showctl.runtime.receive.sacn_receiver import SacnReceiver
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.show.instants import SECOND
from showctl.show.patch import Protocol, Universe
from tests.runtime.wire.stage import CID, MS, change, row, show

THEIRS = tuple(range(16, 32))


class Cable(SenderSocketBase):  # type: ignore[misc]
    """What the package sends."""

    def __init__(self) -> None:
        super().__init__(None)
        self.sent: list[tuple[str, bytes]] = []

    def start(self) -> None:
        """Time passes when we say so."""

    def stop(self) -> None:
        """Nothing was started."""

    def send_unicast(self, data: Any, destination: str) -> None:
        self.sent.append((destination, bytes(data.getBytes())))

    def send_multicast(self, data: Any, destination: str, ttl: int) -> None:
        self.send_unicast(data, destination)

    def send_broadcast(self, data: Any) -> None:
        self.send_unicast(data, "broadcast")


class Desk:
    """The package as a desk, heard by our receiver."""

    def __init__(self, *universes: int) -> None:
        self.receiver = SacnReceiver(universes)
        self.cable = Cable()
        self.desk = foreign.sACNsender(cid=THEIRS, source_name="their desk", socket=self.cable)
        for universe in universes:
            self.desk.activate_output(universe)
            self.desk[universe].multicast = True

    def until(self, start: int, end: int) -> None:
        """Thirty times a second, from ``start`` to ``end`` ms."""
        for now in range(start, end, 33):
            self.desk._sender_handler.on_periodic_callback(float(now) / 1000)
            self.deliver(now)

    def deliver(self, now: int) -> None:
        for _, data in self.cable.sent:
            self.receiver.received(data, "10.0.0.8", now * MS)
        self.cable.sent.clear()

    def levels(self, now: int, universe: int = 1) -> list[int]:
        return list(self.receiver.universes[universe].merged(now * MS).levels[:4])


def test_its_stream_is_heard_and_never_lost_between_its_keep_alives_of_a_second() -> None:
    their = Desk(1)
    their.desk[1].dmx_data = (1, 2, 3, 255)
    their.desk[1].priority = 120
    seen = []
    for start in range(0, 12_000, 500):
        their.until(start, start + 500)
        seen.append(their.levels(start + 500))
    [source] = their.receiver.universes[1].sources.values()

    assert (source.name, source.priority, source.cid, source.refused) == ("their desk", 120, bytes(THEIRS), 0)
    assert seen == [[0] * 4] * 2 + [[1, 2, 3, 255]] * 22, "after sampling, for good"
    assert their.receiver.announced[bytes(THEIRS)].universes == (1,)


def test_its_end_is_an_end_at_once() -> None:
    their = Desk(1)
    their.desk[1].dmx_data = (9,)
    their.until(0, 2000)
    assert their.levels(2000)[0] == 9
    their.desk.deactivate_output(1)
    their.deliver(2000)

    assert their.receiver.universes[1].sources == {}


def test_its_per_address_priorities_win_slot_by_slot() -> None:
    their = Desk(1)
    their.desk[1].dmx_data = (10, 20)
    their.desk[1].per_address_priority = (150, 0) + (100,) * 510
    for now in range(0, 2000, 500):
        their.until(now, now + 500)
        ours = sacn.DataPacket(CID, "ours", 1, b"\x63\x63", now // 500 + 1, priority=120)
        their.receiver.received(sacn.encode(ours), "10.0.0.9", (now + 499) * MS)

    assert their.levels(2000)[:2] == [10, 99]


def test_its_synchronized_universes_change_together() -> None:
    their = Desk(1, 2)
    for value in (10, 20):
        for universe in (1, 2):
            their.desk[universe].dmx_data = (value,)
            their.desk[universe].multicast = True
        their.desk._sender_handler.manual_flush = True
        their.desk.flush()
        held = [(host, data) for host, data in their.cable.sent if len(data) == 638]
        synced = [(host, data) for host, data in their.cable.sent if len(data) == 49]
        assert (len(held), len(synced)) == (2, 1)
        now = 1600 if value == 10 else 2000
        for _, data in held:
            their.receiver.received(data, "10.0.0.8", (1000 if value == 10 else now) * MS)
        if value == 20:
            assert (their.levels(now, 1)[0], their.levels(now, 2)[0]) == (10, 10), "they wait"
        their.receiver.received(synced[0][1], "10.0.0.8", now * MS)
        their.cable.sent.clear()

    assert (their.levels(2000, 1)[0], their.levels(2000, 2)[0]) == (20, 20)


class Ear(ReceiverSocketBase):  # type: ignore[misc]
    """The package's receiver, which hears what we hand it."""

    def __init__(self) -> None:
        super().__init__(None)

    def start(self) -> None:
        """Time passes when we say so."""

    def stop(self) -> None:
        """Nothing was started."""

    def join_multicast(self, multicast_addr: str) -> None:
        """Everything is heard."""

    def leave_multicast(self, multicast_addr: str) -> None:
        """Nothing was joined."""


@pytest.fixture
def heard() -> tuple[foreign.sACNreceiver, list[Any], list[str]]:
    """The package listening to universe 1: what it heard, and what became of the stream."""
    receiver, packets, states = foreign.sACNreceiver(socket=Ear()), list[Any](), list[str]()
    receiver.register_listener("universe", packets.append, universe=1)
    receiver.register_listener("availability", lambda universe, changed: states.append(changed))
    return receiver, packets, states


def test_it_hears_our_fade_our_keep_alives_and_our_end(heard: tuple[foreign.sACNreceiver, list[Any], list[str]]) -> None:
    receiver, packets, states = heard
    light = FrameSender(show(Universe(0, "sacn/1", Protocol.SACN, 1, priority=150)), CID, "Stage")
    light.accept(1, SECOND, change(SECOND, row(1, 0, 65535, SECOND, over=SECOND)))
    now = -1
    while now < 10 * SECOND:
        now = light.next_frame(now)
        for _, data in light.frame(now).datagrams():
            receiver._handler.on_data(data, now / 1e9)
        receiver._handler.on_periodic_callback(now / 1e9)
    assert states == ["available"], "rest or no rest, it has never missed us for 2.5 s"
    for frame in light.end(now):
        for _, data in frame.datagrams():
            receiver._handler.on_data(data, frame.instant / 1e9)
            if data[21] == 4 and data[112] == 0x40:
                break
        else:
            continue
        break

    levels = [packet.dmxData[0] for packet in packets]
    full = levels.index(255)
    assert levels[:full] == sorted(levels[:full])
    assert {(packet.priority, packet.sourceName, bytes(packet.cid)) for packet in packets} == {(150, "Stage", CID)}
    assert states[-1] == "timeout", "the first packet that says so ends it at once"
