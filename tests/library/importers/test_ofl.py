"""Open Fixture Library: what a channel is called, what its levels are called, and files of the first years."""

from __future__ import annotations

import json
from typing import Any

from showctl.library.importers.found import FoundChannel, FoundMode
from showctl.library.importers.read import read_bytes


def mode_of(channels: dict[str, Any], order: list[Any], **more: Any) -> FoundMode:
    lamp = {"name": "Lamp", "availableChannels": channels, "modes": [{"name": "m", "channels": order}]} | more
    return read_bytes(json.dumps(lamp).encode(), "acme__lamp.json").types[0].modes[0]


def ranges(*items: tuple[int, int, str, dict[str, str]]) -> dict[str, Any]:
    return {"capabilities": [{"dmxRange": [low, high], "type": kind, **more} for low, high, kind, more in items]}


def named(channel: FoundChannel) -> dict[str, int]:
    return {name: round(level * 255) for name, level in channel.names.items()}


def test_what_says_no_more_than_its_channel_has_no_name_and_off_is_off() -> None:
    red = ranges((0, 9, "NoFunction", {}), (10, 255, "ColorIntensity", {"color": "Red"}))
    haze = ranges(
        (0, 38, "Fog", {"fogType": "Haze", "fogOutput": "off"}), (39, 255, "Fog", {"fogType": "Haze", "comment": "Level 1"})
    )
    mixed = ranges(
        (0, 9, "NoFunction", {}), (10, 99, "Effect", {"effectName": "Rain"}), (100, 255, "Speed", {"speedStart": "slow"})
    )
    found = mode_of({"Red": red, "Volume": haze, "Macro": mixed}, ["Red", "Volume", "Macro"]).channels

    assert [item.parameter for item in found] == ["red", "haze", "macro"]
    assert [named(item) for item in found] == [{}, {"off": 19, "level_1": 147}, {"rain": 54, "speed": 100}]


def test_a_file_of_2017_whose_channels_have_the_type_is_read_as_one_of_today() -> None:
    """As the WashFX of that year: a master dimmer, six pixels, a program whose ranges have names."""
    lamps = {color: {"type": "Single Color", "color": color} for color in ("Red", "Green", "Blue")}
    program = {"type": "Effect", "capabilities": [{"range": [0, 5], "name": "No Function"}, {"range": [6, 255], "name": "Rain"}]}
    strobe = {"type": "Strobe", "capabilities": [{"range": [0, 255], "name": "0-20Hz"}]}
    pixels = {"insert": "matrixChannels", "repeatFor": "eachPixelABC", "channelOrder": "perPixel"}
    found = mode_of(
        {"Master Dimmer": {"type": "Intensity"}, "Program": program, "Strobe": strobe},
        ["Master Dimmer", "Program", "Strobe", pixels | {"templateChannels": [f"{color} $pixelKey" for color in lamps]}],
        templateChannels={f"{color} $pixelKey": lamp for color, lamp in lamps.items()},
        matrix={"pixelKeys": [[["4", "5", "6"], ["3", "2", "1"]]]},
    )

    assert (found.footprint, found.cells) == (21, 6)
    assert [(item.parameter, item.slots) for item in found.channels[:6]] == [
        ("intensity", (0,)),
        ("program", (1,)),
        ("strobe", (2,)),
        ("red", (12,)),
        ("green", (13,)),
        ("blue", (14,)),
    ]
    assert named(found.channels[1]) == {"no_function": 2, "rain": 130}
