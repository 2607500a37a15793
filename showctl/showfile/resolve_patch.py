"""patch.yaml: types with their channels, universes, nodes, and fixtures at their addresses.

What a mode's words mean: ``channels``. Runs (``tuyere_1 thru 24``) take successive addresses and go on at slot 1 of the next
universe where one is full. Overlaps and slots out of range are refused.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from showctl.show.fixtures import EMITTERS, Emitter, Fixture, FixtureType, Hazard, Mode, Point
from showctl.show.patch import Node as NodeBox
from showctl.show.patch import Protocol, Universe, make_patch
from showctl.showfile import values
from showctl.showfile.channels import SLOTS, read_mode
from showctl.showfile.draft import Draft
from showctl.showfile.models_room import FixtureModel, PatchFile, TypeModel, UniverseModel
from showctl.showfile.pixel_walls import WallReader
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.room_words import lamp_words
from showctl.showfile.words import Phrase, read_at

_RUN: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*?)(\d+)\s+thru\s+(?:\1)?(\d+)")
_DANGER: Final = re.compile(r"(^|_)(flame\w*|pyro\w*|firework\w*|squib\w*|lift|hoist|winch|flying|people_mover|ride)(_|$)")


def refuse_danger(draft: Draft, words: Text | str, place_of: Text) -> bool:
    """Whether ``words`` name something that no show here drives: flame, pyro, or what moves people."""
    if not _DANGER.search(words.lower()):
        return False
    draft.problems.error(
        "HAZARD_REFUSED", place_of.place, f"{words} is flame, pyro or moves people: it is not driven from here",
        "a listed controller with its own key does that; fire in the show is light, film and low fog",
    )  # fmt: skip
    return True


def hazard_of(draft: Draft, text: Text | None) -> Hazard:
    """The hazard class that ``hazard:`` names."""
    if text is None or refuse_danger(draft, text, text):
        return Hazard.NONE
    return Hazard(draft.choice(text, (item.value for item in Hazard), "none", "a hazard class"))


def resolve_patch(draft: Draft) -> None:
    """Fills ``draft.types`` and ``draft.patch``."""
    model: PatchFile | None = draft.section("patch", PatchFile)
    if model is None:
        return
    hazards: dict[str, Hazard] = {}
    for name, kind in model.types.items():
        draft.good_name(name)
        refuse_danger(draft, name, name)
        modes = tuple(read_mode(draft, mode_name, mode, kind.names) for mode_name, mode in kind.modes.items())
        _check_names(draft, kind, modes)
        hazards[name] = hazard_of(draft, kind.hazard)
        if not modes:
            draft.problems.error("MISSING_KEY", name.place, f"{name} has no mode", "modes: {8bit: {channels: [intensity]}}")
        speeds = (float(draft.read(values.angle, kind.pan_speed, 180)), float(draft.read(values.angle, kind.tilt_speed, 120)))
        lamp = lamp_words(draft, kind)
        draft.types[str(name)] = FixtureType(str(name), modes, *speeds, name.place, _emitters(draft, kind), *lamp)
    universes = _universes(draft, model)
    fixtures = _Fixtures(draft, universes, hazards)
    for name, fixture in model.fixtures.items():
        fixtures.add(name, fixture)
    fixtures.find_spares()
    for made in fixtures.made:
        _check_universe_of(draft, made, universes[made.universe])
    nodes = tuple(_nodes(draft, model, universes))
    walls = WallReader(draft, universes, fixtures.made, fixtures.used)
    for name, wall in model.pixels.items():
        walls.hang(name, wall)
    draft.patch = make_patch(tuple(universes.values()), nodes, tuple(fixtures.made), tuple(walls.made))


def _check_names(draft: Draft, kind: TypeModel, modes: tuple[Mode, ...]) -> None:
    known = dict.fromkeys(item.parameter for mode in modes for item in mode.channels)
    for parameter in kind.names:
        if parameter not in known:
            hint = did_you_mean(parameter, known)
            draft.problems.error("UNKNOWN_PARAMETER", parameter.place, f"no mode has a channel {parameter}", hint)


def _emitters(draft: Draft, kind: TypeModel) -> tuple[Emitter, ...]:
    """The colours of the type's light sources: CIE x and y, and how bright each is at full."""
    made = []
    for name, words in kind.emitters.items():
        if draft.choice(name, EMITTERS, "", "an emitter"):
            found = draft.read(_emitter, words, None)
            if found is not None:
                made.append(Emitter(str(name), *found))
    return tuple(made)


