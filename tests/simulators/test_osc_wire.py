"""The simulated devices' OSC: bytes from the specification, python-osc as the foreign peer, and no way to crash it."""

import random

import pytest
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from simulators.osc_wire import LengthFraming, Message, OscError, SlipFraming, read, write

# OSC 1.0 specification, "OSC Message Examples": a float for an oscillator, and one of every required type.
OSCILLATOR = bytes.fromhex("2f6f7363 696c6c61 746f722f 342f6672 65717565 6e637900 2c660000 43dc0000")
FOO = bytes.fromhex("2f666f6f 00000000 2c696973 66660000 000003e8 ffffffff 68656c6c 6f000000 3f9df3b6 40b5b22d")


def test_the_specifications_examples_are_read() -> None:
    assert read(OSCILLATOR) == [Message("/oscillator/4/frequency", (440.0,))]
    [foo] = read(FOO)
    assert foo.arguments[:3] == (1000, -1, "hello")
    assert [round(foo.number(n), 3) for n in (3, 4)] == [1.234, 5.678]


def test_the_specifications_examples_are_written() -> None:
    assert write("/oscillator/4/frequency", 440.0) == OSCILLATOR
    assert write("/foo", 1000, -1, "hello", 1.234, 5.678) == FOO


def test_python_osc_reads_what_we_write() -> None:
    foreign = OscMessage(write("/sound/voice", "芯", "rumble", "playing", 1.5, -6.0, 3))
    assert (foreign.address, list(foreign.params)) == ("/sound/voice", ["芯", "rumble", "playing", 1.5, -6.0, 3])


def test_we_read_what_python_osc_writes() -> None:
    builder = OscMessageBuilder("/x")
    for value, tag in ((1, "i"), (2.5, "f"), ("s", "s"), (b"abc", "b"), (1 << 40, "h"), (0.1, "d"), (True, "T"), (False, "F")):
        builder.add_arg(value, tag)
    builder.add_arg(None, "N")
    assert read(builder.build().dgram) == [Message("/x", (1, 2.5, "s", b"abc", 1 << 40, 0.1, True, False, None))]


def test_a_bundle_is_its_messages_in_order() -> None:
    bundle = OscBundleBuilder(IMMEDIATELY)
    for number in (1, 2):
        builder = OscMessageBuilder("/n")
        builder.add_arg(number)
        bundle.add_content(builder.build())
    outer = OscBundleBuilder(IMMEDIATELY)
    outer.add_content(bundle.build())
    assert [message.arguments for message in read(outer.build().dgram)] == [(1,), (2,)]


def test_an_address_without_type_tags_is_a_message() -> None:
    assert read(b"/SYNC\0\0\0") == [Message("/SYNC")]


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"/x",
        b"nope\0\0\0\0",
        b"/x\0\0x\0\0\0",
        b"/x\0\0,i\0\0",
        b"/x\0\0,q\0\0",
        b"/xxx",
        b"/\xff\0\0",
        b"/x\0\0,b\0\0\xff\xff\xff\xff",
        b"#bundle\0\0\0\0\0",
        b"#bundle\0" + bytes(8) + b"\0\0\1\0",
    ],
)
def test_what_is_not_osc_is_an_osc_error(packet: bytes) -> None:
    with pytest.raises(OscError):
        read(packet)


def test_random_bytes_are_read_or_refused_and_nothing_else() -> None:
    chance = random.Random(1)
    for _ in range(3000):
        packet = bytearray(FOO)
        for _ in range(chance.randrange(1, 6)):
            packet[chance.randrange(len(packet))] = chance.randrange(256)
        try:
            for message in read(bytes(packet)):
                message.number(3)
        except OscError:
            pass


def test_an_argument_left_out_or_absurd_is_its_default() -> None:
    message = Message("/x", (float("nan"), "word"))
    assert (message.number(0, 7.0), message.number(1, 8.0), message.number(9, 9.0)) == (7.0, 8.0, 9.0)
    assert (message.text(0, "-"), message.text(1), message.truth(9)) == ("-", "word", True)


def test_slip_escapes_what_rfc_1055_says() -> None:
    assert SlipFraming().frame(b"\x01\xc0\xdb\x02") == bytes.fromhex("c0 01 dbdc dbdd 02 c0")
    assert SlipFraming().feed(bytes.fromhex("c0 01 dbdc dbdd 02 c0 c0 03 c0")) == [b"\x01\xc0\xdb\x02", b"\x03"]


def test_slip_arrives_in_any_pieces() -> None:
    stream = b"".join(SlipFraming().frame(packet) for packet in (FOO, OSCILLATOR, b"\xc0\xdb"))
    framing = SlipFraming()
    assert [packet for byte in stream for packet in framing.feed(bytes([byte]))] == [FOO, OSCILLATOR, b"\xc0\xdb"]


def test_a_broken_slip_packet_is_dropped_and_the_next_is_heard() -> None:
    assert SlipFraming().feed(bytes.fromhex("c0 01 db02 c0 c0 03 db c0 c0 04 c0")) == [b"\x04"]


def test_a_length_prefix_arrives_in_any_pieces() -> None:
    stream = bytes.fromhex("0000000c 2f000000 2c690000 00000007 00000004 2f780000")
    framing = LengthFraming()
    packets = [packet for byte in stream for packet in framing.feed(bytes([byte]))]
    assert packets == [bytes.fromhex("2f000000 2c690000 00000007"), b"/x\0\0"]
    assert framing.frame(b"/x\0\0") == bytes.fromhex("00000004 2f780000")


def test_endless_packets_are_refused_before_they_are_held() -> None:
    with pytest.raises(OscError):
        LengthFraming().feed(b"\xff\xff\xff\xff")
    with pytest.raises(OscError):
        SlipFraming().feed(bytes(200_000))


def test_a_number_too_large_for_int32_is_the_largest() -> None:
    assert write("/n", 1 << 40, -(1 << 40)) == bytes.fromhex("2f6e0000 2c696900 7fffffff 80000000")
