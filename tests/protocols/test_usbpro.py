"""The USB Pro widget's frames against its API 1.44."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showctl.protocols import usbpro
from showctl.protocols.errors import ProtocolError
from tests.protocols.material import mutations, survive

SEND_24 = bytes.fromhex("7e 06 19 00 00 ff80") + bytes(22) + b"\xe7"  # label 6: 25 bytes, start code first


def requests(data: bytes) -> list[usbpro.Request]:
    return [usbpro.decode_request(frame) for frame in usbpro.Deframer().feed(data)]


def replies(data: bytes) -> list[usbpro.Reply]:
    return [usbpro.decode_reply(frame) for frame in usbpro.Deframer().feed(data)]


REQUESTS: list[tuple[str, usbpro.Request]] = [
    ("7e 03 02 00 0500 e7", usbpro.GetParameters(user_size=5)),
    ("7e 04 07 00 0200 09 01 28 aabb e7", usbpro.SetParameters(9, 1, 40, b"\xaa\xbb")),
    ("7e 08 01 00 01 e7", usbpro.ReceiveMode(on_change=True)),
    ("7e 0a 00 00 e7", usbpro.GetSerial()),
    ("7e 4d 00 00 e7", usbpro.Unknown(0x4D, b"")),
]
REPLIES: list[tuple[str, usbpro.Reply]] = [
    ("7e 03 06 00 0401 11 02 28 77 e7", usbpro.Parameters(0x0104, 17, 2, 40, b"\x77")),
    ("7e 05 05 00 00 00 0102 03 e7", usbpro.ReceivedDmx(0, 0, b"\x01\x02\x03")),
    ("7e 05 01 00 01 e7", usbpro.ReceivedDmx(usbpro.STATUS_QUEUE_OVERFLOW, 0, b"")),
    ("7e 09 08 00 02 0100000080 0aff e7", usbpro.ChangeOfState(((16, 10), (55, 255)))),
    ("7e 0a 04 00 78563412 e7", usbpro.Serial("12345678")),
    ("7e 0a 04 00 ffffffff e7", usbpro.Serial(None)),
]


@pytest.mark.parametrize(("data", "message"), REQUESTS)
def test_requests_are_the_bytes_of_the_api(data: str, message: usbpro.Request) -> None:
    assert usbpro.encode(message) == bytes.fromhex(data)
    assert requests(bytes.fromhex(data)) == [message]


@pytest.mark.parametrize(("data", "message"), REPLIES)
def test_replies_are_the_bytes_of_the_api(data: str, message: usbpro.Reply) -> None:
    assert replies(bytes.fromhex(data)) == [message]
    if data != "7e 05 01 00 01 e7":  # a broken packet comes without its start code; we do not send such
        assert usbpro.encode(message) == bytes.fromhex(data)


def test_levels_are_padded_to_24_slots_behind_their_start_code() -> None:
    assert usbpro.encode(usbpro.SendDmx(b"\xff\x80")) == SEND_24
    assert requests(SEND_24) == [usbpro.SendDmx(b"\xff\x80" + bytes(22))]
    assert len(usbpro.encode(usbpro.SendDmx(bytes(512)))) == 518


def test_a_frame_may_come_one_byte_at_a_time() -> None:
    reader = usbpro.Deframer()

    frames = [frame for byte in SEND_24 * 2 for frame in reader.feed(bytes((byte,)))]

    assert frames == [usbpro.Frame(6, SEND_24[4:-1])] * 2
    assert reader.discarded == 0


def test_noise_between_frames_is_passed_over_and_counted() -> None:
    reader = usbpro.Deframer()

    frames = reader.feed(b"\x00\x13" + SEND_24 + b"\xe7\xe7" + usbpro.frame(10))

    assert [frame.label for frame in frames] == [6, 10]
    assert reader.discarded == 4


def test_a_start_byte_in_the_noise_does_not_swallow_the_frame_behind_it() -> None:
    reader = usbpro.Deframer()
    false_start = bytes.fromhex("7e 05 06 00")  # says six bytes and 0xE7; a frame begins instead

    assert reader.feed(false_start + SEND_24) == [usbpro.Frame(6, SEND_24[4:-1])]
    assert reader.discarded == 4


def test_a_length_above_600_is_no_frame() -> None:
    reader = usbpro.Deframer()

    assert reader.feed(bytes.fromhex("7e 06 59 02") + usbpro.frame(10)) == [usbpro.Frame(10)]


def test_data_may_hold_start_and_end_bytes() -> None:
    data = usbpro.frame(6, b"\x00" + b"\x7e\xe7" * 12)

    assert usbpro.Deframer().feed(data) == [usbpro.Frame(6, b"\x00" + b"\x7e\xe7" * 12)]


def test_a_reset_forgets_half_a_frame() -> None:
    reader = usbpro.Deframer()
    reader.feed(SEND_24[:10])
    reader.reset()

    assert reader.feed(SEND_24) == [usbpro.Frame(6, SEND_24[4:-1])]
    assert reader.discarded == 10


@pytest.mark.parametrize(
    ("label", "data"),
    [(9, "00 0000000000"), (9, "00 0300000000 01"), (9, "41 0100000000 01"), (10, "010203"), (3, "01020304"), (5, "")],
)
def test_a_reply_that_contradicts_itself_is_refused(label: int, data: str) -> None:
    with pytest.raises(ProtocolError):
        usbpro.decode_reply(usbpro.Frame(label, bytes.fromhex(data)))


@pytest.mark.parametrize(("label", "data"), [(4, "0000 08 01 28"), (4, "0000 09 00 28"), (4, "0000 09 01 29"), (6, "")])
def test_a_request_out_of_range_is_refused(label: int, data: str) -> None:
    with pytest.raises(ProtocolError):
        usbpro.decode_request(usbpro.Frame(label, bytes.fromhex(data)))


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=600)), max_size=5), st.data())
def test_frames_come_back_however_the_stream_is_cut(frames: list[tuple[int, bytes]], data: st.DataObject) -> None:
    stream = b"".join(usbpro.frame(label, body) for label, body in frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    reader = usbpro.Deframer()

    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    found = [frame for piece in pieces for frame in reader.feed(piece)]

    assert found == [usbpro.Frame(label, body) for label, body in frames]


@given(st.lists(st.integers(0, 255), min_size=1, max_size=40), st.integers(0, 59))
def test_a_change_of_state_comes_back_as_it_went(values: list[int], start: int) -> None:
    message = usbpro.ChangeOfState(tuple((start * 8 + bit, value) for bit, value in enumerate(values)))

    assert replies(usbpro.encode(message)) == [message]


def test_mutated_frames_only_ever_raise_protocol_errors() -> None:
    frames = [usbpro.Frame(data[1], data[4:-1]) for text, _ in (*REQUESTS, *REPLIES) for data in (bytes.fromhex(text),)]
    seeds = [bytes((frame.label,)) + frame.data for frame in frames]

    def decode(data: bytes) -> None:
        if data:
            usbpro.decode_request(usbpro.Frame(data[0], data[1:]))
            usbpro.decode_reply(usbpro.Frame(data[0], data[1:]))

    read, refused = survive(decode, seeds)

    assert read > 1000
    assert refused > 1000


def test_a_noisy_stream_never_stops_the_reader_and_never_grows_it() -> None:
    reader = usbpro.Deframer()
    for data in mutations([SEND_24, usbpro.frame(10), bytes.fromhex(REPLIES[3][0])]):
        reader.feed(data)
    reader.reset()

    assert reader.feed(SEND_24) == [usbpro.Frame(6, SEND_24[4:-1])]
