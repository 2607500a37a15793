"""Files to import, made here: GDTF archives, scenes, OFL and QLC+ texts, small or at random, with the footprints known."""

from __future__ import annotations

import io
import random
import zipfile
from typing import Any


def packed(**members: bytes | str) -> bytes:
    """A zip archive. ``__`` in a name stands for a dot."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return made.getvalue()


def channel(attribute: str, offset: str, geometry: str = "Body", **more: str) -> str:
    """A GDTF channel of one function. ``more``: default, physical ("-270 270"), highlight, break_, invert, sets (XML)."""
    low, _, high = more.get("physical", "0 1").partition(" ")
    return (
        f'<DMXChannel DMXBreak="{more.get("break_", "1")}" Offset="{offset}" Geometry="{geometry}"'
        f' Highlight="{more.get("highlight", "None")}" InitialFunction="{geometry}_{attribute}.{attribute}.{attribute}">'
        f'<LogicalChannel Attribute="{attribute}"><ChannelFunction Name="{attribute}" Attribute="{attribute}" DMXFrom="0/1"'
        f' Default="{more.get("default", "0/1")}" PhysicalFrom="{low}" PhysicalTo="{high}" RealFade="{more.get("fade", "0")}"'
        f' DMXInvert="{more.get("invert", "No")}">{more.get("sets", "")}</ChannelFunction></LogicalChannel></DMXChannel>'
    )


def mode(name: str, *channels: str, geometry: str = "Body") -> str:
    return f'<DMXMode Name="{name}" Geometry="{geometry}"><DMXChannels>{"".join(channels)}</DMXChannels></DMXMode>'


def gdtf_text(*modes: str, geometries: str = '<Geometry Name="Body"/>', physical: str = "", name: str = "Lamp") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><GDTF DataVersion="1.2"><FixtureType Name="{name}" Manufacturer="Acme"'
        f' Description="" FixtureTypeID="0"><PhysicalDescriptions>{physical}</PhysicalDescriptions>'
        f"<Geometries>{geometries}</Geometries><DMXModes>{''.join(modes)}</DMXModes></FixtureType></GDTF>"
    )


def gdtf(*modes: str, **more: str) -> bytes:
    return packed(description__xml=gdtf_text(*modes, **more))


def pixels(count: int, stride: int, first: int) -> str:
    """A body that refers ``count`` times to the geometry Pixel."""
    references = "".join(
        f'<GeometryReference Name="P{n}" Geometry="Pixel"><Break DMXBreak="1" DMXOffset="{first + n * stride}"/>'
        "</GeometryReference>"
        for n in range(count)
    )
    return f'<Geometry Name="Body">{references}</Geometry><Geometry Name="Pixel"><Beam Name="Light"/></Geometry>'


HEAD = gdtf(
    mode(
        "Standard",
        channel("Dimmer", "1,2", default="0/1", highlight="65535/2"),
        channel("Pan", "3,4", default="128/1", physical="-270 270", fade="3"),
        channel("Tilt", "5,6,7", default="128/1", physical="135 -135"),
        channel("ColorAdd_R", "8", default="255/1"),
        channel("ColorAdd_G", "9", default="255/1"),
        channel("ColorAdd_B", "10", default="255/1", invert="Yes"),
        channel(
            "Gobo1",
            "12",
            sets='<ChannelSet Name="Open" DMXFrom="0/1" WheelSlotIndex="1"/><ChannelSet Name="Stars" DMXFrom="128/1"/>',
        ),
    ),
    physical="<Emitters>"
    + "".join(
        f'<Emitter Name="{name}" Color="{color}"/>'
        for name, color in (("Red", "0.69,0.31,20"), ("Green", "0.2,0.7,60"), ("Blue", "0.15,0.05,8"))
    )
    + "</Emitters>",
    name="Head",
)
"""A moving head of 12 slots, slot 11 empty."""


def scene(*fixtures: str, **members: bytes) -> bytes:
    """An MVR scene with one layer."""
    text = (
        '<?xml version="1.0"?><GeneralSceneDescription verMajor="1" verMinor="5"><Scene><Layers><Layer name="L" uuid="1">'
        f"<ChildList>{''.join(fixtures)}</ChildList></Layer></Layers></Scene></GeneralSceneDescription>"
    )
    return packed(GeneralSceneDescription__xml=text, **members)


def hung(name: str, address: str, matrix: str = "", spec: str = "head.gdtf", mode: str = "Standard", more: str = "") -> str:
    placed = f"<Matrix>{matrix}</Matrix>" if matrix else ""
    return (
        f'<Fixture name="{name}" uuid="{name}">{placed}<GDTFSpec>{spec}</GDTFSpec><GDTFMode>{mode}</GDTFMode>'
        f'<Addresses><Address break="0">{address}</Address></Addresses>{more}</Fixture>'
    )


# --- at random -----------------------------------------------------------------------------------------------------------

ATTRIBUTES = ("Dimmer", "Pan", "Tilt", "ColorAdd_R", "ColorAdd_G", "ColorSub_C", "Gobo1", "Shutter1", "Zoom", "Control1", "Odd")


def any_gdtf(chance: random.Random) -> tuple[bytes, dict[str, int]]:
    """A fixture with up to three modes, and each one's footprint."""
    count, width = chance.randint(0, 12), chance.randint(1, 6)
    known: dict[str, int] = {}
    texts = []
    whole_size = chance.randint(1, 30)
    geometries = pixels(count, width, whole_size + 1)
    for number in range(chance.randint(1, 3)):
        slot, texts_of = 1, []
        free = list(range(1, whole_size + 1))
        chance.shuffle(free)
        while free:
            wide = min(chance.choice((1, 1, 2, 3)), len(free))
            texts_of.append(channel(chance.choice(ATTRIBUTES), ",".join(str(free.pop()) for _ in range(wide))))
        for slot in range(1, width + 1):
            texts_of.append(channel(chance.choice(ATTRIBUTES), str(slot), geometry=chance.choice(("Pixel", "Light"))))
        known[f"m{number}"] = whole_size + count * width
        texts.append(mode(f"m{number}", *(texts_of if count else texts_of[: -width or None])))
    return gdtf(*texts, geometries=geometries), known


