"""The USB Pro widget: frames in literal bytes, answers, and lights that stay when their controller dies."""

from __future__ import annotations

import pytest

from simulators.venue import SimulatedVenue
from tests.simulators.rig import S, make_rig

PORT = "EN123456"
LIGHT = bytes.fromhex("7e 06 1900 00 ff") + bytes(23) + b"\xe7"
"""API 1.44, label 6: start code 0, then 24 slots, the first full."""


def the_venue() -> SimulatedVenue:
    venue = SimulatedVenue(make_rig())
    venue.start(0)
    assert venue.open_serial(PORT, 0)
    return venue


def answers(venue: SimulatedVenue) -> list[str]:
    return [arrival.data.hex(" ") for arrival in venue.take() if arrival.kind == "serial"]


def test_a_literal_frame_lights_its_universe() -> None:
    venue = the_venue()

    assert venue.serial(PORT, LIGHT, 0)

    assert venue.look("fog.fog", 0) == 100
    assert venue.state(0)["universes"]["usbpro/fog"]["slots"][:2] == [255, 0]


def test_frames_may_come_in_pieces_and_after_noise() -> None:
    venue = the_venue()

    for piece in (b"\x00\xe7garbage\x7e\xff\xff\xff", LIGHT[:3], LIGHT[3:10], LIGHT[10:]):
        venue.serial(PORT, piece, 0)

    assert venue.look("fog.fog", 0) == 100


@pytest.mark.parametrize(
    "frame",
    [
        bytes.fromhex("7e 06 1900 17 ff") + bytes(23) + b"\xe7",  # start code 0x17: text
        bytes.fromhex("7e 06 0200 00 ff e7"),  # one slot: fewer than 24
        bytes.fromhex("7e 06 1900 00 ff") + bytes(23) + b"\xe8",  # no end
    ],
)
def test_what_is_no_frame_of_levels_lights_nothing(frame: bytes) -> None:
    venue = the_venue()

    venue.serial(PORT, frame, 0)

    assert venue.look("fog.fog", 0) == 0


def test_it_says_who_it_is() -> None:
    venue = the_venue()

    venue.serial(PORT, bytes.fromhex("7e 03 0200 0000 e7"), 0)
    venue.serial(PORT, bytes.fromhex("7e 0a 0000 e7"), 0)

    assert answers(venue) == [
        "7e 03 05 00 44 01 09 01 28 e7",  # firmware 1.44, break 9, mark 1, 40 a second
        "7e 0a 04 00 56 34 12 00 e7",  # serial number 00123456, BCD, least significant first
    ]


def test_settings_are_kept() -> None:
    venue = the_venue()

    venue.serial(PORT, bytes.fromhex("7e 04 0700 0200 11 02 1e aa bb e7"), 0)
    venue.serial(PORT, bytes.fromhex("7e 03 0200 0200 e7"), 0)

    assert answers(venue) == ["7e 03 07 00 44 01 11 02 1e aa bb e7"]


def test_the_lights_stay_as_they_were_when_the_controller_dies() -> None:
    venue = the_venue()
    venue.serial(PORT, LIGHT, 0)

    venue.close(PORT, S)

    assert venue.look("fog.fog", 3600 * S) == 100


def test_a_widget_pulled_out_is_gone_and_comes_back_by_its_serial_number() -> None:
    venue = the_venue()
    venue.serial(PORT, LIGHT, 0)

    venue.act("fault", "fog_widget unplugged for 5s", S)

    assert [(arrival.kind, arrival.stream) for arrival in venue.take()] == [("closed", PORT)]
    assert not venue.serial(PORT, LIGHT, S)
    assert not venue.open_serial(PORT, S)
    venue.wake(6 * S)
    assert not venue.open_serial(PORT, 6 * S), "it is being enumerated"
    venue.wake(6 * S + S // 2)
    assert venue.open_serial(PORT, 7 * S)
    assert venue.serial(PORT, LIGHT, 7 * S)


def test_another_serial_number_is_not_plugged_in() -> None:
    venue = the_venue()

    assert not venue.open_serial("EN999999", 0)
