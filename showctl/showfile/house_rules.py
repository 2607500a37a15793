"""house_rules.yaml: what no cue of this house may do, however it was programmed.

``flashes_per_second`` bounds square effects and chases on intensity, ``loudest`` every sound, ``floors`` keep light
on fixtures that guests need.
"""

from __future__ import annotations

from showctl.show.cues import Cue, FadeThing, LightMove, Perform, Wave
from showctl.show.fixtures import Family
from showctl.show.instants import SECOND
from showctl.show.levels import percent_of
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models import HouseRules
from showctl.showfile.resolve_light import LightReader
from showctl.showfile.selections import Selections


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
    under: dict[LightMove, int | None] = {}
    for cue_list in draft.lists.values():
        for cue in cue_list.named.values():
            if floors:
                _check_floors(draft, cue, floors, under)
            if flashes:
                _check_flashes(draft, cue, flashes)
            if loudest is not None:
                _check_loudness(draft, cue, loudest)


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
