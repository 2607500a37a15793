"""ArtPollReply: what an Art-Net node says about itself. Standard: Art-Net 4 (Artistic Licence), "ArtPollReply Packet Definition".

239 bytes. Older nodes send less; what comes after SwOut may be missing and reads as zero. Everything is carried as the node
says it: whether to believe it is for the driver. `artnet` re-exports the packet and dispatches to here.
"""

import struct
from dataclasses import dataclass
from typing import Final

from showctl.protocols.errors import ProtocolError, in_range, read_utf8_field, utf8_field

PACKET_SIZE: Final = 239
MINIMUM_SIZE: Final = 194  # through SwOut, field 22

PORT_OUTPUT: Final = 0x80  # PortTypes: can output from the network
PORT_INPUT: Final = 0x40  # PortTypes: can input onto the network
GOOD_OUTPUT_DATA: Final = 0x80  # GoodOutput: data is being transmitted
GOOD_OUTPUT_MERGING: Final = 0x08  # GoodOutput: the output is merging

_ID: Final = b"Art-Net\0"
_OPCODE: Final = b"\x00\x21"
# The byte order of the two codes that are little-endian (port, ESTA) is swapped by hand, so that one struct reads it all.
_LAYOUT = struct.Struct(">8s2s4s2sHBBHBB2s18s64s64sH4s4s4s4s4sBBB3sB6s4sBB4sB6sHHB10s")
assert _LAYOUT.size == PACKET_SIZE


@dataclass(frozen=True, slots=True)
class PollReply:
    """One page of a node: up to four ports, their Port-Addresses and health; bind_index tells the pages of one node apart."""

    ip: bytes
    short_name: str = ""
    long_name: str = ""
    node_report: str = ""
    net: int = 0
    sub_net: int = 0
    port_types: bytes = bytes(4)
    good_input: bytes = bytes(4)
    good_output: bytes = bytes(4)
    sw_in: bytes = bytes(4)
    sw_out: bytes = bytes(4)
    num_ports: int = 0
    udp_port: int = 6454
    firmware: int = 0
    oem: int = 0
    ubea: int = 0
    status1: int = 0
    esta: int = 0
    acn_priority: int = 0
    macro: int = 0
    remote: int = 0
    style: int = 0
    mac: bytes = bytes(6)
    bind_ip: bytes = bytes(4)
    bind_index: int = 0
    status2: int = 0
    good_output_b: bytes = bytes(4)
    status3: int = 0
    responder_uid: bytes = bytes(6)
    user: int = 0
    refresh_rate: int = 0
    queue_policy: int = 0

    @property
    def outputs(self) -> tuple[int, ...]:
        """The Port-Addresses that come out of this page's ports, in port order."""
        return self._addresses(PORT_OUTPUT, self.sw_out)

    @property
    def inputs(self) -> tuple[int, ...]:
        """The Port-Addresses that this page's ports put onto the network, in port order."""
        return self._addresses(PORT_INPUT, self.sw_in)

    def _addresses(self, kind: int, switches: bytes) -> tuple[int, ...]:
        base = (self.net & 0x7F) << 8 | (self.sub_net & 0xF) << 4
        ports = zip(self.port_types[: min(self.num_ports, 4)], switches, strict=False)
        return tuple(base | switch & 0xF for port_type, switch in ports if port_type & kind)


def decode_poll_reply(data: bytes) -> PollReply:
    """Reads an ArtPollReply, whole or cut off anywhere after SwOut."""
    if len(data) < MINIMUM_SIZE:
        raise ProtocolError("ArtPollReply too short", len(data))
    fields = _LAYOUT.unpack_from(data.ljust(PACKET_SIZE, b"\0"))
    (_, _, ip, port, firmware, net, sub_net, oem, ubea, status1, esta, short, long, report, num_ports) = fields[:15]
    (types, good_in, good_out, sw_in, sw_out, priority, macro, remote, _, style, mac) = fields[15:26]
    (bind_ip, bind_index, status2, good_b, status3, uid, user, refresh, policy, _) = fields[26:]
    return PollReply(
        ip=ip,
        short_name=read_utf8_field(short),
        long_name=read_utf8_field(long),
        node_report=read_utf8_field(report),
        net=net,
        sub_net=sub_net,
        port_types=types,
        good_input=good_in,
        good_output=good_out,
        sw_in=sw_in,
        sw_out=sw_out,
        num_ports=num_ports,
        udp_port=int.from_bytes(port, "little"),
        firmware=firmware,
        oem=oem,
        ubea=ubea,
        status1=status1,
        esta=int.from_bytes(esta, "little"),
        acn_priority=priority,
        macro=macro,
        remote=remote,
        style=style,
        mac=mac,
        bind_ip=bind_ip,
        bind_index=bind_index,
        status2=status2,
        good_output_b=good_b,
        status3=status3,
        responder_uid=uid,
        user=user,
        refresh_rate=refresh,
        queue_policy=policy,
    )


def encode_poll_reply(reply: PollReply) -> bytes:
    """The 239 bytes of an ArtPollReply."""
    for name, value, size in (
        ("ip", reply.ip, 4),
        ("port_types", reply.port_types, 4),
        ("good_input", reply.good_input, 4),
        ("good_output", reply.good_output, 4),
        ("sw_in", reply.sw_in, 4),
        ("sw_out", reply.sw_out, 4),
        ("mac", reply.mac, 6),
        ("bind_ip", reply.bind_ip, 4),
        ("good_output_b", reply.good_output_b, 4),
        ("responder_uid", reply.responder_uid, 6),
    ):
        in_range(f"length of {name}", len(value), size, size)
    try:
        return _pack(reply)
    except (struct.error, OverflowError) as problem:
        raise ValueError(f"a field of the ArtPollReply does not fit: {problem}") from None


def _pack(reply: PollReply) -> bytes:
    return _LAYOUT.pack(
        _ID,
        _OPCODE,
        reply.ip,
        reply.udp_port.to_bytes(2, "little"),
        reply.firmware,
        reply.net,
        reply.sub_net,
        reply.oem,
        reply.ubea,
        reply.status1,
        reply.esta.to_bytes(2, "little"),
        utf8_field(reply.short_name, 18),
        utf8_field(reply.long_name, 64),
        utf8_field(reply.node_report, 64),
        reply.num_ports,
        reply.port_types,
        reply.good_input,
        reply.good_output,
        reply.sw_in,
        reply.sw_out,
        reply.acn_priority,
        reply.macro,
        reply.remote,
        bytes(3),
        reply.style,
        reply.mac,
        reply.bind_ip,
        reply.bind_index,
        reply.status2,
        reply.good_output_b,
        reply.status3,
        reply.responder_uid,
        reply.user,
        reply.refresh_rate,
        reply.queue_policy,
        bytes(10),
    )
