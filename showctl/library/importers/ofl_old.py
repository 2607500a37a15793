"""Open Fixture Library files of before schema 6, in which a channel has the type and its ranges have names (2017).

They are told by that type, and written as the newer ones are before anybody looks at them.
"""

from __future__ import annotations

from typing import Any, Final

_TYPES: Final = {
    "Intensity": "Intensity", "Single Color": "ColorIntensity", "Multi-Color": "ColorPreset", "Strobe": "StrobeSpeed",
    "Shutter": "ShutterStrobe", "Speed": "Speed", "Pan": "Pan", "Tilt": "Tilt", "Zoom": "Zoom", "Focus": "Focus", "Iris": "Iris",
    "Prism": "Prism", "Gobo": "WheelSlot", "Fog": "Fog", "Effect": "Effect", "Beam": "Generic", "Maintenance": "Maintenance",
    "Nothing": "NoFunction",
}  # fmt: skip


def as_new(data: dict[str, Any]) -> dict[str, Any]:
    """``data`` with channels as they are described today; ``data`` itself where they are."""
    found = dict(data)
    for key in ("availableChannels", "templateChannels"):
        channels = data.get(key)
        if isinstance(channels, dict) and any(map(_is_old, channels.values())):
            found[key] = {name: _channel(channel) if _is_old(channel) else channel for name, channel in channels.items()}
    return found


def _is_old(channel: object) -> bool:
    return isinstance(channel, dict) and channel.get("type") in _TYPES and "capability" not in channel


def _channel(channel: dict[str, Any]) -> dict[str, Any]:
    kind: dict[str, Any] = {"type": _TYPES[channel["type"]]}
    if isinstance(channel.get("color"), str):
        kind["color"] = channel["color"]
    made = {key: value for key, value in channel.items() if key not in ("type", "color", "capabilities")}
    ranges = channel.get("capabilities")
    several = [item for item in ranges if isinstance(item, dict)] if isinstance(ranges, list) else []
    if len(several) < 2:
        return made | {
            "capability": kind | {key: several[0][key] for key in ("switchChannels",) if several and key in several[0]}
        }
    return made | {"capabilities": [_range(item, kind) for item in several]}


def _range(item: dict[str, Any], kind: dict[str, Any]) -> dict[str, Any]:
    words = item.get("name")
    if isinstance(words, str) and words.lower() in ("no function", "nothing"):
        kind = {"type": "NoFunction"}
    found = {key: value for key, value in item.items() if key not in ("range", "name")} | kind
    found["dmxRange"] = item.get("range", item.get("dmxRange"))
    if isinstance(words, str):
        found["comment"] = words
    return found
