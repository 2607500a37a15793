"""A simulated widget with a desk on its cable: it reports when it is asked to, by literal frames of API 1.44."""

import pytest

from showctl.show.instants import MILLISECOND as MS
from simulators.dmx_desk import DeskWidget

ALWAYS, CHANGES = bytes.fromhex("7e 08 01 00 00 e7"), bytes.fromhex("7e 08 01 00 01 e7")
HALF = bytes.fromhex("7e 05 02 02 00 00") + bytes([128]) * 512 + b"\xe7"  # status, start code, 512 slots: 514 bytes


def plugged(mode: bytes = b"") -> DeskWidget:
    made = DeskWidget("EN654321")
    made.start(0)
    assert made.connected("serial", 0)
    if mode:
        made.stream("serial", mode, 0)
    return made


def said(widget: DeskWidget, until: int) -> list[bytes]:
    widget.wake(until * MS)
    return [out.data for out in widget.take() if out.data]


def test_it_reports_every_packet_once_it_was_asked_to() -> None:
    widget = plugged()
    widget.act("at 50", 0)
    assert said(widget, 100) == [], "nobody has asked"
    widget.stream("serial", ALWAYS, 100 * MS)

    assert said(widget, 200) == [HALF] * 4, "one in 25 ms"


def test_a_desk_that_is_off_sends_nothing_and_one_slot_may_differ() -> None:
    widget = plugged(ALWAYS)
    assert said(widget, 1000) == []
    widget.act("at 50", 1000 * MS)
    widget.act("slot 3 at 100", 1000 * MS)
    assert said(widget, 1025) == [HALF[:8] + b"\xff" + HALF[9:]]
    widget.act("off", 1025 * MS)

    assert said(widget, 2000) == []


def test_on_change_it_reports_only_what_is_new() -> None:
    widget = plugged(CHANGES)
    widget.act("at 50", 0)

    assert said(widget, 1000) == [HALF]


def test_after_it_was_pulled_out_it_must_be_asked_again() -> None:
    widget = plugged(ALWAYS)
    widget.act("at 50", 0)
    widget.act("unplugged for 1s", 10 * MS)
    widget.wake(3000 * MS)
    widget.take()
    assert widget.connected("serial", 3000 * MS)
    widget.act("at 50", 3000 * MS)

    assert said(widget, 3100) == []


def test_other_words_are_refused_with_those_it_knows() -> None:
    with pytest.raises(ValueError, match="EN654321_desk knows: at 50, slot 12 at 50, off, unplugged, plugged"):
        plugged().act("at 101", 0)
