"""OSC packets against the OSC 1.0 specification and against python-osc."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from showctl.protocols import osc
from showctl.protocols.errors import ProtocolError
from tests.protocols.material import survive

EXAMPLES: list[tuple[str, osc.Packet]] = [
    # OSC 1.0, examples: "/oscillator/4/frequency" with 440.0, and "/foo" with four types.
    (
        "2f6f7363 696c6c61 746f722f 342f6672 65717565 6e637900 2c660000 43dc0000",
        osc.message("/oscillator/4/frequency", 440.0),
    ),
    (
        "2f666f6f 00000000 2c696973 66660000 000003e8 ffffffff 68656c6c 6f000000 3f9df3b6 40b5b22d",
        osc.Message("/foo", (1000, -1, "hello", 1.2339999675750732, 5.677999973297119), "iisff"),
    ),
    ("2f610000 2c000000", osc.message("/a")),
    ("2f610000", osc.Message("/a", (), None)),
    ("2f610000 00000007", osc.Message("/a", (), None, b"\0\0\0\x07")),
    ("2f610000 2c620000 00000003 01020300", osc.message("/a", b"\x01\x02\x03")),
    ("2f610000 2c620000 00000000", osc.message("/a", b"")),
    ("2f610000 2c680000 ffffffff fffffffe", osc.Message("/a", (-2,), "h")),
    ("2f610000 2c640000 3ff80000 00000000", osc.Message("/a", (1.5,), "d")),
    ("2f610000 2c740000 00000000 00000001", osc.message("/a", osc.TimeTag(1))),
    ("2f610000 2c530000 6f6b0000", osc.Message("/a", ("ok",), "S")),
    ("2f610000 2c630000 00000041", osc.Message("/a", ("A",), "c")),
    ("2f610000 2c720000 ff660080", osc.message("/a", osc.Rgba(255, 102, 0, 128))),
    ("2f610000 2c6d0000 01903c7f", osc.message("/a", osc.Midi(1, 0x90, 60, 127))),
    ("2f610000 2c54464e 49000000", osc.message("/a", True, False, None, osc.Impulse())),
    ("2f610000 2c695b69 5b735d5d 00000000 00000001 00000002 78000000", osc.message("/a", 1, (2, ("x",)))),
    ("2f610000 2c780000 00000001", osc.UnknownMessage("/a", "x", b"\0\0\0\x01")),
    ("2362756e 646c6500 00000000 00000001", osc.Bundle(osc.IMMEDIATELY)),
    (
        "2362756e 646c6500 00000000 00000002"
        "00000008 2f610000 2c000000"
        "00000020 2362756e 646c6500 00000000 00000003 0000000c 2f620000 2c690000 00000001",
        osc.Bundle(2, (osc.message("/a"), osc.Bundle(3, (osc.message("/b", 1),)))),
    ),
]


@pytest.mark.parametrize(("data", "packet"), EXAMPLES)
def test_packets_are_the_bytes_of_the_specification(data: str, packet: osc.Packet) -> None:
    assert osc.decode(bytes.fromhex(data)) == packet
    assert osc.encode(packet) == bytes.fromhex(data)


@pytest.mark.parametrize(
    ("data", "what", "offset"),
    [
        ("", "multiple of four", 0),
        ("2f6100", "multiple of four", 0),
        ("61000000", "neither an address", 0),
        ("2f616161", "address does not end", 0),
        ("2f610001", "padding of address", 2),
        ("2f610000 2c690000", "argument of type i is cut short", 8),
        ("2f610000 2c000000 00000000", "follow the last argument", 8),
        ("2f610000 2c736900", "string does not end", 8),
        ("2f610000 2c730000 ff000000", "not UTF-8", 8),
        ("2f610000 2c620000 00000005 01020304", "blob of 5 bytes", 8),
        ("2f610000 2c620000 ffffffff", "blob of 4294967295 bytes", 8),
        ("2f610000 2c620000 00000001 01000001", "padding of blob", 13),
        ("2f610000 2c630000 00110000", "outside Unicode", 8),
        ("2f610000 2c5b0000", "array does not end", 6),
        ("2f610000 2c5d0000", "ends before it began", 5),
        ("2362756e 646c6500 00000000", "timetag is cut short", 8),
        ("2362756e 646c6500 00000000 00000001 00000008 2f610000", "element of 8 bytes", 16),
        ("2362756e 646c6500 00000000 00000001 00000000", "multiple of four", 20),
        ("2362756e 646c6500 00000000 00000005 00000010 2362756e 646c6500 00000000 00000004", "earlier", 28),
    ],
)
def test_a_broken_packet_says_what_and_where(data: str, what: str, offset: int) -> None:
    with pytest.raises(ProtocolError, match=what) as caught:
        osc.decode(bytes.fromhex(data))
    assert caught.value.offset == offset


def test_bundles_may_say_immediately_inside_a_later_one() -> None:
    packet = osc.Bundle(99, (osc.Bundle(osc.IMMEDIATELY, (osc.message("/a"),)),))

    assert osc.decode(osc.encode(packet)) == packet


def test_nesting_has_a_floor() -> None:
    bundle = osc.Bundle(1)
    for _ in range(osc.MAX_DEPTH - 1):
        bundle = osc.Bundle(1, (bundle,))
    assert osc.decode(osc.encode(bundle)) == bundle

    with pytest.raises(ProtocolError, match="nested too deep"):
        osc.decode(osc.encode(osc.Bundle(1, (bundle,))))
    with pytest.raises(ProtocolError, match="nested too deep"):
        osc.decode(b"/a\0\0," + b"[" * 3000 + b"\0\0\0")


@pytest.mark.parametrize(
    "broken",
    [
        osc.Message("a", (), ""),
        osc.Message("/a", (1,), ""),
        osc.Message("/a", (), "i"),
        osc.Message("/a", ("x",), "i"),
        osc.Message("/a", (True,), "i"),
        osc.Message("/a", (1 << 31,), "i"),
        osc.Message("/a", (1e300,), "f"),
        osc.Message("/a", ((1,),), "[i"),
        osc.Message("/a", ((1, 2),), "[i]"),
        osc.message("/a", "nul\0nul"),
        osc.message("/a", osc.Rgba(256, 0, 0)),
    ],
)
def test_what_cannot_be_sent_is_refused_before_sending(broken: osc.Message) -> None:
    with pytest.raises(ValueError, match=r".+"):
        osc.encode(broken)


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
plain = (
    st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(width=32, allow_nan=False)
    | texts
    | st.binary(max_size=12)
    | st.booleans()
    | st.none()
    | st.builds(osc.TimeTag, st.integers(0, (1 << 64) - 1))
    | st.builds(osc.Rgba, *[st.integers(0, 255)] * 4)
    | st.builds(osc.Midi, *[st.integers(0, 255)] * 4)
    | st.just(osc.Impulse())
)
arguments = st.recursive(plain, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=6)
messages = st.builds(lambda address, values: osc.message("/" + address, *values), texts, st.lists(arguments, max_size=6))


@given(messages)
def test_a_message_comes_back_as_it_went(message: osc.Message) -> None:
    assert osc.decode(osc.encode(message)) == message


@given(st.lists(messages, max_size=4), st.integers(1, (1 << 64) - 1))
def test_a_bundle_comes_back_as_it_went(inner: list[osc.Message], timetag: int) -> None:
    bundle = osc.Bundle(timetag, (*inner, osc.Bundle(timetag, tuple(inner))))

    assert osc.decode(osc.encode(bundle)) == bundle


def test_a_float_that_is_no_number_passes() -> None:
    packet = osc.decode(osc.encode(osc.message("/a", math.nan)))

    assert isinstance(packet, osc.Message)
    (value,) = packet.arguments
    assert isinstance(value, float)
    assert math.isnan(value)


def test_mutated_packets_only_ever_raise_protocol_errors() -> None:
    read, refused = survive(osc.decode, [bytes.fromhex(data) for data, _ in EXAMPLES])

    assert read > 1000
    assert refused > 1000


shared = (
    st.integers(-(1 << 31), (1 << 31) - 1)
    | st.floats(width=32, allow_nan=False)
    | texts
    | st.binary(min_size=1, max_size=12)
    | st.booleans()
)


@given(st.lists(shared, max_size=6))
def test_python_osc_reads_what_we_send(values: list[int | float | str | bytes | bool]) -> None:
    foreign = OscMessage(osc.encode(osc.message("/cue/1/go", *values)))

    assert foreign.address == "/cue/1/go"
    assert list(foreign.params) == values


@given(st.lists(shared, max_size=6))
def test_we_read_what_python_osc_sends(values: list[int | float | str | bytes | bool]) -> None:
    builder = OscMessageBuilder(address="/cue/1/go")
    for value in values:
        builder.add_arg(value)

    packet = osc.decode(builder.build().dgram)

    assert isinstance(packet, osc.Message)
    assert list(packet.arguments) == values


def test_python_osc_agrees_on_the_rarer_types() -> None:
    builder = OscMessageBuilder(address="/a")
    builder.add_arg(1 << 40, OscMessageBuilder.ARG_TYPE_INT64)
    builder.add_arg(1.5, OscMessageBuilder.ARG_TYPE_DOUBLE)
    builder.add_arg(0xFF660080, OscMessageBuilder.ARG_TYPE_RGBA)
    builder.add_arg((1, 0x90, 60, 127), OscMessageBuilder.ARG_TYPE_MIDI)
    builder.add_arg(None, OscMessageBuilder.ARG_TYPE_NIL)
    builder.add_arg([1, [2, "x"]])
    values = (1 << 40, 1.5, osc.Rgba(255, 102, 0, 128), osc.Midi(1, 0x90, 60, 127), None, (1, (2, "x")))

    packet = osc.Message("/a", values, "hdrmN[i[is]]")

    assert osc.encode(packet) == builder.build().dgram
    assert osc.decode(builder.build().dgram) == packet


def test_python_osc_reads_our_bundles() -> None:
    data = osc.encode(osc.Bundle(osc.IMMEDIATELY, (osc.message("/a", 1), osc.Bundle(2, (osc.message("/b", 2),)))))

    foreign = OscBundle(data)

    assert [type(content).__name__ for content in foreign] == ["OscMessage", "OscBundle"]
    assert foreign.content(0).params == [1]
    assert foreign.content(1).content(0).params == [2]


def test_a_float_is_sent_as_ieee_single_in_network_order() -> None:
    assert osc.encode(osc.message("/a", 0.1))[-4:] == struct.pack(">f", 0.1)
