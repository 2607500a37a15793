"""Loads a show folder: the order in which its parts become a ``Show``.

Every part is read even when another is broken, so that all problems are seen at once; with an error there is no
``Show``. This is the function to point at for "what happens to the YAML".
"""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from showctl.show.cues import Perform
from showctl.show.expressions import ValueType
from showctl.show.instants import SECOND
from showctl.show.places import Place
from showctl.show.rehearsals import Rehearsal
from showctl.show.show import Show
from showctl.showfile import values
from showctl.showfile.aims import resolve_targets
from showctl.showfile.checks import check_chains, check_harmless, check_hazards, check_warm, check_warps
from showctl.showfile.cue_trees import ListTree, read_list
from showctl.showfile.draft import Draft
from showctl.showfile.folder import SHOW_FILE, Folder
from showctl.showfile.house_rules import check_house_rules
from showctl.showfile.models import ShowFile
from showctl.showfile.models_room import VenueFile
from showctl.showfile.noted import Noted
from showctl.showfile.problems import Problem, Problems
from showctl.showfile.reader import Mapping, Node, Sequence, Text
from showctl.showfile.resolve_actions import Actions
from showctl.showfile.resolve_code import resolve_code_of
from showctl.showfile.resolve_cues import CueReader
from showctl.showfile.resolve_devices import resolve_devices, resolve_media
from showctl.showfile.resolve_effects import EffectReader
from showctl.showfile.resolve_hazards import HazardReader
from showctl.showfile.resolve_holograms import HologramReader
from showctl.showfile.resolve_house import resolve_house
from showctl.showfile.resolve_light import LightReader, Times
from showctl.showfile.resolve_next import Nexts
from showctl.showfile.resolve_palettes import resolve_masters, resolve_palettes
from showctl.showfile.resolve_patch import resolve_patch
from showctl.showfile.resolve_pixels import PixelReader
from showctl.showfile.resolve_rehearsals import RehearsalReader
from showctl.showfile.resolve_schedule import resolve_schedule, time_zone
from showctl.showfile.resolve_triggers import TriggerReader, lists_reached
from showctl.showfile.resolve_verbs import Verbs
from showctl.showfile.resolve_zones import ZoneReader
from showctl.showfile.selections import Selections
from showctl.showfile.spill import check_spill
from showctl.showfile.structure import fit
from showctl.showfile.templates import resolve_templates

SECTIONS = (
    "venue",
    "patch",
    "groups",
    "palettes",
    "devices",
    "media",
    "masters",
    "templates",
    "house_rules",
    "triggers",
    "schedule",
    "hazards",
)


