"""Frames, read: what a frame sender says in a test, as tuples; and a few universes to say it on."""

from collections.abc import Iterator

from showctl.protocols import artnet, sacn
from showctl.protocols.artnet_reply import PORT_OUTPUT, PollReply
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.runtime.wire.frames import Frame
from showctl.show.patch import Protocol, Universe
from tests.runtime.wire.stage import UNIVERSES

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
