"""Renderers of sound objects: what each dialect says of a place, how often, and what it hears."""

import math
import random
from dataclasses import replace
from itertools import pairwise

import pytest

from showctl.devices.adm_osc import AdmOsc
from showctl.devices.driver import Outputs, Send
from showctl.devices.ds100 import Ds100
from showctl.devices.l_isa import LIsa
from showctl.devices.motion import Rest, travel
from showctl.devices.spatial import AGAIN, REFRESH, Spatial
from showctl.engine.following import AHEAD, CATCH_UP
from showctl.show.devices import KINDS, Field
from showctl.show.expressions import ValueType
from showctl.show.instants import MILLISECOND, SECOND, seconds
from showctl.show.space import SoundObject, Space, Vector, way_of
from tests.devices.adm_rules import complaint
from tests.devices.building import at, device, osc, reports, said, tell, until

TWO = (SoundObject("choir", 1), SoundObject("voice", 7, (0.0, 1.0, 4.0)))


def renderer(kind: type[Spatial] = AdmOsc, name: str = "adm_osc", **more: object) -> Spatial:
    """A renderer that has been greeted at 0; everything about its homes has been said."""
    given: dict[str, object] = {"objects": TWO, "origin": (0.0, 1.0, 4.0), "reach": (10.0, 10.0, 10.0)}
    fields = {word: Field(word, ValueType.NUMBER, 0.0) for item in TWO for word in (f"{item.name}_{axis}" for axis in "xyz")}
    known = replace(KINDS[name], fields=fields)
    made = kind(replace(device(name), kind=known, space=Space(**(given | more))))  # type: ignore[arg-type]
    made.start(0)
    until(made, 0, seconds(1))
    return made


def move(it: Spatial, now: int, way: str, name: str = "choir", **more: object) -> Outputs:
    return it.command(tell("move", object=name, way=way, **more), now)  # type: ignore[arg-type]


def timed(it: Spatial, now: int, end: int) -> list[tuple[float, tuple[object, ...]]]:
    """What is said until ``end``, with the second at which it is."""
    found: list[tuple[float, tuple[object, ...]]] = []
    for instant, output in until(it, now, end):
        found += [(round(instant / SECOND, 3), message) for message in said([output])]  # type: ignore[list-item]
    return found


def test_a_place_is_one_message_of_the_renderers_own_coordinates() -> None:
    it = renderer()
    assert said(move(it, at(1), "5 1 4")) == [("/adm/obj/1/xyz", 0.5, 0.0, 0.0)]  # to the right
    assert said(move(it, at(2), "0 1 9")) == [("/adm/obj/1/xyz", 0.0, 0.5, 0.0)]  # to the front
    assert said(move(it, at(3), "0 6 4")) == [("/adm/obj/1/xyz", 0.0, 0.0, 0.5)]  # up


def test_the_bytes_of_a_place() -> None:
    assert move(renderer(), at(1), "5 1 4") == [
        Send(b"/adm/obj/1/xyz\0\0,fff\0\0\0\0\x3f\0\0\0\0\0\0\0\0\0\0\0"),
    ]


@pytest.mark.parametrize(
    ("place", "aed"),
    [
        ("0 1 9", (0.0, 0.0, 0.5)),
        ("-5 1 4", (90.0, 0.0, 0.5)),  # left is positive: the quick reference's atan2(x, y) would say -90
        ("5 1 4", (-90.0, 0.0, 0.5)),
        ("-5 1 9", (45.0, 0.0, 0.707)),
        ("0 6 4", (0.0, 90.0, 0.5)),
        ("0 1 4", (0.0, 0.0, 0.0)),
        ("-90 1 4", (90.0, 0.0, 1.0)),
    ],
)
def test_azimuth_grows_to_the_left(place: str, aed: Vector) -> None:
    assert said(move(renderer(form="aed"), at(1), place)) == [("/adm/obj/1/aed", *aed)]