def _emitter(words: str) -> tuple[float, float, float]:
    phrase = Phrase(words)
    x, y, bright = (float(read_at(values.number, phrase.next("x, y and brightness"))) for _ in range(3))
    if phrase or not (0 <= x <= 1 and 0 < y <= 1 and x + y <= 1.0001 and bright > 0):
        raise Wrong("BAD_COLOR", f"{words} is no emitter", 0, "CIE x, y and brightness: 0.69 0.31 21")
    return x, y, bright


def _universes(draft: Draft, model: PatchFile) -> dict[str, Universe]:
    made: dict[str, Universe] = {}
    for key, universe in model.universes.items():
        found = draft.read(values.universe, key, None)
        if found is None:
            continue
        protocol, number = found
        made[str(key)] = Universe(
            len(made), str(key), Protocol(protocol), number,
            draft.read(lambda text: values.whole(text, 0, 200, "a priority"), universe.priority, 100),
            tuple(str(host) for host in universe.to),
            draft.read(lambda text: values.whole(text, 0, 63999), universe.sync, 0),
            str(universe.device or ""),
            draft.read(lambda text: values.whole(text, 1, SLOTS, "a number of slots"), universe.slots, SLOTS),
            draft.choice(universe.claim, ("all", "patched"), "all", "what a universe claims"),
            draft.read(_merged_in, universe.merge_in, ""), key.place,
        )  # fmt: skip
        _check_way(draft, key, universe, Protocol(protocol))
    written = {wish for one in made.values() if one.device for wish in (word.strip() for word in one.device.split(","))}
    for one in made.values():
        protocol, _, widget = one.merge_in.partition("/")
        if protocol == "usbpro" and widget in written:
            draft.problems.error(
                "BAD_ADDRESS", one.place, f"widget {widget} cannot be heard: another universe goes out by it",
                "a widget sends or receives; take another one for the desk",
            )  # fmt: skip
    return made


def _merged_in(text: str) -> str:
    values.universe(text)
    return text.strip()


def _check_universe_of(draft: Draft, fixture: Fixture, universe: Universe) -> None:
    end = fixture.address + fixture.mode.footprint - 1
    if end > universe.slots:
        draft.problems.error(
            "SLOT_RANGE", fixture.place, f"{fixture.name} ends at slot {end} of {universe.key}, which sends {universe.slots}",
            f"{universe.key}: {{slots: {end}}}",
        )  # fmt: skip
    if universe.merge_in and fixture.hazard is not Hazard.NONE:
        draft.problems.error(
            "HAZARD_REFUSED", fixture.place, f"{fixture.name} is a hazard, and a desk may join {universe.key}",
            "give hazards a universe of their own, without merge_in: nobody but their interlock may move them",
        )  # fmt: skip


_WAYS: Final = {"multicast": Protocol.SACN, "multicast6": Protocol.SACN, "broadcast": Protocol.ARTNET}


def _check_way(draft: Draft, key: Text, universe: UniverseModel, protocol: Protocol) -> None:
    """Ways out that only one protocol has."""
    for host in universe.to:
        draft.read(values.host, host, "")
        if host in _WAYS and _WAYS[str(host)] is not protocol:
            only = _WAYS[str(host)].value
            draft.problems.error("BAD_ADDRESS", host.place, f"{host} is a way of {only}, and {key} is none", "name an address")
    if universe.claim == "patched" and protocol is not Protocol.SACN:
        draft.problems.error("BAD_WORD", universe.claim.place, f"{key} has no priorities for single slots", "only sACN has")


