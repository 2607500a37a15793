"""house_rules.yaml: what no cue of this house may do, however it was programmed.

``flashes_per_second`` bounds square effects and chases on intensity and square waves on pixels, ``loudest`` every sound,
``floors`` keep light on fixtures that guests need. ``fog_budget`` goes with the interlocks, and is kept while the show runs.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from showctl.show.cues import Cue, FadeThing, LightMove, Perform, Wave
from showctl.show.fixtures import Family
from showctl.show.hazards import Budget
from showctl.show.instants import MINUTE, SECOND
from showctl.show.levels import percent_of
from showctl.show.pixels import SUFFIX, PixelWave
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models import HouseRules
from showctl.showfile.problems import Wrong
from showctl.showfile.reader import Text
from showctl.showfile.resolve_light import LightReader
from showctl.showfile.selections import Selections

_BUDGET: Final = re.compile(r"\s*(\S+)(?:\s+(?:an?|per)\s+(hour|show))?\s*")


def check_house_rules(draft: Draft, selections: Selections, light: LightReader) -> None:
    """HOUSE_RULE for every cue that breaks one."""
    model: HouseRules | None = draft.section("house_rules", HouseRules)
    if model is None:
        return
    flashes = float(draft.read(values.number, model.flashes_per_second, 0))
    loudest = draft.read(values.decibel, model.loudest, None)
    floors: dict[int, int] = {}
    for who, text in model.floors.items():
        level = draft.read(values.percent, text, 0)
        floors |= {item.index: level for item in light.parameters(selections.heads(who)) if item.family is Family.INTENSITY}
    _set_budgets(draft, model.fog_budget)
    under: dict[LightMove, int | None] = {}
    for cue_list in draft.lists.values():
        for cue in cue_list.named.values():
            if floors:
                _check_floors(draft, cue, floors, under)
            if flashes:
                _check_flashes(draft, cue, flashes)
            if loudest is not None:
                _check_loudness(draft, cue, loudest)


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


def _check_floors(draft: Draft, cue: Cue, floors: dict[int, int], under: dict[LightMove, int | None]) -> None:
    for move in (*cue.light, *cue.this_cue_only):
        if move not in under:
            pairs = zip(move.parameters, move.levels, strict=False)
            under[move] = next((index for index, level in pairs if level < floors.get(index, 0)), None)
        found = under[move]
        if found is not None:
            name = draft.patch.fixtures[draft.patch.parameters[found].fixture].name
            message = f"{cue.label} takes {name} under its floor of {percent_of(floors[found]):.0f}"
            draft.problems.error("HOUSE_RULE", cue.place, message, "see floors in house_rules.yaml")


def _check_flashes(draft: Draft, cue: Cue, flashes: float) -> None:
    for effect in cue.effects:
        on_light = any(draft.patch.parameters[index].family is Family.INTENSITY for index in effect.parameters)
        playing = draft.sources.get(effect.seed) if effect.name.endswith(SUFFIX) else None
        on_light |= isinstance(playing, PixelWave) and playing.wave is Wave.SQUARE
        if effect.wave in (Wave.SQUARE, Wave.STEPS, Wave.RANDOM) and on_light and effect.period * flashes < SECOND:
            rate = SECOND / effect.period
            message = f"{effect.name} flashes {rate:.1f} times a second"
            draft.problems.error("HOUSE_RULE", effect.place, message, f"the house allows {flashes:g}: a slower rate")


def _check_loudness(draft: Draft, cue: Cue, loudest: float) -> None:
    for action in cue.actions:
        level = None
        if isinstance(action, Perform) and dict(action.arguments).get("output") is not None:
            level = dict(action.arguments).get("level")
        elif isinstance(action, FadeThing) and draft.things.get(action.name) == "sound":
            level = action.level
        if isinstance(level, float) and level > loudest:
            message = f"{cue.label} plays at {level:g}dB"
            draft.problems.error("HOUSE_RULE", action.place, message, f"the house allows {loudest:g}dB at most")
