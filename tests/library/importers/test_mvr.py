"""MVR scenes: where fixtures hang, what they are patched to, and what cannot be brought along. pymvr writes, we read."""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path

import pymvr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from showctl.library.importers.found import Found, Refused
from showctl.library.importers.mvr import angles
from showctl.library.importers.read import read_bytes
from showctl.light.aim import beam, rotation
from tests.library.importers import made
from tests.library.importers.made import hung, scene
from tests.light.plans import steady

HERE = "{1,0,0}{0,1,0}{0,0,1}{0,0,0}"


def found_of(*fixtures: str, **members: bytes) -> Found:
    return read_bytes(scene(*fixtures, head__gdtf=made.HEAD, **members), "scene.mvr")


def beam_of(matrix: str, pan: float = 0.0, tilt: float = 0.0) -> list[float]:
    hang = found_of(hung("a", "1", matrix)).fixtures[0].hang
    assert hang is not None
    return [round(part, 3) + 0.0 for part in beam(hang, pan, tilt)]


def test_millimetres_with_z_up_become_metres_with_y_up() -> None:
    fixture = found_of(hung("Spot 1", "1", "{1,0,0}{0,1,0}{0,0,1}{1500,-2500,6000}")).fixtures[0]
    assert fixture.at == (1.5, 6.0, -2.5)
    assert fixture.name == "spot_1"


def test_a_fixture_at_rest_points_down_and_leans_away_from_the_audience() -> None:
    """The scene's y is the venue's z; there, tilt turns about x and pan about z, both by the right hand."""
    assert beam_of(HERE) == [0, -1, 0]
    assert beam_of(HERE, tilt=90) == [0, 0, 1]
    assert beam_of(HERE, pan=90, tilt=90) == [-1, 0, 0]


def test_a_fixture_that_stands_points_up() -> None:
    """Half a turn about the scene's x."""
    assert beam_of("{1,0,0}{0,-1,0}{0,0,-1}{0,0,0}") == [0, 1, 0]


def test_a_fixture_turned_about_the_vertical_leans_where_it_is_turned() -> None:
    """A quarter about the scene's z, counter-clockwise from above: what leant away now leans to the left."""
    assert beam_of("{0,1,0}{-1,0,0}{0,0,1}{0,0,0}", tilt=90) == [-1, 0, 0]


def test_groups_within_groups_add_their_matrices() -> None:
    inner = hung("a", "1", "{1,0,0}{0,1,0}{0,0,1}{1000,0,0}")
    group = (
        "<GroupObject name='g' uuid='g'><Matrix>{0,1,0}{-1,0,0}{0,0,1}{0,5000,0}</Matrix>"
        f"<ChildList><Truss name='t' uuid='t'><Matrix>{{1,0,0}}{{0,1,0}}{{0,0,1}}{{0,0,4000}}</Matrix>"
        f"<ChildList>{inner}</ChildList></Truss></ChildList></GroupObject>"
    )
    assert found_of(group).fixtures[0].at == (0.0, 4.0, 6.0)


def test_scaled_and_squashed_matrices_are_turned_into_rotations_or_left_out() -> None:
    assert beam_of("{2,0,0}{0,2,0}{0,0,2}{0,0,0}") == [0, -1, 0]
    flat = found_of(hung("a", "1", "{1,0,0}{0,0,0}{0,0,1}{0,0,0}"))
    assert flat.fixtures[0].hang is None
    assert "orientation that is none" in flat.notes[0]


@steady
@given(st.floats(-180, 180), st.floats(-89, 89), st.floats(-180, 180))
def test_angles_make_the_rotation_that_they_were_taken_from(x: float, y: float, z: float) -> None:
    turned = rotation((x, y, z))
    again = rotation(angles(turned))
    assert all(math.isclose(turned[n][k], again[n][k], abs_tol=1e-4) for n, k in product(range(3), repeat=2))


@pytest.mark.parametrize(("words", "address"), [("1", 1), ("513", 513), ("2.1", 513), ("3.500", 1524), (" 20 ", 20)])
def test_addresses_count_through_universes_or_name_them(words: str, address: int) -> None:
    assert found_of(hung("a", words)).fixtures[0].address == address


