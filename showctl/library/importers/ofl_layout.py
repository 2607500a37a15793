"""Which slot of an Open Fixture Library mode carries which channel: fine aliases, switching aliases, templates over a matrix.

A mode's ``channels`` are read in order: a key, null for a slot that carries nothing, or an insertion that repeats template
channels over pixels. A key means a channel, the fine part of one, or an alias that another channel's capabilities switch;
each of them may be a template with a pixel's key put in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from showctl.library.importers.found import MOST_SLOTS, Refused

MOST_PIXELS: Final = 4096
MOST_MADE: Final = 400_000
"""Names that templates become."""
_KEY: Final = "$pixelKey"


@dataclass(frozen=True)
class Meaning:
    """While the channel ``trigger`` stands within ``span`` (DMX values), an alias is ``channel``."""

    trigger: str
    span: tuple[int, int]
    by: dict[str, Any] = field(hash=False)
    """The trigger, as described."""
    channel: dict[str, Any] = field(hash=False)


@dataclass(frozen=True)
class Slot:
    """One slot: the channel ``name`` (for ``pixel``), its coarse byte (fineness 0) or a finer one."""

    name: str
    plain: str
    """Its name without the pixel."""
    channel: dict[str, Any] = field(hash=False)
    pixel: str = ""
    fineness: int = 0
    fines: int = 0
    """How many finer bytes the channel can have."""
    alias: str = ""
    switched: tuple[str, ...] = ()
    """Every channel that the alias can be."""
    meanings: tuple[Meaning, ...] = ()
    """What it is when, where it is switched."""

    @property
    def coarse_values(self) -> bool:
        """Whether the file says in which unit its values are."""
        return "dmxValueResolution" in self.channel


class Layout:
    """The channels and the matrix of one file."""

    def __init__(self, data: dict[str, Any], file: str) -> None:
        self.file = file
        self.plain = _channels(data.get("availableChannels"), file, "availableChannels")
        self.templates = _channels(data.get("templateChannels"), file, "templateChannels")
        self.pixels = self._pixels(data.get("matrix"))
        self.groups, self.everything = self._groups(data.get("matrix"))
        self._made: dict[str, tuple[str, str]] | None = None
        self.fine: dict[str, tuple[str, int]] = {}
        """Fine alias (perhaps a template) -> (channel, fineness)."""
        self.switch: dict[str, dict[str, None]] = {}
        """Switching alias -> the channels that it can be, the one at the trigger's default first."""
        self.when: dict[str, list[tuple[str, tuple[int, int], str]]] = {}
        """Switching alias -> (trigger, range of it, the channel that it is there)."""
        for channels in (self.plain, self.templates):
            for name, channel in channels.items():
                fines = channel.get("fineChannelAliases", [])
                for n, alias in enumerate(fines if isinstance(fines, list) else []):
                    self.fine[str(alias)] = (name, n + 1)
                self._switches(name, channel)

    def slots(self, mode: dict[str, Any]) -> list[Slot | None]:
        """What each slot of ``mode`` carries."""
        channels = mode.get("channels")
        if not isinstance(channels, list):
            raise Refused(self.file, f"mode {mode['name']} has no channels")
        found: list[Slot | None] = []
        for item in channels:
            if item is None:
                found.append(None)
            elif isinstance(item, str):
                found.append(self._slot(item, "", mode["name"]))
            elif isinstance(item, dict) and item.get("insert") == "matrixChannels":
                found += self._inserted(item, mode["name"])
            else:
                raise Refused(self.file, f"mode {mode['name']} has a channel that is neither a name nor an insertion")
            if len(found) > MOST_SLOTS:
                why = f"mode {mode['name']} takes more than {MOST_SLOTS} slots"
                raise Refused(self.file, why, "--mode NAME imports only the modes that you name")
        return found

    def cells_of(self, slots: list[Slot | None]) -> list[str]:
        """The pixels (or groups of pixels) that a mode has something for, in the matrix's order."""
        used = {slot.pixel for slot in slots if slot is not None and slot.pixel} - self.everything
        return [key for key in (*self.pixels, *self.groups) if key in used]

    # --- names -----------------------------------------------------------------------------------------------------------

    def _slot(self, name: str, pixel: str, mode: str) -> Slot:
        """The slot that ``name`` means; ``pixel`` where it comes of an insertion."""
        channel = self._resolved(name, pixel)
        if channel is None and not pixel:
            template, key = self._made_of_templates().get(name, ("", ""))
            channel = self._resolved(template, key) if template else None
        if channel is None:
            raise Refused(self.file, f"mode {mode} has a channel {name}, which is described nowhere")
        return channel

    def _made_of_templates(self) -> dict[str, tuple[str, str]]:
        """Every name that a template becomes with a pixel's key in it -> (template, key)."""
        if self._made is None:
            templates = [name for name in (*self.templates, *self.fine, *self.switch) if _KEY in name]
            keys = (*self.pixels, *self.groups)
            if len(templates) * len(keys) > MOST_MADE:
                raise Refused(
                    self.file, f"has {len(templates)} templates for {len(keys)} pixels, which is more than can be looked at"
                )
            self._made = {name.replace(_KEY, key): (name, key) for key in reversed(keys) for name in reversed(templates)}
        return self._made

    def _resolved(self, name: str, pixel: str) -> Slot | None:
        full = name.replace(_KEY, pixel) if pixel else name
        if full in self.plain:
            return _made(full, full, self.plain[full], "")
        if full in self.fine:
            owner, fineness = self.fine[full]
            return _made(owner, owner, self.plain[owner], "", fineness) if owner in self.plain else None
        if full in self.switch:
            return self._switched(full, full, "")
        if name in self.templates:
            return _made(full, _without(name), self.templates[name], pixel)
        if name in self.fine:
            owner, fineness = self.fine[name]
            if owner in self.templates:
                return _made(owner.replace(_KEY, pixel), _without(owner), self.templates[owner], pixel, fineness)
        if name in self.switch:
            return self._switched(name, full, pixel)
        return None

    def _switched(self, alias: str, full: str, pixel: str) -> Slot | None:
        targets = tuple(self.switch[alias])
        for target in targets:
            if target == alias:
                continue
            found = self._resolved(target, pixel)
            if found is not None and not found.switched:
                # Named by its alias: two aliases that rest at the same channel are two slots all the same.
                names = tuple(dict.fromkeys(map(_without, targets)))
                meanings = tuple(self._meanings(alias, pixel))
                pixel = found.pixel or pixel
                return Slot(
                    full, found.plain, found.channel, pixel, found.fineness, found.fines, _without(alias), names, meanings
                )
        return None

    def _meanings(self, alias: str, pixel: str) -> Iterator[Meaning]:
        for trigger, span, target in self.when.get(alias, ()):
            found = self._resolved(target, pixel)
            by = self.plain.get(trigger) or self.templates.get(trigger)
            if found is not None and by is not None and not found.switched:
                yield Meaning(trigger.replace(_KEY, pixel) if pixel else trigger, span, by, found.channel)

    def _switches(self, name: str, channel: dict[str, Any]) -> None:
        several = channel.get("capabilities")
        single = channel.get("capability")
        capabilities = several if isinstance(several, list) else [single] if isinstance(single, dict) else []
        default = channel.get("defaultValue")
        for item in capabilities:
            switches = item.get("switchChannels") if isinstance(item, dict) else None
            if not isinstance(switches, dict):
                continue
            span = item.get("dmxRange")
            at_default = (
                type(default) is int and isinstance(span, list) and len(span) == 2 and all(type(end) is int for end in span)
                and span[0] <= default <= span[1]
            )  # fmt: skip
            for alias, target in switches.items():
                if isinstance(span, list) and len(span) == 2 and all(type(end) is int and end >= 0 for end in span):
                    self.when.setdefault(str(alias), []).append((name, (span[0], span[1]), str(target)))
                known = self.switch.setdefault(str(alias), {})
                if at_default:
                    self.switch[str(alias)] = {str(target): None} | known
                else:
                    known[str(target)] = None

    # --- the matrix ------------------------------------------------------------------------------------------------------

    def _pixels(self, matrix: object) -> dict[str, tuple[int, int, int]]:
        """Pixel -> where it is, x first; pixels of no key are holes."""
        if not isinstance(matrix, dict):
            return {}
        keys, count = matrix.get("pixelKeys"), matrix.get("pixelCount")
        if isinstance(keys, list):
            found: dict[str, tuple[int, int, int]] = {}
            for z, layer in enumerate(keys):
                for y, row in enumerate(layer if isinstance(layer, list) else []):
                    for x, key in enumerate(row if isinstance(row, list) else []):
                        if isinstance(key, str):
                            found[key] = (x, y, z)
            if len(found) > MOST_PIXELS:
                raise Refused(self.file, f"has {len(found)} pixels, and {MOST_PIXELS} are the most")
            return found
        if not (isinstance(count, list) and len(count) == 3 and all(type(n) is int and 1 <= n <= MOST_PIXELS for n in count)):
            raise Refused(self.file, "has a matrix without pixelKeys and without a pixelCount of three numbers")
        if count[0] * count[1] * count[2] > MOST_PIXELS:
            raise Refused(self.file, f"has {count[0] * count[1] * count[2]} pixels, and {MOST_PIXELS} are the most")
        wide = [n for n in range(3) if count[n] > 1]
        places = [(x, y, z) for z, y, x in product(range(count[2]), range(count[1]), range(count[0]))]
        if len(wide) <= 1:
            return {str(max(place) + 1): place for place in places}
        return {f"({', '.join(str(place[n] + 1) for n in wide)})": place for place in places}

    def _groups(self, matrix: object) -> tuple[dict[str, None], set[str]]:
        """Every group of pixels, and those that mean all pixels: the whole fixture, which is no cell."""
        groups = matrix.get("pixelGroups") if isinstance(matrix, dict) else None
        if not isinstance(groups, dict):
            return {}, set()
        whole = {str(name) for name, what in groups.items() if what == "all" or what == list(self.pixels)}
        return dict.fromkeys(str(name) for name in groups), whole

    def _inserted(self, item: dict[str, Any], mode: str) -> Iterator[Slot | None]:
        keys = self._repeated(item.get("repeatFor"), mode)
        templates = item.get("templateChannels")
        if not isinstance(templates, list) or not all(name is None or isinstance(name, str) for name in templates):
            raise Refused(self.file, f"mode {mode} repeats something that is no list of channels")
        if len(keys) * len(templates) > MOST_SLOTS:
            why = f"mode {mode} takes more than {MOST_SLOTS} slots"
            raise Refused(self.file, why, "--mode NAME imports only the modes that you name")
        pairs: list[tuple[str, str | None]]
        if item.get("channelOrder") == "perPixel":
            pairs = [(key, name) for key in keys for name in templates]
        elif item.get("channelOrder") == "perChannel":
            pairs = [(key, name) for name in templates for key in keys]
        else:
            raise Refused(self.file, f"mode {mode} repeats channels in an order that is neither perPixel nor perChannel")
        for key, name in pairs:
            yield None if name is None else self._slot(name, key, mode)

    def _repeated(self, over: object, mode: str) -> list[str]:
        if isinstance(over, list) and all(isinstance(key, str) for key in over):
            return [str(key) for key in over]
        if over == "eachPixelABC":
            return sorted(self.pixels, key=_natural)
        if over == "eachPixelGroup":
            return list(self.groups)
        match = re.fullmatch(r"eachPixel([XYZ])([XYZ])([XYZ])", over) if isinstance(over, str) else None
        if match is None or len(set(match.groups())) != 3:
            raise Refused(self.file, f"mode {mode} repeats channels over something unknown: {str(over)[:60]}")
        axes = ["XYZ".index(axis) for axis in reversed(match.groups())]
        return sorted(self.pixels, key=lambda key: tuple(self.pixels[key][axis] for axis in axes))


def _channels(found: object, file: str, where: str) -> dict[str, dict[str, Any]]:
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(item, dict) for item in found.values()):
        raise Refused(file, f"{where} is no mapping of channels")
    return found


def _made(name: str, plain: str, channel: dict[str, Any], pixel: str, fineness: int = 0) -> Slot:
    fines = channel.get("fineChannelAliases")
    return Slot(name, plain, channel, pixel, fineness, len(fines) if isinstance(fines, list) else 0)


def _without(template: str) -> str:
    return " ".join(template.replace(_KEY, " ").split()) or template


def _natural(key: str) -> tuple[tuple[bool, int, str], ...]:
    """Sorts 2 before 10."""
    return tuple(
        (part.isdigit(), int(part) if part.isdigit() and part.isascii() else 0, part) for part in re.split(r"(\d+)", key)
    )
