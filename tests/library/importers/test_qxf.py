"""QLC+ definitions: what a channel is by its words, whose fine half it is, and where a shutter rests."""

from __future__ import annotations

from pathlib import Path

import pytest

from showctl.library.importers.found import FoundType
from showctl.library.importers.read import read_bytes, read_file
from tests.library.importers.counting import qxf_footprints

LIBRARY = Path("/usr/share/qlcplus/fixtures")


def channel(name: str, group: str, *capabilities: str, **more: str) -> str:
    """One channel; ``more``: byte, color, preset; each capability ``0-9 Off``."""
    byte, color = more.get("byte", "0"), more.get("color", "")
    said = "".join(
        '<Capability Min="{}" Max="{}">{}</Capability>'.format(*part.partition(" ")[0].split("-"), part.partition(" ")[2])
        for part in capabilities
    )
    if preset := more.get("preset", ""):
        return f'<Channel Name="{name}" Preset="{preset}"/>'
    colour = f"<Colour>{color}</Colour>" if color else ""
    return f'<Channel Name="{name}">{colour}<Group Byte="{byte}">{group}</Group>{said}</Channel>'


def kind(*channels: str) -> FoundType:
    """A lamp whose only mode has ``channels`` in their order."""
    names = [text.split('"')[1] for text in channels]
    mode = "".join(f'<Channel Number="{n}">{name}</Channel>' for n, name in enumerate(names))
    text = (
        '<?xml version="1.0"?><!DOCTYPE FixtureDefinition><FixtureDefinition xmlns="http://www.qlcplus.org/FixtureDefinition">'
        f'<Manufacturer>Acme</Manufacturer><Model>Any</Model>{"".join(channels)}<Mode Name="m">{mode}</Mode></FixtureDefinition>'
    )
    return read_bytes(text.encode(), "any.qxf").types[0]


def parameters(*channels: str) -> list[tuple[str, tuple[int, ...]]]:
    return sorted(((item.parameter, item.slots) for item in kind(*channels).modes[0].channels), key=lambda item: item[1])


def test_what_is_only_of_the_group_intensity_does_not_come_up_with_the_light() -> None:
    found = parameters(
        channel("Master dimmer", "Intensity"),
        channel("Strobing", "Intensity"),
        channel("Dimmer curves", "Intensity", "0-99 Linear", "100-255 Soft"),
        channel("Macros / programs", "Intensity"),
        channel("Fan speed", "Intensity"),
    )
    assert [name for name, _ in found] == ["intensity", "strobe", "dimmer_curves", "macros_programs", "fan_speed"]


def test_warm_and_cool_white_are_two_lamps_and_no_two_cells() -> None:
    found = kind(channel("Warm White", "Intensity", color="White"), channel("Cool White", "Intensity", color="White"))
    assert [(item.parameter, item.cell) for item in found.modes[0].channels] == [("warm", -1), ("cool", -1)]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("Master dimmer", "LED 1", "LED 2"), [("intensity", -1), ("dim", 0), ("dim", 1)]),
        (("Dimmer", "LED 1 dimmer", "LED 2 dimmer"), [("intensity", -1), ("dim", 0), ("dim", 1)]),
        (("Dimmer", "Dimmer 2", "Dimmer 3"), [("intensity", 0), ("intensity", 1), ("intensity", 2)]),
        (("Master dimmer", "Node dim"), [("intensity", -1), ("dim", -1)]),
    ],
)
def test_one_dimmer_over_the_others_is_the_light_s_and_they_rest_at_full(
    names: tuple[str, ...], found: list[tuple[str, int]]
) -> None:
    made = kind(*(channel(name, "Intensity") for name in names)).modes[0].channels
    assert sorted((item.parameter, item.cell) for item in made) == sorted(found)
    assert {item.default for item in made if item.parameter == "dim"} <= {1.0}


def test_a_fine_half_is_found_by_its_name_whatever_it_is_called() -> None:
    found = parameters(
        channel("Focus (MSB)", "Beam"),
        channel("Focus, fine (LSB)", "Beam", byte="1"),
        channel("Rotating gobo index", "Gobo"),
        channel("Rotating gobo indexing Fine", "Gobo", byte="1"),
    )
    assert [slots for _, slots in found] == [(0, 1), (2, 3)]


def test_a_channel_that_is_flagged_as_fine_by_mistake_is_itself() -> None:
    found = parameters(
        channel("Dimmer", "Intensity"),
        channel("Strobe", "Shutter", byte="1"),
        channel("Pixel 1 Red", "Intensity", preset="IntensityRedFine"),
        channel("Pixel 1 Green", "Intensity", preset="IntensityGreenFine"),
    )
    assert found == [("intensity", (0,)), ("shutter", (1,)), ("red", (2,)), ("green", (3,))]


@pytest.mark.parametrize(
    ("dimmer", "words", "rest"),
    [
        (True, ("0-9 Closed", "10-19 Open", "20-255 Strobe"), "open"),
        (True, ("0-9 LED off", "10-99 LED on", "100-255 Strobe slow-fast"), "led_on"),
        (True, ("0-9 Off", "10-255 Strobe"), "off"),  # no strobe, perhaps
        (False, ("0-9 Closed", "10-19 Open", "20-255 Strobe"), "closed"),  # nothing else darkens it
    ],
)
def test_a_shutter_rests_open_where_a_dimmer_darkens(dimmer: bool, words: tuple[str, ...], rest: str) -> None:
    found = kind(*([channel("Dimmer", "Intensity")] if dimmer else []), channel("Shutter", "Shutter", *words))
    shutter = next(item for item in found.modes[0].channels if item.parameter == "shutter")
    nearest = min(shutter.names, key=lambda name: abs(shutter.names[name] - shutter.default))

    assert nearest == rest
    assert bool(found.notes) is (rest in ("open", "led_on"))


@pytest.mark.skipif(not LIBRARY.is_dir(), reason="referee missing on this machine: qlcplus-data")
def test_what_qlcplus_comes_with_has_the_footprint_of_each_mode() -> None:
    files = sorted(LIBRARY.rglob("*.qxf"))
    wrong = []
    for path in files[::5]:  # all 1,358 of 4.12.6 do (3,706 modes); a fifth of them is quick
        known = qxf_footprints(path.read_bytes())
        found = {mode.name: mode.footprint for mode in read_file(path).types[0].modes}
        wrong += [path.name] if found != known else []

    assert len(files) > 1000
    assert wrong == []
