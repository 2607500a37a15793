"""RDM packets, discovery answers and parameters against E1.20-2010, and their carriage over Art-Net 4."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showctl.protocols import artnet_rdm, rdm, rdm_values
from showctl.protocols.errors import ProtocolError
from showctl.protocols.rdm import Command, Packet, Pid
from tests.protocols.material import mutations, survive, vector

STATUS = Packet(0x123456789ABC, 0xCBA987654321, 0, Command.GET, Pid.STATUS_MESSAGES, b"\x04")
UID = 0x7FF0_00000012


def test_a_packet_is_the_standards_own_example() -> None:
    assert rdm.encode(STATUS) == vector("rdm_get_status.hex")
    assert rdm.decode(vector("rdm_get_status.hex")) == STATUS


def test_a_discovery_answer_is_spread_so_that_a_collision_shows() -> None:
    assert rdm.encode_found(UID) == vector("rdm_found.hex")
    assert rdm.decode_found(vector("rdm_found.hex")) == UID


@pytest.mark.parametrize("preamble", range(8))
def test_a_discovery_answer_may_lose_its_preamble_on_the_way(preamble: int) -> None:
    assert rdm.decode_found(vector("rdm_found.hex")[7 - preamble :]) == UID  # 7.5.1: zero to seven bytes of it


def test_two_answers_at_once_are_no_uid() -> None:
    one, other = rdm.encode_found(UID), rdm.encode_found(UID + 1)
    together = bytes(a | b for a, b in zip(one, other, strict=True))

    with pytest.raises(ProtocolError):
        rdm.decode_found(together)


def test_bytes_behind_the_checksum_are_not_the_packets() -> None:
    assert rdm.decode(vector("rdm_get_status.hex") + b"\0\0\0") == STATUS


@pytest.mark.parametrize(
    ("at", "byte", "why"),
    [(0, 0x00, "not an RDM packet"), (1, 0x02, "not an RDM packet"), (2, 0x1A, "does not fit"), (24, 0x05, "checksum is wrong")],
)
def test_a_packet_that_was_damaged_is_refused(at: int, byte: int, why: str) -> None:
    data = bytearray(vector("rdm_get_status.hex"))
    data[at] = byte

    with pytest.raises(ProtocolError, match=why):
        rdm.decode(bytes(data))


@given(st.integers(0, rdm.MAX_UID))
def test_every_uid_comes_back(uid: int) -> None:
    assert rdm.decode_found(rdm.encode_found(uid)) == uid
    assert rdm.read_uid(rdm.uid_words(uid)) == uid


@pytest.mark.parametrize("words", ["", "7ff0", "7ff0:", ":1", "7ff0:123456789", "10000:1", "xyz:1"])
def test_what_is_no_uid_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"UID|maker|invalid literal"):
        rdm.read_uid(words)


@given(
    st.builds(
        Packet,
        st.integers(0, rdm.ALL_DEVICES),
        st.integers(0, rdm.MAX_UID),
        st.integers(0, 255),
        st.sampled_from(Command).map(int),
        st.integers(0, 0xFFFF),
        st.binary(max_size=rdm.MAX_DATA),
        st.integers(0, 255),
        st.integers(0, 255),
        st.integers(0, 0xFFFF),
    )
)
def test_every_packet_comes_back_with_and_without_art_net(packet: Packet) -> None:
    assert rdm.decode(rdm.encode(packet)) == packet
    carried = artnet_rdm.Rdm(0x7FFF, packet)
    assert artnet_rdm.decode(artnet_rdm.encode(carried)) == carried


# --- Art-Net ----------------------------------------------------------------------------------------------------------------


def test_art_net_carries_a_packet_without_its_start_code() -> None:
    assert artnet_rdm.encode(artnet_rdm.Rdm(0x123, STATUS)) == vector("artnet_rdm.hex")
    assert artnet_rdm.decode(vector("artnet_rdm.hex")) == artnet_rdm.Rdm(0x123, STATUS)
    with_start_code = vector("artnet_rdm.hex")[:24] + b"\xcc" + vector("artnet_rdm.hex")[24:]
    assert artnet_rdm.decode(with_start_code) == artnet_rdm.Rdm(0x123, STATUS), "some nodes leave it in"


def test_a_table_of_devices_is_the_bytes_of_art_net_4() -> None:
    table = artnet_rdm.TodData(0x123, 2, 0, (UID, 0x7A70_00000001), port=2)

    assert artnet_rdm.encode(table) == vector("artnet_tod_data.hex")
    assert artnet_rdm.decode(vector("artnet_tod_data.hex")) == table


@pytest.mark.parametrize(
    ("message", "data"),
    [
        (
            artnet_rdm.TodRequest((0x123, 0x124)),
            "4172742d4e657400 0080 000e" + "00" * 9 + "01 00 02 23 24" + "00" * 30,
        ),
        (artnet_rdm.TodControl(0x123), "4172742d4e657400 0082 000e" + "00" * 9 + "01 01 23"),
    ],
)
def test_asking_for_a_table_is_the_bytes_of_art_net_4(message: artnet_rdm.Message, data: str) -> None:
    assert artnet_rdm.encode(message) == bytes.fromhex(data)
    assert artnet_rdm.decode(bytes.fromhex(data)) == message


def test_one_request_asks_within_one_net() -> None:
    with pytest.raises(ValueError, match="within one Net"):
        artnet_rdm.encode(artnet_rdm.TodRequest((0x0FF, 0x100)))


# --- parameters -------------------------------------------------------------------------------------------------------------


def test_device_information_by_the_table() -> None:
    data = bytes.fromhex("0100 1234 0101 01020304 0007 02 03 0101 0000 01")  # E1.20 Table 10-2, in its order

    assert rdm_values.decode_info(data) == rdm_values.DeviceInfo(0x1234, 0x0101, 0x01020304, 7, 2, 3, 257, 0, 1)
    assert rdm_values.decode_info(data[:14] + b"\xff\xff" + data[16:]).address is None
    for wrong in (data[:-1], data + b"\0", data[:14] + b"\x02\x01" + data[16:]):
        with pytest.raises(ProtocolError):
            rdm_values.decode_info(wrong)


def test_modes_and_sensors_by_their_tables() -> None:
    assert rdm_values.decode_mode(b"\x02\x00\x0b16 bit") == rdm_values.ModeDescription(2, 11, "16 bit")
    sensor = rdm_values.decode_sensor(bytes.fromhex("00 01 02 03 ffec 0078 0000 0055 03") + b"Rail\0\0")
    assert sensor == rdm_values.SensorDefinition(0, 1, "V", -3, -20, 120, 0, 85, "Rail")
    assert sensor.value(12_000) == 12.0
    assert rdm_values.decode_sensor_value(bytes.fromhex("00 ffec 0001 0002 0003")) == rdm_values.SensorValue(0, -20, 1, 2, 3)
    assert rdm_values.decode_sensor_value(bytes.fromhex("00 0029")).present == 41, "devices that keep no minima stop here"
    with pytest.raises(ProtocolError):
        rdm_values.decode_sensor_value(b"\0\0")


@pytest.mark.parametrize("address", [0, 513])
def test_an_address_outside_a_universe_is_not_sent(address: int) -> None:
    with pytest.raises(ValueError, match=r"address must be 1\.\.512"):
        rdm_values.address_data(address)


@pytest.mark.parametrize("text", ["x" * 33, "Tuyère", "two\nlines"])
def test_a_label_that_a_device_cannot_keep_is_not_sent(text: str) -> None:
    with pytest.raises(ValueError, match="32 plain letters"):
        rdm_values.text_data(text)


# --- bytes from anywhere ----------------------------------------------------------------------------------------------------


def test_mutated_packets_only_ever_raise_protocol_errors() -> None:
    seeds = [vector("artnet_rdm.hex"), vector("artnet_tod_data.hex"), artnet_rdm.encode(artnet_rdm.TodRequest((1, 2)))]
    read, refused = survive(artnet_rdm.decode, seeds)
    assert min(read, refused) > 100
    survive(rdm.decode, [vector("rdm_get_status.hex")])
    survive(rdm_values.decode_info, [bytes.fromhex("0100 1234 0101 01020304 0007 02 03 0101 0000 01")])


def test_a_damaged_discovery_answer_is_hardly_ever_somebody_else() -> None:
    """Its checksum is a sum: two bytes may make up for each other. The search finds that out, for nobody can be muted then."""
    wrong = 0
    for data in mutations([vector("rdm_found.hex")], 20_000):
        try:
            found = rdm.decode_found(data)
        except ProtocolError:
            continue
        wrong += found != UID

    assert wrong < 20
