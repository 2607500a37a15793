"""sACN against ANSI E1.31-2018 and against the `sacn` package."""

import ipaddress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacn.messages.data_packet import DataPacket as ForeignData
from sacn.messages.sync_packet import SyncPacket as ForeignSync
from sacn.messages.universe_discovery import UniverseDiscoveryPacket as ForeignDiscovery

from showctl.protocols import sacn
from showctl.protocols.errors import ProtocolError
from tests.protocols.material import survive, vector

CID = bytes.fromhex("00112233445566778899aabbccddeeff")
DATA = sacn.DataPacket(
    CID, "furnace", 63999, bytes((1, 2, 3, 255)), sequence=42, sync_address=8000, preview=True, force_sync=True
)
SYNC = sacn.SyncPacket(CID, 8000, 42)
DISCOVERY = sacn.DiscoveryPacket(CID, "furnace", (1, 258), page=0, last_page=1)
FULL = sacn.DataPacket(CID, "furnace", 1, bytes(range(256)) * 2)
VECTORS = [("sacn_data_4_slots.hex", DATA), ("sacn_sync.hex", SYNC), ("sacn_discovery.hex", DISCOVERY)]


@pytest.mark.parametrize(("name", "packet"), VECTORS)
def test_packets_are_the_bytes_of_tables_4_1_to_4_3(name: str, packet: sacn.DataPacket) -> None:
    assert sacn.encode(packet) == vector(name)
    assert sacn.decode(vector(name)) == packet


def test_a_full_universe_has_the_arithmetic_lengths() -> None:
    data = sacn.encode(FULL)

    assert len(data) == sacn.FULL_PACKET_SIZE == 638
    assert (data[16:18], data[38:40], data[115:117]) == (b"\x72\x6e", b"\x72\x58", b"\x72\x0b")
    assert data[123:125] == b"\x02\x01"
    assert sacn.wrong_lengths(data) == ()


def test_the_lengths_that_appendix_b_prints_are_read_and_named() -> None:
    data = bytearray(sacn.encode(FULL))
    data[16:18], data[38:40], data[115:117] = b"\x72\x7d", b"\x72\x57", b"\x72\x0d"
    sync = bytearray(vector("sacn_sync.hex"))
    sync[16:18] = b"\x70\x30"

    assert sacn.decode(bytes(data)) == FULL
    assert sacn.wrong_lengths(bytes(data)) == ("root", "framing", "dmp")
    assert sacn.decode(bytes(sync)) == SYNC
    assert sacn.wrong_lengths(bytes(sync)) == ("root",)


def test_a_property_count_past_the_end_is_refused() -> None:
    data = vector("sacn_data_4_slots.hex")

    with pytest.raises(ProtocolError, match="property count 5") as caught:
        sacn.decode(data[:-1])
    assert caught.value.offset == 123


@pytest.mark.parametrize(
    ("offset", "value", "what"),
    [
        (0, b"\x00\x11", "not an ACN packet"),
        (16, b"\x60\x72", "flags"),
        (108, b"\xc9", "priority 201"),
        (109, b"\xfa\x00", "sync address 64000"),
        (113, b"\x00\x00", "universe 0"),
        (113, b"\xfa\x00", "universe 64000"),
        (117, b"\x03", "DMP layer"),
        (118, b"\xa2", "DMP layer"),
        (119, b"\x00\x01", "DMP layer"),
        (121, b"\x00\x02", "DMP layer"),
        (123, b"\x00\x00", "property count 0"),
        (123, b"\x02\x02", "property count 514"),
    ],
)
def test_a_broken_field_is_named(offset: int, value: bytes, what: str) -> None:
    data = bytearray(vector("sacn_data_4_slots.hex"))
    data[offset : offset + len(value)] = value

    with pytest.raises(ProtocolError, match=what):
        sacn.decode(bytes(data))


def test_a_packet_may_carry_a_start_code_and_no_slot() -> None:
    packet = replace(DATA, slots=b"", start_code=sacn.START_CODE_PRIORITY)

    assert len(sacn.encode(packet)) == 126
    assert sacn.decode(sacn.encode(packet)) == packet


def test_foreign_vectors_decode_to_unknown() -> None:
    data = bytearray(vector("sacn_sync.hex"))
    data[43] = 9  # a framing vector of some later edition

    packet = sacn.decode(bytes(data))

    assert isinstance(packet, sacn.UnknownPacket)
    assert packet.root_vector == 8


def test_a_name_is_cut_on_a_whole_character() -> None:
    data = sacn.encode(replace(DATA, source_name="é" * 40))

    assert data[44:108] == "é".encode() * 31 + b"\0\0"  # 63 bytes at most (6.2.2), and é has two


def test_a_name_that_is_not_utf8_loses_no_packet() -> None:
    data = bytearray(vector("sacn_data_4_slots.hex"))
    data[44] = 0xFF

    packet = sacn.decode(bytes(data))

    assert isinstance(packet, sacn.DataPacket)
    assert packet.source_name == "�urnace"


def test_a_prebuilt_header_is_patched_by_offset() -> None:
    rows = bytearray(sacn.build_data_header(CID, "furnace", 63999, slot_count=4, sync_address=8000) + DATA.slots)
    rows[sacn.SEQUENCE_OFFSET] = 42
    rows[sacn.OPTIONS_OFFSET] = sacn.options_of(preview=True, force_sync=True)

    assert bytes(rows) == vector("sacn_data_4_slots.hex")


