"""What engine and wire say to each other: what is sent is what is read, and what is not of the contract is shown the door."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.light.clocks import Clock, table
from showctl.light.plan import MASTER, Plan, PlanChange
from showctl.runtime.wire import messages
from showctl.runtime.wire.errors import BadMessageError
from showctl.runtime.wire.messages import HEADER, Hello, Kind, Message, Reader
from showctl.runtime.wire.stats import Counts, NodeStats, Stats, WidgetStats, decode_stats
from showctl.runtime.wire.tap import Tapped, decode_tap, encode_tap
from tests.runtime.wire.stage import row

EPOCH = bytes(range(100, 116))
ROWS = np.concatenate((row(7, 0, 65535, 100, over=50), row(9, 3, 1)))
CLOCKS = table((Clock(3, anchor=5, position=6, num=1, den=2),))
MASTERS = np.array([(0, 0, 65535, 0, 0, 0, 10, 20)], MASTER)
CHANGE = PlanChange(40, np.array([1, 2, 1 << 40]), ROWS, CLOCKS, (4, 5), MASTERS)


def read(*pieces: bytes) -> list[Message]:
    reader = Reader()
    return [message for piece in pieces for message in reader.feed(piece)]


def sent(kind: Kind, body: bytes, serial: int = 0) -> Message:
    (message,) = read(Message(kind, EPOCH, serial, body).encode())
    assert (message.kind, message.epoch, message.serial) == (kind, EPOCH, serial)
    return message


def test_a_header_in_literal_bytes() -> None:
    raw = Message(Kind.CUT, EPOCH, 258).encode()

    assert raw == b"SCW1" + b"\x01\x04\x00\x00" + EPOCH + b"\x02\x01\0\0\0\0\0\0" + b"\0\0\0\0" + b"\0\0\0\0"


def test_a_plan_arrives_as_it_was() -> None:
    plan, anchor = messages.decode_plan(sent(Kind.PLAN, messages.encode_plan(Plan(ROWS, CLOCKS, MASTERS), -5)))

    assert anchor == -5
    assert plan.same_as(Plan(ROWS, CLOCKS, MASTERS))


def test_a_change_arrives_as_it_was_with_its_instant_on_both_clocks() -> None:
    instant, change = messages.decode_change(sent(Kind.CHANGE, messages.encode_change(1040, CHANGE), 12), anchor=1000)

    assert (instant, change.instant, change.clocks_out) == (1040, 40, (4, 5))
    assert change.rows_out.tolist() == [1, 2, 1 << 40]
    assert [a.tobytes() for a in (change.rows_in, change.clocks, change.masters)] == [
        a.tobytes() for a in (ROWS, CLOCKS, MASTERS)
    ]


def test_columns_are_read_in_place() -> None:
    message = sent(Kind.CHANGE, messages.encode_change(0, CHANGE))
    _, change = messages.decode_change(message)

    assert not change.rows_in.flags.owndata
    assert not change.rows_in.flags.writeable


@pytest.mark.parametrize("loaded", [False, True])
def test_hello_stand_ins_and_panic_arrive_as_they_were(loaded: bool) -> None:
    hello = Hello(bytes(32), -1, 2, 3, 4, 44, loaded, not loaded)
    assert messages.decode_hello(sent(Kind.HELLO, hello.encode())) == hello

    safe, leaving = messages.decode_stand_ins(sent(Kind.STAND_INS, messages.encode_stand_ins(Plan(ROWS), Plan())))
    assert (safe.same_as(Plan(ROWS)), leaving.same_as(Plan())) == (True, True)
    assert messages.decode_panic(sent(Kind.PANIC, bytes((loaded,)))) is loaded


def test_routes_arrive_as_they_were() -> None:
    routes = np.zeros(3, messages.ROUTE)
    routes["universe"], routes["priority"] = [0, 0, 4], [100, 100, 150]
    routes["host"][:2] = [[127, 0, 1, 1], [127, 0, 1, 2]]
    message = sent(Kind.ROUTES, messages.encode_routes(routes))

    assert messages.decode_routes(message) == {0: (100, ("127.0.1.1", "127.0.1.2")), 4: (150, ())}


def test_stats_arrive_as_they_were() -> None:
    stats = Stats(
        Counts(frames=1 << 40, missed=2, realtime=1),
        (NodeStats("127.0.1.4", "Knoten Ofen", 12, (0, 5, 32767)), NodeStats("10.0.0.1", "", 0, ())),
        (WidgetStats("EN123456", True, 3, 9),),
    )

    assert decode_stats(sent(Kind.STATS, stats.encode())) == stats


@given(st.lists(st.integers(1, 60), min_size=1, max_size=40))
def test_however_the_stream_is_cut_the_messages_are_the_same(cuts: list[int]) -> None:
    stream = b"".join(
        Message(kind, EPOCH, serial, body).encode()
        for serial, (kind, body) in enumerate(
            [(Kind.CHANGE, messages.encode_change(0, CHANGE)), (Kind.CUT, b""), (Kind.PANIC, b"\x01"), (Kind.END, b"")]
        )
    )
    pieces, at = [], 0
    for cut in [*cuts, len(stream)]:
        pieces.append(stream[at : at + cut])
        at += cut

    assert read(*pieces) == read(stream)


@pytest.mark.parametrize(
    ("offset", "value", "what"),
    [
        (0, b"X", "not a message of the wire (at byte 40)"),
        (4, b"\x02", "version 2 of the contract, where 1 is spoken (at byte 44)"),
        (5, b"\x00", "kind 0 is unknown (at byte 45)"),
        (5, b"\xfe", "kind 254 is unknown (at byte 45)"),
        (32, b"\x01", "a cut of 1 bytes, where 0 are allowed (at byte 72)"),
    ],
)
def test_a_bad_header_is_refused_by_its_byte(offset: int, value: bytes, what: str) -> None:
    bad = bytearray(Message(Kind.CUT).encode())
    bad[offset : offset + 1] = value

    with pytest.raises(BadMessageError) as refused:
        read(Message(Kind.CUT).encode() + bad)
    assert str(refused.value) == what


def test_a_length_of_four_gigabytes_costs_nothing() -> None:
    with pytest.raises(BadMessageError, match="a plan of 4294967295 bytes, where 335544320 are allowed"):
        read(HEADER.pack(messages.MAGIC, messages.VERSION, Kind.PLAN, EPOCH, 0, 0xFFFFFFFF))


@pytest.mark.parametrize("short", [0, 1, 31, 40, 100, 200])
def test_a_change_that_says_more_than_it_brings_is_refused(short: int) -> None:
    body = messages.encode_change(0, CHANGE)[:short]

    with pytest.raises(BadMessageError, match=r"a change that says more than it brings \(at byte \d+\)"):
        messages.decode_change(sent(Kind.CHANGE, body))


def test_bytes_after_the_end_of_a_body_are_refused() -> None:
    with pytest.raises(BadMessageError, match="bytes after the end of a body"):
        messages.decode_change(sent(Kind.CHANGE, messages.encode_change(0, CHANGE) + b"\0"))


@settings(max_examples=300)
@given(st.data())
def test_no_bytes_raise_anything_but_a_bad_message(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(Kind)))
    body = bytearray(messages.encode_change(0, CHANGE) if kind is Kind.CHANGE else messages.encode_plan(Plan(ROWS), 0))
    for _ in range(data.draw(st.integers(0, 6))):
        struct.pack_into("<B", body, data.draw(st.integers(0, len(body) - 1)), data.draw(st.integers(0, 255)))
    body = body[: data.draw(st.integers(0, len(body)))]
    decoders = {
        Kind.HELLO: messages.decode_hello,
        Kind.PLAN: messages.decode_plan,
        Kind.CHANGE: messages.decode_change,
        Kind.STAND_INS: messages.decode_stand_ins,
        Kind.ROUTES: messages.decode_routes,
        Kind.PANIC: messages.decode_panic,
        Kind.STATS: decode_stats,
    }
    try:
        for message in read(Message(kind, EPOCH, 1, bytes(body)).encode(), data.draw(st.binary(max_size=80))):
            decoders.get(message.kind, lambda _: None)(message)
    except BadMessageError:
        pass


def test_a_tap_comes_back_as_it_went_and_a_cut_one_is_refused() -> None:
    tapped = [Tapped("sacn/1", 100, bytes(range(256)) * 2), Tapped("usbpro/fog", 0, b"\1\2")]
    body = encode_tap(tapped)

    assert decode_tap(Message(Kind.TAP, body=body)) == tapped
    with pytest.raises(BadMessageError, match="more than it brings"):
        decode_tap(Message(Kind.TAP, body=body[:-1]))
    with pytest.raises(BadMessageError, match="middle of a universe"):
        decode_tap(Message(Kind.TAP, body=body + b"\0"))


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_message_is_read(kind: Kind) -> None:
    assert [message.kind for message in Reader().feed(Message(kind).encode())] == [kind]
