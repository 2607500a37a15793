"""OSC in a stream: OSC 1.0 length prefixes and OSC 1.1 SLIP (RFC 1055)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showctl.protocols.errors import ProtocolError
from showctl.protocols.osc_stream import MAX_PACKET, Framing, Splitter, frame
from tests.protocols.material import mutations

BOTH = list(Framing)


def test_a_length_prefix_is_an_int32_in_network_order() -> None:
    assert frame(b"/a\0\0", Framing.LENGTH_PREFIX) == b"\0\0\0\x04/a\0\0"


def test_slip_sends_end_before_and_after_and_escapes_both() -> None:
    assert frame(b"/\xc0\xdb\0", Framing.SLIP) == b"\xc0/\xdb\xdc\xdb\xdd\0\xc0"  # RFC 1055


@pytest.mark.parametrize("framing", BOTH)
def test_the_first_byte_tells_the_framing(framing: Framing) -> None:
    reader = Splitter()

    assert reader.feed(frame(b"/a\0\0", framing)) == [b"/a\0\0"]
    assert reader.framing is framing


def test_a_stream_of_neither_framing_is_refused_from_then_on() -> None:
    reader = Splitter()

    with pytest.raises(ProtocolError, match="neither a size nor SLIP"):
        reader.feed(b"GET / HTTP/1.1")
    with pytest.raises(ProtocolError, match="neither a size nor SLIP"):
        reader.feed(frame(b"/a\0\0", Framing.SLIP))


@pytest.mark.parametrize("framing", BOTH)
def test_packets_come_byte_by_byte_as_they_come_at_once(framing: Framing) -> None:
    stream = frame(b"/one", framing) + frame(b"/two", framing)
    reader = Splitter()

    assert [packet for byte in stream for packet in reader.feed(bytes((byte,)))] == [b"/one", b"/two"]
    assert Splitter().feed(stream) == [b"/one", b"/two"]


def test_one_end_between_packets_and_many_are_the_same() -> None:
    assert Splitter().feed(b"\xc0\xc0/one\xc0/two\xc0\xc0\xc0") == [b"/one", b"/two"]


def test_a_size_over_the_limit_is_refused_when_it_is_read() -> None:
    assert Splitter().feed((MAX_PACKET).to_bytes(4, "big")) == []
    with pytest.raises(ProtocolError, match="65537 bytes is over the limit"):
        Splitter().feed((MAX_PACKET + 1).to_bytes(4, "big"))
    with pytest.raises(ProtocolError, match="over the limit"):
        Splitter(Framing.LENGTH_PREFIX).feed(b"\xff\xff\xff\xff")


def test_a_slip_packet_over_the_limit_is_refused_with_and_without_its_end() -> None:
    assert Splitter().feed(frame(b"a" * MAX_PACKET, Framing.SLIP)) == [b"a" * MAX_PACKET]
    with pytest.raises(ProtocolError, match="over the limit"):
        Splitter().feed(frame(b"a" * (MAX_PACKET + 1), Framing.SLIP))
    reader = Splitter()
    reader.feed(b"\xc0" + b"a" * (2 * MAX_PACKET))
    with pytest.raises(ProtocolError, match="without an end"):
        reader.feed(b"a")


@pytest.mark.parametrize("bad", [b"\xc0/a\xdbx\xc0", b"\xc0/a\xdb\xc0", b"\xc0/a\xdb\xdb\xdc\xc0"])
def test_an_escape_must_be_followed_by_what_it_escapes(bad: bytes) -> None:
    with pytest.raises(ProtocolError, match="escape") as caught:
        Splitter().feed(bad)
    assert caught.value.offset == 3


def test_packets_before_a_fault_are_handed_out_first() -> None:
    reader = Splitter()

    assert reader.feed(frame(b"/one", Framing.SLIP) + b"\xdb\xc0") == [b"/one"]
    assert reader.fault is not None
    with pytest.raises(ProtocolError, match="escape"):
        reader.feed(b"")


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=6), st.sampled_from(BOTH), st.data())
def test_packets_come_back_however_the_stream_is_cut(packets: list[bytes], framing: Framing, data: st.DataObject) -> None:
    stream = b"".join(frame(packet, framing) for packet in packets)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    reader = Splitter()

    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    assert [packet for piece in pieces for packet in reader.feed(piece)] == packets


def test_mutated_streams_only_ever_raise_protocol_errors() -> None:
    seeds = [frame(b"/one\xc0\xdb\0\0", framing) + frame(b"/two", framing) for framing in BOTH]
    read = refused = 0
    for data in mutations(seeds):
        reader = Splitter()
        try:
            reader.feed(data)
            reader.feed(data)
            read += 1
        except ProtocolError:
            refused += 1

    assert read > 1000
    assert refused > 1000
