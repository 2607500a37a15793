"""GDTF: what a channel becomes, references as cells, breaks, and what pygdtf gets wrong."""

from __future__ import annotations

import pytest

from showctl.library.importers.found import FoundChannel, FoundMode, FoundType, Refused
from showctl.library.importers.read import read_bytes
from tests.library.importers import made
from tests.library.importers.made import channel, gdtf, mode


def kind_of(data: bytes) -> FoundType:
    return read_bytes(data, "lamp.gdtf").types[0]


def mode_of(*channels: str, geometries: str = '<Geometry Name="Body"/>') -> FoundMode:
    return kind_of(gdtf(mode("m", *channels), geometries=geometries)).modes[0]


def row(item: FoundChannel) -> tuple[str, int, tuple[int, ...]]:
    return item.parameter, item.cell, item.slots


def test_a_head_comes_in_with_ranges_homes_highlights_names_and_speeds() -> None:
    head = kind_of(made.HEAD)
    by_name = {item.parameter: item for item in head.modes[0].channels}
    assert head.name == "acme_head"
    assert head.modes[0].footprint == 12
    assert by_name["intensity"].highlight == 1.0
    assert (by_name["pan"].low, by_name["pan"].high, by_name["pan"].slots) == (-270, 270, (2, 3))
    assert by_name["pan"].default == pytest.approx(0.5, abs=0.01)
    assert (by_name["tilt"].low, by_name["tilt"].high, by_name["tilt"].slots) == (135, -135, (4, 5, 6))
    assert by_name["blue"].inverted
    assert by_name["blue"].default == 0.0, "255 the other way round"
    assert list(by_name["gobo"].names) == ["open", "stars"]
    assert head.pan_speed == 180
    assert head.emitters == {"red": (0.69, 0.31, 20), "green": (0.2, 0.7, 60), "blue": (0.15, 0.05, 8)}


def test_a_geometry_that_is_referred_to_is_a_cell_each_time_with_its_offset() -> None:
    pixels = mode_of(
        channel("Dimmer", "1"),
        channel("ColorAdd_R", "1", "Pixel"),
        channel("ColorAdd_G", "2", "Pixel"),
        geometries=made.pixels(3, 2, 2),
    )
    assert (pixels.footprint, pixels.cells) == (7, 3)
    assert [row(item) for item in pixels.channels] == [
        ("intensity", -1, (0,)), ("red", 0, (1,)), ("green", 0, (2,)), ("red", 1, (3,)), ("green", 1, (4,)),
        ("red", 2, (5,)), ("green", 2, (6,)),
    ]  # fmt: skip


def test_a_channel_of_a_part_of_what_is_referred_to_is_there_each_time_as_well() -> None:
    """pygdtf looks at the geometry itself only, and makes channels of its own where it finds none."""
    pixels = mode_of(channel("ColorAdd_R", "1", "Light"), geometries=made.pixels(4, 1, 1))
    assert (pixels.footprint, pixels.cells) == (4, 4)


def test_several_addresses_follow_one_another_and_that_is_said() -> None:
    found = kind_of(gdtf(mode("m", channel("Dimmer", "1,2"), channel("ColorAdd_R", "1", break_="2"))))
    assert found.modes[0].footprint == 3
    assert found.modes[0].breaks == (2, 1)
    assert [row(item) for item in found.modes[0].channels] == [("intensity", -1, (0, 1)), ("red", -1, (2,))]
    assert "2 addresses (2, 1 slots)" in found.notes[0]


def test_overwrite_is_the_last_break_of_the_reference() -> None:
    geometries = (
        '<Geometry Name="Body"><GeometryReference Name="A" Geometry="P"><Break DMXBreak="1" DMXOffset="5"/>'
        '<Break DMXBreak="2" DMXOffset="3"/></GeometryReference></Geometry><Geometry Name="P"/>'
    )
    found = mode_of(channel("Dimmer", "1"), channel("ColorAdd_R", "1", "P", break_="Overwrite"), geometries=geometries)
    assert found.breaks == (1, 3)
    assert [row(item) for item in found.channels] == [("intensity", -1, (0,)), ("red", -1, (3,))]


def test_two_dimmers_and_two_reds_are_two_cells() -> None:
    names = ("Dimmer", "ColorAdd_R", "Dimmer", "ColorAdd_R", "Pan")
    found = kind_of(gdtf(mode("m", *(channel(name, str(n + 1)) for n, name in enumerate(names)))))
    assert found.modes[0].cells == 2
    assert [row(item) for item in found.modes[0].channels] == [
        ("pan", -1, (4,)), ("intensity", 0, (0,)), ("red", 0, (1,)), ("intensity", 1, (2,)), ("red", 1, (3,)),
    ]  # fmt: skip
    assert found.notes == ["mode m has intensity, red more than once: they are cells 1 to 2, in the order of their slots"]