def test_polar_and_cartesian_words_mean_the_same_place_by_the_published_way_back() -> None:
    chance = random.Random("round trip")
    polar, cube = renderer(form="aed", facing=30.0), renderer(facing=30.0)
    for n in range(200):
        place = " ".join(f"{chance.uniform(-2, 5):.3f}" for _ in range(3))
        ((_, azimuth, elevation, distance),) = said(move(polar, at(2 + n), place))
        ((_, *xyz),) = said(move(cube, at(2 + n), place))
        a, e, d = (math.radians(float(azimuth)), math.radians(float(elevation)), float(distance))  # type: ignore[arg-type]
        back = (
            -d * math.sin(math.pi / 2 - e) * math.sin(a),
            d * math.sin(math.pi / 2 - e) * math.cos(a),
            d * math.cos(math.pi / 2 - e),
        )
        assert back == pytest.approx(xyz, abs=0.002), place


def test_every_message_keeps_to_the_address_rules() -> None:
    chance = random.Random("rules")
    for form in ("xyz", "aed"):
        it, now = renderer(form=form, returns=4002), at(1)
        for _ in range(300):
            now += 50 * MILLISECOND
            name = chance.choice(("choir", "voice"))
            place = " ".join(f"{chance.uniform(-200, 200):.3f}" for _ in range(3))
            match chance.randrange(4):
                case 0:
                    made = it.command(tell("level", object=name, level=chance.uniform(-130, 24)), now)
                case 1:
                    made = it.command(tell("spread", object=name, amount=chance.uniform(-10, 120)), now)
                case _:
                    made = move(it, now, f"here; {place}", name, over=chance.uniform(0, 2))
            every = [*made, *(output for _, output in until(it, now, now + 40 * MILLISECOND))]
            assert [words for output in every if isinstance(output, Send) and (words := complaint(output.data))] == []


def test_a_way_is_said_at_most_once_in_the_gap_and_its_end_exactly() -> None:
    it = renderer(gap=100 * MILLISECOND)
    assert said(move(it, at(1), "0 1 4; 10 1 4", over=1.03)) == [("/adm/obj/1/xyz", 0.0, 0.0, 0.0)]
    told = [(when, words) for when, words in timed(it, at(1), at(3)) if words[0] == "/adm/obj/1/xyz"]
    assert [when for when, _ in told] == [1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 2.1, 2.35]
    assert [words[1] for _, words in told][:3] == [0.097, 0.194, 0.291]
    assert told[-2][1] == told[-1][1] == ("/adm/obj/1/xyz", 1.0, 0.0, 0.0)  # its end, and once more: UDP loses words


def test_of_many_words_in_a_gap_the_last_one_wins() -> None:
    it = renderer(gap=100 * MILLISECOND)
    assert len(said(move(it, at(1), "1 1 4"))) == 1
    assert said(move(it, at(1.01), "2 1 4")) + said(move(it, at(1.02), "3 1 4")) == []
    assert timed(it, at(1.02), at(1.2)) == [(1.1, ("/adm/obj/1/xyz", 0.3, 0.0, 0.0))]


def test_a_loop_goes_round_and_a_mirror_forth_and_back() -> None:
    def along(loop: str, second: float) -> float:
        return round(travel("0 0 0; 4 0 0", 4.0, "linear", loop, 0.0, 0, None).at(seconds(second))[0], 3)

    assert [along("loop", s) for s in (1, 3, 5, 7)] == [1, 3, 1, 3]
    assert [along("mirror", s) for s in (1, 3, 5, 7)] == [1, 3, 3, 1]
    assert [along("no", s) for s in (1, 3, 4, 9)] == [1, 3, 4, 4]


def test_a_way_taken_up_later_is_where_it_would_be() -> None:
    it = renderer()
    assert said(move(it, at(1), "0 1 4; 10 1 4", over=10.0, at=5.0)) == [("/adm/obj/1/xyz", 0.5, 0.0, 0.0)]
    assert said(move(it, at(2), "0 1 4; 10 1 4", over=10.0, at=99.0)) == [("/adm/obj/1/xyz", 1.0, 0.0, 0.0)]


