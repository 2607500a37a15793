"""GDTF (DIN SPEC 15800): description.xml through pygdtf, laid out by ``gdtf_layout``.

pygdtf makes an empty fixture of XML that it cannot read, a nought of a value that it cannot read, and channels of its own where
a mode leaves slots out or a reference is to a geometry with parts. So the XML is looked through first, a fixture needs a name
and modes, and pygdtf is given geometries, wheels and emitters in an archive of their own, and each channel by itself.
"""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import replace
from typing import Any, Final, TypeAlias
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from showctl.library.importers import bounded
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
from showctl.library.importers.gdtf_layout import MOST_INSTANCES, Placed, layout
from showctl.library.importers.parameters import lamps, of_gdtf
from showctl.library.importers.several import in_cells
from showctl.show.fixtures import EMITTERS, FILTERS

MOST_MODES: Final = 256
_RANGED: Final = ("pan", "tilt", "zoom")
_FOGGY: Final = ("fog", "haze")
_Functions: TypeAlias = dict[str, Any]
"""A name -> pygdtf's channel function that it is of."""
_LAMP_NAMES: Final = {"warm white": "warm", "cold white": "cool", "cool white": "cool", "warmwhite": "warm", "coldwhite": "cool"}


def read_gdtf(data: bytes, file: str, only: tuple[str, ...] = ()) -> Found:
    """The fixture type of a .gdtf archive; of its modes ``only`` those, where some are named."""
    root = bounded.xml(bounded.member(bounded.archive(data, file), "description.xml", file), file)
    top = root.find("FixtureType")
    if root.tag != "GDTF" or top is None:
        raise Refused(file, "description.xml is XML, but no GDTF: it has no FixtureType")
    modes = top.findall("DMXModes/DMXMode")
    if not top.get("Name") or not modes:
        raise Refused(file, "has no name or no DMX modes")
    if len(modes) > MOST_MODES:
        raise Refused(file, f"has {len(modes)} modes, and {MOST_MODES} are the most")
    kind = _parsed(root, top, file)
    label = f"{kind.manufacturer or ''} {kind.name}".strip()
    found = FoundType(identifier(label), " ".join(label.split()), [])
    for number, mode in enumerate(modes):
        name = " ".join(mode.get("Name", "").split()) or f"mode {number + 1}"
        if only and name not in only:
            continue
        try:
            found.modes.append(_mode(file, found, kind, mode, name))
        except (AttributeError, TypeError, ValueError, KeyError, IndexError, OverflowError) as error:
            raise Refused(file, f"mode {name} cannot be understood ({type(error).__name__}: {str(error)[:100]})") from None
    complete(file, found, only, [" ".join(mode.get("Name", "").split()) for mode in modes])
    if any(channel.parameter in _FOGGY for mode in found.modes for channel in mode.channels):
        found.hazard = "interlocked"
    return Found(file, [found])


def _parsed(root: Element, top: Element, file: str) -> Any:
    """pygdtf's reading of everything but the modes."""
    try:
        import pygdtf
    except ImportError:
        raise Refused(file, "needs pygdtf, which is not installed", "pip install 'showctl[fixtures]'") from None
    for element in top.findall("DMXModes"):
        top.remove(element)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("description.xml", ElementTree.tostring(root))
    try:
        return pygdtf.FixtureType(packed)
    except Exception as error:  # whatever a missing attribute leads to: it raises as Python does
        raise Refused(file, f"pygdtf cannot read it ({type(error).__name__}: {str(error)[:120]})") from None


def _mode(file: str, found: FoundType, kind: Any, mode: Element, name: str) -> FoundMode:
    import pygdtf

    nodes = mode.findall("DMXChannels/DMXChannel")
    if len(nodes) > MOST_INSTANCES:
        raise Refused(file, f"mode {name} has {len(nodes)} channels, and {MOST_INSTANCES} are the most")
    described = [pygdtf.DmxChannel(xml_node=node) for node in nodes]
    placed, breaks, cells = layout(file, found, kind.geometries, mode.get("Geometry", ""), described, name)
    once: dict[int, tuple[FoundChannel, _Functions]] = {}
    channels = []
    for item in placed:  # what a channel is does not depend on where it stands, and a pixel's stand in many places
        known = once.get(id(item.channel))
        if known is None:
            known = once[id(item.channel)] = _channel(found, kind, item)
        channels.append(replace(known[0], slots=item.slots[:3], cell=item.cell))
    over = _over(placed, channels, mode.get("Geometry", ""))
    _masters(placed, channels, [once[id(item.channel)][1] for item in placed])
    _tell_relations(found, mode, name)
    names = lamps({channel.parameter for channel in channels})
    for channel in channels:
        channel.parameter = names.get(channel.parameter, channel.parameter)
    channels = [channel for channel in channels if channel.slots]
    made, cells = in_cells(found, name, channels, cells, over)
    return checked(file, FoundMode(name, sum(breaks), made, cells, breaks))