@dataclass(frozen=True)
class Loaded:
    """What became of a folder. ``show`` is None when there are errors; warnings leave it."""

    show: Show | None
    problems: tuple[Problem, ...]
    rehearsals: tuple[Rehearsal, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the show from being loaded."""
        return tuple(item for item in self.problems if item.severity == "error")


def load(folder: Path) -> Loaded:
    """Reads and checks everything in ``folder``. Never raises for what stands there."""
    problems = Problems()
    collecting = gc.isenabled()
    gc.disable()  # everything made here stays, so looking through it for garbage only costs time
    try:
        show, rehearsals, _ = load_trees(Path(folder), problems)
    finally:
        if collecting:
            gc.enable()
    return Loaded(None if problems.errors else show, problems.sorted(), rehearsals)


def load_trees(
    folder: Path, problems: Problems, noted: Noted | None = None
) -> tuple[Show | None, tuple[Rehearsal, ...], tuple[Draft, list[ListTree]] | None]:
    """The show, its rehearsals, and the trees that it was made from (for ``expanded`` and ``references``)."""
    top = Place(SHOW_FILE, 1, 1)
    try:
        if not folder.is_dir():
            what = "is not a folder" if folder.exists() else "does not exist"
            problems.error("NOT_A_FOLDER", Place(".", 1, 1), f"{folder} {what}", "name the folder that show.yaml is in")
            return None, (), None
    except (OSError, ValueError):
        problems.error("NOT_A_FOLDER", Place(".", 1, 1), "this cannot be a folder", "name the folder that show.yaml is in")
        return None, (), None
    files = Folder(folder, problems)
    path = files.find(SHOW_FILE, top)
    node = None if path is None else files.yaml(path, top)
    model: ShowFile | None = fit(ShowFile, node, problems)
    if node is None or not isinstance(node, Mapping):
        return None, (), None
    draft = Draft(files, problems, noted)
    for name in SECTIONS:
        if name in node:
            draft.nodes[name] = _section(draft, name, node)
    lists = [_list_node(draft, item) for item in _items(node, "lists")]
    rehearsals = _rehearsal_nodes(draft, next((value for key, value in node.items() if key == "rehearsals"), None))
    return _resolve(draft, model, node, lists, rehearsals)


def _resolve(
    draft: Draft, model: ShowFile | None, node: Mapping, lists: list[Node | None], rehearsals: list[tuple[str, Node]]
) -> tuple[Show | None, tuple[Rehearsal, ...], tuple[Draft, list[ListTree]]]:
    problems = draft.problems
    resolve_patch(draft)
    selections = Selections(draft)
    selections.resolve_groups()
    light = LightReader(draft, selections)
    resolve_devices(draft)
    venue: VenueFile | None = draft.section("venue", VenueFile)
    resolve_media(draft, venue)
    resolve_targets(draft, venue)
    resolve_palettes(draft, selections, light)
    resolve_masters(draft, selections, light)
    resolve_templates(draft)
    trees = [tree for item in lists if (tree := read_list(draft, item)) is not None]
    if len(trees) < len(lists):
        draft.unsure("lists")
    if not trees and "lists" in node:
        problems.error("NO_LIST", node.place, "the show has no list that can be read", "lists: [lists/main.yaml]")
    triggers = TriggerReader(draft)
    triggers.resolve_names()
    holograms = HologramReader(draft, selections, light)
    holograms.resolve(venue)
    draft.main_list = _main_list(draft, model)
    draft.types_of_names = _types(draft)
    verbs = Verbs(draft)
    ZoneReader(draft, light, verbs).resolve(venue)
    hazards = HazardReader(draft, selections, verbs)
    hazards.resolve()
    actions = Actions(draft, verbs)
    pixels = PixelReader(draft, light)
    reader = CueReader(draft, light, EffectReader(draft, selections, light), actions, Nexts(draft, actions), pixels, holograms)
    for tree in trees:
        found = reader.resolve(tree)
        draft.lists[found.name] = found
    triggers.resolve_triggers(actions)
    holograms.triggers(actions)
    hazards.check_names()
    resolve_schedule(draft, triggers, actions)
    if model is not None:
        draft.exit_look = light.moves(model.exit_look, Times())
        if model.reset is not None:
            draft.reset_actions = tuple(item for item in triggers.do(model.reset, actions) if isinstance(item, Perform))
    resolve_code_of(draft, actions)
    actions.check_things()
    check_chains(draft)
    started = {name for item in draft.triggers.values() for name in lists_reached(item.do)}
    started |= lists_reached(tuple(action for item in draft.schedule for action in item.do))
    check_hazards(draft, reader.hazard_said, started)
    check_harmless(draft)
    check_warm(draft)
    check_warps(draft)
    check_spill(draft, holograms)
    pixels.check_lit()
    resolve_house(draft, selections, light, actions)
    check_house_rules(draft)
    RehearsalReader(draft, actions).resolve(rehearsals)
    show = None if model is None or not draft.lists else _show(draft, model)
    return show, draft.rehearsals, (draft, trees)


def _show(draft: Draft, model: ShowFile) -> Show:
    return Show(
        name=str(model.show),
        patch=replace(
            draft.patch,
            sources=tuple(draft.sources[key] for key in sorted(draft.sources)),
            floors=tuple(sorted(draft.floors.items())),
        ),
        lists=tuple(draft.lists.values()),
        devices=tuple(draft.devices.values()),
        zones=tuple(draft.zones.values()),
        surfaces=tuple(draft.surfaces.values()),
        speakers=tuple(draft.speakers.values()),
        clips=tuple(draft.clips.values()),
        inputs=tuple(draft.inputs.values()),
        variables=tuple(draft.variables.values()),
        triggers=tuple(draft.triggers.values()),
        submasters=tuple(draft.submasters.values()),
        timecodes=tuple(draft.timecodes.values()),
        inbound=draft.inbound,
        hazards=tuple(draft.hazards.values()),
        groups=draft.groups,
        targets=tuple(draft.targets.values()),
        fixture_types=draft.types,
        dmx_rate=draft.read(lambda text: values.whole(text, 1, 44, "a frame rate"), model.dmx_rate, 40),
        panic_time=draft.read(values.time_of, model.panic_time, 2 * SECOND),
        osc_port=draft.read(lambda text: values.whole(text, 1, 65535, "a port"), model.osc_port, 53100),
        exit_look=draft.exit_look,
        reset_actions=draft.reset_actions,
        main_list=draft.main_list,
        schedule=tuple(draft.schedule),
        house=draft.house,
        variants=tuple(draft.variants.values()),
        time_zone=draft.read(time_zone, model.time_zone, ""),
    )


def _main_list(draft: Draft, model: ShowFile | None) -> str:
    first = next(iter(draft.labels), "")
    if model is None or model.main_list is None:
        return first
    found = draft.find(model.main_list, draft.labels, "UNKNOWN_LIST", "list")
    return first if found is None else str(model.main_list)


def _types(draft: Draft) -> dict[str, ValueType]:
    found = {item.name: item.type for item in draft.inputs.values()}
    found |= {item.full_name: item.type for item in draft.variables.values()}
    for device in draft.devices.values():
        found |= {f"{device.name}.{field.name}": field.type for field in device.kind.fields.values()}
        found[f"{device.name}.health"] = ValueType.TEXT
    for name in draft.labels:
        found[f"{name}.cue"] = found[f"{name}.standby"] = ValueType.TEXT
    return found


# --- sections ------------------------------------------------------------------------------------------------------


def _items(node: Mapping, name: str) -> list[Any]:
    found = next((value for key, value in node.items() if key == name), None)
    return list(found) if isinstance(found, Sequence) else []


def _section(draft: Draft, name: str, top: Mapping) -> Node | None:
    """A part of the show: the file that is named, or what stands there itself."""
    key = next((key for key in top if key == name), None)
    if key is None:
        return None
    node: Node = top[key]
    if not isinstance(node, Text):
        return node
    if node.empty:
        draft.problems.error("EMPTY", key.place, f"{name} has no value", f"{name}: {name}.yaml, or leave the key out")
        return None
    path = draft.folder.find(node, node.place)
    return None if path is None else draft.folder.yaml(path, node.place)


def _list_node(draft: Draft, node: Node) -> Node | None:
    if not isinstance(node, Text):
        return node
    path = draft.folder.find(node, node.place)
    return None if path is None else draft.folder.yaml(path, node.place)


def _rehearsal_nodes(draft: Draft, node: Node | None) -> list[tuple[str, Node]]:
    """(stem, tree) of each rehearsal: every .yaml of the folder that is named, in the order of their names."""
    if node is None:
        return []
    if isinstance(node, Mapping):
        draft.problems.error("WRONG_TYPE", node.place, "rehearsals is a folder or a list of files", "rehearsals: rehearsals/")
        return []
    found: list[tuple[str, Node]] = []
    for item in node if isinstance(node, Sequence) else [node]:
        if not isinstance(item, Text):
            found.append((f"rehearsal_{len(found) + 1}", item))
            continue
        # An empty folder is kept by no version control, nor with a run: a show without rehearsals is a show.
        path = draft.folder.find(item, item.place, needed=not item.endswith("/"))
        if path is None:
            continue
        try:
            paths = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        except OSError:
            paths = []
        for file in paths:
            tree = draft.folder.yaml(file, item.place) if draft.folder.find(draft.folder.relative(file), item.place) else None
            if tree is not None:
                found.append((file.stem, tree))
    return found
