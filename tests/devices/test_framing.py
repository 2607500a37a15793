"""Frames of described devices: cut the same whatever pieces the stream brings, and refused where it has lost its place."""

from __future__ import annotations

import random

import pytest

from showctl.devices.framing import LONGEST, FrameError, framing_of
from showctl.show.speech import Frame, phrase_of

LINES = Frame("ends")
MARKED = Frame("ends", b"\x03", b"\x02")
ESCAPED = Frame("ends", b"\x03", b"\x02", b"\x10")
SIZED = Frame("size", b"", size=2)
LITTLE = Frame("size", b"", size=4, little=True)
SAID = ["S 1 40", "", "OK", "雾 up", "x" * 300]


@pytest.mark.parametrize(
    ("frame", "bytes_"),
    [
        (LINES, b"UP 40\r\n"),
        (Frame("ends", b";"), b"UP 40;"),
        (MARKED, b"\x02UP 40\x03"),
        (SIZED, b"\x00\x05UP 40"),
        (LITTLE, b"\x05\x00\x00\x00UP 40"),
        (Frame("datagram"), b"UP 40"),
    ],
)
def test_a_frame_is_these_bytes(frame: Frame, bytes_: bytes) -> None:
    assert framing_of(frame).put("UP 40") == bytes_


def test_a_mark_inside_is_escaped_and_comes_back() -> None:
    said = "a\x02b\x03c\x10d"
    assert framing_of(ESCAPED).put(said) == b"\x02a\x10\x02b\x10\x03c\x10\x10d\x03"
    assert list(framing_of(ESCAPED).feed(framing_of(ESCAPED).put(said))) == [said]


@pytest.mark.parametrize("frame", [LINES, MARKED, ESCAPED, SIZED, LITTLE], ids=["lines", "marked", "escaped", "sized", "little"])
@pytest.mark.parametrize("seed", range(20))
def test_replies_split_and_merged_anywhere_are_the_same_replies(frame: Frame, seed: int) -> None:
    chance = random.Random(seed)
    stream = b"".join(framing_of(frame).put(said) for said in SAID)
    it, found = framing_of(frame), []
    while stream:
        cut = chance.randrange(1, 1 + chance.choice([1, 3, 400]))
        found += list(it.feed(stream[:cut]))
        stream = stream[cut:]
    assert found == SAID


def test_half_the_world_ends_its_lines_without_a_return() -> None:
    assert list(framing_of(LINES).feed(b"one\ntwo\r\nthree")) == ["one", "two"]


def test_noise_before_a_start_is_passed_over_and_a_lost_end_costs_one_frame() -> None:
    assert list(framing_of(MARKED).feed(b"noise\x02a\x03more\x02b\x02c\x03")) == ["a", "c"]
    assert list(framing_of(ESCAPED).feed(b"noise\x02a\x03more\x02b\x02c\x03")) == ["a", "c"]


@pytest.mark.parametrize("frame", [LINES, ESCAPED], ids=["lines", "escaped"])
def test_what_never_ends_is_refused_and_not_kept(frame: Frame) -> None:
    endless = frame.starts + b"x" * (LONGEST + 1)
    with pytest.raises(FrameError):
        list(framing_of(frame).feed(endless))


def test_a_length_that_nobody_would_send_is_refused() -> None:
    with pytest.raises(FrameError):
        list(framing_of(LITTLE).feed(b"\xff\xff\xff\x7f"))


def test_bytes_that_are_no_utf_8_come_through_as_they_are() -> None:
    it = framing_of(LINES)
    [said] = it.feed(b"\xff\xfe!\r\n")
    assert it.put(said) == b"\xff\xfe!\r\n"


# --- HTTP (RFC 9112) -------------------------------------------------------------------------------------------------------


def test_a_request_is_method_target_and_body() -> None:
    said = framing_of(Frame("http"), "10.0.0.7:80").put('PUT /degrees {"to": 45}')
    head, body = said.split(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"PUT /degrees HTTP/1.1"
    assert b"host: 10.0.0.7:80" in head.lower()
    assert b"content-length: 10" in head.lower()
    assert body == b'{"to": 45}'


def test_an_answer_is_its_status_and_body_in_whatever_pieces_and_the_line_serves_again() -> None:
    it = framing_of(Frame("http"), "x")
    for _ in range(3):
        it.put("GET /")
        answer = b"HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        assert [said for byte in answer for said in it.feed(bytes([byte]))] == ["200 abc"]


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200 Fine\r\nContent-Length: x\r\n\r\n", b"x" * 70000])
def test_what_is_no_http_is_refused(answer: bytes) -> None:
    it = framing_of(Frame("http"), "x")
    it.put("GET /")
    with pytest.raises(FrameError):
        list(it.feed(answer))


@pytest.mark.parametrize("said", ["GET /a b\r\nX: y", "G(T /", "GET /a\r\nb"])
def test_a_request_that_would_say_more_than_it_should_is_refused(said: str) -> None:
    it = framing_of(Frame("http"), "x")
    try:
        sent = it.put(said)
    except FrameError:
        return
    assert b"X: y" not in sent.split(b"\r\n\r\n")[0]


# --- phrases ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "said", "heard"),
    [
        ("OK", "OK", {}),
        ("OK", "OK ", None),
        ("S {state} {fan}", "S up 40", {"state": "up", "fan": "40"}),
        ("S {state} {fan}", "S up", None),
        ("S {state}", "S ", None),
        ("{a}, {b}!", "1, 2!", {"a": "1", "b": "2"}),
        ("{a}, {b}!", "1, 2", None),
        ("{*}={level}", "anything at all=3", {"level": "3"}),
        ("200{*}", "200", {}),
        ('{"degrees": {degrees}}', '{"degrees": 45}', {"degrees": "45"}),
    ],
)
def test_a_phrase_is_heard_in_full_or_not_at_all(phrase: str, said: str, heard: dict[str, str] | None) -> None:
    assert phrase_of(phrase).heard(said) == heard


def test_no_answer_however_odd_makes_a_phrase_go_back() -> None:
    phrase = phrase_of("".join(f"{{a{n}}}x" for n in range(30)) + "!")
    assert phrase.heard("x" * 60000) is None  # a pattern that tries again would not come back today
