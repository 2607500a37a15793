"""A million broken frames of each protocol: nothing but a `ProtocolError`, no growth, and the next good frame is read."""

import tracemalloc

import pytest

from showctl.protocols import artnet, sacn, usbpro
from showctl.protocols.artnet_reply import PollReply
from showctl.protocols.errors import ProtocolError
from showctl.runtime.receive.artnet_node import ArtnetNode
from showctl.runtime.receive.artnet_pages import Identity
from showctl.runtime.receive.rivals import Rivals
from showctl.runtime.receive.sacn_receiver import SacnReceiver
from showctl.runtime.wire.usb_widget import Widget
from showctl.show.patch import Protocol, Universe
from tests.protocols.mutants import batches, survive_a_million

CID = bytes(range(16))
SACN = [
    sacn.encode(sacn.DataPacket(CID, "furnace", 1, bytes(range(256)) * 2, 42)),
    sacn.encode(sacn.DataPacket(CID, "furnace", 2, b"\1\2\3\4", 1, sync_address=7)),
    sacn.encode(sacn.DataPacket(CID, "furnace", 1, b"\x64" * 512, 43, start_code=sacn.START_CODE_PRIORITY)),
    sacn.encode(sacn.SyncPacket(CID, 7, 1)),
    sacn.encode(sacn.DiscoveryPacket(CID, "furnace", tuple(range(1, 41)))),
]
ARTNET = [
    artnet.encode(artnet.Dmx(3, bytes(512), 1)),
    artnet.encode(artnet.Dmx(3, b"\1\2")),
    artnet.encode(artnet.Poll()),
    artnet.encode(PollReply(bytes(4), "box", num_ports=4, port_types=b"\x80\x80\xc0\x40")),
    artnet.encode(artnet.TimeCode(1, 2, 3, 4, artnet.TimeCodeType.EBU_25)),
    artnet.encode(artnet.DiagData("the fan has stopped")),
    artnet.encode(artnet.Sync()),
]
USB = [
    usbpro.encode(message)
    for message in (
        usbpro.SendDmx(bytes(range(256)) * 2),
        usbpro.SendDmx(bytes(24)),
        usbpro.ReceivedDmx(0, 0, bytes(100)),
        usbpro.ChangeOfState(((16, 1), (40, 2), (55, 3))),
        usbpro.Parameters(0x0144, 9, 1, 40, b"user"),
        usbpro.SetParameters(9, 1, 40),
        usbpro.Serial("12345678"),
    )
]


@pytest.mark.slow
def test_a_million_broken_sacn_packets() -> None:
    read, refused = survive_a_million(sacn.decode, SACN)

    assert read > 200_000
    assert refused > 200_000


@pytest.mark.slow
def test_a_million_broken_art_net_packets() -> None:
    read, refused = survive_a_million(artnet.decode, ARTNET)

    assert read > 100_000
    assert refused > 200_000


@pytest.mark.slow
def test_a_million_broken_usb_pro_frames_in_one_stream() -> None:
    deframer, read, refused = usbpro.Deframer(), 0, 0
    for batch in batches(USB, 1_000_000):
        for frame in deframer.feed(b"".join(batch)):
            for decode in (usbpro.decode_request, usbpro.decode_reply):
                try:
                    decode(frame)
                    read += 1
                except ProtocolError:
                    refused += 1
        deframer.feed(bytes(usbpro.MAX_DATA + 5))  # a broken length has swallowed no more than one frame can hold
        found = deframer.feed(USB[0])
        assert found[-1:] == [usbpro.Frame(usbpro.LABEL_SEND_DMX, b"\0" + bytes(range(256)) * 2)]

    assert read > 500_000
    assert refused > 10_000


@pytest.mark.slow
def test_what_listens_neither_raises_nor_grows() -> None:
    receiver, node, widget = SacnReceiver([1, 2]), ArtnetNode(Identity("10.0.0.5", "us"), [3]), Widget()
    rivals = Rivals([Universe(0, "sacn/1", Protocol.SACN, 1), Universe(1, "artnet/3", Protocol.ARTNET, 3)], b"\xff" * 16)
    now, sizes = 0, []
    for part in range(3):
        for batch in batches(SACN, 12_000, seed=part):
            for data in batch:
                now += 1_000_000
                receiver.received(data, "10.0.0.9", now)
                try:
                    rivals.heard_sacn(sacn.decode(data), "10.0.0.9", now)
                except ProtocolError:
                    continue
            receiver.wake(now)
            rivals.wake(now)
            receiver.universes[1].merged(now)
        for batch in batches(ARTNET, 12_000, seed=part):
            for n, data in enumerate(batch):
                now += 1_000_000
                node.received(data, (f"10.0.{n % 7}.{n % 250}", 6454), now)
                try:
                    rivals.heard_artnet(artnet.decode(data), f"10.0.0.{n % 250}", now)
                except ProtocolError:
                    continue
        for batch in batches(USB, 12_000, seed=part):
            widget.heard(b"".join(batch))
        if part == 0:
            tracemalloc.start()
        sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()

    assert len(receiver.refused) <= 32
    assert len(node.refused) <= 32
    assert len(receiver.announced) <= 256
    assert len(rivals.current(now)) <= 64
    assert sizes[2] < 4 << 20, "after the tables are full there is nothing more to keep"
    receiver.listen(9, now)
    assert receiver.received(sacn.encode(sacn.DataPacket(b"\1" * 16, "next", 9, b"\1")), "10.0.0.9", now)