@pytest.mark.parametrize("words", ["0", "", "-1", "0.5", "1.600", "99999999", "x"])
def test_what_is_not_patched_is_left_out_and_said(words: str) -> None:
    """pymvr reads 0 as slot 1 of universe 1."""
    found = found_of(hung("Spare", words))
    assert found.fixtures == []
    assert found.notes == ["Spare is not patched in the scene: left out"]


def test_what_cannot_be_hung_is_left_out_and_said_and_the_rest_comes() -> None:
    found = found_of(
        hung("a", "1"),
        hung("b", "5"),
        hung("c", "20", mode="Extended"),
        hung("d", "40", spec="other.gdtf"),
        hung("e", "510"),
        hung("f", "100").replace('uuid="f"', 'uuid="f" multipatch="a"'),
        hung("a", "60", more="<FixtureID>12</FixtureID>"),
    )
    assert [(item.name, item.address) for item in found.fixtures] == [("a", 1), ("a_12", 60)]
    said = "\n".join(found.notes)
    for words in (
        "b is left out: a stands at the same",
        "no mode Extended",
        "has no other.gdtf",
        "e is left out: 12 slots",
        "multipatch",
    ):
        assert words in said


def test_a_scene_without_fixtures_or_without_a_type_is_refused() -> None:
    with pytest.raises(Refused, match="without fixtures"):
        found_of()
    with pytest.raises(Refused, match="no fixture type that can be read"):
        read_bytes(scene(hung("a", "1")), "scene.mvr")
    with pytest.raises(Refused, match="is no zip archive"):
        read_bytes(scene(hung("a", "1"), head__gdtf=b"PK nonsense"), "scene.mvr")


def test_two_addresses_that_follow_one_another_are_one_fixture_and_others_are_left_out() -> None:
    two = made.gdtf(made.mode("Standard", made.channel("Dimmer", "1,2"), made.channel("Pan", "1", break_="2")), name="Two")
    at = '<Address break="1">11</Address><Address break="2">13</Address>'
    together = hung("a", "0").replace('<Address break="0">0</Address>', at)
    apart = hung("b", "0").replace('<Address break="0">0</Address>', at.replace("13", "100"))
    found = read_bytes(scene(together, apart, head__gdtf=two), "scene.mvr")
    assert [(item.name, item.address) for item in found.fixtures] == [("a", 11)]
    assert any("its 2 addresses do not follow one another" in note for note in found.notes)


def test_names_in_other_alphabets_find_their_file() -> None:
    found = read_bytes(scene(hung("Überkopf", "1", spec="Köpfe.gdtf"), Köpfe__gdtf=made.HEAD), "scene.mvr")
    assert [item.label for item in found.fixtures] == ["Überkopf"]


def test_a_scene_that_pymvr_wrote_is_read_as_it_meant_it(tmp_path: Path) -> None:
    (tmp_path / "head.gdtf").write_bytes(made.HEAD)
    writer = pymvr.GeneralSceneDescriptionWriter()
    fixtures = [
        pymvr.Fixture(
            name=f"Spot {n}",
            gdtf_spec="head.gdtf",
            gdtf_mode="Standard",
            addresses=pymvr.Addresses(addresses=[pymvr.Address(dmx_break=1, universe=1 + n // 40, address=1 + 12 * (n % 40))]),
            matrix=pymvr.Matrix([[1.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 0, 1.0, 0], [1000.0 * n, 250.0, 7000.0, 0]]),
        )
        for n in range(76)
    ]
    layers = pymvr.Layers([pymvr.Layer(name="Rig", child_list=pymvr.ChildList(fixtures=fixtures))])
    writer.serialize_scene(pymvr.Scene(layers=layers))
    writer.files_list = [(str(tmp_path / "head.gdtf"), "head.gdtf")]
    writer.write_mvr(str(tmp_path / "rig.mvr"))
    found = read_bytes((tmp_path / "rig.mvr").read_bytes(), "rig.mvr")
    assert [item.address for item in found.fixtures] == [(n // 40) * 512 + 1 + 12 * (n % 40) for n in range(76)]
    assert [item.at for item in found.fixtures] == [(float(n), 7.0, 0.25) for n in range(76)]
