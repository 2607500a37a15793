"""Footprints counted in another way than the importers count them: straight from the JSON and the XML text."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from typing import Any
from xml.etree import ElementTree


def ofl_footprints(text: bytes) -> dict[str, int]:
    data = json.loads(text)
    matrix = data.get("matrix", {})
    keys = [key for plane in matrix.get("pixelKeys", []) for row in plane for key in row if key is not None]
    wide = matrix.get("pixelCount", [0, 0, 0])
    pixels = len(keys) or wide[0] * wide[1] * wide[2]

    def size(item: Any) -> int:
        if not isinstance(item, dict):
            return 1
        over = item["repeatFor"]
        times = len(over) if isinstance(over, list) else len(matrix["pixelGroups"]) if over == "eachPixelGroup" else pixels
        return times * len(item["templateChannels"])

    return {mode["name"]: sum(map(size, mode["channels"])) for mode in data["modes"]}


def qxf_footprints(text: bytes) -> dict[str, int]:
    found = {}
    for name, body in re.findall(r'<Mode Name="([^"]*)">(.*?)</Mode>', text.decode(), re.S):
        found[html.unescape(name)] = max(int(number) for number in re.findall(r'<Channel Number="(\d+)"', body)) + 1
    return found


def gdtf_footprints(data: bytes) -> dict[str, int]:
    """The highest slot that any channel reaches through any reference, one break."""
    root = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("description.xml"))
    geometries = root.find("FixtureType/Geometries")
    assert geometries is not None
    top_of = {each.get("Name"): top.get("Name") for top in geometries for each in top.iter() if each.tag != "GeometryReference"}
    moved: dict[str | None, list[int]] = {}
    for reference in geometries.iter("GeometryReference"):
        offset = reference.find("Break")
        moved.setdefault(reference.get("Geometry"), []).append(int(offset.get("DMXOffset", "1")) - 1 if offset is not None else 0)
    found = {}
    for mode in root.iter("DMXMode"):
        reach = 0
        for channel in mode.iter("DMXChannel"):
            offsets = [int(part) for part in channel.get("Offset", "").split(",") if part]
            for shift in moved.get(top_of.get(channel.get("Geometry")), [0]):
                reach = max([reach, *(offset + shift for offset in offsets)])
        found[mode.get("Name", "")] = reach
    return found
