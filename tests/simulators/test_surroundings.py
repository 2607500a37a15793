"""What it is like in the room: light, sound, haze and people in each zone, and the picture on each surface; by arithmetic."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from showctl.show.devices import KINDS
from showctl.show.fixtures import Fixture, FixtureType, Mode, Point
from showctl.show.instants import seconds
from showctl.show.patch import Node, Protocol, Universe, make_patch
from showctl.show.show import Show
from showctl.show.triggers import Clip, SafeState, Speaker, Surface, Zone
from simulators.illumination import HEIGHT, METER
from simulators.venue import SimulatedVenue
from tests.simulators.rig import CMY, DESK, HEAD, RGBW, channel, full, sacn
from tests.simulators.stage import make_device, osc

DIMMER = Mode("1ch", 1, (channel("intensity", 0),))
FOGGER = Mode("1ch", 1, (channel("fog", 0),))
NOTHING = SafeState((), ())
S = seconds(1)


def square(name: str, x: float, room: str = "") -> Zone:
    return Zone(0, name, name, ((x, 0.0), (x + 2, 0.0), (x + 2, 2.0), (x, 2.0)), NOTHING, room=room)


def fixture(n: int, name: str, mode: Mode, address: int, at: tuple[float, float, float] | None, **more: object) -> Fixture:
    position = None if at is None else Point(*at)
    return Fixture(n, name, more.pop("kind", mode.name), mode, "sacn/1", address, position=position, **more)  # type: ignore[arg-type]


def the_show(*fixtures: Fixture, types: dict[str, FixtureType] | None = None) -> Show:
    devices = (
        make_device("sound", "sound_player"),
        make_device("film", "film_server", host="127.0.3.2"),
        make_device("tracker", "tracker"),
    )
    patch = make_patch((Universe(0, "sacn/1", Protocol.SACN, 1),), (Node("node", "127.0.1.1", ("sacn/1",)),), fixtures)
    return Show(
        "room",
        patch,
        (),
        devices=tuple(replace(device, index=n) for n, device in enumerate(devices)),
        zones=(square("here", 0.0), square("there", 20.0), square("cellar", 0.0, "cellar")),
        surfaces=(Surface("wall", "film", zone="here", lumens=1000.0),),
        speakers=(Speaker("pa", "sound", zone="here", loud=84.0), Speaker("sub", "sound", zone="here", loud=84.0)),
        clips=(
            Clip("rumble", "rumble.wav", seconds(40), ("sound",), loudness=-20.0),
            Clip("score", "score.wav", seconds(40), ("sound",), loudness=-12.0),
            Clip("sky", "sky.mov", seconds(40), ("film",), brightness=50.0),
            Clip("storm", "storm.mov", seconds(40), ("film",), brightness=50.0, flashes=2.0),
        ),
        fixture_types=types or {},
    )


def opened(show: Show) -> SimulatedVenue:
    venue = SimulatedVenue(show)
    venue.start(0)
    return venue


def light(venue: SimulatedVenue, *levels: int, now: int = 0) -> None:
    venue.datagram(DESK, ("239.255.0.1", 5568), sacn(1, full(bytes(levels)), now // S % 256), now)


def test_a_bare_lamp_gives_its_lumens_all_round_and_a_tenth_comes_back() -> None:
    """1000 lm, 3 m from a meter in the middle: 1000 / 4 pi 9; and what the room sends back."""
    venue = opened(the_show(fixture(0, "bulb", DIMMER, 1, (1.0, METER + 3, 1.0))))
    assert venue.look("here.light", 0) == 0

    light(venue, 255)

    floor = 2 * 4.0  # both zones of the room
    back = 1000 * 0.1 / 0.9 / (2 * floor + 4 * math.sqrt(floor) * HEIGHT)
    assert venue.look("here.light", 0) == pytest.approx(1000 / (4 * math.pi * 9) + back)
    assert venue.look("there.light", 0) == pytest.approx(1000 / (4 * math.pi * (20**2 + 9)) + back)
    assert venue.look("cellar.light", 0) == 0, "there is a wall between"
    light(venue, 51, now=S)
    assert venue.look("here.light", S) == pytest.approx((1000 / (4 * math.pi * 9) + back) / 5)


def test_a_head_lights_where_it_points_and_takes_its_time_to_turn() -> None:
    head = fixture(0, "head", HEAD, 1, (1.0, 6.0, 1.0), hang=(180.0, 0.0, 0.0), kind="head")
    venue = opened(
        the_show(head, types={"head": FixtureType("head", (HEAD,), pan_speed=180, tilt_speed=45, lumens=5000, spread=20)})
    )
    straight = (255, 255, 255, 255, 0x7F, 0xFF, 0x7F, 0xFF, 0)
    light(venue, *straight)

    solid = 2 * math.pi * (1 - math.cos(math.radians(10)))
    below = venue.look("here.light", 0)
    assert below == pytest.approx(5000 / (solid * (6 - METER) ** 2), rel=0.02)
    light(venue, *straight[:6], 0xFF, 0xFF, 0, now=S)  # tilt to 135 degrees, at 45 a second
    assert venue.look("here.light", S) == pytest.approx(below), "it has only been told to"
    assert float(venue.look("here.light", 4 * S)) < float(below) / 20


def test_a_lamp_of_no_place_lights_its_zone_and_color_is_told_in_shares() -> None:
    venue = opened(the_show(fixture(0, "par", RGBW, 1, None, zone="here"), fixture(1, "flag", CMY, 11, None, zone="here")))

    light(venue, 255, 51, 0, 0, *[0] * 6, 0, 255, 255)
    red = [venue.look(f"here.light_{color}", 0) for color in ("red", "green", "blue")]

    assert red[0] == 100
    assert red[1] == pytest.approx(4), "a fifth of a quarter, beside the quarter and the whole that are red"
    assert red[2] == 0
    light(venue, 0, 0, 0, 0, *[0] * 6, 255, 0, 0, now=S)
    assert float(venue.look("here.light_red", S)) < 1, "cyan takes the red out"
    assert venue.look("here.light_blue", S) == 100


def test_voices_add_up_and_lose_with_distance_and_through_walls() -> None:
    venue = opened(the_show())
    to = ("127.0.3.1", 7000)
    assert venue.look("here.sound", 0) == pytest.approx(30), "the building itself"

    venue.datagram(DESK, to, osc("/sound/play", "sssff", "a", "rumble", "pa", 0.0, 0.0), 0)
    assert venue.look("here.sound", S) == pytest.approx(84, abs=0.01)
    venue.datagram(DESK, to, osc("/sound/play", "sssff", "b", "rumble", "sub", 0.0, 0.0), S)
    assert venue.look("here.sound", S) == pytest.approx(87.01, abs=0.01)
    assert venue.look("there.sound", S) == pytest.approx(87.01 - 20 * math.log10(1 + 19 / 4), abs=0.01)
    assert venue.look("cellar.sound", S) == pytest.approx(47.1, abs=0.1)
    venue.datagram(DESK, to, osc("/sound/play", "sssff", "b", "score", "sub", -6.0, 0.0), S)
    assert venue.look("here.sound", S) == pytest.approx(10 * math.log10(10**8.4 + 10**8.6), abs=0.01)
    venue.datagram(DESK, to, osc("/sound/mute", "i", 1), S)
    assert venue.look("here.sound", S) == pytest.approx(30)


def test_fog_comes_while_a_machine_gives_it_and_goes_by_itself() -> None:
    venue = opened(the_show(fixture(0, "fog", FOGGER, 1, None, zone="here")))
    light(venue, 255)
    assert venue.look("here.haze", 10 * S) == pytest.approx(14.4, abs=0.1)
    light(venue, 0, now=10 * S)
    assert venue.look("here.haze", 130 * S) == pytest.approx(14.4 / math.e, abs=0.1)
    assert venue.look("cellar.haze", 130 * S) == 0


def test_a_picture_is_seen_while_its_player_has_power_and_lights_its_zone() -> None:
    venue = opened(the_show())
    assert (venue.look("wall.picture", 0), venue.look("wall.brightness", 0)) == ("", 0)
    assert venue.connect("s", ("127.0.3.2", KINDS["film_server"].port), 0)
    packet = osc("/film/play", "sisfif", "wall", 1, "sky", 0.0, 0, 0.0)
    venue.stream("s", b"\xc0" + packet + b"\xc0", 0)

    assert venue.look("wall.picture", S) == "sky"
    assert venue.look("wall.brightness", S) == 50
    assert venue.look("here.light", S) == pytest.approx(1000 * 0.5 * 0.5 / 4, rel=0.01)
    venue.act("fault", "film power lost", S)
    assert (venue.look("wall.picture", S), venue.look("here.light", S)) == ("", 0)


def test_a_film_that_flashes_is_bright_and_dark_by_turns() -> None:
    venue = opened(the_show())
    assert venue.connect("s", ("127.0.3.2", KINDS["film_server"].port), 0)
    venue.stream("s", b"\xc0" + osc("/film/play", "sisfif", "wall", 1, "storm", 0.0, 0, 0.0) + b"\xc0", 0)

    seen = [venue.look("wall.brightness", n * S // 8 + 1) for n in range(8)]

    assert seen == [100, 100, 0, 0, 100, 100, 0, 0]


def test_the_state_says_all_of_it() -> None:
    venue = opened(the_show(fixture(0, "bulb", DIMMER, 1, (1.0, 4.2, 1.0))))
    light(venue, 255)
    venue.act("guests", "3 in the room", 0)
    state = venue.state(0)

    assert set(state["zones"]["here"]) == {"light", "light_red", "light_green", "light_blue", "sound", "haze", "guests"}
    assert state["zones"]["here"]["guests"] == 3
    assert state["surfaces"] == {"wall": {"picture": "", "brightness": 0.0}}