def _nodes(draft: Draft, model: PatchFile, universes: dict[str, Universe]) -> list[NodeBox]:
    made = []
    for name, node in model.nodes.items():
        draft.good_name(name)
        for key in node.universes:
            draft.find(key, universes, "UNKNOWN_UNIVERSE", "universe")
        loss = draft.choice(node.loss, ("hold", "black", "preset"), "hold", "what a node does on loss")
        draft.read(values.host, node.address, "")
        made.append(NodeBox(str(name), str(node.address), tuple(str(key) for key in node.universes), loss, name.place))
    return made


# --- fixtures ------------------------------------------------------------------------------------------------------


class _Fixtures:
    """Hangs fixtures one after the other, and knows which slots are taken."""

    def __init__(self, draft: Draft, universes: dict[str, Universe], hazards: dict[str, Hazard]) -> None:
        self.draft, self.universes, self.hazards = draft, universes, hazards
        self.made: list[Fixture] = []
        self.spares: list[tuple[int, Text]] = []
        self.used: dict[str, list[tuple[int, int, str]]] = {}

    def add(self, name: Text, model: FixtureModel) -> None:
        draft = self.draft
        kind = draft.find(model.type, draft.types, "UNKNOWN_TYPE", "fixture type")
        address = draft.read(values.address, model.address, None)
        if address is not None and address[0] not in self.universes:
            hint = did_you_mean(address[0], self.universes, f"declare it under universes: {address[0]}: {{}}")
            draft.problems.error("UNKNOWN_UNIVERSE", model.address.place, f"there is no universe {address[0]}", hint)
            address = None
        hazard = hazard_of(draft, model.hazard) if model.hazard is not None else self.hazards.get(model.type, Hazard.NONE)
        mode = self._mode(model, kind) if kind is not None else None
        if mode is not None:
            mode = _turned(draft, mode, model.invert)
        point, step, hang = (_three(draft, numbers) for numbers in (model.at, model.step, model.hang))
        trim = _trim(draft, model.trim)
        if model.zone is not None:
            draft.zone_words.append(model.zone)
        names = self._names(name)
        for n, each in enumerate(names):
            if not draft.claim(each, "fixture"):
                continue
            placed = None
            if address is not None and mode is not None and kind is not None:
                placed = self._place(each, model.address, address, mode)
            if placed is None or mode is None or kind is None:
                draft.lost.add(str(each))
                address = None
                continue
            key, slot = placed
            address = (key, slot + mode.footprint)
            spot = None
            if point is not None:
                spot = Point(*(a + n * b for a, b in zip(point, step or (0.0, 0.0, 0.0), strict=True)))
            self.made.append(
                Fixture(
                    len(self.made), str(each), kind.name, mode, key, slot, str(model.label or ""),
                    str(model.zone) if model.zone is not None else None, spot, hang or (0.0, 0.0, 0.0), hazard, name.place, trim,
                )
            )  # fmt: skip
            if model.spare is not None:
                self.spares.append((self.made[-1].index, model.spare))

    def find_spares(self) -> None:
        """Every ``spare`` is a light of the patch, and another one."""
        named = {fixture.name: fixture for fixture in self.made}
        for index, text in self.spares:
            if self.draft.noted is not None:
                self.draft.noted.selection(text)
            spare = self.draft.find(text, named, "UNKNOWN_FIXTURE", "fixture")
            if spare is not None and spare.index == index:
                hint = "name the light that hangs beside it"
                self.draft.problems.error("UNKNOWN_FIXTURE", text.place, f"{text} cannot be its own spare", hint)
            elif spare is not None:
                self.made[index] = replace(self.made[index], spare=spare.name)

    def _names(self, name: Text) -> list[Text]:
        if " " not in name:
            return [name]
        match = _RUN.fullmatch(name)
        if match is None or not int(match[2]) < int(match[3]) < int(match[2]) + 2000:
            self.draft.problems.error(
                "BAD_NAME", name.place, f"{name} is not a run of fixtures", "a run is written tuyere_1 thru 24"
            )
            return []
        stem, first, last = match.groups()
        return [name.like(f"{stem}{n:0{len(first)}}") for n in range(int(first), int(last) + 1)]

    def _mode(self, model: FixtureModel, kind: FixtureType) -> Mode | None:
        modes = {mode.name: mode for mode in kind.modes}
        if model.mode is not None:
            return self.draft.find(model.mode, modes, "UNKNOWN_MODE", f"mode of {kind.name} called")
        if len(modes) == 1:
            return kind.modes[0]
        self.draft.problems.error(
            "MISSING_KEY", model.type.place, f"{kind.name} has several modes", "say which: " + ", ".join(modes)
        )
        return None

    def _place(self, name: Text, at: Text, address: tuple[str, int], mode: Mode) -> tuple[str, int] | None:
        key, slot = address
        problems = self.draft.problems
        if slot + mode.footprint - 1 > SLOTS:
            following = self._following(key) if slot != values.address(at)[1] or key != values.address(at)[0] else None
            if following is None:
                problems.error(
                    "SLOT_RANGE", at.place, f"{name} ends at slot {slot + mode.footprint - 1} of {key}",
                    f"it takes {mode.footprint} slots: the last address that fits is {SLOTS - mode.footprint + 1}",
                )  # fmt: skip
                return None
            if following not in self.universes:
                problems.error(
                    "UNKNOWN_UNIVERSE", at.place, f"{name} goes on in {following}, which is not declared", "declare it"
                )
                return None
            key, slot = following, 1
        end = slot + mode.footprint
        for begun, ended, other in self.used.setdefault(key, []):
            if slot < ended and begun < end:
                problems.error(
                    "OVERLAP", at.place, f"{name} at {key}.{slot} overlaps {other} at {key}.{begun}",
                    f"{other} takes slots {begun} to {ended - 1}: {ended} is the next that may be free",
                )  # fmt: skip
                return key, slot
        self.used[key].append((slot, end, name))
        return key, slot

    def _following(self, key: str) -> str | None:
        protocol, _, number = key.partition("/")
        return f"{protocol}/{int(number) + 1}" if protocol != "usbpro" and number.isdigit() else None


