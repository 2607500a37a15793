"""Timecode that a simulated player sends along: a label a frame, on time, in every rate; and how it breaks."""

from __future__ import annotations

import pytest

from showctl.protocols import artnet, osc
from showctl.protocols.timecode import RATES, Rate, from_frames
from showctl.show.instants import SECOND
from showctl.show.show import TimecodeInput
from simulators.code_track import CodeTrack
from simulators.playing import ClipClock

FRAME = SECOND // 25


def track(kind: str = "osc", rate: tuple[int, int, bool] = (25, 1, False), begins: int = 3600 * SECOND) -> CodeTrack:
    num, den, drop = rate
    return CodeTrack(TimecodeInput("desk", kind, num, den, source="sound", drop=drop, along=(("score", begins),)), 1)


def said(code: CodeTrack, clock: ClipClock, until: int) -> list[tuple[int, str]]:
    """(when, label) of every message until an instant."""
    found = []
    while (due := code.due(clock)) is not None and due <= until:
        packet = code.packet("score", due)
        if packet is not None:
            message = osc.decode(packet)
            assert isinstance(message, osc.Message)
            assert message.address == "/showctl/timecode/desk"
            found.append((due, str(message.arguments[0])))
    return found


def test_a_label_a_frame_from_where_the_clip_begins() -> None:
    heard = said(track(), ClipClock("score", 54 * SECOND, False, 0, 7 * SECOND), 8 * SECOND)
    assert heard[:2] == [(7 * SECOND, "01:00:00:00"), (7 * SECOND + FRAME, "01:00:00:01")]
    assert heard[-1] == (8 * SECOND, "01:00:01:00")
    assert len(heard) == 26


def test_a_clip_that_starts_in_its_middle_says_the_next_whole_frame() -> None:
    assert said(track(), ClipClock("score", None, False, FRAME // 2, 0), FRAME)[0] == (FRAME // 2, "01:00:00:01")


def test_a_clip_that_stands_or_is_over_says_nothing() -> None:
    assert track().due(ClipClock("score", None, False, 0, 0, running=False)) is None
    assert said(track(), ClipClock("score", 2 * FRAME, False, 0, 0), SECOND) == [(0, "01:00:00:00"), (FRAME, "01:00:00:01")]


@pytest.mark.parametrize("rate", RATES.values(), ids=RATES)
def test_labels_are_those_of_the_standard(rate: Rate) -> None:
    code = track(rate=(rate.num, rate.den, rate.drop))
    for count in (*range(3_700), *range(17_000, 19_000), 107_891, 107_892, rate.frames_per_day - 1):
        assert code.label(count) == str(from_frames(count, rate))


def test_art_net_packets_are_those_of_the_page() -> None:
    code = track("artnet")
    code.due(ClipClock("score", None, False, 0, 0))
    packet = code.packet("score", 0)
    assert packet == b"Art-Net\0\x00\x97\x00\x0e\x00\x00\x00\x00\x00\x01\x01"
    assert artnet.decode(packet) == artnet.TimeCode(1, 0, 0, 0, artnet.TimeCodeType.EBU_25)


def test_code_that_is_lost_jumps_or_repeats_for_a_while() -> None:
    code, clock = track(), ClipClock("score", None, False, 0, 0)
    assert code.break_("code lost for 1s", 0)
    assert said(code, clock, SECOND - 1) == []
    assert code.break_("code jumps -10s for 1s", SECOND)
    assert said(code, clock, SECOND)[0][1] == "00:59:51:00"
    assert code.break_("code repeats for 80ms", SECOND + FRAME)
    assert [label for _, label in said(code, clock, SECOND + 3 * FRAME)] == ["00:59:51:00", "00:59:51:00", "01:00:01:03"]
    assert not code.break_("power lost", 0)
    for words in ("code lost", "code jumps", "code torn", "code lost 3s"):
        with pytest.raises(ValueError, match=r"code knows|is not a time"):
            code.break_(words, 0)
