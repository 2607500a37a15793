"""mpv's lines, as mpv 0.35.1 was heard to write them, and what is no such line."""

import random

import pytest

from showctl.protocols import mpv
from showctl.protocols.errors import ProtocolError

HEARD = [
    (b'{"data":"mpv 0.35.1","request_id":1,"error":"success"}', mpv.Answer(1, "success", "mpv 0.35.1")),
    (b'{"request_id":13,"error":"success"}', mpv.Answer(13, "success")),
    (b'{"data":null,"request_id":53,"error":"success"}', mpv.Answer(53, "success")),
    (b'{"data":{"playlist_entry_id":2},"request_id":48,"error":"success"}', mpv.Answer(48, "success", 2)),
    (b'{"request_id":54,"error":"property unavailable"}', mpv.Answer(54, "property unavailable")),
    (b'{"event":"property-change","id":7,"name":"time-pos","data":2.520000}', mpv.Changed("time-pos", 2.52)),
    (b'{"event":"property-change","id":7,"name":"path"}', mpv.Changed("path")),
    (b'{"event":"playback-restart"}', mpv.Event("playback-restart")),
    (
        b'{"event":"end-file","reason":"error","playlist_entry_id":2,"file_error":"loading failed"}',
        mpv.Event("end-file", "error", "loading failed", 2),
    ),
]


@pytest.mark.parametrize(("line", "said"), HEARD)
def test_what_mpv_says_is_understood(line: bytes, said: mpv.Said) -> None:
    assert mpv.decode(line) == said


def test_a_command_is_one_line_with_its_number() -> None:
    assert mpv.command(7, "set_property", "pause", False) == b'{"command": ["set_property", "pause", false], "request_id": 7}\n'
    assert mpv.command(8, "loadfile", "炉.mkv", "replace").endswith('"炉.mkv", "replace"], "request_id": 8}\n'.encode())
    with pytest.raises(ValueError):
        mpv.command(1, "seek", float("nan"))


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"{", b'{"error": 3}', b'{"request_id": "x", "error": "success"}', b"[" * 30000, b"\xff"]
)
def test_what_is_no_line_of_mpv_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        mpv.decode(line)


def test_lines_are_cut_whatever_pieces_they_come_in() -> None:
    whole = b"".join(line + b"\n" for line, _ in HEARD)
    chance = random.Random(4)
    for _ in range(50):
        lines, found, place = mpv.Lines(), [], 0
        while place < len(whole):
            step = chance.randrange(1, 40)
            found += [mpv.decode(line) for line in lines.feed(whole[place : place + step])]
            place += step
        assert found == [said for _, said in HEARD]


def test_a_line_without_an_end_is_given_up_at_64_KiB() -> None:  # noqa: N802
    lines = mpv.Lines()
    assert list(lines.feed(b"x" * 65536)) == []
    with pytest.raises(ProtocolError):
        list(lines.feed(b"x"))


def test_levels_are_mpvs_cubic_volume_and_whole_contrast() -> None:
    assert mpv.volume_of(10 ** (-18 / 20)) == pytest.approx(100 * 10 ** (-18 / 60))
    assert mpv.volume_of(10 ** (24 / 20)) == pytest.approx(251.2, abs=0.05)  # what --volume-max=252 is for
    assert [mpv.opacity_of(mpv.contrast_of(percent)) for percent in (0, 1, 50, 100, 140)] == [0, 1, 50, 100, 100]