def test_a_circle_goes_round_as_seen_from_above() -> None:
    way = way_of("circle 0 1 6 radius 2 from 0 right")
    assert not hasattr(way, "points")
    places = [tuple(round(part, 3) + 0.0 for part in way.where(share)) for share in (0, 0.25, 0.5, 0.75, 1)]
    assert places == [(0, 1, 8), (2, 1, 6), (0, 1, 4), (-2, 1, 6), (0, 1, 8)]


@pytest.mark.parametrize(
    "words", ["", "1 2", "1 2 x", "here", "0 0 nan", "0 0 1e9", "circle 1 2 3", "circle 0 0 0 radius -1 from 0 left"]
)
def test_what_is_no_way_is_refused(words: str) -> None:
    with pytest.raises(ValueError):
        way_of(words)
    assert move(renderer(), at(1), words) == []


def test_a_pause_holds_objects_where_they_are() -> None:
    it = renderer()
    move(it, at(1), "0 1 4; 10 1 4", over=10.0)
    timed(it, at(1), at(3))
    it.command(tell("pause", on=True), at(3))
    held = {words for _, words in timed(it, at(3), at(5)) if words[0] == "/adm/obj/1/xyz"}
    assert held == {("/adm/obj/1/xyz", 0.2, 0.0, 0.0)}
    it.command(tell("pause", on=False), at(6))
    assert {words[0]: words[1] for _, words in timed(it, at(6), at(7))}["/adm/obj/1/xyz"] == pytest.approx(0.3, abs=0.01)


def test_stop_leaves_an_object_where_it_is_and_freeze_all_and_home_takes_them_home() -> None:
    it = renderer()
    move(it, at(1), "0 1 4; 10 1 4", over=10.0)
    move(it, at(1), "0 1 4; 10 1 4", "voice", over=10.0)
    timed(it, at(1), at(3))
    it.command(tell("stop", object="choir"), at(3))
    assert it.desired()["choir_x"] == pytest.approx(2.0, abs=0.05)
    it.command(tell("freeze", home=False), at(4))
    still = it.desired()
    timed(it, at(4), at(6))
    assert it.desired() == still
    assert ("/adm/obj/7/xyz", 0.0, 0.0, 0.0) in said(it.command(tell("freeze", home=True), at(7)))


def test_an_object_that_follows_is_drawn_along_the_line_and_believed_for_as_long_as_heads_believe_it() -> None:
    it = renderer()
    move(it, at(1), "0 1 4")
    assert said(it.command(tell("follow", object="choir", who="dancer", y=0.5), at(2))) == []  # nobody has been seen
    it.command(tell("track", object="choir", x=0.0, y=1.0, z=4.0, vx=1.0), at(3))
    told = [words for _, words in timed(it, at(3), at(5)) if words[0] == "/adm/obj/1/xyz"]
    steps = [abs(float(b[3]) - float(a[3])) for a, b in pairwise(told)]  # type: ignore[arg-type]
    assert max(steps) <= 0.5 / 10 * (1 / 30) / (CATCH_UP / SECOND) + 0.002, "it goes up to half a metre without a jump"
    assert told[-1] == ("/adm/obj/1/xyz", round(AHEAD / SECOND / 10, 3), 0.0, 0.05)


def test_a_renderer_that_answers_is_asked_and_its_word_is_what_is_reported() -> None:
    it = renderer(returns=4002)
    assert said(it.wake(it.next_deadline() or 0)) == [("/adm/obj/7/xyz",)]
    assert reports(it.received(osc("/adm/obj/7/xyz", "fff", 0.1, 0.2, -0.1), at(2))) == {
        "voice_x": 1.0,
        "voice_y": 0.0,
        "voice_z": 6.0,
    }
    assert it.heard() == at(2)


def test_one_that_answers_polar_coordinates_is_understood() -> None:
    it = renderer(returns=4002, form="aed")
    heard = reports(it.received(osc("/adm/obj/7/aed", "fff", 90.0, 0.0, 0.5), at(2)))
    assert heard == {"voice_x": -5.0, "voice_y": 1.0, "voice_z": pytest.approx(4.0)}