def _over(placed: list[Placed], channels: list[FoundChannel], root: str) -> FoundChannel | None:
    """Of several dimmers the one of the whole body; those of its parts are under it."""
    dimmers = [
        (str(item.channel.geometry), channel)
        for item, channel in zip(placed, channels, strict=True)
        if channel.parameter == "intensity" and channel.slots and channel.cell < 0
    ]
    over = [channel for geometry, channel in dimmers if geometry == root]
    return over[0] if len(over) == 1 and len(dimmers) > 1 else None


def _masters(placed: list[Placed], channels: list[FoundChannel], functions: list[_Functions]) -> None:
    """Lets each name of a function that holds only while another channel stands somewhere know which one, and where."""
    known: dict[tuple[str, int], tuple[FoundChannel, Any]] = {}
    for item, channel in zip(placed, channels, strict=True):
        if channel.slots:
            name = f"{item.channel.geometry}_{item.channel.logical_channels[0].attribute}"
            known.setdefault((name, channel.cell), (channel, item.channel))
    for channel, own in zip(channels, functions, strict=True):
        channel.needs = {}
        for name, function in own.items():
            master, _, rest = str(function.mode_master or "").partition(".")
            other, described = known.get((master, channel.cell), known.get((master, -1), (None, None)))
            if other is not None and other is not channel:
                channel.needs[name] = other, _stands(described, function, rest.rpartition(".")[2])


def _stands(master: Any, function: Any, name: str) -> float:
    """Where ``master`` stands while ``function`` holds: amid the range, or where the function ``name`` of it begins."""
    low, high = _part(function.mode_from), _part(function.mode_to)
    if (low, high) == (0.0, 0.0):  # some files link a function and leave the range out
        own = (item for logical in master.logical_channels for item in logical.channel_functions)
        return next((_part(item.dmx_from) for item in own if name and str(item.name) == name), 0.0)
    return (low + max(low, high)) / 2


def _tell_relations(found: FoundType, mode: Element, name: str) -> None:
    """Says what one channel does to another, which a light does by itself and its simulated twin does not.

    A master without slots is the console's own: as a dimmer it is carried (``showfile.channels`` makes one), as anything else it
    is not.
    """
    nodes = mode.findall("DMXChannels/DMXChannel")
    virtual = {
        f"{node.get('Geometry', '')}_{item.get('Attribute', '')}": item.get("Attribute") == "Dimmer"
        for node in nodes
        for item in node.findall("LogicalChannel")
        if node.get("Offset", "") in ("", "None")
    }
    inside, lost = [], []
    for relation in mode.findall("Relations/Relation"):
        master, follower = (relation.get(word, "").split(".")[0] for word in ("Master", "Follower"))
        words = f"{master} {'scales' if relation.get('Type') == 'Multiply' else 'overrides'} {follower}"
        if master not in virtual:
            inside.append(words)
        elif not virtual[master] or relation.get("Type") != "Multiply":
            lost.append(words)
    if inside:
        found.note(f"mode {name}: within the light {_some(inside)}; the simulated one does not do that")
    if lost:
        found.note(f"mode {name}: what has no slots of its own is left out: {_some(lost)}")
    masters: dict[str, None] = {}
    for function in mode.iter("ChannelFunction"):
        if (master := function.get("ModeMaster", "")) not in ("", "None"):
            masters[f"{function.get('Attribute', '')} by {master.split('.')[0]}"] = None
    if masters:
        found.note(f"mode {name}: a name brings along what its meaning depends on, a plain level does not: {_some([*masters])}")


def _some(words: list[str]) -> str:
    return ", ".join(words[:3]) + (f" and {len(words) - 3} more" if len(words) > 3 else "")