def _turned(draft: Draft, mode: Mode, names: list[Text]) -> Mode:
    """``mode`` with the channels in ``names`` the other way round, as this one fixture is wired or built."""
    known = {item.parameter: item for item in mode.channels if item.slots}
    for name in names:
        draft.find(name, known, "UNKNOWN_PARAMETER", "channel to invert called")
    if not names:
        return mode
    channels = tuple(replace(item, inverted=item.inverted ^ (item.parameter in names)) for item in mode.channels)
    return replace(mode, channels=channels)


def _trim(draft: Draft, numbers: list[Text]) -> tuple[float, float]:
    read = [float(draft.read(values.angle, text, 0)) for text in numbers]
    if len(read) not in (0, 2):
        place = numbers[0].place
        draft.problems.error("BAD_NUMBER", place, f"two angles are needed here, not {len(read)}", "[pan, tilt] in degrees")
    return (read[0], read[1]) if len(read) == 2 else (0.0, 0.0)


def _three(draft: Draft, numbers: list[Text]) -> tuple[float, float, float] | None:
    if not numbers:
        return None
    read = [draft.read(values.number, text, None) for text in numbers]
    if len(read) != 3 or any(item is None for item in read):
        if len(read) != 3:
            draft.problems.error("BAD_NUMBER", numbers[0].place, f"three numbers are needed here, not {len(read)}", "[x, y, z]")
        return None
    x, y, z = (float(item) for item in read if item is not None)
    return x, y, z
