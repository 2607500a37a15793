"""Open Fixture Library JSON (schema 12): availableChannels, templates over a matrix, switching and fine channels.

Which slot carries what is worked out in ``ofl_layout.py``; here is what a channel means: its parameter by the type of its
capabilities, its range where they give degrees, its names from wheels, presets and comments. A switching channel means
different things by what another one says: it is carried as what it is at that one's default, with the names of all that it
can be, each of which brings the other one along.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Final

from showctl.library.importers.found import (
    Found,
    FoundChannel,
    FoundMode,
    FoundType,
    Refused,
    checked,
    complete,
    identifier,
    named,
)
from showctl.library.importers.ofl_layout import Layout, Slot
from showctl.library.importers.ofl_old import as_new
from showctl.library.importers.parameters import COLORS, lamps
from showctl.library.importers.several import in_cells, over_the_others

MOST_MODES: Final = 128
_BY_TYPE: Final = {
    "Intensity": "intensity", "Pan": "pan", "Tilt": "tilt", "PanContinuous": "pan_rotation", "TiltContinuous": "tilt_rotation",
    "PanTiltSpeed": "head_speed", "Zoom": "zoom", "Focus": "sharpness", "Iris": "iris", "Frost": "frost", "Prism": "prism",
    "PrismRotation": "prism_rotation", "ShutterStrobe": "shutter", "StrobeSpeed": "strobe", "ColorPreset": "color_macro",
    "ColorTemperature": "ctc", "Fog": "fog", "FogOutput": "fog",
}  # fmt: skip
_DEGREES: Final = re.compile(r"(-?\d+(?:\.\d+)?)deg")
_SAYS_NOTHING: Final = ("NoFunction", "Generic", "Maintenance")
_DARK_FIRST: Final = {"off": 0.0, "dark": 1.0, "bright": 100.0}


def read_ofl(data: dict[str, Any], file: str, only: tuple[str, ...] = ()) -> Found:
    """The fixture of one file; of its modes ``only`` those, where some are named."""
    if isinstance(data.get("redirectTo"), str):
        raise Refused(file, f"only says that the fixture is called {data['redirectTo']} now", "import that file")
    data = as_new(data)
    modes, name = data.get("modes"), data.get("name")
    if not isinstance(modes, list) or not modes or not isinstance(name, str):
        raise Refused(file, "is no fixture of the Open Fixture Library: it has no name or no modes")
    if len(modes) > MOST_MODES:
        raise Refused(file, f"has {len(modes)} modes, and {MOST_MODES} are the most")
    maker = PurePath(file).stem.partition("__")
    label = f"{maker[0].replace('-', ' ').title()} {name}" if maker[1] else name
    kind = FoundType(identifier(label), label, [])
    categories = data.get("categories")
    kind.hazard = "interlocked" if isinstance(categories, list) and {"Smoke", "Hazer"} & set(map(str, categories)) else ""
    layout = Layout(data, file)
    for mode in modes:
        if not isinstance(mode, dict) or not isinstance(mode.get("name"), str):
            raise Refused(file, "has a mode without a name")
        if not only or mode["name"] in only:
            kind.modes.append(_mode(file, kind, layout, mode, data))
    return Found(file, [complete(file, kind, only, [str(mode["name"]) for mode in modes])])


def _mode(file: str, kind: FoundType, layout: Layout, mode: dict[str, Any], data: dict[str, Any]) -> FoundMode:
    slots = layout.slots(mode)
    channels: dict[tuple[str, str], FoundChannel] = {}
    keys = layout.cells_of(slots)
    for place, slot in enumerate(slots):
        if slot is None:
            continue
        found = channels.get((slot.name, slot.pixel))
        if found is None:
            cell = keys.index(slot.pixel) if slot.pixel in keys and len(keys) > 1 else -1
            found = channels[slot.name, slot.pixel] = _channel(kind, slot, cell, data)
            found.slots = (-1,) * (slot.fineness + 1)
        if slot.fineness >= len(found.slots):
            found.slots += (-1,) * (slot.fineness + 1 - len(found.slots))
        if found.slots[slot.fineness] >= 0:
            raise Refused(file, f"mode {mode['name']}: {slot.name} stands there twice")
        found.slots = tuple(place if n == slot.fineness else old for n, old in enumerate(found.slots))
    whole = [channel for channel in channels.values() if _whole(kind, mode["name"], channel)]
    _switched_names(slots, channels, data)
    over = over_the_others([(name, channel) for (name, _), channel in channels.items()])
    _rename_lamps(whole)
    made, cells = in_cells(kind, mode["name"], whole, len(keys) if len(keys) > 1 else 1, over)
    return checked(file, FoundMode(mode["name"], len(slots), made, cells))


def _switched_names(slots: list[Slot | None], channels: dict[tuple[str, str], FoundChannel], data: dict[str, Any]) -> None:
    """Names of what a switched channel is at each place of its trigger, which they bring along."""
    for slot in slots:
        if slot is None or slot.fineness or not slot.meanings:
            continue
        found = channels[slot.name, slot.pixel]
        known = {
            meaning.trigger: channels.get((meaning.trigger, slot.pixel)) or channels.get((meaning.trigger, ""))
            for meaning in slot.meanings
        }
        if None in known.values() or found in known.values():
            continue
        found.names.clear()
        for meaning in slot.meanings:
            trigger, by = known[meaning.trigger], list(_capabilities(meaning.by))
            assert trigger is not None, "one that the mode does not have ends this above"
            most = _most(Slot(meaning.trigger, meaning.trigger, meaning.by), by, 255)
            level = min(sum(meaning.span) // 2 / most, 1.0)
            items = list(_capabilities(meaning.channel))
            for item in items if len(items) > 1 else ():
                own = Slot(slot.name, slot.plain, meaning.channel)
                if name := _name(found, own, item, _most(own, items, 255), data):
                    found.needs[name] = trigger, level


def _whole(kind: FoundType, mode: str, channel: FoundChannel) -> bool:
    """Settles a channel's bytes. One whose coarse byte is not in the mode, or that has more than three, is cut."""
    if -1 in channel.slots:
        kept = tuple(slot for slot in channel.slots if slot >= 0)
        if channel.slots[0] < 0:
            channel.parameter = f"{channel.parameter}_fine"
            channel.low = channel.high = None
            channel.names.clear()
            channel.default = 0.0
            kind.note(
                f"mode {mode} has only the fine part of {channel.parameter.removesuffix('_fine')}: it is a channel of its own"
            )
        channel.slots = kept
    if len(channel.slots) > 3:
        kind.note(f"mode {mode}: only the first 24 bits of {channel.parameter} are driven")
        channel.slots = channel.slots[:3]
    return bool(channel.slots)