def _channel(found: FoundType, kind: Any, placed: Placed) -> tuple[FoundChannel, _Functions]:
    """What a channel is, and the function that each of its names is of."""
    channel = placed.channel
    logical = channel.logical_channels[0]
    functions = [function for item in channel.logical_channels for function in item.channel_functions]
    first = _initial(channel, functions)
    attribute = str(first.attribute if first is not None else logical.attribute)
    if attribute == "NoFeature" and str(logical.attribute) != "None":
        attribute = str(logical.attribute)
    made = FoundChannel(of_gdtf(attribute), placed.slots, placed.cell)
    if len(made.slots) > 3:
        found.note(f"only the first 24 bits of {made.parameter} are driven")
        made.slots = made.slots[:3]
    made.default = _part(channel.default)
    made.highlight = _part(channel.highlight) if channel.highlight is not None else None
    made.snap = str(logical.snap) in ("Yes", "On") and made.parameter.startswith(
        ("gobo", "color_wheel", "prism", "shutter", "control")
    )
    if first is not None:
        made.inverted = str(first.dmx_invert) == "Yes"
        _physics(found, made, first, len(functions))
        _emitter(found, kind, made, first)
    if made.inverted:
        made.default = 1.0 - made.default
        made.highlight = None if made.highlight is None else 1.0 - made.highlight
    if made.parameter in (*_RANGED, "intensity", *EMITTERS, *FILTERS):
        return made, {}
    return made, _names(made, functions, kind)


def _initial(channel: Any, functions: list[Any]) -> Any:
    wanted = str(channel.initial_function).rpartition(".")[2] if channel.initial_function else ""
    return next((item for item in functions if wanted and str(item.name) == wanted), functions[0] if functions else None)


def _part(value: Any) -> float:
    """A DMX value as a part of full, whatever its resolution."""
    count = min(max(int(value.byte_count), 1), 4)
    return float(min(max(int(value.value) / (256**count - 1), 0.0), 1.0))


def _physics(found: FoundType, made: FoundChannel, function: Any, functions: int) -> None:
    if made.parameter not in _RANGED:
        return
    low, high = function.physical_from.value, function.physical_to.value
    whole = functions == 1 or _part(function.dmx_from) == 0.0
    if low is None or high is None or not math.isfinite(low) or not math.isfinite(high) or low == high or not whole:
        return
    if (low, high) == (0.0, 1.0):  # what a file that says nothing says
        return
    if max(abs(low), abs(high)) > 3600:
        found.note(f"{made.parameter} is said to go from {low:g} to {high:g} degrees: left out")
        return
    made.low, made.high = float(low), float(high)
    if made.parameter in ("pan", "tilt") and 0.001 < function.real_fade < 600:
        speed = round(abs(high - low) / function.real_fade, 1)
        if made.parameter == "pan":
            found.pan_speed = speed
        else:
            found.tilt_speed = speed


def _emitter(found: FoundType, kind: Any, made: FoundChannel, function: Any) -> None:
    linked = str(function.emitter).rpartition(".")[2]
    for lamp in kind.emitters:
        name = str(lamp.name or "")
        plain = name.lower().strip()
        if name == linked or (linked in ("", "None") and _LAMP_NAMES.get(plain, plain) == made.parameter):
            x, y, bright = lamp.color.x, lamp.color.y, lamp.color.Y
            if all(math.isfinite(part) for part in (x, y, bright)) and 0 <= x <= 1 and 0 < y <= 1 and x + y <= 1 and bright > 0:
                found.emitters.setdefault(made.parameter, (x, y, bright))
            return


def _names(made: FoundChannel, functions: list[Any], kind: Any) -> _Functions:
    owners: _Functions = {}
    wheels = {str(wheel.name): wheel for wheel in kind.wheels}
    seen: set[str] = set()
    for function in functions:
        wheel = wheels.get(str(function.wheel))
        sets = [item for item in function.channel_sets if str(item.name or "").strip()]
        if len(functions) > 1 and not sets:
            words = str(function.custom_name or function.name or function.attribute)
            if words not in seen:
                owners[named(made, words, _part(function.dmx_from))] = function
        for item in sets:
            if str(item.name) in seen:
                continue
            seen.add(str(item.name))
            words = str(item.name)
            index = int(item.wheel_slot_index)
            if wheel is not None and 1 <= index <= len(wheel.wheel_slots) and words.isdigit():
                words = str(wheel.wheel_slots[index - 1].name or words)
            owners[named(made, words, _middle(item))] = function
    owners.pop("", None)
    return owners


def _middle(item: Any) -> float:
    low = _part(item.dmx_from)
    if item.dmx_to is None:
        return low
    high = _part(item.dmx_to)
    return (low + high) / 2 if high >= low else low