def test_a_stream_ends_with_three_terminated_packets() -> None:
    ends = sacn.terminations(replace(FULL, sequence=254))

    assert [(end.sequence, end.terminated) for end in ends] == [(255, True), (0, True), (1, True)]


def test_discovery_pages_are_sorted_and_hold_512() -> None:
    pages = sacn.discovery_pages(CID, "furnace", range(1025, 0, -1))

    assert [(page.page, page.last_page, len(page.universes)) for page in pages] == [(0, 2, 512), (1, 2, 512), (2, 2, 1)]
    assert [universe for page in pages for universe in page.universes] == list(range(1, 1026))
    assert len(sacn.encode(pages[0])) == 1144
    assert sacn.discovery_pages(CID, "furnace", ()) == (sacn.DiscoveryPacket(CID, "furnace", ()),)


def test_multicast_groups_hold_the_universe_in_two_bytes() -> None:
    assert sacn.multicast_group_v4(1) == "239.255.0.1"
    assert sacn.multicast_group_v4(63999) == "239.255.249.255"
    assert ipaddress.ip_address(sacn.multicast_group_v6(256)) == ipaddress.ip_address("ff18::83:00:01:00")


@pytest.mark.parametrize(
    ("last", "new", "used"),
    [
        *((None, 0, True), (5, 6, True), (5, 5, False), (5, 4, False), (30, 11, False), (30, 10, True)),
        *((255, 0, True), (0, 255, False), (5, 242, False), (5, 241, True), (5, 246, False), (0, 127, True), (0, 128, True)),
    ],
)
def test_the_sequence_rule_looks_back_twenty_packets_and_wraps(last: int | None, new: int, used: bool) -> None:
    assert sacn.in_sequence(last, new) is used


def test_values_that_no_field_can_carry_are_refused_before_sending() -> None:
    for broken in (
        replace(DATA, universe=64000),
        replace(DATA, priority=201),
        replace(DATA, slots=bytes(513)),
        replace(DATA, cid=b"short"),
        replace(DATA, sequence=256),
    ):
        with pytest.raises(ValueError, match="must be"):
            sacn.encode(broken)


names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=63).filter(
    lambda text: len(text.encode()) < 64
)
data_packets = st.builds(
    sacn.DataPacket,
    cid=st.binary(min_size=16, max_size=16),
    source_name=names,
    universe=st.integers(1, 63999),
    slots=st.binary(max_size=512),
    sequence=st.integers(0, 255),
    priority=st.integers(0, 200),
    start_code=st.integers(0, 255),
    sync_address=st.integers(0, 63999),
    preview=st.booleans(),
    terminated=st.booleans(),
    force_sync=st.booleans(),
)


@given(data_packets)
def test_a_data_packet_comes_back_as_it_went(packet: sacn.DataPacket) -> None:
    assert sacn.decode(sacn.encode(packet)) == packet


@given(st.sets(st.integers(1, 63999), max_size=40), names)
def test_a_discovery_page_comes_back_as_it_went(universes: set[int], name: str) -> None:
    (page,) = sacn.discovery_pages(CID, name, universes)

    assert sacn.decode(sacn.encode(page)) == page


def test_mutated_packets_only_ever_raise_protocol_errors() -> None:
    seeds = [vector(name) for name, _ in VECTORS] + [sacn.encode(FULL)]

    read, refused = survive(sacn.decode, seeds)

    assert read > 1000
    assert refused > 1000


@given(data_packets)
def test_the_sacn_package_reads_what_we_send(packet: sacn.DataPacket) -> None:
    foreign = ForeignData.make_data_packet(tuple(sacn.encode(packet)))

    assert bytes(foreign.cid) == packet.cid
    assert (foreign.universe, foreign.priority, foreign.sequence) == (packet.universe, packet.priority, packet.sequence)
    assert (foreign.dmxStartCode, foreign.syncAddr) == (packet.start_code, packet.sync_address)
    assert (foreign.option_PreviewData, foreign.option_StreamTerminated, foreign.option_ForceSync) == (
        packet.preview,
        packet.terminated,
        packet.force_sync,
    )
    assert bytes(foreign.dmxData)[: len(packet.slots)] == packet.slots


@given(st.integers(1, 63999), st.integers(0, 200), st.binary(min_size=512, max_size=512), st.booleans())
def test_we_read_what_the_sacn_package_sends(universe: int, priority: int, slots: bytes, ends: bool) -> None:
    foreign = ForeignData(tuple(CID), "furnace", universe, tuple(slots), priority, 7, ends)

    packet = sacn.decode(bytes(foreign.getBytes()))

    assert packet == sacn.DataPacket(CID, "furnace", universe, slots, 7, priority, terminated=ends)


def test_the_sacn_package_agrees_on_sync_and_discovery() -> None:
    sync = ForeignSync(tuple(CID), 8000, 42)
    discovery = ForeignDiscovery(tuple(CID), "furnace", (1, 258))
    discovery.lastPage = 1

    assert bytes(sync.getBytes()) == sacn.encode(SYNC)
    assert bytes(discovery.getBytes()) == sacn.encode(DISCOVERY)
    assert ForeignSync.make_sync_packet(tuple(sacn.encode(SYNC))).syncAddr == 8000
    theirs = ForeignDiscovery.make_universe_discovery_packet(tuple(sacn.encode(DISCOVERY)))
    assert tuple(theirs.universes) == (1, 258)