def _rename_lamps(channels: list[FoundChannel]) -> None:
    names = lamps({channel.parameter for channel in channels})
    for channel in channels:
        channel.parameter = names.get(channel.parameter, channel.parameter)


# --- what a channel means ----------------------------------------------------------------------------------------------


def _channel(kind: FoundType, slot: Slot, cell: int, data: dict[str, Any]) -> FoundChannel:
    capabilities = list(_capabilities(slot.channel))
    parameter = _parameter(slot, capabilities)
    found = FoundChannel(parameter, (), cell)
    finest = 256 ** (1 + slot.fines) - 1
    most = _most(slot, capabilities, finest)
    if parameter in ("pan", "tilt", "zoom") and len(capabilities) == 1:
        _range(found, capabilities[0])
    if parameter == "intensity" and len(capabilities) == 1:
        ends = [_DARK_FIRST.get(str(capabilities[0].get(f"brightness{end}", ""))) for end in ("Start", "End")]
        found.inverted = ends[0] is not None and ends[1] is not None and ends[0] > ends[1]
    if len(capabilities) > 1:
        _names(found, slot, capabilities, most, data)
    default = _value(slot.channel.get("defaultValue"), finest if not slot.coarse_values else most)
    if default is None and parameter == "shutter":
        default = next((_middle(item, most) for item in capabilities if item.get("shutterEffect") == "Open"), None)
    highlight = _value(slot.channel.get("highlightValue"), finest if not slot.coarse_values else most)
    found.default = default or 0.0
    found.highlight = highlight
    if found.inverted:
        found.default = 1.0 - found.default if default is not None else 0.0
        found.highlight = None if highlight is None else 1.0 - highlight
    if slot.switched:
        if parameter not in ("pan", "tilt", "intensity", *COLORS.values()):
            found.parameter = identifier(slot.alias, parameter)
        meanings = ", ".join(slot.switched)
        kind.note(f"{slot.alias} means different things ({meanings}): carried as {found.parameter}, whichever it is")
    return found


def _capabilities(channel: dict[str, Any]) -> Iterator[dict[str, Any]]:
    several = channel.get("capabilities")
    if isinstance(several, list):
        yield from (item for item in several if isinstance(item, dict))
    elif isinstance(channel.get("capability"), dict):
        yield channel["capability"]