def any_ofl(chance: random.Random) -> tuple[dict[str, Any], dict[str, int]]:
    """A fixture with a matrix, fine and switching channels, and each mode's footprint."""
    count = [chance.randint(1, 5), chance.choice((1, 1, 3)), chance.choice((1, 1, 2))]
    many = count[0] * count[1] * count[2]
    available: dict[str, Any] = {
        "Dimmer": {"fineChannelAliases": ["Dimmer fine", "Dimmer fine^2"], "capability": {"type": "Intensity"}},
        "Program": {
            "capabilities": [
                {"dmxRange": [0, 127], "type": "Effect", "effectName": "A", "switchChannels": {"Speed": "Slow"}},
                {"dmxRange": [128, 255], "type": "Effect", "effectName": "B", "switchChannels": {"Speed": "Fast"}},
            ]
        },
        "Slow": {"capability": {"type": "Speed"}},
        "Fast": {"capability": {"type": "Speed"}},
    }
    templates = {
        "Red $pixelKey": {"capability": {"type": "ColorIntensity", "color": "Red"}},
        "Pan $pixelKey": {
            "fineChannelAliases": ["Pan $pixelKey fine"],
            "capability": {"type": "Pan", "angleStart": "0deg", "angleEnd": "540deg"},
        },
    }
    modes, known = [], {}
    for number in range(chance.randint(1, 4)):
        channels: list[Any] = [None] * chance.randint(0, 3)
        channels += chance.sample(["Dimmer", "Dimmer fine", "Dimmer fine^2", "Program", "Speed"], chance.randint(1, 5))
        size = len(channels)
        if chance.random() < 0.7:
            some = chance.sample(["Red $pixelKey", "Pan $pixelKey", "Pan $pixelKey fine", None], chance.randint(1, 4))
            over = chance.choice(("eachPixelABC", "eachPixelXYZ", "eachPixelZYX", "eachPixelGroup"))
            channels.append(
                {
                    "insert": "matrixChannels",
                    "repeatFor": over,
                    "channelOrder": chance.choice(("perPixel", "perChannel")),
                    "templateChannels": some,
                }
            )
            size += len(some) * (2 if over == "eachPixelGroup" else many)
        modes.append({"name": f"m{number}", "channels": channels})
        known[f"m{number}"] = size
    return {
        "name": "Any",
        "availableChannels": available,
        "templateChannels": templates,
        "matrix": {"pixelCount": count, "pixelGroups": {"one": ["1"], "two": "all"}},
        "modes": modes,
    }, known


def any_qxf(chance: random.Random) -> tuple[bytes, dict[str, int]]:
    """A definition with fine channels and heads, and each mode's footprint."""
    groups = ("Intensity", "Pan", "Tilt", "Colour", "Gobo", "Shutter", "Effect")
    described, names = [], []
    for number in range(chance.randint(1, 20)):
        group, fine = chance.choice(groups), chance.random() < 0.2
        names.append(f"C{number}{' fine' if fine else ''}")
        described.append(
            f'<Channel Name="{names[-1]}"><Group Byte="{int(fine)}">{group}</Group>'
            f'<Capability Min="0" Max="9">Off</Capability><Capability Min="10" Max="255">On &amp; on</Capability></Channel>'
        )
    modes, known = [], {}
    for number in range(chance.randint(1, 3)):
        used = chance.sample(names, chance.randint(1, len(names)))
        numbers = sorted(chance.sample(range(len(used) + chance.randint(0, 3)), len(used)))
        known[f"m{number}"] = numbers[-1] + 1
        lines = [f'<Channel Number="{n}">{name}</Channel>' for n, name in zip(numbers, used, strict=True)]
        heads = "".join(f"<Head><Channel>{n}</Channel></Head>" for n in numbers if chance.random() < 0.3)
        modes.append(f'<Mode Name="m{number}">{"".join(lines)}{heads}</Mode>')
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE FixtureDefinition>'
        '<FixtureDefinition xmlns="http://www.qlcplus.org/FixtureDefinition"><Manufacturer>Acme</Manufacturer><Model>Any</Model>'
        f"<Type>Other</Type>{''.join(described)}{''.join(modes)}</FixtureDefinition>"
    )
    return text.encode(), known
