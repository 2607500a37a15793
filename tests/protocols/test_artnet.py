"""Art-Net against the packet definitions of Art-Net 4."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showctl.protocols import artnet
from showctl.protocols.artnet_reply import PollReply
from showctl.protocols.errors import ProtocolError
from tests.protocols.material import survive, vector

POLL = artnet.Poll(artnet.POLL_REPLY_ON_CHANGE | artnet.POLL_TARGETED, 0x10, (0x0100, 0x01FF), 0, 0xFF)
REPLY = PollReply(
    ip=bytes((127, 0, 2, 1)),
    short_name="node",
    long_name="a node",
    node_report="#0001",
    net=1,
    sub_net=15,
    port_types=b"\x80\x40\0\0",
    good_input=b"\x08\0\0\0",
    good_output=b"\x80\x08\0\0",
    sw_in=b"\x01\x02\x03\x04",
    sw_out=b"\x05\x06\x07\x08",
    num_ports=2,
    firmware=0x0102,
    oem=0xFF,
    status1=0xD2,
    esta=0x6370,
    acn_priority=100,
    macro=1,
    remote=2,
    mac=b"\x02\0\0\0\0\xaa",
    bind_ip=bytes((127, 0, 2, 1)),
    bind_index=1,
    status2=0x0E,
    good_output_b=b"\xc0\0\0\0",
    status3=0x20,
    responder_uid=bytes.fromhex("637001020304"),
    user=1,
    refresh_rate=44,
    queue_policy=2,
)
HEAD = b"Art-Net\0"


def test_an_odd_count_of_slots_is_padded_to_an_even_length() -> None:
    packet = artnet.Dmx(0x7FF3, b"\xff\x80\x01", sequence=42, physical=1)

    assert artnet.encode(packet) == vector("artnet_dmx_odd.hex")
    assert artnet.decode(vector("artnet_dmx_odd.hex")) == replace(packet, slots=b"\xff\x80\x01\0")


def test_an_odd_length_from_another_desk_is_read() -> None:
    data = bytearray(vector("artnet_dmx_odd.hex"))
    data[17] = 3

    assert artnet.decode(bytes(data)) == artnet.Dmx(0x7FF3, b"\xff\x80\x01", 42, 1)


@pytest.mark.parametrize("length", [0, 5, 513])
def test_a_length_that_does_not_fit_is_refused(length: int) -> None:
    data = bytearray(vector("artnet_dmx_odd.hex"))
    data[16:18] = length.to_bytes(2, "big")

    with pytest.raises(ProtocolError, match=f"length {length}") as caught:
        artnet.decode(bytes(data))
    assert caught.value.offset == 16


def test_a_prebuilt_header_is_patched_by_offset() -> None:
    row = bytearray(artnet.build_dmx_header(0x7FF3, 3, physical=1) + b"\xff\x80\x01\0")
    row[artnet.SEQUENCE_OFFSET] = 42

    assert bytes(row) == vector("artnet_dmx_odd.hex")
    assert artnet.build_dmx_header(0)[16:18] == b"\x02\x00"


def test_poll_carries_its_targets_highest_first() -> None:
    assert artnet.encode(POLL) == vector("artnet_poll.hex")
    assert artnet.decode(vector("artnet_poll.hex")) == POLL


def test_a_poll_of_art_net_3_is_14_bytes_and_one_longer_than_we_know_is_read() -> None:
    assert artnet.decode(vector("artnet_poll.hex")[:14]) == artnet.Poll(0x22, 0x10)
    assert artnet.decode(vector("artnet_poll.hex") + b"more") == POLL
    with pytest.raises(ProtocolError, match="too short"):
        artnet.decode(vector("artnet_poll.hex")[:13])


def test_poll_reply_is_239_bytes_with_port_and_esta_low_byte_first() -> None:
    assert len(vector("artnet_poll_reply.hex")) == 239
    assert artnet.encode(REPLY) == vector("artnet_poll_reply.hex")
    assert artnet.decode(vector("artnet_poll_reply.hex")) == REPLY


def test_a_poll_reply_names_its_port_addresses() -> None:
    assert REPLY.outputs == (0x01F5,)
    assert REPLY.inputs == (0x01F2,)


def test_a_short_poll_reply_of_an_older_node_reads_as_zero_where_it_ends() -> None:
    packet = artnet.decode(vector("artnet_poll_reply.hex")[:207])

    assert packet == replace(
        REPLY,
        bind_ip=bytes(4),
        bind_index=0,
        status2=0,
        good_output_b=bytes(4),
        status3=0,
        responder_uid=bytes(6),
        user=0,
        refresh_rate=0,
        queue_policy=0,
    )
    with pytest.raises(ProtocolError, match="too short"):
        artnet.decode(vector("artnet_poll_reply.hex")[:193])


def test_sync_is_14_bytes() -> None:
    data = HEAD + bytes.fromhex("0052 000e 0000")  # Art-Net 4, ArtSync packet definition

    assert artnet.encode(artnet.Sync()) == data
    assert artnet.decode(data) == artnet.Sync()


def test_time_code_is_19_bytes_frames_first() -> None:
    data = HEAD + bytes.fromhex("0097 000e 00 02 18 3b 3a 17 01")  # Art-Net 4, ArtTimeCode packet definition
    packet = artnet.TimeCode(23, 58, 59, 24, artnet.TimeCodeType.EBU_25, stream=2)

    assert artnet.encode(packet) == data
    assert artnet.decode(data) == packet


def test_a_time_that_no_clock_shows_is_refused_both_ways() -> None:
    with pytest.raises(ProtocolError, match="not a timecode"):
        artnet.decode(HEAD + bytes.fromhex("0097 000e 00 00 1e 00 00 00 03"))
    with pytest.raises(ProtocolError, match="type 4"):
        artnet.decode(HEAD + bytes.fromhex("0097 000e 00 00 00 00 00 00 04"))
    with pytest.raises(ValueError, match="not a timecode"):
        artnet.encode(artnet.TimeCode(24, 0, 0, 0, artnet.TimeCodeType.FILM_24))


def test_diagnostics_end_with_a_zero() -> None:
    data = HEAD + bytes.fromhex("0023 000e 00 80 01 00 0003 686900")  # Art-Net 4, ArtDiagData packet definition
    packet = artnet.DiagData("hi", artnet.DiagPriority.HIGH, 1)

    assert artnet.encode(packet) == data
    assert artnet.decode(data) == packet


def test_a_packet_we_do_not_read_is_unknown_and_goes_back_unchanged() -> None:
    data = HEAD + bytes.fromhex("0060 000e 01 02 03")

    assert artnet.decode(data) == artnet.Unknown(artnet.OpCode.ADDRESS, bytes.fromhex("000e010203"))
    assert artnet.encode(artnet.decode(data)) == data


def test_protocol_version_13_is_refused_and_15_is_read() -> None:
    with pytest.raises(ProtocolError, match="below 14"):
        artnet.decode(HEAD + bytes.fromhex("0052 000d 0000"))
    assert artnet.decode(HEAD + bytes.fromhex("0052 000f 0000")) == artnet.Sync()


@pytest.mark.parametrize(("last", "following"), [(0, 1), (1, 2), (254, 255), (255, 1)])
def test_the_dmx_sequence_never_is_zero(last: int, following: int) -> None:
    assert artnet.next_sequence(last) == following


@given(st.integers(0, 127), st.integers(0, 15), st.integers(0, 15))
def test_a_port_address_has_7_4_and_4_bits(net: int, sub_net: int, universe: int) -> None:
    address = artnet.port_address(net, sub_net, universe)

    assert address == net * 256 + sub_net * 16 + universe
    assert artnet.split_port_address(address) == (net, sub_net, universe)
    assert artnet.from_sacn_universe(artnet.to_sacn_universe(address)) == address


def test_art_net_counts_from_0_where_sacn_counts_from_1() -> None:
    assert artnet.to_sacn_universe(0) == 1
    assert artnet.from_sacn_universe(32768) == 32767
    with pytest.raises(ValueError, match="must be"):
        artnet.from_sacn_universe(0)


@given(st.integers(0, 0x7FFF), st.binary(min_size=1, max_size=512), st.integers(0, 255), st.integers(0, 255))
def test_dmx_comes_back_as_it_went(address: int, slots: bytes, sequence: int, physical: int) -> None:
    packet = artnet.Dmx(address, slots + bytes(len(slots) % 2), sequence, physical)

    assert artnet.decode(artnet.encode(packet)) == packet


def test_mutated_packets_only_ever_raise_protocol_errors() -> None:
    seeds = [vector(f"artnet_{name}.hex") for name in ("dmx_odd", "poll", "poll_reply")]
    seeds += [artnet.encode(artnet.TimeCode(1, 2, 3, 4, artnet.TimeCodeType.EBU_25)), artnet.encode(artnet.DiagData("x"))]

    read, refused = survive(artnet.decode, seeds)

    assert read > 1000
    assert refused > 1000