def _parameter(slot: Slot, capabilities: list[dict[str, Any]]) -> str:
    types = list(dict.fromkeys(str(item.get("type", "")) for item in capabilities))
    meant = [item for item in types if item not in _SAYS_NOTHING]
    plain = identifier(slot.plain, "channel")
    if not meant:
        return plain
    if meant[0] == "ColorIntensity" and len(meant) == 1:
        color = next(str(item.get("color", "")) for item in capabilities if item.get("type") == "ColorIntensity")
        return COLORS.get(color.lower(), identifier(color, plain))
    if meant[0] in ("WheelSlot", "WheelShake", "WheelRotation", "WheelSlotRotation"):
        wheel = next((str(item["wheel"]) for item in capabilities if isinstance(item.get("wheel"), str)), slot.plain)
        if re.search(r"colou?r", wheel, re.I) and meant[0] == "WheelSlot":
            return "color_wheel"
        return "gobo" if re.search("gobo", wheel, re.I) and meant[0] == "WheelSlot" else plain
    if len(meant) == 1 or meant[0] in ("ShutterStrobe", "Prism"):
        if meant[0] == "Fog" and any(item.get("fogType") == "Haze" for item in capabilities):
            return "haze"
        return _BY_TYPE.get(meant[0], plain)
    return plain


def _range(found: FoundChannel, capability: dict[str, Any]) -> None:
    """The ends in degrees. Angles that count from nought are turned so that the middle is straight."""
    ends = [_DEGREES.fullmatch(str(capability.get(f"angle{end}", ""))) for end in ("Start", "End")]
    if ends[0] is None or ends[1] is None:
        return
    low, high = (float(end[1]) for end in ends if end is not None)
    if found.parameter != "zoom" and min(low, high) >= 0:
        middle = (low + high) / 2
        low, high = low - middle, high - middle
    if low != high and max(abs(low), abs(high)) <= 3600:
        found.low, found.high = low, high


def _names(found: FoundChannel, slot: Slot, capabilities: list[dict[str, Any]], most: int, data: dict[str, Any]) -> None:
    for item in capabilities:
        _name(found, slot, item, most, data)


def _name(found: FoundChannel, slot: Slot, item: dict[str, Any], most: int, data: dict[str, Any]) -> str:
    level = _middle(item, most) if not any(key.endswith("Start") for key in item) else _first(item, most)
    words = _words(item, slot, data)
    return named(found, words, level) if level is not None and words else ""


def _words(item: dict[str, Any], slot: Slot, data: dict[str, Any]) -> str:
    """What a range is called; what says no more than its channel has no name."""
    if item.get("fogOutput") == "off":
        return "off"
    if item.get("type") == "WheelSlot" and isinstance(item.get("slotNumber"), int):
        wheels = data.get("wheels")
        wheel = wheels.get(item.get("wheel") or slot.plain) if isinstance(wheels, dict) else None
        slots = wheel.get("slots") if isinstance(wheel, dict) else None
        if isinstance(slots, list) and 1 <= item["slotNumber"] <= len(slots) and isinstance(slots[item["slotNumber"] - 1], dict):
            one = slots[item["slotNumber"] - 1]
            return str(one.get("name") or one.get("type") or f"slot {item['slotNumber']}")
        return f"slot {item['slotNumber']}"
    for key in ("comment", "effectName", "shutterEffect", "effectPreset", "fogType"):
        if isinstance(item.get(key), str):
            return str(item[key])[:60]
    alike = [other for other in _capabilities(slot.channel) if other.get("type") not in (*_SAYS_NOTHING, item.get("type"))]
    return str(item.get("type", "")) if alike and item.get("type") not in _SAYS_NOTHING else ""


def _most(slot: Slot, capabilities: list[dict[str, Any]], finest: int) -> int:
    """The largest value in the unit in which the channel's ranges are said."""
    said = {"8bit": 255, "16bit": 65535, "24bit": 16777215}.get(str(slot.channel.get("dmxValueResolution", "")))
    if said is not None:
        return said
    ends = [item["dmxRange"][1] for item in capabilities if _is_range(item.get("dmxRange"))]
    largest = max(ends, default=finest)
    return next((most for most in (255, 65535, 16777215) if largest <= most), finest)


def _is_range(found: object) -> bool:
    return isinstance(found, list) and len(found) == 2 and all(type(end) is int and end >= 0 for end in found)


def _first(item: dict[str, Any], most: int) -> float | None:
    return item["dmxRange"][0] / most if _is_range(item.get("dmxRange")) else None


def _middle(item: dict[str, Any], most: int) -> float | None:
    return sum(item["dmxRange"]) // 2 / most if _is_range(item.get("dmxRange")) else None


def _value(found: object, most: int) -> float | None:
    """A DMX value or a percentage, as a part of full."""
    if isinstance(found, str) and re.fullmatch(r"\d+(\.\d+)?%", found):
        return min(float(found[:-1]) / 100, 1.0)
    if found == 255:  # in a finer unit that would be next to nothing: the author meant a byte
        return 1.0
    return min(found / most, 1.0) if type(found) is int and found >= 0 else None
