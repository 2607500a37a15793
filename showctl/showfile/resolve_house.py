"""house_rules.yaml as facts: what the house allows, the floors that its light keeps, and the variants of the show.

What cues are held to at load stands in ``house_rules.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from showctl.show.cues import CueRef
from showctl.show.fixtures import EMITTERS, Family, Hazard
from showctl.show.hazards import Budget
from showctl.show.house import HouseRules, Variant
from showctl.show.instants import MINUTE
from showctl.show.levels import Level
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models import HouseRulesFile, Limits, VariantModel
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.resolve_actions import Actions
from showctl.showfile.resolve_light import LightReader
from showctl.showfile.room_words import loudness, lux
from showctl.showfile.selections import Selections

T = TypeVar("T")

_BUDGET: Final = re.compile(r"\s*(\S+)(?:\s+(?:an?|per)\s+(hour|show))?\s*")
_MASTERS: Final = ("grand", "blackout")


def resolve_house(draft: Draft, selections: Selections, light: LightReader, actions: Actions) -> None:
    """Fills ``draft.house``, ``draft.floors`` and ``draft.variants``, and gives interlocks their budgets."""
    model: HouseRulesFile | None = draft.section("house_rules", HouseRulesFile)
    if model is None:
        return
    _set_budgets(draft, model.fog_budget)
    draft.floors = _floors(draft, model, selections, light)
    draft.house = _rules(draft, model, HouseRules())
    for name, variant in model.variants.items():
        draft.good_name(name)
        draft.variants[str(name)] = _variant(draft, name, variant, actions)


def _rules(draft: Draft, model: Limits, base: HouseRules) -> HouseRules:
    """The limits of ``model``; what it does not say is as in ``base``."""
    place = next((text.place for text in (model.flashes_per_second, model.dark) if text is not None), base.place)
    flashes = base.flashes if model.flashes_per_second is None else float(draft.read(values.number, model.flashes_per_second, 0))
    loud = base.loudest if model.loudest_in is None else _by_zone(draft, model.loudest_in, loudness)
    longest = base.longest_dark if model.longest_dark is None else _by_zone(draft, model.longest_dark, values.time_of)
    dark = base.dark if model.dark is None else draft.read(lux, model.dark, base.dark)
    return HouseRules(flashes, loud, longest, dark, place)


def _by_zone(draft: Draft, words: Text | dict[Text, Text], read: Callable[[str], T]) -> tuple[tuple[str, T], ...]:
    """A limit for all zones, or for each that is named."""
    if isinstance(words, Text):
        found = draft.read(read, words, None)
        return () if found is None else (("", found),)
    made: list[tuple[str, T]] = []
    for name, text in words.items():
        zone = draft.find(name, draft.zones, "UNKNOWN_ZONE", "zone")
        found = draft.read(read, text, None)
        if zone is not None and found is not None:
            made.append((zone.name, found))
    return tuple(made)


def _floors(draft: Draft, model: HouseRulesFile, selections: Selections, light: LightReader) -> dict[int, Level]:
    """Parameter -> the level that it never goes under."""
    floors: dict[int, Level] = {}
    for who, text in model.floors.items():
        level = draft.read(values.percent, text, 0)
        heads = selections.heads(who)
        items = [item for item in light.parameters(heads) if item.family is Family.INTENSITY]
        if (heads and not items) or any(item.hazard is not Hazard.NONE for item in items):
            draft.problems.error("HOUSE_RULE", who.place, f"{who} is no light that can be kept up", "floors: {aisle: 10}")
            continue
        floors |= {item.index: level for item in items}
        unlit = next((item.fixture for item in items if level and _has_no_light_of_its_own(draft, item.fixture)), None)
        if unlit is not None:
            name = draft.patch.fixtures[unlit].name
            message = f"{name} has a floor and no colour at home: until a cue gives it one it stays dark"
            draft.problems.warning(
                "HOUSE_RULE", who.place, message, "patch a colour at home: {channels: [intensity, red home 100, ..]}"
            )
    return floors


def _has_no_light_of_its_own(draft: Draft, fixture: int) -> bool:
    """Whether a fixture's colours all stand at nothing by themselves."""
    colors = [item for item in draft.patch.parameters_of[fixture] if item.name in EMITTERS]
    return bool(colors) and not any(item.channel.default for item in colors)


def _variant(draft: Draft, name: Text, model: VariantModel, actions: Actions) -> Variant:
    starts = [model.start] if isinstance(model.start, Text) else model.start or []
    refs: list[CueRef] = [ref for text in starts if (ref := actions.cue_ref(text, draft.main_list)) is not None]
    masters: list[tuple[str, Level]] = []
    for word, text in model.masters.items():
        known = (*_MASTERS, *draft.submasters)
        if word not in known:
            draft.problems.error("UNKNOWN_MASTER", word.place, f"there is no master {word}", did_you_mean(word, known))
            continue
        masters.append((str(word), draft.read(values.percent, text, 0)))
    rules = _rules(draft, model, draft.house)
    return Variant(str(name), str(model.label or ""), tuple(refs), tuple(masters), replace(rules, place=name.place), name.place)


def _set_budgets(draft: Draft, asked: Text | dict[Text, Text] | None) -> None:
    """Gives interlocks their budgets. One time for all is for each that guards a channel called fog."""
    if asked is None:
        return
    if isinstance(asked, Text):
        budget = draft.read(_budget, asked, None)
        foggy = {p.index for p in draft.patch.parameters if p.name == "fog"}
        for name, item in draft.hazards.items():
            if not foggy.isdisjoint(item.parameters):
                draft.hazards[name] = replace(item, budget=budget)
        return
    for name, text in asked.items():
        interlock = draft.find(name, draft.hazards, "UNKNOWN_INTERLOCK", "interlock")
        if interlock is not None:
            draft.hazards[interlock.name] = replace(interlock, budget=draft.read(_budget, text, None))


def _budget(text: str) -> Budget:
    """``60s``, ``60s an hour``, ``60s a show``."""
    match = _BUDGET.fullmatch(text)
    if match is None:
        raise Wrong("BAD_TIME", f"{text or 'nothing'} is not a budget", 0, "60s an hour, or 60s a show")
    return Budget(values.time_of(match[1]), None if match[2] == "show" else 60 * MINUTE)