def test_a_dimmer_of_the_body_is_over_those_of_its_pixels_and_of_its_parts() -> None:
    pixels = mode_of(channel("Dimmer", "1"), channel("Dimmer", "1", "Pixel"), geometries=made.pixels(2, 1, 2))
    assert [row(item) for item in pixels.channels] == [("intensity", -1, (0,)), ("dim", 0, (1,)), ("dim", 1, (2,))]
    parts = '<Geometry Name="Body"><Beam Name="Left"/><Beam Name="Right"/></Geometry>'
    lamp = mode_of(channel("Dimmer", "1"), channel("Dimmer", "2", "Left"), channel("Dimmer", "3", "Right"), geometries=parts)
    assert [row(item) for item in lamp.channels] == [("intensity", -1, (0,)), ("dim", 0, (1,)), ("dim", 1, (2,))]


def test_four_bytes_are_driven_by_three_and_take_four() -> None:
    found = kind_of(gdtf(mode("m", channel("Pan", "1,2,3,4"))))
    assert found.modes[0].footprint == 4
    assert found.modes[0].channels[0].slots == (0, 1, 2)
    assert found.notes == ["only the first 24 bits of pan are driven"]


def test_what_only_a_console_knows_takes_no_slot() -> None:
    assert mode_of(channel("Dimmer", "None"), channel("ColorAdd_R", "1")).footprint == 1
    with pytest.raises(Refused, match="takes no slots"):
        mode_of(channel("Dimmer", ""))


def test_angles_beyond_reason_are_left_out_and_a_range_that_says_nothing_is_none() -> None:
    found = kind_of(gdtf(mode("m", channel("Pan", "1", physical="0 1"), channel("Tilt", "2", physical="-99999 99999"))))
    assert all(item.low is None for item in found.modes[0].channels)
    assert found.notes == ["tilt is said to go from -99999 to 99999 degrees: left out"]


def test_what_one_channel_does_to_another_is_carried_by_a_virtual_dimmer_and_otherwise_said() -> None:
    relations = (
        '<Relations><Relation Name="a" Master="Body_Dimmer" Follower="Body_ColorAdd_R.ColorAdd_R.ColorAdd_R" Type="Multiply"/>'
        '<Relation Name="b" Master="Body_Control1" Follower="Body_Pan.Pan.Pan" Type="Override"/></Relations>'
    )
    red = channel("ColorAdd_R", "1").replace("<ChannelFunction ", '<ChannelFunction ModeMaster="Body_Control1.Control1" ')
    made = mode("m", channel("Dimmer", ""), red, channel("Control1", "2")).replace("</DMXMode>", f"{relations}</DMXMode>")
    kind = kind_of(gdtf(made))

    assert [item.parameter for item in kind.modes[0].channels] == ["red", "control1"]
    assert kind.notes == [
        "mode m: within the light Body_Control1 overrides Body_Pan; the simulated one does not do that",
        "mode m: a name brings along what its meaning depends on, a plain level does not: ColorAdd_R by Body_Control1",
    ]


def test_a_name_knows_where_another_channel_stands_for_it_to_mean_that() -> None:
    """A gobo wheel that its control channel lets shake: DIN SPEC 15800, ModeMaster with ModeFrom and ModeTo."""
    shakes = (
        '<ChannelFunction Name="Shake" Attribute="Gobo1WheelShake" DMXFrom="0/1"'
        ' ModeMaster="Body_Control1" ModeFrom="100/1" ModeTo="109/1">'
        '<ChannelSet Name="Shake stars" DMXFrom="128/1" DMXTo="255/1"/></ChannelFunction></LogicalChannel>'
    )
    stars = '<ChannelSet Name="Stars" DMXFrom="128/1" DMXTo="255/1"/>'
    wheel = channel("Gobo1", "1", sets=stars).replace("</LogicalChannel>", shakes)
    gobo, control = kind_of(gdtf(mode("m", wheel, channel("Control1", "2")))).modes[0].channels

    assert list(gobo.names) == ["stars", "shake_stars"]
    assert {name: (other.parameter, round(level * 255)) for name, (other, level) in gobo.needs.items()} == {
        "shake_stars": ("control1", 104)
    }
    assert control.needs == {}


def test_a_master_may_be_a_function_without_a_range_and_then_stands_where_that_begins() -> None:
    """As a moving light of the field has it: what turns a gobo means its place, or its speed, by what the wheel does."""
    spins = '<ChannelFunction Name="Spin" Attribute="Gobo1SelectSpin" DMXFrom="128/1"/></LogicalChannel>'
    wheel = channel("Gobo1", "1").replace("</LogicalChannel>", spins)
    turns = (
        '<ChannelFunction Name="Turn" Attribute="Gobo1PosRotate" DMXFrom="0/1" ModeMaster="Body_Gobo1.Gobo1.Spin" ModeFrom="0/1"'
        ' ModeTo="0/1"/></LogicalChannel>'
    )
    place = channel("Gobo1Pos", "2,3").replace("</LogicalChannel>", turns)
    place = place.replace(
        '<ChannelFunction Name="Gobo1Pos"', '<ChannelFunction ModeMaster="Body_Gobo1.Gobo1.Gobo1" Name="Gobo1Pos"'
    )
    _, turned = kind_of(gdtf(mode("m", wheel, place))).modes[0].channels

    assert {name: (other.parameter, round(level * 255)) for name, (other, level) in turned.needs.items()} == {
        "gobo1pos": ("gobo", 0),
        "turn": ("gobo", 128),
    }