def test_nonsense_says_nothing() -> None:
    it = renderer(returns=4002)
    for data in (b"", b"/adm", osc("/adm/obj/7/xyz", "ff", 0.1, 0.2), osc("/adm/obj/99/xyz", "fff", 0.0, 0.0, 0.0), osc("/x")):
        assert reports(it.received(data, at(2))) == {}
    assert it.command(tell("level", object="nobody", level=0.0), at(2)) == []
    assert it.command(tell("move", object="choir", way="0 0 0", ease="wild"), at(2)) == []


def test_one_that_never_answers_is_told_everything_again_every_few_seconds() -> None:
    it = renderer()
    move(it, at(1), "5 1 4")
    told = [(when, words) for when, words in timed(it, at(1), at(11)) if words[0] == "/adm/obj/1/xyz"]
    assert [when for when, _ in told] == [1.25, 5.0, 5.25, 10.0, 10.25]
    assert REFRESH == 5 * SECOND
    assert AGAIN == 250 * MILLISECOND


def test_a_level_is_linear_in_adm_osc_and_decibels_on_a_ds100() -> None:
    assert said(renderer().command(tell("level", object="choir", level=-6.0), at(1))) == [("/adm/obj/1/gain", 0.501)]
    assert said(renderer().command(tell("level", object="choir", level=-120.0), at(1))) == [("/adm/obj/1/gain", 0.0)]
    ds100 = renderer(Ds100, "ds100", area=(-5.0, 0.0, 5.0, 10.0))
    assert said(ds100.command(tell("level", object="choir", level=-6.0), at(1))) == [("/dbaudio1/matrixinput/gain/1", -6.0)]
    assert said(ds100.command(tell("spread", object="choir", amount=50.0), at(2))) == [
        ("/dbaudio1/positioning/source_spread/1", 0.5)
    ]


def test_a_ds100_is_told_of_places_in_its_mapping_area() -> None:
    it = renderer(Ds100, "ds100", area=(-5.0, 0.0, 5.0, 10.0), mapping=2, returns=50011)
    address = "/dbaudio1/coordinatemapping/source_position_xy/2/1"
    assert said(move(it, at(1), "-5 1 0")) == [(address, 0.0, 0.0)]
    assert said(move(it, at(2), "5 9 10")) == [(address, 1.0, 1.0)]
    assert said(move(it, at(3), "99 1 5")) == [(address, 1.0, 0.5)]
    assert reports(it.received(osc(address, "ff", 0.25, 0.5), at(4))) == {"choir_x": -2.5, "choir_z": 5.0}


def test_an_l_isa_is_told_pan_distance_and_elevation_from_0_to_1() -> None:
    it = renderer(LIsa, "l_isa")
    assert said(move(it, at(1), "0 1 9")) == [("/ext/src/1/p", 0.5), ("/ext/src/1/d", 0.5), ("/ext/src/1/e", 0.0)]
    assert said(move(it, at(2), "5 1 4")) == [("/ext/src/1/p", 0.75), ("/ext/src/1/d", 0.5), ("/ext/src/1/e", 0.0)]
    assert said(move(it, at(3), "-5 1 4"))[0] == ("/ext/src/1/p", 0.25)
    assert said(move(it, at(4), "0 6 4")) == [("/ext/src/1/p", 0.5), ("/ext/src/1/d", 0.5), ("/ext/src/1/e", 1.0)]
    assert said(move(renderer(LIsa, "l_isa", span=180.0), at(1), "5 1 4"))[0] == ("/ext/src/1/p", 1.0)


def test_what_was_asked_before_there_was_a_link_is_said_at_the_start() -> None:
    it = AdmOsc(device("adm_osc", space=Space(TWO, reach=(10.0, 10.0, 10.0))))
    move(it, at(3), "5 0 0")
    assert said(it.start(at(100))) == [("/adm/obj/1/xyz", 0.5, 0.0, 0.0), ("/adm/obj/7/xyz", 0.0, 0.4, 0.1)]


def test_rest_has_always_been_over() -> None:
    assert Rest((1.0, 2.0, 3.0)).over_at() < 0
